"""Use the shared client instead of one built on the spot (PF101, PF102, PF106), and strip the `$disconnect`s that
belonged to it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.rewrites.client_text import in_place_of, initialiser
from prismafix.rewrites.edits import breaks, finish
from prismafix.rewrites.imports import Wanted, change_imports, free_name, import_statements, is_commonjs
from prismafix.rewrites.model import Edit, Fix, Prerequisite, Refusal
from prismafix.rewrites.names import Declared, declarations, free_names, resolve, uses
from prismafix.rewrites.own_guard import ambient_declarations, own_guard
from prismafix.rewrites.removal import is_pure, remove
from prismafix.rewrites.shared_module import shared_module
from prismafix.rewrites.source import FUNCTIONS, Files, Source, ancestors, code, inside, outermost, unwrap, walk
from prismafix.rewrites.specifiers import neighbours_of, resolves_to, specifier_for
from prismafix.rewrites.strip_disconnect import Strip, Stuck, by_path, collect, settle
from prismafix.rewrites.style import Style, style_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tree_sitter import Node

    from prismafix.rules.model import Construction, HoistClient, Intent, SharedModule

_RELEASES = frozenset({"end", "close", "dispose"})


@dataclass(slots=True)
class Hoist:
    """What happens in one file.

    `locals` are the names under which the shared client is imported, `declarators` what goes. `bound` are the variables
    whose uses mean the import from now on: where all uses go too, nothing is imported for them. `guards` are the keys
    of globals that held a client which goes.
    """

    source: Source
    style: Style
    shared: SharedModule
    commonjs: bool
    known: str
    strip: Strip
    locals: dict[str, None] = field(default_factory=dict)
    bound: dict[str, Declared] = field(default_factory=dict)
    declarators: list[Node] = field(default_factory=list)
    reexports: list[Edit] = field(default_factory=list)
    replaced: list[tuple[int, int]] = field(default_factory=list)
    guards: list[str] = field(default_factory=list)

    @property
    def is_own(self) -> bool:
        """Whether the file is the shared module itself: nothing is imported, `known` is the client's name."""
        return bool(self.shared.local) and self.shared.path == self.source.path


def hoist_client(action: HoistClient, intent: Intent, workspace: Files) -> Fix | Refusal:
    """One fix over all files of the action. The new shared module, if one is needed, is its prerequisite."""
    prerequisites: tuple[Prerequisite, ...] = ()
    if action.create is not None:
        made = shared_module(action.create, workspace)
        if isinstance(made, Refusal):
            return made
        prerequisites = (made,)
    edits: list[Edit] = []
    for path in sorted({c.span.path for c in action.constructions} | {d.path for d in action.disconnects}):
        constructions = [c for c in action.constructions if c.span.path == path]
        changed = _file(path, constructions, action, workspace)
        if isinstance(changed, Refusal):
            return changed
        edits += changed
    return Fix(intent.title, tuple(edits), intent.doubts, prerequisites)


def _file(path: str, constructions: list[Construction], action: HoistClient, workspace: Files) -> list[Edit] | Refusal:
    source = Source.open(path, workspace)
    neighbours = neighbours_of(path, workspace)
    style = style_of(source, neighbours, workspace)
    package = workspace.package_of(path)
    commonjs = is_commonjs(source, package.module_system if package is not None else "esm")
    commonjs = commonjs or _keeps_require(source, constructions, action.shared)
    tokens = [span for file, spans in by_path(action.disconnects) if file == path for span in spans]
    strip = collect(source, tokens)
    if isinstance(strip, Refusal):
        return strip
    tsconfig = workspace.tsconfig_for(path)
    aliases = [*action.shared.aliases, *(tsconfig.paths if tsconfig is not None else ())]
    own = action.shared.local if action.shared.path == path else ""
    known = own or _known(source, action.shared, aliases)
    hoist = Hoist(source, style, action.shared, commonjs, known, strip)
    specifier = ""
    if constructions and not own:
        specifier = _used_specifier(source, action.shared, aliases) or specifier_for(
            source, action.shared, workspace, style, neighbours
        )
    try:
        for construction in constructions:
            _construction(hoist, construction, specifier)
        for construction in constructions:
            for companion in construction.companions:
                _companion(hoist, companion.start, companion.end)
        _leftovers(hoist)
        for key in hoist.guards:
            strip.statements.update(ambient_declarations(source, key, workspace))
        stuck = settle(strip)
        if stuck is not None:
            return stuck
        _declarations(hoist)
    except Stuck as reason:
        return Refusal(str(reason))
    return _assemble(hoist, specifier)


