"""`prismafix url`: the last line is the string, the reasons hold no password, and the exit code says if it changes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from .running import PROGRAM, environment, prismafix

SECRET = "hunter2"
SUPABASE = f"postgresql://postgres:{SECRET}@db.abcdefgh.supabase.co:5432/postgres"
POOLED = SUPABASE.replace("5432", "6543")
FOR_POOLER = "?pgbouncer=true&connection_limit=1&pool_timeout=20&connect_timeout=10"
PLAIN = f"postgresql://u:{SECRET}@db.example.com/d?sslmode=require"
LOCAL = f"postgresql://u:{SECRET}@localhost:5432/d"


@pytest.mark.parametrize(
    ("arguments", "printed", "code"),
    [
        ([SUPABASE, "--target", "serverless"], f"{POOLED}{FOR_POOLER}", 1),
        ([SUPABASE, "--target", "serverless", "--prisma", "7.1.0"], POOLED, 1),
        ([POOLED, "--target", "serverless", "--adapter"], POOLED, 0),
        ([POOLED, "--target=edge", "--prisma=6", "--adapter"], POOLED, 0),
        ([POOLED], f"{POOLED}?pgbouncer=true", 1),
        ([SUPABASE], SUPABASE, 0),
        ([SUPABASE, "--target", "server", "--limit", "20"], f"{SUPABASE}?connection_limit=20", 1),
        ([f"{PLAIN}&connection_limit=50", "--limit=5"], f"{PLAIN}&connection_limit=5", 1),
        ([f"{PLAIN}&connection_limit=5", "--limit=5"], f"{PLAIN}&connection_limit=5", 0),
        ([PLAIN, "--provider=pgbouncer"], f"{PLAIN}&pgbouncer=true", 1),
        ([LOCAL, "--target", "serverless"], LOCAL, 0),
        (["file:./dev.db", "--target", "serverless"], "file:./dev.db", 0),
        (
            ["sqlserver://h.example.com;password={a;b}", "--limit=4"],
            "sqlserver://h.example.com;password={a;b};connectionLimit=4",
            1,
        ),
    ],
)
def test_the_last_line_is_the_string(tmp_path: Path, arguments: list[str], printed: str, code: int) -> None:
    done = prismafix("url", *arguments, cwd=tmp_path)
    assert (done.stdout, done.returncode) == (f"{printed}\n", code)
    assert SECRET not in done.stderr
    again = prismafix("url", printed, *arguments[1:], cwd=tmp_path)
    assert (again.stdout, again.returncode) == (f"{printed}\n", 0)


def test_every_change_has_its_reason(tmp_path: Path) -> None:
    done = prismafix("url", SUPABASE, "--target", "serverless", "--prisma", "6", cwd=tmp_path)
    lines = done.stderr.splitlines()
    assert lines[0] == "Supabase, direct (the host ends in .supabase.co)"
    starts = ["port: 5432 -> 6543 ", "added: pgbouncer=true ", "added: connection_limit=1 ", "added: pool_timeout=20 "]
    starts += ["added: connect_timeout=10 ", "by hand: ", "by hand: migrations cannot go through the pooler"]
    assert len(lines) == len(starts) + 1
    assert all(line.startswith(start) for line, start in zip(lines[1:], starts, strict=True))
    assert "db.abcdefgh.supabase.co:5432, as directUrl" in lines[-1]
    limit = next(line for line in lines if "connection_limit" in line)
    assert "PF401" in limit and "--limit 3" in limit


def test_what_is_assumed_is_said(tmp_path: Path) -> None:
    done = prismafix("url", PLAIN, cwd=tmp_path)
    where, version = (line for line in done.stderr.splitlines() if line.startswith("assumed: "))
    assert "where the program runs is not known" in where
    assert "--target serverless would set connection_limit=3, pool_timeout=20, connect_timeout=10" in where
    assert "Prisma 6" in version and "--prisma 7" in version
    told = prismafix("url", PLAIN, "--target", "serverless", cwd=tmp_path).stderr
    assert "the adapter needs max: 3, connectionTimeoutMillis: 20000" in told
    for more in (["--prisma", "7"], ["--engine"]):
        assert "assumed" not in prismafix("url", PLAIN, "--target=server", *more, cwd=tmp_path).stderr
    assert "assumed" not in prismafix("url", "file:./dev.db", cwd=tmp_path).stderr


def test_the_options_of_an_adapter_are_printed(tmp_path: Path) -> None:
    options = ["--target", "serverless", "--prisma", "7"]
    done = prismafix("url", f"{PLAIN}&connection_limit=2", *options, cwd=tmp_path)
    assert done.returncode == 0
    assert "new PrismaPg({ …, max: 2, connectionTimeoutMillis: 20000 })" in done.stderr
    assert "PrismaPg ignores connection_limit in the URL" in done.stderr
    nested = prismafix("url", f"sqlserver://h.example.com;user=sa;password={SECRET}", *options, cwd=tmp_path).stderr
    assert "new PrismaMssql({ …, pool: { max: 3, acquireTimeoutMillis: 20000 }, connectionTimeout: 10000 })" in nested


@pytest.mark.parametrize("end", ["", "\n", "\r\n", "  \n"])
def test_standard_input_keeps_it_out_of_the_history(tmp_path: Path, end: str) -> None:
    done = prismafix("url", "-", "--target", "serverless", cwd=tmp_path, stdin=SUPABASE + end)
    assert (done.stdout, done.returncode) == (f"{POOLED}{FOR_POOLER}\n", 1)
    assert SECRET not in done.stderr


def test_json(tmp_path: Path) -> None:
    options = ["--target", "serverless", "--prisma", "7", "--format", "json"]
    done = prismafix("url", f"{SUPABASE}?connection_limit=2", *options, cwd=tmp_path)
    report = json.loads(done.stdout)
    assert (done.stderr, done.returncode) == ("", 1)
    assert report.pop("url") == f"{POOLED}?connection_limit=2"
    assert SECRET not in json.dumps(report)
    assert report["masked"] == f"{POOLED}?connection_limit=2".replace(SECRET, "***")
    assert (report["version"], report["changed"], report["assumed"]) == (1, True, [])
    assert (report["target"], report["client"], report["prisma"]) == ("serverless", "adapter", 7)
    assert report["provider"]["name"] == "supabase-direct" and ".supabase.co" in report["provider"]["evidence"]
    (change,) = report["changes"]
    assert change.pop("reason")
    assert change == {"rule": "PF502", "part": "host", "name": "port", "before": "5432", "after": "6543"}
    assert report["adapter"] == {
        "name": "PrismaPg",
        "package": "@prisma/adapter-pg",
        "options": {"max": 2, "connectionTimeoutMillis": 20000},
    }
    assert {note["rule"] for note in report["by_hand"]} == {"PF502", "PF505", "PF506", None}
    engine = json.loads(prismafix("url", LOCAL, "--format=json", cwd=tmp_path).stdout)
    assert (engine["adapter"], engine["changes"], engine["target"], engine["changed"]) == (None, [], None, False)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([""], "it is empty: is the variable set?"),
        ([f"DATABASE_URL={PLAIN}"], "give only what stands after the ="),
        ([f'"{PLAIN}"'], "without the quotes"),
        ([f"redis://u:{SECRET}@h"], "redis: is a scheme that Prisma does not take"),
        ([f"u:{SECRET}@h/d"], "Prisma does not take"),
        ([f"postgres://u:{SECRET}"], "host or port cannot be made out"),
        ([f"postgres://u:{SECRET}\n@h/d"], "more than one line"),
        (["postgres://u:my", f"{SECRET}@h/d"], "put it in quotes"),
        ([f"postgres://u:x@{SECRET}?a=b@h/d"], "can be read in two ways"),
        ([PLAIN, "--provider=supabaze"], "--provider: supabaze is none of supabase-direct, "),
        ([PLAIN, "--prisma=new"], "--prisma new is no version"),
        ([PLAIN, "--prisma=7", "--engine"], "--engine: Prisma 7 has no engine any more"),
    ],
)
def test_what_is_no_connection_string_gets_one_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = prismafix("url", *arguments, cwd=tmp_path)
    assert (done.stdout, done.returncode) == ("", 2)
    assert done.stderr.startswith("prismafix: ") and done.stderr.count("\n") == 1 and words in done.stderr
    assert SECRET not in done.stderr


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    given = f"postgres://u:{SECRET}".encode() + b"\xff@h/d"
    for arguments, stdin in (([b"-"], given), ([given], b"")):
        command = [*(part.encode() for part in PROGRAM), b"url", *arguments]
        done = subprocess.run(command, cwd=tmp_path, env=environment(), input=stdin, capture_output=True, check=False)
        assert (done.stdout, done.returncode) == (b"", 2)
        assert b"not UTF-8" in done.stderr and SECRET.encode() not in done.stderr


def test_characters_outside_ascii_come_out_as_they_went_in(tmp_path: Path) -> None:
    text = "postgres://ü:密@localhost/d"
    done = prismafix("url", "-", cwd=tmp_path, stdin=text, LC_ALL="C", PYTHONIOENCODING="latin-1")
    assert (done.stdout, done.returncode) == (f"{text}\n", 0)


def test_help_is_for_an_outage_and_names_every_exit_code(tmp_path: Path) -> None:
    shown = " ".join(prismafix("url", "--help", cwd=tmp_path).stdout.split())
    for words in ("Out of connections", "prismafix url - --target serverless", "0 the string stays as it is", "1 it"):
        assert words in shown


def test_nothing_of_the_analysis_is_loaded_for_a_string(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['prismafix', 'url', 'file:./dev.db']\n"
        "from prismafix.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: print(sorted({'tree_sitter', 'git', 'rich', 'yaml'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "[]"
