"""What must hold whatever the findings are: the numbers add up, twice is once, and the order of selecting does not
matter."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from hypothesis import given, settings
from hypothesis import strategies as st

from prismafix.engine.model import AbandonReview, Options, Proposal, Result, State, StopReview
from prismafix.engine.summary import accounting, summarise
from prismafix.rules.model import Doubt
from tests.engine.toys import Toy, after, contents, run_toys, workspace_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.workspace.workspace import Workspace

MODULE = ("lib/shared.ts", b"export const shared = 1\n")
NOT_SAFE = (Doubt("unsafe", "look at the order"),)
WORDS = ["one", "two", "three", "four"]


@contextmanager
def project(files: dict[str, str]) -> Iterator[Workspace]:
    with tempfile.TemporaryDirectory() as folder:
        yield workspace_of(Path(folder), files)


@st.composite
def files(draw: st.DrawFn, *, comments: bool, calls: int) -> dict[str, str]:
    """Up to three files of calls, nested or in a row, some with suppression comments."""
    found = {}
    left = calls
    for name in ("a.ts", "b.ts", "lib/c.ts")[: draw(st.integers(1, 3))]:
        lines = []
        for _ in range(draw(st.integers(0, min(left, 3)))):
            left -= 1
            words = draw(st.lists(st.sampled_from([*WORDS, "fine"]), min_size=1, max_size=2))
            if comments and draw(st.booleans()):
                lines.append(f"// prismafix-ignore {draw(st.sampled_from(['PF301', 'PF3', 'PF302, PF303', '']))}")
            lines.append("(".join(words) + "()" + ")" * (len(words) - 1))
        found[name] = "".join(line + "\n" for line in lines)
    return found


@st.composite
def any_toys(draw: st.DrawFn) -> list[Toy]:
    """Rules of every kind: safe, unsafe, refused, without a fix, that break the file, that change nothing, in
    groups."""
    toys = []
    for number, word in enumerate(WORDS):
        toys.append(
            Toy(
                f"PF30{number + 1}",
                word,
                draw(st.sampled_from([f"{word}_done", WORDS[(number + 1) % 4], "x((", word])),
                doubts=draw(st.sampled_from([(), NOT_SAFE, (Doubt("none", "by hand"),)])),
                group=draw(st.sampled_from(["", "", "g"])),
                refuse=draw(st.sampled_from(["", "", "no"])),
                module=draw(st.sampled_from([None, MODULE])),
                reach=draw(st.sampled_from([0, 3, 30])),
                fixable=draw(st.booleans()),
                follows=draw(st.sampled_from(["", "", *WORDS])),
            )
        )
    return toys


def choices(answers: list[str]) -> object:
    """A review that gives these answers in turn."""
    left = iter(answers)

    def choose(proposal: Proposal) -> bool:
        answer = next(left, "yes")
        if answer == "stop":
            raise StopReview
        if answer == "abandon":
            raise AbandonReview
        return answer == "yes"

    return choose


OPTIONS = st.builds(
    Options,
    select=st.sampled_from([(), (), ("PF301", "PF002"), ("PF3",)]),
    ignore=st.sampled_from([(), (), ("PF302",)]),
    paths=st.sampled_from([(), (), ("lib",)]),
    apply=st.booleans(),
    unsafe=st.booleans(),
)
ANSWERS = st.none() | st.lists(st.sampled_from(["yes", "yes", "no", "stop", "abandon"]), max_size=6)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(files(comments=True, calls=8), any_toys(), OPTIONS, ANSWERS, st.booleans())
def test_every_finding_is_in_one_state_and_the_numbers_add_up(
    tree: dict[str, str], toys: list[Toy], options: Options, answers: list[str] | None, grouped: bool
) -> None:
    with project(tree) as workspace:
        choose = choices(answers) if answers is not None else None
        result = run_toys(workspace, toys, options, choose=choose, group_by=(lambda p: p.code) if grouped else None)  # type: ignore[arg-type]
        _check_numbers(result)
        _check_changes(workspace, result)
        if not options.apply:
            assert (result.changes, result.fixes) == ((), ())


def _check_numbers(result: Result) -> None:
    summary = summarise(result)
    assert set(summary.states) == set(get_args(State))
    assert sum(summary.states.values()) == len(result.findings)
    assert summary.safe + summary.unsafe + summary.none == summary.findings
    assert summary.findings + summary.suppressed == len(result.findings)
    assert summary.remaining + summary.states["fixed"] == summary.findings
    assert summary.held_back + summary.incomplete == summary.states["held back"]
    said = accounting(result)
    numbers = [int(word) for word in said.replace(",", "").split() if word.isdigit()]
    assert said == "no findings" or numbers[0] == sum(numbers[1:])
    assert len({reported.fingerprint for reported in result.findings}) == len(result.findings)
    for reported in result.findings:
        assert (reported.fix_id is None) == (reported.applicability == "none")


def _check_changes(workspace: Workspace, result: Result) -> None:
    now: dict[str, bytes | None] = {}
    for fix in result.fixes:
        assert {result.findings[index].state for index in fix.findings} == {"fixed"}
        for change in fix.changes:
            if change.path not in now:
                now[change.path] = workspace.read(change.path) if workspace.exists(change.path) else None
            assert change.before == now[change.path]
            now[change.path] = change.after
    assert {change.path: change.after for change in result.changes} == {
        path: content for path, content in now.items() if not workspace.exists(path) or workspace.read(path) != content
    }


@settings(deadline=None, derandomize=True, max_examples=80)
@given(files(comments=True, calls=6), any_toys(), st.booleans())
def test_twice_is_once(tree: dict[str, str], toys: list[Toy], unsafe: bool) -> None:
    options = Options(apply=True, unsafe=unsafe)
    with project(tree) as workspace:
        first = run_toys(workspace, toys, options)
        if any(reported.state == "deferred" for reported in first.findings):
            return
        second = run_toys(after(workspace, first), toys, options)
        assert second.changes == ()
        assert "fixed" not in {reported.state for reported in second.findings}


@st.composite
def good_toys(draw: st.DrawFn) -> list[Toy]:
    """Rules whose fixes mean the same whatever was done before: what overlaps is built anew, imports are kept
    sorted."""
    return [
        Toy(
            f"PF30{number + 1}",
            word,
            f"{word}_done",
            module=draw(st.sampled_from([None, MODULE])),
            reach=draw(st.sampled_from([0, 2, 12, 60])),
        )
        for number, word in enumerate(WORDS)
    ]


CODES = st.sets(st.sampled_from(["PF301", "PF302", "PF303", "PF304"]), min_size=1)


@settings(deadline=None, derandomize=True, max_examples=80)
@given(files(comments=False, calls=5), good_toys(), CODES, CODES)
def test_a_then_b_is_b_then_a_and_both_together(
    tree: dict[str, str], toys: list[Toy], a: set[str], b: set[str]
) -> None:
    with project(tree) as workspace:

        def select(start: Workspace, *steps: set[str]) -> dict[str, bytes]:
            for codes in steps:
                options = Options(apply=True, select=tuple(sorted(codes)))
                result = run_toys(start, toys, options)
                while result.changes:  # more conflicts than rounds: the next run goes on
                    start = after(start, result)
                    result = run_toys(start, toys, options)
            return contents(start, result)

        together = select(workspace, a | b)
        assert select(workspace, a, b) == together
        assert select(workspace, b, a) == together


@settings(deadline=None, derandomize=True, max_examples=40)
@given(files(comments=False, calls=5), good_toys())
def test_commits_by_rule_hold_what_one_run_holds(tree: dict[str, str], toys: list[Toy]) -> None:
    with project(tree) as workspace:
        grouped = run_toys(workspace, toys, group_by=lambda proposal: proposal.code)
        assert [fix.code for fix in grouped.fixes] == sorted(fix.code for fix in grouped.fixes)
        if "deferred" not in {r.state for r in grouped.findings}:
            plain = run_toys(workspace, toys)
            if "deferred" not in {r.state for r in plain.findings}:
                assert contents(workspace, grouped) == contents(workspace, plain)
