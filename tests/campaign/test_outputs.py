"""What is shown of a campaign: on a terminal, as a page in a browser, as a spec for Sourcegraph."""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from prismafix.cli.batching import read
from prismafix.delivery.campaign.export import to_batch_spec
from prismafix.delivery.campaign.model import Count, Event, Outcome, Pull
from prismafix.delivery.campaign.page import to_html
from prismafix.delivery.campaign.state import locked, opened
from prismafix.delivery.forges.model import PullRequest
from prismafix.errors import UserError
from tests.cli.running import PROGRAM, on_terminal
from tests.forges.servers import TOKEN
from tests.pull_requests.place import run_git
from tests.report.test_html import BROWSER, Page
from tests.report.test_html import opened as in_browser

if TYPE_CHECKING:
    from pathlib import Path

    from prismafix.delivery.campaign.model import Campaign
    from prismafix.delivery.forges.model import State

    from .fleet import Fleet

NASTY = '<script>alert(1)</script>"&'
TABLES = """
[[repository]]
url = "https://github.com/acme/shop.git"
[[repository]]
url = "https://github.com/acme/blog.git"
[[repository]]
url = "git@gitlab.com:acme/group/api.git"
"""


@pytest.fixture
def campaign(tmp_path: Path) -> Campaign:
    """A campaign of which much is known."""
    file = tmp_path / "spring.toml"
    file.write_text(f"name = '{NASTY}'\n{TABLES}")
    made = read(file)
    counts = (Count("PF101", "@acme/web", "fixed", 7), Count("PF303", NASTY, "held back", 3))
    counts += (Count("PF303", "@acme/web", "none", 2), Count("PF501", "", "suppressed", 9))
    with locked(made), opened(made, create=True) as state:
        state.join(made.repositories)
        for number, name in enumerate(("acme/shop", "acme/blog")):
            state.begin(name, 1000.0 + number)
            state.step(Event(name, "clone", 1000.0 + number))
            pull = Pull("prismafix/fixes", "main", "opened", NASTY, f"https://x.example/{number}", 4, "open", 7, 7)
            state.end(Outcome(name, base_commit="c", fixes=7, counts=counts, pulls=(pull,)), 2000.0 + number)
            state.see(name, pull, as_it_is(pull, ("merged", "closed")[number]), 90000.0 * (number + 1))
        state.end(Outcome("group/api", error=NASTY), 3000.0)
    return made


def as_it_is(pull: Pull, state: State, opened_at: float | None = None, ended_at: float | None = None) -> PullRequest:
    number, url = pull.number or 0, pull.url or ""
    return PullRequest(number, url, pull.title, "", pull.branch, pull.base, state, False, opened_at, ended_at)


def page_of(campaign: Campaign) -> str:
    with opened(campaign, create=False) as state:
        return to_html(campaign, state.repositories(), state.history())


def test_the_page_adds_up_and_holds_nothing_that_runs(campaign: Campaign) -> None:
    text = page_of(campaign)
    page = Page(re.sub(r"<!doctype html>", "", text))
    assert "3 repositories: 2 done, 1 failed; 24 findings, 14 fixes; 2 pull requests: 1 merged, 1 closed." in page.text
    assert not page.all("script")
    assert "default-src 'none'; style-src 'unsafe-inline'" in text
    assert [figure["aria-label"] for figure in page.all("svg")] == [
        "Findings by rule",
        "Findings by package",
        "Pull requests",
        "Pull requests over time",
    ]
    for said in (
        "PF101 client-per-call: 14 proposed",
        "PF303 fan-out-unbounded: 6 held back",
        "merged: 1",
        "closed: 1",
    ):
        assert said in page.text
    assert "PF501" not in page.text  # suppressed
    assert {a["href"] for a in page.all("a")} == {"https://x.example/0", "https://x.example/1"}


def test_what_happened_is_in_the_order_of_the_forges_times(campaign: Campaign) -> None:
    """Merged before the other one was closed, and seen after it; reopened and merged, by a clock that is late."""
    with opened(campaign, create=False) as state:
        state.connection.execute("delete from history")
        shop, blog = (known.pulls[0] for known in state.repositories()[:2])
        for name, pull in (("acme/shop", shop), ("acme/blog", blog)):
            state.see(name, pull, as_it_is(pull, "open"), 5000.0)
        state.see("acme/blog", blog, as_it_is(blog, "closed", 100.0, 4000.0), 5001.0)
        state.see("acme/shop", shop, as_it_is(shop, "merged", 200.0, 3000.0), 5002.0)
        state.see("acme/blog", blog, as_it_is(blog, "open", 100.0), 5003.0)
        state.see("acme/blog", blog, as_it_is(blog, "merged", 100.0, 4999.0), 6000.0)
        history = [(seen.repository, seen.state, seen.at, seen.when) for seen in state.history()]
    assert history == [
        ("acme/blog", "open", 5000.0, 100.0),
        ("acme/shop", "open", 5000.0, 200.0),
        ("acme/shop", "merged", 5002.0, 3000.0),
        ("acme/blog", "closed", 5001.0, 4000.0),
        ("acme/blog", "open", 5003.0, 5003.0),
        ("acme/blog", "merged", 6000.0, 5003.0),
    ]


