"""Small real rules and rewrites over real files: they find words in source files and replace them.

`Toy("PF301", "old", "fresh")` finds every `old(` and its fix writes `fresh(` instead. What a real rewrite may do
besides (several files, shared modules, imports, doubts, refusals) is switched on by the fields.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from prismafix.engine.model import Choose, Decide, Options, Proposal, Reported, Result
from prismafix.engine.run import run
from prismafix.facts.extract import extract
from prismafix.rewrites.model import Edit, Fix, NewFile, Prerequisite, Refusal
from prismafix.rules.model import Doubt, Finding, Intent, RemoveSuppression, Span, StripDisconnect
from prismafix.rules.registry import Rule
from prismafix.rules.registry import rule as known_rule
from prismafix.workspace.discover import discover_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from prismafix.engine.analysis import Build
    from prismafix.facts.model import ModuleFacts
    from prismafix.workspace.model import Problem
    from prismafix.workspace.workspace import Workspace

APPLY = Options(apply=True)
MANIFEST = json.dumps({"name": "toy", "dependencies": {"@prisma/client": "6.19.0"}})


@dataclass
class ToyProject:
    """The facts of every source file, extracted when asked for."""

    workspace: Workspace
    include_scripts: bool
    problems: tuple[Problem, ...] = ()
    known: dict[str, ModuleFacts] = field(default_factory=dict)

    def facts(self, path: str) -> ModuleFacts | None:
        if path not in self.workspace.source_files:
            return None
        if path not in self.known:
            self.known[path] = extract(self.workspace.read(path), Path(path).suffix)
        return self.known[path]

    def parts(self) -> Iterable[ToyProject]:
        return [self]

    def suppressing(self) -> list[str]:
        return list(self.workspace.source_files)

    def outcomes(self) -> dict[str, object]:
        return {}

    def learn(self, outcomes: Mapping[str, object]) -> None:
        assert not outcomes


def build(workspace: Workspace, *, include_scripts: bool, **_: object) -> ToyProject:
    return ToyProject(workspace, include_scripts)


@dataclass(frozen=True)
class Toy:
    """A rule and its fix. Toys with the same `group` share one fix over all of their findings.

    `doubts` are the rule's, `own_doubts` the rewrite's. `refuse` is a reason not to rewrite. `module` is a new file
    (path, content) that the fix needs and imports from. `reach`: so many bytes behind the word are part of the edit,
    so that fixes overlap. `scripts_only`: found in `scripts/`, and only if scripts are included. `fixable` False: a
    finding without an intent. `follows`: the word of another toy, whose fixes have to be there first.
    """

    code: str
    word: str
    replacement: str
    doubts: tuple[Doubt, ...] = ()
    own_doubts: tuple[Doubt, ...] = ()
    group: str = ""
    refuse: str = ""
    module: tuple[str, bytes] | None = None
    reach: int = 0
    scripts_only: bool = False
    fixable: bool = True
    follows: str = ""

    def spans(self, project: ToyProject) -> list[Span]:
        found = []
        for path in project.workspace.source_files:
            if path.startswith("scripts/") == self.scripts_only and (project.include_scripts or not self.scripts_only):
                data = project.workspace.read(path)
                matches = re.finditer(rb"\b" + self.word.encode() + rb"(?=\()", data)
                found += [Span(path, match.start(), match.end()) for match in matches]
        return found

    def edits(self, span: Span, data: bytes) -> list[Edit]:
        tail = data[span.end : span.end + self.reach].decode("utf-8", "ignore").encode()
        edit = Edit(span.path, span.start, span.end + len(tail), self.replacement.encode() + tail)
        return [edit, *(_import(span.path, data, self.replacement) if self.module is not None else ())]


@dataclass(frozen=True)
class Toys:
    """All toys of a test, as rules and as the one rewrite."""

    toys: tuple[Toy, ...]

    def rules(self) -> list[Rule]:
        return [Rule(toy.code, "toy", "safe", "", "toy", partial(self._check, toy)) for toy in self.toys]

    def _check(self, toy: Toy, project: ToyProject) -> Iterable[Finding]:
        group = [other for other in self.toys if other.group and other.group == toy.group]
        shared = tuple(span for other in group for span in other.spans(project))
        for span in toy.spans(project):
            intent = None
            if toy.fixable:
                title = f"Replace {toy.group or toy.word} in {span.path if not group else 'all files'}"
                first = [other for other in self.toys if toy.follows and other.word == toy.follows]
                after = tuple(span for other in first for span in other.spans(project))
                intent = Intent(StripDisconnect(shared or (span,)), title, toy.doubts, after)
            reason = "" if toy.fixable else "by hand"
            yield Finding(toy.code, span.path, span.start, span.end, f"{toy.word} is old", intent=intent, reason=reason)

    def rewrite(self, intent: Intent, workspace: Workspace) -> Fix | Refusal:
        if isinstance(intent.action, RemoveSuppression):
            return _remove_suppression(intent)
        assert isinstance(intent.action, StripDisconnect)
        edits: list[Edit] = []
        doubts: list[Doubt] = []
        needed: list[Prerequisite] = []
        for span in intent.action.disconnects:
            data = workspace.read(span.path)
            toy = next(toy for toy in self.toys if toy.word.encode() == data[span.start : span.end])
            if toy.refuse:
                return Refusal(toy.refuse)
            edits += toy.edits(span, data)
            doubts += toy.own_doubts
            if toy.module is not None and not workspace.exists(toy.module[0]):
                needed.append(Prerequisite(toy.module[0], (), (NewFile(*toy.module),)))
        return Fix(intent.title, tuple(dict.fromkeys(edits)), tuple(doubts), tuple(needed))


def _import(path: str, data: bytes, name: str) -> list[Edit]:
    """The import of `name`, put where it belongs in the sorted imports at the top; none when it is there."""
    line = f'import {{ {name} }} from "./shared"\n'.encode()
    at = 3 if data.startswith(b"\xef\xbb\xbf") else 0
    for found in re.finditer(rb"import [^\n]*\n", data):
        if found[0] == line:
            return []
        if found[0] < line:
            at = found.end()
    return [Edit(path, at, at, line)]


def _remove_suppression(intent: Intent) -> Fix:
    action = intent.action
    assert isinstance(action, RemoveSuppression)
    text = f"// prismafix-ignore {', '.join(action.keep_codes)}".encode() if action.keep_codes else b""
    return Fix(intent.title, (Edit(action.comment.path, action.comment.start, action.comment.end, text),))


def workspace_of(root: Path, files: Mapping[str, str | bytes]) -> Workspace:
    """Write the files of a project that uses Prisma, and discover it."""
    for path, content in {"package.json": MANIFEST, **files}.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content.encode() if isinstance(content, str) else content)
    return discover_workspace(root)


def run_toys(
    workspace: Workspace,
    toys: Sequence[Toy],
    options: Options = APPLY,
    *,
    choose: Choose | None = None,
    decide: Decide | None = None,
    group_by: Callable[[Proposal], str] | None = None,
) -> Result:
    """Run the engine with these rules (and the one for unused suppressions)."""

    box = Toys(tuple(toys))
    unused = known_rule("PF002")
    assert unused is not None
    rules = [unused, *box.rules()]
    return run(
        workspace,
        options,
        choose=choose,
        decide=decide,
        group_by=group_by,
        rules=rules,
        rewrite=box.rewrite,
        build=cast("Build", build),
    )


def after(workspace: Workspace, result: Result) -> Workspace:
    """The workspace with the result in it."""
    return workspace.with_overlay({change.path: change.after for change in result.changes})


def contents(workspace: Workspace, result: Result) -> dict[str, bytes]:
    """What every source file holds once the result is written."""
    changed = after(workspace, result)
    return {path: changed.read(path) for path in changed.source_files}


def states(result: Result) -> list[tuple[str, str, str]]:
    """(code, path:line, state) of every finding."""
    return [(r.finding.code, f"{r.finding.path}:{r.line}", r.state) for r in result.findings]


def only(result: Result) -> Reported:
    """The one finding of the result."""
    (reported,) = result.findings
    return reported
