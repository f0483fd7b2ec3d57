"""Where a cloud's ARM and token authority are, and the token of a service principal."""

import time
from threading import RLock
from typing import Any
from urllib.parse import urlencode

from .errors import ArmError
from .settings import Settings
from .transport import Transport

_EARLY_SECONDS = 60


class Cloud:
    """Reads the metadata once, and a token once per its life; safe for many threads."""

    def __init__(self, settings: Settings, transport: Transport) -> None:
        self.settings = settings
        self._transport = transport
        self._lock = RLock()
        self._endpoints: tuple[str, str] | None = None
        self._token: tuple[str, float] | None = None

    @property
    def resource_manager(self) -> str:
        """The base URL of ARM, without a slash at its end."""
        return self._read_endpoints()[0]

    def token(self, rejected: str = "", audience: str = "") -> str:
        """A bearer token for ARM, kept until a minute before it ends; never the `rejected` one.

        One for another `audience` is not kept.
        """
        with self._lock:
            if audience and audience.rstrip("/") != self._read_endpoints()[0]:
                return self._fetch_token(audience)[0]
            if self._token is None or self._token[1] <= time.monotonic() or self._token[0] == rejected:
                self._token = self._fetch_token()
            return self._token[0]

    def _read_endpoints(self) -> tuple[str, str]:
        with self._lock:
            if self._endpoints is None:
                url = f"https://{self.settings.metadata_host}/metadata/endpoints?api-version=2019-05-01"
                data = self._json("GET", url)
                cloud = data[0] if isinstance(data, list) and data else data
                try:
                    login = str(cloud["authentication"]["loginEndpoint"])
                    self._endpoints = str(cloud["resourceManager"]).rstrip("/"), login.rstrip("/")
                except (TypeError, KeyError) as error:
                    text = f"{url} names no resourceManager and authentication.loginEndpoint"
                    raise ArmError(200, "InvalidMetadata", text) from error
            return self._endpoints

    def _fetch_token(self, audience: str = "") -> tuple[str, float]:
        settings = self.settings
        resource_manager, login = self._read_endpoints()
        # A tenant called `adfs` is the form for an authority of one's own: it has no v2.0 in its paths.
        tenant = settings.tenant_id if settings.tenant_id == "adfs" else f"{settings.tenant_id}/v2.0"
        discovery = f"{login}/{tenant}/.well-known/openid-configuration"
        form = {
            "grant_type": "client_credentials",
            "client_id": settings.client_id,
            "client_secret": settings.client_secret,
            "scope": f"{audience or resource_manager}/.default",
        }
        try:
            endpoint = str(self._json("GET", discovery)["token_endpoint"])
            answer = self._json("POST", endpoint, urlencode(form).encode())
            return str(answer["access_token"]), time.monotonic() + float(answer["expires_in"]) - _EARLY_SECONDS
        except (TypeError, KeyError, ValueError) as error:
            raise ArmError(200, "InvalidAuthority", f"{discovery} leads to no token") from error

    def _json(self, method: str, url: str, form: bytes | None = None) -> Any:
        headers = {"content-type": "application/x-www-form-urlencoded"} if form else {}
        answer = self._transport.send(method, url, headers, form)
        if answer.status >= 400:
            raise ArmError.of(answer.status, answer.json())
        return answer.json()
