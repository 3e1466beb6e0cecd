"""Generated projects that build clients: what safe fixes make of them compiles, gives the same answers, opens no more
connections than before, and needs no second run."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from .batches import Fixed, differences, drawn, fixed, new_errors, smallest, type_errors, write
from .hoisting import projects, scenario

if TYPE_CHECKING:
    from pathlib import Path

    from proof.running import Runner

    from .hoisting_model import Project

COUNT = 120
"""Projects of one seed."""
LONG = range(100, 125)
"""The seeds of `make proof-long`."""


_TOLD = 160
"""Characters of an error that are the same wherever it is met: how types are abbreviated is not."""
_BUILT = re.compile(rb"\bnew (?:\w+\.)?(?:PrismaClient|Client|Late)\(")


@dataclass(slots=True)
class Tried:
    """A project, what its safe fixes made of it, and what is wrong with that."""

    project: Project
    folder: Path
    fixed: Fixed
    wrong: list[str] = field(default_factory=list)

    def told(self) -> str:
        return "\n".join([*self.wrong, ", ".join(self.project.features), self.fixed.diff()])


@pytest.mark.parametrize("seed", [1, 2])
def test_same_answers(seed: int, tmp_path: Path, runners: dict[str, Runner]) -> None:
    _check(seed, tmp_path, runners)


@pytest.mark.long
@pytest.mark.parametrize("seed", LONG)
def test_same_answers_of_many(seed: int, tmp_path: Path, runners: dict[str, Runner]) -> None:
    _check(seed, tmp_path, runners)


def _check(seed: int, folder: Path, runners: dict[str, Runner]) -> None:
    found = [tried(one, folder / f"{number}") for number, one in enumerate(drawn(projects(), COUNT, seed))]
    _compile(found)
    for one in found:
        _run(one, runners)
    wrong = [one for one in found if one.wrong]
    if wrong:
        numbers = iter(range(len(found), 10_000))

        def fails(project: Project) -> bool:
            again = tried(project, folder / f"{next(numbers)}")
            _run(again, runners)
            return bool(again.wrong)

        simplest = min(wrong, key=lambda one: len(one.project.features))
        if fails(simplest.project):
            small = tried(smallest(projects(), COUNT, seed, fails, simplest.project), folder / "smallest")
            _run(small, runners)
            wrong = [small, *wrong]
    assert not wrong, f"{len(wrong)} of {len(found)}:\n" + "\n\n".join(one.told() for one in wrong[:5])
    assert sum(one.fixed.changed for one in found) >= 0.55 * len(found), Counter(_states(one) for one in found)


def tried(project: Project, folder: Path) -> Tried:
    """Write a project, fix it, fix the result again, and look at what had to stay."""
    before = write(project.files, folder / "before")
    (folder / "scenario.mjs").write_text(scenario(project), encoding="utf-8")
    one = Tried(project, folder, fixed(before))
    for path, why in project.keeps.items():
        if one.fixed.before[path] != one.fixed.after.get(path):
            one.wrong.append(f"{path} has changed, but {why}")
    if one.fixed.changed:
        again = fixed(write(one.fixed.after, folder / "after"))
        if again.changed:
            one.wrong.append(f"a second run changes something:\n{again.diff()}")
    return one


def _compile(found: list[Tried]) -> None:
    """Compile what was fixed, in one run for each version, and what it was before where that does not compile."""
    for version in ("6.19", "7"):
        changed = [one for one in found if one.fixed.changed and one.project.version == version]
        after = type_errors([one.folder / "after" for one in changed], version)
        failing = [one for one in changed if after[one.folder / "after"]]
        before = type_errors([one.folder / "before" for one in failing], version) if failing else {}
        for one in failing:
            had, has = (said[one.folder / part] for part, said in (("before", before), ("after", after)))
            errors = new_errors([error[:_TOLD] for error in had], [error[:_TOLD] for error in has])
            if errors:
                one.wrong.append("does not compile:\n" + "\n".join(errors))


def _run(one: Tried, runners: dict[str, Runner]) -> None:
    """Run a project as it was and as it is."""
    if not one.fixed.changed:
        return
    folder = one.folder
    outcome = runners[one.project.version].run(folder / "scenario.mjs", folder / "before", folder / "after")
    before, after = outcome["before"], outcome["after"]
    assert "error" not in before, before["stack"]
    one.wrong += differences(before, after)
    had, has = before["measured"]["connections"], after["measured"]["connections"]
    wanted = after["measured"]["in_flight"]
    if has > had:
        one.wrong.append(f"{has} connections, before {had}")
    allowed = _clients(one) * wanted
    if after["peak_connections"] > before["peak_connections"] + allowed:  # what lasts is kept warm
        peaks = f"{after['peak_connections']} connections open at once, before {before['peak_connections']}"
        one.wrong.append(f"{peaks}, for {wanted} that were wanted at once and {_clients(one)} clients: pools pile up")
    # a connection on which something failed is not kept, also where the program says nothing of it
    failed = after["failures"] > 0 or '"$error"' in json.dumps(after.get("value"))
    if has > allowed and _clients(one) == 1 and not failed and not _starts_anew(one):
        one.wrong.append(f"{has} connections for {wanted} that were wanted at once: that is more than one pool")


def _clients(one: Tried) -> int:
    """How many constructions are left in the text."""
    sources = (data for path, data in one.fixed.after.items() if path.endswith(one.project.suffix))
    return sum(len(_BUILT.findall(data)) for data in sources)


def _starts_anew(one: Tried) -> bool:
    """Whether modules are evaluated again as in no server in production."""
    return "reload()" in one.project.steps and "development" not in one.project.features


def _states(one: Tried) -> str:
    return ", ".join(sorted({f"{r.finding.code} {r.state}" for r in one.fixed.result.findings})) or "nothing found"
