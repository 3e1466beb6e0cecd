"""From a repository to its pull requests: analysed at the base, committed in a work tree of our own, pushed, opened."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from prismafix.connection.masking import mask
from prismafix.delivery.forges.model import Draft, ForgeRefused, ForgeUnreachable
from prismafix.delivery.messages import subject
from prismafix.delivery.pull_requests.body import LIMITS, Story, body, fixed_findings, secret_names
from prismafix.delivery.pull_requests.branch import (
    branch_name,
    branches,
    check_name,
    default_branch,
    fetch,
    marked,
    only_remote,
    push,
    pushed_before,
)
from prismafix.delivery.pull_requests.git import Git, GitFailed, open_git
from prismafix.delivery.pull_requests.links import link_generated, link_installed
from prismafix.delivery.pull_requests.making import Made, make
from prismafix.delivery.pull_requests.model import Proposed
from prismafix.delivery.pull_requests.surroundings import reviewers, secrets_of
from prismafix.delivery.pull_requests.tree import WorkTree, work_tree
from prismafix.engine.summary import remaining
from prismafix.errors import UserError
from prismafix.report.diff import patch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prismafix.delivery.forges.model import Forge, Kind, Opened, PullRequest
    from prismafix.delivery.messages import By
    from prismafix.delivery.pull_requests.body import Secret
    from prismafix.delivery.pull_requests.model import Ask, Status
    from prismafix.engine.model import AppliedFix, Proposal, Reported, Result

_LATER = "it builds on what another pull request of this run brings: run this again once that is merged"


@dataclass(frozen=True, slots=True)
class _Part:
    """What one pull request is about: all (`key` is None and `is_all`), a rule's code, or a package's name."""

    branch: str
    key: str | None = None
    is_all: bool = True


@dataclass(slots=True)
class _Job:
    """One run. `at` is the commit of the base; `results` are those that are known already, by commit and key."""

    ask: Ask
    forge: Forge | None
    say: Callable[[str], object]
    git: Git
    tree: WorkTree
    remote: str
    base: str
    at: str
    prefix: str
    secrets: tuple[Secret, ...] = ()
    providers: tuple[str, ...] = ()
    results: dict[tuple[str, str | None, bool], Result] = field(default_factory=dict)


def propose(ask: Ask, forge: Forge | None, say: Callable[[str], object]) -> tuple[Proposed, ...]:
    """Make or bring up to date the pull requests of one repository; `say` is told what happens, a line at a time.

    Without `forge` only a dry run is possible. One `Proposed` at least comes back. What is done already when something
    fails stays, and the next run goes on from there. Raises UserError (ForgeRefused and ForgeUnreachable are some): one
    line without passwords and tokens."""
    try:
        return _propose(ask, forge, lambda line: say(mask(line)))
    except UserError as error:  # a forge or a hook may say anything
        raise type(error)(mask(str(error))) from None


def _propose(ask: Ask, forge: Forge | None, say: Callable[[str], object]) -> tuple[Proposed, ...]:
    if forge is None and not ask.dry_run:
        raise UserError("a pull request needs a forge to open it at: name one, or make a dry run")
    if ask.per != "all" and ask.analyse_only is None:
        raise UserError(f"--per {ask.per} needs an analysis that can leave fixes out")
    git = open_git(ask.root)
    remote = forge.remote.name if forge is not None else only_remote(git, ask.remote)
    base = ask.base or (forge.default_branch() if forge is not None else default_branch(git, remote))
    check_name(git, base, "--base")
    check_name(git, ask.branch, "--branch")
    if ask.branch == base:
        raise UserError(f"--branch {ask.branch} is the base itself: give another name")
    at = fetch(git, remote, base)
    if at is None:
        raise UserError(f"{remote} has no branch {base}: `git ls-remote --heads {remote}` lists what --base can be")
    _tell_what_differs(git, remote, base, at, say)
    with work_tree(git, at, hooks=ask.hooks) as tree:
        job = _Job(ask, forge, say, git, tree, remote, base, at, _below(git))
        if not tree.root.is_dir():
            raise UserError(f"{job.prefix.rstrip('/')} is not in {remote}/{base}: push it there first, or give --base")
        _tell_what_is_missing(job)
        return tuple(_proposals(job))


def _below(git: Git) -> str:
    return git("rev-parse", "--show-prefix")


def _tell_what_differs(git: Git, remote: str, base: str, at: str, say: Callable[[str], object]) -> None:
    quiet = Git(git.folder, (("core.fsmonitor", "false"),))
    if not quiet.holds("--no-optional-locks", "diff", "--quiet", "--no-ext-diff", "--ignore-submodules", at, "--"):
        say(f"{remote}/{base} ({at[:7]}) is what is looked at; your checkout differs from it, and stays as it is")


def _tell_what_is_missing(job: _Job) -> None:
    """Submodules are not checked out, and what is installed for another package.json does not count."""
    here = Path(job.git("rev-parse", "--show-toplevel"))
    listed = job.tree.git.names("ls-files", "-s", "-z")
    modules = [entry.split("\t", 1)[1] for entry in listed if entry.startswith("160000 ")]
    if modules:
        job.say(f"submodules are not looked at: {', '.join(modules)}")
    if any(entry.startswith("S ") for entry in job.tree.git.names("ls-files", "-t", "-z")):
        job.say("your checkout is sparse: only what it takes in is looked at")
    manifests = [path for path in (entry.split("\t", 1)[1] for entry in listed) if path.endswith("package.json")]
    manifests = [path for path in manifests if path.rpartition("/")[2] == "package.json"]
    others = link_installed(here, job.tree.top, manifests)
    if others and job.ask.compiles:
        shown = ", ".join(others[:5]) + (", …" if len(others) > 5 else "")
        job.say(f"what is installed in {shown} is not used: package.json differs from {job.remote}/{job.base}")
    if job.ask.compiles:
        for schema in link_generated(job.ask.root.resolve(), job.tree.root, job.tree.git):
            job.say(f"the client of {schema} in your checkout is of another schema than {job.remote}/{job.base} has")


def _proposals(job: _Job) -> Iterator[Proposed]:
    whole = _analyse(job, job.at, None, is_all=True)
    known = secrets_of(job.tree.root, job.ask.root, whole)
    job.secrets, job.providers = secret_names(known.secrets), known.providers
    parts = list(_parts(job, whole))
    for part in parts:
        yield _propose_part(job, part, whole)
    done = {part.branch for part in parts}
    there = branches(job.git, job.remote, job.ask.branch) if job.forge is not None else []
    found = [p for branch in there if branch not in done and _is_for(job, branch) for p in _spent(job, branch)]
    yield from found
    for branch in there if parts else ():
        if branch not in done and not _is_for(job, branch):
            _tell_of_another_per(job, branch)
    if not parts and not found:
        yield Proposed(job.ask.branch, job.base, "nothing")


def _parts(job: _Job, whole: Result) -> Iterator[_Part]:
    if job.ask.per == "all":
        if whole.fixes:
            yield _Part(job.ask.branch)
        return
    keys = {_key(job, fix) for fix in whole.fixes}
    packages = {reported.finding.package for reported in whole.findings} if job.ask.per == "package" else set()
    for key in sorted(keys, key=lambda key: key or ""):
        name = branch_name(job.ask.branch, key, keys | packages)
        check_name(job.git, name, "the branch")
        yield _Part(name, key, is_all=False)


def _key(job: _Job, fix: AppliedFix | Proposal) -> str | None:
    return fix.code if job.ask.per == "rule" else fix.package


def _analyse(job: _Job, commit: str, key: str | None, *, is_all: bool) -> Result:
    """The result at a commit: of all, or with the fixes of a rule or package alone. Leaves the work tree there."""
    job.tree.go_to(commit)
    known = job.results.get((commit, key, is_all))
    if known is None:
        if is_all or job.ask.analyse_only is None:
            known = job.ask.analyse(job.tree.root)
        else:
            known = job.ask.analyse_only(job.tree.root, lambda proposal: _key(job, proposal) == key)
        job.results[commit, key, is_all] = known
    return known


def _propose_part(job: _Job, part: _Part, whole: Result) -> Proposed:
    """One pull request, from the look at what is there to what is there then."""
    request = job.forge.find(part.branch) if job.forge is not None else None
    seen = fetch(job.git, job.remote, part.branch)
    if request is not None and request.state == "closed":
        return _left_alone(job, part, request, f"{_called(request)} was closed: reopen it, or use another --branch")
    if request is not None and request.state == "open" and request.base != job.base:
        return _left_alone(job, part, request, f"{_called(request)} is for {request.base}: use another --branch")
    result = whole if part.is_all or _is_only(job, whole) else _analyse(job, job.at, part.key, is_all=False)
    job.tree.go_to(job.at)
    made = make(job.tree, result, job.ask)
    if not made.commits:
        return replace(Proposed(part.branch, job.base, "nothing"), notes=made.notes)
    same = seen is not None and _holds(job, seen, made)
    if seen is not None and not same and not _is_ours(job, part, seen, request):
        text = f"{part.branch} is at {seen[:7]}, which somebody else pushed: use another --branch, or delete it"
        return _left_alone(job, part, request, text)
    tip = seen if seen is not None and same else made.tip
    draft = _draft(job, part, made, whole, tip)
    is_open = request is not None and request.state == "open"
    is_told = request is not None and is_open and _is_same(request, draft)
    done = Proposed(
        branch=part.branch,
        base=job.base,
        status="unchanged",
        title=draft.title,
        body=draft.body,
        url=request.url if request is not None and is_open else None,
        number=request.number if request is not None and is_open else None,
        commits=made.commits if tip == made.tip else _commits(job, tip),
        fixes=len(made.result.fixes),
        findings=len(fixed_findings(made.result)),
        notes=made.notes,
    )
    if job.ask.dry_run:
        status: Status = "would open" if not is_open else "unchanged" if same and is_told else "would edit"
        text = patch(made.result.changes, job.prefix).decode("utf-8", "surrogateescape")
        return replace(done, status=status, patch=text)
    assert job.forge is not None
    if not same:
        push(job.tree.git, job.remote, part.branch, made.tip, seen)
        job.say(f"{part.branch} is pushed ({made.tip[:7]})")
    if same and is_told:
        return done
    opened = _tell(job, part, draft, request if is_open else None)
    job.say(f"{'edited' if is_open else 'opened'} {opened.request.url}")
    return replace(
        done,
        status="edited" if is_open else "opened",
        url=opened.request.url,
        number=opened.request.number,
        notes=(*done.notes, *map(mask, opened.notes)),
    )


def _tell(job: _Job, part: _Part, draft: Draft, request: PullRequest | None) -> Opened:
    """Open the pull request, or edit it. What the forge's error does not say is that the branch is there."""
    assert job.forge is not None
    try:
        return job.forge.open(draft) if request is None else job.forge.edit(request.number, draft)
    except ForgeUnreachable as error:
        raise ForgeUnreachable(f"{error}; {part.branch} is pushed: run this again, and it goes on from there") from None
    except ForgeRefused as error:
        raise ForgeRefused(f"{error}; {part.branch} is pushed") from None


