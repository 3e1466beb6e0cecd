"""Text that goes into a file, broken over lines as prettier does at its width. Calls and arrow functions only."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from prismafix.rewrites.source import Source, code

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tree_sitter import Node

    from prismafix.rewrites.fanout import Callback
    from prismafix.rewrites.style import Style

_HUGGED = frozenset(
    {"statement_block", "object", "array", "template_string", "jsx_element", "jsx_self_closing_element"}
)

_HANGING = frozenset({"call_expression", "new_expression", "ternary_expression"})


@dataclass(frozen=True, slots=True)
class Page:
    """Where text goes: the file and its habits. Texts have `\\n` line breaks; `encode` gives the file's.

    `argument_comma` and `object_comma` stand behind the last of several lines: a comma or nothing.
    """

    source: Source
    style: Style
    argument_comma: str
    object_comma: str

    @classmethod
    def of(cls, source: Source, style: Style) -> Page:
        return cls(source, style, _comma(source, style, "arguments"), _comma(source, style, "object"))

    def columns(self, text: str) -> int:
        """The width of a line; a tab counts as two, prettier's default."""
        return len(text.expandtabs(2) if text.startswith("\t") else text.replace("\t", "  "))

    def fits(self, text: str) -> bool:
        """Whether no line is wider than the file's lines are."""
        return all(self.columns(line) <= self.style.width for line in text.split("\n"))

    def encode(self, text: str) -> bytes:
        """The bytes of a text, with the file's line breaks."""
        return text.replace("\r\n", "\n").replace("\n", self.style.newline).encode()

    def moved(self, start: int, end: int, indent: str, origin: int | None = None) -> str:
        """The source text from `start` to `end`, its later lines shifted as if the first were indented by `indent`.

        Lines that start inside a template literal stay. `origin` is where the whole begins that this is a part of.
        """
        old, fixed = self.source.indent(start if origin is None else origin), self.source.fixed_lines(start, end)
        lines, at = [], start
        while at < end:
            following = min(self.source.line_end(at), end)
            text = self.source.slice(at, following).rstrip("\r\n")
            blank = self.source.is_blank(at, self.source.line_end(at))
            if at != start and at not in fixed and not blank:
                text = indent + text[len(old) :] if text.startswith(old) else text
            lines.append(text)
            at = following
        return "\n".join(lines)

    def moved_node(self, node: Node, indent: str) -> str:
        return self.moved(node.start_byte, node.end_byte, indent)


def _comma(source: Source, style: Style, kind: str) -> str:
    """What the file writes behind the last element of a list of this kind (a node type) over several lines.

    Prettier 2 wrote commas behind the last property and none behind the last argument, so each kind is asked apart.
    """
    votes = 0
    for node in source.nodes(frozenset({kind})):
        if len(node.children) > 2 and node.start_point[0] != node.end_point[0]:
            last = node.children[-2]
            if last.end_point[0] != node.end_point[0] and last.type != "comment":
                votes += 1 if last.type == "," else -1
    habit = style.argument_commas if kind == "arguments" else style.trailing_commas
    return "," if votes > 0 or (votes == 0 and habit) else ""


@dataclass(frozen=True, slots=True)
class Around:
    """What stands before a text on its first line (indentation included), and behind it on its last."""

    before: str
    behind: str = ""


class Printed(Protocol):
    """A function that can be printed on one line or over several."""

    def flat(self) -> str | None:
        """On one line, or None when it holds line breaks that stay."""

    def at(self, indent: str, around: Around) -> tuple[str, bool]:
        """(text, whether it hangs: its end is on a deeper line than its start), for a line indented by `indent`."""

    def hugs(self) -> bool:
        """Whether the parentheses of the call may stand directly around it when it hangs."""

    def breaks_head(self, around: Around) -> bool:
        """Whether its parameters need lines of their own behind `around.before`: then it is not hugged."""


