"""What only the engine's hooks can ask: is it there, is it in the state, and is live what the step was decided on?"""

from collections.abc import Mapping

from rollout.model import ObservedEndpoint, Step
from rollout.words import serving_in_words, shares
from settings.refusal import Refusal


def guard_moved(name: str, judged: ObservedEndpoint | None, step: Step, live: ObservedEndpoint) -> list[Refusal]:
    """R124 What is live is still what the step was decided on, at the moment when it is PUT.

    Asked by the engine's hook before each update of an endpoint, in a preview too. One wrong read, or a shift by hand
    in the seconds between, must not take live traffic away: `judged` is what was read first (null: not there).

    Source: T3, T11; Azure's readers answer 404 for a while after a change (T13).
    Example:
        judged: null
        step: {traffic: {}, mirror: {}}
        observed: {traffic: {blue: 100}}
    """
    if live.split in (step.split, judged.split if judged else None):
        return []
    was = f"{shares(judged.traffic)}, mirror {shares(judged.mirror)}" if judged else "no such endpoint"
    got = f"live: {shares(live.traffic)}, mirror {shares(live.mirror)}; a moment ago Azure showed {was}"
    return [Refusal("R124", f"endpoints.{name}", got, "the same at both looks", "Run it again.")]


def guard_exists(key: str, path: str, is_there: bool, is_adopted: bool, is_held: bool = False) -> list[Refusal]:
    """R125 What Azure has and the stack's state does not is taken over, or has another name: it is not made again.

    Asked by the engine's hook before each creation, in a preview too. It was made by hand, by another stack, or by a
    run of this one that was killed. `is_held`: the state has it too, so `--replace` asks for a second one.

    Source: azure-native creates nothing that exists (pulumi/pulumi-azure-native#1123).
    Example:
        key: endpoints.diabetes.blue
        path: endpoints.diabetes.deployments.blue
        exists: true
        adopted: false
    """
    if is_there and is_held:
        cure = (
            "Leave --replace out. What is to be made anew leaves the stack file in one 'pulumi up', if the rules "
            "allow it, and comes back in the next."
        )
        return [Refusal("R125", path, "about to be made a second time, beside itself", "one of its name", cure)]
    if is_there and not is_adopted:
        cure = f"Take it over: write adopt: [{key}], run 'pulumi up', then remove the key. Or choose another name."
        return [Refusal("R125", path, "in Azure, not in the stack's state", "a name that is free", cure)]
    return []


def guard_count(path: str, sent: int | None, live: int | None) -> list[Refusal]:
    """R126 Where a scaler has the count, an update sends the count that runs.

    Asked by the engine's hook before each update of an autoscaled deployment or node pool, in a preview too.

    Source: limits, autoscale; a PUT carries the whole body (azure-native's Update), so an old count would scale back.
    Example:
        path: endpoints.diabetes.deployments.blue
        sent: 3
        live: 8
    """
    if sent is None or live is None or sent == live:
        return []
    cure = "Run it again. If that is not enough, edit a tag of it in the stack file: then the live count is sent."
    return [Refusal("R126", path, f"an update that sends {sent} instances while {live} run", f"{live}", cure)]


def guard_gone(name: str, live: object | None, deployment: str | None = None) -> list[Refusal]:
    """R122 An endpoint or a deployment that the state holds is there in Azure, or the state is repaired first.

    Asked by the program where Azure denies what this stack applied, at three looks within some seconds, and by the
    engine's hook before each update. Somebody deleted it past the stack; an endpoint's deployments went with it, and
    the state still holds them all.

    Source: T3; DELETE of an endpoint takes its deployments along.
    Example:
        observed: null
    """
    if live is not None:
        return []
    cure = "Take it out of the state: 'pulumi refresh'; the next 'pulumi up' makes it again."
    path = f"endpoints.{name}" + (f".deployments.{deployment}" if deployment else "")
    what = "a deployment" if deployment else "an endpoint"
    return [Refusal("R122", path, "in the stack's state, not in Azure", f"{what} in both", cure)]


def guard_subscription(before: str | None, now: str | None) -> list[Refusal]:
    """R068 A stack stays in the subscription in which it was applied.

    Asked by the program and by `rollout check` before anything else is read. Of another subscription Azure denies all
    that the state holds, and what is new would be made there, beside the rest.

    Source: azure-native makes ids of its own configuration, and updates what it has made by the ids in the state.
    Example:
        before: 11111111-1111-1111-1111-111111111111
        now: 22222222-2222-2222-2222-222222222222
    """
    if not before or not now or before.lower() == now.lower():
        return []
    cure = (
        f"Go back to it: pulumi config set azure-native:subscriptionId {before} (else ARM_SUBSCRIPTION_ID counts, else "
        "'az account set'). For another subscription make a second stack ('pulumi stack init')."
    )
    return [Refusal("R068", "azure-native:subscriptionId", now, f"{before}, where the stack was applied", cure)]


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


def guard_replaced(name: str, deployment: str | None, live: ObservedEndpoint | None) -> list[Refusal]:
    """R128 An endpoint or a deployment that serves is not replaced, and a deployment that serves is not removed.

    Asked by the engine's hook before each delete, of which a replacement is one, in a preview too.

    Source: T7; azure-native deletes first what it replaces.
    Example:
        deployment: blue
        observed: {traffic: {blue: 100}}
    """
    if live is None:
        return []
    carried = {**live.traffic, **{key: share for key, share in live.mirror.items() if key not in live.traffic}}
    if deployment is None:
        path, serving = f"endpoints.{name}", shares(carried) if carried else ""
    else:
        path, share = f"endpoints.{name}.deployments.{deployment}", carried.get(deployment.lower())
        serving = f"{share} percent" if share else ""
    if not serving:
        return []
    cure = "Put back what was edited; or make a new one beside it, shift the traffic, then remove this one."
    return [Refusal("R128", path, f"would be deleted while it serves: {serving}", "what serves to stay", cure)]


def guard_standing(type_: str, name: str, for_kubernetes: bool, live: Mapping[str, ObservedEndpoint]) -> list[Refusal]:
    """R127 No resource that serving stands on is deleted or replaced, whatever names the stack file has.

    Asked by the engine's hook before each delete, of which a replacement is one, in a preview too. `live` are the
    endpoints of this stack. `pulumi destroy` takes all down on purpose and may.

    Source: azure-native deletes first what it replaces; DELETE of a workspace, a group or a cluster takes all along.
    Example:
        type: azure-native:containerservice:ManagedCluster
        name: cluster
        for_kubernetes: true
        live: {diabetes: {kind: kubernetes, traffic: {blue: 100}}}
    """
    serving = serving_in_words(live, for_kubernetes=for_kubernetes)
    if not serving:
        return []
    what = f"{type_.removeprefix('azure-native:')} {name}"
    got = f"{what} would be deleted while it serves {', '.join(serving)}"
    cure = (
        "Put back what was edited. For another one make a second stack ('pulumi stack init'), move the callers there, "
        "then close the endpoints here."
    )
    path = "inferenceCluster" if for_kubernetes else "workspace"
    return [Refusal("R127", path, got, "what serving stands on to stay", cure)]
