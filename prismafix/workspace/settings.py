"""Where connection strings live outside of the code: env files, schemas, Compose files, deployment files, workflows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from prismafix.workspace.model import Target

Form = Literal["env", "schema", "yaml", "toml", "json", "dockerfile"]


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that a file gives to a variable, or to `url` and its like in a schema.

    `start`/`end` are the bytes of the value as written, without its quotes (`quote`: `"`, `'`, or "" for none), `line`
    (1-based) where it starts. `text` is what stands there, `value` what it means: escapes of the form are undone,
    interpolations (`${DB_USER}`) stay. `reference`: the value is kept elsewhere, and this only names it
    (`${{ secrets.DATABASE_URL }}`, `${ssm:/db/url}`, `env("DATABASE_URL")`).
    `where` says in words which part of the file it is ("service web", "function orders"), "" for all of it. `package`
    is the root of the package that it is for, None where that cannot be told; `target` where that value is used.
    """

    path: str
    line: int
    start: int
    end: int
    name: str
    text: str
    value: str
    form: Form
    quote: str = ""
    reference: bool = False
    where: str = ""
    package: str | None = None
    target: Target = "unknown"
