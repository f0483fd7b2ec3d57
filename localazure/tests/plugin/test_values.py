"""Names, settings and the engine's form of values."""

import pytest
from google.protobuf.struct_pb2 import Struct
from hypothesis import given
from hypothesis import strategies as st

from localazure.plugin.ids import with_name
from localazure.plugin.schema import ResourceType, Schema
from localazure.plugin.settings import ConfigurationError, read_settings
from localazure.plugin.values import UNKNOWN, contains_unknown, from_struct, same, secret, to_struct

JSON = st.recursive(
    st.booleans() | st.integers(-(2**53), 2**53) | st.text() | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
URN = "urn:pulumi:dev::p::azure-native:machinelearningservices:OnlineEndpoint::diabetes"


@given(st.dictionaries(st.text(), JSON, max_size=4))
def test_values_survive_the_engines_form(values: dict[str, object]) -> None:
    """What goes to the engine comes back the same JSON."""
    assert same(values, from_struct(to_struct(values)))


def test_whole_numbers_are_integers() -> None:
    """The engine knows floats only; ARM wants 90, not 90.0."""
    assert str(from_struct(to_struct({"blue": 90.0}))["blue"]) == "90"


def test_unknowns_and_secrets_are_told_apart() -> None:
    """An unknown stays one, a secret is unwrapped, a null is left out."""
    struct = to_struct({"a": UNKNOWN, "b": secret("s"), "c": [{"d": UNKNOWN}]})
    struct.fields["e"].null_value = 0  # type: ignore[assignment]
    plain = from_struct(struct)
    assert plain == {"a": UNKNOWN, "b": "s", "c": [{"d": UNKNOWN}]}
    assert contains_unknown(plain["c"])
    assert not contains_unknown(plain["b"])
    assert from_struct(Struct()) == {}


def test_a_name_left_out_is_made_up_from_the_engines_seed(endpoint_type: ResourceType) -> None:
    """The logical name and eight digits: the same for the same seed, another for another."""
    first = with_name(endpoint_type, {}, {}, URN, b"1")["endpointName"]
    assert first == with_name(endpoint_type, {}, {}, URN, b"1")["endpointName"]
    assert first != with_name(endpoint_type, {}, {}, URN, b"2")["endpointName"]
    assert (len(first), first.startswith("diabetes")) == (16, True)


def test_a_name_that_was_made_up_is_kept(endpoint_type: ResourceType) -> None:
    """A resource does not get another name with every update; a name that is given wins."""
    old = {"endpointName": "diabetes12345678"}
    assert old == with_name(endpoint_type, {}, old, URN, b"2")
    assert with_name(endpoint_type, {"endpointName": "mine"}, old, URN, b"2") == {"endpointName": "mine"}


def test_a_role_assignment_is_named_by_a_guid(schema: Schema) -> None:
    """Azure takes nothing else there."""
    kind = schema.resource("azure-native:authorization:RoleAssignment")
    assert len(with_name(kind, {}, {}, URN, b"1")["roleAssignmentName"]) == 36


def test_settings_come_from_the_stack_before_the_environment() -> None:
    """A value of the stack file wins over ARM_ variables, which win over AZURE_ ones."""
    environment = {
        "ARM_METADATA_HOSTNAME": "env:1",
        "ARM_SUBSCRIPTION_ID": "s",
        "AZURE_TENANT_ID": "adfs",
        "AZURE_CLIENT_ID": "azure",
        "ARM_CLIENT_ID": "arm",
        "ARM_CLIENT_SECRET": "x",
        "SSL_CERT_FILE": "/ca.pem",
    }
    settings = read_settings({"metadataHost": "https://stack:2/", "location": "we"}, environment)
    assert (
        settings.metadata_host,
        settings.client_id,
        settings.tenant_id,
        settings.ca_file,
        settings.location,
    ) == ("stack:2", "arm", "adfs", "/ca.pem", "we")
    assert "x" not in repr(settings).split("'")


def test_all_missing_settings_are_named_at_once() -> None:
    """No ARM is taken by default: the stand-in never reaches an Azure by accident."""
    with pytest.raises(ConfigurationError, match=r"metadataHost .*ARM_METADATA_HOSTNAME.*azure-native:clientSecret"):
        read_settings({}, {})
