"""People who edit a stack file at will, `up` after each edit, and an Azure that keeps count of its callers."""

from collections.abc import Iterable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from rollout.applied import digest
from rollout.decide import decide, to_read
from rollout.model import AppliedEndpoint, ObservedEndpoint, Step
from rollout.rules.changes import Moves, guard_deployment
from settings.load import from_config
from settings.refusal import Refusal
from settings.stack import Stack
from tests.rollout.azure_model import Azure, No
from tests.rollout.edits import (
    CONFIG,
    NAMES,
    ODD_NAMES,
    SPEC,
    any_map,
    changes,
    mirrors,
    names,
    raw_of,
    seen,
    spec_of,
    whole_maps,
)


class Walk(RuleBasedStateMachine):
    """A stack file, what is applied of it, and the model of Azure. A refused edit is taken back, as a person would."""

    identity = "/subscriptions/s/identity"
    pairs: ClassVar[int] = 0
    accepted: ClassVar[int] = 0

    @initialize(
        kind=st.sampled_from(["managed", "managed", "kubernetes"]),
        auth=st.sampled_from(["key", "key", "aad_token"]),
        count=st.sampled_from([0, 2, 3, 3]),
    )
    def begin(self, kind: str, auth: str, count: int) -> None:
        """An empty workspace, or an endpoint that serves with one deployment and has others idle."""
        self.azure = Azure()
        self.wanted: dict[str, Any] = {"kind": kind, "deployments": {}, "traffic": {}, "mirror": {}}
        if kind == "kubernetes":
            self.wanted["compute"] = "aks-inference"
        self.applied: Step | None = None
        self.kept: AppliedEndpoint | None = None
        if count:
            deployments = dict.fromkeys(NAMES[:count], SPEC)
            is_made = self.edit(auth=auth, deployments=deployments, traffic={"blue": 100})
            assert is_made or self.edit(deployments=deployments, traffic={"blue": 100})
            assert self.up()

    @rule(name=names, change=changes, shift=st.none() | whole_maps(), mirror=mirrors)
    def change(self, name: str, change: dict[str, Any], shift: dict[str, int] | None, mirror: dict[str, int]) -> None:
        """Add or change a deployment, alone or with a shift."""
        known = self.wanted["deployments"]
        shifted = {} if shift is None else {"traffic": shift, "mirror": mirror}
        self.edit(deployments={**known, name: {**known.get(name, SPEC), **change}}, **shifted)

    @rule(name=names, change=changes)
    def change_and_mirror(self, name: str, change: dict[str, Any]) -> None:
        """Change a deployment and mirror to it."""
        known = self.wanted["deployments"]
        self.edit(deployments={**known, name: {**known.get(name, SPEC), **change}}, mirror={name: 10})

    @rule(change=changes, share=st.sampled_from([0, 10, 50, 90, 100]))
    def change_what_is_live(self, change: dict[str, Any], share: int) -> None:
        """Change a deployment that serves, and its share."""
        live = [name for name in self.wanted["traffic"] if name in self.wanted["deployments"]]
        if live:
            known, others = self.wanted["deployments"], [name for name in NAMES if name != live[0]]
            shift = {live[0]: share, others[0]: 100 - share}
            self.edit(deployments={**known, live[0]: {**known[live[0]], **change}}, traffic=shift, mirror={})

    @rule(name=names)
    def add(self, name: str) -> None:
        """Add a deployment as it usually is, or put it back to that."""
        self.edit(deployments={**self.wanted["deployments"], name: SPEC})

    @rule(name=st.sampled_from(ODD_NAMES))
    def name_oddly(self, name: str) -> None:
        """A name that Azure does not take."""
        self.edit(deployments={**self.wanted["deployments"], name: SPEC})

    @rule()
    def add_many(self) -> None:
        """More deployments than an endpoint holds."""
        self.edit(deployments={**self.wanted["deployments"], **{f"many-{number}": SPEC for number in range(21)}})

    @rule(name=names)
    def retype(self, name: str) -> None:
        """Another instance type, for what is there."""
        known = self.wanted["deployments"]
        if name in known:
            types = {"Standard_DS3_v2": "Standard_DS4_v2", "Standard_DS4_v2": "Standard_DS3_v2"}
            changed = {**known[name], "instanceType": types[known[name]["instanceType"]]}
            self.edit(deployments={**known, name: changed})

    @rule(share=st.sampled_from([0, 50, 90]), state=st.sampled_from(["Failed", "Updating"]))
    def lead_to_unwell(self, share: int, state: str) -> None:
        """The deployment with the smallest live share fails, or is busy; somebody gives it more."""
        live = sorted(self.wanted["traffic"], key=lambda name: self.wanted["traffic"][name])
        if len(live) > 1 and self.azure.endpoint and live[0] in self.azure.endpoint.deployments:
            self.turn(state, live[0])
            self.edit(traffic={live[0]: 100 - share, live[1]: share}, mirror={})

    @rule(which=st.integers(0, 1), to=names)
    def drop_what_is_live(self, which: int, to: str) -> None:
        """Take a live deployment out of the stack file, and its traffic to another one at once."""
        live = sorted(self.wanted["traffic"])[which : which + 1]
        kept = {key: of for key, of in self.wanted["deployments"].items() if key not in live}
        others = [name for name in (to, *kept) if name in kept]
        if live and others:
            self.edit(deployments=kept, traffic={others[0]: 100}, mirror={})

    @rule(name=names, drops=st.booleans())
    def after_a_mirror(self, name: str, drops: bool) -> None:
        """Mirror to a deployment, then take it out of the stack file with its mirror, or give it all traffic beside."""
        if self.edit(mirror={name: 10}):
            kept = {key: of for key, of in self.wanted["deployments"].items() if key != name}
            self.edit(**({"deployments": kept, "mirror": {}} if drops else {"traffic": {name: 100}}))

    @rule(which=st.integers(0, 1), count=st.sampled_from([4, 5, 6]), period=st.sampled_from([None, 20, 30]))
    def grow_and_change(self, which: int, count: int, period: int | None) -> None:
        """Give one of two live deployments more, and change its instance count or its probe in the same step."""
        live = sorted(self.wanted["traffic"])
        if len(live) > 1 and live[which] in self.wanted["deployments"]:
            change = {"liveness": {"period": period}} if period else {"instanceCount": count}
            changed = {**self.wanted["deployments"][live[which]], **change}
            shift = {live[which]: 95, live[1 - which]: 5}
            self.edit(deployments={**self.wanted["deployments"], live[which]: changed}, traffic=shift, mirror={})

    @rule(name=names, count=st.sampled_from([2, 4, 5]))
    def scale_while_busy(self, name: str, count: int) -> None:
        """Change an instance count while an operation on the deployment runs."""
        if self.azure.endpoint and name in self.azure.endpoint.deployments and name in self.wanted["deployments"]:
            self.turn("Updating", name)
            changed = {**self.wanted["deployments"][name], "instanceCount": count}
            self.edit(deployments={**self.wanted["deployments"], name: changed})
            self.turn("Succeeded", name)

    @rule(name=names, shift=st.none() | whole_maps(), ends_mirror=st.booleans())
    def drop(self, name: str, shift: dict[str, int] | None, ends_mirror: bool) -> None:
        """Take a deployment out of the stack file, alone, or with its traffic or the mirror at once."""
        kept = {key: of for key, of in self.wanted["deployments"].items() if key != name}
        moved = {} if shift is None else {"traffic": shift}
        self.edit(deployments=kept, **moved, **({"mirror": {}} if ends_mirror else {}))

    @rule(traffic=st.one_of(whole_maps(), whole_maps(), any_map), mirror=st.none() | mirrors)
    def shift(self, traffic: dict[str, int], mirror: dict[str, int] | None) -> None:
        """Write any split, alone or with a mirror."""
        self.edit(traffic=traffic, **({} if mirror is None else {"mirror": mirror}))

    @rule(share=st.sampled_from([10, 50, 60]), many=st.sampled_from([1, 2]), is_live=st.sampled_from([0, 0, 1]))
    def mirror(self, share: int, many: int, is_live: int) -> None:
        """Mirror to what has no traffic, or to what has."""
        live = sorted(self.wanted["traffic"])
        idle = [name for name in sorted(self.wanted["deployments"]) if name not in live]
        self.edit(mirror=dict.fromkeys((live if is_live else idle)[:many], share))

    @rule(first=st.sampled_from([50, 100]), second=st.sampled_from([10, 60]))
    def miscount(self, first: int, second: int) -> None:
        """Two shares of deployments that are there, and no sum of 100."""
        names = sorted(self.wanted["deployments"])[:2]
        self.edit(traffic=dict(zip(names, (first, second), strict=False)), mirror={})

    @rule(closed=st.booleans(), traffic=st.one_of(st.just({}), st.just({}), whole_maps()))
    def close(self, closed: bool, traffic: dict[str, int]) -> None:
        """Close the endpoint on purpose, or take that back."""
        self.edit(**({"closed": True, "traffic": traffic, "mirror": {}} if closed else {"closed": False}))

    @rule(who=st.sampled_from([{"auth": "aml_token"}, {"identity": "userAssigned"}, {"kind": "managed"}]))
    def change_who(self, who: dict[str, str]) -> None:
        """Another auth mode, identity or kind."""
        if who.get("identity"):
            self.edit(identity={"type": "userAssigned", "ids": [self.identity]})
        elif who.get("kind") and self.wanted["kind"] == "managed":
            self.edit(kind="kubernetes", compute="aks-inference")
        elif who.get("kind"):
            self.edit(kind="managed", compute=None)
        else:
            self.edit(**who)

    @rule(name=names, state=st.sampled_from(["Succeeded", "Succeeded", "Failed", "Updating"]), traffic=whole_maps())
    def deployment_turns(self, name: str, state: str, traffic: dict[str, int]) -> None:
        """An operation on a deployment begins or ends, and somebody shifts."""
        if self.azure.endpoint and name in self.azure.endpoint.deployments:
            self.turn(state, name)
        self.edit(traffic=traffic, mirror={})

    @rule()
    def while_updating(self) -> None:
        """An `up` while an operation on the endpoint runs."""
        if self.azure.endpoint:
            self.turn("Updating")
            assert not self.up()
            self.turn("Succeeded")

    @rule(traffic=whole_maps())
    def shift_by_hand(self, traffic: dict[str, int]) -> None:
        """Somebody shifts in an emergency; the next `up` notices, whatever the stack file says."""
        endpoint = self.azure.endpoint
        canonical = {name: share for name, share in sorted(traffic.items()) if share}
        is_legal = endpoint and set(canonical) <= set(endpoint.deployments) and sum(canonical.values()) == 100
        if endpoint and self.applied and is_legal and not endpoint.mirror:
            self.put_by_hand(canonical)
            wanted = from_config(self.config()).endpoints["diabetes"]
            differs = canonical not in (dict(self.applied.traffic), wanted.traffic) or (
                wanted.mirror and canonical != dict(self.applied.traffic)
            )
            live = self.observed(())
            assert live
            decision = decide(from_config(self.config()), {"diabetes": live})["diabetes"]
            assert ("R121" in {refusal.code for refusal in decision.refusals}) == bool(differs)
            self.applied = Step(canonical, {})  # adopted

    @rule()
    def mend(self) -> None:
        """Put the stack file back to what is live: that is always accepted where all is well."""
        endpoint = self.azure.endpoint
        if endpoint:
            self.wanted |= {
                "deployments": {name: raw_of(deployment.spec) for name, deployment in endpoint.deployments.items()},
                "traffic": dict(endpoint.traffic),
                "mirror": dict(endpoint.mirror),
                "closed": False,
            }
            assert not endpoint.traffic or self.up()

    def edit(self, **changed: Any) -> bool:
        """Change keys of the stack file and run `up`; a refused change is taken back."""
        before = self.wanted
        self.wanted = before | changed
        accepted = self.up()
        if not accepted:
            self.wanted = before
        return accepted

    def up(self) -> bool:
        """Decide with all that Azure shows, and again with what the engine reads; apply what both accept."""
        stack = from_config(self.config())
        whole = self.observed()
        decision = decide(stack, {"diabetes": whole} if whole else {})["diabetes"]
        read = self.observed(to_read(stack, "diabetes", whole, self.kept) if whole else ())
        by_engine = decide(stack, {"diabetes": read} if read else {})["diabetes"]
        type(self).pairs += 1
        guarded = by_engine.refusals or self._guarded(stack, by_engine.step)
        # What is removed while it is busy is not read by the engine, and does no harm: Azure answers 409.
        assert guarded or {one.code for one in decision.refusals} <= {"R045"}, decision.refusals
        if guarded or decision.step is None:
            return False
        assert decision.step == by_engine.step
        self.apply(stack, decision.step)
        self._opens_next(stack, decision.step)
        type(self).accepted += 1
        return True

    def config(self) -> dict[str, Any]:
        """The stack file's `config` now."""
        return {**CONFIG, "safe-rollout:endpoints": {"diabetes": self.wanted}}

    def observed(self, read: Iterable[str] | None = None) -> ObservedEndpoint | None:
        """What Azure shows, with the deployments in `read`, or with all."""
        endpoint = self.azure.endpoint
        if endpoint is None:
            return None
        asked = endpoint.deployments if read is None else read
        return ObservedEndpoint(
            state=endpoint.state,
            auth=endpoint.auth,
            identity=endpoint.identity,
            traffic=endpoint.traffic,
            mirror=endpoint.mirror,
            deployments={name: seen(endpoint.deployments[name]) for name in asked if name in endpoint.deployments},
            kind=endpoint.kind,
            applied=self.applied.split if self.applied else None,
        )

    def turn(self, state: str, deployment: str | None = None) -> None:
        """The endpoint, or a deployment of it, comes into a state."""
        assert self.azure.endpoint
        turned = self.azure.endpoint.deployments[deployment] if deployment else self.azure.endpoint
        turned.state = state

    def put_by_hand(self, traffic: dict[str, int]) -> None:
        """A PUT of the endpoint that this stack knows nothing of."""
        assert self.azure.endpoint
        self.azure.endpoint.traffic = traffic

    def apply(self, stack: Stack, step: Step) -> None:
        """As the engine does: the endpoint, then its deployments, then what is removed; callers watch all the way."""
        wanted = stack.endpoints["diabetes"]
        self.azure.settle()
        served = bool(self.azure.endpoint and self.azure.endpoint.traffic)
        self.azure.put_endpoint(wanted.kind, wanted.auth, wanted.identity.type, step.traffic, step.mirror)
        endpoint = self.azure.endpoint
        assert endpoint
        answers = endpoint.served()
        _demand(sum(answers[-1].values()) == (100 if step.traffic else 0), "some callers get no answer")
        _demand(bool(step.traffic) or not served or wanted.closed, "live traffic is lost")
        _demand(not wanted.closed or not (step.traffic or step.mirror), "what is said to be closed is served")
        for name in sorted(wanted.deployments):
            self.azure.put_deployment(name, spec_of({**SPEC, **self.wanted["deployments"][name]}))
            _demand(endpoint.served() == answers, "a deployment's change reached callers")
        for name in sorted(set(endpoint.deployments) - set(wanted.deployments)):
            self.azure.delete_deployment(name)
            _demand(endpoint.served() == answers, "a removal reached callers")
        self.applied = step
        digests = {name: digest(wanted.kind, deployment) for name, deployment in wanted.deployments.items()}
        self.kept = AppliedEndpoint(step.split, digests)

    def _guarded(self, stack: Stack, step: Step | None) -> list[Refusal]:
        """What the engine's hook on deployments refuses; it is asked about those that change."""
        endpoint, wanted = self.azure.endpoint, stack.endpoints["diabetes"]
        if endpoint is None or step is None:
            return []
        found: list[Refusal] = []
        for name, deployment in endpoint.deployments.items():
            raw = self.wanted["deployments"].get(name)
            if raw and spec_of(raw) != deployment.spec:
                maps = (endpoint.traffic, step.traffic, endpoint.mirror, step.mirror)
                moves = Moves(*(of.get(name, 0) for of in maps))
                old, new = seen(deployment), wanted.deployments[name]
                found += guard_deployment(name, wanted.kind, old, new, moves, deployment.state)
        return found

    def _opens_next(self, stack: Stack, step: Step) -> None:
        """What was held back opens with the next `up`, where all deployments are well."""
        wanted, observed = stack.endpoints["diabetes"], self.observed()
        if step.held_back and observed and all(of.state == "Succeeded" for of in observed.deployments.values()):
            again = decide(stack, {"diabetes": observed})["diabetes"]
            _demand(again.step == Step(wanted.traffic, wanted.mirror), "what is held back never opens")


def _demand(holds: bool, otherwise: str) -> None:
    if not holds:
        raise No(otherwise)
