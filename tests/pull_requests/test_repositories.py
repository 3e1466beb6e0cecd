"""Repositories that are set up in other ways than most: names, line endings, remotes, what is checked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.errors import UserError
from tests.cli.running import prismafix, source_root
from tests.delivery.making import make_fix

from .place import hook, make_place, mend, run_git

if TYPE_CHECKING:
    from pathlib import Path

    from tests.forges.servers import Server

    from .place import Place

BRANCH = "prismafix/fixes"


def test_a_branch_keeps_its_name_whichever_packages_have_fixes(place: Place) -> None:
    fixes = mend("a.ts", package="@one/web"), mend("b.ts", package="@two/web")
    done = place.propose_all(*fixes, mend("other.ts"), per="package")
    names = [f"{BRANCH}-root", f"{BRANCH}-one-web", f"{BRANCH}-two-web"]
    assert [p.branch for p in done] == names
    again = place.propose_all(fixes[1], per="package")
    assert [(p.branch, p.status) for p in again if p.status != "nothing"] == [(names[2], "unchanged")]
    assert [pull.head for pull in place.server.pulls] == names


def test_packages_whose_names_are_nearly_one_have_a_pull_request_each(place: Place) -> None:
    fixes = mend("a.ts", package="@acme/web"), mend("b.ts", package="acme-web"), mend("other.ts", package="@acme/Web")
    done = place.propose_all(*fixes, per="package")
    assert [p.status for p in done] == ["opened"] * 3 and len({p.branch for p in done}) == 3
    assert sorted(place.changed(p.branch) for p in done) == [["a.ts"], ["b.ts"], ["other.ts"]]
    assert [p.status for p in place.propose_all(*fixes, per="package")] == ["unchanged"] * 3


@pytest.mark.parametrize("there", ["prismafix", f"{BRANCH}/more"])
def test_a_branch_that_is_called_as_a_folder_of_ours(place: Place, there: str) -> None:
    place.git("push", "-q", "origin", f"main:{there}")
    with pytest.raises(UserError) as raised:
        place.propose(mend("a.ts"))
    assert str(raised.value) == (
        f"origin has the branch {there}, so there can be no {BRANCH}: give another name with --branch"
    )
    assert place.propose(mend("a.ts"), branch="other").status == "opened"


def test_branches_that_become_folders_later(place: Place) -> None:
    place.git("push", "-q", "origin", "main:release")
    assert place.propose(mend("a.ts"), base="release", branch="x").status == "opened"
    place.git("push", "-q", "origin", ":release", "main:release/größe", ":x")
    done = place.propose(mend("a.ts"), base="release/größe", branch="x/y")
    assert (done.status, done.base) == ("opened", "release/größe") and place.changed("x/y") == ["a.ts"]


def test_a_remote_that_forbids_rewriting(place: Place) -> None:
    run_git(place.bare, "config", "receive.denyNonFastForwards", "true")
    place.propose(mend("a.ts"))
    place.push({"other.ts": "changed\n"})
    tip = place.at(BRANCH)
    with pytest.raises(UserError, match=f"origin lets nobody rewrite {BRANCH}: .* --branch"):
        place.propose(mend("a.ts"))
    assert place.at(BRANCH) == tip


def test_a_remote_that_is_fetched_from_elsewhere(place: Place, tmp_path: Path) -> None:
    """The branches that count are those of where it is pushed to, and where the pull request is."""
    fork = tmp_path / "fork.git"
    run_git(tmp_path, "clone", "-q", "--bare", str(place.bare), str(fork))
    place.push({"other.ts": "not in the fork\n"})
    place.server.git = fork
    place.git("remote", "set-url", "--push", "origin", str(fork))
    assert place.propose(mend("a.ts")).status == "opened"
    assert place.at(BRANCH) == "", "nothing where it is only fetched from"
    assert run_git(fork, "log", "--format=%s", f"main..{BRANCH}") == "fix(prisma): mend PF101 a.ts"
    assert place.propose(mend("a.ts")).status == "unchanged"
    assert place.propose(mend("a.ts"), mend("b.ts")).status == "edited"
    assert "prismafix-pushed" not in place.git("remote")


def test_without_a_forge_the_remote_is_the_one_that_git_pushes_to(place: Place, tmp_path: Path) -> None:
    run_git(tmp_path, "clone", "-q", "--bare", str(place.bare), str(tmp_path / "fork.git"))
    run_git(tmp_path / "fork.git", "branch", "-m", "main", "trunk")
    place.git("remote", "add", "fork", str(tmp_path / "fork.git"))
    place.git("config", "remote.pushDefault", "fork")
    run = prismafix("pr", "--dry-run", cwd=place.repo)
    assert "is not known" in run.stderr and run.stdout == "No fix for trunk: nothing to open.\n"


@pytest.mark.parametrize("name", ["HEAD", "x..y", "-x", "a/", ""])
def test_what_is_no_name_for_a_branch(place: Place, name: str) -> None:
    with pytest.raises(UserError, match="is no name for a branch"):
        place.propose(mend("a.ts"), branch=name)


def test_a_repository_that_is_called_as_what_lies_beside_the_work_tree(place: Place) -> None:
    place.repo = place.repo.rename(place.repo.parent / "lock")
    assert place.propose(mend("a.ts")).status == "opened" and place.left_behind() == []


@pytest.mark.parametrize("below", ["", "sub/"])
def test_lines_that_git_would_all_rewrite_are_no_part_of_a_fix(tmp_path: Path, server: Server, below: str) -> None:
    """Such as CRLF that is in git where .gitattributes wants LF."""
    files = {f"{below}a.ts": "a.ts old\r\n", f"{below}b.ts": "b.ts old\n"}
    place = make_place(tmp_path, server, files)
    (place.repo / ".gitattributes").write_text("*.ts text eol=lf\n")
    place.git("add", ".gitattributes")
    place.git("commit", "-q", "-m", "attributes")
    place.git("push", "-q")
    root = place.repo / below
    fix = make_fix("PF101 a.ts", ("a.ts", b"a.ts old\r\n", b"new\r\n"), code="PF101")
    with pytest.raises(UserError, match=f"^{below}a.ts is not in git as .gitattributes wants it.*--renormalize"):
        place.propose(fix, root=root)
    assert place.at(BRANCH) == "" and place.propose(mend("b.ts"), root=root).status == "opened"


def test_line_endings_that_only_the_checkout_has(tmp_path: Path, server: Server) -> None:
    place = make_place(tmp_path, server, {"a.ts": "one\na.ts old\n", "b.ts": "b.ts old\n"})
    place.git("config", "core.autocrlf", "true")
    fix = make_fix("PF101 a.ts", ("a.ts", b"one\r\na.ts old\r\n", b"one\r\nnew\r\n"), code="PF101")
    assert place.propose(fix).status == "opened"
    assert run_git(place.bare, "diff", "--numstat", "main", BRANCH) == "1\t1\ta.ts"


def test_a_sparse_checkout_is_said_to_be_one(tmp_path: Path, server: Server) -> None:
    place = make_place(tmp_path, server, {"web/a.ts": "a.ts old\n", "api/b.ts": "b.ts old\n"})
    place.git("sparse-checkout", "set", "web")
    assert place.propose(mend("web/a.ts")).status == "opened" and place.changed(BRANCH) == ["web/a.ts"]
    assert "your checkout is sparse: only what it takes in is looked at" in place.said
    assert not (place.repo / "api").exists()


def test_a_git_that_knows_no_name(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.delenv(f"GIT_{role}_NAME")
        monkeypatch.delenv(f"GIT_{role}_EMAIL")
    place.git("config", "user.useConfigOnly", "true")
    with pytest.raises(UserError) as raised:
        place.propose(mend("a.ts"))
    assert str(raised.value).startswith("git does not know in whose name to commit: set it with `git config user.name`")
    assert place.at(BRANCH) == ""


def test_a_repository_of_another_user(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that has a folder of its host."""
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")
    run = place.run()
    assert run.returncode == 2 and run.stderr.count("\n") == 1
    assert f"git does not trust it: `git config --global --add safe.directory {place.repo}`" in run.stderr


