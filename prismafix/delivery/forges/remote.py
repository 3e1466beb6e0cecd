"""The URL of a git remote in; which repository at which forge it is out.

Hosts are told by what the user or the CI says, then by name; nothing is asked over the network.
"""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote, urlsplit

import yaml

from prismafix.delivery.forges.model import Kind, Remote
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Mapping

_TELL = "say which with --forge github or --forge gitlab"
_SCP = re.compile(r"(?:[^/@:]*@)?(?P<host>\[[^\]]+\]|[^/:@]+):(?P<path>(?!//).+)")
_OVER_443 = {"ssh.github.com": "github.com", "altssh.gitlab.com": "gitlab.com"}  # their ssh for where 22 is closed


@dataclass(frozen=True, slots=True)
class Told:
    """What the user says of the forge: `--forge`, `--forge-api` and `--forge-repository`. None: found from the URL.

    With `api` the remote may be anything, also a folder on disk or a mirror; then `kind` is needed where `api` does
    not show it, and `path` where the URL does not."""

    kind: Kind | None = None
    api: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Hosts:
    """Which hosts are known to be which forge, and the API address where that is known as well."""

    kinds: Mapping[str, Kind]
    apis: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """A remote's URL without user and password. `scheme` is `https`, `http`, `ssh`, `git`, or `file` for a local one.

    `host` in lower case with a port that matters to HTTP, empty for a local one; `path` without `.git`."""

    scheme: str
    host: str
    path: str


def read_remote(root: Path, name: str | None, told: Told = Told()) -> Remote:
    """The remote `name` of the repository that holds `root`, as pushes go; without `name` git's default for pushes.

    Raises UserError without a remote, and when it is at no forge that is known."""
    name = name or default_remote(root)
    url = _git(root, "remote", "get-url", "--push", name)
    if url is None:
        raise UserError(f"{root} has no remote “{name}”: see `git remote`, or add it with `git remote add {name} URL`")
    return remote_of(name, url, told)


