"""Action groups: who is told. A PATCH changes their tags and switches them on and off."""

from localazure.arm.bodies import Body, Flag, Tags, check
from localazure.arm.catalog import Call, Reply
from localazure.arm.resources import PlainType, require


class Switch(Body):
    """What a PATCH may change besides tags."""

    enabled: Flag | None = None


class GroupPatch(Body):
    """PATCH of an action group."""

    tags: Tags | None = None
    properties: Switch | None = None


class ActionGroups(PlainType):
    """The type; only its PATCH is its own."""

    async def patch(self, call: Call) -> Reply:
        """Change what is sent."""
        sent = check(GroupPatch, call.body)
        record = require(self.azure, call.id)
        if sent.tags is not None:
            record.document["tags"] = sent.tags
        if sent.properties is not None:
            record.properties.update(sent.properties.sent())
        self.azure.store.put(record)
        return Reply(200, record.document)
