"""Real small projects for the tests: files on the disk, discovered and built as the program does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.project.build import build_project
from prismafix.project.denote.values import (
    ClassRef,
    Client,
    External,
    FunctionRef,
    Instance,
    NamespaceRef,
    ObjectRef,
    Operation,
    PrismaClass,
    PrismaModule,
    Value,
)
from prismafix.workspace.discover import discover_workspace
from tests.workspace.making import SCHEMA, write

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from prismafix.project.model import Project

PACKAGE = {"name": "shop", "dependencies": {"@prisma/client": "6.19.0"}}
PLAIN = "import { PrismaClient } from '@prisma/client';\n"
SHARED = PLAIN + "export const prisma = new PrismaClient();\n"


def project_of(root: Path, files: Mapping[str, object]) -> Project:
    """The project of some files. A `package.json` with Prisma and a schema with a model are there unless given."""
    return build_project(
        discover_workspace(write(root, {"package.json": PACKAGE, "prisma/schema.prisma": SCHEMA, **files}))
    )


def shown(value: Value | None) -> str:
    """A value in a word or two."""
    match value:
        case None:
            return "unknown"
        case Client():
            extended = " extended" if value.extended else ""
            return f"{'' if value.kind == 'outer' else value.kind + ' '}client{extended} {value.entry}".strip()
        case PrismaClass():
            return f"client class {value.entry}".strip()
        case PrismaModule():
            return f"prisma module {value.entry}".strip()
        case Operation():
            return f"operation {value.model}.{value.name}"
        case FunctionRef() | ClassRef() | Instance() | NamespaceRef():
            return f"{type(value).__name__} {value.path}"
        case External():
            return f"external {'.'.join((value.specifier, *value.names))}"
        case ObjectRef():
            return f"object of {value.path}"
        case _:
            return type(value).__name__


def meaning(project: Project, path: str, name: str) -> str:
    """What a name of a module's top level denotes."""
    return shown(project.evaluator.name(path, name, 0))


def probed(project: Project, path: str) -> str:
    """What the argument of `probe(…)` in a module denotes."""
    (use,) = (u for u in project.evaluator.index(path).calls if u.expr.callee.text == "probe")
    return shown(project.evaluator.value(path, use.expr.arguments[0], use.root.scope))
