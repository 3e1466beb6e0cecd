"""Small programs with a fan-out, drawn from all that is known to matter: what is in the list, who else holds it, how it
is walked, what a callback sees and does, what is asked for by which key, and what becomes of the results."""

# ruff: noqa: E501 -- lines of programs

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

from .fan_out_parts import (
    ASKED,
    CALLBACKS,
    CHANGED,
    FORMS,
    PACKAGES,
    PLACES,
    SELECTED,
    USED,
    WITH_KEY,
    Callback,
    Part,
    Shape,
    shapes,
)
from .fan_out_text import KEYS, LANGUAGES, SCHEMA, Key, Language

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Program:
    """A project as files, of which `file` is run, the JavaScript functions that call it, and names of what was
    drawn."""

    files: dict[str, bytes]
    file: str
    calls: tuple[str, ...]
    features: tuple[str, ...]

    @property
    def text(self) -> str:
        """The module with the fan-out, and the calls."""
        return "\n".join([self.files[self.file].decode(), *self.calls])


class _Drawing:
    """One program on its way. Choices are named, so that it can be said afterwards what was drawn."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.features: list[str] = []

    def one_of(self, name: str, options: Sequence[Any]) -> Any:
        """One of several, the first two more often; Hypothesis shrinks towards the first."""
        chosen = options[self.number((*range(len(options)), *(0, 1, 0, 1)[: len(options) // 2]))]
        self.features.append(f"{name}: {getattr(chosen, 'name', None) or getattr(chosen, 'field', None) or chosen}")
        return chosen

    def either(self, name: str, one_in: int = 4) -> bool:
        """Whether something is so, once in so many times."""
        found = self.number(range(one_in)) == one_in - 1
        if found:
            self.features.append(name)
        return found

    def number(self, numbers: Sequence[int]) -> int:
        """One of several numbers."""
        return self._draw(st.sampled_from(numbers))


_SPARSE = ("handle", "tier", "name")
"""Fields that are null in some rows."""


@st.composite
def programs(draw: st.DrawFn) -> Program:
    """Programs in which there is one fan-out, most of them."""
    return _build(_Drawing(draw))


def _build(d: _Drawing) -> Program:
    language: Language = d.one_of("language", LANGUAGES)
    package: str = d.one_of("package", PACKAGES)
    key: Key = d.one_of("key", KEYS)
    place: str = d.one_of("place", [one for one in PLACES if language.typed or one != "client parameter"])
    waits = key.field in _SPARSE or place == "plain function"
    shape: Shape = d.one_of("elements", [one for one in shapes(key) if not (waits and one.name == "rows of a query")])
    module = _module(d, language, key, shape, place)
    files = _files(language, package, "loadElsewhere" in module, key, d)
    file = f"src/work{language.suffix}"
    files[file] = module
    asked = "".join(files.values())
    strange = key.strange if "findUnique" in asked else (*key.strange, *key.spelled)
    calls = tuple(_call(d, key, shape, strange or key.present) for _ in range(d.number(range(1, 5))))
    return Program({path: text.encode() for path, text in files.items()}, file, calls, tuple(d.features))


def _query(d: _Drawing, key: Key, client: str, value: str) -> str:
    text: str = d.one_of("asks", [one for one in ASKED if key.unique or "where: U" not in one.text]).text
    if "#" in text:
        text = text.replace("#", _selected(key, d.one_of("of the row", SELECTED).text))
    text = text.replace("where: U", f"where: {key.where(value)}").replace("user: W", f"user: {key.plain(value)}")
    text = text.replace("where: W", f"where: {key.plain(value)}").replace("C.", f"{client}.")
    return text.replace("String(K)", f"String({value})")


def _selected(key: Key, text: str) -> str:
    fields = [*(key.names or (key.field,)), "name"]
    return text.replace(WITH_KEY, ", ".join(f"{field}: true" for field in dict.fromkeys(fields)))


def _work(d: _Drawing, language: Language, key: Key, shape: Shape, client: str, *, plain: bool) -> str:
    """The statements of the function. `plain`: it cannot await."""
    form: Part = d.one_of("form", [one for one in FORMS if one.name != "flatMap" or "Promise" not in shape.type])
    callback: Callback = d.one_of("callback", [one for one in CALLBACKS if _fits(one, form.name)])
    used: Part = d.one_of("used", [one for one in USED if not plain or one.name in ("return", "then", "catch")])
    lines = [callback.before]
    collection = _collection(d, shape, form, client, lines, by_name=bool(callback.sees))
    pattern, value = d.one_of("pattern", shape.patterns)
    query = _query(d, key, client, value)
    text = callback.text.replace("(K)", f"({value})").replace(": K,", f": {value},").replace("C.", f"{client}.")
    text = text.replace("IF", f'String({value}).endsWith("3")').replace("ORIGINAL", collection)
    text = _QUERY.sub(lambda _: query, text)
    is_async = callback.is_async or "await" in text
    function = _function(d, callback, text, pattern, is_async=is_async)
    if callback.name in ("helper", "other module") and value == pattern and d.either("by name", 2):
        function = text.partition("(")[0]
    if form.name == "flatMap":
        function = f"({pattern}) => [{query}, {client}.order.count()]"
    if "context" in form.text:
        lines.append("const context = { step: 7 };")
    if form.name == "map in a variable":
        lines.append(f"const tasks = {collection}.map({function});")
    elif "tasks" in form.text:
        work = f"(async () => {text})()" if is_async or text.startswith("{") else text
        lines += ["const tasks: Promise<unknown>[] = [];", _loop(form.name, collection, pattern, value, work)]
    lines += _uses(d, shape, form, used, callback, collection, function, client, lines)
    whole = "\n".join(f"  {line}" for line in lines if line)
    return whole if language.typed else _untyped(whole)


def _collection(d: _Drawing, shape: Shape, form: Part, client: str, lines: list[str], *, by_name: bool) -> str:
    """The list as an expression; what it needs before it goes to `lines`."""
    walked = form.name in ("loop", "loop with continue", "Array.from") and not by_name
    fitting = [one for one in shape.collections if walked or not _is_iterable(shape, one)]
    collection: str = d.one_of("collection", fitting).replace("C.", f"{client}.")
    if "await" in collection or form.name in ("indexed loop", "conditional") or d.either("list in a constant"):
        lines.append(f"{'let' if d.either('list in a variable', 3) else 'const'} list = {collection};")
        collection = "list"
    if d.either("names that are taken", 6):
        lines.append('const chunkSize = "a", results = "b", limit = "c", items2 = "d";')
        lines.append("console.log(chunkSize, results, limit, items2);")
    return collection


def _loop(form: str, collection: str, pattern: str, value: str, work: str) -> str:
    """A loop that fills `tasks`."""
    if form == "forEach":
        return f"{collection}.forEach(({pattern}) => {{ tasks.push({work}); }});"
    head = f"for (const {pattern} of {collection}) {{"
    if form == "indexed loop":
        head = f"for (let n = 0; n < {collection}.length; n++) {{ const {pattern} = {collection}[n]!;"
    elif form == "loop with continue" and "await" not in value:
        head += f' if (String({value}).endsWith("2")) continue;'
    return f"{head} tasks.push({work}); }}"


def _uses(
    d: _Drawing,
    shape: Shape,
    form: Part,
    used: Part,
    callback: Callback,
    collection: str,
    function: str,
    client: str,
    before: list[str],
) -> list[str]:
    """The statements with the fan-out itself, and what is made of its results."""
    sizes = {"map": "items.size", "set": "items.size", "holder": "items.list.length", "rows of a query": "items"}
    size = sizes.get(shape.name, "items.length" if shape.array else "Object.keys(items).length")
    call = form.text.replace("SIZE", size).replace("LIST", collection).replace("FN", function)
    call = call.replace("C.", f"{client}.")
    change = callback.after
    if any(line.startswith("let list") for line in before) and d.either("another list meanwhile", 2):
        change += " list = [];"
    if shape.array and "readonly" not in shape.type and d.either("changed meanwhile"):
        change += " items.push(items[0]); items.reverse();"
    texts = (
        text.replace("MUTATE", change).replace("SIZE", size).replace("C.", f"{client}.")
        for text in (used.text, used.rest)
    )
    return [_CALL.sub(lambda _: call, text) for text in texts]


_QUERY = re.compile(r"\bQ\b")
_CALL = re.compile(r"\bP\b")
_ANNOTATIONS = (": Promise<unknown>[]", "<Promise<unknown>>", "this: { step: number }, ", "this: { step: number }",
                ": unknown[]", ": unknown", ": any[]", ": any", " as unknown", " as Error", " as never", "!;")  # fmt: skip


def _untyped(text: str) -> str:
    for annotation in _ANNOTATIONS:
        text = text.replace(annotation, ";" if annotation == "!;" else "")
    return text


def _is_iterable(shape: Shape, collection: str) -> bool:
    """Whether the collection is no array."""
    return (shape.name, collection) in (("map", "items.values()"), ("set", "items"))


def _fits(callback: Callback, form: str) -> bool:
    if form in ("loop", "forEach", "loop with continue", "indexed loop"):
        return not callback.sees
    if callback.sees == "this":
        return form == "with thisArg"
    if form == "typed map":
        return callback.is_async or callback.text == "Q"
    return not (form == "Array.from" and callback.sees in ("all", "arguments"))


def _function(d: _Drawing, callback: Callback, text: str, pattern: str, *, is_async: bool) -> str:
    parameters = {"index": ", index", "all": ", index, all", "default": ", index = 7"}.get(callback.sees, "")
    start = "async " if is_async else ""
    if callback.sees in ("this", "arguments"):
        this = "this: { step: number }, " if callback.sees == "this" else ""
        return f"{start}function ({this}{pattern}{parameters}) {text}"
    if text.startswith("{") and d.either("function expression", 6):
        return f"{start}function ({pattern}{parameters}) {text}"
    bare = pattern.isidentifier() and not parameters and d.either("no parentheses", 6)
    return f"{start}{pattern if bare else f'({pattern}{parameters})'} => {text}"


def _module(d: _Drawing, language: Language, key: Key, shape: Shape, place: str) -> str:
    client = {"client parameter": "db", "method": "this.prisma", "transaction": "tx"}.get(place, "prisma")
    body = _work(d, language, key, shape, client, plain=place == "plain function")
    of, export = language.of, language.export
    items = f"items{of(f': {shape.type}')}"
    if place == "method":
        field = (
            "constructor(private readonly prisma: PrismaClient) {}"
            if language.typed
            else "constructor(prisma) {\n  this.prisma = prisma;\n}"
        )
        text = f"class Service {{\n{field}\nasync work({items}) {{\n{body}\n}}\n}}\n\nconst service = new Service(prisma);\n\n"
        text += f"{export}const work = ({items}) => service.work(items);\n"
    elif place == "arrow":
        text = f"{export}const work = async ({items}) => {{\n{body}\n}};\n"
    else:
        more = f", db{of(': PrismaClient')}" if place == "client parameter" else ""
        start = "" if place == "plain function" else "async "
        if place == "transaction":
            body = f"return prisma.$transaction(async (tx) => {{\n{body}\n}});"
        text = f"{export}{start}function work({items}{more}) {{\n{body}\n}}\n"
    if "load(" in text or "(load)" in text or "(load," in text or " load)" in text:
        query = _query(d, key, "prisma", "key")
        start = "async " if d.either("async helper", 2) else ""
        text = f"{start}function load(key{of(f': {key.type}')}) {{\n  return {query};\n}}\n\n{text}"
    return "\n".join([*_imports(language, text), "", text]) + language.exported(["work"])


def _imports(language: Language, text: str) -> list[str]:
    lines = []
    types = [name for name in ("Prisma", "PrismaClient", "Tier") if re.search(rf"\b{name}\b(?!\.\$)", text)]
    if types and language.typed:
        lines.append(f'import type {{ {", ".join(types)} }} from "@prisma/client";')
    extension = ".js" if language.name == "js-esm" else ""
    if re.search(r"\bprisma\b(?!:)", text.replace("this.prisma", "")):
        lines.append(language.imports("{ prisma }", f"./lib/prisma{extension}"))
    if "loadElsewhere" in text and "const loadElsewhere" not in text:
        lines.append(language.imports("{ loadElsewhere }", f"./elsewhere{extension}"))
    return lines


def _files(language: Language, package: str, elsewhere: bool, key: Key, d: _Drawing) -> dict[str, str]:
    of, export, suffix = language.of, language.export, language.suffix
    extension = ".js" if language.name == "js-esm" else ""
    manifest: dict[str, Any] = {"name": "shop", "private": True, "scripts": {"start": "node dist/server.js"}}
    if language.name == "js-esm":
        manifest["type"] = "module"
    manifest["dependencies"] = {"@prisma/adapter-pg": "^6.19.0", "@prisma/client": "^6.19.0", "pg": "^8.16.0"}
    if package in ("p-map", "p-limit"):
        manifest["dependencies"][package] = "^7.0.0"
    files = {"package.json": json.dumps(manifest, indent=2) + "\n", "prisma/schema.prisma": SCHEMA}
    if language.typed:
        options = {
            "target": "ES2022",
            "module": "esnext",
            "moduleResolution": "bundler",
            "esModuleInterop": True,
            "skipLibCheck": True,
        }
        files["tsconfig.json"] = (
            json.dumps({"compilerOptions": {**options, "strict": language.strict}}, indent=2) + "\n"
        )
    imports = [
        language.imports("{ PrismaPg }", "@prisma/adapter-pg"),
        language.imports("{ PrismaClient }", "@prisma/client"),
    ]
    made = f"{export}const prisma = new PrismaClient({{ adapter: new PrismaPg({{ connectionString: process.env.DATABASE_URL }}) }});\n"
    files[f"src/lib/prisma{suffix}"] = "\n".join([*imports, "", made]) + language.exported(["prisma"])
    shared = language.imports("{ prisma }", f"./lib/prisma{extension}")
    if elsewhere:
        query = _query(d, key, "prisma", "key")
        text = f"{export}const loadElsewhere = (key{of(f': {key.type}')}) => {query};\n"
        lines = [*_imports(language, text), "", text]
        files[f"src/elsewhere{suffix}"] = "\n".join(lines) + language.exported(["loadElsewhere"])
    if package == "another fan-out":
        text = f"{export}const totals = (ids{of(': number[]')}) =>\n  Promise.all(ids.map((id) => prisma.order.count({{ where: {{ userId: id }} }})));\n"
        files[f"src/totals{suffix}"] = f"{shared}\n\n{text}" + language.exported(["totals"])
    if package == "own chunk":
        generic, annotated = of("<T>"), of(": T[], size: number): T[][]")
        text = f"{export}function chunk{generic}(list{annotated or ', size)'} {{\n  const parts{of(': T[][]')} = [];\n"
        text += (
            "  for (let i = 0; i < list.length; i += size) parts.push(list.slice(i, i + size));\n  return parts;\n}\n"
        )
        files[f"src/lib/chunk{suffix}"] = text + language.exported(["chunk"])
        used = language.imports("{ chunk }", f"./lib/chunk{extension}")
        text = f"{export}async function clean(ids{of(': number[]')}) {{\n  for (const part of chunk(ids, 100)) {{\n"
        text += "    await prisma.order.deleteMany({ where: { id: { in: part } } });\n  }\n}\n"
        files[f"src/clean{suffix}"] = f"{used}\n{shared}\n\n{text}" + language.exported(["clean"])
    return files


ORDERS = ((0, 1, 2, 3, 4, 5, 6), (3, 1, 3, 0, -1, 3, 1, 2, 6, 5, -1, 0), (0, 0), (), (0,), (-1,), (1, 0, -1),
          (0, 0, 0, 0, 0, 0, 0), (-1, -1, -1, -1, -1, -1), (6, 5, 4, 3, 2, 1, -1), (2, 4, 4, 2, 6, 1, 0, 5, 3, 3, 1, 0))  # fmt: skip
"""Which keys are handed over, -1 for one that is strange: several slices of five, and the borders."""


def _call(d: _Drawing, key: Key, shape: Shape, others: Sequence[str]) -> str:
    """One call as JavaScript: what is handed over, what is changed while the program waits, and what came of it."""
    order = ORDERS[d.number(range(len(ORDERS)))]
    strange = others[d.number(range(len(others)))]
    elements = []
    for at, number in enumerate(order):
        value = strange if number < 0 else key.present[number % len(key.present)]
        if shape.name == "maybe keys" and at % 4 == 3:
            value = "null"
        elements.append(
            shape.element.replace("promised(AT", f"promised({at}").replace("AT", f"k{at}").replace("#", value)
        )
    text = shape.literal.replace("#", ", ".join(elements)).replace("COUNT", str(len(order)))
    change = d.one_of("changed by the caller", CHANGED) if shape.array and len(order) > 5 else ""
    return (
        f"async ({{ work, client, attempt, promised }}) => {{ const items = {text}; const given = attempt(() => work(items, client)); "
        f"{change} return [await given, items]; }}"
    )
