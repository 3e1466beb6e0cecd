"""Campaigns on a real Dask scheduler with two worker processes, on loopback."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.running import environment
from tests.forges.servers import TOKEN

from .fleet import PROJECT, SUBJECTS, Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytest.importorskip("distributed")
QUIET = {"DASK_LOGGING__DISTRIBUTED": "error"}


@dataclass
class Cluster:
    """A scheduler's address, its process, and how to start workers."""

    address: str
    scheduler: subprocess.Popen[bytes]
    stack: ExitStack
    folder: Path

    def workers(self, number: int, **more: str) -> None:
        """Start so many in this environment, and wait until all that live are there."""
        from distributed import Client

        arguments = (self.address, "--nthreads=1", "--no-nanny", "--no-dashboard")
        connect: Any = Client
        with connect(self.address, set_as_default=False) as client:
            there = len(client.nthreads())
            for _ in range(number):
                self.stack.enter_context(started("distributed.cli.dask_worker", *arguments, cwd=self.folder, **more))
            client.wait_for_workers(there + number, timeout=60)


@contextmanager
def started(module: str, *arguments: str, cwd: Path, **more: str) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", module, *arguments],
        cwd=cwd,
        env=environment(GH_ENTERPRISE_TOKEN=TOKEN) | QUIET | more,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def cluster(folder: Path, workers: int = 2, **more: str) -> Iterator[Cluster]:
    """A cluster whose workers have this environment."""
    file = folder / "scheduler.json"
    with ExitStack() as stack:
        arguments = ("--host=127.0.0.1", "--port=0", "--no-dashboard", f"--scheduler-file={file}")
        scheduler = stack.enter_context(started("distributed.cli.dask_scheduler", *arguments, cwd=folder))
        deadline = time.monotonic() + 60
        while not file.exists() or not file.read_text().strip():
            assert scheduler.poll() is None and time.monotonic() < deadline
            time.sleep(0.05)
        made = Cluster(json.loads(file.read_text())["address"], scheduler, stack, folder)
        if workers:
            made.workers(workers, **more)
        yield made


def without_times(status: dict[str, Any]) -> Any:
    """What does not differ from one run to the next: all but times, and the ids of commits, which hold a time."""
    text = json.dumps([status["repositories"], status["summary"]], sort_keys=True)

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: plain(v) for k, v in value.items() if k not in ("began", "ended", "id", "base_commit", "source")}
        return [plain(item) for item in value] if isinstance(value, list) else value

    return plain(json.loads(text))


def test_the_same_code_gives_the_same_results(tmp_path: Path, fleet: Fleet) -> None:
    files = {"shop": PROJECT, "blog": {"index.ts": "export {}\n"}, "empty": {}}
    for name, content in files.items():
        fleet.add(name, content)
    here = fleet.run()
    local = fleet.status()
    other = Fleet(tmp_path / "other", fleet.open_server)
    other.folder.mkdir()
    for name, content in files.items():
        other.add(name, content)
    other.write()
    with cluster(tmp_path) as made:
        there = other.run("spring.toml", "--scheduler", made.address)
        assert (there.returncode, here.returncode) == (1, 1), there.stdout + there.stderr
        assert without_times(other.status()) == json.loads(
            json.dumps(without_times(local)).replace(str(fleet.folder), str(other.folder))
        )
        assert [len(server.pulls) for server in other.servers.values()] == [1, 0, 0]
        assert "shop: nothing new" in other.run("spring.toml", "--scheduler", made.address).stdout

        # One of the workers is another version.
        (tmp_path / "old" / "prismafix").mkdir(parents=True)
        (tmp_path / "old" / "prismafix" / "__init__.py").write_text('__version__ = "0.0.1"\n')
        made.workers(1, PYTHONPATH=str(tmp_path / "old"))
        refused = other.run("spring.toml", "--scheduler", made.address)
        assert refused.returncode == 2
        assert "has prismafix 0.0.1, and the campaign runs with" in refused.stderr


def test_a_worker_that_dies_is_replaced_once(fleet: Fleet, tmp_path: Path) -> None:
    shop = fleet.add("shop")
    fleet.write()
    dies = fleet.git_that("kill -9 $STARTER; sleep 60", "push --porcelain")
    with cluster(tmp_path, **dies) as made:
        run = fleet.run("spring.toml", "--scheduler", made.address)
        assert run.returncode == 0, run.stdout + run.stderr
        assert len(shop.pulls) == 1 and len(fleet.subjects("shop")) == SUBJECTS
        assert (fleet.folder / "shim" / "done").exists()

        # The second worker is gone too, and with it the last one.
        (fleet.folder / "shim" / "git").write_text("#!/bin/sh\nkill -9 $(cut -d' ' -f4 /proc/$PPID/stat)\nsleep 60\n")
        made.workers(1, **dies)
        run = fleet.run("spring.toml", "--again", "--scheduler", made.address)
        assert run.returncode == 1
        assert "shop: failed: the worker that it ran on died, and so did the one of the second try" in run.stdout
        assert len(shop.pulls) == 1


def test_a_scheduler_that_is_lost_leaves_the_state(fleet: Fleet, tmp_path: Path) -> None:
    fleet.add("shop")
    fleet.write()
    nowhere = fleet.run("spring.toml", "--scheduler", "not an address")
    assert nowhere.returncode == 2 and "not an address is no address of a Dask scheduler" in nowhere.stderr
    with cluster(tmp_path, workers=0) as made:
        without = fleet.run("spring.toml", "--scheduler", made.address)
        assert without.returncode == 2 and "has no workers: start some with `dask worker tcp://" in without.stderr
        made.workers(1, **fleet.git_that(f"kill -9 {made.scheduler.pid}; sleep 60", "push --porcelain"))
        run = fleet.run("spring.toml", "--scheduler", made.address)
        assert run.returncode == 2
        assert "is gone: what was done until then is written down; run this again to go on" in run.stderr
        assert "Traceback" not in run.stderr
    assert fleet.status()["repositories"]["shop"]["status"] == "running"
    assert fleet.run().returncode == 0
    assert len(fleet.servers["shop"].pulls) == 1
