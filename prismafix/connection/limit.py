"""How many connections one instance of a serverless program gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prismafix.connection.providers import Provider
    from prismafix.connection.situation import Situation

DIRECT_LIMIT = 3
POOLED_LIMIT = 1


def is_pooled(provider: Provider, external_pooler: bool | None) -> bool:
    """Does a pooler outside of the program stand in front of the database? RDS Proxy counts as one, a session-mode
    pooler does not: there each connection of ours holds one of the database's."""
    return external_pooler is True or provider.pooling in ("transaction", "proxy")


def recommended_limit(situation: Situation, provider: Provider) -> tuple[int, str]:
    """The pool size for one instance of a serverless program, and why.

    1 only behind an external pooler, and not where the program is known to hold a connection in a transaction: a query
    through the outer client would then wait for itself until the timeout (measured). Else 3.
    """
    if not is_pooled(provider, situation.external_pooler):
        return DIRECT_LIMIT, f"each instance has a pool of its own: {DIRECT_LIMIT} instead of 2 x cores + 1 or 10"
    if situation.outer_client_in_transaction:
        return DIRECT_LIMIT, (
            f"{DIRECT_LIMIT}, although a pooler shares connections: with 1 a query through the outer client inside a "
            "transaction (PF401) waits for itself"
        )
    if situation.interactive_transactions:
        return DIRECT_LIMIT, (
            f"{DIRECT_LIMIT}, although a pooler shares connections: with 1 a second interactive transaction waits for "
            "the first, and fails with P2028 after 2 s"
        )
    if situation.interactive_transactions is None:
        return POOLED_LIMIT, (
            "1, since a pooler shares the connections; but not if the program has interactive transactions: a query "
            f"through the outer client inside one (PF401) would wait for itself. Then --limit {DIRECT_LIMIT}"
        )
    return POOLED_LIMIT, "1, since a pooler shares the connections, and the program has no interactive transactions"
