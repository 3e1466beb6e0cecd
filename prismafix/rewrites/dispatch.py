"""From an intent to the pass that carries it out."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, cast

from prismafix.rules.model import (
    AddDirectUrl,
    AwaitQuery,
    BatchReads,
    BoundFanOut,
    CapConcurrency,
    CreateMany,
    GuardClient,
    HoistClient,
    Intent,
    PatchAdapter,
    PatchUrl,
    RemoveSuppression,
    SetDriverParameters,
    SetUrlParameters,
    StripDisconnect,
    UseTransactionClient,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from prismafix.rewrites.model import Fix, Refusal
    from prismafix.rewrites.source import Files

_PASSES: dict[type, str] = {
    HoistClient: "hoist_client",
    GuardClient: "guard_client",
    StripDisconnect: "strip_disconnect",
    BatchReads: "batch_reads",
    BoundFanOut: "bound_fan_out",
    CreateMany: "create_many",
    UseTransactionClient: "use_transaction_client",
    AwaitQuery: "await_query",
    PatchUrl: "patch_url",
    AddDirectUrl: "add_direct_url",
    CapConcurrency: "cap_concurrency",
    SetUrlParameters: "set_url_parameters",
    SetDriverParameters: "set_driver_parameters",
    PatchAdapter: "patch_adapter",
    RemoveSuppression: "remove_suppression",
}
"""Action type to the module of its pass; the function in it has the module's name."""


def rewrite(intent: Intent, workspace: Files) -> Fix | Refusal:
    """Carry out an intent on the current bytes of the workspace.

    Raises FileNotFoundError when a file has gone meanwhile.
    """
    name = _PASSES[type(intent.action)]
    module = importlib.import_module(f"prismafix.rewrites.{name}")
    run = cast("Callable[[Any, Intent, Files], Fix | Refusal]", getattr(module, name))
    return run(intent.action, intent, workspace)
