"""What is known of a campaign, in an SQLite file that survives being killed at any moment.

Only the coordinating process writes, and each change is one transaction that is on the disk before anything goes on.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sqlite3
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from prismafix.delivery.campaign.model import Count, Pull, Step
from prismafix.errors import UserError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from prismafix.delivery.campaign.model import Campaign, Event, Outcome, Status, Wanted
    from prismafix.delivery.forges.model import PullRequest

_FORMAT = 2
_SCHEMA = """
create table repository (
  name text primary key, source text not null, position integer, fingerprint text not null,
  status text not null, error text not null default '', base_commit text, uses_prisma integer not null default 1,
  files integer not null default 0, fixes integer not null default 0, notes text not null default '[]',
  began real, ended real, turns integer not null default 0
);
create table step (
  repository text not null, turn integer not null, step text not null, began real not null, ended real,
  failed integer not null default 0, primary key (repository, turn, step)
);
create table finding (
  repository text not null, code text not null, package text not null, state text not null, number integer not null
);
create table pull (
  repository text not null, branch text not null, base text not null, status text not null, title text not null,
  url text, number integer not null, state text not null, fixes integer not null, findings integer not null,
  commits text not null, primary key (repository, branch, number)
);
create table history (
  repository text not null, branch text not null, number integer not null, state text not null, at real not null,
  happened real
);
"""
_SINCE_1 = "alter table history add column happened real"
"""What the format 1, which did not know when the forges say that something happened, lacks."""
_ENDING = 20.0
"""Seconds that what a killed run left running is waited for."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A change of a pull request's state: when it was seen, and when it happened by what the forge says (where it says
    nothing: when it was seen). In seconds since 1970."""

    repository: str
    branch: str
    number: int
    state: str
    at: float
    when: float


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one repository. `position` None: it is not in the file any more. `began` and `ended` are those
    of its last turn, in seconds since 1970; `steps` too are of that turn."""

    name: str
    source: str
    position: int | None
    fingerprint: str
    status: Status
    error: str
    base_commit: str | None
    uses_prisma: bool
    files: int
    fixes: int
    notes: tuple[str, ...]
    began: float | None
    ended: float | None
    turns: int
    steps: tuple[Step, ...]
    counts: tuple[Count, ...]
    pulls: tuple[Pull, ...]

    @property
    def findings(self) -> int:
        """All but suppressed ones."""
        return sum(count.number for count in self.counts if count.state != "suppressed")


@contextmanager
def locked(campaign: Campaign) -> Iterator[int]:
    """Nobody else runs this campaign while the block runs; gives the lock's file descriptor, which processes that are
    started inherit. The lock ends with the last process that holds it, however that ends. Raises UserError if
    somebody else has it, or if the folder cannot be made."""
    folder = campaign.workspace
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not any(folder.iterdir()):  # it is often in a repository, and no part of it
            (folder / ".gitignore").write_text("*\n")
        descriptor = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise UserError(
            f"{folder} cannot be written ({error.strerror}): give another folder with `workspace` in {campaign.file}"
        ) from None
    try:
        _take(descriptor, campaign)
        _sign(descriptor)
        yield descriptor
    finally:
        os.close(descriptor)


def _take(descriptor: int, campaign: Campaign) -> None:
    deadline = time.monotonic() + _ENDING
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except OSError:
            words = os.pread(descriptor, 200, 0).decode("utf-8", "replace").split()
        process, host, since = (words + ["?"] * 3)[:3]
        if host != socket.gethostname() or _is_alive(process) or time.monotonic() > deadline:
            raise UserError(
                f"{campaign.file.name} is being run already (process {process} on {host}, since {since}): wait for it, "
                f"or stop it; `prismafix batch status {campaign.file}` shows how far it is"
            )
        time.sleep(0.1)


def _sign(descriptor: int) -> None:
    since = time.strftime("%Y-%m-%dT%H:%M:%S%z")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()} {socket.gethostname()} {since}\n".encode(), 0)


