from pathlib import Path

import pytest

from prismafix.cli.roots import Place, outer_workspace, place
from prismafix.errors import UserError

from .running import prismafix


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    for folder in ("apps/web/src", "apps/api", "elsewhere"):
        (tmp_path / "w" / folder).mkdir(parents=True)
    (tmp_path / "w/package.json").write_text('{"workspaces": ["apps/*"]}')
    (tmp_path / "w/apps/web/package.json").write_text("{}")
    (tmp_path / "w/apps/web/src/a.ts").touch()
    (tmp_path / "w/apps/api/b.ts").touch()
    return tmp_path / "w"


@pytest.mark.parametrize("marker", ["package.json", "pnpm-workspace.yaml", ".git"])
def test_without_paths_the_enclosing_workspace(tmp_path: Path, marker: str) -> None:
    inner = tmp_path / "w/apps/web"
    inner.mkdir(parents=True)
    (inner / "package.json").write_text("{}")
    (tmp_path / "w" / marker).write_text('{"workspaces": []}')
    assert place([], inner) == Place(tmp_path / "w")


def test_without_any_workspace_the_folder_itself(tmp_path: Path) -> None:
    assert place([], tmp_path) == Place(tmp_path)


def test_one_folder_is_the_root(workspace: Path) -> None:
    assert place([Path("apps/web")], workspace) == Place(workspace / "apps/web")
    (workspace / "link").symlink_to("apps/web")
    assert place([Path("link")], workspace) == Place(workspace / "apps/web")


def test_a_file_or_several_paths_limit_the_findings(workspace: Path) -> None:
    assert place([Path("src/a.ts")], workspace / "apps/web") == Place(workspace, ("apps/web/src/a.ts",))
    assert place([Path("apps/web"), Path("apps/api/b.ts")], workspace) == Place(
        workspace, ("apps/api/b.ts", "apps/web")
    )
    assert place([Path(), Path("apps/api")], workspace) == Place(workspace)


def test_paths_without_a_common_workspace_are_refused(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    with pytest.raises(UserError, match="in no common workspace"):
        place([Path("a"), Path("b")], tmp_path)


def test_a_malformed_package_json_is_no_workspace(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text("{")
    (tmp_path / "a").mkdir()
    assert place([], tmp_path / "a") == Place(tmp_path / "a")


def test_a_package_on_its_own_is_told_from_a_workspace(workspace: Path) -> None:
    assert outer_workspace(workspace / "apps/web") == workspace
    assert outer_workspace(workspace) is None
    (workspace / "apps/web/.git").mkdir()
    assert outer_workspace(workspace / "apps/web/src") is None
    (workspace / "apps/api/pnpm-workspace.yaml").touch()
    assert outer_workspace(workspace / "apps/api") is None


def test_a_package_on_its_own_is_no_all_clear(workspace: Path) -> None:
    done = prismafix("check", "apps/web", cwd=workspace)
    assert f"web was looked at on its own: what it imports from the rest of {workspace} is not known." in done.stdout
    assert "on its own" not in prismafix("check", cwd=workspace).stdout
