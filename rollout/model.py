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
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Split:
    """How an endpoint's requests are shared out: percent, lower case, without zeros."""

    traffic: Mapping[str, int] = field(default_factory=dict)
    mirror: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ObservedEndpoint:
    """An endpoint as Azure shows it; shares in percent, lower case, without zeros.

    `deployments` holds those that were read. One that newly gets traffic or a mirror is always read
    (`to_read`), so its absence means that it is not there; of the others absence says nothing.
    `auth`, `identity` and `kind` are in the stack file's words; `identities` are resource ids, `compute` is a name.
    `mark` is the endpoint's tag that says what this stack PUT last (`rollout.applied`); `applied` is that split,
    `overwrote` the split made by hand that it overwrote; `proven` as in AppliedEndpoint. None: not read, or nothing is
    known of it.
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
    id: str | None = None
    mark: str | None = None
    applied: Split | None = None
    overwrote: Split | None = None
    proven: tuple[str, ...] | None = None

    @property
    def split(self) -> Split:
        """How requests are shared out now."""
        return Split(self.traffic, self.mirror)

    @property
    def on_kubernetes(self) -> bool:
        """Whether it runs on a cluster; Azure writes K8S."""
        return str(self.kind).lower() in ("kubernetes", "k8s")

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

    @property
    def split(self) -> Split:
        """What is PUT."""
        return Split(self.traffic, self.mirror)


@dataclass(frozen=True, slots=True)
class AppliedEndpoint:
    """An endpoint as this stack's last whole `up` left it; `deployments` maps names to digests of their settings.

    A digest is None where none was kept; `values` are digests of the variables' values. `candidate` is the deployment
    that a rollout under way brings in; `proven` are those that carried traffic otherwise, as they are: to go back to
    one of them is no step of a plan. `settings` is the digest of the endpoint's own. `unmarked`: others made it, and
    this stack has not changed its split yet.
    """

    split: Split
    deployments: Mapping[str, str | None] = field(default_factory=dict)
    overwrote: Split | None = None
    candidate: str | None = None
    proven: tuple[str, ...] | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    settings: str | None = None
    unmarked: bool = False


@dataclass(frozen=True, slots=True)
class Applied:
    """What this stack's last whole `up` left, by its own outputs; a refresh changes none of it.

    `estate` maps paths of the stack file to what the estate was made with (`rollout.estate`); `pools` maps node pools
    to digests of their settings.
    """

    estate: Mapping[str, str] = field(default_factory=dict)
    endpoints: Mapping[str, AppliedEndpoint] = field(default_factory=dict)
    pools: Mapping[str, str] = field(default_factory=dict)
    subscription: str | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    """The step, or why there is none; advice warns and refuses nothing."""

    step: Step | None
    refusals: tuple[Refusal, ...] = ()
    advice: tuple[Refusal, ...] = ()
