"""What all tests share."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.secrecy import PasswordShownError, look_at, watch

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator


@pytest.fixture(autouse=True, scope="session")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The commands that the tests run keep nothing in the cache of whoever runs the tests."""
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(autouse=True, scope="session")
def no_password_is_shown() -> Iterator[None]:
    """Of whatever prismafix prints in these tests: see tests/secrecy.py."""
    with watch():
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, object, object]:
    """What prismafix prints within the process of the tests."""
    if call.when == "call" and call.excinfo is None:
        for _, _, text in item._report_sections:
            try:
                look_at(item.nodeid, text)
            except PasswordShownError:
                call.excinfo = pytest.ExceptionInfo.from_current()
    return (yield)
