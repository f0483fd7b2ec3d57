"""Replays recorded exchanges of Azure against a local Azure, and says where its answers differ.

A recording is a list of {method, path, request_body, status, response_headers, response_body} with placeholders
{sub}, {rg}, {ws}. The recorder masks api-versions and deployment names in paths, and leaves exchanges out: what an
exchange presumes and the recording does not make (assets, resources, other deployments) is made from the bodies that
show it. Left aside: answers of 500 and more (accidents of the day), and requests that are not for ARM (scoring).
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from localazure.testing.client import CONDA, Arm

Exchange = dict[str, Any]
MASKED = re.compile(r"/deployments/(?:deploy-0+|mock-deployment)(?=[/?]|$)")
VERSION = re.compile(r"api-version=(\d{4}-\d\d-\d\d(?:-preview)?)")
OPERATION = re.compile(r"mfeOperation(?:sStatus|Results)/([^?/]+)")
ENDPOINT = re.compile(r"/onlineEndpoints/([^/?]+)")
DEPLOYMENT = re.compile(r"/deployments/([^/?']+)")
IDENTITY = re.compile(
    r"/subscriptions/[^/'\" ]+/resource[gG]roups/[^/'\" ]+/providers/Microsoft\.ManagedIdentity/"
    r"userAssignedIdentities/[^/'\" ]+"
)
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
SCORING = (
    re.compile(r"https://([^./]+)\.[^./]+\.inference\.ml\.azure\.com"),
    re.compile(r"http://[0-9.]+/api/v1/endpoint/([^/]+)"),
    re.compile(r"http://127\.0\.0\.1:\d+/([^/]+)(?=/score|/swagger)"),
)
LOCATION = re.compile(r"/locations/([a-z0-9]+)/")
HOSTS = re.compile(r"https://(?:management\.azure\.com|127\.0\.0\.1:\d+)")
COMPARED = ("azure-asyncoperation", "location", "x-ms-async-operation-timeout", "content-type", "retry-after")
NO_VERSION = "0000-00-00"
CUT = "<cut>"
FIRST_VERSION = "2022-02-01-preview"
RUNNING = {"Creating", "Updating", "Deleting"}
LOGS = "Container logs:\n"


@dataclass
class Replay:
    """One recording on one local Azure; `differences` says in words what was not as recorded."""

    arm: Arm
    exchanges: list[Exchange]
    differences: list[str] = field(default_factory=list)
    replayed: int = 0
    version: str = FIRST_VERSION
    operations: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, arm: Arm, recording: list[Exchange]) -> "Replay":
        """The recording with this local Azure's ids in place of the placeholders, and deployment names in paths."""
        values = {"{sub}": arm.local.azure.subscription, "{rg}": "rg", "{ws}": "ws"}
        exchanges: list[Exchange] = [_filled(exchange, values) for exchange in recording]
        names = {name for body in _bodies(exchanges) for name in DEPLOYMENT.findall(str(body.get("id", "")))}
        for exchange in exchanges:
            told = DEPLOYMENT.search(str(exchange["response_body"]))
            name = told[1] if told else next(iter(sorted(names)), "blue")
            exchange["path"] = MASKED.sub(f"/deployments/{name}", exchange["path"])
            headers = {key.lower(): value for key, value in exchange["response_headers"].items()}
            exchange["response_headers"] = {key: headers[key] for key in COMPARED if key in headers}
        return cls(arm, exchanges)

    async def run(self) -> list[str]:
        """Replay everything; returns the differences."""
        for number, exchange in enumerate(self.exchanges):
            if exchange["status"] >= 500 or not exchange["path"].startswith("/subscriptions/"):
                continue
            self.version = _version_of(exchange) or self.version
            await self._presume(number)
            await self._replay(number, exchange)
        return self.differences

    async def _replay(self, number: int, exchange: Exchange) -> None:
        expected = exchange["response_body"]
        if not (exchange["method"] == "GET" and _is_running(expected)) and not _is_gone_just_now(expected):
            await self.arm.turn()
        path = exchange["path"].split("?")[0]
        for recorded, own in self.operations.items():
            path = path.replace(recorded, own)
        query = dict(re.findall(r"[?&]([^=&]+)=([^&]*)", exchange["path"])) | {"api-version": self.version}
        body = self._body_of(number)
        json = {} if body is None else {"json": body}
        answer = await self.arm.http.request(exchange["method"], path, params=query, **json)
        self.replayed += 1
        self._learn(exchange["response_headers"], answer.headers)
        where = f"#{number} {exchange['method']} {exchange['path'][-90:]}"
        if answer.status_code != exchange["status"]:
            self.differences.append(
                f"{where}: status {answer.status_code}, recorded {exchange['status']}: {answer.text}"
            )
            return
        for name, value in exchange["response_headers"].items():
            own = answer.headers.get(name, "(none)")
            if _normal(own) != _normal(value):
                self.differences.append(f"{where}: header {name} is {own}, recorded {value}")
        if expected != CUT:
            self.differences += [f"{where}: {text}" for text in _compare(answer.json(), expected)]

    def _body_of(self, number: int) -> Any:
        """The body to send; one that was not taken over is what the resource shows afterwards."""
        exchange = self.exchanges[number]
        if exchange["request_body"] != CUT:
            return exchange["request_body"]
        later = [e for e in self.exchanges[number:] if e["path"].split("?")[0] == exchange["path"].split("?")[0]]
        shown = [e["response_body"] for e in later if e["method"] == "GET" and isinstance(e["response_body"], dict)]
        return _wanted(shown[0] if shown else exchange["response_body"])

    def _learn(self, recorded: Mapping[str, str], own: Mapping[str, str]) -> None:
        theirs = OPERATION.search(recorded.get("azure-asyncoperation", ""))
        ours = OPERATION.search(own.get("azure-asyncoperation", ""))
        if theirs and ours:
            self.operations[theirs[1]] = ours[1]

    async def _presume(self, number: int) -> None:
        """Make what the exchange needs and nothing made so far: the endpoint, deployments, the assets they name."""
        exchange = self.exchanges[number]
        await self._register([exchange["request_body"], exchange["response_body"]])
        operation = OPERATION.search(exchange["path"])
        if operation and operation[1] not in self.operations:
            for body in _bodies(self.exchanges[number:]):
                if operation[1] in str(body) and _is_endpoint(body):
                    await self._make(body["id"])
        for body in _bodies([exchange]):
            if exchange["method"] == "GET" and _is_endpoint(body):
                await self._make(body["id"])
        found = ENDPOINT.search(exchange["path"])
        if found is None or exchange["status"] >= 400:
            return
        endpoint = exchange["path"][: found.end()]
        creates = exchange["method"] == "PUT" and "/deployments/" not in exchange["path"]
        if not (creates and _state(exchange["response_body"]) == "Creating"):
            await self._make(endpoint)
        for name in self._deployments_of(number, creates):
            await self._make(f"{endpoint}/deployments/{name}")

    def _deployments_of(self, number: int, is_endpoint: bool) -> Iterator[str]:
        exchange = self.exchanges[number]
        properties = self._body_of(number).get("properties", {}) if is_endpoint else {}
        for kind in ("traffic", "mirrorTraffic"):
            yield from properties.get(kind, {})
        if exchange["method"] != "PUT":
            yield from DEPLOYMENT.findall(exchange["path"].split("?")[0])

    async def _make(self, path: str) -> None:
        """Make a resource as the recording shows it, unless it is there; traffic by a second PUT."""
        if (await self.arm.call("GET", path)).status_code == 200:
            return
        shown = [body for body in _bodies(self.exchanges) if body.get("id", "").lower() == path.lower()]
        is_deployment = "/deployments/" in path
        if is_deployment:
            await self._make(path.split("/deployments/", 1)[0])
        like = [b for b in _bodies(self.exchanges) if _is_endpoint(b) and ("/deployments/" in b["id"]) == is_deployment]
        plain = self.arm.deployment_body() if is_deployment else self.arm.endpoint_body()
        body = _wanted((shown or like)[0]) if shown or like else plain
        place = LOCATION.search(str(self.exchanges))
        body["location"] = place[1] if place else body["location"]
        maps = {name: body["properties"].pop(name, {}) for name in ("traffic", "mirrorTraffic")}
        await self._register([body])
        await self.arm.turn()
        answer = await self.arm.call("PUT", path, body, self.version)
        assert answer.status_code == 201, answer.text
        if shown:
            uri = shown[0]["properties"]["properties"].get("AzureAsyncOperationUri", "")
            self._learn({"azure-asyncoperation": uri}, answer.headers)
        await self.arm.turn()
        if maps["traffic"] or maps["mirrorTraffic"]:
            for name in {*maps["traffic"], *maps["mirrorTraffic"]}:
                await self._make(f"{path}/deployments/{name}")
            body["properties"].update(maps)
            await self.arm.call("PUT", path, body, self.version)
            await self.arm.turn()

    async def _register(self, bodies: list[Any]) -> None:
        """Register the models, environments and codes that bodies name by id, and make the identities."""
        for identity in set(IDENTITY.findall(str(bodies))):
            answer = await self.arm.call("PUT", identity, {"location": self.arm.endpoint_body()["location"]})
            assert answer.status_code in {200, 201}, answer.text
        store = f"azureml:/{self.arm.workspace}/datastores/workspaceblobstore/paths/LocalUpload/ab12/model"
        plain: dict[str, dict[str, Any]] = {
            "models": {"modelUri": store},
            "environments": {"image": "mcr.microsoft.com/base:1", "condaFile": CONDA},
            "codes": {"codeUri": f"{self.arm.blobs.url}/upload-ab12/code"},
        }
        pattern = re.compile(r"/subscriptions/[^'\" ]+/(models|environments|codes)/[^'\"/ ]+/versions/[^'\"/ ]+")
        for match in pattern.finditer(str(bodies)):
            answer = await self.arm.call("PUT", match[0], {"properties": plain[match[1]]})
            assert answer.status_code in {200, 201}, answer.text


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for name, text in values.items():
            value = value.replace(name, text)
        return value
    if isinstance(value, list):
        return [_filled(item, values) for item in value]
    if isinstance(value, dict):
        return {_filled(key, values): _filled(item, values) for key, item in value.items()}
    return value


