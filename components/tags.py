"""Tags that a policy or a person writes in Azure, left alone."""

from __future__ import annotations

import pulumi

from settings.stack import Stack


def leave_alone(stack: Stack) -> None:
    """Ignore the stack's `ignoreTags` on all resources that are declared from here on. Call once, before the first.

    What is ignored is sent as it stands in the state, so a refresh, which brings such a tag there, keeps it in Azure.
    """
    if not stack.ignore_tags:
        return
    paths = [f'tags["{tag}"]' for tag in stack.ignore_tags]

    def transform(args: pulumi.ResourceTransformationArgs) -> pulumi.ResourceTransformationResult | None:
        if not args.type_.startswith("azure-native:") or "tags" not in args.props:
            return None
        options = pulumi.ResourceOptions(ignore_changes=paths)
        return pulumi.ResourceTransformationResult(args.props, pulumi.ResourceOptions.merge(args.opts, options))

    pulumi.runtime.register_stack_transformation(transform)
