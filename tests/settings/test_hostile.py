"""Stack files that were made to hurt: one message each, and soon."""

import time
from pathlib import Path

import pytest

from ops.cli import complain
from settings.load import from_file
from settings.parse import parse_as
from settings.refusal import Refused
from settings.stack import Stack

TENFOLD = [f"x{n + 1}: &x{n + 1} {{<<: [{', '.join([f'*x{n}'] * 10)}]}}" for n in range(9)]
LISTS = [f"x{n + 1}: &x{n + 1} [{', '.join([f'*x{n}'] * 10)}]" for n in range(9)]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("\n".join(["x0: &x0 {a: 1}", *TENFOLD]), "too many aliases"),
        ("\n".join(["x0: &x0 [a]", *LISTS, "config: {}"]), "too many aliases"),
        ("config: " + "[" * 50_000, "nested too deep"),
        ("config: " + "{a: " * 20_000, "nested too deep"),
        ("config:\n" + "\n".join(" " * n + "a:" for n in range(1, 400)), "nested too deep"),
        ("config: {a: &x [*x]}", "within its own"),
        ("config: {a: {? [a, b] : c}}", "a map or a list as a key"),
        ("config: {a: {'" + "x" * 600 + "': 1}}", "a name of 600 characters"),
        ("config: !!python/object/apply:os.system [x]", "config: no map"),
        ("\x00", "control characters are not allowed"),
    ],
)
def test_it_is_one_message(tmp_path: Path, text: str, expected: str) -> None:
    """Bombs of aliases and merges, nesting without end, keys that are no keys: refused as the engine does."""
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(text, encoding="utf-8")
    begin = time.monotonic()
    with pytest.raises(Refused, match=expected) as refused:
        from_file(path)
    assert time.monotonic() - begin < 10
    assert all(len(line) < 700 for line in str(refused.value).splitlines())


def test_no_message_turns_a_terminal_upside_down() -> None:
    """Names are shown as their escapes, wherever they come from."""
    with pytest.raises(Refused) as refused:
        parse_as(Stack, {"endpoints": {"\x1b[2Jallowed\u202e": {"\x1b]0;x": 1}}})
    assert str(refused.value).replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["x" * 5_000, "a\0b", "\x1b[2J"])
def test_a_path_that_cannot_be(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A path that is too long, or that no system has, is no bug of this project."""
    with pytest.raises(Refused) as refused:
        from_file(Path(name))
    assert complain(refused.value) == 2
    assert capsys.readouterr().err.startswith("S005 ")
