"""A real MariaDB behind `PrismaMariaDb`: which limit counts, and what a program sees of a server that is full."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from ..exhaustion.instances import PARTS, PATIENCE, Instances, fixed, instances
from .database import SMALLEST

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .database import Database

PROJECTS = Path(__file__).resolve().parent / "projects"
POOL = 10  # the driver's default


@contextmanager
def running(root: Path, shop: Database, parameters: str) -> Iterator[Instances]:
    """An instance of a project, with `parameters` in its URL; those of earlier ones have no connections any more."""
    wait(lambda: shop.connections() == 0)
    shop.most_at_once()
    with instances(root, "7", shop, DATABASE_URL=shop.url + parameters) as found:
        yield found


def wait(until: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not until():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def all_at_once(program: Instances, shop: Database, calls: int, limit: int) -> int:
    """The most connections while `calls` queries wanted one at the same time. They are held until `limit` of them have
    one: a pool that is larger gets more than that.
    """
    with shop.locked("Order"):
        program.call("src/orders.ts", calls, 7)
        wait(lambda: shop.blocked() >= limit)
    outcome = program.wait()
    assert (outcome.answered, outcome.errors) == (calls, ())
    return shop.most_at_once()


def prismafix(*arguments: str, given: str = "", cwd: Path | None = None) -> Any:
    command = [sys.executable, "-m", "prismafix", *arguments]
    return subprocess.run(command, input=given, cwd=cwd, capture_output=True, text=True, check=False)


def test_the_options_that_prismafix_wrote_limit_the_pool(shop: Database, tmp_path: Path) -> None:
    """PF505: `connection_limit=3` in the URL is without effect until the fix makes an option of it."""
    found = {}
    for part, root in fixed(PROJECTS / "options", tmp_path, "--unsafe-fixes").items():
        with running(root, shop, "?connection_limit=3") as program:
            found[part] = all_at_once(program, shop, 30, POOL if part == PARTS[0] else 3)
    assert found == {"before": POOL, "after": 3}


def test_the_parameters_that_prismafix_wrote_limit_the_pool(shop: Database, tmp_path: Path) -> None:
    """PF505: beside a URL the adapter takes no options, and its driver has names of its own for what is in it."""
    project = tmp_path / "project"
    shutil.copytree(PROJECTS / "url", project, ignore=shutil.ignore_patterns("node_modules", "generated", ".work-*"))
    (project / ".env").write_text(f"DATABASE_URL={shop.url}?connection_limit=3&pool_timeout=20\n")
    found, read = {}, {}
    for part, root in fixed(project, tmp_path, "--unsafe-fixes").items():
        read[part] = (root / ".env").read_text().strip().partition("?")[2]
        with running(PROJECTS / "url", shop, f"?{read[part]}") as program:
            found[part] = all_at_once(program, shop, 30, POOL if part == PARTS[0] else 3)
    assert read["after"] == "connectionLimit=3&acquireTimeout=20000"
    assert found == {"before": POOL, "after": 3}


@pytest.mark.parametrize(("parameters", "size"), [
    ("", POOL),
    ("?connection_limit=3&pool_timeout=20", POOL),
    ("?connectionLimit=3", 3),
    ("?connectionLimit=6&minimumIdle=2", 2),
])  # fmt: skip
def test_a_pool_opens_what_it_may_at_the_first_query(parameters: str, size: int, shop: Database) -> None:
    """Of the URL the driver reads its own parameters and none of Prisma's; and one query is enough for it to open all
    connections, not only the one that is needed, unless `minimumIdle` says otherwise.
    """
    with running(PROJECTS / "url", shop, parameters) as program:
        program.call("src/orders.ts", 1, 7)
        assert program.wait().errors == ()
        wait(lambda: shop.connections() >= size)
        assert shop.most_at_once() == size


@pytest.mark.parametrize(("setting", "room", "number", "key"), [
    ("max_connections", SMALLEST, 1040, "mysql-1040"),
    ("max_user_connections", 4, 1203, "mysql-1203"),
])  # fmt: skip
def test_a_full_server_looks_like_a_pool_that_is_too_slow(
    setting: str, room: int, number: int, key: str, shop: Database, tmp_path: Path
) -> None:
    """The driver tries again until `acquireTimeout` is over: P2039 about the pool, which has no connection at all.
    What the server said is the cause inside of it; where a program logs that too, prismafix finds it.
    """
    # The administrator's two count too, though not for a limit of users.
    others = room - 2 if number == 1040 else room
    with (
        running(PROJECTS / "url", shop, "?connectionLimit=3&acquireTimeout=300") as program,
        shop.setting(setting, room),
        shop.full(others),
    ):
        program.call("src/logged.ts", 1, 7)
        [logged] = program.wait().errors
        program.call("src/orders.ts", 1, 7)
        message = program.wait().errors[1]

    assert message.startswith("P2039: ")
    assert "Code: `45028`" in message
    assert "(pool connections: active=0 idle=0 limit=3)" in message
    assert prismafix("explain", message).stdout.startswith("mariadb-pool-timeout")

    assert f"no: {number}, " in logged
    log = prismafix("explain", "-", given=logged, cwd=tmp_path)
    assert f"`prismafix explain {key}`" in log.stdout, log.stdout
