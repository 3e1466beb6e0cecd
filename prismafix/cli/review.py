"""The review: shows each fix and asks."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from rich.text import Text

from prismafix.cli.terminal import say
from prismafix.connection.masking import mask
from prismafix.engine.model import AbandonReview, Proposal, StopReview
from prismafix.report.diff import shown
from prismafix.report.text import finding_lines
from prismafix.rules.model import ORDER, Applicability

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.console import Console

_HELP = """\
  y  yes: apply this fix
  n  no: leave this one
  a  all: apply this and every later fix of the same rule that is no less safe
  q  quit: apply what was accepted so far, ask no more
  x  exit: change nothing at all, forget what was accepted
"""
_WORDS = {"yes": "y", "no": "n", "all": "a", "quit": "q", "exit": "x"}


@dataclass(slots=True)
class Review:
    """The engine's `Choose`: shows each fix on `screen` and reads answers, one line each, from standard input, which
    may be a pipe; its end means "keep nothing". `before` is called ahead of each fix (it stops the progress bar)."""

    screen: Console
    before: Callable[[], None]
    accepted: int = 0
    asked: int = 0
    all_of: dict[str, Applicability] = field(default_factory=dict)

    def __call__(self, proposal: Proposal) -> bool:
        self.before()
        self.asked += 1
        say(self.screen, _proposal(proposal, self.asked))
        limit = self.all_of.get(proposal.code)
        if limit is not None and ORDER[proposal.applicability] <= ORDER[limit]:
            self.screen.print(Text(f"applied: all of {proposal.code}", "green"))
            self.accepted += 1
            return True
        answer = self._answer(proposal.code)
        if answer == "q":
            raise StopReview
        if answer == "x":
            raise AbandonReview
        if answer == "a":
            self.all_of[proposal.code] = proposal.applicability
        self.accepted += answer in "ya"
        return answer in "ya"

    def _answer(self, code: str) -> str:
        keys = f"[y]es  [n]o  [a]ll of {code}  [q]uit, keep the {self.accepted} accepted  e[x]it, keep nothing"
        question = f"Apply this fix? {keys}: "
        while True:
            self.screen.print(Text(question, "bold"), end="")
            self.screen.file.flush()
            line = sys.stdin.readline()
            if not sys.stdin.isatty():
                self.screen.print()  # what is piped in brings no line feed to the screen
            if not line:
                raise AbandonReview
            word = line.strip().lower()
            answer = _WORDS.get(word, word)
            if answer in {"y", "n", "a", "q", "x"}:
                return answer
            self.screen.print(Text(_HELP), end="")


def _proposal(proposal: Proposal, number: int) -> Iterator[Text]:
    style = "green" if proposal.applicability == "safe" else "yellow"
    yield Text()
    codes = f"  {' '.join(proposal.codes)}  "
    yield Text.assemble((f"fix {number}: {proposal.title}", "bold"), codes, (proposal.applicability, f"bold {style}"))
    for reported in proposal.findings:
        yield from (Text("  ").append_text(line) for line in finding_lines(reported, quiet=True))
    for doubt in proposal.doubts:
        yield Text.assemble(("  look at: ", "bold yellow"), mask(doubt.text))
    yield from shown(proposal.changes)
