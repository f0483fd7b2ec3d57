"""Looks at a running local Azure from outside: what its gateway counted, what it holds, which processes it runs."""

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
from localazure.client import Process, Ready, processes

from ops.messages import UserError

SECONDS = 10.0
"""How long one answer may take."""

Counts = Mapping[str, Mapping[str, int]]
"""Requests by deployment: `{deployment: {"live": n, "mirrored": n}}`."""


@dataclass(frozen=True, slots=True)
class LocalView:
    """One running local Azure. Every method raises UserError where it does not answer as it should."""

    ready: Ready

    def counts(self, endpoint: str) -> Counts:
        """Requests to an endpoint's deployments since each of them began."""
        answer: Counts = self._get(f"{self.ready.control}/counts", {"endpoint": endpoint})
        return answer

    def resource_groups(self) -> list[str]:
        """The names of all resource groups in its subscription."""
        path = f"{self.ready.arm}/subscriptions/{self.ready.subscription_id}/resourcegroups"
        groups = self._get(path, {"api-version": "2021-04-01"}, {"authorization": f"Bearer {self._token()}"})
        return [group["name"] for group in groups["value"]]

    def scoring_processes(self) -> list[int]:
        """The ids of the scoring processes that it started and that still run."""
        return scoring_below(self.ready.pid, processes())

    def _token(self) -> str:
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self.ready.client_id,
            "client_secret": self.ready.client_secret,
            "scope": f"{self.ready.arm}/.default",
        }
        url = f"{self.ready.arm}/{self.ready.tenant_id}/oauth2/token"
        return str(self._send("POST", url, data=wanted)["access_token"])

    def _get(self, url: str, parameters: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Any:
        return self._send("GET", url, params=parameters, headers=headers)

    def _send(self, method: str, url: str, **how: Any) -> Any:
        try:
            with httpx2.Client(timeout=SECONDS, trust_env=False, verify=trusting(self.ready)) as client:
                answer = client.request(method, url, **how)
        except httpx2.HTTPError as error:
            raise UserError("H002", url, f"no answer ({error})", "an answer of the local Azure") from None
        if answer.status_code != 200:
            raise UserError("H002", url, f"status {answer.status_code}: {answer.text[:200]}", "status 200")
        return answer.json()


def trusting(ready: Ready) -> ssl.SSLContext:
    """A TLS context that trusts this local Azure's authority and no other."""
    return ssl.create_default_context(cafile=ready.ca)


def scoring_below(pid: int, table: Sequence[Process]) -> list[int]:
    """The gunicorn processes below `pid` in a process table."""
    below = {pid}
    while True:
        more = {child for child, parent, _ in table if parent in below} - below
        if not more:
            return sorted(child for child, _, command in table if child in below and "gunicorn" in command)
        below |= more
