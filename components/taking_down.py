"""Whether the engine is taking the stack down: then a stack file with a fault, or a shift by hand, must not stop it.

The engine does not tell a program what it runs for. So the command that started it is looked at, in the process table;
on a machine without one SAFE_ROLLOUT_TAKE_DOWN=1 says it. An `up` that is taken for a `destroy` does no harm: what
would be made or changed is refused then (`only_deletes`).
"""

import os

import pulumi

from components.command import TAKES_DOWN, engine_operation

_SWITCH = "SAFE_ROLLOUT_TAKE_DOWN"
DELETE_HOOKS = (REMOVAL, GROUND_REMOVAL, COMPUTE_REMOVAL) = (
    "refuse-removal",
    "refuse-ground-removal",
    "refuse-compute-removal",
)
"""The state remembers a delete hook by its name, and a run fails where the program has none of that name."""


def is_under_way() -> bool:
    """Whether `pulumi destroy --run-program` started this program."""
    if _SWITCH in os.environ:
        return os.environ[_SWITCH] not in ("", "0", "false")
    return engine_operation() in TAKES_DOWN


def only_deletes(takes_down: bool) -> None:
    """Raises pulumi.RunError in a run that was taken for a destroy: something is about to be made or changed."""
    if takes_down:
        raise pulumi.RunError(
            "this run was taken for 'pulumi destroy', in which no rule is asked, but it is about to make or change "
            f"something. Nothing was touched. Type: {_SWITCH}=0 pulumi up"
        )


def without_settings() -> pulumi.Inputs:
    """The program where the stack file can't be read: the delete hooks that the state may name, which let all go."""
    for name in DELETE_HOOKS:
        pulumi.ResourceHook(name, lambda _: None, pulumi.ResourceHookOptions(on_dry_run=True))
    return {}
