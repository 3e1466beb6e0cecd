"""What YAML, TOML and JSON have in common: mappings, sequences and scalars, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Node:
    """A scalar (`value` is no None), a mapping (`entries`) or a sequence (`items`).

    `start`/`end` are characters, without the quotes of a scalar. `tag` is a YAML tag of the author's own (`!Sub`).
    `context` is how the form holds a scalar: in YAML "block" or "flow" around it, "line" for a block scalar of one
    line, "fixed" for one that cannot be written.
    """

    start: int
    end: int
    value: str | None = field(default=None, repr=False)
    quote: str = ""
    context: str = ""
    tag: str = ""
    is_null: bool = False
    entries: list[tuple[str, Node]] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        """The value of a key, of a repeated one the last; None where there is none."""
        return next((node for name, node in reversed(self.entries) if name == key), None)

    def text_of(self, key: str) -> str | None:
        """The scalar of a key; None where there is none."""
        node = self.get(key)
        return node.value if node is not None else None
