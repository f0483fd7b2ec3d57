"""Lines of a conda file's `pip` list, as pip reads a file of requirements.

Source: pip's documentation, "Requirements File Format". uv installs them, so what uv can't is said here.
"""

import re
from dataclasses import dataclass

from packaging.requirements import InvalidRequirement, Requirement

ONE_FILE = "Azure gets no file but this one. Write the packages themselves here."
FILES = {"-r", "--requirement", "-c", "--constraint"}  # or a URL
INDEXES = {"-i", "--index-url", "--extra-index-url", "-f", "--find-links"}
EDITABLE = {"-e", "--editable"}
WITH_VALUE = {"--trusted-host", "--no-binary", "--only-binary", "--use-feature"}
FLAGS = {"--no-index", "--pre", "--prefer-binary", "--require-hashes"}
OPTION = re.compile(r"(?P<name>-[a-z]|--[a-z-]+)(?:\s*=\s*|\s+|(?<=^-[a-z])(?=\S))?(?P<value>.*)", re.DOTALL)
OF_A_PACKAGE = re.compile(r"\s--(?P<name>[a-z-]+)\b")
VARIABLE = re.compile(r"\$\{[A-Za-z0-9_]+\}")
WEB = re.compile(r"(git\+)?(https?|ssh|git)://", re.IGNORECASE)
OTHER_VCS = re.compile(r"(hg|svn|bzr)\+", re.IGNORECASE)
ARCHIVE = re.compile(r"\.(whl|zip|tar|tar\.gz|tar\.bz2|tgz)$", re.IGNORECASE)
PATH = re.compile(r"[.~]|\S*[/\\]|file:|git\+file:", re.IGNORECASE)


class LineError(ValueError):
    """A line that can't be read; the text says why. `modelled`: false where pip could, and only uv can't."""

    def __init__(self, why: str, *, modelled: bool = True) -> None:
        super().__init__(why)
        self.modelled = modelled


@dataclass(frozen=True, slots=True)
class Line:
    """A line as uv takes it, "" for a comment; `note`: what is not done as it says."""

    text: str
    note: str = ""


def read(written: str) -> Line:
    """Read one line. Raises LineError."""
    line = re.sub(r"(^|\s)#.*", "", written.strip()).strip()
    if any(not each.isprintable() for each in written.strip()) or line.endswith("\\"):
        raise LineError("it goes on in another line: write one package in each")
    if found := VARIABLE.search(line):
        raise LineError(f"the machine that builds the image has no variable {found[0]} of yours")
    if line.startswith("-"):
        return _option(line)
    if line:
        _requirement(line)
    return Line(line)


def _option(line: str) -> Line:
    found = OPTION.fullmatch(line)
    name, value = (found["name"], found["value"].strip("'\" ")) if found else (line, "")
    if name in FLAGS and not value:
        return Line(line)
    if name not in FILES | INDEXES | EDITABLE | WITH_VALUE:
        raise LineError(f"'{name}' is no option of a requirements file")
    if not value:
        raise LineError(f"there is nothing after '{name}'")
    if name in WITH_VALUE:
        return Line(line)
    if OTHER_VCS.match(value):
        raise LineError("uv reads git alone of such addresses", modelled=False)
    if WEB.match(value) is None:
        raise LineError(ONE_FILE)
    if name not in EDITABLE:
        return Line(f"{name} {value}")
    package = re.search(r"#egg=([\w.-]+)", value)
    text = f"{package[1]} @ {value.partition('#')[0]}" if package else value
    return Line(text, f"'{line}' is installed, not linked as editable")


def _requirement(line: str) -> None:
    if option := OF_A_PACKAGE.search(line):
        if option["name"] in {"config-settings", "global-option"}:
            raise LineError(f"uv does not read --{option['name']} here", modelled=False)
        if option["name"] != "hash":
            raise LineError(f"--{option['name']} stands on a line of its own")
        line = line[: option.start()]
    if OTHER_VCS.match(line):
        raise LineError("uv reads git alone of such addresses", modelled=False)
    if WEB.match(line):
        return
    if ARCHIVE.search(line) and "@" not in line:
        raise LineError(ONE_FILE)
    try:
        url = Requirement(line).url
    except InvalidRequirement as error:
        if PATH.match(line):
            raise LineError(ONE_FILE) from None
        hint = ". pip writes two signs: ==" if re.search(r"[^=<>!~]=[^=]", line) else ""
        raise LineError(f"it is no requirement of pip ({str(error).splitlines()[0]}){hint}") from None
    if url is not None and OTHER_VCS.match(url):
        raise LineError("uv reads git alone of such addresses", modelled=False)
    if url is not None and WEB.match(url) is None:
        raise LineError(ONE_FILE)
