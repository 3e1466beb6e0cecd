"""Reads a log line by line and groups the errors in it. Memory does not grow with the log.

An error is often many lines: a title, `Invalid … invocation`, an excerpt of the source, the message, a stack, fields.
The lines of one are put together by how they look, since logs of containers put a time before each of them.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.known_errors.catalogue import recognise
from prismafix.known_errors.frames import frames, has_stack, operation
from prismafix.known_errors.model import Entry, Group, Log
from prismafix.known_errors.records import record
from prismafix.known_errors.times import leading, of_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

    from prismafix.known_errors.model import Moment

LONGEST_LINE = 1 << 18
"""Bytes. The rest of a longer line is left out."""
_MOST_LINES = 150
_MOST_CHARACTERS = 100_000
_MOST_SITES = 500
_MOST_NUMBERS = 50
_ANSI = re.compile(
    r"\x1b(?:\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\-_])|[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]"
)
# In lower case: no line without one of these begins an error or is one.
_TRIGGERS = (
    b"error", b"prisma", b"exception", b"fatal", b"timeout", b"timed out", b"too many", b"connection", b"code",
    b"max client", b"maxclient", b"prepared statement", b"usage exceeded", b"refused", b"denied", b"warn", b"reject",
    b"pool ", b"check out",
)  # fmt: skip
_HEAD = re.compile(
    r"\b\w*(?:Error|Exception|Rejection)\b|\b(?:ERROR|FATAL|WARN(?:ING)?)\b|\bprisma:\w+|warn\(prisma-client\)"
    r"|Invalid `"
)
_INVALID = re.compile(r"(?:[\w.]*(?:Error|error)[: ]+)?\s*Invalid `")
_BEFORE_TIME = re.compile(r"[\w.-]+ +\| |\[pod/[\w./-]+\] ")  # Docker Compose, `kubectl logs --prefix`
_AFTER_TIME = re.compile(
    r"\s?(?:"
    r"(?:stdout|stderr) [FP] "  # Kubernetes on disk
    r"|[\w./-]+\[[\w./-]+\]: "  # Heroku
    r"|[\w.-]+ [\w./-]+\[\d+\]: "  # syslog, journald
    r"|(?:\d{4}/\d\d/\d\d/\[[\w$.-]+\]\w+|[\w-]+/[\w-]+/[0-9a-f]{32}) "  # CloudWatch: Lambda, containers
    r")?"
)
_MORE = re.compile(
    r"\s*$|\s|[}\])]|→|>\s*\d+ \||at |\^|\||\.\.\. \d+ |Caused by|\[cause\]|code: |meta: |clientVersion: "
    r"|Please make sure|\S+:\d+:\d+$"
)


def entries(lines: Iterable[bytes], log: Log) -> Iterator[Entry]:
    """The errors of a log, one by one; counts its lines into `log`. Lines are any bytes, with or without line ends."""
    opened: _Open | None = None
    for raw in lines:
        log.lines += 1
        lower = raw.lower()
        triggered = any(trigger in lower for trigger in _TRIGGERS)
        if opened is None and not triggered:
            continue
        text = raw.decode("utf-8", "replace").rstrip("\r\n")
        line = _ANSI.sub("", text) if ("\x1b" in text or not text.isprintable()) else text
        time: Moment | str | None
        time, rest = _unwrapped(line)
        single = record(line) if "{" in line else None
        if single is not None and single.complete:
            if opened is not None:
                yield from opened.entry()
                opened = None
            yield from _Open(single.text, single.time or time).entry()
            continue
        if single is not None:
            time, rest = single.time, single.text
        if opened is not None and opened.goes_on(rest):
            opened.add(rest)
            continue
        if opened is not None:
            yield from opened.entry()
        opened = _Open(rest, time) if triggered else None
    if opened is not None:
        yield from opened.entry()


def bounded(stream: BinaryIO) -> Iterator[bytes]:
    """The lines of a stream, each cut off at LONGEST_LINE bytes."""
    while line := stream.readline(LONGEST_LINE):
        yield line
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)


def read(lines: Iterable[bytes]) -> Log:
    """All of a log, grouped. An error that was logged twice on end, its message and then its stack, counts once."""
    log = Log()
    before: Entry | None = None
    line = 0
    for entry in entries(lines, log):
        if before is not None and not (log.lines - line <= _MOST_LINES and _is_stack_of(entry, before)):
            _count(log, before)
        elif before is not None and entry.time is None:
            entry = replace(entry, time=before.time)
        before, line = entry, log.lines
    if before is not None:
        _count(log, before)
    return log


def _is_stack_of(entry: Entry, before: Entry) -> bool:
    """Nest and Prisma's own `log: ["error"]` write the message, and the stack, which repeats it, is logged after it."""
    same = entry.recognised.error is before.recognised.error and entry.operation == before.operation
    return same and entry.operation is not None and entry.has_stack and not before.has_stack


def _unwrapped(line: str) -> tuple[str | None, str]:
    """The time of a line, and what the program wrote of it."""
    if (before := _BEFORE_TIME.match(line)) is not None:
        line = line[before.end() :]
    time, rest = leading(line)
    if time is not None and (after := _AFTER_TIME.match(rest)) is not None:
        rest = rest[after.end() :]
    return time, rest


class _Open:
    """An error of which more lines may come."""

    def __init__(self, first: str, time: Moment | str | None) -> None:
        self.lines = [first]
        self.time = time
        self.size = len(first)
        self.invocation = "Invalid `" in first
        self.message_due = self.invocation

    def goes_on(self, line: str) -> bool:
        """Whether `line` is more of the same error."""
        if len(self.lines) >= _MOST_LINES or self.size > _MOST_CHARACTERS:
            return _MORE.match(line) is not None
        if _INVALID.match(line):
            return not self.invocation and _HEAD.search(self.lines[0]) is not None
        return _MORE.match(line) is not None or (self.message_due and not _HEAD.match(line))

    def add(self, line: str) -> None:
        if len(self.lines) >= _MOST_LINES or self.size > _MOST_CHARACTERS:
            return
        if not self.invocation and "Invalid `" in line:
            self.invocation = self.message_due = True
        elif self.message_due and _MORE.match(line) is None:
            self.message_due = False
        self.lines.append(line)
        self.size += len(line)

    def entry(self) -> Iterator[Entry]:
        text = "\n".join(self.lines)[:_MOST_CHARACTERS]
        if "\\n" in text:  # an error that was written as a JSON string, of which only a part is left
            text = text.replace("\\n", "\n").replace('\\"', '"')
        recognised = recognise(text)
        if recognised is not None:
            time = of_text(self.time) if isinstance(self.time, str) else self.time
            yield Entry(recognised, operation(text), frames(text), time, has_stack(text))


def _count(log: Log, entry: Entry) -> None:
    error = entry.recognised.error
    group = log.groups.setdefault(error.key, Group(error))
    group.count += 1
    if entry.time is not None:
        group.first = min(group.first or entry.time, entry.time)
        group.last = max(group.last or entry.time, entry.time)
    if entry.recognised.code is not None:
        group.codes[entry.recognised.code] = group.codes.get(entry.recognised.code, 0) + 1
    numbers = entry.recognised.numbers
    if numbers and (numbers in group.numbers or len(group.numbers) < _MOST_NUMBERS):
        group.numbers[numbers] = group.numbers.get(numbers, 0) + 1
    site = (entry.operation, entry.frames)
    if site == (None, ()):
        return
    if site in group.sites or len(group.sites) < _MOST_SITES:
        group.sites[site] = group.sites.get(site, 0) + 1
    else:
        group.more_sites = True
