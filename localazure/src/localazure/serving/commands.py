"""Commands that are run to their end."""

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping

from localazure.serving.contract import ServingError

PASSED = frozenset(
    {
        *("PATH", "HOME", "USER", "LANG", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "NETRC"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"),
    }
)
"""Variables that a command gets, in either case; beside them uv's own (`UV_`)."""


def build_environment(base: Mapping[str, str]) -> dict[str, str]:
    """What a build may know of this process' environment: the build of a package runs its author's code.

    Where programs, caches and package indexes are, and how to reach them; no other variable, as any may be a secret.
    """

    def passes(name: str) -> bool:
        return name.upper() in PASSED or (name.startswith(("UV_", "LC_")) and not name.startswith("UV_PUBLISH"))

    return {name: value for name, value in base.items() if passes(name)}


async def run(*command: str, env: Mapping[str, str] | None = None, within: float | None = None) -> str:
    """The standard output of a command. Raises ServingError with all of its output as log.

    Of `env`, or of this process' own environment, it gets what a build may know.
    """
    variables = build_environment(os.environ if env is None else env)
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=variables,
        start_new_session=True,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), within)
    except (asyncio.CancelledError, TimeoutError) as error:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # with what it started: the build of a package
        await process.wait()
        if isinstance(error, TimeoutError):
            raise ServingError(f"{command[0]} took more than {within:.0f} s.") from None
        raise
    if process.returncode:
        raise ServingError("The environment could not be built.", (output + errors).decode(errors="replace"))
    return output.decode()
