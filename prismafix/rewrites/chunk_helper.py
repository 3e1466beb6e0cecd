"""The module that holds `mapInChunks`, and its sibling for `Promise.allSettled`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from prismafix.rewrites.style import Style
    from prismafix.rules.model import SharedModule
    from prismafix.workspace.model import ModuleSystem

SETTLED = "mapSettledInChunks"

# `Array.from`, since TypeScript refuses to spread an Iterable for the target ES5 (error 2802).
_TYPESCRIPT = """\
/** Like `Promise.{method}(items.map(fn))`, with at most `size` calls of `fn` in flight. */
{export}async function {name}<{parameters}>(
  items: Iterable<T>,
  size: number,
  fn: (item: T, index: number, items: T[]) => R | PromiseLike<R>,
): Promise<{result}[]> {{
  const all = Array.from(items);
  const results: {result}[] = [];
  for (let start = 0; start < all.length; start += size) {{
    const chunk = all.slice(start, start + size);
    results.push(...(await Promise.{method}(chunk.map((item, offset) => fn(item, start + offset, all)))));
  }}
  return results;
}}
"""

_JAVASCRIPT = """\
/**
 * Like `Promise.{method}(items.map(fn))`, with at most `size` calls of `fn` in flight.
 *
 * @template T, R
 * @param {{Iterable<T>}} items
 * @param {{number}} size
 * @param {{(item: T, index: number, items: T[]) => R | PromiseLike<R>}} fn
 * @returns {{Promise<{result}[]>}}
 */
{export}async function {name}(items, size, fn) {{
  const all = Array.from(items);
  /** @type {{{result}[]}} */
  const results = [];
  for (let start = 0; start < all.length; start += size) {{
    const chunk = all.slice(start, start + size);
    results.push(...(await Promise.{method}(chunk.map((item, offset) => fn(item, start + offset, all)))));
  }}
  return results;
}}
"""

_WIDE = "    results.push(...(await Promise.{method}(chunk.map((item, offset) => fn(item, start + offset, all)))));\n"
_BROKEN = """\
    results.push(
      ...(await Promise.{method}(
        chunk.map((item, offset) => fn(item, start + offset, all)),
      )),
    );
"""


def helper_module(
    name: str,
    *,
    settled: bool,
    language: Literal["ts", "js"],
    module_system: ModuleSystem,
    style: Style,
    strict: bool = True,
) -> bytes:
    """The whole text of the module, in the package's style.

    Without `strict` the items of a list of type `any` stay `any`, as `map` has it; else they would be `unknown`.
    """
    template = _TYPESCRIPT if language == "ts" else _JAVASCRIPT
    method = "allSettled" if settled else "all"
    if len(_WIDE.replace("{method}", method).rstrip("\n")) > style.width:
        template = template.replace(_WIDE, _BROKEN)
    result = "PromiseSettledResult<Awaited<R>>" if settled else "Awaited<R>"
    esm = module_system == "esm" or language == "ts"
    text = template.format(
        method=method,
        export=("export default " if name == "default" else "export ") if esm else "",
        name="mapInChunks" if name == "default" else name,
        result=result,
        parameters="T, R" if strict else "T = any, R = unknown",
    )
    if not esm:
        text += f"\nmodule.exports = {'mapInChunks' if name == 'default' else f'{{ {name} }}'};\n"
    if not style.semicolons:
        text = "".join(line.removesuffix(";") + "\n" for line in text.splitlines())
    if not style.argument_commas:
        text = text.replace(",\n)", "\n)").replace(",\n      )", "\n      )").replace(",\n    )", "\n    )")
    return style.lines(text)


def settled_module(helper: SharedModule) -> SharedModule:
    """Where the sibling for `Promise.allSettled` is: beside the helper, named like it."""
    folder, slash, file = helper.path.rpartition("/")
    stem, dot, suffix = file.partition(".")
    if stem == "map_in_chunks":
        stem = "map_settled_in_chunks"
    else:
        stem = SETTLED if stem == "index" or stem != stem.lower() else "map-settled-in-chunks"
    return replace(helper, path=f"{folder}{slash}{stem}{dot}{suffix}", export=SETTLED)
