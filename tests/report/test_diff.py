"""The patch is judged by git itself: applied to `before` it must give exactly `after`."""

import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prismafix.engine.model import FileChange
from prismafix.report.diff import left_out, patch, shown

LINE = st.one_of(
    st.sampled_from(
        [b"", b"a", b"b", b"}", b"-- x", b"++ y", b"@@ -1 +1 @@", b"\\ No newline at end of file", b"diff --git"]
    ),
    st.binary(max_size=6).map(lambda data: data.replace(b"\n", b"")),
)


@st.composite
def contents(draw: st.DrawFn) -> tuple[bytes, bytes]:
    ending = draw(st.sampled_from([b"\n", b"\r\n"]))
    before = draw(st.lists(LINE, max_size=30))
    after = list(before)
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(after)))
        after[at : at + draw(st.integers(0, 2))] = draw(st.lists(LINE, max_size=3))
    bom = draw(st.sampled_from([b"", b"\xef\xbb\xbf"]))
    tails = draw(st.tuples(st.sampled_from([b"", ending]), st.sampled_from([b"", ending])))
    return bom + ending.join(before) + tails[0], bom + ending.join(after) + tails[1]


def apply(folder: Path, change: FileChange, data: bytes) -> bytes | None:
    """What git makes of the change's file in an empty `folder`."""
    target = folder / change.path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    if change.before is not None:
        target.write_bytes(change.before)
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn"]
    done = subprocess.run(command, cwd=folder, input=data, capture_output=True, check=False)
    assert done.returncode == 0, (done.stderr, data)
    return target.read_bytes() if target.exists() else None


@settings(max_examples=150, deadline=None)
@example(pair=(b"\na\n\na\n\n", b"\n\na\n\na\n\na\n\n"))  # the same lines again at both ends
@given(pair=contents())
def test_git_applies_the_patch_of_any_contents(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[bytes, bytes]
) -> None:
    before, after = pair
    change = FileChange("src/a.ts", before, after)
    data = patch([change])
    assert bool(data) == (before != after)
    if data:
        assert apply(tmp_path_factory.mktemp("apply"), change, data) == after


@pytest.mark.parametrize(
    "name", ["a b.ts", 'qu"ote.ts', "back\\slash.ts", "übung/日本.ts", "tab\there.ts", "[id]/$x.ts", 'été "x".ts']
)
def test_git_reads_every_name(tmp_path: Path, name: str) -> None:
    change = FileChange(name, b"a\n", b"b\n")
    assert apply(tmp_path, change, patch([change])) == b"b\n"


@pytest.mark.parametrize("name", ["plain.ts", "with space.ts", "日本.ts"])
def test_names_are_written_as_git_writes_them(tmp_path: Path, name: str) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / name).write_bytes(b"a\n")
    git(tmp_path, "add", ".")
    (tmp_path / name).write_bytes(b"b\n")
    lines = [line for line in git(tmp_path, "diff").splitlines() if not line.startswith(b"index ")]
    assert patch([FileChange(name, b"a\n", b"b\n")]).splitlines() == lines


@pytest.mark.parametrize("content", [b"", b"x\n", b"no newline"])
def test_new_and_deleted_files(tmp_path: Path, content: bytes) -> None:
    made = FileChange("new/file.ts", None, content)
    data = patch([made])
    assert b"new file mode 100644\n" in data
    assert apply(tmp_path, made, data) == content
    gone = FileChange("new/file.ts", content, None)
    assert apply(tmp_path, gone, patch([gone])) is None


