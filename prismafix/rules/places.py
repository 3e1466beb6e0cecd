"""Where a shared module is, and where a new one goes."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from prismafix.project.model import once_per_project
from prismafix.rules.model import SharedModule
from prismafix.workspace.model import Package, within

if TYPE_CHECKING:
    from prismafix.project.model import Project

_HOMES = (
    "src/lib/server",
    "src/lib",
    "lib",
    "src/server",
    "app/lib",
    "app/utils",
    "src/utils",
    "utils",
    "src/db",
    "db",
    "src/common",
    "libs",
    "src/libs",
    "src/utilities",
    "utilities",
    "src/config",
    "config",
    "src/helpers",
    "src/services",
    "server",
)
_CAMEL = re.compile(r"[a-z]+[A-Z]")
_NAMES = ("prisma", "prisma-client", "db")


def language_of(project: Project, package: Package | None, near: str) -> str:
    """`ts` or `js`: the language of the module, unless nearly all of its package is in the other."""
    extension = posixpath.splitext(near)[1]
    if extension in (".ts", ".tsx", ".mts", ".cts"):
        return "ts"
    own = [p for p in project.workspace.source_files if package is None or within(p, package.root)]
    typed = sum(1 for p in own if p.endswith((".ts", ".tsx", ".mts", ".cts")))
    return "ts" if own and typed * 2 > len(own) else "js"


def module_system_of(project: Project, near: str) -> str:
    """`esm` or `commonjs`, by what the module itself writes."""
    facts = project.facts(near)
    extension = posixpath.splitext(near)[1]
    if extension in (".mjs", ".mts"):
        return "esm"
    if extension in (".cjs", ".cts") and not (facts is not None and facts.imports):
        return "commonjs"
    if facts is not None:
        if any(i.form == "es" for i in facts.imports) or any(
            e.name != "module.exports" and not _commonjs(e.value) for e in facts.exports
        ):
            return "esm"
        calls = project.evaluator.index(near).names.get("require", ())
        if calls or facts.exports:
            return "commonjs"
    package = project.workspace.package_of(near)
    return package.module_system if package is not None else "esm"


def _commonjs(value: int) -> bool:
    return value >= 0


@once_per_project
def _folders(project: Project, root: str) -> frozenset[str]:
    """The folders of a package that hold source files, below or in them."""
    every = {posixpath.dirname(p) for p in project.workspace.source_files if within(p, root)}
    for folder in list(every):
        while folder and folder != root:
            folder = posixpath.dirname(folder)
            every.add(folder)
    return frozenset(every)


def home_of(project: Project, package: Package, importers: list[str]) -> str:
    """The folder that keeps shared modules: an existing one by habit, inside the deployment unit of its importers."""
    root = _unit_root(project, package, importers)
    every = _folders(project, root)
    nx = project.workspace.exists(posixpath.join(package.root, "nx.json"))
    homes = [posixpath.join(root, home) for home in _HOMES if not (nx and home == "libs")]
    existing = [home for home in homes if home in every]
    if {"remix", "react-router"} & package.frameworks:
        preferred = [home for home in existing if within(home, posixpath.join(root, "app"))]
        if preferred:
            return preferred[0]
    if "sveltekit" in package.frameworks:
        return posixpath.join(root, "src/lib/server")
    if existing:
        return existing[0]
    common = posixpath.commonpath([posixpath.dirname(i) or "." for i in importers]) if importers else root
    common = "" if common == "." else common
    if posixpath.join(root, "src") in every and within(common, posixpath.join(root, "src")):
        return posixpath.join(root, "src/lib")
    if len(importers) == 1 and not _is_entry_folder(project, importers[0]) and common == root:
        return root
    return posixpath.join(root, "lib")


def _unit_root(project: Project, package: Package, importers: list[str]) -> str:
    """The folder of the app or service that all importers are in, where one package holds several; else that of the
    package."""
    roots = set()
    for importer in importers:
        unit = project.workspace.unit_of(importer)
        inside = unit is not None and unit.kind in ("app", "service") and within(unit.root, package.root)
        roots.add(unit.root if unit is not None and inside else package.root)
    return roots.pop() if len(roots) == 1 else package.root


@once_per_project
def file_name(project: Project, root: str, stem: str) -> str:
    """A file name of several words, `map-in-chunks`, as the package writes them: `mapInChunks` where camel case
    rules."""
    camel = kebab = 0
    for path in project.workspace.source_files:
        if within(path, root):
            name = posixpath.basename(path).split(".", 1)[0]
            kebab += "-" in name
            camel += bool(_CAMEL.match(name))
    if camel <= kebab:
        return stem
    first, *rest = stem.split("-")
    return first + "".join(word.capitalize() for word in rest)


def _is_entry_folder(project: Project, path: str) -> bool:
    unit = project.workspace.unit_of(path)
    return unit is not None and unit.kind in ("function-file", "function")


def new_module_path(
    project: Project, package: Package, importers: list[str], stem: str, language: str, system: str
) -> str:
    """A free path for a new module called `stem` (or like it)."""
    folder = home_of(project, package, importers)
    server = (
        ".server"
        if {"remix", "react-router"} & package.frameworks and within(folder, posixpath.join(package.root, "app"))
        else ""
    )
    extension = "." + language
    if language == "js":
        native = "esm" if package.module_system == "esm" else "commonjs"
        bundled = bool(
            package.frameworks & {"next", "remix", "react-router", "sveltekit", "nuxt", "astro", "vite", "solidstart"}
        )
        if system != native and not bundled:
            extension = ".mjs" if system == "esm" else ".cjs"
    names = _NAMES if stem == "prisma" else (stem,)
    for name in (*names, f"{stem}-shared"):
        path = posixpath.join(folder, name + server + extension)
        taken = any(
            project.workspace.exists(posixpath.join(folder, name + server + e))
            for e in (".ts", ".js", ".tsx", ".jsx", ".mts", ".mjs", ".cts", ".cjs")
        )
        if not taken and not project.workspace.exists(posixpath.join(folder, name)):
            return path
    return posixpath.join(folder, f"{stem}-shared2{extension}")


def across_packages(project: Project, module: str, importer: str) -> SharedModule | None:
    """How a module of another workspace package is imported by name; None when the importer's package does not depend
    on it or nobody
    imports it by name so far."""
    theirs, ours = project.workspace.package_of(module), project.workspace.package_of(importer)
    if theirs is None or ours is None or not theirs.name or theirs.name not in ours.dependencies:
        return None
    from prismafix.project.index.resolve import ModuleTarget, split_package

    direct = project.resolver.resolve(importer, theirs.name)
    if direct == ModuleTarget(module):
        return SharedModule(module, "", theirs.name)
    for _, specifier in project.resolver.importers(module):
        name, rest = split_package(specifier)
        if name == theirs.name:
            return SharedModule(module, "", theirs.name, "/" + rest if rest else "")
    return None
