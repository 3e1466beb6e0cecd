"""Which findings the user wants to hear of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prismafix.workspace.model import within
from prismafix.workspace.tree import matcher

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.engine.model import Options, Override
    from prismafix.rules.model import Finding


def selector(options: Options) -> Callable[[Finding], str]:
    """A function that says why a finding is not reported ("" when it is), in words that follow "which is".

    `ignore` wins over `select`. Of the overrides that match the finding's file, the last one with a `select` replaces
    the general one, and each adds its `ignore`.
    """
    overrides = [(override, _matcher(override)) for override in options.overrides]

    def why_hidden(finding: Finding) -> str:
        select, ignore = options.select, options.ignore
        for override, matches in overrides:
            if matches(finding.path):
                select, ignore = override.select or select, ignore + override.ignore
        if select and not _named(finding.code, select):
            return "not selected"
        if _named(finding.code, ignore):
            return "ignored"
        if options.paths and not any(within(finding.path, path) for path in options.paths):
            return "outside of the given paths"
        return ""

    return why_hidden


def _named(code: str, prefixes: tuple[str, ...]) -> bool:
    return any(code.startswith(prefix.upper()) for prefix in prefixes)


def _matcher(override: Override) -> Callable[[str], bool]:
    matches = matcher(override.patterns)

    def inside(path: str) -> bool:
        if not within(path, override.folder):
            return False
        relative = path.removeprefix(override.folder + "/") if override.folder else path
        return matches is None or matches(relative)

    return inside
