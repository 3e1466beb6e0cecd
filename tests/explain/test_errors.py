"""`prismafix explain` with an error's code, name or text: what it means, what to do, where it is known from."""

import json
import re
from pathlib import Path

import pytest
from cli.running import prismafix

from prismafix.known_errors.catalogue import catalogue, recognise

MESSAGES = {
    "P1000": "Authentication failed against database server at `db`, the provided database credentials for `u` are "
    "not valid.",
    "P1001": "Can't reach database server at `db.example.com`:`5432`",
    "P1008": "Operations timed out after `N/A`. Context: The database failed to respond to a query within the timeout",
    "P1010": "User `u` was denied access on the database `shop.public`",
    "P1013": "The provided database string is invalid. invalid port number in database URL.",
    "P1017": "Server has closed the connection.",
    "P2024": "Timed out fetching a new connection from the connection pool. More info: "
    "http://pris.ly/d/connection-pool (Current connection pool timeout: 10, connection limit: 5)",
    "P2028": "Transaction API error: Unable to start a transaction in the given time.",
    "P5008": "Usage exceeded, retry again later",
    "too-many-clients": "FATAL:  sorry, too many clients already",
    "slots-reserved": "remaining connection slots are reserved for roles with the SUPERUSER attribute",
    "mysql-1040": "Too many database connections opened: Server error: `ERROR 08004 (1040): Too many connections'",
    "mysql-1203": "User app already has more than 'max_user_connections' active connections",
    "driver-pool-timeout": "Error: timeout exceeded when trying to connect",
    "mariadb-pool-timeout": "pool timeout: failed to retrieve a connection from pool after 10009ms\n"
    "    (pool connections: active=5 idle=0 limit=5)",
    "prepared-statement": 'ERROR: prepared statement "s0" already exists',
    "supavisor-session-mode": "MaxClientsInSessionMode: max clients reached - in Session mode max clients are limited "
    "to pool_size",
    "ten-instances": "warn(prisma-client) There are already 10 instances of Prisma Client actively running.",
    "pool-ended": "Error: Cannot use a pool after calling end on the pool",
}  # fmt: skip
OTHER_WORDS = {
    "too many clients already": "too-many-clients",
    'too many connections for role "app"': "too-many-clients",
    "no more connections allowed (max_client_conn)": "too-many-clients",
    "Raw query failed. Code: `53300`. Message: `sorry, too many clients already`": "too-many-clients",
    "Raw query failed. Code: `53300`. Message: `remaining connection slots are reserved`": "slots-reserved",
    "SQLSTATE[HY000] [1040] Too many connections": "mysql-1040",
    "User 'a' has exceeded the 'max_user_connections' resource (current value: 5)": "mysql-1203",
    'prepared statement "s3" does not exist': "prepared-statement",
    "This is the 10th instance of Prisma Client being started. Make sure this is intentional.": "ten-instances",
    "FATAL: Max client connections reached": "supavisor-session-mode",
    "Connection terminated due to connection timeout": "driver-pool-timeout",
    "Too many database connections opened: something new": "P2037",
    "P2024: it hangs": "P2024",
    "Can’t reach database server at `db`": "P1001",
}
NOT_OURS = [
    "read ECONNRESET",
    "getaddrinfo ENOTFOUND api.example.com",
    "connect ECONNREFUSED 127.0.0.1:6379",
    "ERR_INVALID_URL",
    "The operation has timed out.",
    "order P2024 shipped",
    "Error: Unique constraint failed on the fields: (`email`)",
    "code: 'P2002'",
    "429 Too many requests",
]


@pytest.mark.parametrize(("key", "message"), MESSAGES.items(), ids=MESSAGES)
def test_an_error_is_found_by_its_text(tmp_path: Path, key: str, message: str) -> None:
    found = recognise(message)
    assert found is not None and found.error.key == key
    by_text = prismafix("explain", message, cwd=tmp_path)
    assert by_text.returncode == 0 and by_text.stderr == ""
    assert by_text.stdout == prismafix("explain", key.lower(), cwd=tmp_path).stdout


@pytest.mark.parametrize(("text", "key"), OTHER_WORDS.items())
def test_other_words_for_the_same(text: str, key: str) -> None:
    found = recognise(text, anywhere=True)
    assert found is not None and found.error.key == key


@pytest.mark.parametrize("text", NOT_OURS)
def test_errors_of_others_are_left_alone(text: str) -> None:
    assert recognise(text) is None


