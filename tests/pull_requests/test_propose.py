"""Opened, brought up to date, left alone: what becomes of the branch and the pull request, run after run."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from prismafix.delivery.forges.model import ForgeRefused, ForgeUnreachable
from prismafix.errors import UserError
from tests.delivery.making import doubt, make_fix
from tests.forges.servers import AUTHOR

from .place import Place, hook, make_place, mend, run_git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.forges.servers import Server

BRANCH = "prismafix/fixes"


def test_opened_with_commits_on_top_of_the_base(place: Place) -> None:
    done = place.propose(mend("a.ts"), mend("b.ts"), labels=("database",), draft=True)
    assert done.status == "opened" and done.number == 1 and (done.fixes, done.findings) == (2, 2)
    assert place.subjects(BRANCH) == ["fix(prisma): mend PF101 a.ts", "fix(prisma): mend PF101 b.ts"]
    assert [subject for _, subject in done.commits] == place.subjects(BRANCH)
    assert place.file(BRANCH, "a.ts") == "new" and place.file("main", "a.ts") == "a.ts old"
    (pull,) = place.server.pulls
    assert (pull.head, pull.base, pull.title, pull.draft) == (BRANCH, "main", done.title, True)
    assert pull.labels == ["database"] and pull.body == done.body
    assert place.left_behind() == [] and place.work_trees() == 1


def test_the_checkout_is_not_touched(place: Place) -> None:
    (place.repo / "a.ts").write_text("stashed\n")
    place.git("stash", "-q")
    (place.repo / "a.ts").write_text("mine\n")
    (place.repo / "b.ts").write_text("staged\n")
    place.git("add", "b.ts")
    (place.repo / "untracked.ts").write_text("u\n")
    place.git("switch", "-q", "-c", "feature")

    def state() -> list[object]:
        asked = ("status -b --porcelain", "stash list", "branch -a", "config --list --local", "reflog", "ls-files -s")
        files = {path.name: path.read_bytes() for path in place.repo.iterdir() if path.is_file()}
        return [*(place.git(*command.split()) for command in asked), files, sorted((place.repo / ".git").iterdir())]

    before = state()
    place.propose(mend("a.ts"), dry=True)
    assert state() == before
    place.propose(mend("a.ts"))
    after = state()
    after[2] = str(after[2]).replace(f"\n  remotes/origin/{BRANCH}", "")  # what any push leaves
    before[2] = str(before[2])
    assert after == before
    assert place.file(BRANCH, "a.ts") == "new" and place.changed(BRANCH) == ["a.ts"]
    assert any("your checkout differs" in line for line in place.said)


def test_nothing_is_said_of_a_checkout_that_is_the_base(place: Place) -> None:
    place.propose(mend("a.ts"))
    assert not any("differs" in line for line in place.said)


def test_a_second_run_changes_nothing(place: Place) -> None:
    first = place.propose(mend("a.ts"))
    tip, asked = place.at(BRANCH), len(place.server.requests)
    again = place.propose(mend("a.ts"))
    assert again.status == "unchanged" and (again.url, again.number, again.body) == (first.url, 1, first.body)
    assert again.commits == first.commits
    assert place.at(BRANCH) == tip and len(place.server.pulls) == 1
    assert {request.method for request in place.server.requests[asked:]} == {"GET"}
    assert place.clone().propose(mend("a.ts")).status == "unchanged", "also in another clone"


def test_the_branch_follows_the_base(place: Place) -> None:
    place.propose(mend("a.ts"))
    new = place.push({"other.ts": "changed\n"})
    done = place.propose(mend("a.ts"))
    assert done.status == "edited" and done.number == 1 and len(place.server.pulls) == 1
    assert run_git(place.bare, "merge-base", "main", BRANCH) == new
    assert place.file(BRANCH, "other.ts") == "changed" and place.file(BRANCH, "a.ts") == "new"


def test_the_branch_follows_the_fixes(place: Place) -> None:
    place.propose(mend("a.ts"))
    done = place.clone().propose(mend("a.ts"), mend("b.ts"))
    assert done.status == "edited" and place.changed(BRANCH) == ["a.ts", "b.ts"]
    assert place.server.pulls[0].body == done.body and "2 findings" in done.body


def test_a_text_that_is_not_what_it_was_is_written_again_without_a_push(place: Place) -> None:
    first = place.propose(mend("a.ts"))
    tip = place.at(BRANCH)
    place.server.pulls[0].body = first.body.replace("finding", "cat")
    assert place.propose(mend("a.ts")).status == "edited"
    assert place.server.pulls[0].body == first.body and place.at(BRANCH) == tip


def test_a_forge_that_keeps_other_line_breaks_changes_nothing(place: Place) -> None:
    place.propose(mend("a.ts"))
    place.server.pulls[0].body = place.server.pulls[0].body.replace("\n", "\r\n").rstrip()
    assert place.propose(mend("a.ts")).status == "unchanged"


@pytest.mark.parametrize("clone", [False, True])
def test_a_branch_that_somebody_else_pushed_to_is_left_alone(place: Place, clone: bool) -> None:
    place.propose(mend("a.ts"))
    theirs = place.push({"a.ts": "better\n"}, BRANCH)
    body = place.server.pulls[0].body
    done = (place.clone() if clone else place).propose(mend("a.ts"), mend("b.ts"))
    assert done.status == "left alone" and done.number == 1
    assert done.notes == (
        f"{BRANCH} is at {theirs[:7]}, which somebody else pushed: use another --branch, or delete it",
    )
    assert place.at(BRANCH) == theirs and place.server.pulls[0].body == body


def test_a_commit_that_was_amended_is_somebody_elses(place: Place) -> None:
    place.propose(mend("a.ts"))
    other = place.clone("-b", BRANCH)
    (other.repo / "a.ts").write_text("better\n")
    other.git("commit", "-q", "-a", "--amend", "--no-edit")
    other.git("push", "-q", "--force", "origin", BRANCH)
    assert place.propose(mend("a.ts"), mend("b.ts")).status == "left alone"
    assert place.file(BRANCH, "a.ts") == "better"


def test_a_branch_of_that_name_without_a_pull_request_is_left_alone(place: Place) -> None:
    other = place.clone()
    other.git("switch", "-q", "-c", BRANCH)
    (other.repo / "mine.ts").write_text("mine\n")
    other.git("add", "mine.ts")
    other.git("commit", "-q", "-m", "mine")
    other.git("push", "-q", "origin", BRANCH)
    done = place.propose(mend("a.ts"))
    assert done.status == "left alone" and place.file(BRANCH, "mine.ts") == "mine" and place.server.pulls == []


def test_what_the_forge_itself_merged_into_the_branch_counts_as_ours(place: Place) -> None:
    """GitHub's button "Update branch": a merge of the base whose tree is what a new run makes."""
    place.propose(mend("a.ts"))
    place.push({"other.ts": "changed\n"})
    other = place.clone("-b", BRANCH)
    other.git("merge", "-q", "--no-edit", "origin/main")
    other.git("push", "-q", "origin", BRANCH)
    place.propose(mend("a.ts"))
    place.push({"other.ts": "changed again\n"})
    assert place.propose(mend("a.ts")).status == "edited"
    assert place.file(BRANCH, "other.ts") == "changed again"


