"""The metadata that clients find the cloud by, and the token authority."""

import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from localazure.testing.client import STOPPED, URL, Arm
from tests.azure.test_control import SECRET, control

pytestmark = pytest.mark.anyio


def credentials(arm: Arm, **change: str) -> dict[str, str]:
    """The form that a client with a secret sends."""
    identity = arm.local.identity
    form = {"grant_type": "client_credentials", "client_id": identity.client_id, "scope": f"{URL}/.default"}
    return {**form, "client_secret": identity.client_secret, **change}


async def test_metadata_has_what_the_sdk_reads(arm: Arm) -> None:
    """Name, portal, resource manager, login endpoint and storage suffix, without a token."""
    answer = await arm.http.get("/metadata/endpoints?api-version=2019-05-01", headers={"authorization": ""})
    cloud = answer.json()[0]
    assert cloud["name"] == "LocalCloud"
    assert cloud["resourceManager"] == cloud["authentication"]["loginEndpoint"] == URL
    assert cloud["suffixes"]["storage"] == "@127.0.0.1:8490/devstoreaccount1"


@pytest.mark.parametrize(
    "path", ["/adfs/.well-known/openid-configuration", "/adfs/v2.0/.well-known/openid-configuration"]
)
async def test_token_of_the_configured_endpoint_opens_arm(arm: Arm, path: str) -> None:
    """The token endpoint that the configuration names gives a token that ARM takes."""
    endpoint = (await arm.http.get(path)).json()["token_endpoint"]
    token = (await arm.http.post(endpoint, data=credentials(arm))).json()
    assert (token["token_type"], token["expires_in"]) == ("Bearer", 3600)
    headers = {"authorization": f"Bearer {token['access_token']}"}
    answer = await arm.http.get("/subscriptions?api-version=2022-12-01", headers=headers)
    assert answer.json()["value"][0]["tenantId"] == arm.local.azure.tenant


@pytest.mark.parametrize(
    ("change", "status", "says"),
    [
        ({"client_secret": "wrong"}, 401, "AADSTS7000215"),
        ({"client_id": "wrong"}, 400, "AADSTS700016"),
        ({"grant_type": "password"}, 400, "AADSTS70003"),
        ({"scope": ""}, 400, "AADSTS70011"),
    ],
)
async def test_wrong_credentials(arm: Arm, change: dict[str, str], status: int, says: str) -> None:
    """Each wrong field has Entra's error."""
    answer = await arm.http.post("/adfs/oauth2/token", data=credentials(arm, **change))
    assert answer.status_code == status
    assert says in answer.json()["error_description"]


async def test_unknown_tenant(arm: Arm) -> None:
    """There is one tenant."""
    answer = await arm.http.get("/common/.well-known/openid-configuration")
    assert (answer.status_code, "AADSTS90002" in answer.text) == (400, True)


@pytest.mark.parametrize("pace", [0, 1, 60])
async def test_a_token_lasts_by_the_clock_that_clients_read(arm: Arm, pace: int) -> None:
    """`expires_in` is of the wall's clock: an hour of it opens ARM, however fast Azure's clock goes, and no more."""
    arm.clock.turn(mode=replace(STOPPED, pace=pace))
    token = (await arm.http.post("/adfs/oauth2/token", data=credentials(arm))).json()
    arm.clock.turn(mode=STOPPED)

    async def opens() -> bool:
        headers = {"authorization": f"Bearer {token['access_token']}"}
        return (await arm.http.get("/subscriptions?api-version=2022-12-01", headers=headers)).is_success

    arm.clock.turn((token["expires_in"] - 10) * (pace or 1))
    assert await opens()
    arm.clock.turn(20 * (pace or 1))
    assert not await opens()


@pytest.mark.parametrize("pace", [1, 60])
async def test_an_endpoints_token_tells_its_end_by_the_wall(estate: Arm, pace: int) -> None:
    """Expiry and refresh are told in the time that a client compares them with."""
    await estate.done("PUT", estate.endpoint(), estate.endpoint_body(authMode="AMLToken"))
    estate.clock.turn(mode=replace(STOPPED, pace=pace))
    told = (await estate.call("POST", f"{estate.endpoint()}/token")).json()
    for name, hours in (("expiryTimeUtc", 24), ("refreshAfterTimeUtc", 12)):
        assert abs(told[name] - time.time() - hours * 3600 / pace) < 60


@pytest.mark.parametrize(
    ("claims", "says"),
    [
        ({"iss": "https://sts.windows.net/other/"}, "the wrong issuer"),
        ({"nbf": 4_000_000_000}, "not yet valid"),
        ({"nbf": "soon"}, "times are no numbers"),
        ({"aud": ["https://management.azure.com"]}, "wrong audience"),
        ({"aud": "https://127.0.0.1:8443.evil.example"}, "wrong audience"),
    ],
)
async def test_claims_that_are_wrong_do_not_open_arm(arm: Arm, claims: dict[str, Any], says: str) -> None:
    """Though the signature is right: who signed, for whom, and from when on."""
    token = arm.local.identity.keys.sign(URL, "tests", timedelta(hours=1), claims)
    answer = await arm.http.get(f"{arm.group}?api-version=2021-04-01", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")
    assert says in answer.json()["error"]["message"]


async def test_token_for_something_else_does_not_open_arm(arm: Arm) -> None:
    """A token with another audience is refused."""
    token = arm.local.identity.keys.sign("https://ml.azure.com", "tests", timedelta(hours=1))
    answer = await arm.http.get("/subscriptions?api-version=2022-12-01", headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, "wrong audience" in answer.text) == (401, True)


@pytest.mark.parametrize(("version", "header"), [("2019-08-01", "x-identity-header"), ("2017-09-01", "secret")])
async def test_managed_identity(arm: Arm, version: str, header: str) -> None:
    """Whoever knows the header's secret gets a token that ARM takes."""
    async with control(arm) as client:
        query = {"api-version": version, "resource": URL}
        told = (await client.get("/msi/token", params=query, headers={header: SECRET})).json()
    assert abs(int(told["expires_on"]) - time.time() - 3600) < 60
    headers = {"authorization": f"{told['token_type']} {told['access_token']}"}
    answer = await arm.http.get("/subscriptions?api-version=2022-12-01", headers=headers)
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("change", "header", "status", "says"),
    [
        ({}, "wrong", 401, "x-identity-header is missing or wrong"),
        ({"api-version": "2018-02-01"}, SECRET, 400, "api-version must be one of 2019-08-01, 2017-09-01"),
        ({"resource": ""}, SECRET, 400, "resource is missing"),
        ({"client_id": "other"}, SECRET, 400, "There is no managed identity 'other'"),
    ],
)
async def test_managed_identity_refuses(arm: Arm, change: dict[str, str], header: str, status: int, says: str) -> None:
    """What is missing or wrong is said."""
    async with control(arm) as client:
        query = {"api-version": "2019-08-01", "resource": URL, **change}
        answer = await client.get("/msi/token", params=query, headers={"x-identity-header": header})
    assert (answer.status_code, says in answer.json()["message"]) == (status, True)
