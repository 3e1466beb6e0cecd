"""A pytest plugin that runs the tests once as they are, and then for each mutant those that call its function."""

from __future__ import annotations

import gc
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.mutants.generating import Mutant

MEMORY = 4 << 30
"""Bytes of address space. What loops and collects ends with a MemoryError."""


OTHER_PROCESSES = {"test_compiles", "test_fix", "test_the_command_prints_the_same_bytes"}
OTHER_PROCESSES |= {"test_another_version_of_the_program_looks_anew"}
"""Tests that compile the cases or start the program anew, which takes long and tells nothing here."""


class Runner:
    """Forks a process per mutant, `jobs` at a time, and tells `report` how it ended."""

    def __init__(self, mutants: list[Mutant], jobs: int, report: Callable[[Mutant, str], None]) -> None:
        self.mutants, self.jobs, self.report = mutants, jobs, report
        self.failed = False
        self.running: dict[int, tuple[Mutant, float]] = {}

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if getattr(item, "originalname", "") not in OTHER_PROCESSES]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.failed = self.failed or report.failed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        from prismafix import switch

        calling: dict[tuple[str, str], list[pytest.Item]] = defaultdict(list)
        seconds: dict[pytest.Item, float] = {}
        for item, following in _pairs(session.items):
            switch.called.clear()
            started = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            seconds[item] = time.process_time() - started
            for function in switch.called:
                calling[function].append(item)
            if self.failed:
                raise session.Failed("the tests have to pass before anything is changed")
        gc.collect()
        gc.freeze()  # a child that looks for garbage would copy every page that it shares with this process
        for mutant in self.mutants:
            items = [item for item in calling[mutant.function] if _concerns(item, mutant)]
            items.sort(key=lambda item: (not _is_about(item, mutant), seconds[item]))
            if not items:
                self.report(mutant, "not run")
                continue
            while len(self.running) >= self.jobs:
                self.collect()
            self.start(mutant, items, sum(map(seconds.__getitem__, items)))
        while self.running:
            self.collect()
        return True

    def start(self, mutant: Mutant, items: list[pytest.Item], expected: float) -> None:
        """A child that ends with 0 when all tests pass and with 1 at the first that does not."""
        from prismafix import switch

        sys.stdout.flush()
        child = os.fork()
        if child:
            self.running[child] = (mutant, time.monotonic() + 60 + 40 * expected)
            return
        os.setsid()
        silence = os.open(os.devnull, os.O_WRONLY)
        os.dup2(silence, 1)
        os.dup2(silence, 2)
        limit = 10 + int(5 * expected)
        resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        switch.on = (mutant.module, mutant.name)
        try:
            for item, following in _pairs(items):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self.failed:
                    os._exit(1)
        except BaseException:
            os._exit(1)
        os._exit(0)

    def collect(self) -> None:
        """Wait until a child ends, or end it."""
        while True:
            for child, (mutant, deadline) in list(self.running.items()):
                ended, status = os.waitpid(child, os.WNOHANG)
                if not ended and time.monotonic() > deadline:
                    os.killpg(child, signal.SIGKILL)
                    ended, status = os.waitpid(child, 0)
                if ended:
                    del self.running[child]
                    self.report(mutant, _outcome(status))
                    return
            time.sleep(0.005)


def _concerns(item: pytest.Item, mutant: Mutant) -> bool:
    """The engine's tests run whole projects through every rule, and ask what becomes of the findings."""
    return "engine" not in item.path.parts or ".engine." in mutant.module


def _is_about(item: pytest.Item, mutant: Mutant) -> bool:
    """Whether a test is likely to notice: it is called like the module, or is a case of the rule."""
    name = mutant.module.rpartition(".")[2]
    return name[:5].upper() in item.nodeid if name.startswith("pf") else name in item.nodeid


def _outcome(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    return {0: "survived", 1: "killed"}.get(code, "timeout" if code in (-signal.SIGXCPU, -signal.SIGKILL) else "killed")


def _pairs(items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    yield from zip(items, [*items[1:], None], strict=True)
