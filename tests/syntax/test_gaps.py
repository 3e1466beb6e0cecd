"""The forms that the grammar cannot read, and those that only look like one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tree_sitter import Parser

from prismafix.syntax.dialect import language
from prismafix.syntax.gaps import Scanner, fill, find_gaps
from prismafix.syntax.parsing import error_count, parse

if TYPE_CHECKING:
    from prismafix.syntax.dialect import Dialect

# (form, source). What the grammar cannot read stands between « and ».
FILLED = [
    ("template-type-argument", "f«<Row[]>»`a`"),
    ("template-type-argument", "await p.$queryRaw«<Row>»`a`"),
    ("template-type-argument", "p.q«<{ a: string; b: number | null }[]>»`a`"),
    ("template-type-argument", "p.q«<Array<Pick<A, 'b' | 'c'>>>»`a`"),
    ("template-type-argument", "p.q«<\n  Array<{\n    a: (b: c) => d;\n  }>\n>»`a`"),
    ("template-type-argument", "p.q«<A>»\n  `a`"),
    ("template-type-argument", "p.q«<`a${B}`>»`a`"),
    ("template-type-argument", "x = `${f«<A[]>»`b`}`"),
    ("template-type-argument", "x = a < b && f«<C>»`d`"),
    ("template-type-argument", "f(a)[0]!«<A[]>»`b`"),
    ("typeof-import", "await f<«typeof import('./x')»>()"),
    ("typeof-import", 'f<«typeof import(\n  "./x"\n)»>()'),
    ("import-type", "let a: «import('x').Y»[]"),
    ("import-type", "let a: «import('x').Y.Z»<B>[]"),
    ("import-type", "let a: «import('x').Y»['b']"),
    ("export-type-all", "export «type» * from './a'"),
    ("export-type-all", "export «type» * as b from './a'"),
    ("abstract-override", "abstract class A { abstract «override» f(): void }"),
    ("abstract-override", "abstract class A { «override» abstract f(): void }"),
    ("operator-key", "type A = { a: string\n «in»: 'b' }"),
    ("unique-name", "for (; i < «unique».length; i++) {}"),
    ("template-escape", "String.raw`a«\\»u00 «\\»x b`"),
    ("nul-byte", "a(`b${c}«\u0000»${d}`)"),
]

JSX_FILLED = [
    ("jsx-ampersand", "<p>Q«&»A</p>"),
    ("jsx-ampersand", "<p>\n  Terms «&» Conditions «&»\n</p>"),
    ("jsx-ampersand", "<p>{a & b} c «&» d {`e & f`}</p>"),
    ("jsx-ampersand", '<a href="?a=1«&»b=2«&»c=3">x</a>'),
    ("jsx-ampersand", "<a href='?a«&»b' />"),
    ("jsx-ampersand", '<A b="«&»" />'),
    ("jsx-ampersand", "<p>«&»#128296; &nbsp;</p>"),
    ("jsx-ampersand", "<A<B> c={(d) => <p>x «&» {d & 1}</p>}>y «&» z</A>"),
    ("jsx-ampersand", "f(<>a «&» b</>, c & d)"),
    ("jsx-ampersand", "<p>it's «&» <b>so</b> «&» {x ? <i>y «&» z</i> : null}</p>"),
    ("template-type-argument", "const a = async <T,>(x: T) => f«<T[]>»`b`"),
    ("template-type-argument", "const a = async <T extends B>(x: T) => f«<T[]>»`b`"),
]

UNTOUCHED = [
    "type A = B & C; const d = e & f; d &= 1; g && h",
    "'a & b'; \"c & d\"; `e & f`; /g & h/; // i & j\n/* k & l */",
    "a < b > c; if (d > e) { `f` }",
    "a > `b`; x < y && z > `t`",
    "const html = `<p>${a}</p>`; const more = `${b}>`",
    "'f<T>`a`'; // f<T>`a`\n/* typeof import('x') */ 'typeof import(\"x\")'",
    "const { unique } = a; type B = unique symbol; let c: Array<unique symbol>",
    "x = { in: 'b', instanceof: c }; 'd' in x",
    "import('x').then(f); await import('y'); import.meta.url",
    "export type A = B; export type { C } from './c'; export * from './d'",
    "`a\\n\\u{1F600}\\u00e9\\x41\\`\\${b}`",
    "a = b / c; d = /`/.test(e); f = /[/`]/; g = h / i / j",
]

JSX_UNTOUCHED = [
    "<p>&nbsp;&amp;&#8217;&#x1F375;</p>",
    '<A b="x &amp; y">{c & d}</A>',
    "const f = <T,>(a: T) => a & b; type B = C & D",
    "type F = <T>(x: T) => A & B;\nlet c: <U>(x: U) => void = (x) => { d & e }",
    "const a = i < n; const b = <p>{i & n}</p>; const c = d & e",
    "const a = <A b={<C />} />; const d = e & f",
    "if (a < b) { c = d & e } else { f = <p>g</p> }",
]


STAND_INS = {"typeof-import": b"x", "import-type": b"x", "operator-key": b"xx", "unique-name": b"xxxxxx"}


def marked(text: str) -> tuple[bytes, list[tuple[int, int]]]:
    """The source without the marks, and the spans between them."""
    data, spans = b"", []
    for index, part in enumerate(re.split("[«»]", text)):
        if index % 2:
            spans.append((len(data), len(data) + len(part.encode())))
        data += part.encode()
    return data, spans


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("dialect", "form", "text"),
    [("typescript", *row) for row in FILLED] + [("tsx", *row) for row in FILLED + JSX_FILLED],
)
def test_a_gap_is_found_and_the_grammar_reads_what_stands_in(
    dialect: Dialect, form: str, text: str, line_end: str
) -> None:
    data, spans = marked(text.replace("\n", line_end))
    gaps = find_gaps(data, dialect)
    assert [(gap.start, gap.end, gap.form, gap.stand_in) for gap in gaps] == [
        (*span, form, STAND_INS.get(form, b"")) for span in spans
    ]
    assert error_count(parse(data, dialect)) == 0


@pytest.mark.parametrize(
    ("dialect", "text"),
    [("typescript", text) for text in UNTOUCHED] + [("tsx", text) for text in UNTOUCHED + JSX_UNTOUCHED],
)
def test_what_only_looks_like_a_gap_stays(dialect: Dialect, text: str) -> None:
    assert find_gaps(text.encode(), dialect) == []


def test_gaps_are_filled_beside_an_error_that_stays() -> None:
    data = b"const a = await p.$queryRaw<Row>`x`;\nconst = ;\n"
    tree = parse(data, "typescript")
    assert error_count(tree) == 1
    call = tree.root_node.descendant_for_byte_range(16, 34)
    assert call is not None
    assert call.type == "call_expression"


def test_a_tree_that_a_second_parse_does_not_mend_is_the_first() -> None:
    data = b"export type * from './a';\nlet a = = b & ;\n"
    tree = parse(data, "typescript")
    assert error_count(tree) > 0
    assert len(tree.root_node.text or b"") == len(data)


def test_a_simple_type_argument_is_not_taken_for_a_comparison() -> None:
    data = b"const a = await prisma.$queryRaw<Row>`select 1`;"
    texts = [data[n.start_byte : n.end_byte] for n in _below(data, "call_expression")]
    assert texts == [b"prisma.$queryRaw<Row>`select 1`"]


def test_a_template_behind_an_arrow_belongs_to_its_body() -> None:
    data = b"ids.map(async (id) => db.$queryRaw<Row[]>`select ${id}`);"
    texts = [data[n.start_byte : n.end_byte] for n in _below(data, "call_expression")]
    assert sorted(texts) == [b"db.$queryRaw<Row[]>`select ${id}`", data[:-1]]


def _below(data: bytes, kind: str) -> list:  # type: ignore[type-arg]
    found, todo = [], [parse(data, "typescript").root_node]
    while todo:
        node = todo.pop()
        found += [node] if node.type == kind else []
        todo += node.children
    return found


PIECES = st.sampled_from(
    (
        *("f", "<", ">", "`", "${", "}", "{", "(", ")", "[", "]", "&", "&amp;", "<p>", "</p>", "<A b=", '"', "'", "/>"),
        *("typeof import('x')", "import('x').Y[]", "export type *", "abstract override", "unique", "in:", "=>", "\\u"),
        *("/", "//", "/*", "*/", " ", "\n", "\r\n", "\0", "é", ";", ",", "?", ":", "=", "&&", "a", "1", "return", "\\"),
    )
)
TEXTS = st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=60))


@given(TEXTS, st.sampled_from(["typescript", "tsx"]))
def test_filling_keeps_the_length_and_the_line_breaks(text: str, dialect: Dialect) -> None:
    data = text.encode("utf-8", "surrogatepass")
    gaps = find_gaps(data, dialect)
    filled = fill(data, gaps)
    assert len(filled) == len(data)
    assert [i for i, byte in enumerate(data) if byte in b"\r\n"] == [
        i for i, byte in enumerate(filled) if byte in b"\r\n"
    ]
    changed = {i for i, (a, b) in enumerate(zip(data, filled, strict=True)) if a != b}
    assert changed <= {i for gap in gaps for i in range(gap.start, gap.end)}


@given(TEXTS, st.sampled_from(["typescript", "tsx"]))
def test_a_parse_never_has_more_errors_than_the_plain_one(text: str, dialect: Dialect) -> None:
    data = text.encode("utf-8", "surrogatepass")
    assert error_count(parse(data, dialect)) <= error_count(Parser(language(dialect)).parse(data))


PERIODS = (
    *("a < b; ", "f<T>`x`; ", "a > `b`; ", "x < ", "> `", "`${", "<p>a & b ", "<p>&</p>", "</", "/* ", '"', "'\\", "{"),
    *(
        "typeof import('x')",
        "import('x').a",
        ".a",
        "<unique ",
        "\\u",
        "}",
        "<A b='",
        "/[",
        "/a ",
        "=/a",
        "(/[/]",
        "<a><b>",
    ),
)


@pytest.mark.parametrize("piece", PERIODS)
def test_each_byte_is_looked_at_a_bounded_number_of_times(piece: str) -> None:
    data = (piece * 5000).encode()
    scanner = Scanner(data, "tsx")
    scanner.run()
    assert scanner.looked <= 3 * len(data)
