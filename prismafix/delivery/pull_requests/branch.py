"""Branches at the remote: what is there, whose it is, and how ours gets there without anybody else's being lost."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import quote

from prismafix.delivery.forges.remote import default_remote
from prismafix.delivery.pull_requests.git import Git, GitFailed
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Collection

_PUSH = ("--porcelain", "--no-follow-tags", "--recurse-submodules=no")
_REFS = "refs/prismafix"
_PUSHED = "prismafix-pushed"
_MARK = re.compile(r"<!-- prismafix: tip ([0-9a-f]{40,64}) -->")
_REFUSED = re.compile(r"^!\t[^\t]*\t\[(?P<how>[^]]*)\]\s*(?:\((?P<why>.*)\))?", re.MULTILINE)

_RACE = re.compile(r"cannot lock ref .*(?:but expected|reference already exists|unable to resolve)")
"""What a remote says whose branch moved between its answer and the push."""

_IN_THE_WAY = re.compile(r"'refs/heads/(?P<other>[^']+)' exists; cannot create")
"""What it says where one branch has the name of another's folder."""


def marker(tip: str) -> str:
    """What a body holds, unseen, so that a later run knows what the branch was when this one was done with it."""
    return f"<!-- prismafix: tip {tip} -->"


def marked(body: str) -> frozenset[str]:
    """The tips that a body names."""
    return frozenset(_MARK.findall(body))


def branch_name(start: str, key: str | None, others: Collection[str | None] = ()) -> str:
    """The branch for a rule or a package: `prismafix/fixes-acme-web` for `@acme/web`. It says nothing of `others`, so
    that it is the same in every run, but for names that would be one (`@acme/web` and `acme-web`): those get a number
    that is made of the name."""
    short = _words(key)
    if any(other != key and _words(other) == short for other in others):
        short += f"-{sha256((key or '').encode()).hexdigest()[:6]}"
    return f"{start}-{short}"


def _words(key: str | None) -> str:
    return re.sub(r"[^a-z0-9]+", "-", (key or "").lower()).strip("-") or "root"


def check_name(git: Git, name: str, what: str) -> None:
    """Raises UserError for what git takes for no branch's name."""
    if name.startswith("-") or name == "HEAD" or not git.holds("check-ref-format", f"refs/heads/{name}"):
        raise UserError(f"{what} {name!r} is no name for a branch: letters, digits, - and / will do")


def only_remote(git: Git, wanted: str | None) -> str:
    """The remote to use: the one that is wanted, or git's default for pushes. Raises UserError."""
    if wanted is None:
        return default_remote(git.folder)
    names = git("remote").splitlines()
    if wanted not in names:
        raise UserError(f"there is no remote {wanted!r} (`git remote` lists {', '.join(names) or 'none'})")
    return wanted


def default_branch(git: Git, remote: str) -> str:
    """The branch that the remote's HEAD is. Raises UserError."""
    try:
        from_there, source = _pushed_to(git, remote)
        printed = from_there("ls-remote", "--symref", source, "HEAD")
    except GitFailed as failed:
        raise UserError(f"{remote} does not answer: {failed.line}") from None
    found = re.match(r"ref: refs/heads/(\S+)\tHEAD", printed)
    if found is None:
        raise UserError(f"{remote} does not say what its default branch is: give it with --base")
    return found[1]


def fetch(git: Git, remote: str, branch: str) -> str | None:
    """The commit that a branch of the remote is at, with all that belongs to it; None if there is no such branch. No
    ref of the user's changes, not even `FETCH_HEAD`. Raises UserError."""
    ours = _own_ref(remote, "seen", branch)
    plain = ("--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules", "--no-auto-gc", "--no-prune")
    try:
        from_there, source = _pushed_to(git, remote)
        if not from_there("ls-remote", source, f"refs/heads/{branch}"):
            return None
        from_there("fetch", *plain, "--refmap=", source, f"+refs/heads/{branch}:{ours}")
        return git("rev-parse", "--verify", f"{ours}^{{commit}}")
    except GitFailed as failed:
        raise UserError(f"{branch} could not be fetched from {remote}: {failed.line}") from None


def branches(git: Git, remote: str, start: str) -> list[str]:
    """The branches of the remote whose names begin so. Raises UserError."""
    try:
        from_there, source = _pushed_to(git, remote)
        listed = from_there("ls-remote", source, f"refs/heads/{start}*")
    except GitFailed as failed:
        raise UserError(f"{remote} does not answer: {failed.line}") from None
    return sorted(line.split("\t", 1)[1].removeprefix("refs/heads/") for line in listed.splitlines())


def pushed_before(git: Git, remote: str, branch: str) -> str | None:
    """What this clone pushed last as that branch."""
    try:
        return git("rev-parse", "--verify", "--quiet", _own_ref(remote, "pushed", branch))
    except GitFailed:
        return None


def _own_ref(remote: str, what: str, branch: str) -> str:
    """A ref of ours for a branch. Without a folder: branches that were there at different times may be in each other's
    way."""
    return f"{_REFS}/{remote}/{what}/{quote(branch, safe='')}"


def _pushed_to(git: Git, remote: str) -> tuple[Git, str]:
    """git, and the name under which it fetches from the repository that `remote` pushes to: where that is another one
    (`pushurl`), its branches count. The address may hold a password: it is in no argument."""
    with suppress(GitFailed):
        url = git("config", "--get-all", f"remote.{remote}.pushurl").splitlines()[0]
        return replace(git, settings=(*git.settings, (f"remote.{_PUSHED}.url", url))), _PUSHED
    return git, remote


def push(git: Git, remote: str, branch: str, commit: str, expected: str | None) -> None:
    """Let the remote's branch be at `commit`, provided that it is at `expected` (None: not there). Raises UserError,
    and then the remote's branch is as it was."""
    lease = f"--force-with-lease=refs/heads/{branch}:{expected or ''}"
    try:
        git("push", *_PUSH, lease, remote, f"{commit}:refs/heads/{branch}")
    except GitFailed as failed:
        raise UserError(_why_refused(failed, remote, branch)) from None
    with suppress(GitFailed):  # it is pushed all the same, and the text of the pull request says so too
        git("update-ref", _own_ref(remote, "pushed", branch), commit)


def _why_refused(failed: GitFailed, remote: str, branch: str) -> str:
    refused = _REFUSED.search(failed.printed)
    if refused is None:  # it never came to that: no network, no rights, a hook
        lines = [line for line in failed.said.splitlines() if not line.startswith("error: failed to push")]
        said = GitFailed("\n".join(lines)).line
        return f"{branch} could not be pushed to {remote}: {said}"
    why = refused["why"] or refused["how"]
    if why == "non-fast-forward":  # the remote's word: with a lease git itself says "stale info"
        return f"{remote} lets nobody rewrite {branch}: delete it there, or give another name with --branch"
    if in_the_way := _IN_THE_WAY.search(f"{why} {failed.said}"):
        other = in_the_way["other"]
        return f"{remote} has the branch {other}, so there can be no {branch}: give another name with --branch"
    if why in ("stale info", "fetch first") or _RACE.search(f"{why} {failed.said}"):
        return f"somebody else pushed to {branch} at the same moment, and nothing of theirs was lost: run this again"
    told = [line.removeprefix("remote:").strip() for line in failed.said.splitlines() if line.startswith("remote:")]
    details = "; ".join(line for line in told if line)
    return f"{remote} refused {branch} ({why}){': ' + details if details else ''}"
