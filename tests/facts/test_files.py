"""Functions, classes, suppressions, and what holds for whole files."""

from __future__ import annotations

import pickle
from collections import Counter
from pathlib import Path

import pytest

from prismafix.facts.extract import extract
from prismafix.syntax.dialect import dialect_of
from prismafix.syntax.parsing import parse
from tests.facts.reading import facts_of

FIXTURES = Path(__file__).resolve().parent.parent.parent / "fixtures"

# name, kind, flags
FUNCTIONS = {
    "function a() {}": [("a", "declaration", "")],
    "async function* a() {}": [("a", "declaration", "async generator")],
    "const a = async () => 1": [("a", "arrow", "async expression")],
    "const a = (() => { }) as B": [("a", "arrow", "")],
    "const a = { b: async function () {}, c() {}, get d() { }, 'e': () => {} }": [
        ("b", "expression", "async"),
        ("c", "method", ""),
        ("d", "getter", ""),
        ("e", "arrow", ""),
    ],
    "class A { constructor() {} static async b() {} set c(d) {} e = () => {}; #f() {} }": [
        ("constructor", "constructor", "owned"),
        ("b", "method", "async static owned"),
        ("c", "setter", "owned"),
        ("e", "arrow", ""),
        ("#f", "method", "owned"),
    ],
    "export default async () => { await a(() => b) }": [
        ("default", "arrow", "async"),
        ("", "arrow", "expression inner"),
    ],
    "a.b = function () {}; exports.c = async () => {}": [("b", "expression", ""), ("c", "arrow", "async")],
    "const a = b ? () => 1 : function c() {}": [("a", "arrow", "expression"), ("c", "expression", "")],
}


@pytest.mark.parametrize(("source", "expected"), FUNCTIONS.items())
def test_the_functions_of_a_file(source: str, expected: list[tuple[str, str, str]]) -> None:
    found = []
    for function in facts_of(source).functions:
        flags = {
            "async": function.is_async,
            "generator": function.is_generator,
            "static": function.is_static,
            "owned": function.owner >= 0,
            "expression": function.expression_body,
            "inner": function.parent >= 0,
        }
        found.append((function.name, function.kind, " ".join(flag for flag, is_set in flags.items() if is_set)))
    assert found == expected


def test_a_class_and_its_members() -> None:
    facts = facts_of(
        "@Injectable() export class A extends B<C> implements D, E<F> {"
        " static a = 1; private b?: G; constructor(private readonly c: H, d: I) { super() } async e() {} f = () => {};"
        " get g() { return 1 } }"
    )
    (one,) = facts.classes
    assert (one.name, one.implements, one.decorators) == ("A", ("D", "E<F>"), ("@Injectable()",))
    assert facts.roots[one.extends].expr.text == "B"
    assert [(m.name, m.kind, m.type_text, m.is_static, m.function >= 0, m.value >= 0) for m in one.members] == [
        ("a", "field", "", True, False, True),
        ("b", "field", "G", False, False, False),
        ("constructor", "method", "", False, True, False),
        ("c", "parameter-property", "H", False, False, False),
        ("e", "method", "", False, True, False),
        ("f", "field", "", False, True, True),
        ("g", "getter", "", False, True, False),
    ]


SUPPRESSIONS = {
    "// prismafix-ignore PF303 -- one row each": (1, ("PF303",), "one row each", False, True),
    "a(); // prismafix-ignore pf303, PF301": (1, ("PF303", "PF301"), "", False, False),
    "/* prismafix-ignore */ a();": (1, (), "", False, False),
    "\n\n/* prismafix-ignore-file PF2 -- a script */": (3, ("PF2",), "a script", True, True),
}


@pytest.mark.parametrize(("source", "expected"), SUPPRESSIONS.items())
def test_a_suppression(source: str, expected: tuple[int, tuple[str, ...], str, bool, bool]) -> None:
    (found,) = facts_of(source).suppressions
    assert (found.line, found.codes, found.reason, found.whole_file, found.alone) == expected


@pytest.mark.parametrize("source", ["const a = 'prismafix-ignore PF303'", "// prismafixignore"])
def test_no_suppression(source: str) -> None:
    assert facts_of(source).suppressions == ()


def test_directives_stand_before_everything_else() -> None:
    assert facts_of("#!/usr/bin/env node\n// a\n'use strict';\n\"use server\"; f(); 'use client'").directives == (
        "use strict",
        "use server",
    )


def test_offsets_are_bytes_behind_a_mark_and_other_characters() -> None:
    data = "\ufeffconst ä = 'ö';\r\nfind(ä);\r\n".encode()
    facts = extract(data, ".ts")
    (call,) = (root for root in facts.roots if root.expr.kind == "call")
    assert data[call.start : call.end] == "find(ä);".encode()
    assert facts.line_of(call.start) == 2
    assert facts.lookup("ä", 0) is not None


def test_what_is_not_utf_8_is_refused() -> None:
    with pytest.raises(UnicodeDecodeError):
        extract("const ä = 1".encode("latin-1"), ".ts")


def test_names_and_strings_are_those_of_the_file_where_bytes_were_replaced() -> None:
    facts = facts_of("const unique = ['x'];\nfor (let i = 0; i < unique.length; i++) f(`a\0b`, { in: i });")
    texts = [expr.text for root in facts.roots for expr in root.expr.walk()]
    assert "xxxxxx" not in texts
    assert {"unique", "a\0b", "in"} <= set(texts)


def test_an_error_is_a_span_and_the_rest_is_there() -> None:
    facts = extract(b"f();\nconst = ;\ng();\n", ".ts")
    assert [facts.line_of(start) for start, _ in facts.errors] == [2]
    assert {root.expr.callee.text for root in facts.roots if root.expr.kind == "call"} == {"f", "g"}


@pytest.mark.parametrize("suffix", [".ts", ".tsx", ".js"])
def test_every_call_of_the_fixtures_stands_in_exactly_one_root(suffix: str) -> None:
    sources = sorted(path for path in FIXTURES.rglob(f"*{suffix}") if path.is_file())
    assert sources
    for path in sources:
        data = path.read_bytes()
        facts = extract(data, suffix)
        expected, todo = Counter[int](), [parse(data, dialect_of(path.name)).root_node]
        while todo:
            node = todo.pop()
            expected[node.end_byte] += node.type in ("call_expression", "new_expression")
            todo += [child for child in node.named_children if child.type not in ("type_annotation", "type_arguments")]
        kinds = ("call", "new", "tagged", "import")
        found = Counter(e.end for root in facts.roots for e in root.expr.walk() if e.kind in kinds)
        assert found == +expected, path
        for root in facts.roots:
            scope = facts.scopes[root.scope]
            assert scope.start <= root.start <= root.end <= scope.end, path
            assert scope.function == root.function, path
        assert repr(pickle.loads(pickle.dumps(facts))) == repr(facts)
