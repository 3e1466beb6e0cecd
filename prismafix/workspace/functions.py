"""Functions that a platform deploys one by one: where their configuration says their code is.

Configuration written in JavaScript or TypeScript is never evaluated; its text gives hints.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from prismafix.workspace.manifests import read_yaml
from prismafix.workspace.model import DeploymentUnit, Evidence, Problem, Target
from prismafix.workspace.setting_files.cdk import is_stack
from prismafix.workspace.sources import SUFFIXES
from prismafix.workspace.tree import Tree, join, parent

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SERVERLESS_NAMES = ("serverless.yml", "serverless.yaml", "serverless.ts", "serverless.js", "serverless.json")
SAM_NAMES = ("template.yaml", "template.yml", "template.json", "sam.yaml", "sam.yml", "sam.json")

# How much evidence weighs: a platform's own file says where the code goes, an image or an adapter nearly does,
# a library hints.
PLATFORM, ADAPTER, HINT = 3, 2, 1

_HANDLER = re.compile(r"\bhandler[\"']?\s*[:=]\s*[\"'`]?([\w./@-]+)\.[\w$]+[\"'`]?\s*,?\s*(?:#.*)?$", re.MULTILINE)
_VERCEL_BUILD = re.compile(r'"src"\s*:\s*"([^"*]+\.[cm]?[jt]sx?)"\s*,\s*"use"\s*:\s*"@vercel/node')


@dataclass(slots=True)
class Case:
    """One package while its evidence is gathered. `files` are the listed files of which it is the innermost package."""

    tree: Tree
    folder: str
    files: list[str]
    votes: list[tuple[int, Target, Evidence]] = field(default_factory=list)
    units: list[DeploymentUnit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def vote(self, weight: int, target: Target, path: str, line: int, text: str) -> Evidence:
        """Note evidence for a target. `line` is 1-based, 0 for the whole file."""
        evidence = Evidence(path, line, text)
        self.votes.append((weight, target, evidence))
        return evidence

    def unit(self, root: str, kind: str, target: Target, evidence: Evidence) -> None:
        """Note a deployment unit."""
        self.units.append(DeploymentUnit(root, kind, target, evidence))

    def holds_sources(self, folder: str) -> bool:
        """Whether the package has source files below a folder."""
        return any(path.startswith(f"{folder}/") and path.endswith(SUFFIXES) for path in self.files)


def line_at(text: str, offset: int) -> int:
    """The 1-based line of an offset in characters."""
    return text.count("\n", 0, offset) + 1


def serverless_framework(case: Case, path: str) -> None:
    """The Serverless Framework: one function per handler.

    https://www.serverless.com/framework/docs/providers/aws/guide/functions
    """
    text = case.tree.text(path) or ""
    if path.endswith((".yml", ".yaml")):
        config, problem = read_yaml(case.tree, path)
        case.problems += [problem] if problem else []
        if problem is None and not (isinstance(config, dict) and ("provider" in config or "functions" in config)):
            return
    elif "provider" not in text:
        return
    name = path.rpartition("/")[2]
    if case.folder in (parent(path), parent(parent(path))):
        case.vote(PLATFORM, "serverless", path, 0, f"{name}: functions of the Serverless Framework")
    for match in _HANDLER.finditer(text):
        _handler(case, join(parent(path), match[1]), path, line_at(text, match.start()))


def sam(case: Case, path: str) -> None:
    """AWS SAM: one function per `AWS::Serverless::Function`, its code at `CodeUri` + `Handler`."""
    text = case.tree.text(path) or ""
    if "AWS::Serverless" not in text and "AWS::Lambda::Function" not in text:
        return
    case.vote(PLATFORM, "serverless", path, 0, f"{path.rpartition('/')[2]}: functions of AWS SAM or CloudFormation")
    template, problem = read_yaml(case.tree, path)
    case.problems += [problem] if problem else []
    if not isinstance(template, dict):
        return
    common = _mapping(_mapping(template, "Globals"), "Function")
    for resource in _mapping(template, "Resources").values():
        if not isinstance(resource, dict) or resource.get("Type") != "AWS::Serverless::Function":
            continue
        properties = {**common, **_mapping(resource, "Properties")}
        code, handler = properties.get("CodeUri", ""), properties.get("Handler")
        if not isinstance(code, str):
            continue
        base = join(parent(path), code)
        if isinstance(handler, str) and "." in handler:
            at = text.find(handler)
            _handler(case, join(base, handler.rpartition(".")[0]), path, line_at(text, at) if at >= 0 else 0)
        entries = _mapping(_mapping(resource, "Metadata"), "BuildProperties").get("EntryPoints")
        for entry in entries if isinstance(entries, list) else ():
            _handler(case, join(base, str(entry).rpartition(".")[0]), path, 0)


def netlify(case: Case, path: str, evidence: Evidence) -> None:
    """`netlify.toml`: one function per file of the functions folder."""
    try:
        config = tomllib.loads(case.tree.text(path) or "")
    except tomllib.TOMLDecodeError as error:
        case.problems.append(
            Problem(path, f"not valid TOML ({error}); where its functions are is not known, fix the file")
        )
        config = {}
    named = _mapping(config, "functions").get("directory") or _mapping(config, "build").get("functions")
    for folder in (named, "netlify/functions"):
        root = join(case.folder, folder) if isinstance(folder, str) else case.folder
        if root != case.folder and case.holds_sources(root):
            case.unit(root, "function-file", "serverless", evidence)


def vercel_builds(case: Case, path: str) -> None:
    """`builds` of a `vercel.json`: each source file becomes one function."""
    text = case.tree.text(path) or ""
    for entry in _VERCEL_BUILD.finditer(text):
        source = join(case.folder, entry[1])
        if case.tree.has(source):
            evidence = Evidence(path, line_at(text, entry.start()), "vercel.json: built into one function")
            case.unit(source, "function", "serverless", evidence)


def vercel_api(case: Case, target: Target, has_own_server: bool) -> None:
    """Vercel makes a function of every file in `api/`, except for frameworks that bring their own server."""
    folder = join(case.folder, "api")
    serverless = (evidence for _, voted, evidence in case.votes if voted == "serverless")
    on_vercel = next((evidence for evidence in serverless if "ercel" in evidence.text), None)
    if target == "serverless" and on_vercel and not has_own_server and case.holds_sources(folder):
        case.unit(folder, "function-file", "serverless", on_vercel)


def supabase(case: Case) -> None:
    """Supabase: one edge function per folder below `supabase/functions`."""
    folder = join(case.folder, "supabase/functions")
    if case.holds_sources(folder):
        evidence = Evidence(folder, 0, "supabase/functions: one edge function per folder")
        case.unit(folder, "function-file", "edge", evidence)


def azure_function(case: Case, path: str) -> None:
    """An Azure function (model v3): the folder of a `function.json`."""
    if '"bindings"' in (case.tree.text(path) or ""):
        evidence = case.vote(ADAPTER, "serverless", path, 0, "function.json: an Azure function")
        case.unit(parent(path), "function", "serverless", evidence)


def cdk(case: Case) -> None:
    """The text of a CDK stack that makes functions. Only files that are named like a stack are looked at."""
    for path in case.files:
        if not is_stack(path):
            continue
        text = case.tree.text(path) or ""
        match = re.search(r"new\s+(?:\w+\.)?(?:NodejsFunction|Function|DockerImageFunction)\s*\(", text)
        if match is None or "aws-cdk-lib" not in text:
            continue
        line = line_at(text, match.start())
        case.vote(ADAPTER, "serverless", path, line, "a CDK stack that makes Lambda functions")
        for entry in re.finditer(r"\bentry\s*:[^,\n]*[\"'`]([^\"'`\n]+)\.[cm]?[jt]sx?[\"'`]", text):
            for base in (parent(path), case.folder):
                _handler(case, join(base, entry[1]), path, line_at(text, entry.start()))


def _handler(case: Case, stem: str, path: str, line: int) -> None:
    """One function whose module is at `stem`, if that is a file of the tree; of compiled code, where it came from."""
    found = next((one for one in handler_modules(stem) if case.tree.has(one)), None)
    if found:
        name = path.rpartition("/")[2]
        case.unit(found, "function", "serverless", Evidence(path, line, f"{name}: a function of its own"))


def handler_modules(stem: str) -> Iterator[str]:
    """Where the module of a handler may be whose path without a suffix is `stem`; of compiled code, where it came
    from."""
    compiled = (stem.replace(f"{out}/", "src/", 1) for out in ("dist", ".build", "build") if f"{out}/" in stem)
    return (one + suffix for one in (stem, f"{stem}/index", *compiled) for suffix in SUFFIXES)


def _mapping(value: Mapping[str, object], key: str) -> Mapping[str, object]:
    inner = value.get(key)
    return inner if isinstance(inner, dict) else {}
