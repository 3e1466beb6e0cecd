"""The cases as a whole: every rule has one that fires and one that must not, and there are enough of both."""

from __future__ import annotations

import pytest

from prismafix.rules.registry import discover

from .cases import FIXTURES, Case, folders, load

CASES = [load(folder) for folder in folders()]


def fires(case: Case) -> bool:
    """Whether the case expects a finding of its own rule."""
    return any(finding.code == case.rule for finding in case.findings)


@pytest.mark.parametrize("code", [rule.code for rule in discover() if rule.code != "PF001"])
def test_rule_has_cases(code: str) -> None:
    own = [case for case in CASES if case.rule == code]
    assert any(fires(case) for case in own), "no case in which the rule fires"
    assert any(not fires(case) for case in own), "no case in which it must not"


def test_folders_are_named_after_rules() -> None:
    names = {f"{rule.code}-{rule.name}" for rule in discover()}
    assert {folder.name for folder in FIXTURES.glob("PF*")} <= names


def test_there_are_enough() -> None:
    assert len(CASES) >= 170
    unchanged = [case for case in CASES if case.after is None]
    assert len(unchanged) * 5 >= len(CASES) * 2
