"""What a case is: `fixtures/<RULE>-<name>/<case>/` with `before/`, `after/` and `case.toml`.

No `after/` says that nothing may change.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).resolve().parents[2]
FIXTURES = REPOSITORY / "fixtures"
VERSIONS = ("5.22", "6.19", "7")

_RULE_FOLDER = re.compile(r"(PF\d{3})-([a-z-]+)")
_KEYS = {
    *("description", "example", "select", "unsafe", "include_scripts", "prisma", "why_not", "typecheck", "why"),
    *("runtime", "undetermined", "differs", "measured", "findings"),
}
_FINDING_KEYS = {"code", "path", "line", "column", "applicability"}
_OPTIONAL_KEYS = {"says"}
_MEASURES = {"statements", "connections", "in_flight"}


@dataclass(frozen=True, slots=True)
class Expected:
    """One expected finding. Line and column are 1-based, the column in UTF-16 units. `says` has to be part of its
    message or of its reason."""

    code: str
    path: str
    line: int
    column: int
    applicability: str
    says: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `after` is None when nothing may change; with `unsafe` it is the result of `--unsafe-fixes`.

    `prisma` are the versions it is compiled against; `why_not` says why one is missing, `why` why it is not
    compiled at all.

    With `runtime` both projects run with `scenario.mjs`, and tests/proof/README.md says what `undetermined`, `differs`
    and `measured` are.
    """

    folder: Path
    rule: str
    description: str
    select: tuple[str, ...]
    unsafe: bool
    include_scripts: bool
    prisma: tuple[str, ...]
    why_not: str
    typecheck: bool
    why: str
    runtime: bool
    undetermined: tuple[str, ...]
    differs: tuple[str, ...]
    measured: dict[str, dict[str, Any]]
    findings: tuple[Expected, ...]

    @property
    def name(self) -> str:
        """`PF101-client-per-call/alias`: unique, and the id of its test."""
        return self.folder.relative_to(self.folder.parents[1]).as_posix()

    @property
    def before(self) -> Path:
        """The project as it was."""
        return self.folder / "before"

    @property
    def after(self) -> Path | None:
        """The project as it has to be, or None when it must stay as it is."""
        folder = self.folder / "after"
        return folder if folder.is_dir() else None

    @property
    def flags(self) -> list[str]:
        """What the case adds to every command line."""
        flags = [f"--select={code}" for code in self.select]
        return [*flags, "--include-scripts"] if self.include_scripts else flags


class CaseError(ValueError):
    """A case folder is not as it should be; the message names the folder and what is wrong."""


def load(folder: Path) -> Case:
    """The case in `folder`. Raises CaseError for an incomplete folder and for a wrong `case.toml`."""
    match = _RULE_FOLDER.fullmatch(folder.parent.name)
    name = f"{folder.parent.name}/{folder.name}"
    if match is None:
        raise CaseError(f"{name}: the folder of a rule is called like PF101-client-per-call")
    strangers = {entry.name for entry in folder.iterdir()} - {"before", "after", "case.toml", "scenario.mjs"}
    if strangers:
        raise CaseError(f"{name}: holds {', '.join(sorted(strangers))}, which no case has")
    for part in ("before/package.json", "case.toml"):
        if not (folder / part).is_file():
            raise CaseError(f"{name}: {part} is missing")
    data = tomllib.loads((folder / "case.toml").read_text(encoding="utf-8"))
    if unknown := set(data) - _KEYS:
        raise CaseError(f"{name}: case.toml has unknown keys: {', '.join(sorted(unknown))}")
    findings = []
    for entry in data.get("findings", []):
        if set(entry) - _OPTIONAL_KEYS != _FINDING_KEYS:
            raise CaseError(f"{name}: a finding has the keys {', '.join(sorted(_FINDING_KEYS))}, maybe says: {entry}")
        findings.append(Expected(**entry))
    case = Case(
        folder=folder,
        rule=match[1],
        description=data.get("description", ""),
        select=tuple(data.get("select", ())),
        unsafe=data.get("unsafe", False),
        include_scripts=data.get("include_scripts", False),
        prisma=tuple(data.get("prisma", VERSIONS)),
        why_not=data.get("why_not", ""),
        typecheck=data.get("typecheck", True),
        why=data.get("why", ""),
        runtime=data.get("runtime", False),
        undetermined=tuple(data.get("undetermined", ())),
        differs=tuple(data.get("differs", ())),
        measured=data.get("measured", {}),
        findings=tuple(findings),
    )
    _check(case)
    return case


def _check(case: Case) -> None:
    if not case.description:
        raise CaseError(f"{case.name}: a case has a description")
    if not case.prisma or not set(case.prisma) <= set(VERSIONS):
        raise CaseError(f"{case.name}: prisma names versions out of {', '.join(VERSIONS)}")
    if len(case.prisma) < len(VERSIONS) and not case.why_not:
        raise CaseError(f"{case.name}: why_not says why it is not compiled against every version")
    if not case.typecheck and not case.why:
        raise CaseError(f"{case.name}: why says why it is not compiled")
    if case.runtime != (case.folder / "scenario.mjs").is_file():
        raise CaseError(f"{case.name}: a case with runtime = true has a scenario.mjs, and no other has")
    if case.runtime and case.after is None:
        raise CaseError(f"{case.name}: nothing changes, so there is nothing to compare at run time")
    if case.runtime != bool(case.measured) or any(set(part) != _MEASURES for part in case.measured.values()):
        raise CaseError(f"{case.name}: [measured] says what before and after cost: {', '.join(sorted(_MEASURES))}")
    if case.measured and set(case.measured) != {"before", "after"}:
        raise CaseError(f"{case.name}: [measured] has before and after")
    if case.differs and not case.unsafe:
        raise CaseError(f"{case.name}: a safe fix leaves every table as it was, so nothing differs")
    order = [(f.path, f.line, f.column, f.code) for f in case.findings]
    if order != sorted(order):
        raise CaseError(f"{case.name}: findings are sorted by path, line, column and code")
    if case.after is not None and not case.findings:
        raise CaseError(f"{case.name}: something changes, so something has been found")
    if case.after is not None and contents(case.before) == contents(case.after):
        raise CaseError(f"{case.name}: before and after are the same; leave after/ out")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below `folder` by its POSIX path, without what git keeps for itself."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


@cache
def folders() -> tuple[Path, ...]:
    """The folders of all cases, by name. `fixtures/demo` is no case."""
    return tuple(
        case
        for rule in sorted(FIXTURES.glob("PF*"))
        if rule.is_dir()
        for case in sorted(rule.iterdir())
        if case.is_dir()
    )
