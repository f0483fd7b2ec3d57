"""A workspace and all it stands on, as a platform team makes it with the azure-mgmt clients; run as a program.

`platform_team.py GROUP WORKSPACE` makes it and prints the ids of all of it by kind, as JSON.
"""

import json
import os
import sys
from typing import Any

from azure.identity import DefaultAzureCredential
from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
from azure.mgmt.containerregistry import ContainerRegistryManagementClient
from azure.mgmt.keyvault import KeyVaultManagementClient
from azure.mgmt.loganalytics import LogAnalyticsManagementClient
from azure.mgmt.machinelearningservices import MachineLearningServicesMgmtClient, models
from azure.mgmt.monitor import MonitorManagementClient
from azure.mgmt.monitor.models import ActionGroupResource, EmailReceiver
from azure.mgmt.msi import ManagedServiceIdentityClient
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.privatedns import PrivateDnsManagementClient
from azure.mgmt.privatedns.models import PrivateZone
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.storage import StorageManagementClient

PLACE = "westeurope"
TAGS = {"owner": "platform-team", "costCenter": "4711"}


def client(of: Any) -> Any:
    """A client of this class for the Azure that the environment names."""
    arm = os.environ["AZURE_AUTHORITY_HOST"]
    return of(
        DefaultAzureCredential(),
        os.environ["AZURE_SUBSCRIPTION_ID"],
        base_url=arm,
        credential_scopes=[f"{arm}/.default"],
    )


def made(group: str, workspace: str) -> dict[str, str]:
    """The ids of all that was made, by kind."""
    names = f"{group}{workspace}".replace("-", "")
    resources = client(ResourceManagementClient)
    found = {"group": resources.resource_groups.create_or_update(group, {"location": PLACE, "tags": TAGS})}
    account = {"location": PLACE, "kind": "StorageV2", "sku": {"name": "Standard_LRS"}, "tags": TAGS}
    storage = client(StorageManagementClient).storage_accounts.begin_create(group, f"st{names}"[:24], account).result()
    properties = {
        "tenantId": os.environ["AZURE_TENANT_ID"],
        "sku": {"family": "A", "name": "standard"},
        "enableRbacAuthorization": True,
    }
    vaults = client(KeyVaultManagementClient).vaults
    vault = vaults.begin_create_or_update(
        group, f"kv{names}"[:24], {"location": PLACE, "properties": properties, "tags": TAGS}
    ).result()
    logs = client(LogAnalyticsManagementClient).workspaces
    log = logs.begin_create_or_update(group, f"log{names}", {"location": PLACE, "tags": TAGS}).result()
    component = {
        "location": PLACE,
        "kind": "web",
        "properties": {"Application_Type": "web", "WorkspaceResourceId": log.id, "IngestionMode": "LogAnalytics"},
    }
    insights = client(ApplicationInsightsManagementClient).components.create_or_update(group, f"appi{names}", component)
    registries = client(ContainerRegistryManagementClient).registries
    registry = registries.begin_create(
        group, f"acr{names}", {"location": PLACE, "sku": {"name": "Premium"}, "tags": TAGS}
    ).result()
    body = models.Workspace(
        location=PLACE,
        identity=models.ManagedServiceIdentity(type="SystemAssigned"),
        tags=TAGS,
        storage_account=storage.id,
        key_vault=vault.id,
        application_insights=insights.id,
        container_registry=registry.id,
    )
    spaces = client(MachineLearningServicesMgmtClient).workspaces
    space = spaces.begin_create_or_update(group, workspace, body).result()
    found |= {"storage": storage, "vault": vault, "logs": log, "insights": insights, "registry": registry}
    found |= {"workspace": space} | around(group)
    return {kind: one.id for kind, one in found.items()}


def around(group: str) -> dict[str, Any]:
    """What stands beside a workspace: a network with a zone, an identity, and who hears alerts."""
    subnets = [{"name": "endpoints", "properties": {"addressPrefix": "10.40.0.0/26"}}]
    space = {"addressSpace": {"addressPrefixes": ["10.40.0.0/16"]}, "subnets": subnets}
    networks = client(NetworkManagementClient).virtual_networks
    network = networks.begin_create_or_update(
        group, "vnet-theirs", {"location": PLACE, "properties": space, "tags": TAGS}
    ).result()
    zones = client(PrivateDnsManagementClient).private_zones
    zone = zones.begin_create_or_update(
        group, "privatelink.blob.core.windows.net", PrivateZone(location="global", tags=TAGS)
    ).result()
    identities = client(ManagedServiceIdentityClient).user_assigned_identities
    identity = identities.create_or_update(group, "id-theirs", {"location": PLACE, "tags": TAGS})
    oncall = EmailReceiver(name="oncall", email_address="oncall@example.org")
    actions = ActionGroupResource(
        location="Global", group_short_name="oncall", enabled=True, email_receivers=[oncall], tags=TAGS
    )
    heard = client(MonitorManagementClient).action_groups.create_or_update(group, "ag-theirs", actions)
    return {"network": network, "zone": zone, "identity": identity, "actionGroup": heard}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(made(*sys.argv[1:])))
