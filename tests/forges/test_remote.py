"""Which repository at which forge a remote's URL is."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from prismafix.delivery.forges.remote import Told, read_remote, remote_of
from prismafix.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "s3cretPassw0rd"
NO_CONFIG = {"GH_CONFIG_DIR": "/nonexistent", "GLAB_CONFIG_DIR": "/nonexistent"}


@pytest.mark.parametrize(
    ("url", "kind", "host", "path", "api"),
    [
        ("https://github.com/acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("https://github.com/acme/shop", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("https://GitHub.com:443/acme/shop/", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("http://github.com/acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        (f"https://ana:{SECRET}@github.com/acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        (f"https://{SECRET}@github.com/acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("git@github.com:acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("github.com:acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("git@github.com:/acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("org-123@github.com:acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("ssh://git@github.com/acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("ssh://git@ssh.github.com:443/acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("git+ssh://git@github.com/acme/shop.git", "github", "github.com", "acme/shop", "https://api.github.com"),
        ("git@acme.ghe.com:a/shop.git", "github", "acme.ghe.com", "a/shop", "https://api.acme.ghe.com"),
        ("https://github.acme.example/a/b.git", "github", "github.acme.example", "a/b", "https://github.acme.example/api/v3"),
        ("https://gitlab.com/group/sub/shop.git", "gitlab", "gitlab.com", "group/sub/shop", "https://gitlab.com/api/v4"),
        ("git@gitlab.com:group/sub/shop.git", "gitlab", "gitlab.com", "group/sub/shop", "https://gitlab.com/api/v4"),
        ("ssh://git@altssh.gitlab.com:443/g/shop.git", "gitlab", "gitlab.com", "g/shop", "https://gitlab.com/api/v4"),
        ("ssh://git@gitlab.acme.example:2222/g/s.git", "gitlab", "gitlab.acme.example", "g/s", "https://gitlab.acme.example/api/v4"),
        ("https://gitlab.acme.example:8443/g/s.git", "gitlab", "gitlab.acme.example:8443", "g/s", "https://gitlab.acme.example:8443/api/v4"),
        ("http://gitlab.acme.example/g/s.git", "gitlab", "gitlab.acme.example", "g/s", "http://gitlab.acme.example/api/v4"),
        (f"https://oauth2:{SECRET}@gitlab.com/g/a%2Bb.git", "gitlab", "gitlab.com", "g/a+b", "https://gitlab.com/api/v4"),
    ],
)  # fmt: skip
def test_url(url: str, kind: str, host: str, path: str, api: str) -> None:
    remote = remote_of("origin", url, environ=NO_CONFIG)

    assert (remote.kind, remote.host, remote.path, remote.api) == (kind, host, path, api)
    assert SECRET not in repr(remote)


@pytest.mark.parametrize(
    ("environ", "url", "api"),
    [
        ({"GH_HOST": "git.acme.example"}, "git@git.acme.example:a/b.git", "https://git.acme.example/api/v3"),
        (
            {"GITHUB_SERVER_URL": "https://git.acme.example", "GITHUB_API_URL": "https://api.acme.example/github/"},
            "https://git.acme.example/a/b",
            "https://api.acme.example/github",
        ),
        (
            {"GITLAB_HOST": "https://git.acme.example"},
            "git@git.acme.example:a/b.git",
            "https://git.acme.example/api/v4",
        ),
        (
            {"CI_SERVER_URL": "https://acme.example/gitlab", "CI_API_V4_URL": "https://acme.example/gitlab/api/v4"},
            "https://acme.example/gitlab/a/b.git",
            "https://acme.example/gitlab/api/v4",
        ),
    ],
)
def test_host_that_the_environment_names(environ: dict[str, str], url: str, api: str) -> None:
    remote = remote_of("origin", url, environ={**NO_CONFIG, **environ})

    assert (remote.path, remote.api) == ("a/b", api)


def test_host_that_the_forges_own_programs_know(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_text("git.acme.example:\n    user: ana\n    oauth_token: x\n")
    (tmp_path / "config.yml").write_text("git_protocol: ssh\nhosts:\n    code.acme.example:\n        token: y\n")
    environ = {"GH_CONFIG_DIR": str(tmp_path), "GLAB_CONFIG_DIR": str(tmp_path)}

    assert remote_of("origin", "https://git.acme.example/a/b", environ=environ).kind == "github"
    assert remote_of("origin", "https://code.acme.example/a/b", environ=environ).kind == "gitlab"


def test_configuration_that_cannot_be_read_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "hosts.yml").write_bytes(b"\xff: [")
    (tmp_path / "config.yml").mkdir()
    environ = {"GH_CONFIG_DIR": str(tmp_path), "GLAB_CONFIG_DIR": str(tmp_path)}

    assert remote_of("origin", "https://github.com/a/b", environ=environ).kind == "github"


def test_host_that_only_the_ssh_configuration_knows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "ssh"
    program.write_text('#!/bin/sh\ntest "$1 $2" = "-G --" && printf "user git\\nhostname github.com\\nport 22\\n"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")

    for alias in ("work", "github.com-work"):
        remote = remote_of("origin", f"git@{alias}:acme/shop.git", environ=NO_CONFIG)
        assert (remote.kind, remote.host, remote.api) == ("github", "github.com", "https://api.github.com")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("https://git.acme.example/a/b.git", "may be GitHub or GitLab: say which with --forge"),
        ("https://github.gitlab.example/a/b.git", "may be GitHub or GitLab: say which with --forge"),
        ("https://notgithub.example/a/b.git", "may be GitHub or GitLab: say which with --forge"),
        (f"https://ana:{SECRET}@git.acme.example/a/b.git", "may be GitHub or GitLab: say which with --forge"),
        ("/srv/git/shop.git", "is a folder on this machine"),
        ("../shop.git", "is a folder on this machine"),
        ("./a:b/shop.git", "is a folder on this machine"),
        ("file:///srv/git/shop.git", "--forge-api and --forge-repository"),
        ("https://github.com/acme", "is not a repository's owner/name (acme)"),
        ("https://github.com/acme/shop/more", "is not a repository's owner/name (acme/shop/more)"),
        ("https://gitlab.com/shop", "is not a repository's group/name (shop)"),
        (f"https://ana:{SECRET}@github.com:99999999/a/b", "its port or host is wrong"),
    ],
)
def test_refused(url: str, said: str) -> None:
    with pytest.raises(UserError) as error:
        remote_of("origin", url, environ=NO_CONFIG)

    assert said in str(error.value)
    assert SECRET not in str(error.value)
    assert "\n" not in str(error.value)


def test_told() -> None:
    unknown = "https://git.acme.example/group/sub/shop.git"
    by_kind = remote_of("origin", unknown, Told(kind="gitlab"), NO_CONFIG)
    assert (by_kind.path, by_kind.api) == ("group/sub/shop", "https://git.acme.example/api/v4")

    on_disk = remote_of("origin", "/srv/shop.git", Told("github", "http://127.0.0.1:8080/api/v3/", "a/b"), NO_CONFIG)
    assert (on_disk.host, on_disk.path, on_disk.api) == ("127.0.0.1:8080", "a/b", "http://127.0.0.1:8080/api/v3")

    mirror = Told(api="https://gitlab.acme.example", path="a/b")
    assert remote_of("origin", "git@mirror:x.git", mirror, NO_CONFIG).api == "https://gitlab.acme.example/api/v4"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (Told(api="http://127.0.0.1:8080", path="a/b"), "may be of GitHub or of GitLab: say which with --forge"),
        (Told(kind="github", api="http://127.0.0.1:8080"), "say --forge-repository"),
        (Told(kind="github", api="127.0.0.1:8080", path="a/b"), "has to be an address like"),
        (Told(kind="github", api=f"https://x:{SECRET}@h.example", path="a/b"), "without a user or token"),
    ],
)
def test_told_too_little(told: Told, said: str) -> None:
    with pytest.raises(UserError) as error:
        remote_of("origin", "/srv/shop.git", told, NO_CONFIG)

    assert said in str(error.value)
    assert SECRET not in str(error.value)


def test_remote_of_a_repository_is_where_pushes_go(tmp_path: Path) -> None:
    _git(tmp_path, "init", "-q", "-b", "main")
    with pytest.raises(UserError, match="no git remote to push to"):
        read_remote(tmp_path, None)

    _git(tmp_path, "remote", "add", "upstream", "https://github.com/acme/shop.git")
    assert read_remote(tmp_path, None).name == "upstream"

    _git(tmp_path, "remote", "add", "fork", "https://github.com/ana/shop.git")
    with pytest.raises(UserError, match="say which one with --remote"):
        read_remote(tmp_path, None)

    _git(tmp_path, "remote", "add", "origin", "https://github.com/acme/other.git")
    assert read_remote(tmp_path, None).path == "acme/other"
    _git(tmp_path, "config", "remote.pushDefault", "fork")
    assert read_remote(tmp_path, None).path == "ana/shop"
    _git(tmp_path, "config", "branch.main.pushRemote", "upstream")
    assert read_remote(tmp_path, None).path == "acme/shop"

    _git(tmp_path, "remote", "set-url", "--push", "origin", "gh:acme/pushed.git")
    _git(tmp_path, "config", "url.git@github.com:.pushInsteadOf", "gh:")
    _git(tmp_path, "config", "url.git@github.com:.insteadOf", "gh:")
    assert read_remote(tmp_path, "origin").path == "acme/pushed"
    with pytest.raises(UserError, match="has no remote “nope”"):
        read_remote(tmp_path, "nope")


def _git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", str(folder), *arguments], check=True, capture_output=True)
