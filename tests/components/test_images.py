"""The rule for finished images, which the engine's hook asks (tests/e2e/test_computes.py)."""

from typing import Any

import pytest

from rollout.rules.images import guard_image

ROUTES = {"livenessRoute": ("/", 5001), "readinessRoute": ("/", 5001), "scoringRoute": ("/score", 5001)}


def registered(**routes: tuple[str, float]) -> dict[str, Any]:
    """ARM's properties of a version with these routes; the engine hands numbers over as floats."""
    config = {key: {"path": path, "port": port} for key, (path, port) in {**ROUTES, **routes}.items()}
    return {"image": "i", "inferenceConfig": config}


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        (registered(), []),
        (registered(livenessRoute=("/", 5001.0)), []),
        (registered(**{key: (path, 8080.0) for key, (path, _) in ROUTES.items()}), ["images.scoring.port"]),
        (registered(scoringRoute=("/predict", 5001)), ["images.scoring.scoringPath"]),
        (
            registered(livenessRoute=("/a", 5001), readinessRoute=("/b", 5001)),
            ["images.scoring.livenessPath", "images.scoring.readinessPath"],
        ),
        ({"image": "i"}, []),
        ({}, []),
    ],
)
def test_routes_stay_under_a_version(wanted: dict[str, Any], paths: list[str]) -> None:
    """Every path that differs is refused, a port once; what a preview does not know is passed over."""
    assert [refusal.path for refusal in guard_image("scoring", registered(), wanted)] == paths
