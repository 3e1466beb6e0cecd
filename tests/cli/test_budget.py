"""`prismafix budget` without a database: the sum, what is missing, the plot, and the caps that it writes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from prismafix.budget.live import connect
from prismafix.errors import UserError

from .running import prismafix

FIXTURES = Path(__file__).parents[2] / "fixtures"
UNCAPPED = FIXTURES / "PF602-concurrency-uncapped"
OVER = FIXTURES / "PF601-connection-budget-exceeded"
SMALL = ["--max-connections", "100", "--limit", "5"]
SECRET = "hunter2"


def copied(case: Path, tmp_path: Path) -> Path:
    root = tmp_path / "project"
    shutil.copytree(case / "before", root)
    (root / ".git").mkdir()
    return root


def value(text: str, name: str) -> str:
    """What the sum says behind a name."""
    return next(line.split(name, 1)[1].split()[0] for line in text.splitlines() if line.strip().startswith(name))


@pytest.mark.parametrize(
    ("arguments", "needed", "available", "verdict", "code"),
    [
        ([*SMALL, "--instances", "8"], "40", "97", "Within budget: 40 of 97 connections, 80 during a deploy.", 0),
        ([*SMALL, "--instances", "12"], "60", "97", "But not during a deploy", 0),
        ([*SMALL, "--instances", "12", "--overlap", "25"], "60", "97", "Within budget: 60 of 97 connections, 75", 0),
        ([*SMALL, "--instances", "20"], "100", "97", "Over budget: 100 of 97 connections; from 20 instances", 1),
        ([*SMALL, "--instances", "8", "--processes", "3"], "120", "97", "Over budget", 1),
        ([*SMALL, "--instances", "8", "--others", "70", "--reserved", "0"], "40", "30", "Over budget", 1),
    ],
)
def test_the_sum_and_the_verdict(
    tmp_path: Path, arguments: list[str], needed: str, available: str, verdict: str, code: int
) -> None:
    done = prismafix("budget", *arguments, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (code, "")
    assert (value(done.stdout, "= connections"), value(done.stdout, "= available")) == (needed, available)
    assert verdict in done.stdout


def test_what_fits_is_recommended_and_a_pool_of_one_not_without_what_it_breaks(tmp_path: Path) -> None:
    out = prismafix("budget", *SMALL, "--instances", "20", cwd=tmp_path).stdout
    assert "Recommended for 20 instances: a pool of 2." in out
    assert "with a pool of 5: at most 9 instances; that keeps 2 free for migrations" in out
    assert "rolling deploy, in which old and new instances overlap" in out
    one = prismafix("budget", *SMALL, "--instances", "40", cwd=tmp_path).stdout
    assert "Recommended for 40 instances: a pool of 1 (with which a query through the outer client" in one
    everyday = prismafix("budget", *SMALL, "--instances", "90", cwd=tmp_path).stdout
    assert "though not during a deploy" in everyday
    none = prismafix("budget", *SMALL, "--instances", "200", cwd=tmp_path).stdout
    assert "No pool size fits 200 instances" in none


def test_the_chart_shows_where_the_database_refuses(tmp_path: Path) -> None:
    out = prismafix("budget", *SMALL, "--instances", "8", cwd=tmp_path).stdout
    rows = [line for line in out.splitlines() if "│" in line]
    assert next(line for line in rows if "<- now" in line).split()[0] == "8"
    refused = [line for line in rows if "refused" in line]
    assert refused[0].split()[0] == "20" and all("▒" in line for line in refused)
    assert rows[-1].endswith("97: here the database refuses")
    assert "\x1b" not in out


def test_what_is_missing_is_named_with_how_to_give_it(tmp_path: Path) -> None:
    done = prismafix("budget", *SMALL, cwd=tmp_path)
    assert done.returncode == 0
    assert "not known: instances: how many there are at most at once: --instances" in done.stdout
    assert "at most 9 instances" in done.stdout
    done = prismafix("budget", "--instances", "3", "--limit", "5", cwd=tmp_path)
    assert done.returncode == 0 and "not known: max-connections" in done.stdout
    assert value(done.stdout, "= connections") == "15"
    nothing = prismafix("budget", cwd=tmp_path)
    assert (nothing.returncode, nothing.stdout) == (2, "")
    assert "nothing can be said" in nothing.stderr and "--max-connections" in nothing.stderr


def test_json(tmp_path: Path) -> None:
    done = prismafix("budget", *SMALL, "--instances", "20", "--format", "json", cwd=tmp_path)
    found = json.loads(done.stdout)
    assert list(found) == [
        *("version", "verdict", "figures", "headroom", "overlap", "sum", "recommended", "missing", "notes", "points"),
        *("live", "changes", "applied"),
    ]
    assert (found["version"], found["verdict"], done.returncode) == (1, "over", 1)
    assert found["figures"]["limit"] == {"value": 5, "source": "--limit"}
    assert found["sum"] == {
        "per_instance": 5, "needed": 100, "deploying": 200, "available": 97, "refused_from": 20,
    }  # fmt: skip
    assert found["recommended"] == {"limit": 2, "limit_fits_deploy": True, "instances": 9}
    assert {"instances": 20, "connections": 100, "refused": True} in found["points"]


def test_the_plot_is_a_picture(tmp_path: Path) -> None:
    done = prismafix("budget", *SMALL, "--instances", "20", "--plot", "out.svg", cwd=tmp_path)
    assert done.returncode == 1
    root = ElementTree.parse(tmp_path / "out.svg").getroot()
    words = [element.text for element in root.iter() if element.tag.endswith("text")]
    assert "the database refuses above 97" in words and "20 instances: 100" in words
    bare = prismafix("budget", "--max-connections", "9", "--plot", "out.svg", cwd=tmp_path)
    assert bare.returncode == 2 and "nothing to draw" in bare.stderr
    closed = prismafix("budget", *SMALL, "--plot", "no/where.svg", cwd=tmp_path)
    assert closed.returncode == 2 and "no/where.svg could not be written" in closed.stderr


def test_numbers_come_from_flags_then_configuration_then_deployment_files_and_code(tmp_path: Path) -> None:
    root = copied(OVER / "reserved-concurrency", tmp_path)
    out = prismafix("budget", cwd=root).stdout
    assert "serverless.yml: order 40, close 20" in out and "src/prisma.ts:6, a pool of 5" in out
    assert "prismafix.toml, [budget]" in out and "a function has one" in out
    assert "Over budget: 300 of 97 connections; from 20 instances on" in out
    assert "order: reservedConcurrency 6 instead of 40" in out
    assert "ping" not in out
    given = prismafix("budget", "--instances", "4", "--max-connections", "200", cwd=root)
    assert "Within budget: 20 of 197 connections" in given.stdout


@pytest.mark.parametrize("case", [UNCAPPED / "known-database", UNCAPPED / "sam", OVER / "reserved-concurrency"])
def test_apply_writes_the_caps_and_nothing_else(tmp_path: Path, case: Path) -> None:
    root = copied(case, tmp_path)
    before = prismafix("budget", cwd=root)
    assert before.returncode == 1 and "--apply would write:" in before.stdout
    done = prismafix("budget", "--apply", cwd=root)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Written:" in done.stdout and "Within budget" in done.stdout
    for path in (file for file in root.rglob("*") if file.is_file()):
        assert path.read_bytes() == (case / "after" / path.relative_to(root)).read_bytes(), path
    again = prismafix("budget", "--apply", cwd=root)
    assert again.returncode == 0 and "Written:" not in again.stdout


def test_apply_says_why_there_is_no_cap_to_write(tmp_path: Path) -> None:
    root = copied(UNCAPPED / "more-functions-than-room", tmp_path)
    done = prismafix("budget", "--apply", cwd=root)
    assert "make the pool smaller" in done.stdout and "Written:" not in done.stdout
    smaller = prismafix("budget", "--apply", "--limit", "2", "--others", "0", cwd=root)
    assert "order: reservedConcurrency" in smaller.stdout
    assert (root / "serverless.yml").read_text().count("reservedConcurrency: ") == 2


def test_behind_a_pooler_there_is_no_verdict_about_the_database(tmp_path: Path) -> None:
    root = copied(UNCAPPED / "rds-proxy", tmp_path)
    (root / "prismafix.toml").unlink()
    done = prismafix("budget", "--instances", "50", cwd=root)
    assert done.returncode == 0
    assert "a pooler shares the database's connections" in done.stdout
    assert "not known: max-connections: what the pooler lets in" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--live", "--database-url", "-"], "--database-url and --live both name a database"),
        (["--watch"], "--watch needs a database to look at"),
        (["--watch", "--live", "--apply"], "--watch only looks"),
        (["--duration", "3"], "--duration is for --watch"),
        (["--live"], "DATABASE_URL is not set in the environment"),
        (["--database-url", "-"], "standard input is empty"),
        (["--database-url", "shop:hunter2@db"], "this is no connection string"),
        (["--database-url", f"mongodb://u:{SECRET}@db/x"], "has to be PostgreSQL or MySQL, not mongodb"),
        (["--database-url", f"postgresql://u:{SECRET}@${{HOST}}/x"], "has variables in it"),
        (["nowhere"], "nowhere does not exist"),
        (["--limit", "0"], "--limit"),
    ],
)
def test_wrong_use_is_one_line(tmp_path: Path, arguments: list[str], words: str) -> None:
    done = prismafix("budget", *arguments, cwd=tmp_path, DATABASE_URL="")
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr
    assert SECRET not in done.stderr and "Traceback" not in done.stderr


@pytest.mark.parametrize(("scheme", "driver"), [("postgresql", "psycopg"), ("mysql", "pymysql")])
def test_a_missing_driver_is_one_clear_line(tmp_path: Path, scheme: str, driver: str) -> None:
    (tmp_path / f"{driver}.py").write_text("raise ImportError")
    from .running import source_root

    path = f"{tmp_path}:{source_root()}"
    url = f"{scheme}://u:{SECRET}@127.0.0.1:1/x"
    done = prismafix("budget", "--database-url", url, cwd=tmp_path, PYTHONPATH=path)
    assert done.returncode == 2
    assert f"the driver {driver} is not installed: `pip install '.[budget]'` in the checkout" in done.stderr
    assert SECRET not in done.stderr


@pytest.mark.parametrize("url", ["postgresql://u:p%40ss@127.0.0.1:1/x", "mysql://u:p%40ss@127.0.0.1:1/x"])
def test_a_database_that_does_not_answer_is_one_line_without_the_password(url: str) -> None:
    with pytest.raises(UserError) as caught:
        connect(url)
    said = str(caught.value)
    assert said.startswith("the database does not answer: ") and "\n" not in said
    assert "p%40ss" not in said and "p@ss" not in said
