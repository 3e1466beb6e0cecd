"""Reads a campaign's file. Every error names the file, the line, the key and the way out."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, get_args
from urllib.parse import urlsplit

from prismafix.delivery.campaign.model import TIMEOUT, Campaign, Open, Wanted
from prismafix.delivery.forges.model import Kind
from prismafix.delivery.messages import By
from prismafix.delivery.pull_requests.model import Per
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Codes = Callable[[Sequence[str], str], tuple[str, ...]]

_MOST = 10**9
_OPTIONS: dict[str, str] = {
    "base": "the name of a branch",
    "select": "a list of rules",
    "ignore": "a list of rules",
    "unsafe-fixes": "true or false",
    "verify": "true or false",
    "per": " or ".join(f'"{word}"' for word in get_args(Per)),
    "commit": " or ".join(f'"{word}"' for word in get_args(By)),
    "branch": "the name of a branch",
    "labels": "a list of names",
    "reviewers": "a list of names",
    "draft": "true or false",
    "open": " or ".join(f'"{word}"' for word in get_args(Open)),
    "remote": "the name of a git remote",
    "forge": " or ".join(f'"{word}"' for word in get_args(Kind)),
    "forge-api": "the address of a forge's API",
}
_TOP = {
    "name": "a text",
    "workspace": "the path of a folder",
    "jobs": f"a whole number from 1 to {_MOST}",
    "timeout": f"a whole number of seconds from 1 to {_MOST}",
    "repository": "tables [[repository]]",
    **_OPTIONS,
}
_REPOSITORY = {
    "name": "a text",
    "path": "the path of a folder",
    "url": "a URL to clone",
    "folder": "a folder of the repository",
    "packages": "a list of patterns of folders",
    "forge-repository": "the repository's full name at the forge, such as acme/shop",
    **_OPTIONS,
}
_SCHEMES = ("https", "ssh", "file")
_SHORT = re.compile(r"(?:\w[\w.-]*@)?\w[\w.-]*:[^:\s-]\S*")  # git's user@host:path


def read_campaign(file: Path, codes: Codes) -> Campaign:
    """Read and check `file`. `codes` makes codes of rules' names, or raises UserError with the place that it is given.
    Raises UserError."""
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise UserError(
            f"{file} does not exist: give the path of a campaign's file, or `prismafix batch init {file}` to begin one"
        ) from None
    except OSError as error:
        raise UserError(f"{file} could not be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UserError(f"{file} is not in UTF-8: save it as UTF-8") from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UserError(f"{file} is no valid TOML: {error}") from None
    except RecursionError:
        raise UserError(f"{file} is no valid TOML: it is nested too deeply") from None
    top = _Table(file, text, raw, _TOP, None, codes)
    top.refuse_unknown()
    tables = raw.get("repository")
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise UserError(f"{file} names no repository: add a table [[repository]] with a path or a url")
    name = top.text("name")
    if name is None:
        raise UserError(f'{file} has no name: write name = "connection-limits" above the first [[repository]]')
    workspace = top.text("workspace")
    repositories = [_repository(top, _Table(file, text, t, _REPOSITORY, n, codes)) for n, t in enumerate(tables)]
    _refuse_twice(file, repositories)
    return Campaign(
        name=name,
        file=file,
        workspace=top.beside("workspace", workspace or f"{file.name.removesuffix('.toml')}.prismafix"),
        repositories=tuple(repositories),
        jobs=top.number("jobs"),
        timeout=top.number("timeout") or TIMEOUT,
    )


@dataclass(frozen=True, slots=True)
class _Table:
    """Takes typed values out of the file's top (`index` None) or a [[repository]]. Raises UserError for other types."""

    file: Path
    source: str
    raw: Mapping[str, Any]
    kinds: Mapping[str, str]
    index: int | None
    codes: Codes

    def refuse_unknown(self) -> None:
        for key in self.raw:
            if key not in self.kinds:
                near = get_close_matches(key.lower().replace("_", "-"), self.kinds, n=1, cutoff=0.5)
                hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(self.kinds)}"
                raise self.wrong(key, f"is no key of a {'campaign' if self.index is None else 'repository'} ({hint})")

    def text(self, key: str) -> str | None:
        value = self.raw.get(key)
        if value is not None and not (isinstance(value, str) and value.strip() and value.isprintable()):
            raise self.bad(key)
        return value

    def word(self, key: str) -> str | None:
        value = self.raw.get(key)
        if value is not None and f'"{value}"' not in self.kinds[key].split(" or "):
            raise self.bad(key)
        return value

    def boolean(self, key: str) -> bool | None:
        value = self.raw.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.bad(key)
        return value

    def number(self, key: str) -> int | None:
        value = self.raw.get(key)
        if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= _MOST):
            raise self.bad(key)
        return value

    def strings(self, key: str) -> tuple[str, ...] | None:
        value = self.raw.get(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(item, str) and item.strip() for item in value):
            raise self.bad(key)
        return tuple(value)

    def rules(self, key: str) -> tuple[str, ...] | None:
        value = self.strings(key)
        return None if value is None else self.codes(value, f"{self.place(key)}: {key}")

    def branch_name(self, key: str) -> str | None:
        """What `git check-ref-format --branch` takes, as far as it matters here."""
        value = self.text(key)
        if value is not None and (re.search(r"^[-/]|[\s~^:?*\[\\]|\.\.|//|@\{|[/.]$|\.lock$|^@$", value) is not None):
            raise self.bad(key)
        return value

    def inside(self, key: str, value: str) -> str:
        """A path of the repository, which must not lead out of it."""
        path = PurePosixPath(value)
        if path.is_absolute() or ".." in path.parts:
            raise self.wrong(key, f"must be inside of the repository, not {json.dumps(value)}")
        return "" if value == "." else path.as_posix()

    def beside(self, key: str, path: str) -> Path:
        """A path as seen from the file."""
        try:
            return (self.file.absolute().parent / Path(path).expanduser()).resolve()
        except RuntimeError:
            raise self.wrong(
                key, "leads nowhere: it is a link to itself, or the home of a user whom there is not"
            ) from None

    def bad(self, key: str) -> UserError:
        return self.wrong(key, f"must be {self.kinds[key]}, not {json.dumps(self.raw[key], default=str)}")

    def wrong(self, key: str, what: str) -> UserError:
        return UserError(f"{self.place(key)}: {key} {what}")

    def place(self, key: str | None = None) -> str:
        return f"{self.file}, line {self.line(key)}"

    def line(self, key: str | None) -> int:
        """The 1-based line where `key`, or without one the table, begins. The file is read again, a line more each
        time, until the key is there: only this knows for sure what is a key and what is in a text."""
        lines, whole = self.source.splitlines(), 0
        for number in range(1, len(lines) + 1):
            try:
                raw: Any = tomllib.loads("\n".join(lines[:number]))
            except tomllib.TOMLDecodeError:
                continue
            if self.index is not None:
                tables = raw.get("repository", [])
                raw = tables[self.index] if len(tables) > self.index else None
            if raw is not None and (key is None or key in raw):
                begun = (n for n in range(whole, number) if lines[n].strip() and not lines[n].lstrip().startswith("#"))
                return next(begun, whole) + 1
            whole = number
        return 1


