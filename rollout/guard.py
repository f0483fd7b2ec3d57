"""What the engine's hook asks before it updates an endpoint: is what is live what this stack applied?"""

from rollout.model import ObservedEndpoint, Step
from rollout.words import shares
from settings.refusal import Refusal


def guard_live(name: str, applied: Step, live: ObservedEndpoint) -> list[Refusal]:
    """R121 An update overwrites only what this stack applied: a split that somebody made by hand stays.

    Asked by the engine's hook before each update of an endpoint, in a preview too; `applied` is what was PUT last.

    Source: T11; design decision 6.
    Example:
        applied: {traffic: {blue: 50, green: 50}, mirror: {}}
        observed: {traffic: {blue: 100}}
    """
    pairs = (("traffic", applied.traffic, live.traffic), ("mirror", applied.mirror, live.mirror))
    cure = f"Adopt it: 'rollout adopt {name}'; or overwrite it on purpose: 'pulumi refresh', then 'pulumi up'."
    return [
        Refusal(
            "R121",
            f"endpoints.{name}.{key}",
            f"live: {shares(is_live)}; this stack applied {shares(was_applied)}. "
            "Someone shifted by hand, perhaps in an emergency",
            "what this stack applied",
            cure,
        )
        for key, was_applied, is_live in pairs
        if dict(was_applied) != dict(is_live)
    ]
