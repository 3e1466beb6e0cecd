"""Pull requests at both forges, when all goes well and where a forge leaves something out."""

from __future__ import annotations

import subprocess
import sys
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from prismafix.delivery.forges.client import connect
from prismafix.delivery.forges.model import Draft, ForgeRefused
from prismafix.delivery.forges.remote import remote_of
from prismafix.delivery.forges.tokens import Token

from .servers import AUTHOR, TOKEN, Pull

if TYPE_CHECKING:
    from pathlib import Path

    from .conftest import Connected

DRAFT = Draft("Fewer connections", "What and why\n\n- [ ] ✓", "prismafix/fixes", "main")


def test_open_find_edit_state(either: Connected) -> None:
    forge, server = either.forge, either.server
    server.default_branch = "trunk"
    assert forge.remote == either.remote
    assert forge.default_branch() == "trunk"
    assert forge.find("prismafix/fixes") is None

    opened = forge.open(DRAFT)

    assert opened.notes == ()
    request = opened.request
    assert (request.title, request.body, request.head, request.base) == (
        DRAFT.title,
        DRAFT.body,
        "prismafix/fixes",
        "main",
    )
    assert (request.number, request.state, request.draft) == (1, "open", False)
    assert request.url.startswith("https://")
    assert forge.find("prismafix/fixes") == request

    edited = forge.edit(1, Draft("Fewer still", "", "prismafix/fixes", "main"))

    assert (edited.request.title, edited.request.body) == ("Fewer still", "")
    assert [(pull.title, pull.body) for pull in server.pulls] == [("Fewer still", "")]
    for state in ("open", "closed", "merged"):
        server.pulls[0].state = state
        assert forge.read(1).state == state
    assert either.said == []


@pytest.mark.parametrize(
    ("said", "ended"),
    [
        ("2026-01-02T03:04:05.678Z", 1767323045.678),
        ("2026-01-02T03:04:05+02:00", 1767315845.0),
        ("some day", None),
        (7, None),
        (None, None),
    ],
)
def test_when_it_was_opened_and_merged(either: Connected, said: Any, ended: float | None) -> None:
    pull = either.server.add_pull()
    read = either.forge.read(1)
    assert (read.opened_at, read.ended_at) == (1767268800.0, None)
    pull.ended_at = said
    for state in ("merged", "closed"):
        pull.state = state
        read = either.forge.read(1)
        # Without a time that it was merged, GitHub's is one that was closed.
        assert read.ended_at == ended and (read.state == state or said is None)


def test_opening_what_is_open_edits_it(either: Connected) -> None:
    either.forge.open(DRAFT)

    opened = either.again().open(Draft("New title", "New body", DRAFT.head, DRAFT.base, labels=("perf",)))

    assert (opened.request.number, opened.request.title) == (1, "New title")
    assert [(pull.title, pull.body, pull.labels) for pull in either.server.pulls] == [
        ("New title", "New body", ["perf"])
    ]


def test_closed_and_merged_ones_are_no_hindrance(either: Connected) -> None:
    either.server.add_pull(state="merged")
    either.server.add_pull(state="closed")

    assert either.forge.open(DRAFT).request.number == 3


def test_find_prefers_the_open_one_and_then_the_newest(either: Connected) -> None:
    server, forge = either.server, either.forge
    server.add_pull(state="merged")
    server.add_pull(state="closed")
    server.add_pull(head="another", state="open")
    found = forge.find("prismafix/fixes")
    assert found is not None
    assert (found.number, found.state) == (2, "closed")

    server.pulls[0].state = "open"
    found = forge.find("prismafix/fixes")
    assert found is not None
    assert (found.number, found.state) == (1, "open")


def test_branch_of_a_fork_is_another_branch(either: Connected) -> None:
    either.server.add_pull(fork="acme/shop-fork")
    either.server.add_pull(fork="ana/shop")

    assert either.forge.find("prismafix/fixes") is None
    assert either.forge.open(DRAFT).request.number == 3


def test_draft(either: Connected) -> None:
    opened = either.forge.open(Draft("Title", "", "b", "main", draft=True))

    assert (opened.request.title, opened.request.draft, opened.notes) == ("Title", True, ())
    assert either.server.pulls[0].draft


