"""How a file says where another module is: alias, relative path or package name, as the project writes it."""

from __future__ import annotations

import posixpath
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from prismafix.rewrites.imports import is_commonjs
from prismafix.rewrites.source import Files, Source
from prismafix.rewrites.style import Style, project_imports
from prismafix.syntax.dialect import DIALECTS

if TYPE_CHECKING:
    from prismafix.rules.model import SharedModule
    from prismafix.workspace.model import TsConfig

Aliases = Sequence[tuple[str, tuple[str, ...]]]

_SPECIFIER = re.compile(rb"""\b(?:from|require\(|import\(?)\s*["']([^"'\n]+)["']""")
_EMITTED = {".ts": ".js", ".tsx": ".js", ".mts": ".mjs", ".cts": ".cjs"}
_SUFFIXES = tuple(DIALECTS)
_BUNDLED = frozenset({"next", "remix", "react-router", "sveltekit", "nuxt", "astro", "solidstart", "redwood", "vite"})


def specifier_for(
    importer: Source, module: SharedModule, files: Files, style: Style, neighbours: Iterable[Source] = ()
) -> str:
    """How `importer` imports `module`."""
    if module.package_name:
        return module.package_name + module.subpath
    tsconfig = files.tsconfig_for(importer.path)
    aliases = [*module.aliases, *(tsconfig.paths if tsconfig is not None else ())]
    sources = [importer, *neighbours]
    by_alias = _through_alias(module.path, aliases)
    if by_alias is not None:
        pattern, stem = by_alias
        prefix = pattern.partition("*")[0]
        if _prefers_alias(sources, prefix, files, same_folder=_folder(importer.path) == _folder(module.path)):
            extension = _alias_extension(sources, prefix)
            return stem if "*" not in pattern else _finish(stem, module.path, extension, sources)
    by_base = _through_base(importer, module.path, tsconfig, sources, files) if tsconfig is not None else None
    if by_base is not None:
        return by_base
    relative = posixpath.relpath(_stem(module.path), _folder(importer.path) or ".")
    relative = relative if relative.startswith(".") else f"./{relative}"
    return _finish(relative, module.path, _extension(importer, sources, tsconfig, files, style), sources)


def resolves_to(importer: str, specifier: str, path: str, aliases: Aliases = ()) -> bool:
    """Whether `specifier`, written in the file `importer`, means the file `path` (relative or through an alias)."""
    for target in _targets(importer, specifier, aliases):
        if _stem(target) in (_stem(path), path) or target == path or f"{target}/index" == _stem(path):
            return True
    return False


def neighbours_of(path: str, files: Files, limit: int = 8) -> list[Source]:
    """Up to `limit` other source files of the package, nearest folders first, that can be read."""
    package = files.package_of(path)
    found = []
    for other in islice(_nearest(path, files, package.root if package is not None else ""), limit * 2):
        try:
            found.append(Source.open(other, files))
        except (OSError, KeyError, ValueError):
            continue
        if len(found) == limit:
            break
    return found


def _nearest(path: str, files: Files, root: str) -> Iterator[str]:
    """The other source files below `root`: those of the own folder first, then those of each folder above."""
    paths = sorted(files.source_files)  # sorted already: what lies below a folder is one range
    done = (0, 0)
    folder = _folder(path)
    while True:
        prefix = f"{folder}/" if folder else ""
        low = bisect_left(paths, prefix)
        high = bisect_left(paths, f"{folder}0") if folder else len(paths)  # "0" follows "/"
        for at in (*range(low, done[0] or low), *range(max(done[1], low), high)):
            if paths[at] != path and paths[at].endswith(_SUFFIXES):
                yield paths[at]
        if not folder or folder == root:
            return
        done, folder = (low, high), _folder(folder)


def _below(path: str, root: str) -> bool:
    return not root or path.startswith(root + "/")


def _folder(path: str) -> str:
    return path.rpartition("/")[0]


def _stem(path: str) -> str:
    for suffix in (*DIALECTS, ".d.ts"):
        if path.endswith(suffix):
            return path[: -len(suffix)]
    return path


def _suffix(path: str) -> str:
    return path[len(_stem(path)) :]


def _through_base(
    importer: Source, path: str, tsconfig: TsConfig, sources: Sequence[Source], files: Files
) -> str | None:
    """`services/events` for a path below `baseUrl`, where the files write such imports rather than `../`."""
    if tsconfig.base_url is None or _folder(importer.path) == _folder(path):
        return None
    base = f"{tsconfig.base_url}/".removeprefix("./") if tsconfig.base_url not in ("", ".") else ""
    if not path.startswith(base):
        return None
    votes = 0
    for source in sources:
        for found in _SPECIFIER.findall(source.data):
            specifier = found.decode("utf-8", "replace")
            if specifier.startswith("../"):
                votes -= 1
            elif not specifier.startswith((".", "@")):
                places = (f"{base}{specifier}", f"{base}{specifier}/index")
                votes += any(files.exists(place + suffix) for place in places for suffix in _SUFFIXES)
    return _stem(path)[len(base) :] if votes > 0 else None


