"""docs/rules.md, written from the rules' docstrings; each example is run, and its refusal is the page's.

A rule's docstring: `CODE sentence`, why, `Source: …`, `Example:` with YAML of the keys `endpoint` (laid over an
endpoint named diabetes), `stack` (laid over the stack), `observed` (the endpoint as Azure shows it, as in
`rollout check --observed`), `times` (that many endpoints) and `applied` (what the stack PUT last). A deployment that
is left empty is a usual one.
"""

import inspect
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from ops.check.observed import observed_from
from rollout.assets import guard_asset, guard_no_workspace
from rollout.decide import counsel, decide, judge
from rollout.deleted import DeletedVault, guard_deleted, told_of_kept
from rollout.gates.enforce import guard_gate
from rollout.guard import (
    guard_count,
    guard_exists,
    guard_gone,
    guard_moved,
    guard_removed,
    guard_replaced,
    guard_standing,
    guard_subscription,
)
from rollout.model import Applied, ObservedEndpoint, Step
from rollout.rulebook import ADVICE, RULES, STACK_ADVICE, STACK_RULES
from rollout.rules.computes import guard_attached, guard_compute_leaves
from rollout.rules.images import guard_image
from rollout.rules.pools import guard_adopted, guard_born_with, guard_new_pool, path_of
from rollout.rules.standing import Standing, ground_stays, what_azure_keeps_stays
from settings.endpoint import Endpoint
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
_ABOUT = re.compile(r"(?:Rules|The rule) (?:for|about) |Advice on ")
_INTRODUCTION = """# Rules

Every rule that `pulumi preview`, `pulumi up` and `rollout check` hold a stack file to. R refuses: nothing is touched.
A advises: it warns and goes on. What is not known about Azure is refused on the safe side, and the source says so.
Written by `python -m ops.rules_page` from the rules themselves: each refusal is the answer to the example above it, in
which a deployment left empty (`{}`) is a usual one. Sources T1 to T13 and *limits* stand at the end.
"""
_SOURCES = """## The stack file itself

| | |
|---|---|
| S001 | A key that is not known here; the closest one is suggested. |
| S002 | A key that must be there. |
| S003 | A value of the wrong type. |
| S004 | A value of the right type that is not possible. |
| S005 | A stack file that cannot be read. |
| S006 | A stack file or Pulumi.yaml that the engine can't read: not a map, a key twice, too many aliases, .inf. |
| S007 | A value that is encrypted where it decides something; free text may be. Told by `rollout check` alone. |
| S008 | A key that looks like one of ours under a namespace that is not the project's name, so nothing would read it. |
| S009 | More configuration than the engine can hand to the program (128 KiB). The engine: `argument list too long`. |
| S010 | A date or a number without quotes where text is meant, of which the engine makes another text: 83 of 0123. |
| S011 | A name with invisible characters, a name of more than 512 characters, or a text with a NUL. |
| S012 | Values of a Pulumi ESC environment, which only the engine can read. Told by `rollout check` alone. |

## Sources

*limits*: the limits and requirements in Azure Machine Learning's documentation. *recorded behaviour*: recordings of the
service's answers (tests of the local Azure replay them). *design decision 2*: a deployment gets traffic only in an `up`
after the one that made or changed it. T1 to T13 are how the service treats traffic:

| | |
|---|---|
| T1 | Traffic and mirror change only by PUT of the endpoint; PATCH carries tags, identity and sku. |
| T2 | PUT replaces both maps; what is left out of a map is gone. |
| T3 | What a PUT without the key `traffic` does is open; it has zeroed live endpoints. |
| T4 | A PUT answers with the old map; the operation takes about 20 s, and readers see the old map for a while. |
| T5 | Keys are lower case and zeros do not come back. |
| T6 | Traffic cannot be set while the endpoint is created, and names only deployments that are there. |
| T7 | A deployment with live traffic cannot be deleted: first its weight to 0. |
| T8 | Weights add up to 0 or 100; what happens in between is open. |
| T9 | With no weight the scoring URI answers 404. |
| T10 | A mirror: one deployment without live traffic, 0 to 50 percent, managed endpoints only; a request that names a \
deployment is not mirrored. |
| T11 | `az ml online-endpoint update` with a file that leaves traffic out sends an empty map. |
| T12 | An endpoint's identity is immutable. |
| T13 | Operations on one endpoint must be in turn: a deployment's PUT meanwhile answers 409. |
"""


