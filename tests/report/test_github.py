"""Annotations as the runner of GitHub Actions reads them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.report.github import to_commands
from prismafix.rules.model import Doubt
from tests.engine.toys import Toy, run_toys, workspace_of

from .running import DEMO, OFFERS, of_folder

if TYPE_CHECKING:
    from pathlib import Path

_COMMAND = re.compile(r"::(\w+) ([^:]*)::(.*)")


def read(line: str) -> tuple[str, dict[str, str], str]:
    """A command as the runner takes it apart (actions/runner, ActionCommand.cs)."""
    match = _COMMAND.fullmatch(line)
    assert match is not None, line
    properties = dict(part.split("=", 1) for part in match[2].split(","))
    for code, text in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        properties = {key: value.replace(code, text) for key, value in properties.items()}
    message = match[3].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
    return match[1], properties, message


def test_one_annotation_per_finding(tmp_path: Path) -> None:
    result = of_folder(DEMO, tmp_path / "demo")
    lines = to_commands(result, prefix="shop/").splitlines()
    level, place, message = read(lines[0])
    assert (level, place) == (
        "warning",
        {
            "file": "shop/apps/backoffice/src/app/api/statements/route.ts",
            "line": "8",
            "endLine": "8",
            "col": "22",
            "endColumn": "87",
            "title": "PF303 fan-out-unbounded",
        },
    )
    assert message.split("\n")[0].startswith("one query per customer at once")
    assert message.split("\n")[1].startswith("Path: sendStatement (apps/backoffice/src/server/statements.ts:7) → ")
    assert message.split("\n")[2].startswith("Unsafe fix: run at most 5 queries at a time. ")
    many = read(lines[1])[1]
    assert (many["line"], many["endLine"], "col" in many) == ("7", "9", False), "columns are for one line only"
    assert lines[-1] == "15 findings in 14 files."


def test_what_github_would_not_show_is_counted_and_stands_in_the_log(tmp_path: Path) -> None:
    files = {f"{n:02}.ts": "old()\n" for n in range(13)} | {"big.ts": "x" * 1_000_001}
    result = run_toys(workspace_of(tmp_path, files), [Toy("PF101", "old", "fresh")], OFFERS)
    lines = to_commands(result).splitlines()
    assert [read(line)[0] for line in lines[:11]] == ["warning"] * 10 + ["notice"]
    assert read(lines[10])[2] == "4 more in this step's log: GitHub shows 10 warnings and 10 errors of a step"
    assert lines[11] == "- 10.ts:1:1 PF101 client-per-call: old is old"
    assert lines[14].startswith("- big.ts PF001 file-not-analysed: ")
    assert lines[15:] == ["13 findings in 13 files."]


def test_nothing_that_a_file_says_becomes_a_command_or_a_password(tmp_path: Path) -> None:
    names = ["a,b:c%0A.ts", "::set-env name=X::y.ts", "##[add-path]z.ts"]
    doubt = Doubt("unsafe", "100 %\r\n::error::x postgres://ann:hunter2@db/app")
    files = dict.fromkeys(names, "old()\n") | {f"z{n:02}.ts": "old()\n" for n in range(10)}
    result = run_toys(workspace_of(tmp_path, files), [Toy("PF101", "old", "fresh", doubts=(doubt,))], OFFERS)
    text = to_commands(result)
    assert "hunter2" not in text and "\r" not in text
    lines = text.splitlines()
    assert {read(line)[1].get("file") for line in lines[:10]} >= set(names)
    assert {read(line)[0] for line in lines[:11]} == {"warning", "notice"}
    assert not any(line.lstrip().startswith("::") or "##[" in line for line in lines[11:])


def test_nothing_found_is_said(tmp_path: Path) -> None:
    assert to_commands(run_toys(workspace_of(tmp_path, {"a.ts": "fine()\n"}), [], OFFERS)) == "No findings.\n"
