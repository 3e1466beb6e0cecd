#!/usr/bin/env python3
"""Time `prismafix check` against programs that only search, on the same work tree, in turn.

usage: side_by_side.py [--command "prismafix check --format json"] [--ast-grep PATH] [--jscodeshift PATH] [--rounds 5]
           TREE

What runs, on a copy of TREE in a temporary folder:

    cold      COMMAND --no-cache
    warm      COMMAND --cache-dir …, nothing has changed since the run before
    changed   COMMAND --cache-dir …, one source file that holds a finding has changed since the run before
    ast-grep  `ast-grep scan` with three patterns, in TypeScript and TSX files (package `ast-grep-cli`)
    jscodeshift  only if it is given: a pass that counts the same sites and changes nothing (`count_sites.cjs`)

One warm-up run of each, which also counts what it finds, then `--rounds` rounds of all of them; every second round goes
in the other order. Prints the wall seconds (median, least, most) and the ratio of each median to that of ast-grep: 2.0
means that it takes twice as long. What is compared is the cost, not the result: patterns resolve nothing. On a machine
that does something else as well only the ratios mean anything. COMMAND gets the tree as its last argument.

Exit codes. 1: a program failed, or ast-grep found nothing, so that there is nothing to compare. 2: wrong use.
"""

from __future__ import annotations

import argparse
import collections
import json
import re
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PATTERNS = {
    "construction": "new PrismaClient($$$)",
    "disconnect": "$A.$disconnect()",
    "fan-out": "Promise.all($X.map($$$))",
}
LANGUAGES = ("TypeScript", "Tsx")
STEADY = 3
"""Seconds after which prismafix trusts the times of files that were just copied."""


class Failed(Exception):
    """One of the programs did not do its work; the text says which and how."""


def rules() -> str:
    """The ast-grep rules: one YAML document for each pattern and language."""
    return "---\n".join(
        f"id: {name}-{language.lower()}\nlanguage: {language}\nseverity: warning\nrule:\n  pattern: {pattern}\n"
        for name, pattern in PATTERNS.items()
        for language in LANGUAGES
    )


def timed(argv: Sequence[str], cwd: Path) -> tuple[float, bytes]:
    """Wall seconds and standard output of one run. Raises Failed for an exit code other than 0 and 1 (findings)."""
    started = time.perf_counter()
    done = subprocess.run(argv, cwd=cwd, capture_output=True, check=False)
    seconds = time.perf_counter() - started
    if done.returncode not in (0, 1):
        said = done.stderr.decode("utf-8", "replace")[-2000:]
        raise Failed(f"{Path(argv[0]).name}: exit code {done.returncode}\n{said}")
    return seconds, done.stdout


@dataclass(frozen=True)
class Program:
    """Something to time. `before` is called before each run."""

    name: str
    argv: Sequence[str]
    found: Callable[[bytes], str]
    before: Callable[[], object] = lambda: None


def compare(programs: Sequence[Program], rounds: int, cwd: Path) -> dict[str, list[float]]:
    """Wall seconds of `rounds` runs of each, in turn, every second round in the other order. Raises Failed."""
    seconds: dict[str, list[float]] = {program.name: [] for program in programs}
    for number in range(rounds):
        for program in programs if number % 2 == 0 else reversed(programs):
            program.before()
            seconds[program.name].append(timed(program.argv, cwd)[0])
    return seconds


def found_by_us(printed: bytes) -> str:
    """`12 findings in 345 files`, from a JSON report. Raises Failed where it is none."""
    try:
        report = json.loads(printed)
        return f"{len(report['findings'])} findings in {report['summary']['files']} files"
    except (ValueError, TypeError, KeyError) as error:
        raise Failed(f"the command printed no JSON report: {error}") from None


def found_by_them(printed: bytes) -> str:
    """`construction 3, disconnect 1, …`, from ast-grep's JSON lines. Raises Failed where nothing was found."""
    matches = collections.Counter(json.loads(line)["ruleId"].rpartition("-")[0] for line in printed.splitlines())
    if not matches:
        raise Failed("ast-grep found nothing: choose a work tree that uses Prisma in TypeScript")
    return ", ".join(f"{name} {matches[name]}" for name in PATTERNS)


