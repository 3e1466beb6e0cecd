"""Finds the rules: every module `pf<digits>_<name>.py` of this package is one. Nothing is registered by hand."""

from __future__ import annotations

import importlib
import pkgutil
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import prismafix.rules as package

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from prismafix.project.model import Project
    from prismafix.rules.model import Applicability, Finding

_MODULE = re.compile(r"pf(\d{3})_([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `name` is for people (`fan-out-unbounded`), `best` the best applicability any of its fixes can have,
    `summary`
    one line, `text` the whole explanation (the module's docstring). `check` yields its findings in any order."""

    code: str
    name: str
    best: Applicability
    summary: str
    text: str
    check: Callable[[Project], Iterable[Finding]]


@cache
def names() -> dict[str, str]:
    """The names of all rules by their codes. No rule is imported for that."""
    matches = (_MODULE.fullmatch(info.name) for info in pkgutil.iter_modules(package.__path__))
    return {f"PF{match[1]}": match[2].replace("_", "-") for match in matches if match is not None}


@cache
def discover() -> tuple[Rule, ...]:
    """All rules by code. Raises ValueError for two rules with one code, or a rule without a docstring."""
    rules: dict[str, Rule] = {}
    for info in pkgutil.iter_modules(package.__path__):
        match = _MODULE.fullmatch(info.name)
        if match is None:
            continue
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        code, name = f"PF{match[1]}", match[2].replace("_", "-")
        text = (module.__doc__ or "").strip()
        if code in rules or not text:
            raise ValueError(f"{info.name}: the code is taken or the docstring is missing")
        rules[code] = Rule(code, name, module.BEST, text.split("\n", 1)[0], text, module.check)
    return tuple(rules[code] for code in sorted(rules))


def rule(code: str) -> Rule | None:
    """The rule with this code (any case), or None."""
    return next((r for r in discover() if r.code == code.upper()), None)
