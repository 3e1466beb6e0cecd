"""A project with old findings starts at zero: what is in the baseline is known, what is new is reported and fixed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from .running import prismafix

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"
FILE = "prismafix-baseline.json"
OLD = """\
export async function old(ids: number[]) {
  return await Promise.all(ids.map((id) => db.user.findUnique({ where: { id } })))
}
"""
FILES = {
    "package.json": '{"name": "shop", "dependencies": {"@prisma/client": "^6.19.0"}}\n',
    "prisma/schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url      = env("DATABASE_URL")\n}\n\n'
    'generator client {\n  provider = "prisma-client-js"\n}\n\nmodel User {\n  id Int @id\n}\n',
    "src/db.ts": "import { PrismaClient } from '@prisma/client'\n\nexport const db = new PrismaClient()\n",
    "src/a.ts": f"import {{ db }} from './db'\n\n{OLD}",
    ".gitignore": "node_modules\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with one finding (PF301) in `src/a.ts`."""
    root = tmp_path / "shop"
    for name, text in FILES.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def add_another(root: Path) -> None:
    """The same again under another name, above the old one, so that lines shift."""
    new = OLD.replace("old", "fresh")
    (root / "src/a.ts").write_text(f"import {{ db }} from './db'\n\n{new}\n{OLD}")


def test_what_is_known_is_not_reported_and_what_is_new_is(project: Path) -> None:
    assert prismafix("check", cwd=project).returncode == 1
    done = prismafix("check", "--write-baseline", FILE, cwd=project)
    assert (done.returncode, done.stdout.splitlines()) == (
        0,
        [f"{FILE} written: 1 finding. `prismafix check --baseline {FILE}` reports only others."],
    )
    done = prismafix("check", "--baseline", FILE, cwd=project)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "No findings in 2 source files in 1 package.",
        f"1 more finding is known in the baseline {FILE}.",
    ]
    add_another(project)
    done = prismafix("check", "--baseline", FILE, cwd=project)
    assert done.returncode == 1
    assert [line for line in done.stdout.splitlines() if "PF301" in line and line.startswith("src/")] == [
        next(line for line in done.stdout.splitlines() if line.startswith("src/a.ts:4:"))
    ]


def test_the_file_is_small_sorted_and_holds_no_source(project: Path) -> None:
    (project / "src/b.ts").write_text((project / "src/a.ts").read_text())
    prismafix("check", "--write-baseline", FILE, cwd=project)
    text = (project / FILE).read_text()
    data = json.loads(text)
    assert data["version"] == 1
    assert [list(row) for row in data["findings"]] == [["code", "path", "fingerprint"]] * 2
    assert [(row["path"], row["code"]) for row in data["findings"]] == [("src/a.ts", "PF301"), ("src/b.ts", "PF301")]
    assert len(text.splitlines()) == 4, "one finding per line, for diffs and merges"
    prismafix("check", "--write-baseline", FILE, cwd=project)
    assert (project / FILE).read_text() == text, "the same tree gives the same bytes"


def test_the_configuration_names_it_and_an_option_does_without(project: Path) -> None:
    prismafix("check", "--write-baseline", FILE, cwd=project)
    (project / "prismafix.toml").write_text(f'baseline = "{FILE}"\n')
    assert prismafix("check", cwd=project / "src").returncode == 0
    assert prismafix("check", "--no-baseline", cwd=project).returncode == 1
    done = prismafix("check", "--format=json", cwd=project)
    assert json.loads(done.stdout)["findings"] == []
    assert done.stderr == f"prismafix: 1 more finding is known in the baseline {FILE}.\n"
    prismafix("check", "--write-baseline", FILE, cwd=project)
    assert len(json.loads((project / FILE).read_text())["findings"]) == 1, "all that is found, not only what is new"


def test_what_is_gone_is_said_and_can_be_taken_out(project: Path) -> None:
    add_another(project)
    prismafix("check", "--write-baseline", FILE, cwd=project)
    (project / "src/a.ts").write_text(FILES["src/a.ts"])
    done = prismafix("check", "--baseline", FILE, cwd=project)
    assert done.returncode == 0
    assert f"1 of the baseline {FILE} is gone: `prismafix check --prune-baseline` takes it out." in done.stdout
    done = prismafix("check", "--baseline", FILE, "--prune-baseline", cwd=project)
    assert (done.returncode, done.stderr) == (0, f"{FILE}: 1 taken out, 1 kept.\n")
    assert len(json.loads((project / FILE).read_text())["findings"]) == 1
    assert "gone" not in prismafix("check", "--baseline", FILE, cwd=project).stdout


