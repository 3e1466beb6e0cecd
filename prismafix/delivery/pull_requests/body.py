"""What a pull request says, in Markdown. Pure: the same result gives the same text."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from prismafix import __version__
from prismafix.delivery.pull_requests.branch import marker
from prismafix.report.diff import left_out
from prismafix.report.inline import escaped, rule_link, span
from prismafix.report.words import count, sentences, title_of, uri
from prismafix.rules.registry import names, rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from prismafix.delivery.forges.model import Kind
    from prismafix.engine.model import AppliedFix, Reported, Result, State
    from prismafix.rules.model import Finding
    from prismafix.workspace.model import Evidence

LIMITS: dict[Kind, int] = {"github": 65_536, "gitlab": 1_048_576}
"""Characters that a forge takes. They are counted as bytes here, which are never fewer."""
_TABLE = 100
_SECRETS = 40
_OPEN = 20
"""How many entries of a section are seen at once; more are folded up."""
_RESERVE = 600  # bytes for the lines that say what was left out, and for what folds

_LEFT: dict[State, str] = {
    "held back": "Held back: right in most projects, but somebody should look",
    "deferred": "Deferred: another run does them",
    "dropped": "Dropped: not written",
    "refused": "Refused: no rewrite is possible here",
    "declined": "Not asked for",
    "open": "Not asked for",
    "none": "To do by hand",
}
_QUERIES = {
    "postgresql": "select state, count(*) from pg_stat_activity\n"
    "  where datname = current_database() and backend_type = 'client backend' group by state;",
    "cockroachdb": "select count(*) from crdb_internal.cluster_sessions;",
    "mysql": "select user, command, count(*) from information_schema.processlist group by user, command;",
    "sqlserver": "select status, count(*) from sys.dm_exec_sessions where is_user_process = 1 group by status;",
    "mongodb": "db.serverStatus().connections",
}


@dataclass(frozen=True, slots=True)
class Secret:
    """A variable whose value is kept elsewhere: its name, and what there is to do with it."""

    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Story:
    """All that a body is made of.

    `result` holds what the pull request does; `left` are the findings that it leaves. `prefix` (`""`, or a folder with
    a final `/`) goes before paths; `blob` is the address of the base's files, with a final `/` ("": no links), `pages`
    that of the rules' pages. `providers` are those of the schemas, `secrets` what to change by hand, `commits` the
    number of commits. `tip` is the commit that the branch is at. `detail` says how much there is of the evidence: 2 all
    with links, 1 all, 0 the call paths."""

    result: Result
    left: tuple[Reported, ...]
    commits: int
    tip: str
    prefix: str = ""
    blob: str = ""
    pages: str = ""
    providers: tuple[str, ...] = ()
    secrets: tuple[Secret, ...] = ()
    detail: int = 2


def body(story: Story, most: int = LIMITS["github"]) -> str:
    """The text, at most `most` bytes. Where that is too little, the evidence goes without links, then only the call
    paths are left of it; what still does not fit is counted, and what is most important stays longest."""
    for detail in (2, 1, 0):
        text, is_whole = _body(replace(story, detail=detail), most)
        if is_whole:
            break
    return text


def _body(story: Story, most: int) -> tuple[str, bool]:
    """The text, and whether all is in it."""
    end = [*_by_hand(story), _verify(story), _closing(story)]
    head = [_summary(story), _table(story)]
    room = most - sum(len(part.encode()) + 2 for part in (*head, *end)) - _RESERVE
    middle: list[str] = []
    is_whole = True
    for title, groups, what in (_look(story), _fixed(story), _left(story)):
        number = sum(map(len, groups))
        kept, room = _fitting(groups, room - len(title.encode()) - 2)
        if number:
            middle += [title, _folded(_tight(kept), f"{number} {what[1]}") if len(kept) > _OPEN else _tight(kept)]
        if len(kept) < number:
            is_whole = False
            number -= len(kept)
            middle.append(f"{number} {what[number > 1]} not listed: there is no room for more here.")
    return "\n\n".join(part for part in (*head, *middle, *end) if part) + "\n", is_whole


def fixed_findings(result: Result) -> list[Reported]:
    """The findings that the fixes of a result mend, in its order."""
    return [result.findings[index] for index in sorted({index for fix in result.fixes for index in fix.findings})]


def _fitting(groups: Sequence[Sequence[str]], room: int) -> tuple[list[str], int]:
    """The blocks for which there is room, and how much is left. A large group leaves the others their share."""
    kept: dict[int, list[str]] = {}
    by_size = sorted(range(len(groups)), key=lambda number: sum(map(_size, groups[number])))
    for done, number in enumerate(by_size):
        share = room // (len(groups) - done)
        kept[number] = []
        for block in groups[number]:
            if _size(block) > share:
                break
            share -= _size(block)
            room -= _size(block)
            kept[number].append(block)
    return [block for number in range(len(groups)) for block in kept[number]], room


def _size(block: str) -> int:
    return len(block.encode("utf-8", "replace")) + 2


def _folded(text: str, summary: str) -> str:
    """Markdown that opens at a click, at both forges."""
    return f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>"


def _tight(blocks: Sequence[str]) -> str:
    """The blocks, with a blank line before those that do not go on with a list."""
    text = ""
    for block in blocks:
        text += ("" if not text else "\n" if block.startswith("- ") else "\n\n") + block
    return text


def _summary(story: Story) -> str:
    fixes = story.result.fixes
    unsafe = sum(1 for fix in fixes if fix.applicability != "safe")
    parts = [count(story.commits, "commit")]
    if not unsafe:
        parts.append("no change alters results, errors or effects")
    elif unsafe < len(fixes):
        parts.append(f"{len(fixes) - unsafe} of the changes cannot alter results, errors or effects")
    if unsafe:
        parts.append(f"{unsafe} of the changes {'wants' if unsafe == 1 else 'want'} a look, see below")
    files = count(len({change.path for fix in fixes for change in fix.changes}), "file")
    left = f" and leaves {len(story.left)}, with the reasons below" if story.left else ""
    found = count(len(fixed_findings(story.result)), "finding")
    return (
        "prismafix looked for code and configuration that exhausts the database's connections. "
        f"This fixes **{found}** in {files} ({'; '.join(parts)}){left}."
    )


def _table(story: Story) -> str:
    columns = {"fixed": 0, "held back": 1}
    cells: Counter[tuple[str, str, int]] = Counter()
    for reported in (*fixed_findings(story.result), *story.left):
        column = 0 if reported.state == "fixed" else columns.get(reported.state, 2)
        cells[reported.finding.code, reported.finding.package or "", column] += 1
    rows = []
    for code, package in sorted({(code, package) for code, package, _ in cells}):
        where = span(package).replace("|", "\\|") if package else ""
        numbers = " | ".join(str(cells[code, package, column]) for column in range(3))
        rows.append(f"| {_named(code, story)} | {where} | {numbers} |")
    head = ["| rule | package | fixed | held back | not fixed |", "| --- | --- | --: | --: | --: |"]
    if len(rows) > _TABLE:
        rows = [*rows[:_TABLE], f"| and {len(rows) - _TABLE} rows more | | | | |"]
    return "\n".join([*head, *rows])


def _look(story: Story) -> tuple[str, list[list[str]], tuple[str, str]]:
    """The doubts of unsafe fixes, each with the places that it is about."""
    places: dict[str, list[str]] = defaultdict(list)
    for fix in story.result.fixes:
        for doubt in fix.doubts:
            places[doubt.text] += _places(fix, story)
    blocks = [
        f"- [ ] {escaped(text)} ({', '.join(dict.fromkeys(where[:5]))}{', …' if len(set(where)) > 5 else ''})"
        for text, where in sorted(places.items())
    ]
    return "### Look at these before you merge", [blocks], ("question", "questions")


def _places(fix: AppliedFix, story: Story) -> list[str]:
    return [_place(story.result.findings[index], story) for index in fix.findings]


def _fixed(story: Story) -> tuple[str, list[list[str]], tuple[str, str]]:
    """By rule, then by what was done and what is known of the file: that is said once for all that share it."""
    titles = {index: fix.title for fix in story.result.fixes for index in fix.findings}
    groups: dict[str, dict[str, list[Reported]]] = defaultdict(lambda: defaultdict(list))
    for index, reported in enumerate(story.result.findings):
        if index in titles:
            finding = reported.finding
            about = [e.text for e in finding.evidence if _is_of_file(e, finding)] if story.detail else []
            done = sentences(title_of(titles[index], finding.path))
            groups[finding.code][f"{done} ({'; '.join(about)})" if about else done].append(reported)
    blocks_of_rules = []
    for code, by_done in sorted(groups.items()):
        blocks = []
        known = rule(code)
        why = f": {escaped(' '.join(known.text.split(chr(10) + chr(10), 1)[0].split()))}" if known else ""
        head = f"**{_named(code, story)}**{why}\n\n"
        for done, several in by_done.items():
            head += f"{escaped(done[:1].upper() + done[1:])}:\n\n"
            for reported in several:
                blocks.append(head + _finding(reported, story))
                head = ""
        blocks_of_rules.append(blocks)
    return "### Fixed", blocks_of_rules, ("finding", "findings")


def _is_of_file(evidence: Evidence, finding: Finding) -> bool:
    """Whether an evidence is about the file of the finding as a whole, such as that it is application code."""
    return not evidence.step and (evidence.path, evidence.line) == (finding.path, 1)


def _finding(reported: Reported, story: Story) -> str:
    finding = reported.finding
    lines = [f"- {_place(reported, story)} {escaped(finding.message)}"]
    told = story if story.detail == 2 else replace(story, blob="")
    path = [e for e in finding.evidence if e.step]
    if [(e.path, e.line) for e in path] not in ([], [(finding.path, reported.line)]):
        steps = [f"{escaped(e.text)} ({_link(e.path, e.line, told)})" for e in path]
        lines.append(f"  - path: {' → '.join(steps)}")
    if story.detail:
        others = [e for e in finding.evidence if not e.step and not _is_of_file(e, finding)]
        lines += [f"  - {escaped(e.text)} ({_link(e.path, e.line, told)})" for e in others]
    return "\n".join(lines)


def _left(story: Story) -> tuple[str, list[list[str]], tuple[str, str]]:
    by_state: dict[str, list[str]] = defaultdict(list)
    for reported in story.left:
        by_state[_LEFT.get(reported.state, reported.state)].append(_left_finding(reported, story))
    groups = [(title, by_state[title]) for title in dict.fromkeys(_LEFT.values()) if title in by_state]
    problems = [f"- {span(problem.path)}: {escaped(problem.message)}" for problem in story.result.problems]
    groups += [("Not analysed", problems)] if problems else []
    titled = [[f"**{title}**\n\n{blocks[0]}", *blocks[1:]] for title, blocks in groups]
    return "### Not fixed", titled, ("entry", "entries")


def _left_finding(reported: Reported, story: Story) -> str:
    finding = reported.finding
    why = reported.reason or f"see `prismafix explain {finding.code}`"
    if reported.state == "held back":
        why = sentences(title_of(reported.title, finding.path), reported.reason)
    return f"- {_place(reported, story)} {finding.code} {escaped(finding.message)}\n  - {escaped(why)}"


def _by_hand(story: Story) -> Iterator[str]:
    """The secrets, by their names."""
    items = [f"- [ ] {span(secret.name)}: {escaped(secret.why)}" for secret in story.secrets]
    for place in left_out(story.result.changes):
        text = "a password stands there, and everybody who can read the repository knows it: change it, and keep it"
        items.append(f"- [ ] {span(story.prefix + place)}: {text} where the deployment keeps secrets")
    if items:
        more = [f"- and {len(items) - _SECRETS} more"] if len(items) > _SECRETS else []
        yield "### To change by hand, where your deployment keeps its settings"
        yield "\n".join([*items[:_SECRETS], *more])


def _verify(story: Story) -> str:
    known = [p for p in dict.fromkeys(story.providers) if p in _QUERIES] or ["postgresql"]
    parts = [
        "### How to verify",
        "1. Let the type check and the tests of the project run.\n"
        "2. Deploy it to where load does no harm, put load on a route that is changed here, before and after: "
        "`npx autocannon --connections 60 --duration 30 https://staging.example.com/…`\n"
        "3. Meanwhile count the connections. They should stay at instances × pool size, however many requests come:",
    ]
    for provider in known:
        parts.append(f"```{'js' if provider == 'mongodb' else 'sql'}\n{_QUERIES[provider]}\n```")
    parts.append("`prismafix budget` says whether all instances together fit into the database.")
    return "\n\n".join(parts)


def _closing(story: Story) -> str:
    return (
        f"---\nMade by prismafix {__version__}. As long as nobody else pushes to this branch, later runs bring it and "
        "this text up to date; after that, and once this is closed, it is left alone. A finding stays as it is with a "
        f"comment `// prismafix-ignore CODE -- reason`.\n\n{marker(story.tip)}"
    )


def _named(code: str, story: Story) -> str:
    return f"{rule_link(code, story.pages)} {names().get(code, '')}".rstrip()


def _place(reported: Reported, story: Story) -> str:
    return _link(reported.finding.path, reported.line, story)


def _link(path: str, line: int, story: Story) -> str:
    shown = span(f"{path}:{line}" if line else path)
    return f"[{shown}]({story.blob}{uri(story.prefix + path)}{f'#L{line}' if line else ''})" if story.blob else shown


def secret_names(secrets: Iterable[Secret]) -> tuple[Secret, ...]:
    """Each name once, in order."""
    return tuple({secret.name: secret for secret in sorted(secrets, key=lambda s: (s.name, s.why))}.values())