def test_a_closed_pull_request_stays_closed(place: Place) -> None:
    place.propose(mend("a.ts"))
    place.server.pulls[0].state = "closed"
    tip = place.at(BRANCH)
    done = place.propose(mend("a.ts"), mend("b.ts"))
    assert done.status == "left alone" and "was closed: reopen it, or use another --branch" in done.notes[0]
    assert place.at(BRANCH) == tip and len(place.server.pulls) == 1
    assert place.propose(mend("a.ts"), branch="prismafix/second").status == "opened"


@pytest.mark.parametrize("how", ["merge, branch deleted", "merge", "squash"])
def test_after_a_merge_a_new_round_is_opened(place: Place, how: str) -> None:
    place.propose(mend("a.ts"))
    if how == "squash":
        place.push({"a.ts": "new\n"})
    else:
        run_git(place.bare, "update-ref", "refs/heads/main", place.at(BRANCH))
    place.server.pulls[0].state = "merged"
    if "deleted" in how:
        run_git(place.bare, "branch", "-q", "-D", BRANCH)
    assert place.propose(mend("a.ts")).status == "nothing", "its fix is in the base"
    done = place.clone().propose(mend("b.ts"))
    assert done.status == "opened" and done.number == 2 and place.changed(BRANCH) == ["b.ts"]


def test_nothing_to_fix_opens_nothing(place: Place) -> None:
    done = place.propose()
    assert (done.status, done.branch, done.base, done.url) == ("nothing", BRANCH, "main", None)
    assert place.at(BRANCH) == "" and place.server.pulls == [] and not place.server.asked("POST")


