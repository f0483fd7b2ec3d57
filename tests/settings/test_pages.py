"""The examples of docs/components are stack files that nothing refuses."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from rollout.decide import decide, judge
from settings.load import from_config

PAGES = sorted((Path(__file__).parents[2] / "docs" / "components").glob("*.md"))
BASE: dict[str, Any] = {
    "azure-native:location": "westeurope",
    "workspace": {"name": "ws-fraud", "resourceGroup": "rg-fraud"},
    "registry": {"name": "acrfraud"},
}
EXAMPLES = [
    pytest.param(text, id=f"{page.stem}-{number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"```yaml\n(.+?)```", page.read_text(encoding="utf-8"), re.DOTALL), 1)
]


@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_is_accepted(text: str) -> None:
    """Laid over a small stack, the example passes the settings and every rule."""
    stack = from_config({**BASE, **yaml.safe_load(text)})
    refusals = [*judge(stack), *(one for decision in decide(stack, {}).values() for one in decision.refusals)]
    assert refusals == []
