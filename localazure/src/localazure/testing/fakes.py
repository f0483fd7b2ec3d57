"""Stand-ins for the serving side and the blobs: they keep what they were asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from localazure.serving.contract import (
    Answers,
    CondaError,
    DeploymentCounts,
    DeploymentPlan,
    Disturbance,
    RoutePlan,
    Said,
    Served,
    ServingError,
)


@dataclass
class FakeServing:
    """Serves nothing; `failing` names deployments that do not come up."""

    plans: dict[tuple[str, str], DeploymentPlan] = field(default_factory=dict)
    routes: dict[str, RoutePlan] = field(default_factory=dict)
    failing: set[str] = field(default_factory=set)
    not_had: set[str] = field(default_factory=set)
    removed: list[str] = field(default_factory=list)
    coming_back: bool = False
    disturbed: dict[tuple[str, str], Disturbance] = field(default_factory=dict)
    answered: dict[tuple[str, str], Answers] = field(default_factory=dict)
    requests: list[Served] = field(default_factory=list)
    lines: list[Said] = field(default_factory=list)

    async def check_environment(self, conda_file: str) -> None:
        """Every package is there but those of `not_had`."""
        if missing := [name for name in self.not_had if name in conda_file]:
            raise CondaError(f"There is no {missing[0]}.")

    async def apply_deployment(self, plan: DeploymentPlan) -> None:
        """Keep the plan."""
        if plan.name in self.failing:
            raise ServingError("The scoring script's init() failed.", "Traceback: no such model")
        self.plans[plan.endpoint, plan.name] = plan

    async def remove_deployment(self, endpoint: str, name: str) -> None:
        """Forget the plan."""
        self.plans.pop((endpoint, name), None)
        self.removed.append(f"{endpoint}/{name}")

    async def apply_routes(self, plan: RoutePlan) -> None:
        """Keep the routes."""
        self.routes[plan.endpoint] = plan

    async def remove_endpoint(self, endpoint: str) -> None:
        """Forget the endpoint."""
        self.routes.pop(endpoint, None)
        self.plans = {key: plan for key, plan in self.plans.items() if key[0] != endpoint}
        self.removed.append(endpoint)

    def logs(self, endpoint: str, name: str, tail: int) -> str:
        """Up to five lines."""
        return "\n".join(f"{endpoint}/{name} line {number}" for number in range(1, 6)[-tail:])

    async def counts(self, endpoint: str) -> Mapping[str, DeploymentCounts]:
        """Three live, one mirrored, for each."""
        return {name: DeploymentCounts(3, 1) for owner, name in self.plans if owner == endpoint}

    async def answers(self) -> Mapping[tuple[str, str], Answers]:
        """What a test has put there."""
        return dict(self.answered)

    def disturb(self, endpoint: str, name: str, how: Disturbance | None) -> None:
        """Keep it."""
        self.disturbed.pop((endpoint, name), None)
        if how is not None:
            self.disturbed[endpoint, name] = how

    def kill(self, endpoint: str, name: str) -> int:
        """Nothing runs."""
        raise ServingError(f"Deployment {name} of endpoint {endpoint} has no process that is ready.")

    def served(self) -> list[Served]:
        """What a test has put there, once."""
        found, self.requests = self.requests, []
        return found

    def said(self) -> list[Said]:
        """What a test has put there, once."""
        found, self.lines = self.lines, []
        return found

    async def expect(self, coming_back: bool) -> None:
        """Keep it."""
        self.coming_back = coming_back

    def scoring_uri(self, endpoint: str) -> str:
        """As the real one."""
        return f"http://127.0.0.1:8480/{endpoint}/score"

    async def close(self) -> None:
        """Forget all."""
        self.plans.clear()


@dataclass
class FakeBlobs:
    """Containers with files by path; any other path is a folder with one file, so that most tests upload nothing.

    The path of a file that is alone is `""`.
    """

    url: str = "https://127.0.0.1:8490/devstoreaccount1"
    containers: set[str] = field(default_factory=set)
    files: dict[str, dict[str, bytes]] = field(default_factory=dict)

    async def ensure_container(self, name: str) -> None:
        """Remember it."""
        self.containers.add(name)

    def sas(self, container: str, minutes: float, permissions: str) -> str:
        """No signature."""
        return f"sv=fake&sr=c&sp={permissions}&container={container}"

    async def download(self, container: str, prefix: str, to: Path) -> None:
        """Write the files, or one file."""
        for path, content in self.files.get(f"{container}/{prefix}", {"content.txt": prefix.encode()}).items():
            (to / path).parent.mkdir(parents=True, exist_ok=True)
            (to / path).write_bytes(content)
