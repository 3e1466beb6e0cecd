"""What the frameworks call: files that are entries of the application by where they lie, and code for the edge."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from prismafix.workspace.model import within

if TYPE_CHECKING:
    from prismafix.facts.model import ModuleFacts
    from prismafix.workspace.model import Package
    from prismafix.workspace.workspace import Workspace

_ANYWHERE = re.compile(
    r"(?:^|/)(?:route|page|layout|middleware|\+server|\+page\.server|\+layout\.server|hooks\.server)\.[cm]?[jt]sx?$"
    r"|(?:^|/)pages/api/"
)
_BY_FRAMEWORK = {
    name: re.compile(pattern)
    for name, pattern in {
        "next": r"(?:src/)?(?:app/(?:.*/)?(?:template|default|sitemap|robots)\.|pages/|(?:instrumentation|proxy)\.)",
        "blitz": r"(?:src/|app/)?pages/",
        "remix": r"app/(?:routes/|root\.|entry\.server)",
        "react-router": r"app/(?:routes/|root\.|entry\.server)",
        "sveltekit": r"src/routes/.*\+",
        "nuxt": r"(?:src/)?server/(?:api|routes|middleware|plugins|tasks)/",
        "nitro": r"(?:src/|server/)?(?:api|routes|middleware|plugins|tasks)/",
        "astro": r"src/(?:pages/|actions/|middleware)",
        "solidstart": r"src/(?:routes/|middleware)",
        "tanstack-start": r"(?:src|app)/routes/",
        "qwik-city": r"src/routes/",
        "redwood": r"(?:api/)?src/(?:functions|services|graphql)/",
    }.items()
}
"""Below the folder of the package, or of the app in it: https://nextjs.org/docs/app/api-reference/file-conventions,
https://reactrouter.com/how-to/file-route-conventions, https://svelte.dev/docs/kit/routing,
https://nitro.build/guide/routing, https://docs.astro.build/en/guides/endpoints/ and their like."""
_EDGE_RUNTIMES = ("edge", "experimental-edge")
_MIDDLEWARE = re.compile(r"(?:src/)?middleware\.[cm]?[jt]sx?")


def is_route(workspace: Workspace, path: str) -> bool:
    """Whether a framework calls a module because of where it lies."""
    if _ANYWHERE.search(path):
        return True
    package = workspace.package_of(path)
    if package is None or not package.frameworks & _BY_FRAMEWORK.keys():
        return False
    insides = _insides(workspace, package, path)
    return any(_BY_FRAMEWORK[name].match(one) for name in package.frameworks & _BY_FRAMEWORK.keys() for one in insides)


def runs_on_edge(workspace: Workspace, path: str, facts: ModuleFacts) -> str:
    """Why a module runs on an edge runtime, by its own configuration; "" when nothing says so.

    Next.js: `export const runtime`, `export const config = { runtime }`, and middleware unless it says `nodejs`
    (https://nextjs.org/docs/app/api-reference/edge)."""
    runtime = _runtime(facts)
    if runtime in _EDGE_RUNTIMES:
        return "`runtime` is edge"
    package = workspace.package_of(path)
    if package is None or "next" not in package.frameworks or runtime == "nodejs":
        return ""
    middleware = any(_MIDDLEWARE.fullmatch(one) for one in _insides(workspace, package, path))
    return "middleware of Next.js, which runs on the edge" if middleware else ""


def is_middleware(path: str) -> bool:
    """Whether a module may be the middleware of Next.js, by its name."""
    return path.rpartition("/")[2].startswith("middleware.")


def _insides(workspace: Workspace, package: Package, path: str) -> list[str]:
    """The path below the package and below the deployment unit: a package may hold several apps."""
    unit = workspace.unit_of(path)
    roots = {package.root}
    if unit is not None and unit.kind == "app" and within(unit.root, package.root):
        roots.add(unit.root)
    return [posixpath.relpath(path, root or ".") for root in roots]


def _runtime(facts: ModuleFacts) -> str:
    for name in ("runtime", "config"):
        binding = facts.lookup(name, 0)
        if binding is None or binding.value < 0 or binding.path:
            continue
        expr = facts.roots[binding.value].expr
        value = expr.property_value("runtime") if expr.kind == "object" else expr
        if value is not None and value.kind == "string" and (name == "runtime" or expr.kind == "object"):
            return value.text
    return ""
