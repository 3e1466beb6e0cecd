import resource
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from prismafix.delivery.write import settle, write
from tests.privileges import obey_permissions

from .making import make_fix, make_result


def files(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def test_writes_changes_new_files_and_deletions(tmp_path: Path) -> None:
    (tmp_path / "a.ts").write_bytes(b"\xef\xbb\xbfold\r\n")
    (tmp_path / "gone.ts").write_bytes(b"x")
    fix = make_fix(
        "f",
        ("a.ts", b"\xef\xbb\xbfold\r\n", b"\xef\xbb\xbfnew\r\n"),
        ("lib/db/p.ts", None, b"p"),
        ("gone.ts", b"x", None),
    )
    written = write(tmp_path, [fix])
    assert written.paths == ("a.ts", "gone.ts", "lib/db/p.ts") and written.dropped == ()
    assert files(tmp_path) == {"a.ts": b"\xef\xbb\xbfnew\r\n", "lib/db/p.ts": b"p"}


def test_keeps_the_mode(tmp_path: Path) -> None:
    script = tmp_path / "a.js"
    script.write_bytes(b"old")
    script.chmod(0o751)
    write(tmp_path, [make_fix("f", ("a.js", b"old", b"new"))])
    assert stat.S_IMODE(script.stat().st_mode) == 0o751


def test_a_file_that_changed_drops_its_fix_and_no_other(tmp_path: Path) -> None:
    for name in "abc":
        (tmp_path / name).write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"the user was faster")
    written = write(
        tmp_path, [make_fix("one", ("a", b"old", b"1"), ("b", b"old", b"1")), make_fix("two", ("c", b"old", b"2"))]
    )
    assert files(tmp_path) == {"a": b"old", "b": b"the user was faster", "c": b"2"}
    assert [(d.fix_id, d.reason) for d in written.dropped] == [
        ("one", "b has changed since it was read: run prismafix again")
    ]
    assert [fix.fix_id for fix in written.fixes] == ["two"]


def test_what_builds_on_a_dropped_fix_is_dropped_as_well(tmp_path: Path) -> None:
    for name in "abcd":
        (tmp_path / name).write_bytes(b"0")
    (tmp_path / "a").write_bytes(b"changed")
    fixes = [
        make_fix("first", ("a", b"0", b"1"), ("b", b"0", b"1"), ("shared", None, b"s")),
        make_fix("same file", ("b", b"1", b"2")),
        make_fix("same module", ("c", b"0", b"3"), requires=("first",)),
        make_fix("free", ("d", b"0", b"4")),
    ]
    written = write(tmp_path, fixes)
    assert [fix.fix_id for fix in written.fixes] == ["free"]
    assert {d.fix_id: d.reason for d in written.dropped} == {
        "first": "a has changed since it was read: run prismafix again",
        "same file": "it builds on another fix of b that was dropped",
        "same module": "it builds on a fix that was dropped",
    }
    assert files(tmp_path) == {"a": b"changed", "b": b"0", "c": b"0", "d": b"4"}


def test_several_fixes_of_one_file_follow_each_other(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0")
    written = write(tmp_path, [make_fix("1", ("a", b"0", b"1")), make_fix("2", ("a", b"1", b"2"))])
    assert files(tmp_path) == {"a": b"2"} and len(written.fixes) == 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (("new", None, b"x"), "new has come into being since the analysis: run prismafix again"),
        (("gone", b"old", b"x"), "gone was deleted since it was read: run prismafix again"),
        (("folder", b"old", b"x"), "folder is no plain file"),
    ],
)
def test_a_tree_that_is_not_what_was_read(tmp_path: Path, change: tuple[str, bytes | None, bytes], reason: str) -> None:
    (tmp_path / "new").write_bytes(b"")
    (tmp_path / "folder").mkdir()
    assert [d.reason for d in write(tmp_path, [make_fix("f", change)]).dropped] == [reason]
    assert files(tmp_path) == {"new": b""}


