"""`prismafix fix --interactive` in a real terminal (tmux): what it shows, what is on disk afterwards, how it ends."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.cli.running import environment
from tests.proof import packages

if TYPE_CHECKING:
    from collections.abc import Iterator

DEMO = Path(__file__).parents[2] / "fixtures" / "demo"
LONGEST = 40  # seconds until something is on the screen
CONFIG = """\
set -g remain-on-exit on
set -g status off
set -g default-terminal xterm-256color
set -g history-limit 5000
"""
GUARD = "apps/backoffice/src/server/prisma.ts"


@dataclass
class Terminal:
    """A tmux of its own, with one window."""

    program: packages.Program
    folder: Path

    def tmux(self, *arguments: str) -> str:
        own = ["-S", str(self.folder / "socket"), "-f", str(self.folder / "config")]
        command = [str(self.program.path), *own, *arguments]
        return subprocess.run(command, env=self._environment(), capture_output=True, text=True, check=True).stdout

    def _environment(self) -> dict[str, str]:
        hidden = {"CI", "TMUX", "NO_COLOR", "COLUMNS", "LINES", "COLORFGBG"}
        found = {**environment(LANG="C.UTF-8", LC_ALL="C.UTF-8"), **self.program.environment(), **environment()}
        return {key: value for key, value in found.items() if key not in hidden}

    def start(self, cwd: Path, *arguments: str, size: tuple[int, int] = (110, 32), before: str = "") -> None:
        """Run `prismafix fix --interactive`, and say how it ended and whether the terminal is as it was."""
        program = shlex.join([sys.executable, "-m", "prismafix", "fix", "--interactive", *arguments])
        script = f"{before} {program}; echo code $?; stty -a | tr ' ;' '\\n\\n' | grep -x -E -- '-?(icanon|echo)'"
        (self.folder / "config").write_text(CONFIG)
        place = ["-x", str(size[0]), "-y", str(size[1]), "-c", str(cwd)]
        self.tmux("new-session", "-d", "-s", "s", *place, f"exec sh -c {shlex.quote(script)}")

    def screen(self, *, all_of_it: bool = False) -> str:
        return self.tmux("capture-pane", "-J", "-p", "-t", "s", *(("-S", "-5000") if all_of_it else ()))

    def wait(self, text: str, *, all_of_it: bool = False) -> str:
        """The screen, once `text` is on it."""
        end = time.monotonic() + LONGEST
        while text not in (screen := self.screen(all_of_it=all_of_it)):
            assert time.monotonic() < end, f"{text} never came:\n{screen}"
            time.sleep(0.05)
        return screen

    def keys(self, *keys: str) -> None:
        self.tmux("send-keys", "-t", "s", *keys)

    def ended(self, code: int) -> str:
        """All that was printed, once it is over and the terminal takes lines again."""
        screen = self.wait("icanon", all_of_it=True)
        assert f"code {code}\n" in screen and "-icanon" not in screen and "-echo" not in screen, screen
        assert self.tmux("display-message", "-p", "-t", "s", "#{alternate_on}") == "0\n"
        return screen

    def process(self) -> int:
        """The id of the running prismafix."""
        shell = self.tmux("display-message", "-p", "-t", "s", "#{pane_pid}").strip()
        return int(Path(f"/proc/{shell}/task/{shell}/children").read_text().split()[0])


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    try:
        program = packages.find("tmux")
    except packages.UnavailableError as error:
        pytest.skip(str(error))
    (tmp_path / "tmux").mkdir()
    made = Terminal(program, tmp_path / "tmux")
    yield made
    subprocess.run(
        [program.path, "-S", str(tmp_path / "tmux" / "socket"), "kill-server"],
        env=program.environment(), capture_output=True, check=False,
    )  # fmt: skip


@pytest.fixture
def demo(tmp_path: Path) -> Path:
    root = tmp_path / "demo"
    shutil.copytree(DEMO, root)
    git(root, "init", "-q", "-b", "main")
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "start")
    return root


def git(root: Path, *arguments: str) -> str:
    names = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
    return subprocess.run(["git", *names, *arguments], cwd=root, capture_output=True, text=True, check=True).stdout


def test_what_was_accepted_is_written_as_it_was_shown_and_nothing_else(terminal: Terminal, demo: Path) -> None:
    terminal.start(demo)
    screen = terminal.wait("│ + ")
    assert "12 undecided" in screen and "PF104 client-guard-broken" in screen and GUARD in screen
    added = next(line.split("│ + ")[1].rstrip() for line in screen.splitlines() if "│ + " in line)
    terminal.keys("a")
    terminal.wait("1 accepted")
    terminal.keys("r")
    terminal.wait("1 rejected")
    terminal.keys("w")
    screen = terminal.wait("Write (w)")
    assert f"{GUARD}  1 fix, PF104" in screen and git(demo, "status", "--short") == ""
    terminal.keys("w")
    assert "15 findings: 1 fixed, 12 declined, 2 without a fix; 1 file changed." in " ".join(terminal.ended(1).split())
    assert git(demo, "status", "--short") == f" M {GUARD}\n"
    assert added in (demo / GUARD).read_text()


def test_everything_of_a_rule_in_one_commit(terminal: Terminal, demo: Path) -> None:
    terminal.start(demo, "--commit=rule")
    terminal.wait("12 undecided")
    terminal.keys("P")  # of a safe fix: the unsafe one of the package stays
    terminal.wait("1 accepted")
    terminal.keys("n", "n", "n", "n", "A", "w")
    assert "They are committed: one commit per rule." in terminal.wait("Write (w)")
    terminal.keys("Enter")
    terminal.ended(1)
    assert git(demo, "status", "--short") == "" and int(git(demo, "rev-list", "--count", "HEAD")) >= 3


@pytest.mark.parametrize(("keys", "code"), [(["q", "d"], 1), (["C-c", "d"], 1)])
def test_discarding_writes_nothing(keys: list[str], code: int, terminal: Terminal, demo: Path) -> None:
    terminal.start(demo, size=(80, 24))
    terminal.wait("12 undecided")
    terminal.keys("a")
    terminal.wait("1 accepted")
    terminal.keys(keys[0])
    assert "You accepted 1 fix. Nothing is written yet." in terminal.wait("Quit?")
    terminal.keys(*keys[1:])
    assert "13 declined" in " ".join(terminal.ended(code).split())
    assert git(demo, "status", "--short") == ""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_leaves_the_terminal_as_it_was_and_writes_nothing(
    number: int, code: int, terminal: Terminal, demo: Path
) -> None:
    terminal.start(demo)
    terminal.wait("12 undecided")
    terminal.keys("a")
    terminal.wait("1 accepted")
    os.kill(terminal.process(), number)
    screen = terminal.ended(code)
    assert "Traceback" not in screen and git(demo, "status", "--short") == ""


def test_a_terminal_that_is_closed_ends_it(terminal: Terminal, demo: Path) -> None:
    terminal.start(demo)
    terminal.wait("12 undecided")
    terminal.keys("a")
    terminal.wait("1 accepted")
    process = Path(f"/proc/{terminal.process()}/stat")
    terminal.tmux("kill-session", "-t", "s")
    end = time.monotonic() + LONGEST
    while process.exists() and process.read_text().rsplit(")", 1)[1].split()[0] != "Z":
        assert time.monotonic() < end, "it goes on without a terminal"
        time.sleep(0.05)
    assert git(demo, "status", "--short") == ""


def test_a_window_that_changes_its_size(terminal: Terminal, demo: Path) -> None:
    terminal.start(demo)
    terminal.wait("12 undecided")
    terminal.tmux("resize-window", "-t", "s", "-x", "40", "-y", "10")
    assert "What you must" not in terminal.wait("12·")
    terminal.tmux("resize-window", "-t", "s", "-x", "110", "-y", "32")
    terminal.wait("12 undecided")
    terminal.keys("q")
    terminal.ended(1)


def shop(root: Path) -> Path:
    """Two handlers that build a client each: the first fix makes the module that both use."""
    manifest = {"name": "shop", "dependencies": {"@prisma/client": "6.19.0", "express": "4.21.0"}}
    handler = (
        'import {{ PrismaClient }} from "@prisma/client";\n\n'
        "export async function {}(id: string) {{\n"
        "  const prisma = new PrismaClient();\n"
        "  return prisma.order.findMany({{ where: {{ id }} }});\n}}\n"
    )
    schema = (
        'generator client {\n  provider = "prisma-client-js"\n}\n\n'
        'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n\n'
        "model Order {\n  id String @id\n}\n"
    )
    files = {"package.json": json.dumps(manifest), "prisma/schema.prisma": schema}
    files |= {f"src/{name}.ts": handler.format(name) for name in ("one", "two")}
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    return root


def test_what_looks_different_without_what_was_left_out_is_asked_about_once_more(
    terminal: Terminal, tmp_path: Path
) -> None:
    root = shop(tmp_path / "shop")
    before = {path: path.read_bytes() for path in root.rglob("*.ts")}
    terminal.start(root)
    terminal.wait("2 undecided")
    terminal.keys("A")
    terminal.wait("2 accepted")
    terminal.keys("Home", "Down", "Down", "r")
    terminal.wait("1 waiting")
    terminal.keys("w")
    assert "builds on what you left out" in terminal.wait("Go on (w)")
    terminal.keys("w")
    screen = terminal.wait("decide once more")
    assert "1 fix looks different without what you left out" in screen and "(new file)" in screen
    assert {path: path.read_bytes() for path in root.rglob("*.ts")} == before
    terminal.keys("a", "w")
    terminal.wait("Write (w)")
    terminal.keys("w")
    terminal.ended(1)
    changed = {path.name for path in root.rglob("*.ts") if before.get(path) != path.read_bytes()}
    assert "two.ts" in changed and "one.ts" not in changed and len(changed) == 2


@pytest.mark.parametrize(
    ("before", "arguments", "size"),
    [
        ("TERM=dumb", [], (110, 32)),
        ("CI=true", [], (110, 32)),
        ("", ["--plain"], (110, 32)),
        ("", [], (39, 30)),
        ("", [], (80, 9)),
        ("LC_ALL=C PYTHONUTF8=0 PYTHONCOERCECLOCALE=0 PYTHONIOENCODING=ascii", [], (110, 32)),
    ],
)
def test_the_line_prompts_remain(
    before: str, arguments: list[str], size: tuple[int, int], terminal: Terminal, demo: Path
) -> None:
    terminal.start(demo, *arguments, size=size, before=before)
    terminal.wait("keep nothing:", all_of_it=True)
    terminal.keys("x", "Enter")
    terminal.ended(1)
    assert git(demo, "status", "--short") == ""


@pytest.mark.parametrize("arguments", [["--version"], ["check"], ["fix", "--diff"], ["fix", "--help"]])
def test_textual_is_loaded_for_the_review_only(arguments: list[str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "prismafix", *arguments],
        cwd=shop(tmp_path), env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (0, 1) and "prismafix" in done.stderr and "textual" not in done.stderr


def test_plain_is_for_interactive(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "prismafix", "fix", "--plain"],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2 and done.stderr.startswith("prismafix: --plain says how --interactive asks")
