"""Merge requests of one project at GitLab, by its REST API, with python-gitlab.

https://docs.gitlab.com/api/merge_requests/; what a path of a project that moved answers: https://docs.gitlab.com/api/rest/
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import gitlab
import gitlab.exceptions

from prismafix import __version__
from prismafix.delivery.forges.model import ForgeRefused, ForgeUnreachable, Opened, PullRequest
from prismafix.delivery.forges.patience import (
    UNREADABLE,
    Patience,
    Trouble,
    UnreadableAnswer,
    checked,
    dropped,
    one_line,
    persist,
    same_text,
    seconds_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import requests
    from gitlab.v4.objects import Project, ProjectMergeRequest

    from prismafix.delivery.forges.model import Draft, Remote, State
    from prismafix.delivery.forges.tokens import Token

T = TypeVar("T")

_DRAFT = "Draft: "
_NO_API = "what answers there is no GitLab API"
# python-gitlab would wait and repeat by itself, without a word; its errors have no headers.
_ONCE = {"obey_rate_limit": False, "retry_transient_errors": False}


@dataclass(frozen=True, slots=True)
class GitLab:
    """`Forge` for GitLab."""

    remote: Remote
    token: Token
    say: Callable[[str], None]
    patience: Patience
    _client: gitlab.Gitlab
    _headers: dict[str, str]
    """Those of the last answer."""
    _project: list[Project] = field(default_factory=list)

    def default_branch(self) -> str:
        name = self._known().attributes.get("default_branch")
        if not name:
            raise ForgeRefused(
                f"{self.remote.host} ({self.remote.path}) does not say which branch is the default: "
                f"the project is empty, or the token of {self.token.source} may not read it: say --base"
            )
        return str(name)

    def find(self, head: str) -> PullRequest | None:
        own = self._requests(head)
        return next((pull for pull in own if pull.state == "open"), own[0] if own else None)

    def read(self, number: int) -> PullRequest:
        return _pull(self._get(number))

    def open(self, draft: Draft) -> Opened:
        project = self._known()
        fields = {
            "title": _title(draft.title, draft.draft),
            "description": _without_commands(draft.body),
            "source_branch": draft.head,
            "target_branch": draft.base,
            "labels": list(draft.labels),
        }

        def landed() -> ProjectMergeRequest | None:
            there = self._there(draft)
            return self._get(there.number) if there is not None else None

        what = f"open a merge request from {draft.head} to {draft.base}"
        answer = self._ask(what, lambda: checked(project.mergerequests.create(fields, **_ONCE), _dressed), landed)
        if isinstance(answer, Trouble):
            there = self._there(draft) if answer.status == 409 else None
            if there is None:
                raise self._refused(what, answer)
            return self.edit(there.number, draft)
        request = _pull(answer)
        if request.title != draft.title or not same_text(request.body, draft.body):
            return self.edit(request.number, draft)  # one that was there, which a broken answer had hidden
        notes = [*_not_labelled(answer, draft.labels), *self._ask_reviewers(answer, draft.reviewers)]
        return Opened(request, tuple(notes))

    def edit(self, number: int, draft: Draft) -> Opened:
        request = self._get(number)
        now = _pull(request)
        present = {label.lower() for label in request.labels}
        missing = [label for label in draft.labels if label.lower() not in present]
        changes: dict[str, Any] = {}
        if now.title != draft.title:
            changes["title"] = _title(draft.title, now.draft)
        if not same_text(now.body, draft.body):
            changes["description"] = _without_commands(draft.body)
        if missing:
            changes["add_labels"] = ",".join(missing)
        if changes:
            what = f"edit merge request !{number}"
            self._must(what, lambda: self._known().mergerequests.update(number, changes, **_ONCE))
            request = self._get(number)
        return Opened(_pull(request), tuple(_not_labelled(request, draft.labels)))

    def _known(self) -> Project:
        """The project, asked for once: from then on by its number. One that moved answers to its old path with a
        redirect, and only to GET."""
        if not self._project:
            project = self._must("read the project", lambda: self._client.projects.get(self.remote.path, **_ONCE))
            path = project.attributes.get("path_with_namespace")
            if not isinstance(path, str):
                raise self._refused("read the project", Trouble(200, _NO_API, {}))
            if path.lower() != self.remote.path.lower():
                self.say(f"{self.remote.path} is {path} now: `git remote set-url` saves the detour")
            self._project.append(project)
        return self._project[0]

    def _requests(self, head: str) -> list[PullRequest]:
        """Those from the branch `head` of this project, the newest first."""
        project = self._known()
        query: dict[str, Any] = {
            "source_branch": head,
            "state": "all",
            "order_by": "created_at",
            "sort": "desc",
            "per_page": 100,
            "get_all": False,
        }
        found = self._must(
            f"look for a merge request from {head}",
            lambda: checked(
                list(project.mergerequests.list(**query, **_ONCE)),
                lambda found: [(_pull(each), each.source_project_id) for each in found],
            ),
        )
        own = [each for each in found if each.source_project_id == project.id and each.source_branch == head]
        return [_pull(each) for each in own]

    def _there(self, draft: Draft) -> PullRequest | None:
        """The open one that `draft` would be: there is one for each pair of branches at most."""
        own = self._requests(draft.head)
        return next((pull for pull in own if (pull.state, pull.base) == ("open", draft.base)), None)

    def _get(self, number: int) -> ProjectMergeRequest:
        project = self._known()
        what = f"read merge request !{number}"
        return self._must(what, lambda: checked(project.mergerequests.get(number, **_ONCE), _dressed))

    def _ask_reviewers(self, request: ProjectMergeRequest, reviewers: Sequence[str]) -> Iterator[str]:
        """Ask for reviews; yield a note on each reviewer that GitLab does not take."""
        wanted: dict[int, str] = {}
        try:
            for name in dict.fromkeys(name.removeprefix("@") for name in reviewers):
                if "/" in name:
                    yield f"not asked to review: {name}, a group, and GitLab takes people only"
                elif name.lower() == request.author["username"].lower():
                    yield f"not asked to review: {name}, who opened it"
                elif (number := self._user(name)) is None:
                    yield f"not asked to review: {name}, whom {self.remote.host} does not know"
                else:
                    wanted[number] = name
            if not wanted:
                return
            project, asked = self._known(), {"reviewer_ids": list(wanted)}
            answer = self._ask("request reviews", lambda: project.mergerequests.update(request.iid, asked, **_ONCE))
        except (ForgeRefused, ForgeUnreachable) as error:  # the merge request is there: the caller has to know
            yield f"no reviews were asked for: {error}"
            return
        if isinstance(answer, Trouble):
            yield f"not asked to review: {', '.join(wanted.values())}: {answer.text}"
            return
        taken = {reviewer["id"] for reviewer in answer.get("reviewers") or []}
        left = [name for number, name in wanted.items() if number not in taken]
        if left:
            yield f"not asked to review: {', '.join(left)}: GitLab did not take them (its free tier takes one reviewer)"

    def _user(self, name: str) -> int | None:
        """The number of the user with this name."""
        found = self._must(f"look for {name}", lambda: self._client.users.list(username=name, get_all=False, **_ONCE))
        return next((int(user.id) for user in found if user.username.lower() == name.lower()), None)

    def _must(self, what: str, call: Callable[[], T]) -> T:
        answer = self._ask(what, call)
        if isinstance(answer, Trouble):
            raise self._refused(what, answer)
        return answer

    def _ask(self, what: str, call: Callable[[], T], landed: Callable[[], T | None] | None = None) -> T | Trouble:
        """What `call` returns, or the refusal as a Trouble."""
        place = f"{self.remote.host} ({self.remote.path})"
        return persist(place, what, call, self._trouble, patience=self.patience, say=self._say_clean, landed=landed)

    def _say_clean(self, line: str) -> None:
        self.say(self.token.clean(line))

    def _trouble(self, error: Exception) -> Trouble | None:
        match error:
            case UnreadableAnswer():
                return UNREADABLE
            case gitlab.exceptions.RedirectError():
                return Trouble(301, "it sends requests to another address", self._headers)
            case gitlab.exceptions.GitlabParsingError():
                return UNREADABLE if self._project else Trouble(200, _NO_API, self._headers)
            case gitlab.exceptions.GitlabError() if error.response_code:
                text = self.token.clean(one_line(_message(error)))
                return Trouble(error.response_code, text, dict(self._headers))
        return dropped(error, self.patience.timeout)

    def _refused(self, what: str, trouble: Trouble) -> ForgeRefused:
        line = f"{self.remote.host} ({self.remote.path}) refused to {what}: {trouble.text}: "
        return ForgeRefused(self.token.clean(line + _way_out(trouble, self.token, self.remote)))


def open_gitlab(remote: Remote, token: Token, say: Callable[[str], None], patience: Patience) -> GitLab:
    """Makes no request yet."""
    client = gitlab.Gitlab(
        remote.api.removesuffix("/api/v4"),
        # As `Authorization: Bearer`, which GitLab takes for every kind of access token: `requests` leaves that header
        # out when a redirect leads to another host, and GitLab's own header not.
        oauth_token=token.reveal(),
        timeout=patience.timeout,
        user_agent=f"prismafix/{__version__}",
        keep_base_url=True,
    )
    headers: dict[str, str] = {}

    def remember(response: requests.Response, **_: Any) -> None:
        headers.clear()
        headers.update((name.lower(), value) for name, value in response.headers.items())

    client.session.hooks["response"].append(remember)
    return GitLab(remote, token, say, patience, client, headers)


def _title(title: str, draft: bool) -> str:
    return f"{_DRAFT}{title}" if draft else title


def _without_commands(body: str) -> str:
    """`body`, which reads the same, without lines that GitLab would carry out (`/close`, `/assign me`): outside of code
    blocks they begin with a slash. https://docs.gitlab.com/user/project/quick_actions/"""
    return _outside_code(body, lambda line: re.sub(r"^(\s*)/(?=\w)", r"\1\\/", line))