def _through_alias(path: str, aliases: Aliases) -> tuple[str, str] | None:
    """(pattern, specifier without extension) of the most specific alias that leads to `path`."""
    best: tuple[int, str, str] | None = None
    stem = _stem(path)
    for pattern, targets in aliases:
        for target in targets:
            target = target.removeprefix("./")
            before, star, after = target.partition("*")
            if not star:
                if _stem(target) == stem and (best is None or len(target) > best[0]):
                    best = (len(target), pattern, pattern)
                continue
            whole = path if after else stem
            if whole.startswith(before) and whole.endswith(after) and pattern not in ("*", "/*"):
                middle = whole[len(before) : len(whole) - len(after) if after else None]
                if best is None or len(before) > best[0]:
                    best = (len(before), pattern, pattern.replace("*", middle, 1))
    return None if best is None else (best[1], best[2])


def _targets(importer: str, specifier: str, aliases: Aliases) -> Iterator[str]:
    if specifier.startswith("."):
        yield posixpath.normpath(posixpath.join(_folder(importer), specifier))
        return
    for pattern, targets in aliases:
        before, star, after = pattern.partition("*")
        if star and specifier.startswith(before) and specifier.endswith(after):
            middle = specifier[len(before) : len(specifier) - len(after)]
            yield from (posixpath.normpath(t.replace("*", middle, 1)) for t in targets)
        elif specifier == pattern:
            yield from (posixpath.normpath(t) for t in targets)


def _prefers_alias(sources: Sequence[Source], prefix: str, files: Files, *, same_folder: bool) -> bool:
    """Whether the importer (the first of the sources), or else most of its neighbours, or else most of the package's
    files, write the alias rather than a path that goes up.
    """
    upwards = "./" if same_folder else "../"
    for group in (sources[:1], sources[1:]):
        specifiers = [specifier for source in group for _, specifier in project_imports(source)]
        alias = sum(s.startswith(prefix) for s in specifiers)
        up = sum(s.startswith(upwards) for s in specifiers)
        if alias or up:
            return alias > up or (alias == up and not same_folder)
    alias = up = 0
    for specifier in _package_specifiers(sources[0].path, files):
        alias += specifier.startswith(prefix)
        up += specifier.startswith(upwards)
    return alias > up


def _package_specifiers(path: str, files: Files, limit: int = 200) -> Iterator[str]:
    """The specifiers of up to `limit` files of the package; found by text, since many files are only looked at once."""
    package = files.package_of(path)
    root = package.root if package is not None else ""
    for other in islice((f for f in files.source_files if _below(f, root)), limit):
        try:
            data = files.read(other)
        except OSError:
            continue
        yield from (found.decode("utf-8", "replace") for found in _SPECIFIER.findall(data))


def _alias_extension(sources: Sequence[Source], prefix: str) -> str:
    for source in sources:
        for _, specifier in project_imports(source):
            if specifier.startswith(prefix):
                return _suffix(specifier)
    return ""


def _extension(
    importer: Source, sources: Sequence[Source], tsconfig: TsConfig | None, files: Files, style: Style
) -> str:
    if style.extension:
        return style.extension
    if any(s.startswith(".") for source in sources for _, s in project_imports(source)):
        return ""
    package = files.package_of(importer.path)
    if package is None or package.frameworks & _BUNDLED:
        return ""
    esm = importer.path.endswith((".mjs", ".mts")) or (
        package.module_system == "esm" and not importer.path.endswith((".cjs", ".cts"))
    )
    if not esm or is_commonjs(importer, package.module_system):
        return ""
    if importer.is_typescript:
        resolution = ((tsconfig.module_resolution or tsconfig.module or "") if tsconfig is not None else "").lower()
        return ".js" if resolution.startswith("node") and resolution not in ("node", "node10") else ""
    return ".js"


def _finish(stem: str, path: str, extension: str, sources: Sequence[Source]) -> str:
    """The specifier with the extension that the project writes, or without a trailing `/index` where the project
    drops it. Neither Node.js nor TypeScript finds a module whose kind is in its name without its extension.
    """
    real = _suffix(path)
    if extension or real in (".mjs", ".cjs", ".mts", ".cts"):
        return stem + (real if extension in (".ts", ".tsx", ".mts", ".cts") else _EMITTED.get(real, real))
    if stem.endswith("/index") and not any(
        specifier.endswith("/index") for source in sources for _, specifier in project_imports(source)
    ):
        return stem.removesuffix("/index") or "."
    return stem
