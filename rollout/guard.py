"""What only the engine knows of an endpoint: is it there, and is what is live what this stack applied?"""

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


def guard_gone(name: str, live: ObservedEndpoint | None) -> list[Refusal]:
    """R122 An endpoint that the state holds is there in Azure, or the state is brought up to date first.

    Asked by the engine's hook before each update of an endpoint and before its keys are read, in a preview too.
    Somebody deleted the endpoint past the stack; its deployments went with it, and the state still holds them all.

    Source: T3; DELETE of an endpoint takes its deployments along.
    Example:
        observed: null
    """
    if live is not None:
        return []
    cure = "Take it out of the state: 'pulumi refresh'; the next 'pulumi up' makes it anew."
    return [Refusal("R122", f"endpoints.{name}", "in the stack's state, not in Azure", "an endpoint in both", cure)]


def guard_removed(name: str, live: ObservedEndpoint | None) -> list[Refusal]:
    """R123 An endpoint leaves the stack file only when it serves nobody any more.

    Asked by the engine's hook before an endpoint that the stack file no longer names is deleted, in a preview too. Its
    deletion takes its deployments along, whatever they carry. `pulumi destroy` takes all down on purpose and may.

    Source: T11; DELETE of an endpoint is accepted whatever it carries.
    Example:
        observed: {traffic: {blue: 100}}
    """
    if live is None or not any((*live.traffic.values(), *live.mirror.values())):
        return []
    carried = f"traffic {shares(live.traffic)}, mirror {shares(live.mirror)}"
    cure = "Put it back with 'closed: true' and without its traffic, run 'pulumi up', then remove it."
    return [Refusal("R123", f"endpoints.{name}", f"removed while it serves: {carried}", "closed first", cure)]
