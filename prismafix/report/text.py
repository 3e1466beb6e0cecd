"""The report for people: findings with code frames, what was fixed, what was not and why, and what to run next."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from rich.text import Text

from prismafix.engine import summary
from prismafix.report.frames import frame
from prismafix.report.words import count, evidence_words, fix_words, plain, sentences, title_of
from prismafix.rules.registry import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prismafix.engine.model import AppliedFix, Reported, Result, State
    from prismafix.workspace.model import Problem

_LEFT: dict[State, str] = {
    "held back": "held back",
    "open": "on offer, not asked for",
    "declined": "declined in the review",
    "deferred": "deferred: run `prismafix fix` once more",
    "dropped": "dropped: nothing of these fixes was written",
    "refused": "refused: no rewrite is possible here",
    "none": "to do by hand",
}
"""The titles under which `fix` lists what is left, in the order of the report."""


def without_prisma(result: Result) -> Iterator[Text]:
    """The lines for a project in which nothing uses Prisma."""
    yield from problem_lines(result)
    yield Text(f"No Prisma in {plain(str(result.root))}: nothing to do.")


def check_report(result: Result, *, verbose: bool = False, quiet: bool = False) -> Iterator[Text]:
    """The lines of `check`: the findings, the problems, the summary. `quiet`: one line per finding and per problem."""
    shown = summary.deciding(result)
    apart = [r for r in summary.remaining(result) if r.finding.path in result.ignored_by_git]
    for reported in shown:
        yield from finding_lines(reported, verbose=verbose, quiet=quiet)
    if quiet:
        yield from (_problem_line(problem) for problem in result.problems)
        return
    if apart:
        yield Text("In files that git ignores (they change neither exit code nor baseline):", "bold")
        yield Text()
        for reported in apart:
            yield from finding_lines(reported, verbose=verbose)
    yield from problem_lines(result)
    yield from _check_summary(result)


def fix_report(result: Result, changed: Sequence[str], *, quiet: bool = False) -> Iterator[Text]:
    """The lines of `fix`: each fix, what is left and why, the counts. `changed` are the paths that were written.
    `quiet`: one line per fix, per finding that is left and per problem."""
    for fix in result.fixes:
        yield _fixed_line(fix, result)
    if quiet:
        yield from (_left_line(reported) for reported in summary.deciding(result))
        yield from (_problem_line(problem) for problem in result.problems)
        return
    if result.fixes:
        yield Text()
    for state, title in _LEFT.items():
        left = [r for r in result.findings if r.state == state]
        if left:
            yield Text(f"{title}:", "bold")
            yield from (line for r in left for line in _left_lines(r))
            yield Text()
    yield from problem_lines(result)
    yield from counts(result, len(changed))


def counts(result: Result, changed: int | None) -> Iterator[Text]:
    """What became of the findings, in numbers that add up, and what to run next. `changed` files were written; None:
    it was only shown what would become of them."""
    if changed is None:
        yield Text(f"With this patch, {summary.accounting(result)}. Nothing was written.", "bold")
    else:
        files = count(changed, "file") + " changed" if changed else "no file changed"
        yield Text(f"{summary.accounting(result)}; {files}.", "bold")
    yield from _type_check(result, changed)
    states = summary.summarise(result)
    if states.held_back:
        yield Text(
            "Next: `prismafix fix --interactive` shows each unsafe fix and asks; `--unsafe-fixes` applies them all."
        )
    elif states.states["deferred"]:
        yield Text("Next: run `prismafix fix` again.")


def _type_check(result: Result, changed: int | None) -> Iterator[Text]:
    """What the project's TypeScript was asked and said; nothing if it was not."""
    checked = result.type_checked
    if checked is None:
        return
    if changed is None:  # nothing else names them
        yield from (_left_line(reported) for reported in result.findings if reported.state == "dropped")
    compiler = f"TypeScript {', '.join(checked.versions)}"
    if checked.files:
        old = f"; {count(checked.known_errors, 'error')} there before" if checked.known_errors else ""
        yield Text(f"Type-checked {count(checked.files, 'file')} with {compiler}: no new error{old}.")
    else:
        yield Text(f"Type-checked with {compiler}: no fix is left.")
    for schema in checked.not_generated:
        text = f"The client of {schema} is not generated, so its types are unknown: run `prisma generate`"
        yield Text(plain(f"{text}, then this again."), "yellow")
    if checked.not_built:
        text = f"{', '.join(checked.not_built)} cannot be resolved, so what they export is unknown"
        yield Text(plain(f"{text}: install and build them, then run this again."), "yellow")


