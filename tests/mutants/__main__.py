"""`python -m tests.mutants [--sample N] [--seed S] [--jobs N] [--out FILE] [--again FILE] [MODULE or PACKAGE …]`"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tests.mutants.explained import FILE, explained
from tests.mutants.generating import (
    REPOSITORY,
    Identity,
    Mutant,
    generate,
    identity,
    modules,
    refused_by_mypy,
    source_of,
)
from tests.mutants.running import Runner

PACKAGES = ["prismafix.rewrites", "prismafix.rules", "prismafix.engine"]
TESTS = ["fixtures_harness/test_cases.py", "rewrites", "rules", "engine", "report"]
ALIVE = ["not run", "survived"]
OUTCOMES = ["mypy", "explained", "killed", "timeout", *ALIVE]


def main() -> int:
    """Print the survivors with their diffs, and a table. Exit code 1 when the tests do not pass as they are."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=sys.modules["tests.mutants"].__doc__)
    parser.add_argument("names", nargs="*", default=PACKAGES, metavar="MODULE", help="a module or a package, dotted")
    parser.add_argument("--sample", type=int, default=0, help="how many mutants of each module; 0: all")
    parser.add_argument("--seed", default="1", help="which ones")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--out", type=Path, help="a file that gets a line of JSON for each mutant")
    parser.add_argument("--again", type=Path, help="such a file: only what survived there")
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        place = Path(folder)
        again = alive(asked.again) if asked.again else None
        mutants, total = generate(place / "copy", modules(asked.names), asked.sample, asked.seed, again)
        refused = refused_by_mypy(place / "copy", mutants)
        known = explained(FILE.read_text(encoding="utf-8"))
        unseen = {m for m in mutants if m not in refused and any(e.is_it(m.module, m.name, m.diff) for e in known)}
        print(f"{sum(total.values())} mutants, {len(mutants)} chosen, {len(refused)} do not pass mypy", end=", ")
        print(f"{len(unseen)} are explained", flush=True)
        sys.path[:0] = [str(place / "copy"), str(REPOSITORY)]
        with (asked.out or Path(os.devnull)).open("w", encoding="utf-8") as out:
            counts: dict[str, Counter[str]] = defaultdict(Counter)

            def report(mutant: Mutant, outcome: str) -> None:
                counts[mutant.module][outcome] += 1
                line = {"module": mutant.module, "name": mutant.name, "outcome": outcome, "diff": mutant.diff}
                print(json.dumps(line), file=out, flush=True)
                if outcome in ALIVE:
                    print(f"\n{outcome}: {mutant.module} {mutant.name}\n{mutant.diff}", flush=True)

            for mutant in refused:
                report(mutant, "mypy")
            for mutant in unseen:
                report(mutant, "explained")
            code = pytest.main(
                [
                    *("-qq", "-p", "no:cacheprovider", "--hypothesis-profile=ci", f"--basetemp={place / 'tests'}"),
                    *("-o", "tmp_path_retention_policy=failed", f"--rootdir={REPOSITORY}"),
                    *(str(REPOSITORY / "tests" / name) for name in TESTS),
                ],
                plugins=[Runner([m for m in mutants if m not in refused and m not in unseen], asked.jobs, report)],
            )
        print_table(counts, total)
        for entry in known:
            if entry.module in total and not entry.is_there(source_of(entry.module).read_text(encoding="utf-8")):
                print(f"{FILE.name}: no longer in {entry.module}, {entry.function}: {entry.lines}")
    return int(code)


def alive(out: Path) -> set[Identity]:
    """What survived in an earlier run."""
    lines = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    return {identity(line["module"], line["name"], line["diff"]) for line in lines if line["outcome"] in ALIVE}


def print_table(counts: dict[str, Counter[str]], total: dict[str, int]) -> None:
    """One line per module, and the sum."""
    print(f"\n{'':48}{'all':>7}{'tried':>7}" + "".join(f"{outcome:>10}" for outcome in OUTCOMES))
    for module in [*total, ""]:
        of = [module] if module else list(total)
        row = sum((counts[name] for name in of), Counter[str]())
        print(f"{module or 'together':48}{sum(total[name] for name in of):7}{row.total():7}", end="")
        print("".join(f"{row[outcome]:10}" for outcome in OUTCOMES))


if __name__ == "__main__":
    sys.exit(main())
