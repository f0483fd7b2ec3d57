# ruff: noqa: ARG002 - the service's methods all have gRPC's two arguments
"""The resource provider's gRPC service: the engine's messages to `operations` and back.

Secrets: the handshake declines them, so the engine itself unwraps secret inputs and marks the outputs that repeat them.
"""

import os
from collections.abc import Callable
from threading import Event
from typing import Any, NoReturn, Protocol, TypeVar

import grpc
from google.protobuf.empty_pb2 import Empty
from pulumi.runtime.proto import plugin_pb2, provider_pb2, provider_pb2_grpc, status_pb2

from . import state
from .arm import Arm
from .check import check_inputs
from .cloud import Cloud
from .diff import compare
from .errors import ArmError, Stopped
from .ids import BadId, with_name
from .operations import AlreadyExists, Incomplete, MissingArguments, Operations
from .package import package_schema
from .schema import PACKAGE, Schema, UnknownToken
from .settings import ConfigurationError, Settings, read_settings
from .transport import Transport, TransportError
from .values import contains_unknown, from_struct, to_struct

T = TypeVar("T")

_KINDS = provider_pb2.PropertyDiff
_EXPECTED = (AlreadyExists, ArmError, BadId, ConfigurationError, Stopped, TransportError, UnknownToken)


class Context(Protocol):
    """What is used of gRPC's servicer context."""

    def abort(self, code: Any, details: str) -> NoReturn:
        """Ends the call with a message."""

    def abort_with_status(self, status: Any) -> NoReturn:
        """Ends the call with a message and details."""


class _Status(grpc.Status):
    """A gRPC status whose details the engine reads."""

    def __init__(self, message: str, details: bytes) -> None:
        self.code = grpc.StatusCode.UNKNOWN
        self.details = message
        self.trailing_metadata = (("grpc-status-details-bin", details),)


