"""A campaign as a batch spec of Sourcegraph Batch Changes.

The fields are those of https://sourcegraph.com/docs/batch-changes/batch-spec-yaml-reference. There, each repository is
unpacked into a container, the steps are run, and what they changed becomes one changeset.
"""

from __future__ import annotations

import re
import shlex
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import yaml

from prismafix.delivery.campaign.clones import remote_url
from prismafix.delivery.forges.remote import parse
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.delivery.campaign.model import Campaign, Wanted

_SUBJECT = "fix(prisma): use fewer database connections"
_BODY = """Made by prismafix, which finds the code and configuration that use up the connections of a database, and \
rewrites them.

`prismafix check` in the repository lists what is left, and `prismafix explain CODE` says what a rule is about."""


def to_batch_spec(campaign: Campaign, container: str) -> tuple[str, tuple[str, ...]]:
    """The spec as YAML, and a line for people about each thing that it cannot say. `container` is an image that has
    prismafix in it. Raises UserError if no repository is at a host."""
    notes: list[str] = []
    names = {}
    for wanted in campaign.repositories:
        name = _name(wanted)
        if name is None:
            notes.append(f"{wanted.name} is left out: it has no remote at a host that Sourcegraph could know")
        else:
            names[wanted] = name
            notes += (f"{wanted.name}: {text}" for text in _lost(wanted))
    if not names:
        raise UserError(f"{campaign.file}: no repository has a remote at a host, so there is nothing to export")
    branches = sorted({wanted.branch for wanted in names})
    if len(branches) > 1:
        notes.append(f"one branch for all: {branches[0]} instead of {', '.join(branches[1:])} too")
    spec = {
        "name": re.sub(r"[^\w.-]+", "-", campaign.name).strip("-") or "prismafix",
        "description": f"{campaign.name}: fixes of prismafix.",
        "on": [_on(wanted, name) for wanted, name in names.items()],
        "steps": [{"run": _script(names), "container": container}],
        "changesetTemplate": {
            "title": _SUBJECT,
            "body": _BODY,
            "branch": branches[0],
            "commit": {"message": f"{_SUBJECT}\n\nMade by prismafix."},
            "published": _published(names),
        },
    }
    return yaml.dump(spec, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100), tuple(notes)


def _name(wanted: Wanted) -> str | None:
    """What Sourcegraph calls a repository: `github.com/acme/shop`."""
    url = wanted.url
    if wanted.path is not None:
        try:
            url = remote_url(wanted.path, wanted.remote or "origin")
        except UserError:
            return None
    assert url is not None
    place = parse(url)
    return f"{place.host}/{place.path}" if place.host and place.path else None


def _on(wanted: Wanted, name: str) -> dict[str, str]:
    return {"repository": name} | ({"branch": wanted.base} if wanted.base is not None else {})


def _script(names: dict[Wanted, str]) -> str:
    """What is run: one command, or one for each group of repositories that want the same. Exit code 1 says that
    findings are left."""
    groups: dict[str, list[str]] = defaultdict(list)
    for wanted, name in names.items():
        groups[_command(wanted)].append(name)
    if len(groups) == 1:
        return f"{next(iter(groups))} || test $? -eq 1\n"
    lines = ['case "${{ repository.name }}" in']
    lines += [f"  {'|'.join(map(shlex.quote, group))}) {command} ;;" for command, group in groups.items()]
    return "\n".join([*lines, "esac || test $? -eq 1"]) + "\n"


def _command(wanted: Wanted) -> str:
    words = ["prismafix", "fix", "--no-cache"]
    words += ["--unsafe-fixes"] if wanted.unsafe else []
    words += ["--verify"] if wanted.verify else []
    for option, codes in (("--select", wanted.select), ("--ignore", wanted.ignore)):
        words += [option, ",".join(codes)] if codes else []
    where = f"cd {shlex.quote(wanted.folder)} && " if wanted.folder else ""
    # Patterns are the shell's: it has to see their stars.
    packages = [re.sub(r"[^\w./*?@+-]", lambda match: "\\" + match[0], pattern) for pattern in wanted.packages]
    return where + " ".join([*(shlex.quote(word) for word in words), *(packages or ["."])])


def _lost(wanted: Wanted) -> Iterator[str]:
    if wanted.per != "all":
        yield f'per = "{wanted.per}" is not exported: a batch spec makes one changeset of a repository'
    if wanted.labels or wanted.reviewers:
        yield "labels and reviewers are not exported: a batch spec has none"
    if wanted.open == "branch":
        yield 'open = "branch" becomes a changeset that is not published'


def _published(names: dict[Wanted, str]) -> Any:
    def one(wanted: Wanted) -> bool | str:
        return False if wanted.open != "pull-request" else "draft" if wanted.draft else True

    if len({one(wanted) for wanted in names}) == 1:
        return one(next(iter(names)))
    return [{name: one(wanted)} for wanted, name in names.items()]


class _Dumper(yaml.SafeDumper):
    """Texts of several lines stay readable."""


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)