def _draft(job: _Job, part: _Part, made: Made, whole: Result, tip: str) -> Draft:
    fixes = made.result.fixes
    by: By = "rule" if len({fix.code for fix in fixes}) == 1 else "all"
    story = Story(
        result=made.result,
        left=_left(job, part, made.result, whole),
        commits=len(made.commits),
        tip=tip,
        prefix=job.prefix,
        blob=_blob(job),
        pages=job.ask.pages,
        providers=job.providers,
        secrets=job.secrets,
    )
    kind: Kind = job.forge.remote.kind if job.forge is not None else "github"
    asked = job.ask.reviewers
    return Draft(
        title=mask(subject(by, fixes, made.result.findings)),
        body=body(story, LIMITS[kind]),
        head=part.branch,
        base=job.base,
        draft=job.ask.draft,
        labels=job.ask.labels,
        reviewers=asked if asked is not None else reviewers(job.git, job.at, kind, made.paths),
    )


def _left(job: _Job, part: _Part, result: Result, whole: Result) -> tuple[Reported, ...]:
    """The findings that a pull request leaves: of all, or of its rule or package."""
    apart = result.ignored_by_git
    if result is whole or part.is_all:
        return tuple(r for r in remaining(result) if r.finding.path not in apart)
    fixed = {reported.fingerprint for reported in fixed_findings(result)}
    mended = {index: _key(job, fix) for fix in whole.fixes for index in fix.findings}
    left = []
    for index, reported in enumerate(whole.findings):
        about = reported.finding.code if job.ask.per == "rule" else reported.finding.package
        if reported.fingerprint in fixed or reported.state == "suppressed" or reported.finding.path in apart:
            continue
        if index in mended:
            if mended[index] == part.key:
                left.append(replace(reported, state="deferred", reason=_LATER))
        elif about == part.key:
            left.append(reported)
    return tuple(left)


