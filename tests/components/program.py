"""Runs the real program against Pulumi's mocks and keeps what it declared."""

import asyncio
import json
import runpy
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pulumi
import yaml
from pulumi.runtime.config import set_all_config
from pulumi.runtime.settings import get_root_resource, set_root_resource
from pulumi.runtime.stack import Stack, run_in_stack

ROOT = Path(__file__).parents[2]
BASE: dict[str, Any] = {
    "azure-native:location": "westeurope",
    "safe-rollout:workspace": {"name": "ws-test", "resourceGroup": "rg-test"},
    "safe-rollout:registry": {"name": "acrtest"},
}


@dataclass
class Azure(pulumi.runtime.Mocks):
    """Answers reads from `bodies` (resource name to body) and records every resource that is declared.

    Every version of an asset is registered but those in `unregistered`, by name; its description is its name.

    `outputs` are what the stack's last `up` left, `held` the URNs in its state.
    """

    bodies: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)
    held: Sequence[str] = ()
    unregistered: Collection[str] = ()
    declared: dict[str, pulumi.runtime.MockResourceArgs] = field(default_factory=dict)
    reads: list[str] = field(default_factory=list)

    def call(self, args: pulumi.runtime.MockCallArgs) -> Any:
        """An invoke: the client's configuration, keys, or an endpoint or deployment by name."""
        function = args.token.rsplit(":", 1)[-1]
        if function == "getClientConfig":
            return {"tenantId": "t", "clientId": "c", "objectId": "o", "subscriptionId": "s"}
        if function == "listOnlineEndpointKeys":
            return {"primaryKey": "first", "secondaryKey": "second"}
        if function == "readStackOutputs":
            return {"outputs": self.outputs}
        if function == "readStackResourceOutputs":
            return {"outputs": {urn: {"type": urn.split("::")[2], "outputs": {}} for urn in self.held}}
        if "version" in args.args or function == "getWorkspace":
            name = str(args.args.get("name") or args.args["workspaceName"])
            if name in self.unregistered:
                return {}, [("", f'Status=404 Code="ResourceNotFound" Message="{name}"')]
            return {"properties": {"description": name}}
        name = args.args.get("deploymentName") or args.args.get("endpointName") or args.args["resourceName"]
        made = self.declared.get(name)
        if made and made.typ.endswith(":OnlineEndpoint"):
            return {**made.inputs, "name": name}  # the look after the step
        self.reads.append(f"{function}:{name}")
        if name not in self.bodies:
            return {}, [("", f'Status=404 Code="ResourceNotFound" Message="{name}"')]
        return self.bodies[name]

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str | None, dict[Any, Any]]:
        """A resource: remembered, and given the outputs that others read."""
        self.declared[args.name] = args
        outputs = dict(args.inputs)
        for key in ("resourceGroupName", "workspaceName", "endpointName", "deploymentName", "registryName"):
            if key in outputs:
                outputs["name"] = outputs[key]
        if args.typ.endswith(":OnlineEndpoint"):
            outputs["properties"] = {**args.inputs["properties"], "scoringUri": "https://scoring"}
        ids = (args.inputs.get("identity") or {}).get("userAssignedIdentities")
        if ids:
            outputs["identity"] = {**args.inputs["identity"], "userAssignedIdentities": {key: {} for key in ids}}
        if args.typ.endswith(":UserAssignedIdentity"):
            outputs |= {"principalId": f"principal-of-{args.name}", "clientId": f"client-of-{args.name}"}
        if args.typ.endswith(":ManagedCluster"):
            outputs["identityProfile"] = {"kubeletidentity": {"objectId": "kubelet"}}
            outputs["oidcIssuerProfile"] = {"enabled": True, "issuerURL": "https://issuer"}
        return f"/mock/{args.name}", outputs

    def of_type(self, token: str) -> dict[str, Mapping[str, Any]]:
        """Inputs by resource name of everything declared whose type ends so."""
        return {name: args.inputs for name, args in self.declared.items() if args.typ.endswith(f":{token}")}


def run(
    config: Mapping[str, Any],
    bodies: Mapping[str, Any] | None = None,
    outputs: Mapping[str, Any] | None = None,
    held: Sequence[str] = (),
    secret: Collection[str] = (),
    unregistered: Collection[str] = (),
) -> tuple[Azure, dict[str, Any]]:
    """What the program declares and exports with this configuration, of which the keys `secret` hold secrets.

    `bodies`, `outputs`, `held` and `unregistered` are what Azure and the stack's state show, see Azure. Raises what the
    program raises.
    """
    azure = Azure(bodies=bodies or {}, outputs=outputs or {}, held=held, unregistered=unregistered)
    loops = [asyncio.new_event_loop()]

    def with_a_loop() -> None:
        # Pulumi's mock monitor makes a loop in every thread that has none, and never closes it.
        loops.append(asyncio.new_event_loop())
        asyncio.set_event_loop(loops[-1])

    with ThreadPoolExecutor(initializer=with_a_loop) as threads:
        asyncio.set_event_loop(loops[0])
        loops[0].set_default_executor(threads)
        try:
            return azure, loops[0].run_until_complete(_run(azure, {**BASE, **config}, secret))
        finally:
            threads.shutdown()
            asyncio.set_event_loop(None)
            for loop in loops:
                loop.close()


async def _run(azure: Azure, config: Mapping[str, Any], secret_keys: Collection[str]) -> dict[str, Any]:
    pulumi.runtime.set_mocks(azure, project="safe-rollout", stack="test", preview=False)
    set_root_resource(None)
    texts = {key: value if isinstance(value, str) else json.dumps(value) for key, value in config.items()}
    set_all_config(texts, list(secret_keys))
    await run_in_stack(lambda: runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__") and None)
    stack = get_root_resource()
    assert isinstance(stack, Stack)
    outputs = {name: pulumi.Output.from_input(value) for name, value in stack.outputs.items()}
    values: dict[str, Any] = {name: await output.future() for name, output in outputs.items()}
    secret = [name for name, output in sorted(outputs.items()) if await output.is_secret()]
    return {**values, "secret": secret}


def stack_file(name: str) -> dict[str, Any]:
    """The `config` map of a committed stack file."""
    config: dict[str, Any] = yaml.safe_load((ROOT / f"Pulumi.{name}.yaml").read_text())["config"]
    return config
