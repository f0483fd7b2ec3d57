"""conda's match specifications, `conda-forge::numpy=1.26`, `numpy 1.26.* py311_0`, `numpy[version='>=1.26']`. Pure.

Source: conda's documentation, "Package match specifications".
"""

import re
from dataclasses import dataclass

NAME = re.compile(r"[A-Za-z0-9_.-]+")
BRACKETS = re.compile(r"\[(?P<inside>[^\]]*)\]\s*$")
PAIR = re.compile(r"\s*(\w+)\s*=\s*(?:'([^']*)'|\"([^\"]*)\"|([^,'\"]+?))\s*(?:,|$)")
AROUND = re.compile(r"\s*([<>=!~,|])\s*")
PART = re.compile(r"(===?|>=|<=|!=|~=|>|<|=|)(.+)")
VERSION = re.compile(
    r"\d+(!\d+)?(\.\d+)*([._-]?(a|b|c|rc|alpha|beta|post|dev)[._-]?\d*)*(\+[A-Za-z0-9.]+)?", re.IGNORECASE
)


class SpecError(ValueError):
    """A specification that can't be read; the text says why.

    `modelled`: false where conda could, and only uv can't. `name`: the package's (normalised), once that is known.
    """

    def __init__(self, why: str, *, modelled: bool = True) -> None:
        super().__init__(why)
        self.modelled = modelled
        self.name = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """`name` is normalised; `versions` is a version specifier as pip writes it ("" for any)."""

    name: str
    versions: str
    build: str = ""
    channel: str = ""


def normal(name: str) -> str:
    """`Ruamel_YAML` and `ruamel-yaml` are one name."""
    return re.sub(r"[-_.]+", "-", name).lower().strip("-")


def read(text: str) -> Spec:
    """Read one specification. Raises SpecError."""
    text = text.split("#", maxsplit=1)[0].strip()
    if "://" in text or text.endswith((".conda", ".tar.bz2")):
        raise SpecError("is a package's file, which is of conda; name the package and its version", modelled=False)
    pairs: dict[str, str] = {}
    if brackets := BRACKETS.search(text):
        pairs = _pairs(brackets["inside"])
        text = text[: brackets.start()].strip()
    channel, _, rest = text.rpartition("::")
    found = NAME.match(rest)
    if found is None:
        raise SpecError("has no package's name; conda writes name, name=1.2 or name>=1.2,<2")
    name = normal(found[0])
    try:
        versions, build = _versions(rest[found.end() :])
        if "version" in pairs:
            versions = pip_specifier(AROUND.sub(r"\1", pairs["version"]))
    except SpecError as error:
        error.name = name
        raise
    return Spec(name, versions, pairs.get("build", build), pairs.get("channel", channel.strip()))


def _pairs(inside: str) -> dict[str, str]:
    pairs = {match[1]: match[2] or match[3] or match[4] or "" for match in PAIR.finditer(inside)}
    if not pairs or PAIR.sub("", inside).strip():
        raise SpecError(
            "has brackets that conda does not read: [version='>=1.2']. For an extra of pip, write it under 'pip:'"
        )
    return pairs


def _versions(rest: str) -> tuple[str, str]:
    """The specifier and the build that follow a name."""
    words = AROUND.sub(r"\1", rest).split()
    if len(words) > 2:
        raise SpecError("has more words than name, version and build")
    version, build = words[0] if words else "", words[1] if len(words) == 2 else ""
    if with_build := re.fullmatch(r"=?=?([^=<>!~,|]+)=([^=<>!~,|]+)", version):
        version, build = with_build[1], with_build[2]
    return pip_specifier(version), build


def pip_specifier(version: str) -> str:
    """`=1.26` as `==1.26.*`, `1.26.4` as `==1.26.4`, `>=1.26,<2` as it is. Raises SpecError."""
    if "|" in version:
        raise SpecError("has versions to choose from ('|'), which uv does not take; name one range", modelled=False)
    parts = [_part(part) for part in version.split(",") if part]
    return ",".join(part for part in parts if part)


def _part(part: str) -> str:
    found = PART.fullmatch(part)
    if found is None:
        raise SpecError(f"has the version '{part}', which can't be read")
    operator, version = found[1], found[2]
    prefix = re.sub(r"\.?\*$", "", version)
    if not prefix:
        return ""
    if VERSION.fullmatch(prefix) is None:
        raise SpecError(f"has the version '{version}', which no package index has")
    if operator == "=" or (operator in {"", "=="} and prefix != version):
        return f"=={prefix}.*"
    if operator == "!=" and prefix != version:
        return f"!={prefix}.*"
    return f"{operator or '=='}{prefix}"
