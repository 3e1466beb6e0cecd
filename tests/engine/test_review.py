"""The review of all fixes at once: what is asked, how often, and that what was not seen is not applied."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.engine.model import AbandonReview, Options, Proposal
from prismafix.rules.model import Doubt
from tests.engine.toys import Toy, contents, run_toys, states, workspace_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

OLD = Toy("PF301", "old", "fresh")
DOUBT = Doubt("unsafe", "the order of effects changes")
SHARED = ("lib/shared.ts", b"export const shared = 1\n")


@dataclass
class Answers:
    """A `Decide` that accepts all but some `places` (`path:line`), and notes what it was shown: `again` in the second
    question and later ones."""

    without: set[str] = field(default_factory=set)
    shown: list[list[str]] = field(default_factory=list)
    fresh: list[list[str]] = field(default_factory=list)
    requires: dict[str, list[str]] = field(default_factory=dict)
    changed: list[dict[str, list[str]]] = field(default_factory=list)
    accept_later: bool = True

    def __call__(self, proposals: Sequence[Proposal], fresh: frozenset[str]) -> frozenset[str]:
        first = not self.shown
        places = {p.fix_id: f"{p.findings[0].finding.path}:{p.findings[0].line}" for p in proposals}
        self.shown.append(list(places.values()))
        self.fresh.append([place for name, place in places.items() if name in fresh])
        self.changed.append({places[p.fix_id]: [change.path for change in p.changes] for p in proposals})
        if first:
            self.requires = {places[p.fix_id]: [places[name] for name in p.requires] for p in proposals}
        if not first and not self.accept_later:
            return frozenset(places) - fresh
        return frozenset(name for name, place in places.items() if place not in self.without)


def test_everything_is_shown_at_once_unsafe_fixes_too_and_asked_about_once(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\nodd()\n", "b.ts": "old()\n"})
    answers = Answers(without={"b.ts:1"})
    result = run_toys(workspace, [OLD, Toy("PF302", "odd", "even", doubts=(DOUBT,))], decide=answers)
    assert answers.shown == answers.fresh == [["a.ts:1", "a.ts:2", "b.ts:1"]]
    assert contents(workspace, result)["a.ts"] == b"fresh()\neven()\n"
    assert [state for _, _, state in states(result)] == ["fixed", "fixed", "declined"]


def test_without_a_fix_nobody_is_asked(tmp_path: Path) -> None:
    answers = Answers()
    assert run_toys(workspace_of(tmp_path, {"a.ts": "fine()\n"}), [OLD], decide=answers).fixes == ()
    assert answers.shown == []


def test_what_a_fix_uncovers_is_shown_too(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "one()\n"})
    toys = [Toy("PF301", "one", "two"), Toy("PF302", "two", "three")]
    answers = Answers()
    assert contents(workspace, run_toys(workspace, toys, decide=answers))["a.ts"] == b"three()\n"
    assert answers.shown == [["a.ts:1", "a.ts:1"]]


def test_what_is_not_uncovered_then_is_not_applied(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "one()\n"})
    toys = [Toy("PF301", "one", "two"), Toy("PF302", "two", "three")]

    def decide(proposals: Sequence[Proposal], fresh: frozenset[str]) -> frozenset[str]:
        return frozenset(p.fix_id for p in proposals if p.code == "PF302")

    assert run_toys(workspace, toys, decide=decide).changes == ()


def test_whoever_makes_the_shared_module_is_needed_and_its_heir_is_shown_again(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, dict.fromkeys(("a.ts", "b.ts", "c.ts"), "old()\n"))
    toy = Toy("PF301", "old", "fresh", module=SHARED)
    answers = Answers(without={"a.ts:1"})
    result = run_toys(workspace, [toy], decide=answers)
    assert answers.requires == {"a.ts:1": [], "b.ts:1": ["a.ts:1"], "c.ts:1": ["a.ts:1"]}
    assert answers.changed[0]["b.ts:1"] == ["b.ts"]
    # Without the first, the second makes the module: that was not seen. The third is as it was.
    assert answers.fresh[1:] == [["b.ts:1"]] and answers.shown[1] == ["b.ts:1", "c.ts:1"]
    assert answers.changed[1]["b.ts:1"] == ["lib/shared.ts", "b.ts"]
    assert [change.path for change in result.changes] == ["b.ts", "c.ts", "lib/shared.ts"]


def test_saying_no_to_each_heir_ends(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, dict.fromkeys(("a.ts", "b.ts", "c.ts"), "old()\n"))
    answers = Answers(without={"a.ts:1"}, accept_later=False)
    result = run_toys(workspace, [Toy("PF301", "old", "fresh", module=SHARED)], decide=answers)
    assert answers.fresh[1:] == [["b.ts:1"], ["c.ts:1"]]
    assert result.changes == () and {state for _, _, state in states(result)} == {"declined"}


def test_fixes_that_share_an_import_are_shown_to(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\n\n\n\nold()\n", "shared.ts": ""})
    answers = Answers(without={"a.ts:1"})
    result = run_toys(workspace, [Toy("PF301", "old", "fresh", module=("shared.ts", b""))], decide=answers)
    assert answers.requires["a.ts:5"] == ["a.ts:1"] and answers.fresh[1] == ["a.ts:5"]
    assert contents(workspace, result)["a.ts"] == b'import { fresh } from "./shared"\nold()\n\n\n\nfresh()\n'


def test_what_has_to_come_first_is_needed_and_without_it_nothing_is_done(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "first()\n", "b.ts": "then()\n"})
    toys = [Toy("PF301", "first", "erst"), Toy("PF302", "then", "dann", follows="first")]
    answers = Answers(without={"a.ts:1"})
    result = run_toys(workspace, toys, decide=answers)
    assert answers.requires["b.ts:1"] == ["a.ts:1"]
    assert result.changes == () and len(answers.shown) == 1
    assert [state for _, _, state in states(result)] == ["declined", "held back"]


def test_a_fix_that_overlaps_another_is_asked_about_again_without_it(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old();old()\n"})
    answers = Answers()

    def decide(proposals: Sequence[Proposal], fresh: frozenset[str]) -> frozenset[str]:
        answers(proposals, fresh)
        return frozenset(p.fix_id for p in proposals if p.findings[0].column == 7)

    result = run_toys(workspace, [Toy("PF301", "old", "fresh", reach=4)], decide=decide)
    assert len(answers.shown) == 2
    assert contents(workspace, result)["a.ts"] == b"old();fresh()\n"


def test_a_neighbour_that_is_left_out_changes_nothing_about_a_fix(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "old()\nfine()\nold()\n"})
    answers = Answers(without={"a.ts:1"})
    assert contents(workspace, run_toys(workspace, [OLD], decide=answers))["a.ts"] == b"old()\nfine()\nfresh()\n"
    assert len(answers.shown) == 1


def test_abandoning_keeps_nothing_also_in_the_second_question(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, dict.fromkeys(("a.ts", "b.ts", "c.ts"), "old()\n"))
    answers = Answers(without={"a.ts:1"})

    def decide(proposals: Sequence[Proposal], fresh: frozenset[str]) -> frozenset[str]:
        if answers.shown:
            raise AbandonReview
        return answers(proposals, fresh)

    result = run_toys(workspace, [Toy("PF301", "old", "fresh", module=SHARED)], decide=decide)
    assert (result.changes, result.fixes) == ((), ())
    assert {state for _, _, state in states(result)} == {"declined"}


def test_groups_come_one_after_the_other_and_nothing_is_applied_without_being_asked_for(tmp_path: Path) -> None:
    workspace = workspace_of(tmp_path, {"a.ts": "two(); one(); two()\n"})
    toys = [Toy("PF301", "one", "eins"), Toy("PF302", "two", "zwei")]
    answers = Answers()
    run_toys(workspace, toys, decide=answers, group_by=lambda proposal: proposal.code)
    assert len(answers.shown) == 1 and len(answers.shown[0]) == 3
    only_looked = Answers()
    run_toys(workspace, toys, Options(), decide=only_looked)
    assert only_looked.shown == []
