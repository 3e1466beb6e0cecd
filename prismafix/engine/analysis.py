"""One look at the workspace: all findings, what hides them, and which belong to one fix."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from prismafix.engine.fingerprint import fingerprint, identity
from prismafix.engine.positions import Lines, lines_of
from prismafix.engine.selection import selector
from prismafix.engine.suppressions import UNUSED, Comments, Cover, covers, unused
from prismafix.facts.suppressions import suppressions_of_lines
from prismafix.workspace.settings import settings_of

if TYPE_CHECKING:
    from prismafix.engine.model import Options
    from prismafix.facts.model import Suppression
    from prismafix.project.model import FolderOptions, Project
    from prismafix.rules.model import Finding
    from prismafix.rules.registry import Rule
    from prismafix.workspace.workspace import Workspace

KNOWN = "in the baseline"
Progress = Callable[[str, int, int], None]
"""Told the stage (`facts`, `rules`, `fixes`), how much of it is done, and how much there is."""


class Build(Protocol):
    """Makes a project of a workspace: `prismafix.project.build.build_project`."""

    def __call__(
        self,
        workspace: Workspace,
        *,
        include_scripts: bool,
        chunk_size: int | None,
        depth: int,
        folders: tuple[FolderOptions, ...],
        max_bytes: int,
        previous: Project | None = None,
        progress: Callable[[int], None] | None = None,
    ) -> Project: ...


@dataclass(frozen=True, slots=True)
class Seen:
    """A finding of one analysis. `index` is its place in `Analysis.seen`; `unselected` says in words why it is not
    reported ("" when it is); `suppression` is the comment that suppresses it."""

    index: int
    finding: Finding
    identity: str
    fingerprint: str
    unselected: str
    suppression: Suppression | None

    @property
    def is_shown(self) -> bool:
        """Whether it is reported and not suppressed."""
        return not self.unselected and self.suppression is None

    @property
    def place(self) -> tuple[str, str, int]:
        """Code, path and byte offset."""
        return self.finding.code, self.finding.path, self.finding.start


@dataclass(frozen=True, slots=True)
class Analysis:
    """All findings of all rules on one state of the workspace, sorted by path, offset and code."""

    workspace: Workspace
    project: Project
    seen: tuple[Seen, ...]
    texts: dict[str, Lines] = field(default_factory=dict)

    def lines(self, path: str) -> Lines:
        """The file that a finding is about; empty when it cannot be read."""
        if path not in self.texts:
            self.texts[path] = lines_of(_read(self.workspace, path))
        return self.texts[path]

    def groups(self) -> list[tuple[Seen, ...]]:
        """The findings with an intent, those with the same intent together: each group is one fix, all or nothing. In
        a stable order: by the first finding of each that is reported and not suppressed (there is one in every group
        that is returned)."""
        members: dict[object, list[Seen]] = defaultdict(list)
        for seen in self.seen:
            if seen.finding.intent is not None:
                members[seen.finding.intent].append(seen)
        firsts = []
        for group in members.values():
            first = next((seen.index for seen in group if seen.is_shown), None)
            if first is not None:
                firsts.append((first, tuple(group)))
        return [group for _, group in sorted(firsts, key=lambda pair: pair[0])]


def analyse(
    workspace: Workspace,
    previous: Project | None = None,
    *,
    options: Options,
    rules: Sequence[Rule],
    build: Build,
    progress: Progress | None = None,
) -> Analysis:
    """Build the project and ask every rule. Rules that are not selected are asked too: a fix belongs to all of its
    findings, and a suppression is used whether or not its rule was selected."""
    project = _build(workspace, options, build, previous, progress, include_scripts=options.include_scripts)
    findings = list(_ask(project, rules, progress))
    hiding = _hiding(project, findings)
    used = _used(findings, hiding)
    idle = _idle(project, used, rules, hiding)
    if idle and not options.include_scripts:
        # A comment in a script suppresses what only `--include-scripts` reports: look there too before calling it
        # unused.
        scripts = _build(workspace, options, build, project, None, include_scripts=True)
        idle = _idle(project, used | _used(_ask(scripts, rules, None), hiding), rules, hiding)
    findings += idle
    why_hidden, known = selector(options), frozenset(options.baseline)
    findings.sort(key=lambda f: (f.path, f.start, f.code, f.end, f.message))
    texts: dict[str, Lines] = {}
    seen: list[Seen] = []
    ordinals: dict[str, int] = defaultdict(int)
    for finding in findings:
        if finding.path not in texts:
            texts[finding.path] = lines_of(_read(workspace, finding.path))
        key = identity(finding, texts[finding.path].data)
        mark = fingerprint(key, ordinals[key])
        by = next((cover.suppression for cover in _covers(finding, hiding)), None)
        hidden = why_hidden(finding) or (KNOWN if mark in known else "")
        seen.append(Seen(len(seen), finding, key, mark, hidden, by))
        ordinals[key] += 1
    return Analysis(workspace, project, tuple(seen), texts)


def _build(
    workspace: Workspace,
    options: Options,
    build: Build,
    previous: Project | None,
    progress: Progress | None,
    *,
    include_scripts: bool,
) -> Project:
    files = len(workspace.source_files)
    return build(
        workspace,
        include_scripts=include_scripts,
        chunk_size=options.chunk_size,
        depth=options.depth,
        folders=tuple((o.folder, o.chunk_size, o.include_scripts) for o in options.overrides if not o.patterns),
        max_bytes=options.max_bytes,
        previous=previous,
        progress=None if progress is None else lambda done: progress("facts", done, files),
    )


def _ask(project: Project, rules: Sequence[Rule], progress: Progress | None) -> Iterable[Finding]:
    """What the rules find, part by part. What two parts have found (in a module that both lead to) comes once."""
    done: set[tuple[str, str, int]] = set()
    for part in project.parts():
        found: list[Finding] = []
        for number, rule in enumerate(rules):
            if progress is not None:
                progress("rules", number, len(rules))
            found += rule.check(part)
        yield from (finding for finding in found if (finding.code, finding.path, finding.start) not in done)
        done.update((finding.code, finding.path, finding.start) for finding in found)
        del part
    if progress is not None:
        progress("rules", len(rules), len(rules))


def _hiding(project: Project, findings: Iterable[Finding]) -> dict[str, Comments]:
    """The suppression comments, by file: of the modules, and of the files outside of the code that a finding may be
    in."""
    found = {}
    for path in project.suppressing():
        facts = project.facts(path)
        if facts is not None:
            found[path] = Comments(facts.suppressions, facts.line_of)
    settings = {setting.path for setting in settings_of(project.workspace)}
    for path in {*settings, *(finding.path for finding in findings)}.difference(project.workspace.source_files):
        data = _read(project.workspace, path)
        comments = suppressions_of_lines(data)
        if comments:
            found[path] = Comments(comments, lines_of(data).line)
    return found


def _covers(finding: Finding, hiding: Mapping[str, Comments]) -> list[Cover]:
    comments = hiding.get(finding.path)
    return covers(finding.path, comments, finding.code, finding.start) if comments is not None else []


def _used(findings: Iterable[Finding], hiding: Mapping[str, Comments]) -> set[Cover]:
    return {cover for finding in findings for cover in _covers(finding, hiding)}


def _idle(project: Project, used: set[Cover], rules: Sequence[Rule], hiding: Mapping[str, Comments]) -> list[Finding]:
    known = [rule.code for rule in rules]
    found: list[Finding] = []
    if UNUSED not in known:
        return found
    for path, comments in sorted(hiding.items(), key=lambda item: item[0]):
        if comments.found:
            package = project.workspace.package_of(path)
            name = (package.name or package.root or None) if package is not None else None
            found += unused(path, comments, used, known, name)
    return found


def _read(workspace: Workspace, path: str) -> bytes:
    try:
        return workspace.read(path)
    except OSError:
        return b""
