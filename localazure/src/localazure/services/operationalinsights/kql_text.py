"""The words of a query in Kusto's language, and what is said of one that is wrong. Pure."""

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["name", "number", "text", "span", "sign", "end"]
TOKEN = re.compile(
    r"""\s*(?://[^\n]*+\s*)*(?:
      (?P<span>\d+(?:\.\d+)?(?:ms|[smhd])\b)
    | (?P<number>\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)
    | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
    | (?P<name>!?[A-Za-z_][A-Za-z0-9_]*~?)
    | (?P<sign>=~|!~|==|!=|<=|>=|\.\.|[-+*%<>=(),|:.;]|/(?!/))
    )""",
    re.VERBOSE,
)
SPANS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}


class QueryError(Exception):
    """A query that can't be answered; `code` is the service's inner code."""

    def __init__(self, message: str, code: str = "SyntaxError", number: str = "SYN0002") -> None:
        super().__init__(message)
        self.message, self.code, self.number = message, code, number


def unknown(what: str, name: str) -> QueryError:
    """A name that nothing has."""
    return QueryError(f"Failed to resolve {what} named '{name}'", "SemanticError", "SEM0100")


def not_modelled(what: str) -> QueryError:
    """Something that Azure has and the local Azure has not."""
    return QueryError(f"The local Azure does not model {what} of Kusto's language.", "NotModelledLocally", "LOCAL")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a query."""

    kind: Kind
    text: str
    begin: int = 0
    end: int = 0


class Words:
    """A query word by word."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens: list[Token] = []
        self._at = 0
        end, place = len(query.rstrip().rstrip(";").rstrip()), 0
        while place < end:
            match = TOKEN.match(query, place)
            if match is None or match.lastgroup is None:
                if not query[place:end].strip() or re.fullmatch(r"\s*(//[^\n]*\s*)+", query[place:end]):
                    break
                raise QueryError(f"Query could not be parsed at '{query[place : place + 20].strip()}'")
            kind = match.lastgroup
            self._tokens.append(Token(kind, match[kind], match.start(kind), match.end()))  # type: ignore[arg-type]
            place = match.end()

    @property
    def now(self) -> Token:
        """The word that is next."""
        return self._tokens[self._at] if self._at < len(self._tokens) else Token("end", "")

    @property
    def after(self) -> Token:
        """The word behind it."""
        return self._tokens[self._at + 1] if self._at + 1 < len(self._tokens) else Token("end", "")

    def take(self) -> Token:
        """The next word, which is then gone."""
        token = self.now
        self._at += 1
        return token

    def has(self, *texts: str) -> str:
        """Take the next word if it is one of these; empty where it is not."""
        if self.now.kind in {"name", "sign"} and self.now.text in texts:
            return self.take().text
        return ""

    def raw(self, until: str) -> str:
        """What stands in the brackets that open here, as it is written."""
        self.need("(")
        begin = self.now.begin
        while self.now.text != until:
            if self.take().kind == "end":
                raise QueryError(f"Query could not be parsed at the end: expected '{until}'")
        return self._query[begin : self.take().begin]

    def need(self, text: str) -> None:
        """Take the next word, which must be this one."""
        if not self.has(text):
            raise QueryError(f"Query could not be parsed at '{self.now.text or 'the end'}': expected '{text}'")

    def name(self) -> str:
        """Take a name."""
        if self.now.kind != "name":
            raise QueryError(f"Query could not be parsed at '{self.now.text or 'the end'}': expected a name")
        return self.take().text


def unquoted(text: str) -> str:
    """What a text literal says."""
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def seconds(span: str) -> float:
    """What a timespan literal says."""
    match = re.fullmatch(r"([\d.]+)([a-z]+)", span)
    assert match is not None
    return float(match[1]) * SPANS[match[2]]
