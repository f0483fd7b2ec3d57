"""`rollout check --pairs -`: pairs a second on one core with the process's start, beside bare JSON and validation."""

import json
import resource
import subprocess
import sys
import time
from pathlib import Path

from ops.check.observed import Seen
from settings.stack import Stack

PAIRS = 20_000
_ROLLOUT = Path(sys.executable).with_name("rollout")


def main() -> None:
    """Print the rate and its ratios."""
    lines = [json.dumps(_pair(number)) for number in range(PAIRS)]
    checked = _check(lines)
    started = _check(lines[:1])
    bare = _bare(lines)
    print(f"rollout check --pairs: {PAIRS} pairs in {checked:.2f} s of one core: {PAIRS / checked:,.0f} pairs/s")
    print(f"of which the process's start: {started:.2f} s")
    print(f"json.loads and pydantic alone: {bare:.2f} s; the check takes {checked / bare:.1f}x that")


def _check(lines: list[str]) -> float:
    """CPU seconds of one call of the command, so that a busy machine counts for nothing."""
    before = _children()
    text = "\n".join(lines).encode()
    subprocess.run([_ROLLOUT, "check", "--pairs", "-"], input=text, stdout=subprocess.DEVNULL, check=False)
    return _children() - before


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _bare(lines: list[str]) -> float:
    begin = time.process_time()
    for line in lines:
        pair = json.loads(line)
        config = pair["stack"]["config"]
        Stack.model_validate({key.partition(":")[2]: value for key, value in config.items()})
        Seen.model_validate({"observed": pair["observed"]})
    return time.process_time() - begin


def _pair(number: int) -> dict[str, object]:
    """A shift between two deployments, with a plan; every third is refused."""
    share, sums_up = number % 90, number % 3 != 0
    deployment = {
        "model": f"azureml:diabetes-ridge:{number}",
        "environment": "azureml:scoring:3",
        "code": "azureml:scoring-code:9f2c41",
        "instanceType": "Standard_DS3_v2",
        "instanceCount": 3,
    }
    both = {"blue": deployment, "green": deployment}
    endpoint = {
        "deployments": both,
        "traffic": {"blue": 100 - share, "green": share if sums_up else share + 7},
        "rollout": {"steps": [{"mirror": 10}, {"traffic": 10}, {"traffic": 50}, {"traffic": 100}]},
    }
    config = {
        "azure-native:location": "westeurope",
        "safe-rollout:workspace": {"name": "ws-bench", "resourceGroup": "rg-bench"},
        "safe-rollout:registry": {"name": "acrbench"},
        "safe-rollout:endpoints": {"diabetes": endpoint},
    }
    observed = {"state": "Succeeded", "auth": "key", "traffic": {"blue": 100}, "deployments": both}
    return {"stack": {"config": config}, "observed": {"diabetes": observed}}


if __name__ == "__main__":
    main()
