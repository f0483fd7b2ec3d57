"""What the engine makes of each text of `engine_texts`: `python -m tests.settings.engine_reads` asks it anew.

The engine runs a program that declares nothing and writes down what it was given. The answers stand in
engine_reads.json, one a line: the configuration and its secret keys, or null where the engine refuses the text.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ops.engine import PulumiError, diagnostics_of
from ops.paths import CHECKOUT
from ops.setup.engine import find_engine
from tests.settings.engine_texts import TEXTS, Text

RECORDING = Path(__file__).with_suffix(".json")
PROGRAM = """\
import json, os, pulumi
from pulumi.runtime import config
with open(os.environ["SAID"], "w") as said:
    json.dump({"config": config.CONFIG.get(), "secret": sorted(config._SECRET_KEYS.get())}, said)
"""


class Asked:
    """An empty project whose stack file is each text in turn."""

    def __init__(self, folder: Path) -> None:
        engine = find_engine()
        assert engine is not None
        self._folder, self._said, self._pulumi = folder, folder / "said.json", str(engine / "pulumi")
        for name in ("stacks", "home"):
            (folder / name).mkdir()
        (folder / "__main__.py").write_text(PROGRAM, encoding="utf-8")
        self._project("")
        self._environment = {
            **os.environ,
            "PATH": os.pathsep.join([str(CHECKOUT / ".venv" / "bin"), str(engine), os.environ["PATH"]]),
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": f"file://{folder / 'stacks'}",
            "PULUMI_CONFIG_PASSPHRASE": "",
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
            "SAID": str(self._said),
            "TZ": "UTC",
        }
        self._run("stack", "init", "s")
        self._salt = (folder / "Pulumi.s.yaml").read_text(encoding="utf-8")

    def ask(self, text: Text) -> dict[str, Any]:
        """What the engine hands to the program: `config` and `secret`, or `config: null` and what it says."""
        self._project(text.project)
        (self._folder / "Pulumi.s.yaml").write_bytes(text.stack)
        self._said.unlink(missing_ok=True)
        try:
            self._run("preview", "--stack", "s", "--suppress-progress")
        except PulumiError as error:
            if not self._said.exists():
                return {"config": None, "said": diagnostics_of(error.output).replace(f"{self._folder}/", "")[:200]}
        return dict(json.loads(self._said.read_text(encoding="utf-8")))

    def _project(self, config: str) -> None:
        runtime = f"runtime: {{name: python, options: {{virtualenv: {CHECKOUT / '.venv'}}}}}\n"
        (self._folder / "Pulumi.yaml").write_text(f"name: p\n{runtime}{config}", encoding="utf-8")

    def _run(self, *arguments: str) -> None:
        told = subprocess.run(
            [self._pulumi, *arguments, "--non-interactive", "--color", "never"],
            cwd=self._folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if told.returncode:
            raise PulumiError(arguments[0], told.returncode, told.stdout.decode(errors="replace"))


@contextmanager
def asked() -> Iterator[Asked]:
    """An engine to ask, in a folder that goes."""
    with tempfile.TemporaryDirectory(prefix="safe-rollout-reads-") as folder:
        yield Asked(Path(folder).resolve())


def ask_all(texts: Iterable[Text]) -> list[dict[str, Any]]:
    """The answers, in order."""
    with asked() as engine:
        return [engine.ask(text) for text in texts]


def main(everything: bool) -> None:
    """Ask for the texts that the recording does not hold, or for all of them, and write it."""
    known = {} if everything else {_key(one): one for one in recorded()}
    unknown = [text for text in TEXTS if _key(text.as_dict) not in known]
    with ThreadPoolExecutor() as threads:
        halves = unknown[::2], unknown[1::2]
        answers = threads.map(ask_all, halves)
    for texts, said in zip(halves, answers, strict=True):
        known |= {_key(text.as_dict): text.as_dict | answer for text, answer in zip(texts, said, strict=True)}
    lines = [json.dumps({**known[_key(text.as_dict)], "name": text.name}) for text in TEXTS]
    RECORDING.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8")
    sys.stdout.write(f"{len(unknown)} texts asked, {len(lines)} in the recording\n")


def recorded() -> list[dict[str, Any]]:
    """The recording: each text with what the engine made of it."""
    return list(json.loads(RECORDING.read_text(encoding="utf-8")))


def _key(of: dict[str, Any]) -> tuple[str, str]:
    return of["stack"], of["project"]


if __name__ == "__main__":
    main(everything=sys.argv[1:] == ["--all"])
