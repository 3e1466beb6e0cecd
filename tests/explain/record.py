"""Writes `logs/real-*.log`: what Prisma and PostgreSQL really say, as an app's standard error has it.

    python tests/explain/record.py

Needs what `make node` installs and a PostgreSQL, like the tests in `tests/proof`. The logs are kept in the repository,
so the tests that read them need neither; run this after an update of Prisma and look at the difference.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

import psycopg  # noqa: E402
from fixtures_harness.clients import FOLDERS, TYPECHECK, clients  # noqa: E402
from proof.running import server  # noqa: E402

PROJECT = HERE.parent / "proof" / "exhaustion" / "projects" / "orders"
VERSIONS = ("6.19", "7")
DATABASE, SERVICE, PASSWORD = "shop", "svc", "s3cret-in-the-log"


def install(modules: Path, installed: Path, generated: Path) -> None:
    """`node_modules` with a copy of the generated client below `@prisma`: it takes what is not there for the app."""
    (modules / "@prisma").mkdir(parents=True)
    for package in (*installed.glob("@prisma/*"), *installed.glob("[!@.]*")):
        (modules / package.relative_to(installed)).symlink_to(package)
    shutil.copytree(generated, modules / "@prisma" / "shop")


def main() -> None:
    """Both versions, one server each: what one leaves open is not there for the next."""
    for version in VERSIONS:
        [client] = clients(PROJECT, version, runnable=True)
        assert client.tables is not None
        with (
            server(max_connections=20, superuser_reserved_connections=3) as place,
            tempfile.TemporaryDirectory() as app,
        ):
            address = f"{place['host']}:{place['port']}"
            admin = f"postgresql://{place['user']}:{place['password']}@{address}"
            with psycopg.connect(f"{admin}/postgres", autocommit=True) as setup:
                setup.execute(f"create role {SERVICE} login password '{PASSWORD}'".encode())
                setup.execute(b"create role locked nologin password 'locked'")
                setup.execute(f"create database {DATABASE} owner {SERVICE}".encode())
            service = f"postgresql://{SERVICE}:{PASSWORD}@{address}/{DATABASE}"
            with psycopg.connect(service, autocommit=True) as tables:
                tables.execute(client.tables.read_bytes())
            # The call sites that Prisma prints are those of a program that was built into /app/dist.
            built = Path(app).resolve() / "dist" / "handlers"
            built.mkdir(parents=True)
            (built / "orders.js").write_bytes((HERE / "record.cjs").read_bytes())
            install(
                Path(app).resolve() / "node_modules", TYPECHECK / FOLDERS[version] / "node_modules", client.generated
            )
            run = subprocess.run(
                ["node", "--no-warnings", str(built / "orders.js")],
                env={
                    **os.environ, "DATABASE_URL": service, "ADMIN_URL": f"{admin}/{DATABASE}",
                    "NODE_ENV": "development",
                },
                cwd=app, capture_output=True, text=True, check=True,
            )  # fmt: skip
            log = run.stdout.replace(str(Path(app).resolve()), "/app").replace(
                str(TYPECHECK / FOLDERS[version]), "/app"
            )
            log = re.sub(rf"\b{place['port']}\b", "5432", log).replace(place["password"], "admin-s3cret")
            assert str(Path.home()) not in log
            (HERE / "logs" / f"real-prisma-{version}.log").write_text(log)


if __name__ == "__main__":
    main()
