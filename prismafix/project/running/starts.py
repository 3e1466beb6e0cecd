"""What starts which module: the scripts of every `package.json`, the processes that platforms run, and the set-up of
test runners."""

from __future__ import annotations

import json
import posixpath
import re
import shlex
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from prismafix.workspace.model import Package
    from prismafix.workspace.workspace import Workspace

StartKind = Literal["process", "test", "script"]

_RUNNERS = frozenset(
    (
        *("node", "tsx", "ts-node", "ts-node-esm", "ts-node-script", "bun", "vite-node", "esno", "esmo", "jiti"),
        *("babel-node", "zx", "esrun", "swc-node", "sucrase-node", "esbuild-register", "tsm", "node-ts"),
    )
)
_KEEPERS = frozenset(("nodemon", "ts-node-dev", "tsnd", "node-dev", "pm2", "pm2-runtime", "forever"))
"""Runners that start their program again: what they run is meant to stay."""
_MANAGERS = frozenset(("npm", "pnpm", "yarn", "bun"))
_LISTS = frozenset(("npm-run-all", "npm-run-all2", "run-s", "run-p"))
_WATCH = frozenset(("watch", "--watch", "--hot", "--watch-path"))
_WITH_VALUE = frozenset(
    (
        *("-r", "--require", "--import", "--loader", "--experimental-loader", "-P", "--project", "--tsconfig", "-O"),
        *("--compiler-options", "--compilerOptions", "--env-file", "-C", "--conditions", "--config", "-e", "--eval"),
    )
)
_INTO = frozenset(("--filter", "-F", "-w", "--workspace", "workspace"))
_INTO_FOLDER = frozenset(("-C", "--prefix", "--cwd", "--dir"))
_SERVING = re.compile(
    r"^(?:start|dev|serve|develop|preview|watch|debug|prod|worker)(?::|$)|(?:^|[:-])(?:workers?|server|daemon|bot)$"
)
_ONE_OFF = re.compile(r"(?:^|[:-])(?:seed|migrate|migration|backfill|script)s?(?:$|[:-])")
_BUILT = ("dist", "build", "lib", "out", ".build", "esm", "cjs")
_SHELL = re.compile(r"^\w+=")

_DOCKER = re.compile(r"^[ \t]*(?:CMD|ENTRYPOINT)\s+((?:.*\\\n)*.*)$", re.MULTILINE)
_PROCFILE = re.compile(r"^([\w-]+):[ \t]*(.+)$", re.MULTILINE)
_KEYED = re.compile(
    r"""^[ \t]*["']?(startCommand|entrypoint|cmd|preDeployCommand|release_command)["']?\s*[:=]\s*(.+?),?$""",
    re.MULTILINE,
)
_FLY_PROCESSES = re.compile(r"^\[processes\]\n((?:[ \t]*[\w-]+\s*=.*\n?|[ \t]*#.*\n|\s*\n)*)", re.MULTILINE)
_FLY_PROCESS = re.compile(r"=\s*[\"'](.+)[\"']")
_ECOSYSTEM = re.compile(r"\b(script|args)[\"']?\s*:\s*[\"'`]([^\"'`]+)[\"'`]")
_TEST_SETUP = re.compile(r"\b(?:globalSetup|globalTeardown|setupFiles(?:AfterEnv)?)[\"']?\s*:\s*(\[[^\]]*\]|[^,\n}]+)")
_WORKER_MAIN = re.compile(r"^[ \t]*[\"']?main[\"']?\s*[:=]\s*[\"']([^\"']+)[\"']", re.MULTILINE)
_STRING = re.compile(r"[\"'`]([^\"'`\n]+)[\"'`]")
_TEST_CONFIG = re.compile(r"^(?:jest|vitest|vite|playwright)[\w.-]*\.(?:[cm]?[jt]s|json)$")


@dataclass(frozen=True, slots=True)
class Start:
    """What runs a module: a `process` that is meant to stay, a `test` runner, or a `script` that ends. `reason` is one
    clause: "run by the script fill of package.json". `seed`: by Prisma's own `seed`."""

    kind: StartKind
    reason: str
    seed: bool = False


