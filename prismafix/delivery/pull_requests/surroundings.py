"""What stands around a pull request: the variables that no commit can change, the databases, the code's owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.delivery.forges import codeowners
from prismafix.delivery.pull_requests.body import Secret
from prismafix.delivery.pull_requests.git import Git, GitFailed
from prismafix.workspace.discover import discover_workspace
from prismafix.workspace.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from prismafix.delivery.forges.model import Kind
    from prismafix.engine.model import Result
    from prismafix.workspace.workspace import Workspace

_ABOUT_URLS = ("PF501", "PF502", "PF503", "PF504", "PF505", "PF506")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`secrets` as they were found, a name perhaps twice; `providers` of all schemas, sorted."""

    secrets: tuple[Secret, ...]
    providers: tuple[str, ...]


def secrets_of(tree: Path, checkout: Path, result: Result) -> Surroundings:
    """The names of variables to change by hand: those that a finding about connection strings is about, and those of
    serverless deployments whose value is kept elsewhere, or in a file of `checkout` that git ignores. No value."""
    if not result.uses_prisma:
        return Surroundings((), ())
    workspace = discover_workspace(tree)
    found = [*_of_findings(result), *_kept_elsewhere(workspace)]
    if checkout.is_dir():
        found += _kept_elsewhere(discover_workspace(checkout), ignored=True)
    providers = sorted({schema.provider for schema in workspace.schemas if schema.provider})
    return Surroundings(tuple(found), tuple(providers))


def _of_findings(result: Result) -> Iterator[Secret]:
    for reported in result.findings:
        finding = reported.finding
        if finding.code in _ABOUT_URLS and reported.state != "suppressed" and finding.symbol.isupper():
            yield Secret(finding.symbol, "what is said here of its value holds for the deployment's own value too")


def _kept_elsewhere(workspace: Workspace, *, ignored: bool = False) -> Iterator[Secret]:
    for setting in settings_of(workspace):
        package = workspace.package_of(setting.path)
        target = setting.target if setting.target != "unknown" or package is None else package.target
        is_kept = setting.path in workspace.ignored if ignored else setting.reference
        name = setting.variable or setting.name
        if is_kept and not setting.sample and target == "serverless" and name.isupper():
            yield Secret(name, "its value is not in the repository; `prismafix url` says what it should be")


def reviewers(git: Git, commit: str, kind: Kind, paths: Sequence[str]) -> tuple[str, ...]:
    """Who the CODEOWNERS of a commit says owns the paths (relative to the repository), as logins and `org/team`."""

    def read(path: str) -> str | None:
        try:
            return git.raw("show", f"{commit}:{path}").decode("utf-8", "replace")
        except GitFailed:
            return None

    return codeowners.reviewers(kind, paths, read)
