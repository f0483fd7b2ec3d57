"""The schema of the installed SDK, and operations against the fake ARM."""

import importlib.metadata
from collections.abc import Callable
from pathlib import Path

import pulumi_azure_native
import pytest

from localazure.plugin.arm import Arm
from localazure.plugin.cloud import Cloud
from localazure.plugin.generate import generate
from localazure.plugin.operations import Operations
from localazure.plugin.schema import ResourceType, Schema
from localazure.plugin.settings import Settings
from tests.plugin.fake_arm import HOST, SECRET, FakeArm

SETTINGS = Settings(HOST, "sub", "adfs", "client", SECRET)


@pytest.fixture(scope="session")
def schema() -> Schema:
    """The schema of the SDK that is installed here."""
    package = Path(pulumi_azure_native.__path__[0])
    return Schema(generate(package, importlib.metadata.version("pulumi_azure_native")))


@pytest.fixture(scope="session")
def endpoint_type(schema: Schema) -> ResourceType:
    """The type of an online endpoint."""
    return schema.resource("azure-native:machinelearningservices:OnlineEndpoint")


@pytest.fixture
def fake() -> FakeArm:
    """An empty ARM."""
    return FakeArm()


@pytest.fixture
def pauses() -> list[float]:
    """The pauses that were asked for, in seconds; none is really made."""
    return []


@pytest.fixture
def operations(schema: Schema, fake: FakeArm, pauses: list[float]) -> Operations:
    """A configured provider's operations."""
    return Operations(schema, Arm(Cloud(SETTINGS, fake), fake, pauses.append))


@pytest.fixture
def connect(schema: Schema, fake: FakeArm) -> Callable[[Settings, Callable[[float], None]], Operations]:
    """Operations with other settings or another pause."""
    return lambda settings, pause: Operations(schema, Arm(Cloud(settings, fake), fake, pause))
