"""Where a package runs and what is deployed as a process of its own, by configuration files and dependencies.

Configuration written in JavaScript or TypeScript is never evaluated; its text gives hints.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.workspace import functions
from prismafix.workspace.frameworks import CONFIG_PREFIXES, SERVERS
from prismafix.workspace.functions import ADAPTER, HINT, PLATFORM, Case, line_at
from prismafix.workspace.model import DeploymentUnit, Evidence, Problem, Target
from prismafix.workspace.tree import Tree, join, parent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_START = re.compile(r"\b(?:node|nest start|ts-node|tsx|bun|nodemon|pm2|fastify start|nx serve)\b")
_OWN_SERVER = re.compile(r"\b(?:remix-serve|react-router-serve)\b")

_PLATFORM_FILES: dict[str, tuple[Target, str]] = {
    "wrangler.toml": ("edge", "wrangler.toml: a Cloudflare Worker"),
    "wrangler.json": ("edge", "wrangler.json: a Cloudflare Worker"),
    "wrangler.jsonc": ("edge", "wrangler.jsonc: a Cloudflare Worker"),
    "vercel.json": ("serverless", "vercel.json: deployed to Vercel"),
    "netlify.toml": ("serverless", "netlify.toml: deployed to Netlify"),
    "fly.toml": ("server", "fly.toml: a long-running machine on Fly.io"),
    "Procfile": ("server", "Procfile: a long-running process"),
    "render.yaml": ("server", "render.yaml: a long-running service on Render"),
    "railway.json": ("server", "railway.json: a long-running service on Railway"),
    "railway.toml": ("server", "railway.toml: a long-running service on Railway"),
    "app.yaml": ("server", "app.yaml: a service on App Engine or App Platform"),
    "ecosystem.config.js": ("server", "ecosystem.config.js: a process that pm2 keeps running"),
    "ecosystem.config.cjs": ("server", "ecosystem.config.cjs: a process that pm2 keeps running"),
    "host.json": ("serverless", "host.json: Azure Functions"),
    "sst.config.ts": ("serverless", "sst.config.ts: functions on AWS"),
}

_DEPENDENCIES: dict[str, tuple[int, Target]] = {
    "@types/aws-lambda": (ADAPTER, "serverless"),
    "aws-lambda": (ADAPTER, "serverless"),
    "@middy/core": (ADAPTER, "serverless"),
    "serverless-http": (ADAPTER, "serverless"),
    "@vendia/serverless-express": (ADAPTER, "serverless"),
    "@netlify/functions": (ADAPTER, "serverless"),
    "firebase-functions": (ADAPTER, "serverless"),
    "@azure/functions": (ADAPTER, "serverless"),
    "@google-cloud/functions-framework": (ADAPTER, "serverless"),
    "@vercel/functions": (ADAPTER, "serverless"),
    "@vercel/node": (ADAPTER, "serverless"),
    "@vercel/remix": (ADAPTER, "serverless"),
    "@remix-run/vercel": (ADAPTER, "serverless"),
    "@remix-run/netlify": (ADAPTER, "serverless"),
    "@remix-run/architect": (ADAPTER, "serverless"),
    "@sveltejs/adapter-vercel": (ADAPTER, "serverless"),
    "@sveltejs/adapter-netlify": (ADAPTER, "serverless"),
    "@astrojs/vercel": (ADAPTER, "serverless"),
    "@astrojs/netlify": (ADAPTER, "serverless"),
    "@opennextjs/aws": (ADAPTER, "serverless"),
    "@netlify/plugin-nextjs": (ADAPTER, "serverless"),
    "@vercel/analytics": (HINT, "serverless"),
    "@vercel/speed-insights": (HINT, "serverless"),
    "@vercel/blob": (HINT, "serverless"),
    "@vercel/kv": (HINT, "serverless"),
    "@vercel/postgres": (HINT, "serverless"),
    "@vercel/edge-config": (HINT, "serverless"),
    "@sveltejs/adapter-cloudflare": (ADAPTER, "edge"),
    "@sveltejs/adapter-cloudflare-workers": (ADAPTER, "edge"),
    "@astrojs/cloudflare": (ADAPTER, "edge"),
    "@remix-run/cloudflare": (ADAPTER, "edge"),
    "@opennextjs/cloudflare": (ADAPTER, "edge"),
    "@cloudflare/next-on-pages": (ADAPTER, "edge"),
    "@sveltejs/adapter-node": (ADAPTER, "server"),
    "@astrojs/node": (ADAPTER, "server"),
    "@remix-run/express": (ADAPTER, "server"),
    "@react-router/express": (ADAPTER, "server"),
}


@dataclass(frozen=True, slots=True)
class Deployment:
    """`evidence` is what speaks for `target`; for `unknown` it is what was found and does not agree."""

    target: Target
    evidence: tuple[Evidence, ...]
    units: tuple[DeploymentUnit, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Traits:
    """What is known of a package. `apps` are the frameworks whose development server runs it; `holds_packages`: it is
    the root of a workspace, so a server at its root may well be that of a member."""

    dependencies: Mapping[str, str]
    scripts: Mapping[str, str]
    frameworks: frozenset[str]
    apps: tuple[str, ...]
    holds_packages: bool


def is_config(name: str) -> bool:
    """Whether a file of this name says how or where a package runs."""
    return name in _CONFIG_NAMES or name.startswith(CONFIG_PREFIXES)


_CONFIG_NAMES = frozenset(
    {*_PLATFORM_FILES, *functions.SERVERLESS_NAMES, *functions.SAM_NAMES, "function.json", "Dockerfile", "project.json"}
)


def deployment_of(tree: Tree, folder: str, files: Iterable[str], traits: Traits) -> Deployment:
    """Target and units of the package in `folder`. `files` are its source and configuration files (those of nested
    packages left out)."""
    case = Case(tree, folder, sorted(files))
    for path in case.files:
        _config_file(case, path)
    functions.supabase(case)
    _from_dependencies(case, traits)
    _from_scripts(case, traits)
    target, evidence = _decide(case.votes)
    functions.vercel_api(case, target, bool(traits.apps))
    if not any(unit.root == folder for unit in case.units):
        _own_unit(case, target, evidence, traits)
    units = {unit.root: unit for unit in reversed(case.units)}
    return Deployment(target, evidence, tuple(units[root] for root in sorted(units)), tuple(case.problems))


def _decide(votes: list[tuple[int, Target, Evidence]]) -> tuple[Target, tuple[Evidence, ...]]:
    """The heaviest evidence decides; where the heaviest does not agree with itself, nothing is known."""
    heaviest = max((weight for weight, _, _ in votes), default=0)
    targets = {target for weight, target, _ in votes if weight == heaviest}
    if len(targets) != 1:
        return "unknown", tuple(evidence for weight, _, evidence in votes if weight == heaviest)
    target = targets.pop()
    return target, tuple(evidence for _, voted, evidence in votes if voted == target)


def _config_file(case: Case, path: str) -> None:
    folder, _, name = path.rpartition("/")
    here = folder == case.folder
    if name.startswith("wrangler."):
        evidence = Evidence(path, 0, _PLATFORM_FILES[name][1])
        case.unit(folder, "worker", "edge", evidence)
        if here:
            case.votes.append((PLATFORM, "edge", evidence))
    elif name in functions.SERVERLESS_NAMES:
        functions.serverless_framework(case, path)
    elif name in functions.SAM_NAMES:
        functions.sam(case, path)
    elif name == "function.json":
        functions.azure_function(case, path)
    elif name == "project.json" and not here:
        _nx_project(case, path)
    elif name == "Dockerfile" and case.folder in (folder, parent(folder)):
        _dockerfile(case, path)
    elif name in _PLATFORM_FILES and here:
        _platform_file(case, path, name)


def _platform_file(case: Case, path: str, name: str) -> None:
    target, text = _PLATFORM_FILES[name]
    content = case.tree.text(path) or ""
    if name == "app.yaml" and not re.search(r"^(?:runtime|env|services|entrypoint)\s*:", content, re.MULTILINE):
        return
    if name == "host.json" and '"version"' not in content:
        return
    evidence = case.vote(PLATFORM, target, path, 0, text)
    if name == "vercel.json":
        functions.vercel_builds(case, path)
    elif name == "netlify.toml":
        functions.netlify(case, path, evidence)


def _dockerfile(case: Case, path: str) -> None:
    text = case.tree.text(path) or ""
    starts = list(re.finditer(r"^[ \t]*(?:CMD|ENTRYPOINT)\b", text, re.MULTILINE | re.IGNORECASE))
    if "public.ecr.aws/lambda/" in text:
        case.vote(PLATFORM, "serverless", path, 0, "Dockerfile: an image for AWS Lambda")
    elif starts:
        line = line_at(text, starts[-1].start())
        case.vote(ADAPTER, "server", path, line, "Dockerfile: a long-running process in a container")


def _nx_project(case: Case, path: str) -> None:
    """An Nx project without a package.json of its own: an application is a process of its own."""
    text = case.tree.text(path) or ""
    if not re.search(r'"projectType"\s*:\s*"application"', text):
        return
    folder = parent(path)
    executors = re.findall(r'"(?:executor|builder)"\s*:\s*"@(?:nx|nrwl)/([\w-]+:[\w-]+)"', text)
    app = next((one for one in executors if one.startswith(("next:", "remix:", "nuxt:"))), None)
    config = next((name for name in case.tree.by_folder[folder] if name.startswith(CONFIG_PREFIXES)), None)
    config = None if config and config.startswith("vite.") else config
    server = next((one for one in executors if one in ("node:execute", "node:node", "js:node", "nest:serve")), None)
    if app or config:
        case.unit(folder, "app", "unknown", Evidence(path, 0, f"project.json: {app or config}"))
    elif server:
        case.unit(folder, "service", "server", Evidence(path, 0, f"project.json: {server}"))


def _from_dependencies(case: Case, traits: Traits) -> None:
    manifest = join(case.folder, "package.json")
    text = case.tree.text(manifest) or ""
    for name, (weight, target) in _DEPENDENCIES.items():
        if name in traits.dependencies:
            case.vote(weight, target, manifest, _line_of(text, f'"{name}"'), f"package.json: depends on {name}")
    if {"@cloudflare/workers-types", "wrangler"} <= traits.dependencies.keys():
        line = _line_of(text, '"wrangler"')
        case.vote(ADAPTER, "edge", manifest, line, "package.json: a Cloudflare Worker's types and wrangler")
    if "aws-cdk-lib" in traits.dependencies:
        functions.cdk(case)


def _from_scripts(case: Case, traits: Traits) -> None:
    """A server's framework with a script that starts it; Next.js built as a standalone server."""
    manifest = join(case.folder, "package.json")
    text = case.tree.text(manifest) or ""
    server = next((name for name in SERVERS if name in traits.frameworks), None)
    for key in ("start", "start:prod", "start:production", "serve"):
        script = traits.scripts.get(key, "")
        if _OWN_SERVER.search(script) or (server and _START.search(script)):
            what = f"{server} and a script that starts it" if server else "a script that starts a server"
            case.vote(HINT, "server", manifest, _line_of(text, f'"{key}"'), f"package.json: {what}")
            break
    for name in case.tree.by_folder.get(case.folder, ()) if "next" in traits.apps else ():
        if name.startswith("next.config."):
            config = case.tree.text(join(case.folder, name)) or ""
            match = re.search(r"^[ \t]*output\s*:\s*[\"']standalone[\"']", config, re.MULTILINE)
            if match:
                line = line_at(config, match.start())
                case.vote(HINT, "server", join(case.folder, name), line, f"{name}: a standalone server")


def _own_unit(case: Case, target: Target, evidence: tuple[Evidence, ...], traits: Traits) -> None:
    """The package itself as one process: an app, or a service that something shows to run."""
    servers = [name for name in SERVERS if name in traits.frameworks]
    if traits.apps:
        kind, names = "app", ", ".join(traits.apps)
    elif (servers and case.votes) or (
        target == "server" and not traits.holds_packages and "vite" not in traits.frameworks
    ):
        kind, names = "service", ", ".join(servers)
    else:
        return
    because = evidence[0] if evidence else Evidence(join(case.folder, "package.json"), 0, f"package.json: {names}")
    case.unit(case.folder, kind, target, because)


def _line_of(text: str, what: str) -> int:
    at = text.find(what)
    return line_at(text, at) if at >= 0 else 0
