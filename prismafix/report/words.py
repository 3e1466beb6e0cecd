"""What all reports say in the same words, and how they make text of other people's code harmless."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from prismafix.connection.masking import mask

if TYPE_CHECKING:
    from prismafix.engine.model import Reported
    from prismafix.workspace.model import Evidence

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def visible(text: str) -> str:
    """`text` with control and direction characters as `�`: analysed code must not steer the terminal. Tabs stay."""
    return _CONTROL.sub("\ufffd", text)


def plain(text: str) -> str:
    """`text` in one line, with passwords masked and control characters replaced."""
    return mask(visible(text)).replace("\n", " ")


def uri(path: str) -> str:
    """A POSIX path as the path of a URI: everything but letters, digits, `/` and `_.-~` is percent-encoded."""
    return quote(os.fsencode(path), safe="/")


def count(number: int, noun: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def evidence_words(evidence: Evidence) -> str:
    """What the evidence says, and where."""
    return (
        f"{evidence.text} ({evidence.path}:{evidence.line})" if evidence.line else f"{evidence.text} ({evidence.path})"
    )


def fix_words(reported: Reported) -> tuple[str, str]:
    """How good a fix there is (`safe fix`, `unsafe fix`, `no fix`), and what it does or why there is none."""
    if reported.applicability == "none":
        return "no fix", reported.reason or f"see `prismafix explain {reported.finding.code}`"
    return f"{reported.applicability} fix", sentences(title_of(reported.title, reported.finding.path), reported.reason)


def sentences(*texts: str) -> str:
    """The texts one behind the other, each ended by a full stop; from the second on they begin with a capital, unless
    with a name of the code such as `prisma.user.create` or `loadOrders`."""
    parts = [text.strip() for text in texts if text.strip()]
    parts[1:] = [_capitalised(part) for part in parts[1:]]
    return " ".join(part if part.endswith((".", "!", "?")) or part == parts[-1] else part + "." for part in parts)


def _capitalised(text: str) -> str:
    word = text.split(" ", 1)[0].rstrip(",:")
    return text[:1].upper() + text[1:] if word.isalpha() and word.islower() else text


def title_of(title: str, path: str) -> str:
    """A fix's title as the continuation of a line about `path`, which it need not name again: `Use the … in a.ts`
    becomes `use the …`, `PF101 …` and `NestJS …` stay."""
    text = title.removesuffix(f" in {path}")
    return text[:1].lower() + text[1:] if text[1:2].islower() and not text.split(" ", 1)[0][1:].isupper() else text
