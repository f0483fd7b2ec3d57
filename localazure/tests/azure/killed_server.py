"""ARM over HTTPS with nothing behind it, to be killed: `python -m tests.azure.killed_server STATE`.

It writes one line, where it answers and a token; its operations last a tenth of a second for each minute recorded.
"""

import asyncio
import json
import sys
from datetime import timedelta
from pathlib import Path

from localazure.ca import ensure_ca
from localazure.clock import Mode, TurnableClock
from localazure.run import begin_of_time, bound, served
from localazure.server import make_local_azure
from localazure.testing.fakes import FakeBlobs, FakeServing

FAST = Mode("fast", 600, True)


async def main(state: Path) -> None:
    """Answer until the end."""
    with bound(0, "ARM", "--arm-port") as listener:
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        clock = TurnableClock(FAST, begin_of_time(state))
        local = make_local_azure(state, url, clock, FakeServing(), FakeBlobs())
        await local.restore()
        async with served(local.app, listener, ensure_ca(state)):
            token = local.identity.keys.sign(url, "tests", timedelta(days=10_000))
            sys.stdout.write(json.dumps({"url": url, "token": token, "subscription": local.azure.subscription}) + "\n")
            sys.stdout.flush()
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
