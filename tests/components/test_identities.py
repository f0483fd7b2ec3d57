"""Identities and roles: what is granted, to whom, and before what."""

from tests.components.estates import BLUE, WORKSPACE, config, managed
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
    assert len(azure.of_type("RoleAssignment")) == 7


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