def _is_alive(process: str) -> bool:
    try:
        os.kill(int(process), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        pass
    return True


@dataclass(frozen=True, slots=True)
class State:
    """The state of a campaign. All methods may raise UserError (a full disk, a damaged file)."""

    connection: sqlite3.Connection
    file: Path

    def join(self, repositories: Sequence[Wanted]) -> None:
        """Make the list of repositories that of the campaign's file. What is asked in another way than before waits
        again, and so does what was under way; what is known of it stays until its turn is over."""
        with self._writing() as db:
            db.execute("update repository set position = null")
            db.execute("update repository set status = 'waiting' where status = 'running'")
            for position, wanted in enumerate(repositories):
                row = (wanted.name, wanted.source, position, wanted.fingerprint)
                db.execute(
                    "insert into repository (name, source, position, fingerprint, status) "
                    "values (?, ?, ?, ?, 'waiting') on conflict (name) do update set "
                    "source = excluded.source, position = excluded.position, "
                    "status = case fingerprint when excluded.fingerprint then status else 'waiting' end, "
                    "base_commit = case fingerprint when excluded.fingerprint then base_commit else null end, "
                    "fingerprint = excluded.fingerprint",
                    row,
                )

    def begin(self, name: str, at: float) -> None:
        """A repository's turn begins."""
        with self._writing() as db:
            db.execute(
                "update repository set status = 'running', began = ?, ended = null, turns = turns + 1 where name = ?",
                (at, name),
            )

    def step(self, event: Event) -> None:
        """A step of a turn has begun; the one before it is over."""
        with self._writing() as db:
            turn = "(select turns from repository where name = ?)"
            db.execute(
                f"update step set ended = ? where repository = ? and turn = {turn} and ended is null and step <> ?",
                (event.at, event.name, event.name, event.step),
            )
            db.execute(
                f"insert or ignore into step (repository, turn, step, began) values (?, {turn}, ?, ?)",
                (event.name, event.name, event.step, event.at),
            )

    def end(self, outcome: Outcome, at: float) -> None:
        """A turn is over: everything about it at once."""
        name = outcome.name
        with self._writing() as db:
            turns = db.execute("select turns from repository where name = ?", (name,)).fetchone()[0]
            for step in outcome.steps:
                row = (name, turns, step.step, step.began, step.ended, step.failed)
                db.execute("insert or replace into step values (?, ?, ?, ?, ?, ?)", row)
            status = "failed" if outcome.error else "done"
            db.execute(
                "update repository set status = ?, error = ?, ended = ? where name = ?",
                (status, outcome.error, at, name),
            )
            if outcome.notes or not outcome.unchanged:
                db.execute("update repository set notes = ? where name = ?", (json.dumps(outcome.notes), name))
            if outcome.unchanged or outcome.base_commit is None:  # nothing new is known
                return
            db.execute(
                "update repository set base_commit = ?, uses_prisma = ?, files = ?, fixes = ? where name = ?",
                (outcome.base_commit, outcome.uses_prisma, outcome.files, outcome.fixes, name),
            )
            db.execute("delete from finding where repository = ?", (name,))
            for c in outcome.counts:
                db.execute("insert into finding values (?, ?, ?, ?, ?)", (name, c.code, c.package, c.state, c.number))
            for pull in outcome.pulls:
                _keep(db, name, pull, at)

    def see(self, name: str, pull: Pull, now: PullRequest, at: float) -> None:
        """The forge was asked what became of a pull request."""
        place = (name, pull.branch, pull.number or 0)
        own = "repository = ? and branch = ? and number = ?"
        with self._writing() as db:
            _note(db, place, now.state, at)
            for which, happened in (("min", now.opened_at), ("max", now.ended_at)):
                db.execute(
                    f"update history set happened = coalesce(?, happened) "
                    f"where rowid = (select {which}(rowid) from history where {own})",
                    (happened, *place),
                )
            db.execute(f"update pull set state = ? where {own}", (now.state, *place))

    def repositories(self) -> list[Known]:
        """What is known, in the order of the file; those that are not in it any more come last."""
        with self._reading() as db:
            rows = db.execute("select * from repository order by position is null, position, name").fetchall()
            return [self._known(db, row) for row in rows]

    def history(self) -> list[Seen]:
        """What became of the pull requests, in the order in which it happened."""
        with self._reading() as db:
            rows = db.execute("select repository, branch, number, state, at, happened from history order by at, rowid")
            history: list[Seen] = []
            last: dict[tuple[str, str, int], float] = {}
            for *place, state, at, happened in rows:
                name, branch, number = place
                before = last.get((name, branch, number), 0.0)  # the clocks here and there may differ
                when = last[name, branch, number] = max(before, at if happened is None else happened)
                history.append(Seen(name, branch, number, state, at, when))
        return sorted(history, key=lambda seen: seen.when)

    def _known(self, db: sqlite3.Connection, row: sqlite3.Row) -> Known:
        name, turn = row["name"], row["turns"]
        steps = db.execute(
            "select step, began, ended, failed from step where repository = ? and turn = ? order by began", (name, turn)
        )
        counts = db.execute(
            "select code, package, state, number from finding where repository = ? order by code, package", (name,)
        )
        pulls = db.execute(
            "select branch, base, status, title, url, number, state, fixes, findings, commits from pull "
            "where repository = ? order by branch, number",
            (name,),
        )
        return Known(
            **{key: row[key] for key in ("name", "source", "position", "fingerprint", "status", "error")},
            **{key: row[key] for key in ("base_commit", "files", "fixes", "began", "ended", "turns")},
            uses_prisma=bool(row["uses_prisma"]),
            notes=tuple(json.loads(row["notes"])),
            steps=tuple(Step(step, began, ended, bool(failed)) for step, began, ended, failed in steps),
            counts=tuple(Count(*count) for count in counts),
            pulls=tuple(_pull(pull) for pull in pulls),
        )

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._reading() as db, db:
            db.execute("begin immediate")
            yield db

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self.connection
        except sqlite3.DatabaseError as error:
            raise _failed(self.file, error) from None


def _pull(row: sqlite3.Row) -> Pull:
    values = dict(row)
    values["number"] = row["number"] or None
    values["commits"] = tuple((name, subject) for name, subject in json.loads(row["commits"]))
    return Pull(**values)


def _keep(db: sqlite3.Connection, name: str, pull: Pull, at: float) -> None:
    """Write down what came of a branch. Of one that was left alone nothing new is known but that."""
    place = (name, pull.branch, pull.number or 0)
    if pull.status == "left alone":
        known = db.execute(
            "update pull set status = ? where repository = ? and branch = ? and (number = ? or ? = 0)",
            (pull.status, *place, place[2]),
        )
        if known.rowcount:
            return
    db.execute(
        "insert or replace into pull (repository, branch, number, base, status, title, url, state, fixes, findings, "
        "commits) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *place,
            *(pull.base, pull.status, pull.title, pull.url, pull.state, pull.fixes, pull.findings),
            json.dumps(pull.commits),
        ),
    )
    if pull.state:
        _note(db, place, pull.state, at)


