#!/usr/bin/env python3
"""Run prismafix over real work trees and check what must hold on any input, whatever the findings are.

usage: real_input.py --corpus DIR [--command "prismafix"] [--jobs 2] [--timeout 900] [--json FILE] [REPO ...]

DIR holds one work tree per repository, `<owner>__<name>/`; REPO is `owner/name` or the name of a folder in DIR (all by
default). No work tree is written to: everything but the first check runs in a temporary copy. COMMAND must be
installed: it runs in other folders, and nothing is imported from those.

1. `COMMAND check --format json TREE`: a version 1 report, with findings per code and applicability and the wall time.
2. `COMMAND fix --diff --unsafe-fixes` in the copy: writes nothing, and `git apply --check` accepts what it prints.
3. `COMMAND fix --unsafe-fixes TREE` on the copy: no source file may have more syntax errors than before, and
   `git apply --check --reverse` accepts the diff of step 2, so each hunk of the preview was written.
4. `COMMAND fix --diff --unsafe-fixes` again: prints no diff and writes nothing. Twice is once.
5. `COMMAND check --format json TREE` on the copy: a fix counts as applied when one of its findings is gone.

Prints one Markdown row per repository and a totals row, findings by code, and the problems.

Exit codes. 0: every check holds. 1: a crash (an exit code other than 0 and 1, `Traceback` on standard error, no report,
or a timeout), new syntax errors, a diff that git refuses, a preview that writes or differs from what is written, or a
second run that still changes something. 2: wrong use.

Seconds are those of step 1; with more than one job the runs compete for the processor, so time with `--jobs 1`.
"""

from __future__ import annotations

import argparse
import collections
import concurrent.futures
import contextlib
import dataclasses
import hashlib
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tree_sitter_typescript
from tree_sitter import Language, Node, Parser

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

TYPESCRIPT = Language(tree_sitter_typescript.language_typescript())
TSX = Language(tree_sitter_typescript.language_tsx())
GRAMMARS = {
    **dict.fromkeys((".ts", ".mts", ".cts"), TYPESCRIPT),
    **dict.fromkeys((".tsx", ".js", ".jsx", ".mjs", ".cjs"), TSX),  # JavaScript may hold JSX, which only TSX reads
}

APPLICABILITIES = ("safe", "unsafe", "none")
DIFF_LINE = re.compile(rb"^(?:diff --git |--- |\+\+\+ |@@ -|GIT binary patch)", re.MULTILINE)

# Forms that tree-sitter-typescript 0.23.2 cannot read although they are right (upstream issues 329 and 341): a fix that
# moves one into another file must not look like a fix that broke it.
_NESTED = rb"<(?:[^<>`;=]|<(?:[^<>`;=]|<[^<>`;=]*>)*>)*>"
TYPE_ARGUMENT_BEFORE_TEMPLATE = re.compile(rb"(?<=[\w$])" + _NESTED + rb"(?=`)")
TYPEOF_IMPORT = re.compile(rb"""\btypeof\s+import\(\s*(['"])[^'"\n]*\1\s*\)""")

Snapshot = dict[str, str]
"""Relative POSIX path of each file to the digest of its bytes."""


class Failed(Exception):
    """A command crashed; the text names the command and says how. What follows it on this tree is not run."""


@dataclasses.dataclass
class Outcome:
    """What was seen on one work tree. `seconds` is the wall time of the first check; without `problems` all held."""

    repo: str
    files: int = 0
    findings: int = 0
    applicability: dict[str, int] = dataclasses.field(default_factory=lambda: dict.fromkeys(APPLICABILITIES, 0))
    codes: dict[str, dict[str, int]] = dataclasses.field(default_factory=dict)
    errors: dict[str, int] = dataclasses.field(default_factory=dict)
    exit_code: int | None = None
    traceback: bool = False
    seconds: float = 0.0
    fixes_applied: int = 0
    files_changed: list[str] = dataclasses.field(default_factory=list)
    new_parse_errors: dict[str, int] = dataclasses.field(default_factory=dict)
    second_run_empty: bool | None = None
    problems: list[str] = dataclasses.field(default_factory=list)


@dataclasses.dataclass(frozen=True)
class Ran:
    """A finished command: what it printed, its exit code, wall seconds."""

    stdout: bytes
    stderr: str
    code: int
    seconds: float


