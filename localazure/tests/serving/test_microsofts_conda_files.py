"""The conda files of Microsoft's examples: each comes up, or is refused before anything is begun, with the reason.

`make test` tries three of them, `make nightly` all (SAFE_ROLLOUT_CONDA_FILES=all) and prints what became of each; that
takes some 50 minutes on a busy machine, and downloads some gigabytes.
"""

import asyncio
import os
import shutil
import sys
from collections import Counter
from pathlib import Path

import pytest

from localazure.services.machinelearning import mlflow
from localazure.serving import conda
from localazure.serving.contract import DeploymentPlan, Probe, RoutePlan, ServingError
from localazure.serving.local import LocalServing, open_serving
from tests.serving.microsofts_conda_files import ASKED, conda_file
from tests.serving.test_local import score

pytestmark = pytest.mark.slow
FEW = [  # one of each kind, and quick
    "cli/managed/keyvault/env.yml",
    "cli/model-1/environment/conda-managedidentity.yaml",
    "sdk/deploy-with-packages/custom-model/environment/conda.yml",
]
UP, REGISTERED, DEPLOYED, FAILED = "comes up", "refused at registration", "refused at deployment", "fails later"
SCORE = "def init():\n    pass\n\n\ndef run(raw):\n    return {'ok': True}\n"
MLMODEL = "flavors: {python_function: {loader_module: same, code: code, env: {conda: conda.yaml}}}\n"
LOADER = (
    "class Same:\n    def predict(self, data):\n        return data\n\n\ndef _load_pyfunc(path):\n    return Same()\n"
)


def plan_of(text: str, folder: Path) -> DeploymentPlan:
    """A deployment with code; of an MLflow model without code where the environment has mlflow and no server."""
    wanted = conda.parse(text)
    without_code = wanted.brings(conda.BRINGS_MLFLOW) and not wanted.brings(conda.BRINGS_SERVER)
    model = folder / "model"
    (model / "code").mkdir(parents=True)
    (folder / "score.py").write_text(SCORE)
    (model / "MLmodel").write_text(MLMODEL)
    (model / "conda.yaml").write_text(text)
    (model / "code" / "same.py").write_text(LOADER)
    return DeploymentPlan(
        endpoint="e",
        name="blue",
        instances=1,
        code_dir=mlflow.CODE if without_code else folder,
        entry_script="score.py",
        model_dir=model,
        conda_file=text,
        image="",
        request_timeout_ms=60_000,
        liveness=Probe(failure_threshold=60),
        mlflow=without_code,
    )


async def outcome(serving: LocalServing, text: str, folder: Path) -> tuple[str, str]:
    """What becomes of it, and why."""
    try:
        await serving.check_environment(text)
    except ServingError as error:
        return REGISTERED, error.message
    plan = plan_of(text, folder)
    if not plan.mlflow:
        try:
            conda.needs_server(conda.parse(text))
        except ServingError as error:
            return DEPLOYED, error.message
    try:
        await serving.apply_deployment(plan)
        await serving.apply_routes(RoutePlan("e", "Key", ("first", "second"), ("blue",), {"blue": 100}, {}))
        answer = await score(serving, {"input_data": [{"a": 1}]})
        assert answer.json() == ([{"a": 1}] if plan.mlflow else {"ok": True})
    except ServingError as error:
        return FAILED, f"{error.message} {error.log[-300:]}".strip()
    finally:
        await serving.remove_endpoint("e")
    return UP, "as an MLflow model without code" if plan.mlflow else ""


def test_they_come_up_or_are_refused(tmp_path: Path, cache: Path, uv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """None is begun in vain but those whose packages are there and do not fit together: these fail, with the reason."""
    every = os.environ.get("SAFE_ROLLOUT_CONDA_FILES") == "all"
    paths, cache = (sorted(ASKED), tmp_path / "cache") if every else (FEW, cache)
    found: dict[str, tuple[str, str]] = {}

    def tell(line: str) -> None:
        if every:
            with capsys.disabled():
                sys.stdout.write(f"{line}\n")

    async def run() -> None:
        serving = await open_serving(tmp_path / "state", cache, 0, uv)
        try:
            for number, path in enumerate(paths):
                found[path] = await outcome(serving, conda_file(path), tmp_path / str(number))
                tell(f"{found[path][0]:24} {path} {' '.join(found[path][1].split())[:160]}")
                if every:
                    shutil.rmtree(cache / "environments", ignore_errors=True)
        finally:
            await serving.close()

    asyncio.run(run())
    counted = Counter(kind for kind, _ in found.values())
    tell(f"{len(paths)} conda files: {', '.join(f'{number} {kind}' for kind, number in counted.most_common())}")
    assert counted[FAILED] <= (4 if every else 0), found
    assert counted[UP] + counted[REGISTERED] >= (30 if every else 2), found
    assert counted[DEPLOYED] >= 1, found
