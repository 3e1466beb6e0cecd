"""What the tree holds, as plain data. All paths are POSIX and relative to the workspace root; `""` is the root
itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Target = Literal["serverless", "edge", "server", "unknown"]
ModuleSystem = Literal["esm", "commonjs"]


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that could not be used, and why (PF001). `message` is one line: the cause and the way out."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class ModelField:
    """One field of a Prisma model. `native_type` is what stands behind `@db.`: `Citext`, `Uuid`, `VarChar`."""

    name: str
    type: str
    is_list: bool = False
    is_optional: bool = False
    is_id: bool = False
    is_unique: bool = False
    native_type: str | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """A Prisma model. `unique_sets` holds the field names of each `@@unique` and `@@id` block attribute."""

    name: str
    fields: tuple[ModelField, ...]
    unique_sets: tuple[tuple[str, ...], ...] = ()

    @property
    def accessor(self) -> str:
        """The property of the client: `orderItem` for the model `OrderItem`."""
        return self.name[:1].lower() + self.name[1:]

    def field(self, name: str) -> ModelField | None:
        """The field called `name`, or None."""
        return next((f for f in self.fields if f.name == name), None)


@dataclass(frozen=True, slots=True)
class Generator:
    """A `generator` block that makes a JavaScript client (`prisma-client-js` or `prisma-client`).

    `output` is the folder that the client is written into, relative to the workspace root; None means
    `node_modules/@prisma/client` (only `prisma-client-js` allows that), or a folder that nobody can tell where
    `output_env` is set: the variable in `output = env("…")`.
    """

    name: str
    provider: str
    output: str | None
    engine_type: str | None = None
    output_env: str | None = None


@dataclass(frozen=True, slots=True)
class Schema:
    """One Prisma schema, of one file or of a folder of files.

    `path` is the main file; `files` are all of them. `provider` is the datasource's (`postgresql`, `mysql`, `sqlite`,
    `sqlserver`, `cockroachdb`, `mongodb`) or None when there is no datasource. `url_env` is the variable in `env("…")`.
    `enums` are (name, number of values).
    """

    path: str
    files: tuple[str, ...]
    provider: str | None
    url_env: str | None
    generators: tuple[Generator, ...]
    models: tuple[Model, ...]
    enums: tuple[tuple[str, int], ...] = ()

    def model_by_accessor(self, accessor: str) -> Model | None:
        """The model behind `client.<accessor>`, or None."""
        return next((m for m in self.models if m.accessor == accessor), None)


@dataclass(frozen=True, slots=True)
class TsConfig:
    """A `tsconfig.json`/`jsconfig.json` after `extends`. Folder values are relative to the workspace root.

    `paths` keeps the order of the file: (pattern such as `@/*`, targets such as `apps/web/src/*`).
    """

    path: str
    base_url: str | None = None
    paths: tuple[tuple[str, tuple[str, ...]], ...] = ()
    strict: bool = False
    module: str | None = None
    module_resolution: str | None = None
    verbatim_module_syntax: bool = False
    allow_importing_ts_extensions: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """Why something is believed: a place (1-based line; 0 for the whole file) and a short sentence.

    A `step` is one call of the way to a query: its text is a name, and those of one finding follow each other.
    """

    path: str
    line: int
    text: str
    step: bool = False


@dataclass(frozen=True, slots=True)
class DeploymentUnit:
    """What is deployed as one process of its own. `kind`: `function-file` (each file in `root` is its own function),
    `function` (one handler), `app` (a framework's server), `service` (a long-running process), `worker` (edge)."""

    root: str
    kind: str
    target: Target
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Package:
    """A `package.json` that is part of the workspace.

    `root` is its folder. `dependencies` merges all four kinds (name to range). `prisma_version` is (major, minor,
    patch) from the lock file, else the lower bound of the range, else None; `prisma_version_source` says which.
    `module_system` is what a bare `.js`/`.ts` file of the package means (`"type"`). `frameworks` are the standard
    names found in the dependencies or configuration files: next, remix, react-router, sveltekit, nuxt, astro,
    solidstart, redwood, vite, nest, express, fastify, hono, trpc, aws-lambda, cloudflare-workers, vercel, netlify …
    `hot_reload` is set where the development server evaluates modules again in its process. `schemas` are the paths of
    the schemas in this package's folder (not in nested packages). `workspace_root` is the folder of the declared
    workspace (npm, yarn, bun, pnpm) that lists this package or is this package; None for one on its own. `config` is
    what stands under `"prismafix"`.
    """

    name: str | None
    root: str
    manager: str | None
    private: bool
    dependencies: Mapping[str, str]
    scripts: Mapping[str, str]
    entry_points: tuple[str, ...]
    exports: object
    imports: object
    module_system: ModuleSystem
    prisma_version: tuple[int, int, int] | None
    prisma_version_source: str | None
    frameworks: frozenset[str]
    hot_reload: bool
    target: Target
    target_evidence: tuple[Evidence, ...]
    units: tuple[DeploymentUnit, ...] = ()
    schemas: tuple[str, ...] = ()
    prisma_seed: str | None = None
    config: Mapping[str, object] = field(default_factory=dict)
    workspace_root: str | None = None


def within(path: str, folder: str) -> bool:
    """Whether `path` is `folder` or lies below it; everything lies below the root `""`."""
    return not folder or path == folder or path.startswith(folder + "/")
