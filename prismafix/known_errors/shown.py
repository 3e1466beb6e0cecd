"""What is known about an error, and what a log holds, as text for people and as data for programs."""

from __future__ import annotations

import re
from textwrap import fill
from typing import TYPE_CHECKING, Any

from prismafix.connection.masking import mask
from prismafix.known_errors.catalogue import query_logging
from prismafix.known_errors.causes import SUFFIXES, Site, sites, suspects
from prismafix.known_errors.frames import Sources
from prismafix.report.words import visible
from prismafix.rules.registry import names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from prismafix.engine.model import Reported
    from prismafix.known_errors.causes import Suspect
    from prismafix.known_errors.model import Frame, Group, KnownError, Log

ENGINE_ONLY = "Only the Rust engine of Prisma 2 to 6 does this: it is known from documentation, and was not measured."
_MOST_SITES = 5
_MOST_SUSPECTS = 5


def causes(error: KnownError) -> tuple[str, ...]:
    """The codes of the rules that find what causes the error; only of rules that there are."""
    return tuple(code for code in error.causes if code in names())


def explanation(error: KnownError, width: int) -> str:
    """All that is known about an error, in lines of at most `width` characters (code may be longer)."""
    parts = [heading(error), error.title + "."]
    if error.engine_only:
        parts.append(ENGINE_ONLY)
    for title, text in error.sections:
        parts += [f"{title}:", text]
    if found := causes(error):
        rules = ", ".join(f"{code} {names()[code]}" for code in found)
        parts.append(
            f"Rules that find the causes: {rules}. `prismafix check --select {','.join(found)}` looks for them."
        )
    parts += [f"Where it exists: {error.exists}", f"Known from: {error.known_from}"]
    if error.slow_query:
        parts.append(query_logging())
    return "\n\n".join(_wrapped(part, width) for part in parts)


def heading(error: KnownError) -> str:
    """`P2024 pool-timeout`, or the name alone."""
    return error.name if error.code is None else f"{error.code} {error.name}"


def explanation_data(error: KnownError) -> dict[str, Any]:
    """The same as data."""
    return {
        "kind": "error",
        "key": error.key,
        "code": error.code,
        "name": error.name,
        "title": error.title,
        "also": list(error.also),
        "sections": [{"title": title, "text": text} for title, text in error.sections],
        "rules": list(causes(error)),
        "exists": error.exists,
        "known_from": error.known_from,
        "engine_only": error.engine_only,
        "query_logging": query_logging() if error.slow_query else None,
    }


def log_text(log: Log, findings: Sequence[Reported] | None, files: Sequence[str], width: int) -> str:
    """What a log holds. `findings` and `files` are those of the project; no findings: there is no project. Nothing is
    repeated of the log but operations, places, times and numbers, and no password."""
    lines = f"{log.lines} line{'' if log.lines == 1 else 's'} read"
    if not log.groups:
        return _wrapped(
            f"{lines}: no error in them that prismafix knows. `prismafix explain --list` shows those.", width
        )
    sources = _sources(files) if findings is not None else None
    groups = _ordered(log)
    parts = []
    named: dict[tuple[int, ...], str] = {}
    for group in groups:
        parts.append("\n".join(_group_lines(group, sources, width)))
        if findings is None or sources is None or not causes(group.error):
            continue
        found = suspects(group, findings, sources)
        before = named.setdefault(tuple(id(suspect.reported) for suspect in found), group.error.name)
        if found and before != group.error.name:
            parts.append(f"    In this project it would come from the same as {before}.")
        else:
            parts.append("\n".join(_suspect_lines(found, width)))
    first = groups[0].error
    if now := dict(first.sections).get("Now"):
        parts += [f"Now, against {heading(first)}:", _wrapped(now, width)]
    fixable = any(r.applicability != "none" for g in groups for r in findings or () if r.finding.code in g.error.causes)
    if fixable:
        parts.append("For good: `prismafix fix --diff` shows what prismafix would change, and changes nothing.")
    parts.append(f"{lines}. More about each: {', '.join(f'`prismafix explain {g.error.key}`' for g in groups)}.")
    return "\n\n".join([*parts[:-1], _wrapped(parts[-1], width)])


def log_data(log: Log, findings: Sequence[Reported] | None, files: Sequence[str], root: str | None) -> dict[str, Any]:
    """The same as data. Paths of findings are relative to `root`."""
    sources = _sources(files) if findings is not None else None
    return {
        "kind": "log",
        "lines": log.lines,
        "root": root,
        "errors": [_group_data(group, findings, sources) for group in _ordered(log)],
    }


def _ordered(log: Log) -> list[Group]:
    return sorted(log.groups.values(), key=lambda group: (-group.count, group.error.key))


def _sources(files: Sequence[str]) -> Sources:
    return Sources(path for path in files if path.endswith(SUFFIXES))


