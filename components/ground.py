"""What all endpoints of a stack share."""

from __future__ import annotations

from dataclasses import dataclass, field

import pulumi

from components.alerts import ActionGroup
from components.foundation import Foundation, Home
from components.guard import Guard
from components.identities import Identities


@dataclass(frozen=True, slots=True)
class Ground:
    """What all endpoints share; `before` is what must be there before them: grants, private access, computes."""

    base: Foundation
    workspace: Home
    guard: Guard
    identities: Identities | None = None
    group: ActionGroup | None = None
    before: tuple[pulumi.Resource, ...] = field(default=())
