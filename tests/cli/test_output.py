"""`--output`: the report goes to a file, whole or not at all."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from .running import PROGRAM, environment, prismafix

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return shutil.copytree(DEMO, tmp_path / "shop")


def test_the_file_has_what_standard_output_would_have(shop: Path, tmp_path: Path) -> None:
    for form in ("text", "json"):
        said = prismafix("check", f"--format={form}", cwd=shop)
        done = prismafix("check", f"--format={form}", "--output", str(tmp_path / "report"), cwd=shop)
        assert (done.returncode, done.stdout) == (said.returncode, "") and done.returncode == 1
        assert (tmp_path / "report").read_text() == said.stdout != ""


def test_a_file_that_is_there_is_replaced_and_keeps_mode_and_link(shop: Path, tmp_path: Path) -> None:
    target = tmp_path / "real.json"
    target.write_text("old " * 100_000)
    target.chmod(0o640)
    (tmp_path / "link.json").symlink_to(target)
    prismafix("check", "--format=json", "-o", str(tmp_path / "link.json"), cwd=shop)
    assert json.loads(target.read_text())["version"] == 1
    assert target.stat().st_mode & 0o777 == 0o640
    assert (tmp_path / "link.json").is_symlink()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.json", "real.json", "shop"], (
        "nothing else is left behind"
    )


@pytest.mark.parametrize(("name", "cause"), [("none/report", "No such file or directory"), (".", "Is a directory")])
def test_what_cannot_be_written_is_one_line(shop: Path, name: str, cause: str) -> None:
    for arguments in (["--output", name], ["--write-baseline", name]):
        done = prismafix("check", *arguments, cwd=shop)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == f"prismafix: {name} could not be written: {cause}\n"


def test_a_pipe_is_written_to(shop: Path) -> None:
    done = prismafix("check", "--format=json", "-o", "/dev/stdout", cwd=shop)
    assert json.loads(done.stdout)["version"] == 1


def test_a_disk_that_is_full_leaves_the_old_file_as_it_was(shop: Path, tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk."""
    target = tmp_path / "report.json"
    target.write_text("old")
    command = [*PROGRAM, "check", "--format=json", "--no-cache", "--jobs=1", "-o", str(target)]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 4; exec "$@"', "sh", *command],
        cwd=shop,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (2, f"prismafix: {target} could not be written: File too large\n")
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.json", "shop"]