def finding_lines(reported: Reported, *, verbose: bool = False, quiet: bool = False) -> Iterator[Text]:
    """One finding: its headline; unless `quiet` code frame, evidence (if `verbose`), fix, empty line."""
    finding = reported.finding
    style = "bold red" if finding.severity == "error" else "bold yellow"
    place = plain(f"{finding.path}:{reported.line}:{reported.column}")
    name = f"{finding.code} {names().get(finding.code, '')}".rstrip()
    yield Text.assemble((place, "bold"), " ", (name, style), ": " + plain(finding.message))
    if quiet:
        return
    yield from frame(reported)
    if steps := [evidence_words(evidence) for evidence in finding.evidence if evidence.step]:
        yield _note("path", " → ".join(steps))
    for evidence in finding.evidence if verbose else ():
        if not evidence.step:
            yield _note("evidence", evidence_words(evidence))
    yield _note(*fix_words(reported))
    yield Text()


def problem_lines(result: Result) -> Iterator[Text]:
    """The files that were not analysed (PF001), each with cause and way out."""
    if not result.problems:
        return
    yield Text(f"{count(len(result.problems), 'file')} not analysed:", "bold")
    yield from (Text("  ").append_text(_problem_line(problem)) for problem in result.problems)
    yield Text()


def _problem_line(problem: Problem) -> Text:
    return Text(plain(f"{problem.path}: PF001 file-not-analysed: {problem.message}"))


def _note(key: str, text: str) -> Text:
    return Text.assemble(("   = ", "blue"), (key + ": ", "bold"), plain(text))


def _fixed_line(fix: AppliedFix, result: Result) -> Text:
    lines: dict[str, list[str]] = {}
    for reported in (result.findings[i] for i in fix.findings if i < len(result.findings)):
        lines.setdefault(reported.finding.path, []).append(str(reported.line))
    places = [f"{path}:{','.join(dict.fromkeys(numbers))}" for path, numbers in lines.items()]
    where = ", ".join(places[:3]) + (", …" if len(places) > 3 else "")
    title = title_of(fix.title, next(iter(lines), ""))
    said = f" {where}: {title}" if where else f" {title}"
    return Text.assemble(("fixed ", "bold green"), (" ".join(fix.codes), "green"), plain(said))


def _left_line(reported: Reported) -> Text:
    place = f"{reported.finding.path}:{reported.line}: {reported.reason or reported.finding.message}"
    state = "by hand" if reported.state == "none" else reported.state
    return Text.assemble((state, "bold yellow"), " ", (reported.finding.code, "yellow"), " " + plain(place))


def _left_lines(reported: Reported) -> Iterator[Text]:
    finding = reported.finding
    yield Text("  " + plain(f"{finding.path}:{reported.line}:{reported.column} {finding.code}: {finding.message}"))
    if reported.applicability == "none" or reported.state == "dropped":
        text = reported.reason
    else:
        text = sentences(f"{reported.applicability} fix: {title_of(reported.title, finding.path)}", reported.reason)
    if text:
        yield Text.assemble(("    = ", "blue"), plain(text))


def _check_summary(result: Result) -> Iterator[Text]:
    left = summary.deciding(result)
    where = f"{count(result.files, 'source file')} in {count(result.packages, 'package')}"
    suppressed = summary.summarise(result).suppressed
    tail = f", {suppressed} more suppressed" if suppressed else ""
    if not left:
        yield Text(f"No findings in {where}{tail}.", "bold green")
        return
    files = len({r.finding.path for r in left})
    yield Text(f"{count(len(left), 'finding')} in {count(files, 'file')} ({where} looked at{tail}).", "bold")
    by = Counter(r.applicability for r in left)
    for number, text in (
        (by["safe"], "can be fixed safely: `prismafix fix` (first look: `prismafix fix --diff`)"),
        (by["unsafe"], "can be fixed if you agree: `prismafix fix --interactive`, or all with `--unsafe-fixes`"),
        (by["none"], "to do by hand: `prismafix explain CODE` says how"),
    ):
        if number:
            yield Text(f"  {number:>5} {text}")