@dataclasses.dataclass(frozen=True)
class Program:
    """The program under test: its argument vector and the longest that one run may take, in seconds."""

    argv: tuple[str, ...]
    timeout: float

    def run(self, title: str, *arguments: str, cwd: Path, outcome: Outcome) -> Ran:
        """Run it with `arguments` in `cwd`. Raises Failed, naming the run by `title`, for a crash and for a timeout."""
        try:
            ran = run([*self.argv, *arguments], cwd, self.timeout)
        except subprocess.TimeoutExpired:
            raise Failed(f"{title}: took more than {self.timeout:g} s") from None
        except OSError as error:
            raise Failed(f"{title}: did not start: {error.strerror}") from None
        traceback = "Traceback" in ran.stderr
        outcome.traceback |= traceback
        if ran.code not in (0, 1) or traceback:
            raise Failed(f"{title}: exit code {ran.code}, {last_line(ran.stderr) or 'nothing on standard error'}")
        return ran


def run(argv: Sequence[str], cwd: Path, timeout: float, stdin: bytes = b"") -> Ran:
    """Run `argv` in `cwd`, in a process group of its own, which is ended as a whole after `timeout` seconds.

    Raises subprocess.TimeoutExpired and OSError.
    """
    started = time.perf_counter()
    with subprocess.Popen(
        argv,
        cwd=cwd,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            stdout, stderr = process.communicate(stdin, timeout=timeout)
        except BaseException:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            raise
    return Ran(stdout, stderr.decode("utf-8", "replace"), process.returncode, time.perf_counter() - started)


def environment() -> dict[str, str]:
    """The caller's environment without what would leak into a run: git's variables and settings, imports from `cwd`."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    quiet = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "NO_COLOR": "1", "PYTHONSAFEPATH": "1"}
    return inherited | quiet


def first_line(text: str) -> str:
    """The first line that is not blank, at most 300 characters of it."""
    return next((line.strip()[:300] for line in text.splitlines() if line.strip()), "")


def last_line(text: str) -> str:
    """The last line that is not blank, at most 300 characters of it."""
    return first_line("\n".join(reversed(text.splitlines())))


def examine(program: Program, tree: Path) -> Outcome:
    """All checks on one work tree, which stays as it is. Never raises for what the program does."""
    outcome = Outcome(repo=tree.name.replace("__", "/", 1))
    with tempfile.TemporaryDirectory(prefix="real-input-") as folder:
        try:
            _examine(program, tree, Path(folder) / tree.name, outcome)
        except Failed as error:
            outcome.problems.append(str(error))
    return outcome


def _examine(program: Program, tree: Path, copy: Path, outcome: Outcome) -> None:
    before = _first_check(program, tree, outcome)
    shutil.copytree(tree, copy, symlinks=True)
    contents = snapshot(copy)

    diff = program.run("fix --diff", "fix", "--diff", "--unsafe-fixes", cwd=copy, outcome=outcome).stdout
    _expect_unchanged(contents, copy, "fix --diff", outcome)
    _expect_applies(diff, copy, outcome)

    program.run("fix", "fix", "--unsafe-fixes", str(copy), cwd=copy, outcome=outcome)
    fixed = snapshot(copy)
    outcome.files_changed = changed(contents, fixed)
    _compare_syntax(tree, copy, outcome)
    _expect_applies(diff, copy, outcome, reverse=True)

    again = program.run("second fix --diff", "fix", "--diff", "--unsafe-fixes", cwd=copy, outcome=outcome).stdout
    _expect_unchanged(fixed, copy, "second fix --diff", outcome)
    outcome.second_run_empty = DIFF_LINE.search(again) is None
    if not outcome.second_run_empty:
        paths = sorted(line[6:].decode("utf-8", "replace") for line in again.splitlines() if line.startswith(b"+++ b/"))
        outcome.problems.append(f"second fix --diff: not empty: {shortened(paths)}")

    after = _check(program, "check after fix", copy, outcome)[0]
    outcome.fixes_applied = applied(before, after)


def _check(program: Program, title: str, tree: Path, outcome: Outcome) -> tuple[dict[str, Any], Ran]:
    ran = program.run(title, "check", "--format", "json", str(tree), cwd=tree.parent, outcome=outcome)
    try:
        return report(ran.stdout), ran
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Failed(f"{title}: no report of version 1: {type(error).__name__}: {error}") from None


def _first_check(program: Program, tree: Path, outcome: Outcome) -> dict[str, Any]:
    found, ran = _check(program, "check", tree, outcome)
    outcome.exit_code, outcome.seconds = ran.code, round(ran.seconds, 3)
    outcome.files = int(found["summary"]["files"])
    outcome.findings = len(found["findings"])
    for finding in found["findings"]:
        outcome.applicability[finding["applicability"]] += 1
        outcome.codes.setdefault(finding["code"], dict.fromkeys(APPLICABILITIES, 0))[finding["applicability"]] += 1
    outcome.errors = dict(collections.Counter(error["code"] for error in found["errors"]))
    return found


def report(printed: bytes) -> dict[str, Any]:
    """The JSON report in `printed`. Raises ValueError, TypeError, KeyError or AttributeError for anything else."""
    found: dict[str, Any] = json.loads(printed)
    if found["version"] != 1 or not isinstance(found["summary"]["files"], int):
        raise ValueError("another version, or no number of files")
    if not all("code" in error for error in found["errors"]):
        raise ValueError("an error without a code")
    for finding in found["findings"]:
        if finding["applicability"] not in APPLICABILITIES or not {"code", "fix_id", "fingerprint"} <= finding.keys():
            raise ValueError("a finding without a key of version 1")
    return found


def applied(before: dict[str, Any], after: dict[str, Any]) -> int:
    """How many fixes on offer in `before` made at least one of their findings disappear from `after`."""
    left = {finding["fingerprint"] for finding in after["findings"]}
    return len({f["fix_id"] for f in before["findings"] if f["fix_id"] is not None and f["fingerprint"] not in left})


def _expect_unchanged(contents: Snapshot, copy: Path, title: str, outcome: Outcome) -> None:
    if written := changed(contents, snapshot(copy)):
        outcome.problems.append(f"{title}: writes {shortened(written)}")


def _expect_applies(diff: bytes, copy: Path, outcome: Outcome, *, reverse: bool = False) -> None:
    if DIFF_LINE.search(diff) is None:
        return  # git calls a patch without a hunk an error
    command = ["git", "-c", "core.autocrlf=false", "apply", "--check", "--whitespace=nowarn"]
    ran = run([*command, "--reverse"] if reverse else command, copy, 120, stdin=diff)
    if ran.code != 0:
        title = "fix: wrote something else than its diff" if reverse else "fix --diff: git apply --check refuses it"
        outcome.problems.append(f"{title}: {first_line(ran.stderr)}")


def _compare_syntax(tree: Path, copy: Path, outcome: Outcome) -> None:
    for path in outcome.files_changed:
        more = syntax_errors(copy / path) - syntax_errors(tree / path)
        if more > 0:
            outcome.new_parse_errors[path] = more
            outcome.problems.append(f"fix: {more} new syntax errors in {path}")


def syntax_errors(path: Path) -> int:
    """ERROR and missing nodes in a source file; 0 for other files and for one that does not exist.

    Counted once as it is and once with the grammar's known gaps blanked out; the smaller number is the right one.
    """
    grammar = GRAMMARS.get(path.suffix)
    if grammar is None or not path.is_file():
        return 0
    data = path.read_bytes()
    errors = _count(data, grammar)
    if errors:
        blanked = TYPE_ARGUMENT_BEFORE_TEMPLATE.sub(_spaces, TYPEOF_IMPORT.sub(_identifier, data))
        errors = min(errors, _count(blanked, grammar))
    return errors


def _spaces(match: re.Match[bytes]) -> bytes:
    return b" " * len(match[0])


def _identifier(match: re.Match[bytes]) -> bytes:
    return b"x" * len(match[0])


def _count(data: bytes, grammar: Language) -> int:
    return sum(1 for _ in _error_nodes(Parser(grammar).parse(data).root_node))


def _error_nodes(root: Node) -> Iterator[Node]:
    pending = [root]
    while pending:
        node = pending.pop()
        if node.is_error or node.is_missing:
            yield node
        if node.has_error:
            pending.extend(node.children)


def snapshot(tree: Path) -> Snapshot:
    """Every file below `tree` but those of `.git`, with the digest of its bytes (a link: of its target's name)."""
    contents: Snapshot = {}
    for folder, folders, names in os.walk(tree):
        if ".git" in folders:
            folders.remove(".git")
        for name in names:
            path = Path(folder) / name
            data = os.fsencode(path.readlink()) if path.is_symlink() else path.read_bytes()
            contents[path.relative_to(tree).as_posix()] = hashlib.blake2b(data, digest_size=16).hexdigest()
    return contents


def changed(before: Snapshot, after: Snapshot) -> list[str]:
    """The paths that were added, removed or have other bytes, sorted."""
    return sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))


