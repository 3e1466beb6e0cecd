"""The real command on a real project: suppressions that suppress nothing (PF002), which the engine itself reports."""

import json
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from .running import PROGRAM, environment, on_terminal, prismafix

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"
ASKED = "keep nothing: "
SCHEMA = """\
datasource db {
  provider = "postgresql"
  url      = env("DATABASE_URL")
}

generator client {
  provider = "prisma-client-js"
}

model User {
  id Int @id
}
"""
CLEAN = "import { db } from './db'\r\n\r\nexport const count = () => db.user.count()\r\n"
IDLE = CLEAN.replace("\r\n\r\n", "\r\n\r\n// prismafix-ignore PF401 -- no longer\r\n")
ONLY = ("--select", "PF002")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A committed repository with one finding in `src/a.ts` and one in `src/b ü.ts`."""
    root = tmp_path / "shop"
    files = {
        "package.json": '{"name": "shop", "dependencies": {"@prisma/client": "^6.19.0"}}\n',
        "prisma/schema.prisma": SCHEMA,
        "src/db.ts": "import { PrismaClient } from '@prisma/client'\n\nexport const db = new PrismaClient()\n",
        "src/a.ts": IDLE,
        "src/b ü.ts": IDLE,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(text.encode())
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
    for name in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{name}_NAME", "Ann")
        monkeypatch.setenv(f"GIT_{name}_EMAIL", "ann@example.com")
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-q", "-m", "start")
    return root


def git(root: Path, *arguments: str, stdin: bytes = b"") -> str:
    done = subprocess.run(["git", *arguments], cwd=root, input=stdin, check=True, capture_output=True)
    return done.stdout.decode()


def texts(root: Path) -> tuple[str, str]:
    return (root / "src/a.ts").read_bytes().decode(), (root / "src/b ü.ts").read_bytes().decode()


def test_check_reports_and_changes_nothing(project: Path) -> None:
    done = prismafix("check", *ONLY, cwd=project)
    assert done.returncode == 1 and done.stderr == ""
    lines = done.stdout.splitlines()
    assert lines[0].startswith("src/a.ts:3:1 PF002 suppression-unused: ")
    assert lines[1] == "    3 | // prismafix-ignore PF401 -- no longer"
    assert lines[3].startswith("   = safe fix: ")
    assert lines[-2:] == [
        "2 findings in 2 files (3 source files in 1 package looked at).",
        "      2 can be fixed safely: `prismafix fix` (first look: `prismafix fix --diff`)",
    ]
    assert git(project, "status", "--porcelain") == ""


def test_json_has_the_same_findings(project: Path) -> None:
    report = json.loads(prismafix("check", "--format=json", *ONLY, str(project), cwd=project.parent).stdout)
    assert [(f["path"], f["line"], f["applicability"]) for f in report["findings"]] == [
        ("src/a.ts", 3, "safe"),
        ("src/b ü.ts", 3, "safe"),
    ]
    assert report["root"] == str(project)


def test_paths_limit_the_findings(project: Path) -> None:
    done = prismafix("check", "--quiet", *ONLY, "b ü.ts", cwd=project / "src")
    assert [line.split(" PF")[0] for line in done.stdout.splitlines()] == ["src/b ü.ts:3:1"]


def test_the_diff_writes_nothing_and_git_applies_it(project: Path) -> None:
    command = [*PROGRAM, "fix", "--diff", *ONLY]
    done = subprocess.run(command, cwd=project / "src", env=environment(), capture_output=True, check=False)
    assert done.returncode == 1 and b"2 fixed" in done.stderr
    assert texts(project) == (IDLE, IDLE)
    git(project, "apply", stdin=done.stdout)
    assert texts(project) == (CLEAN, CLEAN)


def test_fix_writes_and_the_second_run_changes_nothing(project: Path) -> None:
    done = prismafix("fix", *ONLY, cwd=project)
    assert done.returncode == 0 and texts(project) == (CLEAN, CLEAN)
    assert done.stdout.splitlines()[-1] == "2 findings: 2 fixed; 2 files changed."
    again = prismafix("fix", *ONLY, cwd=project)
    assert again.returncode == 0 and again.stdout == "no findings; no file changed.\n"
    empty = prismafix("fix", "--diff", *ONLY, cwd=project)
    assert empty.returncode == 0 and empty.stdout == ""


def test_fix_commits(project: Path) -> None:
    (project / "src/db.ts").write_text("export const db = null\n")
    done = prismafix("fix", *ONLY, "--commit=fix", cwd=project)
    assert "2 files changed" in done.stdout and done.stdout.count("\ncommit ") == 2
    assert len(git(project, "log", "--format=%h").splitlines()) == 3
    assert git(project, "status", "--porcelain") == " M src/db.ts\n"


def test_commit_refuses_uncommitted_changes_and_names_the_file(project: Path) -> None:
    (project / "src/a.ts").write_bytes(IDLE.encode() + b"// mine\r\n")
    done = prismafix("fix", *ONLY, "--commit=all", cwd=project)
    assert done.returncode == 2
    assert done.stderr.startswith("prismafix: src/a.ts has uncommitted changes") and done.stderr.count("\n") == 1
    assert len(git(project, "log", "--format=%h").splitlines()) == 1 and texts(project)[1] == IDLE


def test_a_link_out_of_the_root_is_left_and_named(project: Path) -> None:
    outside = project.parent / "outside.ts"
    outside.write_bytes(IDLE.encode())
    (project / "src/a.ts").unlink()
    (project / "src/a.ts").symlink_to(outside)
    prismafix("fix", *ONLY, cwd=project)
    assert outside.read_bytes() == IDLE.encode() and (project / "src/a.ts").is_symlink()


@pytest.mark.parametrize(
    ("answers", "fixed"),
    [("y\nn\n", (True, False)), ("a\n", (True, True)), ("y\nq\n", (True, False)), ("y\n", (False, False))],
)
def test_the_review_from_a_pipe(project: Path, answers: str, fixed: tuple[bool, bool]) -> None:
    done = prismafix("fix", "--interactive", *ONLY, cwd=project, stdin=answers)
    assert texts(project) == tuple(CLEAN if yes else IDLE for yes in fixed)
    assert done.returncode == (0 if all(fixed) else 1)
    assert done.stdout.count(ASKED) == len(answers.splitlines()) + (answers == "y\n") and "\x1b" not in done.stdout


def test_the_review_on_a_terminal(project: Path) -> None:
    argv = [*PROGRAM, "fix", "-i", *ONLY]
    screen, code = on_terminal(argv, project, [(ASKED, "n\n"), (ASKED, "y\n")])
    assert texts(project) == (IDLE, CLEAN) and code == 1
    assert "2 findings: 1 fixed, 1 declined; 1 file changed." in plain(screen)


def test_interrupting_the_review_changes_nothing_and_shows_no_traceback(project: Path) -> None:
    screen, code = on_terminal([*PROGRAM, "fix", "-i", *ONLY], project, [(ASKED, "y\n"), (ASKED, "\x03")])
    assert code == 128 + signal.SIGINT and texts(project) == (IDLE, IDLE)
    assert "Traceback" not in screen


def test_interrupted_while_writing_says_where_to_look(project: Path) -> None:
    hook = project / ".git/hooks/pre-commit"  # its parent is git, whose parent is the program
    hook.write_text("#!/bin/sh\nkill -INT $(cut -d ' ' -f 4 /proc/$PPID/stat)\nsleep 5\n")
    hook.chmod(0o755)
    done = prismafix("fix", "--commit=fix", *ONLY, cwd=project)
    assert done.returncode == 128 + signal.SIGINT
    each = "Each fix is in your files completely or not at all"
    assert done.stderr == f"Interrupted while writing. {each}: see `git status` and `git log`.\n"
    assert all(text in (IDLE, CLEAN) for text in texts(project))


def test_progress_and_colours_are_for_terminals_only(project: Path) -> None:
    screen, code = on_terminal([*PROGRAM, "check", *ONLY], project, [])
    assert code == 1 and "\x1b[" in screen and "Listing" in screen
    bare, _ = on_terminal([*PROGRAM, "check", *ONLY], project, [], NO_COLOR="1")
    assert "\x1b" not in bare and "Listing" not in bare
    assert bare == prismafix("check", *ONLY, cwd=project).stdout


def test_the_configuration_file_counts(project: Path) -> None:
    (project / "prismafix.toml").write_text('select = ["PF002"]\n[per-file-ignores]\n"src/a.ts" = ["PF002"]\n')
    done = prismafix("check", "-q", cwd=project)
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["src/b ü.ts"]
    (project / "prismafix.toml").write_text('select = ["PF002"]\nexclude = ["src/b*"]\n')
    done = prismafix("check", "-q", cwd=project)
    assert [line.split(":")[0] for line in done.stdout.splitlines()] == ["src/a.ts"]


def test_strict_turns_problems_into_exit_code_1(project: Path) -> None:
    prismafix("fix", *ONLY, cwd=project)
    (project / "src/broken.ts").write_bytes(b"import { PrismaClient } from '@prisma/client'\n// \xff\xfe\n")
    loose, strict = (prismafix("check", *ONLY, *more, cwd=project) for more in ([], ["--strict"]))
    assert (loose.returncode, strict.returncode) == (0, 1)
    assert "src/broken.ts: PF001 file-not-analysed: " in loose.stdout


def plain(screen: str) -> str:
    import re

    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen)


def test_a_package_has_its_own_chunk_size(tmp_path: Path) -> None:
    shutil.copytree(DEMO, tmp_path / "shop")
    (tmp_path / "shop/services/orders-api/prismafix.toml").write_text("chunk-size = 7\n", encoding="utf-8")
    run = prismafix("fix", "--diff", "--unsafe-fixes", cwd=tmp_path / "shop")
    _, orders = run.stdout.split("+++ b/services/orders-api/src/routes/orders.ts", 1)
    assert "const chunkSize = 7;" in orders
    assert "pLimit(5)" in run.stdout


def test_calls_are_followed_as_deep_as_asked(tmp_path: Path) -> None:
    chain = "".join(f"const f{n} = async (id: number) => (await f{n + 1}(id)) + 1;\n" for n in range(1, 5))
    files = {
        "package.json": '{"name": "deep", "dependencies": {"@prisma/client": "6.19.0", "express": "5.1.0"}}',
        "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
        'generator client {\n  provider = "prisma-client-js"\n}\nmodel User {\n  id Int @id\n}\n',
        "src/db.ts": 'import { PrismaClient } from "@prisma/client";\nexport const prisma = new PrismaClient();\n',
        "src/users.ts": 'import { prisma } from "./db";\n'
        "const f5 = (id: number) => prisma.user.count({ where: { id } });\n"
        f"{chain}export const counts = (ids: number[]) => Promise.all(ids.map((id) => f1(id)));\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, encoding="utf-8")
    assert prismafix("check", cwd=tmp_path).returncode == 0
    deep = prismafix("check", "--call-depth=5", cwd=tmp_path)
    assert "through f1 → f2 → f3 → f4 → f5 (5 calls away)" in deep.stdout