def _as_written(body: str) -> str:
    """What `_without_commands` was given."""
    return _outside_code(body, lambda line: re.sub(r"^(\s*)\\/(?=\w)", r"\1/", line))


def _outside_code(body: str, change: Callable[[str], str]) -> str:
    lines, fence = [], ""
    for line in body.split("\n"):
        mark = re.match(r" {0,3}(```+|~~~+)", line)
        if mark and (not fence or mark[1].startswith(fence)):
            fence = "" if fence else mark[1]
        lines.append(line if fence else change(line))
    return "\n".join(lines)


def _pull(request: ProjectMergeRequest) -> PullRequest:
    state: State = {"opened": "open", "locked": "open", "merged": "merged"}.get(request.state, "closed")  # type: ignore[assignment]
    draft, said = bool(request.draft), request.attributes
    return PullRequest(
        number=request.iid,
        url=request.web_url,
        title=request.title.removeprefix(_DRAFT) if draft else request.title,
        body=_as_written(request.description or ""),
        head=request.source_branch,
        base=request.target_branch,
        state=state,
        draft=draft,
        opened_at=seconds_of(said.get("created_at")),
        ended_at=seconds_of(said.get("merged_at") or said.get("closed_at")) if state != "open" else None,
    )


def _dressed(request: ProjectMergeRequest) -> object:
    """All that is looked at of a single merge request."""
    return _pull(request), request.author["username"].lower(), [label.lower() for label in request.labels]


