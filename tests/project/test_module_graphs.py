"""Generated module graphs: what each export denotes, by the rules of the language and by the TypeScript compiler; and
the other way round, who imports and who names it."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from prismafix.project.denote.values import FunctionRef
from tests.project.building import project_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.project.denote.values import Value
    from prismafix.project.model import Project

TARGETS = Path(__file__).parents[1] / "typecheck" / "targets.mjs"
# Where the modules lie, and how others may import them: relatively, through an alias, or as a package.
PLACES = {
    "a": "src/a.ts",
    "b": "src/lib/b.ts",
    "c": "src/c/index.ts",
    "d": "packages/d/src/index.ts",
    "e": "src/e.js",
    "f": "src/lib/f.js",
}
COMMONJS = ("e", "f")
NAMES = ("p", "q", "default")
CONFLICT = "conflict"


@dataclass(frozen=True)
class Given:
    """What a module exports under a name. `form`: own; from, imported (re-exports of `there` in `module`)."""

    form: str
    module: str = ""
    there: str = ""


@dataclass(frozen=True)
class Module:
    """The exports of a module by name, the modules that it passes on with a star, and whether its CommonJS exports are
    one object."""

    exports: dict[str, Given]
    stars: tuple[str, ...] = ()
    as_object: bool = False


Graph = dict[str, Module]


@st.composite
def graphs(draw: st.DrawFn) -> Graph:
    """Modules of both kinds that export, rename and pass on each other's functions, in circles too."""
    found: Graph = {}
    for module in PLACES:
        others = [other for other in PLACES if other != module]
        exports = {}
        for name in NAMES:
            form = draw(st.sampled_from(("none", "own", "own", "from", "imported")))
            if form == "own":
                exports[name] = Given("own")
            elif form != "none" and not (module in COMMONJS and name == "default"):
                other = draw(st.sampled_from(others))
                there = NAMES[:2] if other in COMMONJS else NAMES  # its default depends on who asks
                exports[name] = Given(form, other, draw(st.sampled_from(there)))
        if module in COMMONJS:
            exports.pop("default", None)
            # A require of an ES module's default, and circles of requires, differ from one loader to the next.
            own = {name: one for name, one in exports.items() if one.form == "own" or one.module == "f" == one.module}
            exports = {n: o for n, o in own.items() if o.form == "own" or (module == "e" and o.there != "default")}
            found[module] = Module(exports, as_object=draw(st.booleans()))
        else:
            stars = draw(st.lists(st.sampled_from([o for o in others if o not in COMMONJS]), max_size=2, unique=True))
            found[module] = Module(exports, tuple(stars))
    return found


def specifier(importer: str, module: str, way: int) -> str:
    """How a module imports another one; `way` is any number."""
    place, folder = Path(PLACES[module]), Path(PLACES[importer]).parent
    if module == "d":
        return "@acme/d"
    up = len(folder.parts)
    relative = "/".join([".."] * up) + "/" + place.as_posix()
    stem = relative.removesuffix(place.suffix)
    inside = importer != "d"
    ways = [relative.removesuffix(place.suffix) + ".js", stem.removesuffix("/index")]
    if inside and module not in COMMONJS:
        ways.append("@/" + place.relative_to("src").with_suffix("").as_posix().removesuffix("/index"))
    return ways[way % len(ways)]


def lines(name: str, module: Module, way: int) -> Iterator[str]:
    """The source of a module. Its own function for an export is called after both: `a_p`."""
    for exported, one in module.exports.items():
        own = f"{name}_{exported}"
        if one.form == "own":
            yield f"function {own}() {{}}"
            if name not in COMMONJS:
                yield f"export default {own};" if exported == "default" else f"export {{ {own} as {exported} }};"
            elif not module.as_object:
                yield f"exports.{exported} = {own};"
            continue
        source = specifier(name, one.module, way)
        if name in COMMONJS:
            if not module.as_object:
                yield f"exports.{exported} = require('{source}').{one.there};"
        elif one.form == "from":
            yield f"export {{ {one.there} as {exported} }} from '{source}';"
        else:
            yield f"import {{ {one.there} as its_{exported} }} from '{source}';"
            yield f"export {{ its_{exported} as {exported} }};"
    for other in module.stars:
        yield f"export * from '{specifier(name, other, way)}';"
    if module.as_object:
        held = [
            f"{exported}: {name}_{exported}"
            if one.form == "own"
            else f"{exported}: require('{specifier(name, one.module, way)}').{one.there}"
            for exported, one in module.exports.items()
        ]
        yield f"module.exports = {{ {', '.join(held)} }};"


