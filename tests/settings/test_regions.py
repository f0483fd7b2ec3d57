"""What follows from a region."""

import pytest

from settings.regions import cloud_of, has_zones


@pytest.mark.parametrize(
    ("region", "cloud"),
    [
        ("westeurope", "public"),
        ("usgovarizona", "usGovernment"),
        ("usdodeast", "usGovernment"),
        ("chinaeast2", "china"),
        ("a1newregion", "public"),
        ("usnatwest", None),
    ],
)
def test_a_region_is_in_a_cloud(region: str, cloud: str | None) -> None:
    """The prefix of its name tells; a new region is a public one, and a closed cloud is none."""
    found = cloud_of(region)
    assert (found.name if found else None) == cloud


def test_a_new_region_has_zones() -> None:
    """Only regions that are known to have none are held to it."""
    assert has_zones("a1newregion")
    assert not has_zones("canadaeast")
