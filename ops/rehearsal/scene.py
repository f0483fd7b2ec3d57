"""What a rehearsal acts on: the engine, the endpoint on the running local Azure, and who may answer when."""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ops.engine import Engine
from ops.local.view import Counts, LocalView
from ops.messages import UserError
from ops.paths import CHECKOUT
from ops.rehearsal.answers import Answer, Expected, Phase, Predictions, judge
from ops.rehearsal.load import Request, ask_in_turn

ENDPOINT = "diabetes"
SAMPLES = CHECKOUT / "scoring" / "samples"


@dataclass
class Scene:
    """One rehearsal's stage: the deployment that serves `first`, and the `candidate` that takes its place.

    `registrations` are what stands behind `rollout register`; of the sample, `references`, `models` and `expected` come
    with it. `models` is what each deployment runs, as `NAME:VERSION`. `url` and `key` come with the endpoint. `seen`
    are the requests by deployment since the last `up` ended, in a step under load.
    """

    engine: Engine
    local: LocalView
    samples: Mapping[str, bytes]
    endpoint: str = ENDPOINT
    first: str = "blue"
    candidate: str = "green"
    registrations: Sequence[Sequence[str]] = (("sample",),)
    references: Mapping[str, str] = field(default_factory=dict)
    models: Mapping[str, str] = field(default_factory=dict)
    expected: Expected = field(default_factory=Predictions)
    phases: list[Phase] = field(default_factory=list)
    asked: list[Answer] = field(default_factory=list)
    seen: Counts = field(default_factory=dict)
    url: str = ""
    key: str = ""

    def use(self, registered: Mapping[str, Any]) -> list[str]:
        """Take over what `rollout register ... --json` printed; returns the references in it."""
        if "models" not in registered:
            return [registered["reference"]]
        first, second = registered["models"].values()
        self.references = {
            "first": first,
            "second": second,
            "environment": registered["environment"],
            "code": registered["code"],
        }
        named = {self.first: first, self.candidate: second}
        self.models = {name: reference.removeprefix("azureml:") for name, reference in named.items()}
        self.expected = Predictions(expected_answers(registered["models"]))
        return [*registered["models"].values(), registered["environment"], registered["code"]]

    def begin_phase(self, traffic: Mapping[str, int]) -> None:
        """An `up` begins: from now on those with weight in the new map may answer too."""
        live = {name: self.models[name] for name, weight in traffic.items() if weight}
        self.phases.append(Phase(time.monotonic(), live, by_name=self.models))

    def end_phase(self) -> None:
        """The `up` has ended: what was live only before it may no longer answer."""
        now = time.monotonic()
        self.phases[:-1] = [replace(phase, ended=min(phase.ended, now)) for phase in self.phases[:-1]]

    def look(self) -> Mapping[str, Any]:
        """The endpoint's outputs, after taking over where it is and its key. Raises UserError where there is none."""
        outputs = self.engine.outputs(show_secrets=True)
        try:
            endpoint: Mapping[str, Any] = outputs["endpoints"][self.endpoint]
            self.url, self.key = endpoint["scoringUri"], outputs["keys"][self.endpoint]["primary"]
        except (KeyError, TypeError) as missing:
            got = f"outputs without {missing}"
            raise UserError("H001", "stack local", got, f"scoringUri and keys of {self.endpoint}") from None
        return endpoint

    def ask(self, times: int = 1, named: str | None = None) -> list[str]:
        """Score every sample so many times with the endpoint's key; returns what is wrong with the answers."""
        requests = [Request(sample, body, named) for _ in range(times) for sample, body in self.samples.items()]
        answers = ask_in_turn(self.url, self.key, requests)
        self.asked += answers
        reasons = [judge(answer, self.phases, self.expected)[1] for answer in answers]
        return [reason for reason in reasons if reason]

    def refused(
        self, status: int, what: str, body: bytes, key: str | None, named: str | None = None, told: str = ""
    ) -> list[str]:
        """Send a request that must be refused with this status and these words; what is wrong, nothing where it was."""
        (answer,) = ask_in_turn(self.url, key, [Request(what, body, named)])
        if answer.status == status and told in str(answer.body):
            return []
        return [f"{what}: status {answer.status} {answer.problem or answer.body}, expected {status} {told}".rstrip()]

    def counts(self) -> Counts:
        """Requests by deployment, live and mirrored ones apart, from the gateway's own statistics."""
        return self.local.counts(self.endpoint)


def samples() -> dict[str, bytes]:
    """The sample requests' bodies by name."""
    names = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    return {name: (SAMPLES / f"{name}.json").read_bytes() for name in names}


def expected_answers(models: Mapping[str, str]) -> dict[tuple[str, str], Sequence[float]]:
    """What each registered model must answer to each sample; `models` are references by alpha."""
    table = json.loads((SAMPLES / "expected.json").read_text(encoding="utf-8"))
    return {
        (sample, reference.removeprefix("azureml:")): by_alpha[alpha]
        for sample, by_alpha in table.items()
        for alpha, reference in models.items()
    }
