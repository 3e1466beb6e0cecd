from pathlib import Path

import pytest

from prismafix.cli.config import load
from prismafix.cli.settings import prepare
from prismafix.connection.budget import Figures
from prismafix.engine.model import Options, Override
from prismafix.errors import UserError

from .running import prismafix


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)


def options(root: Path, **given: object) -> Options:
    asked: dict[str, object] = dict.fromkeys(
        ("select", "ignore", "exclude", "include_scripts", "chunk_size", "call_depth", "jobs", "config")
    )
    return prepare([root], **{**asked, "strict": False, **given}).options  # type: ignore[arg-type]


def test_every_key_of_the_root(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "prismafix.toml": 'select = ["PF0"]\nignore = ["suppression-unused"]\nexclude = ["old/"]\nchunk-size = 3\n'
            "include-scripts = true\njobs = 1\nstrict = true\nmax-file-size = 5\ncall-depth = 4\n"
            '[per-file-ignores]\n"tests/**" = ["PF001"]\n'
        },
    )
    assert options(tmp_path) == Options(
        select=("PF0",),
        ignore=("PF002",),
        exclude=("old/",),
        chunk_size=3,
        include_scripts=True,
        depth=4,
        jobs=1,
        strict=True,
        max_bytes=5,
        overrides=(Override("", ("tests/**",), ignore=("PF001",)),),
    )


def test_the_command_line_wins(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "prismafix.toml": 'select = ["PF001"]\nignore = ["PF002"]\nchunk-size = 3\n'
            "include-scripts = true\njobs = 1\n",
            "web/package.json": '{"prismafix": {"select": ["PF001"], "chunk-size": 4}}',
        },
    )
    given = options(tmp_path, select=["PF002,PF0"], ignore=["PF001"], chunk_size=9, include_scripts=False, jobs=3)
    assert given.select == ("PF002", "PF0") and given.ignore == ("PF001",) and given.overrides == ()
    assert (given.chunk_size, given.include_scripts, given.jobs) == (9, False, 3)


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("prismafix.toml", "[budget]\nmax-connections = 100\nreserved = 0\nlimit = 5\n"),
        ("package.json", '{"prismafix": {"budget": {"max-connections": 100, "reserved": 0, "limit": 5}}}'),
    ],
)
def test_the_budget_is_read_with_where_it_is_from(tmp_path: Path, file: str, text: str) -> None:
    write(tmp_path, {file: text})
    assert options(tmp_path).budget == Figures(max_connections=100, reserved=0, limit=5, file=file)
    package = tmp_path / "packages" / "web"
    write(tmp_path, {"packages/web/package.json": "{}", "pnpm-workspace.yaml": "packages: [packages/*]"})
    assert options(package).budget == Figures(max_connections=100, reserved=0, limit=5)
    other = tmp_path / "ci.toml"
    other.write_text("[budget]\ninstances = 3\n")
    assert options(tmp_path, config=other).budget == Figures(instances=3, file="ci.toml")
    assert options(package, config=other).budget == Figures(instances=3)


def test_nested_configuration_holds_for_its_folder_outermost_first(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "package.json": '{"prismafix": {"ignore": ["PF001"]}}',
            "apps/web/package.json": '{"prismafix": {"chunk-size": 4, "exclude": ["gen", "/a/b.ts", "!keep.ts"]}}',
            "apps/prismafix.toml": 'ignore = ["PF002"]\n[per-file-ignores]\n"*.spec.ts" = ["PF0"]\n',
            "node_modules/x/prismafix.toml": "nonsense = 1",
        },
    )
    found = options(tmp_path)
    assert found.ignore == ("PF001",)
    assert found.overrides == (
        Override("apps", ignore=("PF002",)),
        Override("apps", ("*.spec.ts",), ignore=("PF0",)),
        Override("apps/web", chunk_size=4),
    )
    assert found.exclude == ("/apps/web/**/gen", "/apps/web/a/b.ts", "!/apps/web/**/keep.ts")


