"""What code does with a client besides asking queries, and what of it speaks against sharing the client."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.project.denote.values import External, FunctionRef
from prismafix.rules.arguments import calls_among
from prismafix.rules.model import Doubt

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.index.syntax_index import Use
    from prismafix.project.model import Project
    from prismafix.project.pools.clients import ClientSite

_SESSION = re.compile(
    r"(?:^|;)\s*(?:SET|RESET|LISTEN|PREPARE|USE|CREATE\s+(?:LOCAL\s+|GLOBAL\s+)?TEMP\w*)\s|\bpg_(?:try_)?advisory_lock\b"
    r"|\bset_config\s*\((?![^;]*,\s*true\s*\))",
    re.IGNORECASE,
)
"""SQL that changes the session of its connection: a statement of its own (an UPDATE has a SET too), a lock, or a
setting that outlives its transaction."""


def use_doubts(project: Project, site: ClientSite) -> list[Doubt]:
    """What happens to the client besides queries: it is handed to unknown code, hooked, compared, or its session
    changed."""
    facts = project.facts(site.path)
    if facts is None:
        return []
    doubts: list[Doubt] = []
    if site.local:
        for use in _uses(project, site.path, facts, site.local, site.use.root.scope):
            doubts += _one_use(project, site, site.path, facts, use)
    else:
        doubts += _unnamed_doubts(project, site)
    doubts += _placement_doubts(facts, site)
    name = site.expr.callee.chain()
    imported = facts.lookup(name[0], site.use.root.scope) if name else None
    if imported is not None and imported.kind != "import" and facts.scopes[imported.scope].function >= 0:
        doubts.append(Doubt("unsafe", "the class was imported when needed: now it is loaded at start"))
    return list(dict.fromkeys(doubts))


def call_doubts(project: Project, site: ClientSite) -> list[Doubt]:
    """Calls that give what the client is built with, and that anybody could miss: the shared client makes them once,
    when modules are loaded."""
    for call in calls_among(project, site):
        value = project.evaluator.value(site.path, call.callee, site.use.root.scope)
        if isinstance(value, FunctionRef):
            found = project.effects.of_function(value)
            unknown = (found.unknown and not _only_builds(project, value)) or logs(project, value)
        else:
            found = project.effects.of_span(site.path, call.start, call.end)
            unknown = bool(found.unknown)
        if found.throws or found.effects or found.queries or unknown:
            name = ".".join(call.callee.chain() or (call.callee.text,))
            text = (
                f"`{name}`, which gives what the client is built with, is called once at start: check that this will do"
            )
            return [Doubt("unsafe", text)]
    return []


def logs(project: Project, function: FunctionRef) -> bool:
    """Whether a function itself prints something."""
    facts = project.facts(function.path)
    declared = facts.functions[function.index] if facts is not None else None
    printed = project.evaluator.index(function.path).names.get("console", ())
    return declared is not None and any(declared.start <= use.expr.start < declared.end for use in printed)


def _only_builds(project: Project, function: FunctionRef) -> bool:
    """Whether all that a function wants of packages is to build something: a driver's adapter."""
    facts = project.facts(function.path)
    if facts is None:
        return False
    declared = facts.functions[function.index]
    return all(
        use.expr.kind == "new"
        for use in project.evaluator.index(function.path).calls_within(declared.start, declared.end)
        if project.effects.of_span(function.path, use.expr.start, use.expr.end).unknown
    )


def _uses(project: Project, path: str, facts: ModuleFacts, name: str, scope: int) -> list[Use]:
    """The uses of what `name` means in a scope."""
    binding = facts.lookup(name, scope)
    found = project.evaluator.index(path).names.get(name, ())
    return [use for use in found if facts.lookup(name, use.root.scope) is binding]


def _one_use(
    project: Project, site: ClientSite, path: str, facts: ModuleFacts, use: Use, depth: int = 0
) -> list[Doubt]:
    """`depth`: how many calls away from the construction the client got there, as a parameter."""
    line = facts.line_of(use.expr.start)
    where = f"line {line}" if depth == 0 else f"{path}:{line}"
    outer = use.around[0] if use.around else None
    if outer is None:
        if use.root.role == "export-default":
            return []
        if use.root.role == "return":
            return [Doubt("unsafe", f"the client is returned ({where}): check that nobody disconnects it")]
        return [_handed_on(where)]
    match outer.kind:
        case "member":
            return _member_doubts(facts, use, where, depth)
        case "assign":
            slot = project.clients.guards.slot(path, outer.children[0], use.root.scope)
            of_guard = site.guard is not None and slot is not None and slot.kind == "global"
            return [] if outer.children[0] is use.expr or of_guard else [_handed_on(where)]
        case "property" if depth == 0 and use.root.role == "statement" and site.function < 0:
            return []  # `module.exports = { prisma }`
        case "call" if use.expr in outer.arguments:
            return _argument_doubts(project, site, path, use, where, depth)
        case "unary":
            return []
        case "binary" | "ternary":
            return _operand_doubts(outer, use, where)
    return [_handed_on(where)]


def _handed_on(where: str) -> Doubt:
    return Doubt("unsafe", f"the client is handed on ({where}): check that nobody disconnects or extends it")


