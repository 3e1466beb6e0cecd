"""What generated fan-outs are put together from: lists, callbacks, queries, forms of the fan-out, uses of the results.

In these texts `Q` is the query, `K` the key, `IF` a condition, `C` the client, `LIST` the list, `FN` the callback, `P` the
fan-out, `SIZE` how many elements there are, and `MUTATE` where something is changed while the work runs.
"""

# ruff: noqa: E501 -- lines of programs

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .fan_out_text import Key


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of text, or two of them, that has a name."""

    name: str
    text: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class Shape:
    """What is handed to the program: the type, one element as JavaScript, and how an element's key is got at."""

    name: str
    type: str
    element: str
    patterns: tuple[tuple[str, str], ...]
    collections: tuple[str, ...] = ("items",)
    literal: str = "[#]"
    array: bool = True


def shapes(key: Key) -> tuple[Shape, ...]:
    own = key.field if not key.names else "one"
    kind = key.type
    user = ("{ " + ", ".join(f"{name}: user.{name}" for name in key.names) + " }") if key.names else f"user.{key.field}"
    several = f"({kind})[]" if " " in kind else f"{kind}[]"
    derived = ("items", "[...new Set(items)]", "items.filter((_, n) => n !== 1)", "items.slice(1)",
               "Array.from(new Set(items))", "items.concat(items)", "[...items, ...items]", "items.slice().reverse()")  # fmt: skip
    return (
        Shape("keys", several, "#", ((own, own),), derived),
        Shape("rows", f"{{ ref: {kind}; tag: string }}[]", '{ ref: #, tag: "t" }',
               (("row", "row.ref"), ("{ ref }", "ref"), ("{ ref: wanted, ...rest }", "wanted"),
                (f"{{ ref: {own} }}", own)), derived),
        Shape("readonly keys", f"readonly {several}", "#", ((own, own),), ("items", "items.slice(1)")),
        Shape("maybe keys", f"({kind} | null)[]", "#", (("one", "one"),),
               ("items.filter((one) => one !== null)", "items.flatMap((one) => (one === null ? [] : [one]))")),
        Shape("record", f"Record<string, {kind}>", "AT: #", (("[tag, one]", "one"), ("entry", "entry[1]")),
               ("Object.entries(items)",), "{ # }", array=False),
        Shape("values", f"Record<string, {kind}>", "AT: #", ((own, own),), ("Object.values(items)",), "{ # }", array=False),
        Shape("map", f"Map<string, {kind}>", '["AT", #]', ((own, own),),
               ("[...items.values()]", "Array.from(items.values())", "items.values()"), "new Map([#])", array=False),
        Shape("set", f"Set<{kind}>", "#", ((own, own),), ("[...items]", "Array.from(items)", "items"), "new Set([#])", array=False),
        Shape("rows of a query", "number", "#", (("user", user), ("chunk", user.replace("user", "chunk"))),
               ('(await C.user.findMany({ orderBy: { id: "asc" }, take: items }))',
                '(await C.user.findMany({ orderBy: { id: "asc" } })).slice(0, items)'), "COUNT", array=False),
        Shape("holder", f"{{ list: {several} }}", "#", ((own, own),), ("items.list", "(items.list ?? [])"),
               "{ list: [#] }", array=False),
        Shape("promises", f"Promise<{kind}>[]", "Promise.resolve(#)", (("one", "(await one)"),)),
        Shape("failing promises", f"Promise<{kind}>[]", "promised(AT, #)", (("one", "(await one)"),)),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Callback:
    """What is done for an element. `sees`: "" or index, all, default, this, arguments."""

    name: str
    text: str
    is_async: bool = False
    sees: str = ""
    before: str = ""
    after: str = ""


CALLBACKS = (
    Callback("the query", "Q"),
    Callback("the row and its key", "{ const got = await Q; return { wanted: K, got }; }", True),
    Callback("async query", "Q", True),
    Callback("async awaited query", "await Q", True),
    Callback("returned query", "{ return Q; }"),
    Callback("then", "Q.then((got) => ({ got }))"),
    Callback("index", "{ const got = await Q; return { index, got }; }", True, "index"),
    Callback("rescued", "Q.catch(() => null)"),
    Callback("tried", '{ try { return await Q; } catch { return "failed"; } }', True),
    Callback("skipped", "IF ? Q : null"),
    Callback("skipped by index", "index % 2 ? Q : null", False, "index"),
    Callback("twice", "{ const got = await Q; const other = await Q; return [got, other, got === other]; }", True),
    Callback("helper", "load(K)"),
    Callback("other module", "loadElsewhere(K)"),
    Callback("nothing", "{ await Q; }", True),
    Callback("late", "{ await Promise.resolve(); return Q; }", True),
    Callback("changed row", "{ const got: any = await Q; if (got) got.name = `of ${index}`; return got; }", True, "index"),
    Callback("all", "{ const got = await Q; return { got, last: index === all.length - 1 }; }", True, "all"),
    Callback("same array", "{ const got = await Q; return { got, same: all === ORIGINAL }; }", True, "all"),
    Callback("neighbour", "{ const got = await Q; return { got, next: all[index + 1] ?? null }; }", True, "all"),
    Callback("this", "{ const got = await Q; return { got, step: this.step }; }", True, "this"),
    Callback("arguments", "{ const got = await Q; return { got, given: arguments.length }; }", True, "arguments"),
    Callback("early throw", '{ if (IF) throw new RangeError("early"); return Q; }'),
    Callback("late throw", '{ const got = await Q; if (!got) throw new RangeError("late"); return got; }', True),
    Callback("late throw of its own", "{ const got = await Q; if (!got) throw new RangeError(`no ${String(K)}`); return got; }", True),
    Callback("thrown again", '{ try { return await Q; } catch { throw new TypeError("again"); } }', True),
    Callback("several", "{ const got = await Q; return Promise.all([1, 2, 3, 4, 5, 6].map((n) => C.order.count({ where: { total: { gt: n * 100 } } }))).then((counts) => ({ got, counts })); }", True),
    Callback("counter", "{ seen += 1; const got = await Q; return { seen, got }; }", True, "", "let seen = 0;"),
    Callback("captured", "C.order.findMany({ where: { total: { gt: least } }, orderBy: { id: \"asc\" } })", False, "", "let least = 900;", "least = 0;"),
    Callback("captured and own", "{ const got = await Q; return { got, least }; }", True, "", "let least = 900;", "least = 0;"),
    Callback("changed list", "{ const got = await Q; all.push(...all.slice(0, 1)); return { got, left: all.length }; }", True, "all"),
    Callback("list handed on", "{ const got = await Q; return { got, has: [ORIGINAL].includes(all as never) }; }", True, "all"),
    Callback("commented", "{\n    // asked one by one\n    const got = await Q;\n    return got; // as it is\n  }", True),
    Callback("if and else", '{ if (IF) { return null; } else { return await Q; } }', True),
    Callback("names of ours", "{ const results = await Q; const i = index; return { results, i }; }", True, "index"),
    Callback("printed", "{ console.log(String(K)); return Q; }"),
    Callback("default", "{ const got = await Q; return { got, index }; }", True, "default"),
)  # fmt: skip
ASKED = (
    Part("findUnique", "C.user.findUnique({ where: U# })"),
    Part("findFirst", 'C.user.findFirst({ where: W#, orderBy: { id: "asc" } })'),
    Part("findMany", 'C.user.findMany({ where: W#, orderBy: { id: "asc" } })'),
    Part("count", "C.user.count({ where: W })"),
    Part("orders", 'C.order.findMany({ where: { user: W }, orderBy: { id: "asc" } })'),
    Part("aggregate", "C.order.aggregate({ where: { user: W }, _sum: { total: true } })"),
    Part("findUniqueOrThrow", "C.user.findUniqueOrThrow({ where: U# })"),
    Part("findFirst bare", "C.user.findFirst({ where: W })"),
    Part("fluent", "C.user.findUnique({ where: U }).orders()"),
    Part("raw", 'C.$queryRaw`select count(*)::int as n from "User" where name is null`'),
    Part("update", 'C.user.update({ where: U#, data: { name: "changed" } })'),
    Part("create", "C.log.create({ data: { message: `of ${String(K)}` } })"),
    Part("upsert", 'C.user.upsert({ where: U, update: { name: "again" }, create: { email: "new", badge: 5, serial: 1, key: "0000abcd-0000-4000-8000-000000000099", short: "n", padded: "n", joined: new Date(0), price: 9, ratio: 9, token: new Uint8Array([99]), first: "N", last: "N" } })'),
    Part("delete", "C.order.deleteMany({ where: { user: W } })"),
)  # fmt: skip
WITH_KEY = "F: true, name: true"
SELECTED = (
    Part("everything", ""),
    Part("select with key", f", select: {{ {WITH_KEY} }}"),
    Part("select without key", ", select: { name: true, email: true, }"),
    Part("include", ", include: { orders: true }"),
    Part("include some", ', include: { orders: { where: { total: { gt: 300 } }, orderBy: { id: "desc" }, take: 1, select: { total: true } } }'),
    Part("select nested", f", select: {{ {WITH_KEY}, orders: {{ select: {{ total: true }} }} }}"),
    Part("count of relation", f", select: {{ {WITH_KEY}, _count: {{ select: {{ orders: true }} }} }}"),
    Part("omit", ", omit: { token: true }"),
)  # fmt: skip
FORMS = (
    Part("map", "Promise.all(LIST.map(FN))"),
    Part("map in a variable", "Promise.all(tasks)"),
    Part("allSettled", "Promise.allSettled(LIST.map(FN))"),
    Part("with thisArg", "Promise.all(LIST.map(FN, context))"),
    Part("Array.from", "Promise.all(Array.from(LIST, FN))"),
    Part("spread", "Promise.all([...LIST.map(FN)])"),
    Part("beside another", "Promise.all([C.order.count(), ...LIST.map(FN)])"),
    Part("loop", "Promise.all(tasks)"),
    Part("forEach", "Promise.all(tasks)"),
    Part("flatMap", "Promise.all(LIST.flatMap(FN))"),
    Part("filter behind", "Promise.all(LIST.map(FN).filter(Boolean))"),
    Part("typed map", "Promise.all(LIST.map<Promise<unknown>>(FN))"),
    Part("optional", "Promise.all(LIST?.map(FN) ?? [])"),
    Part("conditional", "Promise.all(SIZE > 2 ? LIST.map(FN) : [])"),
    Part(
        "two lists",
        "Promise.all([...LIST.map(FN), ...[1, 2, 3, 4, 5, 6].map((n) => C.order.count({ where: { total: { gt: n } } }))])",
    ),
    Part("pair of lists", "Promise.all([Promise.all(LIST.map(FN)), C.order.count()])"),
    Part("loop with continue", "Promise.all(tasks)"),
    Part("indexed loop", "Promise.all(tasks)"),
    Part("any", "Promise.any(LIST.map(FN))"),
)
USED = (
    Part("const", "const found = await P;", "return found;"),
    Part("return await", "return await P;", ""),
    Part("return", "return P;", ""),
    Part("in an object", "return { found: await P, size: SIZE };", ""),
    Part("object", "const found = await P;", "return { count: found.length, found };"),
    Part("filtered", "return (await P).filter((one) => one !== null);", ""),
    Part("then", "return P.then((found) => found.length);", ""),
    Part("catch", 'return P.catch((error) => ["failed", error.code ?? error.message]);', ""),
    Part("destructured", "const [head, ...rest] = await P;", "return { head, rest };"),
    Part("iterated", "const gathered: unknown[] = []; for (const one of await P) gathered.push(one);", "return gathered;"),
    Part("assigned", "let found: unknown = null; found = await P;", "return found;"),
    Part("not awaited at once", "const promise = P; MUTATE const other = await C.order.count();", "return [other, await promise];"),
    Part("tried", 'try { return await P; } catch (error) { return ["caught", (error as Error).name]; } finally { console.log("done"); }', ""),
    Part("unused", "await P;", 'return "done";'),
    Part("two", "return [await P, await C.order.count()];", ""),
    Part("captured", "const found = await P;", "const size = () => found.length; return size();"),
    Part("condition", 'if ((await P).length > 3) return "many";', 'return "few";'),
    Part("without braces", "if (SIZE > 1) return await P;", "return null;"),
    Part("twice", "const rounds: unknown[] = []; for (const round of [1, 2]) { const found = await P; rounds.push([round, found]); }", "return rounds;"),
    Part("ternary", "return SIZE > 1 ? await P : null;", ""),
    Part("changed", "const found: any[] = await P; for (const one of found) { if (one && typeof one === \"object\") one.mark = (one.mark ?? 0) + 1; }", "return found;"),
    Part("sorted", "const found = await P; found.reverse();", "return found;"),
    Part("mapped", "const found = await P;", "return found.map((one, n) => [n, one]);"),
    Part("finally", 'return P.finally(() => console.log("done"));', ""),
    Part("spread", "return [0, ...(await P)];", ""),
    Part("nested function", "const run = async () => { const found = await P; return found; };", "return run();"),
    Part("guarded", 'if (SIZE === 0) return []; const found = await P; return found;', ""),
    Part("twice the same", "const once = await P;", "return [once, await P];"),
)  # fmt: skip
PLACES = ("function", "arrow", "client parameter", "method", "plain function", "function", "arrow", "method", "plain function",
          "transaction")  # fmt: skip
PACKAGES = ("nothing", "nothing", "p-map", "p-limit", "own chunk", "another fan-out")
CHANGED = ("", "", "items.push(items[0]);", "items.length = 0;", "items.reverse();", "items.splice(0, 2);", "items[0] = items[1];",
           "await null; items.length = 0;")  # fmt: skip
