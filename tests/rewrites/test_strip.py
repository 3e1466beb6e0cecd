"""`$disconnect` goes, with what it leaves empty; everything else stays byte for byte."""

from __future__ import annotations

import re

import pytest

from prismafix.rewrites.edits import apply_edits
from prismafix.rewrites.model import Fix, Refusal
from prismafix.rewrites.strip_disconnect import strip_disconnect
from prismafix.rules.model import Doubt, Intent, Span, StripDisconnect
from tests.rewrites.memory import Memory

PATH = "src/a.ts"


def strip(before: str | bytes, path: str = PATH) -> bytes | str:
    """The file without any of its `$disconnect`s, or the reason of the refusal."""
    data = before.encode() if isinstance(before, str) else before
    tokens = tuple(Span(path, m.start(), m.end()) for m in re.finditer(rb"(?<=[.\"])\$disconnect", data))
    action = StripDisconnect(tokens)
    made = strip_disconnect(action, Intent(action, "Strip"), Memory({path: data}))
    if isinstance(made, Refusal):
        return made.reason
    assert isinstance(made, Fix)
    return apply_edits(data, made.edits)


CASES: dict[str, tuple[str, str]] = {
    "finally is emptied and the try unwrapped": (
        """export async function GET() {
  try {
    const users = await prisma.user.findMany()
    return NextResponse.json(users)
  } finally {
    await prisma.$disconnect()
  }
}
""",
        """export async function GET() {
  const users = await prisma.user.findMany()
  return NextResponse.json(users)
}
""",
    ),
    "catch is kept": (
        """async function f() {
  try {
    await work();
  } catch (e) {
    console.error(e);
  } finally {
    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  try {
    await work();
  } catch (e) {
    console.error(e);
  }
}
""",
    ),
    "finally with other work stays": (
        """async function f() {
  try {
    await work();
  } finally {
    timer.stop();
    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  try {
    await work();
  } finally {
    timer.stop();
  }
}
""",
    ),
    "template literals keep their lines": (
        """async function f() {
  try {
    const q = `
    a
  b
    `;
    // a comment
    return q;
  } finally {
    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  const q = `
    a
  b
    `;
  // a comment
  return q;
}
""",
    ),
    "a name that would collide keeps a block": (
        """async function f() {
  const user = 1;
  try {
    const user = 2;
    return user;
  } finally {
    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  const user = 1;
  {
    const user = 2;
    return user;
  }
}
""",
    ),
    "a name that a parameter has keeps a block": (
        """async function f(user) {
  try {
    const user = 2;
    return user;
  } finally {
    await prisma.$disconnect();
  }
}
""",
        """async function f(user) {
  {
    const user = 2;
    return user;
  }
}
""",
    ),
    "statement forms": (
        """async function f() {
  await a.$disconnect();
  void a.$disconnect();
  a.$disconnect();
  a?.$disconnect();
  await a!.$disconnect();
  await (a as any).$disconnect();
  await this.prisma.$disconnect();
  await a["$disconnect"]();
  await (await a).$disconnect();
  await (a satisfies Client).$disconnect();
  await a.$disconnect().catch(() => {});
  a && (await a.$disconnect());
  work();
}
""",
        """async function f() {
  work();
}
""",
    ),
    "return as the last statement of an async function": (
        """async function f() {
  await work();
  return prisma.$disconnect();
}
""",
        """async function f() {
  await work();
}
""",
    ),
    "return in the middle of an async function": (
        """async function f() {
  if (x) {
    return await prisma.$disconnect();
  }
  await work();
}
""",
        """async function f() {
  if (x) {
    return;
  }
  await work();
}
""",
    ),
    "return in a function that is not async": (
        """function f() {
  work();
  return prisma.$disconnect();
}
""",
        """function f() {
  work();
  return Promise.resolve();
}
""",
    ),
    "without braces": (
        """async function f() {
  if (prisma) await prisma.$disconnect()
  for (const c of clients) await c.$disconnect()
  if (x) work()
  else await prisma.$disconnect()
}
""",
        """async function f() {
  if (x) work()
}
""",
    ),
    "a condition with an effect stays": (
        """async function f() {
  if (await ready()) await prisma.$disconnect()
  work()
}
""",
        """async function f() {
  if (await ready()) {}
  work()
}
""",
    ),
    "an if around it in finally": (
        """async function f() {
  try {
    work();
  } finally {
    if (prisma !== undefined) {
      await prisma.$disconnect();
    }
  }
}
""",
        """async function f() {
  work();
}
""",
    ),
    "its own try and catch": (
        """async function f() {
  await work();
  try {
    await prisma.$disconnect();
  } catch (e) {
    console.error("could not disconnect", e);
  }
}
""",
        """async function f() {
  await work();
}
""",
    ),
    "catch that throws again": (
        """async function f() {
  try {
    await work();
  } catch (e) {
    await prisma.$disconnect();
    throw e;
  }
}
""",
        """async function f() {
  try {
    await work();
  } catch (e) {
    throw e;
  }
}
""",
    ),
    "catch that swallows goes on swallowing": (
        """async function f() {
  try {
    await work();
  } catch (e) {
    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  try {
    await work();
  } catch (e) {
  }
}
""",
    ),
    "comments about it go, others stay": (
        """async function f() {
  await work(); // the work
  // Close the database connection
  await prisma.$disconnect(); // disconnect
  // count the calls
  calls += 1;
}
async function g() {
  // Metrics are flushed by the caller
  await prisma.$disconnect(); // see ADR 7
  calls += 1;
}
""",
        """async function f() {
  await work(); // the work
  // count the calls
  calls += 1;
}
async function g() {
  // Metrics are flushed by the caller
  // see ADR 7
  calls += 1;
}
""",
    ),
    "a directive for the next line goes": (
        """async function f() {
  await work();
  // eslint-disable-next-line no-await
  await prisma.$disconnect();
}
""",
        """async function f() {
  await work();
}
""",
    ),
    "blank lines": (
        """async function f() {
  await work();

  await prisma.$disconnect();

  return 1;
}

async function g() {
  await prisma.$disconnect();

  return 1;
}

async function h() {
  await work();

  await prisma.$disconnect();
}
""",
        """async function f() {
  await work();

  return 1;
}

async function g() {
  return 1;
}

async function h() {
  await work();
}
""",
    ),
    "links of a chain": (
        """async function f() {
  const a = await prisma.user.findMany().finally(async () => {
    await prisma.$disconnect()
  })
  const b = await prisma.user.findMany().finally(() => prisma.$disconnect())
  const c = await prisma.user
    .findMany()
    .finally(prisma.$disconnect)
  const d = await prisma.user.findMany().finally(() => void prisma.$disconnect())
  const e = await prisma.user.findMany().finally(prisma.$disconnect.bind(prisma))
  return prisma.user.findMany().finally(async () => await prisma.$disconnect())
}
""",
        """async function f() {
  const a = await prisma.user.findMany()
  const b = await prisma.user.findMany()
  const c = await prisma.user
    .findMany()
  const d = await prisma.user.findMany()
  const e = await prisma.user.findMany()
  return prisma.user.findMany()
}
""",
    ),
    "lines that are indented by hand": (
        """async function f() {
  try {
    switch (x) {
   case 1:
      await work(
  1,
          2)
    }
  } finally {
    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  switch (x) {
  case 1:
    await work(
  1,
        2)
  }
}
""",
    ),
    "a case of a switch": (
        """async function f() {
  switch (x) {
    case 1:
      await prisma.$disconnect();
      break;
    default:
      try {
        const y = 1;
        await work(y);
      } finally {
        await prisma.$disconnect();
      }
  }
}
""",
        """async function f() {
  switch (x) {
    case 1:
      break;
    default:
      {
        const y = 1;
        await work(y);
      }
  }
}
""",
    ),
    "a callback whose promise nobody awaits": (
        """app.get("/", (req, res) => prisma.log.create({ data }).finally(() => prisma.$disconnect()));
app.get("/", async (req, res) => prisma.log.create({ data }).finally(() => prisma.$disconnect()));
await Promise.all(ids.map((id) => prisma.log.create({ data: { id } }).finally(() => prisma.$disconnect())));
""",
        """app.get("/", (req, res) => prisma.log.create({ data }).then());
app.get("/", async (req, res) => prisma.log.create({ data }));
await Promise.all(ids.map((id) => prisma.log.create({ data: { id } })));
""",
    ),
    "comments beside the braces": (
        """async function f() {
  try { // can take long
    await work(); // really
  } finally { // always disconnect
    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  // can take long
  await work(); // really
}
""",
    ),
    "a link that starts the query": (
        """function f() {
  prisma.user.create({ data }).finally(() => prisma.$disconnect())
  const later = prisma.user.findMany().finally(prisma.$disconnect)
}
""",
        """function f() {
  prisma.user.create({ data }).then()
  const later = prisma.user.findMany().then()
}
""",
    ),
    "a chain that runs anyway": (
        """async function main() {}
main().finally(() => prisma.$disconnect());
load().catch(report).finally(async () => {
  await prisma.$disconnect();
});
main()
  .then(async () => {
    await prisma.$disconnect();
  })
  .catch(async (e) => {
    console.error(e);
    await prisma.$disconnect();
    process.exit(1);
  });
""",
        """async function main() {}
main();
load().catch(report);
main()
  .catch(async (e) => {
    console.error(e);
    process.exit(1);
  });
""",
    ),
    "a value that nobody saw stays unseen": (
        """async function f() {
  const nothing = await load().then(async () => {
    await prisma.$disconnect()
  })
  return load().then(() => prisma.$disconnect())
}
""",
        """async function f() {
  const nothing = await load().then(() => {})
  return load().then(() => {})
}
""",
    ),
    "catch that disconnects swallows the error": (
        "async function f() {\n  await load().catch(() => prisma.$disconnect())\n}\n",
        "async function f() {\n  await load().catch(() => {})\n}\n",
    ),
    "Promise.all": (
        """async function f() {
  await work();
  await Promise.all([a.$disconnect(), b.$disconnect()]);
  await Promise.all([a.$disconnect(), flush()]);
  await Promise.all([flush(), a.$disconnect(), b.$disconnect()]);
}
""",
        """async function f() {
  await work();
  await Promise.all([flush()]);
  await Promise.all([flush()]);
}
""",
    ),
    "one line": (
        "const f = async () => { try { return await g(); } finally { await prisma.$disconnect(); } };\n",
        "const f = async () => { return await g(); };\n",
    ),
    "one line without try": (
        "async function f() { await g(); await prisma.$disconnect(); return 1 }\n",
        "async function f() { await g(); return 1 }\n",
    ),
    "label and generator": (
        """async function* f() {
  out: for (const x of xs) {
    yield x;
    await prisma.$disconnect();
    continue out;
  }
}
""",
        """async function* f() {
  out: for (const x of xs) {
    yield x;
    continue out;
  }
}
""",
    ),
    "the import of a client that was only disconnected": (
        """import { prisma } from "./prisma";
import { work } from "./work";

export async function f() {
  await work();
  await prisma.$disconnect();
}
""",
        """import { work } from "./work";

export async function f() {
  await work();
}
""",
    ),
    "nested try": (
        """async function f() {
  try {
    try {
      await work();
    } catch {
      await fallback();
    }
  } finally {
    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  try {
    await work();
  } catch {
    await fallback();
  }
}
""",
    ),
    "a comment in finally that speaks of something else stays": (
        """async function f() {
  try {
    await work();
  } finally {
    // TODO: flush the metrics here

    await prisma.$disconnect();
  }
}
""",
        """async function f() {
  try {
    await work();
  } finally {
    // TODO: flush the metrics here
  }
}
""",
    ),
    "await with a type argument, a gap of the grammar": (
        """async function f() {
  const rows = await load<Row[]>(1).finally(() => prisma.$disconnect());
  return rows;
}
""",
        """async function f() {
  const rows = await load<Row[]>(1);
  return rows;
}
""",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_strips(name: str) -> None:
    before, after = CASES[name]
    made = strip(before)
    assert isinstance(made, bytes), made
    assert made.decode() == after


def test_jsx_around_it() -> None:
    before = """export const Page = async () => {
  try {
    const user = await prisma.user.findFirst()
    return (
      <p title="ä">
        {user.name} & more
      </p>
    )
  } finally {
    await prisma.$disconnect()
  }
}
"""
    after = """export const Page = async () => {
  const user = await prisma.user.findFirst()
  return (
    <p title="ä">
      {user.name} & more
    </p>
  )
}
"""
    made = strip(before, "src/page.tsx")
    assert isinstance(made, bytes), made
    assert made.decode() == after


@pytest.mark.parametrize("name", CASES)
def test_bytes_outside_stay(name: str) -> None:
    """CRLF, a BOM, tabs and text that is not ASCII before the edit."""
    before, after = CASES[name]

    def disguise(text: str) -> bytes:
        head = "\N{ZERO WIDTH NO-BREAK SPACE}const grüße = 'żółć 🎉';\n\n"
        return (
            re.sub("^( {2})+", lambda m: "\t" * (len(m[0]) // 2), head + text, flags=re.M)
            .replace("\n", "\r\n")
            .encode()
        )

    made = strip(disguise(before))
    assert isinstance(made, bytes), made
    assert made.decode() == disguise(after).decode()


REFUSED = {
    "a helper that only disconnects": (
        "export async function close() {\n  await prisma.$disconnect();\n}\n",
        "the function at line 1 does nothing but disconnect",
    ),
    "an arrow that only disconnects": (
        "export const close = () => prisma.$disconnect();\n",
        "does nothing but disconnect",
    ),
    "passed to something unknown": ("emitter.on('x', prisma.$disconnect);\n", "does nothing but disconnect"),
    "kept": ("async function f() {\n  const x = await prisma.$disconnect();\n}\n", "is used at line 2"),
    "what follows has an effect": (
        "function f() {\n  work();\n  prisma.$disconnect().then(() => process.exit(0));\n}\n",
        "has to run all the same",
    ),
    "the receiver has an effect": (
        "async function f() {\n  work();\n  await (await connect(url)).$disconnect();\n}\n",
        "does more than name a client",
    ),
    "results by position": (
        "async function f() {\n  const [, x] = await Promise.all([prisma.$disconnect(), load()]);\n}\n",
        "by position",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refuses(name: str) -> None:
    before, reason = REFUSED[name]
    made = strip(before)
    assert isinstance(made, str), made.decode()
    assert reason in made


BODIES: list[tuple[str, str, str]] = [
    (
        "an else that stays",
        """await work();
if (prisma) await prisma.$disconnect();
else log();""",
        """await work();
if (prisma) {}
else log();""",
    ),
    (
        "an else block that stays",
        """if (prisma) {
  await prisma.$disconnect();
} else {
  log();
}""",
        """if (prisma) {
} else {
  log();
}""",
    ),
    (
        "both branches",
        """await work();
if (prisma) {
  await prisma.$disconnect();
} else {
  await prisma.$disconnect();
}""",
        """await work();""",
    ),
    (
        "an else without braces",
        """if (other) log();
else await prisma.$disconnect();""",
        """if (other) log();""",
    ),
    (
        "an else in a finally",
        """try {
  await work();
} finally {
  if (prisma) {
    await prisma.$disconnect();
  } else {
    log();
  }
}""",
        """try {
  await work();
} finally {
  if (prisma) {
  } else {
    log();
  }
}""",
    ),
    (
        "a condition that does something",
        """try {
  await work();
} finally {
  if (prisma && open()) {
    await prisma.$disconnect();
  }
}""",
        """try {
  await work();
} finally {
  if (prisma && open()) {
  }
}""",
    ),
    (
        "a try that begins on its line",
        """try { await work();
} finally {
  await prisma.$disconnect();
}""",
        """await work();""",
    ),
    (
        "blank lines in the try",
        """try {

  await work();

} finally {
  await prisma.$disconnect();
}""",
        """await work();""",
    ),
    (
        "a declaration in a case",
        """switch (x) {
  case 1:
    try {
      const a = await work();
    } finally {
      await prisma.$disconnect();
    }
    break;
}""",
        """switch (x) {
  case 1:
    {
      const a = await work();
    }
    break;
}""",
    ),
    ("one of two handlers", "work().then(() => prisma.$disconnect(), report);", "work().then(undefined, report);"),
    (
        "one of two handlers whose value is used",
        "return work().then(() => prisma.$disconnect(), report);",
        "return work().then(() => {}, report);",
    ),
    (
        "a chain that Promise.all waits for",
        "await Promise.all([prisma.a.count().finally(() => prisma.$disconnect())]);",
        "await Promise.all([prisma.a.count()]);",
    ),
    (
        "a chain that is one of two",
        "return first ? prisma.a.count().finally(() => prisma.$disconnect()) : null;",
        "return first ? prisma.a.count() : null;",
    ),
    (
        "a chain that only decides",
        "return prisma.a.count().finally(() => prisma.$disconnect()) ? 1 : 2;",
        "return prisma.a.count().then() ? 1 : 2;",
    ),
    (
        "a chain in a list that anybody may get",
        "collect([prisma.a.count().finally(() => prisma.$disconnect())]);",
        "collect([prisma.a.count().then()]);",
    ),
    (
        "an async function that is called at once",
        "(async () => { await work(); })().finally(() => prisma.$disconnect());",
        "(async () => { await work(); })();",
    ),
    (
        "a function that is called at once and gives a query",
        "(() => prisma.a.count())().finally(() => prisma.$disconnect());",
        "(() => prisma.a.count())().then();",
    ),
    (
        "a handler with a return",
        """await work().finally(() => {
  return prisma.$disconnect();
});""",
        """await work();""",
    ),
    (
        "a handler with nothing but an if",
        """await work().finally(async () => {
  if (prisma) {
    await prisma.$disconnect();
  }
});
await work().finally(async () => {
  if (prisma) await prisma.$disconnect();
});""",
        """await work();
await work();""",
    ),
    (
        "a condition with a comment in it",
        """await work();
if (prisma /* was it built? */) await prisma.$disconnect();""",
        """await work();""",
    ),
    (
        "a condition that deletes",
        """await work();
if (delete clients.a) await prisma.$disconnect();""",
        """await work();
if (delete clients.a) {}""",
    ),
    (
        "a comment of as many words as may be about it",
        """await work();
// we close the connection here so that the pool is free again for the next call
await prisma.$disconnect();
await work();
// one two three four five six seven eight nine ten eleven twelve thirteen fourteen close connection
await prisma.$disconnect();""",
        """await work();
await work();""",
    ),
    (
        "a comment of many words is about more",
        """await work();
// we close the connection here so that the pool of this instance is free again for the next one
await prisma.$disconnect();""",
        """await work();
// we close the connection here so that the pool of this instance is free again for the next one""",
    ),
]


@pytest.mark.parametrize(("before", "after"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES])
def test_what_is_left_of_a_body(before: str, after: str) -> None:
    def function(body: str) -> str:
        return "async function f() {\n" + "".join(f"  {line}".rstrip() + "\n" for line in body.split("\n")) + "}\n"

    assert strip(function(before)) == function(after).encode()


def test_what_speaks_against_safe_stays_with_the_fix() -> None:
    data = b"async function f() {\n  await work();\n  await prisma.$disconnect();\n}\n"
    start = data.index(b"$disconnect")
    action = StripDisconnect((Span(PATH, start, start + len("$disconnect")),))
    doubts = (Doubt("unsafe", "look at this"),)
    made = strip_disconnect(action, Intent(action, "Strip", doubts), Memory({PATH: data}))
    assert isinstance(made, Fix) and made.doubts == doubts
