"""A stock client in a process that notes, and refuses, every connection that leaves this machine; run as a program."""

import json
import os
import sys
from typing import Any

LEFT: list[str] = []
EVENTS = {"socket.connect": 1, "socket.sendto": 1, "socket.getaddrinfo": 0}


def guard(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook: addresses and names other than of this machine."""
    if event not in EVENTS:
        return
    address = arguments[EVENTS[event]]
    host = address[0] if isinstance(address, tuple) else address
    if not isinstance(host, str) or host.startswith("/") or host in {"127.0.0.1", "localhost", "::1"}:
        return
    LEFT.append(f"{event} {host}")
    raise OSError(f"guarded: {host}")


def speak() -> dict[str, Any]:
    """A token, a workspace, its models and endpoints."""
    from azure.ai.ml import MLClient
    from azure.identity import DefaultAzureCredential

    credential = DefaultAzureCredential()
    client = MLClient(credential, os.environ["AZURE_SUBSCRIPTION_ID"], "rg", "ws")
    return {
        "workspace": client.workspaces.get("ws").name,
        "models": [model.name for model in client.models.list()],
        "endpoints": [endpoint.name for endpoint in client.online_endpoints.list()],
    }


if __name__ == "__main__":
    sys.addaudithook(guard)
    try:
        told = speak()
    except Exception as error:  # noqa: BLE001 (whatever it is, no call may have left)
        told = {"error": type(error).__name__}
    sys.stdout.write(json.dumps({**told, "left": LEFT}))
