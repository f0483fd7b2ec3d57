"""Azure's generated management clients against the local Azure: each does what its package is for, unpatched."""

from collections.abc import Iterator
from typing import Any

import pytest
from azure.core import MatchConditions
from azure.core.exceptions import HttpResponseError, ResourceExistsError, ResourceNotFoundError

from tests.azure.threaded import GROUP, PLACE, Cloud, threaded


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local Azure with the resource group."""
    from azure.mgmt.resource.resources import ResourceManagementClient

    with threaded(tmp_path_factory.mktemp("state")) as found:
        found.client(ResourceManagementClient).resource_groups.create_or_update(GROUP, {"location": PLACE})
        yield found


def names(found: Any) -> list[str]:
    """Names of a list's documents, page after page."""
    return sorted(str(each.name) for each in found)


def test_resource(cloud: Cloud) -> None:
    """Groups: created, checked, patched, listed in pages, deleted; a missing one is ResourceNotFoundError."""
    from azure.mgmt.resource.resources import ResourceManagementClient

    groups = cloud.client(ResourceManagementClient).resource_groups
    for number in range(5):
        groups.create_or_update(f"page-{number}", {"location": PLACE, "tags": {"a": "b"}})
    assert groups.check_existence("page-1")
    assert groups.update("page-1", {"tags": {"c": "d"}}).tags == {"c": "d"}
    assert names(groups.list(top=2))[:5] == [f"page-{number}" for number in range(5)]
    for number in range(5):
        groups.begin_delete(f"page-{number}").result()
    with pytest.raises(ResourceNotFoundError):
        groups.get("page-1")


def test_storage(cloud: Cloud) -> None:
    """An account: created, its keys, patched, listed, deleted."""
    from azure.mgmt.storage import StorageManagementClient, models

    accounts = cloud.client(StorageManagementClient).storage_accounts
    body = models.StorageAccountCreateParameters(sku=models.Sku(name="Standard_LRS"), kind="StorageV2", location=PLACE)
    assert accounts.begin_create(GROUP, "store1", body).result().provisioning_state == "Succeeded"
    assert [key["keyName"] for key in accounts.list_keys(GROUP, "store1")["keys"]] == ["key1", "key2"]
    patch = models.StorageAccountUpdateParameters(tags={"a": "b"})
    assert accounts.update(GROUP, "store1", patch).tags == {"a": "b"}
    assert names(accounts.list_by_resource_group(GROUP)) == names(accounts.list()) == ["store1"]
    accounts.delete(GROUP, "store1")
    assert names(accounts.list()) == []


def test_keyvault(cloud: Cloud) -> None:
    """A vault: created, deleted softly, its name kept, recovered, purged."""
    from azure.mgmt.keyvault import KeyVaultManagementClient, models

    vaults = cloud.client(KeyVaultManagementClient).vaults

    def put(mode: str) -> Any:
        sku = models.Sku(family="A", name="standard")
        properties = models.VaultProperties(
            tenant_id="00000000-0000-4000-8000-000000000001",
            sku=sku,
            enable_rbac_authorization=True,
            create_mode=mode,
        )
        body = models.VaultCreateOrUpdateParameters(location=PLACE, properties=properties)
        return vaults.begin_create_or_update(GROUP, "vault-1", body).result()

    assert put("default").properties.vault_uri == "https://vault-1.vault.azure.net/"
    patch = models.VaultPatchParameters(tags={"a": "b"})
    assert vaults.update(GROUP, "vault-1", patch).tags == {"a": "b"}
    assert names(vaults.list_by_subscription(top=1)) == names(vaults.list()) == ["vault-1"]
    vaults.delete(GROUP, "vault-1")
    assert names(vaults.list_deleted()) == ["vault-1"]
    with pytest.raises(ResourceExistsError, match="deleted state"):
        put("default")
    assert put("recover").name == "vault-1"
    vaults.delete(GROUP, "vault-1")
    assert vaults.get_deleted("vault-1", PLACE).properties.location == PLACE
    vaults.begin_purge_deleted("vault-1", PLACE).result()
    assert names(vaults.list_deleted()) == names(vaults.list_by_resource_group(GROUP)) == []


