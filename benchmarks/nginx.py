"""nginx doing what the gateway does, to compare with: a key, and a split by weight. One process on a free port."""

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

CONFIGURATION = """
daemon off; master_process off; pid {folder}/pid; error_log stderr crit; {user}
events {{ worker_connections 1024; }}
http {{
  access_log off; proxy_http_version 1.1;
  {temporary}
  split_clients $request_id $deployment {{ {shares} }}
  {upstreams}
  server {{
    listen 127.0.0.1:{port};
    location = /score {{
      if ($http_authorization != "Bearer {key}") {{ return 401; }}
      proxy_set_header authorization "";
      add_header azureml-model-deployment $deployment always;
      proxy_pass http://$deployment;
    }}
  }}
}}
"""
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def program() -> str | None:
    """nginx, also where a user's PATH has no sbin; None where it is not installed."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running one: where to score, and its process id."""

    uri: str
    pid: int


@contextlib.contextmanager
def splitting(
    found: str, folder: Path, key: str, weights: Mapping[str, int], ports: Mapping[str, int]
) -> Iterator[Nginx]:
    """nginx over one port per deployment, which are chosen by weight (of 100)."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder.mkdir()
    *all_but_last, last = weights.items()
    text = CONFIGURATION.format(
        folder=folder,
        user=f"user {pwd.getpwuid(os.getuid()).pw_name};" if os.getuid() == 0 else "",
        temporary=" ".join(f"{name}_temp_path {folder}/{name};" for name in TEMPORARY),
        shares=" ".join([*(f"{weight}% {name};" for name, weight in all_but_last), f"* {last[0]};"]),
        upstreams=" ".join(f"upstream {name} {{ server 127.0.0.1:{at}; }}" for name, at in ports.items()),
        port=port,
        key=key,
    )
    (folder / "nginx.conf").write_text(text)
    with subprocess.Popen([found, "-c", str(folder / "nginx.conf"), "-p", str(folder)]) as process:
        try:
            _wait(process, port)
            yield Nginx(f"http://127.0.0.1:{port}/score", process.pid)
        finally:
            process.terminate()


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    while process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 0.1):
            return
        time.sleep(0.05)
    raise SystemExit(f"nginx did not start (exit code {process.returncode})")
