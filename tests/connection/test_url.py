"""Reading and writing connection URLs: every byte stays, and what is read is what was meant."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prismafix.connection.interpolation import interpolations
from prismafix.connection.url import (
    Host,
    NotAConnectionStringError,
    Parameter,
    hidden_parameters,
    parse,
    respelled,
    unescaped,
    value_of,
    with_parameter,
    without_parameters,
    write,
)

from .strategies import Parts, parts, sqlserver

if TYPE_CHECKING:
    from collections.abc import Callable

    from .conftest import Reading


@pytest.mark.parametrize(
    ("text", "user", "password", "hosts", "path"),
    [
        ("postgresql://u:p@h:5432/d", "u", "p", [("h", "5432")], "/d"),
        ("postgresql://u@h/d", "u", None, [("h", None)], "/d"),
        ("postgresql://u:@h/d", "u", "", [("h", None)], "/d"),
        ("postgresql://:p@h/d", "", "p", [("h", None)], "/d"),
        ("postgresql://h/d?mail=a@b.c", None, None, [("h", None)], "/d"),
        ("postgresql://u:p@h/d?mail=a@b.c", "u", "p", [("h", None)], "/d"),
        # passwords as people write them
        ("postgresql://u:p@ss@h/d", "u", "p@ss", [("h", None)], "/d"),
        ("postgresql://u:p/w@h:1/d", "u", "p/w", [("h", "1")], "/d"),
        ("postgresql://u:1/w@h:1/d", "u", "1/w", [("h", "1")], "/d"),
        ("postgresql://u:p?w@h/d?a=b", "u", "p?w", [("h", None)], "/d"),
        ("postgresql://u:p#w@h/d", "u", "p#w", [("h", None)], "/d"),
        ("postgresql://u:p@/?#:w@h/d", "u", "p@/?#:w", [("h", None)], "/d"),
        ("postgresql://u:a@b/c@h/d", "u", "a@b/c", [("h", None)], "/d"),
        ("postgresql://u:a b@h/d", "u", "a b", [("h", None)], "/d"),
        # hosts
        ("postgresql://u:p@[::1]:5432/d", "u", "p", [("[::1]", "5432")], "/d"),
        ("postgresql://u:p@[fe80::1%25eth0]/d", "u", "p", [("[fe80::1%25eth0]", None)], "/d"),
        ("postgresql://u:p@a:1,b,[::2]:3/d", "u", "p", [("a", "1"), ("b", None), ("[::2]", "3")], "/d"),
        ("postgresql://u:p@h:/d", "u", "p", [("h", "")], "/d"),
        ("postgresql://u:p@h", "u", "p", [("h", None)], ""),
        ("postgresql://u:p@/d?host=/var/run/postgresql", "u", "p", [], "/d"),
        ("postgresql:///d", None, None, [], "/d"),
        ("postgresql://u:p@%2Fvar%2Frun/d", "u", "p", [("%2Fvar%2Frun", None)], "/d"),
        ("mongodb+srv://u:p@c.x.mongodb.net/d?w=majority", "u", "p", [("c.x.mongodb.net", None)], "/d"),
        # filled in later
        ("postgresql://USER:PASSWORD@HOST:PORT/DATABASE", "USER", "PASSWORD", [("HOST", "PORT")], "/DATABASE"),
        ("postgresql://${U}:${P:-a@b/c?d}@${H}:${N}/${D}", "${U}", "${P:-a@b/c?d}", [("${H}", "${N}")], "/${D}"),
        ("postgresql://${A}@${H}/d", "${A}", None, [("${H}", None)], "/d"),
        ("postgresql://${EVERYTHING}", None, None, [("${EVERYTHING}", None)], ""),
        ("postgres://$U:$P@$H:$N/$D", "$U", "$P", [("$H", "$N")], "/$D"),
        ("postgres://u:$(P)@$(H):$(N)/d", "u", "$(P)", [("$(H)", "$(N)")], "/d"),
        ("postgres://u:{{ .Values.p }}@{{.h}}/d", "u", "{{ .Values.p }}", [("{{.h}}", None)], "/d"),
        ("postgres://u:<p>@<host>:5432/d", "u", "<p>", [("<host>", "5432")], "/d"),
        (
            "postgres://u:[YOUR-PASSWORD]@db.[REF].supabase.co/d",
            "u",
            "[YOUR-PASSWORD]",
            [("db.[REF].supabase.co", None)],
            "/d",
        ),
        ("postgres://u:${env:P}@h/d", "u", "${env:P}", [("h", None)], "/d"),
        ("sqlserver://h\\SQL:1433;a=b", None, None, [("h\\SQL", "1433")], ""),
        ("sqlserver://;server=h", None, None, [], ""),
        ("file:./dev.db?connection_limit=1", None, None, [], "./dev.db"),
    ],
)
def test_parts(
    text: str, user: str | None, password: str | None, hosts: list[tuple[str, str | None]], path: str
) -> None:
    url = parse(text)
    assert (url.user, url.password, url.path) == (user, password, path)
    assert url.hosts == tuple(Host(name, port) for name, port in hosts)
    assert write(url) == text


@pytest.mark.parametrize(
    ("text", "parameters", "fragment"),
    [
        ("postgres://h/d", [], ""),
        ("postgres://h/d?", [("", None)], ""),
        ("postgres://h/d?a=1&", [("a", "1"), ("", None)], ""),
        ("postgres://h/d?a&b=&c==&a=2", [("a", None), ("b", ""), ("c", "="), ("a", "2")], ""),
        ("postgres://h/d?a=b?c#f?g=h", [("a", "b?c")], "#f?g=h"),
        ("postgres://h/d?${PARAMS}", [("${PARAMS}", None)], ""),
        ("postgres://h/d?a=${X:-b&c}&d=1", [("a", "${X:-b&c}"), ("d", "1")], ""),
        ("sqlserver://h;user=sa;password={a;b=}}c};x=y", [("user", "sa"), ("password", "{a;b=}}c}"), ("x", "y")], ""),
        ("sqlserver://h;password={{ .Values.p }};x=y;", [("password", "{{ .Values.p }}"), ("x", "y"), ("", None)], ""),
        ("sqlserver://h;password={${P}};x=y", [("password", "{${P}}"), ("x", "y")], ""),
        ("sqlserver://h;password={open;x=y", [("password", "{open"), ("x", "y")], ""),
        ("sqlserver://h;", [("", None)], ""),
    ],
)
def test_parameters(text: str, parameters: list[tuple[str, str | None]], fragment: str) -> None:
    url = parse(text)
    assert url.parameters == tuple(Parameter(*parameter) for parameter in parameters)
    assert url.fragment == fragment
    assert write(url) == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "it is empty"),
        ("postgres://u:hunter2@h/d\npostgres://u:hunter2@h/e", "more than one line"),
        ("DATABASE_URL=postgres://u:hunter2@h/d", "a variable's name"),
        ("export DATABASE_URL='postgres://u:hunter2@h/d'", "a variable's name"),
        ("'postgres://u:hunter2@h/d'", "a quote"),
        ("$DATABASE_URL", "a variable: give"),
        ("${BASE_hunter2}?connection_limit=5", "a variable: give"),
        ("host=h user=u password=hunter2", "no scheme"),
        ("u:hunter2@h/d", "a scheme that Prisma does not take"),
        ("hunter2", "no scheme"),
        ("https://u:hunter2@h/d", "https: is a scheme that Prisma does not take"),
        ("jdbc:postgresql://u:hunter2@h/d", "jdbc: is a scheme"),
        ("postgres:/u:hunter2@h/d", "two slashes"),
        ("postgres://", "cannot be made out"),
        ("postgres://u:hunter2", "cannot be made out"),
        ("postgres://u:hunter2@", "cannot be made out"),
        ("postgres://u:hunter2@h h/d", "cannot be made out"),
        ("postgres://u:hunter2@::1/d", "cannot be made out"),
        ("postgres://u:hunt@er2?a=b@h/d", "two ways"),
        ("sqlserver://sa:hunter2@h;database=d", "set off by ;"),
    ],
)
def test_what_is_no_connection_string_is_refused_without_repeating_it(text: str, words: str) -> None:
    with pytest.raises(NotAConnectionStringError) as raised:
        parse(text)
    assert words in str(raised.value)
    assert "hunt" not in str(raised.value) and "er2" not in str(raised.value)


@given(st.text() | st.text("postgresmyql:/@?#&=;${}[]<>h1,.% ").map("postgres://".__add__))
def test_any_text_is_refused_in_one_line_or_comes_back_as_it_was(text: str) -> None:
    try:
        url = parse(text)
    except NotAConnectionStringError as error:
        assert "\n" not in str(error)
    else:
        assert write(url) == text


@given(parts(unescaped="@/?#"))
def test_a_url_is_read_as_it_was_meant(made: Parts) -> None:
    try:
        url = parse(made.text)
    except NotAConnectionStringError as error:
        assert "two ways" in str(error) and "?" in (made.password or "")
        return
    assert write(url) == made.text
    assert (url.scheme, url.user, url.password) == (made.scheme, made.user, made.password)
    assert ",".join(h.name + ("" if h.port is None else f":{h.port}") for h in url.hosts) == made.hosts
    assert (url.path, url.fragment) == (made.path, made.fragment)
    assert set(unescaped(url)) <= set("/?#")


@given(sqlserver())
def test_a_url_for_sql_server_comes_back_as_it_was(text: str) -> None:
    url = parse(text)
    assert write(url) == text
    assert all("=" in text for parameter in url.parameters if parameter.value is not None)


@given(parts(), st.sampled_from(["connection_limit", "pgbouncer", "new"]), st.sampled_from(["3", "true"]))
def test_setting_a_parameter_changes_nothing_else(made: Parts, name: str, value: str) -> None:
    before = parse(made.text)
    after = with_parameter(before, name, value)
    assert with_parameter(after, name, value) == after == parse(write(after))
    if value_of(before, name) is not None:
        pairs = zip(before.parameters, after.parameters, strict=True)
        assert all(new == (Parameter(name, value) if old.name == name else old) for old, new in pairs)
        assert replace(after, parameters=before.parameters) == before
        return
    joint = "" if made.query in ("", "?") or made.query.endswith("&") else "&"
    query = f"{made.query or '?'}{joint}{name}={value}"
    assert write(after) == replace(made, query=query).text
    gone = without_parameters(after, [name])
    assert [p for p in gone.parameters if p.name] == [p for p in before.parameters if p.name]


@given(parts(variables=False, hosts=1))
def test_python_reads_the_same(made: Parts) -> None:
    assume(not set("ü密") & set(made.text))
    theirs, ours = urlsplit(made.text, allow_fragments=True), parse(made.text)
    assert theirs.username == ours.user and theirs.password == ours.password
    assert theirs.path == ours.path and f"#{theirs.fragment}" == (ours.fragment or "#")
    named = [(p.name, p.value or "") for p in ours.parameters if p.name or p.value is not None]
    assert parse_qsl(theirs.query, keep_blank_values=True) == [(unquote(n), unquote(v)) for n, v in named]


@given(made=parts(variables=False, hosts=1, unescaped="@"))
def test_node_and_pg_read_the_same(real_parsers: Callable[[str], Reading], made: Parts) -> None:
    ours, theirs = parse(made.text), real_parsers(made.text)
    assume(made.scheme != "mysql" and theirs["url"] is not None and theirs["pg"] is not None)
    assert unquote(theirs["url"]["username"]) == unquote(ours.user or "")
    assert unquote(theirs["url"]["password"]) == unquote(ours.password or "")
    assert unquote(theirs["url"]["hostname"]) == unquote(ours.hosts[0].name)
    assert theirs["url"]["port"] == (ours.hosts[0].port or "")
    named = [(unquote(p.name), unquote(p.value or "")) for p in ours.parameters if p.name or p.value is not None]
    assert [tuple(pair) for pair in theirs["url"]["parameters"]] == named
    assert theirs["pg"]["password"] == unquote(ours.password or "")
    for name in ("connection_limit", "pool_timeout", "pgbouncer"):  # of several, pg takes the last, and so do we
        value = value_of(ours, name)
        assert theirs["pg"]["others"].get(name) == (None if value is None else unquote(value))


@pytest.mark.parametrize("password", ["a/b", "a?b", "a#b"])
def test_node_refuses_or_misreads_what_is_called_unescaped(
    real_parsers: Callable[[str], Reading], password: str
) -> None:
    text = f"postgres://u:{password}@h.example.com/d"
    assert unescaped(parse(text)) == password[1]
    assert real_parsers(text)["url"] is None
    escaped = f"postgres://u:{password.replace(password[1], f'%{ord(password[1]):02X}')}@h.example.com/d"
    assert unescaped(parse(escaped)) == ""
    assert real_parsers(escaped)["pg"]["password"] == password == unquote(parse(escaped).password or "")


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ("postgres://h/d", "a", "1", "postgres://h/d?a=1"),
        ("postgres://h/d?", "a", "1", "postgres://h/d?a=1"),
        ("postgres://h/d?b=2&", "a", "1", "postgres://h/d?b=2&a=1"),
        ("postgres://h/d?b=2#f", "a", "1", "postgres://h/d?b=2&a=1#f"),
        ("postgres://h", "a", "1", "postgres://h?a=1"),
        ("postgres://h/d?a=5&b=2&a=6", "a", "1", "postgres://h/d?a=1&b=2&a=1"),
        ("postgres://h/d?a&b", "a", "1", "postgres://h/d?a=1&b"),
        ("postgres://h/d?A=5", "a", "1", "postgres://h/d?A=5&a=1"),
        ("sqlserver://h", "a", "1", "sqlserver://h;a=1"),
        ("sqlserver://h;b=2;", "a", "1", "sqlserver://h;b=2;a=1"),
        ("sqlserver://h;A=5;b=2", "a", "1", "sqlserver://h;A=1;b=2"),
    ],
)
def test_with_parameter(before: str, name: str, value: str, after: str) -> None:
    assert write(with_parameter(parse(before), name, value)) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("postgres://h/d?a=1", "postgres://h/d"),
        ("postgres://h/d?b=2&a=1&c#f", "postgres://h/d?b=2&c#f"),
        ("postgres://h/d?a=1&b=2&a", "postgres://h/d?b=2"),
        ("postgres://h/d?", "postgres://h/d?"),
        ("sqlserver://h;a=1;b=2", "sqlserver://h;b=2"),
    ],
)
def test_without_parameters(before: str, after: str) -> None:
    assert write(without_parameters(parse(before), ["a"])) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("mysql://h/d?a=1&b=2", "mysql://h/d?x=9&b=2"),
        ("mysql://h/d?a=1&b=2&a=3&c#f", "mysql://h/d?b=2&x=9&c#f"),
        ("mysql://h/d?a=1&x=2", "mysql://h/d?x=2"),
        ("mysql://h/d?b=2", "mysql://h/d?b=2"),
        ("mysql://h/d?a", "mysql://h/d?x=9"),
        ("sqlserver://h; A = 1;b=2", "sqlserver://h;x=9;b=2"),
    ],
)
def test_respelled(before: str, after: str) -> None:
    assert write(respelled(parse(before), "a", "x", "9")) == after


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgres://h/d?${PARAMS}", ["${PARAMS}"]),
        ("postgres://h/d?a=1&$EXTRA", ["$EXTRA"]),
        ("postgres://h/d${DB_OPTIONS}", ["${DB_OPTIONS}"]),
        ("postgres://h/${DB}?a=${X}", []),
        ("postgres://h/app_${STAGE}?schema=${SCHEMA}", []),
    ],
)
def test_hidden_parameters(text: str, hidden: list[str]) -> None:
    assert list(hidden_parameters(parse(text))) == hidden
    assert set(hidden) <= set(interpolations(text))
