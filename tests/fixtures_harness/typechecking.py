"""Compiles the projects of all cases with the real TypeScript compiler, once per Prisma version."""

from __future__ import annotations

import hashlib
import json
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .cases import VERSIONS, Case, contents
from .clients import FOLDERS, TYPECHECK, WORK, clients
from .locks import locked

if TYPE_CHECKING:
    from collections.abc import Iterable

Diagnostics = dict[str, list[str]]
"""What the compiler says, by the name of the job."""


@dataclass(frozen=True, slots=True)
class Job:
    """One project to compile."""

    name: str
    root: Path


def jobs(cases: Iterable[Case], version: str) -> list[Job]:
    """The projects that have to compile against `version`."""
    return [
        Job(f"{case.name}/{folder.name}", folder)
        for case in cases
        if case.typecheck and version in case.prisma
        for folder in (case.before, case.after)
        if folder is not None
    ]


def require_installed() -> None:
    """Raises RuntimeError with the way out where the compiler or a Prisma version is not installed."""
    for folder in (TYPECHECK, *(TYPECHECK / name for name in FOLDERS.values())):
        if not (folder / "node_modules" / ".package-lock.json").is_file():
            raise RuntimeError(f"{folder}: nothing is installed here; run `make node`")


def compile_all(cases: Iterable[Case]) -> dict[str, Diagnostics]:
    """Version to diagnostics, for all versions at once, in parallel. One process of a test run computes them.

    The result is kept by the content of everything that goes in, so a second run without a change costs nothing.
    """
    require_installed()
    everything = list(cases)
    with locked(WORK / "typecheck.lock"), ThreadPoolExecutor(len(VERSIONS)) as pool:
        return dict(
            zip(VERSIONS, pool.map(lambda version: _kept(jobs(everything, version), version), VERSIONS), strict=True)
        )


def _kept(work: list[Job], version: str) -> Diagnostics:
    digest = hashlib.sha256()
    inputs = [
        TYPECHECK / "typecheck.mjs",
        TYPECHECK / "package-lock.json",
        TYPECHECK / FOLDERS[version] / "package-lock.json",
    ]
    for path in [*inputs, *sorted((TYPECHECK / "ambient").iterdir()), *Path(__file__).parent.glob("*.py")]:
        digest.update(path.read_bytes())
    for job in work:
        digest.update(job.name.encode())
        for name, data in contents(job.root).items():
            digest.update(f"\0{name}\0{len(data)}\0".encode() + data)
    kept = WORK / "results" / f"{FOLDERS[version]}-{digest.hexdigest()[:16]}.json"
    if not kept.is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_text(json.dumps(compile_jobs(work, version)))
    result: Diagnostics = json.loads(kept.read_text())
    return result


def compile_jobs(work: list[Job], version: str) -> Diagnostics:
    """Generate the clients of these projects and compile them. Raises RuntimeError when the compiler itself fails."""
    request = {
        "version": FOLDERS[version],
        "jobs": [
            {
                "name": job.name,
                "root": str(job.root),
                "clients": [
                    {"output": client.output and str(client.output), "generated": str(client.generated)}
                    for client in clients(job.root, version)
                ],
            }
            for job in work
        ],
    }
    run = subprocess.run(
        ["node", "--max-old-space-size=3072", str(TYPECHECK / "typecheck.mjs")],
        input=json.dumps(request), capture_output=True, text=True, check=False, timeout=900,
    )  # fmt: skip
    if run.returncode:
        raise RuntimeError(f"typecheck.mjs failed for Prisma {version}:\n{run.stderr}")
    result: Diagnostics = json.loads(run.stdout)
    return result
