"""`defaults` of an endpoint: what its deployments have in common."""

from collections.abc import Mapping
from typing import Any

import pytest

from settings.deployment import Deployment
from settings.load import from_config
from settings.refusal import Refused

BASE = {
    "azure-native:location": "westeurope",
    "safe-rollout:workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"},
    "safe-rollout:registry": {"name": "acrdev01"},
}
DEFAULTS = {"environment": "azureml:e:1", "code": "azureml:c:1", "instanceType": "Standard_DS3_v2"}


def deployments(defaults: Any, **own: Any) -> Mapping[str, Deployment]:
    """The deployments of an endpoint with these defaults."""
    endpoint = {"defaults": defaults, "deployments": own}
    return from_config({**BASE, "safe-rollout:endpoints": {"x": endpoint}}).endpoints["x"].deployments


def refused(defaults: Any, **own: Any) -> list[tuple[str, str]]:
    """Code and path of each refusal."""
    with pytest.raises(Refused) as caught:
        deployments(defaults, **own)
    return [(one.code, one.path) for one in caught.value.refusals]


def test_a_new_version_is_one_line() -> None:
    """A deployment with a model alone has all the rest from the defaults."""
    (blue,) = deployments(DEFAULTS, blue={"model": "azureml:m:2"}).values()
    assert blue == Deployment.model_validate({**DEFAULTS, "model": "azureml:m:2"})


def test_a_deployments_own_keys_come_first_and_maps_are_laid_over_each_other() -> None:
    """Of a map the deployment changes one key and keeps the others."""
    defaults = {**DEFAULTS, "variables": {"A": "1", "B": "2"}, "requests": {"timeoutMs": 900}}
    own = {"model": "azureml:m:1", "variables": {"B": "3"}, "requests": {"maxConcurrentPerInstance": 4}}
    (blue,) = deployments(defaults, blue=own).values()
    assert blue.variables == {"A": "1", "B": "3"}
    assert (blue.requests.timeout_ms, blue.requests.max_concurrent_per_instance) == (900, 4)


def test_null_takes_a_default_away() -> None:
    """An MLflow model beside others has no environment and no code; a fixed count stands in an autoscaler's place."""
    own = {"model": "azureml:m:1", "environment": None, "code": None, "autoscale": None, "instanceCount": 2}
    (blue,) = deployments({**DEFAULTS, "autoscale": {"min": 3, "max": 9}, "requests": {}}, blue=own).values()
    assert (blue.environment, blue.code, blue.autoscale, blue.fixed_count) == (None, None, None, 2)


def test_a_wrong_default_is_told_once_and_beside_all_else() -> None:
    """Not once for each deployment; what is wrong in a deployment itself is told too."""
    defaults = {**DEFAULTS, "variables": {"A": 1.5}, "instancType": 3}
    assert refused(defaults, blue={"model": "azureml:m:1"}, green={"model": 5}) == [
        ("S001", "endpoints.x.defaults.instancType"),
        ("S003", "endpoints.x.defaults.variables.A"),
        ("S003", "endpoints.x.deployments.green.model"),
    ]


@pytest.mark.parametrize("defaults", [5, [], "text"])
def test_defaults_that_are_no_map_are_refused(defaults: Any) -> None:
    """With the path of the defaults."""
    assert ("S003", "endpoints.x.defaults") in refused(defaults, blue={**DEFAULTS, "model": "azureml:m:1"})
