"""Stands in the copy of the package as `prismafix.switch`: which mutant is on, and which functions were called."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from inspect import isgeneratorfunction
from typing import Any, TypeVar

MutantDict = dict[str, Callable[..., Any]]
F = TypeVar("F", bound=Callable[..., Any])

on: tuple[str, str] = ("", "")
"""The module and the name of the mutant that runs in the place of its original."""

called: set[tuple[str, str]] = set()
"""Module and key (see `key_of`) of every function that ran."""


def key_of(mutant: str) -> str:
    """What the mutants of one function have in common: `x_f__mutmut_3` is `x_f`."""
    return mutant.rpartition("__mutmut_")[0]


def wrap_in_trampoline(mutants: MutantDict, is_classmethod: bool = False) -> Callable[[F], F]:
    """The decorator that mutmut puts on every function. `mutants` is filled after the function is defined."""

    def decorate(original: Any) -> Any:
        module = original.__module__

        def chosen(arguments: tuple[Any, ...], named: dict[str, Any]) -> Any:
            mutant = mutants.get(on[1]) if on[0] == module else None
            if mutant is None:
                if not on[0]:
                    called.add((module, key_of(next(reversed(mutants)))))
                return original(*arguments, **named)
            return mutant(*arguments[is_classmethod:], **named)  # a class method is bound already

        if isgeneratorfunction(original):

            @wraps(original)
            def generate(*arguments: Any, **named: Any) -> Any:
                return (yield from chosen(arguments, named))

            return generate

        @wraps(original)
        def call(*arguments: Any, **named: Any) -> Any:
            return chosen(arguments, named)

        return call

    return decorate