Guard = Callable[..., Iterable[Refusal]]
# What the engine's hooks ask, which no stack file shows by itself: the rule, and how its example is run.
GUARDS: dict[str, tuple[Guard, Callable[[dict[str, Any]], Iterable[Refusal]]]] = {
    "R066": (ground_stays, lambda raw: ground_stays(_standing(raw))),
    "R067": (what_azure_keeps_stays, lambda raw: what_azure_keeps_stays(_standing(raw))),
    "R068": (guard_subscription, lambda raw: guard_subscription(raw["before"], raw["now"])),
    "R119": (told_of_kept, lambda raw: told_of_kept(raw["group"], raw["name"], raw["errors"])),
    "R118": (
        guard_gate,
        lambda raw: guard_gate("diabetes", _wanted(raw), _seen(raw["observed"]), Step(**raw["step"]), None, 0.0),
    ),
    "R120": (
        guard_deleted,
        lambda raw: guard_deleted(raw["group"], raw["location"], DeletedVault(**raw["deleted"]), raw["adopted"]),
    ),
    "R122": (guard_gone, lambda raw: guard_gone("diabetes", raw["observed"])),
    "R123": (guard_removed, lambda raw: guard_removed("diabetes", _seen(raw["observed"]))),
    "R124": (
        guard_moved,
        lambda raw: guard_moved("diabetes", _seen(raw["judged"]), Step(**raw["step"]), _seen(raw["observed"])),
    ),
    "R125": (guard_exists, lambda raw: guard_exists(raw["key"], raw["path"], raw["exists"], raw["adopted"])),
    "R126": (guard_count, lambda raw: guard_count(raw["path"], raw["sent"], raw["live"])),
    "R127": (
        guard_standing,
        lambda raw: guard_standing(raw["type"], raw["name"], raw["for_kubernetes"], observed_from(raw["live"])),
    ),
    "R128": (guard_replaced, lambda raw: guard_replaced("diabetes", raw["deployment"], _seen(raw["observed"]))),
    "R129": (guard_compute_leaves, lambda raw: guard_compute_leaves(raw["path"], raw["exists"], raw["command"])),
    "R130": (guard_attached, lambda raw: guard_attached(raw["path"], raw["exists"], raw["command"])),
    "R170": (guard_born_with, lambda raw: guard_born_with(path_of(raw["pool"]), raw["applied"], raw["wanted"])),
    "R171": (guard_new_pool, lambda raw: guard_new_pool(raw["pool"], raw["exists"])),
    "R172": (guard_adopted, lambda raw: guard_adopted(raw["pool"], raw["exists"])),
    "R231": (guard_asset, lambda raw: guard_asset(raw["key"], raw["path"], raw["workspace"])),
    "R232": (guard_no_workspace, lambda raw: guard_no_workspace(raw["paths"], raw["workspace"], raw["project"])),
    "R198": (guard_image, lambda raw: guard_image(raw["image"], raw["registered"], raw["wanted"])),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a rule's docstring says; `group` is what the first line of its module is about."""

    group: str
    code: str
    sentence: str
    why: str
    source: str
    example: str


def page_of(rule: Callable[..., Iterable[Refusal]]) -> Page:
    """The parts of a rule's docstring. Raises ValueError where one is missing."""
    match = _DOCSTRING.match(inspect.getdoc(rule) or "")
    if not match:
        raise ValueError(f"the docstring of {rule.__module__}.{rule.__name__} lacks a part (see ops.rules_page)")
    parts = {key: " ".join((text or "").split()) for key, text in match.groupdict().items() if key != "example"}
    return Page(group=_group(rule), **parts, example=textwrap.dedent(match["example"]).strip())


def example_of(page: Page) -> tuple[Stack, dict[str, ObservedEndpoint]]:
    """The stack and the observation that a rule's example describes."""
    raw = yaml.safe_load(page.example)
    endpoint, extra = raw["endpoint"], raw.get("stack", {})
    names = ["diabetes", *(f"diabetes-{number}" for number in range(2, raw.get("times", 1) + 1))]
    endpoints = {**dict.fromkeys(names, _filled(endpoint)), **extra.get("endpoints", {})}
    stack = from_config({**_CONFIG, **extra, "endpoints": endpoints})
    return stack, observed_from({"diabetes": _filled(raw["observed"])} if "observed" in raw else {})


def refusals_of(page: Page) -> list[Refusal]:
    """What the example is answered with by this rule's code; the rest of the answer is other rules' matter."""
    if page.code in GUARDS:
        return list(GUARDS[page.code][1](yaml.safe_load(page.example)))
    stack, observed = example_of(page)
    decisions = decide(stack, observed).values()
    found = [one for decision in decisions for one in (*decision.refusals, *decision.advice)]
    return [one for one in (*judge(stack), *counsel(stack), *found) if one.code == page.code]


def all_pages() -> list[Page]:
    """A page for each rule, by code; what the engine's hooks ask is one too."""
    guards = (guard for guard, _ in GUARDS.values())
    rules: tuple[Callable[..., Iterable[Refusal]], ...] = (*RULES, *STACK_RULES, *ADVICE, *STACK_ADVICE, *guards)
    return sorted((page_of(rule) for rule in rules), key=lambda page: page.code)


def render() -> str:
    """The whole page."""
    pages = all_pages()
    refusals = [_section(page) for page in pages if page.code.startswith("R")]
    advice = [_section(page) for page in pages if page.code.startswith("A")]
    return "\n".join([_INTRODUCTION, *_index(pages), "## Refusals\n", *refusals, "## Advice\n", *advice, _SOURCES])


def _index(pages: Sequence[Page]) -> Iterator[str]:
    """All codes with their one line, by what they are about."""
    yield "## All codes\n\nR refuses, A advises; [S](#the-stack-file-itself) is about the file itself.\n"
    by_number = sorted(pages, key=lambda page: page.code[1:])
    for group in dict.fromkeys(page.group for page in by_number):
        lines = [
            f"- [{one.code}](#{one.code.lower()}) {_text(one.sentence)}" for one in by_number if one.group == group
        ]
        yield "\n".join([f"**{group}**\n", *lines, ""])


def _group(rule: Callable[..., Iterable[Refusal]]) -> str:
    first = (inspect.getdoc(inspect.getmodule(rule)) or "").partition("\n")[0].rstrip(".")
    about = _ABOUT.sub("", first)
    return about[0].upper() + about[1:]


def _seen(raw: Any) -> Any:
    return observed_from({"e": raw})["e"] if raw is not None else None


def _standing(raw: dict[str, Any]) -> Standing:
    stack = from_config({**_CONFIG, "endpoints": {}, "azure-native:location": "westeurope"})
    live = {"diabetes": _seen(raw["observed"])} if "observed" in raw else {}
    return Standing(stack, Applied(raw["applied"]["estate"]), live)


def _wanted(raw: dict[str, Any]) -> Endpoint:
    return Endpoint.model_validate(_filled(raw["endpoint"]))


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

> {refusal.code} {refusal.path}: {_text(refusal.got)}; expected {_text(refusal.expected)}.

Cure: {_text(refusal.cure)}
"""


def _text(of: str) -> str:
    # A refusal is plain text: what Markdown would take for a tag or for emphasis is not meant so.
    return of.replace("<", "&lt;").replace("*", "\\*")


if __name__ == "__main__":
    PAGE.write_text(render(), encoding="utf-8")