def files(graph: Graph, way: int) -> dict[str, object]:
    """The project of a graph. ask.ts imports every name of every module, `a_p` for `p` of a."""
    asked = [
        f"import {{ {name} as ask_{module}_{name} }} from '{specifier('a', module, way)}';"
        for module in PLACES
        for name in NAMES
    ]
    return {
        "package.json": {"name": "root", "private": True, "workspaces": ["packages/*"]},
        "packages/d/package.json": {
            "name": "@acme/d",
            "exports": {".": {"types": "./src/index.ts", "import": "./dist/index.js"}},
        },
        "tsconfig.json": {"compilerOptions": {"paths": {"@/*": ["./src/*"]}}},
        "src/ask.ts": "\n".join(asked),
        **{
            PLACES[name]: "\n".join(lines(name, module, way)) + "\nexport {};" * (name not in COMMONJS)
            for name, module in graph.items()
        },
    }


def answer(graph: Graph, module: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> str:
    """The function that `module` exports under `name`, by https://tc39.es/ecma262/#sec-resolveexport; "" for none."""
    if (module, name) in seen:
        return ""
    seen |= {(module, name)}
    own = graph[module].exports.get(name)
    if own is not None:
        return f"{module}_{name}" if own.form == "own" else answer(graph, own.module, own.there, seen)
    if name == "default":
        return ""
    found = {answer(graph, star, name, seen) for star in graph[module].stars} - {""}
    return found.pop() if len(found) == 1 else CONFLICT if found else ""


def valid(graph: Graph) -> Graph:
    """A graph without what does not link: exports of what the other module does not have."""
    while True:
        broken = [
            (module, name)
            for module, one in graph.items()
            for name in one.exports
            if answer(graph, module, name) in ("", CONFLICT)
        ]
        if not broken:
            return graph
        module, name = broken[0]
        kept = {other: given for other, given in graph[module].exports.items() if other != name}
        graph = {**graph, module: replace(graph[module], exports=kept)}


def meant(project: Project, value: Value | None) -> str:
    """The name of the function that a value is; "" for anything else."""
    facts = project.facts(value.path) if isinstance(value, FunctionRef) else None
    return facts.functions[value.index].name if facts is not None and isinstance(value, FunctionRef) else ""


def link(root: Path) -> None:
    """What `npm install` does for a workspace."""
    (root / "node_modules" / "@acme").mkdir(parents=True)
    (root / "node_modules" / "@acme" / "d").symlink_to(root / "packages" / "d")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs(), st.integers(0, 5))
def test_exports_resolve_by_the_rules_of_the_language(graph: Graph, way: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = project_of(Path(folder), files(graph, way))
        for module in PLACES:
            for name in NAMES if module not in COMMONJS else NAMES[:2]:
                expected = answer(graph, module, name)
                found = meant(project, project.evaluator.export(PLACES[module], name))
                assert found == ("" if expected == CONFLICT else expected), (module, name)


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.lists(st.tuples(graphs().map(valid), st.integers(0, 5)), min_size=6, max_size=10))
def test_exports_resolve_as_in_the_typescript_compiler(many: list[tuple[Graph, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        jobs, projects = [], []
        for number, (graph, way) in enumerate(many):
            root = Path(folder).resolve() / str(number)
            projects.append(project_of(root, files(graph, way)))
            link(root)
            jobs.append({"root": str(root), "ask": "src/ask.ts"})
        asked = subprocess.run(["node", TARGETS], input=json.dumps(jobs), check=True, capture_output=True, text=True)
        for (graph, _), project, told in zip(many, projects, json.loads(asked.stdout), strict=True):
            for local, target in (told or {}).items():
                _, module, name = local.split("_")
                known = answer(graph, module, name)
                if known != CONFLICT and (module not in COMMONJS or name != "default"):
                    assert known == target, (local, graph)
                    assert meant(project, project.evaluator.name("src/ask.ts", local, 0)) == target, (local, graph)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(graphs(), st.integers(0, 5))
def test_who_imports_a_module_and_who_names_its_functions(graph: Graph, way: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        project = project_of(Path(folder), files(graph, way))
        for module, place in PLACES.items():
            importing = {
                PLACES[name]
                for name, other in graph.items()
                if module in other.stars or any(one.module == module for one in other.exports.values())
            }
            assert {path for path, _ in project.resolver.importers(place)} == importing | {"src/ask.ts"}
            facts = project.facts(place)
            assert facts is not None
            for function in facts.functions:
                named = {path for path, _ in project.evaluator.uses(FunctionRef(place, function.index))}
                own, exported = function.name.split("_")
                assert own == module
                assert (place in named) is (module in COMMONJS or exported == "default")
