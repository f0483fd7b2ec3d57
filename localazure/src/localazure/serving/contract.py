"""What the ARM side asks of the serving side, and what it gets back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

AuthMode = Literal["Key", "AMLToken", "AADToken"]


class ServingError(Exception):
    """A deployment could not be brought up; `log` is what the service would show of its container (text)."""

    def __init__(self, message: str, log: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.log = log


class CondaError(ServingError):
    """A conda file that can't be built. `modelled`: false where Azure could, and only the local Azure can't."""

    def __init__(self, message: str, *, modelled: bool = True) -> None:
        super().__init__(message)
        self.modelled = modelled


@dataclass(frozen=True, slots=True)
class Probe:
    """When an instance counts as failed: times in seconds, thresholds in answers in a row. Defaults: the service's."""

    initial_delay: float = 10
    period: float = 10
    timeout: float = 2
    success_threshold: int = 1
    failure_threshold: int = 30

    @property
    def within(self) -> float:
        """Seconds from a start until one that never answers counts as failed."""
        return self.initial_delay + self.failure_threshold * self.period


@dataclass(frozen=True, slots=True)
class DeploymentPlan:
    """One deployment as it is to run: `instances` processes of one code, model and environment.

    Folders are local copies of the registered assets. `request_timeout_ms` in milliseconds; `max_concurrent` requests
    per instance. An instance whose `liveness` fails is started again, one whose `readiness` fails gets no requests.
    `mlflow`: a server is added to the environment, as the code is none of the model's. `notes`: lines for its log of
    what is not done as the deployment says.
    """

    endpoint: str
    name: str
    instances: int
    code_dir: Path
    entry_script: str
    model_dir: Path
    conda_file: str | None
    image: str
    variables: Mapping[str, str] = field(default_factory=dict)
    request_timeout_ms: int = 5_000
    max_concurrent: int = 1
    liveness: Probe = Probe()
    readiness: Probe = Probe()
    mlflow: bool = False
    notes: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """Azure's clock, in seconds since 1970: `azure` when the wall's was `wall`, and going `pace` times as fast."""

    azure: float
    wall: float
    pace: float


@dataclass(frozen=True, slots=True)
class TokenCheck:
    """Which tokens (JWT) open an endpoint: signed by a key of `key_set`, issued by `issuer`, for one of `audiences`.

    `key_set` is a JSON Web Key Set as text. They expire by the clock that was read (None: by the wall's).
    """

    key_set: str
    issuer: str
    audiences: tuple[str, ...]
    clock: Reading | None = None


@dataclass(frozen=True, slots=True)
class Limits:
    """What a managed endpoint takes: requests a second, and bytes a second each way (0: any); bytes of one body.

    The service's rates (how-to-manage-quotas). A body's limit is documented for v1 on AKS alone; it is the same here.
    """

    requests_per_second: int = 500
    bytes_per_second: int = 5_000_000
    body_bytes: int = 100_000_000


@dataclass(frozen=True, slots=True)
class RoutePlan:
    """How one endpoint's gateway routes: weights (0-100), mirror share (0-50) and who may call.

    `deployments` are all that can be called by name, those with no weight too. `keys` are the
    primary and the secondary key (auth mode Key), `tokens` what the other modes ask for. Weights of an empty map
    answer 404. The rates of `Limits` are those of `managed` endpoints.
    """

    endpoint: str
    auth: AuthMode
    keys: tuple[str, str]
    deployments: tuple[str, ...]
    traffic: Mapping[str, int]
    mirror: Mapping[str, int]
    tokens: TokenCheck | None = None
    managed: bool = True


@dataclass(frozen=True, slots=True)
class DeploymentCounts:
    """Requests a deployment has got since its gateway cluster began: live ones and mirrored ones apart."""

    live: int
    mirrored: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What clients got from a deployment since the gateway was started: mirrored requests are not in it.

    `statuses`: requests by status and by the model's own status ("" where it has not answered).
    `latencies`: requests by milliseconds, within 5 %.
    """

    statuses: Mapping[tuple[str, str], int]
    latencies: Mapping[float, int]

    @property
    def requests(self) -> int:
        """How many were answered."""
        return sum(self.statuses.values())

    @property
    def timed(self) -> int:
        """How many latencies there are."""
        return sum(self.latencies.values())


@dataclass(frozen=True, slots=True)
class Served:
    """One request that was answered; `at` in seconds since 1970 by the wall's clock, when its first byte came.

    `model` is the model's own status (0: it has not answered), durations are milliseconds, sizes bytes. A mirrored one
    has no client: its status and durations are the process's, its id is that of the request it is a copy of.
    """

    at: float
    endpoint: str
    deployment: str
    status: int
    model: int = 0
    reason: str = ""
    method: str = "POST"
    path: str = ""
    protocol: str = "HTTP/1.1"
    agent: str = ""
    id: str = ""
    client_id: str = ""
    received: int = 0
    sent: int = 0
    total: float = 0.0
    received_after: float = 0.0
    answered_after: float = 0.0
    mirrored: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """A line that a deployment's process has written."""

    endpoint: str
    deployment: str
    instance: str
    line: str


@dataclass(frozen=True, slots=True)
class Disturbance:
    """What is done to a deployment's scores on purpose.

    Each comes `delay_ms` later; `error_percent` (0-100) of them are `error_status` instead.
    """

    delay_ms: int = 0
    error_percent: float = 0
    error_status: int = 500


class Serving(Protocol):
    """The serving side. Every coroutine returns when the change is in force, not when it is asked for."""

    async def check_environment(self, conda_file: str) -> None:
        """Raises ServingError (`CondaError`) where its packages are known not to be had; it builds nothing."""

    async def apply_deployment(self, plan: DeploymentPlan) -> None:
        """Make the deployment run as planned; instances that fit are kept. Raises ServingError."""

    async def remove_deployment(self, endpoint: str, name: str) -> None:
        """Take it out of the gateway, let requests in flight end, stop its processes."""

    async def apply_routes(self, plan: RoutePlan) -> None:
        """Route as planned from now on: no request is routed by an older plan after this returns."""

    async def remove_endpoint(self, endpoint: str) -> None:
        """Remove its routes, deployments and processes."""

    def logs(self, endpoint: str, name: str, tail: int) -> str:
        """The last `tail` lines that the deployment's processes wrote."""

    async def counts(self, endpoint: str) -> Mapping[str, DeploymentCounts]:
        """Requests by deployment, from the gateway's own statistics."""

    async def answers(self) -> Mapping[tuple[str, str], Answers]:
        """What was answered, by endpoint and deployment; from 0 again when the gateway had to be started again."""

    def served(self) -> Sequence[Served]:
        """The requests that were answered since this was asked last, by the gateway's own log and the processes'."""

    def said(self) -> Sequence[Said]:
        """The lines that the deployments' processes have written since this was asked last."""

    async def expect(self, coming_back: bool) -> None:
        """Tell callers that endpoints are coming back (503), or that what is not there is not there (404)."""

    def scoring_uri(self, endpoint: str) -> str:
        """Where clients POST: `http://127.0.0.1:PORT/ENDPOINT/score`."""

    def disturb(self, endpoint: str, name: str, how: Disturbance | None) -> None:
        """Disturb the deployment's processes from now on, also those that are yet to start; None: no more."""

    def kill(self, endpoint: str, name: str) -> int:
        """Kill one of the deployment's processes (SIGKILL): its id. It starts again. Raises ServingError."""

    async def close(self) -> None:
        """Stop every process that was started."""
