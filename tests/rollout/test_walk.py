"""Any sequence of stack files, walked through the rules against a model of Azure that is written apart from them."""

import os
from collections.abc import Mapping
from typing import Any, ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from rollout.decide import decide, to_read
from rollout.guard import guard_live
from rollout.model import ObservedDeployment, ObservedEndpoint, Step
from rollout.rules.changes import guard_deployment
from settings.load import from_config
from settings.stack import Stack
from tests.rollout.azure_model import Azure, Deployment, Endpoint, Spec

PAIRS = int(os.environ.get("SAFE_ROLLOUT_PAIRS", "5000"))
STEPS = 50
NAMES = ("blue", "gray", "green")
SHARES = (0, 0, 10, 50, 90, 100)

names = st.sampled_from(NAMES)
specs = st.builds(
    dict,
    model=st.sampled_from(["azureml:ridge:1", "azureml:ridge:1", "azureml:ridge:2"]),
    environment=st.just("azureml:scoring:1"),
    code=st.just("azureml:code:1"),
    instanceType=st.sampled_from(["Standard_DS3_v2", "Standard_DS3_v2", "Standard_DS3_v2", "Standard_DS4_v2"]),
    instanceCount=st.sampled_from([3, 3, 3, 3, 5, 50, 51, 0]),
)
SPEC = {
    "model": "azureml:ridge:1",
    "environment": "azureml:scoring:1",
    "code": "azureml:code:1",
    "instanceType": "Standard_DS3_v2",
    "instanceCount": 3,
}
wild_maps = st.dictionaries(names, st.sampled_from(SHARES), max_size=3)
mirrors = st.one_of(st.just({}), st.builds(lambda name, share: {name: share}, names, st.sampled_from([10, 50, 60])))
two_mirrors = st.builds(lambda two: dict.fromkeys(two[:2], 10), st.permutations(NAMES))


@st.composite
def whole_maps(draw: st.DrawFn) -> dict[str, int]:
    """A split of 100 percent between two deployments."""
    first, second = draw(st.permutations(NAMES))[:2]
    share = draw(st.sampled_from([0, 10, 50, 90, 100]))
    return {first: share, second: 100 - share}


