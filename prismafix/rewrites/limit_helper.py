"""The module that holds `limitConcurrency`: what a package without `p-limit` gets for lists that `map` alone does not
make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from prismafix.rewrites.style import Style
    from prismafix.workspace.model import ModuleSystem

NAME = "limitConcurrency"

_TYPESCRIPT = """\
/** Gives a function that runs what it is given, at most `size` at a time, in the order of the calls. */
{export}function limitConcurrency(size: number) {{
  let running = 0;
  const waiting: (() => void)[] = [];
  return async <T>(fn: () => T | PromiseLike<T>): Promise<T> => {{
    if (running < size) running += 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {{
      return await fn();
    }} finally {{
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }}
  }};
}}
"""

_JAVASCRIPT = """\
/**
 * Gives a function that runs what it is given, at most `size` at a time, in the order of the calls.
 *
 * @param {{number}} size
 */
{export}function limitConcurrency(size) {{
  let running = 0;
  /** @type {{(() => void)[]}} */
  const waiting = [];
  /**
   * @template T
   * @param {{() => T | PromiseLike<T>}} fn
   * @returns {{Promise<T>}}
   */
  return async (fn) => {{
    if (running < size) running += 1;
    else await new Promise((resolve) => waiting.push(() => resolve(undefined)));
    try {{
      return await fn();
    }} finally {{
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }}
  }};
}}
"""


def limit_module(*, language: Literal["ts", "js"], module_system: ModuleSystem, style: Style) -> bytes:
    """The whole text of the module, in the package's style."""
    esm = module_system == "esm" or language == "ts"
    template = _TYPESCRIPT if language == "ts" else _JAVASCRIPT
    text = template.format(export="export " if esm else "")
    if not esm:
        text += f"\nmodule.exports = {{ {NAME} }};\n"
    if not style.semicolons:
        text = "".join(line.removesuffix(";") + "\n" for line in text.splitlines())
    return style.lines(text)
