"""The counts that every output shows, so that text, JSON and commit messages say the same and add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

from prismafix.engine.model import Reported, Result, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

STATES: tuple[State, ...] = get_args(State)


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts of findings, unless the name says otherwise.

    `findings` are all that are not suppressed: `safe + unsafe + none`, by the applicability of the fix that was
    really built. `states` has a number for every state; together with the suppressed ones they are all findings of
    the result. `held_back` of them wait for `--unsafe-fixes`, `incomplete` for a part of their fix that is not
    selected, suppressed or out of the given paths. `fixable` are on offer (`check`), `remaining` are neither fixed
    nor suppressed, `files_changed` and `fixes` count what was applied.
    """

    files: int
    packages: int
    findings: int
    safe: int
    unsafe: int
    none: int
    suppressed: int
    states: Mapping[State, int]
    held_back: int
    incomplete: int
    fixable: int
    remaining: int
    fixes: int
    files_changed: int
    errors: int


def summarise(result: Result) -> Summary:
    """Count a result."""
    states = count_states(result.findings)
    shown = [reported for reported in result.findings if reported.state != "suppressed"]
    by = Counter(reported.applicability for reported in shown)
    held_back = sum(1 for reported in shown if reported.state == "held back" and reported.applicability == "unsafe")
    return Summary(
        files=result.files,
        packages=result.packages,
        findings=len(shown),
        safe=by["safe"],
        unsafe=by["unsafe"],
        none=by["none"],
        suppressed=states["suppressed"],
        states=states,
        held_back=held_back,
        incomplete=states["held back"] - held_back,
        fixable=states["open"],
        remaining=len(remaining(result)),
        fixes=len(result.fixes),
        files_changed=len(result.changes),
        errors=len(result.problems),
    )


def count_states(findings: Iterable[Reported]) -> dict[State, int]:
    """How many findings are in each state; every state is there."""
    counts = Counter(reported.state for reported in findings)
    return {state: counts[state] for state in STATES}


def remaining(result: Result) -> tuple[Reported, ...]:
    """The findings that are neither fixed nor suppressed, in the order of the result."""
    return tuple(reported for reported in result.findings if reported.state not in ("fixed", "suppressed"))


def deciding(result: Result) -> tuple[Reported, ...]:
    """The findings that decide the exit code: neither fixed nor suppressed, and not in a file that git ignores."""
    return tuple(reported for reported in remaining(result) if reported.finding.path not in result.ignored_by_git)


def accounting(result: Result) -> str:
    """What became of the findings, in one line: `7 findings: 4 fixed, 2 held back (unsafe), 1 suppressed`. The
    numbers add up."""
    summary = summarise(result)
    total = len(result.findings)
    parts: list[tuple[int, str]] = [(summary.states["fixed"], "fixed")]
    parts += [
        (sum(1 for r in result.findings if r.state == "open" and r.applicability == kind), f"{kind} to fix")
        for kind in ("safe", "unsafe")
    ]
    parts += [
        (summary.held_back, "held back (unsafe)"),
        (summary.incomplete, "held back (part of the fix is not selected)"),
    ]
    words = {
        "deferred": "deferred",
        "dropped": "dropped",
        "refused": "refused",
        "declined": "declined",
        "none": "without a fix",
    }
    parts += [(summary.states[state], words[state]) for state in STATES if state in words]
    parts.append((summary.suppressed, "suppressed"))
    said = ", ".join(f"{count} {text}" for count, text in parts if count)
    noun = "finding" if total == 1 else "findings"
    return f"{total} {noun}: {said}" if total else "no findings"
