"""What is written is what is read again, and nothing else changes."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

import pyjson5
import pytest
import yaml
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from prismafix.workspace.settings import edited, settings_of, written
from tests.workspace.making import discover

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from prismafix.workspace.settings import Setting
    from prismafix.workspace.workspace import Workspace

COMPOSE = "services:\n  a:\n    environment:\n"
ENV = COMPOSE + "      A: x # why\n"
K8S = "apiVersion: v1\nkind: ConfigMap\n"

# a file with one setting, and what it is called if not DATABASE_URL
FORMS: dict[str, tuple[str, str]] = {
    "env plain": (".env", "A=1\nDATABASE_URL=<U> # why\nB='2'\n"),
    "env double": (".env", 'export DATABASE_URL = "<U>" # why\r\nB="2"\r\n'),
    "env single": (".env", "DATABASE_URL='<U>'"),
    "env backtick": (".env", "\ufeffDATABASE_URL: `<U>`\n"),
    "env default": (".env", "DATABASE_URL=${URL:-<U>}\n"),
    "schema": ("schema.prisma", 'datasource db {\n  provider = "postgresql"\n  url = "<U>" // why\n}\n'),
    "yaml plain": ("compose.yml", ENV + "      DATABASE_URL: <U> # why\n      B: y\n"),
    "yaml double": ("compose.yml", ENV + '      DATABASE_URL: "<U>"\n'),
    "yaml single": ("compose.yml", ENV + "      DATABASE_URL: '<U>' # why\n"),
    "yaml tagged": ("compose.yml", ENV + "      DATABASE_URL: &url !!str <U>\n      DIRECT_URL: *url\n"),
    "yaml flow": ("compose.yml", "services: {a: {environment: {A: x, DATABASE_URL: <U>, B: y}}}\n"),
    "yaml block": ("compose.yml", ENV + "      DATABASE_URL: |-\n        <U>\n      B: y\n"),
    "yaml folded": ("k.yaml", K8S + "data:\n  DATABASE_URL: >-  # why\n    <U>\n  B: y\n"),
    "yaml item": ("compose.yml", COMPOSE + "      - A=x\n      - DATABASE_URL=<U> # why\n"),
    "yaml item single": ("compose.yml", COMPOSE + "      - 'DATABASE_URL=<U>'\n      - B=y\n"),
    "yaml item double": ("compose.yml", COMPOSE + '      - "DATABASE_URL=<U>"\n'),
    "yaml item flow": ("compose.yml", "services: {a: {environment: [A=x, DATABASE_URL=<U>]}}\n"),
    "yaml default": ("compose.yml", ENV + "      DATABASE_URL: ${X:-<U>} # why\n"),
    "yaml line ends": ("compose.yml", ENV.replace("\n", "\r\n") + "      DATABASE_URL: <U>\r\n      B: y\r\n"),
    "yaml block line ends": ("compose.yml", ENV + "      DATABASE_URL: |\r\n        <U>\r\n      B: y\r\n"),
    "toml double": ("fly.toml", '[env]\nA = 1\nDATABASE_URL = "<U>" # why\n'),
    "toml single": ("fly.toml", "[env]\nDATABASE_URL='<U>'\n"),
    "toml triple": ("fly.toml", 'env = {DATABASE_URL = """<U>"""}\n'),
    "toml triple single": ("fly.toml", "[env]\nDATABASE_URL = '''\n<U>'''\n"),
    "json": ("wrangler.jsonc", '{"vars": {"A": "x", /* why */ "DATABASE_URL": "<U>",}}'),
    "docker plain": ("Dockerfile", "FROM a\nENV A=x DATABASE_URL=<U> B=y\n"),
    "docker double": ("Dockerfile", 'FROM a\nENV DATABASE_URL="<U>" \\\n  B=y\n'),
    "docker single": ("Dockerfile", "FROM a\nARG DATABASE_URL='<U>'\n"),
    "docker legacy": ("Dockerfile", "FROM a\nENV DATABASE_URL <U>\nENV B=y\n"),
}
USUAL = "postgresql://u:p%40ss@db.example.com:5432/db?schema=public"
FORM = pytest.mark.parametrize(("path", "content"), FORMS.values(), ids=FORMS)


def made(tmp_path: Path, path: str, content: str) -> tuple[Workspace, Setting]:
    workspace = discover(tmp_path, {path: content.replace("<U>", USUAL).encode()})
    return workspace, the_setting(workspace)


def the_setting(workspace: Workspace) -> Setting:
    [setting] = [one for one in settings_of(workspace) if one.name in ("DATABASE_URL", "url")]
    return setting


def applied(workspace: Workspace, edit: tuple[int, int, bytes], path: str) -> Workspace:
    data = workspace.read(path)
    return workspace.with_overlay({path: data[: edit[0]] + edit[2] + data[edit[1] :]})


@FORM
def test_the_same_value_changes_no_byte(tmp_path: Path, path: str, content: str) -> None:
    _, setting = made(tmp_path, path, content)
    assert setting.value == USUAL
    assert written(setting, USUAL) == USUAL.encode()
    assert edited(setting, USUAL) == (setting.start, setting.end, USUAL.encode())


@FORM
def test_more_parameters_keep_everything_around_them(tmp_path: Path, path: str, content: str) -> None:
    """What a patched URL is made of needs no other quotes in any form."""
    workspace, setting = made(tmp_path, path, content)
    value = USUAL.replace("5432", "6543") + "&pgbouncer=true&connection_limit=1&pool_timeout=20"
    new = written(setting, value)
    assert new == value.encode()
    after = applied(workspace, (setting.start, setting.end, new), path)
    assert after.read(path) == content.replace("<U>", value).encode()
    assert the_setting(after).value == value


VALUES = st.text(st.sampled_from("ab:/@?&=#%$ '\"`\\,;!*|>-{}[]()nü\t\n\x7f"), max_size=10).map("postgres://h/".__add__)


@FORM
@given(value=VALUES)
@example(value="postgres://h/d #x")
@example(value="postgres://h/d: 'it's \"so\"'")
@example(value="postgres://${USER}:$PW@h/a,b")
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
def test_any_value_is_read_again_and_the_rest_stays(tmp_path: Path, path: str, content: str, value: str) -> None:
    workspace, setting = made(tmp_path, path, content)
    edit = edited(setting, value)
    if edit is None:
        return
    after = applied(workspace, edit, path)
    again = the_setting(after)
    assert again.value == value
    assert others(after, path) == others(workspace, path)
    assert edited(again, value) == (again.start, again.end, again.text.encode())
    back = edited(again, USUAL)
    assert back is not None
    assert the_setting(applied(after, back, path)).value == USUAL
    in_place = written(setting, value)
    assert in_place is None or edit == (setting.start, setting.end, in_place)


def others(workspace: Workspace, path: str) -> str:
    """What a file has beside the setting's value, without any quotes."""
    setting, data = the_setting(workspace), workspace.read(path)
    rest = (data[: setting.start] + data[setting.end :]).decode()
    return re.sub("[\"'`]", "", rest)