class Starts:
    """Read once, when first asked. `file_at` gives the source file that a path of the workspace means, or None."""

    def __init__(self, workspace: Workspace, file_at: Callable[[str], str | None]) -> None:
        self.workspace = workspace
        self.file_at = file_at
        self._packages = {package.root: package for package in workspace.packages}
        self._found: dict[str, list[Start]] | None = None
        self._seen: set[tuple[str, str, bool, str]] = set()

    def of(self, path: str) -> Start | None:
        """What runs a module; a process before a test runner before a script. None when nothing is seen to."""
        if self._found is None:
            self._found = {}
            for package in self.workspace.packages:
                self._package(package)
            for folder in sorted({"", *(package.root for package in self.workspace.packages)}):
                self._platform(folder)
        found = self._found.get(path, ())
        return next((start for kind in ("process", "test", "script") for start in found if start.kind == kind), None)

    def _add(self, path: str | None, start: Start) -> None:
        if path is not None and self._found is not None:
            self._found.setdefault(path, []).append(start)

    def _package(self, package: Package) -> None:
        manifest = posixpath.join(package.root, "package.json")
        for key, command in package.scripts.items():
            self._seen.clear()
            serving = _SERVING.search(key) is not None and not _ONE_OFF.search(key)
            self._command(
                command,
                package.root,
                Start("process" if serving else "script", f"run by the script {key} of {manifest}"),
            )
        if package.prisma_seed:
            self._seen.clear()
            self._command(package.prisma_seed, package.root, Start("script", f"the seed of {manifest}", seed=True))
        names = _binaries(self._text(manifest))
        for name in names:
            path = self._file(package.root, name)
            self._add(path, Start("script", f"run as a command of {manifest}"))

    # -- commands

    def _command(self, command: str, base: str, start: Start) -> None:
        """Note what a shell command runs. Of `a && b` only `b` can be a process that stays."""
        tokens = _tokens(command)
        key = (base, command, start.kind == "process", start.reason)
        if key in self._seen:
            return
        self._seen.add(key)
        segments: list[list[str]] = [[]]
        ends: list[str] = []
        for token in tokens:
            if token and not token.strip("&|;"):
                ends.append(token)
                segments.append([])
            else:
                segments[-1].append(token)
        for index, segment in enumerate(segments):
            if segment[:1] == ["cd"] and len(segment) > 1:
                base = posixpath.normpath(posixpath.join(base, segment[1])).removeprefix("./")
                base = "" if base == "." else base
                continue
            last = not any(end in ("&&", ";") for end in ends[index:])
            kept = start if last or start.kind != "process" else Start("script", start.reason)
            self._segment(segment, base, kept)

    def _segment(self, tokens: list[str], base: str, start: Start) -> None:
        """One program and its arguments."""
        if any(token in _WATCH for token in tokens) and any(posixpath.basename(t) in _RUNNERS for t in tokens):
            start = Start("process", start.reason, start.seed)
        for index, token in enumerate(tokens):
            name, rest = posixpath.basename(token), tokens[index + 1 :]
            if " " in token:
                self._command(token, base, start)
            elif token.startswith("npm:"):
                self._scripts(base, [token[4:]], start)
            elif name in _LISTS:
                self._scripts(base, rest, start)
                return
            elif name in _KEEPERS:
                kept = Start("process", start.reason, start.seed)
                for argument in rest:
                    if "." in posixpath.basename(argument):
                        self._add(self._file(base, argument), kept)
                    elif " " in argument:
                        self._command(argument, base, kept)
                return
            elif name in _MANAGERS and self._managed(name, rest, base, start):
                return
            elif name in _RUNNERS:
                program = _program(rest)
                if program is not None:
                    self._add(self._file(base, program), start)
                return

    def _managed(self, manager: str, tokens: list[str], base: str, start: Start) -> bool:
        """`npm run key`, `pnpm --filter name exec tsx …`, `yarn workspace name key`. False when the tokens are no more
        than a program with `bun`."""
        words: list[str] = []
        skip = False
        for index, token in enumerate(tokens):
            if skip:
                skip = False
                continue
            option, _, value = token.partition("=")
            if option in _INTO or option in _INTO_FOLDER:
                skip = not value
                value = value or (tokens[index + 1] if index + 1 < len(tokens) else "")
                if option in _INTO_FOLDER:
                    base = posixpath.normpath(posixpath.join(base, value))
                else:
                    package = self.workspace.package_by_name(value) if value else None
                    base = package.root if package is not None else base
            elif token == "--" or (not words and token.startswith("-")):
                continue
            else:
                words.append(token)
        if not words:
            return True
        if words[0] in ("run", "run-script"):
            words = words[1:]
        elif words[0] in ("exec", "dlx", "x"):
            self._segment(words[1:], base, start)
            return True
        if words and self._scripts(base, words[:1], start):
            return True
        if manager == "bun":
            program = _program(words)
            self._add(self._file(base, program) if program is not None else None, start)
            return True
        self._segment(words, base, start)
        return True

    def _scripts(self, base: str, keys: list[str], start: Start) -> bool:
        """Run scripts of the package in a folder, by names that may be patterns. Whether one of them is there."""
        package = self._packages.get(base)
        found = False
        for key, command in package.scripts.items() if package is not None else ():
            if any(key == pattern or fnmatchcase(key, pattern) for pattern in keys):
                self._command(command, base, start)
                found = True
        return found

    def _file(self, base: str, name: str) -> str | None:
        """The source file behind what a command names; of compiled code, where it came from."""
        inside = name.removeprefix("<rootDir>").lstrip("/") if name.startswith(("/", "<rootDir>")) else name
        names = [inside]
        if name.startswith("/"):  # `/app/dist/server.js` in an image
            parts = inside.split("/")
            names += ["/".join(parts[n:]) for n in range(1, len(parts))]
        for one in names:
            one = posixpath.normpath(one)
            first, _, rest = one.partition("/")
            variants = [one]
            if rest and first in _BUILT:
                folder, file = posixpath.split(rest)
                variants += [rest, f"src/{rest}", posixpath.join(folder, "src", file)]
            for variant in variants:
                found = self.file_at(posixpath.normpath(posixpath.join(base, variant)))
                if found is not None:
                    return found
        return None

    # -- files of platforms and test runners

    def _platform(self, folder: str) -> None:
        for name in self.workspace.list_dir(folder):
            path = posixpath.join(folder, name)
            if name.startswith(("Dockerfile", "Containerfile")) or name.endswith(".Dockerfile"):
                for match in _DOCKER.finditer(self._text(path)):
                    self._process(folder, _docker_command(match[1]), path)
            elif name == "Procfile":
                for key, command in _PROCFILE.findall(self._text(path)):
                    self._process(folder, command, path, ends=key == "release")
            elif name.startswith("ecosystem.config."):
                self._pm2(folder, path)
            elif name in ("wrangler.toml", "wrangler.json", "wrangler.jsonc"):
                for main in _WORKER_MAIN.findall(self._text(path)):
                    self._add(self._file(folder, main), Start("process", f"run by {path}"))
            elif name in ("fly.toml", "render.yaml", "railway.json", "railway.toml", "nixpacks.toml", "app.yaml"):
                text = self._text(path)
                for key, value in _KEYED.findall(text):
                    self._process(folder, _unquoted(value), path, ends=key in ("preDeployCommand", "release_command"))
                for section in _FLY_PROCESSES.findall(text) if name == "fly.toml" else ():
                    for command in _FLY_PROCESS.findall(section):
                        self._process(folder, command, path)
            elif _TEST_CONFIG.match(name) or name == "package.json":
                for value in _TEST_SETUP.findall(self._text(path)):
                    for file in _STRING.findall(value):
                        if file.startswith((".", "<rootDir>", "/")) or "/" in file:
                            self._add(self._file(folder, file), Start("test", f"set up by {path}"))

    def _process(self, folder: str, command: str, path: str, *, ends: bool = False) -> None:
        self._seen.clear()
        self._command(command, folder, Start("script" if ends else "process", f"run by {path}"))

    def _pm2(self, folder: str, path: str) -> None:
        """pm2's `apps`: a program for Node.js, or `npm` with its arguments."""
        found = _ECOSYSTEM.findall(self._text(path))
        for index, (key, value) in enumerate(found):
            if key != "script":
                continue
            arguments = next((v for k, v in found[index + 1 : index + 2] if k == "args"), "")
            program = posixpath.basename(value)
            command = f"{program} {arguments}" if program in _MANAGERS | _RUNNERS else f"node {value}"
            self._process(folder, command, path)

    def _text(self, path: str) -> str:
        try:
            return self.workspace.read(path).decode("utf-8", "replace").replace("\r\n", "\n")
        except OSError:
            return ""