def test_a_user_without_a_name_and_a_home(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under any number: `~` is nothing there."""
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text("import os\nos.getuid = lambda: 54321\n")
    path = f"{source_root()}:{tmp_path / 'site'}"
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    run = place.run(PYTHONPATH=path)
    assert "there is no home folder (set HOME): nothing is kept between runs" in run.stderr
    assert (run.returncode, run.stdout) == (0, "No fix for main: nothing to open.\n"), run.stderr


def test_what_ssh_says_is_why(place: Place) -> None:
    place.git("remote", "set-url", "origin", "git@127.0.0.1:acme/shop.git")
    place.git("config", "core.sshCommand", "echo 'Host key verification failed.' >&2; exit 255; :")
    with pytest.raises(UserError, match=r"fetched from origin: Host key verification failed\.; Could not read"):
        place.propose(mend("a.ts"))


def test_of_a_hook_that_says_much_the_beginning_and_the_end_are_shown(place: Place) -> None:
    said = "printf '\\033[31mfirst\\033[0m\\n'; seq 1000; echo; echo '✖ 1 problem'"
    hook(place.repo, ".git/hooks/pre-commit", f"({said}) >&2; exit 1\n")
    with pytest.raises(UserError) as raised:
        place.propose(mend("a.ts"))
    text = str(raised.value)
    assert ": first 1 2 " in text and "1000 ✖ 1 problem (nothing was pushed" in text and len(text) < 1200


def test_a_signer_that_fails(place: Place) -> None:
    place.git("config", "commit.gpgsign", "true")
    place.git("config", "gpg.program", "false")
    with pytest.raises(UserError, match=r"gpg failed to sign the data .*\(nothing was pushed\)"):
        place.propose(mend("a.ts"))
    assert place.at(BRANCH) == ""


def test_settings_for_people_who_write_messages_by_hand(place: Place) -> None:
    (place.repo / "template").write_text("Why?\n")
    for key, value in (("template", "template"), ("verbose", "true"), ("cleanup", "strip"), ("status", "true")):
        place.git("config", f"commit.{key}", value)
    place.git("config", "core.commentChar", "-")
    hook(place.repo, ".git/hooks/prepare-commit-msg", '[ "$2" = message ] || exit 1\n')
    place.propose(mend("a.ts"))
    message = run_git(place.bare, "log", "-1", "--format=%B", BRANCH)
    assert "Why?" not in message and "- a.ts:3 PF101" in message
