"""Settings of the scoring servers' gunicorn, read by the scoring environment's own interpreter.

The inference server's own command (azmlinfsrv) reads the same variables, but binds all interfaces.
"""

import importlib.util
import json
import os
import random
import runpy
import sys
import time
from pathlib import Path
from typing import Any

server = importlib.util.find_spec("azureml_inference_server_http")
if server and server.origin:
    sys.path.append(str(Path(server.origin).with_name("server")))  # its command does so; versions 0.4 need it

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


def post_worker_init(worker: Any) -> None:
    """Scores can be disturbed on purpose (`localazure fault add slow | err`); probes can't."""
    score, path = worker.wsgi, Path(os.environ["LOCALAZURE_DISTURBANCE"])

    def disturbed(environ: Any, start_response: Any) -> Any:
        try:
            how = json.loads(path.read_text()) if environ["PATH_INFO"] == "/score" else {}
        except FileNotFoundError:
            how = {}
        if how:
            time.sleep(how["delay_ms"] / 1000)
            if random.random() * 100 < how["error_percent"]:  # noqa: S311 (a share, no secret)
                start_response(f"{how['error_status']} Fault", [("content-type", "application/json")])
                return [b'{"message": "A fault of the local Azure (localazure fault)."}']
        return score(environ, start_response)

    worker.wsgi = disturbed


def pre_request(worker: Any, _request: Any) -> None:
    """When a request begins."""
    worker.localazure_begin = time.time()


def post_request(worker: Any, request: Any, _environ: Any, response: Any) -> None:
    """A line for a copy of a request, of which the gateway's log knows nothing."""
    headers = {name.lower(): value for name, value in request.headers}
    if "-shadow" not in headers.get("host", ""):
        return
    begin = worker.localazure_begin
    line = {
        "at": begin,
        "total": (time.time() - begin) * 1000,
        "status": response.status_code,
        "method": request.method,
        "path": headers.get("x-envoy-original-path", request.path),
        "id": headers.get("x-request-id", ""),
        "received": int(headers.get("content-length", 0)),
    }
    with Path(os.environ["LOCALAZURE_DISTURBANCE"]).with_name("mirrored.jsonl").open("a") as log:
        log.write(json.dumps(line) + "\n")
