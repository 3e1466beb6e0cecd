"""What several rules need: spans, evidence, names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.model import Doubt, Span
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.model import Project


_MANY = 200
"""More importers than this are not read to find one for the browser."""


def span(path: str, expr: Expr) -> Span:
    """The bytes of an expression."""
    return Span(path, expr.start, expr.end)


def symbol(facts: ModuleFacts, function: int) -> str:
    """The name of the innermost named function around a place, "" at module level."""
    while function >= 0:
        declared = facts.functions[function]
        if declared.name and declared.name != "default":
            return declared.name
        function = declared.parent
    return ""


def package_name(project: Project, path: str) -> str | None:
    """The name of the package of a module, else its folder; None outside of any."""
    package = project.workspace.package_of(path)
    return (package.name or package.root or None) if package is not None else None


def role_evidence(project: Project, path: str) -> Evidence:
    """Why the module counts as what it is."""
    return Evidence(path, 1, project.roles.role(path).reason)


def in_application(project: Project, path: str) -> bool:
    """Whether the module is application code."""
    return project.roles.role(path).kind == "application"


def mocking_tests(project: Project, changed: set[str], entry: str) -> Iterator[str]:
    """Tests that mock the client or one of the changed modules, and that import one of these (directly or through one
    module)."""
    from prismafix.project.index.resolve import ModuleTarget, PrismaTarget

    for test, specifier in project.store.mocks():
        target = project.resolver.resolve(test, specifier)
        client = isinstance(target, PrismaTarget) and (target.output == entry or entry.startswith("?"))
        if (isinstance(target, ModuleTarget) and target.path in changed) or (
            client and _reaches(project, test, changed)
        ):
            yield test


def _reaches(project: Project, test: str, changed: set[str]) -> bool:
    from prismafix.project.index.resolve import ModuleTarget

    seen: set[str] = set()
    wave = {test}
    for _ in range(4):
        found = set()
        for module in wave:
            for specifier in project.store.specifiers(module):
                target = project.resolver.resolve(module, specifier)
                if isinstance(target, ModuleTarget) and target.path not in seen:
                    found.add(target.path)
        if found & changed:
            return True
        seen |= found
        wave = found
    return False


def mock_doubts(project: Project, changed: set[str], entry: str) -> list[Doubt]:
    """A doubt for the first test that mocks what changes."""
    tests = sorted(set(mocking_tests(project, changed, entry)))
    if not tests:
        return []
    more = f" and {len(tests) - 1} more" if len(tests) > 1 else ""
    return [Doubt("unsafe", f"{tests[0]}{more} mocks the client or a module that changes: run the tests")]


def same_expression(a: Expr, b: Expr) -> bool:
    """Whether two expressions read the same."""
    return (
        a.kind == b.kind
        and a.text == b.text
        and a.function == b.function == -1
        and len(a.children) == len(b.children)
        and all(same_expression(x, y) for x, y in zip(a.children, b.children, strict=True))
    )


def browser_importer(project: Project, path: str) -> str | None:
    """A `'use client'` module that imports a module, directly or through at most two others; None if there is none."""
    seen, wave = {path}, [path]
    for _ in range(3):
        found: list[str] = []
        for module in wave:
            for importer, _ in project.resolver.importers(module):
                if importer in seen:
                    continue
                seen.add(importer)
                facts = project.facts(importer) if len(seen) < _MANY else None
                if facts is not None and "use client" in facts.directives:
                    return importer
                found.append(importer)
        wave = found
    return None