def test_the_prefix_makes_paths_relative_to_the_repository(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    (tmp_path / "apps/web").mkdir(parents=True)
    (tmp_path / "apps/web/a.ts").write_bytes(b"a\n")
    data = patch([FileChange("a.ts", b"a\n", b"b\n")], "apps/web/")
    subprocess.run(["git", "apply"], cwd=tmp_path / "apps/web", input=data, check=True)
    assert (tmp_path / "apps/web/a.ts").read_bytes() == b"b\n"


def test_a_large_file_with_changes_at_both_ends(tmp_path: Path) -> None:
    lines = [b"}\n" if i % 3 else b"line %d\n" % i for i in range(20_000)]
    change = FileChange("a.js", b"".join(lines), b"first\n" + b"".join(lines[:-2]) + b"last\n")
    data = patch([change])
    assert len(data) < 1000
    assert apply(tmp_path, change, data) == change.after


def test_the_screen_shows_no_password_and_no_control_character() -> None:
    change = FileChange(".env", b"A=postgres://ann:s3cret@db/x\r\n", b"A=postgres://ann:s3cret@db/y\x1b[2J\r\n")
    text = "\n".join(line.plain for line in shown([change]))
    assert "s3cret" not in text
    assert "-A=postgres://ann:***@db/x" in text.split("\n")
    assert "\x1b" not in text and "\r" not in text


def git(folder: Path, *arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True).stdout


SECRET = b'DATABASE_URL="postgresql://ann:hunter2@db.example.com/shop"\n'
PADDING = b"".join(b"A%d=1\n" % n for n in range(12))


def test_a_hunk_with_a_password_is_in_no_patch(tmp_path: Path) -> None:
    before = b"FIRST=1\n" + PADDING + SECRET + PADDING + b"LAST=1\n"
    changed = SECRET.replace(b"shop", b"shop?connection_limit=3") + b"MORE=1\n"
    after = b"FIRST=2\n" + PADDING + changed + PADDING + b"LAST=2\n"
    change = FileChange("config/.env", before, after)
    made = patch([change])
    assert b"hunter2" not in made
    assert left_out([change]) == ["config/.env:14"]
    assert apply(tmp_path, change, made) == after.replace(changed, SECRET)


def test_a_file_whose_every_hunk_holds_a_password_is_in_no_patch() -> None:
    change = FileChange(".env", SECRET, SECRET.replace(b"shop", b"shop?connection_limit=3"))
    other = FileChange("a.ts", b"a\n", b"b\n")
    assert patch([change, other]) == patch([other])
    assert left_out([change, other]) == [".env:1"]
    assert "hunter2" not in "\n".join(line.plain for line in shown([change]))


def test_a_password_beside_the_change_counts_and_a_placeholder_does_not() -> None:
    beside = FileChange(".env", SECRET + b"A=1\n", SECRET + b"A=2\n")
    assert (patch([beside]), left_out([beside])) == (b"", [".env:2"])
    named = SECRET.replace(b"hunter2", b"${DB_PASSWORD}")
    harmless = FileChange(".env.example", named, named + b"A=1\n")
    assert left_out([harmless]) == []
    assert b"+A=1" in patch([harmless])


@pytest.mark.parametrize(
    ("path", "line", "kept"),
    [
        (".env", b"REDIS_PASSWORD=hunter2\n", True),
        (".env", b"export API_TOKEN='hunter2'\n", True),
        ("compose.yaml", b"      - SECRET_KEY=hunter2\n", True),
        ("serverless.yml", b"    STRIPE_SECRET: hunter2\n", True),
        (".env", b"REDIS_PASSWORD=${REDIS_PASSWORD}\n", False),
        (".env", b"REDIS_PASSWORD=\n", False),
        (".env", b"PORT=3000\n", False),
        ("src/config.ts", b"  API_TOKEN: env.API_TOKEN,\n", False),
    ],
)
def test_a_secret_beside_the_change(path: str, line: bytes, kept: bool) -> None:
    change = FileChange(path, line + b"A=1\n", line + b"A=2\n")
    assert left_out([change]) == ([f"{path}:2"] if kept else [])
    screen = "\n".join(text.plain for text in shown([change]))
    assert ("***" in screen, "hunter2" in screen) == (kept, False)
