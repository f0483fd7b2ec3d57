"""What must hold after each step of the rehearsal. A check returns what does not; it reads, and changes nothing."""

from collections.abc import Mapping

from ops.local.view import Counts
from ops.rehearsal.answers import is_share
from ops.rehearsal.scene import Scene

ROUNDS = 8
"""How often each sample is scored where the answers of a share of 100 percent are looked at."""

BAD_INPUT = b'{"data": [[1, 2, 3]]}'


def held_back(scene: Scene) -> list[str]:
    """The endpoint is there, its traffic waits, and its scoring URI answers 404 (no deployment has weight)."""
    endpoint = scene.look()
    return [
        *_same("held back", endpoint.get("heldBack"), {scene.first: 100}),
        *_same("traffic", endpoint.get("traffic"), {}),
        *scene.refused(404, "scored while held back", _any_sample(scene), scene.key),
    ]


def opened(scene: Scene) -> list[str]:
    """The first one has all traffic, nothing is held back, and the answers are its model's."""
    endpoint = scene.look()
    return [
        *_same("held back", endpoint.get("heldBack"), {}),
        *_same("traffic", endpoint.get("traffic"), {scene.first: 100}),
        *scene.ask(),
    ]


def scored(scene: Scene) -> list[str]:
    """Samples get their expected answers, also by name; no key and a wrong key 401, no such name 404."""
    sample = _any_sample(scene)
    return [
        *scene.ask(),
        *scene.ask(named=scene.first),
        *scene.refused(401, "without a key", sample, None),
        *scene.refused(401, "with a wrong key", sample, f"{scene.key}x"),
        *scene.refused(404, "an unknown deployment by name", sample, scene.key, "no-such-name"),
    ]


def sample_scored(scene: Scene) -> list[str]:
    """The same of the sample's model. Bad input is refused with what is wrong with it.

    The script answers 400, of which the endpoint makes 424 (failed dependency), as Azure does with every answer of a
    container that is not 200.
    """
    return [*scored(scene), *scene.refused(424, "bad input", BAD_INPUT, scene.key, told="data[0]")]


def unnamed(scene: Scene) -> list[str]:
    """Requests that name no deployment get the answers of the one with all traffic."""
    return scene.ask(ROUNDS)


def by_name_alone(scene: Scene) -> list[str]:
    """The candidate answers to its name with its own model, and nobody else gets these requests."""
    before = scene.counts()
    problems = scene.ask(ROUNDS, named=scene.candidate)
    sent = ROUNDS * len(scene.samples)
    after = since(before, scene.counts())
    live = {name: of["live"] for name, of in after.items() if of["live"]}
    return [*problems, *_same("requests at the deployments", live, {scene.candidate: sent})]


def mirrored(scene: Scene, percent: int = 10) -> list[str]:
    """The candidate gets copies of this share of the first one's requests, and gives no answer."""
    name = scene.candidate
    copies, live = _of(scene.seen, name, "mirrored"), _of(scene.seen, scene.first, "live")
    problems = _same(f"live requests at {name}", _of(scene.seen, name, "live"), 0)
    if copies == 0 or not is_share(copies, live, percent):
        problems.append(f"mirrored: {copies} of {live} requests, expected about {percent} percent")
    return problems


def not_mirrored(scene: Scene) -> list[str]:
    """The candidate gets no copies any more."""
    return _same(f"mirrored requests at {scene.candidate}", _of(scene.seen, scene.candidate, "mirrored"), 0)


def gone_by_name(scene: Scene) -> list[str]:
    """The first one no longer answers to its name."""
    return scene.refused(404, f"{scene.first} by name", _any_sample(scene), scene.key, scene.first)


def nothing_left(scene: Scene) -> list[str]:
    """The local Azure holds no resource group and runs no scoring process."""
    return [
        *_same("resource groups", scene.local.resource_groups(), []),
        *_same("scoring processes", scene.local.scoring_processes(), []),
    ]


def since(before: Counts, after: Counts) -> dict[str, dict[str, int]]:
    """How far the counts have gone on; a deployment that was not counted before began at 0."""
    start: Mapping[str, int] = {"live": 0, "mirrored": 0}
    return {
        name: {kind: of[kind] - before.get(name, start)[kind] for kind in ("live", "mirrored")}
        for name, of in after.items()
    }


def _of(seen: Counts, deployment: str, kind: str) -> int:
    return seen.get(deployment, {}).get(kind, 0)


def _any_sample(scene: Scene) -> bytes:
    return next(iter(scene.samples.values()))


def _same(what: str, got: object, wanted: object) -> list[str]:
    return [] if got == wanted else [f"{what}: {got}, expected {wanted}"]
