"""Which `.prisma` files of a tree form which schema, and what their generators own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.workspace.model import Problem, Schema, within
from prismafix.workspace.schema import Block, build_schema, read_blocks
from prismafix.workspace.tree import Tree, join, parent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

CONFIG_NAMES = tuple(f"prisma.config.{suffix}" for suffix in ("ts", "mts", "cts", "js", "mjs", "cjs"))
_CONFIG_FOLDER_NAMES = tuple(f"prisma.{suffix}" for suffix in ("ts", "mts", "cts", "js", "mjs", "cjs"))  # in `.config/`
_CONFIG_SCHEMA = re.compile(r"^\s*schema\s*:\s*(?P<value>[^\n]*(?:\([^)]*\))?)", re.MULTILINE)
_SCRIPT_SCHEMA = re.compile(r"--schema[= ]\s*[\"']?([^\s\"'&|;]+)")
_CONFIG_SEED = re.compile(r"(?:^|[{,])\s*seed\s*:\s*([\"'`])(.*?)\1", re.MULTILINE)
_QUOTED = re.compile(r"([\"'`])(.*?)\1")


@dataclass(frozen=True, slots=True)
class Schemas:
    """`owned` are the files and folders that generators write (relative to the root), `clients` those of JavaScript
    clients."""

    schemas: tuple[Schema, ...]
    problems: tuple[Problem, ...]
    owned: tuple[str, ...]


def _is_schema(path: str) -> bool:
    """Whether a file is (part of) a schema by its name. `Dockerfile.prisma` is the image that migrates."""
    name = path.rsplit("/", 1)[-1]
    return name.endswith(".prisma") and not name.startswith(("Dockerfile.", "Containerfile."))


def find_schemas(tree: Tree, manifests: Mapping[str, Mapping[str, object]], skip: Iterable[str]) -> Schemas:
    """Every schema of the tree. `manifests` are the package.json by their folder; nothing below a folder of `skip` is
    looked at."""
    skipped = tuple(skip)
    paths = [path for path in tree.files if _is_schema(path) and not any(within(path, folder) for folder in skipped)]
    problems: list[Problem] = []
    blocks: dict[str, list[Block]] = {}
    for path in paths:
        text = tree.text(path)
        if text is None:
            problems.append(Problem(path, "the schema cannot be read; check its permissions"))
            continue
        blocks[path], bad = read_blocks(text)
        problems += [Problem(path, f"{sentence}; the rest of the schema is used") for sentence in bad]
    schemas: list[Schema] = []
    owned: set[str] = set()
    for group in _groups(blocks, _declared(tree, manifests)):
        schema, bad_fields, outputs = build_schema([(path, blocks[path]) for path in group])
        schemas.append(schema)
        problems += bad_fields
        # a generator that writes beside the schema itself owns nothing as a whole: the user's own files are there too
        owned.update(output for output in outputs if output and not any(within(path, output) for path in paths))
    schemas.sort(key=lambda schema: schema.path)
    return Schemas(tuple(schemas), tuple(problems), tuple(sorted(owned)))


def config_seed(text: str) -> str | None:
    """The seed command in the text of a `prisma.config.*`, or None."""
    match = _CONFIG_SEED.search(text)
    return match[2] if match else None


def config_files(tree: Tree, folder: str) -> list[str]:
    """The `prisma.config.*` of a package folder (also `.config/prisma.*`)."""
    here = [join(folder, name) for name in CONFIG_NAMES] + [
        join(folder, f".config/{name}") for name in _CONFIG_FOLDER_NAMES
    ]
    return [path for path in here if tree.has(path)]


def _declared(tree: Tree, manifests: Mapping[str, Mapping[str, object]]) -> set[str]:
    """Files and folders that are named as a schema: in `package.json`, in a script's `--schema`, in `prisma.config.*`
    (by its text)."""
    found: set[str] = set()
    for folder, manifest in manifests.items():
        prisma = manifest.get("prisma")
        if isinstance(prisma, dict) and isinstance(prisma.get("schema"), str):
            found.add(join(folder, prisma["schema"]))
        scripts = manifest.get("scripts")
        for script in scripts.values() if isinstance(scripts, dict) else ():
            if isinstance(script, str) and "--schema" in script:
                found.update(join(folder, name) for name in _SCRIPT_SCHEMA.findall(script))
    for path in tree.named(*CONFIG_NAMES, *_CONFIG_FOLDER_NAMES):
        match = _CONFIG_SCHEMA.search(tree.text(path) or "")
        parts = [part for _, part in _QUOTED.findall(match["value"])] if match else []
        if parts and not any("${" in part for part in parts):  # a path, or `path.join("prisma", "schema")`
            base = parent(path)
            found.add(join(parent(base) if base.rpartition("/")[2] == ".config" else base, "/".join(parts)))
    return found


def _groups(blocks: Mapping[str, list[Block]], declared: set[str]) -> list[list[str]]:
    """The files of each schema, its main file first.

    A declared folder is one schema. Elsewhere a schema has exactly one datasource, so every file with one starts a
    schema, and a file without one belongs to the only nearest of them. A file that repeats a model of the main file is
    no part of that schema.
    """
    left = set(blocks)
    groups: list[list[str]] = []
    for folder in sorted(declared - set(blocks), key=len, reverse=True):
        members = sorted(path for path in left if folder and within(path, folder))
        mains = [path for path in members if _has(blocks[path], "datasource")]
        if len(mains) == 1:
            groups.append(_group(blocks, mains[0], members))
            left.difference_update(groups[-1])
    mains = sorted(path for path in left if _has(blocks[path], "datasource"))
    followers: dict[str, list[str]] = {path: [] for path in mains}
    orphans: list[str] = []
    for path in sorted(left - set(mains)):
        main = _nearest(path, [main for main in mains if main not in declared])
        (followers[main] if main else orphans).append(path)
    for main, members in followers.items():
        groups.append(_group(blocks, main, members))
        orphans += sorted(set(members) - set(groups[-1]))
    # models alone make no client: a fixture, a leftover
    starts = [path for path in orphans if path.endswith("schema.prisma") or _has(blocks[path], "generator")]
    return groups + [[path] for path in starts]


def _group(blocks: Mapping[str, list[Block]], main: str, members: Iterable[str]) -> list[str]:
    taken = {block.name for block in blocks[main] if block.kind in ("model", "view")}
    group = [main]
    for path in members:
        if path != main and not any(block.kind in ("model", "view") and block.name in taken for block in blocks[path]):
            group.append(path)
    return group


def _has(blocks: Iterable[Block], kind: str) -> bool:
    return any(block.kind == kind for block in blocks)


def _nearest(path: str, mains: list[str]) -> str | None:
    """The one main file that shares the deepest folder with `path`; the root of the tree is no shared folder unless
    both lie in it."""
    best: list[str] = []
    depth = 0
    for main in mains:
        shared = _shared_depth(parent(path), parent(main))
        if parent(path) == parent(main):
            shared += 1000
        if shared > depth:
            best, depth = [main], shared
        elif shared == depth and shared:
            best.append(main)
    if len(best) > 1:
        best = [main for main in best if main.endswith("schema.prisma")]
    if len(best) == 1 and (depth >= 1000 or _same_schema_folder(path, best[0])):
        return best[0]
    return None


def _shared_depth(first: str, second: str) -> int:
    depth = 0
    for one, other in zip(first.split("/"), second.split("/"), strict=False):
        if one != other or not one:
            break
        depth += 1
    return depth


def _same_schema_folder(path: str, main: str) -> bool:
    """Below the main file's folder, or beside it in a folder that is called `prisma` or `schema` (`prisma/models/*`,
    `prisma/base/*`)."""
    if within(path, parent(main)) and parent(main):
        return True
    above = parent(parent(main))
    return above.rpartition("/")[2] in ("prisma", "schema", "schemas", "db") and within(path, above)
