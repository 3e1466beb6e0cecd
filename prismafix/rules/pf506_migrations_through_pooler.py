"""A pooled connection string, and no direct one for migrations.

`prisma migrate` takes locks that belong to a session and prepares statements, and a pooler in transaction mode keeps
neither: migrations hang, or fail with `prepared statement "s0" already exists`. Measured with PgBouncer: the lock stays
after the migration has ended, and two migrations that get the same connection both hold it. Prisma reads another URL
for migrations: `directUrl` in the schema (4.10 to 6), the `url` of `prisma.config.ts` since 7.

The fix adds `directUrl = env("DIRECT_URL")` to the datasource, or reads that variable in `prisma.config.ts` where the
URL comes from there. Every env file that sets the pooled variable for this schema gets a line beside it: with the
direct host that the pooler stands for (Neon, Supabase), and else, as in `.env` with a local database or in
`.env.example`, with what the variable holds there. A pooled URL that is written out in `prisma.config.ts` becomes the
direct one, without `pgbouncer` and the parameters of the pool: only the command line reads it, and no flag makes
migrations work through the pooler. It is unsafe: the variable has to be set wherever migrations run, or they fail.

Left alone: projects without migrations, databases without a pooler in transaction mode, a configuration that names
another variable already or that is not written out. Where the direct host cannot be told from the pooler's, the finding
says what to set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from prismafix.connection.advice import advise
from prismafix.connection.providers import direct, recognise
from prismafix.connection.situation import Situation
from prismafix.connection.url import NotAConnectionStringError, parse, value_of
from prismafix.rules.model import (
    OF_THE_POOL,
    AddDirectUrl,
    Applicability,
    Doubt,
    Finding,
    Intent,
    PatchUrl,
    Span,
)
from prismafix.rules.url_settings import describe, migrates, readers, span_within, url_settings
from prismafix.workspace.model import Evidence, within
from prismafix.workspace.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.connection.url import ConnectionUrl
    from prismafix.project.model import Project
    from prismafix.rules.url_settings import UrlSetting
    from prismafix.workspace.model import Schema
    from prismafix.workspace.settings import Setting

BEST: Applicability = "unsafe"
_VARIABLE = "DIRECT_URL"
_WITHOUT_DIRECT_URL = 7
_SINCE = (4, 10)
"""The version that brought `directUrl` (https://github.com/prisma/prisma/releases/tag/4.10.0)."""


def check(project: Project) -> Iterable[Finding]:
    """Schemas whose URL is pooled and which have no other, and configurations that give migrations the pooled one."""
    pooled: dict[str, list[UrlSetting]] = {}
    for told in url_settings(project):
        if told.advice.recognised.provider.pooling == "transaction":
            for schema in told.schemas:
                pooled.setdefault(schema.path, []).append(told)
    for schema in sorted(project.workspace.schemas, key=lambda one: one.path):
        config = _configuration(project, schema)
        if not (config or schema.path in pooled) or not migrates(project.workspace, schema):
            continue
        if any(setting.name == "directUrl" for setting in config):
            continue
        urls = [setting for setting in config if setting.name == "url"]
        for setting in urls:
            yield from _written_out(project, schema, setting)
        if schema.path in pooled:
            yield from _of_schema(project, schema, urls, pooled[schema.path])


def _configuration(project: Project, schema: Schema) -> list[Setting]:
    """What the `prisma.config.*` sets that is for a schema: of its package, or of the nearest one around it."""
    found = [
        s
        for s in settings_of(project.workspace)
        if s.form == "config" and s.package is not None and within(schema.path, s.package)
    ]
    nearest = max((len(s.package or "") for s in found), default=0)
    return [s for s in found if len(s.package or "") == nearest]


def _written_out(project: Project, schema: Schema, setting: Setting) -> Iterator[Finding]:
    """A pooled URL in the configuration itself."""
    package = project.workspace.package_of(schema.path)
    version = package.prisma_version if package is not None else None
    if setting.reference or setting.sample or version is None or not project.is_looked_at(setting.path):
        return
    try:
        url = parse(setting.value)
    except NotAConnectionStringError:
        return
    found = recognise(url)
    if found.provider.pooling != "transaction":
        return
    notes = [n.text for n in advise(url, Situation("adapter", version[0])).by_hand if n.rule == "PF506"]
    start, end = span_within(setting, url, "host")
    intent = _past_the_pooler(setting, url)
    yield Finding(
        code="PF506",
        path=setting.path,
        start=start,
        end=end,
        message=f"migrations get a URL that goes through {found.provider.title}",
        evidence=(Evidence(setting.path, setting.line, found.evidence),),
        intent=intent,
        reason="" if intent is not None else f"{notes[0]}; pgbouncer=true does not help them",
        label="for migrations",
        package=setting.package or None,
        symbol=setting.name,
    )


def _past_the_pooler(setting: Setting, url: ConnectionUrl) -> Intent | None:
    past = direct(url, recognise(url).provider)
    if past is None:
        return None
    before, after = url.hosts[0], past.hosts[0]
    changes: list[tuple[Literal["parameter", "host"], str, str | None]] = []
    if before.name != after.name:
        changes.append(("host", "host", after.name))
    if before.port != after.port:
        changes.append(("host", "port", after.port))
    changes += [("parameter", name, None) for name in OF_THE_POOL if value_of(url, name) is not None]
    doubt = Doubt("unsafe", "check that the database itself can be reached from where migrations run")
    action = PatchUrl(Span(setting.path, setting.start, setting.end), tuple(changes))
    return Intent(action, f"Give migrations a direct URL in {setting.path}", (doubt,))


def _of_schema(project: Project, schema: Schema, config: list[Setting], pooled: list[UrlSetting]) -> Iterable[Finding]:
    """Findings where migrations read a variable that is pooled: `config` are the URLs of the configuration."""
    first = pooled[0]
    text = f"{describe(first)} goes through {first.advice.recognised.provider.title}, and migrations have no other URL"
    settings = [s for s in settings_of(project.workspace) if s.form == "schema" and s.path in schema.files]
    package = project.workspace.package_of(schema.path)
    version = package.prisma_version if package is not None else None
    if version is None or any(s.name == "directUrl" for s in settings):
        return
    url = next((setting for setting in config if setting.reference), None)
    if config:
        if {setting.variable for setting in config if setting.reference} != {first.setting.name} or url is None:
            return  # it reads another one, which may well be direct
    elif version[0] >= _WITHOUT_DIRECT_URL:
        return  # where migrations get their URL is not known
    else:
        url = next((setting for setting in settings if setting.name == "url"), None)
    if url is None or version[:2] < _SINCE or not project.is_looked_at(url.path):
        return
    intent, reason = _intent(project, schema, url, pooled)
    yield Finding(
        code="PF506",
        path=url.path,
        start=url.start,
        end=url.end,
        message=text,
        evidence=first.evidence[:1],
        intent=intent,
        reason=reason,
        label="also for migrations" if config else "no directUrl",
        package=url.package or None,
        symbol="datasource",
    )


def _note(told: UrlSetting) -> str:
    return next((note.text for note in told.advice.by_hand if note.rule == "PF506"), "")


def _intent(project: Project, schema: Schema, url: Setting, pooled: list[UrlSetting]) -> tuple[Intent | None, str]:
    known = [told for told in pooled if direct(told.url, told.advice.recognised.provider) is not None]
    in_env = [told.setting for told in known if told.setting.form == "env" and told.setting.text == told.setting.value]
    if len(in_env) != len(pooled):
        return None, _note(pooled[0])
    settings = settings_of(project.workspace)
    there = {s.path for s in settings if s.name == _VARIABLE}
    names = {setting.name for setting in in_env}
    values = [
        s
        for s in settings
        if s.form == "env"
        and s.name in names
        and s.path not in there
        and not s.reference
        and project.is_looked_at(s.path)
        and schema in readers(project.workspace, s)
    ]
    fails = (
        "Prisma's commands" if url.form == "config" and url.text.startswith("env") else "`prisma migrate` and `db push`"
    )
    doubts = [Doubt("unsafe", f"set {_VARIABLE} wherever migrations run ({fails} fail without it), and check its host")]
    kept = dict.fromkeys(f"{s.path}:{s.line}" for told in pooled for s in told.kept)
    if kept:
        text = f"{pooled[0].setting.name} comes from elsewhere in {', '.join(kept)}: set {_VARIABLE} there too"
        doubts.append(Doubt("unsafe", f"{text}, to the database's own host"))
    action = AddDirectUrl(
        Span(url.path, url.start, url.end), _VARIABLE, tuple(Span(s.path, s.start, s.end) for s in values)
    )
    return Intent(action, f"Give migrations a direct URL in {url.path}", tuple(doubts)), ""
