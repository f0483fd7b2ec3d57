"""Settings of the scoring servers' gunicorn, read by the scoring environment's own interpreter.

The inference server's own command (azmlinfsrv) reads the same variables, but binds all interfaces.
"""

import os
import runpy
from pathlib import Path
from typing import Any

workers = int(os.environ.get("WORKER_COUNT", "1"))
timeout = int(os.environ.get("WORKER_TIMEOUT", "300"))
preload_app = os.environ.get("WORKER_PRELOAD", "false").lower() == "true"
control_socket_disable = True  # it would be one socket in HOME for all masters
accesslog = None  # the inference server writes a line per request itself
errorlog = "-"
capture_output = False


def post_fork(_server: Any, worker: Any) -> None:
    """A worker must not outlive its master: a sync worker notices only after half of its timeout (300 s)."""
    tether = runpy.run_path(str(Path(__file__).with_name("tether.py")))
    tether["end_with_parent"](worker.ppid)
