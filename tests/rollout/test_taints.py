"""Which taints keep pods away."""

import pytest

from rollout.rules.taints import SYSTEM, hindering_taints
from settings.cluster import Pool


@pytest.mark.parametrize(
    ("taint", "workload", "system"),
    [
        ("ml.azure.com/amlarc=true:NoSchedule", False, False),
        ("ml.azure.com/amlarc-workload=true:NoExecute", False, True),
        ("ml.azure.com/amlarc-system=true:NoSchedule", True, False),
        ("ml.azure.com/workspace=ws-diabetes:NoSchedule", False, True),
        ("ml.azure.com/amlarc=false:NoSchedule", True, True),
        ("CriticalAddonsOnly=true:NoSchedule", True, True),
        ("dedicated:NoSchedule", True, True),
        ("sku=gpu:PreferNoSchedule", False, False),
    ],
)
def test_only_azure_mls_own_taints_are_tolerated(taint: str, workload: bool, system: bool) -> None:
    """A deployment's pods and the extension's own each tolerate some of them; what only prefers keeps nobody away."""
    pool = Pool.model_validate({"size": "Standard_D8s_v5", "taints": [taint]})
    assert (bool(hindering_taints(pool)), bool(hindering_taints(pool, SYSTEM))) == (workload, system)
