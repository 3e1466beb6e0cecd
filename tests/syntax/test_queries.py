"""Queries: found from a checkout and from a wheel, and checked when they are loaded."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tree_sitter import QueryError

from prismafix.facts.extract import SCOPE_CAPTURES, STATEMENT_CAPTURES
from prismafix.syntax import queries
from prismafix.syntax.dialect import DIALECTS, Dialect, dialect_of
from prismafix.syntax.parsing import GAP_CAPTURES, parse

ROOT = Path(__file__).resolve().parent.parent.parent
EXPECTED = {"scopes": SCOPE_CAPTURES, "statements": STATEMENT_CAPTURES, "gaps": GAP_CAPTURES}


@pytest.mark.parametrize("dialect", sorted(set(DIALECTS.values())))
@pytest.mark.parametrize("path", sorted((ROOT / "queries").glob("*.scm")), ids=lambda path: path.stem)
def test_every_query_compiles_with_the_captures_that_its_user_expects(path: Path, dialect: Dialect) -> None:
    assert queries.load(path.stem, dialect, EXPECTED[path.stem]).pattern_count > 0
    assert path.read_text(encoding="utf-8").startswith("; ")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(queries, "query_folder", lambda: tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(comment) @coment ; not @comment", "missing captures ['comment'], unknown captures ['coment']"),
        ("(comment) @comment (string) @text", "missing captures [], unknown captures ['text']"),
    ],
)
def test_a_typo_in_a_capture_fails_on_load(folder: Path, text: str, message: str) -> None:
    (folder / "typo.scm").write_text(text)
    with pytest.raises(ValueError, match=re.escape(f"queries/typo.scm: {message}")):
        queries.load("typo", "typescript", frozenset(("comment",)))


def test_a_typo_in_a_node_fails_on_load(folder: Path) -> None:
    (folder / "node.scm").write_text("(coment) @comment")
    with pytest.raises(QueryError):
        queries.load("node", "typescript", frozenset(("comment",)))


def test_captures_come_in_document_order_outer_ones_first() -> None:
    tree = parse(b"let f = function () {}, g = async (x) => () => x, h = (y) => y;", "typescript")
    found = queries.captures(queries.load("scopes", "typescript", SCOPE_CAPTURES), tree.root_node)["function"]
    assert [node.start_byte for node in found] == [8, 28, 41, 54]


def test_a_checkout_has_its_queries_beside_the_package() -> None:
    assert queries.query_folder() == ROOT / "queries"


def test_a_wheel_has_its_queries_inside_the_package(tmp_path: Path) -> None:
    """The package as a wheel lays it out: a copy that cannot see the checkout."""
    package = tmp_path / "prismafix"
    shutil.copytree(ROOT / "prismafix", package, ignore=shutil.ignore_patterns("__pycache__"))
    code = "from prismafix.facts.extract import extract; print(len(extract(b'f();', '.ts').roots))"

    def run() -> subprocess.CompletedProcess[str]:
        return subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)

    missing = run()
    assert missing.returncode != 0
    assert "the installation is incomplete, reinstall prismafix" in missing.stderr
    shutil.copytree(ROOT / "queries", package / "queries")
    assert run().stdout == "1\n"


DIALECT_OF = {
    "a.ts": "typescript",
    "a.d.mts": "typescript",
    "a.cts": "typescript",
    "a/b.tsx": "tsx",
    "a.test.js": "tsx",
    "a.jsx": "tsx",
    "a.mjs": "tsx",
    "a.cjs": "tsx",
}


@pytest.mark.parametrize(("path", "dialect"), DIALECT_OF.items())
def test_the_dialect_of_a_path(path: str, dialect: Dialect) -> None:
    assert dialect_of(path) == dialect


@pytest.mark.parametrize("path", ["a.json", "a.vue"])
def test_other_files_have_no_dialect(path: str) -> None:
    with pytest.raises(KeyError):
        dialect_of(path)
