"""The plugin's process: prints its port as the first line, serves until the engine stops it (SIGINT) or is gone."""

import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from pathlib import Path
from threading import Event

import grpc

from . import stubs

_GRACE_SECONDS = 1.0
_LOOK_FOR_ENGINE_SECONDS = 2.0
_UNLIMITED = -1


def serve(schema_file: Path) -> None:
    """Serves on a free port of 127.0.0.1."""
    stopped = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    stubs.use_stubs_only()
    from pulumi.runtime.proto import provider_pb2_grpc

    from .provider import Provider
    from .schema import Schema
    from .transport import WORKERS, HttpTransport

    with ExitStack() as stack:
        provider = Provider(
            Schema.load(schema_file), lambda settings: stack.enter_context(closing(HttpTransport(settings.ca_file)))
        )
        sizes = [("grpc.max_receive_message_length", _UNLIMITED), ("grpc.max_send_message_length", _UNLIMITED)]
        server = grpc.server(ThreadPoolExecutor(WORKERS), options=sizes)
        provider_pb2_grpc.add_ResourceProviderServicer_to_server(provider, server)
        port = server.add_insecure_port("127.0.0.1:0")
        server.start()
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        engine = os.getppid()
        while not stopped.wait(_LOOK_FOR_ENGINE_SECONDS) and os.getppid() == engine:
            pass
        provider.cancel()
        server.stop(_GRACE_SECONDS).wait()
