"""The corpus of stack files for the engine: which file shows a rule, and in which situation.

A situation is what one of the files observes; a file fits where all that it observes is so.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from ops.check.observed import observed_from
from rollout.model import ObservedDeployment, ObservedEndpoint

TESTS = Path(__file__).parents[1]
ENDPOINTS = "safe-rollout:endpoints"
NAME = "diabetes"
"""The one endpoint that the corpus observes."""

Observed = Mapping[str, ObservedEndpoint]


@dataclass(frozen=True)
class Case:
    """A stack file of tests/refusals or tests/accepted."""

    path: Path

    @property
    def name(self) -> str:
        """Its file's name; it begins with the code where it is refused."""
        return self.path.stem

    @property
    def code(self) -> str:
        """The code that it is refused with."""
        return self.name.partition("-")[0]

    @property
    def said(self) -> list[str]:
        """The whole texts of its refusals, or of its warnings."""
        return list(self._written.get("refused", self._written.get("warnings", [])))

    @property
    def config(self) -> dict[str, Any]:
        """Its `config`."""
        return dict(self._written["config"])

    @cached_property
    def observed(self) -> Observed:
        """What is observed, by endpoint; None in it: not said."""
        return observed_from(self._written.get("observed", {}))

    @property
    def live(self) -> Observed:
        """What is brought about for it: beside what is observed, what all live endpoints here have."""
        kind = {"kind": "kubernetes", "compute": "aks-inference"} if self.on_kubernetes else {"kind": "managed"}
        plain = {"auth": "key", "identity": "systemAssigned", "identities": (), "location": "westeurope", **kind}
        return {name: _with_defaults(endpoint, plain) for name, endpoint in self.observed.items()}

    @property
    def on_kubernetes(self) -> bool:
        """Whether its endpoint is there, or is to be there."""
        kind = self.observed[NAME].kind if self.observed else None
        return (kind or self.config[ENDPOINTS][NAME].get("kind")) == "kubernetes"

    def fits(self, situation: "Case") -> bool:
        """Whether all that is observed here is so in the situation."""
        if not self.observed or not situation.observed:
            return not self.observed and not situation.observed
        past, theirs = (of.observed[NAME].applied if NAME in of.observed else None for of in (self, situation))
        if past != theirs:
            return False
        return self.on_kubernetes == situation.on_kubernetes and shows(situation.live, self.observed)

    @cached_property
    def _written(self) -> dict[str, Any]:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return dict(yaml.load(self.path.read_text(encoding="utf-8"), Loader=loader))


def refused(name: str) -> Case:
    """A case of tests/refusals."""
    return Case(TESTS / "refusals" / f"{name}.yaml")


def accepted(name: str) -> Case:
    """A case of tests/accepted."""
    return Case(TESTS / "accepted" / f"{name}.yaml")


def all_refused() -> list[Case]:
    """The cases of tests/refusals, by name."""
    return [Case(path) for path in sorted((TESTS / "refusals").glob("*.yaml"))]


def shows(live: Observed, wanted: Observed) -> bool:
    """Whether what is said of the wanted endpoints is so in the live ones."""
    return all(name in live and _same(live[name], endpoint) for name, endpoint in wanted.items())


def same_deployment(live: ObservedDeployment | None, wanted: ObservedDeployment) -> bool:
    """Whether what is said of the deployment is so; Azure shows no number of instances on Kubernetes."""
    said = _said(wanted)
    if live and live.instance_count is None:
        said.pop("instance_count", None)
    return live is not None and all(getattr(live, key) == value for key, value in said.items())


def _same(live: ObservedEndpoint, wanted: ObservedEndpoint) -> bool:
    said = _said(wanted)
    deployments = said.pop("deployments")
    same = all(getattr(live, key) == value for key, value in said.items() if key not in _PAST)
    same = same and live.deployments.keys() == deployments.keys()
    return same and all(same_deployment(live.deployments[name], one) for name, one in deployments.items())


_PAST = {"applied", "overwrote", "proven"}
"""What no GET shows by itself: the tag, and the history of the stack, tell it."""


def _said(of: ObservedEndpoint | ObservedDeployment) -> dict[str, Any]:
    values = {field.name: getattr(of, field.name) for field in fields(of)}
    return {name: value for name, value in values.items() if value is not None}


def _with_defaults(endpoint: ObservedEndpoint, plain: Mapping[str, Any]) -> ObservedEndpoint:
    deployments = {
        name: replace(
            one,
            scoring_script=one.scoring_script or "score.py",
            variables=one.variables or {},
            egress=one.egress or "enabled",
        )
        for name, one in endpoint.deployments.items()
    }
    return replace(endpoint, **{**plain, **_said(endpoint), "deployments": deployments})
