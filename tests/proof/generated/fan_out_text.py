"""The parts that generated fan-outs are made of, as text: the schema, keys, and what of TypeScript is left out in
JavaScript."""

from __future__ import annotations

from dataclasses import dataclass

MODELS = """
enum Tier {
  free
  pro
  gold
}

model User {
  id     Int      @id @default(autoincrement())
  email  String   @unique
  handle String?  @unique
  badge  Int      @unique
  serial BigInt   @unique
  key    String   @unique @db.Uuid
  short  String   @unique @db.VarChar(40)
  padded String   @unique @db.Char(6)
  joined DateTime @unique
  price  Decimal  @unique
  ratio  Float    @unique
  token  Bytes    @unique
  tier   Tier?    @unique
  first  String
  last   String
  name   String?
  orders Order[]

  @@unique([first, last])
}

model Order {
  id     Int    @id @default(autoincrement())
  number String @unique
  total  Int
  userId Int
  user   User   @relation(fields: [userId], references: [id], onDelete: Cascade)
}

model Log {
  id      Int    @id @default(autoincrement())
  message String
}
"""
SCHEMA = f"""datasource db {{
  provider = "postgresql"
  url      = env("DATABASE_URL")
}}

generator client {{
  provider = "prisma-client-js"
}}
{MODELS}"""
TABLES = ("User", "Order", "Log")
USERS = 12
ROWS = f"""
insert into "User"
  (email, handle, badge, serial, key, short, padded, joined, price, ratio, token, tier, first, last, name)
  select 'user' || n || '@example.com', case when n % 3 = 0 then null else 'h' || n end, 100 + n, 9007199254740990 + n,
    ('0000abcd-0000-4000-8000-0000000000' || lpad(n::text, 2, '0'))::uuid, 's' || n, 'c' || n,
    timestamp '2020-01-01' + n * interval '1 day', n + 0.5, n / 4.0, decode(lpad(to_hex(n), 2, '0'), 'hex'),
    case n when 1 then 'free'::"Tier" when 2 then 'pro' when 3 then 'gold' end, 'F' || n % 4, 'L' || n,
    case when n % 5 = 0 then null else 'User ' || n end
  from generate_series(1, {USERS}) as n;
insert into "Order" (number, total, "userId")
  select 'A-' || n || '-' || k, n * 100 + k, n
  from generate_series(1, {USERS}) as n, generate_series(1, n % 3) as k order by n, k;
insert into "Log" (message) values ('seeded');
"""


@dataclass(frozen=True, slots=True)
class Key:
    """A field (or two) that rows are asked for by. `type` is how a parameter that holds it is declared, `present` and
    `strange` what a scenario hands over: keys of rows, and others.

    `spelled` are keys of rows as only the database sees it. What `findUnique` says to these is left to chance: the row,
    or null when other keys are asked for in the same tick, which the client tells apart itself (measured, 6.19 and 7).
    """

    field: str
    type: str
    present: tuple[str, ...]
    strange: tuple[str, ...]
    spelled: tuple[str, ...] = ()
    unique: bool = True
    names: tuple[str, ...] = ()

    def where(self, value: str) -> str:
        """What `findUnique` wants, for a key that is the expression `value`."""
        return f"{{ {self.field} }}" if value == self.field else f"{{ {self.field}: {value} }}"

    def plain(self, value: str) -> str:
        """The same as a filter, which knows no compound names."""
        if not self.names:
            return self.where(value)
        return "{ " + ", ".join(f"{name}: {value}.{name}" for name in self.names) + " }"


def _each(text: str, numbers: range = range(1, 8)) -> tuple[str, ...]:
    return tuple(text.replace("#", str(n)) for n in numbers)


KEYS = (
    Key("id", "number", _each("#"), ("99", "0", "-1", "2 ** 40", "NaN", "-0"), ("1.5",)),
    Key("email", "string", _each('"user#@example.com"'), ('""', '"USER1@example.com"', '"nobody"', '"a\\u0301"')),
    Key("badge", "number", _each("10#"), ("7",), ("101.25",)),
    Key("short", "string", _each('"s#"'), ('"s1 "', '"S2"', '""')),
    Key("handle", "string", ('"h1"', '"h2"', '"h4"', '"h5"', '"h7"'), ('"h3"', '"none"')),
    Key("serial", "bigint", _each("900719925474099#n"), ("5n",)),
    Key("serial", "number", ("9007199254740991",), ("5", "1.5")),
    Key("key", "string", _each('"0000abcd-0000-4000-8000-00000000000#"'), ('"no"',),
        ('"0000ABCD-0000-4000-8000-000000000001"',)),
    Key("padded", "string", _each('"c#    "'), ('"x     "',), ('"c1"', '"c2 "')),
    Key("joined", "Date", _each('new Date("2020-01-0#")', range(2, 9)), ("new Date(0)",)),
    Key("joined", "string", _each('"2020-01-0#T00:00:00.000Z"', range(2, 9)), ('"2020-01-02T01:00:00+01:00"',)),
    Key("price", "number", _each("#.5"), ("3",)),
    Key("price", "string", _each('"#.5"'), ('"1.50"',)),
    Key("ratio", "number", ("0.25", "0.5", "0.75", "1"), ("3.1",)),
    Key("token", 'Prisma.UserGetPayload<object>["token"]', _each("new Uint8Array([#])"), ("new Uint8Array([])",)),
    Key("tier", "Tier", ('"free"', '"pro"', '"gold"'), ()),
    Key("first_last", "{ first: string; last: string }", _each('{ first: "F#", last: "L#" }', range(1, 4)),
        ('{ first: "F3", last: "L7" }', '{ first: "F1", last: "L2" }'), names=("first", "last")),
    Key("name", "string", _each('"User #"', range(1, 5)), ('"User 5"', '""'), unique=False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Language:
    """How a module is written."""

    name: str
    suffix: str
    typed: bool
    commonjs: bool
    strict: bool = True

    def of(self, annotation: str) -> str:
        """A piece of text that only TypeScript has."""
        return annotation if self.typed else ""

    def imports(self, names: str, specifier: str) -> str:
        """An import of values."""
        return (
            f'const {names.replace(" as ", ": ")} = require("{specifier}");'
            if self.commonjs
            else f'import {names} from "{specifier}";'
        )

    def exported(self, names: list[str]) -> str:
        """The end of a CommonJS module."""
        return f"\nmodule.exports = {{ {', '.join(names)} }};\n" if self.commonjs else ""

    @property
    def export(self) -> str:
        return "" if self.commonjs else "export "


LANGUAGES = (
    Language("ts", ".ts", True, False),
    Language("ts-loose", ".ts", True, False, strict=False),
    Language("js-esm", ".js", False, False),
    Language("js-commonjs", ".js", False, True),
)