def _member_doubts(facts: ModuleFacts, use: Use, where: str, depth: int) -> list[Doubt]:
    """`db.<name>`."""
    member = use.around[0]
    name = member.text
    behind = use.around[1] if len(use.around) > 1 else None
    if name in ("$use", "$on"):
        return [Doubt("unsafe", f"`{name}` in {where} would be registered on the shared client at every call")]
    if name == "$disconnect" and depth > 0:
        return [Doubt("unsafe", f"{where} disconnects the client that it is handed: everybody's from now on")]
    if name.startswith(("$executeRaw", "$queryRaw")):
        return _sql_doubts(facts, use, name.endswith("Unsafe"), facts.line_of(use.expr.start))
    if behind is not None and behind.kind == "assign" and behind.children[0] is member:
        return [Doubt("unsafe", f"`{name}` of the client is set ({where}): everybody who has the client sees that")]
    return []


def _argument_doubts(project: Project, site: ClientSite, path: str, use: Use, where: str, depth: int) -> list[Doubt]:
    """The client as an argument: what a function of the project does with it."""
    call = use.around[0]
    value = project.evaluator.value(path, call.callee, use.root.scope)
    if not isinstance(value, FunctionRef):
        what = f"the package {value.specifier}" if isinstance(value, External) else "code that could not be resolved"
        return [Doubt("unsafe", f"the client is handed to {what} ({where}): check that it may be shared")]
    facts = project.facts(value.path)
    at = call.arguments.index(use.expr)
    function = facts.functions[value.index] if facts is not None else None
    if facts is None or function is None or depth >= _DEPTH or at >= len(function.parameters):
        return []
    name = function.parameters[at].name
    scope = next((i for i, s in enumerate(facts.scopes) if s.kind == "function" and s.function == value.index), -1)
    if not name or scope < 0:
        return []
    found = []
    for inner in _uses(project, value.path, facts, name, scope):
        found += _one_use(project, site, value.path, facts, inner, depth + 1)
    return found


_DEPTH = 3
"""Through how many calls a client is followed."""


def _operand_doubts(outer: Expr, use: Use, where: str) -> list[Doubt]:
    """The client in `a === b`, `a ?? b`, `a ? b : c`."""
    behind = use.around[1] if len(use.around) > 1 else None
    if outer.kind == "binary" and outer.text in ("===", "!==", "==", "!="):
        other = next((child for child in outer.children if child is not use.expr), None)
        if other is None or other.text not in ("null", "undefined"):
            return [Doubt("unsafe", f"the client is compared ({where}): it is the same one for everybody from now on")]
        return []
    asked = outer.children[0] is use.expr and (outer.kind == "ternary" or outer.text == "&&")
    if asked or outer.text in ("instanceof", "in") or (behind is not None and behind.kind == "member"):
        return []
    return [_handed_on(where)]


def _sql_doubts(facts: ModuleFacts, use: Use, unsafe: bool, line: int) -> list[Doubt]:
    """Whether raw SQL changes its session, as far as its text can be read. `unsafe`: the text is an argument."""
    texts, known = [], not unsafe
    for part in use.around[1:3]:
        texts += [part.text, *(child.text for child in part.children)]
    call = use.around[1] if len(use.around) > 1 else None
    if unsafe and call is not None and call.kind == "call" and call.arguments:
        sql = call.arguments[0]
        binding = facts.lookup(sql.text, use.root.scope) if sql.kind == "name" else None
        if binding is not None and binding.kind == "const" and binding.value >= 0 and not binding.path:
            sql = facts.roots[binding.value].expr
            texts.append(sql.text)
        known = sql.kind == "string" or (sql.kind == "template" and not sql.children)
    if any(_SESSION.search(text) for text in texts):
        return [Doubt("none", f"the SQL in line {line} changes its session: this client must not be shared")]
    if not known:
        text = f"the SQL in line {line} is put together elsewhere: check that it changes nothing of its session"
        return [Doubt("unsafe", text)]
    return []


def owns_session(project: Project, site: ClientSite) -> bool:
    """Whether the client has to be its own, since its session is changed by SQL."""
    return any(d.applicability == "none" for d in use_doubts(project, site))


def is_handed_on(project: Project, site: ClientSite) -> bool:
    """Whether the client goes to other code: as an argument, or returned."""
    facts = project.facts(site.path)
    if facts is None:
        return True
    if not site.local:
        return not (site.use.around and site.use.around[0].kind == "member")
    binding = facts.lookup(site.local, site.use.root.scope)
    for use in project.evaluator.index(site.path).names.get(site.local, ()):
        ours = facts.lookup(site.local, use.root.scope) is binding
        if ours and not (use.around and use.around[0].kind in ("member", "assign")):
            return True
    return False


def _unnamed_doubts(project: Project, site: ClientSite) -> list[Doubt]:
    """A client that is used in place: queried, returned, passed or kept in a field."""
    if site.use.around and site.use.around[0].kind == "member" and not site.use.around[0].text.startswith("$"):
        return []
    if site.use.root.role == "return":
        return [Doubt("unsafe", "the client is returned: check that no caller disconnects it")]
    if site.use.root.role == "field":
        return [Doubt("unsafe", "the client is kept in a field: check that nobody disconnects or replaces it")]
    return [Doubt("unsafe", "the client is handed on where it is built: check that nobody disconnects or extends it")]


def _placement_doubts(facts: ModuleFacts, site: ClientSite) -> list[Doubt]:
    """A construction behind a condition moves to import time."""
    scope = site.use.root.scope
    while scope >= 0:
        region = facts.scopes[scope]
        if region.kind in ("if", "else", "case", "catch"):
            return [
                Doubt("unsafe", "the client was built behind a condition: now it is built when its module is loaded")
            ]
        if region.kind == "function":
            break
        scope = region.parent
    return []
