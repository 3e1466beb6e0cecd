"""What the cases share within one test run."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .cases import REPOSITORY, folders, load
from .typechecking import Diagnostics, compile_all


@pytest.fixture(scope="session")
def diagnostics() -> dict[str, Diagnostics]:
    """What the compiler says about every case, by Prisma version and `<case>/before` or `<case>/after`."""
    return compile_all(load(folder) for folder in folders())


@pytest.fixture(scope="session")
def report_schema() -> Any:
    """The JSON schema that every report has to satisfy."""
    return json.loads((REPOSITORY / "prismafix" / "report" / "report-v1.schema.json").read_text(encoding="utf-8"))
