"""Some small repositories with remotes on disk, each at a forge of its own on loopback, and a campaign over them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prismafix.cli.batching import read
from prismafix.delivery.campaign.state import opened
from prismafix.delivery.campaign.status import to_data
from tests.cli.running import PROGRAM, environment
from tests.forges.servers import TOKEN, Server
from tests.pull_requests.place import run_git
from tests.workspace.making import SCHEMA, write

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from prismafix.delivery.forges.model import Kind

CLIENT = """import { PrismaClient } from '@prisma/client'

const shared = globalThis as unknown as { prisma?: PrismaClient }
export const prisma = shared.prisma ?? new PrismaClient()
shared.prisma = prisma
"""
HANDLER = """import { PrismaClient } from '@prisma/client'

export async function GET() {
  const db = new PrismaClient()
  const users = await db.user.findMany()
  await db.$disconnect()
  return Response.json(users)
}
"""
UNBOUNDED = """import { prisma } from './prisma'

export async function load(ids: string[]) {
  return Promise.all(ids.map((id) => prisma.user.findMany({ where: { name: id } })))
}
"""
MANIFEST = {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "next": "15.0.0"}}
PROJECT: dict[str, object] = {
    "package.json": MANIFEST,
    "prisma/schema.prisma": SCHEMA,
    "lib/prisma.ts": CLIENT,
    "lib/load.ts": UNBOUNDED,
    "app/api/users/route.ts": HANDLER,
}
SUBJECTS = 2
"""Commits that the safe fixes of PROJECT make: one per rule."""


@dataclass
class Fleet:
    """`folder` holds the campaign's file `spring.toml`, the bare repositories and whatever a run makes."""

    folder: Path
    open_server: Callable[[Kind], Server]
    servers: dict[str, Server] = field(default_factory=dict)
    tables: list[str] = field(default_factory=list)

    def bare(self, name: str) -> Path:
        return self.folder / f"{name}.git"

    def add(self, name: str, files: Mapping[str, object] = PROJECT, *, kind: Kind = "github", **keys: Any) -> Server:
        """A repository `acme/NAME` with these files on `main`, in the campaign by its URL."""
        server = self.open_server(kind)
        server.repository = f"acme/{name}"
        run_git(self.folder, "init", "-q", "--bare", "-b", "main", str(self.bare(name)))
        server.git = self.bare(name)
        self.servers[name] = server
        if files:
            self.push(name, files)
        self.table(name=name, url=self.bare(name).as_uri(), **self.forge(name), **keys)
        return server

    def forge(self, name: str) -> dict[str, str]:
        return {
            "forge": self.servers[name].kind,
            "forge-api": self.servers[name].api,
            "forge-repository": f"acme/{name}",
        }

    def push(self, name: str, files: Mapping[str, object]) -> None:
        """Commit files on `main` of a remote."""
        work = self.folder / f"work-{name}"
        if not work.exists():
            run_git(self.folder, "init", "-q", "-b", "main", str(work))
            run_git(work, "remote", "add", "origin", str(self.bare(name)))
        write(work, files)
        run_git(work, "add", "-A")
        run_git(work, "commit", "-q", "-m", "work")
        run_git(work, "push", "-q", "origin", "main")

    def table(self, **keys: Any) -> None:
        rows = [f"{key} = {json.dumps(value)}" for key, value in keys.items()]
        self.tables.append("\n".join(["[[repository]]", *rows]))

    def write(self, **keys: Any) -> Path:
        """The campaign's file, with these keys above the repositories."""
        file = self.folder / "spring.toml"
        rows = [f"{key.replace('_', '-')} = {json.dumps(value)}" for key, value in {"name": "spring", **keys}.items()]
        file.write_text("\n\n".join(["\n".join(rows), *self.tables]) + "\n")
        return file

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        (self.folder / "spring.toml").exists() or self.write()
        return subprocess.Popen(
            [*PROGRAM, "batch", *arguments],
            cwd=self.folder,
            env=environment(GH_ENTERPRISE_TOKEN=TOKEN, GITLAB_TOKEN=TOKEN) | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """`prismafix batch …`; without arguments the campaign."""
        process = self.start(*(arguments or ("spring.toml",)), **more)
        out, err = process.communicate()
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    def status(self, *arguments: str) -> dict[str, Any]:
        """What `batch status --format json` says, the repositories by their names."""
        if arguments:
            printed = json.loads(self.run("status", "spring.toml", "--format", "json", *arguments).stdout)
        else:  # without a process, which takes longer than the question
            campaign = read(self.folder / "spring.toml")
            with opened(campaign, create=False) as state:
                printed = to_data(campaign, state.repositories(), state.history())
        return printed | {"repositories": {r["name"]: r for r in printed["repositories"]}}

    def branches(self, name: str) -> list[str]:
        return run_git(self.bare(name), "for-each-ref", "--format=%(refname:short)", "refs/heads").splitlines()

    def subjects(self, name: str, branch: str = "prismafix/fixes") -> list[str]:
        return run_git(self.bare(name), "log", "--reverse", "--format=%s", f"main..{branch}").splitlines()

    def left_behind(self) -> list[str]:
        """What is in the temporary folder, and work trees that clones know of."""
        left = [path.name for path in Path(os.environ["TMPDIR"]).iterdir()]
        for clone in (self.folder / "spring.prismafix" / "clones").glob("*"):
            left += [tree for tree in run_git(clone, "worktree", "list", "--porcelain").split("\n\n")[1:] if tree]
        return left

    def git_that(self, does: str, when: str, *, after: bool = False) -> dict[str, str]:
        """An environment in which git, the first time that `when` is among its arguments, does something: a line of
        shell before (or `after`) its work. `$STARTER` is the process that started this turn's own."""
        real = shutil.which("git")
        folder = self.folder / "shim"
        folder.mkdir(exist_ok=True)
        once = f'if mkdir "{folder}/done" 2>/dev/null; then {does}; fi'
        shim = folder / "git"
        shim.write_text(
            f"""#!/bin/sh
PATH=${{PATH#{folder}:}}
STARTER=$(cut -d' ' -f4 /proc/$PPID/stat)
case " $* " in
  *" {when} "*) {f'"{real}" "$@"; code=$?; {once}; exit $code' if after else once} ;;
esac
exec "{real}" "$@"
"""
        )
        shim.chmod(0o755)
        return {"PATH": f"{folder}:{os.environ['PATH']}"}
