"""Really generated Prisma clients, one per schema text and version, without a download.

Source of the variables and of what differs between the versions: Prisma's own behaviour, measured for 5.22.0, 6.19.3
and 7.10.0.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .cases import REPOSITORY, VERSIONS
from .locks import locked

if TYPE_CHECKING:
    from pathlib import Path

TYPECHECK = REPOSITORY / "tests" / "typecheck"
WORK = TYPECHECK / ".work"
FOLDERS = dict(zip(VERSIONS, ("prisma5", "prisma6", "prisma7"), strict=True))

_BLOCK = re.compile(r"^(datasource|generator)\s+(\w+)\s*\{(.*?)^\}", re.MULTILINE | re.DOTALL)
_VALUE = re.compile(r"^\s*(\w+)\s*=\s*(.+?)\s*$", re.MULTILINE)
_OFFLINE = {
    "PRISMA_SCHEMA_ENGINE_BINARY": "/bin/true",
    "PRISMA_QUERY_ENGINE_LIBRARY": "/bin/true",
    "PRISMA_HIDE_UPDATE_MESSAGE": "1",
    "CHECKPOINT_DISABLE": "1",
}
_TYPES = (".ts", ".prisma")
# The digest makes a changed translation count as a changed schema.
_TABLES = """generator tables {{
  provider = "node '{program}'" // {digest}
  output = "./tables.sql"
}}

"""
_SQL = REPOSITORY / "tests" / "proof" / "runtime" / "sql.mjs"


@dataclass(frozen=True, slots=True)
class Client:
    """A generated client: `output` is where the project expects it (None: `@prisma/client`), `generated` the place.

    `tables` is a file with the SQL of the schema's tables beside a client that runs, and None beside one that is only
    compiled against.
    """

    output: Path | None
    generated: Path
    tables: Path | None = None


def clients(project: Path, version: str, *, runnable: bool = False) -> list[Client]:
    """The clients of all schemas in `project`, generated where that has not been done before.

    A runnable one needs no engine but a driver adapter, which rules out 5.22; its schema has to be PostgreSQL's.
    Raises ValueError for a schema that Prisma refuses, with Prisma's own words.
    """
    found = []
    for schema in sorted(project.rglob("*.prisma")):
        for text, output in _normalised(schema.read_text(encoding="utf-8"), version, runnable=runnable):
            target = None if output is None else (schema.parent / output).resolve()
            folder = _generate(text, version, schema, runnable=runnable)
            found.append(Client(target, folder / "client", folder / "tables.sql" if runnable else None))
    if sum(client.output is None for client in found) > 1:
        raise ValueError(f"{project}: two schemas generate into @prisma/client; give one an output")
    return found


def _normalised(text: str, version: str, *, runnable: bool) -> list[tuple[str, str | None]]:
    """One schema text per generator, as `version` wants it, with the output that the project asks for.

    Equal models give equal texts: that is what makes one generation serve many cases. v7 has no `url` in the
    datasource, older versions must have one.
    """
    blocks = [(match[1], dict(_VALUE.findall(match[3]))) for match in _BLOCK.finditer(text)]
    provider = next((values["provider"] for kind, values in blocks if kind == "datasource"), '"postgresql"')
    url = "" if version == "7" else '  url = env("DATABASE_URL")\n'
    rest = re.sub(r"\n{3,}", "\n\n", _BLOCK.sub("", text)).strip()
    result = []
    for kind, values in blocks:
        if kind != "generator":
            continue
        options = f"  provider = {values['provider']}\n"
        if runnable and version == "6.19":
            options += '  engineType = "client"\n'
        if values["provider"] == '"prisma-client"':
            options += '  moduleFormat = "cjs"\n' if runnable else '  importFileExtension = "js"\n'
        elif version == "5.22":
            options += '  previewFeatures = ["driverAdapters"]\n'
        tables = _TABLES.format(program=_SQL, digest=_digest(_SQL.read_bytes())) if runnable else ""
        schema = (
            f"datasource db {{\n  provider = {provider}\n{url}}}\n\n"
            f'generator client {{\n{options}  output = "./client"\n}}\n\n{tables}{rest}\n'
        )
        output = values.get("output")
        result.append((schema, None if output is None else output.strip('"')))
    return result


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


def _generate(schema: str, version: str, origin: Path, *, runnable: bool) -> Path:
    place = WORK / "clients" / FOLDERS[version]
    folder = place / _digest(schema.encode())
    done = folder / "done"
    with locked(folder.with_suffix(".lock")):
        if not done.exists():
            with suppress(FileExistsError):
                # The generator looks for @prisma/client from its output upwards.
                (place / "node_modules").symlink_to(TYPECHECK / FOLDERS[version] / "node_modules")
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            (folder / "schema.prisma").write_text(schema, encoding="utf-8")
            _run_prisma(folder, version, origin)
            if not runnable:
                _keep_types(folder / "client")
            done.touch()
    return folder


def _run_prisma(folder: Path, version: str, origin: Path) -> None:
    cwd = TYPECHECK / FOLDERS[version]
    command = ["node", "node_modules/prisma/build/index.js", "generate", f"--schema={folder / 'schema.prisma'}"]
    run = subprocess.run(
        command, cwd=cwd, env={**os.environ, **_OFFLINE}, capture_output=True, text=True, check=False, timeout=120
    )
    if run.returncode:
        raise ValueError(f"{origin}: prisma {version} does not generate from it:\n{run.stdout}\n{run.stderr}")


def _keep_types(client: Path) -> None:
    for path in client.rglob("*"):
        # Engines and the runtime are megabytes, and the compiler takes the runtime's types from the package.
        if path.is_file() and (path.suffix not in _TYPES or path.parent.name == "runtime"):
            path.unlink()
