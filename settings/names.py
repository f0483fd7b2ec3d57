"""Physical names: deterministic, and within what Azure allows for each type."""

import hashlib
import re
import uuid

from settings.workspace import Workspace

_NAMESPACE = uuid.UUID("6f1d3a5e-6c2b-4d0e-9a55-0f0f6f0a7c11")


def storage_account(workspace: Workspace) -> str:
    """3-24 lower-case letters and digits, unique in all of Azure."""
    return _name("st", workspace, 24, separator="")


def key_vault(workspace: Workspace) -> str:
    """3-24 letters, digits and dashes, begins with a letter, unique in all of Azure."""
    return _name("kv", workspace, 24, separator="-")


def log_analytics(workspace: Workspace) -> str:
    """4-63 letters, digits and dashes."""
    return _name("log", workspace, 63, separator="-")


def application_insights(workspace: Workspace) -> str:
    """1-255 characters; unique in its resource group."""
    return _name("appi", workspace, 63, separator="-")


def in_group(prefix: str, workspace: Workspace) -> str:
    """At most 63 letters, digits and dashes, for what is unique in its resource group; the prefix says what it is."""
    return _name(prefix, workspace, 63, separator="-")


def identity(key: str, workspace: Workspace) -> str:
    """The user-assigned identity that the stack file calls `key`."""
    return in_group(f"id-{key}", workspace)


def guid(*parts: str) -> str:
    """A GUID that follows from its parts: role assignments, role definitions and workbooks are named by one."""
    return str(uuid.uuid5(_NAMESPACE, "/".join(parts).lower()))


def _name(prefix: str, workspace: Workspace, limit: int, separator: str) -> str:
    if prefix in workspace.names:
        return workspace.names[prefix]
    # The digest keeps two workspaces apart whose names are equal once cut or stripped.
    digest = hashlib.sha256(f"{workspace.resource_group}/{workspace.name}".lower().encode()).hexdigest()[:6]
    plain = re.sub(r"[^a-z0-9]+", separator, workspace.name.lower()).strip("-")
    room = limit - len(prefix) - len(digest) - 2 * len(separator)
    middle = plain[:room].strip("-")
    return separator.join([prefix, middle, digest])
