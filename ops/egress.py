"""`rollout egress`: the hosts that a stack's nodes must reach, for whoever keeps the firewall."""

import json
import shutil
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from ops.project import StackOption, find_place
from rollout.egress import hosts

WIDE = 140
"""Columns that the longest line takes."""


def command(
    stack_file: Annotated[Path | None, typer.Argument(help="The stack file, for example Pulumi.aks.yaml.")] = None,
    stack: StackOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """List the hosts that must resolve and be reachable, what each is for, and the service tag that covers it."""
    if stack_file and stack:
        raise typer.BadParameter("name one stack: 'rollout egress --stack aks' or 'rollout egress Pulumi.aks.yaml'")
    found = hosts(find_place(stack, stack_file).settings())
    if as_json:
        typer.echo(json.dumps([asdict(host) for host in found], indent=2))
        return
    width = max((len(host.host) for host in found), default=0)
    # On a narrow screen what a host is for stands below it; in a file each host is one line.
    between = "\n    " if sys.stdout.isatty() and shutil.get_terminal_size().columns < WIDE else "  "
    for host in found:
        tag = f"; service tag {host.tag}" if host.tag else ""
        # Never cut: a host that is copied from here must be whole.
        typer.echo(f"{host.host:<{width}}  {host.port}{between}{host.purpose} ({host.source}{tag})")
