"""When a line of a log was written."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from prismafix.known_errors.model import Moment

_ISO = r"(?P<iso>\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d{1,9})?(?: ?(?:Z|UTC|GMT)\b|[+-]\d\d:?\d\d)?)"
_SYSLOG = r"(?P<syslog>(?:<\d+>)?[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d)"
_NEST = r"(?:\[Nest\] +\d+ +- +(?P<nest>\d\d?/\d\d?/\d{4}, \d\d?:\d\d:\d\d [AP]M))"  # in its usual locale
_AT_START = re.compile(rf"\W{{0,3}}(?:{_ISO}|{_SYSLOG})\W?|{_NEST}\s+")
_ANYWHERE = re.compile(_ISO)
_MILLISECONDS = 10**11
"""Larger numbers are milliseconds since 1970, smaller ones seconds."""
_LARGEST = 4 * 10**9  # the year 2096


def leading(line: str) -> tuple[str | None, str]:
    """The time that `line` begins with, for `of_text`, and what comes behind it; with no time, all of the line."""
    match = _AT_START.match(line)
    return (None, line) if match is None else (match["iso"] or match["syslog"] or match["nest"], line[match.end() :])


def of_text(text: str) -> Moment | None:
    """The time that `leading` found; None if there is no such day or hour."""
    if text.endswith("M"):
        return _nest(text)
    return _iso(text) if text[0].isdigit() else _syslog(text)


def of_value(value: object) -> Moment | None:
    """The time that a field of a JSON record holds: a number since 1970, or text."""
    if isinstance(value, str):
        match = _ANYWHERE.match(value.strip())
        if match is not None:
            return _iso(match["iso"])
        if not re.fullmatch(r"\d{10,16}(\.\d+)?", value):
            return None
        value = float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    seconds = float(value)
    while seconds > _MILLISECONDS:  # milli-, micro- and nanoseconds
        seconds /= 1000
    if not 10**8 < seconds < _LARGEST:
        return None
    shown = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    return Moment(seconds, f"{shown}Z")


def _iso(text: str) -> Moment | None:
    plain = re.sub(r" ?(?:Z|UTC|GMT)$", "+00:00", text.replace("/", "-").replace(",", "."))
    plain = re.sub(r"(\.\d{1,6})\d*", r"\1", plain)
    try:
        time = datetime.fromisoformat(plain)
    except ValueError:
        return None
    known = time.tzinfo is not None
    seconds = (time if known else time.replace(tzinfo=UTC)).timestamp()
    if not known:
        return Moment(seconds, f"{time:%Y-%m-%d %H:%M:%S}")
    return Moment(seconds, f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z")


def _nest(text: str) -> Moment | None:
    try:
        time = datetime.strptime(text, "%m/%d/%Y, %I:%M:%S %p").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Moment(time.timestamp(), f"{time:%Y-%m-%d %H:%M:%S}")


def _syslog(text: str) -> Moment | None:
    """Without a year: comparable only to others like it."""
    shown = re.sub(r"^<\d+>", "", text)
    try:
        time = datetime.strptime(f"2000 {shown}", "%Y %b %d %H:%M:%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return Moment(time.timestamp(), shown)
