"""A user's clone, its remote, and what the tests ask of both."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismafix.delivery.forges.client import connect
from prismafix.delivery.forges.model import Remote
from prismafix.delivery.forges.patience import Patience
from prismafix.delivery.forges.tokens import Token
from prismafix.delivery.pull_requests.model import Ask, Proposed
from prismafix.delivery.pull_requests.propose import propose
from tests.cli.running import prismafix
from tests.delivery.making import make_fix, make_result
from tests.forges.servers import TOKEN, Server
from tests.workspace.making import write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prismafix.delivery.forges.model import Forge
    from prismafix.engine.model import AppliedFix, Choose, Result

IMPATIENT = Patience(tries=2, first=0.0, unsaid=0.0, longest=1.0)


def run_git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"git {' '.join(arguments)}: {done.stderr}"
    return done.stdout.removesuffix("\n")


@dataclass
class Place:
    """`repo` is the user's clone, `bare` its remote `origin`, which `server` knows as `acme/shop`. `said` are the lines
    that `propose` told."""

    repo: Path
    bare: Path
    server: Server
    said: list[str] = field(default_factory=list)

    def git(self, *arguments: str) -> str:
        return run_git(self.repo, *arguments)

    def at(self, branch: str) -> str:
        """The commit that a branch of the remote is at, "" if there is no such branch."""
        found = subprocess.run(
            ["git", "rev-parse", "--verify", "--quiet", f"refs/heads/{branch}"],
            cwd=self.bare,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.stdout.strip()

    def file(self, branch: str, path: str) -> str:
        return run_git(self.bare, "show", f"{branch}:{path}")

    def subjects(self, branch: str, base: str = "main") -> list[str]:
        return run_git(self.bare, "log", "--reverse", "--format=%s", f"{base}..{branch}").splitlines()

    def changed(self, branch: str, base: str = "main") -> list[str]:
        return run_git(self.bare, "diff", "--name-only", f"{base}...{branch}").splitlines()

    def forge(self, said: Callable[[str], None] | None = None) -> Forge:
        kind = self.server.kind
        remote = Remote("origin", kind, "git.acme.example", "acme/shop", self.server.api)
        return connect(remote, Token(TOKEN, "a test"), said or self.said.append, IMPATIENT)

    def propose(self, *fixes: AppliedFix, root: Path | None = None, dry: bool = False, **more: Any) -> Proposed:
        (only,) = self.propose_all(*fixes, root=root, dry=dry, **more)
        return only

    def propose_all(
        self, *fixes: AppliedFix, root: Path | None = None, dry: bool = False, **more: Any
    ) -> tuple[Proposed, ...]:
        def analyse(there: Path, take: Choose | None = None) -> Result:
            kept = [fix for fix in fixes if take is None or take(fix)]  # type: ignore[arg-type]
            return make_result(there, *(fix for fix in kept if fits(there, fix)))

        ask = Ask(root or self.repo, analyse, analyse_only=analyse, by="fix", dry_run=dry)
        return propose(replace(ask, **more), self.forge(), self.said.append)

    def run(self, *arguments: str, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
        """The program itself, as `prismafix pr …`."""
        forge = ("--forge", self.server.kind, "--forge-api", self.server.api, "--forge-repository", "acme/shop")
        tokens = {"GH_ENTERPRISE_TOKEN": TOKEN, "GITLAB_TOKEN": TOKEN}
        return prismafix("pr", *forge, *arguments, cwd=cwd or self.repo, **tokens, **environment)

    def push(self, files: Mapping[str, object], branch: str = "main", message: str = "by somebody else") -> str:
        """A commit of somebody else on a branch of the remote."""
        other = self.repo.parent / f"other-{len(list(self.repo.parent.iterdir()))}"
        run_git(self.repo.parent, "clone", "-q", "-b", branch, str(self.bare), str(other))
        write(other, files)
        run_git(other, "add", "-A")
        run_git(other, "commit", "-q", "-m", message)
        run_git(other, "push", "-q", "origin", branch)
        return run_git(other, "rev-parse", "HEAD")

    def clone(self, *options: str) -> Place:
        """The same place for somebody else, or for the next run of a CI."""
        target = self.repo.parent / f"clone-{len(list(self.repo.parent.iterdir()))}"
        run_git(self.repo.parent, "clone", "-q", *options, self.bare.as_uri(), str(target))
        return Place(target, self.bare, self.server, self.said)

    def work_trees(self) -> int:
        return self.git("worktree", "list", "--porcelain").count("worktree ")

    def left_behind(self) -> list[str]:
        """What is in the temporary folder."""
        return sorted(path.name for path in Path(os.environ["TMPDIR"]).iterdir())


def fits(root: Path, fix: AppliedFix) -> bool:
    """Whether a fix is one of the tree as it is: rules find nothing where it is done already."""
    change = fix.changes[0]
    now = (root / change.path).read_bytes() if (root / change.path).exists() else None
    return now == change.before


def make_place(folder: Path, server: Server, files: Mapping[str, object]) -> Place:
    bare, repo = folder / "bare.git", folder / "shop"
    run_git(folder, "init", "-q", "--bare", "-b", "main", str(bare))
    run_git(folder, "init", "-q", "-b", "main", str(repo))
    write(repo, files)
    run_git(repo, "add", "-A")
    run_git(repo, "commit", "-q", "-m", "start")
    run_git(repo, "remote", "add", "origin", str(bare))
    run_git(repo, "push", "-q", "-u", "origin", "main")
    server.git = bare
    return Place(repo, bare, server)


def mend(path: str, text: str = "new\n", *, code: str = "PF101", package: str | None = None) -> AppliedFix:
    """A fix of `path`, which reads `… old`."""
    name = path.rpartition("/")[2]
    return make_fix(f"{code} {path}", (path, f"{name} old\n".encode(), text.encode()), code=code, package=package)


def hook(repo: Path, name: str, script: str) -> None:
    path = repo / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(0o755)
