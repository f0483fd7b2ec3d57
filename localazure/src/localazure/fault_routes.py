"""Faults over HTTP: POST, GET and DELETE on `/faults` of the control port."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localazure.arm.errors import ArmError
from localazure.arm.faults import Err, Fault, Kill, OfScoring, Slow, parse_fault
from localazure.control_json import Json, body_of
from localazure.server import LocalAzure
from localazure.services.machinelearning.names import DEPLOYMENT, ENDPOINT
from localazure.serving.contract import Serving, ServingError


class FaultRoutes:
    """The routes; faults of scoring processes are handed on to the serving side."""

    def __init__(self, local: LocalAzure, serving: Serving) -> None:
        self._local = local
        self._faults = local.arm.faults
        self._serving = serving

    def routes(self) -> list[Route]:
        """All of them."""
        return [
            Route("/faults", self.add, methods=["POST"]),
            Route("/faults", self.listed, methods=["GET"]),
            Route("/faults", self.clear, methods=["DELETE"]),
            Route("/faults/{number:int}", self.remove, methods=["DELETE"]),
        ]

    async def add(self, request: Request) -> Response:
        """201 with the fault and its id; of `kill` the id of the process that was killed."""
        fault = parse_fault(await body_of(request))
        if isinstance(fault, OfScoring):
            fault = self._named(fault)
        if isinstance(fault, Kill):
            try:
                killed = self._serving.kill(fault.endpoint, fault.deployment)
            except ServingError as error:
                raise ArmError(409, "Conflict", error.message) from None
            return Json({**fault.model_dump(by_alias=True), "killed": killed}, 201)
        number = self._faults.add(fault)
        self._disturb(fault)
        return Json(self._faults.shown(number), 201)

    async def listed(self, request: Request) -> Response:
        """All, oldest first, with what is left of their count."""
        del request
        return Json(self._faults.listed())

    async def remove(self, request: Request) -> Response:
        """One of them."""
        number = request.path_params["number"]
        if (fault := self._faults.remove(number)) is None:
            has = ", ".join(str(each["id"]) for each in self._faults.listed()) or "none"
            raise ArmError(404, "NotFound", f"There is no fault {number} (has: {has}).")
        self._disturb(fault)
        return Json({"removed": 1})

    async def clear(self, request: Request) -> Response:
        """All of them."""
        del request
        numbers = [each["id"] for each in self._faults.listed()]
        for number in numbers:
            if (fault := self._faults.remove(number)) is not None:
                self._disturb(fault)
        return Json({"removed": len(numbers)})

    def _disturb(self, fault: Fault) -> None:
        if isinstance(fault, Slow | Err):
            named = (fault.endpoint, fault.deployment)
            self._serving.disturb(*named, self._faults.disturbance(*named))

    def _named(self, fault: OfScoring) -> OfScoring:
        """The fault with the names as they were first spelt; 404 where there is no such deployment."""
        store = self._local.azure.store
        endpoints = {each.name.lower(): each for each in store.of_type(ENDPOINT)}
        if (endpoint := endpoints.get(fault.endpoint.lower())) is None:
            has = ", ".join(sorted(endpoints)) or "none"
            raise ArmError(404, "NotFound", f"There is no endpoint '{fault.endpoint}' (has: {has}).")
        names = {each.name.lower(): each.name for each in store.children(endpoint.id, DEPLOYMENT)}
        if (name := names.get(fault.deployment.lower())) is None:
            has = ", ".join(sorted(names)) or "none"
            message = f"Endpoint '{endpoint.name}' has no deployment '{fault.deployment}' (has: {has})."
            raise ArmError(404, "NotFound", message)
        return fault.model_copy(update={"endpoint": endpoint.name, "deployment": name})
