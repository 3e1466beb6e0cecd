"""Proposals to review, and the screen of an app as text."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.engine.model import FileChange, Proposal, Reported
from prismafix.review.app import ReviewApp
from prismafix.review.model import Review
from prismafix.rules.model import Applicability, Doubt, Finding
from prismafix.workspace.model import Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual.pilot import Pilot


def proposal(
    name: str,
    path: str = "src/a.ts",
    *,
    line: int = 1,
    code: str = "PF303",
    package: str | None = "@shop/api",
    applicability: Applicability = "safe",
    message: str = "one query per order at once",
    title: str = "",
    change: tuple[str | None, str | None] = ("old()\n", "fresh()\n"),
    more: Sequence[FileChange] = (),
    requires: Sequence[str] = (),
) -> Proposal:
    doubts = (Doubt("unsafe", f"the order of mails in {path}"),) if applicability == "unsafe" else ()
    evidence = (
        Evidence(path, line, "loadOrders", step=True),
        Evidence("src/db.ts", 4, "prisma.order.findMany", step=True),
        Evidence(path, 0, "a route handler"),
    )
    finding = Finding(code, path, 0, 3, message, evidence=evidence, package=package)
    reported = Reported(finding, line, 5, line, 8, applicability, "", name, name, "open", ("old()",), doubts)
    before, after = (text.encode() if text is not None else None for text in change)
    return Proposal(
        name,
        title or f"Run at most 5 queries at a time in {path}",
        code,
        (code,),
        package,
        applicability,
        doubts,
        (reported,),
        (*more, FileChange(path, before, after)),
        tuple(requires),
    )


_FAN_OUT = """\
import { prisma } from "./db";

export async function load(ids: string[]) {
  // as many queries as there are ids
  return Promise.all(ids.map((id) => prisma.order.findMany({ where: { id } })));
}
"""
_BOUNDED = (
    _FAN_OUT.replace('"./db";\n', '"./db";\nimport { limit } from "./limit";\n')
    .replace("Promise.all(ids.map((id)", "limit(5, ids, (id)")
    .replace("})));", "}));")
)


def shop() -> list[Proposal]:
    """Six fixes in two packages: `orders` makes a module that `users` builds on."""
    made = FileChange("api/src/limit.ts", None, b"export const limit = 5;\n")
    mails = ["old()\nx()\n", "fresh()\nx()\n", "fresh()\ny()\n"]
    url = 'const url = "postgres://u:secret@h/db"\nnew PrismaClient()\n'
    client = proposal(
        "client",
        "web/lib/db.ts",
        line=2,
        code="PF102",
        package="@shop/web",
        title="Use the shared client in web/lib/db.ts",
        message="another client at module level",
        change=(url, "// shared\n"),
    )
    at = "api/src/routes/mails.ts"
    return [
        proposal("orders", "api/src/routes/orders.ts", line=5, change=(_FAN_OUT, _BOUNDED), more=[made]),
        proposal("users", "api/src/routes/users.ts", line=9, requires=["orders"]),
        proposal("mails", at, line=3, applicability="unsafe", change=(mails[0], mails[1])),
        proposal("mails2", at, line=30, applicability="unsafe", change=(mails[1], mails[2])),
        client,
        proposal("pages", "web/app/page.tsx", line=7, package="@shop/web"),
    ]


@dataclass
class Shown:
    """What came of a review: the text of the screen before the last keys, and what the app returned."""

    screens: list[str]
    wanted: frozenset[str] | None
    app: ReviewApp


def review(
    keys: Sequence[Sequence[str]],
    size: tuple[int, int] = (110, 32),
    proposals: Sequence[Proposal] | None = None,
    fresh: Sequence[str] | None = None,
    **more: object,
) -> Shown:
    """Press keys, a group after the other, and take the text of the screen before each and at the end."""
    proposals = shop() if proposals is None else proposals
    fresh = [p.fix_id for p in proposals] if fresh is None else fresh
    app = ReviewApp(Review.of(proposals, fresh), name="shop", **more)  # type: ignore[arg-type]
    screens: list[str] = []

    async def go() -> None:
        async with app.run_test(size=size) as pilot:
            screens.append(await _text(pilot))
            for group in keys:
                await pilot.press(*group)
                screens.append(await _text(pilot))

    asyncio.run(go())
    return Shown(screens, app.return_value, app)


async def _text(pilot: Pilot[frozenset[str]]) -> str:
    """The screen once it changes no more."""
    await pilot.pause()
    before, now = "", screen_text(pilot.app)
    while before != now:
        await pilot.pause()
        before, now = now, screen_text(pilot.app)
    return now


def screen_text(app: object) -> str:
    """What is on the screen, without the blanks at the ends of lines."""
    strips = app.screen._compositor.render_strips()  # type: ignore[attr-defined]
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"
