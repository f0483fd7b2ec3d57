"""The whole state kept under a name, and brought back: what runs follows the state.

Blobs, ids, secrets, faults and the clock are no part of it.
"""

import re
import shutil
from pathlib import Path

from localazure.arm.bodies import Body, Text
from localazure.arm.errors import ArmError, bad_request, conflict
from localazure.server import LocalAzure
from localazure.services.machinelearning.names import ENDPOINT
from localazure.serving.contract import Serving
from localazure.store import StateError, check_file

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
SUFFIX = ".sqlite"


class SnapshotName(Body):
    """`{"name": …}`; a new snapshot without one gets a number."""

    name: Text | None = None


class Snapshots:
    """Snapshots of one local Azure, files in its `folder`; they outlive a restart."""

    def __init__(self, folder: Path, local: LocalAzure, serving: Serving) -> None:
        self._folder = folder
        self._local = local
        self._serving = serving

    def names(self) -> list[str]:
        """All there are."""
        return sorted(path.stem for path in self._folder.glob(f"*{SUFFIX}"))

    def take(self, sent: SnapshotName) -> str:
        """Keep the state as it is now, in place of an older one of that name; returns the name. Raises ArmError 400."""
        name = sent.name or next(n for n in map(str, range(1, 1_000_000)) if n not in self.names())
        if NAME.fullmatch(name) is None:
            raise bad_request("BadName", f"A snapshot's name is up to 64 letters, digits, dots, dashes; got '{name}'.")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._local.azure.store.save(self._folder / f"{name}{SUFFIX}")
        return name

    async def restore(self, sent: SnapshotName) -> str:
        """Be as when the snapshot was taken, operations under way then included. Raises ArmError 404, 409."""
        if sent.name not in self.names():
            has = ", ".join(self.names()) or "none"
            raise ArmError(404, "SnapshotNotFound", f"There is no snapshot '{sent.name}' (has: {has}).")
        path = self._folder / f"{sent.name}{SUFFIX}"
        try:
            check_file(path)
        except StateError as error:
            raise conflict("SnapshotUnusable", f"The snapshot '{sent.name}' can't be restored: {error}.") from None
        await self._exchange(path)
        return str(sent.name)

    async def reset(self) -> None:
        """Be as new: no resource, no operation, no journal, no fault, no metrics. Ids, secrets and snapshots stay."""
        await self._exchange(None)
        await self._local.recorder.forget()
        self._local.arm.journal.clear()
        faults = self._local.arm.faults
        for endpoint, deployment in faults.deployments():
            self._serving.disturb(endpoint, deployment, None)
        for fault in faults.listed():
            faults.remove(fault["id"])

    async def _exchange(self, state: Path | None) -> None:
        """Stop all that runs, have the other state, start what is in it. Requests wait meanwhile."""
        local, store = self._local, self._local.azure.store
        async with local.arm.gate.closed():
            await self._serving.expect(coming_back=True)
            try:
                await local.arm.inflictor.forget()
                await local.azure.operations.close()
                await local.workers.close()
                for endpoint in store.of_type(ENDPOINT):
                    await self._serving.remove_endpoint(endpoint.name)
                # copies of assets too: a version may have been registered anew since, with other content
                shutil.rmtree(local.workers.assets, ignore_errors=True)
                store.load(state)
            finally:  # where it can't be loaded, all goes on as it was
                await local.restore()
