"""A clone with a remote on disk, at a forge on loopback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.forges.servers import Server, github_server, gitlab_server

from .place import Place, make_place

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No configuration, no token and no temporary folder of whoever runs the tests."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ann@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for name in ("GH_TOKEN", "GITHUB_TOKEN", "GITLAB_TOKEN", "GH_ENTERPRISE_TOKEN", "CI", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tmp").mkdir()
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)


@pytest.fixture
def server(alone: None) -> Iterator[Server]:
    with github_server() as running:
        yield running


@pytest.fixture
def gitlab(alone: None) -> Iterator[Server]:
    with gitlab_server() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path, server: Server) -> Place:
    """Three files on `main`, pushed; `place.propose(…)` proposes fixes of them that are made by hand."""
    return make_place(tmp_path, server, {name: f"{name} old\n" for name in ("a.ts", "b.ts", "other.ts")})
