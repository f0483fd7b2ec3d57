"""Where a new project gets safe-rollout from: from where this one was installed."""

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PACKAGE, LOCAL = "safe-rollout", "localazure"


def uv_source() -> str:
    """The end of a pyproject.toml, from within its table `tool.uv`; empty where it came from an index, as it then does.

    A file of one package says nothing of the other, so that of the local Azure is named beside it.
    """
    direct, local = _direct(PACKAGE), _direct(LOCAL)
    if direct is None:
        return ""
    override = f'override-dependencies = ["{LOCAL}[node,pulumi] @ {local["url"]}"]\n' if local else ""
    return (override if "archive_info" in direct else "") + source_table(direct)


def _direct(package: str) -> Any:
    """What installed it (PEP 610), None where an index did or where it is not there."""
    try:
        told = distribution(package).read_text("direct_url.json")
    except PackageNotFoundError:
        return None
    return json.loads(told) if told else None


def source_table(direct: Mapping[str, Any]) -> str:
    """The same of a direct_url.json (PEP 610): a commit of a repository, a folder, or a file."""
    url = str(direct["url"])
    if "vcs_info" in direct:
        entry = {"git": url, "rev": str(direct["vcs_info"]["commit_id"])}
    elif url.startswith("file:"):
        entry = {"path": str(Path(unquote(urlsplit(url).path)))}
    else:
        entry = {"url": url}
    values = ", ".join(f"{key} = {json.dumps(value)}" for key, value in entry.items())
    is_editable = direct.get("dir_info", {}).get("editable", False)
    return f"\n[tool.uv.sources]\n{PACKAGE} = {{ {values}{', editable = true' if is_editable else ''} }}\n"