def test_edit_leaves_what_people_set(either: Connected) -> None:
    either.forge.open(Draft("Title", "", "b", "main", draft=True, labels=("ours",), reviewers=("ana",)))
    pull = either.server.pulls[0]
    pull.labels.append("theirs")

    edited = either.forge.edit(1, Draft("Other", "", "b", "main", labels=("Ours", "more"), reviewers=("ben",)))

    assert (edited.request.title, edited.request.draft) == ("Other", True)
    assert (pull.draft, pull.labels, pull.reviewers) == (True, ["ours", "theirs", "more"], ["ana"])

    either.server.pulls[0] = Pull(1, "Other", "", "b", "main", labels=["ours", "more"])  # somebody made it ready
    assert either.forge.edit(1, Draft("Again", "", "b", "main", draft=True)).request.draft is False


def test_edit_of_what_is_already_so_sends_nothing(either: Connected) -> None:
    draft = Draft("Title", "Body", "b", "main", labels=("perf",))
    either.forge.open(draft)
    before = len(either.server.asked("POST"))

    either.again().edit(1, draft)

    assert either.server.pulls[0].edits == 0
    assert len(either.server.asked("POST")) == before


def test_gitlab_carries_nothing_out_that_a_body_says(gitlab: Connected) -> None:
    body = "Found in\n/close\n  /assign @ana\n\n```ts\n/close\n~~~\n```\n/ 2 and //x and a/b\n/merge"

    opened = gitlab.forge.open(Draft("Title", body, "b", "main"))

    assert gitlab.server.pulls[0].body == (
        "Found in\n\\/close\n  \\/assign @ana\n\n```ts\n/close\n~~~\n```\n/ 2 and //x and a/b\n\\/merge"
    )
    assert opened.request.body == body
    assert gitlab.forge.edit(1, Draft("Title", body, "b", "main")).request.body == body
    assert gitlab.server.pulls[0].edits == 0


def test_body_as_the_forge_keeps_it_is_the_same(either: Connected) -> None:
    either.server.add_pull(title="Title", body="One\r\n\r\nTwo")

    either.forge.edit(1, Draft("Title", "One\n\nTwo\n", "prismafix/fixes", "main"))

    assert either.server.pulls[0].edits == 0


def test_labels_are_made(either: Connected) -> None:
    either.server.labels.add("there")

    opened = either.forge.open(Draft("Title", "", "b", "main", labels=("there", "new one", "späť/β")))

    assert opened.notes == ()
    assert either.server.pulls[0].labels == ["there", "new one", "späť/β"]
    assert either.server.labels == {"there", "new one", "späť/β"}


def test_labels_that_the_token_may_not_make(either: Connected) -> None:
    either.server.may_label = False

    opened = either.forge.open(Draft("Title", "", "b", "main", labels=("perf",)))

    assert opened.request.number == 1
    assert "not labelled perf: " in opened.notes[-1]


def test_github_token_that_may_not_ask_for_reviews(github: Connected) -> None:
    github.server.fail_next(403, body={"message": "Resource not accessible"}, path="requested_reviewers")

    opened = github.forge.open(Draft("Title", "", "b", "main", reviewers=("ana", "ben")))

    assert opened.notes == ("not asked to review: ana, ben: Resource not accessible",)
    assert len(github.server.asked("POST", "requested_reviewers")) == 1


def test_github_reviewers(github: Connected) -> None:
    reviewers = ("@ana", "ana", AUTHOR, "acme/data", "acme/nobody", "other/data", "ghost")

    opened = github.forge.open(Draft("Title", "", "b", "main", reviewers=reviewers))

    pull = github.server.pulls[0]
    assert (pull.reviewers, pull.teams) == (["ana"], ["data"])
    assert [note.split(":")[1].split(",")[0].strip() for note in opened.notes] == [
        AUTHOR,
        "other/data",
        "acme/nobody",
        "ghost",
    ]
    assert all(note.startswith("not asked to review: ") and "\n" not in note for note in opened.notes)


def test_gitlab_reviewers(gitlab: Connected) -> None:
    opened = gitlab.forge.open(Draft("Title", "", "b", "main", reviewers=("@ana", "ben", AUTHOR, "acme/data", "ghost")))

    assert gitlab.server.pulls[0].reviewers == ["ana"]
    assert opened.notes == (
        f"not asked to review: {AUTHOR}, who opened it",
        "not asked to review: acme/data, a group, and GitLab takes people only",
        f"not asked to review: ghost, whom {gitlab.remote.host} does not know",
        "not asked to review: ben: GitLab did not take them (its free tier takes one reviewer)",
    )


