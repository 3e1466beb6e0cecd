"""Frameworks by the dependencies of a package."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

_BY_DEPENDENCY: dict[str, str] = {
    "next": "next",
    "@remix-run/react": "remix",
    "@remix-run/dev": "remix",
    "@remix-run/node": "remix",
    "@remix-run/serve": "remix",
    "@react-router/dev": "react-router",
    "@react-router/node": "react-router",
    "@react-router/serve": "react-router",
    "@sveltejs/kit": "sveltekit",
    "nuxt": "nuxt",
    "nuxt3": "nuxt",
    "astro": "astro",
    "@solidjs/start": "solidstart",
    "solid-start": "solidstart",
    "@redwoodjs/core": "redwood",
    "@redwoodjs/api": "redwood",
    "@redwoodjs/web": "redwood",
    "@tanstack/react-start": "tanstack-start",
    "@tanstack/start": "tanstack-start",
    "@builder.io/qwik-city": "qwik-city",
    "blitz": "blitz",
    "vike": "vike",
    "vite-plugin-ssr": "vike",
    "vite": "vite",
    "nitropack": "nitro",
    "@nestjs/core": "nest",
    "@nestjs/common": "nest",
    "express": "express",
    "fastify": "fastify",
    "koa": "koa",
    "hono": "hono",
    "elysia": "elysia",
    "@hapi/hapi": "hapi",
    "@trpc/server": "trpc",
    "graphql-yoga": "graphql-yoga",
    "@apollo/server": "apollo",
    "apollo-server": "apollo",
    "apollo-server-express": "apollo",
    "@types/aws-lambda": "aws-lambda",
    "aws-lambda": "aws-lambda",
    "@middy/core": "aws-lambda",
    "serverless-http": "aws-lambda",
    "@vendia/serverless-express": "aws-lambda",
    "@netlify/functions": "netlify",
    "@cloudflare/workers-types": "cloudflare-workers",
    "wrangler": "cloudflare-workers",
    "firebase-functions": "firebase",
    "@google-cloud/functions-framework": "google-functions",
    "@azure/functions": "azure-functions",
    "aws-cdk-lib": "aws-cdk",
    "sst": "sst",
    "electron": "electron",
    "discord.js": "discord.js",
    "telegraf": "telegraf",
    "grammy": "grammy",
}

_DEV_SERVERS: dict[str, tuple[str, tuple[str, ...]]] = {
    "next": (r"\bnext (?:dev|build|start)|\bnext$", ("next.config.",)),
    "remix": (r"\bremix\b|\bremix-serve\b", ("remix.config.", "vite.config.")),
    "react-router": (r"\breact-router (?:dev|build)", ("react-router.config.",)),
    "sveltekit": (r"\bsvelte-kit\b|\bvite\b", ("svelte.config.",)),
    "nuxt": (r"\bnuxt\b|\bnuxi\b", ("nuxt.config.",)),
    "astro": (r"\bastro (?:dev|build)", ("astro.config.",)),
    "solidstart": (r"\bvinxi\b|\bsolid-start\b|\bvite\b", ("app.config.",)),
    "redwood": ("", ()),
    "tanstack-start": (r"\bvinxi\b|\bvite\b", ("app.config.", "vite.config.")),
    "qwik-city": (r"\bqwik\b|\bvite\b", ("vite.config.",)),
    "blitz": (r"\bblitz\b", ("blitz.config.",)),
    "vike": (r"\bvite\b|\bvike\b", ("vite.config.",)),
    "vite-ssr": ("", ()),
    "nitro": (r"\bnitro(?:pack)?\b", ("nitro.config.",)),
}
"""Frameworks whose development server evaluates modules again on every edit, in the same process (FACTS.md, Runtimes):
the command in a script and the configuration files that show an app ("" and none: the dependency is enough). A library
for such a framework has the dependency and neither of them."""

SERVERS: tuple[str, ...] = (
    *("nest", "express", "fastify", "koa", "hono", "hapi", "elysia", "apollo", "graphql-yoga"),
    *("discord.js", "telegraf", "grammy"),
)
"""Frameworks of a long-running process, the one that is worth naming first."""

CONFIG_PREFIXES = tuple(sorted({prefix for _, prefixes in _DEV_SERVERS.values() for prefix in prefixes}))
"""How the names of the configuration files begin that show an app."""


def frameworks_of(dependencies: Mapping[str, str], has_server_entry: bool) -> frozenset[str]:
    """The standard names of the frameworks that a package depends on. With Vite and an `entry-server`: `vite-ssr`."""
    found = {name for dependency, name in _BY_DEPENDENCY.items() if dependency in dependencies}
    if any(name.startswith("@vercel/") for name in dependencies):
        found.add("vercel")
    if "vite" in found and has_server_entry:
        found.add("vite-ssr")
    return frozenset(found)


def reloading(frameworks: frozenset[str], scripts: Mapping[str, str], file_names: Collection[str]) -> tuple[str, ...]:
    """The frameworks, sorted, whose development server runs this package and evaluates its modules again in its
    process.

    `file_names` are the names of the package's configuration files, wherever they lie in it.
    """
    found = []
    for name in sorted(frameworks & _DEV_SERVERS.keys()):
        command, prefixes = _DEV_SERVERS[name]
        runs = not command or any(re.search(command, script) for script in scripts.values())
        if runs or any(one.startswith(prefix) for one in file_names for prefix in prefixes):
            found.append(name)
    return tuple(found)
