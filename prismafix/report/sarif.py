"""SARIF 2.1.0 for code scanning: the findings with their fixes, and what could not be analysed.

Limits are GitHub's, which rejects a file that exceeds them (docs.github.com, "SARIF results exceed limits" and "SARIF
support for code scanning"): 10 MB when compressed, 25,000 results in a run, 1,000 locations in a result, 1,024
characters in a description. What is cut off to keep them is said in the file and to the caller.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from prismafix import __version__
from prismafix.engine.summary import deciding
from prismafix.report.replacements import replacements
from prismafix.report.words import fix_words, plain, sentences, uri
from prismafix.rules.registry import discover

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.engine.model import AppliedFix, Reported, Result
    from prismafix.rules.registry import Rule
    from prismafix.workspace.model import Problem

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_NOT_ANALYSED = "PF001"
MOST_BYTES = 10_000_000
MOST_RESULTS = 25_000
_MOST_LOCATIONS = 100
"""In a result: GitHub shows no more of them."""
_LONGEST = 1024

Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Paths:
    """Paths as URIs below the repository's root."""

    prefix: str

    def artifact(self, path: str) -> Data:
        return {"uri": uri(self.prefix + path), "uriBaseId": _ROOT}

    def location(self, path: str, line: int, text: str = "") -> Data:
        """A line of a file, or all of the file for line 0."""
        physical: Data = {"artifactLocation": self.artifact(path)}
        if line:
            physical["region"] = {"startLine": line}
        return {"physicalLocation": physical, **({"message": _message(text)} if text else {})}


