"""What a pull request says: pure, of results made by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from prismafix.delivery.pull_requests.body import LIMITS, Secret, Story, body
from prismafix.delivery.pull_requests.branch import branch_name, marked
from prismafix.rules.model import Finding
from prismafix.workspace.model import Evidence, Problem
from tests.delivery.making import doubt, make_fix, make_result

if TYPE_CHECKING:
    from prismafix.engine.model import AppliedFix, Reported, State

ROOT = Path("/nowhere")
TIP = "1" * 40


def story(*fixes: AppliedFix, left: tuple[Reported, ...] = (), **more: object) -> Story:
    return Story(make_result(ROOT, *fixes), left, commits=len(fixes), tip=TIP, **more)  # type: ignore[arg-type]


def reported(state: State, message: str = "is wrong", reason: str = "because", code: str = "PF303") -> Reported:
    result = make_result(ROOT, make_fix("x", ("a.ts", b"1", b"2"), code=code))
    finding = Finding(
        code, "src/left.ts", 0, 1, message, (Evidence("src/q.ts", 7, "a query", True),), package="@acme/web"
    )
    applicability = "unsafe" if state == "held back" else "none"
    return replace(
        result.findings[0], finding=finding, state=state, reason=reason, applicability=applicability, title="Bound it"
    )


def one(name: str = "a", message: str = "", **more: object) -> AppliedFix:
    return make_fix(name + message, (f"{name}.ts", b"1\n", b"2\n"), code="PF101", **more)


def test_what_was_fixed_and_what_was_not_with_the_reasons() -> None:
    left = (
        reported("held back", reason="mails may come in another order"),
        reported("refused", reason="the list comes from elsewhere"),
        reported("none", reason="nobody knows"),
        reported("dropped", reason="with this fix TypeScript reports a.ts:1"),
    )
    text = body(story(one("a"), one("b", doubts=(doubt("look at the tests"),)), left=left))
    assert "fixes **2 findings** in 2 files (2 commits; 1 of the changes cannot alter results" in text
    assert "1 of the changes wants a look, see below) and leaves 4" in text
    assert "| PF101 client-per-call |  | 2 | 0 | 0 |" in text
    assert "| PF303 fan-out-unbounded | `@acme/web` | 0 | 1 | 3 |" in text
    assert "### Look at these before you merge\n\n- [ ] look at the tests (`b.ts:3`)" in text
    held = text.index("**Held back: right in most projects, but somebody should look**")
    assert held < text.index("bound it. Mails may come in another order") < text.index("**Dropped")
    assert text.index("**Refused: no rewrite is possible here**") < text.index("the list comes from elsewhere")
    assert text.index("**To do by hand**") < text.index("nobody knows")
    assert marked(text) == {TIP}


def test_what_several_fixes_share_is_said_once() -> None:
    told = story(*(replace(one(name), title=f"Use the shared client in {name}.ts") for name in "abc"))
    about = [Evidence(f"{name}.ts", 1, "application code") for name in "ab"]
    evidence = {"a.ts": (about[0],), "b.ts": (about[1], Evidence("b.ts", 9, "its route")), "c.ts": ()}
    findings = tuple(
        replace(r, finding=replace(r.finding, evidence=evidence[r.finding.path], message="is another client"))
        for r in told.result.findings
    )
    text = body(replace(told, result=replace(told.result, findings=findings)))
    assert (
        "Use the shared client (application code):\n\n"
        "- `a.ts:3` is another client\n- `b.ts:3` is another client\n  - its route (`b.ts:9`)\n\n"
        "Use the shared client:\n\n- `c.ts:3` is another client\n\n### How to verify"
    ) in text


def test_files_that_were_not_analysed_are_named() -> None:
    told = story(one("a"))
    text = body(replace(told, result=replace(told.result, problems=(Problem("b.ts", "it is no *text*"),))))
    assert "### Not fixed\n\n**Not analysed**\n\n- `b.ts`: it is no \\*text\\*" in text


def test_links_lead_to_the_base_and_to_the_rules() -> None:
    blob, pages = "https://git.acme.example/acme/shop/blob/abc/", "https://example.com/rules/"
    text = body(story(one("app/[id] x"), prefix="apps/web/", blob=blob, pages=pages))
    assert f"[`app/[id] x.ts:3`]({blob}apps/web/app/%5Bid%5D%20x.ts#L3)" in text
    assert "[PF101](https://example.com/rules/PF101.md)" in text
    assert "](" not in body(story(one("app/[id] x")))


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("ask @acme/data-team", "`@acme/data-team`"),
        ("as in #12", "`#12`"),
        ("as in acme/shop#12", "`acme/shop#12`"),
        ("see !34 and GH-5", "`!34` and `GH-5`"),
        ("<img src=x> & <!-- x -->", "\\<img src=x\\> \\& \\<!-- x --\\>"),
        ("postgres://ann:s3cret@db/x", "postgres://ann:\\*\\*\\*"),
    ],
)
def test_nobody_is_called_and_nothing_is_closed_by_accident(said: str, shown: str) -> None:
    text = body(story(one("a"), left=(reported("none", said, reason=said),)))
    assert text.count(shown) == 2
    assert "s3cret" not in text


def test_secrets_are_named_and_not_told() -> None:
    url = "DATABASE_URL=postgres://ann:s3cret@db.example.com/shop"
    fix = make_fix("u", (".env.production", f"{url}\n".encode(), f"{url}?pgbouncer=true\n".encode()), code="PF503")
    secrets = (Secret("DATABASE_URL", "it is kept elsewhere"),)
    text = body(story(fix, prefix="apps/web/", secrets=secrets))
    assert "- [ ] `DATABASE_URL`: it is kept elsewhere\n" in text
    assert "- [ ] `apps/web/.env.production:1`: a password stands there" in text and "s3cret" not in text
    assert "To change by hand" not in body(story(one("a")))


@pytest.mark.parametrize(
    ("providers", "query"),
    [
        ((), "pg_stat_activity"),
        (("mysql",), "information_schema.processlist"),
        (("cockroachdb",), "crdb_internal"),
        (("sqlserver",), "sys.dm_exec_sessions"),
        (("mongodb",), "db.serverStatus()"),
        (("sqlite", "postgresql"), "pg_stat_activity"),
    ],
)
def test_the_query_is_for_the_database(providers: tuple[str, ...], query: str) -> None:
    text = body(story(one("a"), providers=providers))
    assert query in text and text.count("```") == 2


def test_it_never_is_longer_than_the_forge_takes() -> None:
    fixes = [one(f"src/a-rather-long-name-of-a-folder/file-{number}", " ü") for number in range(900)]
    left = tuple(reported("refused", f"message {number}") for number in range(900))
    whole = body(story(*fixes, left=left), LIMITS["gitlab"])
    assert "file-899.ts" in whole and "message 899" in whole and "not listed" not in whole
    text = body(story(*fixes, left=left))
    assert LIMITS["github"] - 2000 < len(text.encode()) <= LIMITS["github"]
    listed = text.count("- `src/a-rather") + text.count("- `src/left.ts")
    missing = [int(line.split()[0]) for line in text.splitlines() if "not listed: there is no room" in line]
    assert listed + sum(missing) == 1800 and "900" in text.splitlines()[0]
    assert marked(text) == {TIP} and "### How to verify" in text, "the end is never cut off"


def test_a_rule_with_many_findings_leaves_room_for_the_others() -> None:
    many = [one(f"src/a-rather-long-name-of-a-folder/file-{number}", " ü") for number in range(900)]
    other = make_fix("other", ("src/other.ts", b"1\n", b"2\n"), code="PF303")
    text = body(story(*many, other, left=(reported("refused", "much is left"),)))
    assert text.index("file-100.ts") < text.index("**PF303 fan-out-unbounded**") < text.index("- `src/other.ts:3`")


def test_long_lists_are_folded_up() -> None:
    few, many = (body(story(*(one(f"file-{number}") for number in range(n)))) for n in (20, 21))
    assert "<details>" not in few
    fold = many.index("### Fixed\n\n<details><summary>21 findings</summary>\n\n**PF101")
    assert fold < many.index("file-20.ts") < many.index("\n\n</details>\n\n### How to verify")


def test_a_path_that_is_the_place_itself_is_not_said_again() -> None:
    told = story(one())
    (found,) = told.result.findings
    for place, is_said in (("a.ts", False), ("b.ts", True)):
        finding = replace(found.finding, evidence=(Evidence(place, found.line, "prisma.user.findMany", True),))
        text = body(replace(told, result=replace(told.result, findings=(replace(found, finding=finding),))))
        assert ("path: prisma.user.findMany" in text) == is_said


def test_safe_fixes_are_said_to_be() -> None:
    assert "in 1 file (1 commit; no change alters results, errors or effects)." in body(story(one()))


def test_evidence_gets_shorter_before_findings_go() -> None:
    evidence = (Evidence("src/q.ts", 7, "prisma.user.findMany", True), Evidence("src/r.ts", 8, "a route of its own"))
    told = story(*(one(f"file-{number}") for number in range(40)), blob="https://git.acme.example/shop/blob/abc/")
    findings = tuple(replace(r, finding=replace(r.finding, evidence=evidence)) for r in told.result.findings)
    told = replace(told, result=replace(told.result, findings=findings))
    whole = body(told)
    plain, least = body(told, len(whole) - 200), body(told, len(whole) - 4000)
    assert [text.count("(https://git.acme.example/") for text in (whole, plain, least)] == [120, 40, 40]
    assert [text.count("a route of its own") for text in (whole, plain, least)] == [40, 40, 0]
    assert [text.count("path: prisma.user.findMany (") for text in (whole, plain, least)] == [40, 40, 40]
    assert "not listed" not in least and len(least) <= len(whole) - 4000


def test_names_of_branches() -> None:
    assert branch_name("p/fixes", "PF303") == "p/fixes-pf303"
    assert branch_name("p/fixes", "@acme/Web App") == "p/fixes-acme-web-app"
    assert branch_name("p/fixes", None) == "p/fixes-root"
    assert branch_name("p/fixes", "@a/web", ["@a/web", "@b/web"]) == "p/fixes-a-web"
    assert branch_name("p/fixes", "@a/web", ["@a/web", "a-web"]).startswith("p/fixes-a-web-")
    assert branch_name("p/fixes", "a..b.lock") == "p/fixes-a-b-lock"
