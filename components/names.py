"""Physical names: deterministic, and within what Azure allows for each type."""

import hashlib
import re

from settings.workspace import Workspace


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


def _name(prefix: str, workspace: Workspace, limit: int, separator: str) -> str:
    # The digest keeps two workspaces apart whose names are equal once cut or stripped.
    digest = hashlib.sha256(f"{workspace.resource_group}/{workspace.name}".lower().encode()).hexdigest()[:6]
    plain = re.sub(r"[^a-z0-9]+", separator, workspace.name.lower()).strip("-")
    room = limit - len(prefix) - len(digest) - 2 * len(separator)
    middle = plain[:room].strip("-")
    return separator.join([prefix, middle, digest])
