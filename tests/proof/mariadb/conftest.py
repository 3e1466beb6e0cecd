"""One MariaDB for these tests."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from fixtures_harness.typechecking import require_installed

from ..packages import UnavailableError, find
from ..running import service
from .database import ROOM, Database

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="package")
def shop() -> Iterator[Database]:
    """A database, or the reason why there is none."""
    try:
        find("mariadbd")
    except UnavailableError as error:
        pytest.skip(str(error))
    require_installed()
    # A limit for users can be changed later where there is one from the start.
    limits = {"max-connections": ROOM, "max-user-connections": ROOM}
    with service("mariadbd", **limits) as place, closing(Database(place)) as found:
        yield found
