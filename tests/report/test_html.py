"""The HTML report: read as a file, and opened in a real browser where there is one."""

from __future__ import annotations

import re
import shutil
import subprocess
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest

from prismafix.engine.model import FileChange
from prismafix.report.html import to_html
from prismafix.rules.model import Doubt
from tests.engine.toys import Toy, run_toys, workspace_of

from .running import DEMO, OFFERS, of_folder, with_changes

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.engine.model import Result

BROWSER = next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "google-chrome"))), None)
VOID = {"meta", "br", "input"}


class Page(HTMLParser):
    """What is in a page: its text, the attributes of each tag; all tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Result:
    return of_folder(DEMO, tmp_path_factory.mktemp("html") / "demo")


def test_everything_can_be_read_without_a_script(demo: Result) -> None:
    page = Page(to_html(demo, pages="https://example.com/rules", known=["3 more are known."]))
    assert "15 findings in demo" in page.text and "3 more are known." in page.text
    sections = page.all("section")
    assert len(sections) == 15 and not any("hidden" in section for section in sections)
    assert {section["data-fix"] for section in sections} == {"safe", "unsafe", "none"}
    assert "    9 |   const db = new PrismaClient({" in page.text, "the code frame"
    assert (
        "-  const db = new PrismaClient({\n" in page.text
        and "+import { prisma as db } from '@larkfield/db'" in page.text
    )
    assert (
        "path" in page.text and "sendStatement (apps/backoffice/src/server/statements.ts:7) → openInvoices" in page.text
    )
    assert [form["id"] for form in page.all("form") if "hidden" in form] == ["filter"], "of no use without a script"
    assert {"k", "s", "c"} <= {span.get("class") for span in page.all("span")}
    assert {link["href"] for link in page.all("a")} > {"https://example.com/rules/PF101.md"}


def test_nothing_comes_from_elsewhere(demo: Result) -> None:
    text = to_html(demo)
    assert not re.search(r"https?:|//\w+\.\w+/|@import|url\(", text.replace("http-equiv", ""))
    page = Page(text)
    assert not any(set(attributes) & {"src", "href", "srcset", "action"} for _, attributes in page.tags)
    (policy,) = [meta["content"] for meta in page.all("meta") if "http-equiv" in meta]
    assert policy is not None and policy.startswith("default-src 'none'; ")
    assert "unsafe-inline" not in policy.partition("script-src")[2]


def test_one_fix_of_several_findings_is_shown_once(demo: Result) -> None:
    shared = [fix for fix in demo.offers if len(fix.findings) > 1]
    assert shared
    page = Page(to_html(demo))
    assert len(page.all("details")) == len(demo.offers)
    assert len(page.all("article")) == len(demo.offers) + sum(1 for r in demo.findings if r.fix_id is None)


def test_other_peoples_text_is_text_and_passwords_are_masked(tmp_path: Path) -> None:
    evil = "</section><script>alert(1)</script> postgres://ann:hunter2@db/app"
    files = {'a"><b>.ts': f'old() // {evil} "quoted"\n'}
    toy = Toy("PF101", "old", "fresh", doubts=(Doubt("unsafe", evil),))
    result = run_toys(workspace_of(tmp_path, files), [toy], OFFERS)
    line = b"DATABASE_URL=postgres://ann:hunter2@db/app"
    for shown in (result, with_changes(result, [FileChange(".env", line + b"\n", line + b"?connection_limit=3\n")])):
        text = to_html(shown)
        assert "hunter2" not in text and "<b>" not in text.replace("<b>1</b>", "")
        assert text.count("<script>") == 1
        assert "alert(1)" in Page(text).text


def test_nothing_found_is_a_page_too(tmp_path: Path) -> None:
    page = Page(to_html(run_toys(workspace_of(tmp_path, {"a.ts": "x()\n", "big.ts": "x" * 1_000_001}), [], OFFERS)))
    assert "No findings in " in page.text and "1 file not analysed" in page.text
    assert page.all("form") == []


def opened(file: Path, fragment: str = "") -> tuple[Page, str]:
    """What a browser makes of the page, and what it complains about."""
    assert BROWSER is not None
    command = [BROWSER, "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr", "--dump-dom"]
    command += ["--disable-background-networking", "--no-first-run"]
    data = f"--user-data-dir={file.parent / 'browser'}"
    done = subprocess.run([*command, data, file.as_uri() + fragment], capture_output=True, text=True, check=True)
    return Page(done.stdout), "\n".join(line for line in done.stderr.splitlines() if "CONSOLE" in line)


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium-headless-shell")
@pytest.mark.parametrize(
    ("fragment", "said", "visible"),
    [
        ("", "15 of 15 shown", None),
        ("#code=PF303", "4 of 15 shown", ("data-code", "PF303")),
        ("#package=%40larkfield%2Fdb", "1 of 15 shown", ("data-package", "@larkfield/db")),
        ("#fix=none", "2 of 15 shown", ("data-fix", "none")),
    ],
)
def test_a_browser_filters(
    demo: Result, tmp_path: Path, fragment: str, said: str, visible: tuple[str, str] | None
) -> None:
    file = tmp_path / "report.html"
    file.write_text(to_html(demo))
    page, complaints = opened(file, fragment)
    assert complaints == ""
    assert said in page.text
    assert ["hidden" in form for form in page.all("form")] == [False]
    for section in page.all("section"):
        assert ("hidden" in section) == (visible is not None and section[visible[0]] != visible[1])
