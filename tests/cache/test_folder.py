"""Caches that are damaged, foreign, read-only, shared or too big."""

from __future__ import annotations

import os
from pathlib import Path

import msgpack
import pytest

from prismafix.cache import folder as folders
from prismafix.cache import pack as packs
from prismafix.cache.blob import read_blob, write_blob
from prismafix.cache.folder import Cache
from prismafix.cache.pack import Pack
from prismafix.engine.aside import in_copies

ROOT = Path("/project")


def filled(top: Path) -> Cache:
    cache = Cache.open(ROOT, top)
    cache.save("thing", {"a": (1, b"2", None)})
    pack = cache.pack("pack")
    for number in range(5):
        pack.put(b"key %d" % number, b"value %d" % number)
    cache.save_pack(pack)
    assert not cache.problem
    return cache


def test_what_was_kept_comes_back(tmp_path: Path) -> None:
    filled(tmp_path / "not/there/yet")
    cache = Cache.open(ROOT, tmp_path / "not/there/yet")
    assert cache.load("thing") == {"a": (1, b"2", None)}
    assert cache.pack("pack").get(b"key 3") == b"value 3"
    assert cache.load("other") is None and cache.pack("pack").get(b"key 9") is None


def test_two_workspaces_do_not_share(tmp_path: Path) -> None:
    filled(tmp_path)
    assert Cache.open(Path("/another"), tmp_path).load("thing") is None


@pytest.mark.parametrize("name", ["thing", "pack"])
def test_no_damage_is_an_error(tmp_path: Path, name: str) -> None:
    cache = filled(tmp_path)
    path = cache.folder / name
    whole = path.read_bytes()
    for at in range(len(whole)):
        for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]):
            path.write_bytes(damaged)
            again = Cache.open(ROOT, tmp_path)
            assert again.load("thing") in (None, {"a": (1, b"2", None)})
            pack = again.pack("pack")
            assert all(pack.get(b"key %d" % number) in (None, b"value %d" % number) for number in range(5))
    filled(tmp_path)
    assert path.read_bytes() == whole


def test_a_pack_keeps_what_was_used_and_added(tmp_path: Path) -> None:
    filled(tmp_path)
    pack = Cache.open(ROOT, tmp_path).pack("pack")
    assert pack.get(b"key 1") == b"value 1"
    pack.put(b"new", b"content")
    pack.save()
    again = Pack.open(pack.path)
    assert [again.get(key) for key in (b"key 1", b"new", b"key 2")] == [b"value 1", b"content", None]


def test_much_that_was_added_waits_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packs, "_MOST_ADDED", 30)
    cache = Cache.open(ROOT, tmp_path)
    pack = cache.pack("pack")
    for number in range(50):
        pack.put(b"key %d" % number, b"value %d" % number)
        assert pack.get(b"key %d" % (number // 2)) == b"value %d" % (number // 2)

    def in_a_copy(share: list[int]) -> list[bytes | None]:
        for number in share:
            pack.put(b"key %d" % number, b"of a copy")
        return [pack.get(b"key %d" % number) for number in (0, 49, *share)]

    here, there = in_copies(in_a_copy, [[], [49, 60]], 2)
    assert (here, there) == ([b"value 0", b"value 49"], [b"value 0", b"of a copy", b"of a copy", b"of a copy"])
    cache.save_pack(pack)
    kept = Cache.open(ROOT, tmp_path).pack("pack")
    assert [kept.get(b"key %d" % number) for number in range(50)] == [b"value %d" % number for number in range(50)]


def test_another_program_keeps_something_else(tmp_path: Path) -> None:
    write_blob(tmp_path / "thing", b"content")
    data = (tmp_path / "thing").read_bytes()
    head = len(b"prismafix cache 1\n")
    (tmp_path / "thing").write_bytes(data[:head] + bytes(16) + data[head + 16 :])
    assert read_blob(tmp_path / "thing") is None


def test_a_kept_thing_of_another_form_is_nothing(tmp_path: Path) -> None:
    cache = filled(tmp_path)
    write_blob(cache.folder / "thing", b"\xc1 is no msgpack")
    assert cache.load("thing") is None
    write_blob(cache.folder / "thing", msgpack.packb(1) + b"and more")
    assert cache.load("thing") is None


def test_a_folder_that_is_a_file_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = Cache.open(ROOT, tmp_path / "file")
    cache.save("thing", 1)
    assert "cannot be written" in cache.problem and str(tmp_path / "file") in cache.problem
    assert cache.load("thing") is None


def test_a_cache_folder_that_others_can_write_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    top = tmp_path / "prismafix"
    top.mkdir()
    top.chmod(0o777)
    cache = Cache.open(ROOT, None)
    cache.save("thing", 1)
    assert "can be written by others" in cache.problem and not list(top.iterdir())
    top.chmod(0o700)
    cache = Cache.open(ROOT, None)
    cache.save("thing", 1)
    assert not cache.problem and Cache.open(ROOT, None).load("thing") == 1


def test_the_user_alone_can_read_what_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    cache = Cache.open(ROOT, None)
    cache.save("thing", 1)
    assert [path.stat().st_mode & 0o077 for path in (cache.top, cache.folder, cache.folder / "thing")] == [0, 0, 0]


def test_the_oldest_go_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "MOST_BYTES", 2_500)
    (tmp_path / "somebody-else").mkdir()
    (tmp_path / "somebody-else/big").write_bytes(bytes(9_000))
    for number, name in enumerate(("first", "second", "third")):
        cache = Cache.open(Path("/") / name, tmp_path)
        cache.save("thing", bytes(1_000))
        os.utime(cache.folder / "thing", (number, number))
        cache.trim("result-", 1)
    kept = [Cache.open(Path("/") / name, tmp_path).load("thing") is not None for name in ("first", "second", "third")]
    assert kept == [False, True, True] and (tmp_path / "somebody-else/big").exists()


def test_only_the_newest_results_of_a_workspace_stay(tmp_path: Path) -> None:
    cache = Cache.open(ROOT, tmp_path)
    for number in range(4):
        cache.save(f"result-{number}", number)
        os.utime(cache.folder / f"result-{number}", (number, number))
    cache.trim("result-", 2)
    assert [cache.load(f"result-{number}") for number in range(4)] == [None, None, 2, 3]
