"""The JSON report, version 1. It is a promise to users: keys are only ever added.

`report-v1.schema.json` beside this module describes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.connection.masking import mask
from prismafix.engine.summary import summarise
from prismafix.rules.registry import names

if TYPE_CHECKING:
    from prismafix.engine.model import Reported, Result

SCHEMA = Path(__file__).with_name("report-v1.schema.json")


def to_json(result: Result) -> str:
    """The report as indented JSON that ends in a newline. Passwords in texts are masked."""
    return json.dumps(to_report(result), indent=2, ensure_ascii=False) + "\n"


def to_report(result: Result) -> dict[str, object]:
    """The report as plain data. Suppressed findings are counted, not listed; findings are sorted by path, line,
    column and code."""
    summary = summarise(result)
    shown = [reported for reported in result.findings if reported.state != "suppressed"]
    shown.sort(key=lambda r: (r.finding.path, r.line, r.column, r.finding.code))
    return {
        "version": 1,
        "root": str(result.root),
        "findings": [_finding(reported) for reported in shown],
        "errors": [
            {"code": "PF001", "path": problem.path, "message": mask(problem.message)}
            for problem in sorted(result.problems, key=lambda p: (p.path, p.message))
        ],
        "summary": {
            "files": summary.files,
            "findings": summary.findings,
            "safe": summary.safe,
            "unsafe": summary.unsafe,
            "none": summary.none,
            "suppressed": summary.suppressed,
        },
    }


def _finding(reported: Reported) -> dict[str, object]:
    finding = reported.finding
    return {
        "code": finding.code,
        "name": names().get(finding.code, ""),
        "severity": finding.severity,
        "path": finding.path,
        "line": reported.line,
        "column": reported.column,
        "end_line": reported.end_line,
        "end_column": reported.end_column,
        "message": mask(finding.message),
        "applicability": reported.applicability,
        "reason": mask(reported.reason),
        "fix_id": reported.fix_id,
        "fingerprint": reported.fingerprint,
        "evidence": [{"path": e.path, "line": e.line, "text": mask(e.text)} for e in finding.evidence],
        "package": finding.package,
    }
