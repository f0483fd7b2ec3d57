"""Commands that are run to their end."""

import asyncio
import os
from collections.abc import Mapping

from localazure.serving.contract import ServingError


async def run(*command: str, env: Mapping[str, str] | None = None, within: float | None = None) -> str:
    """The standard output of a command. Raises ServingError with all of its output as log."""
    variables = os.environ if env is None else env
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={name: value for name, value in variables.items() if name != "VIRTUAL_ENV"},
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(), within)
    except (asyncio.CancelledError, TimeoutError) as error:
        process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise ServingError(f"{command[0]} took more than {within:.0f} s.") from None
        raise
    if process.returncode:
        raise ServingError("The environment could not be built.", (output + errors).decode(errors="replace"))
    return output.decode()
