"""Which token is for which host, and that it shows itself nowhere."""

from __future__ import annotations

import copy
import pickle
from typing import TYPE_CHECKING

import pytest

from prismafix.delivery.forges.model import Kind, Remote
from prismafix.delivery.forges.tokens import Token, find_token
from prismafix.errors import UserError

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "ghp_0123456789"


def _remote(host: str, kind: Kind = "github") -> Remote:
    return Remote("origin", kind, host, "acme/shop", f"https://{host}/api")


@pytest.mark.parametrize(
    ("host", "environ", "source"),
    [
        ("github.com", {"GITHUB_TOKEN": "b", "GH_TOKEN": "a"}, "GH_TOKEN"),
        ("github.com", {"GITHUB_TOKEN": "b", "GH_ENTERPRISE_TOKEN": "c"}, "GITHUB_TOKEN"),
        ("github.com", {"GITHUB_TOKEN": "b", "GH_TOKEN": " "}, "GITHUB_TOKEN"),
        ("acme.ghe.com", {"GH_TOKEN": "a"}, "GH_TOKEN"),
        ("git.acme.example", {"GH_TOKEN": "a", "GH_ENTERPRISE_TOKEN": "c"}, "GH_ENTERPRISE_TOKEN"),
        ("git.acme.example", {"GITHUB_ENTERPRISE_TOKEN": "d"}, "GITHUB_ENTERPRISE_TOKEN"),
        (
            "git.acme.example",
            {"GITHUB_TOKEN": "b", "GITHUB_SERVER_URL": "https://git.acme.example"},
            "GITHUB_TOKEN",
        ),
    ],
)
def test_github_variable(host: str, environ: dict[str, str], source: str) -> None:
    token = find_token(_remote(host), environ)

    assert (token.reveal(), token.source) == (environ[source], source)


@pytest.mark.parametrize(
    ("host", "environ"),
    [
        ("gitlab.com", {"GITLAB_TOKEN": "a"}),
        ("git.acme.example", {"GITLAB_TOKEN": "a"}),
        ("git.acme.example", {"GITLAB_TOKEN": "a", "GITLAB_HOST": "https://git.acme.example"}),
        ("git.acme.example", {"GITLAB_TOKEN": "a", "CI_SERVER_URL": "https://git.acme.example/"}),
    ],
)
def test_gitlab_variable(host: str, environ: dict[str, str]) -> None:
    assert find_token(_remote(host, "gitlab"), environ).source == "GITLAB_TOKEN"


@pytest.mark.parametrize(
    ("remote", "environ", "said"),
    [
        (_remote("github.com"), {}, "set GH_TOKEN, or log in with `gh auth login --hostname github.com` (classic:"),
        (_remote("git.acme.example"), {"GH_TOKEN": SECRET}, "(GH_TOKEN is for another host): set GH_ENTERPRISE_TOKEN"),
        (_remote("gitlab.com", "gitlab"), {"CI_JOB_TOKEN": SECRET}, "(CI_JOB_TOKEN cannot open merge requests): set G"),
        (
            _remote("evil.example", "gitlab"),
            {"GITLAB_TOKEN": SECRET, "GITLAB_HOST": "git.acme.example"},
            "(GITLAB_TOKEN is for another host)",
        ),
    ],
)  # fmt: skip
def test_none(remote: Remote, environ: dict[str, str], said: str) -> None:
    with pytest.raises(UserError) as error:
        find_token(remote, {**environ, "PATH": "/nonexistent"})

    assert said in str(error.value)
    assert SECRET not in str(error.value)


def test_from_the_forges_own_programs(tmp_path: Path) -> None:
    """They are asked as their manuals say, and are not given variables that are for another host."""
    _program(tmp_path, "gh", "auth token --hostname git.acme.example", "from-gh")
    _program(tmp_path, "glab", "config get token --host git.acme.example", "from-glab")
    environ = {"PATH": f"{tmp_path}:/usr/bin:/bin", "GH_TOKEN": SECRET}

    of_gh = find_token(_remote("git.acme.example"), environ)
    of_glab = find_token(_remote("git.acme.example", "gitlab"), environ)

    assert (of_gh.reveal(), of_gh.source) == ("from-gh", "gh auth token")
    assert (of_glab.reveal(), of_glab.source) == ("from-glab", "glab config get token")
    with pytest.raises(UserError, match=r"no token for other\.example"):
        find_token(_remote("other.example"), environ)


def test_shows_nothing() -> None:
    token = Token(SECRET, "GH_TOKEN")

    assert SECRET not in f"{token} {token!r} {[token]} {vars(Token)}"
    assert token.clean(f"x{SECRET}y") == "x***y"
    for write in (pickle.dumps, copy.copy):
        with pytest.raises(TypeError):
            write(token)


@pytest.mark.parametrize("value", ["", "  ", "two words", "späť", "a\nb", "a\x00b"])
def test_what_cannot_be_one(value: str) -> None:
    with pytest.raises(UserError, match="GH_TOKEN holds no token"):
        Token(value, "GH_TOKEN")


def _program(folder: Path, name: str, arguments: str, prints: str) -> None:
    file = folder / name
    file.write_text(f'#!/bin/sh\ntest -z "$GH_TOKEN" && test "$*" = "{arguments}" && echo {prints}\n')
    file.chmod(0o755)