def test_a_state_that_knew_no_times_of_the_forges(campaign: Campaign) -> None:
    with opened(campaign, create=False) as state:
        before = state.history()
        state.connection.execute("alter table history drop column happened")
        state.connection.execute("pragma user_version = 1")
    with opened(campaign, create=False) as state:
        assert state.history() == before and before


@pytest.mark.skipif(BROWSER is None, reason="no Chromium here: apt-get install chromium-headless-shell")
def test_a_browser_has_no_complaints(campaign: Campaign, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(page_of(campaign))
    page, complaints = in_browser(file)
    assert complaints == ""
    assert len(page.all("svg")) == 4


def test_a_terminal_shows_what_is_under_way(fleet: Fleet) -> None:
    fleet.add("shop")
    fleet.table(name="gone", url="file:///nowhere/at/all.git")
    fleet.write()
    screen, code = on_terminal([*PROGRAM, "batch", "spring.toml"], fleet.folder, [], GH_ENTERPRISE_TOKEN=TOKEN)
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", screen)
    assert code == 1
    assert re.search(r"repository +step +since", plain)
    assert re.search(r"shop +analyse +\d+ s", plain)
    assert "shop: opened https://github.example/acme/shop/pull/1" in plain
    assert "2 repositories: 1 done, 1 failed; 3 findings, 2 fixes; 1 pull request: 1 open." in plain
    screen, code = on_terminal([*PROGRAM, "batch", "status", "spring.toml"], fleet.folder, [])
    assert re.search(r"shop +3 +2 +opened https://github.example/acme/shop/pull/1", screen)


def spec_of(folder: Path, text: str) -> tuple[Any, tuple[str, ...]]:
    file = folder / "spring.toml"
    file.write_text(text)
    written, notes = to_batch_spec(read(file), "registry.example/prismafix:1")
    return yaml.safe_load(written), notes


def test_a_batch_spec(tmp_path: Path) -> None:
    head = 'name = "connection limits"\nselect = ["PF1"]\nbranch = "chore/prisma"\ndraft = true\n'
    spec, notes = spec_of(tmp_path, head + TABLES)
    assert notes == ()
    # All fields that the reference has, and no others: a batch spec with an unknown one is refused.
    assert list(spec) == ["name", "description", "on", "steps", "changesetTemplate"]
    assert re.fullmatch(r"[\w.-]+", spec["name"])
    assert spec["on"] == [
        {"repository": name} for name in ("github.com/acme/shop", "github.com/acme/blog", "gitlab.com/acme/group/api")
    ]
    (step,) = spec["steps"]
    assert step == {
        "run": "prismafix fix --no-cache --select PF1 . || test $? -eq 1\n",
        "container": "registry.example/prismafix:1",
    }
    template = spec["changesetTemplate"]
    assert set(template) == {"title", "body", "branch", "commit", "published"}
    assert (template["branch"], template["published"]) == ("chore/prisma", "draft")
    assert set(template["commit"]) == {"message"}


def test_a_batch_spec_of_repositories_that_differ(tmp_path: Path) -> None:
    more = 'unsafe-fixes = true\nbase = "develop"\npackages = ["apps/*"]\nper = "package"\nlabels = ["db"]\n'
    text = f'name = "x"\n{TABLES}{more}open = "nothing"\n[[repository]]\npath = "here"\n'
    spec, notes = spec_of(tmp_path, text)
    assert spec["on"][2] == {"repository": "gitlab.com/acme/group/api", "branch": "develop"}
    assert spec["changesetTemplate"]["published"] == [
        {"github.com/acme/shop": True},
        {"github.com/acme/blog": True},
        {"gitlab.com/acme/group/api": False},
    ]
    assert [note.partition(" ")[0] for note in notes] == ["group/api:", "group/api:", "here"]
    # The script does what it says, in a shell.
    (step,) = spec["steps"]
    for name, ran in (
        ("github.com/acme/blog", "fix --no-cache ."),
        ("gitlab.com/acme/group/api", "fix --no-cache --unsafe-fixes apps/*"),
    ):
        script = "prismafix() { echo $@; return 1; }\n" + step["run"].replace("${{ repository.name }}", name)
        done = subprocess.run(["sh", "-e"], input=script, capture_output=True, text=True, check=True)
        assert done.stdout.strip() == ran


def test_an_export_needs_a_host(fleet: Fleet) -> None:
    fleet.add("shop")
    with pytest.raises(UserError, match="no repository has a remote at a host"):
        to_batch_spec(read(fleet.write()), "x")
    run_git(fleet.folder, "clone", "-q", str(fleet.bare("shop")), "mine")
    run_git(fleet.folder / "mine", "remote", "set-url", "origin", "https://robot:s3cret-word@github.com/acme/mine.git")
    fleet.table(path="mine")
    fleet.write()
    done = fleet.run("export", "spring.toml", "--container", "x", "-o", "spec.yaml")
    assert done.returncode == 0 and "shop is left out" in done.stderr
    text = (fleet.folder / "spec.yaml").read_text()
    assert "github.com/acme/mine" in text and "s3cret" not in text
