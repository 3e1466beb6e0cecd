"""What a user sees of the command itself, apart from findings."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from prismafix import __version__
from prismafix.rules.registry import discover

from .running import PROGRAM, environment, prismafix


@pytest.mark.parametrize("flag", ["--version", "-V"])
def test_version(tmp_path: Path, flag: str) -> None:
    done = prismafix(flag, cwd=tmp_path)
    assert (done.stdout, done.stderr, done.returncode) == (f"prismafix {__version__}\n", "", 0)


def test_version_is_answered_before_anything_heavy_is_imported(tmp_path: Path) -> None:
    program = (
        "import sys; sys.argv = ['prismafix', '--version']\n"
        "from prismafix.cli.main import run\n"
        "try: run()\n"
        "except SystemExit: print(sorted({'typer', 'rich', 'git', 'tree_sitter'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[1:] == ["[]"]


@pytest.mark.parametrize("command", [[], ["check"], ["fix"], ["explain"], ["rules"], ["init"], ["url"]])
def test_help_comes_with_examples_and_without_escapes(tmp_path: Path, command: list[str]) -> None:
    done = prismafix(*command, "--help", cwd=tmp_path)
    assert done.returncode == 0 and done.stdout.startswith("Usage: prismafix") and "\x1b" not in done.stdout
    if command in (["check"], ["fix"], ["explain"], ["url"]):
        assert f"\n    prismafix {command[0]} " in done.stdout


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check", "nowhere"], "nowhere does not exist"),
        (["check", "dangling"], "dangling is a link that leads nowhere"),
        (["check", "--select", "PF09"], "--select: PF09 is no rule (did you mean PF"),
        (["check", "--ignore", "PF001,supression-unused"], "did you mean suppression-unused?"),
        (["fix", "--diff", "--commit=all"], "--diff writes nothing: leave out --commit"),
        (["fix", "--diff", "--interactive"], "--diff writes nothing: leave out --interactive"),
        (["fix", "--commit=all"], "in no git repository"),
        (["check", "--config", "none.toml"], "none.toml cannot be read"),
        (["explain", "PF01"], "PF01 is no rule (did you mean PF"),
        (["init", "file"], "file is a file"),
    ],
)
def test_wrong_use_is_one_clear_line_and_exit_code_2(tmp_path: Path, arguments: list[str], words: str) -> None:
    (tmp_path / "dangling").symlink_to("gone")
    (tmp_path / "file").touch()
    done = prismafix(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.startswith("prismafix: ") and words in done.stderr and done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["check", "--nope"], ["nope"], ["fix", "--commit=banana"], ["check", "--chunk-size=1"]]
)
def test_what_the_parser_refuses(tmp_path: Path, arguments: list[str]) -> None:
    done = prismafix(*arguments, cwd=tmp_path)
    assert done.returncode == 2 and "Traceback" not in done.stderr and "Usage: prismafix" in done.stderr


def test_no_prisma_is_said_and_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{}")
    for arguments in (["check"], ["fix"], ["check", "."]):
        done = prismafix(*arguments, cwd=tmp_path)
        assert (done.stdout, done.stderr, done.returncode) == (f"No Prisma in {tmp_path}: nothing to do.\n", "", 0)
    done = prismafix("fix", "--diff", cwd=tmp_path)
    assert done.stdout == "" and "No Prisma" in done.stderr and done.returncode == 0
    report = json.loads(prismafix("check", "--format", "json", cwd=tmp_path).stdout)
    assert report["findings"] == [] and report["version"] == 1


def test_rules_and_explain_speak_of_every_rule(tmp_path: Path) -> None:
    lines = prismafix("rules", cwd=tmp_path).stdout.splitlines()
    rows = json.loads(prismafix("rules", "--format=json", cwd=tmp_path).stdout)
    assert [row["code"] for row in rows] == [line.split()[0] for line in lines] == [rule.code for rule in discover()]
    for word in ("PF002", "pf002", "suppression-unused"):
        done = prismafix("explain", word, cwd=tmp_path)
        assert done.returncode == 0 and done.stdout.startswith("PF002 suppression-unused\n\nA suppression comment")
        assert "Fixes are safe at best" in done.stdout


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*PROGRAM, "rules"], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""


def test_a_defect_is_one_line_and_the_traceback_is_to_be_had(tmp_path: Path) -> None:
    """A recursion limit stands for a defect."""
    program = (
        "import sys; from prismafix.cli.main import run; import prismafix.cli.app; sys.setrecursionlimit(60); run()"
    )
    command = [sys.executable, "-c", program, "rules"]
    done = subprocess.run(command, cwd=tmp_path, env=environment(), capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "Traceback" not in done.stderr
    assert "this is a defect of prismafix" in done.stderr and "PRISMAFIX_TRACEBACK=1" in done.stderr
    told = environment(PRISMAFIX_TRACEBACK="1")
    done = subprocess.run(command, cwd=tmp_path, env=told, capture_output=True, text=True, check=False)
    assert "Traceback" in done.stderr
