"""What the engine asks of a provider, in plain values: the life of a resource in ARM, and functions."""

import base64
import json
from dataclasses import dataclass
from typing import Any

from . import body, state
from .arm import Arm
from .errors import ArmError, Stopped
from .exceptions import OPEN_ANSWERS, QUERY_ARGUMENTS
from .ids import path_inputs, resource_id
from .schema import PACKAGE, Function, ResourceType, Schema, parameters_of
from .transport import TransportError
from .values import Properties, secret

_CLIENT_CONFIG = f"{PACKAGE}:authorization:getClientConfig"
_CLIENT_TOKEN = f"{PACKAGE}:authorization:getClientToken"


class AlreadyExists(Exception):
    """Create found a resource at the id: adopting it needs an import."""


class MissingArguments(Exception):
    """A function was called without the arguments that its path needs; `names` holds them."""

    def __init__(self, names: list[str]) -> None:
        super().__init__(f"missing required arguments: {', '.join(names)}")
        self.names = names


class Incomplete(Exception):
    """The resource exists, but its operation failed: the engine keeps `outputs` and shows the message."""

    def __init__(self, identity: str, outputs: Properties, message: str) -> None:
        super().__init__(message)
        self.identity = identity
        self.outputs = outputs


@dataclass(frozen=True, slots=True)
class Operations:
    """The operations of a configured provider; safe for many threads."""

    schema: Schema
    arm: Arm

    def create(self, token: str, inputs: Properties) -> tuple[str, Properties]:
        """Creates a resource and waits for it; its id and outputs. Refuses what exists."""
        resource = self.schema.resource(token)
        path = resource_id(resource.path, self.arm.cloud.settings.subscription_id, inputs)
        if self.arm.get(path, resource.api_version) is not None:
            raise AlreadyExists(f"cannot create already existing resource '{path}'")
        return self._put(resource, path, inputs)

    def update(self, token: str, identity: str, inputs: Properties) -> Properties:
        """Puts the whole resource and waits for it; its outputs."""
        return self._put(self.schema.resource(token), identity, inputs)[1]

    def read(
        self, token: str, identity: str, inputs: Properties, outputs: Properties
    ) -> tuple[str, Properties, Properties] | None:
        """Id, inputs and outputs as they are in Azure now (for a refresh, or an import where `inputs` is empty)."""
        resource = self.schema.resource(token)
        parameters = path_inputs(resource, identity)
        found = self.arm.refreshed(identity, resource.api_version)
        if found is None:
            return None
        classes = self.schema.classes
        now = body.from_arm(resource, found, classes)
        if not inputs:
            return found.get("id", identity), state.importable(resource, now, classes) | parameters, now
        return identity, state.refreshed(resource, inputs, outputs, now, classes), now

    def delete(self, token: str, identity: str) -> None:
        """Deletes a resource and waits until it is gone; no type has a query of its own, as with the stock plugin."""
        self.arm.delete(identity, self.schema.resource(token).api_version)

    def invoke(self, token: str, arguments: Properties) -> Properties:
        """The result of a function."""
        settings = self.arm.cloud.settings
        if token == _CLIENT_CONFIG:
            ids = {"clientId": settings.client_id, "subscriptionId": settings.subscription_id}
            return ids | {"tenantId": settings.tenant_id, "objectId": _object_id(self.arm.cloud.token())}
        if token == _CLIENT_TOKEN:
            # In clear, as the stock plugin hands it over: whoever asks keeps it out of outputs.
            return {"token": self.arm.cloud.token(audience=arguments.get("endpoint") or "")}
        function = self.schema.function(token)
        if missing := [name for name in parameters_of(function.path) if arguments.get(name) is None]:
            raise MissingArguments(missing)
        path = resource_id(function.path, settings.subscription_id, arguments)
        if function.resource is not None:
            resource = self.schema.resource(function.resource)
            found = self.arm.read(path, function.api_version)
            return body.from_arm(resource, found, self.schema.classes) | {"id": found.get("id", path)}
        return self._action(function, path, arguments)

    def _action(self, function: Function, path: str, arguments: Properties) -> Properties:
        """The answer of a POST; such answers hold keys and tokens, so they are secrets unless `exceptions` says no."""
        name = function.token.removeprefix(PACKAGE + ":")
        in_query = QUERY_ARGUMENTS.get(name, {})
        query = {in_query[key]: str(value) for key, value in arguments.items() if key in in_query}
        rest = {k: v for k, v in arguments.items() if k not in in_query and k not in parameters_of(function.path)}
        answer = self.arm.post(path, function.api_version, rest, query) or {}
        known = {key: value for key, value in answer.items() if value is not None}
        return known if name in OPEN_ANSWERS else {key: secret(value) for key, value in known.items()}

    def _put(self, resource: ResourceType, path: str, inputs: Properties) -> tuple[str, Properties]:
        classes = self.schema.classes
        answer = self.arm.start_put(path, resource.api_version, body.to_arm(resource, inputs, classes))
        try:
            made = self.arm.finish_put(path, resource.api_version, answer)
        except (ArmError, Stopped, TransportError) as error:
            left = self._left_behind(resource, path)
            if left is None:
                raise
            raise Incomplete(path, left, str(error)) from error
        return made.get("id", path), body.from_arm(resource, made, classes)

    def _left_behind(self, resource: ResourceType, path: str) -> Properties | None:
        """The outputs of what a failed operation left, if ARM has it and answers."""
        try:
            found = self.arm.get(path, resource.api_version)
        except (ArmError, Stopped, TransportError):
            return None
        return None if found is None else body.from_arm(resource, found, self.schema.classes)


def _object_id(token: str) -> str:
    """The claim `oid` of a token; empty where the token is opaque."""
    try:
        payload = token.split(".")[1]
        claims: Any = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims.get("oid", ""))
    except (IndexError, ValueError):
        return ""
