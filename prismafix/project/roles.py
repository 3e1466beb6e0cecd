"""Who runs the code of a module: application, script, test, edge or browser."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.project.values import FunctionRef

if TYPE_CHECKING:
    from prismafix.facts.model import Expr, ModuleFacts
    from prismafix.project.evaluate import Evaluator
    from prismafix.project.syntax_index import ModuleIndex
    from prismafix.workspace.model import Package

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
_SCRIPT_FOLDERS = frozenset(
    ["scripts", "script", "seed", "seeds", "seeders", "migrations", "bin", "cli", "tools", "benchmarks"]
)
_SCRIPT_PACKAGES = frozenset(["scripts", "script", "seed", "seeds", "seeders", "migrations"])
_SCRIPT_NAME = re.compile(
    r"^(?:seed|seeds|seeder|migrate|backfill|cleanup-db|reset-db)(?:[.-].*)?\.[cm]?[jt]sx?$|[.-]seed\.[cm]?[jt]sx?$|^seed[A-Z-]"
)
_ROUTE = re.compile(
    r"(?:^|/)(?:route|page|layout|middleware|\+server|\+page\.server|\+layout\.server)\.[cm]?[jt]sx?$|(?:^|/)pages/api/"
)
_PLACE = "by its place"
_REACH = 50
"""So many modules are followed from one that looks like a test or script, to see whether the application uses it."""
_RUNNERS = re.compile(
    r"\b(?:tsx|ts-node(?:-dev)?|node|bun(?: run)?|vite-node|esno|jiti|babel-node|zx|esrun|nodemon|swc-node)\b"
)
_FILE = re.compile(r"(?:^|[\s\"'=])(\.{0,2}/?[\w@./-]+?\.[cm]?[jt]sx?)(?=$|[\s\"'&|;])")
_SERVING_KEYS = re.compile(r"^(?:start|dev|serve|develop|preview|watch|debug|prod|worker)(?::|$)")
_SERVING_METHODS = frozenset(("listen", "login", "serve", "launch", "bootstrap"))


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
        self._roles: dict[str, Role] = {}
        self._busy: set[str] = set()
        self._named: dict[str, dict[str, str]] = {}
        self._names: dict[str, list[str]] = defaultdict(list)

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
        if own is not None and not (own.reason.startswith(_PLACE) and self._serves(path)):
            return own
        importers = {module for module, _ in self.evaluator.resolver.importers(path)}
        if not importers and self._among_tests(path):
            return Role("test", "nothing imports it, and its folder holds tests")
        # Modules that only tests import are as often code of the application that is not wired up yet.
        if importers and len(importers) <= 20:
            kinds = {self.role(module).kind for module in importers}
            if kinds <= {"test", "script"} and "script" in kinds:
                return Role("script", "only scripts and tests import it")
        return Role(
            "application", "application code: neither a test nor a script by its place, its name or what runs it"
        )

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
                if place is not None and place.reason.startswith(_PLACE) and self._by_import(module) is None:
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
        package = self.workspace.package_of(path)
        root = package.root if package is not None else ""
        segments = folder.split("/") if folder else []
        if not _ROUTE.search(path):
            tests = [s for s in segments if s in _TEST_FOLDERS]
            if tests:
                return Role("test", f"{_PLACE}: in the folder {tests[0]}")
            inside = folder[len(root) :].strip("/").split("/")
            scripts = [s for s in inside if s in _SCRIPT_FOLDERS]
            scripts += [s for s in root.split("/") if s in _SCRIPT_PACKAGES]
            if scripts:
                return Role("script", f"{_PLACE}: in the folder {scripts[0]}")
            if _SCRIPT_NAME.search(name):
                return Role("script", f"{_PLACE}: a seed or migration by its name")
        if package is not None:
            key = self._scripts_of(package).get(path)
            if key is not None:
                return Role("script", f"run by the script {key} of {posixpath.join(package.root, 'package.json')}")
        return None

    def _scripts_of(self, package: Package) -> dict[str, str]:
        """Module to the `package.json` script that runs it; scripts that start a server are left out."""
        found = self._named.get(package.root)
        if found is None:
            found = {}
            commands = dict(package.scripts)
            if package.prisma_seed:
                commands["prisma.seed"] = package.prisma_seed
            for key, command in commands.items():
                if _SERVING_KEYS.match(key) or not (_RUNNERS.search(command) or key == "prisma.seed"):
                    continue
                for file in _FILE.findall(" " + command):
                    path = self.evaluator.resolver.file_at(posixpath.normpath(posixpath.join(package.root, file)))
                    if path is not None:
                        found.setdefault(path, key)
            entries = {
                self.evaluator.resolver.file_at(posixpath.normpath(posixpath.join(package.root, e)))
                for e in package.entry_points
            }
            serving = {
                self.evaluator.resolver.file_at(posixpath.normpath(posixpath.join(package.root, file)))
                for key, command in commands.items()
                if _SERVING_KEYS.match(key)
                for file in _FILE.findall(" " + command)
            }
            found = {
                path: key
                for path, key in found.items()
                if path not in serving and (path not in entries or key == "prisma.seed")
            }
            self._named[package.root] = found
        return found

    def _by_import(self, path: str) -> Role | None:
        for specifier in self.evaluator.store.specifiers(path):
            if specifier in _TEST_PACKAGES or specifier.startswith(("jest-", "@testcontainers/")):
                return Role("test", f"imports {specifier}")
        return None

    def _by_content(self, path: str) -> Role | None:
        own = self._by_import(path)
        if own is not None:
            return own
        if not self.evaluator.store.is_seed(path):
            return None  # not worth a parse: what follows shows in the text of modules that speak of clients
        facts = self.evaluator.facts(path) if self.evaluator.store.shows_role(path) else None
        if facts is not None and "use client" in facts.directives:
            return Role("browser", "a client component")
        runtime = facts.lookup("runtime", 0) if facts is not None else None
        if (
            facts is not None
            and runtime is not None
            and runtime.value >= 0
            and facts.roots[runtime.value].expr.text in ("edge", "experimental-edge")
        ):
            return Role("edge", "`runtime` is edge")
        unit = self.workspace.unit_of(path)
        if unit is not None and unit.target == "edge":
            return Role("edge", unit.evidence.text)
        if facts is None:
            return None
        reason = self._ends(path, facts)
        return Role("script", reason) if reason else None

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
            if callee.kind == "name" and callee.text in ("serve", "setInterval", "createServer"):
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