def test_containerregistry(cloud: Cloud) -> None:
    """A registry: created, patched, its credentials once the admin is enabled, deleted."""
    from azure.mgmt.containerregistry import ContainerRegistryManagementClient, models

    registries = cloud.client(ContainerRegistryManagementClient).registries

    def put(admin: bool) -> Any:
        properties = models.RegistryProperties(admin_user_enabled=admin)
        body = models.Registry(location=PLACE, sku=models.Sku(name="Basic"), properties=properties)
        return registries.begin_create(GROUP, "registry1", body).result()

    assert put(False).properties.login_server == "registry1.azurecr.io"
    with pytest.raises(HttpResponseError, match="admin user is disabled"):
        registries.list_credentials(GROUP, "registry1")
    put(True)
    assert len(registries.list_credentials(GROUP, "registry1").passwords) == 2
    patch = models.RegistryUpdateParameters(tags={"a": "b"})
    assert registries.begin_update(GROUP, "registry1", patch).result().tags == {"a": "b"}
    registries.begin_delete(GROUP, "registry1").result()
    assert names(registries.list()) == []


def test_authorization(cloud: Cloud) -> None:
    """A built-in role: found by its name, assigned on the group, listed there, taken away."""
    from azure.mgmt.authorization import AuthorizationManagementClient, models

    client = cloud.client(AuthorizationManagementClient)
    scope = f"/subscriptions/{cloud.subscription}/resourceGroups/{GROUP}"
    [role] = client.role_definitions.list(scope, filter="roleName eq 'AcrPull'")
    principal = "00000000-0000-4000-8000-000000000002"
    body = models.RoleAssignmentCreateParameters(role_definition_id=role.id, principal_id=principal)
    name = "00000000-0000-4000-8000-000000000003"
    assert client.role_assignments.create(scope, name, body).principal_id == principal
    assert names(client.role_assignments.list_for_scope(scope)) == [name]
    client.role_assignments.delete(scope, name)
    with pytest.raises(ResourceNotFoundError):
        client.role_assignments.get(scope, name)


def test_msi(cloud: Cloud) -> None:
    """A user-assigned identity: created with ids of its own, patched, listed, deleted."""
    from azure.mgmt.msi import ManagedServiceIdentityClient, models

    identities = cloud.client(ManagedServiceIdentityClient).user_assigned_identities
    made = identities.create_or_update(GROUP, "identity-1", models.Identity(location=PLACE))
    assert made.principal_id != made.client_id
    patched = identities.update(GROUP, "identity-1", models.IdentityUpdate(tags={"a": "b"}))
    assert (patched.tags, patched.client_id) == ({"a": "b"}, made.client_id)
    assert names(identities.list_by_resource_group(GROUP)) == ["identity-1"]
    identities.delete(GROUP, "identity-1")
    assert names(identities.list_by_subscription()) == []


def test_logs_and_insights(cloud: Cloud) -> None:
    """Log Analytics and Application Insights on it; both show their entity tag, and take new tags."""
    from azure.mgmt.applicationinsights import ApplicationInsightsManagementClient
    from azure.mgmt.applicationinsights import models as insights_models
    from azure.mgmt.loganalytics import LogAnalyticsManagementClient, models

    workspaces = cloud.client(LogAnalyticsManagementClient).workspaces
    logs = workspaces.begin_create_or_update(GROUP, "logs-1", models.Workspace(location=PLACE)).result()
    assert logs.etag
    components = cloud.client(ApplicationInsightsManagementClient).components
    body = insights_models.ApplicationInsightsComponent(
        location=PLACE, kind="web", application_type="web", workspace_resource_id=logs.id
    )
    assert components.create_or_update(GROUP, "insights-1", body).etag
    assert names(components.list_by_resource_group(GROUP)) == names(components.list()) == ["insights-1"]
    tags = insights_models.TagsResource(tags={"a": "b"})
    assert components.update_tags(GROUP, "insights-1", tags).tags == {"a": "b"}
    assert workspaces.update(GROUP, "logs-1", models.WorkspacePatch(tags={"c": "d"})).tags == {"c": "d"}
    components.delete(GROUP, "insights-1")
    workspaces.begin_delete(GROUP, "logs-1").result()
    assert names(workspaces.list()) == []


