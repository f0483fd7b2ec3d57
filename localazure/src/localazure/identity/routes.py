"""The cloud's metadata, and the token authority of its one tenant (`adfs`, or the tenant's GUID).

Tenant `adfs` is the one that MSAL takes without asking a public address about it (facts/local-azure.md, section 1).
"""

import hmac
import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.identity.keys import ALGORITHM, TokenKeys
from localazure.serving.contract import AuthMode, TokenCheck

CLOUD = "LocalCloud"
TOKEN_LASTS = timedelta(hours=1)
# of the service, and what the SDK makes of the portal's name in the metadata
ML_AUDIENCES = ("https://ml.azure.com", "https://ml.azure.local")
PUBLIC_AUDIENCES = ("https://management.azure.com", "https://management.core.windows.net")


@dataclass(frozen=True, slots=True)
class Identity:
    """One client of one tenant. `url` is where ARM and the authority answer; `blob` is `https://host:port/account`."""

    url: str
    blob: str
    tenant: str
    client_id: str
    client_secret: str
    keys: TokenKeys

    @property
    def audiences(self) -> tuple[str, ...]:
        """What a token for ARM may be made out to."""
        return (self.url, *PUBLIC_AUDIENCES)

    def token_fault(self, token: str) -> str | None:
        """Why a token is not good for ARM, or None."""
        return self.keys.fault(token, self.audiences)

    def endpoint_token(self, endpoint: str, lasts: timedelta) -> str:
        """A token that an endpoint with authMode AMLToken takes."""
        return self.keys.sign(f"endpoint:{endpoint}", self.client_id, lasts)

    def token_check(self, endpoint: str, auth: AuthMode) -> TokenCheck | None:
        """Which tokens open an endpoint; None where keys do."""
        if auth == "Key":
            return None
        audiences = ML_AUDIENCES if auth == "AADToken" else (f"endpoint:{endpoint}",)
        return TokenCheck(json.dumps(self.keys.key_set()), self.keys.issuer, audiences)


def routes(identity: Identity) -> list[Route]:
    """Everything that is asked for without a token."""

    async def metadata(request: Request) -> Response:
        document = metadata_document(identity)
        return JSONResponse([document] if request.query_params.get("api-version") == "2019-05-01" else document)

    async def configuration(request: Request) -> Response:
        tenant = request.path_params["tenant"]
        if (refusal := _wrong_tenant(identity, tenant)) is not None:
            return refusal
        return JSONResponse(configuration_document(identity.url, tenant))

    async def token(request: Request) -> Response:
        if (refusal := _wrong_tenant(identity, request.path_params["tenant"])) is not None:
            return refusal
        return issue(identity, dict(parse_qsl((await request.body()).decode(errors="replace"))))

    async def key_set(request: Request) -> Response:
        del request
        return JSONResponse(identity.keys.key_set())

    return [
        Route("/metadata/endpoints", metadata, methods=["GET"]),
        Route("/{tenant}/.well-known/openid-configuration", configuration, methods=["GET"]),
        Route("/{tenant}/v2.0/.well-known/openid-configuration", configuration, methods=["GET"]),
        Route("/{tenant}/oauth2/token", token, methods=["POST"]),
        Route("/{tenant}/oauth2/v2.0/token", token, methods=["POST"]),
        Route("/{tenant}/discovery/keys", key_set, methods=["GET"]),
    ]


def metadata_document(identity: Identity) -> dict[str, Any]:
    """The cloud as clients look it up: where ARM, the authority and blobs are."""
    storage = identity.blob.removeprefix("https://")
    return {
        "name": CLOUD,
        "portal": "https://portal.azure.local/",
        "resourceManager": identity.url,
        "authentication": {"loginEndpoint": identity.url, "audiences": [identity.url], "tenant": identity.tenant},
        "logAnalyticsResourceId": identity.url,
        "suffixes": {"storage": f"@{storage}"},
    }


def configuration_document(url: str, tenant: str) -> dict[str, Any]:
    """OpenID configuration of the tenant."""
    base = f"{url}/{tenant}"
    return {
        "issuer": f"{base}/",
        "authorization_endpoint": f"{base}/oauth2/authorize",
        "token_endpoint": f"{base}/oauth2/token",
        "jwks_uri": f"{base}/discovery/keys",
        "token_endpoint_auth_methods_supported": ["client_secret_post"],
        "response_types_supported": ["token"],
        "subject_types_supported": ["pairwise"],
        "id_token_signing_alg_values_supported": [ALGORITHM],
    }


def issue(identity: Identity, form: dict[str, str]) -> Response:
    """A token for the local client's id and secret; the scope (`…/.default`) or resource becomes the audience."""
    if form.get("grant_type") != "client_credentials":
        return _refuse(
            400, "unsupported_grant_type", "AADSTS70003: The local Azure issues client_credentials tokens only."
        )
    if form.get("client_id") != identity.client_id:
        text = (
            f"AADSTS700016: Application with identifier '{form.get('client_id', '')}' was not found in the directory."
        )
        return _refuse(400, "unauthorized_client", text)
    if not hmac.compare_digest(form.get("client_secret", "").encode(), identity.client_secret.encode()):
        return _refuse(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    audience = (form.get("scope") or form.get("resource") or "").split(" ")[0].removesuffix("/.default").rstrip("/")
    if not audience:
        return _refuse(
            400, "invalid_scope", "AADSTS70011: The provided value for the input parameter 'scope' is not valid."
        )
    token = identity.keys.sign_by_wall(audience, identity.client_id, TOKEN_LASTS)
    seconds = int(TOKEN_LASTS.total_seconds())
    return JSONResponse(
        {"token_type": "Bearer", "expires_in": seconds, "ext_expires_in": seconds, "access_token": token}
    )


def _wrong_tenant(identity: Identity, tenant: str) -> Response | None:
    if tenant.lower() in {"adfs", identity.tenant.lower()}:
        return None
    return _refuse(400, "invalid_tenant", f"AADSTS90002: Tenant '{tenant}' not found. The local Azure has 'adfs'.")


def _refuse(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status)