class Walk(RuleBasedStateMachine):
    """A stack file that people edit at will, `up` after each edit, and an Azure that keeps count of its callers.

    An edit that is refused is taken back, as a person would: so most steps start from a stack that stands.
    """

    pairs: ClassVar[int] = 0
    accepted: ClassVar[int] = 0

    @initialize(
        kind=st.sampled_from(["managed", "managed", "managed", "kubernetes"]), is_live=st.sampled_from([1, 1, 0])
    )
    def begin(self, kind: str, is_live: int) -> None:
        """An empty workspace, or an endpoint that serves with one deployment and has a second one idle."""
        self.azure = Azure()
        self.wanted: dict[str, Any] = {"kind": kind, "deployments": {}, "traffic": {}, "mirror": {}}
        if kind == "kubernetes":
            self.wanted["compute"] = "aks-inference"
        self.applied: Step | None = None
        if is_live:
            assert self.edit(deployments={"blue": SPEC, "green": SPEC}, traffic={"blue": 100})
            assert self.up()

    @rule(name=names, spec=specs)
    def write_deployment(self, name: str, spec: dict[str, Any]) -> None:
        """Add a deployment, or change one."""
        self.edit(deployments={**self.wanted["deployments"], name: spec})

    @rule(name=names, count=st.sampled_from([1, 2, 3]), traffic=whole_maps(), shifts=st.booleans())
    def scale(self, name: str, count: int, traffic: dict[str, int], shifts: bool) -> None:
        """Change an instance count, alone or with a shift."""
        if name in self.wanted["deployments"]:
            scaled = {**self.wanted["deployments"][name], "instanceCount": count}
            shift = {"traffic": traffic, "mirror": {}} if shifts else {}
            self.edit(deployments={**self.wanted["deployments"], name: scaled}, **shift)

    @rule(name=names)
    def drop_deployment(self, name: str) -> None:
        """Take a deployment out of the stack file."""
        self.edit(deployments=self._without(name))

    @rule(name=names, traffic=whole_maps())
    def drop_and_shift(self, name: str, traffic: dict[str, int]) -> None:
        """Take a deployment out of the stack file and its traffic away at once."""
        self.edit(deployments=self._without(name), traffic=traffic, mirror={})

    @rule(name=names)
    def drop_mirrored(self, name: str) -> None:
        """Take a deployment and the mirror away at once."""
        self.edit(deployments=self._without(name), mirror={})

    @rule(name=names, spec=specs, traffic=whole_maps())
    def write_and_shift(self, name: str, spec: dict[str, Any], traffic: dict[str, int]) -> None:
        """Add or change a deployment and shift at once."""
        self.edit(deployments={**self.wanted["deployments"], name: spec}, traffic=traffic, mirror={})

    @rule(traffic=st.one_of(whole_maps(), whole_maps(), wild_maps))
    def shift(self, traffic: dict[str, int]) -> None:
        """Write any split."""
        self.edit(traffic=traffic)

    @rule(mirror=st.one_of(mirrors, mirrors, two_mirrors))
    def mirror(self, mirror: dict[str, int]) -> None:
        """Write any mirror."""
        self.edit(mirror=mirror)

    @rule(traffic=whole_maps(), mirror=mirrors)
    def shift_and_mirror(self, traffic: dict[str, int], mirror: dict[str, int]) -> None:
        """Write both at once."""
        self.edit(traffic=traffic, mirror=mirror)

    @rule(closed=st.booleans(), traffic=st.one_of(st.just({}), st.just({}), whole_maps()))
    def close(self, closed: bool, traffic: dict[str, int]) -> None:
        """Close the endpoint on purpose, or take that back."""
        self.edit(**({"closed": True, "traffic": traffic, "mirror": {}} if closed else {"closed": False}))

    @rule(
        auth=st.sampled_from(["key", "key", "aml_token"]), identity=st.sampled_from(["systemAssigned", "userAssigned"])
    )
    def change_who(self, auth: str, identity: str) -> None:
        """Another auth mode or identity."""
        ids = ["/subscriptions/s/identity"] if identity == "userAssigned" else []
        self.edit(auth=auth, identity={"type": identity, "ids": ids})

    @rule(name=names, state=st.sampled_from(["Succeeded", "Succeeded", "Failed", "Updating"]), traffic=whole_maps())
    def deployment_turns(self, name: str, state: str, traffic: dict[str, int]) -> None:
        """An operation on a deployment begins or ends, and somebody shifts."""
        if self.azure.endpoint and name in self.azure.endpoint.deployments:
            self.azure.endpoint.deployments[name].state = state
        self.edit(traffic=traffic, mirror={})

    @rule()
    def while_updating(self) -> None:
        """An `up` while an operation on the endpoint runs."""
        if self.azure.endpoint:
            self.azure.endpoint.state = "Updating"
            assert not self.up()
            self.azure.endpoint.state = "Succeeded"

    @rule(traffic=whole_maps())
    def shift_by_hand(self, traffic: dict[str, int]) -> None:
        """Somebody shifts in an emergency; the next `up` notices, whatever the stack file says."""
        endpoint = self.azure.endpoint
        canonical = {name: share for name, share in sorted(traffic.items()) if share}
        is_legal = endpoint and set(canonical) <= set(endpoint.deployments) and sum(canonical.values()) == 100
        if endpoint and self.applied and is_legal and not endpoint.mirror:
            endpoint.traffic = canonical
            differs = canonical != dict(self.applied.traffic)
            assert bool(guard_live("diabetes", self.applied, self.observed(NAMES))) == differs
            self.applied = Step(canonical, {})

    @rule()
    def mend(self) -> None:
        """Put the stack file back to what is live: that is always accepted where all is well."""
        endpoint = self.azure.endpoint
        if not endpoint:
            return
        self.wanted |= {
            "deployments": {name: _raw(deployment.spec) for name, deployment in endpoint.deployments.items()},
            "traffic": dict(endpoint.traffic),
            "mirror": dict(endpoint.mirror),
            "closed": False,
        }
        assert not endpoint.traffic or self.up()

    def edit(self, **changes: Any) -> bool:
        """Change keys of the stack file and run `up`; a refused change is taken back."""
        before = self.wanted
        self.wanted = before | changes
        accepted = self.up()
        if not accepted:
            self.wanted = before
        return accepted

    def _without(self, name: str) -> dict[str, Any]:
        return {key: of for key, of in self.wanted["deployments"].items() if key != name}

    def up(self) -> bool:
        """Decide with all that Azure shows, and again with what the engine reads; apply what is accepted."""
        stack = _stack(self.wanted)
        wanted = stack.endpoints["diabetes"]
        whole = self.observed(NAMES)
        decision = decide(stack, {"diabetes": whole} if whole else {})["diabetes"]
        read = self.observed(to_read(wanted, whole))
        by_engine = decide(stack, {"diabetes": read} if read else {})["diabetes"]
        type(self).pairs += 1
        guarded = by_engine.refusals or self._guarded(stack)
        assert bool(decision.refusals) == bool(guarded), (decision.refusals, guarded)
        if decision.step is None:
            return False
        assert decision.step == by_engine.step
        self._apply(stack, decision.step)
        type(self).accepted += 1
        return True

    def observed(self, read: Any) -> ObservedEndpoint | None:
        """What Azure shows, with the deployments in `read`."""
        endpoint = self.azure.endpoint
        if endpoint is None:
            return None
        return ObservedEndpoint(
            state=endpoint.state,
            auth=endpoint.auth,
            identity=endpoint.identity,
            traffic=endpoint.traffic,
            mirror=endpoint.mirror,
            deployments={name: _seen(of) for name, of in endpoint.deployments.items() if name in read},
        )

    def _guarded(self, stack: Stack) -> list[object]:
        """What the engine's hook on deployments refuses."""
        endpoint, wanted = self.azure.endpoint, stack.endpoints["diabetes"]
        return [
            refusal
            for name, deployment in (endpoint.deployments.items() if endpoint else ())
            if endpoint and name in wanted.deployments
            for refusal in guard_deployment(
                name,
                wanted.kind,
                _seen(deployment),
                wanted.deployments[name],
                live=endpoint.traffic.get(name, 0),
                share=wanted.traffic.get(name, 0),
            )
        ]

    def _apply(self, stack: Stack, step: Step) -> None:
        """As the engine does: the endpoint, then its deployments, then what is removed; callers watch all the way."""
        wanted = stack.endpoints["diabetes"]
        served = bool(self.azure.endpoint and self.azure.endpoint.traffic)
        self.azure.put_endpoint(wanted.kind, wanted.auth, wanted.identity.type, step.traffic, step.mirror)
        endpoint = self.azure.endpoint
        assert endpoint
        answers = endpoint.served()
        assert sum(answers.values()) == (100 if step.traffic else 0)
        assert step.traffic or not served or wanted.closed, "live traffic is lost"
        for name, deployment in sorted(wanted.deployments.items()):
            self.azure.put_deployment(name, _spec(deployment.model_dump()))
            assert endpoint.served() == answers, "a deployment's change reached callers"
        for name in sorted(set(endpoint.deployments) - set(wanted.deployments)):
            self.azure.delete_deployment(name)
            assert endpoint.served() == answers, "a removal reached callers"
        self.applied = step
        self._opens_next(stack, step, endpoint)

    def _opens_next(self, stack: Stack, step: Step, endpoint: Endpoint) -> None:
        """What was held back opens with the next `up`, where all deployments are well."""
        wanted = stack.endpoints["diabetes"]
        if step.held_back and all(of.state == "Succeeded" for of in endpoint.deployments.values()):
            observed = self.observed(NAMES)
            assert observed
            again = decide(stack, {"diabetes": observed})["diabetes"]
            assert again.step == Step(wanted.traffic, wanted.mirror)


