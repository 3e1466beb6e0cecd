"""What the rules about connection strings share: the URLs outside of the code that a Prisma client of the workspace
reads, and what each should be."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from prismafix.connection.adapters import ADAPTERS
from prismafix.connection.advice import advise
from prismafix.connection.situation import Situation
from prismafix.connection.url import NotAConnectionStringError, parse, write
from prismafix.project.model import once_per_project
from prismafix.rules.model import Doubt, Finding, Intent, PatchUrl, Span
from prismafix.rules.programs import agreed_target, opens_transactions, users_of
from prismafix.workspace.model import Evidence, within
from prismafix.workspace.settings import settings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from prismafix.connection.advice import Advice, Change
    from prismafix.connection.url import ConnectionUrl
    from prismafix.project.model import Project
    from prismafix.workspace.model import Package, Schema, Target
    from prismafix.workspace.settings import Setting
    from prismafix.workspace.workspace import Workspace

Part = Literal["host", "parameters"]

_MIGRATES = re.compile(r"\bprisma\s+(?:migrate|db\s+push)\b")
_WITHOUT_URL = 7
"""The first major version whose schema has no `url` and whose client needs an adapter (FACTS.md)."""


@dataclass(frozen=True, slots=True)
class UrlSetting:
    """A connection string that a Prisma client reads, and what it should be. `kept` are the places that only name the
    same variable, for the same client as far as that is known: a secret store holds their value. `evidence` says why
    the situation is what it is."""

    setting: Setting
    url: ConnectionUrl
    situation: Situation
    advice: Advice
    evidence: tuple[Evidence, ...]
    schemas: tuple[Schema, ...]
    kept: tuple[Setting, ...]


@once_per_project
def url_settings(project: Project) -> tuple[UrlSetting, ...]:
    """All of them whose Prisma version is known, by path and start."""
    settings = settings_of(project.workspace)
    found = []
    for setting in settings:
        if setting.reference or setting.sample or not project.is_looked_at(setting.path):
            continue
        try:
            url = parse(setting.value)
        except NotAConnectionStringError:
            continue
        told = _told(project, setting, url)
        if told is not None:
            found.append(told)
    return tuple(found)


def _told(project: Project, setting: Setting, url: ConnectionUrl) -> UrlSetting | None:
    workspace = project.workspace
    schemas = readers(workspace, setting)
    packages = [p for p in (workspace.package_of(schema.path) for schema in schemas) if p is not None]
    majors = {_major(package) for package in packages}
    clients = {_client(workspace, package, schema) for package, schema in zip(packages, schemas, strict=False)}
    if len(packages) != len(schemas) or len(majors) != 1 or len(clients) != 1:
        return None  # nobody reads it, or two versions do
    major, (client, adapter) = majors.pop(), clients.pop()
    if major is None or client is None:
        return None
    target, evidence = _target(project, setting, packages)
    situation = Situation(
        client=client,
        prisma=major,
        target=target if target != "unknown" else None,
        adapter=next((a for a in ADAPTERS.values() if a.package == adapter), None),
        interactive_transactions=any(opens_transactions(project, package.root) for package in packages),
    )
    advice = advise(url, situation)
    why = Evidence(setting.path, setting.line, advice.recognised.evidence)
    return UrlSetting(setting, url, situation, advice, (why, *evidence), schemas, _kept(workspace, setting, schemas))


def _kept(workspace: Workspace, setting: Setting, schemas: tuple[Schema, ...]) -> tuple[Setting, ...]:
    """The references under the name of a setting, but for those that are known to be for other clients."""
    return tuple(
        s
        for s in settings_of(workspace)
        if s.reference
        and not s.sample
        and s.name == setting.name
        and s.form not in ("schema", "config")
        and (s.package is None or not set(schemas).isdisjoint(readers(workspace, s)))
    )


def readers(workspace: Workspace, setting: Setting) -> tuple[Schema, ...]:
    """The schemas whose clients read a setting: its own, or those that name its variable, the nearest first: in its
    package, in the packages below its folder, in those that its package depends on. `prisma.config.*` is for the CLI
    alone."""
    if setting.form == "config":
        return ()
    if setting.form == "schema":
        return tuple(schema for schema in workspace.schemas if setting.path in schema.files and setting.name == "url")
    naming = [schema for schema in workspace.schemas if _reads(workspace, schema, setting.name)]
    own = workspace.package_of(setting.path)
    folder = setting.package if setting.package is not None else setting.path.rpartition("/")[0]
    inside = [s for s in naming if workspace.package_root(s.path) == folder] or [
        s for s in naming if within(s.path, folder)
    ]
    if inside or own is None:
        return tuple(inside)
    used = {p.name for p in workspace.packages if p.name in own.dependencies}
    homes = ((workspace.package_of(s.path), s) for s in naming)
    return tuple(s for package, s in homes if package is not None and package.name in used)


def _reads(workspace: Workspace, schema: Schema, name: str) -> bool:
    """Whether a schema's datasource, or since 7 the configuration beside it, names a variable."""
    if schema.url_env is not None:
        return schema.url_env == name
    package = workspace.package_of(schema.path)
    major = _major(package) if package is not None else None
    return major is not None and major >= _WITHOUT_URL and name in configured(workspace, package)


