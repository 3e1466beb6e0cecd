"""What is known of the program that uses a connection URL."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from prismafix.connection.adapters import Adapter

Target = Literal["serverless", "edge", "server"]
Client = Literal["engine", "adapter"]


@dataclass(frozen=True, slots=True)
class Situation:
    """What is known of the program that uses the URL. None is "unknown", and never taken for yes or no.

    `client` is Prisma's Rust engine or a driver adapter, `prisma` the major version. `provider` overrules what the URL
    shows (a key of `PROVIDERS`), `external_pooler` says that connections go through a pooler that the URL does not
    show. `limit` is the pool size that somebody asked for. `outer_client_in_transaction` is a PF401 finding.
    """

    client: Client
    prisma: int
    target: Target | None = None
    provider: str | None = None
    limit: int | None = None
    external_pooler: bool | None = None
    interactive_transactions: bool | None = None
    outer_client_in_transaction: bool | None = None
    adapter: Adapter | None = None
