"""A suppression that suppresses nothing goes, and nothing else with it."""

from __future__ import annotations

import pytest

from prismafix.rules.model import RemoveSuppression, Span
from tests.rewrites.fan_outs import after, carried_out

REWRITTEN: list[tuple[str, str, tuple[str, ...], str, str, str]] = [
    (
        "a line of its own",
        "src/a.ts",
        (),
        """// prismafix-ignore PF303 -- few""",
        """a();
  // prismafix-ignore PF303 -- few
b();
""",
        """a();
b();
""",
    ),
    (
        "behind code",
        "src/a.ts",
        (),
        """// prismafix-ignore PF303""",
        """a(); // prismafix-ignore PF303
b();
""",
        """a();
b();
""",
    ),
    (
        "one code of two",
        "src/a.ts",
        ("PF101",),
        """// prismafix-ignore PF303, PF101 -- few""",
        """// prismafix-ignore PF303, PF101 -- few
b();
""",
        """// prismafix-ignore PF101 -- few
b();
""",
    ),
    (
        "two codes of three, by spaces",
        "src/a.ts",
        ("PF303", "PF201"),
        """// prismafix-ignore PF303 PF101 PF201""",
        """// prismafix-ignore PF303 PF101 PF201
b();
""",
        """// prismafix-ignore PF303 PF201
b();
""",
    ),
    (
        "a whole file's, with CRLF and BOM",
        "src/a.ts",
        (),
        """// prismafix-ignore-file PF303""",
        ("\ufeff// prismafix-ignore-file PF303\r\nb();\r\n"),
        ("\ufeffb();\r\n"),
    ),
    (
        "a block comment before code",
        "src/a.ts",
        (),
        """/* prismafix-ignore PF303 */""",
        """a(/* prismafix-ignore PF303 */ b);
""",
        """a(b);
""",
    ),
    (
        "JSX",
        "src/a.tsx",
        (),
        """/* prismafix-ignore PF303 */""",
        """return (
  <ul>
    {/* prismafix-ignore PF303 */}
    <li />
  </ul>
);
""",
        """return (
  <ul>
    <li />
  </ul>
);
""",
    ),
    (
        "JSX behind an expression",
        "src/a.tsx",
        (),
        """/* prismafix-ignore PF303 */""",
        """return (
  <ul>
    {first}{/* prismafix-ignore PF303 */}
    <li />
  </ul>
);
""",
        """return (
  <ul>
    {first}
    <li />
  </ul>
);
""",
    ),
    (
        "a block comment behind a block",
        "src/a.ts",
        (),
        """/* prismafix-ignore PF303 */""",
        """if (a) {
  b();
} /* prismafix-ignore PF303 */ else c();
""",
        """if (a) {
  b();
} else c();
""",
    ),
    (
        "a line of a longer comment",
        "src/a.ts",
        (),
        """/**
 * What it does.
 * prismafix-ignore PF303
 */""",
        """/**
 * What it does.
 * prismafix-ignore PF303
 */
b();
""",
        """/**
 * What it does.
 */
b();
""",
    ),
    (
        "an env file",
        ".env",
        (),
        """# prismafix-ignore PF501 -- local""",
        """A=1
# prismafix-ignore PF501 -- local
DATABASE_URL=x
""",
        """A=1
DATABASE_URL=x
""",
    ),
    (
        "without codes at the end of the file",
        "src/a.ts",
        (),
        """// prismafix-ignore""",
        """a();
// prismafix-ignore""",
        """a();
""",
    ),
]

REFUSED: list[tuple[str, str, tuple[str, ...], str, str, str]] = [
    (
        "no directive",
        "src/a.ts",
        (),
        """// hello""",
        """// hello
""",
        "the comment is not where it was",
    ),
    (
        "codes to keep that are not there",
        "src/a.ts",
        ("PF101",),
        """// prismafix-ignore PF303""",
        """// prismafix-ignore PF303
""",
        "the comment does not name the codes that it should keep",
    ),
    (
        "other words on the line",
        "src/a.ts",
        (),
        """/* see below, prismafix-ignore PF303 */""",
        """/* see below, prismafix-ignore PF303 */ b();
""",
        "the comment says other things too",
    ),
]


def without(path: str, keep: tuple[str, ...], comment: str, before: str) -> bytes | str:
    data = before.encode()
    start = data.index(comment.encode())
    action = RemoveSuppression(Span(path, start, start + len(comment.encode())), keep)
    return after(carried_out(action, {path: data}), path, data)


@pytest.mark.parametrize(
    ("path", "keep", "comment", "before", "expected"), [row[1:] for row in REWRITTEN], ids=[row[0] for row in REWRITTEN]
)
def test_goes(path: str, keep: tuple[str, ...], comment: str, before: str, expected: str) -> None:
    assert without(path, keep, comment, before) == expected.encode()


@pytest.mark.parametrize(
    ("path", "keep", "comment", "before", "reason"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED]
)
def test_is_refused(path: str, keep: tuple[str, ...], comment: str, before: str, reason: str) -> None:
    assert without(path, keep, comment, before) == reason
