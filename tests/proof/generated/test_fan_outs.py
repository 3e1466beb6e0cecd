"""Generated fan-outs: what a safe fix makes of them compiles, gives the same answers, and keeps to its limit."""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from .batches import Fixed, differences, drawn, fixed, new_errors, smallest, type_errors, write
from .fan_out_text import ROWS, SCHEMA, TABLES
from .fan_outs import Program, programs

if TYPE_CHECKING:
    from proof.running import Runner

TOGETHER = 40
"""Programs in one scenario."""
AT_ONCE = 5
CLIENT = b"""import { PrismaPg } from "@prisma/adapter-pg";
import { PrismaClient } from "@prisma/client";

export const client = new PrismaClient({ adapter: new PrismaPg({ connectionString: process.env.DATABASE_URL }) });
"""
SAME_CLIENT = b'export { client as prisma } from "../../../client";\n'
UNKNOWN_NAME = re.compile(r" TS(2304|2305|2307|2451|2552) ")
"""All that is asked of JavaScript: that no name is left without its import. Nobody compiles it."""


STATIC = {"types", "a second run changes something"}
"""What is wrong whenever it is looked at; the rest has to be seen twice."""


@dataclass(slots=True)
class Tried:
    """A program, its safe fixes and all of its fixes, and what is wrong with them, by kind."""

    program: Program
    safe: Fixed
    all: Fixed
    wrong: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        """For whoever has to understand what went wrong."""
        said = "\n".join(f"{kind}: {text}" for kind, text in self.wrong.items())
        reasons = "\n".join(f"{one.finding.code} {one.applicability}: {one.reason}" for one in self.all.result.findings)
        change = (self.safe if self.safe.changed else self.all).diff()
        return "\n\n".join([said, reasons, change, *self.program.calls, ", ".join(self.program.features)])


@pytest.mark.parametrize(("version", "seed"), [("6.19", 1), ("7", 2)])
def test_fan_outs(version: str, seed: int, runners: dict[str, Runner], tmp_path: Path) -> None:
    check(runners[version], 220, seed, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(10, 22))
def test_many_fan_outs(seed: int, runners: dict[str, Runner], tmp_path: Path) -> None:
    check(runners["7" if seed % 2 else "6.19"], 800, seed, tmp_path)


def check(runner: Runner, count: int, seed: int, folder: Path) -> None:
    """Try so many programs, and show the smallest one with a defect."""
    result = tried(drawn(programs(), count, seed), folder / "all", runner)
    print(summary(result))
    again = (one for one in result if one.wrong and (STATIC & one.wrong.keys() or _fails_again(one, folder, runner)))
    wrong = min(again, key=lambda one: len(one.program.text), default=None)
    if wrong is None:
        assert sum(one.all.changed for one in result) >= 0.6 * len(result), "most programs have to be ones with a fix"
        return
    kind = next(iter(wrong.wrong))

    def fails(program: Program) -> bool:
        return kind in _alone(program, folder, runner, types=kind == "types").wrong

    small = smallest(programs(), count, seed, fails, wrong.program)
    pytest.fail(str(_alone(small, folder, runner)))


def _fails_again(one: Tried, folder: Path, runner: Runner) -> bool:
    """Whether a program differs alone too: of two answers that race, either may be the first."""
    return bool(_alone(one.program, folder, runner, types=False).wrong)


def _alone(program: Program, folder: Path, runner: Runner, *, types: bool = True) -> Tried:
    """A program tried by itself, in a folder of its own: Node.js loads what has the path of a module only once."""
    own = Path(tempfile.mkdtemp(dir=folder))
    try:
        return tried([program], own, runner, types=types)[0]
    finally:
        shutil.rmtree(own)


def summary(result: list[Tried]) -> str:
    """How many programs have which findings."""
    kinds = Counter(
        ", ".join(sorted({f"{one.finding.code} {one.applicability}" for one in each.safe.result.findings})) or "nothing"
        for each in result
    )
    any_fix, safe_fix = sum(one.all.changed for one in result), sum(one.safe.changed for one in result)
    fixes = f"{any_fix} with a fix, {safe_fix} with a safe one"
    return "\n".join(
        [f"{len(result)} programs, {fixes}", *(f"{count:5} {kind}" for kind, count in kinds.most_common())]
    )