def _tokens(command: str) -> list[str]:
    """The words of a shell command, without quotes; its operators (`&&`, `|`, `;`) are words of their own."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars="&|;")
    lexer.whitespace_split = True
    lexer.commenters = ""
    try:
        return list(lexer)
    except ValueError:  # an open quote
        return command.split()


def _program(tokens: list[str]) -> str | None:
    """The file among the arguments of a runner: the first that is neither an option nor the value of one."""
    words = iter(tokens)
    for word in words:
        if word in _WITH_VALUE:
            next(words, None)
        elif word in ("run", "watch", "--") or word.startswith("-"):
            continue
        else:
            return word
    return None


def _docker_command(text: str) -> str:
    """The command of a `CMD`, in either of its forms."""
    text = text.replace("\\\n", " ").strip()
    if not text.startswith("["):
        return text
    try:
        parts = json.loads(text)
    except ValueError:
        return ""
    return shlex.join(str(part) for part in parts)


def _unquoted(text: str) -> str:
    text = text.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _binaries(text: str) -> Iterator[str]:
    """The files of the commands that a `package.json` installs."""
    try:
        manifest = json.loads(text)
    except (ValueError, RecursionError):
        return
    named: Mapping[str, object] | object = manifest.get("bin") if isinstance(manifest, dict) else None
    for name in named.values() if isinstance(named, dict) else [named]:
        if isinstance(name, str):
            yield name
