"""What a rule says: findings, and the intents that a rewrite carries out. Plain data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from prismafix.workspace.model import Evidence

Applicability = Literal["safe", "unsafe", "none"]
Severity = Literal["warning", "error"]

ORDER: dict[Applicability, int] = {"safe": 0, "unsafe": 1, "none": 2}


def worst(*values: Applicability) -> Applicability:
    """The least applicable of several."""
    return max(values, key=ORDER.__getitem__)


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of one file, 0-based, end exclusive."""

    path: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why a fix is not safe: `applicability` is the best it can be, `text` what a person must look at or do."""

    applicability: Applicability
    text: str


@dataclass(frozen=True, slots=True)
class Construction:
    """One `new PrismaClient(…)` that goes. `span` is the `new` expression; `class_name` its local class name.

    `local` is the variable that holds the client ("" when it is used in place, as in `return new PrismaClient()` or a
    call's argument). `companions` are the pools and adapters that only this construction uses (PF106): spans of their
    `new` expressions.
    """

    span: Span
    class_name: str
    local: str
    companions: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedModule:
    """The module that holds the one client of a package, as an importer sees it.

    `path` is where it is (or will be); `specifier_style` hints are derived by the rewrite from the importer's other
    imports.
    `export` is the exported name, or `default`. `package_name` is set when importers must use the workspace package's
    name instead of a path (with `subpath`, such as "" or "/client"). `is_function` when it exports a memoised getter:
    uses become calls. `local` is what the client is called in the module itself, set when that is the one that uses it.
    """

    path: str
    export: str
    package_name: str | None = None
    subpath: str = ""
    is_function: bool = False
    aliases: tuple[tuple[str, tuple[str, ...]], ...] = ()
    local: str = ""


@dataclass(frozen=True, slots=True)
class NewSharedModule:
    """A shared module that must be made first: a prerequisite.

    Its text is derived from the construction at `source` (class import, arguments, `$extends` chain and what they need,
    adapter and pool included), with the `globalThis` guard when `guarded`. `language` is ts or js; `global_key` is
    unique in the workspace."""

    module: SharedModule
    source: Span
    language: Literal["ts", "js"]
    module_system: Literal["esm", "commonjs"]
    guarded: bool
    global_key: str
    lazy: bool = False


@dataclass(frozen=True, slots=True)
class HoistClient:
    """Use the shared client instead of the constructions, and strip the `$disconnect`s that belong to them."""

    constructions: tuple[Construction, ...]
    disconnects: tuple[Span, ...]
    shared: SharedModule
    create: NewSharedModule | None = None


@dataclass(frozen=True, slots=True)
class GuardClient:
    """Put the client of a shared module behind `globalThis`. `construction` is the whole initialiser (`new X(…)` with
    its
    `$extends` chain); `local` its variable; `broken` the spans of statements and declarations of a guard that does
    not hold (they are replaced)."""

    construction: Span
    local: str
    global_key: str
    language: Literal["ts", "js"]
    broken: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class StripDisconnect:
    """Remove the `$disconnect`s: each span is the `$disconnect` token."""

    disconnects: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class BatchReads:
    """`Promise.all(ids.map(id => client.model.findUnique({ where: { key: id } })))` becomes one `findMany`.

    `call` is the `Promise.all(…)` expression. `key` is the unique field; `model` the accessor; `nullable` for
    `findUnique`."""

    call: Span
    model: str
    key: str


@dataclass(frozen=True, slots=True)
class BoundFanOut:
    """At most `size` at a time. `call` is the `Promise.all(…)` expression.

    `limiter`: `p-map`, `p-limit` (a new one), the project's own chunk function (`chunk_helper`: its module and name),
    or None: slices in place where that is possible, else the helper `mapInChunks` in `helper` (made if
    `create_helper`). `prefer_helper` where the package has more than one fan-out to bound, or the callback is long.
    `works` are the `map` and `push` calls that start the work: where the list holds other promises too, each of them is
    handed to a limiter, a `p-limit` or the helper `limitConcurrency` in `limit_helper`."""

    call: Span
    size: int
    limiter: Literal["p-map", "p-limit"] | None
    chunk_helper: SharedModule | None
    helper: SharedModule
    create_helper: bool
    language: Literal["ts", "js"]
    module_system: Literal["esm", "commonjs"]
    prefer_helper: bool
    strict: bool = True
    works: tuple[Span, ...] = ()
    limit_helper: SharedModule | None = None


@dataclass(frozen=True, slots=True)
class CreateMany:
    """`Promise.all(items.map(item => client.model.create({ data })))` becomes `createMany`, or `createManyAndReturn`
    when `returning`."""

    call: Span
    model: str
    returning: bool


@dataclass(frozen=True, slots=True)
class UseTransactionClient:
    """Inside a transaction's callback, query through its own client. `clients` are the spans of the outer client's
    expression
    (`prisma`, `this.prisma`, `ctx.db`) in the queries; `transaction_client` is the parameter's name."""

    clients: tuple[Span, ...]
    transaction_client: str
    callback: Span
    add_parameter: bool = False


@dataclass(frozen=True, slots=True)
class AwaitQuery:
    """Put `await` in front of a query that nobody waits for; a `void` before it goes. `query` is the query's call."""

    query: Span


@dataclass(frozen=True, slots=True)
class PatchUrl:
    """Change parts of a connection string outside of the code. `value` are the bytes of its setting.

    `changes` are (`parameter` or `host`, name, new value), the name of a host's part being "host" or "port"; a
    parameter whose value is None goes. None of them is a secret: the rest of the URL is read from the file when the
    patch is made."""

    value: Span
    changes: tuple[tuple[Literal["parameter", "host"], str, str | None], ...]


OF_THE_POOL = ("pgbouncer", "connection_limit", "pool_timeout")
"""Parameters that mean nothing, or the wrong thing, in a URL past the pooler."""


@dataclass(frozen=True, slots=True)
class AddDirectUrl:
    """Give migrations a URL past the pooler, read from `variable`: as `directUrl` in the datasource whose `url` has the
    bytes `url`, or instead of the one that `prisma.config.*` reads there; and that variable beside each of `values`
    (settings in env files, made from what they hold)."""

    url: Span
    variable: str
    values: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class CapConcurrency:
    """Hold functions of a deployment file to a number of instances. `path` is the file, `caps` are (function,
    instances): a cap that is there is replaced."""

    path: str
    caps: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class GluedParameters:
    """Parameters that are appended to a connection string. `whole` is the expression (an assignment for `+=`), `base`
    what they are appended to. `values` are (name, parts): texts, already decoded, and spans of expressions.
    `as_text`: a string is needed there, also where the variable is not set."""

    whole: Span
    base: Span
    values: tuple[tuple[str, tuple[str | Span, ...]], ...]
    as_text: bool


@dataclass(frozen=True, slots=True)
class SetUrlParameters:
    """Set parameters with `URL` where they are appended to a connection string, all of one file."""

    glued: tuple[GluedParameters, ...]


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Options for the pool of a driver adapter.

    `holds` is what configures it: an object literal (`holder` is `options`), a URL that an object is put around
    (`url`), or the construction of a pool without arguments (`nothing`). `options` are (name, value), `pool.max` being
    `max` in the object `pool`. The first of them is read from the environment variable `variable`, if that is not "",
    as `reader` reads another one."""

    holds: Span
    holder: Literal["options", "url", "nothing"]
    options: tuple[tuple[str, int], ...]
    variable: str = ""
    reader: Span | None = None


@dataclass(frozen=True, slots=True)
class PatchAdapter:
    """Give driver adapters options of their pools, and take out of URLs what they ignore: `urls` are expressions in
    code and `settings` values in other files that lose the parameters `names`."""

    pools: tuple[PoolOptions, ...]
    urls: tuple[Span, ...] = ()
    settings: tuple[Span, ...] = ()
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DriverUrl:
    """A URL that a driver reads itself: an expression in code, or the value of a setting. `parameters` are (old name,
    name, value): the old one becomes the other in its place, or goes where `name` is "" or there already; with an old
    name of "" it is added."""

    place: Span
    parameters: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class SetDriverParameters:
    """Write a driver's own parameters into the URLs that it is given as strings."""

    urls: tuple[DriverUrl, ...]


@dataclass(frozen=True, slots=True)
class RemoveSuppression:
    """Delete codes from a suppression comment, or the whole comment when `codes` is empty."""

    comment: Span
    keep_codes: tuple[str, ...]


Action = (
    HoistClient
    | GuardClient
    | StripDisconnect
    | BatchReads
    | BoundFanOut
    | CreateMany
    | UseTransactionClient
    | AwaitQuery
    | PatchUrl
    | AddDirectUrl
    | CapConcurrency
    | SetUrlParameters
    | SetDriverParameters
    | PatchAdapter
    | RemoveSuppression
)


@dataclass(frozen=True, slots=True)
class Intent:
    """What should be done. `doubts` are what the rule knows against `safe`; the rewrite may add its own.

    `title` is one line in the imperative, for a commit message: "Use the shared client in app/api/users/route.ts".
    `after` are findings of the same code, by the expression they start with, whose fixes have to be there first.
    """

    action: Action
    title: str
    doubts: tuple[Doubt, ...] = ()
    after: tuple[Span, ...] = ()

    @property
    def applicability(self) -> Applicability:
        """The best that the rule can promise."""
        return worst("safe", *(d.applicability for d in self.doubts))


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong. `start`/`end` are bytes of the file; the engine makes lines and columns of them.

    Findings that share one `Intent` object share one fix. `label` is the short text under the caret of the code frame
    (may be "").
    `reason` says why there is no better fix when `intent` is None. `symbol` is the enclosing function's or class's
    name ("" at module level)."""

    code: str
    path: str
    start: int
    end: int
    message: str
    evidence: tuple[Evidence, ...] = ()
    intent: Intent | None = None
    reason: str = ""
    severity: Severity = "warning"
    label: str = ""
    package: str | None = None
    symbol: str = ""
