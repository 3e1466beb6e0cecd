"""Who runs the code of a module: application, script, test, edge or browser."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.project.denote.values import FunctionRef
from prismafix.project.running.conventions import is_middleware, is_route, runs_on_edge
from prismafix.project.running.starts import Starts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.denote.evaluate import Evaluator
    from prismafix.project.index.syntax_index import ModuleIndex

RoleKind = Literal["application", "script", "test", "edge", "browser"]

_TEST_FOLDERS = frozenset(
    [
        "__tests__",
        "__test__",
        "__mocks__",
        "__fixtures__",
        "test",
        "tests",
        "e2e",
        "cypress",
        "playwright",
        "spec",
        "specs",
        "testing",
        "test-utils",
        "fixtures",
        "mocks",
        "testutils",
        "integration-tests",
        "e2e-tests",
    ]
)
_TEST_NAME = re.compile(
    r"\.(?:test|spec|e2e|e2e-spec|cy|stories|bench|mock)\.[cm]?[jt]sx?$|^(?:jest|vitest|playwright)\.|(?:^|[.-])setup-?[tT]ests?\."
)
_TEST_PACKAGES = frozenset(
    (
        "vitest",
        "testcontainers",
        "@jest/globals",
        "jest",
        "@playwright/test",
        "node:test",
        "mocha",
        "chai",
        "jest-mock-extended",
        "vitest-mock-extended",
        "supertest",
        "@nestjs/testing",
        "bun:test",
        "ava",
    )
)
_SURE_TEST_FOLDERS = frozenset(("__tests__", "__test__", "__mocks__", "__fixtures__"))
"""No framework's convention makes an entry of the application of what is in these."""
_START_FOLDERS = frozenset(("scripts", "script", "bin", "cli", "tools"))
"""What a process is started from may lie in these."""
_SCRIPT_FOLDERS = frozenset(
    ["scripts", "script", "seed", "seeds", "seeders", "migrations", "bin", "cli", "tools", "benchmarks"]
)
_SCRIPT_PACKAGES = frozenset(["scripts", "script", "seed", "seeds", "seeders", "migrations"])
_SCRIPT_NAME = re.compile(
    r"^(?:seed|seeds|seeder|migrate|backfill|cleanup-db|reset-db)(?:[.-].*)?\.[cm]?[jt]sx?$|[.-]seed\.[cm]?[jt]sx?$|^seed[A-Z-]"
)
_PLACE = "by its place"
_RUN = "run "
_REACH = 50
"""So many modules are followed from one that looks like a test or script, to see whether the application uses it."""
_MOST_IMPORTERS = 20
"""A module with more importers is taken for one of the application without a look at them."""
_FEW = 2
"""So many importers of the application are looked at for whether they import types only."""
_SERVING_METHODS = frozenset(("listen", "login", "serve", "launch", "bootstrap", "schedule", "scheduleJob", "consume"))
_SERVING_NAMES = frozenset(("serve", "setInterval", "createServer", "Worker", "CronJob"))
_STAYS = re.compile(
    rb"\.listen\(|\bcreateServer\(|\bserve\(|\.launch\(|\bcron\.schedule\(|\bscheduleJob\(|\bnew CronJob\(|\.consume\("
    rb"|\bclient\.login\(|\bbot\.start\(|NestFactory\.create|\bstartStandaloneServer\(|\beachMessage\b"
)
"""The text of a module whose program stays: a server, a bot, a worker."""
_QUEUES = frozenset(("bullmq", "bull", "bee-queue", "pg-boss", "graphile-worker", "agenda"))
_STAYS_AT_QUEUE = re.compile(rb"\bnew Worker\(|\.process\(|\.work\(|\brun\(|\.define\(")
_JOBS = ("@trigger.dev/sdk", "inngest", "@inngest/", "@defer/client", "@upstash/workflow")
_DEFINES_JOB = re.compile(rb"\b(?:task|schemaTask|defineJob|createFunction|defer|serve)\(")
_HANDLER = re.compile(rb"\bexport\s+(?:const|async\s+function|function)\s+handler\b|\bexports\.handler\b")
_CLIENT_MODULES = frozenset(("remix", "react-router"))
_CLIENT_NAME = re.compile(r"(?:^|/)app/(?:.*/)?(?:[^/]+\.client|entry\.client)\.[cm]?[jt]sx?$|(?:^|/)\.client/")
_EDGE = re.compile(rb"\bruntime\b[^\n]{0,20}[\"'](?:experimental-)?edge[\"']")
_DIRECTIVE = re.compile(rb"""\A(?:\xef\xbb\xbf)?(?:\s+|//[^\n]*\n|/\*.*?\*/)*["']use (client|server)["']""", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Role:
    """`reason` is one clause for the evidence: "called by the `db:seed` script"."""

    kind: RoleKind
    reason: str


class Roles:
    """Roles of modules, on demand."""

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.workspace = evaluator.store.workspace
        self.starts = Starts(self.workspace, evaluator.resolver.file_at)
        self._roles: dict[str, Role] = {}
        self._busy: set[str] = set()
        self._names: dict[str, list[str]] = defaultdict(list)
        self._directives: dict[str, str] = {}

    def role(self, path: str) -> Role:
        """The role of a module. A module that no entry is seen to reach counts as application code."""
        found = self._roles.get(path)
        if found is None:
            if path in self._busy or len(self._busy) > 8:
                return Role("application", "imported in a cycle")
            self._busy.add(path)
            try:
                found = self._roles[path] = self._role(path)
            finally:
                self._busy.discard(path)
        return found

    def _role(self, path: str) -> Role:
        own = self._by_place(path) or self._by_content(path)
        if own is not None and not (own.reason.startswith((_PLACE, _RUN)) and self._serves(path)):
            return own
        if self._entry(path):
            return Role("application", f"application code: {self._entry(path)}")
        importers = {module for module, _ in self.evaluator.resolver.importers(path)}
        if not importers and self._among_tests(path):
            return Role("test", "nothing imports it, and its folder holds tests")
        if importers and len(importers) <= _MOST_IMPORTERS:
            found = self._by_importers(path, importers)
            if found is not None and not self._stays(path):
                return found
        return Role(
            "application", "application code: neither a test nor a script by its place, its name or what runs it"
        )

    def _by_importers(self, path: str, importers: set[str]) -> Role | None:
        """What only code of one kind imports is of that kind."""
        kinds: dict[str, RoleKind] = {}
        for module in sorted(importers):
            kinds[module] = self.role(module).kind
            if list(kinds.values()).count("application") > _FEW:
                return None
        if "script" in kinds.values():  # what the application takes of it may be types
            kinds = {m: kind for m, kind in kinds.items() if kind != "application" or self._imports_value(m, path)}
        # Modules that only tests import are as often code of the application that is not wired up yet.
        found = set(kinds.values())
        if "script" in found and found <= {"test", "script"}:
            return Role("script", "only scripts and tests import it")
        if found == {"edge"}:
            return Role("edge", "only code that runs on the edge imports it")
        if found <= {"browser", "test"} and "browser" in found and self._in_browser(path, kinds):
            return Role("browser", "only client components import it")
        return None

    def _in_browser(self, path: str, importers: Mapping[str, RoleKind]) -> bool:
        """Whether a module goes to the browser with the client components that import it: not a server action, none
        that builds a client, and not one of which only types are imported."""
        if self._directive(path) == "server" or self.evaluator.store.mentions(path, "PrismaClient"):
            return False
        if {"server-only", "@prisma/client"} & set(self.evaluator.store.specifiers(path)):
            return False
        return any(kind == "browser" and self._imports_value(module, path) for module, kind in importers.items())

    def _imports_value(self, importer: str, path: str) -> bool:
        """Whether a module imports more than types from another one."""
        theirs, ours = self.evaluator.facts(importer), self.evaluator.facts(path)
        if theirs is None or ours is None:
            return False
        types = {shape.name for shape in ours.interfaces}
        specifiers = {s for m, s in self.evaluator.resolver.importers(path) if m == importer}
        items = [item for item in theirs.imports if item.specifier in specifiers]
        passed_on = any(export.specifier in specifiers and not export.type_only for export in theirs.exports)
        # `require` and `import()` are expressions: they take what runs
        return not items or passed_on or any(not item.type_only and item.imported not in types for item in items)

    def _among_tests(self, path: str) -> bool:
        """Whether at least half of the other source files of the folder are tests by their names, none of this
        module."""
        folder, own = posixpath.split(path)
        others = [name for name in self._names_in(folder) if name != own]
        tests = [name for name in others if _TEST_NAME.search(name)]
        subject = own.rsplit(".", 1)[0] + "."
        return len(tests) > 1 and len(tests) * 2 >= len(others) and not any(t.startswith(subject) for t in tests)

    def _names_in(self, folder: str) -> list[str]:
        """The names of the source files of a folder."""
        if not self._names:
            for path in self.workspace.source_files:
                parent, _, name = path.rpartition("/")
                self._names[parent].append(name)
        return self._names.get(folder, [])

    def _serves(self, path: str) -> bool:
        """Whether the application imports a module that looks like a test or script by its place, directly or through
        others that look so too: `src/modules/tests/` may well be the exams of a school."""
        seen, todo = {path}, [path]
        while todo and len(seen) < _REACH:
            for module, _ in self.evaluator.resolver.importers(todo.pop()):
                if module in seen:
                    continue
                seen.add(module)
                place = self._by_place(module)
                if place is not None and place.reason.startswith((_PLACE, _RUN)) and self._by_import(module) is None:
                    todo.append(module)
                elif place is None and self._by_content(module) is None:
                    return True
        return False

    def is_aside(self, path: str) -> bool:
        """Whether a module is a test or a script by its place or by what it imports, without a look at its facts."""
        return self._by_place(path) is not None or self._by_import(path) is not None

    def _by_place(self, path: str) -> Role | None:
        folder, name = posixpath.split(path)
        if _TEST_NAME.search(name):
            return Role("test", "a test by its name")
        segments = folder.split("/") if folder else []
        hard = next((s for s in segments if s in _SURE_TEST_FOLDERS), None)
        if hard is not None:
            return Role("test", f"{_PLACE}: in the folder {hard}")
        start = self.starts.of(path)
        if start is not None and start.kind == "test":
            return Role("test", start.reason)
        if self._entry(path):
            return None
        found = self._by_folder(path)
        if found is not None:
            return None if self._defines_job(path) else found
        if start is not None and start.kind == "script" and (start.seed or not self._stays(path)):
            return Role("script", start.reason)
        return None

    def _by_folder(self, path: str) -> Role | None:
        """A test or script by the names of its folders and its own."""
        folder, name = posixpath.split(path)
        package = self.workspace.package_of(path)
        root = package.root if package is not None else ""
        tests = [s for s in folder.split("/") if s in _TEST_FOLDERS]
        if tests:
            return Role("test", f"{_PLACE}: in the folder {tests[0]}")
        inside = folder[len(root) :].strip("/").split("/")
        scripts = [s for s in inside if s in _SCRIPT_FOLDERS]
        scripts += [s for s in root.split("/") if s in _SCRIPT_PACKAGES]
        start = self.starts.of(path)
        if start is not None and start.kind == "process" and set(scripts) <= _START_FOLDERS:
            scripts = []  # `bin/server.js`, that `start` runs
        if scripts:
            return Role("script", f"{_PLACE}: in the folder {scripts[0]}")
        scripts = [s for before, s in itertools.pairwise(inside) if before == "prisma" and s.startswith("seed")]
        if scripts:
            return Role("script", f"{_PLACE}: in the folder {scripts[0]}, beside the schema")
        if _SCRIPT_NAME.search(name):
            return Role("script", f"{_PLACE}: a seed or migration by its name")
        return None

    def _entry(self, path: str) -> str:
        """Why the application begins at a module: a framework's convention, or a function of its own; "" if it does
        not."""
        if is_route(self.workspace, path):
            return "the framework calls it by its place"
        unit = self.workspace.unit_of(path)
        if unit is None:
            return ""
        inside = path[len(unit.root) :].strip("/")
        if unit.kind == "function" and (not inside or inside.count("/") == 0):
            return unit.evidence.text
        if unit.kind == "function-file" and not any(part.startswith(("_", ".")) for part in inside.split("/")):
            return unit.evidence.text
        start = self.starts.of(path)
        return start.reason if unit.kind == "worker" and start is not None and start.kind == "process" else ""

    def _defines_job(self, path: str) -> bool:
        """Whether a module that looks like a script by its place holds what a platform calls: a server action, a
        Lambda handler, a background job."""
        package = self.workspace.package_of(path)
        if self._directive(path) == "server":
            return True
        if package is not None and package.target == "serverless" and _HANDLER.search(self._bytes(path)):
            return True
        jobs = any(specifier.startswith(_JOBS) for specifier in self.evaluator.store.specifiers(path))
        return jobs and _DEFINES_JOB.search(self._bytes(path)) is not None

    def _stays(self, path: str) -> bool:
        """Whether the text of a module starts what stays: a server, a bot, a worker at a queue."""
        data = self._bytes(path)
        if _STAYS.search(data):
            return True
        queues = not _QUEUES.isdisjoint(self.evaluator.store.specifiers(path))
        return queues and _STAYS_AT_QUEUE.search(data) is not None

    def _directive(self, path: str) -> str:
        """`client` or `server` for a module that begins with `'use client'` or `'use server'`, else ""."""
        found = self._directives.get(path)
        if found is None:
            match = _DIRECTIVE.match(self._bytes(path)[:4000])
            found = self._directives[path] = match[1].decode() if match else ""
        return found

    def _bytes(self, path: str) -> bytes:
        try:
            return self.workspace.read(path)
        except OSError:
            return b""

    def _by_import(self, path: str) -> Role | None:
        for specifier in self.evaluator.store.specifiers(path):
            if specifier in _TEST_PACKAGES or specifier.startswith(("jest-", "@testcontainers/")):
                return Role("test", f"imports {specifier}")
        return None

    def _by_content(self, path: str) -> Role | None:
        own = self._by_import(path)
        if own is not None:
            return own
        if self._directive(path) == "client":
            return Role("browser", "a client component")
        package = self.workspace.package_of(path)
        if package is not None and package.frameworks & _CLIENT_MODULES and _CLIENT_NAME.search(path):
            return Role("browser", "a client module by its name")
        unit = self.workspace.unit_of(path)
        if unit is not None and unit.target == "edge":
            return Role("edge", unit.evidence.text)
        if not self.evaluator.store.is_seed(path):
            return self._edge_route(path)  # the rest is not worth a parse: it shows in the text of seeds
        facts = self.evaluator.facts(path) if self.evaluator.store.shows_role(path) or is_middleware(path) else None
        if facts is None:
            return None
        edge = runs_on_edge(self.workspace, path, facts)
        if edge:
            return Role("edge", edge)
        reason = self._ends(path, facts)
        return Role("script", reason) if reason else None

    def _edge_route(self, path: str) -> Role | None:
        """The role of a module that no finding can be in, for the sake of what it imports."""
        data = self._bytes(path)
        if not is_middleware(path) and not (b"edge" in data and _EDGE.search(data)):
            return None
        facts = self.evaluator.facts(path)
        edge = runs_on_edge(self.workspace, path, facts) if facts is not None else ""
        return Role("edge", edge) if edge else None

    def _ends(self, path: str, facts: ModuleFacts) -> str:
        """Why the module is a program that ends after one run: it runs at import and disconnects or exits itself. ""
        if it is none."""
        index = self.evaluator.index(path)
        if not any(name in index.members for name in ("$disconnect", "exit")):
            return ""
        for use in index.calls:
            callee = use.expr.callee
            if callee.kind == "member" and callee.text in _SERVING_METHODS:
                return ""
            if callee.kind == "name" and callee.text in _SERVING_NAMES:
                return ""
        for root in facts.roots:
            if root.function >= 0 or root.role not in ("statement", "declarator"):
                continue
            called = self._called(path, root.expr, root.scope)
            if called is None:
                if root.expr.kind == "await" and root.role == "statement" and _mentions(root.expr, "$disconnect"):
                    return "disconnects at the end of its own top level"
                continue
            chain_ends = _mentions_in_functions(facts, index, root.expr)
            body = facts.functions[called.index]
            inside = any(
                body.start <= use.expr.start < body.end and use.root.function == called.index
                for name in ("$disconnect", "exit")
                for use in index.members.get(name, ())
            )
            exported = any(e.local == body.name and e.name != "default" for e in facts.exports)
            if (chain_ends or inside) and not exported:
                return "calls its own main function and ends"
        return ""

    def _called(self, path: str, expr: Expr, scope: int) -> FunctionRef | None:
        """The function of this module that `main()`, `main().catch(…)`, `await main()` or an IIFE calls."""
        while True:
            if expr.kind in ("await", "unary") and expr.children:
                expr = expr.children[0]
            elif (
                expr.kind == "call"
                and expr.callee.kind == "member"
                and expr.callee.text in ("then", "catch", "finally")
            ):
                expr = expr.callee.children[0]
            else:
                break
        if expr.kind != "call":
            return None
        value = self.evaluator.value(path, expr.callee, scope)
        return value if isinstance(value, FunctionRef) and value.path == path else None


def _mentions(expr: Expr, member: str) -> bool:
    return any(part.kind == "member" and part.text == member for part in expr.walk())


def _mentions_in_functions(facts: ModuleFacts, index: ModuleIndex, expr: Expr) -> bool:
    """Whether a chain disconnects or exits in one of its links."""
    if _mentions(expr, "$disconnect"):
        return True
    while expr.kind in ("call", "await", "unary", "member") and expr.children:
        if expr.kind == "call" and expr.callee.kind == "member" and expr.callee.text in ("then", "catch", "finally"):
            for argument in expr.arguments:
                if argument.kind == "function":
                    body = facts.functions[argument.function]
                    for name in ("$disconnect", "exit"):
                        if any(body.start <= use.expr.start < body.end for use in index.members.get(name, ())):
                            return True
        expr = expr.children[0]
    return False
