"""`prismafix explain -`: what is in a log, in whatever form it was written, and where in a project it comes from.

`logs/real-*.log` hold what Prisma and PostgreSQL really said; `record.py` writes them.
"""

import io
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from cli.running import prismafix

from prismafix.known_errors import log as reader
from prismafix.known_errors.frames import Sources
from prismafix.known_errors.model import Frame

HERE = Path(__file__).resolve().parent
ORDERS = HERE.parent / "proof" / "exhaustion" / "projects" / "orders"
REPORT = ORDERS.with_name("report")
SECRET = "s3cret-in-the-log"

FULL = "Too many database connections opened: sorry, too many clients already"
MESSAGE = (
    "\nInvalid `prisma.order.findMany()` invocation in\n/app/src/handlers/orders.ts:10:31\n\n"
    f"  7 }});\n→ 10 return await prisma.order.findMany(\n{FULL}"
)
STACK = (
    f"PrismaClientKnownRequestError: {MESSAGE}\n"
    "    at $n.handleRequestError (/app/node_modules/@prisma/client/runtime/library.js:121:7315)\n"
    "    at async handler (/app/src/handlers/orders.ts:10:12)\n"
    "    at async main (/app/src/server.ts:44:3)"
)
TIME = "2026-11-22T10:00:05.123Z"
SHOWN = "2026-11-22 10:00:05Z"


def data(text: str, cwd: Path) -> dict[str, Any]:
    done = prismafix("explain", "-", "--format", "json", cwd=cwd, stdin=text)
    assert (done.returncode, done.stderr) == (0, "")
    found: dict[str, Any] = json.loads(done.stdout)
    assert (found["version"], found["kind"]) == (1, "log")
    return found


def each_line(prefix: str, text: str) -> str:
    return "".join(f"{prefix}{line}\n" for line in text.split("\n"))


LOGS = {
    "plain": f"{TIME} ERROR request failed {STACK}\n",
    "colours": f"{TIME} \x1b[31mERROR\x1b[39m request failed \x1b[1m{STACK}\x1b[22m\n".replace("→", "\x1b[2m→\x1b[22m"),
    "windows line ends": f"{TIME} ERROR request failed {STACK}\n".replace("\n", "\r\n"),
    "brackets": f"[{TIME}] [error] request failed {STACK}\n",
    "docker logs -t": each_line(f"{TIME} ", f"request failed {STACK}"),
    "docker compose": each_line(f"api-1  | {TIME} ", f"request failed {STACK}"),
    "kubernetes on disk": each_line(f"{TIME} stderr F ", f"request failed {STACK}"),
    "kubectl --prefix": each_line(f"[pod/api-7f9/api] {TIME} ", f"request failed {STACK}"),
    "heroku": each_line(f"{TIME} app[web.1]: ", f"request failed {STACK}"),
    "journald": each_line("Nov 22 10:00:05 host api[812]: ", f"request failed {STACK}"),
    "aws logs tail": each_line(f"{TIME} 2026/11/22/[$LATEST]0a1b2c ", f"request failed {STACK}"),
    "docker on disk": "".join(
        json.dumps({"log": f"{line}\n", "stream": "stderr", "time": TIME}) + "\n"
        for line in f"request failed {STACK}".split("\n")
    ),
    "pino": json.dumps({
        "level": 50, "time": 1795341605123, "pid": 7, "hostname": "api", "msg": "request failed",
        "err": {"type": "PrismaClientKnownRequestError", "message": MESSAGE, "stack": STACK, "code": "P2037"},
    }) + "\n",
    "winston": json.dumps({
        "level": "error", "message": MESSAGE, "stack": STACK, "code": "P2037", "clientVersion": "7.10.0",
        "timestamp": "2026-11-22 10:00:05Z",
    }) + "\n",
    "lambda": f"{TIME}\t8a1b-77\tERROR\tInvoke Error \t" + json.dumps({
        "errorType": "PrismaClientKnownRequestError", "errorMessage": MESSAGE, "code": "P2037",
        "stack": STACK.split("\n"),
    }) + "\n",
    "cloudwatch event": json.dumps({
        "timestamp": 1795341605123, "message": json.dumps({"level": "ERROR", "message": STACK}),
    }) + "\n",
    "vercel": json.dumps({
        "id": "1", "source": "lambda", "timestamp": 1795341605123, "level": "error", "message": STACK,
    }) + "\n",
}  # fmt: skip


