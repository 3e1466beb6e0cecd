"""Where in a program an error came from, as Prisma's messages and stacks name it, and which file of a project it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.known_errors.model import Frame

if TYPE_CHECKING:
    from collections.abc import Iterable

MOST_FRAMES = 8
_INVOCATION = re.compile(r"Invalid `(?P<call>[^`\n]{0,300})` invocation(?P<where> in)?")
_OPERATION = re.compile(r"[\w$]+(?:\.[\w$]+)*\.[\w$]+\(\)")
# `in\n/app/src/users.ts:12:30`, with the line ends that a logger left of it.
_SITE = re.compile(r"\s*(?P<place>\S[^\n]{0,500}?):(?P<line>\d{1,7}):(?P<column>\d{1,7})(?=\s|$)")
_STACK = re.compile(
    r"^\s*(?:at\s+|@)(?:async\s+)?(?:[^()\n]{0,300}?\s\()?(?P<place>[^\s()][^\n]{0,500}?):(?P<line>\d{1,7}):(?P<column>\d{1,7})\)?\s*,?$",
    re.MULTILINE,
)
_FOREIGN = re.compile(
    r"/node_modules/|^node:|^internal/|/\.prisma/client/|/@prisma/|/generated/prisma/|^<anonymous>|^native"
)
_SCHEME = re.compile(
    r"^(?:file://|webpack-internal:///|webpack://[^/]*/|turbopack://(?:\[project\])?/?|ng:///|app:///)"
)
_LAYER = re.compile(r"^(?:\.?/)?\([\w-]+\)/(?=\./)")  # `(rsc)/./src/app/page.tsx` of Next.js
_COMPILED = {
    ".js": (".ts", ".tsx", ".mts", ".cts", ".jsx"),
    ".mjs": (".mts", ".ts", ".tsx"),
    ".cjs": (".cts", ".ts"),
    ".jsx": (".tsx",),
}


def operation(text: str) -> str | None:
    """Prisma's operation as its message names it: `prisma.user.findMany()`."""
    match = _INVOCATION.search(text)
    found = _OPERATION.findall(match["call"]) if match is not None else []
    return found[-1] if found else None


def has_stack(text: str) -> bool:
    """Whether there is at least one line of a stack."""
    return _STACK.search(text) is not None


def frames(text: str) -> tuple[Frame, ...]:
    """The places of the program in an error, the call site first, then the stack; none of Node's or of packages."""
    found: dict[tuple[str, int], Frame] = {}
    match = _INVOCATION.search(text)
    if match is not None and match["where"] and (site := _SITE.match(text, match.end())) is not None:
        _add(found, site)
    for frame in _STACK.finditer(text):
        if len(found) >= MOST_FRAMES:
            break
        _add(found, frame)
    return tuple(found.values())


def _add(found: dict[tuple[str, int], Frame], match: re.Match[str]) -> None:
    path = match["place"].replace("\\", "/")
    if _FOREIGN.search(path):
        return
    path = _LAYER.sub("", _SCHEME.sub("", path)).removeprefix("./").partition("?")[0]
    if "." not in path.rpartition("/")[2]:
        return
    frame = Frame(path, int(match["line"]), int(match["column"]))
    found.setdefault((frame.path, frame.line), frame)


class Sources:
    """The source files of a project (POSIX paths relative to its root), to find those that a log names in."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._by_name: dict[str, list[tuple[str, ...]]] = {}
        for path in paths:
            parts = tuple(path.split("/"))
            self._by_name.setdefault(parts[-1], []).append(parts)

    def find(self, frame: Frame) -> tuple[str, bool] | None:
        """The file with the longest tail in common with the frame's path, and whether the frame's line is a line of it
        (not so when the path is of what was compiled from it). None if there is none, or if several are as good."""
        *folders, name = [part for part in frame.path.split("/") if part not in ("", ".")]
        stem, dot, suffix = name.rpartition(".")
        exact = self._longest(folders, self._by_name.get(name, []))
        if exact is not None and not _is_build(folders):
            return exact, True
        compiled = [parts for more in _COMPILED.get(dot + suffix, ()) for parts in self._by_name.get(stem + more, [])]
        source = self._longest(folders, compiled)
        if source is not None:
            return source, False
        return (exact, True) if exact is not None else None

    @staticmethod
    def _longest(folders: list[str], candidates: list[tuple[str, ...]]) -> str | None:
        best: dict[int, list[tuple[str, ...]]] = {}
        for parts in candidates:
            length = 0
            for mine, other in zip(reversed(parts[:-1]), reversed(folders), strict=False):
                if mine != other:
                    break
                length += 1
            best.setdefault(length, []).append(parts)
        if not best:
            return None
        found = best[max(best)]
        return "/".join(found[0]) if len(found) == 1 else None


def _is_build(folders: list[str]) -> bool:
    return any(folder in ("dist", "build", "out", "lib", ".next", ".output") for folder in folders)
