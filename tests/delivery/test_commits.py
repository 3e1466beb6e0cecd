"""Real repositories: what is committed, what is refused, and that the user's other changes stay as they are."""

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from prismafix.delivery.commits import Committed, commit, open_repository
from prismafix.delivery.messages import By, subject
from prismafix.engine.model import AppliedFix
from prismafix.errors import UserError

from .conftest import Git
from .making import doubt, make_fix, make_result


def deliver(root: Path, *fixes: AppliedFix, by: By = "fix") -> Committed:
    return commit(open_repository(root), make_result(root, *fixes), by, lambda text: text)


def old(name: str) -> bytes:
    return f"{name} old\n".encode()


@pytest.fixture
def repo(tmp_path: Path, git: Git) -> Path:
    return tmp_path / "repo"


def test_one_commit_per_fix_with_changes_that_follow_each_other(repo: Path, git: Git) -> None:
    done = deliver(
        repo,
        make_fix("one", ("a.ts", old("a.ts"), b"1\n"), ("lib/new file.ts", None, b"n\n")),
        make_fix("two", ("a.ts", b"1\n", b"2\n")),
    )
    assert done.failure is None and done.written.paths == ("a.ts", "lib/new file.ts")
    assert git("log", "--format=%s").splitlines() == ["fix(prisma): mend two", "fix(prisma): mend one", "start"]
    assert git("show", "--format=", "--name-only", "HEAD~1").splitlines() == ["a.ts", "lib/new file.ts"]
    assert git("show", "HEAD~1:a.ts") == "1\n" and git("show", "HEAD:a.ts") == "2\n"
    assert git("status", "--porcelain") == ""
    assert [name for name, _ in done.commits] == git("log", "--reverse", "--format=%h").splitlines()[1:]


def test_what_git_ignores_is_written_and_in_no_commit(repo: Path, git: Git) -> None:
    (repo / ".gitignore").write_text(".env\n")
    (repo / ".env").write_bytes(b"A=1\n")
    git("add", ".gitignore")
    git("commit", "-q", "-m", "ignore")
    both = make_fix("one", ("a.ts", old("a.ts"), b"1\n"), (".env", b"A=1\n", b"A=2\n"))
    alone = make_fix("two", (".env", b"A=2\n", b"A=3\n"))
    result = replace(make_result(repo, both, alone), ignored_by_git=frozenset((".env",)))
    done = commit(open_repository(repo), result, "fix", lambda text: text)
    assert [subject for _, subject in done.commits] == ["fix(prisma): mend one"]
    assert git("show", "--format=", "--name-only", "HEAD").splitlines() == ["a.ts"]
    assert (repo / ".env").read_bytes() == b"A=3\n"
    assert done.notes == (".env is changed, and in no commit: git ignores it",)
    assert done.written.paths == (".env", "a.ts") and not done.written.dropped


@pytest.mark.parametrize(("by", "commits"), [("rule", 2), ("package", 2), ("all", 1), ("fix", 3)])
def test_what_goes_into_one_commit(repo: Path, git: Git, by: By, commits: int) -> None:
    done = deliver(
        repo,
        make_fix("one", ("a.ts", old("a.ts"), b"1\n"), package="@acme/web"),
        make_fix("two", ("b.ts", old("b.ts"), b"1\n"), package="@acme/web"),
        make_fix("three", ("other.ts", old("other.ts"), b"1\n"), code="PF002", package="api"),
        by=by,
    )
    assert len(done.commits) == commits
    assert git("status", "--porcelain") == ""