def _assemble(hoist: Hoist, specifier: str) -> list[Edit] | Refusal:
    source, strip = hoist.source, hoist.strip
    removal = remove(source, strip.statements, [*strip.edits, *hoist.reexports], about="construct")
    if isinstance(removal, Refusal):
        return removal
    gone = [*removal.spans(), *hoist.replaced, *((d.start_byte, d.end_byte) for d in hoist.declarators)]
    needed = [local for local in hoist.locals if local != hoist.known and _is_needed(hoist, local, gone)]
    wanted = [Wanted(specifier, hoist.shared.export, local) for local in needed]
    try:
        joined = finish(
            source, [*removal.edits, *change_imports(source, hoist.style, wanted, gone, commonjs=hoist.commonjs)]
        )
    except ValueError:
        return Refusal(f"two of the changes in {source.path} touch the same code")
    if breaks(source, joined):
        return Refusal(f"{source.path} would not parse afterwards")
    return list(joined)


def _is_needed(hoist: Hoist, local: str, gone: list[tuple[int, int]]) -> bool:
    """Whether code that stays uses the import (a client that was only built and disconnected leaves nothing)."""
    declared = hoist.bound.get(local)
    if declared is None:
        return True
    mentions = uses(hoist.source, declared)
    return any(not any(s <= use.start_byte and use.end_byte <= e for s, e in gone) for use in mentions)


def _keeps_require(source: Source, constructions: list[Construction], shared: SharedModule) -> bool:
    """Whether a TypeScript file took the class from `require`, which types it `any`: an ES import of the shared client
    would give types to code that was never checked. A default export cannot be taken by plain `require`.
    """
    names = {construction.class_name for construction in constructions}
    return (
        source.is_typescript
        and shared.export != "default"
        and any(
            statement.form == "require" and statement.top and names & {name.local for name in statement.names}
            for statement in import_statements(source)
        )
    )


def _known(source: Source, shared: SharedModule, aliases: list[tuple[str, tuple[str, ...]]]) -> str:
    """The name under which the file has imported the shared client already, or ""."""
    for statement in import_statements(source):
        same = statement.specifier == (shared.package_name or "") + shared.subpath if shared.package_name else False
        if statement.type_only or not statement.top:
            continue
        if same or resolves_to(source.path, statement.specifier, shared.path, aliases):
            for name in statement.names:
                if name.imported == shared.export:
                    return name.local
    return ""


def _used_specifier(source: Source, shared: SharedModule, aliases: list[tuple[str, tuple[str, ...]]]) -> str:
    """The specifier by which the file imports from the shared module already, or ""."""
    found = (s.specifier for s in import_statements(source) if s.top)
    return next((f for f in found if resolves_to(source.path, f, shared.path, aliases)), "")


def _construction(hoist: Hoist, construction: Construction, specifier: str) -> None:
    source = hoist.source
    new = source.node_at(construction.span.start, construction.span.end, ("new_expression",))
    if new is None:
        raise Stuck(f"{source.path} has changed: no construction at byte {construction.span.start}")
    init = outermost(initialiser(new))
    while init.parent is not None and init.parent.type == "await_expression":
        init = outermost(init.parent)
    init = _with_guard(hoist, init)
    parent = init.parent
    hoist.replaced.append((init.start_byte, init.end_byte))
    if parent is not None and parent.type == "variable_declarator" and not hoist.shared.is_function:
        name = parent.child_by_field_name("name")
        if name is not None and name.type == "identifier":
            _declared(hoist, parent, name, init, specifier)
            return
    if parent is not None and parent.type == "assignment_expression" and not hoist.shared.is_function:
        left = parent.child_by_field_name("left")
        if left is not None and left.type == "identifier":
            _assigned(hoist, parent, left, init)
            return
    if parent is not None and parent.type == "expression_statement":
        raise Stuck(f"nothing holds the client that is built at line {new.start_point[0] + 1}")
    _in_place(hoist, init)


def _with_guard(hoist: Hoist, init: Node) -> Node:
    """The whole guard where the client has one of its own, which goes with it: the shared module keeps its client.

    Else `init`.
    """
    guard = own_guard(hoist.source, init)
    if guard is None:
        return init
    hoist.strip.statements.update(guard.writes)
    hoist.guards.append(guard.key)
    return guard.whole


