"""The workspace as others use it: reading, overlays, pickling."""

from __future__ import annotations

import pickle
from typing import TYPE_CHECKING

import pytest

from prismafix.workspace.discover import discover_workspace
from tests.workspace.making import SCHEMA, only, write

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(
        tmp_path,
        {
            "package.json": {"name": "app", "dependencies": {"@prisma/client": "6.0.0"}},
            "prisma/schema.prisma": SCHEMA,
            "tsconfig.json": {"compilerOptions": {"paths": {"@/*": ["./src/*"]}}},
            "src/a.ts": "a",
            "src/b.ts": "b",
        },
    )


def test_reading_goes_through_the_overlay(root: Path) -> None:
    workspace = discover_workspace(root, overlay={"src/a.ts": b"new", "src/b.ts": None, "src/c.ts": b"c"})
    assert workspace.source_files == ("src/a.ts", "src/c.ts")
    assert workspace.read("src/a.ts") == b"new"
    assert workspace.read("src/c.ts") == b"c"
    assert (root / "src/a.ts").read_text() == "a"
    with pytest.raises(FileNotFoundError):
        workspace.read("src/b.ts")
    with pytest.raises(FileNotFoundError):
        workspace.read("src/none.ts")
    with pytest.raises(OSError):
        workspace.read("src")
    found = {path: workspace.exists(path) for path in ("src", "src/a.ts", "src/b.ts", "src/c.ts", "src/d.ts")}
    assert found == {"src": True, "src/a.ts": True, "src/b.ts": False, "src/c.ts": True, "src/d.ts": False}


def test_folders_that_exist_only_in_the_overlay(root: Path) -> None:
    workspace = discover_workspace(root).with_overlay({"lib/db/x.ts": b"", "src/b.ts": None})
    assert workspace.exists("lib/db")
    assert workspace.list_dir("lib") == ("db",)
    assert workspace.list_dir("src") == ("a.ts",)
    assert workspace.list_dir("nowhere") == ()
    assert "lib" in workspace.list_dir("")


def test_an_overlay_adds_to_the_one_before(root: Path) -> None:
    first = discover_workspace(root)
    second = first.with_overlay({"src/new.ts": b"1", "src/x.css": b"", "node.d.ts": b""})
    third = second.with_overlay({"src/new.ts": b"2", "src/a.ts": None})
    assert first.source_files == ("src/a.ts", "src/b.ts")
    assert second.source_files == ("src/a.ts", "src/b.ts", "src/new.ts")
    assert third.source_files == ("src/b.ts", "src/new.ts")
    assert third.read("src/new.ts") == b"2"
    assert third.with_overlay({"src/a.ts": b"back"}).source_files == ("src/a.ts", "src/b.ts", "src/new.ts")
    package = third.package_of("src/new.ts")
    assert package is not None and package.name == "app"


@pytest.mark.parametrize("again", [True, False])
def test_an_overlay_equals_the_same_files_on_disk(root: Path, again: bool) -> None:
    schema = SCHEMA + "model Post {\n id Int @id\n}\n"
    changes: dict[str, bytes | None] = {
        "package.json": b'{"name": "app", "dependencies": {"@prisma/client": "7.1.0"}}',
        "prisma/schema.prisma": schema.encode(),
        "tsconfig.json": None,
    }
    started = discover_workspace(root)
    seen = started.with_overlay(changes) if again else discover_workspace(root, overlay=changes)
    assert only(seen).prisma_version == (7, 1, 0)
    assert [model.name for model in seen.schemas[0].models] == ["User", "Post"]
    assert seen.tsconfig_for("src/a.ts") is None
    assert only(started).prisma_version == (6, 0, 0)


def test_the_limit_and_the_exclusions_hold_for_overlays(root: Path) -> None:
    workspace = discover_workspace(root, exclude=["src/gen"], max_bytes=100).with_overlay(
        {"src/gen/x.ts": b"", "src/big.ts": b"x" * 101}
    )
    assert workspace.source_files == ("src/a.ts", "src/b.ts")
    assert (
        discover_workspace(root, exclude=["src/gen"], max_bytes=100).with_overlay({"package.json": b"{}"}).max_bytes
        == 100
    )


def test_a_workspace_survives_pickling(root: Path) -> None:
    workspace = discover_workspace(root, overlay={"src/c.ts": b"c"})
    copy = pickle.loads(pickle.dumps(workspace))
    assert copy == workspace
    assert copy.read("src/c.ts") == b"c"
    assert copy.tsconfig_for("src/c.ts") == workspace.tsconfig_for("src/c.ts")
    assert copy.package_of("src/c.ts") == workspace.packages[0]


def test_a_file_that_vanishes_is_missed_only_when_it_is_read(root: Path) -> None:
    workspace = discover_workspace(root)
    (root / "src/a.ts").unlink()
    assert workspace.source_files == ("src/a.ts", "src/b.ts")
    with pytest.raises(FileNotFoundError):
        workspace.read("src/a.ts")


def test_the_root_is_resolved(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    link = tmp_path_factory.mktemp("links") / "link"
    link.symlink_to(root)
    assert discover_workspace(link).root == root.resolve()
    assert discover_workspace(link).source_files == ("src/a.ts", "src/b.ts")
