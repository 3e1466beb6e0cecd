"""A pooled connection string, and no direct one for migrations.

`prisma migrate` takes locks that belong to a session and prepares statements, and a pooler in transaction mode keeps
neither: migrations hang, or fail with `prepared statement "s0" already exists`. Measured with PgBouncer: the lock stays
after the migration has ended, and two migrations that get the same connection both hold it. Prisma reads another URL
for migrations: `directUrl` in the schema (4.10 to 6), the `url` of `prisma.config.ts` since 7.

The fix adds `directUrl = env("DIRECT_URL")` to the datasource and, beside each pooled URL in an env file, the variable
with the direct host that it stands for (Neon, Supabase). It is unsafe: the variable has to be set wherever migrations
run, or they fail.

Left alone: projects without migrations, databases without a pooler in transaction mode, a configuration that names
another variable already. Where the direct host cannot be told from the pooler's, the finding says what to set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from prismafix.connection.providers import direct
from prismafix.rules.model import AddDirectUrl, Applicability, Doubt, Finding, Intent, Span
from prismafix.rules.url_settings import configured, describe, finding, migrates, url_settings
from prismafix.workspace.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable

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
        if told.advice.recognised.provider.pooling != "transaction":
            continue
        for schema in told.schemas:
            if migrates(project.workspace, schema):
                pooled.setdefault(schema.path, []).append(told)
    by_path = {schema.path: schema for schema in project.workspace.schemas}
    for path, found in sorted(pooled.items()):
        yield from _of_schema(project, by_path[path], found)


def _of_schema(project: Project, schema: Schema, pooled: list[UrlSetting]) -> Iterable[Finding]:
    first = pooled[0]
    text = f"{describe(first)} goes through {first.advice.recognised.provider.title}, and migrations have no other URL"
    if first.situation.prisma >= _WITHOUT_DIRECT_URL:
        names = configured(project.workspace, project.workspace.package_of(schema.path))
        if names == {first.setting.name}:
            notes = [note.text for note in first.advice.by_hand if note.rule == "PF506"]
            yield replace(finding(first, "PF506", "host", text, "also for migrations"), reason=notes[0])
        return
    settings = [s for s in settings_of(project.workspace) if s.form == "schema" and s.path in schema.files]
    url = next((setting for setting in settings if setting.name == "url"), None)
    package = project.workspace.package_of(schema.path)
    version = package.prisma_version if package is not None else None
    if url is None or any(s.name == "directUrl" for s in settings) or version is None or version[:2] < _SINCE:
        return
    intent, reason = _intent(project, url, pooled)
    yield Finding(
        code="PF506",
        path=url.path,
        start=url.start,
        end=url.end,
        message=text,
        evidence=first.evidence[:1],
        intent=intent,
        reason=reason,
        label="no directUrl",
        package=url.package or None,
        symbol="datasource",
    )


def _intent(project: Project, url: Setting, pooled: list[UrlSetting]) -> tuple[Intent | None, str]:
    known = [told for told in pooled if direct(told.url, told.advice.recognised.provider) is not None]
    in_env = [told.setting for told in known if told.setting.form == "env" and told.setting.text == told.setting.value]
    if len(in_env) != len(pooled):
        notes = [note.text for note in pooled[0].advice.by_hand if note.rule == "PF506"]
        return None, notes[0] if notes else ""
    there = [s for s in settings_of(project.workspace) if s.name == _VARIABLE]
    values = [s for s in in_env if not any(other.path == s.path for other in there)]
    doubt = Doubt(
        "unsafe",
        f"set {_VARIABLE} wherever migrations run (`prisma migrate` and `db push` fail without it), and check its host",
    )
    action = AddDirectUrl(
        Span(url.path, url.start, url.end), _VARIABLE, tuple(Span(s.path, s.start, s.end) for s in values)
    )
    return Intent(action, f"Give migrations a direct URL in {url.path}", (doubt,)), ""