def test_network(cloud: Cloud) -> None:
    """A network with a subnet, a private endpoint's zone and its link: created, listed, deleted."""
    from azure.mgmt.network import NetworkManagementClient, models
    from azure.mgmt.privatedns import PrivateDnsManagementClient
    from azure.mgmt.privatedns import models as dns_models

    networks = cloud.client(NetworkManagementClient).virtual_networks
    body = models.VirtualNetwork(
        location=PLACE,
        address_space=models.AddressSpace(address_prefixes=["10.0.0.0/16"]),
        subnets=[models.Subnet(name="inside", address_prefix="10.0.1.0/24")],
    )
    made = networks.begin_create_or_update(GROUP, "network-1", body).result()
    assert [subnet.name for subnet in made.subnets] == ["inside"]
    assert networks.update_tags(GROUP, "network-1", models.TagsObject(tags={"a": "b"})).tags == {"a": "b"}
    assert names(networks.list(GROUP)) == ["network-1"]
    dns = cloud.client(PrivateDnsManagementClient)
    zone = "privatelink.api.azureml.ms"
    dns.private_zones.begin_create_or_update(GROUP, zone, dns_models.PrivateZone(location="global")).result()
    link = dns_models.VirtualNetworkLink(
        location="global", virtual_network=dns_models.SubResource(id=made.id), registration_enabled=False
    )
    dns.virtual_network_links.begin_create_or_update(GROUP, zone, "link-1", link).result()
    assert names(dns.virtual_network_links.list(GROUP, zone)) == ["link-1"]
    with pytest.raises(HttpResponseError, match="PreconditionFailed"):
        dns.private_zones.begin_create_or_update(
            GROUP, zone, dns_models.PrivateZone(location="global"), match_condition=MatchConditions.IfMissing
        )
    dns.virtual_network_links.begin_delete(GROUP, zone, "link-1").result()
    dns.private_zones.begin_delete(GROUP, zone).result()
    networks.begin_delete(GROUP, "network-1").result()
    assert names(networks.list_all()) == []


def test_containerservice(cloud: Cloud) -> None:
    """A cluster with a node pool: created, its pool listed, deleted."""
    from azure.mgmt.containerservice import ContainerServiceClient, models

    clusters = cloud.client(ContainerServiceClient)
    pool = models.ManagedClusterAgentPoolProfile(name="system", count=3, vm_size="Standard_D4s_v5", mode="System")
    body = models.ManagedCluster(
        location=PLACE,
        dns_prefix="cluster-1",
        identity=models.ManagedClusterIdentity(type="SystemAssigned"),
        agent_pool_profiles=[pool],
    )
    made = clusters.managed_clusters.begin_create_or_update(GROUP, "cluster-1", body).result()
    assert made.provisioning_state == "Succeeded"
    assert names(clusters.agent_pools.list(GROUP, "cluster-1")) == ["system"]
    tags = models.TagsObject(tags={"a": "b"})
    patched = clusters.managed_clusters.begin_update_tags(GROUP, "cluster-1", tags).result()
    assert (patched.tags, patched.dns_prefix) == ({"a": "b"}, "cluster-1")
    assert names(clusters.managed_clusters.list_by_resource_group(GROUP)) == ["cluster-1"]
    clusters.managed_clusters.begin_delete(GROUP, "cluster-1").result()
    assert names(clusters.managed_clusters.list()) == []


def test_monitor(cloud: Cloud) -> None:
    """Who is told, and an alert that tells them: created, listed, deleted."""
    from azure.mgmt.monitor import MonitorManagementClient, models

    groups = cloud.client(MonitorManagementClient).action_groups
    receiver = models.EmailReceiver(name="on-call", email_address="on-call@example.org")
    body = models.ActionGroupResource(
        location="global", group_short_name="on-call", enabled=True, email_receivers=[receiver]
    )
    made = groups.create_or_update(GROUP, "tell", body)
    assert [each.name for each in made.email_receivers] == ["on-call"]
    assert names(groups.list_by_resource_group(GROUP)) == names(groups.list_by_subscription_id()) == ["tell"]
    patched = groups.update(GROUP, "tell", models.ActionGroupPatchBody(tags={"a": "b"}, enabled=False))
    assert (patched.tags, patched.enabled) == ({"a": "b"}, False)
    groups.delete(GROUP, "tell")
    assert names(groups.list_by_resource_group(GROUP)) == []
