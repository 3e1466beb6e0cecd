"""The changes that no user can see: explained.md says of each why, and a run leaves them out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.mutants.switch import key_of

FILE = Path(__file__).with_name("explained.md")

Line = tuple[str, str]
"""What is before a line of a diff (`-`, `+`, or a blank for what stays), and the line without its indentation."""


@dataclass(frozen=True, slots=True)
class Explained:
    """One change: the dotted module, the function (`Class.method`), and as many lines of the diff as tell it apart."""

    module: str
    function: str
    lines: tuple[Line, ...]

    def is_there(self, code: str) -> bool:
        """Whether the code still has what is changed."""
        code = "\n".join(line.strip() for line in code.splitlines())
        return "\n".join(line for kind, line in self.lines if kind != "+") in code

    def is_it(self, module: str, name: str, diff: str) -> bool:
        """Whether a mutant (mutmut's name of it) is this change."""
        if (module, function_of(name)) != (self.module, self.function):
            return False
        lines, size = _lines(diff.splitlines()), len(self.lines)
        return any(lines[at : at + size] == self.lines for at in range(len(lines) - size + 1))


def function_of(name: str) -> str:
    """`x_f__mutmut_3` is of `f`, `xǁCǁf__mutmut_3` of `C.f`."""
    return key_of(name).removeprefix("x_").removeprefix("xǁ").replace("ǁ", ".")


def explained(text: str) -> list[Explained]:
    """What the file says: under a heading with the module, blocks of diffs in which `@@ name` begins a function's."""
    found: list[Explained] = []
    module = function = ""
    lines: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            module = f"prismafix.{line.removeprefix('## ')}"
        elif line.startswith(("@@ ", "```")):
            if lines:
                found.append(Explained(module, function, _lines(lines)))
            function, lines = line.removeprefix("@@ ") if line.startswith("@@ ") else "", []
        elif function:
            lines.append(line)
    return found


def _lines(diff: list[str]) -> tuple[Line, ...]:
    return tuple((line[:1], line[1:].strip()) for line in diff if not line.startswith("@@"))
