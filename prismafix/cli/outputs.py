"""Where a report goes, and what it says of a baseline."""

from __future__ import annotations

import stat
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import uuid4

from prismafix.cli.terminal import write_bytes
from prismafix.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.engine.model import Options, Result
    from prismafix.report.baseline import Known


@dataclass(frozen=True, slots=True)
class Baseline:
    """The baseline that is in use: its file, and what it holds."""

    file: Path
    known: tuple[Known, ...]

    @property
    def fingerprints(self) -> tuple[str, ...]:
        """Of the findings that are known, sorted."""
        return tuple(sorted(one.fingerprint for one in self.known))


def deliver(data: bytes, output: Path | None) -> None:
    """Write a report to `output`, or to standard output if that is None. Raises UserError."""
    if output is None:
        write_bytes(data)
    else:
        write_whole(output, data)


def write_whole(file: Path, data: bytes) -> None:
    """Write a file completely or not at all; what is no regular file (a pipe, a device) is written to. Links are
    followed, a file that is replaced keeps its mode. Raises UserError that names the file and the cause."""
    try:
        if file.exists() and not file.is_file():
            file.write_bytes(data)
            return
        target = file.resolve()
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        beside = target.with_name(f".prismafix-{uuid4().hex}")
        try:
            with beside.open("xb") as opened:
                opened.write(data)
            if mode is not None:
                beside.chmod(mode)
            beside.replace(target)
        except BaseException:
            with suppress(OSError):
                beside.unlink()
            raise
    except OSError as error:
        raise UserError(f"{file} could not be written: {error.strerror}") from None


def compared(baseline: Baseline, result: Result, options: Options) -> list[str]:
    """What there is to say of a baseline: how many of its findings are still there, and how many are gone."""
    from prismafix.report.baseline import gone

    left = len(gone(baseline.known, result, options))
    lines = [f"{count_known(len(result.known))} in the baseline {baseline.file.name}."] if result.known else []
    if left:
        what = f"{left} of the baseline {baseline.file.name} {'is' if left == 1 else 'are'} gone"
        lines.append(f"{what}: `prismafix check --prune-baseline` takes {'it' if left == 1 else 'them'} out.")
    return lines


def count_known(number: int) -> str:
    """`1 more finding is known`, `2 more findings are known`."""
    return "1 more finding is known" if number == 1 else f"{number} more findings are known"


def write_baseline(file: Path, result: Result) -> None:
    """Make the findings of `result` the baseline, and say so. Raises UserError."""
    from prismafix.report.baseline import entries, to_text

    found = entries(result)
    write_whole(file, to_text(found).encode("utf-8", "surrogateescape"))
    number = f"{len(found)} finding{'' if len(found) == 1 else 's'}"
    print(f"{file} written: {number}. `prismafix check --baseline {file}` reports only others.")


def prune(baseline: Baseline, result: Result, options: Options) -> None:
    """Take out of the baseline's file what is gone, and say so on standard error. Raises UserError."""
    from prismafix.report.baseline import gone, to_text

    left = set(gone(baseline.known, result, options))
    if left and left.issuperset(baseline.known):  # or the file is of another folder: then it must not be emptied
        print(
            f"{baseline.file.name}: nothing of it is found here any more. Is it of this folder? Then delete it.",
            file=sys.stderr,
        )
    elif left:
        kept = [one for one in baseline.known if one not in left]
        write_whole(baseline.file, to_text(kept).encode("utf-8", "surrogateescape"))
        print(f"{baseline.file.name}: {len(left)} taken out, {len(kept)} kept.", file=sys.stderr)
    else:
        print(f"{baseline.file.name}: nothing to take out, {len(baseline.known)} kept.", file=sys.stderr)
