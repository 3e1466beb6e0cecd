"""Pull requests of one repository at GitHub or GitHub Enterprise Server, by its REST API, with PyGithub.

PyGithub signs, sends, follows redirects and reads; the addresses are put together here from the API's own, never taken
from an answer: behind a mirror those lead elsewhere. https://docs.github.com/en/rest/pulls/pulls
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import github
from github.Auth import Token as TokenAuth

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

    from prismafix.delivery.forges.model import Draft, Remote
    from prismafix.delivery.forges.tokens import Token

_OF_REPOSITORY = ("full_name", "default_branch")
_LABEL_COLOUR = "5319e7"


@dataclass(frozen=True, slots=True)
class _Repository:
    """`path` is its name of today, which an older one of the remote leads to."""

    path: str
    default_branch: str

    @property
    def owner(self) -> str:
        return self.path.split("/", 1)[0]


@dataclass(frozen=True, slots=True)
class GitHub:
    """`Forge` for GitHub."""

    remote: Remote
    token: Token
    say: Callable[[str], None]
    patience: Patience
    _client: github.Github
    _repository: list[_Repository] = field(default_factory=list)

    def default_branch(self) -> str:
        return self._known().default_branch

    def find(self, head: str) -> PullRequest | None:
        own = self._pulls(head)
        return next((pull for pull in own if pull.state == "open"), own[0] if own else None)

    def read(self, number: int) -> PullRequest:
        return _pull(self._get(number))

    def open(self, draft: Draft) -> Opened:
        repository = self._known()
        notes: list[str] = []
        answer = self._post_pull(repository, draft, draft.draft)
        if isinstance(answer, Trouble) and draft.draft and _says(answer, "draft"):
            notes.append(f"{repository.path} has no draft pull requests: it was opened as a normal one")
            answer = self._post_pull(repository, draft, False)
        if isinstance(answer, Trouble):
            there = self._there(draft) if _says(answer, "already exists") else None
            if there is None:
                raise self._refused(f"open a pull request from {draft.head} to {draft.base}", answer, draft)
            return self.edit(there.number, draft)
        if answer["title"] != draft.title or not same_text(answer["body"] or "", draft.body):
            return self.edit(answer["number"], draft)  # one that was there, which a broken answer had hidden
        notes += self._label(repository, answer["number"], draft.labels, ())
        notes += self._ask_reviewers(repository, answer["number"], answer["user"]["login"], draft.reviewers)
        return Opened(_pull(answer), tuple(notes))

    def edit(self, number: int, draft: Draft) -> Opened:
        repository = self._known()
        answer = self._get(number)
        if answer["title"] != draft.title or not same_text(answer["body"] or "", draft.body):
            answer = self._must(
                f"edit pull request #{number}",
                "PATCH",
                f"/repos/{repository.path}/pulls/{number}",
                body={"title": draft.title, "body": draft.body},
                read=_dressed,
            )
        present = {label["name"].lower() for label in answer["labels"]}
        return Opened(_pull(answer), tuple(self._label(repository, number, draft.labels, present)))

    def _known(self) -> _Repository:
        """The repository, asked for once: a renamed one answers with a redirect, and only to GET is it followed."""
        if not self._repository:
            data = self._must("read the repository", "GET", f"/repos/{self.remote.path}")
            if not isinstance(data, dict) or not all(isinstance(data.get(key), str) for key in _OF_REPOSITORY):
                raise ForgeRefused(
                    f"{self.remote.host}: what answers at {self.remote.api} is no GitHub API: look at --forge-api"
                )
            repository = _Repository(data["full_name"], data["default_branch"])
            if repository.path.lower() != self.remote.path.lower():
                self.say(f"{self.remote.path} is {repository.path} now: `git remote set-url` saves the detour")
            self._repository.append(repository)
        return self._repository[0]

    def _pulls(self, head: str) -> list[PullRequest]:
        """Those from the branch `head` of this repository, the newest first."""
        repository = self._known()
        query = {
            "state": "all",
            "head": f"{repository.owner}:{head}",
            "sort": "created",
            "direction": "desc",
            "per_page": 100,
        }
        path = f"/repos/{repository.path}/pulls"
        what = f"look for a pull request from {head}"
        found = self._must(what, "GET", path, parameters=query, read=lambda found: [_pull(data) for data in found])
        # The filter takes the branches of forks by the same owner as well, and is ignored where it has characters
        # that it does not know.
        return [_pull(data) for data in found if data["head"]["ref"] == head and _is_of(data["head"], repository.path)]

    def _there(self, draft: Draft) -> PullRequest | None:
        """The open one that `draft` would be: there is one for each pair of branches at most."""
        own = self._pulls(draft.head)
        return next((pull for pull in own if (pull.state, pull.base) == ("open", draft.base)), None)

    def _get(self, number: int) -> Any:
        return self._must(
            f"read pull request #{number}", "GET", f"/repos/{self._known().path}/pulls/{number}", read=_dressed
        )

    def _post_pull(self, repository: _Repository, draft: Draft, as_draft: bool) -> Any:
        """The answer or a Trouble. Never a second one: after a broken answer it is looked for first."""

        def landed() -> Any:
            there = self._there(draft)
            return self._get(there.number) if there is not None else None

        return self._ask(
            f"open a pull request from {draft.head} to {draft.base}",
            "POST",
            f"/repos/{repository.path}/pulls",
            body={
                "title": draft.title,
                "body": draft.body,
                "head": draft.head,
                "base": draft.base,
                "draft": as_draft,
            },
            landed=landed,
            read=_dressed,
        )

    def _label(
        self, repository: _Repository, number: int, labels: Sequence[str], present: Sequence[str] | set[str]
    ) -> Iterator[str]:
        """Give the pull request the labels that it has not; yield a note where that does not work."""
        missing = [label for label in labels if label.lower() not in present]
        try:
            for label in missing:
                there = self._ask(f"read the label {label}", "GET", f"{_labels(repository)}/{quote(label, safe='')}")
                if isinstance(there, Trouble) and there.status == 404:
                    new = {"name": label, "color": _LABEL_COLOUR}
                    made = self._ask(f"make the label {label}", "POST", _labels(repository), body=new)
                    if isinstance(made, Trouble) and not _says(made, "already_exists"):
                        yield f"label “{label}” could not be made: {_cause(made)}"
            if missing:
                path = f"/repos/{repository.path}/issues/{number}/labels"
                given = self._ask("label the pull request", "POST", path, body={"labels": missing})
                if isinstance(given, Trouble):
                    yield f"not labelled {', '.join(missing)}: {_cause(given)}"
        except ForgeUnreachable as error:  # the pull request is there; that is what the caller has to know
            yield f"not labelled {', '.join(missing)}: {error}"

    def _ask_reviewers(
        self, repository: _Repository, number: int, author: str, reviewers: Sequence[str]
    ) -> Iterator[str]:
        """Ask for reviews; yield a note on each reviewer that GitHub does not take."""
        wanted = []
        for name in dict.fromkeys(name.removeprefix("@") for name in reviewers):
            organisation, _, team = name.partition("/")
            if name.lower() == author.lower():
                yield f"not asked to review: {name}, who opened it"
            elif team and organisation.lower() != repository.owner.lower():
                yield f"not asked to review: {name}, a team of another organisation"
            else:
                wanted.append(name)
        if not wanted:
            return
        try:
            answer = self._request_review(repository, number, wanted)
            if isinstance(answer, Trouble) and answer.status != 422:
                yield f"not asked to review: {', '.join(wanted)}: {_cause(answer)}"
            if not isinstance(answer, Trouble) or answer.status != 422:
                return
            for name in wanted:  # one that is unknown made GitHub refuse all
                answer = self._request_review(repository, number, [name])
                if isinstance(answer, Trouble):
                    yield f"not asked to review: {name}: {_cause(answer)}"
        except ForgeUnreachable as error:
            yield f"not asked to review: {', '.join(wanted)}: {error}"

    def _request_review(self, repository: _Repository, number: int, names: Sequence[str]) -> Any:
        people = [name for name in names if "/" not in name]
        teams = [name.split("/", 1)[1] for name in names if "/" in name]
        path = f"/repos/{repository.path}/pulls/{number}/requested_reviewers"
        asked = {key: value for key, value in (("reviewers", people), ("team_reviewers", teams)) if value}
        return self._ask("request reviews", "POST", path, body=asked)

    def _must(self, what: str, verb: str, path: str, **rest: Any) -> Any:
        answer = self._ask(what, verb, path, **rest)
        if isinstance(answer, Trouble):
            raise self._refused(what, answer)
        return answer

    def _ask(
        self,
        what: str,
        verb: str,
        path: str,
        *,
        parameters: dict[str, Any] | None = None,
        body: dict[str, Any] | None = None,
        landed: Callable[[], Any] | None = None,
        read: Callable[[Any], object] = id,
    ) -> Any:
        """The answer's JSON, of which `read` can read all that it wants; or the refusal as a Trouble."""

        def call() -> Any:
            return checked(self._client.requester.requestJsonAndCheck(verb, path, parameters, None, body)[1], read)

        place = f"{self.remote.host} ({self.remote.path})"
        return persist(place, what, call, self._trouble, patience=self.patience, say=self._say_clean, landed=landed)

    def _say_clean(self, line: str) -> None:
        self.say(self.token.clean(line))

    def _trouble(self, error: Exception) -> Trouble | None:
        if isinstance(error, github.GithubException):
            data = error.data if isinstance(error.data, dict) else {}
            errors = [entry for entry in data.get("errors") or [] if isinstance(entry, (dict, str))]
            codes = tuple(
                ("", "", entry)
                if isinstance(entry, str)
                else (str(entry.get("field", "")), str(entry.get("code", "")), str(entry.get("message", "")))
                for entry in errors
            )
            text = self.token.clean(one_line(str(data.get("message") or f"HTTP {error.status}")))
            return Trouble(error.status, text, {k.lower(): str(v) for k, v in (error.headers or {}).items()}, codes)
        if isinstance(error, UnreadableAnswer):
            return UNREADABLE
        if isinstance(error, RuntimeError) and "redirected" in str(error):  # PyGithub's, before it follows
            return Trouble(301, "it sends requests to another address: look at --forge-api", {})
        return dropped(error, self.patience.timeout)

    def _refused(self, what: str, trouble: Trouble, draft: Draft | None = None) -> ForgeRefused:
        line = f"{self.remote.host} ({self.remote.path}) refused to {what}: {_cause(trouble)}: "
        return ForgeRefused(self.token.clean(line + _way_out(trouble, self.token, self.remote, draft)))


