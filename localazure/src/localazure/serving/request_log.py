"""Each request in a line: the gateway's access log of clients' requests, and the processes' of mirrored ones.

A mirrored request passes no listener, so the gateway has no line of it; the copy that its process gets has `-shadow`
behind its host, and the id of the request that it copies (Envoy, request mirroring).
"""

import contextlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from localazure.serving.contract import Served
from localazure.serving.front_door import BY_NAME, CLIENT_ID, MODEL_STATUS
from localazure.serving.statistics import REFUSALS
from localazure.serving.xds import Document, typed

LOG = "requests.jsonl"
MIRRORED = "mirrored.jsonl"  # in a deployment's folder, written by gunicorn_conf.py
MOST = 64 << 20
_LINE = {
    "at": "%START_TIME(%s.%6f)%",
    "endpoint": "%ROUTE_NAME%",
    "deployment": f"%RESP({BY_NAME})%",
    "status": "%RESPONSE_CODE%",
    "model": f"%RESP({MODEL_STATUS})%",
    "reason": "%RESP(ms-azureml-model-error-reason)%",
    "method": "%REQ(:METHOD)%",
    "path": "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
    "protocol": "%PROTOCOL%",
    "agent": "%REQ(USER-AGENT)%",
    "id": "%REQ(X-REQUEST-ID)%",
    "client_id": f"%RESP({CLIENT_ID})%",
    "received": "%BYTES_RECEIVED%",
    "sent": "%BYTES_SENT%",
    "total": "%COMMON_DURATION(DS_RX_BEG:DS_TX_END:us)%",
    "received_after": "%COMMON_DURATION(DS_RX_BEG:DS_RX_END:us)%",
    "answered_after": "%COMMON_DURATION(DS_RX_BEG:US_RX_BEG:us)%",
}
_NUMBERS = ("total", "received_after", "answered_after")


def file_log(folder: str) -> Document:
    """The listener's access log, a JSON object a line."""
    config = typed(
        "extensions.access_loggers.file.v3.FileAccessLog", path=f"{folder}/{LOG}", log_format={"json_format": _LINE}
    )
    return {"name": "envoy.access_loggers.file", "typed_config": config}


class Tail:
    """The whole lines that come to a file; one that is longer than MOST is begun anew, as it is only appended to.

    `is_cut`: somebody else keeps it short, and what he keeps was told before.
    """

    def __init__(self, path: Path, is_cut: bool = False) -> None:
        self._path, self._is_cut, self._at = path, is_cut, 0

    def lines(self) -> Iterator[str]:
        """Those since the last time."""
        with contextlib.suppress(FileNotFoundError), self._path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < self._at:
                self._at = size if self._is_cut else 0
            file.seek(self._at)
            text = file.read(size - self._at)
            whole = text[: text.rfind(b"\n") + 1]
            self._at += len(whole)
            if self._at == size and size > MOST and not self._is_cut:
                os.truncate(self._path, 0)
                self._at = 0
            yield from whole.decode(errors="replace").splitlines()


def of_client(line: str) -> Served | None:
    """A line of the gateway's; None where no endpoint was asked. A refused caller got to no deployment."""
    told = _read(line)
    if not told or not told.get("endpoint"):
        return None
    status, model = int(told["status"] or 0), int(told["model"] or 0)
    refused = status in REFUSALS
    times = {name: _milliseconds(told[name]) for name in _NUMBERS}
    text = {key: str(told[key] or "") for key in ("reason", "method", "path", "protocol", "agent", "id", "client_id")}
    sizes = {name: int(told[name] or 0) for name in ("received", "sent")}
    return Served(
        at=float(told["at"]),
        endpoint=str(told["endpoint"]),
        deployment="" if refused else str(told["deployment"] or ""),
        status=status,
        model=model or (200 if status == 200 else 0),
        **text,  # type: ignore[arg-type]
        **sizes,  # type: ignore[arg-type]
        **times,  # type: ignore[arg-type]
    )


def of_mirror(line: str, endpoint: str, deployment: str, timeout_ms: int) -> Served | None:
    """A process's line of a copy, with the status that the gateway would have made of it for a client."""
    told = _read(line)
    if not told:
        return None
    model, total = int(told["status"]), float(told["total"])
    status = 408 if total > timeout_ms else 200 if model == 200 else 424
    return Served(
        at=float(told["at"]),
        endpoint=endpoint,
        deployment=deployment,
        status=status,
        model=0 if status == 408 else model,
        reason="model_error" if status == 424 else "",
        method=told["method"],
        path=told["path"],
        id=told["id"],
        received=int(told["received"]),
        total=min(total, timeout_ms),
        answered_after=min(total, timeout_ms),
        mirrored=True,
    )


def _read(line: str) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {}  # a line that was cut off when its writer was killed
    return told if isinstance(told, dict) else {}


def _milliseconds(microseconds: Any) -> float:
    return float(microseconds or 0) / 1000
