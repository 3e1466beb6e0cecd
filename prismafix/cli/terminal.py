"""Standard output and error as people see them: colours and a progress bar on a terminal, plain text elsewhere."""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.console import Console
    from rich.progress import Progress, TaskID
    from rich.text import Text

_AFTER_QUESTIONS = ("types",)
_HANGING = 4
_NARROWEST = 20
_STAGES = {"workspace": "Listing", "facts": "Reading", "rules": "Checking", "fixes": "Fixing", "types": "Type-checking"}


def console(stream: TextIO | None = None) -> Console:
    """Writes `Text` to `stream` (standard output), coloured on a terminal unless NO_COLOR is set, never wrapped."""
    from rich.console import Console  # a JSON report does without

    file = stream or sys.stdout
    plain = not _has_escapes(file)
    return Console(
        file=file,
        color_system=None if plain else "auto",
        force_terminal=not plain,
        highlight=False,
        markup=False,
        emoji=False,
        soft_wrap=True,
    )


def say(screen: Console, lines: Iterable[Text]) -> None:
    """Print lines. On a terminal a long one goes on indented, broken between words; code (`no_wrap`) stays as it is."""
    from rich.text import Text

    for line in lines:
        if not screen.is_terminal or line.no_wrap or line.cell_len <= screen.width:
            screen.print(line)
            continue
        indent = len(line.plain) - len(line.plain.lstrip(" =")) or _HANGING
        first, *rest = line.wrap(screen, max(screen.width - indent, _NARROWEST))
        screen.print(first)
        for part in rest:
            screen.print(Text(" " * indent).append_text(part))


@dataclass(slots=True)
class Bar:
    """A progress bar on standard error, or nothing if that is no terminal. Calling it is the engine's `progress`."""

    progress: Progress | None
    task: TaskID | None = None
    paused: bool = False

    def __call__(self, stage: str, done: int, total: int) -> None:
        if self.progress is None or (self.paused and stage not in _AFTER_QUESTIONS):
            return
        if self.paused:
            self.paused = False
            self.progress.start()
        description = _STAGES.get(stage, stage.capitalize())
        if self.task is None:
            self.task = self.progress.add_task(description, total=None)
        self.progress.update(self.task, description=description, completed=done, total=total or None)

    def stop(self) -> None:
        """Take the bar off the screen: somebody is about to be asked something. It comes back for what takes long when
        all has been asked."""
        if self.progress is not None:
            self.progress.stop()
            self.paused = True

    def go_on(self) -> None:
        """Bring the bar back: all has been asked for now."""
        if self.progress is not None:
            self.progress.start()
            self.paused = False


@contextmanager
def bar() -> Iterator[Bar]:
    """A bar for as long as the block runs; it leaves nothing on the screen."""
    if not _has_escapes(sys.stderr):
        yield Bar(None)
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}"), TimeElapsedColumn())
    shown = Bar(Progress(*columns, console=console(sys.stderr), transient=True))
    try:
        if shown.progress is not None:
            shown.progress.start()
        yield shown
    finally:
        shown.stop()


def _has_escapes(file: TextIO) -> bool:
    return file.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def write_bytes(data: bytes) -> None:
    """Bytes to standard output as they are: patches keep the encoding of the files that they change."""
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