def _not_labelled(request: ProjectMergeRequest, labels: Sequence[str]) -> Iterator[str]:
    """GitLab leaves out, without a word, the labels that the token may not make."""
    present = {label.lower() for label in request.labels}
    missing = [label for label in labels if label.lower() not in present]
    if missing:
        yield f"not labelled {', '.join(missing)}: GitLab left it out, the token may not make labels"


def _message(error: gitlab.exceptions.GitlabError) -> str:
    """GitLab's own words, out of its several forms: a text, a list, or a list for each field; or OAuth's error."""
    try:
        data = json.loads(error.response_body or b"")
    except ValueError:
        data = None
    if not isinstance(data, dict):
        return f"HTTP {error.response_code}"
    said = data.get("message") or data.get("error_description") or data.get("error") or f"HTTP {error.response_code}"
    if isinstance(said, dict):
        return ", ".join(f"{name} {_joined(texts)}" for name, texts in said.items())
    return _joined(said)


def _joined(texts: Any) -> str:
    return ", ".join(map(str, texts)) if isinstance(texts, list) else str(texts)


def _way_out(trouble: Trouble, token: Token, remote: Remote) -> str:
    match trouble.status:
        case 401:
            return f"the token of {token.source} is wrong, expired or revoked: make a new one"
        case 403:
            return f"the token of {token.source} may not do that, it needs scope api and the role Developer or higher"
        case 404:
            return (
                f"there is no {remote.path}, or the token of {token.source} may not see it: "
                "it needs scope api and the role Developer or higher"
            )
        case 400 | 422 if "target" in trouble.text:
            return "is there such a branch? Choose another with --base"
        case 400 | 422 if "source" in trouble.text:
            return "the branch is not there: run again, it is pushed first"
        case 200 | 301 | 302 | 307 | 308 | 405:
            return "look at --forge-api and at `git remote -v`"
    return f"HTTP {trouble.status}"
