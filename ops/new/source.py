"""Where a new project gets safe-rollout from: from where this one was installed."""

import json
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

PACKAGE = "safe-rollout"


def uv_source() -> str:
    """The table `tool.uv.sources` of a pyproject.toml; empty where it came from an index, as it then does again."""
    try:
        told = distribution(PACKAGE).read_text("direct_url.json")
    except PackageNotFoundError:
        return ""
    return source_table(json.loads(told)) if told else ""


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
