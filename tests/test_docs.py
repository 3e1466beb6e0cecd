"""The documents say what the code does: rule pages are as generated, and links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted([*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/**/*.md"), *REPOSITORY.glob("fixtures/demo/*.md")])

_LINK = re.compile(r"\]\(([^)\s]+)\)")


def generate(*arguments: object) -> subprocess.CompletedProcess[str]:
    """Runs `docs/generate.py` as a person would."""
    command = [sys.executable, str(REPOSITORY / "docs" / "generate.py"), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_rule_pages_are_up_to_date() -> None:
    run = generate("--check")
    assert (run.returncode, run.stderr) == (0, "")


def test_check_names_every_page_that_drifted(tmp_path: Path) -> None:
    assert generate(tmp_path).returncode == 0
    assert generate("--check", tmp_path).returncode == 0
    (tmp_path / "PF001.md").unlink()
    (tmp_path / "PF002.md").write_text("by hand")
    (tmp_path / "PF999.md").write_text("a rule that is gone")

    run = generate("--check", tmp_path)

    assert run.returncode == 1
    assert re.findall(r"PF\d{3}", run.stderr) == ["PF001", "PF002", "PF999"]
    assert (tmp_path / "PF002.md").read_text() == "by hand", "--check writes nothing"
    assert generate(tmp_path).returncode == 0
    assert generate("--check", tmp_path).returncode == 0
    assert not (tmp_path / "PF999.md").exists()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(REPOSITORY).as_posix())
def test_links_lead_somewhere(document: Path) -> None:
    prose = re.sub(r"(`{3,}).*?\1", "", document.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [target.split("#")[0] for target in _LINK.findall(prose) if "://" not in target]
    broken = [target for target in targets if target and not (document.parent / target).exists()]
    assert broken == []
