"""No password of a project reaches anything that prismafix prints or commits, whatever it is asked to do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from tests.cli.running import environment, prismafix
from tests.secrecy import PASSWORDS, PasswordShownError
from tests.workspace.making import write

FIXTURES = Path(__file__).parent.parent / "fixtures"
PASSWORD = "Hunter2-kept-secret"
NEON = f"postgresql://app:{PASSWORD}@ep-cool-night-1.eu-central-1.aws.neon.tech/shop?sslmode=require"
SCHEMA = (
    'generator client {\n  provider = "prisma-client-js"\n}\n\n'
    'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\nmodel User {\n  id Int @id\n}\n'
)
FILES: dict[str, object] = {
    "package.json": {"name": "shop", "dependencies": {"@prisma/client": "5.22.0"}},
    "prisma/schema.prisma": SCHEMA,
    "prisma/migrations/migration_lock.toml": 'provider = "postgresql"\n',
    ".gitignore": ".env\n",
    ".env": f'DATABASE_URL="{NEON}"\n',
    ".env.production": f"DATABASE_URL={NEON.replace('-1.', '-1-pooler.')}\nREDIS_PASSWORD={PASSWORD}\n",
    "compose.yaml": f"services:\n  web:\n    build: .\n    environment:\n      DATABASE_URL: {NEON}\n",
    "serverless.yml": "service: shop\nprovider:\n  name: aws\n  environment:\n"
    f"    DATABASE_URL: '{NEON}'\nfunctions:\n  a:\n    handler: src/a.handler\n",
    "src/a.ts": 'import { PrismaClient } from "@prisma/client";\n\nexport async function handler() {\n'
    f'  const prisma = new PrismaClient({{ datasourceUrl: "{NEON}" }});\n  return prisma.user.count();\n}}\n',
    "src/b.ts": 'import { PrismaClient } from "@prisma/client";\n\nexport async function handler() {\n'
    f'  const prisma = new PrismaClient({{ datasourceUrl: "{NEON}" + "?connection_limit=1" }});\n'
    "  await prisma.user.count();\n}\n",
}
LOG = (
    "Invalid `prisma.user.count()` invocation in /app/src/a.ts:5:22\n"
    f"Can't reach database server at {NEON}\nTimed out fetching a new connection from the connection pool. P2024\n"
)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = write(tmp_path / "shop", FILES)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "start")
    return root


def git(root: Path, *arguments: str) -> str:
    who = ["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]
    env = environment(GIT_CONFIG_GLOBAL="/dev/null")
    return subprocess.run(
        ["git", *who, *arguments], cwd=root, env=env, check=True, capture_output=True, text=True
    ).stdout


@pytest.mark.parametrize(
    "command",
    [
        ("check",),
        ("check", "--verbose"),
        ("check", "--quiet"),
        ("check", "--format", "json"),
        ("check", "--format", "sarif"),
        ("check", "--format", "github"),
        ("check", "--format", "markdown"),
        ("check", "--format", "html"),
        ("check", "--write-baseline", "/dev/stdout"),
        ("fix", "--diff", "--unsafe-fixes"),
        ("fix", "--diff", "--unsafe-fixes", "--select", "PF5"),
        ("fix", "--unsafe-fixes"),
        ("fix", "--unsafe-fixes", "--quiet"),
        ("url", NEON + "?broken", "--format", "json"),
        ("url", f"postgres//app:{PASSWORD}@host/db"),
        ("explain", NEON),
        ("explain", f"P2024 at {NEON}"),
    ],
    ids=lambda command: " ".join(command).replace(PASSWORD, "…")[:60],
)
def test_a_command_prints_no_password(shop: Path, command: tuple[str, ...]) -> None:
    run = prismafix(*command, cwd=shop)
    printed = run.stdout + run.stderr
    if command[0] == "url" and run.returncode < 2:
        printed = "".join(line for line in printed.splitlines() if '"url"' not in line)
    assert printed and "Traceback" not in printed
    assert PASSWORD not in printed


def test_a_log_is_read_without_it(shop: Path) -> None:
    run = prismafix("explain", "-", cwd=shop, stdin=LOG)
    assert "P2024" in run.stdout and PASSWORD not in run.stdout + run.stderr


def test_a_url_from_standard_input_is_printed_once_and_masked_elsewhere(shop: Path) -> None:
    run = prismafix("url", "-", "--target", "serverless", "--prisma", "5", cwd=shop, stdin=NEON)
    *before, last = run.stdout.splitlines()
    assert PASSWORD in last and PASSWORD not in "\n".join(before) + run.stderr


def test_commits_tell_nothing_of_it(shop: Path) -> None:
    run = prismafix("fix", "--unsafe-fixes", "--select", "PF5", "--commit=rule", cwd=shop)
    assert PASSWORD not in run.stdout + run.stderr
    assert git(shop, "log", "--format=%B").count("fix(prisma)") > 0
    assert PASSWORD not in git(shop, "log", "--format=%B")
    assert ".env\n" not in git(shop, "log", "--format=", "--name-only")


def test_the_cache_holds_none_of_it(shop: Path, tmp_path: Path) -> None:
    for path in ("src/a.ts", "src/b.ts"):  # what is in the code is in the facts of the code
        (shop / path).unlink()
    for command in (("check",), ("check", "--format", "html"), ("fix", "--diff", "--unsafe-fixes")):
        assert "PF50" in prismafix("check", cwd=shop).stdout
        prismafix(*command, "--cache-dir", str(tmp_path / "kept"), cwd=shop)
    kept = [path.read_bytes() for path in (tmp_path / "kept").rglob("*") if path.is_file()]
    assert kept and not any(PASSWORD.encode() in data for data in kept)


def test_every_password_of_the_fixtures_is_looked_for() -> None:
    found = set()
    for path in FIXTURES.rglob("*"):
        if path.is_file() and "node_modules" not in path.parts:
            text = path.read_text("utf-8", "replace")
            found |= set(re.findall(r"[a-z]://[^:/\s\"'@`]*:([^\s\"'`@]+)@", text))
    written = {one for one in found if not re.fullmatch(r"\$\{[\w.]+\}", one)}
    assert written and not {one for one in written if not any(word in one.lower() for word in PASSWORDS)}


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_password_in_an_output_fails_the_test_that_sees_it(stream: str) -> None:
    code = f"import sys; print('postgres://ann:{PASSWORD}@h/d', file=sys.{stream})"
    command = [sys.executable, "-c", code, "prismafix", "check"]
    with pytest.raises(PasswordShownError, match="prismafix check"):
        subprocess.run(command, capture_output=True, check=False)
    subprocess.run([*command[:3], "other"], capture_output=True, check=False)


def test_a_password_in_a_report_fails_the_test_that_had_it_written(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    report.write_text(PASSWORD)
    command = [sys.executable, "-c", "", "prismafix", "check", "--output", str(report)]
    with pytest.raises(PasswordShownError, match="--output"):
        subprocess.run(command, capture_output=True, check=False)


@pytest.mark.parametrize(
    ("printed", "is_fine"),
    [
        (f"a reason\n{NEON}", True),
        (f"{NEON}\n{NEON}", False),
        (json.dumps({"url": NEON, "masked": "***"}), True),
        (json.dumps({"url": NEON, "masked": NEON}), False),
    ],
)
def test_only_the_string_itself_has_it(printed: str, is_fine: bool) -> None:
    command = [sys.executable, "-c", f"print({printed!r})", "prismafix", "url", NEON]
    with nullcontext() if is_fine else pytest.raises(PasswordShownError):
        subprocess.run(command, capture_output=True, check=False)