def test_a_baseline_of_which_nothing_is_left_is_not_emptied(project: Path) -> None:
    prismafix("check", "--write-baseline", FILE, cwd=project)
    text = (project / FILE).read_text()
    (project / "src/a.ts").unlink()
    done = prismafix("check", "--baseline", FILE, "--prune-baseline", cwd=project)
    assert (done.returncode, "Is it of this folder? Then delete it." in done.stderr) == (0, True)
    assert (project / FILE).read_text() == text


def test_what_was_not_looked_for_is_not_gone(project: Path) -> None:
    (project / "src/b.ts").write_text((project / "src/a.ts").read_text())
    prismafix("check", "--write-baseline", FILE, cwd=project)
    for narrower in (["src/a.ts"], ["--select=PF1"], ["--ignore=PF301"]):
        done = prismafix("check", "--baseline", FILE, "--prune-baseline", *narrower, cwd=project)
        assert (done.returncode, done.stderr) == (0, f"{FILE}: nothing to take out, 2 kept.\n")


def test_fix_leaves_alone_what_is_known(project: Path) -> None:
    prismafix("check", "--write-baseline", FILE, cwd=project)
    add_another(project)
    done = prismafix("fix", "--baseline", FILE, "--unsafe-fixes", cwd=project)
    assert "1 more finding is known in the baseline and left alone: `--no-baseline` fixes them too." in done.stdout
    text = (project / "src/a.ts").read_text()
    assert OLD in text and "findMany" in text.partition("function old")[0]
    (project / "prismafix.toml").write_text(f'baseline = "{FILE}"\n')
    assert prismafix("fix", "--diff", "--unsafe-fixes", cwd=project).stdout == ""
    prismafix("fix", "--no-baseline", "--unsafe-fixes", cwd=project)
    assert OLD not in (project / "src/a.ts").read_text()


def test_what_shares_a_fix_with_a_known_finding_says_so(tmp_path: Path) -> None:
    root = shutil.copytree(DEMO, tmp_path / "demo")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    before = json.loads(prismafix("check", "--format=json", cwd=root).stdout)["findings"]
    prismafix("check", "--select=PF101", "--write-baseline", FILE, cwd=root)
    known = {row["fingerprint"] for row in json.loads((root / FILE).read_text())["findings"]}
    assert known
    after = json.loads(prismafix("check", "--baseline", FILE, "--format=json", cwd=root).stdout)["findings"]
    assert {f["fingerprint"] for f in after} == {f["fingerprint"] for f in before} - known
    held = [f["reason"] for f in after if "in the baseline" in f["reason"]]
    assert held
    assert all(reason.startswith("its fix also needs PF101 at ") for reason in held)


def test_files_that_git_ignores_are_not_in_it(project: Path) -> None:
    (project / ".gitignore").write_text(".env\n")
    (project / ".env").write_text("DATABASE_URL=postgresql://ann:hunter2@ep-x-pooler.eu.aws.neon.tech/shop\n")
    (project / "prismafix.toml").write_text('ignore = ["PF3"]\n')
    assert any(
        finding["path"] == ".env"
        for finding in json.loads(prismafix("check", "--format=json", cwd=project).stdout)["findings"]
    )
    prismafix("check", "--write-baseline", FILE, cwd=project)
    assert ".env" not in (project / FILE).read_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "cannot be read: No such file or directory: write one with `prismafix check --write-baseline FILE`"),
        ("{", "it is no valid JSON"),
        ("[]", 'it has no list "findings"'),
        ('{"version": 2, "findings": []}', "its version is 2, and this prismafix knows version 1"),
        ('{"version": 1, "findings": [{"code": "PF301"}]}', "its finding 1 is not a code, a path and a fingerprint"),
    ],
)
def test_a_damaged_baseline_is_wrong_use(project: Path, text: str | None, words: str) -> None:
    if text is not None:
        (project / FILE).write_text(text)
    done = prismafix("check", "--baseline", FILE, cwd=project)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"prismafix: the baseline {FILE} ") and words in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "--prune-baseline"], "--prune-baseline needs a baseline"),
        (["check", "--baseline=a", "--no-baseline"], "leave out --baseline"),
        (["check", "--baseline=a", "--write-baseline=b"], "leave out --baseline"),
        (["fix", "--baseline=a", "--no-baseline"], "leave out --baseline"),
    ],
)
def test_options_that_contradict_each_other(project: Path, arguments: list[str], words: str) -> None:
    done = prismafix(*arguments, cwd=project)
    assert (done.returncode, done.stdout) == (2, "") and words in done.stderr
