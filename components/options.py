"""What every resource of a stack shares: type tokens and child options."""

from importlib.metadata import version

import pulumi

TYPE_PREFIX = "safe-rollout:components"
AZURE_NATIVE_VERSION = version("pulumi-azure-native")


def child(parent: pulumi.Resource, opts: pulumi.ResourceOptions | None = None) -> pulumi.ResourceOptions:
    """Options of a component's child. The method form of merge would give the child the component's own parent."""
    merged = pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(parent=parent))
    assert merged is not None
    return merged
