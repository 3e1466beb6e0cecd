"""Clients in the very module that has the shared one: what that is called there, and whether it is built by then."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.model import Doubt, SharedModule
from prismafix.rules.pools import export_name

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite


def own_client(
    project: Project, shared: ClientSite, sites: Sequence[ClientSite]
) -> tuple[SharedModule | None, list[Doubt]]:
    """The shared client as its own module names it, for the other clients of that module. None with a doubt that says
    why it cannot be used there."""
    facts, export = project.facts(shared.path), export_name(project, shared)
    local = _local_name(facts, export) if facts is not None and export is not None else ""
    binding = facts.lookup(local, 0) if facts is not None and local else None
    if facts is None or export is None or binding is None:
        return None, [Doubt("none", f"the shared client has no name in {shared.path}: give it one first")]
    declared = facts.roots[binding.value].end if binding.value >= 0 else binding.start
    ready = max(declared, shared.expr.end if shared.function < 0 else 0)
    for site in sites:
        if site.function < 0 and site.placement != "instance" and site.expr.start < ready:
            return None, [Doubt("none", f"`{local}` is built further down in {shared.path}: move it up first")]
    line = _run_before(facts, ready, sites)
    doubts = []
    if line:
        doubts = [Doubt("unsafe", f"line {line} of {shared.path} may run this code before `{local}` is built")]
    return SharedModule(shared.path, export, local=local), doubts


def _local_name(facts: ModuleFacts, export: str) -> str:
    """The name at module level of what a module exports, "" where it has none."""
    for found in facts.exports:
        if found.name == export and found.local and not found.specifier:
            return found.local
    for found in facts.exports:
        value = facts.exported_value(found)
        if value is not None and found.name == "module.exports" and value.kind == "object":
            value = value.property_value(export)
        elif found.name != export and not (found.name == "module.exports" and export == "default"):
            continue
        if value is not None and value.kind == "name":
            return value.text
    return ""


def _run_before(facts: ModuleFacts, ready: int, sites: Sequence[ClientSite]) -> int:
    """The line (1-based) of a call at module level, before the byte `ready`, that may run the code of one of `sites`;
    0 for none."""
    for root in facts.roots:
        if root.function >= 0 or root.start >= ready:
            continue
        for call in (part for part in root.expr.walk() if part.kind in ("call", "new", "tagged")):
            for part in (inner for child in call.children for inner in child.walk()):
                span = _code_of(facts, part, root.scope)
                if span is not None and _reaches(facts, span, sites, set()):
                    return facts.line_of(call.start)
    return 0


def _reaches(
    facts: ModuleFacts, span: tuple[int, int], sites: Sequence[ClientSite], seen: set[tuple[int, int]]
) -> bool:
    """Whether code of a module builds one of `sites`, or names code of the module that does."""
    start, end = span
    if any(start <= site.expr.start < end for site in sites):
        return True
    seen.add(span)
    for root in facts.roots:
        if start <= root.start < end:
            for part in root.expr.walk():
                inner = _code_of(facts, part, root.scope)
                if inner is not None and inner not in seen and _reaches(facts, inner, sites, seen):
                    return True
    return False


def _code_of(facts: ModuleFacts, part: Expr, scope: int) -> tuple[int, int] | None:
    """Where the code is that an expression hands on: a function or class, or what a name of the module stands for."""
    if part.kind in ("function", "class"):
        return part.start, part.end
    binding = facts.lookup(part.text, scope) if part.kind == "name" else None
    if binding is None:
        return None
    if binding.kind == "function":
        return facts.functions[binding.target].start, facts.functions[binding.target].end
    if binding.kind == "class":
        return facts.classes[binding.target].start, facts.classes[binding.target].end
    return (facts.roots[binding.value].start, facts.roots[binding.value].end) if binding.value >= 0 else None
