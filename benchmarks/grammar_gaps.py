#!/usr/bin/env python3
"""Count the source files of real work trees that the grammar cannot read, before and after the second parse.

usage: grammar_gaps.py CORPUS [CORPUS ...] [--examples 3]

A CORPUS is a folder with work trees below it. Nothing is written. `node_modules`, `.git` and files over 1 MB are
passed over. Prints one Markdown row per corpus: files, files with errors in a plain parse, files left with errors
after `prismafix.syntax.parsing.parse`, and files that were read wrongly without an error; then how often each form of
gap was filled in files with errors, and what is left, with a few examples each.

Exit codes. 0: at most a third of the files with errors are left, in every corpus. 1: more. 2: wrong use.
"""

from __future__ import annotations

import argparse
import collections
import dataclasses
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tree_sitter import Parser

from prismafix.syntax.dialect import DIALECTS, Dialect, language
from prismafix.syntax.gaps import find_gaps
from prismafix.syntax.parsing import error_spans, parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LIMIT = 1_000_000


@dataclasses.dataclass(slots=True)
class Count:
    """What one corpus showed. `forms` and `left` map a cause to its examples, `path:line  text`."""

    files: int = 0
    plain: int = 0
    after: int = 0
    misread: int = 0
    forms: dict[str, list[str]] = dataclasses.field(default_factory=lambda: collections.defaultdict(list))
    left: list[str] = dataclasses.field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run over the corpora of the command line; the exit code."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("corpus", nargs="+", type=Path)
    options.add_argument("--examples", type=int, default=3)
    given = options.parse_args(arguments)
    for folder in given.corpus:
        if not folder.is_dir():
            options.error(f"{folder} is no folder")
    counts = {folder.name: measure(folder) for folder in given.corpus}
    print("| corpus | files | errors in a plain parse | errors left | misread without an error |")
    print("| --- | --- | --- | --- | --- |")
    for name, count in counts.items():
        print(f"| {name} | {count.files} | {count.plain} | {count.after} | {count.misread} |")
    for name, count in counts.items():
        for form, examples in sorted(count.forms.items(), key=lambda item: -len(item[1])):
            print(f"\n{name}: {form}, {len(examples)} times")
            print("\n".join(f"  {example}" for example in examples[: given.examples]))
        if count.left:
            print(f"\n{name}: left")
            print("\n".join(f"  {example}" for example in count.left))
    return int(any(count.after * 3 > count.plain for count in counts.values()))


def measure(folder: Path) -> Count:
    """Parse every source file below a folder in both ways."""
    count = Count()
    parsers: dict[Dialect, Parser] = {dialect: Parser(language(dialect)) for dialect in set(DIALECTS.values())}
    for path, data in sources(folder):
        dialect = DIALECTS[path.suffix]
        count.files += 1
        plain, read = parsers[dialect].parse(data), parse(data, dialect)
        name = path.relative_to(folder).as_posix()
        if not plain.root_node.has_error:
            count.misread += read.root_node.text != data  # that of a second parse
            continue
        count.plain += 1
        spans = error_spans(read)
        count.after += bool(spans)
        for gap in find_gaps(data, dialect):
            count.forms[gap.form].append(excerpt(name, data, gap.start))
        count.left += [excerpt(name, data, start) for start, _ in spans[:1]]
    return count


def sources(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """The source files below a folder with their content, sorted."""
    for root, folders, files in os.walk(folder):
        folders[:] = sorted(set(folders) - {"node_modules", ".git"})
        for name in sorted(files):
            path = Path(root, name)
            if path.suffix in DIALECTS and path.is_file() and path.stat().st_size <= LIMIT:
                yield path, path.read_bytes()


def excerpt(name: str, data: bytes, at: int) -> str:
    """Where a byte stands, and its line."""
    start, end = data.rfind(b"\n", 0, at) + 1, data.find(b"\n", at)
    line = data[start : end if end >= 0 else len(data)].decode("utf-8", "replace").strip()
    number = data.count(b"\n", 0, at) + 1
    return f"{name}:{number}  {line[:100]}"


if __name__ == "__main__":
    sys.exit(main())
