"""Texts of stack files and project files that this project's reader and the engine's must read alike."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Text:
    """A stack file (its bytes), and what Pulumi.yaml says beside its name and runtime."""

    name: str
    stack: bytes
    project: str = ""
    extension: str = field(default="yaml")

    @property
    def as_dict(self) -> dict[str, Any]:
        """As it stands in the recording."""
        return {"name": self.name, "stack": self.stack.decode("latin-1"), "project": self.project}


def _words(text: str) -> list[str]:
    return text.split()


SCALARS = _words(r"""
true True TRUE tRue false False FALSE yes Yes YES no No NO on On ON off Off OFF y Y n N t f ~ null Null NULL nUll
NIL none None 1 0 -1 +1 12 007 0123 -0123 +0123 08 09 0128 00 000 0_1 1_000 1__0 1_ _1 -_1 0x1F 0X1f -0x1F +0x1 0x
0xG 0x_1 0b101 0B11 -0b1 0b 0b2 0o17 0O17 -0o17 +0o17 0o8 0o 9007199254740991 9007199254740992 9007199254740993
9223372036854775807 9223372036854775808 18446744073709551615 18446744073709551616 12345678901234567890
123456789012345678901 -9223372036854775808 -9223372036854775809 100000000000000000000 1000000000000000000000
1000000000000000000000000 99999999999999999999999 1.0 1.10 1.5 1. .5 -.5 +.5 +1.5 0.1 0.10 00.5 1.30 1.33 -0.0 -0 +0
0.0 1.0e3 100000.0 1000000.0 123456.7 1234567.0 1e2 1e3 1E3 1e+3 1e-3 1.e3 .5e3 +1e3 -1e3 1e 1e400 -1e400 1e-400
1e20 1e21 1e22 123456789e10 0e0 1_0.5 1_0e2 0.00001 0.000001 0.0000001 1.23e-7 5e-324 1.7976931348623157e308
3.14159265358979323846 1e6 1e5 123456789.123 .inf .Inf .INF .iNf -.inf +.inf -.INF inf Inf -inf .nan .NaN .NAN nan
NaN Infinity -Infinity 2024-01-01 2024-1-1 2024-01-15 2024-13-01 2024-02-30 2024-02-29 2023-02-29 0000-01-01
9999-12-31 10000-01-01 24-01-01 2024-01-01T10:30:00Z 2024-01-01t10:30:00Z 2024-01-01T10:30:00 2024-01-01T1:2:3Z
2024-01-01T10:30:00.5Z 2024-01-01T10:30:00.123456789Z 2024-01-01T25:00:00Z 2024-01-01T10:30:00+00:00
2024-01-01T10:30Z 2024-01-01T10:30:60Z 2024 2024-01 12:30 12:30:45 1:30 -1:30 190:20:30 190:20:30.15 10:30.5 20:00
1,000 1.2.3 1.2.3.4 v1 1a a1 0a -a +a . .. ... .a + = < > << - -- --- \ / 100% 50m 1Gi 2Gi 1e3m x:y http://x/y?z=1
a:b:c azureml:m:1
""")
OTHER_SCALARS = [
    "2024-01-01 10:30:00",
    "2024-01-01 10:30:00.25",
    "2024-01-01  10:30:00",
    "2024-01-01 10:30:00 Z",
    '"1.10"',
    "'0123'",
    '"true"',
    '""',
    "''",
    '"2024-01-01"',
    '"a\\tb"',
    '"a\\nb"',
    '"a\\nb\\n"',
    '"\\na"',
    '"\\ta\\nb"',
    '"a\\n b"',
    "[a?b]",
    "{a: http://x?y=z}",
    "2024-02-29T10:00:00Z",
    "2024-01-01T10:00:00+25:00",
    '"a\\0b"',
    '"\\e[2J"',
    '"\\x85"',
    '"\\u2028 \\ufeff \\u200f"',
    '"\\U0001F600"',
    '"\\ud800"',
    '"a\\r\\nb"',
    '" a "',
    "'it''s'",
    '"<b>&</b>"',
    "ä ö ü ß €",
    "日本",
    "a #b",
    "a#b",
    "a: b",
    "!!str 1.10",
    "!!str true",
    "!!str",
    "!!str 2024-01-01",
    "!!int 3",
    '!!int "3"',
    "!!int 3.5",
    "!!int x",
    "!!float 3",
    '!!float "3.0"',
    "!!bool yes",
    "!!bool true",
    '!!bool "true"',
    "!!null x",
    "!!null ''",
    '!!timestamp "2024-01-01"',
    "!!timestamp x",
    "!!binary aGFsbG8=",
    "!!binary '%'",
    "!foo bar",
    "!foo 12",
    "! 12",
    "!!python/object:os.system x",
    "!!set {a, b}",
    "!!omap [a: 1]",
    "[]",
    "{}",
    "[1, true, ~, x, 1.10, 2024-01-01]",
    "{a: 1, b: [1, {c: 2}]}",
    "{a: , b: }",
    "{a, b}",
    "[a: 1, b: 2]",
    "{a: {b: {c: {d: 1.0}}}}",
    '{"a":1}',
    "'{\"a\":1}'",
    "'[1, 2'",
    "' 12 '",
    "'NaN'",
    "{secure: 1}",
    "{secure: a, b: c}",
    '"a\\/b"',
    '"a\\\\/b"',
    "'a\\/b'",
    "a\\/b",
    "[?a, b]",
    "{a?b: c}",
    "{?a: b}",
    "{a:b}",
    "[a:b]",
    "{a:: b}",
    "[http://x:80/y]",
    "{a: b, }",
    "[a, b, ]",
    "[a,, b]",
    "{,}",
    "*unknown",
    "&a 1",
    "@a",
    "`a",
    "%a",
    "|\n        a\n        b\n",
    "|-\n        a\n        b\n",
    "|+\n        a\n\n",
    ">\n        a\n        b\n\n        c\n",
    ">-\n        a\n          b\n",
    "|2\n          a\n",
    "a\n        b",
    '"a\n        b"',
]
KEYS = _words(r"""
on off yes no y n true True false null ~ 1 01 1.0 1.10 0x1 1e3 1e6 1e21 2024 2024-01-01 12:30 -1 .5 .inf .nan
18446744073709551615 18446744073709551616 "1" '1.0' "" "a.b" "a:b" "a=b" ä "<<" ? =
""")
OTHER_KEYS = ["!!str 1", "[a]", "{a: b}", "*x", "&x a", '"\\0"', '"\\e[2J"', '" "', "a b"]


def _scalar(scalar: str) -> Text:
    body = f"config:\n  p:a:\n    k: {scalar}\n    l:\n      - {scalar}\n  p:v: {scalar}\n"
    return Text(f"scalar {scalar!r}", body.encode())


def _nested(scalar: str) -> Text:
    body = f"config:\n  p:a:\n    k: {scalar}\n    l:\n      - {scalar}\n"
    return Text(f"nested {scalar!r}", body.encode())


def _key(key: str) -> Text:
    return Text(f"key {key!r}", f"config:\n  p:a:\n    {key}: 1\n    other: 2\n".encode())


def _whole(name: str, text: str, project: str = "", encoding: str = "utf-8") -> Text:
    return Text(name, text.encode(encoding), project)


WHOLE = [
    _whole("empty", ""),
    _whole("comment alone", "# nothing\n"),
    _whole("null", "~\n"),
    _whole("no config", "other: x\n"),
    _whole("config empty", "config:\n"),
    _whole("config {}", "config: {}\n"),
    _whole("config list", "config: []\n"),
    _whole("config text", "config: x\n"),
    _whole("config number", "config: 3\n"),
    _whole("list", "- a\n"),
    _whole("text", "a\n"),
    _whole("number as a key of the file", "1: 2\nconfig: {p:a: 1}\n"),
    _whole("number as a key beside", "config: {p:a: 1, 1: 2}\n"),
    _whole("true as a key beside", "config: {p:a: 1, true: 2}\n"),
    _whole("unknown key of the file", "config: {p:a: 1}\nfoo: bar\n"),
    _whole("no namespace", "config: {a: 1, b: {c: 2}}\n"),
    _whole("three parts", "config: {p:config:a: 1}\n"),
    _whole("three other parts", "config: {p:other:a: 1}\n"),
    _whole("four parts", "config: {p:config:a:b: 1}\n"),
    _whole("empty namespace", "config: {':a': 1}\n"),
    _whole("empty name", "config: {'p:': 1}\n"),
    _whole("other namespaces", "config: {azure-native:location: westeurope, q:a: 1}\n"),
    _whole("dotted", "config: {p:a.b: '90'}\n"),
    _whole("twice", "config:\n  p:a: 1\n  p:a: 2\n"),
    _whole("twice nested", "config: {p:a: {b: 1, b: 2}}\n"),
    _whole("twice in two spellings", "config: {p:a: {1: a, 0x1: b}}\n"),
    _whole("twice as number and text", "config: {p:a: {1: a, '1': b}}\n"),
    _whole("twice after rounding", "config: {p:a: {1: a, 1.0: b}}\n"),
    _whole("twice as booleans", "config: {p:a: {true: a, True: b}}\n"),
    _whole("twice as boolean and text", "config: {p:a: {True: a, 'true': b}}\n"),
    _whole("two empty keys", "config: {p:a: {'': a, ~: b}}\n"),
    _whole("second document", "config: {p:a: 1}\n---\nconfig: {p:a: 2}\n"),
    _whole("second document broken", "config: {p:a: 1}\n---\n[}\n"),
    _whole("marks", "---\nconfig: {p:a: 1}\n...\n"),
    _whole("junk behind the mark", "config: {p:a: 1}\n...\n[}\n"),
    _whole("directive 1.1", "%YAML 1.1\n---\nconfig: {p:a: 1}\n"),
    _whole("directive 1.2", "%YAML 1.2\n---\nconfig: {p:a: 1}\n"),
    _whole("directive 1.3", "%YAML 1.3\n---\nconfig: {p:a: 1}\n"),
    _whole("directive tag", "%TAG !e! tag:example.org,2000:\n---\nconfig: {p:a: !e!x 1}\n"),
    _whole("utf-8 with a mark", "\ufeffconfig: {p:a: ä}\n"),
    _whole("utf-8 with two marks", "\ufeff\ufeffconfig: {p:a: ä}\n"),
    _whole("utf-16 little", "\ufeffconfig: {p:a: ä}\n", encoding="utf-16-le"),
    _whole("utf-16 big", "\ufeffconfig: {p:a: ä}\n", encoding="utf-16-be"),
    _whole("utf-16 without a mark", "config: {p:a: x}\n", encoding="utf-16-le"),
    _whole("utf-32", "\ufeffconfig: {p:a: x}\n", encoding="utf-32-le"),
    _whole("latin-1", "config: {p:a: \xe4}\n", encoding="latin-1"),
    _whole("carriage returns", "config:\r\n  p:a: 1\r\n  p:b: x\r\n"),
    _whole("tab as indent", "config:\n\tp:a: 1\n"),
    _whole("tab behind", "config:\n  p:a: 1\t\n  p:b:\tx\n"),
    _whole("control character", "config: {p:a: 'x\x07y'}\n"),
    _whole("delete character", "config: {p:a: 'x\x7fy'}\n"),
    _whole("nul", "config: {p:a: 'x\x00y'}\n"),
    _whole("next line character", "config: {p:a: 'x\x85y'}\n"),
    _whole("line separator", "config: {p:a: 'x\u2028y'}\n"),
    _whole("no-break space", "config: {p:a: x\u00a0y}\n"),
    _whole("anchor and alias", "config:\n  p:a: &x {k: 1.10}\n  p:b: *x\n"),
    _whole("alias as key", "config:\n  p:a: &x k\n  p:b: {*x : 1}\n"),
    _whole("anchor twice", "config:\n  p:a: &x 1\n  p:b: &x 2\n  p:c: *x\n"),
    _whole("alias in itself", "config:\n  p:a: &x [*x]\n"),
    _whole("alias to null", "config:\n  p:a: &x\n  p:b: {k: *x}\n"),
    _whole("merge", "x: &x {a: 1, b: 2}\nconfig:\n  p:a: {<<: *x, b: 3}\n"),
    _whole("merge last", "x: &x {a: 1, b: 2}\nconfig:\n  p:a: {b: 3, <<: *x}\n"),
    _whole("merge of two", "x: &x {a: 1, b: 2}\ny: &y {b: 5, c: 6}\nconfig:\n  p:a: {<<: [*x, *y]}\n"),
    _whole("merge inline", "config:\n  p:a: {<<: {a: 1}, b: 3}\n"),
    _whole("merge inline list", "config:\n  p:a: {<<: [{a: 1}, {a: 2, c: 3}], b: 3}\n"),
    _whole("merge of a merge", "x: &x {a: 1}\ny: &y {<<: *x, a: 2, b: 3}\nconfig:\n  p:a: {<<: *y, b: 4}\n"),
    _whole("merge of text", "config:\n  p:a: {<<: x}\n"),
    _whole("merge of a list of text", "config:\n  p:a: {<<: [x]}\n"),
    _whole("merge of null", "config:\n  p:a: {<<: ~}\n"),
    _whole("merge twice", "x: &x {a: 1}\ny: &y {b: 2}\nconfig:\n  p:a: {<<: *x, <<: *y}\n"),
    _whole("merge of an alias to text", "x: &x y\nconfig:\n  p:a: {<<: *x}\n"),
    _whole("merge of numbers as keys", "x: &x {01: a, on: b}\nconfig:\n  p:a: {<<: *x, k: 3}\n"),
    _whole("merge between numbers as keys", "x: &x {01: a, on: b}\nconfig:\n  p:a: {<<: *x, 2: 3}\n"),
    _whole("merge at the top", "x: &x {config: {p:a: 1}}\n<<: *x\n"),
    _whole("merge as text", "config:\n  p:a: {'<<': x}\n"),
    _whole("merge as text of a map", "config:\n  p:a: {'<<': {a: 1}}\n"),
    _whole("merge by its tag", "config:\n  p:a: {!!merge <<: {a: 1}}\n"),
    _whole("merge in the config", "x: &x {p:a: 1}\nconfig:\n  <<: *x\n  p:b: 2\n"),
    _whole(
        "merge bomb",
        "x0: &x0 {a: 1}\n" + "".join(f"x{n + 1}: &x{n + 1} {{<<: [{', '.join([f'*x{n}'] * 10)}]}}\n" for n in range(9)),
    ),
    _whole(
        "alias bomb",
        "x0: &x0 [a]\n" + "".join(f"x{n + 1}: &x{n + 1} [{', '.join([f'*x{n}'] * 10)}]\n" for n in range(9)),
    ),
    _whole("many aliases", "x: &x [1, 2, 3]\nconfig:\n  p:a: [" + ", ".join(["*x"] * 200) + "]\n"),
    _whole("list as a key", "config:\n  p:a:\n    ? [a, b]\n    : c\n"),
    _whole("map as a key", "config:\n  p:a:\n    ? {a: b}\n    : c\n"),
    _whole("text as a long key", "config:\n  p:a:\n    ? a\n    : c\n"),
    _whole("open bracket", "config: [\n"),
    _whole("open quote", "config: {p:a: 'x\n"),
    _whole("block in flow", "config: {p:a: |\n  x}\n"),
    _whole("same indent list", "config:\n  p:a:\n  - 1\n  - 2\n"),
    _whole("wrong indent", "config:\n  p:a: 1\n p:b: 2\n"),
    _whole("secret of a number", "config:\n  p:a: {secure: 12}\n"),
    _whole("salt that is a list", "config: {p:a: 1}\nencryptionsalt: [a]\n"),
    _whole("name with and without", "config: {a: 1, q:a: 2}\n"),
    _whole("long text", "config: {p:a: " + "x" * 5000 + "}\n"),
    _whole("deep", "config: {p:a: " + "[" * 60 + "1" + "]" * 60 + "}\n"),
    _whole("very long key", "config: {p:a: {" + "x" * 900 + ": 1}}\n"),
    _whole("too long key", "config: {p:a: {" + "x" * 1200 + ": 1}}\n"),
    _whole("key over two lines", "config: {p:a: {'a\n    b': 1}}\n"),
]
PROJECTS = [
    _whole("project value", "config: {p:a: 1}\n", "config:\n  azure-native:location: {value: westeurope}\n"),
    _whole("project shorthand", "config: {p:a: 1}\n", "config:\n  azure-native:location: westeurope\n"),
    _whole("project default", "config: {}\n", "config:\n  p:a: {default: 3}\n"),
    _whole("project default without namespace", "config: {}\n", "config:\n  a: {default: x}\n"),
    _whole("project value of its own", "config: {}\n", "config:\n  p:a: {value: 1.10}\n"),
    _whole("project shorthand of its own", "config: {}\n", "config:\n  a: 12\n  b: true\n  c: x\n  d: [1, 1.5, x]\n"),
    _whole("project map", "config: {}\n", "config:\n  p:a: {value: {k: 1.0, l: [true, ~]}}\n"),
    _whole("project map as shorthand", "config: {}\n", "config:\n  p:a: {name: x}\n"),
    _whole("project fraction as shorthand", "config: {}\n", "config:\n  p:a: 1.5\n"),
    _whole("project fraction", "config: {}\n", "config:\n  p:a: {default: 1.5}\n"),
    _whole("project whole fraction", "config: {}\n", "config:\n  p:a: {default: 2.0}\n"),
    _whole("project large", "config: {}\n", "config:\n  p:a: {default: 12345678901234567890}\n"),
    _whole("project date", "config: {}\n", "config:\n  p:a: {default: 2024-01-01}\n"),
    _whole("project date nested", "config: {}\n", "config:\n  p:a: {default: {k: 2024-01-01}}\n"),
    _whole("project date as shorthand", "config: {}\n", "config:\n  p:a: 2024-01-01\n"),
    _whole("project yes", "config: {}\n", "config:\n  p:a: {default: yes}\n  p:b: on\n"),
    _whole("project null default", "config: {}\n", "config:\n  p:a: {default: ~}\n"),
    _whole("project null shorthand", "config: {}\n", "config:\n  p:a:\n"),
    _whole("project empty declaration", "config: {}\n", "config:\n  p:a: {}\n"),
    _whole("project missing", "config: {}\n", "config:\n  p:a: {type: string}\n"),
    _whole("project missing but there", "config: {p:a: x}\n", "config:\n  p:a: {type: string}\n"),
    _whole("project description", "config: {p:a: x}\n", "config:\n  p:a: {description: hello}\n"),
    _whole("project type integer", "config: {p:a: 3}\n", "config:\n  a: {type: integer}\n"),
    _whole("project type integer as text", "config: {p:a: '3'}\n", "config:\n  a: {type: integer}\n"),
    _whole("project type integer not", "config: {p:a: x}\n", "config:\n  a: {type: integer}\n"),
    _whole("project type boolean", "config: {p:a: true}\n", "config:\n  a: {type: boolean}\n"),
    _whole("project type boolean not", "config: {p:a: yes}\n", "config:\n  a: {type: boolean}\n"),
    _whole("project type string of a number", "config: {p:a: 3}\n", "config:\n  a: {type: string}\n"),
    _whole("project type string of a map", "config: {p:a: {k: 1}}\n", "config:\n  a: {type: string}\n"),
    _whole("project type object", "config: {p:a: {k: 1}}\n", "config:\n  a: {type: object}\n"),
    _whole("project type object not", "config: {p:a: [1]}\n", "config:\n  a: {type: object}\n"),
    _whole("project type array", "config: {p:a: [x, y]}\n", "config:\n  a: {type: array, items: {type: string}}\n"),
    _whole("project type array not", "config: {p:a: [x, 1]}\n", "config:\n  a: {type: array, items: {type: string}}\n"),
    _whole("project type array no items", "config: {p:a: [x]}\n", "config:\n  a: {type: array}\n"),
    _whole("project type default", "config: {}\n", "config:\n  a: {type: integer, default: 3}\n"),
    _whole("project type default not", "config: {}\n", "config:\n  a: {type: integer, default: x}\n"),
    _whole("project type overridden", "config: {p:a: 4}\n", "config:\n  a: {type: integer, default: 3}\n"),
    _whole("project unknown type", "config: {p:a: 4}\n", "config:\n  a: {type: number}\n"),
    _whole("project both", "config: {}\n", "config:\n  a: {default: 3, value: 4}\n"),
    _whole("project foreign default", "config: {}\n", "config:\n  q:a: {default: 3}\n"),
    _whole("project foreign type", "config: {}\n", "config:\n  q:a: {type: string, value: 3}\n"),
    _whole("project foreign empty", "config: {}\n", "config:\n  q:a: {description: x}\n"),
    _whole("project secret not", "config: {p:a: x}\n", "config:\n  a: {type: string, secret: true}\n"),
    _whole("project secret without type", "config: {p:a: x}\n", "config:\n  a: {secret: true}\n"),
    _whole("project not merged", "config: {p:a: {k: 1}}\n", "config:\n  a: {default: {k: 2, l: 3}}\n"),
    _whole("project path", "config: {p:a: {k: 1}}\n", "config:\n  a.l: {default: 2}\n"),
    _whole("project path there", "config: {p:a: {k: 1}}\n", "config:\n  a.k: {default: 2}\n"),
    _whole("project path anew", "config: {}\n", "config:\n  a.k: {default: '2'}\n"),
    _whole("project path in a list", "config: {p:a: [1]}\n", "config:\n  'a[1]': {default: true}\n"),
    _whole("project path broken", "config: {}\n", "config:\n  'a[': {default: 2}\n"),
    _whole("project number as key", "config: {}\n", "config:\n  p:a: {value: {1: x}}\n"),
    _whole("project number as key deep", "config: {}\n", "config:\n  p:a: {value: {k: {1: x}}}\n"),
    _whole("project config null", "config: {p:a: 1}\n", "config:\n"),
    _whole("project config list", "config: {p:a: 1}\n", "config: []\n"),
    _whole("project unknown key", "config: {}\n", "config:\n  a: {default: 3, foo: 1}\n"),
    _whole("project folder for stack files twice", "config: {}\n", "config: .\nstackConfigDir: .\n"),
    _whole("project description of a number", "config: {}\n", "config:\n  a: {default: 3, description: 3}\n"),
    _whole("project three parts", "config: {}\n", "config:\n  p:config:a: {default: 3}\n"),
    _whole("project four parts", "config: {}\n", "config:\n  p:x:a:b: {value: 3}\n"),
]
TEXTS: list[Text] = [
    *(_scalar(scalar) for scalar in [*SCALARS, *OTHER_SCALARS]),
    *(_nested(scalar) for scalar in SCALARS if scalar.startswith((".i", ".n", "-.", "+.", "1e", "12345", "1844"))),
    *(_key(key) for key in [*KEYS, *OTHER_KEYS]),
    *WHOLE,
    *PROJECTS,
]