def test_a_link_out_of_the_root_is_never_written_through(tmp_path: Path) -> None:
    root, outside = tmp_path / "root", tmp_path / "outside"
    root.mkdir()
    outside.mkdir()
    (outside / "a").write_bytes(b"old")
    (root / "file").symlink_to(outside / "a")
    (root / "folder").symlink_to(outside)
    fixes = [
        make_fix("file", ("file", b"old", b"x")),
        make_fix("folder", ("folder/a", b"old", b"x")),
        make_fix("new", ("folder/new", None, b"x")),
        make_fix("up", ("../outside/a", b"old", b"x")),
    ]
    written = write(root, fixes)
    assert len(written.dropped) == 4 and all("leads out of the project" in d.reason for d in written.dropped)
    assert files(outside) == {"a": b"old"}


def test_a_link_inside_the_root_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_bytes(b"old")
    (tmp_path / "link").symlink_to("real")
    (tmp_path / "round").symlink_to("round")
    written = write(tmp_path, [make_fix("f", ("link", b"old", b"new")), make_fix("g", ("round", b"", b"x"))])
    assert (tmp_path / "link").is_symlink() and (tmp_path / "real").read_bytes() == b"new"
    assert [d.fix_id for d in written.dropped] == ["g"]


def test_a_fix_that_fails_half_way_leaves_no_trace(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "blocked").write_bytes(b"a file where a folder is needed")
    fix = make_fix("f", ("a", b"old", b"new"), ("lib/p", None, b"p"), ("blocked/x", None, b"x"))
    written = write(tmp_path, [fix])
    assert written.fixes == () and "blocked/x could not be written" in written.dropped[0].reason
    assert files(tmp_path) == {"a": b"old", "blocked": b"a file where a folder is needed"}
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a", "blocked"]


def test_a_full_disk_leaves_the_old_files(tmp_path: Path) -> None:
    """A limit on the size of files stands for the full disk: both fail in the middle of a write."""
    (tmp_path / "a").write_bytes(b"old")
    (tmp_path / "b").write_bytes(b"old")
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from prismafix.delivery.write import write; from making import make_fix\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "big = make_fix('f', ('a', b'old', b'new'), ('b', b'old', b'x' * 9000))\n"
        "w = write(Path(sys.argv[1]), [big, make_fix('g', ('a', b'old', b'ok'))])\n"
        "print(w.dropped[0].reason, [f.fix_id for f in w.fixes])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith("b could not be written (File too large), so nothing of its fix was: ")
    assert done.stdout.endswith(" ['g']\n")
    assert files(tmp_path) == {"a": b"ok", "b": b"old"}
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 4096


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    (tmp_path / "a").write_bytes(b"old")
    (locked / "b").write_bytes(b"old")
    locked.chmod(0o555)
    program = (
        "import sys; from pathlib import Path\n"
        "sys.path.insert(0, sys.argv[2])\n"
        "from prismafix.delivery.write import write; from making import make_fix\n"
        "fix = make_fix('f', ('a', b'old', b'new'), ('locked/b', b'old', b'new'))\n"
        "print(write(Path(sys.argv[1]), [fix]).dropped[0].reason)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parent)],
        capture_output=True,
        text=True,
        check=True,
        preexec_fn=obey_permissions,
    )
    locked.chmod(0o755)
    assert done.stdout.startswith("locked/b could not be written (Permission denied)")
    assert files(tmp_path) == {"a": b"old", "locked/b": b"old"}


def test_settle_reports_dropped_fixes(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"changed")
    (tmp_path / "b").write_bytes(b"old")
    result = make_result(tmp_path, make_fix("f", ("a", b"old", b"x")), make_fix("g", ("b", b"old", b"x")))
    settled = settle(result, write(tmp_path, result.fixes))
    assert [(r.state, r.reason) for r in settled.findings] == [
        ("dropped", "a has changed since it was read: run prismafix again"),
        ("fixed", ""),
    ]
    assert [fix.fix_id for fix in settled.fixes] == ["g"]