@dataclass(frozen=True, slots=True)
class Function:
    """A callback that can be printed at any indentation. `behind` follows what is no arrow: `.bind(this)`."""

    page: Page
    callback: Callback
    behind: str = ""

    def flat(self) -> str | None:
        """On one line, or None when it holds line breaks that stay."""
        body = self.callback.body
        if body is None:
            text = self.page.moved_node(self._node(), "") + self.behind
        else:
            text = f"{self.callback.head} {self.page.moved_node(body, '')}"
        return None if "\n" in text else text

    def at(self, indent: str, around: Around) -> tuple[str, bool]:
        """(text, whether it hangs) for a line indented by `indent`.

        An expression body goes to the next line when it does not fit behind the arrow.
        """
        body = self.callback.body
        if body is None:
            return self.page.moved_node(self._node(), indent) + self.behind, False
        head = self._broken_head(indent) if self.breaks_head(around) else self._joined_head()
        made = self.callback.node is None and head == "() =>"  # no arrow stands before the body now
        same_line = not made and self._starts_on_head_line(body)
        one = self.page.moved_node(body, indent)
        inner = code(body)[0] if body.type == "parenthesized_expression" and code(body) else body
        hugged = inner.type in _HUGGED
        if "\n" not in one:
            whole = f"{head} {one}"
            if self.page.fits(f"{around.before}{whole}{around.behind}"):
                return whole, False
            if inner.type == "object" and code(inner):
                return f"{head} ({_object(self.page, inner, indent, ')')}", False
        if hugged or ("\n" in one and same_line):
            return f"{head} {one}", False
        deeper = indent + self.page.style.indent
        text = self.page.moved_node(body, deeper)
        if "\n" not in text and not self.page.fits(deeper + text + self.page.argument_comma):
            text = expanded(self.page, body, deeper)
        return f"{head}\n{deeper}{text}", True

    def hugs(self) -> bool:
        return self.callback.body is None or self.callback.body.type in _HANGING

    def breaks_head(self, around: Around) -> bool:
        head = self._joined_head()
        return "\n" in head or ("\n" in self.callback.head and not self.page.fits(f"{around.before}{head} {{"))

    def _joined_head(self) -> str:
        """The head on one line; as it is when it holds a comment, an object or one line only."""
        head = self.callback.head
        if "\n" not in head or "//" in head or "/*" in head or "{" in head or "`" in head:
            return head
        lines = " ".join(line.strip() for line in head.split("\n"))
        return re.sub(r",? \)", ")", lines.replace("( ", "("))

    def _broken_head(self, indent: str) -> str:
        """The head over several lines, for a line indented by `indent`."""
        node, head = self.callback.node, self.callback.head
        if node is None:
            return head
        old = self.page.source.indent(node.start_byte)
        first, *rest = head.split("\n")
        return "\n".join([first, *(indent + line.removeprefix(old) if line.strip() else line for line in rest)])

    def _starts_on_head_line(self, body: Node) -> bool:
        source = self.page.source
        return not source.starts_line(body.start_byte)

    def _node(self) -> Node:
        node = self.callback.node
        if node is None:
            raise ValueError("a callback without a node has a body")
        return node


@dataclass(frozen=True, slots=True)
class Limited:
    """An arrow function whose body is `limit(() => …)` around the body of another. `head` ends with `=>`."""

    page: Page
    head: str
    limit: str
    inner: Function

    def flat(self) -> str | None:
        inner = self.inner.flat()
        return None if inner is None else f"{self.head} {self.limit}({inner})"

    def at(self, indent: str, around: Around) -> tuple[str, bool]:
        deeper = indent + self.page.style.indent
        call = nest(self.page, [Level(f"{self.limit}(")], (), self.inner, (), Around(deeper, self.page.argument_comma))
        return f"{self.head}\n{deeper}{call}", True

    def hugs(self) -> bool:
        return True

    def breaks_head(self, around: Around) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Text:
    """An argument whose text is made up; line breaks in it are at the indentation of the call."""

    text: str

    def flat(self) -> str | None:
        return None if "\n" in self.text else self.text

    def at(self, indent: str, around: Around) -> tuple[str, bool]:
        return self.text, "\n" not in self.text

    def hugs(self) -> bool:
        return "\n" in self.text

    def breaks_head(self, around: Around) -> bool:
        return False


