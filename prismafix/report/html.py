"""One page with everything: the findings, code frames, and the diffs of their fixes.

It is complete by itself: no script, style or font comes from elsewhere, and none may (its content security policy).
Without JavaScript it can be read; with it, it can be filtered.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import Counter
from html import escape
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from prismafix import __version__
from prismafix.engine.summary import deciding, remaining
from prismafix.report.colours import coloured
from prismafix.report.diff import shown_hunks
from prismafix.report.frames import frame
from prismafix.report.page import SCRIPT, STYLE
from prismafix.report.words import count, evidence_words, fix_words, plain
from prismafix.rules.registry import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prismafix.engine.model import AppliedFix, FileChange, Reported, Result

_CODE = {".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs", ".prisma"}
"""Diffs of other files come without the lines around the change: in env files and their like those are other people's
passwords and keys, of which not all look like it."""
_BACKTICKS = re.compile("`([^`]+)`")
_KINDS = {"safe": "safe fix", "unsafe": "unsafe fix", "none": "no fix"}


def to_html(result: Result, *, pages: str = "", known: Sequence[str] = ()) -> str:
    """The page. Findings that share a fix stand together, with the diff of it if `result` has `offers`. Passwords are
    masked. `pages` is the address of the folder of the rules' pages ("": no links to them), `known` are lines about the
    baseline."""
    findings = deciding(result)
    apart = [r for r in remaining(result) if r.finding.path in result.ignored_by_git]
    fixes = {fix.fix_id: fix for fix in result.offers}
    body = [_head(result, findings, known), _filter(findings), _table(findings, pages), "<main>"]
    body += [_article(group, fixes, pages) for group in _groups(findings)]
    if apart:
        body.append("<h2>In files that git ignores</h2><p>They change neither exit code nor baseline.</p>")
        body += [_article(group, fixes, pages) for group in _groups(apart)]
    body += ["</main>", _problems(result)]
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return "\n".join(
        [
            '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="color-scheme" content="light dark">',
            f"<title>prismafix: {count(len(findings), 'finding')}</title>\n<style>{STYLE}</style>\n</head>\n<body>",
            *(part for part in body if part),
            f"<footer>Made by prismafix {__version__}.</footer>\n<script>{SCRIPT}</script>\n</body>\n</html>\n",
        ]
    )


def _head(result: Result, findings: Sequence[Reported], known: Sequence[str]) -> str:
    by = Counter(reported.applicability for reported in findings)
    suppressed = sum(1 for reported in result.findings if reported.state == "suppressed")
    rows = [
        (by["safe"], "can be fixed safely: <code>prismafix fix</code>"),
        (by["unsafe"], "can be fixed if you agree: <code>prismafix fix --interactive</code>"),
        (by["none"], "to do by hand: <code>prismafix explain CODE</code> says how"),
        (suppressed, "more suppressed"),
    ]
    listed = "".join(f"<li><b>{number}</b> {text}</li>" for number, text in rows if number)
    listed += "".join(f"<li>{_prose(line)}</li>" for line in known)
    title = count(len(findings), "finding") if findings else "No findings"
    where = f"{count(result.files, 'source file')} in {count(result.packages, 'package')} looked at"
    return f"<header><h1>{title} in {_text(result.root.name)}</h1><p>{where}.</p><ul>{listed}</ul></header>"


def _filter(findings: Sequence[Reported]) -> str:
    if not findings:
        return ""
    rules = sorted({r.finding.code for r in findings})
    packages = sorted({r.finding.package or "" for r in findings})
    kinds = [kind for kind in _KINDS if any(r.applicability == kind for r in findings)]
    choices = (
        ("code", "rule", [(code, f"{code} {names().get(code, '')}") for code in rules]),
        ("package", "package", [(name, name or "(none)") for name in packages]),
        ("fix", "fix", [(kind, _KINDS[kind]) for kind in kinds]),
    )
    fields = []
    for key, label, values in choices:
        options = "".join(f'<option value="={_text(value)}">{_text(text)}</option>' for value, text in values)
        fields.append(f'<label>{label} <select name="{key}"><option value="">all</option>{options}</select></label>')
    return f'<form id="filter" hidden>{"".join(fields)}<output role="status"></output></form>'


def _table(findings: Sequence[Reported], pages: str) -> str:
    if not findings:
        return ""
    cells = Counter((r.finding.code, r.finding.package or "", r.applicability) for r in findings)
    rows = ""
    for code, package in sorted({(code, package) for code, package, _ in cells}):
        numbers = [cells[code, package, kind] for kind in ("safe", "unsafe", "none")]
        figures = "".join(f"<td>{number or ''}</td>" for number in (sum(numbers), *numbers))
        rows += f"<tr><th>{_rule(code, pages)}</th><td>{_text(package)}</td>{figures}</tr>"
    head = "".join(f"<th>{name}</th>" for name in ("rule", "package", "findings", *_KINDS.values()))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _groups(findings: Iterable[Reported]) -> Iterator[list[Reported]]:
    """The findings that share a fix together, at the place of the first of them."""
    numbered = list(enumerate(findings))
    first: dict[str, int] = {}
    for number, reported in numbered:
        first.setdefault(reported.fix_id or f"#{number}", number)
    ordered = sorted(numbered, key=lambda pair: (first[pair[1].fix_id or f"#{pair[0]}"], pair[0]))
    for _, group in groupby(ordered, key=lambda pair: first[pair[1].fix_id or f"#{pair[0]}"]):
        yield [reported for _, reported in group]


def _article(group: Sequence[Reported], fixes: dict[str, AppliedFix], pages: str) -> str:
    sections = "".join(_section(reported, pages) for reported in group)
    fix = fixes.get(group[0].fix_id or "")
    diff = ""
    if fix is not None:
        files = "".join(_file(change) for change in fix.changes)
        title = f"The fix: {plain(fix.title)} ({fix.applicability}, {count(len(fix.changes), 'file')})"
        diff = f"<details open><summary>{escape(title)}</summary>{files}</details>"
    return f"<article>{sections}{diff}</article>"


def _section(reported: Reported, pages: str) -> str:
    finding = reported.finding
    kind, how = fix_words(reported)
    place = f"{finding.path}:{reported.line}:{reported.column}"
    notes = [("path", " → ".join(evidence_words(e) for e in finding.evidence if e.step))]
    notes += [("evidence", evidence_words(e)) for e in finding.evidence if not e.step]
    notes.append((kind, how))
    listed = "".join(f"<dt>{key}</dt><dd>{_prose(text)}</dd>" for key, text in notes if text)
    code = "\n".join(line.plain for line in frame(reported))
    shown = f'<pre class="frame">{escape(code)}</pre>' if code else ""
    data = (
        f'data-code="{finding.code}" data-package="{_text(finding.package or "")}" data-fix="{reported.applicability}"'
    )
    return (
        f'<section id="f{reported.fingerprint}" class="{finding.severity}" {data}>'
        f"<h3><code>{_text(place)}</code> {_rule(finding.code, pages)} "
        f'<span class="badge {reported.applicability}">{_KINDS[reported.applicability]}</span></h3>'
        f"<p>{_prose(finding.message)}</p>{shown}<dl>{listed}</dl></section>"
    )


def _file(change: FileChange) -> str:
    state = " (new file)" if change.before is None else ""
    is_code = PurePosixPath(change.path).suffix in _CODE
    hunks = "".join(
        _hunk(lines if is_code else [line for line in lines if line[:1] != " "], change.path)
        for lines in shown_hunks(change)
    )
    caption = f"<figcaption><code>{_text(change.path)}</code>{state}</figcaption>"
    return f'<figure>{caption}<pre class="diff">{hunks}</pre></figure>'


def _hunk(lines: Sequence[str], path: str) -> str:
    """The header, then the lines: each side of the change is coloured as the code that it is."""
    old = iter(coloured([line[1:] for line in lines[1:] if line[:1] in ("-", " ")], path))
    new = iter(coloured([line[1:] for line in lines[1:] if line[:1] in ("+", " ")], path))
    made = [f'<span class="at">{escape(lines[0])}</span>']
    for line in lines[1:]:
        if line[:1] == "-":
            made.append(f"<del>-{next(old)}</del>")
        elif line[:1] == "+":
            made.append(f"<ins>+{next(new)}</ins>")
        elif line[:1] == " ":
            next(old)
            made.append(f"<span> {next(new)}</span>")
        else:
            made.append(f'<span class="at">{escape(line)}</span>')
    return "\n".join(made) + "\n"


def _problems(result: Result) -> str:
    if not result.problems:
        return ""
    listed = "".join(f"<li><code>{_text(p.path)}</code>: {_prose(p.message)}</li>" for p in result.problems)
    return f"<h2>{count(len(result.problems), 'file')} not analysed</h2><ul>{listed}</ul>"


def _rule(code: str, pages: str) -> str:
    name = escape(f"{code} {names().get(code, '')}".rstrip())
    return f'<a href="{escape(pages.rstrip("/"))}/{code}.md">{name}</a>' if pages else name


def _text(text: str) -> str:
    return escape(plain(text))


def _prose(text: str) -> str:
    """`text` with what stands in backticks as code."""
    return _BACKTICKS.sub(r"<code>\1</code>", _text(text))
