"""Every case: what is found, what the diff says, what it leads to, that it stays there, and that it compiles."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from prismafix.report.diff import patch
from prismafix.report.json_report import to_report
from prismafix.syntax.dialect import DIALECTS, dialect_of
from prismafix.syntax.parsing import error_count, parse

from .cases import REPOSITORY, Case, contents, folders, load
from .said import analysed, expected, project, said

if TYPE_CHECKING:
    from .typechecking import Diagnostics

CASES = [pytest.param(folder, id=f"{folder.parent.name}/{folder.name}") for folder in folders()]


def prismafix(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The real program in `cwd`. An exit code that says "wrong use" or a traceback fails the test."""
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY)}
    done = subprocess.run(
        [sys.executable, "-m", "prismafix", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert done.returncode in (0, 1), done.stdout.decode() + done.stderr.decode()
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done


def fix_flags(case: Case) -> list[str]:
    """The flags of `fix` that lead to the case's `after`."""
    return [*case.flags, *(["--unsafe-fixes"] if case.unsafe else [])]


@pytest.mark.parametrize("folder", CASES)
def test_findings(folder: Path, tmp_path: Path, report_schema: Any) -> None:
    case = load(folder)
    result = analysed(case, project(case, tmp_path / "project"))
    report: dict[str, Any] = to_report(result)
    jsonschema.validate(report, report_schema)
    keys = ("code", "path", "line", "column", "applicability")
    found = [{key: finding[key] for key in keys} for finding in report["findings"]]
    assert found == [{key: getattr(wanted, key) for key in keys} for wanted in case.findings], "\n".join(
        f"{f['path']}:{f['line']}:{f['column']} {f['code']} {f['applicability']} {f['message']} ({f['reason']})"
        for f in report["findings"]
    )
    for finding, wanted in zip(report["findings"], case.findings, strict=True):
        assert wanted.says in f"{finding['message']} {finding['reason']}"
    assert report["errors"] == []
    assert said(case, result) == expected(case), "if that is meant: python -m tests.fixtures_harness.said"


@pytest.mark.parametrize("folder", CASES)
def test_diff(folder: Path, tmp_path: Path) -> None:
    case = load(folder)
    place = project(case, tmp_path / "project")
    before, wanted = contents(case.before), contents(case.after or case.before)

    result = analysed(case, place, fix=True)
    assert contents(place) == before, "the analysis wrote into the project"
    apply(patch(result.changes), place)
    assert_same(contents(place), wanted)
    for path, data in wanted.items():
        if Path(path).suffix in DIALECTS:
            errors = error_count(parse(data, dialect_of(path)))
            assert errors <= (error_count(parse(before[path], dialect_of(path))) if path in before else 0), path
    assert case.after is None or analysed(case, place, fix=True).changes == (), "a second run changes something"


@pytest.mark.parametrize("folder", [param for param in CASES if load(param.values[0]).after])
def test_fix(folder: Path, tmp_path: Path) -> None:
    case = load(folder)
    place = project(case, tmp_path / "project")
    prismafix(place, "fix", *fix_flags(case))
    assert case.after is not None
    assert_same(contents(place), contents(case.after))


def apply(text: bytes, place: Path) -> None:
    """Let git apply a patch."""
    if text:
        subprocess.run(["git", "apply", "-"], cwd=place, input=text, check=True)


def assert_same(got: dict[str, bytes], wanted: dict[str, bytes]) -> None:
    """Compare file by file, so that a failure shows text."""
    for path in sorted(wanted.keys() & got.keys()):
        assert got[path].decode() == wanted[path].decode(), path
    assert sorted(got) == sorted(wanted)


@pytest.mark.parametrize("folder", CASES)
def test_compiles(folder: Path, diagnostics: dict[str, Diagnostics]) -> None:
    case = load(folder)
    if not case.typecheck:
        assert case.why
        return
    said = {
        f"{version}: {line}"
        for version in case.prisma
        for part in ("before", "after")
        for line in diagnostics[version].get(f"{case.name}/{part}", [])
    }
    assert said == set()
    assert all(f"{case.name}/before" in diagnostics[version] for version in case.prisma)
