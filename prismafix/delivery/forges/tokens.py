"""A remote in; the token for its forge out, from the environment or from the forge's own command line program."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from prismafix.delivery.forges.remote import host_in
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from prismafix.delivery.forges.model import Remote

MASK = "***"


class Token:
    """A secret that shows itself to nobody who does not call `reveal()`: not in a repr, a format or a pickle."""

    __slots__ = ("__value", "source")

    source: str
    """Where it is from, for messages: `GH_TOKEN`, `gh auth token`."""

    def __init__(self, value: str, source: str) -> None:
        """Raises UserError when `value` cannot be a token: it would end up in an error of the HTTP library."""
        value = value.strip()
        if not value or not value.isascii() or not value.isprintable() or " " in value:
            raise UserError(f"{source} holds no token (it is empty, or has white space or other characters in it)")
        self.__value = value
        self.source = source

    def reveal(self) -> str:
        return self.__value

    def clean(self, text: str) -> str:
        """`text` without the token."""
        return text.replace(self.__value, MASK)

    def __repr__(self) -> str:
        return f"Token({MASK}, {self.source!r})"

    def __reduce__(self) -> str:
        raise TypeError("a token is not written down")


def find_token(remote: Remote, environ: Mapping[str, str] | None = None) -> Token:
    """The token for `remote`. Raises UserError that says what to set, and with which rights, when there is none.

    Which variable is for which host is what `gh help environment` and glab's documentation say, so that no token goes
    to a host that it is not of: GH_TOKEN and GITHUB_TOKEN are for github.com, *.ghe.com and the server of the running
    GitHub Actions job; GITLAB_TOKEN is for the hosts that GITLAB_HOST, GL_HOST or CI_SERVER_URL name, if any does.
    """
    environ = os.environ if environ is None else environ
    names, other = (_github_names if remote.kind == "github" else _gitlab_names)(remote.host, environ)
    for name in names:
        if environ.get(name, "").strip():
            return Token(environ[name], name)
    command = (
        ["gh", "auth", "token", "--hostname", remote.host]
        if remote.kind == "github"
        else ["glab", "config", "get", "token", "--host", remote.host]
    )
    printed = _printed(command, environ)
    if printed:
        return Token(printed, " ".join(command[: 3 if remote.kind == "github" else 4]))
    ignored = [name for name in other if environ.get(name)]
    aside = f" ({', '.join(ignored)} {'is' if len(ignored) == 1 else 'are'} for another host)" if ignored else ""
    if remote.kind == "github":
        way = f"set {names[0]}, or log in with `gh auth login --hostname {remote.host}`"
        rights = "classic: scope repo; fine-grained: Contents and Pull requests, read and write"
    else:
        way = f"set GITLAB_TOKEN, or log in with `glab auth login --hostname {remote.host}`"
        rights = "scope api, role Developer or higher"
        if environ.get("CI_JOB_TOKEN"):
            aside += " (CI_JOB_TOKEN cannot open merge requests)"
    raise UserError(f"no token for {remote.host}{aside}: {way} ({rights})")


def _github_names(host: str, environ: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The variables for `host`, the strongest first, and those that are for others."""
    public, own = ("GH_TOKEN", "GITHUB_TOKEN"), ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
    if host == "github.com" or host.endswith(".ghe.com"):
        return public, own
    if host_in(environ.get("GITHUB_SERVER_URL", "")) == host:
        return (*own, "GITHUB_TOKEN"), public[:1]
    return own, public


def _gitlab_names(host: str, environ: Mapping[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    names = ("GITLAB_TOKEN", "GITLAB_ACCESS_TOKEN")
    named = {host_in(environ.get(name, "")) for name in ("GITLAB_HOST", "GL_HOST", "CI_SERVER_URL")} - {""}
    return (names, ()) if not named or host in named else ((), names)


def _printed(command: list[str], environ: Mapping[str, str]) -> str:
    """What the program prints; nothing where there is none, or it knows no token. It is asked nothing back."""
    # The variables were looked at already, with more care for whose they are than these programs take.
    left_out = ("GH_TOKEN", "GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN", "GITLAB_TOKEN",
                "GITLAB_ACCESS_TOKEN", "OAUTH_TOKEN", "CI_JOB_TOKEN")  # fmt: skip
    inherited = {name: value for name, value in environ.items() if name not in left_out}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=15, stdin=subprocess.DEVNULL, env=inherited
        )
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
