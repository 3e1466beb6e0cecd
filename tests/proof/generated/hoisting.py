"""Small projects in which clients are built: where, with what, under which names, beside which shared module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from .hoisting_clients import PLAIN, WITH_ADAPTER, WITHOUT_ADAPTER
from .hoisting_files import frame
from .hoisting_functions import through_function
from .hoisting_kept import kept_as_it_is
from .hoisting_model import Build, Entry, Project
from .hoisting_places import at_module_level, in_class, per_call
from .hoisting_shared import script, shared_module, shutdown
from .hoisting_text import KINDS, Style

_SCENARIOS = Path(__file__).resolve().parents[1] / "scenarios.mjs"


@st.composite
def projects(draw: Any) -> Project:
    """A project of two to five modules, and a scenario that calls what they export."""
    version = draw(st.sampled_from(("6.19", "6.19", "7")))
    kind = draw(st.sampled_from(KINDS))
    framework = draw(st.sampled_from(("plain", "plain", "server", "next", "lambda")))
    if framework == "next" and kind.name not in ("ts", "js-module", "js-commonjs"):
        framework = "plain"
    generated = kind.typescript and draw(st.integers(0, 2)) == 0
    entry = "@prisma/client"
    if generated or (version == "7" and kind.typescript):
        entry = draw(st.sampled_from(("generated/prisma", "generated/prisma/client")))
        if version == "7":
            entry = "generated/prisma/client"
    style = Style(
        quote=draw(st.sampled_from('""\'')),
        semicolons=draw(st.sampled_from((True, True, False))),
        indent=draw(st.sampled_from(("  ", "  ", "    ", "\t"))),
        newline=draw(st.sampled_from(("\n", "\n", "\n", "\r\n"))),
        bom=draw(st.integers(0, 15)) == 0,
    )
    root = draw(st.sampled_from(("src/", "src/", "", "apps/api/src/")))
    alias = (
        root.removesuffix("/")
        if root and kind.name in ("ts", "ts-module", "ts-commonjs") and draw(st.booleans())
        else ""
    )
    house = draw(st.sampled_from((PLAIN, PLAIN, PLAIN, *WITHOUT_ADAPTER, *WITH_ADAPTER[:3])))
    if version == "7":
        house = draw(st.sampled_from((*WITH_ADAPTER[:5], *WITH_ADAPTER)))
    b = Build(draw, kind, style, version, framework, root, alias, entry, house)
    b.note(kind.name, framework, f"v{version}", f"house-{house.name}", entry.replace("/", "-"))
    if root.startswith("apps/") and entry == "@prisma/client" and b.chance(60):
        b.note("two-packages")
        b.package = "packages/db"
        b.depends = b.chance(80)
    if b.chance(70) or b.package:
        shared_module(b)
    if not b.depends:
        b.shared = None
    for _ in range(draw(st.integers(1, 2))):
        m = b.module(_stem(b))
        if b.chance(25):
            m.before.append(b.pick("// What the shop asks.", "/** @file Orders. */", '"use strict";'))
        if b.chance(30):
            m.declare("const marker = 1;", "marker")
        places = (per_call, per_call, per_call, in_class, at_module_level, through_function, through_function)
        for _ in range(draw(st.integers(1, 2))):
            b.pick(*places)(b, m)
        if b.chance(10):
            shutdown(b, m)
    if b.chance(22):
        kept_as_it_is(b, b.module(_stem(b)))
    if b.chance(12):
        script(b)
    if framework == "server" and not kind.commonjs:
        _server(b)
    files = {m.path: m.text() for m in b.modules} | frame(b)
    return Project(
        files, version, _environment(b), tuple(b.opening), _steps(b), dict(b.keeps), tuple(b.features), kind.suffix
    )


def _stem(b: Build) -> str:
    word = b.unused("orders", "billing", "signup", "items")
    if b.framework == "next":
        return f"app/api/{word}/route"
    return b.pick(f"{word}", f"services/{word}", f"{word}/index", f"features/{word}/queries")


def _server(b: Build) -> None:
    """A server that calls what the others export; it is not run."""
    m = b.module("server")
    m.take_default("express", "express")
    m.add("const app = express();")
    taken: set[str] = set()
    for entry in b.entries:
        name = entry.call[2:].split("(")[0]
        if (
            entry.call.startswith("m.")
            and entry.call.endswith("($)")
            and name not in taken
            and entry.path.endswith(b.kind.suffix)
        ):
            taken.add(name)
            m.take(m.specifier(entry.path.removesuffix(b.kind.suffix)), name)
            m.add(
                f'app.get("/{name}", async (req, res) => {{', f"  res.json(await {name}(Number(req.query.id)));", "});"
            )
    m.add("app.listen(3000);")


def _environment(b: Build) -> dict[str, str]:
    if b.framework == "next" and b.chance(50):
        b.note("development")
        return {"NODE_ENV": "development"}
    return {}


def _steps(b: Build) -> tuple[str, ...]:
    """What the scenario does: calls one after the other, several readers at once, an edit in between."""
    steps = []
    for entry in b.entries:
        arguments = [b.pick(1, 2, 3) for _ in range(b.pick(1, 2, 2))] + ([99] if b.chance(30) else [])
        calls = [_call(entry, argument) for argument in arguments]
        if entry.pure and b.chance(15):
            b.note("at-once")
            steps.append(f"Promise.all([{', '.join(calls)}])")
        else:
            steps += calls
    order = b.draw(st.permutations(steps)) if b.chance(30) else steps
    if b.framework == "next" and b.chance(40):
        b.note("reload")
        return (*order, "reload()", *order)
    return tuple(order)


def _call(entry: Entry, argument: int) -> str:
    return f"at({json.dumps(entry.path)}, (m) => {entry.call.replace('$', str(argument))})"


def scenario(project: Project) -> str:
    """The scenario of a project, as text."""
    return f"""import {{ shop }} from {json.dumps(_SCENARIOS.as_uri())};

export const seed = shop(3);
export const env = {json.dumps(project.environment)};

export async function run({{ load, reload, settled }}) {{
  const at = (file, use) => settled((async () => use(await load(file)))());
  const results = [];
  {"; ".join(project.opening)}
  for (const step of [{", ".join(f"async () => {step}" for step in project.steps)}]) results.push(await step());
  return results;
}}
"""
