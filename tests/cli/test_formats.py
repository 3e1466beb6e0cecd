"""The formats of `check` for CI, as the command prints them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from .running import prismafix

DEMO = Path(__file__).resolve().parents[2] / "fixtures" / "demo"


@pytest.fixture(scope="module")
def repository(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository in which the demo is a folder of its own."""
    root = tmp_path_factory.mktemp("formats") / "all"
    shutil.copytree(DEMO, root / "my shop")
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    return root


def test_paths_are_those_of_the_repository(repository: Path) -> None:
    shop = repository / "my shop"
    (shop / "prismafix.toml").write_text('rule-pages = "https://example.com/rules"\n')
    log = json.loads(prismafix("check", ".", "--format=sarif", cwd=shop).stdout)["runs"][0]
    assert log["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].startswith(
        "my%20shop/apps/"
    )
    assert log["tool"]["driver"]["rules"][-1]["helpUri"].startswith("https://example.com/rules/PF")
    assert sum("fixes" in result for result in log["results"]) >= 13
    done = prismafix("check", ".", "--format=github", cwd=shop)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("::warning file=my shop/apps/backoffice/")
    assert "](my%20shop/apps/" in prismafix("check", ".", "--format=markdown", cwd=shop).stdout
    page = prismafix("check", ".", "--format=html", cwd=shop).stdout
    assert page.startswith("<!doctype html>") and page.count("<details open>") >= 10


def test_the_same_tree_gives_the_same_bytes_from_the_cache_too(repository: Path, tmp_path: Path) -> None:
    shop = repository / "my shop"
    for form in ("sarif", "github", "markdown", "html"):
        options = ("check", ".", f"--format={form}", "--cache-dir", str(tmp_path / "cache"))
        first, again, afresh = (
            prismafix(*options, *more, cwd=shop).stdout for more in ([], [], ["--no-cache", "--jobs=1"])
        )
        assert first == again == afresh != ""
        assert str(repository) not in first, "nothing tells where it was made"


def test_a_baseline_counts_in_every_format(repository: Path, tmp_path: Path) -> None:
    shop = repository / "my shop"
    file = str(tmp_path / "known.json")
    prismafix("check", ".", "--write-baseline", file, cwd=shop)
    said = "15 more findings are known in the baseline known.json."
    for form, words in (("sarif", '"results": []'), ("github", "No findings."), ("markdown", said), ("html", said)):
        done = prismafix("check", ".", f"--format={form}", "--baseline", file, cwd=shop)
        assert (done.returncode, done.stderr) == (0, f"prismafix: {said}\n")
        assert words in done.stdout
    assert prismafix("check", ".", "--format=sarif", "--baseline", file, "--quiet", cwd=shop).stderr == ""


def test_without_prisma_every_format_is_whole(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    for form, words in (("sarif", '"results": []'), ("github", "No findings."), ("markdown", "no findings")):
        done = prismafix("check", f"--format={form}", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "") and words in done.stdout
    assert "No findings in " in prismafix("check", "--format=html", cwd=tmp_path).stdout


def test_suppressed_findings_are_for_sarif_only(tmp_path: Path) -> None:
    done = prismafix("check", "--with-suppressed", cwd=tmp_path)
    assert done.returncode == 2 and "--with-suppressed is for --format sarif" in done.stderr


@pytest.mark.parametrize("value", ["3", '"docs/rules"'])
def test_the_address_of_the_pages_is_an_address(tmp_path: Path, value: str) -> None:
    (tmp_path / "package.json").write_text("{}")
    (tmp_path / "prismafix.toml").write_text(f"rule-pages = {value}\n")
    done = prismafix("check", cwd=tmp_path)
    assert done.returncode == 2 and "rule-pages must be the address of a folder, https://…" in done.stderr
