"""Pieces of Markdown as GitHub and GitLab read it, made of text that may hold anything."""

from __future__ import annotations

import re

from prismafix.report.words import plain

_SPECIAL = re.compile(r"([\\*_\[\]<>#|~$&])")
# What is code already, and what GitHub or GitLab would make mentions and references of: `@acme/web`, `#12`, `shop#12`,
# `GH-12`, `!12`. They look for these in what the Markdown has become: a backslash does not help.
_CODE = re.compile(r"`([^`]+)`|((?<!\w)@[\w./-]+|[\w./-]*[#!]\d+|\bGH-\d+|(?<!\w)[&~%$]\d+)")


def escaped(text: str) -> str:
    """`text` as it is, whatever it holds: no markup, no mention of a person, no reference to an issue."""
    parts, at = [], 0
    text = plain(text)
    for match in _CODE.finditer(text):
        parts += [_without_markup(text[at : match.start()]), span(match[1] or match[2])]
        at = match.end()
    return "".join([*parts, _without_markup(text[at:])])


def span(text: str) -> str:
    """`text` as code. The fence is longer than any run of backticks in it."""
    text = plain(text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    pad = " " if "`" in text or text != text.strip() else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def rule_link(code: str, pages: str) -> str:
    """A rule's code, with a link to its page where `pages` says which folder the pages are in."""
    return f"[{code}]({pages.rstrip('/')}/{code}.md)" if pages else code


def _without_markup(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text).replace("`", "\\`")
