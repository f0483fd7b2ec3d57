"""docs/rules.md, written from the rules' docstrings; each example is run, and its refusal is the page's.

A rule's docstring: `CODE sentence`, why, `Source: …`, `Example:` with YAML of the keys `endpoint` (laid over an
endpoint named diabetes), `stack` (laid over the stack), `observed` (the endpoint as Azure shows it, as in
`rollout check --observed`) and `times` (that many endpoints). A deployment that is left empty is a usual one.
"""

import inspect
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.observed import observed_from
from rollout.decide import decide, judge
from rollout.model import ObservedEndpoint
from rollout.rulebook import ADVICE, RULES, STACK_RULES, EndpointRule, StackRule
from settings.load import from_config
from settings.refusal import Refusal
from settings.stack import Stack

PAGE = Path(__file__).parents[1] / "docs" / "rules.md"
DEPLOYMENT = {
    "model": "azureml:diabetes-ridge:1",
    "environment": "azureml:scoring:3",
    "code": "azureml:scoring-code:9f2c41",
    "instanceType": "Standard_DS3_v2",
    "instanceCount": 3,
}
_CONFIG = {
    "location": "westeurope",
    "workspace": {"name": "ws-diabetes", "resourceGroup": "rg-diabetes"},
    "registry": {"name": "acrdiabetes"},
}
_DOCSTRING = re.compile(
    r"(?P<code>[RA]\d{3}) (?P<sentence>.+?)(?P<why>\n\n.+)?\n\nSource: (?P<source>.+?)\nExample:\n(?P<example>.+)",
    re.DOTALL,
)
_INTRODUCTION = """# Rules

Every rule that `pulumi preview`, `pulumi up` and `rollout check` hold a stack file to. R refuses: nothing is touched.
A advises: it warns and goes on. Sources are rows of what is known about Azure ML online endpoints (T: how traffic
behaves), the service's documented limits, and recordings of the service; what is open is refused on the safe side.
Written by `python -m ops.rules_page` from the rules themselves; each refusal below is the answer to its example.
"""


@dataclass(frozen=True, slots=True)
class Page:
    """What a rule's docstring says."""

    code: str
    sentence: str
    why: str
    source: str
    example: str


def page_of(rule: EndpointRule | StackRule) -> Page:
    """The parts of a rule's docstring. Raises ValueError where one is missing."""
    match = _DOCSTRING.match(inspect.getdoc(rule) or "")
    if not match:
        raise ValueError(f"the docstring of {rule.__module__}.{rule.__name__} lacks a part (see ops.rules_page)")
    parts = {key: " ".join((text or "").split()) for key, text in match.groupdict().items() if key != "example"}
    return Page(**parts, example=textwrap.dedent(match["example"]).strip())


def example_of(page: Page) -> tuple[Stack, dict[str, ObservedEndpoint]]:
    """The stack and the observation that a rule's example describes."""
    raw = yaml.safe_load(page.example)
    endpoint, extra = raw["endpoint"], raw.get("stack", {})
    names = ["diabetes", *(f"diabetes-{number}" for number in range(2, raw.get("times", 1) + 1))]
    endpoints = {**dict.fromkeys(names, _filled(endpoint)), **extra.get("endpoints", {})}
    stack = from_config({**_CONFIG, **extra, "endpoints": endpoints, "azure-native:location": "westeurope"})
    return stack, observed_from({"diabetes": _filled(raw["observed"])} if "observed" in raw else {})


def refusals_of(page: Page) -> list[Refusal]:
    """What the example is answered with by this rule's code; the rest of the answer is other rules' matter."""
    stack, observed = example_of(page)
    decisions = decide(stack, observed).values()
    found = [one for decision in decisions for one in (*decision.refusals, *decision.advice)]
    return [one for one in (*judge(stack), *found) if one.code == page.code]


def all_pages() -> list[Page]:
    """A page for each rule, by code."""
    rules: tuple[EndpointRule | StackRule, ...] = (*RULES, *STACK_RULES, *ADVICE)
    return sorted((page_of(rule) for rule in rules), key=lambda page: page.code)


def render() -> str:
    """The whole page."""
    pages = all_pages()
    refusals = [_section(page) for page in pages if page.code.startswith("R")]
    advice = [_section(page) for page in pages if page.code.startswith("A")]
    return "\n".join([_INTRODUCTION, "## Refusals\n", *refusals, "## Advice\n", *advice])


def _filled(endpoint: dict[str, Any]) -> dict[str, Any]:
    deployments = {name: DEPLOYMENT | given for name, given in endpoint.get("deployments", {}).items()}
    return {**endpoint, "deployments": deployments}


def _section(page: Page) -> str:
    refusal = refusals_of(page)[0]
    why = f"\n{page.why}\n" if page.why else ""
    return f"""### {page.code}

{page.sentence}
{why}
Source: {page.source}

```yaml
{page.example}
```

> {refusal.code} {refusal.path}: {refusal.got}; expected {refusal.expected}.

Cure: {refusal.cure}
"""


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
