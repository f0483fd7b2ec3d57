"""One reader: what this project makes of a stack file is what the engine makes of it."""

import json
from typing import Any

import pytest

from settings.configuration import configuration, project_from
from settings.nodes import Broken
from settings.values import HIDDEN
from tests.settings.engine_reads import asked, recorded
from tests.settings.engine_texts import TEXTS

RECORDED = recorded()
SAMPLE = [
    text for text in TEXTS if text.name in {"scalar '0123'", "key '1.10'", "merge of two", "project type integer not"}
]


def test_the_recording_is_of_these_texts() -> None:
    """A text that is added has to be asked: python -m tests.settings.engine_reads."""
    assert [(one["stack"], one["project"]) for one in RECORDED] == [
        (text.as_dict["stack"], text.project) for text in TEXTS
    ]
    assert len(TEXTS) > 500


@pytest.mark.parametrize("one", RECORDED, ids=lambda one: one["name"])
def test_both_read_the_same(one: dict[str, Any]) -> None:
    """The same verdict, the same keys, the same values of the same types, the same keys with something encrypted."""
    assert read(one["stack"].encode("latin-1"), one["project"]) == engine(one)


@pytest.mark.slow
def test_the_engine_says_so_still() -> None:
    """A sample of the recording, asked anew of the engine that is here."""
    said = {one["name"]: one["config"] for one in RECORDED}
    with asked() as there:
        assert {text.name: there.ask(text)["config"] for text in SAMPLE} == {
            text.name: said[text.name] for text in SAMPLE
        }


def read(stack: bytes, project: str) -> dict[str, Any] | None:
    """What our reader makes of it; None where it refuses it."""
    try:
        found = configuration(stack, project_from(f"name: p\n{project}".encode()))
    except Broken:
        return None
    return {key: shown(value) for key, value in found.values.items()}


def engine(one: dict[str, Any]) -> dict[str, Any] | None:
    """What the engine handed over; None where it refused the text."""
    return None if one["config"] is None else {key: shown(value) for key, value in one["config"].items()}


def shown(text: str) -> str:
    """A value with its type: 1, 1.0, true and "1" are four values."""
    try:
        return json.dumps(json.loads(text), sort_keys=True)
    except ValueError:
        return repr(text)


def test_what_is_encrypted_is_known_to_be_text_and_no_more() -> None:
    """A placeholder stands for it, in maps and lists too, and its key is a secret one."""
    text = b"config: {p:a: {k: {secure: v1:A:B}, l: [{secure: v1:A:B}]}, p:b: {secure: v1:A:B}, p:c: 1}"
    found = configuration(text, project_from(b"name: p"))
    assert json.loads(found.values["p:a"]) == {"k": HIDDEN, "l": [HIDDEN]}
    assert (found.values["p:b"], found.secret) == (HIDDEN, {"p:a", "p:b"})
