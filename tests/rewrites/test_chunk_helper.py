"""The helper's module in the package's language, module system and style."""

from __future__ import annotations

from typing import Any

import pytest

from prismafix.rewrites.chunk_helper import helper_module, settled_module
from prismafix.rewrites.model import Fix
from prismafix.rewrites.style import Style
from prismafix.rules.model import SharedModule
from tests.rewrites.fan_outs import PATH, bound, carried_out

TYPESCRIPT = """/** Like `Promise.all(items.map(fn))`, with at most `size` calls of `fn` in flight. */
export async function mapInChunks<T, R>(
  items: Iterable<T>,
  size: number,
  fn: (item: T, index: number, items: T[]) => R | PromiseLike<R>,
): Promise<Awaited<R>[]> {
  const all = Array.from(items);
  const results: Awaited<R>[] = [];
  for (let start = 0; start < all.length; start += size) {
    const chunk = all.slice(start, start + size);
    results.push(...(await Promise.all(chunk.map((item, offset) => fn(item, start + offset, all)))));
  }
  return results;
}
"""

JAVASCRIPT = """/**
 * Like `Promise.allSettled(items.map(fn))`, with at most `size` calls of `fn` in flight.
 *
 * @template T, R
 * @param {Iterable<T>} items
 * @param {number} size
 * @param {(item: T, index: number, items: T[]) => R | PromiseLike<R>} fn
 * @returns {Promise<PromiseSettledResult<Awaited<R>>[]>}
 */
async function mapInChunks(items, size, fn) {
\tconst all = Array.from(items)
\t/** @type {PromiseSettledResult<Awaited<R>>[]} */
\tconst results = []
\tfor (let start = 0; start < all.length; start += size) {
\t\tconst chunk = all.slice(start, start + size)
\t\tresults.push(
\t\t\t...(await Promise.allSettled(
\t\t\t\tchunk.map((item, offset) => fn(item, start + offset, all))
\t\t\t))
\t\t)
\t}
\treturn results
}

module.exports = { mapInChunks }
"""


def test_typescript() -> None:
    made = helper_module("mapInChunks", settled=False, language="ts", module_system="esm", style=Style(width=120))
    assert made.decode() == TYPESCRIPT


def test_typescript_is_written_with_exports_whatever_it_compiles_to() -> None:
    made = helper_module("mapInChunks", settled=False, language="ts", module_system="commonjs", style=Style(width=120))
    assert made.decode() == TYPESCRIPT


def test_javascript_commonjs() -> None:
    made = helper_module(
        "mapInChunks",
        settled=True,
        language="js",
        module_system="commonjs",
        style=Style(semicolons=False, indent="\t", trailing_commas=False, argument_commas=False),
    )
    assert made.decode() == JAVASCRIPT


def test_a_narrow_file_breaks_the_long_line() -> None:
    made = helper_module(
        "mapInChunks", settled=False, language="ts", module_system="esm", style=Style(width=80, newline="\r\n")
    ).decode()
    assert max(map(len, made.splitlines())) < 100
    assert made.count("\n") == made.count("\r\n")


@pytest.mark.parametrize("settled", [False, True])
def test_the_long_line_is_broken_where_it_would_be_too_long(*, settled: bool) -> None:
    whole = 0
    for width in range(94, 115):
        text = helper_module(
            "mapInChunks", settled=settled, language="ts", module_system="esm", style=Style(width=width)
        ).decode()
        longest = max(map(len, text.splitlines()))
        assert longest <= width
        if "results.push(..." in text:
            whole = whole or width
            assert longest == whole
    assert whole


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/lib/map-in-chunks.ts", "src/lib/map-settled-in-chunks.ts"),
        ("lib/mapInChunks.mjs", "lib/mapSettledInChunks.mjs"),
        ("src/utils/index.ts", "src/utils/mapSettledInChunks.ts"),
        ("src/utils/map_in_chunks.js", "src/utils/map_settled_in_chunks.js"),
        ("src/utils/chunks.server.ts", "src/utils/map-settled-in-chunks.server.ts"),
    ],
)
def test_the_settled_sibling_is_named_like_the_helper(path: str, expected: str) -> None:
    assert settled_module(SharedModule(path, "mapInChunks")).path == expected


def fixed(before: str, files: dict[str, bytes], **options: Any) -> Fix:
    data = before.encode()
    made = carried_out(bound(data, **options), {PATH: data, **files})
    assert isinstance(made, Fix)
    return made


BEFORE = "const rows = async (xs: X[]) => [await Promise.all(xs.map((x) => load(x)))];\n"


def test_is_made_once_and_imported_once() -> None:
    keys = [needed.key for needed in fixed(BEFORE, {}).prerequisites]
    assert keys == ["src/lib/map-in-chunks.ts", "import:src/a.ts:./lib/map-in-chunks:mapInChunks"]


def test_is_not_made_again() -> None:
    there = {"src/lib/map-in-chunks.ts": TYPESCRIPT.encode()}
    for made in (fixed(BEFORE, there), fixed(BEFORE, {}, create_helper=False)):
        assert [file for needed in made.prerequisites for file in needed.new_files] == []


def test_lists_of_any_keep_their_type_in_a_package_that_is_not_strict() -> None:
    made = helper_module(
        "mapInChunks", settled=False, language="ts", module_system="esm", style=Style(), strict=False
    ).decode()
    strict = helper_module("mapInChunks", settled=False, language="ts", module_system="esm", style=Style()).decode()
    assert "export async function mapInChunks<T = any, R = unknown>(\n" in made
    assert made.replace("<T = any, R = unknown>", "<T, R>") == strict
