"""Reads a connection URL into its parts and writes them back, without a byte changed that was not meant to change.

Parts are kept as they were written: nothing is decoded, escaped or sorted, so `write(parse(text)) == text`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from prismafix.connection.interpolation import FILLER, interpolations, is_interpolation, shape

if TYPE_CHECKING:
    from collections.abc import Collection

Database = Literal["postgresql", "mysql", "sqlserver", "mongodb", "sqlite", "accelerate", "libsql"]

# Schemes that Prisma's connectors and driver adapters take (docs).
SCHEMES: dict[str, Database] = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",  # the driver's own; the adapter turns mysql:// into it
    "sqlserver": "sqlserver",
    "mongodb": "mongodb",
    "mongodb+srv": "mongodb",
    "prisma": "accelerate",
    "prisma+postgres": "accelerate",
    "file": "sqlite",
    "libsql": "libsql",
}

_FOREIGN = (
    "http",
    "https",
    "redis",
    "rediss",
    "amqp",
    "jdbc",
    "sqlite",
    "mssql",
    "oracle",
    "ftp",
    "ssh",
    "cockroachdb",
)
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_NAME = rf"(?=[.%~-]*[\w{FILLER}])[\w.%~{FILLER}-]+"
_IPV6 = r"\[[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*(?:%[\w.%~-]+)?\]"
_HOST = re.compile(rf"(?P<name>{_IPV6}|{_NAME})(?::(?P<port>[\w{FILLER}]*))?")
_SERVER = re.compile(rf"(?P<name>(?:{_IPV6}|{_NAME}|\(local\)|\.)(?:\\[\w${FILLER}-]+)?)(?::(?P<port>[\w{FILLER}]*))?")
_REST = re.compile(r"(?P<hosts>[^/?#]*)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?(?P<fragment>#.*)?", re.DOTALL)
_PROPERTY = re.compile(r"[^;=]*(?:=(?:\s*\{(?:[^}]|\}\})*\}\s*(?=;|$)|[^;]*))?", re.DOTALL)
_SETTINGS = re.compile(r"param|option|opts|query|args|suffix|ssl", re.IGNORECASE)
_UNESCAPED = re.compile(r"[/?#]")


class NotAConnectionStringError(ValueError):
    """The text is no connection string that Prisma takes. Its message says why, and repeats nothing of the text."""


@dataclass(frozen=True, slots=True)
class Host:
    """One host, as written: `name` with the brackets of an IPv6 address, `port` without its colon, None without one."""

    name: str
    port: str | None


@dataclass(frozen=True, slots=True)
class Parameter:
    """One `name=value` of the query string (`;name=value` in SQL Server), as written: still percent-encoded or in
    braces. `value` is None without a `=`; an empty piece (`&&`, a trailing `&`) has an empty name."""

    name: str
    value: str | None


@dataclass(frozen=True, slots=True)
class ConnectionUrl:
    """A connection URL in parts. All of them are as written; together they are the whole text.

    `user` is None without an `@`, `password` is None without a `:` in front of it; SQL Server has both among its
    parameters. `path` begins with its `/`, `fragment` with its `#`. `mark` is the `?` (SQL Server: the first `;`) if
    there is one, so that `…/db?` and `…/db` stay different.
    """

    scheme: str
    opening: Literal["://", ":"]
    user: str | None
    password: str | None
    hosts: tuple[Host, ...]
    path: str
    mark: str
    parameters: tuple[Parameter, ...]
    fragment: str

    @property
    def database(self) -> Database:
        """Which kind of database the scheme stands for."""
        return SCHEMES[self.scheme.lower()]

    @property
    def separator(self) -> Literal["&", ";"]:
        """What stands between two parameters."""
        return ";" if self.database == "sqlserver" else "&"


def parse(text: str) -> ConnectionUrl:
    """The parts of `text`.

    A password with an unescaped `@`, `/`, `?` or `#` is read as it was meant: it ends at the first `@` after which a
    whole URL follows that has no stray `@` any more. Interpolations may stand anywhere but in the scheme.

    Raises `NotAConnectionStringError`, whose message holds nothing of `text` but the name of a well-known scheme.
    """
    if not text.strip():
        raise NotAConnectionStringError("it is empty: is the variable set?")
    if _CONTROL.search(text):
        raise NotAConnectionStringError("it has more than one line, or control characters in it")
    scheme, opening, rest = _opened(text)
    database = SCHEMES[scheme.lower()]
    if database == "sqlite":
        path, mark, query = rest.partition("?")
        return ConnectionUrl(scheme, opening, None, None, (), path, mark, _parameters(query, "&") if mark else (), "")
    if database == "sqlserver":
        return _sqlserver(scheme, opening, rest)
    return _generic(scheme, opening, rest)


def write(url: ConnectionUrl) -> str:
    """The text that `url` was read from, with what has been changed since."""
    account = "" if url.user is None else url.user + ("" if url.password is None else f":{url.password}") + "@"
    hosts = ",".join(host.name + ("" if host.port is None else f":{host.port}") for host in url.hosts)
    query = url.separator.join(p.name + ("" if p.value is None else f"={p.value}") for p in url.parameters)
    return f"{url.scheme}{url.opening}{account}{hosts}{url.path}{url.mark}{query}{url.fragment}"


def value_of(url: ConnectionUrl, name: str) -> str | None:
    """The value of parameter `name` as written, "" if it has none, None if it is not there.

    The last one counts where there are several, as with Prisma's engine and with pg (docs, pg-connection-string).
    """
    found = [p.value or "" for p in url.parameters if _same(url, p.name, name)]
    return found[-1] if found else None


def with_parameter(url: ConnectionUrl, name: str, value: str) -> ConnectionUrl:
    """`url` with `name` set to `value`, which has to be escaped already. Where it is there, its value is replaced, in
    all its places; else it goes after all others (into the empty place after a trailing `&` or `?`)."""
    if value_of(url, name) is not None:
        changed = tuple(Parameter(p.name, value) if _same(url, p.name, name) else p for p in url.parameters)
        return replace(url, parameters=changed)
    parameters = url.parameters
    if parameters and parameters[-1] == Parameter("", None):
        parameters = parameters[:-1]
    mark = url.mark or ("?" if url.separator == "&" else ";")
    return replace(url, mark=mark, parameters=(*parameters, Parameter(name, value)))


def without_parameters(url: ConnectionUrl, names: Collection[str]) -> ConnectionUrl:
    """`url` without the parameters `names`, and without its `?` if it had no others."""
    kept = tuple(p for p in url.parameters if not any(_same(url, p.name, name) for name in names))
    if kept == url.parameters:
        return url
    return replace(url, parameters=kept, mark=url.mark if kept else "")


def respelled(url: ConnectionUrl, name: str, other: str, value: str) -> ConnectionUrl:
    """`url` with `other` set to `value` in the place of `name`, the last of them if there are several; without `name`
    where `other` is there already."""
    if value_of(url, other) is not None or value_of(url, name) is None:
        return without_parameters(url, (name,))
    last = max(n for n, p in enumerate(url.parameters) if _same(url, p.name, name))
    changed = replace(url.parameters[last], name=other, value=value)
    url = replace(url, parameters=(*url.parameters[:last], changed, *url.parameters[last + 1 :]))
    return without_parameters(url, (name,))


def with_host(url: ConnectionUrl, host: Host) -> ConnectionUrl:
    """`url`, which has one host, with `host` in its place."""
    if len(url.hosts) != 1:
        raise ValueError("only the host of a URL with one host can be replaced")
    return replace(url, hosts=(host,))


def unescaped(url: ConnectionUrl) -> str:
    """The characters of `/?#` that stand in user or password without being percent-encoded, each once.

    Prisma's engine and pg's parser take them for the end of the host (WHATWG URL), and answer P1013 or `Invalid URL`.
    """
    return "".join(sorted(set(_UNESCAPED.findall(shape(f"{url.user or ''}{url.password or ''}")))))


def hidden_parameters(url: ConnectionUrl) -> tuple[str, ...]:
    """Interpolations that may hold parameters, as written: what is set in there cannot be seen.

    One that is a parameter as a whole (`?${DB_PARAMS}`), or one in the path whose name says so (`/db${DB_OPTIONS}`).
    """
    whole = (p.name for p in url.parameters if p.value is None and is_interpolation(p.name))
    path = () if url.database == "sqlite" else interpolations(url.path)
    return (*(name for name in path if _SETTINGS.search(name)), *whole)


def _same(url: ConnectionUrl, one: str, other: str) -> bool:
    return one == other or (url.separator == ";" and one.strip().lower() == other.lower())


def _opened(text: str) -> tuple[str, Literal["://", ":"], str]:
    """Scheme, what follows it, and the rest."""
    found = _SCHEME.match(text)
    if found is None:
        raise NotAConnectionStringError(_why_no_scheme(text))
    scheme = found[1]
    rest = text[found.end() :]
    if scheme.lower() not in SCHEMES:
        named = f"{scheme.lower()}: is a scheme" if scheme.lower() in _FOREIGN else "it begins with a scheme"
        raise NotAConnectionStringError(f"{named} that Prisma does not take; it takes {', '.join(_schemes())}")
    if scheme.lower() == "file":
        return scheme, ":", rest
    if not rest.startswith("//"):
        raise NotAConnectionStringError(f"after {scheme.lower()}: there have to be two slashes")
    return scheme, "://", rest[2:]


def _why_no_scheme(text: str) -> str:
    if is_interpolation(text) or text.startswith(tuple(interpolations(text)[:1])):
        return "it begins with a variable: give what it stands for"
    if text[0] in "\"'`":
        return "it begins with a quote: give the value without the quotes of the file it comes from"
    if re.match(r"\s*(?:export\s+)?\w+\s*=\s*[\"'`]?\w+(?:\+\w+)?:", text):
        return "it begins with a variable's name: give only what stands after the ="
    return f"it has no scheme; it has to begin with {', '.join(_schemes())}"


def _schemes() -> list[str]:
    return [f"{scheme}:" if scheme == "file" else f"{scheme}://" for scheme in SCHEMES]


def _generic(scheme: str, opening: Literal["://", ":"], rest: str) -> ConnectionUrl:
    shaped = shape(rest)
    starts = [0, *(at + 1 for at, character in enumerate(shaped) if character == "@")]
    for start in starts:
        parts = _REST.fullmatch(shaped, start)
        if parts is None or not _is_whole(parts, has_account=start > 0):
            continue
        _check_only_reading(shaped, parts)
        user, password = _account(rest[: start - 1], shaped) if start else (None, None)
        hosts = _hosts(rest, parts)
        path, query, fragment = (rest[slice(*parts.span(name))] if parts[name] else "" for name in _AFTER_HOSTS)
        parameters = _parameters(query[1:], "&") if query else ()
        return ConnectionUrl(scheme, opening, user, password, hosts, path, query[:1], parameters, fragment)
    raise NotAConnectionStringError("its host or port cannot be made out; is something in the password not escaped?")


_AFTER_HOSTS = ("path", "query", "fragment")


def _check_only_reading(shaped: str, parts: re.Match[str]) -> None:
    """`u:a@b?c=d@host/db`: a parameter with an `@` in its value, or a password that ends further on? Nobody knows."""
    last = shaped.rfind("@")
    other = _REST.fullmatch(shaped, last + 1) if last > parts.start("query") >= 0 else None
    if other is not None and other["path"] and _is_whole(other, has_account=True):
        raise NotAConnectionStringError(
            "it can be read in two ways: write %40 for each @ that belongs to user or password"
        )


def _is_whole(parts: re.Match[str], *, has_account: bool) -> bool:
    """Is this, of the shape of a URL, all that comes after user and password: no `@` where none belongs?"""
    hosts, path, query, fragment = (parts[name] or "" for name in ("hosts", *_AFTER_HOSTS))
    if "@" in hosts + path + fragment:
        return False
    pieces = query[1:].split("&") if query else []
    if any("@" in piece.partition("=")[0] for piece in pieces):
        return False
    if not hosts:  # a socket, named by a parameter, or libpq's default
        return len(path) > 1 or any("=" in piece for piece in pieces)
    found = [_HOST.fullmatch(host) for host in hosts.split(",")]
    # HOST:PORT stands in every example; without a user it may be user:password of something that goes on behind
    return all(
        host is not None and (has_account or not host["port"] or host["port"].isdigit() or FILLER in host["port"])
        for host in found
    )


def _account(text: str, shaped: str) -> tuple[str, str | None]:
    colon = shaped.find(":", 0, len(text))
    return (text, None) if colon < 0 else (text[:colon], text[colon + 1 :])


def _hosts(rest: str, parts: re.Match[str]) -> tuple[Host, ...]:
    start, end = parts.span("hosts")
    found = []
    for host in parts["hosts"].split(",") if start < end else ():
        found.append(_host(_HOST.fullmatch(host), rest[start : start + len(host)]))
        start += len(host) + 1
    return tuple(found)


def _host(match: re.Match[str] | None, text: str) -> Host:
    assert match is not None
    return Host(text[: match.end("name")], None if match["port"] is None else text[match.start("port") :])


def _parameters(query: str, separator: str) -> tuple[Parameter, ...]:
    """Pieces of `query` (without its mark); a separator within an interpolation is none."""
    shaped, found, start = shape(query), [], 0
    for piece in shaped.split(separator):
        equals = piece.find("=")
        text = query[start : start + len(piece)]
        found.append(Parameter(text, None) if equals < 0 else Parameter(text[:equals], text[equals + 1 :]))
        start += len(piece) + 1
    return tuple(found)


def _sqlserver(scheme: str, opening: Literal["://", ":"], rest: str) -> ConnectionUrl:
    """`sqlserver://HOST[:PORT][;name=value]…`; a value with `;` in it stands in braces, `}}` being a `}` in there."""
    shaped = shape(rest)
    head, mark, _ = shaped.partition(";")
    server = _SERVER.fullmatch(head)
    if server is None and (head or not mark):
        raise NotAConnectionStringError(
            "after sqlserver:// there has to be host[:port], and what follows it is set off by ;"
        )
    parameters, at = [], len(head) + 1
    while mark:
        piece = _PROPERTY.match(shaped, at)
        assert piece is not None
        text, equals = rest[at : piece.end()], piece[0].find("=")
        parameters.append(Parameter(text, None) if equals < 0 else Parameter(text[:equals], text[equals + 1 :]))
        if piece.end() == len(rest):
            break
        at = piece.end() + 1
    hosts = (_host(server, rest[: len(head)]),) if server else ()
    return ConnectionUrl(scheme, opening, None, None, hosts, "", mark, tuple(parameters), "")