def _in_place(hoist: Hoist, init: Node) -> None:
    """`return new PrismaClient()`, an argument, a field: the shared client stands there now."""
    source, shared = hoist.source, hoist.shared
    wanted = "prisma" if shared.export == "default" else shared.export
    if shared.export == "default" and shared.is_function:
        wanted = "getPrisma"
    local = _known_at(hoist, init) or next((n for n in hoist.locals if _means_import(hoist, n, init)), "")
    if not local:
        _check_importable(hoist, init)
        local = wanted if _means_import(hoist, wanted, init) else free_name(source, wanted, hoist.locals)
    _place(hoist, local)
    text = f"{local}()" if shared.is_function else local
    hoist.strip.edits.append(in_place_of(source, init, text))


def _place(hoist: Hoist, local: str) -> None:
    """The fix itself writes the name: its import is needed."""
    hoist.locals.setdefault(local)
    hoist.bound.pop(local, None)


def _means_import(hoist: Hoist, name: str, place: Node) -> bool:
    """Whether `name`, imported at module level, would mean the import at `place` and take nothing from anybody."""
    declared = resolve(hoist.source, place, name)
    if declared is not None and not _goes(hoist, declared):
        return False
    return _module_is_free(hoist, name) and (name == hoist.known or not _is_global(hoist.source, name))


def _known_at(hoist: Hoist, place: Node) -> str:
    """The name of the shared client that is imported already, unless something nearer has that name at `place`."""
    declared = resolve(hoist.source, place, hoist.known) if hoist.known else None
    return hoist.known if declared is not None and declared.scope.type == "program" else ""


def _check_importable(hoist: Hoist, place: Node) -> None:
    if hoist.is_own:
        line = place.start_point[0] + 1
        raise Stuck(f"`{hoist.known}`, the shared client of this module, means something else at line {line}")


def _is_global(source: Source, name: str) -> bool:
    """Whether code of the file uses the name without declaring it: an import would take its place."""
    mentions = (n for n in walk(source.root) if n.type == "identifier" and source.text(n) == name)
    bound = ("import_specifier", "export_specifier")
    return any(n.parent is not None and n.parent.type not in bound and resolve(source, n) is None for n in mentions)


def _goes(hoist: Hoist, declared: Declared) -> bool:
    """Whether a declaration is one of those that this fix removes."""
    if declared.holder in hoist.declarators:
        return True
    return any(inside(declared.holder, statement) for statement in hoist.strip.statements)


def _module_is_free(hoist: Hoist, name: str) -> bool:
    """Whether the module's own scope binds `name` to nothing, or to what this fix removes."""
    if name == hoist.known:
        return True
    at_module = (
        resolve(hoist.source, hoist.source.root.named_children[0], name) if hoist.source.root.named_children else None
    )
    return at_module is None or _goes(hoist, at_module)


def _declared(hoist: Hoist, declarator: Node, name: Node, init: Node, specifier: str) -> None:
    """`const prisma = new PrismaClient()`: the declaration goes, and the import has its name."""
    source = hoist.source
    local = source.text(name)
    statement = declarator.parent
    exported = statement is not None and statement.parent is not None and statement.parent.type == "export_statement"
    declared = resolve(source, name)
    if declared is None or statement is None:
        raise Stuck(f"the declaration of `{local}` at line {name.start_point[0] + 1} was not understood")
    if any(_is_write(use) for use in uses(source, declared)):
        raise Stuck(f"`{local}` is assigned to again after line {name.start_point[0] + 1}")
    takes = not hoist.is_own or (local == hoist.known and not exported)
    if hoist.known and local != hoist.known and not exported:
        takes = takes and _can_take(hoist, local, declared, declarator)
    if not takes:
        _alias(hoist, init)
        return
    hoist.declarators.append(declarator)
    if exported:
        _reexport(hoist, statement, declarator, local, declared, specifier)
        return
    if not _can_take(hoist, local, declared, declarator):
        hoist.declarators.remove(declarator)
        _alias(hoist, init)
        return
    _bind(hoist, local, declared)


def _bind(hoist: Hoist, local: str, declared: Declared) -> None:
    """The uses of a variable mean the import of its name. Two variables of one name: the import is needed."""
    if local in hoist.locals:
        hoist.bound.pop(local, None)
    else:
        hoist.locals[local] = None
        hoist.bound[local] = declared


def _can_take(hoist: Hoist, local: str, declared: Declared, declarator: Node) -> bool:
    """Whether the uses of a local client mean the module's import of the same name once the declaration is gone."""
    for scope in ancestors(declared.scope):
        outer = resolve(hoist.source, scope, local) if scope.parent is not None else None
        if outer is not None and outer.node != declared.node and not _goes(hoist, outer):
            return local == hoist.known and outer.scope.type == "program"
    if declared.scope.type == "program":
        return True
    outer = resolve(hoist.source, declared.scope, local)
    if outer is not None and outer.node != declared.node and not _goes(hoist, outer):
        return local == hoist.known and outer.scope.type == "program"
    return _module_is_free(hoist, local) and not _is_global_elsewhere(hoist, local, declared)


