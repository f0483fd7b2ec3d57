"""Managed identity: tokens for whoever knows the header's secret, over plain HTTP on this machine.

Two protocols that azure-identity reads from the environment: App Service (IDENTITY_ENDPOINT, IDENTITY_HEADER, version
2019-08-01) and Azure Machine Learning (MSI_ENDPOINT, MSI_SECRET, version 2017-09-01).
"""

import hmac
import time
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from localazure.identity.routes import TOKEN_LASTS, Identity

PATH = "/msi/token"
HEADERS = {"2019-08-01": "x-identity-header", "2017-09-01": "secret"}


def managed_identity_route(identity: Identity, secret: str) -> Route:
    """GET `/msi/token?resource=…&api-version=…`."""

    async def token(request: Request) -> Response:
        return issue_managed(identity, secret, request.query_params, request.headers)

    return Route(PATH, token, methods=["GET"])


def issue_managed(identity: Identity, secret: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Response:
    """A token for `resource`, with its end by the wall's clock; 400 and 401 say what is wrong."""
    version = query.get("api-version", "")
    if (header := HEADERS.get(version)) is None:
        return _refused(400, f"api-version must be one of {', '.join(HEADERS)}, got '{version}'.")
    if not hmac.compare_digest(headers.get(header, "").encode(), secret.encode()):
        return _refused(401, f"The header {header} is missing or wrong.")
    resource = query.get("resource", "").removesuffix("/.default").rstrip("/")
    if not resource:
        return _refused(400, "resource is missing: what the token is for, e.g. https://management.azure.com.")
    wanted = query.get("client_id") or query.get("clientid") or identity.client_id
    if wanted != identity.client_id:
        return _refused(400, f"There is no managed identity '{wanted}' here; leave the client id out.")
    token = identity.keys.sign_by_wall(resource, identity.client_id, TOKEN_LASTS)
    expires = int(time.time() + TOKEN_LASTS.total_seconds())
    told = {"access_token": token, "expires_on": str(expires), "resource": resource, "token_type": "Bearer"}
    return JSONResponse(told | {"client_id": identity.client_id})


def _refused(status: int, message: str) -> Response:
    return JSONResponse({"statusCode": status, "message": message}, status)
