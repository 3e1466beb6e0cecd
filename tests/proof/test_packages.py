"""Getting PgBouncer and MariaDB is no failure where it is impossible: it says so, and who asks for them is told why."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
ASK = "import packages\ntry: packages.find('pgbouncer')\nexcept packages.UnavailableError as error: print(error)"


def run(*command: str, cwd: Path, path: str) -> subprocess.CompletedProcess[str]:
    env = {"PATH": path, "PROOF_PACKAGES": "unpacked"}
    return subprocess.run([sys.executable, *command], cwd=cwd, env=env, capture_output=True, text=True, check=False)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    shutil.copy(HERE / "packages.py", tmp_path)
    return tmp_path


def refusing(folder: Path) -> str:
    """A PATH whose apt-get has nothing to give."""
    for name, text in (("apt-get", "echo 'E: Unable to locate package' >&2; exit 100"), ("dpkg-deb", "exit 1")):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return os.pathsep.join((str(folder), os.defpath))


@pytest.mark.parametrize("debian", [False, True])
def test_what_cannot_be_had_is_said_and_no_failure(debian: bool, place: Path) -> None:
    (place / "bin").mkdir()
    path = refusing(place / "bin") if debian else str(place / "bin")
    reason = "apt-get says E: Unable to locate package" if debian else "cannot be had without apt-get and dpkg-deb"

    done = run("packages.py", cwd=place, path=path)
    assert (done.returncode, done.stdout) == (0, "")
    assert [line.split(" here: ")[0] for line in done.stderr.splitlines()] == ["no pgbouncer", "no mariadbd", "no tmux"]
    assert reason in done.stderr

    assert reason in run("-c", ASK, cwd=place, path=path).stdout
    assert sorted(path.name for path in (place / ".packages").iterdir()) == [
        "mariadb-server-core.failed", "pgbouncer.failed", "tmux.failed",
    ]  # fmt: skip


def test_before_anything_was_tried_the_way_is_named(place: Path) -> None:
    assert run("-c", ASK, cwd=place, path=os.defpath).stdout == "no pgbouncer here: `make node` gets it\n"