class Provider(provider_pb2_grpc.ResourceProviderServicer):
    """The service; `open_transport` gives the HTTP transport once the settings are known."""

    def __init__(self, schema: Schema, open_transport: Callable[[Settings], Transport]) -> None:
        self._schema = schema
        self._open_transport = open_transport
        self._cancelled = Event()
        self._operations: Operations | None = None
        self._location = ""

    def Handshake(self, request: Any, context: Context) -> Any:
        """What this provider understands of the engine's newer forms of values: none, so values come plain."""
        return provider_pb2.ProviderHandshakeResponse()

    def Attach(self, request: Any, context: Context) -> Any:
        """The engine tells its address where it did not start the provider; nothing is asked of it."""
        return Empty()

    def GetPluginInfo(self, request: Any, context: Context) -> Any:
        """The SDK's version, which the schema is made of."""
        return plugin_pb2.PluginInfo(version=self._schema.version)

    def GetSchema(self, request: Any, context: Context) -> Any:
        """The types, from which `pulumi import` writes code."""
        return provider_pb2.GetSchemaResponse(schema=package_schema(self._schema))

    def CheckConfig(self, request: Any, context: Context) -> Any:
        """Takes the configuration as it is; `Configure` says what is missing."""
        return provider_pb2.CheckResponse(inputs=request.news)

    def DiffConfig(self, request: Any, context: Context) -> Any:
        """A changed configuration never replaces the provider; whether there is one, the engine finds by itself."""
        return provider_pb2.DiffResponse(changes=provider_pb2.DiffResponse.DIFF_UNKNOWN)

    def Configure(self, request: Any, context: Context) -> Any:
        """Reads the settings and fails where one is missing; nothing is sent yet."""
        prefix = f"{PACKAGE}:config:"
        config = {key.removeprefix(prefix): value for key, value in request.variables.items()}
        try:
            settings = read_settings(config, os.environ)
        except ConfigurationError as error:
            _fail(context, error)
        self._location = settings.location
        self._cancelled.clear()
        transport = self._open_transport(settings)
        self._operations = Operations(self._schema, Arm(Cloud(settings, transport), transport, self._pause))
        return provider_pb2.ConfigureResponse(supportsPreview=True)

    def Check(self, request: Any, context: Context) -> Any:
        """Fills in the name and the location, then checks against the SDK's types."""
        news, olds = from_struct(request.news), from_struct(request.olds)
        resource = _guarded(context, lambda: self._schema.resource(_type(request.urn)))
        news = with_name(resource, news, olds, request.urn, request.randomSeed)
        if "location" in resource.inputs and "location" not in news and self._location:
            news["location"] = self._location
        found = check_inputs(resource, news, self._schema.classes)
        failures = [provider_pb2.CheckFailure(property=path, reason=reason) for path, reason in found]
        return provider_pb2.CheckResponse(inputs=to_struct(news), failures=failures)

    def Diff(self, request: Any, context: Context) -> Any:
        """The nested difference of the inputs; a change of what identifies a resource, or is fixed, replaces it."""
        resource = _guarded(context, lambda: self._schema.resource(_type(request.urn)))
        old, new = from_struct(request.old_inputs), from_struct(request.news)
        difference = compare(resource, old, new, request.ignoreChanges, from_struct(request.olds))
        detailed = {}
        for path, kind in difference.changes.items():
            name = kind.upper() + ("_REPLACE" if path in difference.replaces else "")
            detailed[path] = provider_pb2.PropertyDiff(kind=_KINDS.Kind.Value(name), inputDiff=True)
        some = provider_pb2.DiffResponse.DIFF_SOME if detailed else provider_pb2.DiffResponse.DIFF_NONE
        return provider_pb2.DiffResponse(
            changes=some,
            replaces=difference.replaces,
            deleteBeforeReplace=difference.delete_first,
            diffs=sorted({path.partition(".")[0].partition("[")[0] for path in detailed}),
            detailedDiff=detailed,
            hasDetailedDiff=True,
        )

    def Create(self, request: Any, context: Context) -> Any:
        """Creates in ARM and waits; in a preview tells what is known."""
        token, inputs = _type(request.urn), from_struct(request.properties)
        if request.preview:
            resource = _guarded(context, lambda: self._schema.resource(token))
            known = state.preview(resource, inputs, self._schema.classes)
            return provider_pb2.CreateResponse(properties=to_struct(known))
        identity, outputs = _guarded(context, lambda: self._configured().create(token, inputs))
        return provider_pb2.CreateResponse(id=identity, properties=to_struct(outputs))

    def Update(self, request: Any, context: Context) -> Any:
        """Puts the whole resource and waits; in a preview tells what is known."""
        token, inputs = _type(request.urn), from_struct(request.news)
        if request.preview:
            resource = _guarded(context, lambda: self._schema.resource(token))
            known = state.preview(resource, inputs, self._schema.classes, from_struct(request.olds))
            return provider_pb2.UpdateResponse(properties=to_struct(known))
        outputs = _guarded(context, lambda: self._configured().update(token, request.id, inputs))
        return provider_pb2.UpdateResponse(properties=to_struct(outputs))

    def Read(self, request: Any, context: Context) -> Any:
        """Refreshes, or imports where no inputs are given; no id in the answer means it is gone."""
        inputs, outputs = from_struct(request.inputs), from_struct(request.properties)
        found = _guarded(context, lambda: self._configured().read(_type(request.urn), request.id, inputs, outputs))
        if found is None:
            return provider_pb2.ReadResponse()
        identity, inputs, outputs = found
        return provider_pb2.ReadResponse(id=identity, inputs=to_struct(inputs), properties=to_struct(outputs))

    def Delete(self, request: Any, context: Context) -> Any:
        """Deletes in ARM and waits until it is gone."""
        _guarded(context, lambda: self._configured().delete(_type(request.urn), request.id))
        return Empty()

    def Invoke(self, request: Any, context: Context) -> Any:
        """Calls a function; the result of one whose arguments are not known yet is not known either."""
        arguments = from_struct(request.args)
        if contains_unknown(arguments):
            return provider_pb2.InvokeResponse()
        try:
            result = _guarded(context, lambda: self._configured().invoke(request.tok, arguments))
        except MissingArguments as error:
            missing = [
                provider_pb2.CheckFailure(property=name, reason="missing required argument") for name in error.names
            ]
            return provider_pb2.InvokeResponse(failures=missing)
        returned: dict[str, Any] = {"return": to_struct(result)}  # a keyword of Python
        return provider_pb2.InvokeResponse(**returned)

    def Cancel(self, request: Any, context: Context) -> Any:
        """The engine's word to end."""
        self.cancel()
        return Empty()

    def cancel(self) -> None:
        """Stops the waiting of operations under way; they end with an error, and what they made stays in the state."""
        self._cancelled.set()

    def _configured(self) -> Operations:
        if self._operations is None:
            raise ConfigurationError("the stand-in for azure-native was used before it was configured")
        return self._operations

    def _pause(self, seconds: float) -> None:
        if self._cancelled.wait(seconds):
            raise Stopped("cancelled while waiting for Azure; `pulumi refresh` shows what it has come to")


def _type(urn: str) -> str:
    """The type's token in `urn:pulumi:stack::project::parent$type::name`."""
    return urn.split("::")[2].rpartition("$")[2]


def _guarded(context: Context, operation: Callable[[], T]) -> T:
    """Runs an operation; what it may refuse becomes the call's error, in one message."""
    try:
        return operation()
    except Incomplete as error:
        partial = provider_pb2.ErrorResourceInitFailed(
            id=error.identity, properties=to_struct(error.outputs), reasons=[str(error)]
        )
        status = status_pb2.Status(code=grpc.StatusCode.UNKNOWN.value[0], message=str(error))
        status.details.add().Pack(partial)
        context.abort_with_status(_Status(str(error), status.SerializeToString()))
    except _EXPECTED as error:
        _fail(context, error)


def _fail(context: Context, error: Exception) -> NoReturn:
    context.abort(grpc.StatusCode.UNKNOWN, str(error))