def _note(db: sqlite3.Connection, place: tuple[str, str, int], state: str, at: float) -> None:
    last = db.execute(
        "select state from history where repository = ? and branch = ? and number = ? order by rowid desc limit 1",
        place,
    ).fetchone()
    if last is None or last[0] != state:
        db.execute("insert into history values (?, ?, ?, ?, ?, null)", (*place, state, at))


@contextmanager
def opened(campaign: Campaign, *, create: bool) -> Iterator[State]:
    """The state of a campaign. Without `create` there has to be one. Raises UserError."""
    file = campaign.workspace / "state.sqlite3"
    if not create and not file.exists():
        raise UserError(f"{campaign.file} has not been run yet: `prismafix batch {campaign.file}` does")
    try:
        connection = sqlite3.connect(file, isolation_level=None, timeout=30)
    except sqlite3.Error as error:
        raise _failed(file, error) from None
    try:
        connection.row_factory = sqlite3.Row
        try:
            _prepare(connection, file)
        except sqlite3.DatabaseError as error:
            raise _failed(file, error) from None
        yield State(connection, file)
    finally:
        connection.close()


def _prepare(db: sqlite3.Connection, file: Path) -> None:
    db.execute("pragma journal_mode = wal")
    db.execute("pragma synchronous = full")
    version = db.execute("pragma user_version").fetchone()[0]
    if version == 0:
        with db:
            db.execute("begin immediate")
            for statement in _SCHEMA.split(";"):
                db.execute(statement)
            db.execute(f"pragma user_version = {_FORMAT}")
    elif version == 1:
        with db:
            db.execute("begin immediate")
            db.execute(_SINCE_1)
            db.execute(f"pragma user_version = {_FORMAT}")
    elif version != _FORMAT:
        raise UserError(f"{file} was written by another version of prismafix: use that one, or move the file away")


def _failed(file: Path, error: sqlite3.Error) -> UserError:
    """Full disk, no permission, a damaged file."""
    return UserError(
        f"{file}: the state of the campaign cannot be read or written ({error}): make room or mend the disk and run "
        "this again; if the file is damaged move it away, and what was opened already is found again at the forge"
    )
