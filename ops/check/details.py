"""What `rollout check --json` says beside the verdict: what is live, what is wanted, the words, the versions."""

from collections.abc import Mapping
from typing import Any

from ops.check.verdict import Verdict
from rollout.assets import COLLECTIONS, path_of
from rollout.model import ObservedEndpoint, Split
from settings.endpoint import Endpoint


def as_dict(said: Verdict) -> dict[str, Any]:
    """The verdict, and for each endpoint `live`, `wanted`, `words` and `versions`.

    `live` is null for an endpoint that is not there, `words` where the step is refused; `versions` has for each
    deployment what is `live` (null: not there, or not read), what is `wanted`, and the model's `description` where it
    was read. Beside the endpoints `words` are all lines as they are printed, what changes first.
    """
    told = said.as_dict()
    words = {one.name: one.text for one in said.told}
    for name in told["endpoints"]:
        assert said.stack is not None
        seen, wanted = said.observed.get(name), said.stack.endpoints[name]
        told["endpoints"][name] |= {
            "live": {**_split(seen.split), "state": seen.state} if seen else None,
            "wanted": _split(Split(wanted.traffic, wanted.mirror)),
            "words": words.get(name),
            "versions": _versions(seen, wanted, said.assets),
        }
    told["words"] = [one.line for one in said.told]
    return told


def _split(split: Split) -> dict[str, Any]:
    return {"traffic": dict(split.traffic), "mirror": dict(split.mirror)}


def _versions(seen: ObservedEndpoint | None, wanted: Endpoint, assets: Mapping[str, str | None]) -> dict[str, Any]:
    live = seen.deployments if seen else {}
    found: dict[str, Any] = {}
    for name in sorted({*live, *wanted.deployments}):
        new = wanted.deployments.get(name)
        found[name] = {"live": _assets(live.get(name)), "wanted": _assets(new)}
        description = assets.get(path_of("model", new.model) or "") if new else None
        if description:
            found[name]["description"] = description
    return found


def _assets(of: object) -> dict[str, Any] | None:
    return {key: getattr(of, key) for key in COLLECTIONS} if of else None
