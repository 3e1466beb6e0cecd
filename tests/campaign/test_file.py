"""A campaign's file: what it may say, and what is said of what it may not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prismafix.cli.codes import codes
from prismafix.delivery.campaign.file import read_campaign
from prismafix.delivery.campaign.state import locked
from prismafix.errors import UserError
from tests.cli.running import prismafix

if TYPE_CHECKING:
    from prismafix.delivery.campaign.model import Campaign

WHOLE = """
name = "connection limits"
workspace = "work"
jobs = 3
timeout = 600
select = ["PF1", "fan-out-unbounded"]
labels = ["database"]
branch = "chore/connections"

[[repository]]
url = "https://github.com/acme/shop.git"

[[repository]]   # a monorepo
path = "../mono"
packages = ["apps/*"]
per = "package"
base = "develop"
select = []
unsafe-fixes = true
reviewers = ["ann", "acme/data"]
draft = true
open = "branch"

[[repository]]
url = "git@git.acme.example:group/sub/api.git"
name = "the api"
labels = []
forge = "gitlab"
"""


def read(folder: Path, text: str) -> Campaign:
    file = folder / "spring.toml"
    file.write_text(text)
    return read_campaign(file, codes)


def test_all_of_it(tmp_path: Path) -> None:
    campaign = read(tmp_path, WHOLE)
    assert (campaign.name, campaign.jobs, campaign.timeout) == ("connection limits", 3, 600)
    assert campaign.workspace == tmp_path / "work"
    shop, mono, api = campaign.repositories
    assert (shop.name, shop.url) == ("acme/shop", "https://github.com/acme/shop.git")
    assert (shop.select, shop.labels, shop.branch) == (("PF1", "PF303"), ("database",), "chore/connections")
    assert (shop.per, shop.open, shop.reviewers, shop.unsafe) == ("all", "pull-request", None, False)
    assert (mono.name, mono.path) == ("mono", tmp_path.parent / "mono")
    assert (mono.packages, mono.per, mono.base) == (("apps/*",), "package", "develop")
    assert (mono.select, mono.unsafe, mono.draft, mono.open) == ((), True, True, "branch")
    assert mono.reviewers == ("ann", "acme/data")
    assert (api.name, api.url, api.labels, api.forge) == ("the api", api.source, (), "gitlab")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("jobs = 3", "jobs = 0"), "line 4: jobs must be a whole number from 1 to 1000000000, not 0"),
        (("jobs = 3", "job = 3"), "line 4: job is no key of a campaign (did you mean jobs?)"),
        (
            ("unsafe-fixes = true", "unsafe_fixes = true"),
            "line 19: unsafe_fixes is no key of a repository (did you mean",
        ),
        (("unsafe-fixes = true", 'unsafe-fixes = "yes"'), 'line 19: unsafe-fixes must be true or false, not "yes"'),
        (('per = "package"', 'per = "packages"'), 'line 16: per must be "all" or "rule" or "package", not "packages"'),
        (("select = []", 'select = [\n  "PF999",\n]'), "line 18: select: PF999 is no rule"),
        (('base = "develop"', 'base = "-x"'), 'line 17: base must be the name of a branch, not "-x"'),
        (('["apps/*"]', '["../other/*"]'), 'packages must be inside of the repository, not "../other/*"'),
        (('name = "connection limits"\n', ""), 'has no name: write name = "connection-limits"'),
        (('name = "the api"', 'name = "mono"'), "two repositories are called mono"),
        (('url = "git@', 'path = "x"\nurl = "git@'), "line 24: [[repository]] needs a path or a url, not both"),
        (('path = "../mono"', ""), "[[repository]] needs a path or a url"),
        (('forge = "gitlab"', 'remote = "up"'), "remote is for repositories with a path"),
        (("jobs = 3", "verify = true"), "line 10: verify runs the TypeScript that is installed in a repository"),
        (("per = ", "per "), "is no valid TOML"),
        (("timeout = 600", f"timeout = 1{20 * '0'}"), "line 5: timeout must be a whole number of seconds from 1 to"),
        (("jobs = 3", f"x = {3000 * '['}{3000 * ']'}"), "is no valid TOML: it is nested too deeply"),
        (('"../mono"', '"~nobody-of-that-name/mono"'), "line 14: path leads nowhere"),
        (('"work"', '"loop"'), "line 3: workspace leads nowhere"),
    ],
)
def test_mistakes_are_named_with_line_key_and_way_out(tmp_path: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in WHOLE
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UserError) as error:
        read(tmp_path, WHOLE.replace(*change, 1))
    assert str(tmp_path / "spring.toml") in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "ext::sh -c touch% /tmp/x",
        "ext::sh",
        "--upload-pack=touch /tmp/x",
        "-oProxyCommand=x:y",
        "http://github.com/acme/shop",
        "git://github.com/acme/shop",
        "file::x",
        "acme/shop",
        "https://github.com/acme/shop .git",
    ],
)
def test_only_what_is_fetched_without_running_anything_is_cloned(tmp_path: Path, url: str) -> None:
    with pytest.raises(UserError, match=r"line 3: url must begin with https://, ssh:// or file://"):
        read(tmp_path, f'name = "x"\n[[repository]]\nurl = "{url}"\n')


@pytest.mark.parametrize("user", ["ann:s3cret-T0ken@", "s3cret-T0ken@"])
def test_a_secret_in_a_url_is_refused_and_not_repeated(tmp_path: Path, user: str) -> None:
    with pytest.raises(UserError, match="holds a password or a token") as error:
        read(tmp_path, f'name = "x"\n[[repository]]\nurl = "https://{user}git.acme.example/shop.git"\n')
    assert "s3cret" not in str(error.value)


def test_one_branch_for_one_pull_request(tmp_path: Path) -> None:
    tables = '[[repository]]\nurl = "https://github.com/acme/shop.git"\npackages = ["{}"]\nname = "{}"\n{}\n'
    text = 'name = "x"\n' + tables.format("web", "web", "") + tables.format("api", "api", "{}")
    with pytest.raises(UserError, match="web and api are the same repository with the same branch prismafix/fixes"):
        read(tmp_path, text.replace("{}", ""))
    with pytest.raises(UserError, match="are the same repository"):
        read(tmp_path, text.replace("{}", "").replace("github.com/acme/shop.git", "GitHub.com/Acme/shop", 1))
    assert len(read(tmp_path, text.replace("{}", 'branch = "prismafix/api"')).repositories) == 2


def test_what_an_editor_does_to_a_file(tmp_path: Path) -> None:
    for text in ("\ufeff" + WHOLE, WHOLE.replace("\n", "\r\n")):
        (tmp_path / "spring.toml").write_bytes(text.encode())
        assert len(read_campaign(tmp_path / "spring.toml", codes).repositories) == 3


def test_a_folder_that_was_there_is_not_hidden_from_git(tmp_path: Path) -> None:
    campaign = read(tmp_path, WHOLE.replace('"work"', '"."'))
    with locked(campaign):
        assert not (tmp_path / ".gitignore").exists()
    with locked(read(tmp_path, WHOLE)):
        assert (tmp_path / "work" / ".gitignore").read_text() == "*\n"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"nothing\.toml does not exist: give the path of a campaign's file"):
        read_campaign(tmp_path / "nothing.toml", codes)


def test_a_file_to_fill_in(tmp_path: Path) -> None:
    file = tmp_path / "spring 'n.toml"
    done = prismafix("batch", "init", str(file), cwd=tmp_path)
    assert done.returncode == 0 and "name your repositories in it" in done.stdout
    with pytest.raises(UserError, match="names no repository"):
        read_campaign(file, codes)
    text = file.read_text()
    read(tmp_path, text.replace("# [[", "[[").replace("\n# ", "\n"))  # all that is in it holds
    again = prismafix("batch", "init", str(file), cwd=tmp_path)
    assert again.returncode == 2 and "exists already: edit it, or delete it first" in again.stderr
    assert file.read_text() == text


def test_the_example_of_the_documentation(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "batch.md").read_text()
    example = page.split("```toml\n")[1].split("```")[0]
    campaign = read(tmp_path, example)
    assert [wanted.name for wanted in campaign.repositories] == ["acme/shop", "platform/api", "mono", "acme/legacy"]
    assert {wanted.branch for wanted in campaign.repositories} == {"prismafix/spring"}
