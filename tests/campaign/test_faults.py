"""What can go wrong: each is a line and an exit code, and the next run ends where it would have."""

from __future__ import annotations

import os
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import PROGRAM, environment
from tests.forges.servers import TOKEN
from tests.privileges import obey_permissions
from tests.pull_requests.place import run_git

from .fleet import PROJECT, SUBJECTS, Fleet

if TYPE_CHECKING:
    from pathlib import Path

MOMENTS = [
    ("after the clone", "clone", True),
    ("in the analysis", "ls-files", False),
    ("after a commit", "commit --quiet", True),
    ("after the push", "push --porcelain", True),
]


@pytest.mark.parametrize(("moment", "when", "after"), MOMENTS, ids=[moment for moment, _, _ in MOMENTS])
def test_killed_at_any_moment_it_ends_where_it_would_have(fleet: Fleet, moment: str, when: str, after: bool) -> None:
    shop = fleet.add("shop")
    killed = fleet.run("spring.toml", **fleet.git_that("kill -9 $STARTER; sleep 60", when, after=after))
    assert killed.returncode == -signal.SIGKILL
    assert fleet.status()["summary"]["running"] == 1
    assert shop.pulls == []
    _ends_well(fleet)


def test_killed_between_the_pull_request_and_its_answer(fleet: Fleet) -> None:
    shop = fleet.add("shop")
    shop.fail_next(-1, method="POST", path="/pulls$", after=True)  # three seconds of silence after it was opened
    process = fleet.start("spring.toml")
    while not shop.pulls:
        assert process.poll() is None
        time.sleep(0.02)
    process.kill()
    process.communicate()
    _ends_well(fleet)


def test_killed_in_the_checkout(fleet: Fleet, tmp_path: Path) -> None:
    """git leaves its lock there, as in every place where it is killed."""
    smudge = tmp_path / "smudge"
    turn, starter = "$(cut -d' ' -f6 /proc/$$/stat)", "$(cut -d' ' -f4 /proc/$turn/stat)"
    once = f"if mkdir {tmp_path}/done 2>/dev/null; then turn={turn}; kill -9 {starter}; sleep 60; fi"
    smudge.write_text(f"#!/bin/sh\n{once}\ncat\n")
    smudge.chmod(0o755)
    config = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "filter.slow.smudge", "GIT_CONFIG_VALUE_0": str(smudge)}
    fleet.add("shop", {**PROJECT, ".gitattributes": "*.json filter=slow\n"})
    killed = fleet.run("spring.toml", **config)
    assert killed.returncode == -signal.SIGKILL
    assert [lock.name for lock in fleet.folder.glob("spring.prismafix/clones/*/.git/*.lock")] == ["index.lock"]
    _ends_well(fleet)


def _ends_well(fleet: Fleet) -> None:
    """One more run: one pull request, the commits once, nothing left behind."""
    again = fleet.run()
    assert again.returncode == 0, again.stdout + again.stderr
    assert [pull.head for pull in fleet.servers["shop"].pulls] == ["prismafix/fixes"]
    assert len(fleet.subjects("shop")) == len(set(fleet.subjects("shop"))) == SUBJECTS
    assert fleet.branches("shop") == ["main", "prismafix/fixes"]
    shop = fleet.status()["repositories"]["shop"]
    assert (shop["status"], [pull["number"] for pull in shop["pull_requests"]]) == ("done", [1])
    assert fleet.left_behind() == []


def test_ctrl_c_takes_away_what_is_half_done(fleet: Fleet) -> None:
    fleet.add("shop")
    stopped = fleet.run("spring.toml", **fleet.git_that("kill -INT $STARTER; sleep 60", "push --porcelain"))
    assert stopped.returncode == 128 + signal.SIGINT
    assert "Traceback" not in stopped.stderr
    assert fleet.left_behind() == []
    assert fleet.branches("shop") == ["main"]
    _ends_well(fleet)


def test_a_process_that_crashes_fails_alone(fleet: Fleet) -> None:
    shop, _ = fleet.add("shop"), fleet.add("blog", open="nothing")
    crash = fleet.git_that("kill -9 $PPID", "push --porcelain")
    run = fleet.run("spring.toml", "--jobs", "1", **crash)
    assert run.returncode == 1
    assert "shop: failed: its process was ended by SIGKILL" in run.stdout
    assert "blog: 3 findings, 2 fixes" in run.stdout
    assert shop.pulls == []
    assert fleet.status()["repositories"]["shop"]["error"] == "its process was ended by SIGKILL"
    _ends_well(fleet)


def test_a_repository_that_hangs_is_left_after_a_while(fleet: Fleet) -> None:
    fleet.add("shop")
    fleet.write(timeout=1)
    run = fleet.run("spring.toml", **fleet.git_that("sleep 60", "clone"))
    assert "shop: failed: took longer than 1 s: raise `timeout`" in run.stdout


def test_two_runs_of_a_campaign_do_not_meet(fleet: Fleet) -> None:
    fleet.add("shop")
    fifo = fleet.folder / "fifo"
    os.mkfifo(fifo)
    first = fleet.start("spring.toml", **fleet.git_that(f"cat {fifo}", "clone"))
    with fifo.open("w"):  # waits until the first one clones
        second = fleet.run()
        assert second.returncode == 2
        assert f"spring.toml is being run already (process {first.pid} on " in second.stderr
        assert "shop: running: clone" in fleet.run("status", "spring.toml").stdout
    assert first.communicate() and first.returncode == 0


