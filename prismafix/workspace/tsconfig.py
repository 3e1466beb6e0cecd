"""`tsconfig.json` and `jsconfig.json`: `extends`, `references`, and the aliases that frameworks imply before they are
built.

How TypeScript resolves them: https://www.typescriptlang.org/tsconfig and
https://www.typescriptlang.org/docs/handbook/project-references.html
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix.workspace.model import Problem, TsConfig, within
from prismafix.workspace.tree import Tree, join, parent

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMES = ("tsconfig.json", "jsconfig.json")
_MAX_CHAIN = 20  # `extends` that goes round in a circle ends here


@dataclass(frozen=True, slots=True)
class TsProject:
    """A configuration and which files it is for: `include` and `exclude` as regular expressions on paths relative to
    the root."""

    config: TsConfig
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Whether the configuration's `files`, `include` and `exclude` take the path in."""
        return any(re.fullmatch(one, path) for one in self.include) and not any(
            re.fullmatch(one, path) for one in self.exclude
        )


@dataclass(frozen=True, slots=True)
class TsConfigs:
    """By folder: the projects of its configuration file, best first. Of a solution file (empty `files`) these are its
    references."""

    by_folder: Mapping[str, tuple[TsProject, ...]]
    problems: tuple[Problem, ...]


def read_tsconfigs(tree: Tree, package_folder: Callable[[str], str | None]) -> TsConfigs:
    """Every configuration of the tree. `package_folder` gives the folder of a workspace package by its name."""
    reader = _Reader(tree, package_folder, {}, {})
    by_folder: dict[str, tuple[TsProject, ...]] = {}
    for name in reversed(NAMES):  # tsconfig.json wins over jsconfig.json
        for path in tree.by_name.get(name, ()):
            raw = reader.raw(path)
            if raw is not None:
                by_folder[parent(path)] = (*_references(reader, path, raw), reader.project(path))
    return TsConfigs(by_folder, tuple(Problem(path, text) for path, text in sorted(reader.bad.items())))


def select(projects: tuple[TsProject, ...], path: str) -> TsConfig:
    """The configuration that is for `path`: the first that covers it, else the one with aliases, else the file
    itself."""
    if len(projects) > 1:
        for project in projects:
            if project.covers(path):
                return project.config
        for project in projects:
            if project.config.paths:
                return project.config
    return projects[-1].config


def _references(reader: _Reader, path: str, raw: Mapping[str, object]) -> list[TsProject]:
    references = raw.get("references")
    if raw.get("files") != [] or raw.get("include") or not isinstance(references, list):
        return []
    projects = []
    for reference in references:
        target = reference.get("path") if isinstance(reference, dict) else None
        if isinstance(target, str):
            file = join(parent(path), target)
            file = file if file.endswith(".json") else join(file, "tsconfig.json")
            if file != path and reader.raw(file) is not None:
                projects.append(reader.project(file))
    return projects


