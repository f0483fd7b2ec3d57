"""What the pages name is there: links, anchors, commands with their options, make's targets, codes."""

import re
import shlex
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from localazure.cli.app import app as local_app
from typer.main import get_command

from ops import commands_page
from ops.commands_page import commands, options_of
from settings.load import from_config
from settings.refusal import Refused

ROOT = Path(__file__).parents[2]
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\((?P<target>[^)\s]+)\)")
FENCE = re.compile(r"^```(?P<kind>\w*)\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
KEY = re.compile(r"(?:--plaintext|config (?:set|rm)(?: --\w+)*) +safe-rollout:(?P<path>[A-Za-z][\w.-]*)")
QUOTED = re.compile(r"`([^`\n]+)`")


def page_id(page: Path) -> str:
    """What a page's test is called."""
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link names a file of the repository, and every anchor a heading there."""
    targets = [found["target"] for found in LINK.finditer(FENCE.sub("", page.read_text(encoding="utf-8")))]
    assert [target for target in targets if not leads_somewhere(page, target)] == []


def test_every_page_can_be_reached() -> None:
    """From README, by links alone: a page that nobody finds is none."""
    reached, waiting = {ROOT / "README.md"}, [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        for found in LINK.finditer(FENCE.sub("", page.read_text(encoding="utf-8"))):
            target = (page.parent / found["target"].partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_file() and target not in reached:
                reached.add(target)
                waiting.append(target)
    assert [page_id(page) for page in PAGES if page not in reached] == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_commands_can_be_typed(page: Path) -> None:
    """Every `rollout ...` that a page shows is a command with these options, and every `make ...` a target."""
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    lines = list(commands_in(page.read_text(encoding="utf-8")))
    wrong = [line for line in lines if line.startswith("rollout ") and what_is_wrong(line)]
    wrong += [line for line in lines if line.startswith("make ") and line.split()[1] not in targets]
    assert wrong == []


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_keys_are_keys_of_the_stack_file(page: Path) -> None:
    """What a page lets a person write into the stack file, by a command or as YAML, is known there."""
    text = page.read_text(encoding="utf-8")
    written = [nested(found["path"].split(".")) for found in KEY.finditer(text.replace("\\\n", " "))]
    blocks = [yaml.safe_load(found["text"]) for found in FENCE.finditer(text) if found["kind"] == "yaml"]
    written += [block for block in blocks if any(str(key).startswith("safe-rollout:") for key in block)]
    assert [unknown for config in written for unknown in unknown_keys(config)] == []


def test_the_page_of_commands_is_in_step() -> None:
    """docs/commands.md is what the commands say now; `python -m ops.commands_page` writes it."""
    assert commands_page.PAGE.read_text(encoding="utf-8") == commands_page.render()


def test_every_command_has_its_exit_codes() -> None:
    """docs/exit-codes.md names each command once, with what 1 means there."""
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    table = page.partition("## Messages")[0]
    assert [name for name in commands() if f"`rollout {name}`" not in table] == []


def test_every_code_of_a_message_is_explained() -> None:
    """docs/exit-codes.md has each code that a command can print, and no other."""
    page = (ROOT / "docs" / "exit-codes.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| ([A-Z]\d{3}) \|", page, re.MULTILINE))
    folders = (ROOT / "ops", ROOT / "safe_rollout", ROOT / "localazure" / "src")
    sources = [path.read_text(encoding="utf-8") for folder in folders for path in folder.rglob("*.py")]
    printed = {code for text in sources for code in re.findall(r'"([B-QT-Z]\d{3})[" ]', text)}
    assert sorted(printed ^ explained) == []


def nested(path: list[str]) -> dict[str, Any]:
    """A configuration with something at this path."""
    value: Any = {}
    for key in reversed(path):
        value = {key: value}
    return {f"safe-rollout:{key}": one for key, one in value.items()}


def unknown_keys(config: dict[str, Any]) -> list[str]:
    """The paths in a configuration that the settings don't know."""
    try:
        from_config(config)
    except Refused as refused:
        return [str(refusal) for refusal in refused.refusals if refusal.code in {"S001", "S008"}]
    return []


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether a link of a page has an end; other sites are not asked."""
    if re.match(r"[a-z]+:", target):
        return True
    name, _, anchor = target.partition("#")
    file = (page.parent / name).resolve() if name else page
    if not file.exists() or not file.is_relative_to(ROOT):
        return False
    return not anchor or anchor in anchors(file)


@cache
def anchors(page: Path) -> set[str]:
    """The anchors that GitHub gives a page's headings: lower case, signs gone, blanks as dashes, twins numbered."""
    found: set[str] = set()
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE):
        words = LINK.sub(lambda link: link[0].partition("](")[0][1:], heading)
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        number = 0
        while (numbered := f"{slug}-{number}" if number else slug) in found:
            number += 1
        found.add(numbered)
    return found


def commands_in(text: str) -> Iterator[str]:
    """The command lines of a page: after `$ ` in its blocks, and in backticks."""
    for block in FENCE.finditer(text):
        if block["kind"] == "console":
            joined = block["text"].replace("\\\n", " ")
            yield from (line.removeprefix("$ ").strip() for line in joined.splitlines() if line.startswith("$ "))
    yield from (quoted.strip() for quoted in QUOTED.findall(FENCE.sub("", text)))


@cache
def commands_and_local() -> dict[str, Any]:
    """All commands; what `rollout local` hands on, as `localazure` has it."""
    ours, theirs = commands(), dict(commands_page.below("", get_command(local_app)))
    started = theirs["start"]
    started.params += options_of(ours["local start"])
    kept = {name: one for name, one in ours.items() if not one.context_settings.get("ignore_unknown_options")}
    return {f"local {name}": one for name, one in theirs.items()} | kept


def what_is_wrong(line: str) -> str:
    """Why a command line can't be typed as it is; empty where it can."""
    words = [word for word in shlex.split(line, comments=True)[1:] if word not in {"...", "[OPTIONS]"}]
    known = commands_and_local()
    typed = [word for word in words if not word.startswith("-")]
    name = next((" ".join(typed[:end]) for end in range(len(typed), 0, -1) if " ".join(typed[:end]) in known), "")
    if not name:
        group = " ".join(words)
        is_group = any(one.startswith(f"{group} ") for one in known) or words in ([], ["COMMAND", "--help"])
        return "" if is_group else "no such command"
    options = {option for param in options_of(known[name]) for option in param.opts} | {"--help"}
    unknown = [word for word in words if word.startswith("--") and word.partition("=")[0] not in options]
    return ", ".join(unknown)