def _repository(top: _Table, table: _Table) -> Wanted:
    table.refuse_unknown()
    url, path = table.text("url"), table.text("path")
    if (url is None) == (path is None):
        raise UserError(f"{table.place()}: [[repository]] needs a path or a url{', not both' if url else ''}")
    if url is not None:
        _check_url(table, url)
        if table.raw.get("remote") is not None:
            raise table.wrong("remote", "is for repositories with a path: a clone has only the one that it came from")
    folder = table.text("folder") or ""
    packages = table.strings("packages") or ()
    where = None if path is None else table.beside("path", path)
    default = Wanted(_name(url, where), url, where)

    def word(key: str, otherwise: str | None) -> Any:
        return table.word(key) or top.word(key) or otherwise

    def flag(key: str) -> bool:
        here = table.boolean(key)
        return bool(top.boolean(key)) if here is None else here

    def rules(key: str) -> tuple[str, ...]:
        here = table.rules(key)
        return (top.rules(key) if here is None else here) or ()

    if url is not None and flag("verify"):
        what = "verify runs the TypeScript that is installed in a repository, and nothing of a clone is run"
        raise UserError(f"{table.place()}: {what}: give this one a path, or say verify = false")
    labels, reviewers = table.strings("labels"), table.strings("reviewers")
    return Wanted(
        name=table.text("name") or default.name,
        url=url,
        path=where,
        folder=table.inside("folder", folder) if folder else "",
        packages=tuple(table.inside("packages", pattern) for pattern in packages),
        base=table.branch_name("base") or top.branch_name("base"),
        select=rules("select"),
        ignore=rules("ignore"),
        unsafe=flag("unsafe-fixes"),
        verify=flag("verify"),
        per=word("per", default.per),
        by=word("commit", default.by),
        branch=table.branch_name("branch") or top.branch_name("branch") or default.branch,
        labels=(top.strings("labels") if labels is None else labels) or (),
        reviewers=top.strings("reviewers") if reviewers is None else reviewers,
        draft=flag("draft"),
        open=word("open", default.open),
        remote=table.text("remote") or top.text("remote"),
        forge=word("forge", None),
        forge_api=table.text("forge-api") or top.text("forge-api"),
        forge_repository=table.text("forge-repository"),
    )


def _check_url(table: _Table, url: str) -> None:
    """Only what git fetches over the network or from a disk, and no secret: it would be in the process list."""
    if "://" not in url and _SHORT.fullmatch(url):
        return
    if url.partition("://")[0] not in _SCHEMES or re.search(r"\s", url):
        raise table.wrong(
            "url", "must begin with https://, ssh:// or file://, or be git@host:path; nothing else is cloned"
        )
    try:
        parts = urlsplit(url)
        secret = parts.password is not None or (parts.scheme == "https" and parts.username is not None)
    except ValueError:
        raise table.wrong("url", "is no URL: look at its host") from None
    if secret:
        raise table.wrong(
            "url",
            "holds a password or a token, which does not belong into a file: take it out of the URL; git asks its own "
            "credential helper (`git config credential.helper`) or SSH's agent",
        )


def _name(url: str | None, path: Path | None) -> str:
    """`acme/shop` for a URL, the folder's name for a path."""
    if path is not None:
        return path.name or "repository"
    assert url is not None
    place = urlsplit(url).path if "://" in url else url.split(":", 1)[1]
    parts = [part for part in place.removesuffix("/").removesuffix(".git").split("/") if part]
    return "/".join(parts[-2:]) or "repository"


def _refuse_twice(file: Path, repositories: Sequence[Wanted]) -> None:
    names: set[str] = set()
    places: dict[tuple[str, str], str] = {}
    for wanted in repositories:
        if wanted.name in names:
            raise UserError(f"{file}: two repositories are called {wanted.name}: give one of them a name of its own")
        names.add(wanted.name)
        source = wanted.source if wanted.url is None else wanted.source.casefold()  # as hosts and forges take it
        place = (source.removesuffix("/").removesuffix(".git"), wanted.branch)
        if place in places:
            raise UserError(
                f"{file}: {places[place]} and {wanted.name} are the same repository with the same branch "
                f"{wanted.branch}: put their packages together, or give one of them another branch"
            )
        places[place] = wanted.name
