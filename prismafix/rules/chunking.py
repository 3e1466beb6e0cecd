"""The function with which a package cuts arrays into slices, if it has one in use."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef
from prismafix.project.fan_out.chunks import slices
from prismafix.project.fan_out.sizes import constant_number
from prismafix.project.index.resolve import ModuleTarget, split_package
from prismafix.project.model import once_per_project
from prismafix.rules.model import SharedModule
from prismafix.workspace.model import within

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.model import Project


_HINTS = ("chunk", "batch", "array")
"""What the module of such a function is called as a rule: only these importers are read, and what is read decides."""


@once_per_project
def own_chunk(project: Project, root: str) -> SharedModule | None:
    """How the modules of the package in the folder `root` import the chunking function that most of them use; None if
    none does."""
    found: Counter[SharedModule] = Counter()
    for path in dict.fromkeys((*project.seeds(), *project.store.importing_like(_HINTS))):
        package = project.workspace.package_of(path)
        facts = project.facts(path) if package is not None and package.root == root else None
        if facts is None:
            continue
        for use in facts.roots:
            expr = use.expr
            if use.role not in ("iterated", "declarator") or expr.kind != "call" or len(expr.arguments) != 2:
                continue
            size = expr.arguments[1]
            if constant_number(project.evaluator, path, size, use.scope) is None:
                continue  # (array, size) is what we are going to write
            module = _imported(project, path, expr, use.scope)
            if module is not None:
                found[module] += 1
    return min(found, key=lambda m: (-found[m], m.path, m.export), default=None)


def _imported(project: Project, path: str, call: Expr, scope: int) -> SharedModule | None:
    """The module of an imported function that slices, as an importer of the same package names it."""
    facts = project.facts(path)
    if facts is None or call.callee.kind != "name":
        return None
    binding = facts.lookup(call.callee.text, scope)
    if binding is None or binding.kind != "import":
        return None
    item = facts.imports[binding.target]
    value = project.evaluator.value(path, call.callee, scope)
    name, rest = split_package(item.specifier)
    subpath = "/" + rest if rest else ""
    if isinstance(value, External):
        return (
            SharedModule("", item.imported, name, subpath)
            if "chunk" in item.specifier + item.imported.lower()
            else None
        )
    if not isinstance(value, FunctionRef) or not slices(project.evaluator, value):
        return None
    target = project.resolver.resolve(path, item.specifier)
    package = project.workspace.package_of(path)
    if not isinstance(target, ModuleTarget) or package is None or project.roles.role(target.path).kind != "application":
        return None
    if within(target.path, package.root) and project.workspace.package_of(target.path) is package:
        return SharedModule(target.path, item.imported)
    return SharedModule(target.path, item.imported, name, subpath)
