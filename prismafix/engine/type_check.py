"""Fixes after which the project's own TypeScript reports what it did not report before are not made.

The fixes are applied in memory, and what they can have an effect on is compiled from there. What TypeScript said about
the same files before the first fix stays out of it. For a new error the fix is searched that brings it, between the
states after each fix; then everything is applied again without it, and checked again.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.engine.generated import not_generated
from prismafix.engine.model import AppliedFix, Choose, Proposal, StopReview, TypeCheck, TypeChecked
from prismafix.errors import UserError
from prismafix.typecheck.compare import moved_lines, new_errors
from prismafix.typecheck.node import Compiler, Contents, find_node, find_typescript

if TYPE_CHECKING:
    from prismafix.engine.analysis import Analysis, Progress
    from prismafix.engine.rounds import State, Steps
    from prismafix.typecheck.model import Diagnostic, Program

_SOURCES = (".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs")
_LONGEST_MESSAGE = 200

Apply = Callable[["Steps"], "State"]


def without_type_errors(
    first: Analysis, steps: Steps, apply: Apply, how: TypeCheck
) -> tuple[State, TypeChecked | None]:
    """Apply fixes with `apply`, as often as it takes until they bring no type error; what was checked is None if
    nothing was applied. `steps.choose` is asked once for each fix. Raises UserError where that cannot be checked."""
    steps = replace(steps, choose=_asked_once(steps.choose))
    barred: dict[str, str] = {}
    with _Check.opened(first, how, steps.progress) as check:
        while True:
            state = apply(replace(steps, barred=barred))
            culprits = check.culprits(state.fixes)
            if not culprits:
                return state, check.summary()
            barred |= culprits


def _asked_once(choose: Choose | None) -> Choose | None:
    """The user's choice, which remembers the answers. What comes up after the user wants to be asked no more is
    declined."""
    if choose is None:
        return None
    answers: dict[str, bool] = {}
    stopped = False

    def remembered(proposal: Proposal) -> bool:
        nonlocal stopped
        if proposal.fix_id not in answers:
            answers[proposal.fix_id] = False
            if stopped:
                return False
            try:
                answers[proposal.fix_id] = choose(proposal)
            except StopReview:
                stopped = True
                raise
        return answers[proposal.fix_id]

    return remembered


@dataclass(slots=True)
class _Part:
    """One program and what is known of it. `before` has the errors without any fix, of each file that was asked for,
    `before_alone` those of a file that is checked by itself; `clean` the contents that brought none, `files` and
    `known` how many files and old errors were seen then; `unresolved` the specifiers of packages that nothing is found
    for."""

    program: Program
    typescript: Path
    compiler: Compiler | None = None
    before: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    before_alone: dict[str, tuple[Diagnostic, ...]] = field(default_factory=dict)
    clean: Contents | None = None
    files: int = 0
    known: int = 0
    unresolved: tuple[str, ...] = ()

    def close(self) -> None:
        if self.compiler is not None:
            self.compiler.close()
            self.compiler = None


@dataclass(slots=True)
class _Check:
    """All programs that the fixes can have an effect on. The time that may be taken begins with the first of them, not
    while the user is asked."""

    first: Analysis
    how: TypeCheck
    node: str
    progress: Progress | None
    deadline: float | None = None
    parts: dict[tuple[Path, str | None, bool], _Part] = field(default_factory=dict)
    planned: set[str] = field(default_factory=set)
    versions: set[str] = field(default_factory=set)

    @classmethod
    @contextmanager
    def opened(cls, first: Analysis, how: TypeCheck, progress: Progress | None) -> Iterator[_Check]:
        check = cls(first, how, find_node(), progress)
        try:
            yield check
        finally:
            for part in check.parts.values():
                part.close()

    def culprits(self, fixes: Sequence[AppliedFix]) -> dict[str, str]:
        """The ids of the fixes that bring new errors, each with the reason to drop it."""
        if not fixes:
            for part in self.parts.values():
                part.files = 0
            return {}
        states = self._states(fixes)
        touched = [path for path, text in states[0].items() if text is not None and path.endswith(_SOURCES)]
        self._plan([path for path in touched if path not in self.planned])
        found: dict[int, list[Diagnostic]] = defaultdict(list)
        for number, part in enumerate(self.parts.values()):
            if part.clean == states[-1]:
                continue
            self._tell(number, 0, 1)
            blamed = self._check(number, part, states, fixes)
            for fix, errors in blamed.items():
                found[fix] += errors
            if not blamed:
                part.close()
        return self._reasons(found, fixes)

    def summary(self) -> TypeChecked | None:
        """What was looked at, once there is nothing left to drop."""
        if not self.parts:
            return None
        seen = [part for part in self.parts.values() if part.files]
        paths = {Path(path).relative_to(self.first.workspace.root).as_posix() for path in self.planned}
        return TypeChecked(
            versions=tuple(sorted(self.versions)),
            programs=len(seen),
            files=sum(part.files for part in seen),
            known_errors=sum(part.known for part in seen),
            not_generated=not_generated(self.first.workspace, paths),
            not_built=self._not_built(seen),
        )

    def _not_built(self, parts: Sequence[_Part]) -> tuple[str, ...]:
        """The names of packages of the workspace that are imported and lead nowhere."""
        names = {package.name for package in self.first.workspace.packages if package.name}
        wanted = {specifier for part in parts for specifier in part.unresolved}
        return tuple(sorted(n for n in names if any(one == n or one.startswith(n + "/") for one in wanted)))

    def _states(self, fixes: Sequence[AppliedFix]) -> list[dict[str, str | None]]:
        """The contents of all changed files before the first fix and after each."""
        root = self.first.workspace.root
        now: dict[str, str | None] = {}
        for change in (change for fix in fixes for change in fix.changes):
            now.setdefault(str(root / change.path), _text(change.before))
        states = [now]
        for fix in fixes:
            now = now | {str(root / change.path): _text(change.after) for change in fix.changes}
            states.append(now)
        return states

    def _plan(self, touched: Sequence[str]) -> None:
        """Find the programs of files, and of those that import them."""
        by_compiler: dict[Path, tuple[list[str], list[str]]] = defaultdict(lambda: ([], []))
        for number, paths in enumerate((touched, self._importers(touched))):
            for path in paths:
                typescript = find_typescript(Path(path).parent)
                if typescript is not None:
                    by_compiler[typescript][number].append(path)
                elif number == 0:
                    raise UserError(_not_installed(self.first, path))
        for typescript, (files, importers) in by_compiler.items():
            compiler = self._start(typescript)
            try:
                programs = compiler.plan(files, importers)
            finally:
                compiler.close()
            for program in programs:
                if program.broken is not None:
                    raise UserError(_incomplete(self.first, program))
                key = (typescript, program.config, program.unchecked)
                old = self.parts.get(key)
                roots = dict.fromkeys((*(old.program.roots if old else ()), *program.roots))
                self.parts[key] = _Part(replace(program, roots=tuple(roots)), typescript)
                if old is not None:
                    old.close()
        self.planned.update(touched)

    def _importers(self, touched: Sequence[str]) -> list[str]:
        """The files that import `touched`, or import one that does."""
        root, resolver = self.first.workspace.root, self.first.project.resolver
        waiting = [Path(path).relative_to(root).as_posix() for path in touched]
        seen = set(waiting)
        found = []
        while waiting:
            for module, _ in resolver.importers(waiting.pop()):
                if module not in seen:
                    seen.add(module)
                    waiting.append(module)
                    found.append(str(root / module))
        return sorted(path for path in found if Path(path).is_file())

    def _check(
        self, number: int, part: _Part, states: Sequence[Contents], fixes: Sequence[AppliedFix]
    ) -> dict[int, list[Diagnostic]]:
        """The fixes (indexes) that bring new errors into one program."""

        def told(done: int, total: int) -> None:
            self._tell(number, done, total)

        if part.compiler is None:
            part.compiler = self._start(part.typescript)
        compiler = part.compiler

        def new_in(state: Contents, paths: Sequence[str], said: Sequence[Diagnostic] | None = None) -> list[Diagnostic]:
            """The new errors among those that were `said`; without them each file is asked for alone."""
            alone = said is None
            before = part.before_alone if alone else part.before
            unknown = [path for path in paths if path not in before]
            if unknown:
                found = compiler.errors_in(part.program, states[0], unknown, alone=alone, told=told)
                before |= {path: tuple(one for one in found if one.path == path) for path in unknown}
            if said is None:
                said = compiler.errors_in(part.program, state, paths, alone=True, told=told)
            return new_errors([one for path in paths for one in before[path]], said, _moved(states[0], state))

        last = compiler.check(part.program, states[-1], states[0], told)
        new = new_in(states[-1], _paths(last.diagnostics), last.diagnostics)
        new = new_in(states[-1], _paths(new)) if new else []
        part.files, part.known, part.unresolved = last.files, len(last.diagnostics) - len(new), last.unresolved
        if not new:
            part.clean = states[-1]
            return {}

        def after(fix: int, paths: Sequence[str]) -> set[tuple[str, int]]:
            """Path and code of the new errors in `paths` once this fix and all before it are applied."""
            return {(error.path, error.code) for error in new_in(states[fix + 1], paths)}

        blamed: dict[int, list[Diagnostic]] = defaultdict(list)
        for candidates, errors in _by_candidates(new, last.reach, fixes, self.first.workspace.root).items():
            _search(candidates, errors, after, blamed)
        return blamed

    def _start(self, typescript: Path) -> Compiler:
        if self.deadline is None:
            self.deadline = time.monotonic() + self.how.timeout
        compiler = Compiler.start(self.node, typescript, self.first.workspace.root, self.deadline)
        self.versions.add(compiler.version)
        return compiler

    def _tell(self, number: int, done: int, total: int) -> None:
        if self.progress is not None:
            self.progress("types", number * total + done, len(self.parts) * total)

    def _reasons(self, found: Mapping[int, Sequence[Diagnostic]], fixes: Sequence[AppliedFix]) -> dict[str, str]:
        """Why each fix is dropped. What is wrong in a file that a fix makes is wrong for all that import it: whichever
        of them came first would make it."""
        root = self.first.workspace.root
        reasons: dict[str, str] = {}
        for number, errors in found.items():
            fix = fixes[number]
            made = {str(root / change.path) for change in fix.changes if change.before is None}
            others = [other for other in fixes if fix.fix_id in other.requires]
            shared = others if any(error.path in made for error in errors) else []
            for dropped in (fix, *shared):
                reasons.setdefault(dropped.fix_id, _reason(root, errors))
        return reasons


def _by_candidates(
    errors: Sequence[Diagnostic], reach: Mapping[str, Sequence[str]], fixes: Sequence[AppliedFix], root: Path
) -> dict[tuple[int, ...], list[Diagnostic]]:
    """The errors by the fixes (indexes) that may have brought them: those that change the file, or what it imports."""
    found: dict[tuple[int, ...], list[Diagnostic]] = defaultdict(list)
    for error in errors:
        behind = {error.path, *reach.get(error.path, ())}
        fitting = tuple(
            number
            for number, fix in enumerate(fixes)
            if any(str(root / change.path) in behind for change in fix.changes)
        )
        found[fitting or tuple(range(len(fixes)))].append(error)
    return found


def _search(
    candidates: Sequence[int],
    errors: Sequence[Diagnostic],
    after: Callable[[int, Sequence[str]], set[tuple[str, int]]],
    blamed: dict[int, list[Diagnostic]],
) -> None:
    """Note for each error the candidate that brings it: without it and those behind it the error is not there."""
    if len(candidates) == 1:
        blamed[candidates[0]] += errors
        return
    half = len(candidates) // 2
    there = after(candidates[half - 1], _paths(errors))
    early = [error for error in errors if (error.path, error.code) in there]
    late = [error for error in errors if (error.path, error.code) not in there]
    if early:
        _search(candidates[:half], early, after, blamed)
    if late:
        _search(candidates[half:], late, after, blamed)


def _paths(errors: Iterable[Diagnostic]) -> list[str]:
    return sorted({error.path for error in errors})


def _moved(before: Contents, after: Contents) -> dict[str, dict[int, int]]:
    return {path: moved_lines(before[path] or "", after[path] or "") for path in after if before[path] != after[path]}


def _text(data: bytes | None) -> str | None:
    return None if data is None else data.decode("utf-8", "replace").removeprefix("\ufeff")


def _reason(root: Path, errors: Sequence[Diagnostic]) -> str:
    first = min(errors, key=lambda error: (error.path, error.line, error.column))
    path = Path(first.path)
    place = path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
    message = first.summary
    if len(message) > _LONGEST_MESSAGE:
        message = message[:_LONGEST_MESSAGE].rstrip() + " …"
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    return f"with this fix TypeScript reports {place}:{first.line} TS{first.code} {message}{more}"


def _incomplete(first: Analysis, program: Program) -> str:
    text = f"{program.config}: {program.broken}".replace(f"{first.workspace.root}/", "")
    return f"--verify: {text.rstrip('.')}: make it (install, build, or as your framework does), then run this again"


def _not_installed(first: Analysis, path: str) -> str:
    root = first.workspace.root
    relative = Path(path).relative_to(root).as_posix()
    package = first.workspace.package_of(relative)
    where = (package.name or package.root if package is not None else "") or str(root)
    above = Path(path).parents
    if any((folder / ".pnp.cjs").exists() for folder in above):
        return f"--verify: {where} has no node_modules (Yarn Plug'n'Play): set `nodeLinker: node-modules` and install"
    if not any((folder / "node_modules").is_dir() for folder in above):
        return f"--verify: nothing is installed for {where} (no node_modules): install, then run this again"
    return (
        f"--verify: TypeScript is not installed for {where} (no typescript in node_modules): add it to the "
        "devDependencies and install, then run this again"
    )
