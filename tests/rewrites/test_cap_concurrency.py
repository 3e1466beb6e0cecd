"""One line more, or another number: the rest of a deployment file keeps every byte."""

from __future__ import annotations

import pytest

from prismafix.engine.edits import apply_edits
from prismafix.rewrites.cap_concurrency import cap_concurrency
from prismafix.rewrites.model import Fix, Refusal
from prismafix.rules.model import CapConcurrency, Intent

from .memory import Memory

HEAD = "provider:\n  name: aws\nfunctions:\n"


def capped(text: str, *caps: tuple[str, int], path: str = "serverless.yml") -> str | Refusal:
    action = CapConcurrency(path, caps)
    data = text.encode()
    fix = cap_concurrency(action, Intent(action, "cap"), Memory({path: data}))
    if isinstance(fix, Refusal):
        return fix
    assert isinstance(fix, Fix)
    return apply_edits(data, fix.edits).decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "  a:\n    handler: x.h\n    events: []\n",
            "  a:\n    handler: x.h\n    reservedConcurrency: 5\n    events: []\n",
        ),
        ("  a:\n    handler: x.h", "  a:\n    handler: x.h\n    reservedConcurrency: 5"),
        (
            "  a:\n    handler: x.h # ünser\n    timeout: 5 # s\n",
            "  a:\n    handler: x.h # ünser\n    reservedConcurrency: 5\n    timeout: 5 # s\n",
        ),
        ("  a:\r\n    handler: x.h\r\n", "  a:\r\n    handler: x.h\r\n    reservedConcurrency: 5\r\n"),
        (
            "  a:\n    timeout: 5\n    handler: 'x.h'\n",
            "  a:\n    timeout: 5\n    handler: 'x.h'\n    reservedConcurrency: 5\n",
        ),
        (
            "  a:\n    events:\n      - http: any /\n    layers: [b]\n",
            "  a:\n    reservedConcurrency: 5\n    events:\n      - http: any /\n    layers: [b]\n",
        ),
        ("  a:\n    handler: >-\n      x.h\n", "  a:\n    reservedConcurrency: 5\n    handler: >-\n      x.h\n"),
        (
            "  a:\n    handler: x.h\n    reservedConcurrency: 90 # all\n",
            "  a:\n    handler: x.h\n    reservedConcurrency: 5 # all\n",
        ),
        ("  a: { handler: x.h, timeout: 5 }\n", "  a: { handler: x.h, reservedConcurrency: 5, timeout: 5 }\n"),
        ("  a: {handler: x.h}\n", "  a: {handler: x.h, reservedConcurrency: 5}\n"),
        ("- a:\n    handler: x.h\n", "- a:\n    handler: x.h\n    reservedConcurrency: 5\n"),
        ("  'a':\n      'handler': x.h\n", "  'a':\n      'handler': x.h\n      reservedConcurrency: 5\n"),
    ],
)
def test_a_cap_is_written_in_the_files_own_way(before: str, after: str) -> None:
    assert capped(HEAD + before, ("a", 5)) == HEAD + after
    assert capped(HEAD + after, ("a", 5)) == HEAD + after
    with_mark = "\ufeff" + HEAD
    assert capped(with_mark + before, ("a", 5)) == with_mark + after


def test_several_functions_at_once_and_only_those() -> None:
    text = HEAD + "  a:\n    handler: a.h\n  b:\n    handler: b.h\n  c:\n    handler: c.h\n    reservedConcurrency: 9\n"
    after = text.replace("a.h\n", "a.h\n    reservedConcurrency: 3\n").replace(": 9", ": 12")
    assert capped(text, ("c", 12), ("a", 3)) == after


def test_json() -> None:
    text = '{\n  "provider": { "name": "aws" },\n  "functions": {\n    "a": {\n      "handler": "x.h",\n'
    text += '      "timeout": 5\n    }\n  }\n}\n'
    after = text.replace('"x.h",\n', '"x.h",\n      "reservedConcurrency": 5,\n')
    assert capped(text, ("a", 5), path="serverless.json") == after


def test_sam() -> None:
    text = (
        "Globals: { Function: { ReservedConcurrentExecutions: 90 } }\n"
        "Resources:\n  A:\n    Type: AWS::Serverless::Function\n"
        "    Properties:\n      CodeUri: src/\n      Handler: x.h\n      Role: !GetAtt Role.Arn\n"
    )
    after = text.replace("x.h\n", "x.h\n      ReservedConcurrentExecutions: 5\n")
    assert capped(text, ("A", 5), path="template.yaml") == after


@pytest.mark.parametrize(
    "text",
    [
        "  b: { handler: x.h }\n",
        "  a: &one { handler: x.h }\n  b: *one\n",
        "  a: {}\n",
        "  a: ${file(a.yml)}\n",
        "  a:\n    handler: x.h\n    reservedConcurrency:\n      Ref: Cap\n",
    ],
)
def test_what_cannot_be_kept_is_refused(text: str) -> None:
    assert isinstance(capped(HEAD + text, ("a", 5)), Refusal)
