"""Commit messages: what was changed, why, where, and what to look at."""

from __future__ import annotations

import re
import textwrap
from string import Formatter
from typing import TYPE_CHECKING, Literal

from prismafix import __version__
from prismafix.errors import UserError
from prismafix.rules.registry import rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prismafix.engine.model import AppliedFix, Reported

By = Literal["rule", "package", "fix", "all"]

SUBJECT = 72
_FAMILIES = {
    "PF1": "clients",
    "PF2": "disconnects",
    "PF3": "fan-outs",
    "PF4": "transactions",
    "PF5": "connection strings",
    "PF6": "the connection budget",
}
_IN_FILE = re.compile(r" in \S+\.\w+$")
_SITES = 50
"""How many sites a message lists; the diff shows the rest."""
_COLUMNS = 100
"""What commitlint's usual rules take for a line."""


PLACEHOLDERS = ("subject", "why", "counts", "findings", "doubts", "codes", "links", "package", "count", "version")
"""What a template may name, in braces. `{{` and `}}` are braces."""

_TEMPLATE = "{subject}\n\n{why}\n\n{counts}\n\n{findings}\n\n{doubts}\n\nMade by prismafix {version}.\n"


def message(
    by: By,
    fixes: Sequence[AppliedFix],
    findings: Sequence[Reported],
    *,
    template: str | None = None,
    pages: str = "",
) -> str:
    """A commit message: a conventional one with a subject of at most 72 characters, or what `template`, which
    `check_template` has seen, makes of it. `findings` are those of the result, `pages` is the address of the folder
    of the rules' pages ("": there is none)."""
    sites = [findings[index] for fix in fixes for index in fix.findings]
    codes = sorted({code for fix in fixes for code in fix.codes})
    doubts = sorted({doubt.text for fix in fixes for doubt in fix.doubts})
    text = (template or _TEMPLATE).format(
        subject=_subject(by, fixes, sites, codes),
        why="\n\n".join(f"{_why(code)}\n{_more(code, pages)}" for code in codes),
        counts=_counts(fixes, sites),
        findings=_list_of_sites(fixes, sites),
        doubts="\n".join(("Look at these before you merge:", *map(_item, doubts))) if doubts else "",
        codes=", ".join(codes),
        links="\n".join(_more(code, pages) for code in codes),
        package=", ".join(sorted({fix.package for fix in fixes if fix.package})),
        count=len(sites),
        version=__version__,
    )
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


def subject(by: By, fixes: Sequence[AppliedFix], findings: Sequence[Reported]) -> str:
    """The first line of `message`, which is the title of a pull request too."""
    sites = [findings[index] for fix in fixes for index in fix.findings]
    return _subject(by, fixes, sites, sorted({code for fix in fixes for code in fix.codes}))


def check_template(text: str, name: str) -> str:
    """`text`, if `message` can use it. Raises UserError that names the template `name` and what is wrong with it."""
    try:
        named = [(field, form, conversion) for _, field, form, conversion in Formatter().parse(text)]
    except ValueError as error:
        raise UserError(f"{name}: {error}: write {{{{ for a brace") from None
    for field, form, conversion in named:
        if field is not None and (field not in PLACEHOLDERS or form or conversion):
            known = ", ".join(f"{{{known}}}" for known in PLACEHOLDERS)
            raise UserError(f"{name}: {{{field}}} is no placeholder: there are {known}, and {{{{ for a brace")
    if not text.strip() or text.startswith(("\n", "\r")):
        raise UserError(f"{name}: its first line is empty, and would be the commit's subject: {{subject}}")
    return text


def _more(code: str, pages: str) -> str:
    return f"{pages.rstrip('/')}/{code}.md" if pages else f"More: prismafix explain {code}"


def _counts(fixes: Sequence[AppliedFix], sites: Sequence[Reported]) -> str:
    """How much it is, in one line."""
    files = len({change.path for fix in fixes for change in fix.changes})
    parts = [f"{len(sites)} finding{_s(len(sites))} fixed", f"{files} file{_s(files)} changed"]
    return ", ".join(parts) + "."


def _s(number: int) -> str:
    return "" if number == 1 else "s"


def _subject(by: By, fixes: Sequence[AppliedFix], sites: Sequence[Reported], codes: Sequence[str]) -> str:
    packages = {fix.package for fix in fixes}
    scope = f"fix({_scope(packages.pop()) if len(packages) == 1 else 'prisma'}): "
    known = rule(codes[0]) if by == "rule" else None
    count = f"{len(sites)} finding{_s(len(sites))}"
    wordings = [*_titles(fixes), f"resolve {count} ({', '.join(codes)})", f"resolve {count} of {len(codes)} rules"]
    if about := _families(codes):
        wordings[-2:-2] = [f"resolve {count} in {about} ({', '.join(codes)})", f"resolve {count} in {about}"]
    if known and len(codes) == 1:
        wordings.insert(-2, f"resolve {count} of {known.name} ({known.code})")
    fitting = (scope + wording for wording in wordings if len(scope + wording) <= SUBJECT)
    return next(fitting, textwrap.shorten(scope + wordings[0], SUBJECT, placeholder=" …"))


def _families(codes: Sequence[str]) -> str:
    """What the rules are about, in their order: `clients, fan-outs and transactions`. Empty for a single rule."""
    about = list(dict.fromkeys(_FAMILIES[code[:3]] for code in codes if code[:3] in _FAMILIES))
    if len(codes) < 2 or not about:
        return ""
    return " and ".join(part for part in (", ".join(about[:-1]), about[-1]) if part)


def _titles(fixes: Sequence[AppliedFix]) -> Iterator[str]:
    """What all of the fixes do, if they all do the same: with the file, with the file's name, without."""
    titles = [fix.title[:1].lower() + fix.title[1:] if fix.title[1:2].islower() else fix.title for fix in fixes]
    bare = {_IN_FILE.sub("", title) for title in titles}
    if len(titles) == 1:
        yield titles[0]
        bare_path = titles[0]
        for path in sorted((change.path for change in fixes[0].changes), key=len, reverse=True):
            bare_path = bare_path.replace(path, path.rpartition("/")[2])
        yield re.sub(r"\S*/(\S+)", r"\1", bare_path)  # a path's last part says the most
    elif len(bare) == 1 and any(change.before is not None for fix in fixes for change in fix.changes):
        files = sorted({change.path for fix in fixes for change in fix.changes if change.before is not None})
        yield f"{min(bare)} in {f'{len(files)} files' if len(files) > 1 else files[0].rpartition('/')[2]}"
    if len(bare) == 1:
        yield min(bare)


def _scope(package: str | None) -> str:
    """`web` for `@acme/web`; `prisma` for a package without a name."""
    return re.sub(r"[^\w.-]+", "-", (package or "").rsplit("/", 1)[-1]).strip("-").lower()[:24] or "prisma"


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
        yield from (f"- {_short(item)}" for item in items[:_SITES])
        if len(items) > _SITES:
            yield f"- and {len(items) - _SITES} more"


def _short(path: str) -> str:
    """A path of which the first folders are left out where it makes a line too long."""
    while len(path) > _COLUMNS - len("- …/") and "/" in path:
        path = path.split("/", 1)[1]
        if len(path) <= _COLUMNS - len("- …/"):
            return f"…/{path}"
    return path


def _item(text: str) -> str:
    return textwrap.fill(
        text, 72, initial_indent="- ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