@pytest.mark.parametrize("form", LOGS)
def test_the_same_error_in_every_form_of_log(tmp_path: Path, form: str) -> None:
    noise = f"{TIME} INFO GET /orders 200\n"
    found = data(noise + LOGS[form] + noise + LOGS[form] + noise, tmp_path)
    [error] = found["errors"]
    assert (error["key"], error["count"]) == ("too-many-clients", 2)
    shown = "Nov 22 10:00:05" if form == "journald" else SHOWN
    assert (error["first"], error["last"]) == (shown, shown)
    [site] = error["sites"]
    assert (site["operation"], site["logged"], site["count"]) == (
        "prisma.order.findMany()",
        "/app/src/handlers/orders.ts:10",
        2,
    )
    assert (found["root"], error["findings"], site["path"]) == (None, None, None)


@pytest.mark.parametrize("version", ["6.19", "7"])
def test_what_prisma_and_postgresql_really_say(tmp_path: Path, version: str) -> None:
    text = (HERE / "logs" / f"real-prisma-{version}.log").read_text()
    assert SECRET in text, "the log has to hold a password for the test to mean something"
    done = prismafix("explain", "-", cwd=tmp_path, stdin=text)
    assert done.returncode == 0 and "s3cret" not in done.stdout + done.stderr
    errors = {error["key"]: error for error in data(text, tmp_path)["errors"]}
    assert {key: error["count"] for key, error in errors.items()} == {
        "too-many-clients": 4,
        "P1001": 3,  # nobody listens, no such host, and a string that pg takes for a path
        "P2028": 3,
        "P1017": 2,
        "prepared-statement": 2,
        "P1000": 1,
        "P1010": 1,
        "P1013": 1,
        "driver-pool-timeout": 1,
        "slots-reserved": 1,
    }
    assert errors["too-many-clients"]["codes"] == {"P2010": 1, "P2037": 3}
    assert errors["driver-pool-timeout"]["codes"] == {}, "a plain Error: no code of Prisma's"
    assert errors["P1017"]["codes"] == ({"P2010": 1} if version == "6.19" else {"P2010": 1, "P2039": 1})
    assert [(site["operation"], site["count"]) for site in errors["too-many-clients"]["sites"]] == [
        ("prisma.order.findMany()", 3),
        ("prisma.$queryRawUnsafe()", 1),
    ]
    assert {site["operation"] for site in errors["P2028"]["sites"]} == {"tx.order.count()", None}
    assert "10th instance" not in text and "already 10 instances" not in text, "eleven clients with adapters: no word"


NEST = """\
[Nest] 7  - 11/22/2026, 3:00:05 PM   ERROR [ExceptionsHandler] \n{message}
PrismaClientKnownRequestError: {message}
    at $n.handleRequestError (/app/node_modules/@prisma/client/runtime/library.js:121:7315)
    at async OrdersService.findAll (/app/dist/orders/orders.service.js:20:16)
[Nest] 7  - 11/22/2026, 3:00:06 PM     LOG [RouterExplorer] Mapped {{/orders, GET}} route
"""
NEXT = f"""\
 ⨯ PrismaClientKnownRequestError:{" "}
Invalid `prisma.order.findMany()` invocation:


{FULL}
    at async GET (src/app/api/orders/route.ts:12:9)
  10 | export async function GET() {{
> 12 |   return prisma.order.findMany()
     |         ^ {{
  code: 'P2037',
  clientVersion: '7.10.0',
}}
 GET /api/orders 500 in 234ms
"""


