"""Repositories as people have them: hooks, LFS, submodules, shallow clones, work trees; and runs that are cut short."""

from __future__ import annotations

import fcntl
import os
import resource
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from prismafix.delivery.pull_requests.git import Git
from prismafix.delivery.pull_requests.tree import work_tree
from prismafix.errors import UserError
from tests.cli.running import source_root
from tests.delivery.making import make_fix
from tests.forges.servers import TOKEN
from tests.privileges import obey_permissions
from tests.workspace.making import write

from .place import Place, hook, make_place, mend, run_git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.forges.servers import Server

BRANCH = "prismafix/fixes"

# --- hooks and signing


def test_a_hook_that_refuses_pushes_nothing(place: Place) -> None:
    hook(place.repo, ".git/hooks/pre-commit", "echo 'eslint: command not found' >&2; exit 1\n")
    with pytest.raises(UserError) as raised:
        place.propose(mend("a.ts"))
    text = str(raised.value)
    assert "mend PF101 a.ts" in text and "eslint: command not found" in text and "--no-hooks" in text
    assert "\n" not in text and place.at(BRANCH) == "" and place.server.pulls == [] and place.left_behind() == []
    assert place.propose(mend("a.ts"), hooks=False).status == "opened"


def test_a_hook_at_the_push_refuses_too(place: Place) -> None:
    hook(place.repo, ".git/hooks/pre-push", "echo 'the tests fail' >&2; exit 1\n")
    with pytest.raises(UserError, match="could not be pushed to origin: the tests fail"):
        place.propose(mend("a.ts"))
    assert place.at(BRANCH) == ""
    assert place.propose(mend("a.ts"), hooks=False).status == "opened"


def test_hooks_that_are_only_in_the_checkout_run_as_ever(place: Place) -> None:
    """husky's folder is relative to the work tree, and git ignores it."""
    place.push({".gitignore": ".husky/_\nnode_modules/\n", "package.json": "{}"})
    place.git("pull", "-q")
    hook(place.repo, ".husky/_/commit-msg", 'lint < "$1"\n')
    hook(place.repo, "node_modules/.bin/lint", f"cat >> {place.repo}/.git/linted\n")
    hook(
        place.repo,
        ".husky/_/pre-commit",
        f"echo $PWD > {place.repo}/.git/where\nPATH=node_modules/.bin:$PATH lint </dev/null\n",
    )
    hook(place.repo, ".husky/_/commit-msg", 'PATH=node_modules/.bin:$PATH lint < "$1"\n')
    place.git("config", "core.hooksPath", ".husky/_")
    assert place.propose(mend("a.ts")).status == "opened"
    assert "mend PF101 a.ts" in (place.repo / ".git/linted").read_text()
    assert (place.repo / ".git/where").read_text().strip() != str(place.repo), "in the work tree"
    assert place.changed(BRANCH) == ["a.ts"]


def test_checking_out_runs_no_hook(place: Place) -> None:
    hook(place.repo, ".git/hooks/post-checkout", f"touch {place.repo}/.git/ran\n")
    place.propose(mend("a.ts"))
    assert not (place.repo / ".git/ran").exists()


def test_a_hook_that_formats_is_no_reason_to_push_again(place: Place) -> None:
    hook(place.repo, ".git/hooks/pre-commit", "echo '// formatted' >> a.ts; git add a.ts\n")
    place.propose(mend("a.ts"))
    tip = place.at(BRANCH)
    assert place.file(BRANCH, "a.ts") == "new\n// formatted"
    assert place.propose(mend("a.ts")).status == "unchanged" and place.at(BRANCH) == tip


def test_commits_are_signed_as_the_user_signs(place: Place, tmp_path: Path) -> None:
    hook(
        tmp_path,
        "gpg",
        'cat > /dev/null; echo "[GNUPG:] SIG_CREATED " >&2; echo "-----BEGIN PGP SIGNATURE-----"; echo signed\n',
    )
    place.git("config", "gpg.program", str(tmp_path / "gpg"))
    place.git("config", "commit.gpgSign", "true")
    place.propose(mend("a.ts"))
    assert "BEGIN PGP SIGNATURE" in run_git(place.bare, "cat-file", "commit", BRANCH)


# --- kinds of clones


