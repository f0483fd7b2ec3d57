"""Rules for instance types: what managed endpoints run on, and the cores they use up."""

import math
import re
from collections.abc import Iterator

from rollout.case import Case
from settings.deployment import Deployment
from settings.refusal import Refusal
from settings.stack import Stack

_FAMILIES = "DSv2, DAv4, DASv4, ESv3, FSv2, FX, LSv2, LSv3, LASv3, NC, ND and NV A10"
_FAMILY = re.compile(
    r"standard_(?:ds\d+(?:-\d+)?_v2|d\d+as?_v4|e\d+(?:-\d+)?i?s_v3|f\d+s_v2|fx\d+mds"
    r"|l\d+s_v[23]|l\d+as_v3|n[cd]\d+\w*|nv\d+\w*_a10_\w+)",
    re.IGNORECASE | re.ASCII,
)
_SIZE = re.compile(r"standard_(?P<series>[a-z]+)(?P<size>\d+)", re.IGNORECASE)
# The DSv2 series numbers its sizes; all others carry their cores in the name.
_DSV2 = {1: 1, 2: 2, 3: 4, 4: 8, 5: 16, 11: 2, 12: 4, 13: 8, 14: 16, 15: 20}
_SMALL = ("standard_ds1_v2", "standard_ds2_v2")


def family_is_offered(case: Case) -> Iterator[Refusal]:
    """R086 A managed deployment runs on an instance type of a family that managed endpoints offer.

    Source: limits, SKU families.
    Example:
        endpoint: {deployments: {blue: {instanceType: Standard_B2s}}}
    """
    for name, deployment in _managed(case):
        if not _FAMILY.fullmatch(deployment.instance_type):
            path = case.at("deployments", name, "instanceType")
            cure = "Write for example instanceType: Standard_DS3_v2."
            yield Refusal("R086", path, deployment.instance_type, f"one of the families {_FAMILIES}", cure)


def within_quota(stack: Stack) -> Iterator[Refusal]:
    """R087 The cores of all managed deployments fit the quota, with the 20 percent that Azure keeps for upgrades.

    Judged where the stack file names `quotaCores`; an autoscaled deployment counts with its maximum.

    Source: limits, quota: ceil(1.2 x instances) x cores of the instance type.
    Example:
        stack: {quotaCores: 24}
        endpoint: {deployments: {blue: {}, green: {}}}
    """
    if stack.quota_cores is None:
        return
    parts = {
        f"{endpoint}.{name}": _cores(deployment, stack)
        for endpoint, wanted in sorted(stack.endpoints.items())
        for name, deployment in sorted(wanted.deployments.items())
        if wanted.kind == "managed"
    }
    total = sum(parts.values())
    if total > stack.quota_cores:
        got = f"{total} cores with the reserve for upgrades ({', '.join(f'{key} {parts[key]}' for key in parts)})"
        cure = "Lower an instance count, remove a deployment without traffic, or ask for quota and raise quotaCores."
        yield Refusal("R087", "quotaCores", got, f"at most {stack.quota_cores}", cure)


def large_enough(case: Case) -> Iterator[Refusal]:
    """A087 DS1_v2 and DS2_v2 are too small for many models and for the agents beside them.

    Source: limits, SKU families.
    Example:
        endpoint: {deployments: {blue: {instanceType: Standard_DS2_v2}}}
    """
    for name, deployment in _managed(case):
        if deployment.instance_type.lower() in _SMALL:
            path = case.at("deployments", name, "instanceType")
            cure = "Write for example instanceType: Standard_DS3_v2."
            yield Refusal("A087", path, deployment.instance_type, "Standard_DS3_v2 or larger", cure)


def cores(instance_type: str) -> int:
    """Cores of one instance by its type's name; 0 where the name does not tell.

    >>> cores("Standard_DS3_v2"), cores("Standard_F8s_v2"), cores("Standard_NC24ads_A100_v4"), cores("cpu-small")
    (4, 8, 24, 0)
    """
    match = _SIZE.match(instance_type)
    if not match:
        return 0
    size = int(match["size"])
    return _DSV2.get(size, 0) if match["series"].lower() == "ds" else size


def _cores(deployment: Deployment, stack: Stack) -> int:
    skips = deployment.instance_type.lower() in {name.lower() for name in stack.skip_reservation}
    # 6 / 5 and not 1.2, which is no binary number: 1.2 x 5 must stay 6.
    count = deployment.largest_count if skips else math.ceil(deployment.largest_count * 6 / 5)
    return count * cores(deployment.instance_type)


def _managed(case: Case) -> Iterator[tuple[str, Deployment]]:
    if case.wanted.kind == "managed":
        yield from case.wanted.deployments.items()


RULES = (family_is_offered,)
ADVICE = (large_enough,)
STACK_RULES = (within_quota,)
