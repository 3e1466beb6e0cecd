"""Both forges, as a server on loopback and a client that is connected to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from prismafix.delivery.forges.client import connect
from prismafix.delivery.forges.patience import Patience
from prismafix.delivery.forges.remote import Told, remote_of
from prismafix.delivery.forges.tokens import Token

from .servers import TOKEN, Server, github_server, gitlab_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from prismafix.delivery.forges.model import Forge, Remote

QUICK = Patience(first=0.01, unsaid=0.02)


@dataclass
class Connected:
    """A forge and the server that it asks; `said` are the lines for the user."""

    server: Server
    remote: Remote
    forge: Forge
    said: list[str] = field(default_factory=list)

    def again(self, token: str = TOKEN, patience: Patience = QUICK) -> Forge:
        """Another client, as another run of the program has."""
        return connect(self.remote, Token(token, "THE_VARIABLE"), self.said.append, patience)


@pytest.fixture
def github() -> Iterator[Connected]:
    with github_server() as server:
        yield _connected(server)


@pytest.fixture
def gitlab() -> Iterator[Connected]:
    with gitlab_server() as server:
        yield _connected(server)


@pytest.fixture(params=["github", "gitlab"])
def either(request: pytest.FixtureRequest) -> Connected:
    found: Connected = request.getfixturevalue(request.param)
    return found


def _connected(server: Server) -> Connected:
    remote = remote_of("origin", "/srv/shop.git", Told(server.kind, server.api, "acme/shop"))
    said: list[str] = []
    return Connected(server, remote, connect(remote, Token(TOKEN, "THE_VARIABLE"), said.append, QUICK), said)
