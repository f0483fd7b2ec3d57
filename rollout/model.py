"""The values that the rules work on: what is observed, and what is decided."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from settings.refusal import Refusal


@dataclass(frozen=True, slots=True)
class ObservedDeployment:
    """A deployment as Azure shows it; assets as references (`azureml:NAME:VERSION`), None where there is none.

    `scoring_script`, `variables` and `egress` (enabled or disabled) are None where they were not read.
    """

    state: str = "Succeeded"
    model: str | None = None
    environment: str | None = None
    code: str | None = None
    instance_type: str | None = None
    instance_count: int | None = None
    scoring_script: str | None = None
    variables: Mapping[str, str] | None = None
    egress: str | None = None


@dataclass(frozen=True, slots=True)
class ObservedEndpoint:
    """An endpoint as Azure shows it; shares in percent, lower case, without zeros.

    `deployments` holds those that were read. One that newly gets traffic or a mirror is always read
    (`to_read`), so its absence means that it is not there; of the others absence says nothing.
    `auth`, `identity` and `kind` are in the stack file's words; `identities` are resource ids, `compute` is a name.
    None: not read.
    """

    state: str = "Succeeded"
    auth: str | None = None
    identity: str | None = None
    traffic: Mapping[str, int] = field(default_factory=dict)
    mirror: Mapping[str, int] = field(default_factory=dict)
    deployments: Mapping[str, ObservedDeployment] = field(default_factory=dict)
    kind: str | None = None
    compute: str | None = None
    location: str | None = None
    identities: tuple[str, ...] | None = None

    @property
    def serves(self) -> bool:
        """Whether any deployment gets live traffic."""
        return any(self.traffic.values())


@dataclass(frozen=True, slots=True)
class Step:
    """What is PUT on the endpoint in this `up`: canonical maps; `held_back…` is what opens with the next."""

    traffic: Mapping[str, int]
    mirror: Mapping[str, int]
    held_back: Mapping[str, int] = field(default_factory=dict)
    held_back_mirror: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Decision:
    """The step, or why there is none; advice warns and refuses nothing."""

    step: Step | None
    refusals: tuple[Refusal, ...] = ()
    advice: tuple[Refusal, ...] = ()
