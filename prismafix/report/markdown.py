"""A summary in GitHub's Markdown: for the summary of a job, or a comment in a pull request."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from prismafix.engine.summary import deciding
from prismafix.report.inline import escaped, rule_link, span
from prismafix.report.words import count, fix_words, uri
from prismafix.rules.registry import names

if TYPE_CHECKING:
    from collections.abc import Sequence

    from prismafix.engine.model import Reported, Result

MOST_BYTES = 1_000_000
"""GitHub takes 1 MiB in the summary of a step, and nothing of one that is larger."""
_TABLE = 200
"""Rows of the table; a workspace may have hundreds of packages."""


def to_markdown(
    result: Result, *, prefix: str = "", pages: str = "", known: Sequence[str] = (), most: int = MOST_BYTES
) -> str:
    """A table by rule and package, then each finding with its place, reason and evidence; at most `most` bytes: what
    does not fit is counted.

    Links are relative: `prefix` (`""`, or a folder with a final `/`) goes before their paths. `pages` is the address of
    the folder of the rules' pages ("": no links to them). `known` are lines about the baseline.
    """
    findings = deciding(result)
    head = [
        f"## prismafix: {count(len(findings), 'finding') if findings else 'no findings'}",
        _counts(result, findings),
    ]
    head += [escaped(line) for line in known]
    if findings:
        head.append(_table(findings, pages))
    blocks: list[tuple[str, int]] = []
    by_rule: dict[str, list[Reported]] = defaultdict(list)
    for reported in findings:
        by_rule[reported.finding.code].append(reported)
    for code, several in sorted(by_rule.items()):
        title = f"### {rule_link(code, pages)} {names().get(code, '')}".rstrip()
        for number, reported in enumerate(several):
            blocks.append((("" if number else f"{title}\n\n") + _finding(reported, prefix), 1))
    if result.problems:
        blocks.append((f"### Not analysed: {count(len(result.problems), 'file')}", 0))
        blocks += [(f"- {span(problem.path)}: {escaped(problem.message)}", 0) for problem in result.problems]
    return _fitting("\n\n".join(part for part in head if part), blocks, most)


def _fitting(head: str, blocks: Sequence[tuple[str, int]], most: int) -> str:
    room = most - len(head.encode("utf-8", "replace")) - 200  # for the last line
    kept = []
    for block, _ in blocks:
        room -= len(block.encode("utf-8", "replace")) + 2
        if room < 0:
            break
        kept.append(block)
    parts = [head, *kept]
    if len(kept) < len(blocks):
        left = sum(number for _, number in blocks[len(kept) :])
        parts.append(f"{count(left, 'more finding')}, which GitHub would not show: `prismafix check` lists them.")
    return "\n\n".join(parts) + "\n"


def _counts(result: Result, findings: Sequence[Reported]) -> str:
    by = Counter(reported.applicability for reported in findings)
    suppressed = sum(1 for reported in result.findings if reported.state == "suppressed")
    parts = [
        (by["safe"], "can be fixed safely (`prismafix fix`)"),
        (by["unsafe"], "can be fixed if you agree (`prismafix fix --interactive`)"),
        (by["none"], "to do by hand"),
        (suppressed, "more suppressed"),
    ]
    looked = f"{count(result.files, 'source file')} in {count(result.packages, 'package')} looked at"
    return "; ".join([*(f"**{number}** {text}" for number, text in parts if number), looked]) + "."


def _table(findings: Sequence[Reported], pages: str) -> str:
    cells = Counter((r.finding.code, r.finding.package or "", r.applicability) for r in findings)
    rows = []
    for code, package in sorted({(code, package) for code, package, _ in cells}):
        safe, unsafe, none = (cells[code, package, kind] for kind in ("safe", "unsafe", "none"))
        name = f"{rule_link(code, pages)} {names().get(code, '')}".rstrip()
        where = span(package).replace("|", "\\|") if package else ""
        rows.append(f"| {name} | {where} | {safe + unsafe + none} | {safe} | {unsafe} | {none} |")
    table = ["| rule | package | findings | safe fix | unsafe fix | no fix |", "| --- | --- | --: | --: | --: | --: |"]
    if len(rows) > _TABLE:
        rows = [*rows[:_TABLE], f"| and {len(rows) - _TABLE} rows more | | | | | |"]
    return "\n".join([*table, *rows])


def _finding(reported: Reported, prefix: str) -> str:
    finding = reported.finding
    kind, how = fix_words(reported)
    lines = [f"- {_link(finding.path, reported.line, prefix)} {escaped(finding.message)}"]
    if steps := [f"{escaped(e.text)} ({_link(e.path, e.line, prefix)})" for e in finding.evidence if e.step]:
        lines.append(f"  - path: {' → '.join(steps)}")
    lines += [f"  - {escaped(e.text)} ({_link(e.path, e.line, prefix)})" for e in finding.evidence if not e.step]
    lines.append(f"  - **{kind}:** {escaped(how)}")
    return "\n".join(lines)


def _link(path: str, line: int, prefix: str) -> str:
    place, anchor = (f"{path}:{line}", f"#L{line}") if line else (path, "")
    return f"[{span(place)}]({uri(prefix + path)}{anchor})"
