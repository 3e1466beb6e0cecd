"""What generated tests share: drawing programs, fixing them in process, compiling all of them at once, and finding a
small one that fails."""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import hypothesis
from fixtures_harness.cases import contents
from fixtures_harness.typechecking import Job, compile_jobs
from hypothesis import HealthCheck, Phase, given, settings

from prismafix.engine.model import Options, Result
from prismafix.engine.run import run

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")
ANSWERS = ("value", "error", "effects", "unhandled", "stuck", "tables")
"""What of a run has to be the same before and after."""


def drawn(strategy: SearchStrategy[T], count: int, seed: int) -> list[T]:
    """`count` examples (fewer where some come twice), always the same for one seed."""
    found: list[T] = []

    def keep(one: T) -> None:
        if one not in found:
            found.append(one)

    for round_seed in _rounds(count, seed):
        _settled(given(strategy)(keep), round_seed, Phase.generate)()
    return found


def smallest(strategy: SearchStrategy[T], count: int, seed: int, failing: Callable[[T], bool], known: T) -> T:
    """The smallest example that Hypothesis finds to fail as `known` does, which is one of `drawn(strategy, count,
    seed)`."""
    found = known
    reached = False

    def look(one: T) -> None:
        nonlocal found, reached
        if one == known or (reached and failing(one)):
            found, reached = one, True
            raise _FailsError

    for round_seed in _rounds(count, seed):
        with suppress(_FailsError):
            _settled(given(strategy)(look), round_seed, Phase.generate, Phase.shrink)()
        if reached:
            break
    return found


_ROUND = 10
"""Examples of one run of Hypothesis: from the eleventh on it makes four of five by copying parts of the one before."""


def _rounds(count: int, seed: int) -> list[int]:
    return [seed * 1_000_000 + number for number in range(-(-count // _ROUND))]


class _FailsError(Exception):
    """An example fails."""


def _settled(test: Any, seed: int, *phases: Phase) -> Callable[[], None]:
    made: Callable[[], None] = hypothesis.seed(seed)(
        settings(
            max_examples=_ROUND,
            phases=phases,
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )(test)
    )
    return made


@dataclass(frozen=True, slots=True)
class Fixed:
    """A project before and after its fixes, by POSIX path, and what prismafix said."""

    before: dict[str, bytes]
    after: dict[str, bytes]
    result: Result

    @property
    def changed(self) -> bool:
        return self.before != self.after

    def diff(self) -> str:
        """The change as a unified diff."""
        lines: list[str] = []
        for path in sorted(self.before.keys() | self.after.keys()):
            old, new = (files.get(path, b"").decode() for files in (self.before, self.after))
            lines += difflib.unified_diff(old.splitlines(), new.splitlines(), path, path, lineterm="", n=100)
        return "\n".join(lines)


def fixed(folder: Path, *, unsafe: bool = False) -> Fixed:
    """The project in `folder` with all fixes that are safe, and with `unsafe` the others too. Writes nothing."""
    result = run(folder, Options(apply=True, unsafe=unsafe, jobs=1))
    before = contents(folder)
    after = dict(before)
    for change in result.changes:
        if change.after is None:
            after.pop(change.path)
        else:
            after[change.path] = change.after
    return Fixed(before, after, result)


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    """Write a project; the folder."""
    for path, data in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return folder


def type_errors(folders: Iterable[Path], version: str) -> dict[Path, list[str]]:
    """What the compiler says about each project, in one run. Each folder has its own schema."""
    found = compile_jobs([Job(str(folder), folder) for folder in folders], version)
    return {folder: found[str(folder)] for folder in folders}


def new_errors(before: list[str], after: list[str]) -> list[str]:
    """Type errors that were not there before, wherever they stand."""
    known = Counter(_POSITION.sub(" ", error) for error in before)
    found = []
    for error in after:
        text = _POSITION.sub(" ", error)
        if known[text] <= 0:
            found.append(error)
        known[text] -= 1
    return found


_POSITION = re.compile(r":\d+:\d+ ")


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What is not the same in two outcomes (see run.mjs), as lines of a diff; nothing when they are the same."""
    found = []
    for key in ANSWERS:
        one, other = (json.dumps(part.get(key), indent=1).splitlines() for part in (before, after))
        if one != other:
            found += [f"{key}:", *difflib.unified_diff(one, other, "before", "after", lineterm="", n=2)]
    return found
