"""Rule codes as a user writes them."""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import TYPE_CHECKING

from prismafix.errors import UserError
from prismafix.rules.registry import Rule, discover, rule

if TYPE_CHECKING:
    from collections.abc import Iterable


def codes(values: Iterable[str], where: str) -> tuple[str, ...]:
    """Codes (`PF303`), beginnings (`PF3`) and names (`fan-out-unbounded`), each value one or several with commas, as
    codes and beginnings. Raises UserError, with `where` and the closest, for what means no rule."""
    words = [word.strip() for value in values for word in value.split(",") if word.strip()]
    return tuple(dict.fromkeys(_code(word, where) for word in words))


def known_rule(word: str) -> Rule:
    """The rule with this code or name. Raises UserError that names the closest."""
    found = rule(word) or next((r for r in discover() if r.name == word.lower()), None)
    if found is None:
        raise UserError(f"{word} is no rule{closest(word)}: `prismafix rules` lists them all")
    return found


def closest(word: str, among: Iterable[str] | None = None) -> str:
    """` (did you mean X?)` for the nearest of `among` (all codes and names), or nothing."""
    known = list(among) if among is not None else [n for r in discover() for n in (r.code, r.name)]
    by_lower = {name.lower(): name for name in known}
    near = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return f" (did you mean {by_lower[near[0]]}?)" if near else ""


def _code(word: str, where: str) -> str:
    named = next((r.code for r in discover() if r.name == word.lower()), None)
    code = named or word.upper()
    if re.fullmatch(r"PF\d{0,3}", code) and any(r.code.startswith(code) for r in discover()):
        return code
    raise UserError(f"{where}: {word} is no rule{closest(word)}: `prismafix rules` lists them all")