def tried(found: list[Program], folder: Path, runner: Runner, *, types: bool = True) -> list[Tried]:
    """Fix all programs, compile them in one run of the compiler, and run those that a safe fix changed."""
    result = []
    for number, program in enumerate(found):
        root = write(program.files, folder / "before" / f"p{number}")
        safe = fixed(root)
        held = any(one.applicability == "unsafe" for one in safe.result.findings)
        one = Tried(program, safe, fixed(root, unsafe=True) if held else safe)
        result.append(one)
        for part, made in (("safe", one.safe), ("all", one.all)):
            if made.changed:
                again = fixed(write(made.after, folder / part / f"p{number}"), unsafe=part == "all")
                if again.changed:
                    one.wrong["a second run changes something"] = again.diff()
    if types:
        _compile(result, folder, runner.version)
    changed = [(number, one) for number, one in enumerate(result) if one.safe.changed]
    for start in range(0, len(changed), TOGETHER):
        _run(changed[start : start + TOGETHER], folder / f"run{start}", runner)
    return result


def _compile(result: list[Tried], folder: Path, version: str) -> None:
    said = type_errors([root for part in ("before", "safe", "all") for root in (folder / part).glob("p*")], version)
    for number, one in enumerate(result):
        for part in ("safe", "all"):
            new = new_errors(said[folder / "before" / f"p{number}"], said.get(folder / part / f"p{number}", []))
            if one.program.file.endswith(".js"):
                new = [error for error in new if UNKNOWN_NAME.search(error)]
            if new:
                one.wrong["types"] = "\n".join([f"with {part} fixes", *new])


def _run(several: list[tuple[int, Tried]], folder: Path, runner: Runner) -> None:
    """Run the programs before and after their safe fixes, all with one client."""
    before, after = folder / "before", folder / "after"
    for root in (before, after):
        write({"client.ts": CLIENT, "schema.prisma": SCHEMA.encode()}, root)
    listed = []
    for number, one in several:
        for root, files in ((before, one.safe.before), (after, one.safe.after)):
            kept = {path: data for path, data in files.items() if path.startswith("src/")}
            kept |= {path: SAME_CLIENT for path in kept if path.startswith("src/lib/prisma.")}
            write(kept, root / f"p{number}")
        listed.append(f'{{ file: "p{number}/{one.program.file}", calls: [{", ".join(one.program.calls)}] }}')
    scenario = folder / "scenario.mjs"
    scenario.write_text(
        f"import {{ runAll }} from {json.dumps(Path(__file__).with_name('many.mjs').as_posix())};\n"
        f"export const seed = {json.dumps(ROWS)};\nconst programs = [{', '.join(listed)}];\n"
        f"export const run = (given) => runAll(given, {{ programs, tables: {json.dumps(TABLES)}, rows: seed }});\n"
    )
    outcome = runner.run(scenario, before, after)
    for part in outcome.values():
        if "error" in part:
            raise RuntimeError(part["stack"])
    for (_, one), *texts in zip(several, outcome["before"]["value"], outcome["after"]["value"], strict=True):
        had, has = (json.loads(text) for text in texts)
        if "callback: printed" in one.program.features:
            had["effects"] = has["effects"] = None  # what an element prints is not what it does
        if different := differences(had, has):
            one.wrong["answers"] = "\n".join(different)
        if all(finding.state == "fixed" for finding in one.safe.result.findings) and has["peak"] > _limit(one.program):
            one.wrong["peak"] = f"{has['peak']} queries at once, {had['peak']} before"


def _limit(program: Program) -> int:
    """How many queries a program may have in flight: two of each element with `flatMap`, else one, and two beside."""
    return 2 + AT_ONCE * (2 if "form: flatMap" in program.features else 1)