def test_messages_say_what_why_where_and_what_to_look_at(repo: Path, git: Git) -> None:
    deliver(
        repo,
        make_fix("one", ("a.ts", old("a.ts"), b"1\n"), package="@acme/web", doubts=(doubt("the order of mails"),)),
        make_fix("two " * 30, ("b.ts", old("b.ts"), b"1\n"), package="@acme/web"),
        by="rule",
    )
    message = git("log", "-1", "--format=%B")
    assert message.splitlines()[0] == "fix(web): resolve 2 findings of file-not-analysed (PF001)"
    assert "PF001 file-not-analysed: A file could not be analysed." in message
    assert "What was found, with the lines as they were:\n- a.ts:3 PF001\n- b.ts:3 PF001\n\n" in message
    assert "Look at these before you merge:\n- the order of mails" in message
    assert "\nMore: prismafix explain PF001\n\n2 findings fixed, 2 files changed.\n\n" in message
    before = {"a.ts": b"1\n", "other.ts": old("other.ts")}
    alike = [make_fix(f"a pool in src/{name}", (name, text, b"3\n")) for name, text in before.items()]
    deliver(repo, *alike, by="rule")
    assert git("log", "-1", "--format=%s") == "fix(prisma): mend a pool in 2 files\n"
    path = "a client in apps/web/src/features/account/server/settings/route.ts"
    deliver(repo, make_fix(path, ("b.ts", b"1\n", b"2\n")))
    assert git("log", "-1", "--format=%s") == "fix(prisma): mend a client in route.ts\n"
    deliver(repo, make_fix("a pool", ("b.ts", b"2\n", b"3\n")), make_fix("a pool", ("b.ts", b"3\n", b"4\n")), by="all")
    assert git("log", "-1", "--format=%s") == "fix(prisma): mend a pool in b.ts\n"
    deliver(repo, make_fix("long " * 30, ("other.ts", b"3\n", b"1\n")))
    assert len(git("log", "-1", "--format=%s").rstrip("\n")) <= 72


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (("PF101", "PF303"), "resolve 2 findings in clients and fan-outs (PF101, PF303)"),
        (("PF303", "PF301"), "resolve 2 findings in fan-outs (PF301, PF303)"),
        (("PF101", "PF201", "PF303", "PF401"), "resolve 4 findings (PF101, PF201, PF303, PF401)"),
        (
            ("PF101", "PF102", "PF103", "PF303", "PF301", "PF302", "PF304"),
            "resolve 7 findings in clients and fan-outs",
        ),
        ((*(f"PF{n}01" for n in range(1, 7)), "PF102", "PF602"), "resolve 8 findings of 8 rules"),
    ],
)
def test_what_several_rules_are_about(codes: tuple[str, ...], expected: str) -> None:
    fixes = [make_fix(f"{code} x", (f"{code}.ts", b"1", b"2"), code=code) for code in codes]
    result = make_result(Path("/nowhere"), *fixes)
    assert subject("all", result.fixes, result.findings) == f"fix(prisma): {expected}"


def test_everything_else_of_the_user_stays_as_it_was(repo: Path, git: Git) -> None:
    (repo / "other.ts").write_text("staged\n")
    (repo / "added.ts").write_text("staged too\n")
    git("add", "other.ts", "added.ts")
    (repo / "other.ts").write_text("staged\nand more\n")
    (repo / "untracked.ts").write_text("u\n")
    before = git("status", "--porcelain"), git("diff", "--cached"), git("diff")
    deliver(repo, make_fix("one", ("a.ts", old("a.ts"), b"1\n"), ("new.ts", None, b"n\n")))
    assert (git("status", "--porcelain"), git("diff", "--cached"), git("diff")) == before
    assert git("show", "--format=", "--name-only").splitlines() == ["a.ts", "new.ts"]


@pytest.mark.parametrize("state", ["modified", "staged", "staged and reverted", "untracked", "deleted"])
def test_refuses_a_file_with_uncommitted_changes(repo: Path, git: Git, state: str) -> None:
    name = "fresh.ts" if state == "untracked" else "b.ts"
    before: bytes | None = b"mine\n"
    (repo / name).write_bytes(b"mine\n")
    if state.startswith("staged"):
        git("add", name)
    if state == "staged and reverted":
        before = old(name)
        (repo / name).write_bytes(before)
    if state == "deleted":
        (repo / name).unlink()
        before = None
    status = git("status", "--porcelain")
    with pytest.raises(UserError, match=name):
        deliver(repo, make_fix("one", ("a.ts", old("a.ts"), b"1\n")), make_fix("two", (name, before, b"x")))
    assert git("status", "--porcelain") == status and git("log", "--format=%s") == "start\n"
    assert (repo / "a.ts").read_bytes() == old("a.ts")


def test_names_are_no_patterns(repo: Path, git: Git) -> None:
    (repo / "app").mkdir()
    for name in ("app/[id].ts", "app/i.ts", ":(top)x.ts"):
        (repo / name).write_text("old\n")
    git("--literal-pathspecs", "add", "app", ":(top)x.ts")
    git("commit", "-q", "-m", "routes")
    (repo / "app/i.ts").write_text("mine\n")
    deliver(repo, make_fix("one", ("app/[id].ts", b"old\n", b"1\n"), (":(top)x.ts", b"old\n", b"1\n")))
    assert git("show", "--format=", "--name-only").splitlines() == [":(top)x.ts", "app/[id].ts"]
    assert git("status", "--porcelain") == " M app/i.ts\n"


