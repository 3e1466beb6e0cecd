"""`prismafix pr` as a process, on real findings."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.running import environment, prismafix
from tests.forges.servers import TOKEN, Server
from tests.verification.projects import PLAIN, STRANGE, install, module

from .place import Place, hook, make_place, run_git

if TYPE_CHECKING:
    from pathlib import Path

BRANCH = "prismafix/fixes"
SCHEMA = (
    'generator client {\n  provider = "prisma-client-js"\n}\n\n'
    'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\nmodel User {\n  id Int @id\n}\n'
)
HANDLER = (
    'import { PrismaClient } from "@prisma/client";\n\nexport async function handler() {\n'
    "  const prisma = new PrismaClient();\n  return prisma.user.count();\n}\n"
)
FAN_OUT = (
    'import { prisma } from "./db";\n\nexport async function load(ids: number[]) {\n'
    "  return Promise.all(ids.map((id) => prisma.user.findFirst({ where: { id } })));\n}\n"
)
DB = (
    'import { PrismaClient } from "@prisma/client";\n\n'
    "const globalForPrisma = globalThis as unknown as { prisma?: PrismaClient };\n"
    "\nexport const prisma = globalForPrisma.prisma ?? new PrismaClient();\n\n"
    'if (process.env.NODE_ENV !== "production") globalForPrisma.prisma = prisma;\n'
)
SHOP: dict[str, object] = {
    "package.json": {"name": "shop", "dependencies": {"@prisma/client": "5.22.0"}},
    "serverless.yml": "service: shop\nprovider:\n  name: aws\nfunctions:\n  a:\n    handler: src/a.handler\n",
    "prisma/schema.prisma": SCHEMA,
    "src/db.ts": DB,
    "src/a.ts": HANDLER,
    "src/load.ts": FAN_OUT,
}


@pytest.fixture
def shop(tmp_path: Path, server: Server) -> Place:
    return make_place(tmp_path, server, SHOP)


def test_what_a_user_sees(shop: Place) -> None:
    look = shop.run("--dry-run")
    assert look.returncode == 1, look.stderr
    title = "fix(shop): resolve 2 findings in clients and fan-outs (PF101, PF303)"
    assert look.stdout.startswith(f"would open {BRANCH} → main: {title}\n")
    for part in (
        "  commit ",
        "### Fixed",
        "### How to verify",
        "diff --git a/src/a.ts b/src/a.ts",
        "+import { prisma }",
    ):
        assert part in look.stdout
    assert shop.at(BRANCH) == "" and shop.server.pulls == []

    done = shop.run()
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0].startswith("opened https://github.example/acme/shop/pull/1: fix(shop): ")
    assert f"2 findings fixed in 2 commits on {BRANCH}, for main" in done.stdout
    assert f"prismafix: {BRANCH} is pushed (" in done.stderr
    body = shop.server.pulls[0].body
    assert "PF101 client-per-call" in body and "`DATABASE_URL`: its value is not in the repository" in body
    assert "from pg_stat_activity" in body and shop.git("status", "--porcelain") == ""

    again = shop.run()
    assert (again.returncode, again.stderr) == (0, "") and again.stdout.startswith("unchanged https://")
    assert shop.run("--dry-run").returncode == 0

    nothing = shop.run("--select", "PF401", "--branch", "other")
    assert (nothing.returncode, nothing.stdout) == (0, "No fix for main: nothing to open.\n")


def test_json(shop: Place) -> None:
    report = json.loads(shop.run("--format", "json", "--per", "rule").stdout)
    assert report["version"] == 1
    assert [(p["branch"], p["status"], p["number"]) for p in report["pull_requests"]] == [
        (f"{BRANCH}-pf101", "opened", 1),
        (f"{BRANCH}-pf303", "opened", 2),
    ]
    assert report["pull_requests"][0]["commits"][0]["subject"] == shop.subjects(f"{BRANCH}-pf101")[0]


def test_without_a_token_only_a_dry_run_is_possible(shop: Place) -> None:
    forge = ("--forge", "github", "--forge-api", shop.server.api, "--forge-repository", "acme/shop")
    run = prismafix("pr", *forge, cwd=shop.repo)
    assert run.returncode == 2 and "no token" in run.stderr and run.stdout == "" and run.stderr.count("\n") == 1
    run = prismafix("pr", "--dry-run", cwd=shop.repo)
    assert run.returncode == 1 and run.stdout.startswith("would open ") and "is not known" in run.stderr
    assert shop.server.requests == [] and shop.at(BRANCH) == ""


def test_a_label_without_a_name(shop: Place) -> None:
    run = shop.run("--label", "")
    assert (run.returncode, run.stderr) == (2, "prismafix: --label needs the name of a label\n")
    assert shop.server.requests == []


def test_paths_limit_it_and_have_to_be_in_the_base(shop: Place) -> None:
    (shop.repo / "src/new.ts").write_text(HANDLER)
    run = shop.run("src/new.ts", "src/a.ts")
    assert run.returncode == 2 and "src/new.ts is not in the branch that is looked at" in run.stderr
    assert shop.run("src/a.ts").returncode == 0 and shop.changed(BRANCH) == ["src/a.ts"]


def test_each_of_several_carries_the_shared_module_it_needs(tmp_path: Path, server: Server) -> None:
    files = {k: v for k, v in SHOP.items() if k not in ("src/db.ts", "src/load.ts", "serverless.yml")}
    client = 'import { PrismaClient } from "@prisma/client";\n\nconst prisma = new PrismaClient();\n\n'
    route = 'import express from "express";\n\nexport const app = express();\napp.get("/", async (_, r) => {\n'
    body = "  r.json(await prisma.user.count());\n});\n"
    files["src/a.ts"] = (
        route.replace("express();\n", "express();\n", 1) + "  const prisma = new PrismaClient();\n" + body
    )
    files["src/a.ts"] = 'import { PrismaClient } from "@prisma/client";\n' + str(files["src/a.ts"])
    for name in ("b", "c"):
        files[f"src/{name}.ts"] = client + "export const count = () => prisma.user.count();\n"
    place = make_place(tmp_path, server, files)
    run = place.run("--per", "rule", "--unsafe-fixes", "--select", "PF101,PF102")
    assert run.returncode == 0, run.stderr
    heads = [pull.head for pull in server.pulls]
    assert heads == [f"{BRANCH}-pf101", f"{BRANCH}-pf102"]
    for head in heads:
        imported = {
            re.findall(r'import \{ prisma[^}]*\} from "\./(.*)"', place.file(head, path))[0]
            for path in place.changed(head)
            if "import { prisma" in place.file(head, path)
        }
        assert len(imported) == 1 and place.file(head, f"src/{imported.pop()}.ts")


def test_verify_leaves_out_what_would_not_compile(tmp_path: Path, server: Server) -> None:
    ignored = {".gitignore": "node_modules/\nprisma/client/\n"}
    files = {**PLAIN, **ignored, "src/fine.ts": module(), "src/strange.ts": STRANGE}
    place = make_place(tmp_path, server, files)
    install(place.repo)
    run = place.run("--verify")
    assert run.returncode == 0, run.stderr
    assert place.changed(BRANCH) == ["src/fine.ts", "src/lib/map-in-chunks.ts"]
    assert "with this fix TypeScript reports" in server.pulls[0].body
    assert (place.repo / "prisma/client/index.d.ts").exists() and place.git("status", "--porcelain") == ""
    clone = place.clone()
    run = clone.run("--verify")
    assert run.returncode == 2 and "nothing is installed" in run.stderr and run.stderr.count("\n") == 1


def test_hunks_of_a_dry_run_hold_no_password_and_commits_tell_none(tmp_path: Path, server: Server) -> None:
    """What git tracks with a password in it is changed and pushed as it was; it is named, and said nowhere."""
    password = "Hunter2-kept-secret"
    url = f"postgresql://app:{password}@ep-cool-night-1.eu-central-1.aws.neon.tech/shop?sslmode=require"
    files = {**SHOP, ".gitignore": ".env\n", ".env.production": f"DATABASE_URL={url}\n"}
    place = make_place(tmp_path, server, files)
    other = "only-on-this-machine"
    (place.repo / ".env").write_text(f"DATABASE_URL={url.replace(password, other)}\nLOCAL_URL={url}\n")
    recorded = tmp_path / "arguments"
    bin_folder = tmp_path / "bin"
    real = subprocess.run(["which", "git"], capture_output=True, text=True, check=True).stdout.strip()
    hook(bin_folder, "git", f'printf "%s\\n" "$@" >> {recorded}\nexec {real} "$@"\n')
    path = f"{bin_folder}:{os.environ['PATH']}"
    runs = [
        place.run("--unsafe-fixes", "--dry-run", PATH=path),
        place.run("--unsafe-fixes", PATH=path),
        place.run("--unsafe-fixes", "--format", "json", PATH=path),
        place.run("--unsafe-fixes", "--per", "rule", PATH=path),
    ]
    server.fail_next(403, body={"message": f"no {url}"}, method="POST", path="/pulls$")
    runs.append(place.run("--unsafe-fixes", "--branch", "refused", PATH=path))
    hook(place.repo, ".git/hooks/pre-commit", f"echo '{url} is bad' >&2; exit 1\n")
    runs.append(place.run("--unsafe-fixes", "--branch", "hooked", PATH=path))
    hook(place.repo, ".git/hooks/pre-commit", "exit 0\n")
    hook(
        place.bare, "hooks/pre-receive", f"echo '{url} is bad, and https://{TOKEN}@git.acme.example too' >&2; exit 1\n"
    )
    runs.append(place.run("--unsafe-fixes", "--branch", "protected", PATH=path))
    assert [run.returncode for run in runs] == [1, 0, 0, 0, 2, 2, 2], [run.stderr for run in runs]

    assert "connection_limit=" in place.file(BRANCH, ".env.production"), "the fix is there"
    shown = {
        "output": "".join(run.stdout + run.stderr for run in runs),
        "arguments": recorded.read_text(),
        "messages": run_git(place.bare, "log", "--all", "--format=%B%an%ae"),
        "requests": repr([(r.path, r.query, r.body) for r in server.requests]),
        "headers": repr([{k: v for k, v in r.headers.items() if k != "Authorization"} for r in server.requests]),
    }
    for name, text in shown.items():
        assert text and password not in text and other not in text and TOKEN not in text, name
    objects = [line.split()[0] for line in run_git(place.bare, "rev-list", "--all", "--objects").splitlines()]
    contents = subprocess.run(
        ["git", "cat-file", "--batch"],
        cwd=place.bare,
        input="\n".join(objects).encode(),
        capture_output=True,
        check=True,
    ).stdout
    assert other.encode() not in contents and TOKEN.encode() not in contents, "what git ignores is in no commit"
    for branch in ("main", BRANCH, f"{BRANCH}-pf501"):
        assert run_git(place.bare, "grep", "-l", password, branch) == f"{branch}:.env.production"
    body = server.pulls[0].body
    assert "`.env.production:1`: a password stands there" in body and "- [ ] `DATABASE_URL`: " in body


def test_a_template_for_commits(shop: Place) -> None:
    (shop.repo / "commit.txt").write_text(
        "chore(db): {count} x {codes}\n\n{findings}\n\n{links}\n\nTicket: DB-1 {{ok}}\n"
    )
    run = shop.run("--commit-template", "commit.txt", "--commit", "all")
    assert run.returncode == 0, run.stderr
    message = run_git(shop.bare, "log", "-1", "--format=%B", BRANCH).strip()
    assert message.startswith("chore(db): 2 x PF101, PF303\n\nWhat was found")
    assert message.endswith("More: prismafix explain PF303\n\nTicket: DB-1 {ok}")


def test_the_template_of_the_configuration_also_for_fix(shop: Place) -> None:
    (shop.repo / "commit.txt").write_text("{subject} [skip ci]\n\n{why}\n")
    pages = 'rule-pages = "https://example.com/rules"\n'
    (shop.repo / "prismafix.toml").write_text(f'commit-template = "commit.txt"\n{pages}')
    run = prismafix("fix", "--commit=all", cwd=shop.repo)
    assert run.returncode == 0, run.stderr
    message = shop.git("log", "-1", "--format=%B")
    assert message.splitlines()[0].endswith(" [skip ci]") and "\nhttps://example.com/rules/PF101.md" in message
    assert "Made by" not in message


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{subject} {who}\n", "{who} is no placeholder: there are {subject}, {why}"),
        ("{subject} {0}\n", "{0} is no placeholder"),
        ("{subject.x}\n", "{subject.x} is no placeholder"),
        ("{subject\n", "expected '}'"),
        ("\n{subject}\n", "its first line is empty"),
        ("", "its first line is empty"),
    ],
)
def test_a_template_that_cannot_be_used(shop: Place, text: str, said: str) -> None:
    (shop.repo / "c.txt").write_text(text)
    for command in (("pr",), ("fix", "--commit=all")):
        run = prismafix(*command, "--commit-template", "c.txt", cwd=shop.repo)
        assert run.returncode == 2 and run.stderr.startswith("prismafix: c.txt: ") and said in run.stderr, run.stderr
    assert shop.git("status", "--porcelain") == "?? c.txt"


def test_a_template_without_commits_or_a_file(shop: Place) -> None:
    run = prismafix("fix", "--commit-template", "c.txt", cwd=shop.repo)
    assert run.returncode == 2 and "--commit-template is for commits" in run.stderr
    run = prismafix("fix", "--commit=all", "--commit-template", "c.txt", cwd=shop.repo)
    assert run.returncode == 2 and "c.txt cannot be read" in run.stderr


@pytest.mark.parametrize("command", [["--version"], ["check"], ["pr", "--help"]])
def test_what_is_not_needed_is_not_imported(shop: Place, command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "prismafix", *command],
        cwd=shop.repo,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    imported = set(re.findall(r"\| +([\w.]+)$", done.stderr, re.MULTILINE))
    assert "prismafix" in imported
    assert not {"git", "github", "gitlab", "requests", "prismafix.delivery.pull_requests"} & imported


def test_every_commit_holds_all_that_it_imports(tmp_path: Path, server: Server) -> None:
    """A commit is never part of a fix: what is imported by a path is there at each of them."""
    demo = {}
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))  # noqa: PTH100, PTH120
    listed: Any = subprocess.run(["git", "ls-files", "-z", "fixtures/demo"], cwd=top, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        if name:
            with open(f"{top}/{name}", "rb") as file:  # noqa: PTH123
                demo[name.removeprefix("fixtures/demo/")] = file.read()
    place = make_place(tmp_path, server, demo)
    for by in ("fix", "rule", "package"):
        assert place.run("--unsafe-fixes", "--commit", by, "--branch", by).returncode == 0
        commits = run_git(place.bare, "rev-list", f"main..{by}").splitlines()
        assert len(commits) > 2
        for commit in commits:
            there = set(run_git(place.bare, "ls-tree", "-r", "--name-only", commit).splitlines())
            for path in run_git(place.bare, "diff", "--name-only", "main", commit).splitlines():
                for imported in re.findall(
                    r"from ['\"](\.[^'\"]+)['\"]", run_git(place.bare, "show", f"{commit}:{path}")
                ):
                    target = os.path.normpath(os.path.join(os.path.dirname(path), imported)).removesuffix(".js")  # noqa: PTH118, PTH120
                    known = {target + end for end in (".ts", ".js", ".tsx", "/index.ts")}
                    assert known & there or "generated" in target, (by, commit, path, imported)
