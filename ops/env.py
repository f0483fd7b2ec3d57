"""`rollout env`: what a shell needs to speak to Azure with this project's programs."""

import json
import os
import shlex
from typing import Annotated

import typer

from ops.setup.__main__ import search_path


def command(
    as_json: Annotated[bool, typer.Option("--json", help="The folders as JSON.")] = False,
) -> None:
    """Print the line that puts this project's programs on a shell's PATH: `source <(.venv/bin/rollout env)`.

    These are rollout, uv, Python, and pulumi where the set-up brought it. For the local Azure: rollout local env.
    """
    folders = search_path().split(os.pathsep)
    if as_json:
        typer.echo(json.dumps({"path": folders}))
        return
    for folder in reversed(folders):
        part = shlex.quote(folder)
        typer.echo(f'case ":$PATH:" in *:{part}:*) ;; *) export PATH={part}:"$PATH" ;; esac')
