"""A suppression that suppresses nothing goes (PF002). Works on bytes: the file may be an env or YAML file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.rewrites.model import Edit, Fix, Refusal

if TYPE_CHECKING:
    from prismafix.rewrites.source import Files
    from prismafix.rules.model import Intent, RemoveSuppression

_DIRECTIVE = re.compile(rb"prismafix-ignore(?:-file)?(?P<codes>(?:[ \t]*[,\s]?[ \t]*PF\d+)*)", re.IGNORECASE)
_CODE = re.compile(rb"PF\d+", re.IGNORECASE)
_ALONE = re.compile(rb"(?://|#|/\*\*?|<!--)\s*prismafix-ignore[^\n]*", re.IGNORECASE)


def remove_suppression(action: RemoveSuppression, intent: Intent, workspace: Files) -> Fix | Refusal:
    """Keep only `keep_codes` in the comment; without any, the comment goes, and its line if nothing else stands there.

    Raises FileNotFoundError when the file has gone.
    """
    path, start, end = action.comment.path, action.comment.start, action.comment.end
    data = workspace.read(path)
    text = data[start:end]
    match = _DIRECTIVE.search(text)
    if match is None:
        return Refusal("the comment is not where it was")
    if action.keep_codes:
        edit = _keep(path, start, match, action.keep_codes)
        return edit if isinstance(edit, Refusal) else Fix(intent.title, (edit,), intent.doubts)
    if not _ALONE.fullmatch(text.strip()):
        return _remove_line(path, start, data, text, match, intent)
    start, end = _with_braces(data, start, end)
    start, end = _with_line(data, start, end)
    return Fix(intent.title, (Edit(path, start, end, b""),), intent.doubts)


def _keep(path: str, start: int, match: re.Match[bytes], keep: tuple[str, ...]) -> Edit | Refusal:
    codes = list(_CODE.finditer(match[0], len(b"prismafix-ignore")))
    wanted = {code.upper().encode() for code in keep}
    kept = [code[0] for code in codes if code[0].upper() in wanted]
    if not kept or len(codes) < 2:
        return Refusal("the comment does not name the codes that it should keep")
    separator = match[0][codes[0].end() : codes[1].start()]
    return Edit(
        path, start + match.start() + codes[0].start(), start + match.start() + codes[-1].end(), separator.join(kept)
    )


def _remove_line(
    path: str, start: int, data: bytes, text: bytes, match: re.Match[bytes], intent: Intent
) -> Fix | Refusal:
    """The directive's line out of a comment that says other things too."""
    at = start + match.start()
    line_start, line_end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at) + 1
    if line_start <= start or line_end == 0 or line_end > start + len(text) or b"*/" in data[line_start:line_end]:
        return Refusal("the comment says other things too")
    if data[line_start:at].strip(b" \t*"):
        return Refusal("the comment says other things too")
    return Fix(intent.title, (Edit(path, line_start, line_end, b""),), intent.doubts)


def _with_braces(data: bytes, start: int, end: int) -> tuple[int, int]:
    """The braces of `{/* … */}` in JSX go with the comment."""
    jsx = data[start - 1 : start] == b"{" and data[end : end + 1] == b"}" and data[start : start + 2] == b"/*"
    before = data[: start - 1].rstrip()
    if jsx and before.endswith((b">", b"}")) and not before.endswith(b"=>"):
        return start - 1, end + 1
    return start, end


def _with_line(data: bytes, start: int, end: int) -> tuple[int, int]:
    line_start = data.rfind(b"\n", 0, start) + 1
    if line_start == 0 and data.startswith(b"\xef\xbb\xbf"):
        line_start = 3
    newline = data.find(b"\n", end)
    line_end = len(data) if newline < 0 else newline + 1
    if not data[line_start:start].strip() and not data[end:line_end].strip():
        return line_start, line_end
    if not data[end:line_end].strip():
        while start > line_start and data[start - 1 : start] in (b" ", b"\t"):
            start -= 1
        return start, end
    while data[end : end + 1] in (b" ", b"\t"):
        end += 1
    return start, end
