"""Bad input: each gets one clear line with the file, the cause and the way out, and the rest goes on."""

import os
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.privileges import obey_permissions

from .running import PROGRAM, environment, on_terminal, prismafix

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
SHARED = "import { PrismaClient } from '@prisma/client'\n\nexport const prisma = new PrismaClient()\n"
USER = "import { prisma } from './db'\n\nexport const all = () => prisma.user.findMany()\n"
PER_CALL = """\
import { PrismaClient } from '@prisma/client'

export async function count() {
  const prisma = new PrismaClient()
  return prisma.user.count()
}
"""
FIXED = """\
import { prisma } from './db'

export async function count() {
  return prisma.user.count()
}
"""
FINDING = "src/a.ts:4:18 PF101"
ASKED = "keep nothing: "


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one finding, which has a safe fix: `src/a.ts` builds a client per call."""
    root = tmp_path / "shop"
    put(root / "package.json", '{"name": "shop", "dependencies": {"@prisma/client": "^6.19.0"}}\n')
    put(root / "prisma/schema.prisma", SCHEMA)
    put(root / "src/db.ts", SHARED)
    put(root / "src/all.ts", USER)
    put(root / "src/a.ts", PER_CALL)
    return root


def put(path: Path, content: str | bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def git(root: Path, *arguments: str) -> str:
    env = environment(GIT_CONFIG_GLOBAL="/dev/null")
    for who in ("AUTHOR", "COMMITTER"):
        env |= {f"GIT_{who}_NAME": "Ann", f"GIT_{who}_EMAIL": "ann@example.com"}
    return subprocess.run(["git", *arguments], cwd=root, env=env, check=True, capture_output=True, text=True).stdout


def commit_all(root: Path) -> None:
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "start")


def without_privileges(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=obey_permissions,
    )


def a_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = Path.cwd()
        os.chdir(path.parent)  # the name of a socket has at most 108 bytes
        made.bind(path.name)
        os.chdir(here)


# --- what the command line names


@pytest.mark.parametrize("command", ["check", "fix"])
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere", "nowhere does not exist: give a folder or a file of your project"),
        ("src/broken.ts", "src/broken.ts is a link that leads nowhere: give a folder or a file of your project"),
        ("src/round.ts", "src/round.ts is a link that leads nowhere: give a folder or a file of your project"),
        ("src/pipe", "src/pipe is neither a file nor a folder: give a folder or a file of your project"),
    ],
)
def test_a_path_that_cannot_be_analysed(project: Path, command: str, path: str, words: str) -> None:
    (project / "src/broken.ts").symlink_to("nowhere.ts")
    (project / "src/round.ts").symlink_to("round.ts")
    os.mkfifo(project / "src/pipe")
    done = prismafix(command, path, cwd=project)
    assert (done.stdout, done.stderr, done.returncode) == ("", f"prismafix: {words}\n", 2)


def test_a_file_limits_the_findings_to_it(project: Path) -> None:
    git(project, "init", "-q")
    found, nothing = (prismafix("check", "-q", name, cwd=project) for name in ("src/a.ts", "src/db.ts"))
    assert found.stdout.startswith(FINDING) and found.returncode == 1
    assert nothing.stdout == "" and nothing.returncode == 0


def test_a_folder_that_cannot_be_read(project: Path) -> None:
    project.chmod(0)
    try:
        done = without_privileges("check", "shop", cwd=project.parent)
    finally:
        project.chmod(0o755)
    words = "prismafix: shop is a folder that you may not read: check its permissions\n"
    assert (done.stdout, done.stderr, done.returncode) == ("", words, 2)


def test_without_prisma_there_is_nothing_to_do(tmp_path: Path) -> None:
    put(tmp_path / "package.json", '{"name": "other"}')
    put(tmp_path / "a.ts", "await Promise.all(xs.map((x) => db.user.findFirst(x)))\n")
    for command in ("check", "fix"):
        done = prismafix(command, cwd=tmp_path)
        assert (done.stdout, done.stderr, done.returncode) == (f"No Prisma in {tmp_path}: nothing to do.\n", "", 0)


# --- files that cannot be used: named, and the rest goes on

Spoil = Callable[[Path], object]


def _outside(root: Path) -> Path:
    put(root.parent / "outside/leak.ts", PER_CALL)
    return root.parent / "outside/leak.ts"


BAD: list[tuple[str, Spoil, str]] = [
    (
        "src/latin.ts",
        lambda p: put(p, b"import { PrismaClient } from '@prisma/client' // caf\xe9\n"),
        "not UTF-8 (byte 52): save it as UTF-8 or exclude it",
    ),
    (
        "src/big.ts",
        lambda p: put(p, PER_CALL + "// x\n" * 200_000),
        "larger than 1000000 bytes (1000146); raise the limit with `max-file-size` in prismafix.toml, or exclude",
    ),
    (
        "src/half.ts",
        lambda p: put(p, SHARED.replace("\n\n", "\n\nexport const x = = {\n\n")),
        "line 3 could not be parsed: findings near it may be missing",
    ),
    ("src/broken.ts", lambda p: p.symlink_to("nowhere.ts"), "a link that leads nowhere; mend or delete it"),
    ("src/round.ts", lambda p: p.symlink_to("round.ts"), "a link that leads nowhere; mend or delete it"),
    (
        "src/out.ts",
        lambda p: p.symlink_to(_outside(p.parents[1])),
        "a link out of the project, which is not followed; exclude it, or analyse a folder that holds both",
    ),
    ("web/package.json", lambda p: put(p, '{"name": '), "not valid JSON (Expecting value: line 1 column 10"),
    ("web/package.json", lambda p: put(p, "[]"), "not a JSON object; the package is left out, fix the file"),
    (
        "src/tsconfig.json",
        lambda p: put(p, '{ "compilerOptions": { // paths\n'),
        "not valid JSON with comments (Unclosed object",
    ),
    ("pnpm-workspace.yaml", lambda p: put(p, "packages: [\n"), "not valid YAML"),
    (
        "prisma/more.prisma",
        lambda p: put(p, "model Pet {\n  id Int @id\n"),
        "line 1: the block `model Pet` has no closing brace; the rest of the schema is used",
    ),
]


@pytest.mark.parametrize(("name", "spoil", "words"), BAD, ids=[f"{b[0]}-{n}" for n, b in enumerate(BAD)])
def test_what_cannot_be_used_is_named_and_the_rest_is_fixed(project: Path, name: str, spoil: Spoil, words: str) -> None:
    (project / name).parent.mkdir(exist_ok=True)
    spoil(project / name)
    before = {p: p.read_bytes() for p in project.parent.rglob("*") if p.is_file() and p.name != "a.ts"}

    done = prismafix("check", "-q", cwd=project)
    finding, problem = done.stdout.splitlines()
    assert finding.startswith(FINDING) and done.stderr == "" and done.returncode == 1
    assert problem.startswith(f"{name}: PF001 file-not-analysed: {words}")

    done = prismafix("fix", cwd=project)
    assert done.returncode == 0 and f"  {problem}\n" in done.stdout
    assert (project / "src/a.ts").read_text() == FIXED
    assert before == {p: p.read_bytes() for p in before}

    strict = prismafix("check", "-q", "--strict", cwd=project)
    assert (strict.stdout, strict.returncode) == (f"{problem}\n", 1)


def test_a_file_that_may_not_be_read(project: Path) -> None:
    put(project / "src/closed.ts", PER_CALL)
    (project / "src/closed.ts").chmod(0)
    done = without_privileges("check", "-q", cwd=project)
    finding, problem = done.stdout.splitlines()
    assert finding.startswith(FINDING) and done.stderr == "" and done.returncode == 1
    assert problem.startswith("src/closed.ts: PF001 file-not-analysed: cannot be read (Permission denied)")


def test_what_is_no_regular_file_is_no_source(project: Path) -> None:
    """Reading a pipe would wait for ever."""
    os.mkfifo(project / "src/pipe.ts")
    a_socket(project / "src/socket.ts")
    done = prismafix("check", "-q", cwd=project)
    assert done.stdout.count("\n") == 1 and done.stdout.startswith(FINDING) and done.returncode == 1


def test_a_file_that_git_lists_and_that_is_gone(project: Path) -> None:
    put(project / "src/gone.ts", PER_CALL)
    commit_all(project)
    (project / "src/gone.ts").unlink()
    done = prismafix("check", "-q", cwd=project)
    assert done.stdout.count("\n") == 1 and done.stdout.startswith(FINDING) and done.stderr == ""


def test_folders_that_are_links_are_not_entered(project: Path) -> None:
    leak = _outside(project)
    (project / "src/elsewhere").symlink_to(leak.parent)
    (project / "src/loop").symlink_to("..")
    done = prismafix("fix", cwd=project)
    assert done.returncode == 0 and "1 finding: 1 fixed; 1 file changed." in done.stdout
    assert leak.read_text() == PER_CALL


# --- writing


def test_a_folder_that_may_not_be_written(project: Path) -> None:
    (project / "src").chmod(0o555)
    done = without_privileges("fix", cwd=project)
    quiet = without_privileges("fix", "-q", cwd=project)
    (project / "src").chmod(0o755)
    reason = (
        "src/a.ts could not be written (Permission denied), so nothing of its fix was: "
        "mend that and run prismafix again"
    )
    assert f"    = {reason}\n" in done.stdout and "1 finding: 1 dropped; no file changed." in done.stdout
    assert quiet.stdout == f"dropped PF101 src/a.ts:4: {reason}\n"
    assert (done.returncode, done.stderr, quiet.returncode) == (1, "", 1)
    assert sorted(p.name for p in (project / "src").iterdir()) == ["a.ts", "all.ts", "db.ts"]
    assert (project / "src/a.ts").read_text() == PER_CALL


@pytest.mark.parametrize(
    ("meanwhile", "what"),
    [(lambda file: put(file, "// mine\n" + PER_CALL), "has changed"), (Path.unlink, "was deleted")],
)
def test_a_file_that_is_not_what_was_read_is_left_alone(project: Path, meanwhile: Spoil, what: str) -> None:
    """The review waits for an answer: time enough for somebody else to save the file."""
    file = project / "src/a.ts"

    def answer() -> str:
        meanwhile(file)
        return "y\n"

    screen, code = on_terminal([*PROGRAM, "fix", "-i"], project, [(ASKED, answer)], NO_COLOR="1")
    assert f"    = src/a.ts {what} since it was read: run prismafix again\n" in screen
    assert "1 finding: 1 dropped; no file changed." in screen and "Traceback" not in screen and code == 1
    assert (file.read_text() if file.exists() else "") == ("// mine\n" + PER_CALL if what == "has changed" else "")


# --- git


def test_without_git_everything_but_commits_works(project: Path) -> None:
    commit_all(project)
    refused = prismafix("fix", "--commit=all", cwd=project, PATH="/nonexistent")
    assert (refused.stdout, refused.returncode) == ("", 2)
    assert refused.stderr == (
        "prismafix: --commit needs git, and there is none on the PATH: install it, or run without --commit\n"
    )
    done = prismafix("fix", cwd=project, PATH="/nonexistent")
    assert done.returncode == 0 and (project / "src/a.ts").read_text() == FIXED


def test_a_commit_where_there_is_no_repository(project: Path) -> None:
    done = prismafix("fix", "--commit=rule", cwd=project)
    assert (done.stdout, done.returncode) == ("", 2) and done.stderr.count("\n") == 1
    assert "is in no git repository: run without --commit, or `git init` and commit first" in done.stderr


def test_a_commit_over_uncommitted_changes(project: Path) -> None:
    commit_all(project)
    put(project / "src/a.ts", PER_CALL + "// mine\n")
    put(project / "src/all.ts", USER + "// mine as well\n")
    done = prismafix("fix", "--commit=rule", cwd=project)
    words = "src/a.ts has uncommitted changes: commit or stash them, or run without --commit"
    assert (done.stdout, done.stderr, done.returncode) == ("", f"prismafix: {words}\n", 2)
    git(project, "checkout", "-q", "src/a.ts")
    assert prismafix("fix", "--commit=rule", cwd=project).returncode == 0
    assert git(project, "status", "--porcelain") == " M src/all.ts\n"
    assert git(project, "show", "--name-only", "--format=").split() == ["src/a.ts"]
