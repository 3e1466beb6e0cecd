"""How generated modules are written: the kinds of module a project can have, imports and exports, and styles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Kind:
    """How a project writes its modules. `extension` is what relative imports end with, `compiler` the compiler options
    of a TypeScript project, `package_type` the `type` of its package.json."""

    name: str
    suffix: str
    typescript: bool
    commonjs: bool
    extension: str = ""
    compiler: tuple[tuple[str, str], ...] = ()
    package_type: str = ""


_BUNDLER = (("module", "esnext"), ("moduleResolution", "bundler"))
_COMMONJS = (("module", "commonjs"), ("moduleResolution", "node"))
_NODENEXT = (("module", "nodenext"), ("moduleResolution", "nodenext"))
KINDS = (
    Kind("ts", ".ts", True, False, "", _BUNDLER),
    Kind("ts-module", ".ts", True, False, "", _BUNDLER, "module"),
    Kind("ts-commonjs", ".ts", True, False, "", _COMMONJS),
    Kind("ts-nodenext", ".ts", True, False, ".js", _NODENEXT, "module"),
    Kind("mts", ".mts", True, False, ".mjs", _NODENEXT),
    Kind("js-module", ".js", False, False, ".js", (), "module"),
    Kind("mjs", ".mjs", False, False, ".mjs"),
    Kind("js-commonjs", ".js", False, True),
    Kind("cjs", ".cjs", False, True, ".cjs", (), "module"),
)


@dataclass(frozen=True, slots=True)
class Style:
    """What the text looks like. `indent` stands for two spaces of what is generated."""

    quote: str = '"'
    semicolons: bool = True
    indent: str = "  "
    newline: str = "\n"
    bom: bool = False

    def write(self, text: str) -> bytes:
        """`text`, which is written with double quotes, semicolons and two spaces, in this style."""
        lines = []
        for line in text.splitlines():
            code = line.lstrip(" ")
            depth, rest = divmod(len(line) - len(code), 2)
            if not self.semicolons and code.endswith(";"):
                code = code[:-1]
            lines.append(self.indent * depth + " " * rest + code)
        if self.quote == "'":
            lines = [re.sub(r'"([^"\'`]*)"', r"'\1'", line) for line in lines]
        return (("\ufeff" if self.bom else "") + self.newline.join([*lines, ""])).encode()


@dataclass(slots=True)
class Module:
    """One module while it is written. `stem` is its path without suffix. `exports` are (exported, local) of CommonJS.
    `alias` is the folder behind `@/`, "" where the project has no alias."""

    stem: str
    kind: Kind
    style: Style
    alias: str = ""
    default_as_module: bool = False
    before: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    exports: list[tuple[str, str]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return self.stem + self.kind.suffix

    def specifier(self, stem: str) -> str:
        """How this module names the module at `stem`, or the package of that name."""
        if stem.startswith("@"):
            return stem
        if self.alias and stem.startswith(self.alias + "/"):
            return "@/" + stem[len(self.alias) + 1 :]
        here, there = self.stem.split("/")[:-1], stem.split("/")
        while here and there[:-1] and here[0] == there[0]:
            here, there = here[1:], there[1:]
        return "../" * len(here) + ("" if here else "./") + "/".join(there) + self.kind.extension

    def take(self, specifier: str, *names: str, types: bool = False) -> None:
        """Import names; `A as b` renames."""
        if types and not self.kind.typescript:
            return
        if self.kind.commonjs:
            line = f'const {{ {", ".join(names).replace(" as ", ": ")} }} = require("{specifier}");'
        else:
            line = f'import {"type " if types else ""}{{ {", ".join(names)} }} from "{specifier}";'
        self._import(line)

    def take_all(self, specifier: str, name: str) -> None:
        """Import a namespace."""
        self._import(
            f'const {name} = require("{specifier}");'
            if self.kind.commonjs
            else f'import * as {name} from "{specifier}";'
        )

    def take_default(self, specifier: str, name: str) -> None:
        """Import what a module exports as its default, or as a whole in CommonJS."""
        self._import(
            f'const {name} = require("{specifier}");' if self.kind.commonjs else f'import {name} from "{specifier}";'
        )

    def run(self, specifier: str) -> None:
        """Import for the effects."""
        self._import(f'require("{specifier}");' if self.kind.commonjs else f'import "{specifier}";')

    def _import(self, line: str) -> None:
        if line not in self.imports:
            self.imports.append(line)

    def add(self, *lines: str) -> None:
        """Lines at module level, behind a blank one."""
        self.body += ["", *lines]

    def declare(self, text: str, name: str, *, exported: bool = True) -> None:
        """A declaration of `name` (`async function a() {`, lines), exported under its name."""
        if exported and self.kind.commonjs:
            self.exports.append((name, name))
        self.add(*(("export " if exported and not self.kind.commonjs else "") + text).split("\n"))

    def typed(self, annotation: str) -> str:
        """An annotation where there are types."""
        return annotation if self.kind.typescript else ""

    def text(self) -> bytes:
        """The whole module in its style."""
        tail: list[str] = []
        if self.exports and self.default_as_module and len(self.exports) == 1:
            tail = ["", f"module.exports = {self.exports[0][1]};"]
        elif self.exports:
            inside = ", ".join(a if a == b else f"{a}: {b}" for a, b in self.exports)
            tail = ["", f"module.exports = {{ {inside} }};"]
        body = self.body if self.before or self.imports else self.body[1:]
        return self.style.write("\n".join([*self.before, *self.imports, *body, *tail]))


def manifest(name: str, kind: Kind, **more: Any) -> dict[str, Any]:
    """A package.json of the kind."""
    return {"name": name, "private": True, **({"type": kind.package_type} if kind.package_type else {}), **more}
