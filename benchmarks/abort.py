"""How long `rollout abort` takes to its PUT, alone and while an `up` runs: `python -m benchmarks.abort`."""

import statistics
import subprocess
import sys
import threading
import time
from datetime import datetime

import httpx2
from localazure.client import Ready

from benchmarks.preview import endpoints
from benchmarks.stack import local_stack, register, write
from ops.engine import Engine, PulumiError
from ops.paths import VENV_BIN

ROUNDS = 5
TARGET_SECONDS = 3.0
HALF = {"blue": 50, "green": 50}


def main() -> None:
    """Print the medians, beside the imports that every command of Azure's pays."""
    with local_stack() as (engine, ready):
        write(engine, {})
        engine.up()
        assets = register(engine)
        write(engine, endpoints(assets, {"blue": 100}))
        engine.up()
        engine.up()
        alone, busy = [], []
        for _ in range(ROUNDS):
            write(engine, endpoints(assets, HALF))
            engine.up(extra=["--refresh"])
            alone.append(seconds_to_put(engine, ready))
            write(engine, endpoints(assets, HALF))
            engine.up(extra=["--refresh"])  # its state says so still
            running = threading.Thread(target=up, args=(engine,))
            running.start()
            time.sleep(1.0)  # in the midst of its start, where it is busiest
            busy.append(seconds_to_put(engine, ready))
            running.join()
        imports = statistics.median(seconds_of_imports(engine) for _ in range(ROUNDS))
        for name, found in (("alone", alone), ("while an up runs", busy)):
            median = statistics.median(found)
            print(f"rollout abort to its PUT, {name:<17} {median:5.2f} s (target {TARGET_SECONDS:.0f} s)")
            print(f"  {median / imports:.1f}x of importing azure.identity, pydantic and rich ({imports:.2f} s)")


def up(engine: Engine) -> None:
    """An `up` that the abort stops."""
    try:
        engine.up()
    except PulumiError:
        return


def seconds_to_put(engine: Engine, ready: Ready) -> float:
    """From the command's start to the moment at which the local Azure gets its PUT, by the local Azure's own clock."""
    began = now(ready)
    command = [str(VENV_BIN / "rollout"), "abort", "diabetes", "--to", "blue", "--config-file", str(engine.config_file)]
    subprocess.run(command, env=dict(engine.environment), cwd=engine.project, check=True, capture_output=True)
    journal = httpx2.get(f"{ready.control}/journal", params={"since": began.isoformat()}).json()
    puts = [entry["at"] for entry in journal if entry["method"] == "PUT" and _is_endpoint(entry["path"])]
    return (datetime.fromisoformat(puts[-1]) - began).total_seconds()


def _is_endpoint(path: str) -> bool:
    return path.partition("?")[0].endswith("/diabetes")


def now(ready: Ready) -> datetime:
    """The time in the local Azure; it goes as fast as the wall's clock here."""
    return datetime.fromisoformat(httpx2.get(f"{ready.control}/health").json()["now"])


def seconds_of_imports(engine: Engine) -> float:
    """The floor under every command that speaks to Azure."""
    began = time.perf_counter()
    command = [sys.executable, "-c", "import azure.identity, pydantic, rich"]
    subprocess.run(command, env=dict(engine.environment), check=True)
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
