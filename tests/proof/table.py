"""Prints what every runtime case costs before and after its fix, as a Markdown table: `python tests/proof/table.py`.

The numbers are those that the cases state and `test_cases.py` asserts.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from fixtures_harness.cases import Case, folders, load

COLUMNS = ("statements", "connections", "in_flight")


def main() -> None:
    """Print the table."""
    print("| case | fix | " + " | ".join(column.replace("_", " ") for column in COLUMNS) + " |")
    print("| --- | --- |" + " --- |" * len(COLUMNS))
    for case in (load(folder) for folder in folders()):
        if case.runtime:
            cells = [f"{said(case, 'before', column)} → {said(case, 'after', column)}" for column in COLUMNS]
            worst = "unsafe" if any(finding.applicability == "unsafe" for finding in case.findings) else "safe"
            print(f"| {case.name} | {worst} | {' | '.join(cells)} |")


def said(case: Case, part: str, column: str) -> str:
    """A measure as the case states it."""
    match case.measured[part][column]:
        case dict() as versions:
            return ", ".join(f"{count} (v{version})" for version, count in versions.items())
        case [low, high]:
            return f"{low} to {high}"
        case count:
            return str(count)


if __name__ == "__main__":
    main()
