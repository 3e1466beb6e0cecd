"""Suppression comments: what they hide, and when they are called unused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import Options
from tests.engine.toys import Toy, contents, run_toys, states, workspace_of

if TYPE_CHECKING:
    from pathlib import Path

OLD = Toy("PF303", "old", "fresh")
ELSE = Toy("PF301", "other", "another")
CHECK = Options()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("old() // prismafix-ignore PF303 -- known\n", "suppressed", id="on the line"),
        pytest.param("// prismafix-ignore PF303\nold()\n", "suppressed", id="on the line above"),
        pytest.param("// prismafix-ignore PF303\r\nold()\r\n", "suppressed", id="CRLF"),
        pytest.param("/* prismafix-ignore PF303 */ old()\n", "suppressed", id="block comment before it"),
        pytest.param(
            "/*\n * prismafix-ignore PF303\n */\nold()\n", "suppressed", id="block comment of several lines above"
        ),
        pytest.param(
            "// prismafix-ignore PF303\nold(\n  1,\n  2,\n)\n", "suppressed", id="above a statement of several lines"
        ),
        pytest.param("// prismafix-ignore PF3\nold()\n", "suppressed", id="prefix"),
        pytest.param("// prismafix-ignore\nold()\n", "suppressed", id="no code is all codes"),
        pytest.param("// prismafix-ignore PF101, PF303\nold()\n", "suppressed", id="one of several codes"),
        pytest.param(
            "// prismafix-ignore PF303\n// prismafix-ignore PF301\nold(other())\n",
            "suppressed",
            id="one above the other",
        ),
        pytest.param("// prismafix-ignore-file PF303\n\n\nold()\n", "suppressed", id="whole file"),
        pytest.param("// prismafix-ignore PF301\nold()\n", "open", id="another code"),
        pytest.param("// prismafix-ignore PF303\n\nold()\n", "open", id="two lines above"),
        pytest.param("old()\n// prismafix-ignore PF303\n", "open", id="below"),
        pytest.param("a() // prismafix-ignore PF303\nold()\n", "open", id="at the end of another statement's line"),
        pytest.param("const s = '// prismafix-ignore PF303'; old()\n", "open", id="in a string"),
    ],
)
def test_what_a_comment_suppresses(tmp_path: Path, text: str, expected: str) -> None:
    result = run_toys(workspace_of(tmp_path, {"a.ts": text}), [OLD, ELSE], CHECK)
    assert {state for code, _, state in states(result) if code == "PF303"} == {expected}


def test_a_suppressed_finding_is_left_alone_and_says_why(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "// prismafix-ignore PF303 -- measured, is fine\nold()\nold()\n"})
    result = run_toys(workspace, [OLD])
    assert contents(workspace, result)["a.ts"] == b"// prismafix-ignore PF303 -- measured, is fine\nold()\nfresh()\n"
    assert states(result) == [("PF303", "a.ts:2", "suppressed"), ("PF303", "a.ts:3", "fixed")]
    assert result.findings[0].reason == "suppressed in line 1: measured, is fine"


@pytest.mark.parametrize(
    ("text", "message", "fixed"),
    [
        pytest.param(
            "// prismafix-ignore PF303\nfine()\n", "there is no PF303 here to suppress", "\nfine()\n", id="one code"
        ),
        pytest.param(
            "// prismafix-ignore\nfine()\n", "this comment suppresses nothing here", "\nfine()\n", id="all codes"
        ),
        pytest.param(
            "// prismafix-ignore PF303, PF301\nold()\n",
            "there is no PF301 here to suppress",
            "// prismafix-ignore PF303\nold()\n",
            id="the used code stays",
        ),
        pytest.param(
            "// prismafix-ignore-file PF303\nfine()\n",
            "there is no PF303 in this file to suppress",
            "\nfine()\n",
            id="whole file",
        ),
        pytest.param(
            "// prismafix-ignore PF999\nfine()\n",
            "there is no PF999 here to suppress (PF999: no such rule)",
            "\nfine()\n",
            id="no such rule",
        ),
    ],
)
def test_an_unused_comment_is_reported_and_removed(tmp_path: Path, text: str, message: str, fixed: str) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": text})
    result = run_toys(workspace, [OLD, ELSE])
    (unused,) = (r for r in result.findings if r.finding.code == "PF002")
    assert (unused.finding.message, unused.state, unused.applicability) == (message, "fixed", "safe")
    assert contents(workspace, result)["a.ts"].decode() == fixed


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(Options(select=("PF1", "PF002")), id="its rule is not selected"),
        pytest.param(Options(ignore=("PF303",)), id="its rule is ignored"),
        pytest.param(Options(include_scripts=True), id="scripts are included"),
        pytest.param(Options(), id="scripts are not included"),
    ],
)
def test_a_comment_is_not_unused_because_its_finding_was_not_asked_for(tmp_path: Path, options: Options) -> None:
    scripts = Toy("PF302", "seed", "sow", scripts_only=True)
    files = {"a.ts": "// prismafix-ignore PF303\nold()\n", "scripts/a.ts": "// prismafix-ignore PF302\nseed()\n"}
    result = run_toys(workspace_of(tmp_path, files), [OLD, scripts], options)
    assert [code for code, _, _ in states(result) if code == "PF002"] == []


@pytest.mark.parametrize(
    ("comment", "reported"),
    [
        pytest.param("// prismafix-ignore-file PF002 -- kept for the old branch", False, id="by name"),
        pytest.param("// prismafix-ignore-file", True, id="a comment for all codes does not hide that one is unused"),
    ],
)
def test_suppressing_that_a_suppression_is_unused(tmp_path: Path, comment: str, reported: bool) -> None:
    result = run_toys(
        workspace_of(tmp_path, {"a.ts": f"{comment}\nfine()\n// prismafix-ignore PF303\nfine()\n"}), [OLD], CHECK
    )
    line_3 = [state for code, place, state in states(result) if (code, place) == ("PF002", "a.ts:3")]
    assert line_3 == (["open"] if reported else ["suppressed"])


def test_a_comment_that_a_fix_makes_useless_goes_in_the_same_run(tmp_path: Path) -> None:
    wider = Toy("PF301", "api.old", "api.fresh")
    workspace = workspace_of(tmp_path, {"a.ts": "// prismafix-ignore PF303\napi.old()\n"})
    result = run_toys(workspace, [OLD, wider])
    assert contents(workspace, result)["a.ts"] == b"\napi.fresh()\n"
    assert states(result) == [
        ("PF002", "a.ts:1", "fixed"),
        ("PF301", "a.ts:2", "fixed"),
        ("PF303", "a.ts:2", "suppressed"),
    ]


def test_a_comment_loses_its_codes_one_after_the_other(tmp_path: Path) -> None:
    wider = Toy("PF301", "api.old", "api.fresh")
    workspace = workspace_of(tmp_path, {"a.ts": "// prismafix-ignore PF302, PF303\napi.old()\n"})
    result = run_toys(workspace, [OLD, wider])
    assert contents(workspace, result)["a.ts"] == b"\napi.fresh()\n"
    assert result.rounds == 2
