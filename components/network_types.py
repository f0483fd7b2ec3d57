"""Types of Microsoft.Network, declared by their tokens.

The SDK's module of this service takes as long to import as everything else that a stack uses together, most of it for
types that no stack here has. A resource is a token, a version and inputs in ARM's spelling; a test checks the inputs
against the SDK's own types.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.options import AZURE_NATIVE_VERSION


class NetworkResource(pulumi.CustomResource):
    """A resource of Microsoft.Network, for example `VirtualNetwork`, with inputs as ARM spells them."""

    def __init__(self, kind: str, name: str, inputs: Mapping[str, Any], opts: pulumi.ResourceOptions) -> None:
        versioned = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(version=AZURE_NATIVE_VERSION))
        super().__init__(f"azure-native:network:{kind}", name, dict(inputs), versioned)
