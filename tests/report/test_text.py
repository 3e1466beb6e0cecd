"""What the text report looks like, from results built by hand."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.text import Text

from prismafix.engine.model import AppliedFix, FileChange, Reported, Result
from prismafix.report.text import check_report, fix_report
from prismafix.rules.model import Doubt, Finding
from prismafix.workspace.model import Evidence, Problem

SOURCE = "  const sent = await Promise.all(users.map((user) => sendDigest(user)));"
FINDING = Finding(
    code="PF002",
    path="apps/web/app/api/digest/route.ts",
    start=0,
    end=1,
    message="one query per user at once, through sendDigest → loadOrders (2 calls away)",
    evidence=(
        Evidence("package.json", 0, "next is a dependency"),
        Evidence("app/layout.tsx", 3, "it is imported"),
        Evidence("lib/digest.ts", 12, "sendDigest", step=True),
        Evidence("lib/orders.ts", 43, "prisma.order.findMany", step=True),
    ),
    label="`users` comes from prisma.user.findMany without `take`",
)
REPORTED = Reported(
    finding=FINDING,
    line=31,
    column=22,
    end_line=31,
    end_column=71,
    applicability="unsafe",
    reason="sendDigest also sends mail (lib/mail.ts:9): after a failure later mails would not be sent.",
    fix_id="f1",
    fingerprint="x",
    state="open",
    source=(SOURCE,),
    title="At most 5 at a time",
)


def result(*findings: Reported, **more: object) -> Result:
    plain = Result(Path("/project"), findings, (), (), (), 12, 2, True)
    return replace(plain, **more)  # type: ignore[arg-type]


def plain(lines: object) -> list[str]:
    assert not isinstance(lines, str)
    return [line.plain for line in lines if isinstance(line, Text)]  # type: ignore[attr-defined]


def test_a_message_has_the_form_of_the_examples() -> None:
    assert plain(check_report(result(REPORTED)))[:6] == [
        "apps/web/app/api/digest/route.ts:31:22 PF002 suppression-unused: one query per user at once, through "
        "sendDigest → loadOrders (2 calls away)",
        "   31 |   const sent = await Promise.all(users.map((user) => sendDigest(user)));",
        "      |                      ^^^^^^^^^^^ `users` comes from prisma.user.findMany without `take`",
        "   = path: sendDigest (lib/digest.ts:12) → prisma.order.findMany (lib/orders.ts:43)",
        "   = unsafe fix: at most 5 at a time. sendDigest also sends mail (lib/mail.ts:9): after a failure later mails "
        "would not be sent.",
        "",
    ]


def test_verbose_shows_the_evidence_and_quiet_one_line() -> None:
    verbose = plain(check_report(result(REPORTED), verbose=True))
    assert verbose[3:6] == [
        "   = path: sendDigest (lib/digest.ts:12) → prisma.order.findMany (lib/orders.ts:43)",
        "   = evidence: next is a dependency (package.json)",
        "   = evidence: it is imported (app/layout.tsx:3)",
    ]
    quiet = plain(check_report(result(REPORTED), quiet=True))
    assert len(quiet) == 1 and quiet[0].startswith("apps/web/app/api/digest/route.ts:31:22 PF002")


@pytest.mark.parametrize(
    ("source", "column", "end", "carets"),
    [
        ("\tawait db.$disconnect();", 11, 22, "              ^^^^^^^^^^^"),  # a tab is four wide
        ("/* 😀 */ new X()", 10, 17, "          ^^^^^"),  # one character, two UTF-16 units, two cells
        ("/* 漢字 */ new X()", 10, 17, "            ^^^^^"),  # wide characters, one unit each
        ("x", 1, 1, " ^"),
    ],
)
def test_carets_stand_below_what_they_mean(source: str, column: int, end: int, carets: str) -> None:
    finding = replace(REPORTED, source=(source,), column=column, end_column=end, finding=replace(FINDING, label=""))
    assert plain(check_report(result(finding)))[2].removeprefix("      |").rstrip() == carets


def test_a_minified_line_is_cut_around_the_finding() -> None:
    source = "a;" * 50_000 + "new PrismaClient()" + ";b" * 50_000
    finding = replace(REPORTED, source=(source,), column=100_001, end_column=100_019)
    code, carets = plain(check_report(result(finding)))[1:3]
    assert len(code) < 200
    at = carets.index("^")
    assert code[at : at + carets.count("^")] == "new PrismaClient"


def test_control_characters_and_passwords_do_not_reach_the_screen() -> None:
    source = "const c = new PrismaClient({ url: 'postgres://ann:s3cret@db/x' }) // \x1b[31m"
    finding = replace(
        REPORTED,
        source=(source,),
        column=11,
        end_column=27,
        finding=replace(FINDING, message="postgres://u:hush@h is direct", label=""),
    )
    text = "\n".join(plain(check_report(result(finding))))
    assert "s3cret" not in text and "hush" not in text and "\x1b" not in text
    assert "'postgres://ann:***@db/x'" in text
    assert "      |           ^^^^^^^^^^^^^^^^\n" in text


def test_the_summary_counts_and_says_what_to_run() -> None:
    safe = replace(REPORTED, applicability="safe", reason="")
    by_hand = replace(REPORTED, applicability="none", reason="the class is not known", fix_id=None, state="none")
    hidden = replace(REPORTED, state="suppressed")
    lines = plain(check_report(result(REPORTED, safe, safe, by_hand, hidden)))
    assert "   = no fix: the class is not known" in lines
    assert lines[-4:] == [
        "4 findings in 1 file (12 source files in 2 packages looked at, 1 more suppressed).",
        "      2 can be fixed safely: `prismafix fix` (first look: `prismafix fix --diff`)",
        "      1 can be fixed if you agree: `prismafix fix --interactive`, or all with `--unsafe-fixes`",
        "      1 to do by hand: `prismafix explain CODE` says how",
    ]


def test_problems_and_ignored_files_are_listed_apart() -> None:
    found = result(
        replace(REPORTED, finding=replace(FINDING, path=".env.local")),
        problems=(Problem("a.ts", "not UTF-8: convert it"),),
        ignored_by_git=frozenset({".env.local"}),
    )
    lines = plain(check_report(found))
    assert lines[0] == "In files that git ignores (they change neither exit code nor baseline):"
    assert lines[-4:] == [
        "1 file not analysed:",
        "  a.ts: PF001 file-not-analysed: not UTF-8: convert it",
        "",
        "No findings in 12 source files in 2 packages.",
    ]


def test_after_fixing_every_finding_is_accounted_for() -> None:
    fixed = replace(REPORTED, state="fixed", applicability="safe", reason="")
    held = replace(REPORTED, state="held back")
    refused = replace(
        REPORTED, state="refused", applicability="none", reason="the callback is not a function expression"
    )
    fix = AppliedFix(
        "f1", "Use the shared client", "PF002", ("PF002",), None, "safe", (), (0,), (FileChange("a.ts", b"", b"x"),)
    )
    lines = plain(fix_report(result(fixed, held, refused, fixes=(fix,)), ["a.ts"]))
    assert lines[0] == "fixed PF002 apps/web/app/api/digest/route.ts:31: use the shared client"
    assert "held back:" in lines and "refused: no rewrite is possible here:" in lines
    assert "    = the callback is not a function expression" in lines
    assert lines[-2] == "3 findings: 1 fixed, 1 held back (unsafe), 1 refused; 1 file changed."
    assert "--unsafe-fixes" in lines[-1]


def test_doubts_are_not_lost() -> None:
    doubt = Doubt("unsafe", "look at the order of the mails")
    held = replace(REPORTED, state="held back", doubts=(doubt,), reason=doubt.text)
    assert any("Look at the order of the mails" in line for line in plain(fix_report(result(held), [])))
