"""The local Azure put together: state, clock, services, identity, and the HTTP apps over them."""

import secrets
from dataclasses import dataclass
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware

from localazure.arm.app import ArmApp
from localazure.arm.catalog import Catalog, ResourceType
from localazure.arm.context import Azure
from localazure.arm.limits import MOST, BodyLimit, refuse_large
from localazure.arm.operations import Operations, new_guid
from localazure.clock import Clock
from localazure.identity.keys import TokenKeys
from localazure.identity.routes import Identity
from localazure.identity.routes import routes as identity_routes
from localazure.services.authorization import routes as authorization
from localazure.services.containerregistry import routes as containerregistry
from localazure.services.containerservice import routes as containerservice
from localazure.services.insights import routes as insights
from localazure.services.insights.metric_routes import metrics_type
from localazure.services.insights.minutes import Minutes
from localazure.services.insights.mirrored import Mirrored
from localazure.services.insights.recorder import Recorder
from localazure.services.keyvault import routes as keyvault
from localazure.services.kubernetesconfiguration import routes as kubernetesconfiguration
from localazure.services.machinelearning import routes as machinelearning
from localazure.services.machinelearning.blobs import BlobStore
from localazure.services.machinelearning.context import MachineLearning
from localazure.services.machinelearning.keys import TokenMaker
from localazure.services.machinelearning.work import Workers
from localazure.services.managedidentity import routes as managedidentity
from localazure.services.network import routes as network
from localazure.services.operationalinsights import routes as operationalinsights
from localazure.services.operationalinsights.logs import Logs
from localazure.services.operationalinsights.query_routes import QueryApi
from localazure.services.operationalinsights.shipping import Shipper
from localazure.services.resources import routes as resources
from localazure.services.storage import routes as storage
from localazure.serving.contract import Serving
from localazure.store import Store


@dataclass(frozen=True, slots=True)
class LocalAzure:
    """A whole local Azure in one process; `app` answers ARM, metadata and tokens."""

    azure: Azure
    identity: Identity
    arm: ArmApp
    app: Starlette
    workers: Workers
    recorder: Recorder
    serving: Serving
    mirrored: Mirrored

    async def restore(self) -> None:
        """Bring back what served, its faults with it, then go on with the operations that were under way."""
        for deployment in self.arm.faults.deployments():
            self.serving.disturb(*deployment, self.arm.faults.disturbance(*deployment))
        try:
            await self.workers.restore()
        finally:
            await self.serving.expect(coming_back=False)
        self.azure.operations.resume()

    async def close(self) -> None:
        """Stop operations and close the state; operations under way go on at the next start."""
        await self.azure.operations.close()
        await self.workers.close()
        await self.recorder.close()
        self.azure.store.close()


def make_local_azure(state: Path, url: str, clock: Clock, serving: Serving, blobs: BlobStore) -> LocalAzure:
    """Put it together over the state in a folder; `url` is where ARM will answer."""
    store = Store(state / "state.sqlite")
    operations = Operations(store, clock)
    azure = Azure(url, setting(store, "subscription"), setting(store, "tenant"), store, clock, operations)
    keys = TokenKeys(state / "identity", f"{url}/adfs/", clock)
    secret = setting(store, "clientSecret", lambda: secrets.token_urlsafe(32))
    identity = Identity(url, blobs.url, azure.tenant, setting(store, "clientId"), secret, keys)
    ml = MachineLearning(azure, serving, blobs, state / "assets", identity.token_check)
    workers = Workers(ml)
    workers.register()
    minutes, logs, mirrored = Minutes(state / "metrics.sqlite"), Logs(state / "logs.sqlite"), Mirrored(store)
    shipper = Shipper(azure, serving, logs, minutes)
    recorder = Recorder(clock, serving, minutes, shipper)
    catalog = Catalog(resource_types(ml, identity.endpoint_token, recorder, mirrored))
    queries = QueryApi(azure, keys, shipper, logs, mirrored)
    arm = ArmApp(azure, catalog, identity.token_fault)
    limit = [Middleware(BodyLimit, most=MOST)]
    routes = [*queries.routes(), *identity_routes(identity)]
    app = Starlette(routes=routes, middleware=limit, exception_handlers={413: refuse_large})
    app.router.default = arm  # a route's pattern would not take every path
    return LocalAzure(azure, identity, arm, app, workers, recorder, serving, mirrored)


def resource_types(
    ml: MachineLearning, make_token: TokenMaker, recorder: Recorder, mirrored: Mirrored
) -> list[ResourceType]:
    """Every resource type that is modelled."""
    services = [
        resources,
        storage,
        keyvault,
        operationalinsights,
        insights,
        containerregistry,
        managedidentity,
        authorization,
        network,
        containerservice,
        kubernetesconfiguration,
    ]
    plain = [kind for service in services for kind in service.resource_types(ml.azure)]
    return [*plain, *machinelearning.resource_types(ml, make_token), metrics_type(ml.azure, recorder, mirrored)]


def setting(store: Store, name: str, make: object = new_guid) -> str:
    """An id or secret of this local Azure: made at its first start, kept from then on."""
    if (value := store.setting(name)) is None:
        value = str(make()) if callable(make) else new_guid()
        store.set_setting(name, value)
    return value
