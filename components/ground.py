"""What all endpoints of a stack share."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi

from components.foundation import Foundation, Home
from components.guard import Guard
from components.identities import Identities


@dataclass(frozen=True, slots=True)
class Ground:
    """What all endpoints share; `before` is what must be there before them: grants, private access, computes.

    `action_group` and `logs` are ids: who hears alerts, and the Log Analytics workspace where others own it.
    """

    base: Foundation
    workspace: Home
    guard: Guard
    identities: Identities | None = None
    action_group: pulumi.Output[str] | None = None
    logs: pulumi.Output[str] | None = None
    before: tuple[pulumi.Resource, ...] = field(default=())
