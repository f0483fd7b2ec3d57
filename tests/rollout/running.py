"""How a walk is run."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.rollout.walk import Walk

STEPS = 30


def walk(machine: type[Walk], pairs: int, *, shrinks: bool = True) -> None:
    """Walk until so many pairs were decided; raises what the first harm raises, made small if it `shrinks`."""
    how = settings(
        max_examples=max(1, min(pairs, 20_000) // STEPS),
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        database=None,
        phases=(Phase.generate, Phase.shrink) if shrinks else (Phase.generate,),
    )
    machine.pairs = machine.accepted = 0
    while machine.pairs < pairs:
        run_state_machine_as_test(machine, settings=how)  # type: ignore[no-untyped-call]
