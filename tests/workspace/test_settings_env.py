"""Env files, held against the real `dotenv`."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from prismafix.workspace.setting_files.env import decode, read_env
from prismafix.workspace.setting_files.writing import rewritten

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HERE = Path(__file__).parent
VERSIONS = [HERE.parent / "typecheck" / version / "package.json" for version in ("prisma6", "prisma7")]


@pytest.fixture(scope="module", params=VERSIONS, ids=["dotenv16", "dotenv17"])
def dotenv(request: pytest.FixtureRequest) -> Iterator[Callable[[str], dict[str, str]]]:
    """The real parser of npm."""
    command = ["node", "--no-warnings", str(HERE / "dotenv.mjs"), str(request.param)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8") as node:
        assert node.stdin and node.stdout
        to_node, from_node = node.stdin, node.stdout

        def parse(text: str) -> dict[str, str]:
            print(json.dumps(text), file=to_node, flush=True)
            answer: dict[str, str] = json.loads(from_node.readline())
            return answer

        yield parse
        to_node.close()


def values(text: str) -> dict[str, str]:
    return {found.name: found.value for found in read_env(text)}


FILES = [
    "A=1",
    "A = 1 \n",
    "A=postgresql://u:p@h/db?x=1&y=2\r\nB=2\r\n",
    "A=1\rB=2",
    "export A=1\n  export  B=2",
    "A: 1\nB:2\nC:  'x'",
    "A=\nB=\n\nC=3",
    "A=\n'x'",
    "A= # nothing\nB=1",
    "A=one#two # three",
    "A='one # two' # three",
    'A="one # two"# three',
    "A='one' two",
    'A="one"two"',
    "A='one",
    'A="',
    'A=""',
    "A=''",
    'A=`it\'s "so"`',
    'A="line\\nnext\\r\\ttab"',
    "A='line\\nnext'",
    'A="first\nsecond"\nB=1',
    'A="first\r\nsecond"\r\nB=1',
    "A='first\nB=2\n'",
    'A="a\\"b"',
    "A='a\\'b'",
    'A="ends\\"\nB="x"',
    "A=1\nA=2\nB=3\nA='4'",
    "# A=1\n#B=2\nC=3",
    "A.b-c_D=1",
    "1A=2",
    "A B=1",
    "=1\nA=2",
    'A=${B}\nC="${D:-x}"\nE=\\$F\nG=$H',
    "A=\u00a0x\u00a0\nB=ü#1",
    "\ufeffA=1",
    "A==1\nB=c=d",
    "   \n\n  A=1",
    "A='1' B='2'",
    "A=1 ' # 2'",
    "yaml:\n  A: 1",
    'A="not\\nclosed',
    "A:\nB=2\nC=3",
    "A:\r\nB=2\r\nC='3'",
    "A:\r\n\r\nB=2",
    "A=\r\n\r\n'x'\r\nB=1",
    "\r\nA=1\r\r\nB: \r\n 'x\r\ny' # z\r\nC=\r\n",
]


@pytest.mark.parametrize("text", FILES)
def test_an_env_file_is_read_as_dotenv_reads_it(dotenv: Callable[[str], dict[str, str]], text: str) -> None:
    assert values(text) == dotenv(text)


@given(
    st.lists(
        st.sampled_from(
            ["A", "B", "=", ":", " ", "\n", "\r\n", "\r", "'", '"', "`", "#", "\\", "\\n", "export ", "x", "$"]
        )
    )
)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
    max_examples=1000,
    deadline=None,
    derandomize=True,
)
def test_any_text_is_read_as_dotenv_reads_it(dotenv: Callable[[str], dict[str, str]], pieces: list[str]) -> None:
    text = "".join(pieces)
    assert values(text) == dotenv(text)


@pytest.mark.parametrize("text", FILES)
def test_the_place_of_a_value_is_its_own(text: str) -> None:
    for found in read_env(text):
        if found.context == "fixed":
            continue  # nothing is written there
        assert decode(text[found.start : found.end], found.quote) == found.value
        before = text[found.start - len(found.quote) : found.start]
        assert before == text[found.end : found.end + len(found.quote)] == found.quote


VALUES = st.text(st.sampled_from("ab:/@?&=#%$ '\"`\\nr\n\r{}ü"), max_size=12)


@given(st.sampled_from(["A=old", "A='old'", 'A="old"', "A=`old`", "A: old", "A=", "export A = old # why"]), VALUES)
@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
    max_examples=300,
    deadline=None,
)
def test_what_is_written_is_what_dotenv_reads(dotenv: Callable[[str], dict[str, str]], line: str, value: str) -> None:
    text = f"B=before\n{line}\nC='after'\nD=\"x\"\n"
    found = next(one for one in read_env(text) if one.name == "A")
    change = rewritten("env", "", "A", found.quote, value)
    if change is None:
        assert set(value) & set("\"'`\r\\")
        return
    start, end = found.start - change.before, found.end + change.after
    new = text[:start] + change.text + text[end:]
    assert dotenv(new) == {"B": "before", "A": value, "C": "after", "D": "x"}
    assert values(new) == dotenv(new)
