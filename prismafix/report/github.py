"""Annotations for GitHub Actions: workflow commands that its runner reads from the log."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.engine.summary import deciding
from prismafix.report.words import count, fix_words, plain
from prismafix.rules.registry import names

if TYPE_CHECKING:
    from prismafix.engine.model import Reported, Result
    from prismafix.rules.model import Severity

MOST = 10
"""So many warnings, and so many errors, GitHub shows of one step (actions/toolkit, docs/problem-matchers.md)."""


def to_commands(result: Result, *, prefix: str = "") -> str:
    """One command per finding, in the order of the files, then per file that was not analysed, as far as GitHub shows
    them; a notice that says how many more there are, and those as plain lines of the log.

    Findings in files that git ignores are not in it. `prefix` (`""`, or a folder with a final `/`) goes before every
    path: GitHub wants them from the repository's top.
    """
    findings = deciding(result)
    shown: list[str] = []
    others: list[str] = []
    left: dict[Severity, int] = {"warning": MOST, "error": MOST}
    for reported in findings:
        level = reported.finding.severity
        if left[level]:
            left[level] -= 1
            shown.append(_command(level, _place(reported, prefix), _title(reported.finding.code), _message(reported)))
        else:
            others.append(_line(reported, prefix))
    for problem in result.problems:
        if left["warning"]:
            left["warning"] -= 1
            shown.append(_command("warning", {"file": prefix + problem.path}, _title("PF001"), problem.message))
        else:
            others.append(f"{prefix}{problem.path} {_title('PF001')}: {problem.message}")
    if others:
        said = f"{len(others)} more in this step's log: GitHub shows {MOST} warnings and {MOST} errors of a step"
        shown.append(_command("notice", {}, "prismafix", said))
    files = len({reported.finding.path for reported in findings})
    total = f"{count(len(findings), 'finding')} in {count(files, 'file')}." if findings else "No findings."
    return "".join(f"{line}\n" for line in [*shown, *(_harmless(line) for line in others), total])


def _place(reported: Reported, prefix: str) -> dict[str, str | int]:
    """Columns are only understood where both are in one line."""
    place: dict[str, str | int] = {"file": prefix + reported.finding.path, "line": reported.line}
    place["endLine"] = reported.end_line
    if reported.line == reported.end_line:
        place |= {"col": reported.column, "endColumn": reported.end_column}
    return place


def _title(code: str) -> str:
    return f"{code} {names().get(code, '')}".rstrip()


def _message(reported: Reported) -> str:
    kind, how = fix_words(reported)
    steps = [f"{e.text} ({e.path}:{e.line})" for e in reported.finding.evidence if e.step]
    path = f"\nPath: {plain(' → '.join(steps))}" if steps else ""
    return f"{plain(reported.finding.message)}{path}\n{kind.capitalize()}: {plain(how)}"


def _line(reported: Reported, prefix: str) -> str:
    finding = reported.finding
    place = f"{prefix}{finding.path}:{reported.line}:{reported.column}"
    return f"{place} {_title(finding.code)}: {finding.message}"


def _harmless(line: str) -> str:
    """A line of the log in which the runner finds no command: `::` counts at its start, `##[` anywhere."""
    return "- " + plain(line).replace("##[", "## [")


def _command(level: str, place: dict[str, str | int], title: str, message: str) -> str:
    """As the toolkit of GitHub Actions writes it (packages/core/src/command.ts)."""
    properties = ",".join(f"{key}={_property(str(value))}" for key, value in {**place, "title": title}.items())
    text = "\n".join(plain(line) for line in message.split("\n"))
    return f"::{level} {properties}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