def _is_only(job: _Job, whole: Result) -> bool:
    """Whether all fixes are of the one rule or package."""
    return len({_key(job, fix) for fix in whole.fixes}) == 1


def _blob(job: _Job) -> str:
    """Where the forge shows the base's files, as they were looked at."""
    if job.forge is None:
        return ""
    remote = job.forge.remote
    return f"https://{remote.host}/{remote.path}/{'-/' if remote.kind == 'gitlab' else ''}blob/{job.at}/"


def _holds(job: _Job, commit: str, made: Made) -> bool:
    """Whether a commit is on top of the base and has the very tree that was made."""
    if job.git("rev-parse", f"{commit}^{{tree}}") != made.tree:
        return False
    return job.git.holds("merge-base", "--is-ancestor", job.at, commit)


def _is_ours(job: _Job, part: _Part, tip: str, request: PullRequest | None) -> bool:
    """Whether nothing of anybody else is lost with a tip.

    This clone or the pull request knows it, it is in the base already, or it has the tree that a run makes which starts
    where the branch did: then that run had no time to say so."""
    if request is not None and tip in marked(request.body):
        return True
    if tip == pushed_before(job.git, job.remote, part.branch):
        return True
    if job.git.holds("merge-base", "--is-ancestor", tip, job.at):
        return True
    try:
        start = job.git("merge-base", job.at, tip)
        if start == job.at:
            return False
        result = _analyse(job, start, part.key, is_all=part.is_all)
        return make(job.tree, result, job.ask).tree == job.git("rev-parse", f"{tip}^{{tree}}")
    except (GitFailed, UserError):  # no history to look at, or what was there then cannot be analysed
        return False
    finally:
        job.tree.go_to(job.at)