def test_what_nest_logs_twice_counts_once(tmp_path: Path) -> None:
    text = NEST.format(message=MESSAGE.lstrip("\n"))
    [error] = data(NEXT + text * 2, tmp_path)["errors"]
    assert error["count"] == 3
    [error] = data(text * 2, tmp_path)["errors"]
    assert (error["count"], error["first"], len(error["sites"])) == (2, "2026-11-22 15:00:05", 1)


def test_what_prisma_itself_prints_before_the_error_is_logged(tmp_path: Path) -> None:
    message = f"Invalid `prisma.order.findMany()` invocation:\n\n\n{FULL}"
    own = f"prisma:error \n{message}\n"
    assert data(own * 3, tmp_path)["errors"][0]["count"] == 3, "three errors, which nobody else logs"
    logged = f"{TIME} ERROR PrismaClientKnownRequestError: \n{message}\n    at main (/app/src/a.ts:3:5)\n"
    assert data((own + logged) * 3, tmp_path)["errors"][0]["count"] == 3


def test_what_next_shows_in_development(tmp_path: Path) -> None:
    [error] = data(NEXT * 2, tmp_path)["errors"]
    assert (error["key"], error["count"], error["codes"]) == ("too-many-clients", 2, {"P2037": 2})
    assert error["sites"][0]["logged"] == "src/app/api/orders/route.ts:12"


def test_first_and_last_in_logs_out_of_order(tmp_path: Path) -> None:
    lines = [f"2026-11-22 1{hour}:00:00 UTC [7] FATAL:  sorry, too many clients already\n" for hour in (5, 1, 9, 3)]
    [error] = data("".join(lines), tmp_path)["errors"]
    assert (error["count"], error["first"], error["last"]) == (4, "2026-11-22 11:00:00Z", "2026-11-22 19:00:00Z")


def test_lines_without_a_time(tmp_path: Path) -> None:
    done = prismafix("explain", "-", cwd=tmp_path, stdin=f"Error: {FULL}\nError: {FULL}\n")
    assert done.stdout.startswith("too-many-clients: sorry, too many clients already\n    2 times\n")


def test_the_numbers_of_the_message(tmp_path: Path) -> None:
    text = (
        f"{TIME} ERROR Invalid `prisma.user.count()` invocation:\n\n\nTimed out fetching a new connection from the "
        "connection pool. More info: http://pris.ly/d/connection-pool (Current connection pool timeout: 10, connection "
        "limit: 5)\n"
    )
    done = prismafix("explain", "-", cwd=tmp_path, stdin=text)
    assert "once, at 2026-11-22 10:00:05Z; timeout 10, limit 5" in done.stdout


@pytest.mark.parametrize("text", ["", "all is well\n", "\x00\xff\x1b[", "{" * 500, "[" * 100_000 + "\n"])
def test_nothing_known_is_said(tmp_path: Path, text: str) -> None:
    done = prismafix("explain", "-", cwd=tmp_path, stdin=text)
    assert (done.returncode, done.stderr) == (0, "")
    assert "no error in them that prismafix knows" in " ".join(done.stdout.split())


def test_long_lines_are_cut_off_and_places_are_not_collected_for_ever() -> None:
    stream = io.BytesIO(b"x" * (3 * reader.LONGEST_LINE) + b"\n" + b"FATAL: sorry, too many clients already\n")
    assert [len(line) for line in reader.bounded(stream)] == [reader.LONGEST_LINE, 39]
    text = "Error: sorry, too many clients already\n    at f (/app/src/a.ts:{}:1)\n"
    log = reader.read(line for n in range(3000) for line in text.format(n).encode().splitlines())
    [group] = log.groups.values()
    assert (log.lines, group.count, group.more_sites) == (6000, 3000, True)
    assert len(group.sites) <= 500


def test_one_error_does_not_swallow_the_rest_of_the_log(tmp_path: Path) -> None:
    text = f"Error: {FULL}\n" + "    at f (/app/src/a.ts:1:1)\n" * 1000 + f"Error: {FULL}\n"
    assert data(text, tmp_path)["errors"][0]["count"] == 2


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    return Path(shutil.copytree(ORDERS, tmp_path / "orders"))


