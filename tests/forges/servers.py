"""GitHub and GitLab on loopback: the part of their APIs that prismafix uses, with state, and with faults on demand.

    with github_server() as server:
        server.api                      # http://127.0.0.1:PORT/api/v3, for --forge-api
        server.repository = "acme/shop" # what it is called (the default)
        server.git = Path("bare.git")   # optional: then branches must have been pushed there
        server.pulls                    # all pull requests, oldest first
        server.requests                 # everything that was asked
        server.fail_next(429, headers={"Retry-After": "1"}, method="POST", path="/pulls")

`TOKEN` is the only token that it takes. Fields and answers are those of https://docs.github.com/en/rest/pulls and
https://docs.gitlab.com/api/merge_requests/; tests/forges/test_github_openapi.py holds our requests against GitHub's own
description. Works from processes too: a program under test is given `server.api`.
"""

from __future__ import annotations

import json
import re
import ssl
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TOKEN = "glpat-ghp-0nlyForTheTestsOfForges"  # in no message, log, commit or process argument
AUTHOR = "prisma-bot"


@dataclass
class Pull:
    """A pull request or merge request, as it is on the server now."""

    number: int
    title: str
    body: str
    head: str
    base: str
    draft: bool = False
    state: Literal["open", "closed", "merged"] = "open"
    labels: list[str] = field(default_factory=list)
    reviewers: list[str] = field(default_factory=list)
    teams: list[str] = field(default_factory=list)
    fork: str | None = None
    """The full name of the fork that the branch is of."""
    edits: int = 0
    opened_at: str = "2026-01-01T12:00:00Z"
    ended_at: str = "2026-01-02T03:04:05Z"
    """When it was merged or closed, if it is."""


