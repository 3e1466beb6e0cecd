"""Lines and columns as editors count them, and fingerprints that survive shifted lines."""

from __future__ import annotations

import pytest

from prismafix.engine.fingerprint import fingerprint, fix_id, identity
from prismafix.engine.positions import lines_of
from prismafix.rules.model import Finding


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        pytest.param("@", 1, 1, id="start"),
        pytest.param("ab\ncd@", 2, 3, id="second line"),
        pytest.param("\n\ncd@", 3, 3, id="empty lines first"),
        pytest.param("ab\r\ncd@\r\n", 2, 3, id="CRLF"),
        pytest.param("\ufeff@a", 1, 1, id="a byte order mark is no column"),
        pytest.param("\ufeffab\n\t@", 2, 2, id="a tab is one column"),
        pytest.param("'ž'; @", 1, 6, id="two bytes, one unit"),
        pytest.param("'🐎'; @", 1, 7, id="four bytes, two units"),
        pytest.param("ab\n@", 2, 1, id="end of a file with a final newline"),
    ],
)
def test_positions(text: str, line: int, column: int) -> None:
    before, _, rest = text.partition("@")
    assert lines_of((before + rest).encode()).position(len(before.encode())) == (line, column)


def test_an_offset_outside_of_the_file_is_its_nearest_end() -> None:
    assert lines_of(b"ab\ncd").position(99) == (2, 3)
    assert lines_of(b"").position(5) == (1, 1)
    assert lines_of("\ufeffa".encode()).position(1) == (1, 1)


def test_source_lines_come_without_endings_and_byte_order_mark() -> None:
    lines = lines_of("\ufeffone\r\ntwo\nthree".encode())
    assert lines.source(1, 3) == ("one", "two", "three")
    assert lines.source(2, 9) == ("two", "three")


def _finding(data: str, symbol: str = "load") -> tuple[Finding, bytes]:
    encoded = data.encode()
    start = encoded.index(b"old")
    return Finding("PF303", "a.ts", start, encoded.index(b";"), "m", symbol=symbol), encoded


def test_shifted_lines_and_changed_white_space_keep_the_fingerprint() -> None:
    first = identity(*_finding("old(a, b);"))
    assert identity(*_finding("// more\n\n  old(a,\n\t\tb);")) == first
    assert identity(*_finding("old(a, c);")) != first
    assert identity(*_finding("old(a, b);", symbol="save")) != first
    assert fingerprint(first, 0) != fingerprint(first, 1)


def test_the_id_of_a_fix_does_not_depend_on_the_order_of_its_findings() -> None:
    assert fix_id(["b", "a"]) == fix_id(["a", "b"]) != fix_id(["a"])


def test_a_text_that_is_not_utf_8_has_a_fingerprint_too() -> None:
    latin = identity(Finding("PF303", "a.ts", 0, 9, "m"), b'old("\xe9");')
    assert latin != identity(Finding("PF303", "a.ts", 0, 9, "m"), b'old("e");')