def test_a_root_below_the_repository(repo: Path, git: Git) -> None:
    (repo / "apps/web").mkdir(parents=True)
    (repo / "apps/web/a.ts").write_text("old\n")
    git("add", ".")
    git("commit", "-q", "-m", "web")
    deliver(repo / "apps/web", make_fix("one", ("a.ts", b"old\n", b"1\n"), ("n.ts", None, b"n")))
    assert git("show", "--format=", "--name-only").splitlines() == ["apps/web/a.ts", "apps/web/n.ts"]


def hook(repo: Path, name: str, script: str) -> None:
    path = repo / ".git/hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("#!/bin/sh\n" + script)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


def test_hooks_run_and_see_only_this_commit(repo: Path, git: Git) -> None:
    (repo / "other.ts").write_text("staged\n")
    git("add", "other.ts")
    hook(repo, "pre-commit", "git diff --cached --name-only > .git/seen\n")
    deliver(repo, make_fix("one", ("a.ts", old("a.ts"), b"1\n")))
    assert (repo / ".git/seen").read_text() == "a.ts\n"


def test_a_hook_that_refuses_stops_and_restores(repo: Path, git: Git) -> None:
    (repo / "other.ts").write_text("staged\n")
    git("add", "other.ts")
    hook(
        repo,
        "pre-commit",
        "git diff --cached --name-only | grep -q b.ts || exit 0; echo 'b.ts is frozen' >&2; exit 1\n",
    )
    done = deliver(
        repo,
        make_fix("one", ("a.ts", old("a.ts"), b"1\n")),
        make_fix("two", ("b.ts", old("b.ts"), b"1\n"), ("new.ts", None, b"n")),
        make_fix("three", ("a.ts", b"1\n", b"2\n")),
    )
    assert done.failure is not None and "mend two" in done.failure and "b.ts is frozen" in done.failure
    assert [subject for _, subject in done.commits] == ["fix(prisma): mend one"]
    assert {d.fix_id for d in done.written.dropped} == {"two", "three"}
    assert (repo / "a.ts").read_bytes() == b"1\n" and (repo / "b.ts").read_bytes() == old("b.ts")
    assert not (repo / "new.ts").exists()
    assert git("status", "--porcelain") == "M  other.ts\n"


def test_a_file_edited_while_a_hook_ran_is_not_lost(repo: Path, git: Git) -> None:
    hook(repo, "pre-commit", "echo mine > a.ts; exit 1\n")
    done = deliver(repo, make_fix("one", ("a.ts", old("a.ts"), b"1\n")))
    assert (repo / "a.ts").read_text() == "mine\n"
    assert any("a.ts has changed" in note for note in done.notes)


def test_a_message_hook_refuses_too(repo: Path, git: Git) -> None:
    hook(repo, "commit-msg", "echo 'no ticket in the subject' >&2; exit 1\n")
    done = deliver(repo, make_fix("one", ("a.ts", old("a.ts"), b"1\n")))
    assert done.failure is not None and "no ticket in the subject" in done.failure
    assert git("status", "--porcelain") == ""


def test_refuses_where_no_commit_can_be_made(tmp_path: Path, repo: Path, git: Git) -> None:
    with pytest.raises(UserError, match="in no git repository"):
        open_repository(tmp_path)
    git("checkout", "-q", "-b", "side")
    (repo / "a.ts").write_text("side\n")
    git("commit", "-q", "-am", "side")
    git("checkout", "-q", "main")
    (repo / "a.ts").write_text("main\n")
    git("commit", "-q", "-am", "main")
    with pytest.raises(Exception, match="merge"):
        git("merge", "side")
    with pytest.raises(UserError, match="in the middle of a merge"):
        open_repository(repo)


def test_no_commit_yet(tmp_path: Path, git: Git) -> None:
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git("init", "-q", str(fresh))
    with pytest.raises(UserError, match="no commit yet"):
        open_repository(fresh)


def test_a_detached_head_is_allowed_with_a_note(repo: Path, git: Git) -> None:
    git("checkout", "-q", "--detach")
    done = deliver(repo, make_fix("one", ("a.ts", old("a.ts"), b"1\n")))
    assert len(done.commits) == 1 and any("detached" in note for note in done.notes)


def test_a_file_that_changed_meanwhile_is_dropped_from_its_commit(repo: Path, git: Git) -> None:
    git("update-index", "--assume-unchanged", "b.ts")  # git does not see the change: the writer does
    (repo / "b.ts").write_text("mine\n")
    done = deliver(
        repo, make_fix("one", ("a.ts", old("a.ts"), b"1\n")), make_fix("two", ("b.ts", old("b.ts"), b"1\n")), by="rule"
    )
    assert [d.fix_id for d in done.written.dropped] == ["two"]
    assert git("show", "--format=", "--name-only").splitlines() == ["a.ts"]
    assert (repo / "b.ts").read_text() == "mine\n"
