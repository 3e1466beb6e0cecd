"""A remote and its token in; the forge out."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from prismafix.delivery.forges.patience import Patience
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.delivery.forges.model import Forge, Remote
    from prismafix.delivery.forges.tokens import Token


def connect(
    remote: Remote,
    token: Token,
    say: Callable[[str], None],
    patience: Patience = Patience(),  # noqa: B008  frozen
) -> Forge:
    """The forge that `remote` is at, for the repository that it is. Makes no request yet.

    `say` is given one line for the user whenever the forge has to be waited for. Raises UserError when the extra that
    holds the forges' clients is not installed."""
    if remote.api.startswith("http://") and urlsplit(remote.api).hostname not in ("127.0.0.1", "::1", "localhost"):
        say(f"{remote.api} is without TLS: the token goes there as plain text")
    try:
        if remote.kind == "github":
            from prismafix.delivery.forges.github import open_github

            return open_github(remote, token, say, patience)
        from prismafix.delivery.forges.gitlab import open_gitlab

        return open_gitlab(remote, token, say, patience)
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("prismafix"):
            raise
        name = {"github": "PyGithub", "gitlab": "python-gitlab"}.get(error.name or "", error.name)
        raise UserError(
            f"pull requests need {name}, which is not installed: `pip install '.[pr]'` in the checkout of prismafix"
        ) from None
