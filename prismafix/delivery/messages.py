"""Commit messages: what was changed, why, where, and what to look at."""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING, Literal

from prismafix import __version__
from prismafix.rules.registry import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prismafix.engine.model import AppliedFix, Reported

By = Literal["rule", "package", "fix", "all"]

SUBJECT = 72
_SITES = 50
"""How many sites a message lists; the diff shows the rest."""


def message(by: By, fixes: Sequence[AppliedFix], findings: Sequence[Reported]) -> str:
    """A conventional commit message, its subject at most 72 characters. `findings` are those of the result."""
    sites = [findings[index] for fix in fixes for index in fix.findings]
    codes = sorted({code for fix in fixes for code in fix.codes})
    parts = [_subject(by, fixes, sites, codes), *(_why(code) for code in codes), _list_of_sites(fixes, sites)]
    if doubts := sorted({doubt.text for fix in fixes for doubt in fix.doubts}):
        parts.append("Look at these before you merge:\n" + "\n".join(_item(doubt) for doubt in doubts))
    parts.append(f"Made by prismafix {__version__}.")
    return "\n\n".join(parts) + "\n"


def _subject(by: By, fixes: Sequence[AppliedFix], sites: Sequence[Reported], codes: Sequence[str]) -> str:
    packages = {fix.package for fix in fixes}
    scope = _scope(packages.pop()) if len(packages) == 1 else "prisma"
    if len(fixes) == 1:
        title = fixes[0].title
        text = title[:1].lower() + title[1:] if title[1:2].islower() else title
    else:
        count = f"{len(sites)} finding" + ("" if len(sites) == 1 else "s")
        known = rule(codes[0]) if by == "rule" else None
        text = f"resolve {count} of {known.name} ({codes[0]})" if known else f"resolve {count} ({', '.join(codes)})"
        if len(f"fix({scope}): {text}") > SUBJECT and not known:
            text = f"resolve {count} of {len(codes)} rules"
    subject = f"fix({scope}): {text}"
    if len(subject) > SUBJECT:  # a path's last part says more than the words before it
        subject = re.sub(r"\S*/(\S+)", r"\1", subject)
    return textwrap.shorten(subject, SUBJECT, placeholder=" …")


def _scope(package: str | None) -> str:
    """`web` for `@acme/web`; `prisma` for a package without a name."""
    return re.sub(r"[^\w.-]+", "-", (package or "").rsplit("/", 1)[-1]).strip("-")[:24] or "prisma"


def _why(code: str) -> str:
    """The rule's summary and the first paragraph of its explanation."""
    known = rule(code)
    if known is None:
        return code
    paragraphs = [" ".join(part.split()) for part in known.text.split("\n\n")]
    return textwrap.fill(f"{code} {known.name}: {' '.join(paragraphs[:2])}", 72, break_long_words=False)


def _list_of_sites(fixes: Sequence[AppliedFix], sites: Sequence[Reported]) -> str:
    files = sorted({change.path for fix in fixes for change in fix.changes if change.before is not None})
    made = sorted({change.path for fix in fixes for change in fix.changes if change.before is None})
    return "\n".join([*_sites(sites), *_listed("Files changed", files), *_listed("Files made", made)])


def _sites(sites: Sequence[Reported]) -> Iterator[str]:
    ordered = sorted({(r.finding.path, r.line, r.finding.code) for r in sites})
    yield from _listed("Sites (lines as they were)", [f"{path}:{line} {code}" for path, line, code in ordered])


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"{title}, {len(items)}:"
        yield from (f"- {item}" for item in items[:_SITES])
        if len(items) > _SITES:
            yield f"- and {len(items) - _SITES} more"


def _item(text: str) -> str:
    return textwrap.fill(text, 72, initial_indent="- ", subsequent_indent="  ", break_long_words=False)
