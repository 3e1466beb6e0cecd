"""What is read from `schema.prisma`, and what happens to broken ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from prismafix.workspace.model import Generator, Schema
from prismafix.workspace.schema import build_schema, read_blocks
from tests.workspace.making import SCHEMA, discover

if TYPE_CHECKING:
    from pathlib import Path

FULL = """
// a comment with a brace {
datasource db {
  provider = "postgresql" // trailing
  url      = env("DB_URL")
}

/* a block
   comment { */
generator client {
  provider        = "prisma-client-js"
  output          = "../generated/client"
  engineType      = "client"
  previewFeatures = [
    "metrics",
    "driverAdapters"
  ]
}
generator zod {
  provider = "zod-prisma-types"
  output   = "../src/zod"
}

/// the buyer
model User {
  id        Int      @id @default(autoincrement())
  email     String   @unique @db.Citext
  uuid      String   @default("}") @db.Uuid // }
  name      String?
  bio       String   @default("not @unique, // no comment")
  tags      String[]
  role      Role     @default(USER)
  posts     Post[]   @relation(
    "author",
    fields: [id],
    references: [authorId]
  )
  where     Unsupported("geometry(\\"p\\")")?
  tenant    Int
  a         Int @map("x_id")

  @@unique([tenant, email(sort: Desc)], name: "by_tenant")
  @@unique(name: "second", fields: [
    a,
    tenant
  ])
  @@index([name])
  @@map("users")
}