def test_every_error_has_a_message_here() -> None:
    keys = {error.key for error in catalogue()}
    assert keys == {*MESSAGES, "P2037"}


@pytest.mark.parametrize("error", catalogue(), ids=lambda error: error.key)
def test_every_error_says_what_to_do(tmp_path: Path, error: object) -> None:
    data = json.loads(prismafix("explain", error.key, "--format", "json", cwd=tmp_path).stdout)  # type: ignore[attr-defined]
    assert (data["version"], data["kind"]) == (1, "error")
    assert [section["title"] for section in data["sections"]] == ["What it means", "Why it happens", "Now", "For good"]
    assert all(section["text"] for section in data["sections"]) and data["exists"] and data["known_from"]
    assert all(re.fullmatch(r"PF\d{3}", code) for code in data["rules"])
    text = prismafix("explain", data["key"], cwd=tmp_path).stdout
    for words in ("What it means:", "Why it happens:", "Now:", "For good:", "Where it exists:", "Known from:"):
        assert f"\n{words}" in text


def test_what_only_the_engine_does_is_marked(tmp_path: Path) -> None:
    assert {error.key for error in catalogue() if error.engine_only} == {"P2024", "ten-instances"}
    marked = "Only the Rust engine of Prisma 2 to 6 does this"
    assert marked in prismafix("explain", "P2024", cwd=tmp_path).stdout
    assert marked not in prismafix("explain", "P2037", cwd=tmp_path).stdout


def test_the_rules_behind_an_error_and_the_slow_query(tmp_path: Path) -> None:
    text = prismafix("explain", "P2024", cwd=tmp_path, COLUMNS="100").stdout
    assert text.startswith("P2024 pool-timeout\n\nTimed out fetching a new connection from the connection pool.\n")
    assert "PF303 fan-out-unbounded" in text and "`prismafix check --select PF303," in " ".join(text.split())
    assert '    const prisma = new PrismaClient({ log: [{ emit: "event", level: "query" }] });\n' in text
    assert "new PrismaClient({ adapter, log: [" in text
    assert "```" not in text and all(len(line) <= 100 for line in text.splitlines())
    assert "$on(" not in prismafix("explain", "P1010", cwd=tmp_path).stdout


def test_words_need_no_quotes(tmp_path: Path) -> None:
    done = prismafix("explain", "sorry,", "too", "many", "clients", "already", cwd=tmp_path)
    assert done.stdout.startswith("too-many-clients\n")


@pytest.mark.parametrize(
    ("words", "first"),
    [("too many clients", "too-many-clients\n"), ("Timed out fetching", "P2024 pool-timeout\n")],
)
def test_a_part_of_a_message_will_do(tmp_path: Path, words: str, first: str) -> None:
    assert prismafix("explain", words, cwd=tmp_path).stdout.startswith(first)


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (["P2025"], "P2024"),
        (["pool-timout"], "P2024"),
        (["fan-out-unboundd"], "fan-out-unbounded"),
        (["connection pool is exhausted"], "P2024"),
        (["nothing like it"], "`explain --list` show all"),
        ([""], "explain what?"),
        ([], "explain what?"),
    ],
)
def test_what_is_not_known_is_one_line_with_the_nearest(tmp_path: Path, words: list[str], near: str) -> None:
    done = prismafix("explain", *words, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert done.stderr.startswith("prismafix: ") and near in done.stderr


def test_no_password_of_an_unknown_text_is_shown(tmp_path: Path) -> None:
    done = prismafix("explain", "cannot use postgresql://svc:hunter2@db:5432/shop here", cwd=tmp_path)
    assert done.returncode == 2 and "hunter2" not in done.stderr


def test_the_list(tmp_path: Path) -> None:
    rows = prismafix("explain", "--list", cwd=tmp_path).stdout.splitlines()
    assert [row.split()[0] for row in rows] == [error.key for error in catalogue()]
    data = json.loads(prismafix("explain", "--list", "--format=json", cwd=tmp_path).stdout)
    assert [error["key"] for error in data["errors"]] == [error.key for error in catalogue()]


def test_a_rule_as_data(tmp_path: Path) -> None:
    data = json.loads(prismafix("explain", "pf303", "--format", "json", cwd=tmp_path).stdout)
    assert (data["kind"], data["code"], data["name"], data["best"]) == ("rule", "PF303", "fan-out-unbounded", "safe")
