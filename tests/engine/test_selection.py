"""Which findings are reported: by code, by path, and by what is configured for some files only."""

from __future__ import annotations

import pytest

from prismafix.engine.model import Options, Override
from prismafix.engine.selection import selector
from prismafix.rules.model import Finding


def why(path: str, code: str = "PF303", **options: object) -> str:
    """Why a finding is not reported; "" when it is."""
    return selector(Options(**options))(Finding(code, path, 0, 1, "message"))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ""),
        ({"select": ("PF303",)}, ""),
        ({"select": ("pf3",)}, ""),
        ({"select": ("PF1", "PF3")}, ""),
        ({"select": ("PF1",)}, "not selected"),
        ({"ignore": ("PF3",)}, "ignored"),
        ({"ignore": ("PF1",)}, ""),
        ({"select": ("PF3",), "ignore": ("PF303",)}, "ignored"),
        ({"paths": ("src",)}, ""),
        ({"paths": ("lib", "src/a.ts")}, ""),
        ({"paths": ("src/b.ts",)}, "outside of the given paths"),
        ({"paths": ("sr",)}, "outside of the given paths"),
    ],
)
def test_by_code_and_path(options: dict[str, object], expected: str) -> None:
    assert why("src/a.ts", **options) == expected


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ((Override("src", ignore=("PF303",)),), "ignored"),
        ((Override("lib", ignore=("PF303",)),), ""),
        ((Override("sr", ignore=("PF303",)),), ""),
        ((Override("src", select=("PF1",)),), "not selected"),
        ((Override("src", select=("PF1",)), Override("src", select=("PF3",))), ""),
        ((Override("src", select=("PF3",)), Override("src", ignore=("PF1",))), ""),
        ((Override("src", ignore=("PF303",)), Override("src", ignore=("PF1",))), "ignored"),
        ((Override("", ("src/**",), ignore=("PF303",)),), "ignored"),
        ((Override("", ("lib/**",), ignore=("PF303",)),), ""),
        ((Override("src", ("db/*.ts",), ignore=("PF303",)),), "ignored"),
        ((Override("src", ("src/db/*.ts",), ignore=("PF303",)),), ""),
    ],
)
def test_what_is_configured_for_some_files_only(overrides: tuple[Override, ...], expected: str) -> None:
    assert why("src/db/a.ts", overrides=overrides) == expected


def test_an_override_without_a_select_leaves_the_general_one() -> None:
    overrides = (Override("src", ignore=("PF1",)),)
    assert why("src/a.ts", select=("PF1",), overrides=overrides) == "not selected"
    assert why("src/a.ts", code="PF101", select=("PF1",), overrides=overrides) == "ignored"
    assert why("src/a.ts", code="PF201", select=("PF1", "PF2"), overrides=overrides) == ""


def test_what_is_ignored_everywhere_stays_so_where_more_is() -> None:
    overrides = (Override("src", ignore=("PF1",)),)
    assert why("src/a.ts", ignore=("PF3",), overrides=overrides) == "ignored"