def shortened(items: Sequence[str]) -> str:
    """The first three of `items` and how many more there are."""
    more = f" and {len(items) - 3} more" if len(items) > 3 else ""
    return ", ".join(items[:3]) + more


def table(outcomes: Sequence[Outcome]) -> str:
    """One Markdown row per outcome and the totals."""
    counts = ("files", "findings", *APPLICABILITIES, "fixes applied", "files changed", "new parse errors")
    rows: list[tuple[object, ...]] = [
        (
            o.repo,
            o.files,
            o.findings,
            *(o.applicability[name] for name in APPLICABILITIES),
            o.fixes_applied,
            len(o.files_changed),
            sum(o.new_parse_errors.values()),
            {True: "yes", False: "**no**", None: "–"}[o.second_run_empty],
            f"{o.seconds:.2f}",
        )
        for o in outcomes
    ]
    sums = [sum(int(str(row[column])) for row in rows) for column in range(1, len(counts) + 1)]
    empty = f"{sum(o.second_run_empty is True for o in outcomes)} of {len(outcomes)}"
    rows.append((f"**total of {len(outcomes)}**", *sums, empty, f"{sum(o.seconds for o in outcomes):.2f}"))
    return markdown(("repository", *counts, "second run empty", "seconds"), rows)


def code_table(outcomes: Sequence[Outcome]) -> str:
    """Findings of all outcomes by code and applicability as a Markdown table, and below it the errors by code."""
    total: dict[str, collections.Counter[str]] = collections.defaultdict(collections.Counter)
    errors: collections.Counter[str] = collections.Counter()
    for outcome in outcomes:
        errors.update(outcome.errors)
        for code, counts in outcome.codes.items():
            total[code].update(counts)
    rows = [(code, found.total(), *(found[name] for name in APPLICABILITIES)) for code, found in sorted(total.items())]
    text = markdown(("code", "findings", *APPLICABILITIES), rows)
    return text + f"\n\nErrors: {', '.join(f'{code} {count}' for code, count in sorted(errors.items())) or 'none'}"


