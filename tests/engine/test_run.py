"""The engine end to end: all or nothing, rounds, the re-parse check, and what becomes of every finding."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from prismafix.engine.edits import Patch
from prismafix.engine.model import AbandonReview, Options, Proposal, StopReview
from prismafix.engine.run import run
from prismafix.engine.summary import accounting, summarise
from prismafix.engine.trial import Failure, Round
from prismafix.errors import UserError
from prismafix.rewrites.model import NewFile
from prismafix.rules.model import Doubt
from tests.engine.toys import Toy, contents, only, run_toys, states, workspace_of

if TYPE_CHECKING:
    from pathlib import Path

OLD = Toy("PF301", "old", "fresh")
APPLY, CHECK, UNSAFE = Options(apply=True), Options(), Options(apply=True, unsafe=True)
DOUBT = Doubt("unsafe", "the order of effects changes")
SHARED = ("lib/shared.ts", b"export const shared = 1\n")
ALL_OLD = Toy("PF301", "old", "fresh", group="all")


# --- applying
# -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "fixed"),
    [
        pytest.param(
            "old()\r\n\tlog('ž🐎'); old()\r\n", "fresh()\r\n\tlog('ž🐎'); fresh()\r\n", id="CRLF, tab, non-ASCII"
        ),
        pytest.param("\ufeffold()", "\ufefffresh()", id="byte order mark, no final newline"),
    ],
)
def test_bytes_outside_of_the_edit_do_not_change(tmp_path: Path, before: str, fixed: str) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": before})
    result = run_toys(workspace, [OLD])
    assert contents(workspace, result)["a.ts"] == fixed.encode()


def test_a_finding_has_the_place_that_an_editor_shows(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "\ufeff// ž\r\nlog('🐎'); old()\r\n"})
    found = only(run_toys(workspace, [OLD], CHECK))
    assert (found.line, found.column, found.end_line, found.end_column) == (2, 12, 2, 15)
    assert found.source == ("log('🐎'); old()",)


def test_check_says_what_fix_would_do_and_changes_nothing(tmp_path: Path) -> None:
    toys = [OLD, Toy("PF302", "risky", "calm", doubts=(DOUBT,)), Toy("PF304", "odd", "x", fixable=False)]
    workspace = workspace_of(tmp_path, {"a.ts": "old(); risky(); odd()\n"})
    result = run_toys(workspace, toys, CHECK)
    assert [(r.state, r.applicability, r.reason) for r in result.findings] == [
        ("open", "safe", ""),
        ("open", "unsafe", "the order of effects changes"),
        ("none", "none", "by hand"),
    ]
    assert (result.changes, result.fixes, result.rounds) == ((), (), 0)
    assert accounting(result) == "3 findings: 1 safe to fix, 1 unsafe to fix, 1 without a fix"


def test_unsafe_is_held_back_unless_asked_for(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "risky(); old()\n"})
    toys = [OLD, Toy("PF302", "risky", "calm", own_doubts=(DOUBT,))]
    result = run_toys(workspace, toys)
    assert contents(workspace, result)["a.ts"] == b"risky(); fresh()\n"
    assert states(result) == [("PF302", "a.ts:1", "held back"), ("PF301", "a.ts:1", "fixed")]
    assert result.findings[0].applicability == "unsafe"
    assert accounting(result) == "2 findings: 1 fixed, 1 held back (unsafe)"
    assert contents(workspace, run_toys(workspace, toys, UNSAFE))["a.ts"] == b"calm(); fresh()\n"


@pytest.mark.parametrize(
    ("toy", "state", "reason"),
    [
        pytest.param(
            Toy("PF301", "old", "x", refuse="its result is used"), "refused", "its result is used", id="refused"
        ),
        pytest.param(
            Toy("PF301", "old", "x", doubts=(Doubt("none", "move it by hand"),)),
            "none",
            "move it by hand",
            id="rule says none",
        ),
        pytest.param(
            Toy("PF301", "old", "x", own_doubts=(Doubt("none", "move it by hand"),)),
            "none",
            "move it by hand",
            id="rewrite says none",
        ),
        pytest.param(Toy("PF301", "old", "x(("), "dropped", "a.ts would not parse any more", id="would not parse"),
        pytest.param(Toy("PF301", "old", "old"), "dropped", "there is nothing left to change", id="changes nothing"),
    ],
)
@pytest.mark.parametrize("options", [CHECK, APPLY, UNSAFE])
def test_what_has_no_fix_says_why(tmp_path: Path, toy: Toy, state: str, reason: str, options: Options) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\n"})
    result = run_toys(workspace, [toy], options)
    found = only(result)
    assert (found.state, found.reason, found.applicability, found.fix_id) == (state, reason, "none", None)
    assert result.changes == ()


def test_a_fix_that_breaks_the_file_is_dropped_alone(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\nbad()\nold()\n"})
    result = run_toys(workspace, [OLD, Toy("PF302", "bad", "x((")])
    assert contents(workspace, result)["a.ts"] == b"fresh()\nbad()\nfresh()\n"
    assert states(result) == [
        ("PF301", "a.ts:1", "fixed"),
        ("PF302", "a.ts:2", "dropped"),
        ("PF301", "a.ts:3", "fixed"),
    ]


def test_a_fix_over_several_files_of_which_one_would_break_changes_none(tmp_path: Path) -> None:
    toy = Toy("PF301", "old", "first(); second", group="all")  # two statements where one expression stood
    workspace = workspace_of(tmp_path, {"a.ts": "old()\n", "b.ts": "log(old())\n", "c.ts": "old()\n"})
    result = run_toys(workspace, [toy])
    assert result.changes == ()
    assert {(r.state, r.reason) for r in result.findings} == {("dropped", "b.ts would not parse any more")}
    alone = run_toys(workspace, [Toy("PF301", "old", "first(); second")])
    assert [change.path for change in alone.changes] == ["a.ts", "c.ts"]


def test_nothing_is_changed_next_to_a_syntax_error_but_elsewhere_in_the_file(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\nfunction f() {}\nconst = old() old( ;\n"})
    result = run_toys(workspace, [OLD])
    assert [(r.line, r.column, r.state, r.reason) for r in result.findings] == [
        (1, 1, "fixed", ""),
        (3, 9, "dropped", "a.ts does not parse where the fix would change it (line 3)"),
        (3, 15, "dropped", "a.ts does not parse where the fix would change it (line 3)"),
    ]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"longer_than_before()\n", "b.ts has changed while it was analysed: run again"),
        (None, "b.ts cannot be read any more: run again"),
    ],
)
def test_a_file_that_changes_meanwhile_is_left_alone(tmp_path: Path, content: bytes | None, reason: str) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\n", "b.ts": "old()\n"})

    def meddle(proposal: Proposal) -> bool:
        (tmp_path / "b.ts").unlink()
        if content is not None:
            (tmp_path / "b.ts").write_bytes(content)
        return False

    result = run_toys(workspace, [OLD], choose=meddle)
    assert [(r.state, r.reason) for r in result.findings] == [("declined", ""), ("dropped", reason)]


# --- several fixes
# ------------------------------------------------------------------------------------------------------------


def test_fixes_that_touch_the_same_bytes_are_taken_one_after_the_other(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old(old(old()))\n"})
    result = run_toys(workspace, [Toy("PF301", "old", "fresh", reach=5)])
    assert contents(workspace, result)["a.ts"] == b"fresh(fresh(fresh()))\n"
    assert {state for _, _, state in states(result)} == {"fixed"}
    assert (len(result.findings), len(result.fixes), result.rounds) == (3, 3, 2)


def test_more_conflicts_than_rounds_are_deferred_and_the_next_run_goes_on(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old(" * 9 + ")" * 9 + "\n"})
    toy = Toy("PF301", "old", "fresh", reach=99)
    result = run_toys(workspace, [toy])
    assert (result.rounds, len(result.fixes)) == (5, 5)
    assert [state for _, _, state in states(result)].count("deferred") == 4
    assert accounting(result) == "9 findings: 5 fixed, 4 deferred"
    again = run_toys(workspace.with_overlay({c.path: c.after for c in result.changes}), [toy])
    assert contents(workspace, again)["a.ts"] == b"fresh(" * 9 + b")" * 9 + b"\n"


def test_what_a_fix_uncovers_is_found_and_fixed_in_a_later_round(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\n"})
    result = run_toys(workspace, [OLD, Toy("PF302", "fresh", "fresher")])
    assert contents(workspace, result)["a.ts"] == b"fresher()\n"
    assert states(result) == [("PF301", "a.ts:1", "fixed"), ("PF302", "a.ts:1", "fixed")]
    assert [fix.code for fix in result.fixes] == ["PF301", "PF302"]


AFTER = Toy("PF302", "outer", "wide", follows="old", doubts=(Doubt("unsafe", "limits multiply"),))


def test_a_fix_waits_for_those_that_have_to_be_there_first(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "outer()\nold()\n"})
    result = run_toys(workspace, [OLD, AFTER], Options(apply=True, unsafe=True))
    assert contents(workspace, result)["a.ts"] == b"wide()\nfresh()\n"
    assert [fix.code for fix in result.fixes] == ["PF301", "PF302"]


def test_a_fix_that_comes_after_one_that_was_not_made_is_held_back(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "outer()\nold()\n"})
    result = run_toys(workspace, [OLD, AFTER], choose=lambda proposal: proposal.code == "PF302")
    assert states(result) == [("PF302", "a.ts:1", "held back"), ("PF301", "a.ts:2", "declined")]
    assert result.findings[0].reason == "comes after another fix, which was not made: Replace old in a.ts"
    unsafe = Toy("PF301", "old", "fresh", doubts=(Doubt("unsafe", "look"),))
    result = run_toys(workspace, [unsafe, replace(AFTER, doubts=())])
    assert [state for _, _, state in states(result)] == ["held back", "held back"]
    assert result.changes == ()


def test_a_fix_that_comes_after_one_that_nobody_can_make_is_none(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "outer()\nold()\n"})
    for first in (Toy("PF301", "old", "fresh", fixable=False), Toy("PF301", "old", "fresh", refuse="cannot")):
        result = run_toys(workspace, [first, AFTER], Options(apply=True, unsafe=True))
        assert states(result)[0] == ("PF302", "a.ts:1", "none")
        assert result.findings[0].reason == "a.ts:2 has to be fixed by hand first"


def test_a_finding_that_another_fix_takes_care_of_counts_as_fixed(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "api.old()\n"})
    result = run_toys(workspace, [Toy("PF301", "api.old", "api.fresh"), Toy("PF304", "old", "", fixable=False)])
    assert states(result) == [("PF301", "a.ts:1", "fixed"), ("PF304", "a.ts:1", "fixed")]
    assert result.findings[1].reason == "taken care of by the fix of another finding"
    assert [len(fix.findings) for fix in result.fixes] == [1]


def test_only_the_finding_that_a_fix_takes_along_counts_as_fixed(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "api.old()\nold()\n"})
    result = run_toys(workspace, [Toy("PF301", "api.old", "api.fresh"), Toy("PF304", "old", "", fixable=False)])
    assert states(result) == [("PF301", "a.ts:1", "fixed"), ("PF304", "a.ts:1", "fixed"), ("PF304", "a.ts:2", "none")]


def test_a_finding_whose_text_another_fix_changes_stays_the_same_finding(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "odd(); old(); odd(); old(); odd()\n"})
    result = run_toys(workspace, [OLD, Toy("PF304", "odd", "", fixable=False)])
    assert [state for _, _, state in states(result)] == ["none", "fixed", "none", "fixed", "none"]


def test_a_fix_that_does_not_take_its_finding_away_is_not_applied(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old(); twice()\n"})
    result = run_toys(workspace, [OLD, Toy("PF302", "twice", "(0, twice)(); twice")])
    assert contents(workspace, result)["a.ts"] == b"fresh(); twice()\n"
    assert [(r.finding.code, r.state, r.reason) for r in result.findings] == [
        ("PF301", "fixed", ""),
        ("PF302", "dropped", "the finding would still be there after the fix"),
    ]


def test_a_finding_that_another_fix_brings_about_is_not_the_one_that_was_fixed(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old(two())\n"})
    result = run_toys(workspace, [OLD, Toy("PF302", "two", "old")])
    assert contents(workspace, result)["a.ts"] == b"fresh(fresh())\n"
    assert {state for _, _, state in states(result)} == {"fixed"}


def test_a_prerequisite_is_made_once_for_all_that_need_it(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\nold()\n", "b.ts": "old()\n"})
    result = run_toys(workspace, [Toy("PF301", "old", "shared", module=SHARED)])
    written = contents(workspace, result)
    assert written["lib/shared.ts"] == SHARED[1]
    assert written["a.ts"] == b'import { shared } from "./shared"\nshared()\nshared()\n'
    assert [[change.path for change in fix.changes] for fix in result.fixes] == [
        ["lib/shared.ts", "a.ts"],
        ["a.ts"],
        ["b.ts"],
    ]
    assert [fix.requires for fix in result.fixes] == [(), (result.fixes[0].fix_id,), (result.fixes[0].fix_id,)]
    assert result.rounds == 1


def test_a_prerequisite_survives_the_fix_that_came_with_it_first(tmp_path: Path) -> None:
    bad = Toy("PF301", "bad", "x((", module=SHARED)
    workspace = workspace_of(tmp_path, {"a.ts": "bad()\n", "b.ts": "old()\n"})
    result = run_toys(workspace, [bad, Toy("PF302", "old", "shared", module=SHARED)])
    assert states(result) == [("PF301", "a.ts:1", "dropped"), ("PF302", "b.ts:1", "fixed")]
    assert [change.path for change in result.changes] == ["b.ts", "lib/shared.ts"]


def test_a_prerequisite_is_not_made_when_nothing_applies_that_needs_it(tmp_path: Path) -> None:
    toy = Toy("PF301", "old", "shared", module=SHARED, doubts=(DOUBT,))
    assert run_toys(workspace_of(tmp_path, {"a.ts": "old()\n"}), [toy]).changes == ()


def test_a_new_file_is_not_put_over_one_that_is_there(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"lib/shared.ts": "mine()\n"})
    tried = Round(workspace).attempt(Patch((), (NewFile(*SHARED),)))
    assert tried == Failure("lib/shared.ts exists already, with another content")


# --- one fix for what belongs together
# ----------------------------------------------------------------------------------------

PAIR = [Toy("PF101", "make", "use", group="pair"), Toy("PF201", "close", "keep", group="pair")]


def test_findings_of_one_fix_share_its_id_and_its_worst_applicability(tmp_path: Path) -> None:
    toys = [PAIR[0], Toy("PF201", "close", "keep", group="pair", own_doubts=(DOUBT,))]
    result = run_toys(workspace_of(tmp_path, {"a.ts": "make(); close()\n"}), toys, CHECK)
    assert len({reported.fix_id for reported in result.findings}) == 1
    assert [reported.applicability for reported in result.findings] == ["unsafe", "unsafe"]


@pytest.mark.parametrize(
    ("options", "text", "why"),
    [
        pytest.param(
            Options(select=("PF1",)),
            "make(); close()\n",
            "its fix also needs PF201 at a.ts:1, which is not selected",
            id="select",
        ),
        pytest.param(
            Options(ignore=("PF2",)),
            "make(); close()\n",
            "its fix also needs PF201 at a.ts:1, which is ignored",
            id="ignore",
        ),
        pytest.param(
            Options(),
            "make()\nclose() // prismafix-ignore\n",
            "its fix also needs PF201 at a.ts:2, which is suppressed",
            id="suppressed",
        ),
    ],
)
@pytest.mark.parametrize("apply", [False, True])
def test_half_of_a_fix_is_no_fix(tmp_path: Path, options: Options, text: str, why: str, apply: bool) -> None:
    result = run_toys(workspace_of(tmp_path, {"a.ts": text}), PAIR, replace(options, apply=apply))
    found = result.findings[0]
    assert (found.finding.code, found.state, found.applicability, found.reason) == ("PF101", "held back", "none", why)
    assert result.changes == ()


def test_paths_limit_what_is_reported_and_fixed(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a/x.ts": "old()\n", "ab/x.ts": "old()\n"})
    result = run_toys(workspace, [OLD], Options(apply=True, paths=("a",)))
    assert states(result) == [("PF301", "a/x.ts:1", "fixed")]
    assert [change.path for change in result.changes] == ["a/x.ts"]
    both = run_toys(workspace, [ALL_OLD], Options(apply=True, paths=("a",)))
    assert only(both).reason == "its fix also needs PF301 at ab/x.ts:1, which is outside of the given paths"


# --- review, groups
# -----------------------------------------------------------------------------------------------------------


def test_the_review_is_asked_once_per_fix_and_decides(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\nrisky()\nold()\n"})
    asked: list[tuple[str, int, bytes]] = []

    def choose(proposal: Proposal) -> bool:
        (change,) = proposal.changes
        asked.append((proposal.code, proposal.findings[0].line, change.after or b""))
        return proposal.findings[0].line != 1

    result = run_toys(workspace, [OLD, Toy("PF302", "risky", "calm", doubts=(DOUBT,))], choose=choose)
    assert asked == [
        ("PF301", 1, b"fresh()\nrisky()\nold()\n"),
        ("PF302", 2, b"old()\ncalm()\nold()\n"),
        ("PF301", 3, b"old()\ncalm()\nfresh()\n"),
    ]
    assert [state for _, _, state in states(result)] == ["declined", "fixed", "fixed"]
    assert accounting(result) == "3 findings: 2 fixed, 1 declined"
    assert result.findings[0].fix_id not in (None, *(fix.fix_id for fix in result.fixes))


def test_stopping_the_review_keeps_what_was_accepted(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\nold()\nold()\n"})

    def choose(proposal: Proposal) -> bool:
        if proposal.findings[0].line == 2:
            raise StopReview
        return True

    result = run_toys(workspace, [OLD], choose=choose)
    assert contents(workspace, result)["a.ts"] == b"fresh()\nold()\nold()\n"
    assert [state for _, _, state in states(result)] == ["fixed", "declined", "declined"]


def test_abandoning_the_review_keeps_nothing(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\nold()\nodd()\n"})

    def choose(proposal: Proposal) -> bool:
        if proposal.findings[0].line == 2:
            raise AbandonReview
        return True

    result = run_toys(workspace, [OLD, Toy("PF304", "odd", "", fixable=False)], choose=choose)
    assert (result.changes, result.fixes) == ((), ())
    assert [state for _, _, state in states(result)] == ["declined", "declined", "none"]


def test_groups_are_applied_one_after_the_other(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "two(); one(); two()\n", "b.ts": "one()\n"})
    toys = [Toy("PF301", "one", "eins"), Toy("PF302", "two", "zwei")]
    result = run_toys(workspace, toys, group_by=lambda proposal: proposal.code)
    assert [(fix.code, [change.path for change in fix.changes]) for fix in result.fixes] == [
        ("PF301", ["a.ts"]),
        ("PF301", ["b.ts"]),
        ("PF302", ["a.ts"]),
        ("PF302", ["a.ts"]),
    ]
    assert contents(workspace, result) == contents(workspace, run_toys(workspace, toys))


def test_the_changes_of_the_fixes_lead_from_one_to_the_next(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old(old()); two()\n", "b.ts": "two()\n"})
    toys = [Toy("PF301", "old", "shared", reach=5, module=SHARED), Toy("PF302", "two", "old")]
    result = run_toys(workspace, toys, group_by=lambda proposal: proposal.code)
    now: dict[str, bytes | None] = {
        "lib/shared.ts": None,
        "a.ts": workspace.read("a.ts"),
        "b.ts": workspace.read("b.ts"),
    }
    for fix in result.fixes:
        for change in fix.changes:
            assert now[change.path] == change.before != change.after
            now[change.path] = change.after
    assert {path: content for path, content in now.items() if content is not None} == contents(workspace, result)
    assert run_toys(workspace.with_overlay(now), toys).changes == ()


# --- bad input
# ----------------------------------------------------------------------------------------------------------------


def test_a_project_without_prisma_is_not_analysed(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"name": "plain"}')
    (tmp_path / "a.ts").write_text("old()\n")
    result = run(tmp_path, APPLY, rules=[], rewrite=None)
    assert (result.uses_prisma, result.findings, result.changes, result.files) == (False, (), (), 1)


def test_a_path_that_is_no_folder_is_the_users_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such folder"):
        run(tmp_path / "missing", CHECK)


def test_what_cannot_be_analysed_is_named(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\n", "big.ts": "x" * 1_000_001})
    result = run_toys(workspace, [OLD])
    assert [problem.path for problem in result.problems] == ["big.ts"]
    assert summarise(result).errors == 1
    assert states(result) == [("PF301", "a.ts:1", "fixed")]


def test_a_fix_that_was_declined_is_still_described(tmp_path: Path) -> None:
    toys = [OLD, Toy("PF302", "risky", "calm", own_doubts=(DOUBT,))]
    result = run_toys(workspace_of(tmp_path, {"a.ts": "old(); risky()\n"}), toys, choose=lambda _: False)
    told = [(r.state, r.applicability, r.doubts, r.fix_id is not None) for r in result.findings]
    assert told == [("declined", "safe", (), True), ("declined", "unsafe", (DOUBT,), True)]


@pytest.mark.parametrize("options", [CHECK, UNSAFE])
def test_what_speaks_against_a_fix_is_told_also_where_there_is_none(tmp_path: Path, options: Options) -> None:
    toy = Toy("PF301", "old", "x", doubts=(DOUBT,), refuse="its result is used")
    found = only(run_toys(workspace_of(tmp_path, {"a.ts": "old()\n"}), [toy], options))
    assert (found.state, found.reason, found.doubts) == ("refused", "its result is used", (DOUBT,))
