"""Cluster extensions: what a PUT may say, what a GET answers."""

from collections.abc import Mapping
from typing import Any, Literal

from localazure.arm.bodies import Body, Child, Flag, Identity, Text
from localazure.arm.errors import bad_request
from localazure.arm.ids import ResourceId
from localazure.arm.resources import Made
from localazure.store import Record

TYPE = "Microsoft.KubernetesConfiguration/extensions"
ML = "microsoft.azureml.kubernetes"
VERSION = "1.1.85"


class ClusterScope(Body):
    """An extension for the whole cluster."""

    release_namespace: Text | None = None


class NamespaceScope(Body):
    """An extension for one namespace."""

    target_namespace: Text | None = None


class Scope(Body):
    """One of both."""

    cluster: ClusterScope | None = None
    namespace: NamespaceScope | None = None


class Properties(Body):
    """Properties of an extension."""

    read_only = frozenset(
        {"provisioningState", "currentVersion", "errorInfo", "customLocationSettings", "packageUri"}
        | {"isSystemExtension", "statuses"}
    )
    extension_type: Text
    auto_upgrade_minor_version: Flag | None = None
    release_train: Text | None = None
    version: Text | None = None
    scope: Scope | None = None
    configuration_settings: dict[str, Text] | None = None
    configuration_protected_settings: dict[str, Text] | None = None


class ExtensionIdentity(Identity):
    """An extension has an identity of its own, or none."""

    type: Literal["SystemAssigned"]


class ExtensionBody(Child):
    """PUT of an extension."""

    identity: ExtensionIdentity | None = None
    properties: Properties


def build(extension: ResourceId, body: ExtensionBody, before: Record | None) -> Made:
    """The document; protected settings are never shown."""
    sent = body.properties
    if sent.scope and sent.scope.cluster and sent.scope.namespace:
        raise bad_request("BadRequest", f"The scope of extension '{extension.name}' must be cluster or namespace.")
    if sent.auto_upgrade_minor_version is not False and sent.version:
        raise bad_request("BadRequest", "A version can be given only where autoUpgradeMinorVersion is false.")
    del before
    if sent.extension_type.lower() == ML:
        check_ml(sent.configuration_settings or {}, sent.configuration_protected_settings or {})
    properties: dict[str, Any] = {"autoUpgradeMinorVersion": True, "releaseTrain": "Stable", "statuses": []}
    properties |= {"configurationSettings": {}, **sent.sent(), "currentVersion": sent.version or VERSION}
    if hidden := properties.get("configurationProtectedSettings"):
        properties["configurationProtectedSettings"] = dict.fromkeys(hidden, "")
    return Made(properties)


def check_ml(settings: Mapping[str, str], protected: Mapping[str, str]) -> None:
    """What the Azure ML extension asks for. Source: Azure ML on Kubernetes, extension configuration settings."""
    on = {key.lower(): value.lower() == "true" for key, value in settings.items()}
    if not (on.get("enabletraining") or on.get("enableinference")):
        raise bad_request("BadRequest", "Microsoft.AzureML.Kubernetes needs enableTraining or enableInference true.")
    if not on.get("enableinference"):
        return
    kind = settings.get("inferenceRouterServiceType", "")
    if kind.lower() not in {"loadbalancer", "nodeport", "clusterip"}:
        message = f"inferenceRouterServiceType must be loadBalancer, nodePort or clusterIP, got '{kind}'."
        raise bad_request("BadRequest", message)
    check_chart(settings, kind)
    if on.get("allowinsecureconnections"):
        return
    has_certificate = {"scoringFe.sslCert", "scoringFe.sslKey"} <= protected.keys()
    if not settings.get("scoringFe.sslSecret") and not has_certificate:
        message = (
            "Without allowInsecureConnections, scoringFe.sslSecret or both of scoringFe.sslCert and .sslKey are needed."
        )
        raise bad_request("BadRequest", message)


def check_chart(settings: Mapping[str, str], kind: str) -> None:
    """What is asked for in the words of the command line only, which the chart does not know.

    Azure takes it, and makes a router with a public address. Refused here: nobody would see that in a rehearsal.
    Source: azure-cli-extensions, AzureMLKubernetes; Azure/AML-Kubernetes, files/deployextension.json.
    """
    wanted = {
        "scoringFe.serviceType.nodePort": kind.lower() == "nodeport",
        "scoringFe.serviceType.internalLoadBalancer": settings.get("internalLoadBalancerProvider", "").lower()
        == "azure",
    }
    for key, is_asked in wanted.items():
        if is_asked and settings.get(key, "").lower() != "true":
            raise bad_request("BadRequest", f"Without {key} true the router gets a public load balancer.")