def _is_global_elsewhere(hoist: Hoist, local: str, declared: Declared) -> bool:
    """Whether other code of the file uses the name as a global, which the import would shadow."""
    source = hoist.source
    for node in walk(source.root):
        if node.type == "identifier" and source.text(node) == local and not inside(node, declared.scope):
            parent = node.parent
            if parent is not None and parent.type in ("import_specifier", "export_specifier"):
                continue
            if resolve(source, node) is None:
                return True
    return False


def _alias(hoist: Hoist, init: Node) -> None:
    """The name is taken outside: the declaration stays and takes the shared client under another name."""
    wanted = "prisma" if hoist.shared.export == "default" else hoist.shared.export
    local = _known_at(hoist, init)
    if not local:
        _check_importable(hoist, init)
        local = wanted if _means_import(hoist, wanted, init) else ""
    local = local or free_name(hoist.source, wanted, hoist.locals)
    _place(hoist, local)
    hoist.strip.edits.append(in_place_of(hoist.source, init, local))


def _reexport(hoist: Hoist, statement: Node, declarator: Node, local: str, declared: Declared, specifier: str) -> None:
    source, export = hoist.source, hoist.shared.export
    outer = statement.parent
    if outer is None or sum(c.type == "variable_declarator" for c in statement.named_children) != 1:
        raise Stuck(f"`{local}` is exported together with other variables at line {statement.start_point[0] + 1}")
    name = local if local == export else f"{export} as {local}"
    text = f"export {{ {name} }} from {hoist.style.string(specifier)}{hoist.style.end}"
    hoist.reexports.append(Edit(source.path, outer.start_byte, outer.end_byte, text.encode()))
    hoist.declarators.remove(declarator)
    if any(not inside(use, outer) for use in uses(source, declared)):
        hoist.locals.setdefault(local)


def _is_write(node: Node) -> bool:
    parent = node.parent
    if parent is None:
        return False
    if parent.type in ("assignment_expression", "augmented_assignment_expression"):
        return parent.child_by_field_name("left") == node
    return parent.type == "update_expression"


def _assigned(hoist: Hoist, assignment: Node, left: Node, init: Node) -> None:
    """`let prisma; … prisma = new PrismaClient()`: both go when nothing else is ever assigned."""
    source = hoist.source
    declared = resolve(source, left)
    statement = assignment.parent
    local = source.text(left)
    if declared is None or declared.holder.type != "variable_declarator":
        raise Stuck(f"`{local}` at line {left.start_point[0] + 1} is not a variable of this file")
    value = declared.holder.child_by_field_name("value")
    empty = value is None or source.text(value) in ("null", "undefined")
    others = [use for use in uses(source, declared) if _is_write(use) and not _is_ours(use, hoist)]
    kept = not empty or bool(others) or _is_exported(declared.holder) or (hoist.is_own and local != hoist.known)
    if statement is None or statement.type != "expression_statement" or kept:
        _in_place(hoist, init)
        return
    if not _can_take(hoist, local, declared, declared.holder):
        _in_place(hoist, init)
        return
    hoist.strip.statements.add(statement)
    if declared.holder not in hoist.declarators:
        hoist.declarators.append(declared.holder)
    _bind(hoist, local, declared)


def _is_ours(write: Node, hoist: Hoist) -> bool:
    """Whether this write assigns a client that the fix replaces."""
    parent = write.parent
    right = parent.child_by_field_name("right") if parent is not None else None
    if right is None:
        return False
    return unwrap(right).type == "new_expression" and hoist.source.text(unwrap(right)).startswith("new ")


def _companion(hoist: Hoist, start: int, end: int) -> None:
    """The declaration of a pool or adapter, and the statements that end it."""
    source = hoist.source
    new = source.node_at(start, end, ("new_expression",))
    if new is None:
        raise Stuck(f"{source.path} has changed: nothing is built at byte {start}")
    if any(s <= new.start_byte and new.end_byte <= e for s, e in hoist.replaced):
        return
    declarator = outermost(new).parent
    if declarator is None or declarator.type != "variable_declarator":
        raise Stuck(f"what is built at line {new.start_point[0] + 1} has no name of its own")
    if declarator in hoist.declarators:
        return
    hoist.declarators.append(declarator)
    name = declarator.child_by_field_name("name")
    declared = resolve(source, name) if name is not None else None
    if declared is None:
        raise Stuck(f"the declaration at line {new.start_point[0] + 1} was not understood")
    for use in uses(source, declared):
        statement = _release(source, use)
        if statement is not None:
            hoist.strip.statements.add(statement)


