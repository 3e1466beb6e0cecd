"""A new shared module: the text of the module that will hold the one client, derived from a construction that goes."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from prismafix.rewrites.client_text import Client, initialiser, module_text, outdented, plain_class
from prismafix.rewrites.imports import import_statements
from prismafix.rewrites.model import NewFile, Prerequisite, Refusal
from prismafix.rewrites.names import Declared, free_names, resolve, uses
from prismafix.rewrites.source import FUNCTIONS, Files, Source, ancestors, inside, unwrap, walk
from prismafix.rewrites.specifiers import neighbours_of
from prismafix.rewrites.style import Style, style_of

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rules.model import NewSharedModule

_IMPORT_HOLDERS = ("import_specifier", "import_clause", "namespace_import")
_ORDERED = ("await_expression", "yield_expression", "this", "super")


@dataclass(frozen=True, slots=True)
class Carried:
    """One import that the new module needs. `imported` is the exported name, `default` or `*`. `type_only` is said of
    the whole statement (`import type`), `inline_type` of the one name (`{ type A }`).
    """

    specifier: str
    imported: str
    local: str
    type_only: bool
    inline_type: bool
    position: int


@dataclass(slots=True)
class Needs:
    """What a construction depends on, found by following its names."""

    imports: dict[str, Carried] = field(default_factory=dict)
    setup: dict[int, Node] = field(default_factory=dict)


def shared_module(new: NewSharedModule, workspace: Files) -> Prerequisite | Refusal:
    """The new file as a prerequisite, or why the construction cannot be carried there.

    Its key is path and content: two fixes that want different clients at one path do not want the same thing.
    """
    if workspace.exists(new.module.path):
        return Refusal(f"{new.module.path} exists already")
    source = Source.open(new.source.path, workspace)
    built = source.node_at(new.source.start, new.source.end, ("new_expression",))
    if built is None:
        return Refusal(f"{source.path} has changed: no construction at byte {new.source.start}")
    init = initialiser(built)
    style = style_of(source, neighbours_of(new.module.path, workspace), workspace)
    needs = Needs()
    problem = _follow(source, init, needs)
    if problem is not None:
        return problem
    local = "prisma" if new.module.export == "default" else new.module.export
    if new.lazy and new.module.export == "default":
        local = "getPrisma"
    commonjs = new.language == "js" and new.module_system == "commonjs"
    taken = {*needs.imports, *(name for node in needs.setup.values() for name in _declared_names(source, node))}
    if local in taken:
        return Refusal(f"the name `{local}` is taken in the new module {new.module.path}")
    lines = [_import_line(group, style, commonjs=commonjs) for group in _grouped(needs, source, new, workspace)]
    setup = tuple(outdented(source, node, style) for _, node in sorted(needs.setup.items()))
    client = Client(setup, outdented(source, init, style), plain_class(source, init))
    body = module_text(
        client,
        local,
        new.module.export,
        new.global_key,
        style,
        typescript=new.language == "ts",
        commonjs=commonjs,
        guard=new.guarded,
        lazy=new.lazy,
    )
    nl = style.newline
    head = nl.join(lines)
    text = (head + nl + nl if head else "") + body + nl
    content = text.encode()
    key = f"{new.module.path} {sha256(content).hexdigest()}"
    return Prerequisite(key, new_files=(NewFile(new.module.path, content),))


def _follow(source: Source, node: Node, needs: Needs) -> Refusal | None:
    """Collect what the names in `node` mean: imports, and constants that are carried over with their own needs."""
    bad = next((n for n in walk(node) if n.type in _ORDERED and not _in_own_function(n, node)), None)
    if bad is not None:
        return Refusal(f"what the client is built with at line {bad.start_point[0] + 1} cannot move to another module")
    for name in free_names(source, node):
        declared = resolve(source, name)
        if declared is None:
            continue
        imported = _imported(source, declared)
        if imported is not None:
            needs.imports.setdefault(declared.name, imported)
            continue
        holder = declared.holder
        statement = holder.parent
        if not _is_constant(source, holder) or statement is None:
            return Refusal(
                f"the client is built with `{declared.name}`, which cannot move to another module "
                f"({source.path}:{declared.node.start_point[0] + 1})"
            )
        problem = _depends_on_more(source, declared, holder)
        if problem is not None:
            return problem
        if statement.start_byte not in needs.setup:
            needs.setup[statement.start_byte] = statement
            problem = _follow(source, statement, needs)
            if problem is not None:
                return problem
    return None


def _depends_on_more(source: Source, declared: Declared, holder: Node) -> Refusal | None:
    """Whether a constant means more than its text says: a function, a value that code around it checks, or one of which
    a method is called (where a check may have narrowed its type)."""
    value = holder.child_by_field_name("value")
    line = declared.node.start_point[0] + 1
    if value is not None and unwrap(value).type in ("arrow_function", "function_expression"):
        return Refusal(
            f"the client is built with the function `{declared.name}` ({source.path}:{line}): move it by hand"
        )
    built = value is not None and unwrap(value).type == "new_expression"
    for use in uses(source, declared):
        statement = next((p for p in ancestors(use) if p.type in ("if_statement", "while_statement", *FUNCTIONS)), None)
        condition = statement.child_by_field_name("condition") if statement is not None else None
        if condition is not None and inside(use, condition):
            return Refusal(
                f"`{declared.name}`, which the client is built with, is checked first ({source.path}:{line})"
            )
        member = use.parent
        if not built and member is not None and member.type == "member_expression":
            call = member.parent
            if call is not None and call.type == "call_expression" and call.child_by_field_name("function") == member:
                return Refusal(f"a method of `{declared.name}` is called ({source.path}:{line}): move it by hand")
    return None


def _in_own_function(node: Node, outer: Node) -> bool:
    parent = node.parent
    while parent is not None and parent != outer:
        if parent.type in ("arrow_function", "function_expression", "method_definition"):
            return True
        parent = parent.parent
    return False


def _is_constant(source: Source, holder: Node) -> bool:
    """A `const` of its own with a value: it can be written again somewhere else."""
    statement = holder.parent
    return (
        holder.type == "variable_declarator"
        and holder.child_by_field_name("value") is not None
        and statement is not None
        and statement.type == "lexical_declaration"
        and source.text(statement).startswith("const")
        and sum(child.type == "variable_declarator" for child in statement.named_children) == 1
        and (statement.parent is None or statement.parent.type not in ("for_statement", "export_statement"))
    )


def _declared_names(source: Source, statement: Node) -> list[str]:
    names = [d.child_by_field_name("name") for d in statement.named_children if d.type == "variable_declarator"]
    return [source.text(name) for name in names if name is not None]


def _imported(source: Source, declared: Declared) -> Carried | None:
    for statement in import_statements(source):
        for name in statement.names:
            if name.name == declared.node:
                inline_type = any(child.type == "type" for child in name.holder.children)
                return Carried(
                    statement.specifier,
                    name.imported,
                    name.local,
                    statement.type_only,
                    inline_type,
                    statement.node.start_byte,
                )
    return None


def _grouped(needs: Needs, source: Source, new: NewSharedModule, workspace: Files) -> list[list[Carried]]:
    """The imports by specifier as the new module writes it, in the order of the old one."""
    groups: dict[tuple[str, bool], list[Carried]] = {}
    for one in sorted(needs.imports.values(), key=lambda c: c.position):
        specifier = _moved(one.specifier, source.path, new.module.path, workspace)
        groups.setdefault((specifier, one.type_only), []).append(replace(one, specifier=specifier))
    return list(groups.values())


def _moved(specifier: str, old: str, new: str, workspace: Files) -> str:
    """A specifier of the module `old` as the module `new` has to write it."""
    if specifier.startswith("."):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(old), specifier))
    else:
        before, after = workspace.tsconfig_for(old), workspace.tsconfig_for(new)
        if before is None or (after is not None and after.paths == before.paths):
            return specifier
        aliased = _alias_target(specifier, before.paths)
        if aliased is None:
            return specifier
        target = aliased
    moved = posixpath.relpath(target, posixpath.dirname(new) or ".")
    return moved if moved.startswith(".") else f"./{moved}"


def _alias_target(specifier: str, paths: tuple[tuple[str, tuple[str, ...]], ...]) -> str | None:
    for pattern, targets in paths:
        before, star, after = pattern.partition("*")
        if star and specifier.startswith(before) and specifier.endswith(after) and pattern != "*" and targets:
            return targets[0].replace("*", specifier[len(before) : len(specifier) - len(after)], 1)
    return None


def _import_line(group: list[Carried], style: Style, *, commonjs: bool) -> str:
    specifier = style.string(group[0].specifier)
    namespace = next((c.local for c in group if c.imported == "*"), "")
    default = next((c.local for c in group if c.imported == "default"), "")
    named = [c for c in group if c.imported not in ("*", "default")]
    if commonjs:
        braces = ", ".join(c.local if c.local == c.imported else f"{c.imported}: {c.local}" for c in named)
        target = f"require({specifier}){style.end}"
        lines = [
            f"const {name} = {target}" for name in (namespace or default, f"{{ {braces} }}" if braces else "") if name
        ]
        return style.newline.join(lines)
    keyword = "import type" if group[0].type_only else "import"
    braces = ", ".join(
        ("type " if c.inline_type else "") + (c.local if c.local == c.imported else f"{c.imported} as {c.local}")
        for c in named
    )
    names = ", ".join(
        part
        for part in (default, f"* as {namespace}" if namespace else "", f"{{ {braces} }}" if braces else "")
        if part
    )
    return f"{keyword} {names} from {specifier}{style.end}"
