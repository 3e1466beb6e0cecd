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
    "again": "accepted, but not what it builds on",
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
    if needs:
        yield Text()
        yield Text("Builds on:", "bold")
        yield from _named_fixes(review, needs, marks, palette)
    if marks[name] == "again":
        text = "Before anything is written you are asked once more if it looks different without."
        yield Text(text, f"bold {palette.doubt}")
    if needed:
        yield Text()
        others = "1 other fix builds" if len(needed) == 1 else f"{len(needed)} other fixes build"
        yield Text(f"{others} on this one (below).", palette.quiet)


def _named_fixes(review: Review, names: Sequence[str], marks: dict[str, Mark], palette: Palette) -> Iterator[Text]:
    for name in names[:_MOST]:
        proposal = review.proposals[name]
        safety = "" if proposal.applicability == "safe" else f" ({proposal.applicability})"
        yield Text.assemble(
            (f"  {SIGNS[marks[name]]} ", style_of(marks[name], palette)), plain(proposal.title), (safety, palette.doubt)
        )
    yield from _more(len(names) - _MOST, "more", palette, plural="more")


def _more(number: int, noun: str, palette: Palette, plural: str | None = None) -> Iterator[Text]:
    if number > 0:
        yield Text(f"  and {number} {noun if number == 1 else plural or noun + 's'}", palette.quiet)


def after_diff(review: Review, name: str, palette: Palette) -> Iterator[Text]:
    """The lines below the diff: by which path, on what evidence, what builds on it, and what the rules say."""
    proposal, needed = review.proposals[name], review.needed_by(name)
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
    if needed:
        yield Text("What builds on it, and looks different without:", "bold")
        yield from _named_fixes(review, needed, review.marks(), palette)
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
            f"It builds on {_titles(review, changed.waiting)}, not accepted: accept that too, "
            "or you are asked once more if this one looks different without."
        )
    if changed.again:
        many = len(changed.again)
        build, look = ("builds", "it looks") if many == 1 else ("build", "they look")
        said.append(
            f"{count_fixes(many)} that you accepted {build} on it: you are asked once more if {look} different without."
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


def progress_words(review: Review, *, short: bool = False) -> str:
    """How far the review is, in one line; `short` with signs instead of words."""
    counts = review.counts()
    if short:
        return " ".join(f"{counts[mark]}{SIGNS[mark]}" for mark in SIGNS if counts[mark])
    parts = [f"{counts['accepted']} accepted", f"{counts['rejected']} rejected"]
    if counts["again"]:
        parts.append(f"{counts['again']} waiting")
    return ", ".join([*parts, f"{counts['undecided']} undecided"])


def label(node: Node, marks: Mapping[str, Mark], proposals: Mapping[str, Proposal], palette: Palette) -> Text:
    """The line of the tree: a fix with its mark, a group with its counts."""
    if node.kind == "fix":
        name = node.fixes[0]
        mark = marks[name]
        text = Text.assemble((f"{SIGNS[mark]} ", style_of(mark, palette)))
        if proposals[name].applicability != "safe":
            text.append("! ", f"bold {palette.doubt}")
        return text.append_text(_named(node, palette))
    by = Counter(marks[name] for name in node.fixes)
    text = Text(node.label)
    for mark in SIGNS:
        if by[mark]:
            text.append(f" {by[mark]}{SIGNS[mark]}", style_of(mark, palette))
    return text.append(f" {node.folder}", palette.quiet) if node.folder else text


def _named(node: Node, palette: Palette) -> Text:
    return Text.assemble(node.label, (f" {node.folder}" if node.folder else "", palette.quiet))


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
