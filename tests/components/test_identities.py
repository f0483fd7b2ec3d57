"""Identities and roles: what is granted, to whom, and before what."""

from tests.components.estates import BLUE, WORKSPACE, config, managed, private
from tests.components.program import run

GROUP = "00000000-0000-0000-0000-0000000000aa"


def test_an_endpoint_identity_gets_what_azure_gives_only_its_own() -> None:
    """A user-assigned identity pulls images, reads models and writes metrics; the endpoint carries it by id."""
    endpoint = {"identity": {"type": "userAssigned", "names": ["scoring"]}, "deployments": {"blue": BLUE}}
    azure, _ = run(config(identities={"scoring": {}}, endpoints={"diabetes": endpoint}))
    granted = {
        (grant["scope"], grant["roleDefinitionId"].rsplit("/", 1)[-1][:8])
        for grant in azure.of_type("RoleAssignment").values()
    }
    assert granted == {
        ("/mock/registry", "7f951dda"),
        ("/mock/base-storage", "2a2b9908"),
        ("/mock/workspace", "635dd51f"),
    }
    identity = azure.of_type("OnlineEndpoint")["diabetes"]["identity"]
    assert identity == {"type": "UserAssigned", "userAssignedIdentities": ["/mock/identities-scoring"]}


def test_a_workspace_can_be_a_user_assigned_identity() -> None:
    """The workspace names the identity as its primary one; its roles on storage, vault and registry are declared."""
    azure, _ = run(config(workspace=WORKSPACE | {"identity": "ws"}, identities={"ws": {"purpose": "workspace"}}))
    workspace = azure.of_type("Workspace")["workspace"]
    assert workspace["primaryUserAssignedIdentity"] == "/mock/identities-ws"
    assert len(azure.of_type("RoleAssignment")) == 8
    manages = azure.of_type("RoleAssignment")["identities-ws-workspace-b24988ac"]
    assert manages["scope"] == "/mock/workspace"


def test_a_workspaces_identity_approves_what_its_managed_network_connects_to() -> None:
    """Its private endpoints to the stack's own resources wait for an approval, which is its own to give."""
    workspace = private()["safe-rollout:workspace"] | {"identity": "ws"}
    azure, _ = run(private() | config(workspace=workspace, identities={"ws": {"purpose": "workspace"}}))
    approves = azure.of_type("RoleAssignment")["identities-ws-group-b556d68e"]
    assert approves["scope"] == "/mock/base-group"
    assert approves["roleDefinitionId"].endswith("b556d68e-0be0-4f35-a333-ad7ee1ce17ea")


def test_a_workspaces_identity_may_attach_the_cluster() -> None:
    """It reads the cluster, its extension and its credentials; the compute is made after these roles."""
    identities = {"ws": {"purpose": "workspace"}}
    stands = {"workspace": WORKSPACE | {"identity": "ws"}, "identities": identities}
    azure, _ = run(config(**stands, inferenceCluster={"name": "aks-inference"}))
    roles = {name for name, one in azure.of_type("RoleAssignment").items() if one["scope"] == "/mock/cluster"}
    assert roles == {f"identities-ws-cluster-{role}" for role in ("0ab0b1a8", "85cb6faf", "acdd72a7")}
    azure, _ = run(config(**stands, inferenceCluster={"name": "aks-inference", "attach": {"kind": "none"}}))
    assert [one for one in azure.of_type("RoleAssignment").values() if one["scope"] == "/mock/cluster"] == []


def test_role_assignments_have_stable_names() -> None:
    """The names are GUIDs that follow from the stack file, so a second run changes nothing."""
    runs = [run(config(identities={"scoring": {}}))[0].of_type("RoleAssignment") for _ in range(2)]
    names = [{key: grant["roleAssignmentName"] for key, grant in grants.items()} for grants in runs]
    assert names[0] == names[1]
    assert len(set(names[0].values())) == 3


def test_custom_roles_hold_no_more_than_they_need() -> None:
    """The deployer may not delete the workspace or read its keys; the invoker may only look and call."""
    people = [{"id": GROUP}]
    azure, _ = run(config(access={"deployers": people, "invokers": people}, endpoints=managed()))
    roles = azure.of_type("RoleDefinition")
    deployer = roles["access-deployer"]["permissions"][0]["actions"]
    invoker = roles["access-invoker"]["permissions"][0]["actions"]
    assert "Microsoft.MachineLearningServices/workspaces/onlineEndpoints/*" in deployer
    assert not [action for action in (*deployer, *invoker) if action in ("*", "*/write", "*/delete")]
    assert not [action for action in invoker if action.endswith(("/write", "/delete", "/*"))]
    assert azure.of_type("RoleAssignment")[f"access-invoker-{GROUP}"]["principalType"] == "Group"


def test_a_role_is_assigned_where_what_it_allows_stands() -> None:
    """Endpoints are in the workspace; autoscalers, alerts and identities stand beside it, in the resource group."""
    azure, _ = run(config(access={"deployers": [{"id": GROUP}]}, endpoints=managed()))
    scopes = {name: one["scope"] for name, one in azure.of_type("RoleAssignment").items()}
    assert scopes == {f"access-deployer-{GROUP}": "/mock/workspace", f"access-scaler-{GROUP}": "/mock/base-group"}
    actions = {name: set(role["permissions"][0]["actions"]) for name, role in azure.of_type("RoleDefinition").items()}
    beside = {"Microsoft.Insights/autoscaleSettings/*", "Microsoft.Insights/metricAlerts/*"}
    assert beside <= actions["access-scaler"]
    assert not beside & actions["access-deployer"]
    assert "Microsoft.Insights/diagnosticSettings/*" in actions["access-deployer"]
