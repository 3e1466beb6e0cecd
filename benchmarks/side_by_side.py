#!/usr/bin/env python3
"""Time `prismafix check` against `ast-grep scan` with three patterns, on the same work tree, in alternating pairs.

usage: side_by_side.py [--command "prismafix check --format json"] [--ast-grep PATH] [--pairs 5] TREE

One warm-up run of each, which also counts what each finds, then `--pairs` pairs; every second pair runs in the other
order. Prints the wall seconds of both (median, least, most) and the ratio of the medians: 2.0 means that prismafix
takes twice as long. What is compared is the cost, not the result: the patterns are what a search that resolves nothing
would ask for, in TypeScript and TSX files only.

ast-grep comes with the package `ast-grep-cli`. COMMAND gets TREE as its last argument; where it keeps a cache between
runs, give the option that turns it off, or the numbers are those of a warm cache.

Exit codes. 1: a program failed, or ast-grep found nothing, so that there is nothing to compare. 2: wrong use.
"""

from __future__ import annotations

import argparse
import collections
import json
import shlex
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PATTERNS = {
    "construction": "new PrismaClient($$$)",
    "disconnect": "$A.$disconnect()",
    "fan-out": "Promise.all($X.map($$$))",
}
LANGUAGES = ("TypeScript", "Tsx")


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


def compare(ours: Sequence[str], theirs: Sequence[str], pairs: int, cwd: Path) -> tuple[list[float], list[float]]:
    """Wall seconds of `pairs` runs of each, alternating, every second pair in the other order. Raises Failed."""
    seconds: tuple[list[float], list[float]] = ([], [])
    for pair in range(pairs):
        for which in (0, 1) if pair % 2 == 0 else (1, 0):
            seconds[which].append(timed((ours, theirs)[which], cwd)[0])
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


def row(name: str, seconds: Sequence[float], found: str) -> str:
    """One line of the Markdown table that `main` prints."""
    return f"| {name} | {statistics.median(seconds):.3f} | {min(seconds):.3f} | {max(seconds):.3f} | {found} |"


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code that the module's docstring promises."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--command", default="prismafix check --format json", help="gets TREE as its last argument")
    parser.add_argument("--ast-grep", default="ast-grep", metavar="PATH", help="the ast-grep program")
    parser.add_argument("--pairs", type=int, default=5, help="how many runs of each, after the warm-up")
    parser.add_argument("tree", type=Path, metavar="TREE", help="the work tree to look at")
    args = parser.parse_args(argv)
    words = shlex.split(args.command)
    ours, theirs = (shutil.which(program) for program in (words[0] if words else "", args.ast_grep))
    if ours is None or theirs is None:
        parser.error(f"there is no program {args.command if ours is None else args.ast_grep!r}")
    if not args.tree.is_dir():
        parser.error(f"there is no folder {args.tree}")
    if args.pairs < 1:
        parser.error("--pairs: at least 1")
    tree = str(args.tree.resolve())

    with tempfile.TemporaryDirectory(prefix="side-by-side-") as folder:
        cwd = Path(folder)
        (cwd / "rules.yml").write_text(rules(), encoding="utf-8")
        check = [str(Path(ours).absolute()), *words[1:], tree]
        scan = [str(Path(theirs).absolute()), "scan", "--rule", "rules.yml", "--json=stream", tree]
        try:
            our_findings, their_findings = found_by_us(timed(check, cwd)[1]), found_by_them(timed(scan, cwd)[1])
            our_seconds, their_seconds = compare(check, scan, args.pairs, cwd)
        except Failed as error:
            print(error, file=sys.stderr)
            return 1
    print("| program | median s | least s | most s | found |\n| --- | ---: | ---: | ---: | --- |")
    print(row("prismafix", our_seconds, our_findings))
    print(row("ast-grep", their_seconds, their_findings))
    ratio = statistics.median(our_seconds) / statistics.median(their_seconds)
    print(f"\nratio of the medians over {args.pairs} pairs: {ratio:.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
