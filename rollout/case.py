"""What a rule looks at: one endpoint as the stack file wants it, beside the same endpoint as Azure shows it."""

from collections.abc import Mapping
from dataclasses import dataclass

from rollout.model import ObservedDeployment, ObservedEndpoint
from settings.deployment import Deployment
from settings.endpoint import Endpoint
from settings.stack import Stack
from settings.values import HIDDEN

READY = "Succeeded"
TERMINAL = frozenset({READY, "Failed", "Canceled"})
_BUILD = ("model", "environment", "code", "instance_type")
_KEYS = {"instance_type": "instanceType", "instance_count": "instanceCount"}
# Azure's own variables; it shows them beside those that were sent.
_AZURES = ("AML_", "AZUREML_")


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One endpoint to judge; `observed` is None where it is not there yet.

    `traffic` and `mirror` are the maps to judge: those of `wanted`, or those of a step of its plan.
    Two cases are equal if they are the same.
    """

    stack: Stack
    name: str
    wanted: Endpoint
    observed: ObservedEndpoint | None
    traffic: Mapping[str, int]
    mirror: Mapping[str, int]

    def at(self, *keys: str) -> str:
        """The path of a key of this endpoint in the stack file."""
        return ".".join(("endpoints", self.name, *keys))

    @property
    def serves(self) -> bool:
        """Whether users get answers from the endpoint now."""
        return self.observed is not None and self.observed.serves

    def live(self, deployment: str) -> int:
        """The deployment's share of live traffic now, in percent."""
        return self.observed.traffic.get(deployment, 0) if self.observed else 0

    def mirrored(self, deployment: str) -> int:
        """The deployment's share of the mirror now, in percent."""
        return self.observed.mirror.get(deployment, 0) if self.observed else 0

    def read(self, deployment: str) -> ObservedDeployment | None:
        """The deployment as Azure shows it, where it was read."""
        return self.observed.deployments.get(deployment) if self.observed else None

    def is_there(self, deployment: str) -> bool:
        """Whether Azure has the deployment: it was read, or it carries traffic (which names only what is there, T6)."""
        return bool(self.read(deployment) or self.live(deployment) or self.mirrored(deployment))

    def changes(self, deployment: str) -> list[str]:
        """The stack file's keys of the deployment that this step changes in Azure, as far as it was read."""
        old, new = self.read(deployment), self.wanted.deployments.get(deployment)
        return changed_keys(old, new) if old and new else []

    def opening(self) -> list[tuple[str, str]]:
        """(`traffic` or `mirror`, deployment) of all that newly get a share in this step."""
        traffic = [("traffic", name) for name in self.traffic if not self.live(name)]
        return traffic + [("mirror", name) for name in self.mirror if not self.mirrored(name)]


def changed_keys(old: ObservedDeployment, new: Deployment) -> list[str]:
    """The stack file's keys in which `new` differs from `old`.

    A field that the observation leaves out says nothing; a model or code that is None is a real absence only
    where the observation is complete, which tells an environment or variables. A count that belongs to the
    autoscaler is no change.
    """
    changed = ["scoringScript"] if new.code and old.scoring_script not in (None, new.scoring_script) else []
    if old.variables is not None and changed_variables(old.variables, new.variables):
        changed.append("variables")
    built = (new.model, new.environment, new.code, new.instance_type, new.fixed_count)
    if built == (old.model, old.environment, old.code, old.instance_type, old.instance_count):
        return changed
    is_complete = old.environment is not None or old.variables is not None
    differ = [key for key in _BUILD if _differs(getattr(old, key), getattr(new, key), key, is_complete)]
    if new.fixed_count is not None and old.instance_count not in (None, new.fixed_count):
        differ.append("instance_count")
    return [*(_KEYS.get(key, key) for key in differ), *changed]


def changed_variables(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The names of variables that are added, changed or taken away, sorted; Azure's own are no matter of the stack.

    Of one that is encrypted only the engine knows whether it changed.
    """
    gone = {key for key in old if key not in new and not key.startswith(_AZURES)}
    return sorted(gone | {key for key in new if key not in old or new[key] not in (old[key], HIDDEN)})


def _differs(old: str | None, new: str | None, key: str, is_complete: bool) -> bool:
    if old is None and not (is_complete and key in ("model", "code")):
        return False
    # Azure gives an instance type back in another casing than it was sent.
    return (old or "").lower() != (new or "").lower() if key == "instance_type" else old != new