def test_an_open_pull_request_with_nothing_left_is_named_and_stays(place: Place) -> None:
    place.propose(mend("a.ts"))
    place.push({"a.ts": "new\n"})
    done = place.propose(mend("a.ts"))
    assert done.status == "nothing" and done.number == 1
    assert "has nothing left to do: what it fixes is in main or gone. Close it" in done.notes[0]
    assert place.server.pulls[0].state == "open"


def test_one_per_rule_and_one_per_package(place: Place) -> None:
    fixes = (mend("a.ts", code="PF303", package="@acme/web"), mend("b.ts", code="PF101", package="@acme/web"))
    more = mend("other.ts", code="PF303", package="api")
    by_rule = place.propose_all(*fixes, more, per="rule")
    assert [p.branch for p in by_rule] == [f"{BRANCH}-pf101", f"{BRANCH}-pf303"]
    assert [place.changed(p.branch) for p in by_rule] == [["b.ts"], ["a.ts", "other.ts"]]
    by_package = place.propose_all(*fixes, more, per="package")
    assert [p.branch for p in by_package] == [f"{BRANCH}-acme-web", f"{BRANCH}-api"]
    assert [place.changed(p.branch) for p in by_package] == [["a.ts", "b.ts"], ["other.ts"]], "nothing of the others"
    assert all(place.subjects(p.branch) for p in (*by_rule, *by_package)), "each stands on the base"
    assert [p.status for p in place.propose_all(*fixes, more, per="rule")] == ["unchanged"] * 2
    left = place.propose_all(fixes[1], per="rule")
    assert [(p.branch, p.status) for p in left] == [(f"{BRANCH}-pf101", "unchanged"), (f"{BRANCH}-pf303", "nothing")]
    assert "Close it" in left[1].notes[0]


def test_pull_requests_of_another_division_are_named(place: Place) -> None:
    fixes = (mend("a.ts", code="PF303"), mend("b.ts", code="PF101"))
    place.propose_all(*fixes, per="rule")
    place.git("push", "-q", "origin", f"main:{BRANCH}-of-mine")
    place.said.clear()
    place.propose(*fixes)
    said = [line for line in place.said if "another --per" in line]
    assert [line.split()[1] for line in said] == [f"({BRANCH}-pf101)", f"({BRANCH}-pf303)"]
    place.said.clear()
    place.propose_all(*fixes, per="rule")
    assert [line.split()[1] for line in place.said if "another --per" in line] == [f"({BRANCH})"]


def test_packages_of_one_name_have_branches_of_their_own(place: Place) -> None:
    done = place.propose_all(
        mend("a.ts", package="@one/web"), mend("b.ts", package="@two/web"), mend("other.ts"), per="package"
    )
    assert [p.branch for p in done] == [f"{BRANCH}-root", f"{BRANCH}-one-web", f"{BRANCH}-two-web"]


def test_owners_are_asked_and_others_if_wanted(tmp_path: Path, server: Server) -> None:
    files = {"a.ts": "a.ts old\n", "b.ts": "b.ts old\n", ".github/CODEOWNERS": "* @ben\na.ts @ana @acme/data\n"}
    place = make_place(tmp_path, server, files)
    place.propose(mend("a.ts"))
    assert (server.pulls[0].reviewers, server.pulls[0].teams) == (["ana"], ["data"])
    place.propose(mend("a.ts"), branch="two", reviewers=("ben",))
    assert (server.pulls[1].reviewers, server.pulls[1].teams) == (["ben"], [])
    place.propose(mend("a.ts"), branch="three", reviewers=())
    assert (server.pulls[2].reviewers, server.pulls[2].teams) == ([], [])
    done = place.propose(mend("a.ts"), branch="four", reviewers=("nobody-there",))
    assert done.status == "opened" and "nobody-there" in " ".join(done.notes)
    assert AUTHOR not in done.body


def test_gitlab(tmp_path: Path, gitlab: Server) -> None:
    place = make_place(tmp_path, gitlab, {"a.ts": "a.ts old\n", "b.ts": "b.ts old\n"})
    assert place.propose(mend("a.ts")).status == "opened"
    assert place.propose(mend("a.ts")).status == "unchanged"
    assert place.propose(mend("a.ts"), mend("b.ts")).status == "edited"
    assert len(gitlab.pulls) == 1 and "git.acme.example/acme/shop/-/blob/" in gitlab.pulls[0].body


