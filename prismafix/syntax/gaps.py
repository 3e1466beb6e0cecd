"""Where tree-sitter-typescript 0.23.2 is blind, and bytes that it can read in place of those.

One pass over the tokens of a file tells code from strings, comments, templates, regular expressions and JSX, so that
a form is only replaced where it is that form. Every replacement is as long as what it replaces and keeps the line
breaks: offsets, lines and columns hold for both. The pass looks at each byte a bounded number of times; nothing is
searched backwards.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from prismafix.syntax.dialect import Dialect

_CODE = re.compile(
    rb"""
      (?P<space>\s+ | //[^\r\n]* | /\*.*?(?:\*/|\Z))
    | (?P<string>"[^"\\\r\n]*(?:\\.[^"\\\r\n]*)*"? | '[^'\\\r\n]*(?:\\.[^'\\\r\n]*)*'?)
    | (?P<typeof>typeof\s+import\(\s*(?:"[^"\r\n]*"|'[^'\r\n]*')\s*\))
    | (?P<import>import\(\s*(?:"[^"\r\n]*"|'[^'\r\n]*')\s*\)(?:\s*\.(?!\s*then\b)\s*[A-Za-z_$][\w$]*)+(?=\s*[\[<]))
    | (?P<star>export\s+type(?=\s*\*))
    | (?P<override>abstract\s+override\b|override\s+abstract\b)
    | (?P<key>(?:in|instanceof)(?=\s*\??:))
    | (?P<unique><\s*unique\b(?!\s+symbol\b))
    | (?P<word>[@\#]?[A-Za-z_$\x80-\xff][\w$\x80-\xff]*)
    | (?P<number>[0-9][\w.]*)
    | (?P<arrow>=>)
    | (?P<ends>;|&&|\|\||\?\?|===?|!==?|>=|<=)
    | (?P<any>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_REGEX = re.compile(rb"/(?:[^/\\\[\r\n]|\\.|\[(?:[^\]\\\r\n]|\\.)*\])+/[A-Za-z]*")
_TEMPLATE = re.compile(rb"[^`\\$]+|\\(?:u\{[0-9A-Fa-f]+\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|[^ux])?|\$\{|.", re.DOTALL)
_TAG_START = re.compile(rb"<(?:>|(?!const\b)(?P<name>[A-Za-z_$][\w$.:-]*)(?=\s*(?:/?>|\{|<|/[*/])|\s+(?!extends\b)\w))")
_TAG = re.compile(rb"""\s+|//[^\r\n]*|/\*.*?(?:\*/|\Z)|[\w$.:-]+|"[^"]*"?|'[^']*'?|/>|=>|.""", re.DOTALL)
# The character references that the grammar reads.
_REFERENCE = re.compile(rb"&(?:#(?:[xX][0-9a-fA-F]{1,6}|[0-9]{1,5})|[A-Za-z]{1,30});")
_TEXT = re.compile(rb"[^{<&]+|</[^>]*>?|" + _REFERENCE.pattern + rb"|.", re.DOTALL)

_CLOSING = re.compile(rb"</\s*([\w$.:-]*)")
_OPERATORS = frozenset(
    b"return typeof case do else in instanceof new void delete throw yield await of default extends as".split()
)
"""Words after which an expression starts: a `/` there begins a regular expression, a `<` an element."""

_OPENERS, _CLOSERS = frozenset((b"(", b"[", b"{")), frozenset((b")", b"]", b"}"))


class Gap(NamedTuple):
    """A span of bytes that the grammar cannot read. `form` is its kind; `stand_in` starts what is written in its
    place."""

    start: int
    end: int
    form: str
    stand_in: bytes = b""


def find_gaps(data: bytes, dialect: Dialect) -> list[Gap]:
    """The gaps of a file in order of their end. A span may lie inside a later one."""
    return Scanner(data, dialect).run()


def fill(data: bytes, gaps: list[Gap]) -> bytes:
    """`data` with each gap replaced by its stand-in and spaces. Same length, same line breaks."""
    out = bytearray(data)
    for gap in gaps:
        blank = bytes(byte if byte in b"\r\n" else 0x20 for byte in data[gap.start : gap.end])
        out[gap.start : gap.end] = gap.stand_in + blank[len(gap.stand_in) :]
    return bytes(out)


@dataclass(slots=True)
class _Frame:
    """What the scanner is inside of. `kind`: code, template, tag or children. `operand`: the last token ends an
    expression.

    `angles` are the (start, whether an operand stands before it) of the `<` that are open at this level of a code
    frame, and `argument` is the span of the `<…>` after an operand that has just been closed. `name` is that of a
    tag.
    """

    kind: str
    operand: bool = False
    angles: list[tuple[int, bool]] = field(default_factory=list)
    argument: tuple[int, int] | None = None
    name: bytes = b""


class Scanner:
    """One pass over a file. `looked` counts the bytes that were looked at, for the test that the work is linear."""

    def __init__(self, data: bytes, dialect: Dialect) -> None:
        self.data = data
        self.looked = 0
        self._jsx = dialect == "tsx"
        self._at = 0
        self._stack = [_Frame("code")]
        self._gaps: list[Gap] = []
        self._last_closing: dict[bytes, int] | None = None
        self._no_regex = 0  # up to here: the rest of a line on which none ended

    def run(self) -> list[Gap]:
        """The gaps in order of their end, NUL bytes last."""
        readers = {"code": self._code, "template": self._template, "tag": self._tag, "children": self._children}
        while self._at < len(self.data):
            frame = self._stack[-1]
            readers[frame.kind](frame)
        at = self.data.find(b"\0")
        while at >= 0:
            self._gap(at, at + 1, "nul-byte")
            at = self.data.find(b"\0", at + 1)
        return self._gaps

    def _gap(self, start: int, end: int, form: str, stand_in: bytes = b"") -> None:
        self._gaps.append(Gap(start, end, form, stand_in))

    def _take(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        """Match one of the patterns that match at any byte, and go behind it."""
        match = pattern.match(self.data, self._at)
        assert match is not None
        self._at = match.end()
        self.looked += match.end() - match.start()
        return match

    def _code(self, frame: _Frame) -> None:
        start = self._at
        if not frame.operand and self.data[start] == 0x2F and self._regex(start):
            frame.operand, frame.argument = True, None
            return
        match = self._take(_CODE)
        kind, text = match.lastgroup or "any", match[0]
        if kind == "space":
            return
        argument, frame.argument = frame.argument, None
        if kind == "any":
            self._punctuation(frame, text, start, argument)
        elif kind == "unique":
            if frame.operand:
                self._gap(self._at - len(b"unique"), self._at, "unique-name", b"x" * len(b"unique"))
                frame.angles.append((start, True))
                frame.operand = True
            else:
                self._at = start + 1
                self._less(frame, start)
        elif kind == "ends":
            frame.operand = False
            frame.angles.clear()  # a type argument holds none of these outside brackets
        else:
            after_operand = frame.operand
            is_name = kind == "word" and (text not in _OPERATORS or self.data[start - 1 : start] == b".")
            frame.operand = is_name or kind in ("string", "number", "typeof", "import", "key")
            if kind != "key" or after_operand:  # `a: string⏎ in: b`, where no comma or semicolon stands before the key
                self._form(kind, start, text)

    def _regex(self, start: int) -> bool:
        """Go behind the regular expression at `start`, if there is one."""
        if start < self._no_regex or self.data[start + 1 : start + 2] in (b"/", b"*"):
            return False
        match = _REGEX.match(self.data, start)
        line_end = self.data.find(b"\n", start)
        end = match.end() if match is not None else line_end if line_end >= 0 else len(self.data)
        self.looked += end - start
        if match is None:
            self._no_regex = end
        else:
            self._at = end
        return match is not None

    def _form(self, kind: str, start: int, text: bytes) -> None:
        """Note the gap that a token of a telling kind is."""
        end = self._at
        if kind == "typeof":
            self._gap(start, end, "typeof-import", b"x")
        elif kind == "import":
            self._gap(start, end, "import-type", b"x")
        elif kind == "star":
            self._gap(end - len(b"type"), end, "export-type-all")
        elif kind == "override":
            at = start + text.index(b"override")
            self._gap(at, at + len(b"override"), "abstract-override")
        elif kind == "key":
            self._gap(start, end, "operator-key", b"x" * len(text))

    def _punctuation(self, frame: _Frame, byte: bytes, start: int, argument: tuple[int, int] | None) -> None:
        if byte == b"`":
            if argument is not None:
                self._gap(*argument, "template-type-argument")
            frame.operand = True
            self._stack.append(_Frame("template"))
        elif byte in _OPENERS:
            frame.operand = False
            self._stack.append(_Frame("code"))
        elif byte in _CLOSERS:
            self._pop()
            self._stack[-1].operand = True
        elif byte == b"<":
            self._less(frame, start)
        elif byte == b">" and frame.angles:
            opened, after_operand = frame.angles.pop()
            frame.operand = True
            frame.argument = (opened, self._at) if after_operand else None
        else:
            frame.operand = byte == b"!" and frame.operand

    def _less(self, frame: _Frame, start: int) -> None:
        if self._jsx and not frame.operand and self._open_tag(start):
            return
        frame.angles.append((start, frame.operand))
        frame.operand = False

    def _pop(self) -> None:
        if len(self._stack) > 1:
            self._stack.pop()

    def _template(self, frame: _Frame) -> None:
        start, text = self._at, self._take(_TEMPLATE)[0]
        if text == b"`":
            self._pop()
        elif text == b"${":
            self._stack.append(_Frame("code"))
        elif text == b"\\":  # what follows is no escape that the grammar reads; `String.raw` may hold any
            self._gap(start, self._at, "template-escape")

    def _open_tag(self, start: int) -> bool:
        """Enter the element whose `<` stands at `start`, if there is one."""
        match = _TAG_START.match(self.data, start)
        if match is None or (match["name"] is None and not self._closes_later(b"", start)):
            return False
        self._at = match.end()
        self._stack.append(_Frame("children") if match["name"] is None else _Frame("tag", name=match["name"]))
        return True

    def _closes_later(self, name: bytes, start: int) -> bool:
        if self._last_closing is None:
            self._last_closing = {match[1]: match.start() for match in _CLOSING.finditer(self.data)}
            self.looked += len(self.data)
        return self._last_closing.get(name, -1) > start

    def _tag(self, frame: _Frame) -> None:
        start, text = self._at, self._take(_TAG)[0]
        if text[:1] in (b'"', b"'"):
            self._ampersands(start)
        elif text == b"{":
            self._stack.append(_Frame("code"))
        elif text == b"<":
            frame.angles.append((start, False))
        elif text == b">" and frame.angles:
            frame.angles.pop()
        elif text in (b"/>", b">"):
            self._pop()
            if text == b">" and self._closes_later(frame.name, start):
                self._stack.append(_Frame("children"))
            else:
                self._stack[-1].operand = True

    def _ampersands(self, start: int) -> None:
        """Note each `&` of the token before that the grammar takes for a broken reference."""
        at = self.data.find(b"&", start, self._at)
        while at >= 0:
            if _REFERENCE.match(self.data, at, self._at) is None:
                self._gap(at, at + 1, "jsx-ampersand")
            at = self.data.find(b"&", at + 1, self._at)

    def _children(self, frame: _Frame) -> None:
        start, text = self._at, self._take(_TEXT)[0]
        if text == b"&":
            self._gap(start, self._at, "jsx-ampersand")
        elif text == b"{":
            self._stack.append(_Frame("code"))
        elif text[:2] == b"</":
            self._pop()
            self._stack[-1].operand = True
        elif text == b"<":
            self._open_tag(start)
