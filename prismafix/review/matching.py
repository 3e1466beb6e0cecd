"""Searching fixes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.connection.masking import mask
from prismafix.report.words import visible
from prismafix.review.tree import package_of, rule_name

if TYPE_CHECKING:
    from prismafix.engine.model import Proposal


def matches(proposal: Proposal, query: str) -> bool:
    """Whether every word of `query` is in the title, a path, a rule's code or name, the package, or in what is said of
    the findings. Capitals do not matter; passwords cannot be searched for."""
    said = [proposal.title, package_of(proposal), proposal.applicability, *map(rule_name, proposal.codes)]
    said += [change.path for change in proposal.changes]
    said += [text for r in proposal.findings for text in (r.finding.path, r.finding.message)]
    text = mask(visible("\n".join(said))).casefold()
    return all(word in text for word in query.casefold().split())
