"""`prismafix budget` on a real PostgreSQL and a real MariaDB: their numbers, the peak under load, and no password."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pymysql
import pytest
from cli.running import PROGRAM, environment, on_terminal, prismafix

from .conftest import MARIA_SECRET as SECRET
from .conftest import MOST

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(tempfile.gettempdir())
"""A folder without a project: nothing below it is looked at."""
ROLE_SECRET = "p@ss w/rd#1"
ESCAPED = "p%40ss%20w%2Frd%231"
UNCAPPED = Path(__file__).parents[2] / "fixtures" / "PF602-concurrency-uncapped" / "known-database" / "before"


class Server:
    """A PostgreSQL, its administrator's URL and those of two ordinary users."""

    def __init__(self, place: dict[str, Any]) -> None:
        self.place = place
        where = f"{place['host']}:{place['port']}/postgres"
        self.admin = f"postgresql://{place['user']}:{place['password']}@{where}"
        self.shop = f"postgresql://shop:{ESCAPED}@{where}"
        self.narrow = f"postgresql://narrow:{ESCAPED}@{where}"
        self.secrets = (place["password"], ROLE_SECRET, ESCAPED)

    def ask(self, *arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        """Run the command; no output of it may hold a password."""
        done = prismafix("budget", *arguments, cwd=HERE, stdin=stdin, **more)
        for secret in self.secrets:
            assert secret not in done.stdout + done.stderr
        return done


@pytest.fixture(scope="module")
def postgres(small_postgres: dict[str, Any]) -> Iterator[Server]:
    server = Server(small_postgres)
    with psycopg.connect(server.admin, autocommit=True) as admin:
        admin.execute(f"create role shop login password '{ROLE_SECRET}'".encode())
        admin.execute(f"create role narrow login password '{ROLE_SECRET}' connection limit 4".encode())
    yield server


@contextmanager
def connections(url: str, count: int, name: str) -> Iterator[list[psycopg.Connection[Any]]]:
    with ExitStack() as stack:
        yield [stack.enter_context(psycopg.connect(url, application_name=name)) for _ in range(count)]


def figures(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    return {name: one["value"] for name, one in json.loads(done.stdout)["figures"].items()}


def test_the_numbers_of_a_live_postgres_with_who_holds_them(postgres: Server) -> None:
    with connections(postgres.admin, 4, "worker") as others, connections(postgres.shop, 2, "api"):
        others[0].execute("select 1")  # a transaction is open now
        done = postgres.ask("--database-url", "-", "--instances=2", "--limit=3", stdin=postgres.admin)
        mine = postgres.ask("--live", "--instances=2", "--limit=3", "--format=json", DATABASE_URL=postgres.shop)
    assert done.returncode == 0
    assert "read from the database, PostgreSQL" in done.stdout
    assert "superuser_reserved_connections 3" in done.stdout
    assert "Within budget: 6 of 15 connections" in done.stdout  # 20 less 3 less the shop's 2
    assert "6 connections at this moment, 4 of this user" in done.stdout
    for row in ("3  proof worker", "1  proof worker", "2  shop api"):
        assert row in done.stdout
    assert "idle in transaction" in done.stdout
    # Somebody who may not see what others do sees that they are there, and they count.
    assert figures(mine) == {
        "instances": 2, "processes": 1, "limit": 3, "max_connections": 20, "reserved": 3, "others": 4,
    }  # fmt: skip
    uses = json.loads(mine.stdout)["live"]["uses"]
    assert {"user": "proof", "application": "", "state": "(not visible)", "connections": 4, "own": False} in uses


def test_prismas_own_parameters_in_the_url_do_no_harm(postgres: Server) -> None:
    url = f"{postgres.shop}?schema=public&connection_limit=3&pgbouncer=true&sslmode=prefer&pool_timeout=1"
    done = postgres.ask("--database-url", url, "--instances=2", "--limit=3")
    assert done.returncode == 0 and "of 17 connections" in done.stdout


def test_a_lower_limit_of_the_role_counts(postgres: Server) -> None:
    done = postgres.ask("--database-url", postgres.narrow, "--instances=2", "--limit=3")
    assert done.returncode == 1
    assert "the limit of the role narrow, lower than what PostgreSQL" in done.stdout
    assert "Over budget: 6 of 4 connections" in done.stdout


def test_flags_win_over_the_database_and_the_difference_is_said(postgres: Server) -> None:
    done = postgres.ask("--database-url", postgres.shop, "--instances=2", "--limit=3", "--max-connections=200")
    assert "note: --max-connections says 200, the database itself 20" in done.stdout


def test_it_only_reads(postgres: Server) -> None:
    log = Path(postgres.place["log"])
    before = len(log.read_bytes())
    postgres.ask("--database-url", postgres.shop, "--watch", "--interval=0.05", "--duration=0.2")
    entries = [json.loads(line) for line in log.read_bytes()[before:].splitlines()]
    said = [e["message"] for e in entries if e.get("application_name") == "prismafix budget" and "message" in e]
    statements = [" ".join(message.split()) for message in said if message.startswith("statement: ")]
    statements += [" ".join(message.split()) for message in said if message.startswith("execute ")]
    assert "statement: begin read only" in statements
    assert "statement: set local statement_timeout = 5000" in statements
    allowed = ("begin read only", "set local statement_timeout", "select ", "rollback")
    assert all(statement.partition(": ")[2].startswith(allowed) for statement in statements)


def test_a_wrong_password_is_one_line(postgres: Server) -> None:
    done = postgres.ask("--database-url", postgres.shop.replace(ESCAPED, f"{ESCAPED}x"), "--limit=3")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("prismafix: the database does not answer: ") and done.stderr.count("\n") == 1
    assert 'password authentication failed for user "shop"' in done.stderr


def test_a_full_database_says_that_it_is_full(postgres: Server) -> None:
    with connections(postgres.shop, 17, "api"):
        done = postgres.ask("--database-url", postgres.shop, "--limit=3")
        assert (done.returncode, done.stdout) == (2, "")
        assert "the database refuses, it is full at this moment" in done.stderr
        assert done.stderr.count("\n") == 1
        # For an administrator some are reserved.
        admin = postgres.ask("--database-url", postgres.admin, "--instances=1", "--limit=1")
    assert admin.returncode == 1 and "Over budget: 1 of 0 connections" in admin.stdout


def test_watching_shows_the_peak_and_ends_on_ctrl_c(postgres: Server, tmp_path: Path) -> None:
    program = subprocess.Popen(
        [*PROGRAM, "budget", "--database-url", "-", "--watch", "--interval", "0.05"],
        cwd=tmp_path, env=environment(), text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert program.stdin is not None and program.stdout is not None and program.stderr is not None
    program.stdin.write(postgres.shop)
    program.stdin.close()
    lines = iter(program.stdout.readline, "")
    assert "0 of 17 connections" in next(lines)
    with connections(postgres.shop, 5, "api"):
        assert any("5 of 17 connections, 5 of this user" in line for line in lines)
        listed = Path(f"/proc/{program.pid}/cmdline")
        if listed.exists():
            assert not any(secret.encode() in listed.read_bytes() for secret in postgres.secrets)
    assert any(" 0 of 17 connections" in line and "peak 5" in line for line in lines)
    program.send_signal(signal.SIGINT)
    rest = "".join(lines)
    assert "Peak: 5 of 17 connections after " in rest and "5  shop api" in rest
    assert (program.wait(), program.stderr.read()) == (0, "")


def test_watching_on_a_terminal(postgres: Server, tmp_path: Path) -> None:
    argv = [sys.executable, "-m", "prismafix", "budget", "--live", "--watch", "--interval", "0.05"]
    with connections(postgres.shop, 3, "api"):
        screen, code = on_terminal(
            argv, tmp_path, [("3 of 17 connections", "\x03")], DATABASE_URL=postgres.shop, COLUMNS="120"
        )
    assert code == 0
    assert "Peak: 3 of 17 connections after 0.0 s" in screen
    assert not any(secret in screen for secret in postgres.secrets)


def test_watching_in_json_for_a_while_and_a_full_database(postgres: Server) -> None:
    with connections(postgres.shop, 15, "api"):
        options = ["--watch", "--interval=0.05", "--duration=0.1", "--format=json"]
        done = postgres.ask("--database-url", postgres.shop, *options)
        found = json.loads(done.stdout)
        assert found["samples"] >= 2
        assert (found["peak"]["used"], found["peak"]["most_own"]) == (15, 15)
        assert done.returncode == 0
        with connections(postgres.admin, 1, "psql"):
            done = postgres.ask("--database-url", postgres.admin, "--watch", "--duration=0")
    assert done.returncode == 1 and "The database was full" in done.stdout


def test_the_caps_are_worked_out_from_the_live_database(postgres: Server, tmp_path: Path) -> None:
    root = tmp_path / "project"
    shutil.copytree(UNCAPPED, root)
    (root / "prismafix.toml").unlink()
    done = postgres.ask(str(root), "--live", "--limit=1", "--apply", DATABASE_URL=postgres.shop)
    assert done.returncode == 0  # 15 usable, twice during a deploy: 7, one of them for the function with a schedule
    assert "serverless.yml: order: reservedConcurrency 3" in done.stdout
    assert (root / "serverless.yml").read_text().count("reservedConcurrency: 3") == 2
    assert not any(
        secret in path.read_text() for path in root.rglob("*") if path.is_file() for secret in postgres.secrets
    )


def test_through_a_pgbouncer_it_works_too(postgres: Server, small_pgbouncer: dict[str, Any]) -> None:
    place = small_pgbouncer
    url = f"postgresql://{place['user']}:{place['password']}@{place['host']}:{place['port']}/postgres?pgbouncer=true"
    done = postgres.ask("--database-url", "-", "--instances=2", "--limit=3", stdin=url)
    assert done.returncode == 0
    assert "read from the database, PostgreSQL" in done.stdout and "of 17 connections" in done.stdout


def ask_maria(user: str, port: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    url = f"mysql://{user}:{SECRET}@127.0.0.1:{port}/shop?connection_limit=3"
    done = prismafix("budget", "--database-url", "-", *arguments, cwd=HERE, stdin=url)
    assert SECRET not in done.stdout + done.stderr
    return done


@contextmanager
def maria_connections(port: int, count: int, user: str) -> Iterator[None]:
    made = [
        pymysql.connect(host="127.0.0.1", port=port, user=user, password=SECRET, database="shop") for _ in range(count)
    ]
    try:
        yield
    finally:
        for one in made:
            one.close()


def test_the_numbers_of_a_live_mariadb(small_mariadb: int) -> None:
    with maria_connections(small_mariadb, 3, "worker"), maria_connections(small_mariadb, 2, "shop"):
        blind = ask_maria("shop", small_mariadb, "--instances=3", "--limit=2", "--format=json")
        seeing = ask_maria("worker", small_mariadb, "--instances=3", "--limit=2")
    # Without the privilege PROCESS the others are not seen, but counted.
    assert figures(blind)["max_connections"] == MOST
    assert (figures(blind)["reserved"], figures(blind)["others"]) == (0, 3)
    assert json.loads(blind.stdout)["live"]["own"] == 2
    assert "read from the database, MariaDB" in seeing.stdout
    assert "Within budget: 6 of 18 connections" in seeing.stdout
    assert "3  worker" in seeing.stdout and "2  shop" in seeing.stdout


def test_a_full_mariadb_and_a_wrong_password(small_mariadb: int) -> None:
    with maria_connections(small_mariadb, MOST, "shop"):
        done = ask_maria("shop", small_mariadb)
    assert (done.returncode, done.stdout) == (2, "")
    assert "the database refuses, it is full at this moment" in done.stderr
    url = f"mysql://shop:{SECRET}x@127.0.0.1:{small_mariadb}/shop"
    done = prismafix("budget", "--database-url", url, cwd=HERE)
    assert done.returncode == 2 and "Access denied for user 'shop'" in done.stderr
    assert SECRET not in done.stderr


def test_watching_a_mariadb(small_mariadb: int) -> None:
    with maria_connections(small_mariadb, 4, "shop"):
        done = ask_maria("shop", small_mariadb, "--watch", "--interval=0.05", "--duration=0.1")
    assert done.returncode == 0
    assert f"Peak: 4 of {MOST} connections" in done.stdout
    assert done.stdout.count("connections, 4 of this user") >= 2


def test_nothing_of_a_url_stays_behind(postgres: Server, tmp_path: Path) -> None:
    done = postgres.ask(
        "--database-url", "-", "--instances=2", "--limit=3", f"--plot={tmp_path}/out.svg", stdin=postgres.shop,
        XDG_CACHE_HOME=str(tmp_path / "cache"),
    )  # fmt: skip
    assert done.returncode == 0
    for folder, _, files in os.walk(tmp_path):
        for name in files:
            assert not any(secret.encode() in Path(folder, name).read_bytes() for secret in postgres.secrets)