def _left_alone(job: _Job, part: _Part, request: PullRequest | None, text: str) -> Proposed:
    job.say(f"left alone: {text}")
    return Proposed(
        part.branch,
        job.base,
        "left alone",
        title=mask(request.title) if request is not None else "",
        url=request.url if request is not None else None,
        number=request.number if request is not None else None,
        notes=(text,),
    )


def _is_for(job: _Job, branch: str) -> bool:
    """Whether a run like this one made a branch, by its name."""
    rest = branch.removeprefix(job.ask.branch)
    if job.ask.per == "all":
        return not rest
    return rest.startswith("-") and (re.fullmatch(r"-pf\d+", rest) is not None) == (job.ask.per == "rule")


def _spent(job: _Job, branch: str) -> Iterator[Proposed]:
    """A pull request of an earlier run for which there is no fix any more."""
    request = job.forge.find(branch) if job.forge is not None else None
    if request is None or request.state != "open" or not marked(request.body):
        return
    text = f"{_called(request)} has nothing left to do: what it fixes is in {job.base} or gone. Close it"
    job.say(text)
    yield Proposed(
        branch, job.base, "nothing", title=mask(request.title), url=request.url, number=request.number, notes=(text,)
    )


def _tell_of_another_per(job: _Job, branch: str) -> None:
    request = job.forge.find(branch) if job.forge is not None else None
    if request is not None and request.state == "open" and marked(request.body):
        job.say(f"{_called(request)} is open too, from a run with another --per, and may hold the same: close one")


def _called(request: PullRequest) -> str:
    return f"{request.url} ({request.head})"


def _commits(job: _Job, tip: str) -> tuple[tuple[str, str], ...]:
    listed = job.git("log", "--reverse", "--no-show-signature", "--format=%h%x00%s", f"{job.at}..{tip}").splitlines()
    return tuple((name, mask(text)) for name, _, text in (line.partition("\0") for line in listed))


def _is_same(request: PullRequest, draft: Draft) -> bool:
    return request.title == draft.title and _normal(request.body) == _normal(draft.body)


def _normal(text: str) -> str:
    """A body as forges keep it: some change line breaks, some take white space off."""
    return "\n".join(line.rstrip() for line in text.replace("\r\n", "\n").split("\n")).strip()
