"""`python -m localazure.plugin install --home DIR` and, for the engine, `serve --schema FILE`."""

import argparse
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    """Runs one of the two commands; each imports only what it needs, as the engine waits for the port of `serve`."""
    parser = argparse.ArgumentParser(prog="python -m localazure.plugin", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    installing = commands.add_parser("install", help="put the stand-in for azure-native into a PULUMI_HOME")
    installing.add_argument("--home", type=Path, required=True, help="the PULUMI_HOME")
    serving = commands.add_parser("serve", help="what the engine starts")
    serving.add_argument("--schema", type=Path, required=True)
    options, _ = parser.parse_known_args(arguments)
    if options.command == "serve":
        from .server import serve

        serve(options.schema)
        return 0
    from .install import NotInstalled, install

    try:
        folder = install(options.home)
    except (NotInstalled, ValueError, OSError) as error:
        sys.stderr.write(f"the stand-in for azure-native can't be installed: {error}\n")
        return 1
    sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
