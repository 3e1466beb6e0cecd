"""SARIF is held against the official schema, and its fixes against what the fixes do."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from jsonschema import Draft4Validator

from prismafix.engine.model import FileChange, Options, Result
from prismafix.engine.run import run
from prismafix.report.replacements import Replacement, replacements
from prismafix.report.sarif import to_sarif
from prismafix.rules.model import Doubt
from prismafix.rules.registry import discover
from tests.engine.toys import Toy, run_toys, workspace_of
from tests.fixtures_harness.cases import folders

from .running import DEMO, OFFERS, of_folder, with_changes
from .test_diff import contents

SCHEMA = json.loads((Path(__file__).parent / "schemas" / "sarif-schema-2.1.0.json").read_text(encoding="utf-8"))
VALIDATOR = Draft4Validator(SCHEMA)
NAMES = ["src/b ü.ts", "a#b?c%.ts", "[id]/$x.ts", "a:b.ts"]


def log(result: Result, **options: Any) -> dict[str, Any]:
    """The log, after a look whether the schema accepts it."""
    found: dict[str, Any] = json.loads(to_sarif(result, **options)[0])
    assert [error.message for error in VALIDATOR.iter_errors(found)] == []
    return found


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return of_folder(DEMO, tmp_path_factory.mktemp("sarif") / "demo")


def replaced(text: str, made: list[dict[str, Any]]) -> str:
    """`text` after the replacements of a SARIF fix, as a program would apply them: columns are UTF-16 units."""
    units = text.encode("utf-16-le", "surrogatepass")
    starts = [0, *(at + 2 for at in range(0, len(units), 2) if units[at : at + 2] == b"\n\0")]
    at, out = 0, b""
    for one in made:
        region = one["deletedRegion"]
        start = starts[region["startLine"] - 1] + 2 * (region["startColumn"] - 1)
        end = starts[region["endLine"] - 1] + 2 * (region["endColumn"] - 1)
        assert at <= start <= end <= len(units)
        out += units[at:start] + one["insertedContent"]["text"].encode("utf-16-le", "surrogatepass")
        at = end
    return (out + units[at:]).decode("utf-16-le", "surrogatepass")


def said(found: tuple[Replacement, ...]) -> list[dict[str, Any]]:
    keys = ("startLine", "startColumn", "endLine", "endColumn")
    return [
        {
            "deletedRegion": dict(zip(keys, (one.line, one.column, one.end_line, one.end_column), strict=True)),
            "insertedContent": {"text": one.text},
        }
        for one in found
    ]


@settings(max_examples=200, deadline=None)
@example(pair=("𝒙\r\ny".encode(), "𝒙\r\n𝒚 = 1".encode()))
@example(pair=(b"", b"new\n"))
@given(pair=contents())
def test_replacements_make_what_the_fix_makes(pair: tuple[bytes, bytes]) -> None:
    before, after = pair
    found = replacements(FileChange("a.ts", before, after))
    try:
        old, new = before.decode(), after.decode()
    except UnicodeDecodeError:
        return  # said as text it would be something else: then there may be none
    if found is not None:
        bom = "\ufeff" if old.startswith("\ufeff") else ""
        assert bom + replaced(old.removeprefix(bom), said(found)) == new
        assert bool(found) == (old != new)


def test_the_fixes_of_the_demo_are_all_there(demo: Result) -> None:
    results = log(demo)["runs"][0]["results"]
    assert len(results) == len(demo.findings) > 10
    assert sum("fixes" in found for found in results) == sum(r.fix_id is not None for r in demo.findings) > 8


@pytest.mark.parametrize("folder", [DEMO, *folders()], ids=lambda f: f"{f.parent.name}/{f.name}")
def test_the_schema_accepts_a_case_and_its_fixes_give_the_contents_of_the_fixes(folder: Path) -> None:
    result = run(folder if folder == DEMO else folder / "before", OFFERS)
    fixes = {fix.fix_id: {change.path: change for change in fix.changes} for fix in result.offers}
    by_mark = {reported.fingerprint: reported for reported in result.findings}
    for found in log(result)["runs"][0]["results"]:
        reported = by_mark[found["partialFingerprints"]["prismafixFingerprint/v1"]]
        assert (found["properties"]["applicability"] == "none") == (reported.fix_id is None)
        for fix in found.get("fixes", []):
            assert reported.fix_id is not None
            wanted = fixes[reported.fix_id]
            made = {unquote(c["artifactLocation"]["uri"]): c["replacements"] for c in fix["artifactChanges"]}
            assert made.keys() == wanted.keys()
            for path, change in wanted.items():
                before, after = ((data or b"").decode() for data in (change.before, change.after))
                bom = "\ufeff" if before.startswith("\ufeff") else ""
                assert bom + replaced(before.removeprefix(bom), made[path]) == after


def test_a_finding_as_code_scanning_shows_it(demo: Result) -> None:
    found = log(demo, prefix="shop/", pages="https://example.com/docs/rules/")["runs"][0]
    assert found["columnKind"] == "utf16CodeUnits"
    assert found["automationDetails"]["id"] == "prismafix/shop/"
    result = next(r for r in found["results"] if r["ruleId"] == "PF303" and "codeFlows" in r)
    rule = found["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (rule["id"], rule["name"]) == ("PF303", "fan-out-unbounded")
    assert rule["helpUri"] == "https://example.com/docs/rules/PF303.md" and len(rule["help"]["text"]) > 100
    place = result["locations"][0]["physicalLocation"]
    assert place == {
        "artifactLocation": {"uri": "shop/apps/backoffice/src/app/api/statements/route.ts", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 8, "startColumn": 22, "endLine": 8, "endColumn": 87},
    }
    assert "%SRCROOT%" in found["originalUriBaseIds"]
    steps = [step["location"] for step in result["codeFlows"][0]["threadFlows"][0]["locations"]]
    assert [step["physicalLocation"]["region"]["startLine"] for step in steps] == [8, 7, 3, 4]
    assert steps[1]["message"]["text"] == "sendStatement"
    assert result["relatedLocations"][0]["message"]["text"].startswith("application code: ")
    assert "Unsafe fix: run at most 5 queries at a time." in result["message"]["text"]
    assert [r["id"] for r in found["tool"]["driver"]["rules"]] == [r.code for r in discover() if r.code != "PF001"]


def test_without_an_address_of_the_pages_there_is_no_help_uri(demo: Result) -> None:
    assert "helpUri" not in to_sarif(demo)[0]


def test_suppressed_findings_are_only_there_on_request(tmp_path: Path) -> None:
    files = {"a.ts": "// prismafix-ignore PF101 -- only one\nold()\n"}
    result = run_toys(workspace_of(tmp_path, files), [Toy("PF101", "old", "fresh")], OFFERS)
    assert log(result)["runs"][0]["results"] == []
    (found,) = log(result, with_suppressed=True)["runs"][0]["results"]
    assert found["suppressions"] == [{"kind": "inSource", "justification": "suppressed in line 1: only one"}]
    assert "fixes" not in found


def test_files_that_were_not_analysed_are_notifications(tmp_path: Path) -> None:
    result = run_toys(workspace_of(tmp_path, {"big ü.ts": "x" * 1_000_001}), [], OFFERS)
    run_ = log(result)["runs"][0]
    (note,) = run_["invocations"][0]["toolExecutionNotifications"]
    assert note["descriptor"] == {"id": "PF001", "index": 0}
    assert run_["tool"]["driver"]["notifications"][0]["id"] == "PF001"
    assert note["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "big%20%C3%BC.ts"
    assert run_["results"] == []


@pytest.mark.parametrize("name", NAMES)
def test_paths_are_escaped(tmp_path: Path, name: str) -> None:
    result = run_toys(workspace_of(tmp_path, {name: "old()\n"}), [Toy("PF101", "old", "fresh")], OFFERS)
    (found,) = log(result)["runs"][0]["results"]
    address = found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert unquote(address) == name and not set(address) & set(' #?:[]"')


def test_no_password_is_in_it_and_a_fix_that_holds_one_is_left_out(tmp_path: Path) -> None:
    doubt = Doubt("unsafe", "was postgres://ann:hunter2@db/app")
    toy = Toy("PF101", "old", "fresh", doubts=(doubt,))
    result = run_toys(workspace_of(tmp_path, {"a.ts": "old()\n"}), [toy], OFFERS)
    assert "was postgres://ann:***@db/app" in to_sarif(result)[0] and "hunter2" not in to_sarif(result)[0]
    line = b"DATABASE_URL=postgres://ann:hunter2@db/app"
    result = with_changes(result, [FileChange(".env", line + b"\n", line + b"?connection_limit=3\n")])
    (found,) = log(result)["runs"][0]["results"]
    assert "fixes" not in found and "hunter2" not in to_sarif(result)[0]


def test_what_is_no_text_or_loses_its_byte_order_mark_is_left_out() -> None:
    assert replacements(FileChange("a.ts", b"a\n", b"\xff\n")) is None
    assert replacements(FileChange("a.ts", b"\xef\xbb\xbfa\n", b"a\n")) is None
    assert replacements(FileChange("a.ts", b"a\n", None)) is None
    assert replacements(FileChange("a.ts", b"\xff\na\n", b"\xff\nb\n")) == (Replacement(2, 1, 3, 1, "b\n"),)


def test_limits_are_kept_and_what_is_cut_off_is_said(tmp_path: Path) -> None:
    files = {f"{n:03}.ts": "old()\n" for n in range(40)}
    result = run_toys(workspace_of(tmp_path, files), [Toy("PF101", "old", "fresh")], Options(offers=True))
    text, cut = to_sarif(result, most_results=30)
    assert len(json.loads(text)["runs"][0]["results"]) == 30
    assert cut == ("10 of 40 findings are left out: the most is 30",)
    notes = json.loads(text)["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert [note["message"]["text"] for note in notes] == list(cut)
    half = to_sarif(replace(result, offers=()), most_results=25)[0]
    text, cut = to_sarif(result, most_bytes=len(gzip.compress(half.encode(), 6)))
    assert cut[0].startswith("the fixes are left out")
    assert 0 < len(json.loads(text)["runs"][0]["results"]) < 40 and cut[1].endswith("the file would be too large")
    assert to_sarif(result)[1] == ()


def test_the_schema_notices_what_is_wrong(demo: Result) -> None:
    spoiled = json.loads(to_sarif(demo)[0])
    spoiled["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0].pop("deletedRegion")
    assert list(VALIDATOR.iter_errors(spoiled)) != []
