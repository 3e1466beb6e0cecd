"""Runs with a cache say what runs without one say."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import prismafix
from prismafix.cache.folder import Cache
from prismafix.cli.settings import prepare
from prismafix.engine.kept import run_kept
from prismafix.engine.result_data import from_data, to_data
from prismafix.report.json_report import to_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.engine.model import Result

FILES = {
    "package.json": '{"name": "shop", "dependencies": {"@prisma/client": "5.22.0", "express": "4.19.0"}}',
    "tsconfig.json": '{"compilerOptions": {"paths": {"@/*": ["./src/*"]}}}',
    "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n'
    'generator client {\n  provider = "prisma-client-js"\n}\nmodel User {\n  id Int @id\n}\n',
    "src/db.ts": "import { PrismaClient } from '@prisma/client'\nexport const prisma = new PrismaClient()\n",
    "src/all.ts": "import { prisma } from '@/db'\nimport { one } from './one'\n"
    "export const all = (ids: number[]) => Promise.all(ids.map((id) => one(id)))\n",
    "src/one.ts": "import { prisma } from '@/db'\n"
    "export const one = (id: number) => prisma.user.findFirst({ where: { id } })\n",
    "src/other.ts": "import { PrismaClient } from '@prisma/client'\nexport async function count() {\n"
    "  const prisma = new PrismaClient()\n  return prisma.user.count()\n}\n",
    ".gitignore": ".env\n",
    ".env": "DATABASE_URL=postgresql://u:p@localhost:5432/shop\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(root)], check=True)
    return root


def look(root: Path, cache: Path | None, **given: Any) -> Result:
    asked = dict.fromkeys(
        ("select", "ignore", "exclude", "include_scripts", "chunk_size", "call_depth", "jobs", "config")
    )
    job = prepare([root], **{**asked, "strict": False, "cache_dir": cache, "no_cache": cache is None, **given})  # type: ignore[arg-type]
    return run_kept(job.listed, job.options, job.cache)


def taint(root: Path, cache: Path) -> None:
    """Make a run that takes its result from the cache tell so."""
    kept = Cache.open(root.resolve(), cache)
    for path in kept.folder.glob("result-*"):
        whole: Any = kept.load(path.name)
        kind, root_data, _, *rest = whole["result"]
        kept.save(path.name, {**whole, "result": (kind, root_data, (-3,), *rest)})


def test_a_second_run_takes_the_result_from_the_cache(project: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    plain = look(project, None)
    assert {r.finding.code for r in plain.findings} >= {"PF101", "PF303"}
    assert to_json(look(project, cache)) == to_json(plain) == to_json(look(project, cache))
    taint(project, cache)
    assert look(project, cache).findings == ()
    assert look(project, None).findings != () and look(project, cache, select=["PF1"]).findings != ()


def append(name: str, text: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text((root / name).read_text() + text)


def replaced(name: str, old: str, new: str) -> Callable[[Path], object]:
    return lambda root: (root / name).write_text((root / name).read_text().replace(old, new))


def written(name: str, text: str) -> Callable[[Path], object]:
    def change(root: Path) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)

    return change


CHANGES: dict[str, Callable[[Path], object]] = {
    "source": replaced("src/one.ts", "findFirst", "findMany"),
    "source of the same size": replaced("src/one.ts", "prisma.user.findFirst", "({} as any).findFirst"),
    "source that matters to nobody": append("src/one.ts", "export const two = 2\n"),
    "source that does not parse": append("src/other.ts", "const = (\n"),
    "suppression": replaced("src/all.ts", "export", "// prismafix-ignore PF303\nexport"),
    "file added": written("src/more.ts", FILES["src/other.ts"]),
    "file removed": lambda root: (root / "src/other.ts").unlink(),
    "file renamed": lambda root: (root / "src/one.ts").rename(root / "src/uno.ts"),
    "file turned into a link": lambda root: (
        (root / "src/one.ts").rename(root / "one.txt") and (root / "src/one.ts").symlink_to("../one.txt")
    ),
    "package.json": replaced("package.json", "5.22.0", "7.1.0"),
    "package.json without Prisma": replaced("package.json", "@prisma/client", "left-pad"),
    "package added": written("tools/package.json", '{"name": "tools"}'),
    "tsconfig": replaced("tsconfig.json", "./src/*", "./lib/*"),
    "schema": replaced("prisma/schema.prisma", "postgresql", "mongodb"),
    "schema removed": lambda root: shutil.rmtree(root / "prisma"),
    "lock file": written("package-lock.json", '{"packages": {"node_modules/@prisma/client": {"version": "6.1.0"}}}'),
    "configuration": written("prismafix.toml", 'ignore = ["PF101"]\n'),
    "configuration of a folder": written("src/package.json", '{"prismafix": {"chunk-size": 3}}'),
    "excluded": written("prismafix.toml", 'exclude = ["src/other.ts"]\n'),
    ".gitignore": append(".gitignore", "src/other.ts\n"),
    "git's own excludes": append(".git/info/exclude", "src/other.ts\n"),
    "ignored env file": written(".env", "DATABASE_URL=postgresql://u:p@localhost:5432/shop?connection_limit=1\n"),
    "ignored env file removed": lambda root: (root / ".env").unlink(),
    "target": written("vercel.json", "{}"),
    "edge": written("wrangler.toml", 'main = "src/all.ts"\n'),
    "ignored file that is looked for": lambda root: (
        append(".gitignore", "nx.json\n")(root) and written("nx.json", "{}")(root)
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=list(CHANGES))
def test_after_a_change_the_answer_is_that_of_a_run_without_a_cache(
    project: Path, tmp_path: Path, change: Callable[[Path], object]
) -> None:
    cache = tmp_path / "cache"
    look(project, cache)
    look(project, cache, apply=True, unsafe=True)
    change(project)
    for _ in range(2):
        assert to_json(look(project, cache)) == to_json(look(project, None))
        assert (
            look(project, cache, apply=True, unsafe=True).changes
            == look(project, None, apply=True, unsafe=True).changes
        )


def test_a_change_that_is_taken_back_is_known_again(project: Path, tmp_path: Path) -> None:
    before = to_json(look(project, tmp_path / "cache"))
    text = (project / "src/other.ts").read_text()
    (project / "src/other.ts").unlink()
    assert to_json(look(project, tmp_path / "cache")) != before
    (project / "src/other.ts").write_text(text)
    assert to_json(look(project, tmp_path / "cache")) == before


@pytest.mark.parametrize(
    "given",
    [
        {"select": ["PF1"]},
        {"ignore": ["PF303"]},
        {"exclude": ["src/other.ts"]},
        {"include_scripts": True},
        {"chunk_size": 17},
        {"call_depth": 9},
        {"apply": True},
        {"apply": True, "unsafe": True},
    ],
    ids=str,
)
def test_every_option_has_its_own_answer(project: Path, tmp_path: Path, given: dict[str, Any]) -> None:
    cache = tmp_path / "cache"
    for options in ({}, given, {}, given):
        kept, plain = look(project, cache, **options), look(project, None, **options)
        assert to_json(kept) == to_json(plain) and kept.changes == plain.changes and kept.fixes == plain.fixes


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_number_of_processes_changes_nothing(project: Path, tmp_path: Path, jobs: int) -> None:
    for number in range(1_100):  # enough for worker processes
        (project / f"src/f{number}.ts").write_text(FILES["src/other.ts" if number % 10 == 0 else "src/one.ts"])
    plain = to_json(look(project, None, jobs=1))
    assert to_json(look(project, None, jobs=jobs)) == plain
    assert to_json(look(project, tmp_path / "cache", jobs=jobs)) == plain
    (project / "src/one.ts").write_text(FILES["src/one.ts"] + "\n")
    assert to_json(look(project, tmp_path / "cache", jobs=jobs)) == to_json(look(project, None, jobs=1))


def test_the_progress_of_a_run_with_a_cache_is_told(project: Path, tmp_path: Path) -> None:
    asked = dict.fromkeys(
        ("select", "ignore", "exclude", "include_scripts", "chunk_size", "call_depth", "jobs", "config")
    )
    job = prepare([project], **{**asked, "strict": False, "cache_dir": tmp_path / "cache", "no_cache": False})  # type: ignore[arg-type]
    told: list[str] = []
    run_kept(job.listed, job.options, job.cache, lambda stage, done, total: told.append(stage))
    assert told[0] == "workspace"
    assert "rules" in told


def test_results_come_back_as_they_were(project: Path) -> None:
    result = look(project, None, apply=True, unsafe=True)
    again = from_data(to_data(result))
    assert again.changes == result.changes != () and again.fixes == result.fixes != ()
    assert to_json(again) == to_json(result)


@pytest.mark.parametrize("data", [None, 1, (), (99,), (0, 1), [], (-1, "x"), (5, "path")], ids=repr)
def test_what_is_no_result_is_refused(data: object) -> None:
    with pytest.raises(ValueError, match="no result"):
        from_data(data)


def test_nothing_is_left_in_the_analysed_tree(project: Path, tmp_path: Path) -> None:
    before = sorted(path for path in project.rglob("*"))
    look(project, tmp_path / "cache")
    assert sorted(path for path in project.rglob("*")) == before


def check(program: Path, root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    argv = [sys.executable, "-P", "-m", "prismafix", "check", *options, str(root)]
    return subprocess.run(
        argv, env={"PYTHONPATH": str(program), "PATH": "/usr/bin:/bin"}, capture_output=True, text=True
    )


def test_another_version_of_the_program_looks_anew(project: Path, tmp_path: Path) -> None:
    source, program = Path(prismafix.__file__).parents[1], tmp_path / "program"
    for name in ("prismafix", "queries"):
        shutil.copytree(source / name, program / name, ignore=shutil.ignore_patterns("__pycache__"))
    cache = ("--cache-dir", str(tmp_path / "cache"))
    first = check(program, project, *cache)
    assert first.returncode == 1 and first.stdout == check(program, project, *cache).stdout
    registry = program / "prismafix/rules/registry.py"
    shutil.move(program / "prismafix/rules/pf101_client_per_call.py", tmp_path)
    assert registry.exists()
    second = check(program, project, *cache)
    assert second.stdout == check(program, project, "--no-cache").stdout != first.stdout


@pytest.mark.parametrize("options", [(), ("--format", "json"), ("--verbose",), ("--quiet",)], ids=str)
def test_the_command_prints_the_same_bytes(project: Path, tmp_path: Path, options: tuple[str, ...]) -> None:
    program = Path(prismafix.__file__).parents[1]
    plain = check(program, project, "--no-cache", *options)
    for _ in range(2):
        kept = check(program, project, "--cache-dir", str(tmp_path / "cache"), *options)
        assert (kept.stdout, kept.stderr, kept.returncode) == (plain.stdout, plain.stderr, plain.returncode)


def test_a_cache_that_cannot_be_written_is_one_warning(project: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    program = Path(prismafix.__file__).parents[1]
    done = check(program, project, "--cache-dir", str(tmp_path / "file"))
    assert done.stdout == check(program, project, "--no-cache").stdout and done.returncode == 1
    assert len(done.stderr.splitlines()) == 1 and "cannot be written" in done.stderr and "--no-cache" in done.stderr


def test_the_configuration_may_say_where_or_that_nothing_is_kept(project: Path, tmp_path: Path) -> None:
    program = Path(prismafix.__file__).parents[1]
    (project / "prismafix.toml").write_text('cache-dir = "../kept"\n')
    check(program, project)
    assert (tmp_path / "kept/CACHEDIR.TAG").is_file()
    shutil.rmtree(tmp_path / "kept")
    (project / "prismafix.toml").write_text('cache-dir = "../kept"\nno-cache = true\n')
    check(program, project)
    assert not (tmp_path / "kept").exists()
    (project / "prismafix.toml").write_text('cache-dir = ""\n')
    assert "cache-dir must be the path of a folder" in check(program, project).stderr