def _group_lines(group: Group, sources: Sources | None, width: int) -> Iterator[str]:
    yield f"{heading(group.error)}: {group.error.title}"
    yield _indented(_how_often(group), width)
    found = sites(group, sources)
    for site in found[:_MOST_SITES]:
        yield _indented(f"{_place(site)} ({_times(site.count)})", width)
    if len(found) > _MOST_SITES:
        yield f"    and {len(found) - _MOST_SITES}{' or more' if group.more_sites else ''} other places"
    meaning = group.error.sections[0][1]
    yield from ("    " + line for line in _wrapped(meaning, width - 4).split("\n"))


def _how_often(group: Group) -> str:
    text = _times(group.count)
    if group.first is not None and group.last is not None:
        same = group.first.text == group.last.text
        text += f", at {group.first.text}" if same else f", from {group.first.text} to {group.last.text}"
    if group.codes and set(group.codes) != {group.error.key}:
        text += f" (as {', '.join(sorted(group.codes))})"
    for numbers in sorted(group.numbers, key=lambda n: -group.numbers[n])[:1]:
        text += "; " + ", ".join(f"{name} {value}" for name, value in numbers)
    return text


def _place(site: Site) -> str:
    parts = [site.operation] if site.operation else []
    if site.frame is not None:
        parts.append(f"{'at ' if parts else ''}{_shown(site.frame)}")
    if site.path is not None and site.frame is not None and not site.frame.path.endswith("/" + site.path):
        parts.append(f"= {visible(site.path)}{f':{site.line}' if site.line else ''} here")
    return " ".join(parts)


def _shown(frame: Frame) -> str:
    return f"{visible(mask(frame.path))}:{frame.line}"


def _suspect_lines(found: Sequence[Suspect], width: int) -> Iterator[str]:
    if not found:
        yield "    In this project `prismafix check` finds nothing that causes it."
        return
    yield "    In this project it would come from:"
    for suspect in found[:_MOST_SUSPECTS]:
        r = suspect.reported
        near = "" if suspect.near == "elsewhere" else f" [{suspect.near}]"
        text = f"{r.finding.path}:{r.line}:{r.column} {r.finding.code} {names().get(r.finding.code, '')}"
        yield _indented(f"{visible(text)}{near}: {visible(mask(r.finding.message))}", width)
    if more := len(found) - _MOST_SUSPECTS:
        codes = ",".join(sorted({s.reported.finding.code for s in found}))
        if more > 0:
            yield f"    and {more} more: `prismafix check --select {codes}`"


def _times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def _indented(text: str, width: int) -> str:
    return fill(text, width, initial_indent="    ", subsequent_indent="      ", **_UNBROKEN)


_UNBROKEN: dict[str, Any] = {"break_long_words": False, "break_on_hyphens": False}
_ITEM = re.compile(r"^- ", re.MULTILINE)


def _wrapped(text: str, width: int) -> str:
    """Paragraphs and list items in lines of at most `width`; code stays as it is."""
    blocks: list[str] = []
    for paragraph in text.split("\n\n") if "```" not in text else re.split(r"\n\n(?=```|[A-Z`])", text):
        if paragraph.startswith("```"):
            blocks.append("\n".join(f"    {line}".rstrip() for line in paragraph.split("\n")[1:-1]))
        elif paragraph.startswith("- "):
            items = _ITEM.split(paragraph)[1:]
            blocks.append(
                "\n".join(
                    fill(i.strip(), width, initial_indent="- ", subsequent_indent="  ", **_UNBROKEN) for i in items
                )
            )
        else:
            blocks.append(fill(paragraph, width, **_UNBROKEN))
    return "\n\n".join(blocks)


def _group_data(group: Group, findings: Sequence[Reported] | None, sources: Sources | None) -> dict[str, Any]:
    error = group.error
    found = suspects(group, findings, sources) if findings is not None and sources is not None else None
    return {
        "key": error.key,
        "code": error.code,
        "name": error.name,
        "title": error.title,
        "engine_only": error.engine_only,
        "count": group.count,
        "first": group.first.text if group.first is not None else None,
        "last": group.last.text if group.last is not None else None,
        "codes": dict(sorted(group.codes.items())),
        "sites": [
            {
                "operation": site.operation,
                "logged": _shown(site.frame) if site.frame is not None else None,
                "path": site.path,
                "line": site.line or None,
                "count": site.count,
            }
            for site in sites(group, sources)
        ],
        "more_sites": group.more_sites,
        "findings": None
        if found is None
        else [
            {
                "code": suspect.reported.finding.code,
                "path": suspect.reported.finding.path,
                "line": suspect.reported.line,
                "column": suspect.reported.column,
                "message": mask(suspect.reported.finding.message),
                "fingerprint": suspect.reported.fingerprint,
                "applicability": suspect.reported.applicability,
                "near": suspect.near,
            }
            for suspect in found
        ],
    }