def test_what_a_killed_run_left_is_no_other_run(fleet: Fleet) -> None:
    fleet.add("shop", open="nothing")
    fleet.write()
    folder = fleet.folder / "spring.prismafix"
    folder.mkdir()
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    (folder / "lock").write_text(f"{gone.pid} {os.uname().nodename} 2026-01-01T00:00:00+0000\n")
    assert fleet.run().returncode == 0


def test_a_hook_and_a_forge_that_say_no(fleet: Fleet) -> None:
    shop, blog = fleet.add("shop"), fleet.add("blog", select=["PF3"])
    hook = fleet.bare("shop") / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho only by review >&2\nexit 1\n")
    hook.chmod(0o755)
    blog.fail_next(403, method="POST", path="/pulls$", body={"message": "Resource not accessible"})
    run = fleet.run()
    assert run.returncode == 1
    assert "shop: failed: origin refused prismafix/fixes (pre-receive hook declined): only by review" in run.stdout
    assert "blog: failed: " in run.stdout and "Resource not accessible" in run.stdout
    assert shop.pulls == blog.pulls == []
    # What was found is known all the same, and the next run goes on.
    assert fleet.status()["repositories"]["shop"]["fixes"] == 2
    hook.unlink()
    assert fleet.run().returncode == 0
    assert [len(server.pulls) for server in (shop, blog)] == [1, 1]


def test_folders_that_cannot_be_written(fleet: Fleet) -> None:
    fleet.add("shop")
    fleet.write()
    for folder, said in (
        (fleet.folder, "spring.prismafix cannot be written (Permission denied): give another folder with `workspace`"),
        (fleet.folder / "spring.prismafix" / "clones", "Permission denied"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(0o555)
        done = subprocess.run(
            [*PROGRAM, "batch", "spring.toml"],
            cwd=fleet.folder,
            env=environment(GH_ENTERPRISE_TOKEN=TOKEN),
            preexec_fn=obey_permissions,
            capture_output=True,
            text=True,
            check=False,
        )
        folder.chmod(0o755)
        assert done.returncode in (1, 2)
        assert said in done.stdout + done.stderr
        assert "Traceback" not in done.stderr
    assert fleet.run().returncode == 0


def test_a_full_disk(fleet: Fleet) -> None:
    fleet.add("shop")
    assert "shop: failed: no token for 127.0.0.1" in fleet.run("spring.toml", GH_ENTERPRISE_TOKEN="").stdout
    done = subprocess.run(
        [*PROGRAM, "batch", "spring.toml"],
        cwd=fleet.folder,
        env=environment(GH_ENTERPRISE_TOKEN=TOKEN),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "state.sqlite3: the state of the campaign cannot be read or written" in done.stderr
    assert "Traceback" not in done.stderr
    _ends_well(fleet)


def test_a_damaged_state(fleet: Fleet) -> None:
    shop = fleet.add("shop")
    fleet.run()
    state = fleet.folder / "spring.prismafix" / "state.sqlite3"
    data = state.read_bytes()
    state.write_bytes(b"no database at all" * 300)
    run = fleet.run()
    assert run.returncode == 2 and "the state of the campaign cannot be read or written" in run.stderr
    state.write_bytes(data)
    connection = sqlite3.connect(state)
    connection.execute("pragma user_version = 99")
    connection.close()
    assert "was written by another version of prismafix" in fleet.run("status", "spring.toml").stderr
    for file in state.parent.glob("state.sqlite3*"):
        file.unlink()
    assert "shop: unchanged https://github.example/acme/shop/pull/1" in fleet.run().stdout  # found again
    assert len(shop.pulls) == 1


def test_secrets_are_nowhere(fleet: Fleet, tmp_path: Path) -> None:
    """A token in the environment, one in a URL of the user's own git configuration, a password in the project."""
    env = {".env.production": "DATABASE_URL=postgresql://app:hunter2-secret@db.example/shop\n"}
    shop = fleet.add("shop", {**PROJECT, **env})
    fleet.table(url="https://git.acme.example/acme/private.git", forge="github")
    instead = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_VALUE_0": "https://git.acme.example/"}
    instead["GIT_CONFIG_KEY_0"] = "url.https://robot:hunter3-secret@127.0.0.1:1/.insteadOf"
    log = tmp_path / "arguments"
    shim = fleet.git_that(":", "never")
    (fleet.folder / "shim" / "git").write_text(
        (fleet.folder / "shim" / "git").read_text().replace("PATH=", f'echo "$@" >> {log}\nPATH=', 1)
    )
    shop.fail_next(403, method="POST", path="/pulls$", body={"message": f"Bad credentials {TOKEN}"})
    runs = [fleet.run("spring.toml", **instead, **shim) for _ in range(2)]
    runs.append(fleet.run("status", "spring.toml", "--format", "json", "--refresh"))
    runs.append(fleet.run("report", "spring.toml"))
    assert "acme/private: failed" in runs[0].stdout and "shop: opened" in runs[1].stdout
    state = b"".join(f.read_bytes() for f in (fleet.folder / "spring.prismafix").iterdir() if f.is_file())
    told = "".join(run.stdout + run.stderr for run in runs) + state.decode("utf-8", "replace") + log.read_text()
    told += run_git(fleet.bare("shop"), "log", "-p", "main..prismafix/fixes")
    for secret in (TOKEN, "hunter2-secret", "hunter3-secret"):
        assert secret not in told