def _release(source: Source, use: Node) -> Node | None:
    """`await pool.end()`: the statement, or None for another use."""
    member = outermost(use).parent
    prop = member.child_by_field_name("property") if member is not None and member.type == "member_expression" else None
    call = member.parent if member is not None else None
    if prop is None or call is None or call.type != "call_expression" or source.text(prop) not in _RELEASES:
        return None
    node = outermost(call)
    while node.parent is not None and node.parent.type in ("await_expression", "unary_expression"):
        node = outermost(node.parent)
    return node.parent if node.parent is not None and node.parent.type == "expression_statement" else None


def _leftovers(hoist: Hoist) -> None:
    """Companions must have no other use; constants that only fed the construction (a connection string) go with it."""
    source = hoist.source
    seeds = [n for start, end in hoist.replaced for n in _names_between(source, start, end)]
    pending = seeds + [n for d in hoist.declarators for n in free_names(source, d)]
    seen: set[int] = set()
    while pending:
        declared = resolve(source, pending.pop())
        if declared is None or declared.node.id in seen or declared.holder.type != "variable_declarator":
            continue
        holder = declared.holder
        value = holder.child_by_field_name("value")
        name = holder.child_by_field_name("name")
        if (
            holder in hoist.declarators
            or value is None
            or name is None
            or not _only_feeds(source, value)
            or _is_exported(holder)
        ):
            continue
        siblings = [d for d in declarations(source, declared.scope) if d.holder == holder]
        if any(not _is_gone(hoist, use) for sibling in siblings for use in uses(source, sibling)):
            continue
        seen.add(declared.node.id)
        hoist.declarators.append(holder)
        pending += free_names(source, holder)
    for declarator in hoist.declarators:
        name = declarator.child_by_field_name("name")
        declared = resolve(source, name) if name is not None else None
        if declared is None or source.text(declared.node) in hoist.locals:
            continue
        stray = next((use for use in uses(source, declared) if not _is_gone(hoist, use)), None)
        if stray is not None:
            raise Stuck(f"`{declared.name}` is used for something else at line {stray.start_point[0] + 1}")


def _only_feeds(source: Source, value: Node) -> bool:
    """Whether a constant whose only use goes can go too: a value without effects, or an object built from such."""
    new = unwrap(value)
    arguments = new.child_by_field_name("arguments") if new.type == "new_expression" else None
    return is_pure(source, value) or (arguments is not None and all(_only_feeds(source, a) for a in code(arguments)))


def _is_exported(declarator: Node) -> bool:
    declaration = declarator.parent
    return declaration is not None and declaration.parent is not None and declaration.parent.type == "export_statement"


def _names_between(source: Source, start: int, end: int) -> Iterable[Node]:
    node = source.node_at(start, end)
    return free_names(source, node) if node is not None else ()


def _is_gone(hoist: Hoist, node: Node) -> bool:
    if any(s <= node.start_byte and node.end_byte <= e for s, e in hoist.replaced):
        return True
    if any(inside(node, d) for d in hoist.declarators):
        return True
    return any(inside(node, statement) for statement in hoist.strip.statements)


def _declarations(hoist: Hoist) -> None:
    """Turn the declarators that go into statements that go, or take them out of their list."""
    source = hoist.source
    for statement in dict.fromkeys(d.parent for d in hoist.declarators):
        if statement is None:
            continue
        all_declarators = [c for c in statement.named_children if c.type == "variable_declarator"]
        kept = [d for d in all_declarators if d not in hoist.declarators]
        if not kept:
            hoist.strip.statements.add(statement)
            _check_not_alone(source, statement)
            continue
        for declarator in all_declarators:
            if declarator in kept:
                continue
            index = all_declarators.index(declarator)
            if declarator.start_byte > kept[-1].end_byte:
                previous = all_declarators[index - 1]
                hoist.strip.edits.append(Edit(source.path, previous.end_byte, declarator.end_byte, b""))
            else:
                following = all_declarators[index + 1]
                hoist.strip.edits.append(Edit(source.path, declarator.start_byte, following.start_byte, b""))


def _check_not_alone(source: Source, statement: Node) -> None:
    block = statement.parent
    if block is not None and block.parent is not None and block.parent.type in FUNCTIONS and code(block) == [statement]:
        raise Stuck(f"the function at line {block.parent.start_point[0] + 1} would be left empty")
