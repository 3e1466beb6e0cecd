"""`fixtures/demo` shows what EXPECTED.md promises: every finding, no other, and a patch that does what it says."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from prismafix.syntax.dialect import dialect_of
from prismafix.syntax.parsing import error_count, parse
from tests.cli.running import PROGRAM, environment, prismafix

DEMO = Path(__file__).parent.parent / "fixtures" / "demo"
SOURCES = (".ts", ".tsx", ".js")

Row = tuple[str, str, str]


def table(section: str) -> list[list[str]]:
    """The rows of the table under a heading of EXPECTED.md, cells without backticks."""
    text = (DEMO / "EXPECTED.md").read_text(encoding="utf-8").split(f"## {section}\n", 1)[1].split("\n## ", 1)[0]
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in text.split("\n") if "| `" in line
    ]
    assert rows, f"EXPECTED.md has no table under {section}"
    return rows


def expected() -> dict[tuple[str, str, str], str]:
    """(code, path, line:column) to applicability."""
    return {(code, path, place): applicability for code, path, place, applicability, _ in table("Findings")}


def found(root: Path) -> dict[tuple[str, str, str], str]:
    report = json.loads(prismafix("check", "--format", "json", str(root), cwd=root.parent).stdout)
    assert report["errors"] == []
    return {(f["code"], f["path"], f"{f['line']}:{f['column']}"): f["applicability"] for f in report["findings"]}


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    """A copy of the demo in a repository of its own, committed."""
    root = tmp_path / "larkfield"
    shutil.copytree(DEMO, root, ignore=shutil.ignore_patterns("node_modules", "generated", ".next"))
    git(root, "init", "-q")
    git(root, "add", "-A")
    git(root, "-c", "user.name=Ann", "-c", "user.email=ann@example.com", "commit", "-q", "-m", "start")
    return root


def git(root: Path, *arguments: str, stdin: bytes = b"") -> str:
    env = environment(GIT_CONFIG_GLOBAL="/dev/null")
    return subprocess.run(
        ["git", *arguments], cwd=root, env=env, input=stdin, check=True, capture_output=True
    ).stdout.decode()


def errors(root: Path) -> dict[str, int]:
    """How many places of each source file do not parse."""
    sources = sorted(p for p in root.rglob("*") if p.suffix in SOURCES)
    return {p.relative_to(root).as_posix(): error_count(parse(p.read_bytes(), dialect_of(p.name))) for p in sources}


def test_exactly_the_expected_findings() -> None:
    assert found(DEMO) == expected()


def test_expected_counts_what_it_lists() -> None:
    said = re.search(
        r"Together (\d+): (\d+) safe, (\d+) unsafe, (\d+) without a fix", (DEMO / "EXPECTED.md").read_text()
    )
    assert said is not None
    kinds = list(expected().values())
    counts = [len(kinds), *(kinds.count(kind) for kind in ("safe", "unsafe", "none"))]
    assert [int(number) for number in said.groups()] == counts


def test_the_readme_shows_real_output() -> None:
    shown = (DEMO.parents[1] / "README.md").read_text(encoding="utf-8").split("```diff\n", 1)[1].split("```", 1)[0]
    command = [*PROGRAM, "fix", "--diff", "--select", "PF101", str(DEMO)]
    patch = subprocess.run(command, cwd=DEMO, env=environment(), capture_output=True, check=False).stdout.decode()
    assert shown in patch.replace("fixtures/demo/", "")  # git wants paths from the repository's top


def test_decoys_are_where_expected_says_and_are_no_findings() -> None:
    places = {(path, place) for _, path, place in expected()}
    for _, path, place, _ in table("Decoys"):
        line, column = (int(number) for number in place.split(":"))
        text = (DEMO / path).read_text(encoding="utf-8").split("\n")[line - 1]
        assert re.fullmatch(r".*\W|", text[: column - 1]) and re.match(r"[$\w]", text[column - 1 :]), f"{path}:{place}"
        assert (path, place) not in places


def test_the_patch_of_the_safe_fixes(demo: Path) -> None:
    """`git apply` takes it, it is what `fix` writes, and what is left is what EXPECTED.md does not call safe."""
    before = errors(demo)
    command = [*PROGRAM, "fix", "--diff", str(demo)]
    patch = subprocess.run(command, cwd=demo, env=environment(), capture_output=True, check=False).stdout
    git(demo, "apply", "--check", stdin=patch)
    git(demo, "apply", stdin=patch)
    git(demo, "add", "-A")
    applied = git(demo, "diff", "--cached")
    git(demo, "reset", "-q", "--hard")

    done = prismafix("fix", str(demo), cwd=demo)
    git(demo, "add", "-A")
    assert git(demo, "diff", "--cached") == applied
    kinds = list(expected().values())
    safe, unsafe, none = (kinds.count(kind) for kind in ("safe", "unsafe", "none"))
    assert f"{len(kinds)} findings: {safe} fixed, {unsafe} held back (unsafe), {none} without a fix; " in done.stdout
    after = errors(demo)
    assert {path: count for path, count in after.items() if count > before.get(path, 0)} == {}

    left = sorted((code, path, kind) for (code, path, _), kind in expected().items() if kind != "safe")
    assert sorted((code, path, kind) for (code, path, _), kind in found(demo).items()) == left
    again = subprocess.run(command, cwd=demo, env=environment(), capture_output=True, check=False)
    assert (again.stdout, again.returncode) == (b"", 0)


def test_with_the_unsafe_fixes_only_what_has_none_is_left(demo: Path) -> None:
    before = errors(demo)
    done = prismafix("fix", "--unsafe-fixes", str(demo), cwd=demo)
    assert done.returncode == 1
    left = sorted((code, path) for (code, path, _), kind in expected().items() if kind == "none")
    assert sorted((code, path) for code, path, _ in found(demo)) == left
    assert {path: count for path, count in errors(demo).items() if count > before.get(path, 0)} == {}
    assert prismafix("fix", "--diff", "--unsafe-fixes", str(demo), cwd=demo).stdout == ""
