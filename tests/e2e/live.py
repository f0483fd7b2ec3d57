"""The engine on the corpus' workspace, in the situations of the corpus and with the history that led there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from benchmarks.stack import local_stack, write
from ops.engine import Engine, PulumiError
from tests.e2e.corpus import ENDPOINTS, NAME, Case, refused
from tests.e2e.situations import Situations, no_writes, situations

NOTHING = refused("R011-new-endpoint")
MANAGED = refused("R011-above")
KUBERNETES = refused("R043-kubernetes-type-closed")


@dataclass
class Live:
    """The engine, and the local Azure in one of the situations; `folder` holds states of the stack."""

    engine: Engine
    azure: Situations
    folder: Path
    situation: Case | None = None
    history: Case | None = None

    def bring_about(self, situation: Case) -> None:
        """Unless it is so already."""
        if self.situation is not situation:
            self.situation = None
            self.azure.bring_about(situation)
            self.situation = situation
        self.take_up(situation if situation in {KUBERNETES, NOTHING} else MANAGED)

    def keep(self, history: Case) -> None:
        """Keep the state of the stack."""
        self._without_file("stack", "export", "--file", str(self.folder / f"{history.name}.json"))
        self.history = history

    def take_up(self, history: Case) -> None:
        """The state of the stack as it was kept."""
        if self.history is not history:
            self._without_file("stack", "import", "--file", str(self.folder / f"{history.name}.json"))
            self.history = history

    def type(self, case: Case) -> None:
        """The stack file as it stands in the corpus; what else is in it the engine leaves alone."""
        write(self.engine, {})
        salt = yaml.safe_load(self.file.read_text(encoding="utf-8"))["encryptionsalt"]
        self.file.write_text(f"{case.path.read_text(encoding='utf-8')}\nencryptionsalt: {salt}\n", encoding="utf-8")

    def refused(self, *command: str) -> str:
        """What `pulumi` says: exit code not 0, no traceback, nothing written, and no update after a refused preview."""
        with no_writes(self.azure.control), pytest.raises(PulumiError) as error:
            self.engine.run(*command, "--yes", "--suppress-progress")
        assert error.value.exit_code != 0
        assert "Traceback" not in error.value.output
        assert "--skip-preview" in command or "Updating (" not in error.value.output
        return error.value.output

    @property
    def file(self) -> Path:
        """The stack file."""
        assert self.engine.config_file is not None
        return self.engine.config_file

    def _without_file(self, *command: str) -> None:
        replace(self.engine, config_file=None).run(*command)


@contextmanager
def live_corpus(histories: Path) -> Iterator[Live]:
    """The estate, and two histories of it by `pulumi up`: the endpoint on managed compute, and on Kubernetes."""
    with local_stack() as (engine, ready):
        del ready
        assert engine.config_file is not None
        with situations(engine.config_file.parent) as azure:
            live = Live(engine, azure, histories)
            write(engine, {**NOTHING.config, ENDPOINTS: {}})
            engine.up()
            azure.register()
            live.keep(NOTHING)
            for situation, ups in ((KUBERNETES, 1), (MANAGED, 2)):
                live.take_up(NOTHING)
                azure.bring_about(NOTHING)
                write(engine, as_it_was(situation))
                for _ in range(ups):
                    engine.up()
                live.keep(situation)
            yield live


def as_it_was(situation: Case) -> dict[str, Any]:
    """The stack file that led to a situation: its own, with the observed deployments and traffic."""
    endpoint = situation.config[ENDPOINTS][NAME]
    seen = situation.observed[NAME]
    template = dict(next(iter(endpoint["deployments"].values())))
    deployments = {
        name: template | {"instanceType": one.instance_type, "instanceCount": one.instance_count, "model": one.model}
        for name, one in seen.deployments.items()
    }
    before = {"deployments": deployments, "traffic": dict(seen.traffic)}
    return {**situation.config, ENDPOINTS: {NAME: {**endpoint, **before}}}


def refusals(output: str) -> list[str]:
    """The refusals in the engine's diagnostics, whole lines; a hook's come after its name."""
    return re.findall(r"(?:^ +|: )([RS]\d{3} .+)$", diagnostics(output), re.MULTILINE)


def advice(output: str) -> list[str]:
    """The advice in the engine's diagnostics, whole lines."""
    return re.findall(r"^ +warning: (A\d{3} .+)$", diagnostics(output), re.MULTILINE)


def diagnostics(output: str) -> str:
    """What the engine says under that title."""
    return output.partition("\nDiagnostics:\n")[2]
