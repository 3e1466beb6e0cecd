"""A copy of the package in which the chosen modules hold their mutants beside the originals."""

from __future__ import annotations

import ast
import difflib
import random
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from dataclasses import dataclass
from itertools import chain, compress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import libcst as cst
from mutmut.mutation import file_mutation, mutators
from mutmut.mutation.pragma_handling import IgnoredCode

from tests.mutants.switch import key_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator

REPOSITORY = Path(__file__).resolve().parents[2]

_CACHES = re.compile(r"^ *@lru_cache\(maxsize=\d+\)\n", re.MULTILINE)
"""What a cache keeps from before the fork would hide a mutant, and mutmut does not touch a decorated function."""

_MESSAGES = ("Refusal", "Doubt")
"""What these take is a sentence for people; the tests do not repeat it letter by letter."""


Identity = tuple[str, str, str]
"""Module, function and change: what a mutant is, also where its number and its place in the function are others."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change to one function: `module` is dotted, `name` mutmut's, `diff` in unified form."""

    module: str
    name: str
    diff: str

    @property
    def function(self) -> tuple[str, str]:
        """As `switch.called` has it."""
        return self.module, key_of(self.name)


def identity(module: str, name: str, diff: str) -> Identity:
    """Of a mutant, by mutmut's name of it and its diff."""
    return module, key_of(name), "\n".join(line for line in diff.splitlines() if not line.startswith("@@"))


def negated(node: cst.If | cst.CompIf) -> Iterator[cst.CSTNode]:
    """`if a` as `if not a`, where mutmut does not change the condition itself."""
    if not isinstance(node.test, cst.Comparison | cst.UnaryOperation):
        test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        yield node.with_changes(test=cst.UnaryOperation(cst.Not(), test))


def left_out(node: cst.Expr) -> Iterator[cst.CSTNode]:
    """A call as a statement is not made."""
    if isinstance(node.value, cst.Call | cst.Yield):
        yield cst.Pass()


def marked(node: cst.BaseString) -> Iterator[cst.CSTNode]:
    """mutmut's first change of a string. The other two, in capitals and in small letters, tell nothing more."""
    yield from list(mutators.operator_string(node))[:1]


def operators() -> list[tuple[type, Any]]:
    """What is changed."""
    kept = [
        (kind, marked if operator is mutators.operator_string else operator)
        for kind, operator in mutators.mutation_operators
    ]
    return [*kept, (cst.If, negated), (cst.CompIf, negated), (cst.Expr, left_out)]


def source_of(module: str) -> Path:
    """The file of a module, dotted."""
    return REPOSITORY / f"{module.replace('.', '/')}.py"


def modules(patterns: Iterable[str]) -> list[Path]:
    """Modules by dotted name, whole packages by theirs. Raises SystemExit for a name that is neither."""
    found: list[Path] = []
    for pattern in patterns:
        module = source_of(pattern)
        if module.with_suffix("").is_dir():
            found += [inner for inner in sorted(module.with_suffix("").glob("*.py")) if inner.name != "__init__.py"]
        elif module.is_file():
            found.append(module)
        else:
            raise SystemExit(f"{pattern}: no such module; write it like prismafix.rewrites.batch_reads")
    return found


