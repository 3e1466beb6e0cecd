"""What bounds a fan-out: a small constant collection, one slice at a time, workers that share a queue, a list that is
waited for whenever it is full."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.denote.values import FunctionRef
from prismafix.project.fan_out.chunks import innermost_loop, is_chunk
from prismafix.project.fan_out.lists import origin
from prismafix.project.fan_out.sizes import SMALL, constant_size
from prismafix.project.fan_out.worker_loops import is_worker

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.fan_out.model import PerItem
    from prismafix.project.index.syntax_index import Use

_DEPTH = 6


def bound_of(evaluator: Evaluator, item: PerItem, awaited: Use) -> str:
    """Why the work of a fan-out is bounded already, in words; "" when it is not. `awaited` is the call of
    `Promise.all`."""
    if item.times is not None and item.times <= SMALL:
        return f"there are {item.times} of them"
    if _is_waited_for_in_between(evaluator, item, awaited):
        return "it waits whenever the list is full"
    if _waits_for_its_turn(evaluator, item):
        return "it waits for a semaphore before it starts another one"
    if _starts_workers(evaluator, item):
        return "it starts a limited number of workers"
    if item.collection is None:
        return ""
    size = constant_size(evaluator, item.path, item.collection, item.scope)
    if size is not None and size <= SMALL:
        return f"the collection has {size} elements"
    if is_chunk(evaluator, item.path, item.collection, item.scope, 0) and _in_the_loop_of(evaluator, item, awaited):
        return "it works on one slice at a time"
    return ""


def _in_the_loop_of(evaluator: Evaluator, item: PerItem, awaited: Use) -> bool:
    """Whether what a loop over one slice pushed is waited for before the next slice has its turn."""
    facts = evaluator.facts(item.path)
    if item.form != "pushed" or facts is None or item.collection is None:
        return True
    root = item.collection
    while root.kind in ("member", "index", "call", "await", "spread") and root.children:
        root = root.children[0]
    binding = facts.lookup(root.text, item.scope) if root.kind == "name" else None
    if binding is None:
        return True
    region = facts.scopes[binding.scope]
    if region.kind == "module" or innermost_loop(facts, binding.scope) is None:
        return True
    return region.start <= awaited.expr.start < region.end


def _is_waited_for_in_between(evaluator: Evaluator, item: PerItem, awaited: Use) -> bool:
    """`if (list.length >= 10) { await Promise.all(list); list = []; }`, or `await Promise.race(running)`, in the
    loop that fills the list."""
    facts = evaluator.facts(item.path)
    if item.form != "pushed" or facts is None:
        return False
    loop = innermost_loop(facts, item.scope)
    if loop is None:
        return False
    region = facts.scopes[loop]
    for use in evaluator.index(item.path).calls_within(region.start, region.end):
        chain = use.expr.callee.chain() if use.expr.kind == "call" else None
        if chain not in (("Promise", "race"), ("Promise", "all"), ("Promise", "allSettled")):
            continue
        if not use.around or use.around[0].kind != "await" or use.root.function != facts.scopes[loop].function:
            continue
        if use.expr.start >= item.call.start and use.expr.end <= item.call.end:
            continue
        if not use.expr.arguments:
            continue
        waited = use.expr.arguments[0]
        if chain == ("Promise", "race"):
            if waited.kind != "array" or all(child.kind == "spread" for child in waited.children):
                return True
            continue
        same = waited.chain() is not None and waited.chain() == awaited.expr.arguments[0].chain()
        if same and _is_emptied(evaluator, item.path, facts, waited, loop):
            return True
    return False


def _waits_for_its_turn(evaluator: Evaluator, item: PerItem) -> bool:
    """`for (…) { await semaphore.acquire(); tasks.push(work().finally(() => semaphore.release())); }`."""
    facts = evaluator.facts(item.path)
    loop = innermost_loop(facts, item.scope) if facts is not None and item.form == "pushed" else None
    if facts is None or loop is None:
        return False
    region, index = facts.scopes[loop], evaluator.index(item.path)
    given_back = {
        use.expr.children[0].chain()
        for use in index.members.get("release", ())
        if region.start <= use.expr.start < region.end and use.root.function != region.function
    }
    return any(
        use.around[1:2]
        and use.around[1].kind == "await"
        and use.root.function == region.function
        and region.start <= use.expr.start < item.call.start
        and use.expr.children[0].chain() in given_back
        for use in index.members.get("acquire", ())
    )


def _is_emptied(evaluator: Evaluator, path: str, facts: ModuleFacts, expr: Expr, loop: int) -> bool:
    """Whether a list is made empty again in a loop: `list = []`, `list.length = 0`, `list.splice(0)`."""
    region, chain = facts.scopes[loop], expr.chain()
    index = evaluator.index(path)
    for name in (expr.text, "length"):
        for use in index.assignments.get(name, ()):
            target, value = use.expr.children
            wanted = (*(chain or ()), "length") if name == "length" and expr.text != "length" else chain
            inside = region.start <= use.expr.start < region.end
            if inside and target.chain() == wanted and not value.children:
                return True
    for method in ("splice", "clear"):
        for use in index.members.get(method, ()):
            if region.start <= use.expr.start < region.end and use.expr.children[0].chain() == chain:
                return True
    return False


def _starts_workers(evaluator: Evaluator, item: PerItem) -> bool:
    """`Array.from({ length: Math.min(5, jobs.length) }, worker)`: each takes the next piece of work when it is done
    with one."""
    counted = item.form == "pushed" and item.collection is None
    if item.collection is not None:
        length = _length(evaluator, item.path, item.collection, item.scope, 0)
        if length is None or (length.kind == "member" and length.text in ("length", "size")):
            return False
        counted = True
    if not counted:
        return False
    if item.callback is not None:
        return is_worker(evaluator, item.callback)
    called = item.pushed
    if called is None or called.kind != "call":
        return False
    value = evaluator.value(item.path, called.callee, item.scope)
    return isinstance(value, FunctionRef) and is_worker(evaluator, value)


def _length(evaluator: Evaluator, path: str, expr: Expr, scope: int, depth: int) -> Expr | None:
    """The length of an array that is made by its length: `new Array(n).fill(null)`, `{ length: n }`."""
    if depth > _DEPTH:
        return None
    if expr.kind == "object":
        return expr.property_value("length")
    if expr.kind == "array" and len(expr.children) == 1 and expr.children[0].kind == "spread":
        return _length(evaluator, path, expr.children[0].children[0], scope, depth + 1)
    if expr.kind in ("new", "call") and expr.callee.kind == "name" and expr.callee.text == "Array":
        return expr.arguments[0] if len(expr.arguments) == 1 else None
    if expr.kind == "call" and expr.callee.kind == "member":
        if expr.callee.chain() == ("Array", "from") and len(expr.arguments) == 1:
            return _length(evaluator, path, expr.arguments[0], scope, depth + 1)
        if expr.callee.text in ("fill", "keys", "map"):
            return _length(evaluator, path, expr.callee.children[0], scope, depth + 1)
    if expr.kind == "name":
        found = origin(evaluator, path, expr.text, scope)
        if found is not None and found[2].kind == "const" and found[2].value >= 0 and not found[2].path:
            root = found[1].roots[found[2].value]
            return _length(evaluator, found[0], root.expr, root.scope, depth + 1)
    return None
