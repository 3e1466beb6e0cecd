"""Connection URLs as people write them, put together from parts."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import strategies as st

INTERPOLATIONS = [
    "${DB_X}",
    "$DB_X",
    "${DB_X:-a@b/c?d=e&f}",
    "${A:-${B}}",
    "{{ .Values.x }}",
    '{{ .Values.x | default "a/b@c" }}',
    "$(DB_X)",
    "${{ secrets.X }}",
    "<x>",
    "[YOUR-X]",
    "#{DB_X}",
]
PLAIN = "abcXYZ019-._~!*'(),ü密"
ENCODED = ["%40", "%2F", "%3f", "%23", "%25", "%20", "%C3%BC"]
HOSTS = [
    "db.example.com",
    "localhost",
    "db",
    "10.0.0.1",
    "[::1]",
    "[2001:db8::7]",
    "ep-wild-star-1.us-east-2.aws.neon.tech",
    "ep-wild-star-1-pooler.us-east-2.aws.neon.tech",
    "db.abcdefgh.supabase.co",
    "aws-0-eu-central-1.pooler.supabase.com",
    "shop.proxy-abc123.eu-west-1.rds.amazonaws.com",
    "aws.connect.psdb.cloud",
    "%2Fvar%2Frun",
]
NAMES = [
    "schema",
    "sslmode",
    "connection_limit",
    "pool_timeout",
    "connect_timeout",
    "pgbouncer",
    "application_name",
    "Connection_Limit",
    "maxPoolSize",
    "",
]


@dataclass(frozen=True)
class Parts:
    """What a URL is made of, each as written."""

    scheme: str
    user: str | None
    password: str | None
    hosts: str
    path: str
    query: str
    fragment: str

    @property
    def text(self) -> str:
        account = "" if self.user is None else self.user + ("" if self.password is None else f":{self.password}") + "@"
        return f"{self.scheme}://{account}{self.hosts}{self.path}{self.query}{self.fragment}"


def words(*pieces: st.SearchStrategy[str], least: int = 0) -> st.SearchStrategy[str]:
    return st.lists(st.one_of(*pieces), min_size=least, max_size=5).map("".join)


def literal(more: str = "") -> st.SearchStrategy[str]:
    return st.text(PLAIN + more, max_size=6)


ENCODINGS = st.sampled_from(ENCODED)
VARIABLES = st.sampled_from(INTERPOLATIONS)


@st.composite
def parts(draw: st.DrawFn, *, unescaped: str = "", variables: bool = True, hosts: int = 2) -> Parts:
    """A URL for PostgreSQL or MySQL; a password may hold the characters `unescaped` as they are."""
    somewhere = [VARIABLES] if variables else []
    user = draw(st.none() | words(literal(), ENCODINGS, *somewhere))
    password = None if user is None else draw(st.none() | words(literal(unescaped + ":"), ENCODINGS, *somewhere))
    names = st.sampled_from(
        [*HOSTS, *(["${DB_HOST}", "{{ .Values.host }}", "db.${REF}.supabase.co"] if variables else [])]
    )
    ports = st.sampled_from(["", ":5432", ":6432", ":6543", ":3306", *([":${DB_PORT}"] if variables else [])])
    written = draw(st.lists(st.tuples(names, ports).map("".join), min_size=1, max_size=hosts).map(",".join))
    path = "/" + draw(words(literal(), ENCODINGS, *somewhere))
    values = words(literal(":/?"), ENCODINGS, *somewhere)
    parameter = st.tuples(st.sampled_from(NAMES), st.none() | values | st.sampled_from(["1", "10", "true"]))
    written_parameters = [
        name if value is None else f"{name}={value}" for name, value in draw(st.lists(parameter, max_size=4))
    ]
    query = draw(st.sampled_from(["", "?"])) if not written_parameters else "?" + "&".join(written_parameters)
    fragment = draw(st.sampled_from(["", "", "#", "#part"]))
    scheme = draw(st.sampled_from(["postgresql", "postgres", "mysql", "PostgreSQL"]))
    return Parts(scheme, user, password, written, path, query, fragment)


@st.composite
def sqlserver(draw: st.DrawFn) -> str:
    """A URL for SQL Server with quoted values, empty pieces and interpolations."""
    value = words(literal(), VARIABLES) | words(literal(";=@/"), VARIABLES).map(lambda inner: "{" + inner + "}")
    names = st.sampled_from(
        [
            "database",
            "user",
            "password",
            "encrypt",
            "connectionLimit",
            "ConnectionLimit",
            "poolTimeout",
            "initial catalog",
        ]
    )
    pieces = draw(st.lists(st.tuples(names, value).map("=".join) | st.just(""), max_size=5))
    host = draw(st.sampled_from(["h.example.com", "localhost:1433", "h.example.com\\SQLEXPRESS:1433", "${DB_HOST}"]))
    return "sqlserver://" + ";".join([host, *pieces])
