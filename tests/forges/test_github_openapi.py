"""What is sent to GitHub is what GitHub's own OpenAPI description allows; our server answers as it describes."""

from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import jsonschema
import pytest

from prismafix.delivery.forges.client import connect
from prismafix.delivery.forges.model import Draft
from prismafix.delivery.forges.remote import Told, remote_of
from prismafix.delivery.forges.tokens import Token

from .openapi import answer_schema, description, prism
from .servers import TOKEN, Request, github_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

pytestmark = pytest.mark.xdist_group("prism")


@pytest.fixture(scope="module")
def cut() -> dict[str, Any]:
    return description()


@pytest.fixture(scope="module")
def address(cut: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prism(cut, tmp_path_factory.mktemp("prism")) as address:
        yield address


@pytest.fixture(scope="module")
def requests() -> list[Request]:
    """Everything that is ever asked of GitHub, with our server's answers."""
    with github_server() as server:
        forge = connect(remote_of("origin", "", Told("github", server.api, "acme/shop")), Token(TOKEN, "test"), print)
        forge.default_branch()
        server.labels.add("there already")
        draft = Draft(
            "Title", "Body ✓", "prismafix/fixes", "main", True, ("there already", "new"), ("ana", "acme/data")
        )
        forge.open(draft)
        forge.open(draft)  # exists
        forge.edit(1, Draft("Other", "", "prismafix/fixes", "main", labels=("späť/new",)))
        server.add_pull(head="other", state="merged", draft=False)
        forge.find("other")
        forge.find("prismafix/fixes")
        forge.open(Draft("Plain", "Body", "plain", "main", reviewers=("prisma-bot", "nobody", "ben", "acme/none")))
        server.drafts = False
        forge.open(Draft("Plain", "Body", "no-draft", "main", draft=True))
        forge.read(2)
        return server.requests


def test_every_request_is_valid(requests: list[Request], address: str) -> None:
    asked = {(request.method, re.sub(r"\d+", "N", request.path).split("/labels/")[0]) for request in requests}
    assert asked == {
        ("GET", "/repos/acme/shop"),
        ("GET", "/repos/acme/shop/pulls"),
        ("POST", "/repos/acme/shop/pulls"),
        ("GET", "/repos/acme/shop/pulls/N"),
        ("PATCH", "/repos/acme/shop/pulls/N"),
        ("POST", "/repos/acme/shop/pulls/N/requested_reviewers"),
        ("GET", "/repos/acme/shop"),
        ("POST", "/repos/acme/shop/labels"),
        ("POST", "/repos/acme/shop/issues/N/labels"),
    }

    for request in requests:
        status, said = _sent(address, request.method, request.path, request.query, request.body)
        assert (status < 300, said) == (True, ""), request


def test_a_wrong_request_is_noticed(address: str) -> None:
    status, said = _sent(address, "POST", "/repos/acme/shop/pulls", {}, {"title": "T", "head": 1})

    assert status == 422
    assert "base" in said


def test_answers_of_our_server_are_as_described(requests: list[Request], cut: dict[str, Any]) -> None:
    checked = 0
    for request in requests:
        path = _described(request.path)
        schema = answer_schema(cut, path, request.method, request.status)
        if schema is not None:
            jsonschema.validate(request.answer, schema)
            checked += 1
    assert checked > 20


def test_client_reads_answers_that_are_githubs_own_examples(address: str) -> None:
    remote = remote_of("origin", "", Told("github", address, "octocat/Hello-World"))
    forge = connect(remote, Token(TOKEN, "test"), print)

    assert forge.default_branch() == "master"
    found = forge.find("new-topic")
    assert found is not None
    assert (found.number, found.base, found.state) == (1347, "master", "merged")  # it has a `merged_at`
    assert (found.opened_at, found.ended_at) == (1296068472.0, 1296068472.0)  # 2011-01-26T19:01:12Z
    assert found.url == "https://github.com/octocat/Hello-World/pull/1347"
    opened = forge.open(Draft("Amazing new feature", "Please pull these awesome changes in!", "new-topic", "master"))
    assert (opened.request.number, opened.notes) == (1347, ())
    assert forge.edit(1347, Draft("Other", "Text", "new-topic", "master", labels=("bug", "more"))).notes == ()


def _described(path: str) -> str:
    for pattern, described in (
        (r"/pulls/\d+/requested_reviewers", "/pulls/{pull_number}/requested_reviewers"),
        (r"/pulls/\d+", "/pulls/{pull_number}"),
        (r"/issues/\d+/labels", "/issues/{issue_number}/labels"),
        (r"/labels/.+", "/labels/{name}"),
    ):
        if re.search(f"{pattern}$", path):
            return "/repos/{owner}/{repo}" + described
    return path.replace("acme", "{owner}").replace("shop", "{repo}")


def _sent(address: str, method: str, path: str, query: dict[str, str], body: Any) -> tuple[int, str]:
    label = path.partition("/labels/")  # a name may hold slashes, and is one segment
    path = label[0] + (f"/labels/{quote(label[2], safe='')}" if label[2] else label[1].rstrip("/"))
    request = urllib.request.Request(
        f"{address}{path}?{urlencode(query)}",
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Content-Type": "application/json", "Authorization": f"Bearer {TOKEN}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, _wrong(answer.headers)
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, _wrong(error.headers)


def _wrong(headers: Message) -> str:
    """What prism found wrong with the request; it says as well where GitHub's examples break GitHub's description."""
    found = json.loads(headers.get("sl-violations") or "[]")
    return "\n".join(each["message"] for each in found if each["location"][0] == "request")
