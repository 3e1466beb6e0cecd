"""The Markdown summary, read by a Markdown parser that knows GitHub's tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from markdown_it import MarkdownIt

from prismafix.report.markdown import to_markdown
from prismafix.rules.model import Doubt
from tests.engine.toys import Toy, run_toys, workspace_of

from .running import DEMO, OFFERS, of_folder

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.engine.model import Result


def html(text: str) -> str:
    return MarkdownIt("commonmark").enable("table").render(text)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return of_folder(DEMO, tmp_path_factory.mktemp("markdown") / "demo")


def test_counts_table_and_findings(demo: Result) -> None:
    text = to_markdown(demo, prefix="shop/", pages="https://example.com/rules", known=["2 more are known."])
    assert text.startswith("## prismafix: 15 findings\n\n**9** can be fixed safely (`prismafix fix`); **4** can")
    assert "\n\n2 more are known.\n\n| rule | package | findings | safe fix | unsafe fix | no fix |\n" in text
    row = "| [PF303](https://example.com/rules/PF303.md) fan-out-unbounded | `@larkfield/orders-api` | 2 | 1 | 1 | 0 |"
    assert row in text.splitlines()
    shown = html(text)
    assert shown.count("<tr>") == 15
    path = "apps/storefront/src/app/api/products/%5Bsku%5D/availability/route.ts"
    name = "apps/storefront/src/app/api/products/[sku]/availability/route.ts:9"
    assert f'<li>\n<a href="shop/{path}#L9"><code>{name}</code></a> each call of' in shown.replace("<p>", "").replace(
        "</p>", ""
    )
    assert "<strong>unsafe fix:</strong> run at most 5 queries at a time." in shown
    assert "path: sendStatement (<a " in shown
    assert "application code: " in shown


def test_without_findings_it_says_so(tmp_path: Path) -> None:
    result = run_toys(workspace_of(tmp_path, {"a.ts": "fine()\n", "big.ts": "x" * 1_000_001}), [], OFFERS)
    text = to_markdown(result)
    assert text.startswith(
        "## prismafix: no findings\n\n1 source file in 1 package looked at.\n\n### Not analysed: 1 file"
    )
    assert "- `big.ts`: " in text


def test_what_does_not_fit_is_counted(tmp_path: Path) -> None:
    files = {f"{n:03}.ts": "old()\n" for n in range(100)}
    result = run_toys(workspace_of(tmp_path, files), [Toy("PF101", "old", "fresh")], OFFERS)
    text = to_markdown(result, most=5_000)
    assert len(text.encode()) <= 5_000
    shown = text.count("\n- [")
    assert f"{100 - shown} more findings, which GitHub would not show" in text.splitlines()[-1] and shown > 20


def test_other_peoples_text_is_no_markup_no_mention_and_no_password(tmp_path: Path) -> None:
    text = "<b>x</b> | *y* [z](http://a) ~~w~~ @octocat #12 postgres://ann:hunter2@db/app `a|b`"
    files = {"a`b|c [d](e).ts": "old()\n"}
    result = run_toys(
        workspace_of(tmp_path, files), [Toy("PF101", "old", "x", doubts=(Doubt("unsafe", text),))], OFFERS
    )
    made = to_markdown(result)
    assert "hunter2" not in made
    shown = html(made)
    assert "&lt;b&gt;x&lt;/b&gt; | *y* [z](http://a) ~~w~~ <code>@octocat</code> <code>#12</code>" in shown
    assert "<code>a|b</code>" in shown
    assert '<a href="a%60b%7Cc%20%5Bd%5D%28e%29.ts#L1"><code>a`b|c [d](e).ts:1</code></a>' in shown