def test_no_accepted_sequence_harms_callers() -> None:
    """No accepted step loses live traffic, names what is not there, or is refused by the model of Azure."""
    Walk.pairs = Walk.accepted = 0
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    examples = max(1, min(PAIRS, 20_000) // STEPS)
    walk = settings(
        max_examples=examples, stateful_step_count=STEPS, deadline=None, suppress_health_check=checks, database=None
    )
    while Walk.pairs < PAIRS:
        run_state_machine_as_test(Walk, settings=walk)  # type: ignore[no-untyped-call]
    assert Walk.accepted > Walk.pairs // 20


def _stack(endpoint: Mapping[str, Any]) -> Stack:
    return from_config(
        {
            "azure-native:location": "westeurope",
            "safe-rollout:workspace": {"name": "ws-dev", "resourceGroup": "rg-dev"},
            "safe-rollout:registry": {"name": "acrdev01"},
            "safe-rollout:endpoints": {"diabetes": endpoint},
        }
    )


def _spec(deployment: Mapping[str, Any]) -> Spec:
    return Spec(
        deployment["model"],
        deployment["environment"],
        deployment["code"],
        deployment["instance_type"],
        deployment["instance_count"],
    )


def _raw(spec: Spec) -> dict[str, Any]:
    return {
        "model": spec.model,
        "environment": spec.environment,
        "code": spec.code,
        "instanceType": spec.instance_type,
        "instanceCount": spec.count,
    }


def _seen(deployment: Deployment) -> ObservedDeployment:
    spec = deployment.spec
    return ObservedDeployment(deployment.state, spec.model, spec.environment, spec.code, spec.instance_type, spec.count)
