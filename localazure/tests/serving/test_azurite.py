"""The real Azurite, and the stock blob client against its signatures."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trustme
from azure.core.exceptions import HttpResponseError
from azure.storage.blob import ContainerClient

from localazure.cli.tools import ensure_azurite, find_node
from localazure.paths import default_cache
from localazure.serving.azurite import Azurite
from localazure.serving.contract import ServingError

pytestmark = pytest.mark.slow


class World:
    """A state folder with certificates."""

    def __init__(self, folder: Path) -> None:
        authority = trustme.CA()
        server = authority.issue_cert("127.0.0.1")
        self.folder = folder
        self.ca, self.cert, self.key = folder / "ca.pem", folder / "cert.pem", folder / "key.pem"
        authority.cert_pem.write_to_path(self.ca)
        server.private_key_pem.write_to_path(self.key)
        for part in server.cert_chain_pems:
            part.write_to_path(self.cert, append=True)

    @asynccontextmanager
    async def azurite(self) -> AsyncIterator[Azurite]:
        """Azurite on any free port, stopped at the end."""
        node = find_node()
        home = ensure_azurite(default_cache(), node)
        opened = Azurite(self.folder, azurite=home, node=node, cert=self.cert, key=self.key, ca=self.ca, port=0)
        try:
            await opened.start()
            yield opened
        finally:
            await opened.stop()

    def client(self, azurite: Azurite, container: str, permissions: str, minutes: float = 5) -> ContainerClient:
        """The stock client with nothing but a signature."""
        signature = azurite.sas(container, minutes, permissions)
        return ContainerClient.from_container_url(
            f"{azurite.url}/{container}?{signature}", connection_verify=str(self.ca), retry_total=0
        )


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Nothing is stored yet."""
    return World(tmp_path)


def test_what_a_client_uploads_is_downloaded_as_a_folder(world: World) -> None:
    """A folder's blobs come with their paths, a blob alone is a file, and other folders do not come."""

    async def run() -> None:
        async with world.azurite() as azurite:
            await azurite.ensure_container("models")
            await azurite.ensure_container("models")
            with world.client(azurite, "models", "racwl") as client:
                for name in ("up/1/model/a.json", "up/1/model/sub dir/ü.txt", "up/1/model2/b"):
                    await asyncio.to_thread(client.upload_blob, name, name.encode())
            await azurite.download("models", "up/1/model/", world.folder / "tree")
            await azurite.download("models", "up/1/model/a.json", world.folder / "one")
            found = {
                str(path.relative_to(world.folder)): path.read_text()
                for top in ("tree", "one")
                for path in (world.folder / top, *(world.folder / top).rglob("*"))
                if path.is_file()
            }
            assert found == {
                "tree/a.json": "up/1/model/a.json",
                "tree/sub dir/ü.txt": "up/1/model/sub dir/ü.txt",
                "one": "up/1/model/a.json",
            }
            with pytest.raises(ServingError, match="no blob under up/2"):
                await azurite.download("models", "up/2", world.folder / "none")
            assert not (world.folder / "none").exists()

    asyncio.run(run())


def test_a_blob_writes_nowhere_else(world: World) -> None:
    """A blob whose name is an absolute path, once its folder's name is off, is refused and nothing is written."""

    async def run() -> None:
        outside = world.folder / "outside"
        async with world.azurite() as azurite:
            await azurite.ensure_container("codes")
            with world.client(azurite, "codes", "racwl") as client:
                for name in ("code/score.py", f"code/{outside}/pwned"):
                    await asyncio.to_thread(client.upload_blob, name, b"x")
            with pytest.raises(ServingError, match="leads out of its folder"):
                await azurite.download("codes", "code", world.folder / "copy")
        assert not outside.exists()
        assert not (world.folder / "copy").exists()

    asyncio.run(run())


@pytest.mark.parametrize(
    ("container", "permissions", "minutes"), [("models", "r", -1.0), ("others", "w", 5.0), ("models", "r", 5.0)]
)
def test_a_signature_opens_no_more_than_it_says(world: World, container: str, permissions: str, minutes: float) -> None:
    """Expired, for another container or without the permission, it is refused."""

    async def run() -> None:
        async with world.azurite() as azurite:
            await azurite.ensure_container("models")
            signature = azurite.sas(container, minutes, permissions)
            url = f"{azurite.url}/models?{signature}"
            with (
                ContainerClient.from_container_url(url, connection_verify=str(world.ca), retry_total=0) as client,
                pytest.raises(HttpResponseError) as caught,
            ):
                await asyncio.to_thread(client.upload_blob, "x", b"x")
            assert caught.value.status_code == 403

    asyncio.run(run())


def test_blobs_and_key_survive_a_restart(world: World) -> None:
    """What was stored is there after a restart, under the same key, which is for the owner alone."""

    async def run() -> None:
        async with world.azurite() as azurite:
            key = azurite.account_key
            await azurite.ensure_container("models")
            with world.client(azurite, "models", "cw") as client:
                await asyncio.to_thread(client.upload_blob, "kept", b"kept")
        async with world.azurite() as azurite:
            assert azurite.account_key == key
            await azurite.download("models", "kept", world.folder / "again")
        assert (world.folder / "again").read_text() == "kept"
        assert (world.folder / "azurite" / "account-key").stat().st_mode & 0o077 == 0

    asyncio.run(run())
