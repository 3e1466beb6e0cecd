"""Writes fixes into the work tree: each fix completely or not at all, no file ever half-written."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import uuid
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from prismafix.engine.model import AppliedFix, FileChange, Result

if TYPE_CHECKING:
    from collections.abc import Container, Sequence
    from pathlib import Path

_TEMPORARY = ".prismafix-"


@dataclass(frozen=True, slots=True)
class Dropped:
    """A fix of which nothing was written; `reason` is one sentence for the user."""

    fix_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Written:
    """What came of writing: the fixes that are in the tree now, the paths they changed, and the fixes that are not."""

    fixes: tuple[AppliedFix, ...]
    paths: tuple[str, ...]
    dropped: tuple[Dropped, ...]


class _Refused(Exception):
    """This change cannot be written; the text is the reason."""


def write(root: Path, fixes: Sequence[AppliedFix], *, lost: Sequence[AppliedFix] = ()) -> Written:
    """Write `fixes` below `root`, in order. `lost` are fixes before them that were not written.

    Each file must hold exactly the `before` of its change: one that changed since it was read drops that fix, and with
    it every fix that builds on it. A fix that fails half-way (no permission, disk full) is rolled back. Nothing outside
    `root` is written, through no link. Raises nothing for all this: it is in what it returns.
    """
    written: list[AppliedFix] = []
    dropped: list[Dropped] = []
    absent = list(lost)
    for fix in fixes:
        try:
            _write_fix(root, fix, absent)
        except _Refused as refused:
            dropped.append(Dropped(fix.fix_id, str(refused)))
            absent.append(fix)
        else:
            written.append(fix)
    paths = sorted({change.path for fix in written for change in fix.changes})
    return Written(tuple(written), tuple(paths), tuple(dropped))


def settle(result: Result, written: Written) -> Result:
    """`result` after writing: the findings of dropped fixes are `dropped` with the reason, and those fixes are gone."""
    findings = list(result.findings)
    reasons = {entry.fix_id: entry.reason for entry in written.dropped}
    for fix in result.fixes:
        if fix.fix_id in reasons:
            for index in fix.findings:
                findings[index] = replace(findings[index], state="dropped", reason=reasons[fix.fix_id])
    return replace(result, findings=tuple(findings), fixes=written.fixes)


@dataclass(slots=True)
class _Step:
    """One file on its way: `staged` holds the new bytes, `backup` the old file until the whole fix is in."""

    path: str
    target: Path
    before: bytes | None
    after: bytes | None
    staged: Path | None = None
    backup: Path | None = None
    folders: list[Path] = field(default_factory=list)

    @property
    def replaced(self) -> bool:
        """Whether the target is the new file already."""
        if self.after is None:
            return not self.target.exists()
        return self.staged is not None and not self.staged.exists()


def _write_fix(root: Path, fix: AppliedFix, absent: Sequence[AppliedFix]) -> None:
    """Raises _Refused with everything as it was. `absent` are earlier fixes that were not written."""
    lost = {change.path for other in absent for change in other.changes}
    if any(other.fix_id in fix.requires for other in absent):
        raise _Refused("it builds on a fix that was dropped")
    steps: list[_Step] = []
    path = ""
    try:
        for change in _net(fix.changes):
            path = change.path
            steps.append(_Step(path, _target(root, path), change.before, change.after))
            _expect_before(steps[-1], lost)
            _stage(steps[-1])
        for step in steps:
            path = step.path
            _expect_before(step, lost)
            _replace(step)
    except OSError as error:
        _roll_back(steps)
        raise _Refused(
            f"{path} could not be written ({error.strerror or error}), so nothing of its fix was: "
            "mend that and run prismafix again"
        ) from None
    except BaseException:
        _roll_back(steps)
        raise
    for step in steps:
        if step.backup is not None:
            step.backup.unlink(missing_ok=True)


def _net(changes: Sequence[FileChange]) -> list[FileChange]:
    """One change per file, from its first `before` to its last `after`."""
    net: dict[str, FileChange] = {}
    for change in changes:
        first = net.get(change.path, change)
        net[change.path] = FileChange(change.path, first.before, change.after)
    return [change for change in net.values() if change.before != change.after]


def _target(root: Path, path: str) -> Path:
    """The real file behind `path`. Raises _Refused if it is no plain file in `root`."""
    top = root.resolve()
    try:
        target = (top / path).resolve()
    except (OSError, RuntimeError):  # RuntimeError before Python 3.13
        raise _Refused(f"{path} is a link that leads nowhere") from None
    if not target.is_relative_to(top) or target == top:
        raise _Refused(f"{path} leads out of the project through a link, and nothing outside is written")
    if target.exists() and not target.is_file():
        raise _Refused(f"{path} is no plain file")
    return target


def _expect_before(step: _Step, lost: Container[str]) -> None:
    """Raises _Refused unless the file holds exactly what the fix was made for."""
    try:
        current = step.target.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        current = None
    if current == step.before:
        return
    if step.path in lost:
        raise _Refused(f"it builds on another fix of {step.path} that was dropped")
    if step.before is None:
        raise _Refused(f"{step.path} has come into being since the analysis: run prismafix again")
    what = "was deleted" if current is None else "has changed"
    raise _Refused(f"{step.path} {what} since it was read: run prismafix again")


def _stage(step: _Step) -> None:
    """Put the new bytes beside the target, on disk for good, and keep the old file under a second name."""
    folder = step.target.parent
    while not folder.exists():
        step.folders.append(folder)
        folder = folder.parent
    step.target.parent.mkdir(parents=True, exist_ok=True)
    if step.before is not None:
        if not os.access(step.target, os.W_OK):
            raise PermissionError(errno.EACCES, "the file is write-protected")
        step.backup = _beside(step.target)
        try:
            os.link(step.target, step.backup)
        except OSError:  # a file system without hard links
            shutil.copy2(step.target, step.backup)
    if step.after is not None:
        step.staged = _beside(step.target)
        with step.staged.open("xb") as file:
            file.write(step.after)
            if step.before is not None:
                _keep_mode_and_owner(step.target, file.fileno())
            file.flush()
            os.fsync(file.fileno())


def _keep_mode_and_owner(source: Path, descriptor: int) -> None:
    status = source.stat()
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):  # only root may give files away; everybody else gets a file of their own
            os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def _replace(step: _Step) -> None:
    if step.staged is not None:
        step.staged.replace(step.target)
    else:
        step.target.unlink()
    with suppress(OSError):  # some file systems cannot sync a folder; the file is in place all the same
        descriptor = os.open(step.target.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _roll_back(steps: Sequence[_Step]) -> None:
    """Everything as it was before the fix. Needs no space on disk: the old files were kept."""
    for step in reversed(steps):
        if step.replaced and step.backup is not None:
            step.backup.replace(step.target)
        elif step.replaced and step.before is None:
            step.target.unlink(missing_ok=True)
        for spare in (step.staged, step.backup):
            if spare is not None:
                spare.unlink(missing_ok=True)
        for folder in step.folders:
            with suppress(OSError):  # something else has come into it
                folder.rmdir()


def _beside(target: Path) -> Path:
    """A free hidden name in the same folder: a rename inside one folder is atomic."""
    return target.with_name(f"{_TEMPORARY}{uuid.uuid4().hex}.tmp")
