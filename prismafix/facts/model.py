"""What one file says, as plain picklable data. Offsets are bytes, 0-based, ends exclusive; indexes point into the
lists of the same `ModuleFacts`. Nothing here knows a path or a project."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any, TypeVar, dataclass_transform

    T = TypeVar("T")

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def record(*, eq: bool = True) -> Callable[[type[T]], type[T]]:
        """See below."""

else:

    def record(*, eq: bool = True) -> Callable[[type[Any]], type[Any]]:
        """A frozen dataclass with slots to the type checker. At run time it is not frozen: there are hundreds of
        thousands of them, and making a frozen one takes three times as long."""
        return dataclass(slots=True, eq=eq, unsafe_hash=eq)


@record(eq=False)
class Expr:
    """One expression. Parentheses, `as`, `satisfies`, `!` and `<T>` are looked through; `type_text` keeps an `as` type.

    kind        text                children
    ----------  ------------------  -------------------------------------------
    name        the identifier      ()
    this/super                      ()
    member      the property        (object,)              `a.b`, `a?.b`, `a["b"]` with a literal string
    index                           (object, index)        `a[b]`
    call                the type    (callee, *arguments)
    new                 arguments   (callee, *arguments)   `f<A, B>(x)`: `A, B`
    await                           (value,)
    yield                           (value,)
    spread                          (value,)
    function                        ()                     `function` is an index into ModuleFacts.functions
    class                           ()                     `function` is an index into ModuleFacts.classes
    object                          (property | spread …)
    property    the key, "" if computed  (value,)          shorthand: value is a name; methods: value is a function;
                                                           (value, key) if computed
    array                           (element …)            holes are `other`
    string      its value           ()
    number      as written          ()
    template    its first 2000    (substitution …)
    tagged      of its template     (tag, *substitutions)
    literal     true/false/null/undefined/regex   ()
    binary      the operator        (left, right)          also `??`, `||`, `&&`, `,`
    unary       the operator        (operand,)             also `typeof`, `void`, `delete`, `!`
    ternary                         (condition, then, else)
    assign      the operator        (target, value)        a pattern is `other` with its names below
    import                          (specifier,)           `import(x)`
    other                           (every expression found below)
    """

    kind: str
    start: int
    end: int
    text: str = ""
    children: tuple[Expr, ...] = ()
    function: int = -1
    type_text: str = ""

    def walk(self) -> Iterator[Expr]:
        """This expression and all below it, outermost first, left to right. Does not enter function bodies."""
        yield self
        for child in self.children:
            yield from child.walk()

    @property
    def callee(self) -> Expr:
        """What a `call` or `new` calls."""
        return self.children[0]

    @property
    def arguments(self) -> tuple[Expr, ...]:
        """The arguments of a `call` or `new`."""
        return self.children[1:]

    def property_value(self, key: str) -> Expr | None:
        """The value behind `key` of an `object` expression, or None."""
        for child in self.children:
            if child.kind == "property" and child.text == key:
                return child.children[0]
        return None

    def chain(self) -> tuple[str, ...] | None:
        """`("prisma", "user", "findMany")` for a plain member chain that starts at a name or `this`; else None."""
        names: list[str] = []
        node = self
        while node.kind == "member":
            names.append(node.text)
            node = node.children[0]
        if node.kind not in ("name", "this"):
            return None
        names.append(node.text or "this")
        return tuple(reversed(names))


@record()
class Import:
    """One imported name. `imported`: the exported name, `default`, or `*` for the namespace, `""` for side effects
    only.

    `form`: `es` or `import-equals`. `require("x")` and `import("x")` are expressions: the former a call, the latter
    of kind `import`.
    """

    specifier: str
    imported: str
    local: str
    form: str
    type_only: bool
    start: int
    end: int


@record()
class Export:
    """One exported name. `name`: the exported name, `default`, or `*`. Either `local` (a name of this module),
    `value` (an index into `roots`: `export default <expr>`, `exports.a = <expr>`, `module.exports = <expr>`, where
    the name is `module.exports`), or `specifier` with `imported` (a re-export; `*` for all)."""

    name: str
    local: str = ""
    value: int = -1
    specifier: str = ""
    imported: str = ""
    type_only: bool = False
    start: int = 0
    end: int = 0


@record()
class Binding:
    """One name that a scope declares.

    `kind`: const, let, var, function, class, param, import, catch, enum, namespace.
    `value` is an index into `roots` (the initialiser), `path` the way into it for a destructured name: `("data", "0")`.
    A rest element ends in `...`. Of an enum, `path` holds the names of its members.
    `type_text` is the annotation. `target` is the index of the function, class or import.
    For a parameter: `function` is its function and `position` its place (0-based).
    `default` is an index into `roots`: what stands for the name where a pattern finds nothing, `{ db = prisma }`.
    """

    name: str
    kind: str
    scope: int
    start: int
    value: int = -1
    path: tuple[str, ...] = ()
    type_text: str = ""
    target: int = -1
    function: int = -1
    position: int = -1
    default: int = -1


@record()
class Scope:
    """A region of the file. `kind`: module, function, class, block, loop, if, else, try, catch, finally, case, global
    (the body of `declare global`).

    `head` is an index into `roots`: the condition of an `if`/`else` or `while`, the iterated value of a `for … of`.
    `loop` is `of`, `in`, `for`, `while` or `do` for loops. `function` is the enclosing function (-1: module level).
    """

    kind: str
    start: int
    end: int
    parent: int
    function: int
    head: int = -1
    loop: str = ""
    awaits: bool = False
    names: dict[str, int] = field(default_factory=dict)


@record()
class Parameter:
    """One parameter: its names are bindings. `name` is "" for a pattern. `default` is an index into `roots`."""

    name: str
    start: int
    end: int
    type_text: str = ""
    optional: bool = False
    rest: bool = False
    default: int = -1
    names: tuple[str, ...] = ()
    decorators: tuple[str, ...] = ()


@record()
class Function:
    """A function of any form. `kind`: declaration, expression, arrow, method, getter, setter, constructor.

    `name` is its own, else that of the variable, property or field it is assigned to, else "". `owner` is the class
    (-1: none). `parent` is the enclosing function (-1: module level). `body_*` span the body with its braces, or the
    expression of an arrow. `type_parameters` are (name, what it extends or "").
    `is_private`: a method that says `private`, or `#`.
    """

    index: int
    name: str
    kind: str
    start: int
    end: int
    body_start: int
    body_end: int
    parameters: tuple[Parameter, ...]
    is_async: bool
    is_generator: bool
    expression_body: bool
    scope: int
    parent: int
    owner: int = -1
    return_type: str = ""
    decorators: tuple[str, ...] = ()
    is_static: bool = False
    type_parameters: tuple[tuple[str, str], ...] = ()
    is_private: bool = False


@record()
class Member:
    """A member of a class: a method (`function`), a field (`value`: an index into `roots`) or a constructor parameter
    property."""

    name: str
    kind: str
    function: int = -1
    value: int = -1
    type_text: str = ""
    is_static: bool = False
    start: int = 0


@record()
class Class:
    """A class. `extends` is an index into `roots` (-1: none); `implements` holds the type texts. `type_parameters` are
    (name, what it extends or "")."""

    index: int
    name: str
    start: int
    end: int
    extends: int
    implements: tuple[str, ...]
    members: tuple[Member, ...]
    decorators: tuple[str, ...]
    scope: int
    type_parameters: tuple[tuple[str, str], ...] = ()

    def member(self, name: str) -> Member | None:
        """The member called `name`, or None."""
        return next((m for m in self.members if m.name == name), None)


@record(eq=False)
class Root:
    """A maximal expression and where it stands. Every expression of the file lies in exactly one root.

    `role`: statement, declarator, return, throw, condition, iterated, default, field, extends, export-default,
    decorator, jsx, other. `start`/`end` span the whole statement for `statement`, `return` and `throw` and the
    declarator for `declarator`; `scope` is the innermost scope.
    """

    expr: Expr
    role: str
    start: int
    end: int
    scope: int
    function: int
    awaited: bool = False


@record()
class Suppression:
    """`// prismafix-ignore PF303 -- reason`. `line` is 1-based, of the comment; `codes` empty means all; `whole_file`
    for `-file`. `start`/`end` span the comment in bytes; `alone` when nothing else stands on its line."""

    line: int
    codes: tuple[str, ...]
    reason: str
    whole_file: bool
    start: int
    end: int
    alone: bool


@record()
class ModuleFacts:
    """Everything that one file says. `line_starts` are byte offsets. `errors` are the byte spans that did not parse."""

    size: int
    imports: tuple[Import, ...]
    exports: tuple[Export, ...]
    bindings: tuple[Binding, ...]
    scopes: tuple[Scope, ...]
    functions: tuple[Function, ...]
    classes: tuple[Class, ...]
    roots: tuple[Root, ...]
    directives: tuple[str, ...]
    suppressions: tuple[Suppression, ...]
    errors: tuple[tuple[int, int], ...]
    line_starts: Sequence[int]
    interfaces: tuple[TypeShape, ...] = ()

    def exported_value(self, export: Export) -> Expr | None:
        """The expression that an export gives out: what stands behind `export default` or `module.exports =`."""
        if export.value < 0:
            return None
        expr = self.roots[export.value].expr
        while expr.kind == "assign":
            expr = expr.children[1]
        return expr

    def line_of(self, offset: int) -> int:
        """The 1-based line of a byte offset."""
        return bisect_right(self.line_starts, offset)

    def scope_at(self, offset: int) -> int:
        """The innermost scope that holds the byte offset."""
        low, high = 0, len(self.scopes)
        while low < high:  # scopes are sorted by start: the last that starts at or before the offset
            middle = (low + high) // 2
            if self.scopes[middle].start <= offset:
                low = middle + 1
            else:
                high = middle
        found = low - 1
        while found > 0 and self.scopes[found].end <= offset:
            found = self.scopes[found].parent
        return max(found, 0)

    def lookup(self, name: str, scope: int) -> Binding | None:
        """What `name` is bound to, seen from `scope`; None for a global."""
        while scope >= 0:
            index = self.scopes[scope].names.get(name)
            if index is not None:
                return self.bindings[index]
            scope = self.scopes[scope].parent
        return None

    def roots_of(self, function: int) -> Iterator[Root]:
        """The roots directly inside a function (-1: module level), nested functions not included."""
        return (root for root in self.roots if root.function == function)


@record()
class TypeShape:
    """An interface or an object type alias: `members` are (name, type text; `(…) => …` for a method); `extends` the
    type texts; `alias` the text of an alias; `type_parameters` are (name, what it extends or "")."""

    name: str
    members: tuple[tuple[str, str], ...]
    extends: tuple[str, ...]
    alias: str
    start: int
    type_parameters: tuple[tuple[str, str], ...] = ()
