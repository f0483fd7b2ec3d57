"""`localazure serve`: run the local Azure in the foreground until SIGTERM or SIGINT."""

import argparse
import asyncio
import logging
import os
import sqlite3
import sys
from dataclasses import fields
from pathlib import Path

from localazure.clock import DEFAULT, MODES
from localazure.run import Options, PortTaken, run
from localazure.serving.contract import Limits, ServingError
from localazure.store import StateError

PORT_TAKEN = 3
OTHER_STATE = 4
LOG_FILE = "localazure.log"
LOG = logging.getLogger("localazure")
LOG.addHandler(logging.NullHandler())  # before the log is there, stderr has the one line


def main(arguments: list[str] | None = None) -> int:
    """The exit code: 0 after a stop; with one line 1 if it cannot start, 3 for a taken port, 4 for another's state."""
    options = _parse(arguments)
    try:
        _start_log(options.state)
        asyncio.run(run(options))
    except PortTaken as error:
        return _refused(str(error), PORT_TAKEN)
    except ServingError as error:
        LOG.error("%s\n%s", error.message, error.log)
        text = f"{error.message} (log: {options.state / LOG_FILE})"
        return _refused(text, PORT_TAKEN if "-port" in error.message else 1)
    except StateError as error:
        how = f"Type: localazure reset --state {options.state} (it removes all that is in there), then start again."
        return _refused(f"the state in {options.state} can't be gone on with: {error}. {how}", OTHER_STATE)
    except (OSError, sqlite3.Error) as error:
        return _refused(f"the state in {options.state} can't be used: {error}")
    return 0


def _refused(message: str, code: int = 1) -> int:
    LOG.error("%s", message)
    sys.stderr.write(f"localazure: {message}\n")
    return code


def _start_log(state: Path) -> None:
    os.umask(0o077)  # what it keeps is for its owner only, whatever folder it was given
    state.mkdir(parents=True, exist_ok=True)
    state.chmod(0o700)
    form = "%(asctime)s %(levelname).1s %(name)s %(message)s"
    logging.basicConfig(filename=state / LOG_FILE, level=logging.INFO, format=form)
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it logs URLs, and those of blobs carry signatures


def _parse(arguments: list[str] | None) -> Options:
    parser = argparse.ArgumentParser(prog="localazure", description="A local Azure for rehearsals.")
    serve = parser.add_subparsers(dest="command", required=True).add_parser("serve", help="Run it in the foreground.")
    for name, text in (
        ("state", "folder of its state; the same folder goes on where it ended"),
        ("cache", "folder of built scoring environments"),
        ("azurite", "folder with node_modules/azurite"),
        ("node", "the Node.js program"),
    ):
        serve.add_argument(f"--{name}", type=Path, required=True, help=text)
    for name, port in (("arm", 8443), ("gateway", 8480), ("blob", 8490), ("control", 8470)):
        serve.add_argument(f"--{name}-port", type=int, default=port, help=f"0: any free one (default {port})")
    serve.add_argument(
        "--clock", choices=list(MODES), default=DEFAULT, help=f"how long operations take (default {DEFAULT})"
    )
    limits = Limits()
    for name, limit, text in (
        ("requests-per-second", limits.requests_per_second, "requests a second of a managed endpoint; 0: any"),
        ("bytes-per-second", limits.bytes_per_second, "bytes a second of a managed endpoint, each way; 0: any"),
        ("body-bytes", limits.body_bytes, "length of a request's body"),
    ):
        serve.add_argument(f"--{name}", type=_count, default=limit, help=f"{text} (default {limit})")
    parsed = vars(parser.parse_args(arguments))
    parsed.pop("command")
    limits = Limits(**{each.name: parsed.pop(each.name) for each in fields(Limits)})
    paths = {name: parsed[name].resolve() for name in ("state", "cache", "azurite")}
    return Options(**{**parsed, **paths, "clock": MODES[parsed["clock"]], "limits": limits})


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"expected a whole number, 0 or more, got '{text}'")
    return int(text)
