"""What is known of a campaign, as lines and as JSON."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from prismafix import __version__
from prismafix.delivery.campaign.turn import forge_of
from prismafix.errors import UserError
from prismafix.report.words import count

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from prismafix.delivery.campaign.model import Campaign, Count, Pull, Wanted
    from prismafix.delivery.campaign.state import Known, Seen, State

VERSION = 1


def word(known: Known) -> str:
    """What became of a repository, in a few words: `opened https://…`, `3 findings, no fix to make`, `failed: …`."""
    if known.status == "failed":
        return f"failed: {known.error}"
    if known.status != "done":
        return f"{known.status}: {known.steps[-1].step}" if known.status == "running" and known.steps else known.status
    if not known.uses_prisma:
        return "does not use Prisma"
    newest = {pull.branch: pull for pull in known.pulls}
    if newest:
        return ", ".join(_pull_words(pull) for pull in newest.values())
    if not known.findings:
        return "no findings"
    fixes = fix_words(known.fixes) if known.fixes else "no fix"
    return f"{count(known.findings, 'finding')}, {fixes} to make{held_back(known.counts)}"


def held_back(counts: Iterable[Count]) -> str:
    """`, 7 held back: look at unsafe-fixes`, or nothing."""
    number = sum(count.number for count in counts if count.state == "held back")
    return f", {number} held back: look at unsafe-fixes" if number else ""


def _pull_words(pull: Pull) -> str:
    what = pull.state if pull.state in ("merged", "closed") else pull.status
    return f"{what} {pull.url or pull.branch}"


def totals(repositories: Sequence[Known]) -> str:
    """`3 repositories: 2 done, 1 failed; 12 findings, 9 fixes; 2 pull requests: 1 open, 1 merged`."""
    by = Counter(known.status for known in repositories)
    states = Counter(pull.state for known in repositories for pull in known.pulls if pull.state)
    parts = [
        f"{'1 repository' if len(repositories) == 1 else f'{len(repositories)} repositories'}: "
        + ", ".join(f"{by[status]} {status}" for status in ("done", "failed", "running", "waiting") if by[status]),
        f"{count(sum(known.findings for known in repositories), 'finding')}, "
        f"{fix_words(sum(known.fixes for known in repositories))}",
    ]
    if states:
        listed = ", ".join(f"{states[state]} {state}" for state in ("open", "merged", "closed") if states[state])
        parts.append(f"{count(states.total(), 'pull request')}: {listed}")
    return "; ".join(parts)


def fix_words(number: int) -> str:
    """`1 fix`, `2 fixes`."""
    return "1 fix" if number == 1 else f"{number} fixes"


def is_finished(repositories: Sequence[Known]) -> bool:
    """Whether all of the file's repositories are done."""
    return all(known.status == "done" for known in repositories if known.position is not None)


def to_data(campaign: Campaign, repositories: Sequence[Known], history: Sequence[Seen]) -> dict[str, Any]:
    """For `--format json`, version 1: additions only. Times are ISO 8601 in UTC."""
    return {
        "version": VERSION,
        "prismafix": __version__,
        "campaign": campaign.name,
        "file": str(campaign.file),
        "repositories": [_repository(known) for known in repositories],
        "history": [
            {
                "repository": s.repository,
                "branch": s.branch,
                "number": s.number,
                "state": s.state,
                "seen": utc(s.at),
                "at": utc(s.when),
            }
            for s in history
        ],
        "summary": {
            "repositories": len(repositories),
            **{s: sum(1 for k in repositories if k.status == s) for s in ("done", "failed", "running", "waiting")},
            "findings": sum(known.findings for known in repositories),
            "fixes": sum(known.fixes for known in repositories),
            **{s: sum(1 for k in repositories for p in k.pulls if p.state == s) for s in ("open", "merged", "closed")},
        },
    }


def _repository(known: Known) -> dict[str, Any]:
    return {
        "name": known.name,
        "source": known.source,
        "in_file": known.position is not None,
        "status": known.status,
        "error": known.error,
        "notes": list(known.notes),
        "base_commit": known.base_commit or None,
        "uses_prisma": known.uses_prisma,
        "files": known.files,
        "fixes": known.fixes,
        "findings": [
            {"code": c.code, "package": c.package, "state": c.state, "number": c.number} for c in known.counts
        ],
        "pull_requests": [
            {
                "branch": p.branch,
                "base": p.base,
                "status": p.status,
                "title": p.title,
                "url": p.url,
                "number": p.number,
                "state": p.state or None,
                "fixes": p.fixes,
                "findings": p.findings,
                "commits": [{"id": name, "subject": subject} for name, subject in p.commits],
            }
            for p in known.pulls
        ],
        "steps": [
            {"step": s.step, "began": utc(s.began), "ended": utc(s.ended), "failed": s.failed} for s in known.steps
        ],
        "began": utc(known.began),
        "ended": utc(known.ended),
    }


def utc(seconds: float | None) -> str | None:
    return None if seconds is None else time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def refresh(campaign: Campaign, state: State, say: Callable[[str], None]) -> None:
    """Ask the forges what became of the pull requests, and write it down. What cannot be asked is said to `say`. Raises
    UserError for the state's file only."""
    by_name: dict[str, Wanted] = {wanted.name: wanted for wanted in campaign.repositories}
    for known in state.repositories():
        asked = [pull for pull in known.pulls if pull.number and pull.state in ("open", "closed")]
        if not asked:
            continue
        wanted = by_name.get(known.name)
        if wanted is None:
            say(f"{known.name}: is not in {campaign.file.name} any more, so its forge is not known")
            continue
        try:
            forge = forge_of(replace(wanted, open="pull-request"), say)
            found = [(pull, forge.read(pull.number or 0)) for pull in asked]
        except UserError as error:
            say(f"{known.name}: {error}")
            continue
        for pull, now in found:
            state.see(known.name, pull, now, time.time())
