"""What is said about every finding of every case, word by word: a change of a message is seen where it is made.

`python -m tests.fixtures_harness.said` writes it anew, one text per rule folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.cli.settings import prepare
from prismafix.engine.run import run
from prismafix.report.json_report import to_report

from .cases import Case, folders, load

if TYPE_CHECKING:
    from prismafix.engine.model import Result

SAID = Path(__file__).with_name("said")


def project(case: Case, place: Path) -> Path:
    """A copy of the case's `before` in a repository of its own."""
    shutil.copytree(case.before, place)
    subprocess.run(["git", "init", "--quiet", str(place)], check=True)
    return place


def analysed(case: Case, root: Path, *, fix: bool = False) -> Result:
    """What every command reads, without the half second that starting one costs; also with `fix` no file changes."""
    job = prepare(
        [root],
        select=case.select,
        ignore=None,
        exclude=None,
        include_scripts=case.include_scripts or None,
        chunk_size=None,
        call_depth=None,
        jobs=1,
        strict=False,
        config=None,
        apply=fix,
        unsafe=fix and case.unsafe,
    )
    return run(job.place.root, job.options)


def said(case: Case, result: Result) -> str:
    """The findings as text: what a person reads of them, and the fingerprint that a baseline keeps."""
    lines = [f"## {case.folder.name}"]
    shown = [reported.finding for reported in result.findings if reported.state != "suppressed"]
    for finding, inner in zip(to_report(result)["findings"], shown, strict=True):
        place = f"{finding['path']}:{finding['line']}:{finding['column']}"
        lines += ["", f"{place}-{finding['end_line']}:{finding['end_column']} {finding['code']} {finding['severity']}"]
        lines += [f"  {finding['message']}", f"  ^ {inner.label}".rstrip()]
        lines.append(f"  {finding['applicability']}: {finding['reason']}".rstrip())
        ways = ("via" if evidence.step else "at" for evidence in inner.evidence)
        lines += [
            f"  {way} {e['path']}:{e['line']} {e['text']}" for way, e in zip(ways, finding["evidence"], strict=True)
        ]
        lines.append(f"  package {finding['package']}, fingerprint {finding['fingerprint']}")
    return "\n".join(lines) + "\n"


def expected(case: Case) -> str:
    """What the text of the case's rule has under its name; "" where there is nothing."""
    text = SAID / f"{case.folder.parent.name}.txt"
    parts = text.read_text(encoding="utf-8").split("\n## ") if text.is_file() else []
    return next((f"## {part.removeprefix('## ').rstrip()}\n" for part in parts if _name(part) == case.folder.name), "")


def _name(part: str) -> str:
    return part.removeprefix("## ").split("\n", 1)[0]


def main() -> None:
    """Write the texts of all cases."""
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["XDG_CACHE_HOME"] = temporary
        for name, cases in groupby(folders(), lambda folder: folder.parent.name):
            parts = []
            for case in map(load, cases):
                place = project(case, Path(temporary) / name / case.folder.name)
                parts.append(said(case, analysed(case, place)))
            (SAID / f"{name}.txt").write_text("\n".join(parts), encoding="utf-8")


if __name__ == "__main__":
    main()
