"""Whether a program fills its environment when a shared client, which is built while modules are loaded, has read it
already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rules.arguments import environment_of
from prismafix.rules.model import Doubt

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite
    from prismafix.rules.arguments import Reads

_LOADERS = ("dotenv", "dotenv-flow", "dotenv-expand")


def late_environment(project: Project, site: ClientSite, found: Reads) -> list[Doubt]:
    """What sets a variable that the construction reads, anywhere in the application code of its package. Where all are
    known by name, others do not matter."""
    wanted = environment_of(project, site, found)
    if not wanted:
        return []
    ours = project.workspace.package_of(site.path)
    for path in project.store.setting_environment():
        if project.workspace.package_of(path) is not ours or project.roles.role(path).kind in ("test", "script"):
            continue
        facts = project.facts(path)
        if facts is None:
            continue
        if found.variables and _loads_file(project, path, facts):
            text = f"{path} loads the environment after its imports: the shared client would be built before that"
            return [Doubt("unsafe", text)]
        for use, name in _settings(project, path):
            if name not in wanted and name and "" not in wanted:
                continue
            what = f"`{name}`" if name and "" not in wanted else "the environment"
            line = facts.line_of(use.expr.start)
            when = "at run time" if use.root.function >= 0 else "after its imports"
            text = f"{path} sets {what} {when} (line {line}): the shared client is built before that"
            return [Doubt("unsafe", text)]
    return []


def _loads_file(project: Project, path: str, facts: ModuleFacts) -> bool:
    """`dotenv.config()`. A client without a connection string needs none of it: it reads `.env` by itself."""
    return any(specifier in _LOADERS for specifier in project.store.specifiers(path)) and any(
        root.role == "statement" and root.expr.kind == "call" and (root.expr.callee.chain() or ("",))[-1] == "config"
        for root in facts.roots
    )


def _settings(project: Project, path: str) -> Iterator[tuple[Use, str]]:
    """What assigns to `process.env`, with the name of the variable, "" where it is not written."""
    index = project.evaluator.index(path)
    for use in index.changes:
        target = use.expr.children[0] if use.expr.kind == "assign" else None
        if target is not None:
            chain = target.chain() or ()
            if chain[:2] == ("process", "env"):
                yield use, chain[2] if len(chain) == 3 else ""
            elif target.kind == "index" and (target.children[0].chain() or ()) == ("process", "env"):
                key = target.children[1] if len(target.children) > 1 else None
                yield use, key.text if key is not None and key.kind == "string" else ""
    for use in index.calls:
        if use.expr.kind == "call" and use.expr.callee.chain() == ("Object", "assign") and use.expr.arguments:
            first, *others = use.expr.arguments
            if first.chain() == ("process", "env"):
                for other in others:
                    yield from ((use, name) for name in _keys(other))


def _keys(expr: Expr) -> list[str]:
    """The names in an object literal, "" for what is not written as one."""
    if expr.kind != "object":
        return [""]
    return [child.text if child.kind == "property" else "" for child in expr.children]
