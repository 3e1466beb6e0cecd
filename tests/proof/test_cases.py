"""Every case with `runtime = true`: the same answers from before and after, at the cost that the case states."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from fixtures_harness.cases import Case, folders, load

from prismafix.rules.registry import discover

from .running import VERSIONS, Runner

if TYPE_CHECKING:
    from pathlib import Path

CASES = [case for case in (load(folder) for folder in folders()) if case.runtime]
PARAMETERS = [pytest.param(case.folder, version, id=f"{case.name}-{version}") for version in VERSIONS for case in CASES]
NO_CODE = frozenset(("PF502", "PF503", "PF506", "PF601", "PF602"))
"""Rules whose fixes change what the Rust engine, migrations or a deployment read: `pooler/` and `exhaustion/` show what
they are for."""
ANSWERS = ("value", "effects", "unhandled", "stuck")


@pytest.mark.parametrize(("folder", "version"), PARAMETERS)
def test_same_answers(folder: Path, version: str, runners: dict[str, Runner]) -> None:
    case = load(folder)
    assert case.after is not None
    outcome = runners[version].run(folder / "scenario.mjs", case.before, case.after)
    before, after = outcome["before"], outcome["after"]
    for part in (before, after):
        assert "error" not in part, part["stack"]
    for key in ANSWERS:
        assert lines(after[key]) == lines(before[key]), key
    had, has = tables(case, before), tables(case, after)
    assert {table for table in had if had[table] != has[table]} == set(case.differs), (had, has)
    for name, part in outcome.items():
        wrong = [
            f"{name}: {count} {key}"
            for key, count in part["measured"].items()
            if not fits(count, case.measured[name][key], version)
        ]
        assert not wrong, "\n".join([*wrong, *part["texts"]])


def lines(value: object) -> list[str]:
    """What a run said, as text to compare line by line."""
    return json.dumps(value, indent=1).splitlines()


def tables(case: Case, outcome: dict[str, Any]) -> dict[str, list[str]]:
    """The rows of every table at the end, sorted, without the columns that are not determined."""
    return {
        table: sorted(
            json.dumps({column: value for column, value in row.items() if f"{table}.{column}" not in case.undetermined})
            for row in rows
        )
        for table, rows in outcome["tables"].items()
    }


def fits(count: int, stated: Any, version: str) -> bool:
    """Whether `count` is what the case states: a number, the lowest and the highest, or one of these per version."""
    match stated:
        case {}:
            return fits(count, stated[version], version)
        case [low, high]:
            return bool(low <= count <= high)
    return bool(count == stated)


def test_there_are_enough() -> None:
    assert len(CASES) >= 40
    fixable = {rule.code for rule in discover() if rule.best != "none"} - {"PF002"} - NO_CODE
    assert {finding.code for case in CASES for finding in case.findings} >= fixable
