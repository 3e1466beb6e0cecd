"""What the readers of all forms give."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from prismafix.workspace.model import Target

Form = Literal["env", "schema", "yaml", "toml", "json", "dockerfile"]


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
