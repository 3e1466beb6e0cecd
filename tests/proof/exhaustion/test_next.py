"""A real Next.js app, before and after `prismafix fix`: in development, where modules are evaluated again after each
edit, and built, under load. Part of `make proof-long`.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from .database import LEFT, TOO_MANY, Cost, Database, small_server
from .instances import HERE, PATIENCE, fixed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.long

APP = HERE / "next-app"
NEXT = APP / "node_modules" / "next" / "dist" / "bin" / "next"
AUTOCANNON = APP / "node_modules" / "autocannon" / "autocannon.js"
PRISMA = APP / "node_modules" / "prisma" / "build" / "index.js"
CONTENT = """
create table "Order" (id serial primary key, customer text not null, cents int not null);
insert into "Order" (customer, cents) select 'customer ' || n, n * 100 from generate_series(1, 50) as n;
"""
# Nothing is told to anybody, and nothing is looked up: without telemetry Next.js asks for no newer version either.
QUIET = {"NEXT_TELEMETRY_DISABLED": "1", "CHECKPOINT_DISABLE": "1", "PRISMA_HIDE_UPDATE_MESSAGE": "1"}
EDITS = 10
POOL = 10  # pg's default
REQUESTS = 600


@pytest.fixture(scope="module")
def apps() -> Iterator[dict[str, Path]]:
    """The app before and after, each with its generated client.

    They are below the folder whose packages they use: Turbopack follows no link out of its root.
    """
    if not NEXT.is_file():
        raise RuntimeError(f"{APP}: nothing is installed here; run `make proof-long`")
    with tempfile.TemporaryDirectory(prefix=".work-", dir=APP) as place:
        found = fixed(APP, Path(place))
        for root in found.values():
            run([PRISMA, "generate"], root, PRISMA_SCHEMA_ENGINE_BINARY="/bin/true")
        yield found


@pytest.fixture(scope="module")
def builds(apps: dict[str, Path]) -> dict[str, Path]:
    """The same, built."""
    for root in apps.values():
        run([NEXT, "build"], root, DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere")
    return apps


@pytest.fixture
def shop() -> Iterator[Database]:
    with small_server() as place:
        made = Database(place, "shop", CONTENT)
        yield made
        made.close()


def environment(**more: str) -> dict[str, str]:
    # Next.js sets NODE_ENV itself and warns of any other.
    return {key: value for key, value in os.environ.items() if key != "NODE_ENV"} | QUIET | more


def run(command: list[Path | str], root: Path, **env: str) -> str:
    """What a Node.js program says. Raises RuntimeError with all of it when it fails."""
    done = subprocess.run(
        ["node", *command], cwd=root, env=environment(**env), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command} in {root}: {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def serving(root: Path, shop: Database, *arguments: str) -> Iterator[str]:
    """The address of `next` with these arguments, which answers there, until the end of the context."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = ["node", str(NEXT), *arguments, "--hostname", "127.0.0.1", "--port", port]
    said = root / "said.log"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, str(HERE / "leash.py"), *command],
            cwd=root, env=environment(DATABASE_URL=shop.url), stdin=subprocess.PIPE, stdout=output, stderr=output,
            start_new_session=True,
        )  # fmt: skip
    with process:
        address = f"http://127.0.0.1:{port}"

        def answers() -> bool:
            if process.poll() is not None:
                raise RuntimeError(f"next has ended:\n{said.read_text()}")
            try:
                return get(f"{address}/api/count")[0] == 200
            except OSError:
                return False

        eventually(answers)
        yield address


def get(address: str) -> tuple[int, str]:
    """Status and text of an answer."""
    try:
        with urllib.request.urlopen(address, timeout=PATIENCE) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until `holds`. Raises RuntimeError after PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            raise RuntimeError("it never came")
        time.sleep(0.1)


def edited(root: Path, shop: Database, bundler: str, *, may_fail: bool = False) -> list[int]:
    """How many connections the development server has at the start, and after each edit of a module that the client's
    module imports. After each, a route and a page are asked for until they know about it, or fail where they may.
    """
    settings = Path("src", "lib", "settings.ts")
    original = (APP / settings).read_text()
    connections = []
    with serving(root, shop, "dev", bundler) as address:
        for revision in range(EDITS + 1):
            (root / settings).write_text(original.replace("revision = 0", f"revision = {revision}"))
            for path in ("/api/count", "/"):

                def knows(path: str = path, note: str = f"revision={revision}<") -> bool:
                    status, text = get(address + path)
                    return (may_fail and status == 500) or note in text.replace('"', "<")

                eventually(knows)
            connections.append(shop.connections())
    print(f"{root.name}, {bundler}, connections after each edit:", *connections)
    return connections


@pytest.mark.parametrize("bundler", ["--turbopack", "--webpack"])
def test_connections_of_the_development_server(bundler: str, apps: dict[str, Path], shop: Database) -> None:
    grown = edited(apps["before"], shop, bundler, may_fail=True)
    # One more client for each edit at the least: Turbopack makes one for routes and one for pages.
    assert grown[-1] >= min(grown[0] + EDITS, LEFT), grown
    eventually(lambda: shop.connections() == 0)
    flat = edited(apps["after"], shop, bundler)
    assert set(flat) == {1}


def under_load(root: Path, shop: Database, stopped: Callable[[], bool]) -> tuple[dict[str, Any], Cost]:
    """What autocannon saw with 60 requests under way at any time, and what that cost. Nobody can read the table until
    `stopped`.
    """
    with serving(root, shop, "start") as address:
        cannon = subprocess.Popen(
            [
                "node", str(AUTOCANNON), "--json", "--connections", "60", "--amount", str(REQUESTS),
                "--timeout", str(PATIENCE), f"{address}/api/orders",
            ],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        with cannon:
            try:
                with shop.locked("Order"):
                    eventually(stopped)
                said, errors = cannon.communicate(timeout=PATIENCE)
            finally:
                cannon.kill()
    assert cannon.returncode == 0, errors
    seen: dict[str, Any] = json.loads(said)
    cost = shop.cost()
    print(f"{root.name}, under load:", {key: seen[key] for key in ("2xx", "5xx", "errors", "timeouts")}, cost)
    return seen, cost


def test_the_built_app_under_load(builds: dict[str, Path], shop: Database) -> None:
    before, _ = under_load(builds["before"], shop, lambda: shop.refused() >= REQUESTS // 10)
    assert before["5xx"] >= REQUESTS // 10
    assert TOO_MANY in (builds["before"] / "said.log").read_text()

    eventually(lambda: shop.connections() == 0)
    after, cost = under_load(builds["after"], shop, lambda: shop.blocked() == POOL)
    seen = {key: after[key] for key in ("2xx", "non2xx", "errors", "timeouts")}
    assert seen == {"2xx": REQUESTS, "non2xx": 0, "errors": 0, "timeouts": 0}
    assert (cost.peak, cost.refused) == (POOL, 0)
    assert TOO_MANY not in (builds["after"] / "said.log").read_text()
