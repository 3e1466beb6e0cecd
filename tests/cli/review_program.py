"""Asks about three fixes and prints what was decided: the review without an analysis before it. Run as a program."""

import sys

from prismafix.cli.review import Review
from prismafix.cli.terminal import console
from prismafix.engine.model import AbandonReview, FileChange, Proposal, StopReview
from prismafix.rules.model import Applicability, Doubt


def proposal(number: int, code: str, applicability: Applicability) -> Proposal:
    doubts = (Doubt("unsafe", "the order of mails"),) if applicability == "unsafe" else ()
    change = FileChange(f"src/{number}.ts", b"old\n", b"new\n")
    return Proposal(f"f{number}", f"Mend {number}", code, (code,), None, applicability, doubts, (), (change,))


review = Review(console(), lambda: None)
accepted = []
try:
    for asked in (proposal(1, "PF001", "safe"), proposal(2, "PF001", "unsafe"), proposal(3, "PF001", "safe")):
        if review(asked):
            accepted.append(asked.fix_id)
except StopReview:
    pass
except AbandonReview:
    accepted = []
print("\naccepted:", *accepted)
sys.exit(0)