def test_a_package_on_its_own_takes_the_settings_of_its_workspace(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "pnpm-workspace.yaml": "packages: [apps/*]\n",
            "prismafix.toml": 'chunk-size = 7\nexclude = ["gen/", "apps/*/old/**", "apps/api/x", "/top.ts", "**/y"]\n',
            "apps/web/package.json": "{}",
        },
    )
    found = options(tmp_path / "apps/web")
    assert found.chunk_size == 7
    assert found.exclude == ("gen/", "/old/**", "**/y")


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("prismafix.toml", "selct = []", "prismafix.toml: selct is no key of prismafix (did you mean select?)"),
        ("prismafix.toml", 'select = "PF001"', 'select must be a list of codes, not "PF001"'),
        ("prismafix.toml", "chunk-size = true", "chunk-size must be a whole number of at least 2, not true"),
        ("prismafix.toml", "chunk-size = 1", "chunk-size must be a whole number of at least 2, not 1"),
        ("prismafix.toml", "include-scripts = 1", "include-scripts must be true or false, not 1"),
        ("prismafix.toml", 'ignore = ["PF9"]', "prismafix.toml, ignore: PF9 is no rule"),
        ("prismafix.toml", "per-file-ignores = []", "per-file-ignores must be a table"),
        ("prismafix.toml", '[per-file-ignores]\n"a" = "PF001"', "per-file-ignores must be a table"),
        ("prismafix.toml", "select = [", "prismafix.toml is no valid TOML"),
        ("package.json", '{"prismafix": {"ignor": []}}', 'package.json, "prismafix": ignor is no key'),
        ("package.json", '{"prismafix": [1]}', 'package.json, "prismafix": must be a table of keys'),
        ("web/prismafix.toml", "jobs = 3", "web/prismafix.toml: jobs only works at the root"),
        ("web/prismafix.toml", "[budget]", "web/prismafix.toml: budget only works at the root"),
        ("prismafix.toml", "budget = 3", "budget must be a table of numbers, such as max-connections = 100, not 3"),
        ("prismafix.toml", "[budget]\nlimits = 3", "budget: limits is no key of prismafix (did you mean limit?)"),
        ("prismafix.toml", "[budget]\nlimit = 0", "budget: limit must be a whole number of at least 1, not 0"),
    ],
)
def test_mistakes_name_file_key_and_way_out(tmp_path: Path, file: str, text: str, words: str) -> None:
    write(tmp_path, {file: text})
    with pytest.raises(UserError) as caught:
        load(tmp_path)
    assert words in str(caught.value)


def test_two_forms_in_one_folder_are_refused(tmp_path: Path) -> None:
    write(tmp_path, {"prismafix.toml": "jobs = 1", "package.json": '{"prismafix": {}}'})
    with pytest.raises(UserError, match="keep one of the two"):
        load(tmp_path)


def test_a_malformed_package_json_is_not_the_configurations_business(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": '{"prismafix": '})
    assert load(tmp_path).overrides() == ()


def test_init_writes_a_file_that_is_valid_with_and_without_its_comments(tmp_path: Path) -> None:
    write(tmp_path, {"package.json": "{}", "apps/web/package.json": "{}", "prisma/schema.prisma": "", "e2e/a.ts": ""})
    done = prismafix("init", cwd=tmp_path)
    assert done.returncode == 0 and str(tmp_path / "prismafix.toml") in done.stdout
    text = (tmp_path / "prismafix.toml").read_text()
    assert "Found here: 2 packages, schemas: prisma/schema.prisma" in text and "**/e2e/**" in text
    assert options(tmp_path) == options(tmp_path, config=None)
    assert load(tmp_path).overrides() == ()
    lines = [line.removeprefix("# ") for line in text.splitlines() if " = " in line or line.startswith("# [")]
    bare = [line.replace("PF303", "PF001").replace('"PF3"', '"PF0"') for line in lines]
    (tmp_path / "prismafix.toml").write_text("\n".join(bare))
    loaded = load(tmp_path)
    assert loaded.root.chunk_size == 5 and loaded.root.max_bytes == 1_000_000 and loaded.root.per_file_ignores


def test_init_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "prismafix.toml").write_text("jobs = 1\n")
    done = prismafix("init", cwd=tmp_path)
    assert done.returncode == 2 and "exists already" in done.stderr
    assert (tmp_path / "prismafix.toml").read_text() == "jobs = 1\n"