def test_a_shallow_clone(place: Place) -> None:
    place.propose(mend("a.ts"))
    for number in range(3):
        place.push({"other.ts": f"{number}\n"})
    shallow = place.clone("--depth", "1")
    done = shallow.propose(mend("a.ts"))
    assert done.status == "edited" and place.changed(BRANCH) == ["a.ts"]
    assert place.clone("--depth", "1").propose(mend("a.ts")).status == "unchanged"
    assert shallow.git("rev-parse", "--is-shallow-repository") == "true"
    place.push({"b.ts": "mine\n"}, BRANCH)
    assert place.clone("--depth", "1").propose(mend("a.ts")).status == "left alone"


def test_a_clone_of_one_branch_only(place: Place) -> None:
    place.git("push", "-q", "origin", "main:other")
    clone = place.clone("--single-branch", "-b", "other")
    assert clone.propose(mend("a.ts")).base == "main"
    assert clone.git("branch", "--list") == "* other"


def test_a_partial_clone(place: Place) -> None:
    run_git(place.bare, "config", "uploadpack.allowFilter", "true")
    run_git(place.bare, "config", "uploadpack.allowAnySHA1InWant", "true")
    assert place.clone("--filter=blob:none").propose(mend("a.ts")).status == "opened"


def test_a_detached_head(place: Place) -> None:
    place.git("checkout", "-q", "--detach")
    done = place.propose(mend("a.ts"))
    assert done.status == "opened" and done.notes == ()
    assert place.git("rev-parse", "--abbrev-ref", "HEAD") == "HEAD"


def test_a_work_tree_of_the_user(place: Place, tmp_path: Path) -> None:
    place.git("worktree", "add", "-q", "-b", "feature", str(tmp_path / "second"))
    place.git("worktree", "add", "-q", "-b", "nested", str(place.repo / "nested"))
    assert place.propose(mend("a.ts"), root=tmp_path / "second").status == "opened"
    assert place.propose(mend("a.ts"), root=place.repo / "nested").status == "unchanged"
    assert place.work_trees() == 3 and run_git(tmp_path / "second", "status", "-b", "--porcelain") == "## feature"


def test_a_folder_below_the_top(tmp_path: Path, server: Server) -> None:
    place = make_place(tmp_path, server, {"apps/web/a.ts": "a.ts old\n", "a.ts": "a.ts old\n"})
    done = place.propose(mend("a.ts"), root=place.repo / "apps/web")
    assert done.status == "opened" and place.changed(BRANCH) == ["apps/web/a.ts"] and "apps/web/a.ts" in done.body
    (place.repo / "apps/new").mkdir()
    with pytest.raises(UserError, match="apps/new is not in origin/main: push it there first, or give --base"):
        place.propose(mend("a.ts"), root=place.repo / "apps/new")


