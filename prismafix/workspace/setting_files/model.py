"""What the readers of all forms give, and what becomes of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from prismafix.workspace.model import Target

Form = Literal["env", "schema", "config", "code", "yaml", "toml", "json", "dockerfile"]


@dataclass(frozen=True, slots=True)
class Found:
    """A variable that a file sets, whatever it is for. The fields are those of `Setting`.

    `start`/`end` are characters. `folder` is where the code is built from that this is for, `target` where it runs;
    None where the file's own folder and package tell.
    """

    name: str
    start: int
    end: int
    value: str = field(repr=False)
    quote: str = ""
    reference: bool = False
    where: str = ""
    context: str = ""
    folder: str | None = None
    target: Target | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A value that a file gives to a variable, or to `url` and its like in a schema or a `prisma.config.*`.

    `start`/`end` are the bytes of the value as written, without its quotes (`quote`: `"`, `'`, or "" for none), `line`
    (1-based) where it starts. `text` is what stands there, `value` what it means: escapes of the form are undone,
    interpolations (`${DB_USER}`) and their own escapes (`\\$`, `$$`) stay. `reference`: the value is kept elsewhere,
    and this only names it (`${{ secrets.DATABASE_URL }}`, `${ssm:/db/url}`, `env("DATABASE_URL")`); `variable` is the
    name of what it refers to where that is a variable, else "".
    `where` says in words which part of the file it is ("service web", "function orders"), "" for all of it. `package`
    is the root of the package that it is for, None where that cannot be told; `target` where that value is used.
    `sample`: by its file's name it is for tests or an example (`.env.test`, `.env.example`, what a workflow spells
    out). `default`: it is what stands behind `:-` in `${DATABASE_URL:-…}`. `context` is for `written` alone: how the
    form holds it.
    """

    path: str
    line: int
    start: int
    end: int
    name: str
    text: str = field(repr=False)  # it may hold a password
    value: str = field(repr=False)
    form: Form
    quote: str = ""
    reference: bool = False
    where: str = ""
    package: str | None = None
    target: Target = "unknown"
    variable: str = ""
    sample: bool = False
    default: bool = False
    context: str = ""
