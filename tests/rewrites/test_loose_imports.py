"""Imports that two changes of a file, each right by itself, would leave over or take from each other."""

from __future__ import annotations

import pytest

from prismafix.rewrites.loose_imports import comes_apart

_ES = 'import { A } from "x";\n\n'
_CJS = 'const { A } = require("x");\n\n'


def apart(before: str, first: str, second: str, both: str, path: str = "a.ts") -> bool:
    return comes_apart(path, before.encode(), (first.encode(), second.encode()), both.encode())


@pytest.mark.parametrize(
    ("before", "first", "second", "both", "expected"),
    [
        # each relies on the use that the other one takes away
        (_ES + "one(A);\ntwo(A);\n", _ES + "two(A);\n", _ES + "one(A);\n", _ES, True),
        (_CJS + "one(A);\ntwo(A);\n", _CJS + "two(A);\n", _CJS + "one(A);\n", _CJS, True),
        (_ES + "one(A);\ntwo(A);\n", _ES + "two(A);\n", _ES + "one(A);\n", _ES + "three(A);\n", False),
        # a type is a use, and a name that means something nearer is none
        (_ES + "let a: A;\nnew A();\n", _ES + "new A();\n", _ES + "let a: A;\n", _ES + "f = (A) => A;\n", True),
        # the first takes the import that the second begins to need
        (_ES + "one(A);\ntwo();\n", "two();\n", _ES + "one(A);\ntwo(A);\n", "two(A);\n", True),
        (_ES + "one(A);\ntwo();\n", "two();\n", _ES + "one(A);\nf = (A) => A;\n", "f = (A) => A;\n", False),
        # what was unused before is the author's
        (_ES + "one();\ntwo();\n", _ES + "two();\n", _ES + "one();\n", _ES, False),
        # for what one of them leaves over by itself the other one need not wait
        (_ES + "one(A);\ntwo();\n", _ES + "two();\n", _ES + "one(A);\n", _ES, False),
    ],
)
def test_two_changes(before: str, first: str, second: str, both: str, expected: bool) -> None:
    assert apart(before, first, second, both) is expected
