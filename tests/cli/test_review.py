"""The review, with answers from a pipe and on a real terminal."""

import subprocess
import sys
from pathlib import Path

import pytest

from .running import environment, on_terminal

PROGRAM = [sys.executable, str(Path(__file__).with_name("review_program.py"))]
ASKED = "keep nothing: "


@pytest.mark.parametrize(
    ("answers", "accepted"),
    [
        ("y\nn\ny\n", "f1 f3"),
        ("yes\nno\nYES\n", "f1 f3"),
        ("a\nn\n", "f1 f3"),  # "all" of a safe fix does not take the unsafe one along: it is asked about
        ("n\na\n", "f2 f3"),
        ("y\nq\n", "f1"),
        ("y\nx\n", ""),
        ("y\n", ""),  # the end of the input keeps nothing
        ("", ""),
        ("what?\ny\n\ny\ny\n", "f1 f2 f3"),
    ],
)
def test_answers_from_a_pipe(answers: str, accepted: str) -> None:
    done = subprocess.run(PROGRAM, env=environment(), input=answers, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1].strip() == f"accepted: {accepted}".strip()
    assert "\x1b" not in done.stdout and done.stderr == ""


def test_each_fix_is_shown_with_its_doubts_and_diff() -> None:
    done = subprocess.run(PROGRAM, env=environment(), input="n\nn\nn\n", capture_output=True, text=True, check=True)
    assert (
        "fix 2: Mend 2  PF001  unsafe\n  look at: the order of mails\ndiff --git a/src/2.ts b/src/2.ts\n" in done.stdout
    )
    assert "-old\n+new\n" in done.stdout


def test_on_a_terminal_with_colours(tmp_path: Path) -> None:
    screen, code = on_terminal(PROGRAM, tmp_path, [(ASKED, "y\n"), (ASKED, "?\n"), (ASKED, "n\n"), (ASKED, "q\n")])
    assert code == 0 and "accepted: f1\n" in screen
    assert "\x1b[32m+new\x1b[0m" in screen and "\x1b[31m-old\x1b[0m" in screen
    assert "y  yes: apply this fix" in screen


def test_no_color(tmp_path: Path) -> None:
    screen, _ = on_terminal(PROGRAM, tmp_path, [(ASKED, "x\n")], NO_COLOR="1")
    assert "\x1b" not in screen
