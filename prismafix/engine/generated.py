"""Which Prisma clients have to be generated before TypeScript can say anything about what they return."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.workspace.model import within

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from prismafix.workspace.model import Package
    from prismafix.workspace.workspace import Workspace

_GENERATED = b"class PrismaClient<"
"""What the declarations of a generated client have, and those of the stand-in that is there before do not (generated
with 4.16, 5.22, 6.19 and 7.10)."""


def not_generated(workspace: Workspace, paths: Collection[str]) -> tuple[str, ...]:
    """The schemas (paths) behind the packages of `paths`, or behind packages that these depend on, for which a client
    is not generated. A client in a folder that nobody can tell counts as generated."""
    packages = _with_dependencies(workspace, paths)
    # A generated client has a copy of its schema beside it.
    every = [s for s in workspace.schemas if not any(within(s.path, folder) for folder in workspace.generated)]
    schemas = [s for s in every if any(s.path in package.schemas for package in packages)]
    missing = []
    for schema in schemas or every:
        if any(
            not _is_there(workspace, schema.path, generator.output)
            for generator in schema.generators
            if generator.output_env is None
        ):
            missing.append(schema.path)
    return tuple(sorted(missing))


def _with_dependencies(workspace: Workspace, paths: Collection[str]) -> list[Package]:
    found: list[Package] = []
    waiting = [package for path in sorted(paths) if (package := workspace.package_of(path)) is not None]
    while waiting:
        package = waiting.pop()
        if package not in found:
            found.append(package)
            waiting += [p for name in package.dependencies if (p := workspace.package_by_name(name)) is not None]
    return found


def _is_there(workspace: Workspace, schema: str, output: str | None) -> bool:
    if output is not None:
        folder = workspace.root / output
        return folder.is_file() or (folder.is_dir() and any(folder.iterdir()))
    return any(_has_types(above / "node_modules" / "@prisma" / "client") for above in (workspace.root / schema).parents)


def _has_types(client: Path) -> bool:
    """Whether `prisma-client-js` has generated for an installed `@prisma/client`: into `.prisma` beside `@prisma`."""
    types = client.resolve().parent.parent / ".prisma" / "client" / "index.d.ts"
    return types.is_file() and _GENERATED in types.read_bytes()
