"""Commit messages of fixes that are made by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from prismafix.delivery.messages import message
from tests.delivery.making import make_fix, make_result


def _message(path: str, title: str = "Mend it", package: str | None = None) -> str:
    fix = make_fix(title.removeprefix("Mend "), (path, b"1\n", b"2\n"), code="PF101", package=package)
    result = make_result(Path("/nowhere"), fix)
    return message("rule", result.fixes, result.findings)


def test_no_line_is_longer_than_commitlint_takes() -> None:
    deep = "apps/web/" + "a-folder-of-some-length/" * 5 + "page.tsx"
    lines = _message(deep).splitlines()
    assert max(map(len, lines)) <= 100
    (site,) = [line for line in lines if line.endswith("page.tsx:3 PF101")]
    assert site.startswith("- …/a-folder-of-some-length/") and len(site) > 76, "as much of it as there is room for"


def test_a_name_that_is_too_long_by_itself_is_whole() -> None:
    assert f"\n- {'x' * 120}.ts:3 PF101\n" in _message(f"src/{'x' * 120}.ts")


@pytest.mark.parametrize(
    ("package", "scope"), [("@acme/Web App", "web-app"), ("Shop", "shop"), (None, "prisma"), ("@acme/日本", "日本")]
)
def test_the_scope_is_in_lower_case(package: str | None, scope: str) -> None:
    assert _message("a.ts", package=package).startswith(f"fix({scope}): ")


def test_a_subject_that_is_too_long_names_the_file_without_its_folders() -> None:
    path = "services/the shop of the shops/with a long name/load.ts"
    assert _message(path, f"Mend {path}").splitlines()[0] == "fix(prisma): mend load.ts"
