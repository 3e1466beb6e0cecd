"""What expressions become, and where the file's expressions stand."""

from __future__ import annotations

import pytest

from tests.facts.reading import facts_of, roots_of, shown, texts_of

EXPRESSIONS = {
    "a.b.c": "a.b.c",
    "a?.b!.c": "a.b.c",
    'a["b"]': "a.b",
    "a[b]": "index(a, b)",
    "a[`b`]": "a.b",
    "a?.()": "a()",
    "a?.b?.[c()]?.(d())": "index(a.b, c())(d())",
    "a!.b!(c!)": "a.b(c)",
    "this.#a.b()": "this.#a.b()",
    "super.a()": "super.a()",
    "((a))": "a",
    "a as unknown as B": "a",
    "<B>a": "a",
    "a satisfies B": "a",
    "(a as B).c()": "a.c()",
    "f<A>": "f",
    "new A": "new(A)",
    "new a.B<C>(d)": "new(a.B, d)",
    "new (f())(a)": "new(f(), a)",
    "await a": "await(a)",
    "a ? b() : c ? d() : e()": "ternary(a, b(), ternary(c, d(), e()))",
    "(a(), b(), c())": "((a() , b()) , c())",
    "a ?? b || c": "(a ?? (b || c))",
    "!a": "(! a)",
    "void f()": "(void f())",
    "typeof f()": "(typeof f())",
    "delete a[f()]": "(delete index(a, f()))",
    "a.b = c = d()": "(a.b = (c = d()))",
    "a ??= b()": "(a ??= b())",
    "a += b()": "(a += b())",
    "i++": "update_expression(i)",
    "({ a, b: c.d, ...e } = f())": "(object_pattern(a, pair_pattern(c.d), rest_pattern(e)) = f())",
    "[a, b = f()] = g()": "(array_pattern(a, assignment_pattern(b, f())) = g())",
    "[a, ...b, , c]": "array(a, spread(b), c)",
    "({ a, 'b-c': d, [e()]: f(), ...g(), 1: h })": "object(a: a, b-c: d, [e()]: f(), spread(g()), 1: h)",
    "({ get a() { }, set a(b) { }, async c() { }, *d() { }, [e()]() { } "
    "})": "object(a: function 0, a: function 1, c: function 2, d: function 3, [e()]: function 4)",
    "`a${b()}c${`${d()}`}`": "template(b(), template(d()))",
    "f`a${b()}`": "tagged(f, b())",
    "f<A[]>`a${b()}`": "tagged(f, b())",
    "import('a').then(b)": "import('a').then(b)",
    "import.meta.url": "meta_property().url",
    "class { }": "class 0",
    "function () { }": "function 0",
    "[null, undefined, true, /a/g]": "array(null, undefined, true, regex)",
}


@pytest.mark.parametrize(("source", "expected"), EXPRESSIONS.items())
def test_an_expression(source: str, expected: str) -> None:
    assert shown(facts_of(f"x = {source};").roots[0].expr) == f"(x = {expected})"


# Upstream issue 282: the grammar lets a call with type arguments bind weaker than what stands before it.
CALLS_WITH_TYPE_ARGUMENTS = {
    "await f<T>(x)": ("await(f(x))", ["f<T>(x)"]),
    "await a.b<T>(x).c()": ("await(a.b(x).c())", ["a.b<T>(x).c()", "a.b<T>(x)"]),
    "await a.b<T>(x).c<U>(y)[0]!.d": ("await(index(a.b(x).c(y), 0).d)", ["a.b<T>(x).c<U>(y)", "a.b<T>(x)"]),
    "await (f)<T>(x)": ("await(f(x))", ["(f)<T>(x)"]),
    "await f(a)<T>(x)": ("await(f(a)(x))", ["f(a)<T>(x)", "f(a)"]),
    "await f<T>(await g<U>(y))": ("await(f(await(g(y))))", ["f<T>(await g<U>(y))", "g<U>(y)"]),
    "await f<T>(x) as U": ("await(f(x))", ["f<T>(x)"]),
    "(await f<T>(x)).c()": ("await(f(x)).c()", ["(await f<T>(x)).c()", "f<T>(x)"]),
    "(await f<T>(x))!.c()": ("await(f(x)).c()", ["(await f<T>(x))!.c()", "f<T>(x)"]),
    "await (await f<T>(x)).c<U>()": ("await(await(f(x)).c())", ["(await f<T>(x)).c<U>()", "f<T>(x)"]),
    "await (await f)<T>(x)": ("await(await(f)(x))", ["(await f)<T>(x)"]),
    "(await f)<T>(x)": ("await(f)(x)", ["(await f)<T>(x)"]),
    "a + await f<T>(x)": ("(a + await(f(x)))", ["f<T>(x)"]),
    "a + b * f<T>(x)": ("(a + (b * f(x)))", ["f<T>(x)"]),
    "!f<T>(x).y": ("(! f(x).y)", ["f<T>(x)"]),
    "a ?? f<T>(x)": ("(a ?? f(x))", ["f<T>(x)"]),
    "(a + b).c()": ("(a + b).c()", ["(a + b).c()"]),
    "(a + b).c<T>(x)": ("(a + b).c(x)", ["(a + b).c<T>(x)"]),
    "[...f<T>(x)]": ("array(spread(f(x)))", ["f<T>(x)"]),
}


