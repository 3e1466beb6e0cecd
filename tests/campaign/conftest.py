"""A fleet of repositories, with nothing of whoever runs the tests."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.forges.servers import github_server, gitlab_server
from tests.pull_requests.conftest import alone  # noqa: F401  a fixture

from .fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def fleet(tmp_path: Path, alone: None) -> Iterator[Fleet]:  # noqa: F811
    folder = tmp_path / "fleet"
    folder.mkdir()
    with ExitStack() as stack:
        yield Fleet(folder, lambda kind: stack.enter_context(gitlab_server() if kind == "gitlab" else github_server()))
