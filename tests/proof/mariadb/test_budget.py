"""`prismafix budget` and a real MariaDB."""

from __future__ import annotations

import subprocess
import sys
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import pytest

from .database import APP, PASSWORD, ROOM, SMALLEST

if TYPE_CHECKING:
    from pathlib import Path

    from .database import Database


def budget(shop: Database, cwd: Path) -> Any:
    command = [sys.executable, "-m", "prismafix", "budget", "--database-url", "-"]
    return subprocess.run(command, input=shop.url, cwd=cwd, capture_output=True, text=True, check=False)


def test_it_reads_what_the_server_says(shop: Database, tmp_path: Path) -> None:
    with ExitStack() as stack:
        for _ in range(6):
            stack.enter_context(closing(shop.connect()))
        said = budget(shop, tmp_path)
    assert said.returncode == 0, said.stderr
    lines = [" ".join(line.split()) for line in said.stdout.splitlines()]
    assert any(line.startswith(f"max_connections {ROOM} read from the database, MariaDB ") for line in lines), lines
    assert f"6 {APP} sleep" in lines
    assert PASSWORD not in said.stdout + said.stderr


@pytest.mark.parametrize(("setting", "room", "number"), [
    ("max_connections", SMALLEST, 1040),
    ("max_user_connections", 4, 1203),
])  # fmt: skip
def test_a_full_server_is_one_line(setting: str, room: int, number: int, shop: Database, tmp_path: Path) -> None:
    with shop.setting(setting, room), shop.full(room - 2 if number == 1040 else room):
        said = budget(shop, tmp_path)
    assert (said.returncode, said.stdout) == (2, "")
    assert str(number) in said.stderr
    assert len(said.stderr.splitlines()) == 1
    assert PASSWORD not in said.stderr
