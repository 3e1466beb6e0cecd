"""The JSON report is a promise: exactly the keys of version 1, sorted, and the numbers add up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from jsonschema import Draft202012Validator

from prismafix.engine.model import Options, Result
from prismafix.report.json_report import SCHEMA, to_json
from prismafix.rules.model import Doubt
from tests.engine.toys import Toy, run_toys, workspace_of

if TYPE_CHECKING:
    from pathlib import Path

# The codes are those of the two rules that the engine itself speaks for: they are there whatever other rules there are.
FILES = {
    "b.ts": "old(); odd()\n// prismafix-ignore PF002 -- one at a time\nold()\n",
    "a.ts": "// 🐎\n/* 🐎 */ risky(\n)\n",
    "big.ts": "x" * 1_000_001,
}
TOYS = [
    Toy("PF002", "old", "fresh"),
    Toy("PF001", "risky", "calm", doubts=(Doubt("unsafe", "the order changes"),)),
    Toy("PF002", "odd", "", fixable=False),
]


@pytest.fixture
def result(tmp_path: Path) -> Result:
    return run_toys(workspace_of(tmp_path, FILES), TOYS, Options())


def test_the_report_is_what_the_design_promises(result: Result, tmp_path: Path) -> None:
    report = json.loads(to_json(result))
    assert list(report) == ["version", "root", "findings", "errors", "summary"]
    assert (report["version"], report["root"]) == (1, str(tmp_path))
    first = report["findings"][0]
    assert len(first.pop("fix_id")) == 12
    assert len(first.pop("fingerprint")) == 16
    assert first == {
        "code": "PF001",
        "name": "file-not-analysed",
        "severity": "warning",
        "path": "a.ts",
        "line": 2,
        "column": 10,
        "end_line": 2,
        "end_column": 15,
        "message": "risky is old",
        "applicability": "unsafe",
        "reason": "the order changes",
        "evidence": [],
        "package": None,
    }
    assert [(f["path"], f["line"], f["code"], f["applicability"]) for f in report["findings"]] == [
        ("a.ts", 2, "PF001", "unsafe"),
        ("b.ts", 1, "PF002", "safe"),
        ("b.ts", 1, "PF002", "none"),
    ]
    assert [(e["code"], e["path"]) for e in report["errors"]] == [("PF001", "big.ts")]
    assert report["summary"] == {"files": 2, "findings": 3, "safe": 1, "unsafe": 1, "none": 1, "suppressed": 1}


def test_without_a_fix_there_is_no_fix_id(result: Result) -> None:
    for finding in json.loads(to_json(result))["findings"]:
        assert (finding["fix_id"] is None) == (finding["applicability"] == "none")


def test_the_schema_accepts_the_report_and_notices_what_is_wrong(result: Result) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    report = json.loads(to_json(result))
    assert list(validator.iter_errors(report)) == []
    for spoil in (
        lambda r: r.pop("summary"),
        lambda r: r["findings"][0].pop("package"),
        lambda r: r["findings"][0].update(line=0),
        lambda r: r["findings"][0].update(path="/etc/passwd"),
        lambda r: r["findings"][0].update(applicability="maybe"),
        lambda r: r["errors"][0].update(code="PF101"),
    ):
        spoiled = json.loads(to_json(result))
        spoil(spoiled)  # type: ignore[no-untyped-call]
        assert list(validator.iter_errors(spoiled)) != []


def test_a_password_is_not_reported(tmp_path: Path) -> None:
    doubt = Doubt("unsafe", "was postgres://ann:hunter2@db/app")
    toy = Toy("PF001", "old", "fresh", doubts=(doubt,))
    text = to_json(run_toys(workspace_of(tmp_path, {"a.ts": "old()\n"}), [toy], Options()))
    assert "was postgres://ann:***@db/app" in text
    assert "hunter2" not in text
