"""What a file declares, imports and exports."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.facts.reading import bindings_of, facts_of, shown

BINDINGS = {
    "const a = 1, { b, c: { d }, e: [f, , g], 'h': i, [j]: k, ...l } = m": [
        "const a in module",
        "const b b in module",
        "const d c d in module",
        "const f e 0 in module",
        "const g e 2 in module",
        "const i h in module",
        "const k [] in module",
        "const l ... in module",
    ],
    "let { a = 1, b: { c = 2 } = {} } = d": ["let a a in module", "let c b c in module"],
    "function a(b, { c }, [d], ...e) {}": [
        "function a in module",
        "param b in function",
        "param c c in function",
        "param d 0 in function",
        "param e ... in function",
    ],
    "const a = function b() {}; const c = class D {}": [
        "const a in module",
        "function b in function",
        "const c in module",
        "class D in class",
    ],
    "class A { b(c) {} d = (e) => e }": ["class A in module", "param c in function", "param e in function"],
    "{ var a; let b; function c() {} class D {} }": [
        "var a in module",
        "let b in block",
        "function c in block",
        "class D in block",
    ],
    "function f() { if (a) { var b } for (var c of d) { var e } }": [
        "function f in module",
        "var b in function",
        "var c [] in loop",
        "var e in function",
    ],
    "for (const [a, b] of c) {} for (const d in e) {} for (let f = 0; ; ) {}": [
        "const a [] 0 in loop",
        "const b [] 1 in loop",
        "const d [key] in loop",
        "let f in loop",
    ],
    "try {} catch ({ a }) {}": ["catch a a in catch"],
    "enum A {} declare namespace B.C { const d: number } namespace E { var f }": [
        "enum A in module",
        "const d in block",
        "namespace E in module",
        "var f in block",
    ],
    "using a = b(); await using c = d()": ["const a in module", "const c in module"],
    "import A = B.C": ["const A in module"],
    "class A { static { var a } }": ["class A in module", "var a in block"],
    "declare global { var prisma: PrismaClient | undefined }": ["var prisma in global"],
}


@pytest.mark.parametrize(("source", "expected"), BINDINGS.items())
def test_the_bindings_of_a_file(source: str, expected: list[str]) -> None:
    assert bindings_of(source) == expected


# The name that is looked up is the last one called `x`; the answer is what it was initialised with.
LOOKUPS = {
    "const x = 1; { const x = 2; } x": "1",
    "const x = 1; { const x = 2; x }": "2",
    "const x = 1; function f() { x }": "1",
    "const x = 1; function f(x = 2) { x }": "2",
    "const x = 1; function f(a = x) { const x = 2 }": "1",
    "const x = 1; const f = (a, b = () => x) => { const x = 2 }": "1",
    "const x = 1; class A { @b(x) c }": "1",
    "const x = 1; class A { constructor(@b(x) x = 2) {} }": "1",
    "const x = 1; class A { [x]() { const x = 2 } }": "1",
    "function f() { if (a) { var x = 1 } x }": "1",
    "const x = 1; for (const x of [2]) x": "array(2)",
    "const x = 1; switch (a) { case 1: { const x = 2; x } }": "2",
    "const x = 1; try { const x = 2 } finally { x }": "1",
    "declare global { var x: A } const x = globalThis.x ?? 1; x": "(globalThis.x ?? 1)",
    "namespace A { export const x = 1 } const x = 2; x": "2",
    "const { a: { x } } = { a: { x: 1 } }; x": "object(a: object(x: 1))",
    "{ const x = 1 } x": "nothing",
    "namespace A { var x = 1 } x": "nothing",
}


@pytest.mark.parametrize(("source", "expected"), LOOKUPS.items())
def test_what_a_name_means_where_it_stands(source: str, expected: str) -> None:
    facts = facts_of(source)
    uses = [
        (e.start, root.scope) for root in facts.roots for e in root.expr.walk() if (e.kind, e.text) == ("name", "x")
    ]
    binding = facts.lookup("x", max(uses)[1])
    assert ("nothing" if binding is None else shown(facts.roots[binding.value].expr)) == expected


IMPORTS = {
    "import 'a'": [("a", "", "", "es", False)],
    "import a from 'b'": [("b", "default", "a", "es", False)],
    "import * as a from 'b'": [("b", "*", "a", "es", False)],
    "import a, { b, c as d, type E } from 'f'": [
        ("f", "default", "a", "es", False),
        ("f", "b", "b", "es", False),
        ("f", "c", "d", "es", False),
        ("f", "E", "E", "es", True),
    ],
    "import a, * as b from 'c'": [("c", "default", "a", "es", False), ("c", "*", "b", "es", False)],
    "import type { A } from 'b'": [("b", "A", "A", "es", True)],
    "import type A from 'b'": [("b", "default", "A", "es", True)],
    "import { 'a b' as c } from 'd'": [("d", "a b", "c", "es", False)],
    "import a = require('b')": [("b", "*", "a", "import-equals", False)],
    "import a from './b.json' with { type: 'json' }": [("./b.json", "default", "a", "es", False)],
}


@pytest.mark.parametrize(("source", "expected"), IMPORTS.items())
def test_the_imports_of_a_file(source: str, expected: list[tuple[str, str, str, str, bool]]) -> None:
    facts = facts_of(source)
    assert [(i.specifier, i.imported, i.local, i.form, i.type_only) for i in facts.imports] == expected
    for number, item in enumerate(facts.imports):
        binding = facts.lookup(item.local, 0)
        assert (binding.kind, binding.target) == ("import", number) if binding is not None else item.local == ""


# name = local | name = (value) | name from specifier imported; `type` before it when it is one only.
EXPORTS = {
    "export const a = 1, { b, c: [d] } = e": ["a = a", "b = b", "d = d"],
    "export function a() {} export class B {} export enum C {} export async function* d() {}": [
        "a = a",
        "B = B",
        "C = C",
        "d = d",
    ],
    "export abstract class A {} @B() export class D {} export @E() class F {}": ["A = A", "D = D", "F = F"],
    "export default f()": ["default = (f())"],
    "export default a": ["default = (a)"],
    "export default function a() {}": ["default = a"],
    "export default function () {}": ["default = (function 0)"],
    "export default class {}": ["default = (class 0)"],
    "export default async () => {}": ["default = (function 0)"],
    "export { a, b as c, d as default, type E, f as 'g h' }": [
        "a = a",
        "c = b",
        "default = d",
        "type E = E",
        "g h = f",
    ],
    "export { a, b as c, default as d } from './e'": ["a from ./e a", "c from ./e b", "d from ./e default"],
    "export * from './a'; export * as b from './c'": ["* from ./a *", "b from ./c *"],
    "export type { A } from './b'; export type * from './c'": ["type A from ./b A", "type * from ./c *"],
    "export = a()": ["module.exports = (a())"],
    "export import A = B.C": ["A = A"],
    "export namespace A { export const b = 1 }": ["A = A"],
    "declare module 'a' { export const b: string; export default c }": [],
    "module.exports = { a }": ["module.exports = ((module.exports = object(a: a)))"],
    "exports.a = 1; module.exports.b = 2": ["a = ((exports.a = 1))", "b = ((module.exports.b = 2))"],
    "exports.a = exports.b = c()": ["a = ((exports.a = (exports.b = c())))", "b = ((exports.a = (exports.b = c())))"],
    "module.exports = exports = a()": ["module.exports = ((module.exports = (exports = a())))"],
    "function f() { exports.a = 1 } b.exports.c = 2": [],
}


@pytest.mark.parametrize(("source", "expected"), EXPORTS.items())
def test_the_exports_of_a_file(source: str, expected: list[str]) -> None:
    facts = facts_of(source)
    found = []
    for export in facts.exports:
        if export.specifier:
            what = f"from {export.specifier} {export.imported}"
        elif export.value >= 0:
            what = f"= ({shown(facts.roots[export.value].expr)})"
        else:
            what = f"= {export.local}"
        found.append(f"{'type ' if export.type_only else ''}{export.name} {what}")
    assert found == expected


# A program of nested scopes, and what each use of a name means by the rules of the language. A scope is
# (form, names that it declares with `let` or as parameters, names that it declares with `var`, what it holds).
FORMS = ("block", "function", "arrow", "method", "if", "for-of", "while", "try", "catch")
SCOPES: st.SearchStrategy[Tree] = st.recursive(
    st.tuples(st.sampled_from(FORMS), st.sets(st.sampled_from("abc")), st.sets(st.sampled_from("uv")), st.just([])),
    lambda inner: st.tuples(
        st.sampled_from(FORMS),
        st.sets(st.sampled_from("abc")),
        st.sets(st.sampled_from("uv")),
        st.lists(inner, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
Tree = tuple[str, set[str], set[str], list]  # type: ignore[type-arg]
WRAPPERS = {
    "block": "{{ {body} }}",
    "function": "function f({parameters}) {{ {body} }}",
    "arrow": "g(async ({parameters}) => {{ {body} }});",
    "method": "h({{ m({parameters}) {{ {body} }} }});",
    "if": "if (x) {{ {body} }} else {{ }}",
    "for-of": "for (const x of y) {{ {body} }}",
    "while": "while (x) {{ {body} }}",
    "try": "try {{ {body} }} finally {{ }}",
    "catch": "try {{ }} catch {{ {body} }}",
}
FUNCTIONS = ("function", "arrow", "method")


class Program:
    """Writes a tree as a program in which every declaration has a number, which every use of it knows."""

    def __init__(self) -> None:
        self.number = 0
        self.uses: list[tuple[str, int | None]] = []

    def scope(self, tree: Tree, environment: dict[str, int], hoisted: dict[str, int]) -> str:
        form, lets, variables, children = tree
        environment = dict(environment)
        if form in FUNCTIONS:
            hoisted = self.hoist(tree)
            environment |= hoisted
        numbers = {name: self.next() for name in sorted(lets)}
        environment |= numbers
        declarations = [f"{name} = {number}" for name, number in numbers.items()]
        parameters = ", ".join(declarations) if form in FUNCTIONS else ""
        lines = [] if form in FUNCTIONS else [f"let {declaration};" for declaration in declarations]
        lines += [f"var {name} = {hoisted[name]};" for name in sorted(variables)]
        lines += [self.scope(child, environment, hoisted) for child in children]
        for name in "abcuv":
            self.uses.append((name, environment.get(name)))
            lines.append(f"use({name}, {len(self.uses) - 1});")
        return WRAPPERS[form].format(body=" ".join(lines), parameters=parameters)

    def hoist(self, tree: Tree) -> dict[str, int]:
        """The numbers of the `var` names of a function: one for each name, whatever block it stands in."""
        found: set[str] = set()
        todo = [tree]
        while todo:
            _, _, variables, children = todo.pop()
            found |= variables
            todo += [child for child in children if child[0] not in FUNCTIONS]
        return {name: self.next() for name in sorted(found)}

    def next(self) -> int:
        self.number += 1
        return self.number


@given(st.lists(SCOPES, min_size=1, max_size=3))
def test_names_resolve_by_the_rules_of_the_language(trees: list[Tree]) -> None:
    program = Program()
    source = program.scope(("arrow", set("a"), set("u"), trees), {}, {})
    facts = facts_of(source)
    seen = 0
    for root in facts.roots:
        if root.expr.kind != "call" or root.expr.callee.text != "use":
            continue
        name, number = root.expr.arguments
        expected = program.uses[int(number.text)][1]
        binding = facts.lookup(name.text, root.scope)
        assert (None if binding is None else int(shown(facts.roots[binding.value].expr))) == expected
        seen += 1
    assert seen == len(program.uses)
