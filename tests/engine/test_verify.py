"""What may be changed in a file that does not parse everywhere, and which errors are new."""

from __future__ import annotations

import pytest

from prismafix.engine.verify import new_errors, touches
from prismafix.rewrites.model import Edit


@pytest.mark.parametrize(
    ("error", "expected"),
    [((0, 4), False), ((0, 5), True), ((3, 6), True), ((5, 8), True), ((8, 9), True), ((9, 12), False)],
)
def test_an_edit_keeps_away_from_what_does_not_parse(error: tuple[int, int], *, expected: bool) -> None:
    assert touches([Edit("a.ts", 5, 8, b"")], (error,)) is expected


@pytest.mark.parametrize(
    ("after", "edit", "new"),
    [
        (b"more();\nf();\nconst = 1;\n", Edit("a.ts", 0, 0, b"more();\n"), False),
        (b"f();\nconst = 1;\nmore();\n", Edit("a.ts", 16, 16, b"more();\n"), False),
        (b"f(;\nconst = 1;\n", Edit("a.ts", 2, 3, b""), True),
        (b"f();\nconst = 1;\nconst = 2;\n", Edit("a.ts", 16, 16, b"const = 2;\n"), True),
    ],
)
def test_an_error_that_only_moved_is_not_new(after: bytes, edit: Edit, *, new: bool) -> None:
    before = b"f();\nconst = 1;\n"
    errors = new_errors("a.ts", before, [], ())
    assert errors
    assert bool(new_errors("a.ts", after, [edit], errors)) is new