def default_remote(root: Path) -> str:
    """What a plain `git push` takes: the branch's pushRemote, remote.pushDefault, the branch's remote, origin.

    Raises UserError."""
    branch = _git(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    keys = ["remote.pushDefault"]
    if branch:
        keys = [f"branch.{branch}.pushRemote", *keys, f"branch.{branch}.remote"]
    names = (_git(root, "remote") or "").split()
    for key in keys:
        name = _git(root, "config", "--get", key)
        if name in names:
            return str(name)
    if not names:
        raise UserError(f"{root} has no git remote to push to: add one with `git remote add origin URL`")
    if len(names) == 1 or "origin" in names:
        return "origin" if "origin" in names else names[0]
    raise UserError(f"{root} has the remotes {', '.join(names)}: say which one with --remote")


def remote_of(name: str, url: str, told: Told = Told(), environ: Mapping[str, str] | None = None) -> Remote:
    """The repository at a forge that `url` is. Raises UserError when that cannot be told. No request is made.

    An ssh host that is only known to the user's ssh configuration (`git@work:acme/shop`) is looked up with `ssh -G`."""
    hosts = known_hosts(os.environ if environ is None else environ)
    place = parse(url)
    if place.scheme == "ssh" and _kind(place.host, hosts) != "both" and place.host not in ("github.com", "gitlab.com"):
        place = Place(place.scheme, _by_ssh(place.host), place.path)
    if told.api is not None:
        return _told(name, place, told, told.api, hosts)
    if place.scheme == "file":
        raise UserError(
            f"the remote “{name}” is a folder on this machine, not a repository at a forge: "
            "name its forge with --forge, --forge-api and --forge-repository, or choose another with --remote"
        )
    kind = told.kind or _kind(place.host, hosts)
    if kind is None or kind == "both":
        raise UserError(f"the remote “{name}” is at {place.host}, which may be GitHub or GitLab: {_TELL}")
    api = hosts.apis.get(place.host) or _api(kind, place)
    prefix = urlsplit(api).path.removesuffix("/api/v4").strip("/") if kind == "gitlab" else ""
    path = place.path.removeprefix(prefix + "/") if prefix and place.scheme != "ssh" else place.path
    return Remote(name, kind, place.host, _full_name(name, kind, told.path or path), api)


def parse(url: str) -> Place:
    """Take a remote's URL apart as git does: URLs, `user@host:path`, else a local path. User and password are gone."""
    url = url.strip()
    if "://" in url:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise UserError("the remote's URL is not one (its port or host is wrong): see `git remote -v`") from None
        scheme = parts.scheme.lower().removeprefix("git+").removesuffix("+git")
        if scheme == "file" or not host:
            return Place("file", "", "")
        if ":" in host:
            host = f"[{host}]"
        if scheme in ("http", "https") and port and port != {"http": 80, "https": 443}[scheme]:
            host = f"{host}:{port}"  # a port of ssh says nothing about where the API is
        return Place(scheme, _OVER_443.get(host, host), _bare(unquote(parts.path)))
    match = _SCP.fullmatch(url)
    if match and not (len(match["host"]) == 1 and os.name == "nt"):
        host = match["host"].lower()
        return Place("ssh", _OVER_443.get(host, host), _bare(match["path"]))
    return Place("file", "", "")


def known_hosts(environ: Mapping[str, str]) -> Hosts:
    """What the environment (of a CI, of `gh` and `glab`) and the configuration of `gh` and `glab` say of hosts."""
    kinds: dict[str, Kind] = {"github.com": "github", "gitlab.com": "gitlab"}
    apis: dict[str, str] = {}
    kinds |= dict.fromkeys(_configured(_config_folder(environ, "GH_CONFIG_DIR", "gh") / "hosts.yml", None), "github")
    glab = _config_folder(environ, "GLAB_CONFIG_DIR", "glab-cli") / "config.yml"
    kinds |= dict.fromkeys(_configured(glab, "hosts"), "gitlab")
    pairs: tuple[tuple[Kind, tuple[str, ...], str], ...] = (
        ("github", ("GH_HOST", "GITHUB_SERVER_URL"), "GITHUB_API_URL"),
        ("gitlab", ("GITLAB_HOST", "GL_HOST", "CI_SERVER_URL"), "CI_API_V4_URL"),
    )
    for kind, names, api in pairs:
        for name in names:
            host = host_in(environ.get(name, ""))
            if host:
                kinds[host] = kind
                if name in ("GITHUB_SERVER_URL", "CI_SERVER_URL") and environ.get(api):
                    apis[host] = environ[api].rstrip("/")
    return Hosts(kinds, apis)


def host_in(value: str) -> str:
    """The host, with a port that is not the scheme's, of `host`, `host:port` or a URL; empty for anything else."""
    place = parse(value if "://" in value else f"https://{value}") if value.strip() else Place("file", "", "")
    return place.host


def _told(name: str, place: Place, told: Told, api: str, hosts: Hosts) -> Remote:
    parts = urlsplit(api)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise UserError(
            "--forge-api has to be an address like https://git.acme.example/api/v4, without a user or token"
        )
    host = place.host or host_in(f"{parts.scheme}://{parts.netloc}")
    api_host = host_in(f"{parts.scheme}://{parts.netloc}")
    by_api: Kind | None = {"/api/v4": "gitlab", "/api/v3": "github"}.get(parts.path.rstrip("/")[-7:])  # type: ignore[assignment]
    kind = told.kind or by_api or _kind(api_host.removeprefix("api."), hosts) or _kind(host, hosts)
    if kind is None or kind == "both":
        raise UserError(f"--forge-api {parts.scheme}://{parts.netloc} may be of GitHub or of GitLab: {_TELL}")
    path = told.path or place.path
    if not path:
        raise UserError(
            f"the remote “{name}” does not show which repository it is at the forge: say --forge-repository"
        )
    api = api.rstrip("/")
    if kind == "gitlab" and not api.endswith("/api/v4"):
        api += "/api/v4"
    return Remote(name, kind, api_host if place.scheme == "file" else host, _full_name(name, kind, path), api)


def _kind(host: str, hosts: Hosts) -> Kind | Literal["both"] | None:
    """`both` where a name has both labels; None where nothing says."""
    if host in hosts.kinds:
        return hosts.kinds[host]
    labels = re.split(r"[.:]", host)
    if host.endswith(".ghe.com"):
        return "github"
    kinds: tuple[Kind, ...] = ("github", "gitlab")
    found = [kind for kind in kinds if kind in labels]
    return "both" if len(found) > 1 else found[0] if found else None


def _api(kind: Kind, place: Place) -> str:
    """Sources: docs.github.com "Getting started with the REST API" (Enterprise Server, data residency), docs.gitlab.com
    "REST API". Plain HTTP only where git itself goes over it."""
    if kind == "github" and place.host == "github.com":
        return "https://api.github.com"
    if kind == "github" and place.host.endswith(".ghe.com"):
        return f"https://api.{place.host}"
    scheme = "http" if place.scheme == "http" and place.host != "gitlab.com" else "https"
    return f"{scheme}://{place.host}/api/" + ("v3" if kind == "github" else "v4")


def _full_name(name: str, kind: Kind, path: str) -> str:
    parts = _bare(path).split("/")
    if not all(parts) or len(parts) < 2 or (kind == "github" and len(parts) != 2):
        wanted = "owner/name" if kind == "github" else "group/name"
        raise UserError(
            f"the remote “{name}” is not a repository's {wanted} ({'/'.join(parts)}): say --forge-repository {wanted}"
        )
    return "/".join(parts)


def _bare(path: str) -> str:
    return path.strip("/").removesuffix(".git").rstrip("/")


def _config_folder(environ: Mapping[str, str], own: str, name: str) -> Path:
    """Where `gh` and `glab` keep their settings, by their documentation."""
    if environ.get(own):
        return Path(environ[own])
    home = environ.get("HOME") or os.path.expanduser("~")  # noqa: PTH111  Path's way raises where there is none
    return Path(environ.get("XDG_CONFIG_HOME") or f"{home}/.config") / name


def _configured(file: Path, key: str | None) -> list[str]:
    """The names of hosts in a file that `gh` or `glab` wrote; a file that cannot be read says nothing."""
    try:
        data = yaml.safe_load(file.read_text("utf-8"))
    except (OSError, ValueError, yaml.YAMLError):
        return []
    hosts = data.get(key) if key and isinstance(data, dict) else data
    return [str(host).lower() for host in hosts] if isinstance(hosts, dict) else []


def _by_ssh(host: str) -> str:
    """The host that the user's ssh configuration means, as the push itself will."""
    try:
        told = subprocess.run(
            ["ssh", "-G", "--", host], capture_output=True, text=True, timeout=10, stdin=subprocess.DEVNULL
        )
    except (OSError, subprocess.TimeoutExpired):
        return host
    found = re.search(r"^hostname (\S+)$", told.stdout, re.MULTILINE) if told.returncode == 0 else None
    real = found[1].lower() if found else host
    return _OVER_443.get(real, real)


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints, on one line; None when it fails."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
