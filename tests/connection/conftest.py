"""Real parsers, to hold ours against."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
PACKAGES = HERE.parent / "typecheck" / "prisma7" / "package.json"

Reading = dict[str, Any]


@pytest.fixture(scope="module")
def real_parsers() -> Iterator[Callable[[str], Reading]]:
    """How Node's `URL` ("url") and pg-connection-string ("pg") read a connection string; None where they refuse it."""
    command = ["node", "--no-warnings", str(HERE / "oracle.mjs"), str(PACKAGES)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as node:
        assert node.stdin and node.stdout
        to_node, from_node = node.stdin, node.stdout

        def read(text: str) -> Reading:
            print(json.dumps(text), file=to_node, flush=True)
            answer: Reading = json.loads(from_node.readline())
            return answer

        yield read
        to_node.close()
