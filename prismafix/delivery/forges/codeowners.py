"""The text of a CODEOWNERS file and paths in; who is to be asked for a review out. Pure.

GitHub: https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners
GitLab: https://docs.gitlab.com/user/project/codeowners/reference/ and …/codeowners/advanced/
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pathspec import GitIgnoreSpec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from prismafix.delivery.forges.model import Kind

PLACES: Mapping[Kind, tuple[str, ...]] = {
    "github": (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"),
    "gitlab": ("CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"),
}
"""Where the file is looked for, from the repository's root. The first that is there counts, also when it is empty."""

_GITHUB_LIMIT = 3 * 1024 * 1024  # bytes; GitHub reads no larger one
_OWNER = re.compile(r"@[\w.-]+(?:/[\w.-]+)*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+")
_HEADING = re.compile(r"\^?\[(?P<name>[^\]]+)\](?:\[\d+\])?(?P<owners>(?:\s.*)?)")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line: what it matches, and whom it names. `excludes`: GitLab's `!pattern`."""

    matches: Callable[[str], bool]
    owners: tuple[str, ...]
    excludes: bool = False


def reviewers(kind: Kind, paths: Iterable[str], read: Callable[[str], str | None]) -> tuple[str, ...]:
    """Whom the repository's CODEOWNERS names for `paths`: those who own the most of them first.

    `read` gives the text of a file by its path from the repository's root, None where there is none. Owners are as
    `Draft.reviewers` wants them, without `@`; e-mail addresses and GitLab's roles (`@@maintainer`) cannot be asked."""
    text = next((text for place in PLACES[kind] if (text := read(place)) is not None), "")
    return owners(kind, text, paths)


def owners(kind: Kind, text: str, paths: Iterable[str]) -> tuple[str, ...]:
    """The same, of a CODEOWNERS file's text. `paths` are relative to the repository's root, with `/`."""
    if kind == "github":
        sections = [list(_github(text))] if len(text.encode()) <= _GITHUB_LIMIT else []
    else:
        sections = _gitlab(text)
    count: Counter[str] = Counter()
    for path in paths:
        count.update(list(dict.fromkeys(name for section in sections for name in _of(section, path))))
    return tuple(name for name, _ in count.most_common())


def _of(section: Sequence[_Entry], path: str) -> tuple[str, ...]:
    """The last line that matches decides, and a path that is excluded once stays out."""
    if any(entry.excludes and entry.matches(path) for entry in section):
        return ()
    return next((entry.owners for entry in reversed(section) if entry.matches(path)), ())


def _github(text: str) -> Iterator[_Entry]:
    """Lines that GitHub finds invalid are left out, as it does: with `!`, or with an owner that is none."""
    for line in text.splitlines():
        pattern, *names = re.split(r"(?<!\\)\s+", re.sub(r"(?:^|(?<=\s))#.*", "", line).strip())
        named = all(_OWNER.fullmatch(name) or _EMAIL.fullmatch(name) for name in names)
        if pattern and named and not pattern.startswith(("!", "\\#")):
            yield _Entry(_gitignored(pattern), _people(names))


def _gitignored(pattern: str) -> Callable[[str], bool]:
    """As gitignore matches, but that brackets are no ranges, and that `docs/*` is the files in `docs` itself only."""
    pattern = re.sub(r"(?<!\\)([\[\]])", r"\\\1", pattern)
    if not pattern.endswith("/*"):
        spec = GitIgnoreSpec.from_lines([pattern])
        return spec.match_file
    # Every file's name is made the same, and the `*` to that name: so it cannot stand for a folder.
    leaf = "file-of-any-name"
    direct = GitIgnoreSpec.from_lines([pattern[:-1] + leaf])
    return lambda path: direct.match_file(f"{path.rpartition('/')[0]}/{leaf}".lstrip("/"))


def _gitlab(text: str) -> list[list[_Entry]]:
    """The entries of each section; those before the first heading are one of their own. Headings with the same name
    are one section; whoever stands behind a heading owns what the lines below it leave without an owner."""
    sections: dict[str, list[_Entry]] = {"": []}
    entries, default = sections[""], tuple[str, ...]()
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith("#"):
            continue
        if heading := _HEADING.fullmatch(line):
            entries = sections.setdefault(heading["name"].strip().lower(), [])
            default = _people(heading["owners"].split())
            continue
        pattern, *names = re.split(r"(?<!\\)\s+", line)
        excludes = pattern.startswith("!")
        people = _people(names) if any(name.startswith("@") or _EMAIL.fullmatch(name) for name in names) else default
        entries.append(_Entry(_globbed(pattern.removeprefix("!")), people, excludes))
    return list(sections.values())


def _globbed(pattern: str) -> Callable[[str], bool]:
    """As GitLab makes its patterns absolute, and as Ruby's `File.fnmatch` takes them, with dot files and without `/`
    for a star. A folder's name without a final `/` is none of the files in it."""
    pattern = re.sub(r"\\(\s)", r"\1", pattern.removeprefix("\\") if pattern.startswith("\\#") else pattern)
    pattern = pattern if pattern.startswith("/") else f"/**/{pattern}"
    pattern = f"{pattern}**/*" if pattern.endswith("/") else pattern
    parts = re.findall(r"(?<=/)\*\*/|\*+|\?|\[\^?[^\]/]+\]|\\.|.", pattern)
    regex = re.compile("".join(map(_regex, parts)))
    return lambda path: regex.fullmatch(f"/{path}") is not None


def _regex(part: str) -> str:
    if part == "**/":
        return "(?:[^/]+/)*"
    if part.startswith("*"):
        return "[^/]*"
    if part == "?":
        return "[^/]"
    if len(part) > 1 and part.startswith("["):
        return part.replace("\\", r"\\")
    return re.escape(part[-1])


def _people(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(name[1:] for name in names if _OWNER.fullmatch(name))
