"""What the configuration and the code say about width and commas."""

from __future__ import annotations

import pytest

from prismafix.rewrites.layout import Page
from prismafix.rewrites.source import Source
from prismafix.rewrites.style import style_of
from tests.rewrites.memory import Memory

CODE = b"export const rows = await load(first, second);\n"
WIDE = b"export const rows = await load(first.name, second.name, third.name, fourth.name, fifth.name, 6);\n"
STRINGS = b"""export const text = "a text much longer than the width of the file, because texts are never broken";
// a comment that is much longer than the width of the file, because comments are not broken either, ever
"""


@pytest.mark.parametrize(
    ("name", "config", "width"),
    [
        (".prettierrc", b'{"printWidth": 100}', 100),
        (".prettierrc", b'{"singleQuote": true}', 80),
        (".prettierrc", b"printWidth: 110\nsemi: false\n", 110),
        (".prettierrc.toml", b"printWidth = 90\n", 90),
        (".prettierrc.js", b"module.exports = {\n  // printWidth: 90,\n  printWidth: 100,\n};\n", 100),
        ("prettier.config.cjs", b"const c = {\n  /** printWidth: 100, not yet */\n};\nmodule.exports = c;\n", 80),
        ("prettier.config.mjs", b'/** @type {import("prettier").Config} */\nexport default { semi: true };\n', 80),
        ("package.json", b'{"prettier": {"printWidth": 100}}', 100),
        ("src/.prettierrc", b'{"printWidth": 100}', 100),
        ("package.json", b'{"prettier": {}}', 80),
    ],
)
def test_the_width_of_the_configuration(name: str, config: bytes, width: int) -> None:
    files = Memory({"src/a.ts": WIDE * 9, name: config})
    style = style_of(Source.of("src/a.ts", WIDE * 9), (), files)
    assert (style.width, style.width_is_set) == (width, True)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        (".prettierrc.js", b'module.exports = {\n  ...require("shared/prettier"),\n  semi: false,\n};\n'),
        ("prettier.config.mjs", b'import shared from "shared/prettier";\nexport default shared;\n'),
        ("package.json", b'{"prettier": "shared/prettier"}'),
        ("package.json", b"{}"),
        ("README.md", b"printWidth: 80"),
    ],
)
def test_an_unknown_width_is_read_from_the_code(name: str, config: bytes) -> None:
    files = Memory({"src/a.ts": WIDE * 9, name: config})
    assert style_of(Source.of("src/a.ts", WIDE * 9), (), files).width == 100
    assert style_of(Source.of("src/a.ts", CODE), [Source.of("src/b.ts", WIDE * 9)], files).width == 100


def test_texts_and_comments_say_nothing_about_the_width() -> None:
    assert style_of(Source.of("a.ts", CODE + STRINGS)).width == 80


@pytest.mark.parametrize(
    ("config", "code", "commas"),
    [
        ({}, b"f(\n  a,\n  b,\n);\n", True),
        ({}, b"f(\n  a,\n  b\n);\nconst o = {\n  a,\n  b,\n};\n", False),
        ({}, b"const o = {\n  a,\n  b,\n};\n", True),
        ({}, b"f(\n  a,\n);\nf(\n  b,\n);\nf(\n  c\n);\n", True),
        ({}, b"f(\n  a\n);\nf(\n  b\n);\nf(\n  c,\n);\n", False),
        ({".prettierrc": b'{"trailingComma": "es5"}'}, b"const o = {\n  a,\n  b,\n};\n", False),
        ({".prettierrc": b'{"trailingComma": "all"}'}, b"const o = {\n  a,\n  b,\n};\n", True),
    ],
)
def test_commas_behind_arguments(config: dict[str, bytes], code: bytes, *, commas: bool) -> None:
    assert style_of(Source.of("a.ts", code), (), Memory(config)).argument_commas is commas


def test_what_requires_quote_says_how_texts_are_quoted() -> None:
    code = b'const a = require(\'./a\');\nconst names = ["x", "y", "z"];\n'
    assert style_of(Source.of("a.js", code)).quote == "'"


@pytest.mark.parametrize(
    ("code", "comma"),
    [
        (b"f(\n  a\n);\ng(\n  b,\n);\n", ""),
        (b"f(\n  a,\n);\ng(\n  b,\n);\nh(\n  c\n);\n", ","),
        (b"f(a);\n", ""),
    ],
)
def test_the_file_decides_on_commas(code: bytes, comma: str) -> None:
    source = Source.of("a.ts", code)
    style = style_of(source, (), Memory({".prettierrc": b'{"trailingComma": "none"}'}))
    assert Page.of(source, style).argument_comma == comma
