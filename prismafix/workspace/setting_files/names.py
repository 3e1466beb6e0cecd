"""Which files may set variables, which variables are for a database, and what is a test or an example by its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from prismafix.connection.interpolation import interpolations
from prismafix.connection.url import SCHEMES

if TYPE_CHECKING:
    from collections.abc import Iterable

Kind = Literal[
    "env",
    "schema",
    "config",
    "cdk",
    "compose",
    "serverless",
    "sam",
    "vercel",
    "netlify",
    "fly",
    "wrangler",
    "dockerfile",
    "github",
    "gitlab",
    "circleci",
    "render",
    "app",
    "manifest",
]

_KINDS: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("compose", re.compile(r"(?:^|/)(?:docker-)?compose[^/]*\.ya?ml$")),
    ("serverless", re.compile(r"(?:^|/)serverless[^/]*\.(?:ya?ml|json)$")),
    ("vercel", re.compile(r"(?:^|/)vercel\.json$")),
    ("netlify", re.compile(r"(?:^|/)netlify\.toml$")),
    ("fly", re.compile(r"(?:^|/)fly[^/]*\.toml$")),
    ("wrangler", re.compile(r"(?:^|/)wrangler\.(?:toml|jsonc?)$")),
    ("dockerfile", re.compile(r"(?:^|/)(?:Dockerfile|Containerfile)(?:[.-][^/]*)?$|\.[Dd]ockerfile$")),
    ("github", re.compile(r"(?:^|/)\.github/(?:workflows/[^/]+|(?:.*/)?action)\.ya?ml$")),
    ("gitlab", re.compile(r"\.gitlab-ci\.ya?ml$|(?:^|/)\.gitlab/.*\.ya?ml$")),
    ("circleci", re.compile(r"(?:^|/)\.circleci/[^/]+\.ya?ml$")),
    ("render", re.compile(r"(?:^|/)render\.ya?ml$")),
    ("app", re.compile(r"(?:^|/)app(?:[.-][^/]*)?\.ya?ml$")),  # App Engine, App Platform
    # Kubernetes, CloudFormation: their content says so
    ("manifest", re.compile(r"\.ya?ml$|\.template$|(?:^|/)[^/]*(?:template|cloudformation|stack|sam)[^/]*\.json$")),
)
_SUFFIXES = (".yml", ".yaml", ".toml", ".json", ".jsonc", ".template")
_LOCKS = ("pnpm-lock.yaml", "pnpm-workspace.yaml")

_SCHEME = re.compile(
    rf"\s*(?:{'|'.join(re.escape(one) for one in SCHEMES)}):(?://|(?<=file:)|(?<=libsql:))", re.IGNORECASE
)
_DATABASE = (
    *("database", "db", "direct", "pool", "pooled", "pooler", "pooling", "unpooled", "shadow", "prisma", "neon"),
    *("postgres", "postgresql", "pg", "mysql", "mariadb", "mongo", "mongodb", "sqlserver", "mssql"),
)
_NAME = re.compile(
    rf"(?:^|_)(?:{'|'.join(_DATABASE)})(?:_?connection)?_?(?:url|uri|dsn|connection_?string)"
    r"(?:_(?:unpooled|pooled|non_pooling|no_ssl))?$",
    re.IGNORECASE,
)
_LITERALS = (
    *(f"{scheme}://".encode() for scheme in SCHEMES if scheme not in ("file", "libsql")),
    *(f"{word}{sign}ur".encode() for word in _DATABASE for sign in ("", "_")),
    *(b"libsql:", b"connection_ur", b"connectionur", b"dsn", b"connection_string", b"connectionstring"),
)
"""In lower case. A file with none of them, and none of the variables that schemas use, has nothing to tell. Many `in`
are ten times faster than one regular expression."""

_SAMPLE = re.compile(
    r"(?:^|[._-])(?:test|tests|testing|ci|e2e|example|examples|sample|samples|dummy|mock|fixtures?)(?=$|[._-])",
    re.IGNORECASE,
)
_ENV_SAMPLE = re.compile(r"\.env.*[._-](?:template|tmpl|tpl|dist|defaults?)(?=$|[._-])", re.IGNORECASE)
_TEST_FOLDERS = frozenset(("__tests__", "test", "tests", "e2e", "fixtures", "__fixtures__", "cypress", "playwright"))

_REFERENCE = re.compile(
    r"\$([A-Za-z_]\w*)|\$\{(?:env:)?([A-Za-z_]\w*)(?::?[-?+].*|\s*,.*)?\}|\$\{\{\s*(?:secrets|vars|env)\.([A-Za-z_]\w*)\s*\}\}",
    re.DOTALL,
)


def kind_of(path: str) -> Kind | None:
    """What a listed file is, by its name; None for one that sets no variables. Env files and schemas are known
    already."""
    if not path.endswith(_SUFFIXES) and "ockerfile" not in path and "ontainerfile" not in path:
        return None
    if path.endswith(_LOCKS):
        return None
    return next((kind for kind, pattern in _KINDS if pattern.search(path)), None)


def may_hold_settings(content: bytes, variables: Iterable[str]) -> bool:
    """Whether a file is worth reading: it holds the beginning of a connection string, or a name that counts."""
    lowered = content.lower()
    return any(one in lowered for one in _LITERALS) or any(name.encode() in content for name in variables)


def is_connection_string(value: str) -> bool:
    """Whether `value` begins like one."""
    return _SCHEME.match(value) is not None


def is_file(value: str) -> bool:
    """Whether `value` begins like SQLite's connection string, as other things do."""
    return value.lstrip()[:5].lower() == "file:"


def is_database_name(name: str) -> bool:
    """Whether a variable is called like one for a database: `DATABASE_URL`, `APP_DB_URI`, `POSTGRES_PRISMA_URL`."""
    return _NAME.search(name) is not None


def is_sample(path: str) -> bool:
    """Whether a file is for tests or shows an example, by its name or its folder."""
    *folders, name = path.split("/")
    return bool(_SAMPLE.search(name) or _ENV_SAMPLE.search(name)) or not _TEST_FOLDERS.isdisjoint(folders)


def named_variable(value: str) -> str:
    """The one variable that `value` refers to and nothing else: `X` of `env("X")`, `${X}`, `$X`,
    `${{ secrets.X }}`, `${env:X}`; "" where there is none."""
    match = re.fullmatch(r'env\(\s*"([^"]*)"\s*\)', value)
    if match:
        return match[1]
    if interpolations(value) != (value,):
        return ""
    match = _REFERENCE.fullmatch(value)
    return (match[1] or match[2] or match[3]) if match else ""
