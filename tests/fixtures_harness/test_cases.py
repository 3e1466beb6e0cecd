"""Every case: what is found, what the diff says, what it leads to, that it stays there, and that it compiles."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from prismafix.syntax.dialect import DIALECTS, dialect_of
from prismafix.syntax.parsing import error_count, parse

from .cases import REPOSITORY, Case, contents, folders, load

if TYPE_CHECKING:
    from .typechecking import Diagnostics

CASES = [pytest.param(folder, id=f"{folder.parent.name}/{folder.name}") for folder in folders()]


def prismafix(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[bytes]:
    """The real program in `cwd`. An exit code that says "wrong use" or a traceback fails the test."""
    environment = {**os.environ, "NO_COLOR": "1", "PYTHONPATH": str(REPOSITORY)}
    run = subprocess.run(
        [sys.executable, "-m", "prismafix", *arguments],
        cwd=cwd,
        env=environment,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert run.returncode in (0, 1), run.stdout.decode() + run.stderr.decode()
    assert b"Traceback" not in run.stderr, run.stderr.decode()
    return run


def project(case: Case, place: Path) -> Path:
    """A copy of the case's `before` in a repository of its own."""
    shutil.copytree(case.before, place)
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    return place


def fix_flags(case: Case) -> list[str]:
    """The flags of `fix` that lead to the case's `after`."""
    return [*case.flags, *(["--unsafe-fixes"] if case.unsafe else [])]


@pytest.mark.parametrize("folder", CASES)
def test_findings(folder: Path, tmp_path: Path, report_schema: Any) -> None:
    case = load(folder)
    run = prismafix(project(case, tmp_path / "project"), "check", "--format=json", *case.flags)
    report = json.loads(run.stdout)
    jsonschema.validate(report, report_schema)
    keys = ("code", "path", "line", "column", "applicability")
    found = [{key: finding[key] for key in keys} for finding in report["findings"]]
    assert found == [{key: getattr(expected, key) for key in keys} for expected in case.findings], "\n".join(
        f"{f['path']}:{f['line']}:{f['column']} {f['code']} {f['applicability']} {f['message']} ({f['reason']})"
        for f in report["findings"]
    )
    assert report["errors"] == []
    assert run.returncode == (1 if case.findings else 0)


@pytest.mark.parametrize("folder", CASES)
def test_fix(folder: Path, tmp_path: Path) -> None:
    case = load(folder)
    written = project(case, tmp_path / "written")
    before, wanted = contents(case.before), contents(case.after or case.before)

    diff = prismafix(written, "fix", "--diff", *fix_flags(case))
    assert contents(written) == before, "--diff wrote into the project"
    assert diff.returncode == (1 if case.after else 0)
    patched = project(case, tmp_path / "patched")
    if diff.stdout.strip():
        (tmp_path / "fix.patch").write_bytes(diff.stdout)
        subprocess.run(["git", "apply", str(tmp_path / "fix.patch")], cwd=patched, check=True)
    assert_same(contents(patched), wanted)

    prismafix(written, "fix", *fix_flags(case))
    assert_same(contents(written), wanted)
    for path, data in wanted.items():
        if Path(path).suffix in DIALECTS:
            errors = error_count(parse(data, dialect_of(path)))
            assert errors <= (error_count(parse(before[path], dialect_of(path))) if path in before else 0), path

    prismafix(written, "fix", *fix_flags(case))
    assert_same(contents(written), wanted)


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