def configured(workspace: Workspace, package: Package | None) -> frozenset[str]:
    """The variables that the text of `prisma.config.*` names; `DATABASE_URL`, as Prisma writes it, where there is no
    such file."""
    root = package.root if package is not None else ""
    for name in workspace.list_dir(root):
        if name.startswith("prisma.config."):
            try:
                text = workspace.read(f"{root}/{name}" if root else name)
            except OSError:
                return frozenset()
            return frozenset(match.decode() for match in re.findall(rb"[A-Z][A-Z0-9_]*_URL\b", text))
    return frozenset(("DATABASE_URL",))


def migrates(workspace: Workspace, schema: Schema) -> bool:
    """Whether somebody runs migrations: a folder of them beside the schema, or a script that does."""
    folder = schema.path.rpartition("/")[0]
    if "migrations" in workspace.list_dir(folder):
        return True
    users = [p for p in workspace.packages if within(schema.path, p.root)]
    return any(_MIGRATES.search(script) for package in users for script in package.scripts.values())


def _major(package: Package) -> int | None:
    return package.prisma_version[0] if package.prisma_version is not None else None


def _client(
    workspace: Workspace, package: Package, schema: Schema
) -> tuple[Literal["engine", "adapter"] | None, str | None]:
    """What sends the statements, and the package of the adapter where there is just one."""
    users = [package, *(p for p in workspace.packages if package.name and package.name in p.dependencies)]
    adapters = {name for user in users for name in user.dependencies if name.startswith("@prisma/adapter-")}
    adapter = next(iter(adapters)) if len(adapters) == 1 else None
    major = _major(package)
    if major is None:
        return None, None
    if major >= _WITHOUT_URL or any(generator.engine_type == "client" for generator in schema.generators):
        return "adapter", adapter
    if adapters:  # used here and there: nobody knows for which client
        return ("adapter", adapter) if len(adapters) == 1 else (None, None)
    return "engine", None


def _target(project: Project, setting: Setting, packages: Iterable[Package]) -> tuple[Target, tuple[Evidence, ...]]:
    """Where the programs run that read a setting: as its file says, else what all packages agree on that hold the
    schema or use the package that does."""
    if setting.target != "unknown":
        package = project.workspace.package_of(setting.path)
        return setting.target, package.target_evidence[:1] if package is not None else ()
    return agreed_target(user for holder in packages for user in users_of(project, holder.root))


def finding(told: UrlSetting, code: str, part: Part, message: str, label: str, needed: str = "") -> Finding:
    """A finding about a part of a URL, without an intent. It does not reach back to user and password: its text is
    what a fingerprint is made of. `needed` is what to set in the stores of secrets that hold the variable too."""
    setting = told.setting
    start, end = span_within(setting, told.url, part)
    return Finding(
        code=code,
        path=setting.path,
        start=start,
        end=end,
        message=message,
        evidence=(*told.evidence, *(_in_store(one, needed) for one in _stores(told, code) if needed)),
        label=label,
        package=setting.package or None,
        symbol=setting.name,
    )


def intent(told: UrlSetting, changes: tuple[Change, ...], title: str, doubts: tuple[Doubt, ...]) -> Intent:
    """The patch of a URL."""
    setting = told.setting
    action = PatchUrl(
        Span(setting.path, setting.start, setting.end),
        tuple((change.part, change.name, change.after) for change in changes),
    )
    return Intent(action, title, doubts)


def _stores(told: UrlSetting, code: str) -> list[Setting]:
    """Where else something is to be set: what functions need (PF501, PF502) would harm a server."""
    where = ("unknown", told.situation.target)
    return [s for s in told.kept if code not in ("PF501", "PF502") or s.target in where]


def _in_store(setting: Setting, needed: str) -> Evidence:
    origin = f" ({setting.variable})" if setting.variable not in ("", setting.name) else ""
    return Evidence(setting.path, setting.line, f"{setting.name} is kept elsewhere{origin}: set {needed} there too")


def also_kept(told: UrlSetting, code: str, needed: str) -> Iterator[Doubt]:
    """Where the same variable has to be changed by hand."""
    places = dict.fromkeys(f"{s.path}:{s.line}" for s in _stores(told, code))
    if places:
        text = f"{told.setting.name} comes from elsewhere in {', '.join(places)}: set {needed} there too"
        yield Doubt("unsafe", text)


def describe(told: UrlSetting) -> str:
    """What a URL is called: its variable, or where it stands."""
    return told.setting.name if told.setting.form != "schema" else "the datasource's url"


def span_within(setting: Setting, url: ConnectionUrl, part: Part) -> tuple[int, int]:
    """The bytes of a URL from its host or its path on, or (nothing being there) its last byte."""
    if setting.text != setting.value or write(url) != setting.value:
        return max(setting.start, setting.end - 1), setting.end
    before = replace(url, hosts=(), path="", mark="", parameters=(), fragment="")
    at = len(write(before).encode())
    if part == "parameters":
        at = len(write(replace(before, hosts=url.hosts)).encode())
    return setting.start + min(at, setting.end - setting.start - 1), setting.end
