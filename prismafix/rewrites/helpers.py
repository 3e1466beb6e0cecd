"""How a file gets at a function that a fix needs: the local name, and the import that may have to be added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.rewrites.imports import Wanted, change_imports, import_statements, is_commonjs, module_binding
from prismafix.rewrites.model import Prerequisite
from prismafix.rewrites.names import resolve
from prismafix.rewrites.specifiers import neighbours_of, specifier_for
from prismafix.rules.model import SharedModule

if TYPE_CHECKING:
    from tree_sitter import Node

    from prismafix.rewrites.layout import Page
    from prismafix.rewrites.source import Files
    from prismafix.workspace.model import ModuleSystem


def package(name: str) -> SharedModule:
    """A package of the registry, as a module to import the default export of."""
    return SharedModule("", "default", package_name=name)


def imported(
    page: Page,
    files: Files,
    place: Node,
    exported: str,
    module: SharedModule,
    usual: str,
    module_system: ModuleSystem,
) -> tuple[str, tuple[Prerequisite, ...] | None]:
    """(local name, the import as a prerequisite): () where the name is imported already, None where it is taken.

    `place` is where the name is needed; `usual` the local name of a default export.
    """
    source = page.source
    local = usual if exported == "default" else exported
    if module.path == source.path:
        return local, ()
    specifier = specifier_for(source, module, files, page.style, neighbours_of(source.path, files))
    for statement in import_statements(source):
        for name in statement.names:
            same = statement.specifier == specifier and name.imported == exported
            if same and statement.top and not statement.type_only:
                seen = resolve(source, place, name.local)
                return name.local, () if seen is not None and seen.node == name.name else None
    if resolve(source, place, local) is not None or module_binding(source, local) is not None:
        return local, None
    commonjs = is_commonjs(source, module_system)
    edits = change_imports(source, page.style, [Wanted(specifier, exported, local)], commonjs=commonjs)
    return local, (Prerequisite(f"import:{source.path}:{specifier}:{exported}", tuple(edits)),)
