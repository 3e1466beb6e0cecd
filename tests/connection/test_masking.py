"""No password is shown: neither of a URL nor of what only looks like one."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from prismafix.connection.masking import mask, masked
from prismafix.connection.url import NotAConnectionStringError, parse

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgres://ann:s3cret@db:5432/x", "postgres://ann:***@db:5432/x"),
        ('url: "postgresql://u:p@h/d?schema=a",', 'url: "postgresql://u:***@h/d?schema=a",'),
        ("mysql://u:p@ss/w?rd@h/d", "mysql://u:***@h/d"),
        ("redis://:secret@h", "redis://:***@h"),
        ("POSTGRES://u:SECRET@h", "POSTGRES://u:***@h"),
        ("mongodb+srv://u:p@h/d and postgres://v:q@i", "mongodb+srv://u:***@h/d and postgres://v:***@i"),
        ("sqlserver://h:1433;user=sa;password=s3cret;x=1", "sqlserver://h:1433;user=sa;password=***;x=1"),
        ("sqlserver://h;Password={a;b};x=1", "sqlserver://h;Password=***;x=1"),
        ("sqlserver://h;password={a}};b};x=1", "sqlserver://h;password=***;x=1"),
        ("sqlserver://h;password=a;b;x=1", "sqlserver://h;password=***;x=1"),
        ("postgres://h/d?user=u&password=p&sslmode=require", "postgres://h/d?user=u&password=***&sslmode=require"),
        ("prisma://accelerate.prisma-data.net/?api_key=abc", "prisma://accelerate.prisma-data.net/?api_key=***"),
        ("prisma+postgres://abc@h/env", "prisma+postgres://***@h/env"),
        ("https://u:token@host/path", "https://u:***@host/path"),
        # nearly URLs
        ("DATABASE_URL=postgres:/u:hunter2@h:5432/d", "DATABASE_URL=postgres:/u:***@h:5432/d"),
        ("postgres//u:hunter2@h/d", "postgres//u:***@h/d"),
        ("postgresql:u:hunter2@h/d", "postgresql:u:***@h/d"),
        ("cannot connect as u:hunter2@db.example.com:5432/d", "cannot connect as u:***@db.example.com:5432/d"),
        ("host=h user=u password=hunter2 dbname=d", "host=h user=u password=*** dbname=d"),
        ("PGPASSWORD=hunter2 psql -h h", "PGPASSWORD=*** psql -h h"),
        # placeholders, and what stands in for them
        ("postgres://u:${DB_PASSWORD}@h", "postgres://u:${DB_PASSWORD}@h"),
        ("postgres://u:$DB_PASSWORD@h", "postgres://u:$DB_PASSWORD@h"),
        ("postgres://u:$(DB_PASSWORD)@h", "postgres://u:$(DB_PASSWORD)@h"),
        ("postgres://u:pre${X}@h", "postgres://u:***@h"),
        ("postgres://u:${DB_PASSWORD:-hunter2}@h", "postgres://u:***@h"),
        # no passwords
        ("http://localhost:3000/users?mail=a@b.c", "http://localhost:3000/users?mail=a@b.c"),
        ("postgres://localhost:5432/x", "postgres://localhost:5432/x"),
        ("postgres://ann@db/x", "postgres://ann@db/x"),
        ("{ a: b, c: 'me@example.com' }", "{ a: b, c: 'me@example.com' }"),
        ('"lib": "npm:other@1.2.3"', '"lib": "npm:other@1.2.3"'),
        ("const password=user.password", "const password=user.password"),
        ("image: registry:5000/app@sha256:0123", "image: registry:5000/app@sha256:0123"),
    ],
)
def test_mask(text: str, shown: str) -> None:
    assert mask(text) == shown
    assert mask(shown) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('postgres://ann:it\'s "so" <long>@db/x?a=b@c', "postgres://ann:***@db/x?a=b@c"),
        ("postgres://ann:p/w?x#y@db/x", "postgres://ann:***@db/x"),
        ("postgres://ann:@db/x", "postgres://ann:@db/x"),
        ("postgres://ann:${PW:-hunter2}@db/x", "postgres://ann:***@db/x"),
        ("postgres://ann:{{ .Values.pw }}@db/x", "postgres://ann:{{ .Values.pw }}@db/x"),
        ('postgres://ann:{{ .pw | default "hunter2" }}@db/x', "postgres://ann:***@db/x"),
        ("postgres://db/x?user=ann&password=hunter2&a=b", "postgres://db/x?user=ann&password=***&a=b"),
        ("sqlserver://h;user=sa;PWD={a b;c};x=y;", "sqlserver://h;user=sa;PWD=***;x=y;"),
        ("sqlserver://h;password=a;b c;x=y", "sqlserver://h;password=***;***;x=y"),
        ("prisma+postgres://hunter2@h/e?api_key=hunter2", "prisma+postgres://***@h/e?api_key=***"),
        ("libsql://h.turso.io?authToken=hunter2", "libsql://h.turso.io?authToken=***"),
    ],
)
def test_masked(text: str, shown: str) -> None:
    assert masked(parse(text)) == shown


PASSWORDS = st.text("/?#@:&=%;~.,!*+ax", max_size=8).map(lambda text: text + SECRET) | st.text(
    "/?#@:&=%;~.,!*+ax", max_size=8
).map(SECRET.__add__)
AROUND = st.sampled_from(["{}", "url = '{}'", "at {}:", "postgres://v:w@i/e {}", '  DATABASE_URL: "{}" # {}'])


@given(PASSWORDS, AROUND, st.sampled_from(["://", ":/", "//", ":///"]), st.sampled_from(["h", "h.example.com:5432"]))
def test_the_password_of_anything_like_a_url_goes(password: str, around: str, opening: str, host: str) -> None:
    text = around.replace("{}", f"postgresql{opening}ann:{password}@{host}/shop?sslmode=require")
    assert SECRET not in mask(text)
    assert mask(mask(text)) == mask(text)


@given(PASSWORDS | st.text(" '\"<>").map(SECRET.__add__))
def test_the_password_of_a_url_that_was_read_goes(password: str) -> None:
    try:
        url = parse(f"postgresql://ann:{password}@h.example.com:5432/shop?sslmode=require")
    except NotAConnectionStringError:
        assume(False)
    assert SECRET not in masked(url)
    assert masked(url).startswith("postgresql://ann:***@")