def test_repository_without_drafts_gets_a_normal_one(github: Connected) -> None:
    github.server.drafts = False

    opened = github.forge.open(Draft("Title", "", "b", "main", draft=True))

    assert opened.request.draft is False
    assert opened.notes == ("acme/shop has no draft pull requests: it was opened as a normal one",)


def test_renamed_repository(either: Connected) -> None:
    either.server.renamed_from, either.server.repository = "acme/shop", "acme/store"

    opened = either.forge.open(DRAFT)

    assert opened.request.number == 1
    assert either.forge.find(DRAFT.head) == opened.request
    assert either.said == ["acme/shop is acme/store now: `git remote set-url` saves the detour"]


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft("T", "", "fixes", "develop"), "is there a branch develop? Choose another with --base"),
        (Draft("T", "", "unpushed", "main"), "the branch unpushed is not there: run again, it is pushed first"),
        (Draft("T", "", "empty", "main"), "No commits between main and empty: the base holds all of it already"),
    ],
)
def test_github_says_what_is_wrong_with_a_branch(github: Connected, bare: Path, draft: Draft, said: str) -> None:
    github.server.git = bare

    with pytest.raises(ForgeRefused) as error:
        github.forge.open(draft)

    assert said in str(error.value)
    assert f"refused to open a pull request from {draft.head} to {draft.base}" in str(error.value)
    assert github.forge.open(Draft("T", "", "fixes", "main")).request.number == 1


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft("T", "", "fixes", "develop"), "is there such a branch? Choose another with --base"),
        (Draft("T", "", "unpushed", "main"), "the branch is not there: run again, it is pushed first"),
    ],
)
def test_gitlab_says_what_is_wrong_with_a_branch(gitlab: Connected, bare: Path, draft: Draft, said: str) -> None:
    gitlab.server.git = bare

    with pytest.raises(ForgeRefused) as error:
        gitlab.forge.open(draft)

    assert said in str(error.value)


def test_gitlab_project_without_a_branch(gitlab: Connected) -> None:
    gitlab.server.default_branch = ""

    with pytest.raises(ForgeRefused, match=r"does not say which branch is the default: .*: say --base"):
        gitlab.forge.default_branch()


def test_api_without_tls_is_named() -> None:
    said: list[str] = []

    connect(remote_of("o", "http://gitlab.acme.example/a/b"), Token(TOKEN, "T"), said.append)

    assert said == ["http://gitlab.acme.example/api/v4 is without TLS: the token goes there as plain text"]


def test_forge_that_repeats_the_token(either: Connected) -> None:
    either.server.fail_next(418, body={"message": f"{TOKEN} is a fine token"})

    with pytest.raises(ForgeRefused) as error:
        either.forge.default_branch()

    assert "*** is a fine token" in str(error.value)
    assert TOKEN not in "".join(traceback.format_exception(error.value))


@pytest.mark.parametrize(("kind", "package"), [("github", "PyGithub"), ("gitlab", "python-gitlab")])
def test_without_the_extra(kind: str, package: str) -> None:
    program = f"""
import sys
sys.modules[{kind!r}] = None  # what an import finds that is not there
from prismafix.delivery.forges.client import connect
from prismafix.delivery.forges.model import Remote
from prismafix.delivery.forges.tokens import Token
from prismafix.errors import UserError
try:
    connect(Remote("origin", {kind!r}, "h", "a/b", "https://h/api/v4"), Token("x", "X"), print)
except UserError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (done.stdout, done.stderr) == (
        f"pull requests need {package}, which is not installed: `pip install '.[pr]'` in the checkout of prismafix\n",
        "",
    )


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A repository with `main`, `empty` at the same commit, and `fixes` with one more."""
    environment = ["-c", "user.name=x", "-c", "user.email=x@example.com", "-c", "commit.gpgsign=false"]
    for arguments in (
        ["init", "-q", "-b", "main"],
        [*environment, "commit", "-q", "--allow-empty", "-m", "first"],
        ["branch", "empty"],
        ["switch", "-q", "-c", "fixes"],
        [*environment, "commit", "-q", "--allow-empty", "-m", "fix"],
    ):
        subprocess.run(["git", "-C", str(tmp_path), *arguments], check=True)
    return tmp_path / ".git"