def test_another_base(place: Place) -> None:
    place.git("push", "-q", "origin", "main:release/1")
    new = place.push({"b.ts": "b.ts old\n", "more.ts": "m\n"}, "release/1")
    done = place.propose(mend("a.ts"), base="release/1")
    assert done.base == "release/1" and place.server.pulls[0].base == "release/1"
    assert run_git(place.bare, "merge-base", "release/1", BRANCH) == new
    assert place.git("branch", "--list") == "* main"
    tip = place.at(BRANCH)
    done = place.propose(mend("a.ts"))
    assert done.status == "left alone" and "is for release/1: use another --branch" in done.notes[0]
    assert place.at(BRANCH) == tip and place.server.pulls[0].body != done.body


# --- dry runs


def test_a_dry_run_shows_all_and_does_nothing(place: Place) -> None:
    done = place.propose(mend("a.ts"), dry=True)
    assert done.status == "would open" and done.url is None and "1 finding" in done.body
    assert [subject for _, subject in done.commits] == ["fix(prisma): mend PF101 a.ts"]
    (place.repo / "p.patch").write_text(done.patch)
    place.git("apply", "--check", "p.patch")
    assert place.at(BRANCH) == "" and not place.server.asked("POST")
    assert place.left_behind() == []
    place.propose(mend("a.ts"))
    assert place.propose(mend("a.ts"), dry=True).status == "unchanged"
    done = place.propose(mend("a.ts"), mend("b.ts"), dry=True)
    assert done.status == "would edit" and done.number == 1 and place.changed(BRANCH) == ["a.ts"]


# --- faults between the steps


def test_the_next_run_opens_what_was_only_pushed(place: Place) -> None:
    place.server.fail_next(0, method="POST", path="/pulls", times=9)
    with pytest.raises(ForgeUnreachable, match=f"{BRANCH} is pushed: run this again, and it goes on from there"):
        place.propose(mend("a.ts"))
    tip = place.at(BRANCH)
    assert tip and place.server.pulls == [] and place.left_behind() == []
    other = make_again(place)
    assert other.propose(mend("a.ts")).status == "opened"
    assert place.at(BRANCH) == tip and len(place.server.pulls) == 1


def make_again(place: Place) -> Place:
    """The next run of a CI: another clone, and a network that works."""
    place.server._faults.clear()
    return place.clone()


def test_it_does_so_from_another_clone_with_a_newer_base(place: Place) -> None:
    place.server.fail_next(0, method="POST", path="/pulls", times=9)
    with pytest.raises(ForgeUnreachable):
        place.propose(mend("a.ts"))
    new = place.push({"other.ts": "changed\n"})
    done = make_again(place).propose(mend("a.ts"))
    assert done.status == "opened" and run_git(place.bare, "merge-base", "main", BRANCH) == new


def test_it_edits_what_was_only_pushed(place: Place) -> None:
    place.propose(mend("a.ts"))
    place.server.fail_next(0, method="PATCH", times=9)
    with pytest.raises(ForgeUnreachable, match="is pushed"):
        place.propose(mend("a.ts"), mend("b.ts"))
    tip = place.at(BRANCH)
    done = make_again(place).propose(mend("a.ts"), mend("b.ts"))
    assert done.status == "edited" and place.at(BRANCH) == tip and "2 findings" in place.server.pulls[0].body


def test_an_answer_that_got_lost_opens_no_second_one(place: Place) -> None:
    place.server.fail_next(0, method="POST", path="/pulls$", after=True)
    assert place.propose(mend("a.ts")).status == "opened"
    assert len(place.server.pulls) == 1


def test_a_token_without_rights(place: Place) -> None:
    place.server.fail_next(
        403, body={"message": "Resource not accessible by integration"}, method="POST", path="/pulls$"
    )
    with pytest.raises(ForgeRefused, match="not accessible"):
        place.propose(mend("a.ts"))
    assert place.propose(mend("a.ts")).status == "opened"


def test_somebody_who_pushes_at_the_same_moment_wins(place: Place) -> None:
    place.propose(mend("a.ts"))
    other = place.clone("-b", BRANCH)
    (other.repo / "a.ts").write_text("better\n")
    other.git("commit", "-q", "-a", "-m", "better")
    hook(place.repo, ".git/hooks/pre-push", f"unset GIT_DIR; git -C {other.repo} push -q origin {BRANCH}\n")
    body = place.server.pulls[0].body
    with pytest.raises(UserError, match=r"pushed to prismafix/fixes at the same moment.*: run this again"):
        place.propose(mend("a.ts"), mend("b.ts"))
    assert place.file(BRANCH, "a.ts") == "better" and place.server.pulls[0].body == body
    assert place.left_behind() == []
    assert place.propose(mend("a.ts"), mend("b.ts")).status == "left alone"