@dataclass(slots=True)
class _Reader:
    tree: Tree
    package_folder: Callable[[str], str | None]
    known: dict[str, Mapping[str, object] | None]
    bad: dict[str, str]

    def raw(self, path: str) -> Mapping[str, object] | None:
        """The file as it stands, or None when it is not there or malformed (then it is among `bad`)."""
        if path not in self.known:
            text = self.tree.text(path)
            self.known[path] = None if text is None else self._parse(path, text)
        return self.known[path]

    def _parse(self, path: str, text: str) -> Mapping[str, object] | None:
        import pyjson5  # only needed where there is such a file

        if not text.strip():
            return {}
        try:
            value = pyjson5.decode(text)
        except (pyjson5.Json5Exception, ValueError, RecursionError) as error:
            cause = re.sub(r"\bb'(\w+)'", r"\1", str(error.args[0] if error.args else error).splitlines()[0])
            self.bad[path] = f"not valid JSON with comments ({cause}); its aliases are not known, fix the file"
            return None
        if not isinstance(value, dict):
            self.bad[path] = "not a JSON object; its aliases are not known, fix the file"
            return None
        return value

    def project(self, path: str) -> TsProject:
        """The configuration after `extends`, and what it is for."""
        chain = self._chain(path, 0)  # (file, raw), the farthest base first
        options: dict[str, tuple[str, object]] = {}
        top: dict[str, tuple[str, object]] = {}
        for file, raw in chain:
            compiler = raw.get("compilerOptions")
            options.update(
                {key: (file, value) for key, value in compiler.items()} if isinstance(compiler, dict) else {}
            )
            top.update({key: (file, raw[key]) for key in ("files", "include", "exclude") if key in raw})
        config = _options(path, options)
        implied = self._implied(path)
        if implied:
            have = {pattern for pattern, _ in config.paths}
            config = replace(config, paths=config.paths + tuple(one for one in implied if one[0] not in have))
        include, exclude = _coverage(path, top)
        return TsProject(config, include, exclude)

    def _chain(self, path: str, depth: int) -> list[tuple[str, Mapping[str, object]]]:
        raw = self.raw(path)
        if raw is None or depth > _MAX_CHAIN:
            return []
        extends = raw.get("extends")
        chain: list[tuple[str, Mapping[str, object]]] = []
        for target in extends if isinstance(extends, list) else [extends]:
            base = self._base(path, target) if isinstance(target, str) and target else None
            if base is not None:
                chain += self._chain(base, depth + 1)
        return [*chain, (path, raw)]

    def _base(self, path: str, target: str) -> str | None:
        """The file that `extends` names: a relative path, a package of the workspace, or one in `node_modules` if it
        is there."""
        if target.startswith((".", "/")):
            return self._first(join(parent(path), target))
        scope = 2 if target.startswith("@") else 1
        parts = target.split("/")
        name, rest = "/".join(parts[:scope]), "/".join(parts[scope:])
        folders = [self.package_folder(name)]
        folder = parent(path)
        while True:
            folders.append(join(folder, f"node_modules/{name}"))
            if not folder:
                break
            folder = parent(folder)
        return next((found for one in folders if one is not None and (found := self._in_package(one, rest))), None)

    def _in_package(self, folder: str, rest: str) -> str | None:
        if rest:
            return self._first(join(folder, rest))
        manifest = self.tree.text(join(folder, "package.json"))
        named = re.search(r'"tsconfig"\s*:\s*"([^"]+)"', manifest) if manifest else None
        return self._first(join(folder, named[1] if named else "tsconfig.json"))

    def _first(self, path: str) -> str | None:
        return next((one for one in (path, path + ".json", path + "/tsconfig.json") if self._is_file(one)), None)

    def _is_file(self, path: str) -> bool:
        return path.endswith(".json") and self.tree.text(path) is not None

    def _implied(self, path: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The aliases of a generated base that is not there because nothing was built: SvelteKit's `$lib`, Nuxt's `~`
        and `@`."""
        folder = parent(path)
        raw = self.raw(path) or {}
        mentions = f"{raw.get('extends', '')} {raw.get('references', '')}"
        if ".svelte-kit/" in mentions and not self._is_file(join(folder, ".svelte-kit/tsconfig.json")):
            lib = join(folder, "src/lib")
            return (("$lib", (lib,)), ("$lib/*", (f"{lib}/*",)), *self._svelte_aliases(folder))
        if ".nuxt/" in mentions and not self._is_file(join(folder, ".nuxt/tsconfig.json")):
            inside = join(folder, "app")
            source = inside if any(within(one, inside) for one in self.tree.by_folder) else folder  # Nuxt 4, Nuxt 3
            both = tuple(
                (f"{sign}/*", tuple(dict.fromkeys((join(source, "*"), join(folder, "*"))))) for sign in ("~", "@")
            )
            return (
                *both,
                *((f"{sign}/*", (join(folder, "*"),)) for sign in ("~~", "@@")),
                ("#shared/*", (join(folder, "shared/*"),)),
            )
        return ()

    def _svelte_aliases(self, folder: str) -> list[tuple[str, tuple[str, ...]]]:
        text = next(
            (
                found
                for name in ("svelte.config.js", "svelte.config.ts")
                if (found := self.tree.text(join(folder, name)))
            ),
            "",
        )
        block = re.search(r"\balias\s*:\s*\{([^{}]*)\}", text)
        aliases: list[tuple[str, tuple[str, ...]]] = []
        for name, target in re.findall(
            r"[\"']?([\w$@~/*#-]+)[\"']?\s*:\s*[\"']([^\"']+)[\"']", block[1] if block else ""
        ):
            aliases.append((name, (join(folder, target),)))
            if not name.endswith("*"):
                aliases.append((f"{name}/*", (join(folder, target) + "/*",)))
        return aliases


def _options(path: str, options: Mapping[str, tuple[str, object]]) -> TsConfig:
    def folder_value(file: str, value: str) -> str:
        return (
            join(parent(path), value.replace("${configDir}", "."))
            if "${configDir}" in value
            else join(parent(file), value)
        )

    def text(name: str) -> str | None:
        value = options.get(name, ("", None))[1]
        return value.lower() if isinstance(value, str) else None

    base_file, base_value = options.get("baseUrl", ("", None))
    base_url = folder_value(base_file, base_value) if isinstance(base_value, str) else None
    paths_file, paths_value = options.get("paths", ("", None))
    paths: list[tuple[str, tuple[str, ...]]] = []
    for pattern, targets in paths_value.items() if isinstance(paths_value, dict) else ():
        if isinstance(targets, list):
            seen = [target for target in targets if isinstance(target, str)]
            relative = [
                folder_value(paths_file, one) if base_url is None or "$" in one else join(base_url, one) for one in seen
            ]
            paths.append((str(pattern), tuple(relative)))
    return TsConfig(
        path=path,
        base_url=base_url,
        paths=tuple(paths),
        strict=options.get("strict", ("", False))[1] is True,
        module=text("module"),
        module_resolution=text("moduleResolution"),
        verbatim_module_syntax=options.get("verbatimModuleSyntax", ("", False))[1] is True,
        allow_importing_ts_extensions=options.get("allowImportingTsExtensions", ("", False))[1] is True,
    )


def _coverage(path: str, top: Mapping[str, tuple[str, object]]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    def patterns(key: str) -> list[str]:
        file, values = top.get(key, (path, None))
        return (
            [_pattern(parent(file), one) for one in values if isinstance(one, str)] if isinstance(values, list) else []
        )

    include = patterns("files") + patterns("include")
    if "files" not in top and "include" not in top:
        include = [_pattern(parent(path), "**/*")]
    return tuple(include), tuple(patterns("exclude"))


def _pattern(folder: str, glob: str) -> str:
    """A TypeScript glob as a regular expression on paths relative to the root: `**/`, `*`, `?`; a folder means all
    below it."""
    whole = join(folder, glob.replace("${configDir}", "."))
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", whole)
    regex = {"**/": "(?:[^/]+/)*", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    body = "".join(regex.get(part) or re.escape(part) for part in parts)
    if not whole:
        return ".*"
    last = whole.rpartition("/")[2]
    return body if "." in last or last in ("*", "**") else body + "(?:/.*)?"