def markdown(titles: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table: the first column to the left, the others to the right."""
    lines = [titles, ["---", *["---:"] * (len(titles) - 1)], *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def work_trees(corpus: Path, wanted: Sequence[str]) -> list[Path]:
    """The work trees to look at, sorted by name. Raises LookupError with a message if a wanted one is missing."""
    trees = {path.name: path for path in sorted(corpus.iterdir()) if path.is_dir() and not path.name.startswith(".")}
    names = sorted({name.replace("/", "__", 1) for name in wanted}) or list(trees)
    if missing := [name for name in names if name not in trees]:
        raise LookupError(f"no work tree in the corpus for: {', '.join(missing)}")
    if not names:
        raise LookupError("the corpus holds no work tree")
    return [trees[name] for name in names]


def arguments(argv: Sequence[str] | None) -> tuple[argparse.Namespace, Program, list[Path]]:
    """The checked command line. Exits with 2 where it is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, required=True, help="folder of work trees")
    parser.add_argument("--command", default="prismafix", help="the program under test, with arguments if need be")
    parser.add_argument("--jobs", type=int, default=2, help="work trees at a time")
    parser.add_argument("--timeout", type=float, default=900, help="seconds that one run may take")
    parser.add_argument("--json", type=Path, help="write everything that was counted to this file")
    parser.add_argument("repos", nargs="*", metavar="REPO", help="owner/name; all work trees by default")
    args = parser.parse_args(argv)
    words = shlex.split(args.command)
    program = shutil.which(words[0]) if words else None
    if program is None:
        parser.error(f"--command: there is no program {args.command!r}")
    if args.jobs < 1:
        parser.error("--jobs: at least 1")
    try:
        trees = work_trees(args.corpus.resolve(), args.repos)
    except (LookupError, OSError) as error:
        parser.error(str(error))
    return args, Program((str(Path(program).absolute()), *words[1:]), args.timeout), trees


def main(argv: Sequence[str] | None = None) -> int:
    """Returns the exit code that the module's docstring promises."""
    args, program, trees = arguments(argv)
    outcomes: list[Outcome] = []
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        running = [pool.submit(examine, program, tree) for tree in trees]
        for number, done in enumerate(concurrent.futures.as_completed(running), 1):
            outcome = done.result()
            outcomes.append(outcome)
            verdict = shortened(outcome.problems) or "ok"
            print(f"[{number}/{len(trees)}] {outcome.repo}: {verdict}", file=sys.stderr, flush=True)
    outcomes.sort(key=lambda outcome: outcome.repo)
    print(table(outcomes))
    print(f"\n{code_table(outcomes)}")
    problems = [f"- {outcome.repo}: {problem}" for outcome in outcomes for problem in outcome.problems]
    if problems:
        print("\nProblems:\n" + "\n".join(problems))
    if args.json:
        counted = [dataclasses.asdict(outcome) for outcome in outcomes]
        args.json.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
