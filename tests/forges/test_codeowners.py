"""Whom a CODEOWNERS file names, by the rules of each forge."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from prismafix.delivery.forges.codeowners import owners, reviewers

if TYPE_CHECKING:
    from prismafix.delivery.forges.model import Kind

# The example of GitHub's page on code owners, without its comments.
GITHUB = """
*       @global-owner1 @global-owner2
*.js    @js-owner #This is an inline comment.
*.go docs@example.com
*.txt @octo-org/octocats
/build/logs/ @doctocat
docs/* docs@example.com @docs-direct
apps/ @octocat
/docs/ @doctocat
/scripts/ @doctocat @octocat
**/logs @octocat
/apps/ @octocat
/apps/github
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", ("global-owner1", "global-owner2")),
        ("src/a/b.js", ("js-owner",)),
        ("main.go", ()),  # an e-mail address cannot be asked
        ("deep/notes.txt", ("octo-org/octocats",)),
        ("build/logs/x", ("octocat",)),  # the last match wins
        ("docs/build-app/guide.md", ("doctocat",)),
        ("any/apps/x.ts", ("octocat",)),
        ("apps/github/x.ts", ()),  # a line without owners takes them away
        ("build/deeply/logs/x", ("octocat",)),
    ],
)
def test_github_example(path: str, expected: tuple[str, ...]) -> None:
    assert owners("github", GITHUB, [path]) == expected


@pytest.mark.parametrize(
    ("line", "path", "matches"),
    [
        ("docs/*", "docs/a.md", True),
        ("docs/*", "docs/sub/a.md", False),
        ("docs/*", "other/docs/a.md", False),
        ("**/docs/*", "docs/x/docs/a.md", True),
        ("**/docs/*", "docs/x/a.md", False),
        ("/*", "a.md", True),
        ("/*", "src/a.md", False),
        ("/docs/**", "docs/sub/a.md", True),
        ("docs", "src/docs/a.md", True),
        ("/docs", "src/docs/a.md", False),
        ("src/docs", "x/src/docs/a.md", False),
        ("*.TS", "a.ts", False),
        ("my\\ file.ts", "my file.ts", True),
        ("/app/[id]/", "app/[id]/page.tsx", True),
        ("/app/[id]/", "app/i/page.tsx", False),
        ("!*.ts", "a.js", False),
        ("\\#a.ts", "#a.ts", False),
    ],
)
def test_github_pattern(line: str, path: str, matches: bool) -> None:
    assert owners("github", f"{line} @x", [path]) == (("x",) if matches else ())


def test_github_leaves_out_lines_that_are_invalid() -> None:
    assert owners("github", "* @everyone\n*.ts @ts nobody\n", ["a.ts"]) == ("everyone",)
    assert owners("github", "* @everyone\n# *.ts @ts\n*.ts @@maintainer\n", ["a.ts"]) == ("everyone",)
    assert owners("github", "* @everyone\n" + "#" * 3 * 1024 * 1024, ["a.ts"]) == ()


GITLAB = """
* @general
# comment @nobody
[Documentation][2] @docs-team
docs/
README.md
*.txt

^[Database] @database-team
model/db/
config/db/setup.md @docs-team @acme/data jane@example.com
!model/db/generated/

[DOCUMENTATION]
/docs/api/ @api @@maintainer
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/a.ts", ("general",)),
        ("README.md", ("general", "docs-team")),
        ("sub/docs/a/b.md", ("general", "docs-team")),
        ("docs/api/x.md", ("general", "api")),  # one section: the last match in it
        ("model/db/a.rb", ("general", "database-team")),
        ("model/db/generated/a.rb", ("general",)),
        ("config/db/setup.md", ("general", "docs-team", "acme/data")),
    ],
)
def test_gitlab_sections(path: str, expected: tuple[str, ...]) -> None:
    assert owners("gitlab", GITLAB, [path]) == expected


@pytest.mark.parametrize(
    ("line", "path", "matches"),
    [
        ("*", ".hidden/.file", True),
        ("/docs/*", "docs/a.md", True),
        ("/docs/*", "docs/sub/a.md", False),
        ("/docs/**/*.md", "docs/a.md", True),
        ("/docs/**/*.md", "docs/x/y/a.md", True),
        ("docs", "docs/a.md", False),  # a folder needs its slash
        ("ee/docs", "x/ee/docs", True),
        ("lib/", "a/lib/b/c.rb", True),
        ("/lib/", "a/lib/b.rb", False),
        ("path\\ with\\ spaces/", "path with spaces/a", True),
        ("\\#a.rb", "#a.rb", True),
        ("/a?.[rt]s", "ab.ts", True),
        ("/a?.[rt]s", "a/.ts", False),
        ("*.ts # see @y", "a.ts", True),
    ],
)
def test_gitlab_pattern(line: str, path: str, matches: bool) -> None:
    assert ("x" in owners("gitlab", f"{line} @x", [path])) == matches


def test_owners_of_most_paths_come_first() -> None:
    text = "*.ts @ana\n*.sql @ben @acme/data\n"

    assert owners("github", text, ["a.ts", "a.sql", "b.sql"]) == ("ben", "acme/data", "ana")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("github", "of-github"), ("gitlab", "of-root")],
)
def test_place(kind: Kind, expected: str) -> None:
    files = {
        ".github/CODEOWNERS": "* @of-github",
        "CODEOWNERS": "* @of-root",
        "docs/CODEOWNERS": "* @of-docs",
        ".gitlab/CODEOWNERS": "* @of-gitlab",
    }
    assert reviewers(kind, ["a.ts"], files.get) == (expected,)
    assert reviewers(kind, ["a.ts"], {"docs/CODEOWNERS": "* @of-docs"}.get) == ("of-docs",)
    assert reviewers(kind, ["a.ts"], {}.get) == ()