def found_by_jscodeshift(printed: bytes) -> str:
    """`construction 3, …`, from what it prints at its end. Raises Failed where it counted nothing."""
    counts = re.findall(rb"^(construction|disconnect|fan-out): (\d+)$", printed, re.MULTILINE)
    if not counts:
        raise Failed("jscodeshift counted nothing")
    return ", ".join(f"{name.decode()} {number.decode()}" for name, number in sorted(counts))


def toggle(path: Path) -> None:
    """Add a comment at the end of a file, or take it away again."""
    text, mark = path.read_bytes(), b"\n// one more line\n"
    path.write_bytes(text.removesuffix(mark) if text.endswith(mark) else text + mark)


def programs_for(args: argparse.Namespace, ours: str, tree: Path, cwd: Path) -> list[Program]:
    """What is to be timed on a tree that may be changed. Raises Failed."""
    (cwd / "rules.yml").write_text(rules(), encoding="utf-8")
    check = [str(Path(ours).absolute()), *shlex.split(args.command)[1:]]
    cold, warm = [*check, "--no-cache", str(tree)], [*check, "--cache-dir", str(cwd / "cache"), str(tree)]
    changed = [*check, "--cache-dir", str(cwd / "other-cache"), str(tree)]
    report = timed(cold, cwd)[1]
    found_by_us(report)
    findings = json.loads(report)["findings"]
    sources = [finding["path"] for finding in findings if finding["path"].endswith(("ts", "tsx", "js"))]
    if not sources:
        raise Failed("prismafix found nothing in a source file: choose a work tree that uses Prisma")
    scan = [args.ast_grep, "scan", "--rule", "rules.yml", "--json=stream", str(tree)]
    found = [
        Program("prismafix, cold", cold, found_by_us),
        Program("prismafix, warm", warm, found_by_us),
        Program("prismafix, changed", changed, found_by_us, lambda: toggle(tree / sources[0])),
        Program("ast-grep", scan, found_by_them),
    ]
    if args.jscodeshift:
        transform = str(Path(__file__).resolve().with_name("count_sites.cjs"))
        argv = [args.jscodeshift, "--dry", "--parser=tsx", "--extensions=ts,tsx", "--ignore-pattern=**/node_modules/**"]
        found.append(Program("jscodeshift", [*argv, "-t", transform, str(tree)], found_by_jscodeshift))
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code that the module's docstring promises."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="prismafix check --format json", help="gets TREE as its last argument")
    parser.add_argument("--ast-grep", default="ast-grep", metavar="PATH", help="the ast-grep program")
    parser.add_argument("--jscodeshift", metavar="PATH", help="the jscodeshift program; without it, it is left out")
    parser.add_argument("--rounds", type=int, default=5, help="how many runs of each, after the warm-up")
    parser.add_argument("tree", type=Path, metavar="TREE", help="the work tree to look at; it is not changed")
    args = parser.parse_args(argv)
    ours = shutil.which((shlex.split(args.command) or [""])[0])
    for given, path in ((args.command, ours), *((p, shutil.which(p)) for p in (args.ast_grep, args.jscodeshift) if p)):
        if path is None:
            parser.error(f"there is no program {given!r}")
    if not args.tree.is_dir():
        parser.error(f"there is no folder {args.tree}")
    if args.rounds < 1:
        parser.error("--rounds: at least 1")

    with tempfile.TemporaryDirectory(prefix="side-by-side-") as folder:
        cwd, tree = Path(folder), Path(folder) / "tree"
        shutil.copytree(args.tree, tree, symlinks=True)
        time.sleep(STEADY)
        try:
            programs = programs_for(args, str(ours), tree, cwd)
            found = [program.found(timed(program.argv, cwd)[1]) for program in programs]
            seconds = compare(programs, args.rounds, cwd)
        except Failed as error:
            print(error, file=sys.stderr)
            return 1
    base = statistics.median(seconds["ast-grep"])
    print("| program | median s | least s | most s | to ast-grep | found |\n| --- | ---: | ---: | ---: | ---: | --- |")
    for program, what in zip(programs, found, strict=True):
        one = seconds[program.name]
        numbers = " | ".join(f"{number:.3f}" for number in (statistics.median(one), min(one), max(one)))
        print(f"| {program.name} | {numbers} | {statistics.median(one) / base:.2f} | {what} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