def test_a_branch_that_came_up_at_the_same_moment_is_not_overwritten(place: Place) -> None:
    other = place.clone()
    hook(place.repo, ".git/hooks/pre-push", f"unset GIT_DIR; git -C {other.repo} push -q origin main:{BRANCH}\n")
    with pytest.raises(UserError, match="at the same moment"):
        place.propose(mend("a.ts"))
    assert place.at(BRANCH) == place.at("main")


def test_a_protected_branch(place: Place) -> None:
    hook(
        place.bare,
        "hooks/pre-receive",
        "echo 'GH006: protected branch, see https://ann:s3cret@git.acme.example/rules' >&2; exit 1\n",
    )
    with pytest.raises(UserError) as raised:
        place.propose(mend("a.ts"))
    text = str(raised.value)
    assert text.startswith(f"origin refused {BRANCH} (pre-receive hook declined): GH006: protected branch")
    assert "s3cret" not in text and "\n" not in text
    assert place.server.pulls == [] and place.at(BRANCH) == ""


def test_a_remote_that_is_gone(place: Place) -> None:
    place.git("remote", "set-url", "origin", "https://ann:s3cret-t0ken@127.0.0.1:1/acme/shop.git")
    with pytest.raises(UserError) as raised:
        place.propose(mend("a.ts"))
    text = str(raised.value)
    assert "main could not be fetched from origin" in text and "s3cret" not in text and "\n" not in text


def test_a_git_without_credentials(place: Place) -> None:
    class Closed(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="git"')
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Closed) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{http.server_port}/acme/shop.git"
        place.git("config", f"url.{url}.pushInsteadOf", str(place.bare))
        with pytest.raises(UserError, match=r"could not be pushed to origin: .*gh auth setup-git") as pushed:
            place.propose(mend("a.ts"))
        place.git("remote", "set-url", "origin", url)
        with pytest.raises(UserError, match=r"could not be fetched from origin: .*gh auth setup-git"):
            place.propose(mend("a.ts"))
        http.shutdown()
    assert "\n" not in str(pushed.value) and place.server.pulls == []


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"base": "nowhere"}, "origin has no branch nowhere"),
        ({"branch": "main"}, "--branch main is the base itself"),
        ({"branch": "a..b"}, "'a..b' is no name for a branch"),
        ({"branch": "-x"}, "'-x' is no name for a branch"),
        ({"base": "--upload-pack=x"}, "is no name for a branch"),
        ({"per": "rule", "analyse_only": None}, "--per rule needs an analysis"),
    ],
)
def test_wrong_use(place: Place, more: dict[str, object], text: str) -> None:
    with pytest.raises(UserError, match=text):
        place.propose(mend("a.ts"), **more)
    assert place.server.pulls == [] and place.left_behind() == []


def test_a_fix_that_is_dropped_is_said_and_the_rest_goes_on(place: Place) -> None:
    bad = make_fix("bad", ("a.ts", b"a.ts old\n", b"x\n"), ("b.ts", b"something else\n", b"y\n"), code="PF101")
    done = place.propose(bad, mend("other.ts"))
    assert done.status == "opened" and place.changed(BRANCH) == ["other.ts"]
    assert any("b.ts has changed since it was read" in note for note in done.notes)
    assert "Dropped" in done.body


def test_doubts_are_questions_in_the_text(place: Place) -> None:
    done = place.propose(
        make_fix("one", ("a.ts", b"a.ts old\n", b"1\n"), code="PF303", doubts=(doubt("the order of mails"),))
    )
    assert "- [ ] the order of mails" in done.body


def test_a_git_that_is_inside_a_hook(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_INDEX_FILE", "x")
    with pytest.raises(UserError, match="GIT_INDEX_FILE is set, as inside a git hook"):
        place.propose(mend("a.ts"))


def test_places_without_a_repository_or_a_remote(tmp_path: Path, place: Place) -> None:
    (tmp_path / "plain").mkdir()
    with pytest.raises(UserError, match="in no git repository"):
        place.propose(mend("a.ts"), root=tmp_path / "plain")
    with pytest.raises(UserError, match="bare repository"):
        place.propose(mend("a.ts"), root=place.bare)
    place.git("remote", "remove", "origin")
    with pytest.raises(UserError, match="could not be fetched"):
        place.propose(mend("a.ts"))
