"""The baseline: findings that a project knows of already, by fingerprint, so that only new ones are reported.

A file of it is JSON with one finding per line, sorted, so that changes to it are easy to review and to merge:

    {"version": 1, "findings": [
      {"code": "PF303", "path": "src/a.ts", "fingerprint": "0123456789abcdef"}
    ]}

It holds no text of the project but paths, and no line numbers: fingerprints survive shifted lines.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.engine.selection import selector
from prismafix.engine.summary import deciding
from prismafix.errors import UserError
from prismafix.rules.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from prismafix.engine.model import Options, Result

FILE = "prismafix-baseline.json"
_FINGERPRINT = re.compile("[0-9a-f]{16}")


@dataclass(frozen=True, slots=True, order=True)
class Known:
    """One finding of a baseline."""

    path: str
    code: str
    fingerprint: str


def entries(result: Result) -> list[Known]:
    """The findings that a baseline of `result` holds: those that decide the exit code, which excludes suppressed ones
    and those in files that git ignores."""
    return [Known(r.finding.path, r.finding.code, r.fingerprint) for r in deciding(result)]


def gone(known: Iterable[Known], result: Result, options: Options) -> list[Known]:
    """Those of `known` that are not there any more, as far as `result` can tell: what was not looked for (other rules,
    other paths) is not gone."""
    why_hidden = selector(options)
    return [
        one
        for one in known
        if one.fingerprint not in result.known and not why_hidden(Finding(one.code, one.path, 0, 0, ""))
    ]


def to_text(known: Iterable[Known]) -> str:
    """The contents of the file."""
    rows = [
        json.dumps({"code": one.code, "path": one.path, "fingerprint": one.fingerprint}, ensure_ascii=False)
        for one in sorted(set(known))
    ]
    listed = ",".join(f"\n  {row}" for row in rows) + ("\n" if rows else "")
    return f'{{"version": 1, "findings": [{listed}]}}\n'


def read(file: Path) -> list[Known]:
    """The findings of the baseline in `file`, sorted. Raises UserError if it is missing or is none."""
    try:
        data = json.loads(file.read_bytes())
    except OSError as error:
        way_out = "write one with `prismafix check --write-baseline FILE`"
        raise UserError(f"the baseline {file} cannot be read: {error.strerror}: {way_out}") from None
    except ValueError as error:  # malformed JSON, or no UTF-8
        raise _damaged(file, f"it is no valid JSON ({error})") from None
    if not isinstance(data, dict) or not isinstance(data.get("findings"), list):
        raise _damaged(file, 'it has no list "findings"')
    if data.get("version") != 1:
        raise _damaged(file, f"its version is {json.dumps(data.get('version'))}, and this prismafix knows version 1")
    found = []
    for number, row in enumerate(data["findings"], 1):
        said = row if isinstance(row, dict) else {}
        values = [str(value) for key in ("path", "code", "fingerprint") if isinstance(value := said.get(key), str)]
        if len(values) != 3 or not _FINGERPRINT.fullmatch(values[2]):
            raise _damaged(file, f"its finding {number} is not a code, a path and a fingerprint of 16 digits")
        found.append(Known(*values))
    return sorted(set(found))


def _damaged(file: Path, what: str) -> UserError:
    return UserError(
        f"the baseline {file} cannot be used: {what}. Mend it, or write it anew with "
        f"`prismafix check --write-baseline {file}`"
    )
