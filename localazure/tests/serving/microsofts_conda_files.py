"""What the conda files of Azure/azureml-examples ask for, in `cli` and `sdk/python` below their `endpoints/online`.

Data: path, entries of `dependencies`, and those of its `pip`, as they were at some time from 2021 to 2025.
"""

import yaml

SAMPLE = "numpy=1.23.5 pip=23.0.1 scikit-learn=1.2.2 scipy=1.10.1"
OLD = "python=3.7 numpy=1.21.2 pip=21.2.4 scikit-learn=0.24.2 scipy=1.7.1"
SERVER = "azureml-inference-server-http"
SCHEMA = "inference-schema[numpy-support]"

ASKED: dict[str, tuple[str, str]] = {
    "cli/custom-container/streaming/env.yml": (OLD, f"azureml-defaults>=1.38.0 joblib==1.0.1 {SERVER}"),
    "cli/deploy-with-packages/custom-model/environment/conda.yaml": (
        "python=3.12 numpy=2.3.1 pip=25.1.1 scikit-learn=1.7.0 scipy=1.16.0 xgboost==3.0.2",
        "",
    ),
    "cli/deploy-with-packages/mlflow-model/model/conda.yaml": (
        "python=3.12 pip",
        "mlflow cloudpickle==3.1.1 scikit-learn==1.7.0 xgboost==3.0.2",
    ),
    "cli/deploy-with-packages/vllm-huggingface/environment/conda.yaml": ("python=3.8", "vllm"),
    "cli/managed/binary-payloads/env.yml": ("python=3.12 pip", "pillow~=9.3 azureml-defaults>=1.47,<2"),
    "cli/managed/inference-schema/env.yml": (
        "python=3.10 scikit-learn=1.2.2 numpy pandas",
        f"joblib {SERVER}==0.7.6 inference-schema==1.4",
    ),
    "cli/managed/keyvault/env.yml": ("python=3.10 pip", f"{SERVER} azure-identity azure-keyvault"),
    "cli/managed/minimal/single-model-registered/env.yml": (
        f"python=3.12 {SAMPLE}",
        f"{SERVER}==1.4.0 joblib==1.2.0 {SERVER}",
    ),
    "cli/managed/openapi/env.yml": (
        "python=3.10 numpy=1.23 pip=22 scikit-learn=1.1.3",
        f"joblib {SERVER}==0.7.6 inference-schema==1.4 Werkzeug==2.2.2",
    ),
    "cli/managed/vnet/mlflow/environment/conda.yaml": (
        "python=3.12 pip",
        "mlflow cloudpickle==2.2.1 scikit-learn==1.2.2",
    ),
    "cli/managed/vnet/mlflow/model/conda.yaml": ("python=3.9 pip", "mlflow cloudpickle==2.2.1 scikit-learn==1.2.2"),
    "cli/managed/vnet/sample/environment/conda.yaml": (
        f"python=3.9 {SAMPLE}",
        "joblib==1.2.0 azureml-defaults==1.49.0",
    ),
    "cli/managed/vnet/sample/environment/conda.yml": (OLD, "joblib==1.0.1 azureml-defaults==1.38.0"),
    "cli/mlflow-vnet/environment/conda.yaml": ("python=3.7.12 pip", "mlflow cloudpickle==2.0.0 scikit-learn==1.0.2"),
    "cli/mlflow/lightgbm-iris/model/conda.yaml": (
        "python=3.7.11 pip",
        "mlflow configparser==3.7.4 distributed==2021.6.2 ipython==7.28.0 lightgbm==3.2.1 matplotlib==3.3.4 "
        "pandas==1.1.5",
    ),
    "cli/mlflow/sklearn-diabetes/model/conda.yaml": (
        "python=3.7.11 pip",
        "mlflow scikit-learn==0.24.1 cloudpickle==2.0.0 psutil==5.8.0",
    ),
    "cli/model-1/environment/conda-managedidentity.yaml": (
        "python=3.12 numpy=1.21.2 pip=21.2.4 scikit-learn=0.24.2 scipy=1.7.1",
        f"{SERVER}==1.4.0 joblib==1.2.0 azure-storage-blob==12.11 azure-identity==1.7",
    ),
    "cli/model-1/environment/conda.yaml": (f"python=3.9 {SAMPLE}", f"{SERVER}==1.4.0 {SCHEMA} joblib"),
    "cli/model-1/environment/conda.yml": (OLD, f"azureml-defaults==1.47.0 {SCHEMA}==1.5 joblib==1.0.1"),
    "cli/ncd/lightgbm-iris/model/conda.yaml": (
        "python=3.12 pip",
        f"mlflow lightgbm==3.3.5 pandas==2.0.0 psutil==5.9.4 typing-extensions==4.1.1 numpy==1.26.4 {SERVER}",
    ),
    "cli/ncd/sklearn-diabetes/environment/conda.yaml": (
        "python=3.12 pip",
        f"mlflow scikit-learn==1.2.2 cloudpickle==2.2.1 psutil==5.9.4 pandas==2.0.0 {SERVER}",
    ),
    "cli/ncd/sklearn-diabetes/model/conda.yaml": (
        "python=3.12 pip",
        "mlflow scikit-learn==1.2.2 cloudpickle==2.2.1 psutil==5.9.4 numpy==1.26.4",
    ),
    "cli/triton/single-model/triton-densenet-scoring-env.yaml": (
        "python=3.12 pip",
        "requests pillow tritonclient[all] gevent nltk",
    ),
    "sdk/Streaming/env.yml": (OLD, f"azureml-defaults>=1.38.0 joblib==1.0.1 {SERVER} azureml-contrib-services"),
    "sdk/aks_multi_model_deployment_kubernetes_endpoint/artifacts/score/conda.yaml": (
        "python=3.10.12 pip<=22.3.1",
        f"mlflow cloudpickle numpy psutil joblib scikit-learn pandas scipy {SERVER} adlfs fsspec azureml-mlflow "
        "matplotlib tqdm jupyter ipykernel papermill",
    ),
    "sdk/deploy-with-packages/custom-model/environment/conda.yml": (f"python=3.9 {SAMPLE} xgboost==1.3.3", ""),
    "sdk/deploy-with-packages/mlflow-model/model/conda.yaml": (
        "python=3.8.5 pip",
        "mlflow cloudpickle==1.6.0 scikit-learn==1.1.2 xgboost==9",
    ),
    "sdk/llm/langchain/deployments/env.yml": (
        "python=3.9 pip=21.2.4",
        f"azure-ai-ml==1.5.0 azure-core==1.26.4 azure-identity==1.13.0b3 {SERVER} azure-keyvault-secrets "
        "azure-search-documents==11.4.0b3 langchain==0.0.164 openai==0.27.6 parse requests pyyaml",
    ),
    "sdk/managed/binary-payloads/env.yml": ("python=3.10 pip", f"pillow {SERVER} azureml-contrib-services"),
    "sdk/managed/keyvault/env.yml": ("python=3.10 pip", "azureml-defaults azure-identity azure-keyvault-secrets"),
    "sdk/managed/openapi/env.yml": ("python=3.10 numpy pip scikit-learn", f"joblib {SERVER} inference-schema"),
    "sdk/managed/vnet/mlflow/model/conda.yaml": ("python=3.7.12 pip", "mlflow cloudpickle==2.0.0 scikit-learn==1.0.2"),
    "sdk/mlflow/sklearn-diabetes/environment/conda.yaml": (
        "python=3.12.3 pip<=23.1.2",
        f"mlflow psutil==5.9.4 scikit-learn==1.6.1 {SERVER}",
    ),
    "sdk/mlflow/sklearn-diabetes/model/conda.yaml": (
        "python=3.10 pip<=23.1.2",
        "mlflow==2.7.1 cloudpickle==1.6.0 dataclasses==0.6 lz4==4.0.0 numpy==1.23.5 packaging==23.0 psutil==5.9.0 "
        "pyyaml==6.0 scikit-learn==1.1.2 scipy==1.10.1 uuid==1.30",
    ),
    "sdk/model-1/environment/conda-managedidentity.yml": (
        f"python=3.9 {SAMPLE}",
        "azureml-defaults==1.49.0 joblib==1.2.0 azure-storage-blob==12.16.0 azure-identity==1.13.0",
    ),
    "sdk/model-1/environment/conda.yml": (OLD, f"azureml-defaults==1.39.0 {SCHEMA}==1.3.0 joblib==1.0.1"),
    "sdk/model-2/environment/conda.yaml": (
        "python=3.10 numpy=1.23.5 pip scikit-learn=1.2.2 scipy=1.10.1",
        f"{SERVER} {SCHEMA} joblib==1.2.0",
    ),
    "sdk/sample/model-1/environment/conda.yaml": (OLD, f"azureml-defaults==1.33.0 {SCHEMA}==1.3.0 joblib==1.2.0"),
    "sdk/sample/model-2/environment/conda.yaml": (
        f"python=3.9 {SAMPLE}",
        f"azureml-defaults==1.49.0 {SCHEMA}==1.5.1 joblib==1.2.0",
    ),
}


def conda_file(path: str) -> str:
    """A conda file that asks for the same."""
    entries, pip = ASKED[path]
    lines: list[object] = [*entries.split(), *([{"pip": pip.split()}] if pip else [])]
    return yaml.safe_dump({"name": "model-env", "channels": ["conda-forge"], "dependencies": lines})
