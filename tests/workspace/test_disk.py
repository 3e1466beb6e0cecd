"""What a disk remembers of what it was asked."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from prismafix.workspace.disk import Disk, digest_of, has_changed

if TYPE_CHECKING:
    from pathlib import Path

LATER = 10_000_000_000
"""Nanoseconds: a run that begins so long after the files were made trusts their stamps."""


def later(root: Path, **more: object) -> Disk:
    return Disk(str(root), _began=time.time_ns() + LATER, **more)  # type: ignore[arg-type]


def ask_all(disk: Disk) -> None:
    disk.digest("a.ts")
    disk.digest("gone.ts")
    disk.size("a.ts")
    disk.is_link("src")
    disk.exists("nx.json")
    disk.is_file("pnpm-lock.yaml")
    disk.target("src")
    disk.names("src")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/b.ts").write_text("b")
    (tmp_path / "a.ts").write_text("aaaa")
    return tmp_path


def test_the_same_tree_gives_the_same_answers(root: Path) -> None:
    disk = Disk(str(root))
    ask_all(disk)
    assert not has_changed(Disk(str(root)), disk.asked)
    assert disk.steady


@pytest.mark.parametrize(
    "change",
    [
        lambda root: (root / "a.ts").write_text("bbbb"),
        lambda root: (root / "a.ts").unlink(),
        lambda root: (root / "gone.ts").write_text(""),
        lambda root: (root / "nx.json").write_text("{}"),
        lambda root: (root / "pnpm-lock.yaml").write_text(""),
        lambda root: (root / "src/c.ts").write_text(""),
        lambda root: (root / "src").rename(root / "other") and (root / "src").symlink_to("other"),
    ],
    ids=["edited", "removed", "added", "looked-for", "lock", "listed", "link"],
)
def test_every_change_is_seen(root: Path, change: object) -> None:
    disk = later(root)
    ask_all(disk)
    change(root)  # type: ignore[operator]
    assert has_changed(later(root, known=disk.lasting_stamps()), disk.asked)


def test_a_file_is_not_read_again_while_its_stamp_is_the_same(root: Path) -> None:
    disk = later(root)
    disk.content("a.ts")
    stamp, _ = disk.lasting_stamps()["a.ts"]
    assert later(root, known={"a.ts": (stamp, b"as kept")}).digest("a.ts") == b"as kept"


def test_an_edit_that_keeps_size_and_time_is_seen(root: Path) -> None:
    disk = later(root)
    disk.content("a.ts")
    before = (root / "a.ts").stat()
    (root / "a.ts").write_text("bbbb")
    os.utime(root / "a.ts", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert later(root, known=disk.lasting_stamps()).digest("a.ts") == digest_of(b"bbbb")


def test_the_stamp_of_a_file_that_was_changed_just_now_is_not_trusted(root: Path) -> None:
    disk = Disk(str(root))
    disk.content("a.ts")
    assert disk.stamps and not disk.lasting_stamps()


def test_two_answers_to_one_question_are_noticed(root: Path) -> None:
    disk = Disk(str(root))
    disk.content("a.ts")
    (root / "a.ts").write_text("bbbb")
    disk.content("a.ts")
    assert not disk.steady