def to_sarif(
    result: Result,
    *,
    prefix: str = "",
    pages: str = "",
    with_suppressed: bool = False,
    most_bytes: int = MOST_BYTES,
    most_results: int = MOST_RESULTS,
) -> tuple[str, tuple[str, ...]]:
    """The log as indented JSON that ends in a newline, and a sentence for each kind of thing that was cut off.

    Findings in files that git ignores are not in it. `prefix` (`""`, or a folder with a final `/`) goes before every
    path: they are relative to the repository's top. `pages` is the address of the folder of the rules' pages, "" if
    that is unknown. Fixes are there if `result` has `offers`; one that holds a password, or no text, is left out.
    """
    findings = list(deciding(result))
    if with_suppressed:
        findings += [
            r for r in result.findings if r.state == "suppressed" and r.finding.path not in result.ignored_by_git
        ]
    said: list[str] = []
    if len(findings) > most_results:
        kept = sorted(findings, key=lambda r: r.finding.severity != "error")[:most_results]
        said.append(
            f"{len(findings) - most_results} of {len(findings)} findings are left out: the most is {most_results}"
        )
        findings = kept
    findings.sort(key=lambda r: (r.finding.path, r.line, r.column, r.finding.code))
    paths = _Paths(prefix)
    fixes = {fix.fix_id: made for fix in result.offers if (made := _fix(fix, paths)) is not None}
    text = _log(result, findings, fixes, paths, pages, said)
    if fixes and not _fits(text, most_bytes):
        said.append(f"the fixes are left out: with them the file would be larger than {most_bytes // 1_000_000} MB")
        fixes = {}
        text = _log(result, findings, fixes, paths, pages, said)
    while findings and not _fits(text, most_bytes):
        shorter = sorted(findings, key=lambda r: r.finding.severity != "error")[: len(findings) // 2]
        said.append(f"{len(findings) - len(shorter)} findings are left out: the file would be too large")
        findings = sorted(shorter, key=lambda r: (r.finding.path, r.line, r.column, r.finding.code))
        text = _log(result, findings, fixes, paths, pages, said)
    return text, tuple(said)


def _fits(text: str, most: int) -> bool:
    data = text.encode("utf-8", "replace")
    return len(data) <= most or len(gzip.compress(data, 6)) <= most


def _log(
    result: Result, findings: Sequence[Reported], fixes: dict[str, Data], paths: _Paths, pages: str, said: Sequence[str]
) -> str:
    rules = [rule for rule in discover() if rule.code != _NOT_ANALYSED]
    numbers = {rule.code: number for number, rule in enumerate(rules)}
    driver: Data = {
        "name": "prismafix",
        "semanticVersion": __version__,
        **({"informationUri": pages} if pages else {}),
        "rules": [_rule(rule, pages) for rule in rules],
        "notifications": [_rule(rule, pages) for rule in discover() if rule.code == _NOT_ANALYSED],
    }
    notes = [_problem(problem, paths) for problem in result.problems]
    notes += [{"level": "warning", "message": _message(text)} for text in said]
    run: Data = {
        "tool": {"driver": driver},
        "automationDetails": {"id": f"prismafix/{paths.prefix}"},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The top folder of the repository."}}},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notes}],
        "results": [_result(reported, numbers, fixes, paths) for reported in findings],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(rule: Rule, pages: str) -> Data:
    paragraph = " ".join(rule.text.split("\n\n")[1 if "\n\n" in rule.text else 0].split())
    return {
        "id": rule.code,
        "name": rule.name,
        "shortDescription": {"text": _cut(rule.summary)},
        "fullDescription": {"text": _cut(paragraph)},
        "help": {"text": rule.text, "markdown": rule.text},
        **({"helpUri": f"{pages.rstrip('/')}/{rule.code}.md"} if pages else {}),
        "defaultConfiguration": {"level": "warning"},
        "properties": {"tags": ["prisma", "database", "connections"], "bestFix": rule.best},
    }


def _result(reported: Reported, numbers: dict[str, int], fixes: dict[str, Data], paths: _Paths) -> Data:
    finding = reported.finding
    suppressed = reported.state == "suppressed"
    kind, how = fix_words(reported)
    text = finding.message if suppressed else sentences(finding.message, f"{kind.capitalize()}: {how}")
    steps = [paths.location(e.path, e.line, e.text) for e in finding.evidence if e.step][: _MOST_LOCATIONS - 1]
    others = [paths.location(e.path, e.line, e.text) for e in finding.evidence if not e.step][:_MOST_LOCATIONS]
    here: Data = {
        "physicalLocation": {
            "artifactLocation": paths.artifact(finding.path),
            "region": {
                "startLine": reported.line,
                "startColumn": reported.column,
                "endLine": reported.end_line,
                "endColumn": reported.end_column,
            },
        }
    }
    data: Data = {"ruleId": finding.code}
    if finding.code in numbers:
        data["ruleIndex"] = numbers[finding.code]
    data |= {
        "level": finding.severity,
        "message": _message(text),
        "locations": [here],
        "partialFingerprints": {"prismafixFingerprint/v1": reported.fingerprint},
        "properties": {"applicability": reported.applicability, "package": finding.package},
    }
    if steps:
        start = here | {"message": _message(finding.label or finding.message)}
        flow = [{"location": location} for location in (start, *steps)]
        data["codeFlows"] = [{"threadFlows": [{"locations": flow}]}]
    if others:
        data["relatedLocations"] = [{"id": number, **location} for number, location in enumerate(others)]
    if suppressed:
        data["suppressions"] = [{"kind": "inSource", "justification": plain(reported.reason)}]
    elif reported.fix_id in fixes:
        data["fixes"] = [fixes[reported.fix_id]]
    return data


def _fix(fix: AppliedFix, paths: _Paths) -> Data | None:
    """The fix, all of it; None if a part of it cannot be said."""
    changes = []
    for change in fix.changes:
        replaced = replacements(change)
        if replaced is None:
            return None
        made = [
            {
                "deletedRegion": {
                    "startLine": one.line,
                    "startColumn": one.column,
                    "endLine": one.end_line,
                    "endColumn": one.end_column,
                },
                "insertedContent": {"text": one.text},
            }
            for one in replaced
        ]
        changes.append({"artifactLocation": paths.artifact(change.path), "replacements": made})
    doubts = "".join(f" Look at: {doubt.text}." for doubt in fix.doubts if doubt.applicability != "safe")
    return {"description": _message(f"{fix.title} ({fix.applicability}).{doubts}"), "artifactChanges": changes}


def _problem(problem: Problem, paths: _Paths) -> Data:
    return {
        "descriptor": {"id": _NOT_ANALYSED, "index": 0},
        "level": "warning",
        "message": _message(f"{problem.path}: {problem.message}"),
        "locations": [paths.location(problem.path, 0)],
    }


def _message(text: str) -> Data:
    return {"text": _cut(plain(text))}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