def open_github(remote: Remote, token: Token, say: Callable[[str], None], patience: Patience) -> GitHub:
    """Makes no request yet."""
    client = github.Github(
        base_url=remote.api,
        auth=TokenAuth(token.reveal()),
        timeout=patience.timeout,
        user_agent=f"prismafix/{__version__}",
        retry=None,  # `persist` does, and says so
        seconds_between_requests=None,
        seconds_between_writes=None,
    )
    return GitHub(remote, token, say, patience, client)


def _labels(repository: _Repository) -> str:
    return f"/repos/{repository.path}/labels"


def _is_of(side: Any, path: str) -> bool:
    """Whether a branch of an answer is of this repository; one of a fork that was deleted has none."""
    return side["repo"] is not None and side["repo"]["full_name"].lower() == path.lower()


def _pull(data: Any) -> PullRequest:
    merged = data.get("merged_at") is not None
    return PullRequest(
        number=data["number"],
        url=data["html_url"],
        title=data["title"],
        body=data["body"] or "",
        head=data["head"]["ref"],
        base=data["base"]["ref"],
        state="merged" if merged else "open" if data["state"] == "open" else "closed",
        draft=bool(data.get("draft")),
        opened_at=seconds_of(data.get("created_at")),
        ended_at=seconds_of(data.get("merged_at") or data.get("closed_at")),
    )


