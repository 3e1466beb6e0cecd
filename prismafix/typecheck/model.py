"""What the compiler is asked and what it says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """An error that TypeScript reports. `path` is absolute; `line` and `column` are 1-based, columns in UTF-16 units.
    `message` has the compiler's chain of explanations, one a line. `known`: it is about a package that nothing was
    found for before either, wherever it was imported."""

    path: str
    line: int
    column: int
    code: int
    message: str
    known: bool = False

    @property
    def summary(self) -> str:
        """The first line of the message: what is wrong, without why."""
        return self.message.partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Program:
    """Files that are compiled together: those of a configuration, and `roots` besides. All paths are absolute.

    `config` None: there is no configuration. `unchecked`: JavaScript that the project itself does not check, so that
    only what is wrong about names is reported. `broken`: a file that the configuration needs is not there, in words of
    TypeScript."""

    config: str | None
    unchecked: bool
    roots: tuple[str, ...]
    broken: str | None = None


@dataclass(frozen=True, slots=True)
class Checked:
    """What one check has found: the errors, in how many files they were looked for, and for each file with errors those
    of the changed files that it depends on. `unresolved` are specifiers of packages that nothing was found for."""

    diagnostics: tuple[Diagnostic, ...]
    files: int
    reach: dict[str, tuple[str, ...]]
    unresolved: tuple[str, ...]
