"""Sample requests to one deployment by its name: a smoke test, and whether old and new agree."""

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from ops.messages import UserError
from rollout.gates.verdict import Kind, Verdict, together
from settings.gates import Agreement, Sample

HEADER = "azureml-model-deployment"
USER_AGENT = "safe-rollout-smoke"
"""By it the traffic log's rows of these requests are left out of what is judged."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; `status` None: nothing, and `problem` says why. `by` is the deployment that the answer names."""

    status: int | None
    by: str = ""
    answer: Any = None
    problem: str = ""


Score = Callable[[str, bytes], Reply]
"""(deployment, body) -> reply."""


class Scorer:
    """Asks an endpoint for one deployment at a time."""

    def __init__(self, url: str, token: str) -> None:
        is_here = httpx2.URL(url).host in {"127.0.0.1", "localhost", "::1"}
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json", "user-agent": USER_AGENT}
        self._url = url
        self._client = httpx2.Client(headers=headers, timeout=90.0, trust_env=not is_here)

    def __call__(self, deployment: str, body: bytes) -> Reply:
        """Send one."""
        try:
            answer = self._client.post(self._url, content=body, headers={HEADER: deployment})
        except httpx2.HTTPError as error:
            return Reply(None, problem=f"{type(error).__name__}: {error}")
        return Reply(answer.status_code, answer.headers.get(HEADER, ""), _decoded(answer))


def bodies(samples: Sequence[Sample], root: Path) -> list[tuple[str, Sample, bytes]]:
    """Each with the name it is told by and what is sent. Raises UserError for a file that is none of JSON."""
    found = []
    for number, sample in enumerate(samples):
        if sample.file is None:
            found.append((f"request {number}", sample, json.dumps(sample.request).encode()))
            continue
        path = root / sample.file
        try:
            body = path.read_bytes()
            json.loads(body)
        except (OSError, ValueError) as error:
            cure = "Name a JSON file of the project, for example scoring/samples/one-patient.json."
            raise UserError("G003", sample.file, str(error), "a request as JSON", cure) from None
        found.append((sample.file, sample, body))
    return found


def smoke(score: Score, deployment: str, samples: Sequence[tuple[str, Sample, bytes]]) -> Verdict:
    """Each sample to the deployment; the first words that are wrong are told of each."""
    verdicts, shown = [], []
    for name, sample, body in samples:
        reply = score(deployment, body)
        verdict = _unfit(name, deployment, reply) or _answered(name, sample, reply)
        verdicts.append(verdict)
        shown.append({"sample": name, "status": reply.status, "verdict": verdict.kind, "answer": reply.answer})
    numbers = {"smoke": shown}
    said = together(verdicts)
    if said.kind == "pass":
        return Verdict("pass", f"{len(verdicts)} sample requests answered by {deployment}", numbers=numbers)
    return Verdict(said.kind, said.reason, said.missing, numbers)


def agree(score: Score, new: str, old: str, wanted: Agreement, samples: Sequence[tuple[str, Sample, bytes]]) -> Verdict:
    """The same samples to both; an old one that can't answer says nothing of the new one."""
    differing, shown = [], []
    for name, _, body in samples:
        replies = {deployment: score(deployment, body) for deployment in (old, new)}
        for deployment, reply in replies.items():
            if (unfit := _unfit(name, deployment, reply)) is not None:
                kind: Kind = "cancelled" if deployment == old and unfit.kind == "fail" else unfit.kind
                return Verdict(kind, unfit.reason, unfit.missing)
        same = alike(replies[old].answer, replies[new].answer, wanted.tolerance)
        differing += [] if same else [name]
        shown.append({"sample": name, old: replies[old].answer, new: replies[new].answer, "agree": same})
    numbers = {"agreement": shown}
    said = f"{len(differing)} of {len(shown)} answers of {new} differ from those of {old}, {wanted.differing} may"
    if len(differing) > wanted.differing:
        return Verdict("fail", f"{said}: {', '.join(differing)}", numbers=numbers)
    return Verdict("pass", said, numbers=numbers)


def alike(expected: Any, got: Any, tolerance: float) -> bool:
    """Whether two answers are the same, numbers within `tolerance`.

    >>> alike({"a": [1.0, "x"]}, {"a": [1.04, "x"]}, 0.05)
    True
    """
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, int | float) and isinstance(got, int | float):
        return math.isclose(expected, got, rel_tol=1e-9, abs_tol=tolerance)
    if isinstance(expected, Mapping) and isinstance(got, Mapping):
        return expected.keys() == got.keys() and all(alike(expected[key], got[key], tolerance) for key in expected)
    if isinstance(expected, list | tuple) and isinstance(got, list | tuple):
        return len(expected) == len(got) and all(map(alike, expected, got, [tolerance] * len(expected)))
    return bool(expected == got)


def _unfit(name: str, deployment: str, reply: Reply) -> Verdict | None:
    """Why an answer can't be looked at: it did not come, is none of the deployment's, or is no success."""
    if reply.status is None:
        return Verdict("error", f"{name}: no answer ({reply.problem})")
    if reply.status in {401, 403, 404, 413}:
        return Verdict("error", f"{name}: status {reply.status} before it got to {deployment}")
    if reply.status == 429:
        return Verdict("inconclusive", f"{name}: {deployment} has too many requests (429)", "a quieter moment")
    if reply.by.lower() != deployment.lower():
        return Verdict("error", f"{name}: asked {deployment}, answered by {reply.by or 'nobody that says so'}")
    if reply.status != 200:
        return Verdict("fail", f"{name}: {deployment} answers {reply.status}")
    return None


def _answered(name: str, sample: Sample, reply: Reply) -> Verdict:
    if sample.answer is None or alike(_plain(sample.answer), reply.answer, sample.tolerance):
        return Verdict("pass", f"{name}: as expected")
    return Verdict("fail", f"{name}: answered {_short(reply.answer)}, expected {_short(_plain(sample.answer))}")


def _plain(value: Any) -> Any:
    return json.loads(json.dumps(value))


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def _decoded(answer: httpx2.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return answer.text
