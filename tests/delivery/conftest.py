"""A small repository."""

import subprocess
from pathlib import Path

import pytest

from .making import Git


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Git:
    """Runs git in a new repository `repo` with `a.ts`, `b.ts` and `other.ts` committed; returns what it prints."""
    repo = tmp_path / "repo"
    repo.mkdir()
    for name, value in {"AUTHOR": "Ann", "COMMITTER": "Ann"}.items():
        monkeypatch.setenv(f"GIT_{name}_NAME", value)
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ann@example.com")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")

    def run(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=repo, check=True, capture_output=True, text=True).stdout

    run("init", "-q", "-b", "main")
    for name in ("a.ts", "b.ts", "other.ts"):
        (repo / name).write_text(f"{name} old\n")
    run("add", ".")
    run("commit", "-q", "-m", "start")
    return run
