"""The loopback interface: the only one on which anything listens."""

import socket

import httpx2

from localazure.serving.contract import ServingError

HOST = "127.0.0.1"


def refuse_taken(port: int, whose: str, option: str) -> None:
    """Raise ServingError if `port` (0: any) can't be bound now; the message names the option that chooses another."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((HOST, port))
        except OSError as error:
            raise ServingError(
                f"The {whose}'s port {port} can't be used: {error.strerror}. "
                f"Free it, or choose another with {option} (0: any free one)."
            ) from None


def plain_client(transport: httpx2.AsyncHTTPTransport | None = None) -> httpx2.AsyncClient:
    """A client for plain HTTP, with no proxy, and without public CAs, whose loading would stop the loop for 0.15 s."""
    return httpx2.AsyncClient(transport=transport, verify=False, trust_env=False, timeout=5.0)
