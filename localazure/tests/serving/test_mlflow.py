"""An MLflow model without code, really served: mlflow is in the deployment's environment alone."""

import asyncio
import dataclasses
from pathlib import Path

import pytest

from localazure.services.machinelearning import mlflow
from localazure.serving.contract import DeploymentPlan, RoutePlan
from localazure.serving.local import open_serving

from .test_local import score

pytestmark = pytest.mark.slow
MLMODEL = """
flavors:
  python_function:
    loader_module: doubling
    code: code
    env: {conda: conda.yaml}
"""
CONDA = "dependencies: [python=3.11, pip, {pip: [mlflow-skinny, pandas, azureml-inference-server-http==1.5.1]}]"
DOUBLING = """
class Model:
    def predict(self, data):
        return data * 2


def _load_pyfunc(path):
    return Model()
"""


def test_it_answers_as_the_service_does(tmp_path: Path, cache: Path, uv: Path) -> None:
    """A table under `input_data` comes back as records; a request without it is the model's error."""
    model = tmp_path / "models" / "doubling" / "1" / "model"
    (model / "code").mkdir(parents=True)
    (model / "MLmodel").write_text(MLMODEL)
    (model / "conda.yaml").write_text(CONDA)
    (model / "code" / "doubling.py").write_text(DOUBLING)
    plan = DeploymentPlan(
        endpoint="e",
        name="blue",
        instances=1,
        code_dir=mlflow.CODE,
        entry_script=mlflow.SCRIPT,
        model_dir=model.parent,
        conda_file=mlflow.conda_file(model.parent),
        image="",
        request_timeout_ms=30_000,
        mlflow=True,
    )

    async def run() -> None:
        serving = await open_serving(tmp_path / "state", cache, 0, uv)
        try:
            await serving.apply_deployment(dataclasses.replace(plan))
            await serving.apply_routes(RoutePlan("e", "Key", ("first", "second"), ("blue",), {"blue": 100}, {}))
            table = {"columns": ["a", "b"], "index": [0, 1], "data": [[1, 2], [3, 4]]}
            answer = await score(serving, {"input_data": table})
            assert (answer.status_code, answer.json()) == (200, [{"a": 2, "b": 4}, {"a": 6, "b": 8}])
            assert (await score(serving, {"input_data": [{"a": 5}]})).json() == [{"a": 10}]
            assert (await score(serving, {"input_data": {"a": [1, 2]}})).status_code == 424  # dict * 2
            assert (await score(serving, {"dataframe_split": table})).status_code == 424
            assert "top level key named 'input_data'" in serving.logs("e", "blue", 200)
        finally:
            await serving.close()

    asyncio.run(run())