def _dressed(data: Any) -> object:
    """All that is looked at of a single pull request."""
    return _pull(data), data["user"]["login"], [label["name"].lower() for label in data["labels"]]


def _says(trouble: Trouble, text: str) -> bool:
    said = [trouble.text, *(part for code in trouble.codes for part in code)]
    return trouble.status == 422 and any(text in part.lower() for part in said)


def _cause(trouble: Trouble) -> str:
    """What GitHub says is wrong, in a few words."""
    details = [message or f"{field} is {code}" for field, code, message in trouble.codes if message or field]
    return one_line(", ".join(details) or trouble.text)


def _way_out(trouble: Trouble, token: Token, remote: Remote, draft: Draft | None) -> str:
    headers = trouble.headers
    if trouble.status == 401:
        return f"the token of {token.source} is wrong, expired or revoked: make a new one"
    if trouble.status == 403 and "x-github-sso" in headers:
        return f"authorize the token of {token.source} for the organisation's single sign-on (its “Configure SSO”)"
    if trouble.status == 403 and "not permitted to create or approve" in trouble.text:
        return (
            "allow it in the repository's settings under Actions, General, Workflow permissions, or use another token"
        )
    if trouble.status == 403:
        needed = headers.get("x-accepted-github-permissions")
        scopes = headers.get("x-accepted-oauth-scopes")
        rights = f"permissions {needed}" if needed else f"scope {scopes}" if scopes else "write access to it"
        return f"the token of {token.source} may not do that, it needs {rights}"
    if trouble.status == 404:
        return (
            f"there is no {remote.path}, or the token of {token.source} may not see it: "
            "it needs the repository's contents and pull requests"
        )
    if trouble.status == 422 and draft is not None and any(code[0] == "base" for code in trouble.codes):
        return f"is there a branch {draft.base}? Choose another with --base"
    if trouble.status == 422 and draft is not None and any(code[0] == "head" for code in trouble.codes):
        return f"the branch {draft.head} is not there: run again, it is pushed first"
    if _says(trouble, "no commits between"):
        return "the base holds all of it already"
    if trouble.status in (301, 302, 307, 308):
        return "update the remote with `git remote set-url`"
    return f"HTTP {trouble.status}"