@pytest.mark.parametrize(
    ("form", "value", "line"),
    [
        ("env plain", "postgres://h/d#x", b'DATABASE_URL="postgres://h/d#x" # why'),
        ("env double", 'postgres://h/"d"', b"export DATABASE_URL = 'postgres://h/\"d\"' # why\r"),
        ("yaml plain", "postgres://h/d #x", b'      DATABASE_URL: "postgres://h/d #x" # why'),
        ("yaml single", "postgres://h/it's", b"      DATABASE_URL: 'postgres://h/it''s' # why"),
        ("yaml item", "postgres://h/d: x", b'      - "DATABASE_URL=postgres://h/d: x" # why'),
        ("yaml item single", "postgres://h/\x7f", b'      - "DATABASE_URL=postgres://h/\\x7f"'),
        ("yaml flow", "postgres://a,b", b'services: {a: {environment: {A: x, DATABASE_URL: "postgres://a,b", B: y}}}'),
        ("toml single", "postgres://h/it's", b'DATABASE_URL="postgres://h/it\'s"'),
        ("toml triple", 'postgres://h/"', b'env = {DATABASE_URL = """postgres://h/\\""""}'),
        ("docker plain", "postgres://h/a b", b'ENV A=x DATABASE_URL="postgres://h/a b" B=y'),
    ],
)
def test_quotes_that_are_needed_are_added(tmp_path: Path, form: str, value: str, line: bytes) -> None:
    path, content = FORMS[form]
    workspace, setting = made(tmp_path, path, content)
    edit = edited(setting, value)
    assert edit is not None
    assert line in applied(workspace, edit, path).read(path).split(b"\n")


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("env default", "postgres://h/}"),
        ("env default", "postgres://h/#"),
        ("yaml default", "postgres://h/ #"),
        ("yaml block", "postgres://h/\n"),
        ("docker plain", "postgres://h/\n"),
        ("docker single", "postgres://it's/$X"),
        ("env plain", "postgres://h/#'\"`"),
    ],
)
def test_what_cannot_be_written_there_is_not(tmp_path: Path, form: str, value: str) -> None:
    _, setting = made(tmp_path, *FORMS[form])
    assert edited(setting, value) is None
    assert written(setting, value) is None


def test_a_reference_is_never_overwritten(tmp_path: Path) -> None:
    files = {
        "schema.prisma": 'datasource db {\n  provider = "postgresql"\n  url = env("DATABASE_URL")\n}\n',
        "compose.yml": COMPOSE + "      DATABASE_URL: ${DATABASE_URL}\n      DIRECT_URL:\n",
        "Dockerfile": "ARG DATABASE_URL\n",
        ".env": "DIRECT_URL=$DATABASE_URL\n",
    }
    found = settings_of(discover(tmp_path, files))
    assert len(found) == 5
    assert [edited(one, USUAL) for one in found] == [None] * 5
    assert [written(one, one.value) for one in found] == [one.text.encode() for one in found]


@FORM
@pytest.mark.parametrize(
    "value", ["postgres://h/d?a='b'&c=\"d\"&e=#f: \\g", "postgres://h/d #x", "postgres://[::1]/d, {e}"]
)
def test_other_readers_read_the_same(tmp_path: Path, path: str, content: str, value: str) -> None:
    workspace, setting = made(tmp_path, path, content)
    edit = edited(setting, value)
    reader: dict[str, Any] = {"yaml": yaml.safe_load, "toml": tomllib.loads, "json": pyjson5.decode}
    if setting.form in reader and edit is not None:
        text = applied(workspace, edit, path).read(path).decode()
        wanted = (value, f"DATABASE_URL={value}", f"${{X:-{value}}}")
        assert any(one in wanted for one in scalars(reader[setting.form](text)))


def scalars(value: Any) -> Iterator[object]:
    if isinstance(value, (dict, list)):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from scalars(inner)
    else:
        yield value.rstrip("\n") if isinstance(value, str) else value  # a block scalar brings a line's end
