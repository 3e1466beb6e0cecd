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
_IN_FILE = re.compile(r" in \S+\.\w+$")
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
    scope = f"fix({_scope(packages.pop()) if len(packages) == 1 else 'prisma'}): "
    known = rule(codes[0]) if by == "rule" else None
    count = f"{len(sites)} finding" + ("" if len(sites) == 1 else "s")
    wordings = [*_titles(fixes), f"resolve {count} ({', '.join(codes)})", f"resolve {count} of {len(codes)} rules"]
    if known and len(codes) == 1:
        wordings.insert(-2, f"resolve {count} of {known.name} ({known.code})")
    fitting = (scope + wording for wording in wordings if len(scope + wording) <= SUBJECT)
    return next(fitting, textwrap.shorten(scope + wordings[0], SUBJECT, placeholder=" …"))


def _titles(fixes: Sequence[AppliedFix]) -> Iterator[str]:
    """What all of the fixes do, if they all do the same: with the file, with the file's name, without."""
    titles = [fix.title[:1].lower() + fix.title[1:] if fix.title[1:2].islower() else fix.title for fix in fixes]
    bare = {_IN_FILE.sub("", title) for title in titles}
    if len(titles) == 1:
        yield from (titles[0], re.sub(r"\S*/(\S+)", r"\1", titles[0]))  # a path's last part says the most
    elif len(bare) == 1:
        yield f"{min(bare)} in {len({c.path for fix in fixes for c in fix.changes if c.before is not None})} files"
    if len(bare) == 1:
        yield min(bare)


def _scope(package: str | None) -> str:
    """`web` for `@acme/web`; `prisma` for a package without a name."""
    return re.sub(r"[^\w.-]+", "-", (package or "").rsplit("/", 1)[-1]).strip("-")[:24] or "prisma"


def _why(code: str) -> str:
    """The rule's summary and the first paragraph of its explanation."""
    known = rule(code)
    if known is None:
        return code
    paragraphs = [" ".join(part.split()) for part in known.text.split("\n\n")]
    return textwrap.fill(
        f"{code} {known.name}: {' '.join(paragraphs[:2])}", 72, break_long_words=False, break_on_hyphens=False
    )


def _list_of_sites(fixes: Sequence[AppliedFix], sites: Sequence[Reported]) -> str:
    named = {site.finding.path for site in sites}
    also = sorted({c.path for fix in fixes for c in fix.changes if c.before is not None and c.path not in named})
    made = sorted({change.path for fix in fixes for change in fix.changes if change.before is None})
    return "\n".join([*_sites(sites), *_listed("Also changed", also), *_listed("New", made)])


def _sites(sites: Sequence[Reported]) -> Iterator[str]:
    ordered = sorted({(r.finding.path, r.line, r.finding.code) for r in sites})
    yield from _listed(
        "What was found, with the lines as they were", [f"{path}:{line} {code}" for path, line, code in ordered]
    )


def _listed(title: str, items: Sequence[str]) -> Iterator[str]:
    if items:
        yield f"{title}:"
        yield from (f"- {item}" for item in items[:_SITES])
        if len(items) > _SITES:
            yield f"- and {len(items) - _SITES} more"


def _item(text: str) -> str:
    return textwrap.fill(
        text, 72, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
