"""The changes that nobody can see are told apart by what they change, not by their place."""

from __future__ import annotations

import pytest

from tests.mutants.explained import FILE, explained

TEXT = """# Title

## rules.a

Nothing else comes.

```diff
@@ f
 if a is None:
-    return False
+    return True
@@ C.g
-x = 1
+x = 2
```
"""
DIFF = """@@ -7,5 +7,5 @@
     found = 1
     if a is None:
-        return False
+        return True
     return found"""


@pytest.mark.parametrize(
    ("module", "name", "diff", "expected"),
    [
        ("prismafix.rules.a", "x_f__mutmut_3", DIFF, True),
        ("prismafix.rules.a", "x_f__mutmut_9", DIFF.replace("-7", "-17").replace("found", "other"), True),
        ("prismafix.rules.a", "x_f__mutmut_3", DIFF.replace("if a", "if b"), False),
        ("prismafix.rules.a", "x_f__mutmut_3", DIFF.replace("True", "None"), False),
        ("prismafix.rules.a", "x_g__mutmut_3", DIFF, False),
        ("prismafix.rules.b", "x_f__mutmut_3", DIFF, False),
        ("prismafix.rules.a", "xǁCǁg__mutmut_1", "@@ -1,3 +1,3 @@\n def g(self):\n-    x = 1\n+    x = 2", True),
    ],
)
def test_which_change_is_explained(module: str, name: str, diff: str, *, expected: bool) -> None:
    assert any(entry.is_it(module, name, diff) for entry in explained(TEXT)) is expected


@pytest.mark.parametrize(("code", "expected"), [("if a is None:\n  return False\n", True), ("return False\n", False)])
def test_an_explanation_of_code_that_is_no_longer_there_is_found(code: str, *, expected: bool) -> None:
    assert explained(TEXT)[0].is_there(f"def f(a):\n{code}") is expected


def test_the_file_says_of_each_change_what_it_was_and_what_it_is() -> None:
    for entry in explained(FILE.read_text(encoding="utf-8")):
        assert {"-", "+"} <= {kind for kind, _ in entry.lines} <= {"-", "+", " "}, entry