enum Role { USER
  ADMIN
}
view Totals {
  id Int @unique
}
type Address {
  street String
}
"""


def parse(text: str, path: str = "prisma/schema.prisma") -> tuple[Schema, list[str]]:
    blocks, problems = read_blocks(text)
    schema, more, _ = build_schema([(path, blocks)])
    return schema, problems + [one.message for one in more]


def test_everything_of_a_schema() -> None:
    schema, problems = parse(FULL)
    assert problems == []
    assert (schema.provider, schema.url_env) == ("postgresql", "DB_URL")
    assert schema.generators == (Generator("client", "prisma-client-js", "generated/client", "client"),)
    assert [model.name for model in schema.models] == ["User", "Totals"]
    user = schema.model_by_accessor("user")
    assert user is not None
    shapes = {f.name: (f.type, f.is_list, f.is_optional, f.is_id, f.is_unique, f.native_type) for f in user.fields}
    assert shapes == {
        "id": ("Int", False, False, True, False, None),
        "email": ("String", False, False, False, True, "Citext"),
        "uuid": ("String", False, False, False, False, "Uuid"),
        "name": ("String", False, True, False, False, None),
        "bio": ("String", False, False, False, False, None),
        "tags": ("String", True, False, False, False, None),
        "role": ("Role", False, False, False, False, None),
        "posts": ("Post", True, False, False, False, None),
        "where": ("Unsupported", False, True, False, False, None),
        "tenant": ("Int", False, False, False, False, None),
        "a": ("Int", False, False, False, False, None),
    }
    assert user.unique_sets == (("tenant", "email"), ("a", "tenant"))


def test_another_name_for_the_datasource_and_an_unknown_output() -> None:
    schema, _ = parse(
        'datasource pg {\n provider = "postgres"\n}\nmodel A {\n id String @id @pg.VarChar(20)\n}\n'
        'generator c {\n provider = "prisma-client"\n output = env("OUT")\n previewFeatures = ["queryCompiler"]\n}'
    )
    assert schema.provider == "postgresql"
    assert schema.url_env is None
    assert schema.models[0].fields[0].native_type == "VarChar"
    assert schema.generators == (Generator("c", "prisma-client", None, "client", "OUT"),)


def test_a_block_key_may_name_its_fields_in_any_form() -> None:
    schema, _ = parse(
        'model A {\n a Int\n b Int\n @@id([a, b])\n @@unique(fields: [b, a], map: "x")\n @@id(map: "k", [b])\n}'
    )
    assert schema.models[0].unique_sets == (("a", "b"), ("b", "a"), ("b",))


def test_what_is_broken_is_named_and_the_rest_is_read() -> None:
    schema, problems = parse(
        "model A {\n id Int @id\n ???\n\nmodel B {\n id Int @id(\n}\n"
        "model C {\n id Int @id\n}\nnonsense\nmodle D {\n x Int\n}\n}\n"
    )
    assert [(model.name, [f.name for f in model.fields]) for model in schema.models] == [
        ("A", ["id"]),
        ("B", ["id"]),
        ("C", ["id"]),
    ]
    assert problems == [
        "line 1: the block `model A` has no closing brace",
        "line 6: a bracket is not closed",
        "line 11: `nonsense` belongs to no block",
        "line 12: `modle D` is no block that Prisma knows",
        "line 15: a closing brace without a block",
        "line 3: `???` in `model A` is no field; the field is left out",
    ]


def test_an_image_that_migrates_is_no_schema(tmp_path: Path) -> None:
    found = discover(tmp_path, {"package.json": "{}", "Dockerfile.prisma": "FROM node:20\nCOPY prisma ./prisma/\n"})
    assert (found.problems, found.schemas) == ((), ())


def test_a_broken_schema_is_a_problem_of_the_workspace(tmp_path: Path) -> None:
    workspace = discover(tmp_path, {"prisma/schema.prisma": SCHEMA + "model Post {\n id Int @id\n", "a.ts": ""})
    assert [(one.path, one.message) for one in workspace.problems] == [
        ("prisma/schema.prisma", "line 12: the block `model Post` has no closing brace; the rest of the schema is used")
    ]
    assert [model.name for model in workspace.schemas[0].models] == ["User", "Post"]


@given(st.text(alphabet='model A{}[]()"@/*\n\\ ?=.,:x', max_size=200))
def test_no_text_breaks_the_parser(text: str) -> None:
    schema, problems = parse(text)
    assert all(problem.startswith("line ") for problem in problems)
    assert all(model.name for model in schema.models)


_NAMES = st.from_regex(r"[A-Z][a-z]{0,6}", fullmatch=True)


@given(
    st.dictionaries(_NAMES, st.lists(st.from_regex(r"[a-z]{1,6}", fullmatch=True), unique=True, max_size=6), max_size=5)
)
def test_models_come_back_as_they_were_written(models: dict[str, list[str]]) -> None:
    text = "".join(
        f"model {name} {{\n" + "".join(f"  {f} Int @unique\n" for f in fields) + "}\n"
        for name, fields in models.items()
    )
    schema, problems = parse(text)
    assert problems == []
    assert {model.name: [f.name for f in model.fields if f.is_unique] for model in schema.models} == models


def test_independent_schemas_stay_apart_and_folders_are_one_schema(tmp_path: Path) -> None:
    part = "model {0} {{\n id Int @id\n}}\n"
    workspace = discover(
        tmp_path,
        {
            "db/mysql/schema.prisma": SCHEMA.replace("postgresql", "mysql"),
            "db/pg/schema.prisma": SCHEMA,
            "apps/web/prisma/schema/main.prisma": SCHEMA,
            "apps/web/prisma/schema/models/order.prisma": part.format("Order"),
            "apps/web/prisma/schema/item.prisma": part.format("Item"),
            "apps/web/prisma/schema/leftover.prisma": part.format("User"),
            "templates/a.prisma": SCHEMA,
            "templates/b.prisma": SCHEMA,
        },
    )
    assert {schema.path: schema.files for schema in workspace.schemas} == {
        "apps/web/prisma/schema/main.prisma": (
            "apps/web/prisma/schema/main.prisma",
            "apps/web/prisma/schema/item.prisma",
            "apps/web/prisma/schema/models/order.prisma",
        ),
        "db/mysql/schema.prisma": ("db/mysql/schema.prisma",),
        "db/pg/schema.prisma": ("db/pg/schema.prisma",),
        "templates/a.prisma": ("templates/a.prisma",),
        "templates/b.prisma": ("templates/b.prisma",),
    }


def test_a_folder_that_is_declared_as_the_schema(tmp_path: Path) -> None:
    generator, source = SCHEMA.split("generator", 1)[1], SCHEMA.split("generator", 1)[0]
    parts = {
        "base/source.prisma": source,
        "base/client.prisma": "generator" + generator,
        "tables/x/p.prisma": "model P {\n id Int @id\n}",
    }
    configured = {f"one/data/{name}": text for name, text in parts.items()}
    declared = {f"two/data/{name}": text for name, text in parts.items()}
    scripted = {f"three/data/{name}": text for name, text in parts.items()}
    workspace = discover(
        tmp_path,
        {
            **configured,
            **declared,
            **scripted,
            "one/package.json": {},
            "one/prisma.config.ts": 'export default defineConfig({\n  schema: path.join(__dirname, "data"),\n})\n',
            "two/package.json": {"prisma": {"schema": "./data"}},
            "three/package.json": {"scripts": {"generate": "prisma generate --schema=./data"}},
        },
    )
    found = {
        schema.path: (len(schema.files), [m.name for m in schema.models], len(schema.generators))
        for schema in workspace.schemas
    }
    assert found == {f"{name}/data/base/source.prisma": (3, ["User", "P"], 1) for name in ("one", "two", "three")}
    two = next(package for package in workspace.packages if package.root == "two")
    assert two.schemas == ("two/data/base/source.prisma",)
    assert workspace.schemas_of(two)[0].path == "two/data/base/source.prisma"