def generate(
    place: Path, paths: Iterable[Path], sample: int, seed: str, only: Container[Identity] | None = None
) -> tuple[list[Mutant], dict[str, int]]:
    """Write the package into `place`. Returns `sample` mutants of each module (0: all), and how many it has. With
    `only` those that have such an identity, whatever the sample."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(REPOSITORY / "prismafix", place / "prismafix", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(Path(__file__).with_name("switch.py"), place / "prismafix")
    (place / "queries").symlink_to(REPOSITORY / "queries")
    mutants: list[Mutant] = []
    total: dict[str, int] = {}
    for path in paths:
        relative = path.relative_to(REPOSITORY)
        module = ".".join(relative.with_suffix("").parts)
        code = _CACHES.sub("", path.read_text(encoding="utf-8"))
        visitor = file_mutation.MutationVisitor(operators(), IgnoredCode(set(), set(), set()))
        tree = cst.MetadataWrapper(cst.parse_module(code)).visit(visitor)
        texts = _texts_for_people(tree)
        found = [m for m in visitor.mutations if id(m.original_node) not in texts and _is_in_function(m)]
        total[module] = len(found)
        if only is not None:
            every = file_mutation.combine_mutations_to_source(tree, found)
            known = [identity(module, name, diff) in only for name, diff in _diffs(every).items()]
            groups = file_mutation.group_by_top_level_node(found).values()
            found = list(compress(chain.from_iterable(groups), known))
        elif sample and sample < len(found):
            chosen = set(random.Random(f"{seed} {module}").sample(range(len(found)), sample))
            found = [mutation for index, mutation in enumerate(found) if index in chosen]
        made = file_mutation.combine_mutations_to_source(tree, found)
        code = made.code.replace("from mutmut.mutation.trampoline import", "from prismafix.switch import")
        (place / relative).write_text(code, encoding="utf-8")
        mutants += [Mutant(module, name, diff) for name, diff in _diffs(made).items()]
    return mutants, total


def _is_in_function(mutation: file_mutation.Mutation) -> bool:
    return isinstance(mutation.contained_by_top_level_function, cst.FunctionDef)


def _texts_for_people(tree: cst.Module) -> set[int]:
    found: set[int] = set()

    class Visitor(cst.CSTVisitor):
        def visit_Call(self, node: cst.Call) -> None:  # noqa: N802
            if isinstance(node.func, cst.Name) and node.func.value in _MESSAGES:
                found.update(id(part) for argument in node.args for part in _strings(argument.value))

    tree.visit(Visitor())
    return found


def _strings(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    if isinstance(node, cst.SimpleString):
        yield node
    for child in node.children:
        yield from _strings(child)


def _diffs(made: file_mutation.MutatedFile) -> dict[str, str]:
    """What each mutant changes, by its name."""
    code = made.code.splitlines()

    def lines(name: str) -> list[str]:
        span = made.line_span_by_function_name[name]
        text = "\n".join(code[span.start - 1 : span.end])
        return text.replace(name, key_of(name).removeprefix("x_")).strip().splitlines()

    found = {}
    for name in made.mutant_names:
        original = lines(f"{key_of(name)}__mutmut_orig")
        found[name] = "\n".join(list(difflib.unified_diff(original, lines(name), lineterm="", n=2))[2:])
    return found


def refused_by_mypy(place: Path, mutants: Iterable[Mutant]) -> set[Mutant]:
    """The mutants that do not pass the type check, which `make test` runs before any test."""
    command = [sys.executable, "-m", "mypy", "--config-file", str(REPOSITORY / "pyproject.toml"), "--no-error-summary"]
    said = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
    if said.returncode not in (0, 1):
        raise SystemExit(said.stdout + said.stderr)
    lines: dict[str, set[int]] = defaultdict(set)
    for line in said.stdout.splitlines():
        match = re.match(r"(\S+\.py):(\d+): error: (.*)", line)
        # A mutant may leave a comment on the line without the error that it is there for.
        if match and not match[3].endswith("[unused-ignore]"):
            lines[".".join(Path(match[1]).with_suffix("").parts)].add(int(match[2]))
    found = set()
    for module, wrong in lines.items():
        spans = _spans(place / (module.replace(".", "/") + ".py"))
        names = {name for name, (start, end) in spans.items() if any(start <= line <= end for line in wrong)}
        found |= {mutant for mutant in mutants if mutant.module == module and mutant.name in names}
    return found


def _spans(path: Path) -> dict[str, tuple[int, int]]:
    """First and last line (1-based) of every mutant."""
    return {
        node.name: (node.lineno, node.end_lineno or node.lineno)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name
    }