def expanded(page: Page, node: Node, indent: str) -> str:
    """A one-line call whose last argument is an object literal, with that object's properties on lines of their own."""
    inner = code(node)[0] if node.type == "await_expression" else node
    arguments = inner.child_by_field_name("arguments") if inner.type == "call_expression" else None
    values = code(arguments) if arguments is not None else []
    if not values or values[-1].type != "object" or arguments is None or arguments.end_byte != node.end_byte:
        return page.source.text(node)
    return page.source.slice(node.start_byte, values[-1].start_byte) + _object(page, values[-1], indent, ")")


def _object(page: Page, node: Node, indent: str, behind: str) -> str:
    deeper = indent + page.style.indent
    parts = []
    for child in code(node):
        text = page.source.text(child)
        value = child.child_by_field_name("value")
        if not page.fits(deeper + text + ",") and value is not None and value.type == "object" and code(value):
            text = page.source.slice(child.start_byte, value.start_byte) + _object(page, value, deeper, "")
        parts.append(deeper + text)
    return "{\n" + ",\n".join(parts) + page.object_comma + f"\n{indent}}}{behind}"


@dataclass(frozen=True, slots=True)
class Level:
    """One call of a nest: what opens it, and what closes it. `opens` ends with `(`."""

    opens: str
    closes: str = ")"


def nest(
    page: Page,
    levels: Sequence[Level],
    leading: Sequence[str],
    function: Printed,
    trailing: Sequence[str],
    around: Around,
) -> str:
    """Calls in each other, the innermost over `leading`, the function and `trailing` as arguments.

    On one line where that fits; else a function in last place is hugged; else every argument has its own line.
    """
    indent = around.before[: len(around.before) - len(around.before.lstrip())]
    flat = function.flat()
    if flat is not None and not any("\n" in text for text in leading):
        text = "".join(level.opens for level in levels) + ", ".join((*leading, flat, *trailing))
        text += "".join(level.closes for level in reversed(levels))
        if page.fits(around.before + text + around.behind):
            return text
    first, rest = levels[0], levels[1:]
    deeper = indent + page.style.indent
    if rest:
        inner = nest(page, rest, leading, function, trailing, Around(deeper, page.argument_comma))
        return f"{first.opens}\n{deeper}{inner}{page.argument_comma}\n{indent}{first.closes}"
    head = first.opens + "".join(f"{text}, " for text in leading)
    if trailing and flat is not None and trailing[-1].startswith("{ "):
        start = f"{head}{flat}, {{"
        if page.fits(around.before + start):
            return f"{start}\n{deeper}{trailing[-1][2:-2]}{page.object_comma}\n{indent}}}{first.closes}"
    if not trailing and "\n" not in head and not function.breaks_head(Around(around.before + head)):
        text, hanging = function.at(indent, Around(around.before + head, first.closes + around.behind))
        closing = f"{page.argument_comma}\n{indent}{first.closes}" if hanging else first.closes
        whole = head + text + closing
        if page.fits((around.before + head + text).split("\n", 1)[0]) and (not hanging or function.hugs()):
            return whole
    text, _ = function.at(deeper, Around(deeper, page.argument_comma))
    parts = [_shifted(part, deeper) for part in leading] + [text, *trailing]
    return (
        first.opens
        + "".join(f"\n{deeper}{part}," for part in parts).removesuffix(",")
        + f"{page.argument_comma}\n{indent}{first.closes}"
    )


def _shifted(text: str, indent: str) -> str:
    """A text over several lines, printed at indentation "", at `indent`."""
    return text.replace("\n", "\n" + indent) if "`" not in text else text


def joined_chain(text: str) -> str:
    """A chain of at most two calls on one line: prettier breaks longer ones only."""
    first, *rest = text.split("\n")
    if text.count("(") > 2 or not all(line.lstrip().startswith(".") for line in rest):
        return text
    return first + "".join(line.strip() for line in rest)
