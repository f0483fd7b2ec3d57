"""Somebody else's judgement: by a webhook, or by a command."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import httpx2

from rollout.gates.verdict import Kind, Verdict
from settings.gates import Command, Webhook, seconds_of
from settings.values import HIDDEN

_BY_CODE: Mapping[int, Kind] = {0: "pass", 3: "fail", 4: "inconclusive", 6: "cancelled"}


def ask_webhook(webhook: Webhook, judged: Mapping[str, Any], client: httpx2.Client | None = None) -> Verdict:
    """POST what is judged; the answer is `{"verdict": ..., "reason": ...}`. Anything else is an error."""
    if webhook.url == HIDDEN:
        return Verdict("error", "webhook: its address is encrypted in the stack file; write it in clear")
    try:
        with client or httpx2.Client(timeout=float(seconds_of(webhook.timeout))) as http:
            answer = http.post(webhook.url, json=dict(judged))
            answer.raise_for_status()
            told = answer.json()
            kind, reason = told["verdict"], str(told.get("reason", "no reason given"))
    except (httpx2.HTTPError, ValueError, KeyError, TypeError, AttributeError) as error:
        return Verdict("error", f"webhook: {type(error).__name__}: {error}")
    if kind not in get_args(Kind):
        return Verdict("error", f"webhook: verdict {kind!r}; expected one of {', '.join(get_args(Kind))}")
    return Verdict(kind, f"webhook: {reason}", numbers={"webhook": told})


def run_command(command: Command, judged: Mapping[str, Any], root: Path) -> Verdict:
    """Run it in the project's folder with what is judged on its standard input; its last line is the reason."""
    within = seconds_of(command.timeout)
    try:
        ended = subprocess.run(
            command.argv,
            input=json.dumps(judged),
            cwd=root,
            capture_output=True,
            text=True,
            timeout=within,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return Verdict("error", f"command {command.argv[0]}: not done after {within} s")
    except (OSError, ValueError) as error:
        return Verdict("error", f"command {command.argv[0]}: {error}")
    lines = (ended.stdout.strip() or ended.stderr.strip()).splitlines() or ["it said nothing"]
    kind = _BY_CODE.get(ended.returncode, "error")
    reason = f"command {command.argv[0]}: {lines[-1][:200]}" + (
        f" (exit code {ended.returncode})" if kind == "error" else ""
    )
    return Verdict(kind, reason, numbers={"command": {"exitCode": ended.returncode}})