@pytest.fixture
def with_submodule(tmp_path: Path, place: Place, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The place's repository with another one in it, at `vendor/lib`."""
    monkeypatch.setenv("GIT_ALLOW_PROTOCOL", "file")
    lib = tmp_path / "lib.git"
    run_git(tmp_path, "init", "-q", "--bare", "-b", "main", str(lib))
    first = tmp_path / "lib"
    run_git(tmp_path, "clone", "-q", str(lib), str(first))
    write(first, {"a.ts": "a.ts old\n"})
    run_git(first, "add", "-A")
    run_git(first, "commit", "-q", "-m", "lib")
    run_git(first, "push", "-q", "origin", "HEAD:main")
    place.git("submodule", "--quiet", "add", str(lib), "vendor/lib")
    place.git("commit", "-q", "-m", "submodule")
    place.git("push", "-q", "origin", "main")
    return place


@pytest.mark.parametrize("recurse", ["false", "true"])
def test_a_repository_with_a_submodule(with_submodule: Place, recurse: str) -> None:
    with_submodule.git("config", "submodule.recurse", recurse)
    assert with_submodule.propose(mend("a.ts")).status == "opened"
    assert "submodules are not looked at: vendor/lib" in with_submodule.said
    assert with_submodule.changed(BRANCH) == ["a.ts"] and with_submodule.git("status", "--porcelain") == ""
    assert with_submodule.left_behind() == [] and with_submodule.work_trees() == 1


def test_inside_a_submodule(with_submodule: Place, tmp_path: Path) -> None:
    with_submodule.server.git = tmp_path / "lib.git"
    inside = Place(with_submodule.repo / "vendor/lib", tmp_path / "lib.git", with_submodule.server)
    assert inside.propose(mend("a.ts")).status == "opened"
    assert inside.file(BRANCH, "a.ts") == "new" and inside.git("status", "--porcelain") == ""
    assert inside.work_trees() == 1 and with_submodule.git("status", "--porcelain") == ""


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n"


def test_large_files_are_not_fetched_and_never_rewritten(place: Place, tmp_path: Path) -> None:
    """git-lfs' own filter passes pointers through where this variable is set."""
    hook(tmp_path, "smudge", f'[ "$GIT_LFS_SKIP_SMUDGE" ] || echo fetched >> {tmp_path}/fetched\ncat\n')
    place.push({".gitattributes": "*.bin filter=lfs\n", "big.bin": POINTER, "lib.ts": POINTER})
    for name, command in (("smudge", str(tmp_path / "smudge")), ("clean", "cat"), ("required", "true")):
        place.git("config", f"filter.lfs.{name}", command)
    assert place.propose(mend("a.ts")).status == "opened"
    assert not (tmp_path / "fetched").exists() and place.changed(BRANCH) == ["a.ts"]
    with pytest.raises(UserError, match=r"lib\.ts is kept in LFS and not here"):
        place.propose(make_fix("lfs", ("lib.ts", POINTER.encode(), b"x\n"), code="PF101"))


def test_what_git_ignores_is_in_no_commit(place: Place) -> None:
    place.push({".gitignore": ".env\n", "src/.gitkeep": ""})
    place.git("pull", "-q")
    (place.repo / ".env").write_text("DATABASE_URL=postgres://ann:s3cret@db/shop\n")
    place.propose(mend("a.ts"), make_fix("new", ("src/new.ts", None, b"n\n"), code="PF101"))
    assert place.changed(BRANCH) == ["a.ts", "src/new.ts"]


# --- what is installed


def test_the_work_tree_has_what_is_installed_in_the_checkout(place: Place) -> None:
    manifest = {"name": "shop", "workspaces": ["packages/*"]}
    place.push(
        {
            ".gitignore": "node_modules/\n",
            "package.json": manifest,
            "packages/db/package.json": {"name": "@acme/db"},
            "packages/web/package.json": {"name": "web"},
        }
    )
    place.git("pull", "-q")
    installed = {"node_modules/typescript/package.json": {}, "node_modules/@types/node/index.d.ts": "x"}
    write(place.repo, {**installed, "packages/web/node_modules/p-limit/index.js": "x"})
    (place.repo / "node_modules/@acme").mkdir()
    (place.repo / "node_modules/@acme/db").symlink_to("../../packages/db")
    write(place.repo, {"packages/web/package.json": {"name": "web", "version": "2"}})
    seen: dict[str, object] = {}

    def look(there: Path, take: object = None) -> object:
        modules = there / "node_modules"
        seen["typescript"] = (modules / "typescript/package.json").is_file() and not modules.is_symlink()
        seen["types"] = (modules / "@types/node/index.d.ts").read_text()
        seen["workspace"] = (modules / "@acme/db").resolve() == (there / "packages/db").resolve()
        seen["other"] = (there / "packages/web/node_modules").exists()
        seen["status"] = run_git(there, "status", "--porcelain")
        from tests.delivery.making import make_result

        return make_result(there, mend("a.ts"))

    place.propose(analyse=look, compiles=True)
    assert seen == {"typescript": True, "types": "x", "workspace": True, "other": False, "status": ""}
    assert "what is installed in packages/web is not used: package.json differs from origin/main" in place.said
    assert place.changed(BRANCH) == ["a.ts"]
    assert (place.repo / "node_modules/typescript/package.json").is_file(), (
        "links are taken away, not what they lead to"
    )


# --- runs that are cut short

SHOP = {
    "package.json": {"name": "shop", "dependencies": {"@prisma/client": "5.22.0"}},
    "prisma/schema.prisma": 'generator client {\n  provider = "prisma-client-js"\n}\n\ndatasource db {\n'
    '  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\nmodel User {\n  id Int @id\n}\n',
    "src/db.ts": 'import { PrismaClient } from "@prisma/client";\n\nexport const prisma = new PrismaClient();\n',
    "src/a.ts": 'import { PrismaClient } from "@prisma/client";\nimport express from "express";\n\n'
    'const app = express();\napp.get("/", async (_request, response) => {\n  const prisma = new PrismaClient();\n'
    "  response.json(await prisma.user.count());\n});\n",
}
TO_PYTHON = "$(ps -o ppid= -p $(ps -o ppid= -p $$))"
"""In a hook: the process that started the git which runs the hook."""


@pytest.fixture
def shop(tmp_path: Path, server: Server) -> Place:
    return make_place(tmp_path, server, SHOP)


def test_a_killed_run_is_swept_up_by_the_next(shop: Place) -> None:
    hook(shop.repo, ".git/hooks/pre-commit", f"kill -9 {TO_PYTHON}\n")
    run = shop.run()
    assert run.returncode == -signal.SIGKILL and shop.work_trees() == 2 and len(shop.left_behind()) == 1
    (shop.repo / ".git/hooks/pre-commit").unlink()
    run = shop.run()
    assert run.returncode == 0 and run.stdout.startswith("opened "), run.stderr
    assert shop.work_trees() == 1 and shop.left_behind() == [] and shop.git("status", "--porcelain") == ""


@pytest.mark.parametrize(("sent", "code"), [("INT", 130), ("TERM", 143)])
def test_a_run_that_is_interrupted_leaves_nothing(shop: Place, sent: str, code: int) -> None:
    hook(shop.repo, ".git/hooks/pre-commit", f"kill -{sent} {TO_PYTHON}; sleep 1; exit 1\n")
    run = shop.run()
    assert run.returncode == code and "Traceback" not in run.stderr
    assert shop.work_trees() == 1 and shop.left_behind() == [] and shop.at(BRANCH) == ""


def test_a_work_tree_that_is_in_use_is_not_swept_up(place: Place, tmp_path: Path) -> None:
    git = Git(place.repo)
    with work_tree(git, place.at("main")) as tree:
        assert place.propose(mend("a.ts")).status == "opened"
        assert (tree.top / "a.ts").exists() and place.work_trees() == 2
    assert place.work_trees() == 1
    left = tmp_path / "tmp" / "prismafix-pr-left"
    left.mkdir()
    with (left / ".lock-of-prismafix").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place.git("worktree", "add", "-q", "--detach", str(left / "shop"))
        place.propose(mend("a.ts"))
        assert place.work_trees() == 2
    place.propose(mend("a.ts"))
    assert place.work_trees() == 1 and not left.exists()


def limited(place: Place, prepare: object, *arguments: str) -> subprocess.CompletedProcess[str]:
    forge = ["--forge", "github", "--forge-api", place.server.api, "--forge-repository", "acme/shop"]
    return subprocess.run(
        [sys.executable, "-m", "prismafix", "pr", "--no-cache", *forge, *arguments],
        cwd=place.repo,
        env=os.environ | {"PYTHONPATH": source_root(), "GH_ENTERPRISE_TOKEN": TOKEN},
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=prepare,  # type: ignore[arg-type]
    )


def test_a_full_disk(tmp_path: Path, server: Server) -> None:
    """A limit on the size of files stands for the full disk: both fail in the middle of a write."""
    place = make_place(tmp_path, server, {**SHOP, "large.txt": "x" * 200_000})

    def full() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))

    run = limited(place, full)
    assert run.returncode == 2 and run.stderr.count("\n") == 1, run.stderr
    assert run.stderr.startswith("prismafix: the work tree could not be made ("), run.stderr
    assert place.left_behind() == [] and place.work_trees() == 1 and place.at(BRANCH) == "" and server.pulls == []


def test_a_repository_that_may_not_be_written(shop: Place) -> None:
    folders = [shop.repo / ".git", *(path for path in (shop.repo / ".git").rglob("*") if path.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    run = limited(shop, obey_permissions)
    for folder in folders:
        folder.chmod(0o755)
    assert run.returncode == 2 and run.stderr.count("\n") == 1 and "unable to create" in run.stderr, run.stderr
    assert shop.left_behind() == [] and shop.at(BRANCH) == ""


def test_no_room_for_temporary_files(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    with pytest.raises(UserError, match="no temporary folder can be made"):
        place.propose(mend("a.ts"))
