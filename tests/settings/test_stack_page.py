"""docs/stack-file.md is what the settings say: every key, with a meaning, an example and words for what it takes."""

from copy import deepcopy
from typing import Any

import pytest
import yaml

from ops.rules_page import DEPLOYMENT
from ops.stack_page import (
    NAME,
    PAGE,
    Section,
    anchor,
    example_of,
    keys_of,
    meanings,
    nested,
    path_in_words,
    render,
    sections,
    type_in_words,
)
from settings.load import from_config
from settings.stack import Stack
from settings.types import Shape

SECTIONS = sections()
BASE: dict[str, Any] = {
    "location": "westeurope",
    "workspace": {"name": "ws-diabetes", "resourceGroup": "rg-diabetes"},
    "registry": {"name": "acrdiabetes"},
    "network": {"addressSpace": ["10.20.0.0/16"], "subnets": {"endpoints": "10.20.0.0/24"}},
    "inferenceCluster": {"name": "aks-diabetes", "attach": {"kind": "legacy"}},
    "endpoints": {"diabetes": {"deployments": {"blue": {**DEPLOYMENT, "autoscale": {"min": 3, "max": 9}}}}},
}
# What is shown in another example: it excludes a key of this one, or is only there to be refused.
ELSEWHERE = {"subnet", "adoptPools", "privateApiServer", "horizontalPodAutoscaler", "compute", "request"}


def path_of(section: Section) -> str:
    """What a section's test is called."""
    return section.paths[0] or "top"


@pytest.mark.parametrize("section", SECTIONS, ids=path_of)
def test_every_key_has_a_meaning(section: Section) -> None:
    """The docstring under each field is one or more whole sentences."""
    said = meanings(section.shape)
    assert [key for key, _ in keys_of(section.shape) if not said.get(key, "").endswith(".")] == []


@pytest.mark.parametrize("section", SECTIONS, ids=path_of)
def test_every_example_is_read(section: Section) -> None:
    """Laid over a small stack, a section's example passes the settings, and it shows every key without a section."""
    path = section.paths[0]
    example = yaml.safe_load(nested(path, example_of(section.shape)))
    from_config(laid(path, example))
    plain = [key for key, field in keys_of(section.shape) if "[keys]" not in type_in_words(field.annotation)]
    assert sorted(set(plain) - keys_in(example) - ELSEWHERE) == []


def test_the_page_is_in_step() -> None:
    """docs/stack-file.md is what the settings say now; `python -m ops.stack_page` writes it."""
    assert PAGE.read_text(encoding="utf-8") == render()


def test_every_shape_of_the_settings_is_on_the_page() -> None:
    """What is refused as unknown is what is not on the page: no shape is left out of the walk."""
    shapes: set[type[Shape]] = set()
    waiting = [Stack.model_json_schema()]
    names = {section.shape.__name__ for section in SECTIONS}
    for schema in waiting:
        shapes |= set(schema.get("$defs", {}))
    assert shapes | {"Stack"} == names


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("endpoints.diabetes.deployments.blue", "endpoints.NAME.deployments"),
        (
            "endpoints.diabetes.deployments.blue.autoscale.rules.0.above",
            "endpoints.NAME.deployments.NAME.autoscale.rules.above",
        ),
        ("endpoints.diabetes.traffic.green", "endpoints.NAME.traffic"),
        ("location", "location"),
    ],
)
def test_a_path_without_its_names(path: str, words: str) -> None:
    """What stands for a person's own names is NAME, and what a map of plain values holds is the map's."""
    assert path_in_words(path) == words


def test_an_anchor_is_githubs() -> None:
    """Lower case, without dots."""
    assert anchor("endpoints.NAME.dataCollector") == "endpointsnamedatacollector"


def laid(path: str, example: Any) -> dict[str, Any]:
    """The small stack with an example in its place."""
    config = deepcopy(BASE)
    keys = path.removesuffix(f".{NAME}").split(".")
    if keys == [""]:
        return {**config, **example}
    at: Any = config
    for key, holder in zip(keys[:-1], ["", *keys], strict=False):
        name = {"endpoints": "diabetes", "deployments": "blue"}.get(holder, "one") if key == NAME else key
        at = at.setdefault(name, [{"traffic": 10}])[0] if name == "steps" else at.setdefault(name, {})
    at.update(example)
    return config


def keys_in(value: Any) -> set[str]:
    """All keys of the maps in a value."""
    if isinstance(value, dict):
        return {str(key) for key in value} | {key for one in value.values() for key in keys_in(one)}
    return {key for one in value for key in keys_in(one)} if isinstance(value, list) else set()
