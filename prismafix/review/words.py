"""What the screen says of a fix: all that somebody needs to decide about it, and of what an answer did."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from prismafix.connection.masking import mask
from prismafix.report.words import count, evidence_words, plain
from prismafix.review.tree import rule_name
from prismafix.rules.registry import rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from prismafix.engine.model import Proposal
    from prismafix.review.code import Palette
    from prismafix.review.model import Changed, Mark, Review
    from prismafix.review.tree import Node

SIGNS: dict[Mark, str] = {"accepted": "✓", "again": "↻", "undecided": "·", "rejected": "✗"}
WORDS: dict[Mark, str] = {
    "accepted": "accepted",
    "again": "accepted, to be shown once more",
    "undecided": "undecided",
    "rejected": "rejected",
}
_MOST = 8
"""So many findings, or fixes that build on one, are named; the others are counted."""
_KEPT = ("-", "*", "|", "    ", "```", "1.")
"""What paragraphs of an explanation begin with that stay as they are."""


def style_of(mark: Mark, palette: Palette) -> str:
    """The style of a mark."""
    styles = {"accepted": palette.good, "again": palette.doubt, "undecided": "", "rejected": palette.bad}
    return f"bold {styles[mark]}".rstrip()


def before_diff(review: Review, name: str, palette: Palette) -> Iterator[Text]:
    """The lines above the diff: title, state, what is wrong, what to decide, what it hangs together with."""
    proposal, marks = review.proposals[name], review.marks()
    yield Text(plain(proposal.title), "bold")
    safety = palette.good if proposal.applicability == "safe" else palette.doubt
    yield Text.assemble(
        (f"{SIGNS[marks[name]]} {WORDS[marks[name]]}", style_of(marks[name], palette)),
        "  ",
        (f"{proposal.applicability} fix", f"bold {safety}"),
        "  ",
        ", ".join(map(rule_name, proposal.codes)),
    )
    yield Text()
    for reported in proposal.findings[:_MOST]:
        place = plain(f"{reported.finding.path}:{reported.line}:{reported.column}")
        yield Text.assemble((place, palette.header), " ", plain(reported.finding.message))
    yield from _more(len(proposal.findings) - _MOST, "more finding", palette)
    if proposal.doubts:
        yield Text()
        yield Text("What you must decide:", f"bold {palette.doubt}")
        for doubt in proposal.doubts:
            yield Text.assemble(("  ? ", f"bold {palette.doubt}"), plain(doubt.text))
    yield from _relations(review, name, marks, palette)
    yield Text()


def _relations(review: Review, name: str, marks: dict[str, Mark], palette: Palette) -> Iterator[Text]:
    needs, needed = review.needs[name], review.needed_by(name)
    if needs or needed:
        yield Text()
    for title, others in (("Builds on", needs), ("Others build on this:", needed)):
        for other in others[:_MOST]:
            proposal = review.proposals[other]
            state = f"{SIGNS[marks[other]]} {WORDS[marks[other]]}, {proposal.applicability}"
            yield Text.assemble(
                (f"{title} ", "bold"), plain(proposal.title), (f"  {state}", style_of(marks[other], palette))
            )
        yield from _more(len(others) - _MOST, "more fix", palette, plural="more fixes")
    if marks[name] == "again":
        text = "Without what it builds on it looks different: it is shown once more before anything is written."
        yield Text(text, f"bold {palette.doubt}")


def _more(number: int, noun: str, palette: Palette, plural: str | None = None) -> Iterator[Text]:
    if number > 0:
        yield Text(f"  and {number} {noun if number == 1 else plural or noun + 's'}", palette.quiet)


def after_diff(proposal: Proposal, palette: Palette) -> Iterator[Text]:
    """The lines below the diff: by which path, on what evidence, and what the rules say."""
    for number, reported in enumerate(proposal.findings[:_MOST]):
        steps = [evidence for evidence in reported.finding.evidence if evidence.step]
        others = [evidence for evidence in reported.finding.evidence if not evidence.step]
        if steps or others:
            of = f" of {reported.finding.path}:{reported.line}" if len(proposal.findings) > 1 else ""
            yield Text(plain(f"Evidence{of}:"), "bold")
        for depth, evidence in enumerate(steps):
            arrow = "  " * depth + ("→ " if depth else "")
            yield Text(f"  {arrow}{plain(evidence_words(evidence))}")
        yield from (Text(f"  {plain(evidence_words(evidence))}", palette.quiet) for evidence in others)
        if number == min(len(proposal.findings), _MOST) - 1:
            yield Text()
    for code in proposal.codes:
        yield from _about(code)


def _about(code: str) -> Iterator[Text]:
    found = rule(code)
    if found is not None:
        yield Text(f"About {found.code} {found.name}:", "bold")
        yield from (Text(paragraph) for paragraph in _paragraphs(found.text))


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in text.split("\n\n"):
        yield paragraph if paragraph.startswith(_KEPT) else " ".join(paragraph.split())
        yield ""


def changed_words(review: Review, changed: Changed, verb: str) -> str:
    """What an answer did beyond the fix that it was given for; empty if nothing."""
    said = [f"{count_fixes(len(changed.fixes))} {verb}."] if len(changed.fixes) != 1 or changed.left else []
    if changed.along:
        said.append(
            f"Accepted along with it, since it builds on {_them(changed.along)}: {_titles(review, changed.along)}."
        )
    if changed.waiting:
        said.append(
            f"It builds on {_titles(review, changed.waiting)}, not accepted: "
            "accept that too, or this one is shown once more as it looks without."
        )
    if changed.again:
        many = len(changed.again)
        said.append(
            f"{count_fixes(many)} that {'builds' if many == 1 else 'build'} on it "
            f"{'is' if many == 1 else 'are'} out as shown: {'it comes' if many == 1 else 'they come'} up once more as "
            f"{'it looks' if many == 1 else 'they look'} without it."
        )
    if changed.left:
        said.append(f"{count_fixes(len(changed.left))} left to decide: less safe, or building on what is not accepted.")
    return " ".join(said)


def count_fixes(number: int) -> str:
    """`1 fix`, `2 fixes`."""
    return count(number, "fix") if number == 1 else f"{number} fixes"


def _them(names: Sequence[str]) -> str:
    return "that" if len(names) == 1 else "those"


def _titles(review: Review, names: Iterable[str]) -> str:
    titles = [f"“{mask(plain(review.proposals[name].title))}”" for name in names]
    return ", ".join(titles[:2]) + (f" and {len(titles) - 2} more" if len(titles) > 2 else "")


def progress_words(review: Review) -> str:
    """How far the review is, in one line."""
    counts = review.counts()
    parts = [f"{counts['accepted']} accepted", f"{counts['rejected']} rejected"]
    if counts["again"]:
        parts.append(f"{counts['again']} to show again")
    return ", ".join([*parts, f"{counts['undecided']} undecided"])


def label(node: Node, marks: Mapping[str, Mark], proposals: Mapping[str, Proposal], palette: Palette) -> Text:
    """The line of the tree: a fix with its mark, a group with its counts."""
    if node.kind == "fix":
        name = node.fixes[0]
        mark = marks[name]
        text = Text.assemble((f"{SIGNS[mark]} ", style_of(mark, palette)))
        if proposals[name].applicability != "safe":
            text.append("! ", f"bold {palette.doubt}")
        return text.append_text(_name_first(node.label, palette))
    by = Counter(marks[name] for name in node.fixes)
    text = _name_first(node.label, palette) if node.kind == "file" else Text(node.label)
    for mark in SIGNS:
        if by[mark]:
            text.append(f" {by[mark]}{SIGNS[mark]}", style_of(mark, palette))
    return text


def _name_first(path: str, palette: Palette) -> Text:
    """A path with the name of the file before its folder."""
    folder, slash, name = path.rpartition("/")
    if " " in name or not slash:
        return Text(path)
    return Text.assemble(name, " ", (folder, palette.quiet))


def group_lines(node: Node, review: Review, palette: Palette) -> Iterator[Text]:
    """What is said of a package, rule or file: what is in it, and what the rule looks for."""
    marks = review.marks()
    yield Text(node.label, "bold")
    yield Text()
    for name in node.fixes:
        proposal = review.proposals[name]
        yield Text.assemble(
            (f"{SIGNS[marks[name]]} ", style_of(marks[name], palette)),
            (f"{proposal.applicability:6} ", palette.good if proposal.applicability == "safe" else palette.doubt),
            plain(proposal.title),
        )
    if node.kind == "rule":
        yield Text()
        yield from _about(node.label.split(" ", 1)[0])
