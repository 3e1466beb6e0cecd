"""The fixes as a tree: package, rule, file, fix."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from prismafix.report.words import plain, title_of
from prismafix.rules.registry import names

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.engine.model import Proposal


@dataclass(frozen=True, slots=True)
class Node:
    """A group of fixes (`children`), or one (`kind` is fix). `fixes` are the ids of all in it, as they are shown.
    `folder`: where the file is that the label names."""

    kind: Literal["package", "rule", "file", "fix"]
    label: str
    fixes: tuple[str, ...]
    children: tuple[Node, ...] = ()
    folder: str = ""


def tree_of(proposals: Iterable[Proposal]) -> tuple[Node, ...]:
    """The packages. A file in which a rule has one fix is that fix."""
    grouped: dict[str, dict[str, dict[str, list[Proposal]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(list))
    )
    for proposal in proposals:
        grouped[package_of(proposal)][proposal.code][path_of(proposal)].append(proposal)
    return tuple(
        _group("package", package, (_rule(code, files) for code, files in sorted(rules.items())))
        for package, rules in sorted(grouped.items())
    )


def leaves(nodes: Iterable[Node]) -> Iterator[str]:
    """The ids of the fixes from the top of the tree."""
    for node in nodes:
        yield from node.fixes


def package_of(proposal: Proposal) -> str:
    """The name of the package that a fix is in."""
    return plain(proposal.package) if proposal.package else "whole workspace"


def path_of(proposal: Proposal) -> str:
    """The file that a fix is about."""
    return proposal.findings[0].finding.path if proposal.findings else proposal.changes[0].path


def line_of(proposal: Proposal) -> int:
    """The line (1-based) that a fix is about."""
    return proposal.findings[0].line if proposal.findings else 1


def rule_name(code: str) -> str:
    """A rule's code and name."""
    return f"{code} {names().get(code, '')}".rstrip()


def _rule(code: str, files: dict[str, list[Proposal]]) -> Node:
    return _group("rule", rule_name(code), (_file(path, fixes) for path, fixes in sorted(files.items())))


def _file(path: str, proposals: list[Proposal]) -> Node:
    proposals = sorted(proposals, key=line_of)
    folder, name = _named(path)
    if len(proposals) == 1:
        return Node("fix", f"{name}:{line_of(proposals[0])}", (proposals[0].fix_id,), folder=folder)
    fixes = (Node("fix", f"{line_of(one)}: {plain(title_of(one.title, path))}", (one.fix_id,)) for one in proposals)
    return _group("file", name, fixes, folder)


def _named(path: str) -> tuple[str, str]:
    """A path as folder and name. With the last folder: many a framework calls all files `route.ts`."""
    *folders, name = plain(path).replace("\t", " ").split("/")  # a tree does not know how wide a tab is
    return "/".join(folders[:-1]), "/".join([*folders[-1:], name])


def _group(kind: Literal["package", "rule", "file"], label: str, children: Iterable[Node], folder: str = "") -> Node:
    nodes = tuple(children)
    return Node(kind, label, tuple(leaves(nodes)), nodes, folder)