def test_in_a_project_the_findings_at_the_call_site_come_first(orders: Path) -> None:
    done = prismafix("explain", "-", cwd=orders, stdin=LOGS["plain"])
    lines = [line.strip() for line in done.stdout.splitlines()]
    at = lines.index("In this project it would come from:")
    assert lines[at + 1].startswith("src/handlers/orders.ts:6:18 PF101 client-per-call [at the call site]")
    found = data(LOGS["plain"], orders)
    assert found["root"] == str(orders)
    [error] = found["errors"]
    assert error["sites"][0]["path"] == "src/handlers/orders.ts" and error["sites"][0]["line"] == 10
    assert [(f["code"], f["path"], f["near"]) for f in error["findings"]] == [
        ("PF101", "src/handlers/orders.ts", "at the call site"),
        ("PF201", "src/handlers/orders.ts", "at the call site"),
        ("PF101", "src/handlers/largest.ts", "elsewhere"),
        ("PF201", "src/handlers/largest.ts", "elsewhere"),
    ]
    assert "`prismafix fix --diff`" in done.stdout and "pg_terminate_backend" in done.stdout


def test_compiled_code_leads_to_its_source_without_a_line(orders: Path) -> None:
    text = f"Error: {FULL}\n    at async handler (/var/task/dist/handlers/largest.js:10:12)\n"
    [error] = data(text, orders)["errors"]
    assert (error["sites"][0]["path"], error["sites"][0]["line"]) == ("src/handlers/largest.ts", None)
    assert (error["findings"][0]["path"], error["findings"][0]["near"]) == (
        "src/handlers/largest.ts",
        "in a file of the stack",
    )


def test_a_pool_that_is_full_points_to_the_fan_out(tmp_path: Path) -> None:
    project = Path(shutil.copytree(REPORT, tmp_path / "report"))
    text = "Error: timeout exceeded when trying to connect\n    at async handler (/app/src/report.ts:6:10)\n"
    [error] = data(text, project)["errors"]
    assert [(f["code"], f["near"]) for f in error["findings"]] == [("PF303", "at the call site")]


def test_a_project_that_cannot_be_read_does_not_keep_the_log_from_being_read(orders: Path) -> None:
    (orders / "prismafix.toml").write_text("nonsense = [")
    done = prismafix("explain", "-", cwd=orders, stdin=LOGS["plain"])
    assert done.returncode == 0 and done.stdout.startswith("too-many-clients: ")
    assert done.stderr.count("\n") == 1 and "the log is explained without the project" in done.stderr


PROJECT = [
    "apps/web/src/app/api/users/route.ts",
    "apps/web/src/app/api/orders/route.ts",
    "apps/api/src/users.ts",
    "apps/worker/src/users.ts",
    "packages/db/src/client.ts",
    "packages/db/src/legacy.js",
    "src/lib/prisma.ts",
    "src/[id]/(shop)/page.tsx",
]


@pytest.mark.parametrize(
    ("logged", "found"),
    [
        ("/app/apps/api/src/users.ts", ("apps/api/src/users.ts", True)),
        ("C:/build/apps/worker/src/users.ts", ("apps/worker/src/users.ts", True)),
        ("/app/src/users.ts", None),  # as well one as the other
        ("/var/task/apps/web/.next/server/app/api/users/route.js", ("apps/web/src/app/api/users/route.ts", False)),
        ("/app/route.js", None),
        ("/srv/packages/db/dist/client.mjs", ("packages/db/src/client.ts", False)),
        ("/srv/packages/db/src/legacy.js", ("packages/db/src/legacy.js", True)),
        ("/app/lib/prisma.js", ("src/lib/prisma.ts", False)),
        ("/app/src/[id]/(shop)/page.js", ("src/[id]/(shop)/page.tsx", False)),
        ("/app/src/gone.ts", None),
    ],
)
def test_paths_of_another_machine_are_matched_by_their_end(logged: str, found: tuple[str, bool] | None) -> None:
    assert Sources(PROJECT).find(Frame(logged, 1)) == found