@dataclass(frozen=True)
class Request:
    """One request as it arrived, and what it was answered with (status 0: the connection was dropped)."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any
    status: int
    answer: Any


@dataclass
class Fault:
    status: int
    body: Any
    headers: dict[str, str]
    method: str | None
    path: str
    times: int
    after: bool


@dataclass
class Answer:
    status: int
    body: Any
    headers: dict[str, str] = field(default_factory=dict)


class Server:
    """The state of one repository at one forge. Change it freely between requests."""

    def __init__(self, kind: Literal["github", "gitlab"]) -> None:
        self.kind = kind
        self.repository = "acme/shop"
        self.renamed_from: str | None = None
        self.default_branch = "main"
        self.git: Path | None = None
        self.drafts = True
        self.may_label = True
        self.labels: set[str] = set()
        self.users: set[str] = {AUTHOR, "ana", "ben"}
        self.teams: set[str] = {"data"}
        self.reviewers_at_most = 15
        self.pulls: list[Pull] = []
        self.requests: list[Request] = []
        self.api = ""
        self.lock = threading.Lock()
        self._faults: list[Fault] = []

    def fail_next(
        self,
        status: int = 0,
        *,
        body: Any = None,
        headers: dict[str, str] | None = None,
        method: str | None = None,
        path: str = "",
        times: int = 1,
        after: bool = False,
    ) -> None:
        """Answer the next `times` requests of `method` whose path holds the expression `path` with `status`.

        Status 0 drops the connection, -1 is silence for three seconds before that. With `after` the request has its
        effect first. Faults are used in their order."""
        self._faults.append(Fault(status, body, headers or {}, method, path, times, after))

    def add_pull(self, **fields: Any) -> Pull:
        """A pull request that was there before."""
        defaults = {"title": "Earlier", "body": "", "head": "prismafix/fixes", "base": self.default_branch}
        pull = Pull(number=len(self.pulls) + 1, **{**defaults, **fields})
        self.pulls.append(pull)
        return pull

    def asked(self, method: str, path: str = "") -> list[Request]:
        """The requests of `method` whose path holds the expression `path`."""
        return [request for request in self.requests if request.method == method and re.search(path, request.path)]

    def fault(self, method: str, path: str) -> Fault | None:
        for fault in self._faults:
            if fault.times and fault.method in (None, method) and re.search(fault.path, path):
                fault.times -= 1
                return fault
        return None

    def pull(self, number: str) -> Pull | None:
        return next((pull for pull in self.pulls if pull.number == int(number)), None)

    def there(self, head: str, base: str) -> Pull | None:
        """The open one from `head` of the repository itself to `base`."""
        own = (pull for pull in self.pulls if pull.state == "open" and pull.fork is None)
        return next((pull for pull in own if (pull.head, pull.base) == (head, base)), None)

    def has_branch(self, name: str) -> bool:
        return self.git is None or self._git("rev-parse", "--verify", "--quiet", f"refs/heads/{name}") is not None

    def commits_between(self, base: str, head: str) -> bool:
        return self.git is None or self._git("rev-list", "--count", f"refs/heads/{base}..refs/heads/{head}") != "0"

    def sha(self, branch: str) -> str:
        return (self._git("rev-parse", f"refs/heads/{branch}") if self.git else None) or "0" * 40

    def _git(self, *arguments: str) -> str | None:
        done = subprocess.run(["git", "--git-dir", str(self.git), *arguments], capture_output=True, text=True)
        return done.stdout.strip() if done.returncode == 0 else None


@contextmanager
def github_server(certificate: Path | None = None) -> Iterator[Server]:
    """With `certificate` (a file with it and its key) over TLS."""
    with _running(Server("github"), _GitHubHandler, "/api/v3", certificate) as server:
        yield server


@contextmanager
def gitlab_server(certificate: Path | None = None) -> Iterator[Server]:
    """With `certificate` (a file with it and its key) over TLS."""
    with _running(Server("gitlab"), _GitLabHandler, "/api/v4", certificate) as server:
        server.reviewers_at_most = 1  # what GitLab Free allows
        yield server


@contextmanager
def _running(state: Server, handler: type[_Handler], prefix: str, certificate: Path | None) -> Iterator[Server]:
    bound = type("Handler", (handler,), {"state": state, "prefix": prefix})
    http = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    http.daemon_threads = True
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        http.socket = context.wrap_socket(http.socket, server_side=True)
    state.api = f"{'https' if certificate else 'http'}://127.0.0.1:{http.server_address[1]}{prefix}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: Server
    prefix: str
    protocol_version = "HTTP/1.1"

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        raise NotImplementedError

    def unauthorized(self) -> Answer:
        raise NotImplementedError

    def _respond(self) -> None:
        parts = urlsplit(self.path)
        path = parts.path.removeprefix(self.prefix)  # kept quoted: a GitLab project is one segment
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        with self.state.lock:
            fault = self.state.fault(self.command, unquote(path))
            answer = None
            if fault is None or fault.after:
                authorized = self.headers.get("Authorization", "").split(" ")[-1] == TOKEN
                answer = self.answer(self.command, path, query, body) if authorized else self.unauthorized()
            if fault is not None:
                answer = Answer(fault.status, fault.body, fault.headers)
            assert answer is not None
            self.state.requests.append(
                Request(
                    self.command, unquote(path), query, dict(self.headers.items()), body, answer.status, answer.body
                )
            )
        if answer.status <= 0:
            time.sleep(-3 * answer.status)
            self.close_connection = True
            return
        text = isinstance(answer.body, str)
        data = (answer.body if text else json.dumps(answer.body)).encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", "text/plain" if text else "application/json; charset=utf-8")
        if "Content-Length" in answer.headers:  # a fault: there is less than that
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(data)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _respond  # noqa: N815  http.server's names

    def log_message(self, *_: object) -> None:
        pass


class _GitHubHandler(_Handler):
    def unauthorized(self) -> Answer:
        return Answer(401, {"message": "Bad credentials", "documentation_url": "https://docs.github.com/rest"})

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        state = self.state
        match = re.fullmatch(r"/repos/([^/]+/[^/]+)(/.*)?", path)
        if match and match[1] == state.renamed_from:
            moved = {"Location": f"{state.api}/repos/{state.repository}{match[2] or ''}"}
            return Answer(301, {"message": "Moved Permanently", "url": moved["Location"]}, moved)
        if match is None or match[1].lower() != state.repository.lower():
            return _not_found()
        rest = match[2] or ""
        if number := re.fullmatch(r"/(?:pulls|issues)/(\d+)(/\w+)?", rest):
            pull = state.pull(number[1])
            return self._of_pull(method, pull, number[2] or "", body) if pull else _not_found()
        match method, rest:
            case "GET", "":
                return Answer(200, {"id": 1, "full_name": state.repository, "default_branch": state.default_branch})
            case "GET", "/pulls":
                return Answer(200, [self._json(pull) for pull in self._filtered(query)])
            case "POST", "/pulls":
                return self._open(body)
            case "POST", "/labels":
                if not state.may_label:
                    return Answer(403, {"message": "Resource not accessible by personal access token"})
                if body["name"] in state.labels:
                    return _invalid({"resource": "Label", "code": "already_exists", "field": "name"})
                state.labels.add(body["name"])
                return Answer(201, {"name": body["name"]})
        if method == "GET" and rest.startswith("/labels/"):
            name = unquote(rest.removeprefix("/labels/"))
            return Answer(200, {"name": name}) if name in state.labels else _not_found()
        return _not_found()

    def _filtered(self, query: dict[str, str]) -> list[Pull]:
        owner, _, head = query.get("head", "").partition(":")
        wanted = query.get("state", "open")
        found = [
            pull
            for pull in reversed(self.state.pulls)
            if (not head or (pull.head == head and self._full_name(pull).split("/")[0] == owner))
            and wanted in ("all", "open" if pull.state == "open" else "closed")
        ]
        return found[: int(query.get("per_page", 30))]

    def _open(self, body: Any) -> Answer:
        state = self.state
        head, base = body["head"], body["base"]
        if state.there(head, base) is not None:
            owner = state.repository.split("/")[0]
            message = f"A pull request already exists for {owner}:{head}."
            return _invalid({"resource": "PullRequest", "code": "custom", "message": message})
        for side, name in (("head", head), ("base", base)):
            if not state.has_branch(name):
                return _invalid({"resource": "PullRequest", "field": side, "code": "invalid"})
        if not state.commits_between(base, head):
            message = f"No commits between {base} and {head}"
            return _invalid({"resource": "PullRequest", "code": "custom", "message": message})
        if body.get("draft") and not state.drafts:
            return Answer(422, {"message": "Draft pull requests are not supported in this repository."})
        return Answer(
            201, self._json(state.add_pull(**{k: body[k] for k in ("title", "body", "head", "base", "draft")}))
        )

    def _of_pull(self, method: str, pull: Pull, rest: str, body: Any) -> Answer:
        state = self.state
        match method, rest:
            case "GET", "":
                return Answer(200, self._json(pull))
            case "PATCH", "":
                pull.title, pull.body = body.get("title", pull.title), body.get("body", pull.body)
                pull.edits += 1
                return Answer(200, self._json(pull))
            case "POST", "/labels":
                if not state.may_label:
                    return Answer(403, {"message": "Resource not accessible by personal access token"})
                state.labels.update(body["labels"])
                pull.labels += [label for label in body["labels"] if label not in pull.labels]
                return Answer(200, [{"name": label} for label in pull.labels])
            case "POST", "/requested_reviewers":
                people, teams = body.get("reviewers", []), body.get("team_reviewers", [])
                if AUTHOR in people:
                    return Answer(422, {"message": "Review cannot be requested from pull request author."})
                if not state.users.issuperset(people) or not state.teams.issuperset(teams):
                    one = "One or more of the users or teams you specified is not a collaborator of the repository."
                    return Answer(422, {"message": f"Reviews may only be requested from collaborators. {one}"})
                pull.reviewers += people
                pull.teams += teams
                return Answer(201, self._json(pull))
        return _not_found()

    def _full_name(self, pull: Pull) -> str:
        return pull.fork or self.state.repository

    def _json(self, pull: Pull) -> dict[str, Any]:
        state = self.state
        page = f"https://github.example/{state.repository}/pull/{pull.number}"
        return {
            "number": pull.number,
            "html_url": page,
            "title": pull.title,
            "body": pull.body or None,
            "state": "open" if pull.state == "open" else "closed",
            "created_at": pull.opened_at,
            "merged_at": pull.ended_at if pull.state == "merged" else None,
            "closed_at": pull.ended_at if pull.state != "open" else None,
            "draft": pull.draft,
            "user": {"login": AUTHOR},
            "head": {"ref": pull.head, "sha": state.sha(pull.head), "repo": {"full_name": self._full_name(pull)}},
            "base": {"ref": pull.base, "sha": state.sha(pull.base), "repo": {"full_name": state.repository}},
            "labels": [{"name": label} for label in pull.labels],
            "requested_reviewers": [{"login": name} for name in pull.reviewers],
            "requested_teams": [{"slug": name} for name in pull.teams],
        }


class _GitLabHandler(_Handler):
    def unauthorized(self) -> Answer:
        return Answer(401, {"message": "401 Unauthorized"})

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        state = self.state
        if path == "/users" and method == "GET":
            name = query.get("username", "")
            known = next((user for user in state.users if user.lower() == name.lower()), None)
            return Answer(200, [self._user(known)] if known else [])
        match = re.fullmatch(r"/projects/([^/]+)(/.*)?", path)
        if match is None:
            return Answer(404, {"error": "404 Not Found"})
        project, rest = unquote(match[1]), match[2] or ""
        if project == state.renamed_from:
            if method != "GET":
                return Answer(405, {"message": "Non GET methods are not allowed for moved projects"})
            moved = f"{state.api}/projects/7{rest}"
            return Answer(301, {"message": "Moved Permanently"}, {"Location": moved})
        if project not in ("7", state.repository):
            return Answer(404, {"message": "404 Project Not Found"})
        if rest == "" and method == "GET":
            return Answer(
                200,
                {"id": 7, "path_with_namespace": state.repository, "default_branch": state.default_branch},
            )
        if rest == "/merge_requests" and method == "GET":
            found = [
                pull
                for pull in reversed(state.pulls)
                if query.get("source_branch") in (None, pull.head)
                and query.get("state", "all") in ("all", _gitlab_state(pull))
            ]
            return Answer(200, [self._json(pull) for pull in found[: int(query.get("per_page", 20))]])
        if rest == "/merge_requests" and method == "POST":
            return self._open(body)
        if number := re.fullmatch(r"/merge_requests/(\d+)", rest):
            pull = state.pull(number[1])
            if pull is None:
                return Answer(404, {"message": "404 Not found"})
            if method == "PUT":
                self._edit(pull, body)
            return Answer(200, self._json(pull))
        return Answer(404, {"error": "404 Not Found"})

    def _open(self, body: Any) -> Answer:
        state = self.state
        head, base = body["source_branch"], body["target_branch"]
        there = state.there(head, base)
        if there is not None:
            message = f"Another open merge request already exists for this source branch: !{there.number}"
            return Answer(409, {"message": [message]})
        for side, name in (("source", head), ("target", base)):
            if not state.has_branch(name):
                return Answer(400, {"message": {f"{side}_branch": ["does not exist"]}})
        pull = state.add_pull(title=body["title"], body=body.get("description", ""), head=head, base=base)
        pull.draft = pull.title.startswith("Draft: ")
        self._add_labels(pull, _listed(body.get("labels")))
        return Answer(201, self._json(pull))

    def _edit(self, pull: Pull, body: Any) -> None:
        pull.title, pull.body = body.get("title", pull.title), body.get("description", pull.body)
        pull.draft = pull.title.startswith("Draft: ")
        pull.edits += 1
        self._add_labels(pull, _listed(body.get("add_labels")))
        if "reviewer_ids" in body:
            names = {self._user(user)["id"]: user for user in self.state.users}
            ids = [number for number in body["reviewer_ids"] if number in names][: self.state.reviewers_at_most]
            pull.reviewers = [names[number] for number in ids]

    def _add_labels(self, pull: Pull, labels: list[str]) -> None:
        """Labels that may not be made are left out without a word, as GitLab does."""
        for label in labels:
            if self.state.may_label or label in self.state.labels:
                self.state.labels.add(label)
                pull.labels += [label] if label not in pull.labels else []

    def _user(self, name: str) -> dict[str, Any]:
        return {"id": 100 + sum(name.encode()), "username": name}

    def _json(self, pull: Pull) -> dict[str, Any]:
        state = self.state
        return {
            "id": 1000 + pull.number,
            "iid": pull.number,
            "project_id": 7,
            "source_project_id": 8 if pull.fork else 7,
            "target_project_id": 7,
            "web_url": f"https://gitlab.example/{state.repository}/-/merge_requests/{pull.number}",
            "title": pull.title,
            "description": pull.body or None,
            "state": _gitlab_state(pull),
            "created_at": pull.opened_at,
            "merged_at": pull.ended_at if pull.state == "merged" else None,
            "closed_at": pull.ended_at if pull.state == "closed" else None,
            "draft": pull.draft,
            "source_branch": pull.head,
            "target_branch": pull.base,
            "sha": state.sha(pull.head),
            "author": self._user(AUTHOR),
            "labels": pull.labels,
            "reviewers": [self._user(name) for name in pull.reviewers],
        }


def _gitlab_state(pull: Pull) -> str:
    return "opened" if pull.state == "open" else pull.state


def _listed(value: Any) -> list[str]:
    return value.split(",") if isinstance(value, str) else list(value or [])


def _not_found() -> Answer:
    return Answer(404, {"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})


def _invalid(*errors: dict[str, str]) -> Answer:
    return Answer(422, {"message": "Validation Failed", "errors": list(errors)})