def _bodies(exchanges: list[Exchange]) -> Iterator[dict[str, Any]]:
    for exchange in exchanges:
        body = exchange["response_body"]
        if isinstance(body, dict):
            yield from body["value"] if isinstance(body.get("value"), list) else [body]


def _version_of(exchange: Exchange) -> str:
    found = VERSION.findall(f"{exchange['path']} {exchange['response_headers']} {exchange['response_body']}")
    return next((version for version in found if version != NO_VERSION), "")


def _state(body: Any) -> str:
    if not isinstance(body, dict):
        return ""
    return str(body.get("status") or body.get("properties", {}).get("provisioningState", ""))


def _is_running(body: Any) -> bool:
    return any(_state(item) in RUNNING for item in _bodies([{"response_body": body}]))


def _is_gone_just_now(body: Any) -> bool:
    """The service's own 404, which it gives for a moment after a deletion."""
    return isinstance(body, dict) and body.get("error", {}).get("code") == "NotFound"


def _is_endpoint(body: Mapping[str, Any]) -> bool:
    return "/onlineEndpoints/" in body.get("id", "")


def _wanted(shown: dict[str, Any]) -> dict[str, Any]:
    """A PUT's body that leads to what is shown."""
    properties = {k: v for k, v in shown["properties"].items() if v is not None and k != "properties"}
    body: dict[str, Any] = {"location": shown["location"], "tags": shown.get("tags", {}), "properties": properties}
    if "identity" in shown:
        body["identity"] = {"type": shown["identity"]["type"]}
    return body | ({"sku": shown["sku"]} if "sku" in shown else {})


