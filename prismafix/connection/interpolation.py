"""Places in a text that something else fills in later: `${DB_USER}`, `$DB_USER`, `{{ .Values.x }}`, `$(X)`, `<host>`.

What will stand there is unknown, so nothing in it may be taken for a delimiter.
"""

from __future__ import annotations

import re

FILLER = (
    "\ufffc"  # stands for each character of an interpolation; is no part of any connection string that people write
)

_INTERPOLATION = re.compile(
    r"""
      \$\{\{ .*? \}\}                                      # ${{ secrets.X }}: GitHub Actions
    | \{\{ [^{};]* \}\}                                    # {{ .Values.x }}: Helm, Jinja, CloudFormation
    | \$\{ (?: [^{}] | \{ (?: [^{}] | \{[^{}]*\} )* \} )* \}   # ${X}, ${X:-a}, ${A:-${B}}
    | \$\( (?: [^()] | \([^()]*\) )* \)                    # $(X): Kubernetes, shells
    | <% .*? %>                                            # templates
    | \#\{ [^{}]* \}
    | < [^<>\s@:/]+ >                                      # <host>: left for the reader to fill in
    | \[ [A-Za-z] [^\[\]:@/]* \]                           # [YOUR-PASSWORD]; an IPv6 address has a colon
    | \$ [A-Za-z_] \w*
    """,
    re.VERBOSE,
)


def shape(text: str) -> str:
    """`text` with each character of an interpolation replaced by `FILLER`: same length, so offsets hold for both."""
    return _INTERPOLATION.sub(lambda match: FILLER * len(match[0]), text)


def interpolations(text: str) -> tuple[str, ...]:
    """All interpolations in `text`, as written."""
    return tuple(match[0] for match in _INTERPOLATION.finditer(text))


def is_interpolation(text: str) -> bool:
    """Is `text` nothing but one or more interpolations?"""
    return bool(text) and set(shape(text)) == {FILLER}
