"""Pools of the drivers that Prisma's adapters stand on: which expressions denote one, and which modules can hold one.

What the packages export, and how a connection is taken and given back: the documentation of pg (`Pool`, `connect`,
`release`), of mysql2 and mariadb (`createPool`, `getConnection`, `release`) and of Neon's driver, which follows pg."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.project.denote.types import parse_type
from prismafix.project.denote.values import External, FunctionRef
from prismafix.project.index.resolve import ModuleTarget

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.denote.values import Value
    from prismafix.project.model import Project


@dataclass(frozen=True, slots=True)
class Driver:
    """`package` is its name; `take` the method of a pool that gives a connection, `release` those of a connection that
    give it back, the usual one first."""

    package: str
    take: str
    release: tuple[str, ...]


_PG = ("connect", ("release", "end"))
_MYSQL = ("getConnection", ("release", "destroy", "end"))
_CLASSES = {name: Driver(name, *_PG) for name in ("pg", "pg-pool", "@prisma/pg-worker", "@neondatabase/serverless")}
_FACTORIES = {name: Driver(name.partition("/")[0], *_MYSQL) for name in ("mysql2/promise", "mysql2", "mariadb")}
_TAILS = ("pg", "pg-pool", "pg-worker", "serverless", "promise", "mysql2", "mariadb")
_HOPS = 2


def pool_driver(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Driver | None:
    """The driver whose pool an expression denotes: by where it comes from, else by its annotation. None when it is no
    pool, or not known."""
    value = evaluator.value(path, expr, scope)
    return _of_value(value) if value is not None else _of_annotation(evaluator, path, expr, scope)


def _of_value(value: Value | None) -> Driver | None:
    if not isinstance(value, External):
        return None
    names = value.names
    if value.specifier in _CLASSES:
        of_class = names[-2:] == ("Pool", "new()") or (value.specifier == "pg-pool" and names == ("new()",))
        return _CLASSES[value.specifier] if of_class else None
    if value.specifier == "mysql2":  # its own pool takes callbacks
        return _FACTORIES["mysql2"] if names[-4:] == ("createPool", "()", "promise", "()") else None
    return _FACTORIES.get(value.specifier) if names[-2:] == ("createPool", "()") else None


def _of_annotation(evaluator: Evaluator, path: str, expr: Expr, scope: int) -> Driver | None:
    """A parameter, variable or field that is declared as `Pool`, or as `pg.Pool`."""
    facts = evaluator.facts(path)
    if facts is None:
        return None
    text = ""
    if expr.kind == "name":
        binding = facts.lookup(expr.text, scope)
        text = binding.type_text if binding is not None and not binding.path else ""
    elif expr.kind == "member" and expr.children[0].kind == "this":
        owner = evaluator.owner_of(facts, expr.start)
        member = owner.member(expr.text) if owner is not None else None
        text = member.type_text if member is not None else ""
    return _of_type(facts, text) if text else None


def _of_type(facts: ModuleFacts, text: str) -> Driver | None:
    node = parse_type(text)
    parts = [part for part in node.parts if part.name not in ("null", "undefined")] if node.kind == "union" else [node]
    if len(parts) != 1 or parts[0].kind != "name":
        return None
    head, *rest = parts[0].name.split(".")
    binding = facts.lookup(head, 0)
    if binding is None or binding.kind != "import":
        return None
    item = facts.imports[binding.target]
    if (item.imported, *rest)[-1] != "Pool" and not (item.specifier == "pg-pool" and not rest):
        return None
    if item.specifier == "mysql2":
        return None
    return _CLASSES.get(item.specifier) or _FACTORIES.get(item.specifier)


def modules_with_pools(project: Project) -> list[str]:
    """The modules that may take a connection out of a driver's pool: those that import a driver, and those that import
    a pool from one of these; sorted. Tests and scripts are left out, unless they were asked for."""
    found: set[str] = set()
    wave = {module for module, specifier in project.store.importing(_TAILS) if specifier in (*_CLASSES, *_FACTORIES)}
    for _ in range(_HOPS):
        wave = {module for module in wave - found if _counts(project, module)}
        found |= wave
        wave = {
            importer
            for module in wave
            if _exports_pool(project, module)
            for importer, _ in project.resolver.importers(module)
        }
    found |= {module for module in wave if _counts(project, module)}
    return sorted(module for module in found if _takes(project, module))


def _counts(project: Project, module: str) -> bool:
    return project.options.scripts_in(module) or not project.roles.is_aside(module)


def _takes(project: Project, module: str) -> bool:
    return project.store.mentions(module, "connect") or project.store.mentions(module, "getConnection")


def _exports_pool(project: Project, module: str) -> bool:
    """Whether a module exports a pool or a function that gives one."""
    facts = project.facts(module)
    return facts is not None and any(_of_value(value) is not None for value in _exported(project, module, facts))


def _exported(project: Project, module: str, facts: ModuleFacts) -> Iterator[Value | None]:
    for export in facts.exports:
        if export.type_only:
            continue
        if export.name == "*":
            target = project.resolver.resolve(module, export.specifier)
            inner = project.facts(target.path) if isinstance(target, ModuleTarget) else None
            if isinstance(target, ModuleTarget) and inner is not None and target.path != module:
                for name in {e.name for e in inner.exports if e.name != "*" and not e.type_only}:
                    yield _given(project, project.evaluator.export(target.path, name))
            continue
        value = project.evaluator.export(module, export.name)
        yield _given(project, value)
        if export.name == "module.exports":
            whole = facts.exported_value(export)
            for child in whole.children if whole is not None and whole.kind == "object" else ():
                if child.kind == "property":
                    yield _given(project, project.evaluator.member(value, child.text))


def _given(project: Project, value: Value | None) -> Value | None:
    """A value, or what a call of it gives when it is a function."""
    return project.evaluator.returned(value) if isinstance(value, FunctionRef) else value