def _normal(text: str) -> str:
    text = HOSTS.sub("https://arm", text)
    for pattern in SCORING:
        text = pattern.sub(r"<host of \1>", text)
    return TIME.sub("<time>", GUID.sub("<guid>", text))


def _compare(own: Any, recorded: Any, path: str = "") -> Iterator[str]:
    """Differences, ids, times and redactions aside."""
    if isinstance(recorded, str) and isinstance(own, str):
        yield from _compare_text(own, recorded, path)
    elif isinstance(recorded, dict) and isinstance(own, dict):
        for name in sorted({*own, *recorded}):
            if name not in own or name not in recorded:
                what = "missing" if name in recorded else "not recorded"
                yield f"{path}.{name} is {what}: {recorded.get(name, own.get(name))!r}"
            elif not name.endswith("TimeUtc"):
                yield from _compare(own[name], recorded[name], f"{path}.{name}")
    elif isinstance(recorded, list) and isinstance(own, list):
        if len(own) != len(recorded):
            yield f"{path} has {len(own)} items, recorded {len(recorded)}"
        for number, (left, right) in enumerate(zip(_by_name(own), _by_name(recorded), strict=False)):
            yield from _compare(left, right, f"{path}[{number}]")
    elif own != recorded or type(own) is not type(recorded):
        yield f"{path} is {own!r}, recorded {recorded!r}"


def _compare_text(own: str, recorded: str, path: str) -> Iterator[str]:
    if recorded == "<redacted>":
        return
    if path == ".content":  # a container's own words are its own; what the service puts before them is not
        own, recorded = (text.split(LOGS)[0] if LOGS in text else "" for text in (own, recorded))
    elif CUT in recorded:
        recorded = recorded.split(CUT)[0]
        own = own[: len(recorded)]
    if _normal(own) != _normal(recorded):
        yield f"{path} is {own!r}, recorded {recorded!r}"


def _by_name(items: list[Any]) -> list[Any]:
    return sorted(items, key=lambda item: str(item.get("name", "")) if isinstance(item, dict) else str(item))