@pytest.mark.parametrize(("source", "expected"), CALLS_WITH_TYPE_ARGUMENTS.items())
def test_a_call_with_type_arguments_binds_like_one_without(source: str, expected: tuple[str, list[str]]) -> None:
    form, calls = expected
    assert shown(facts_of(f"x = {source};").roots[0].expr) == f"(x = {form})"
    assert texts_of(f"x = {source};", "call") == calls


@pytest.mark.parametrize(
    ("source", "expected", "text"),
    [
        ("await f<T>`x`", "await(tagged(f))", "f<T>`x`"),
        ("await a.b<T[]>`${x}`", "await(tagged(a.b, x))", "a.b<T[]>`${x}`"),
        ("a + f<T>`x`", "(a + tagged(f))", "f<T>`x`"),
        ("await a.b<T>(x).c`y`", "await(tagged(a.b(x).c))", "a.b<T>(x).c`y`"),
    ],
)
def test_a_tagged_template_with_a_type_argument(source: str, expected: str, text: str) -> None:
    assert roots_of(f"{source};") == [f"statement: {expected}"]
    assert texts_of(f"{source};", "tagged") == [text]


ROOTS = {
    "class A { static { const x = f(); g(x) } }": ["declarator: f()", "statement: g(x)"],
    "class A { [f()] = g(); #a = h(); static b = i(); [j()]() { k() } }": [
        "other: f()",
        "field: g()",
        "field: h()",
        "field: i()",
        "other: j()",
        "statement@0: k()",
    ],
    "class A extends f(B) { a = () => this.b() }": ["extends: f(B)", "field: function 0", "return@0: this.b()"],
    "@A(f()) class B { @C(g()) d = h(); @E(i()) j(@K(l()) m) {} constructor(@N(o()) private p = q()) {} }": [
        "decorator: A(f())",
        "decorator: C(g())",
        "field: h()",
        "decorator: E(i())",
        "decorator: K(l())",
        "decorator: N(o())",
        "default@1: q()",
    ],
    "export default async function () { await f() }": ["export-default: function 0", "statement@0: await(f())"],
    "export default { a: f() }": ["export-default: object(a: f())"],
    "export = f()": ["export-default: f()"],
    "function f(a = g(), { b = h(), [i()]: c } = j(), d = () => k(a)) {}": [
        "default@0: g()",
        "default@0: h()",
        "other@0: i()",
        "default@0: j()",
        "default@0: function 1",
        "return@1: k(a)",
    ],
    "const { a = f(), b: [c = g()], [h()]: d } = i()": [
        "default: f()",
        "default: g()",
        "other: h()",
        "declarator: i()",
    ],
    "export const { a = f() } = g()": ["default: f()", "declarator: g()"],
    "for await (const [a, b = f()] of g()) h(a)": ["default: f()", "iterated: g()", "statement: h(a)"],
    "for (a of f()) g(); for (const b in h()) i()": [
        "iterated: f()",
        "statement: g()",
        "iterated: h()",
        "statement: i()",
    ],
    "a: for (let b = f(), c = g(); b < h(); b += i()) { continue a }": [
        "declarator: f()",
        "declarator: g()",
        "condition: (b < h())",
        "condition: (b += i())",
    ],
    "for (a = f(); ; ) g()": ["statement: (a = f())", "statement: g()"],
    "do { f() } while (g()); while (h()) i()": ["statement: f()", "condition: g()", "condition: h()", "statement: i()"],
    "if (f()) g(); else if (h()) i(); else j()": [
        "condition: f()",
        "statement: g()",
        "condition: h()",
        "statement: i()",
        "statement: j()",
    ],
    "switch (f()) { case g(): { let a = h() } default: i() }": [
        "condition: f()",
        "condition: g()",
        "declarator: h()",
        "statement: i()",
    ],
    "try { f() } catch ({ a = g() }) { h() } finally { i() }": [
        "statement: f()",
        "default: g()",
        "statement: h()",
        "statement: i()",
    ],
    "using a = f(); await using b = g()": ["declarator: f()", "declarator: g()"],
    "function* a() { yield* f(); yield g() }": ["statement@0: yield(f())", "statement@0: yield(g())"],
    "throw new A(f())": ["throw: new(A, f())"],
    "enum A { B = f(), C, D = 1 }": ["other: f()", "other: 1"],
    "namespace A { f(); export const b = g() }": ["statement: f()", "declarator: g()"],
    "import A = B.C": ["declarator: B.C"],
    "const f = async (a) => await g(a)": ["declarator: function 0", "return@0: await(g(a))"],
    "type A = ReturnType<typeof f>; interface B { c: typeof d; e(): void }; declare function g(): void": [],
}


@pytest.mark.parametrize(("source", "expected"), ROOTS.items())
def test_the_roots_of_a_file(source: str, expected: list[str]) -> None:
    assert roots_of(source) == expected


def test_roots_in_jsx() -> None:
    source = "<A b={f()} c={() => g()} {...h()}>{i.map((x) => <B k={x}>{j(x)} {`t ${k()}`}</B>)}<C.D e='l' />Q & A</A>;"
    mapped = "i.map((x) => <B k={x}>{j(x)} {`t ${k()}`}</B>)"
    assert texts_of(source, "call", ".tsx") == ["f()", "g()", "h()", mapped, "j(x)", "k()"]
    assert texts_of(source, "name", ".tsx") == ["A", "f", "g", "h", "i", "B", "x", "j", "x", "k", "B", "C", "A"]
