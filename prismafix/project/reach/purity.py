"""What is known of globals, methods and packages: which of them compute something and change nothing outside."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from prismafix.project.denote.arrays import ITERATING
from prismafix.project.denote.packages import LOGGING
from prismafix.project.index.resolve import split_package

if TYPE_CHECKING:
    from prismafix.facts.model import Expr
    from prismafix.project.denote.values import External

PURE_GLOBALS = frozenset(
    (
        *("Math", "JSON", "Object", "Number", "String", "Boolean", "Array", "Date", "Map", "Set", "WeakMap"),
        *("Symbol", "BigInt", "RegExp", "Promise", "Error", "TypeError", "RangeError", "Intl", "URL"),
        *("URLSearchParams", "Uint8Array", "Buffer", "console", "parseInt", "parseFloat", "isNaN", "Reflect"),
        *("structuredClone", "TextEncoder", "TextDecoder", "encodeURIComponent", "decodeURIComponent", "encodeURI"),
        *("decodeURI", "isFinite", "atob", "btoa", "performance", "SyntaxError", "ReferenceError", "URIError"),
        *("AggregateError", "WeakSet", "ArrayBuffer", "DataView", "Headers", "Blob", "AbortController", "AbortSignal"),
    )
)

CALLING_GLOBALS = frozenset(("Promise", "Reflect"))
"""Those of `PURE_GLOBALS` that call what they are given first: `new Promise(run)`."""

PURE_METHODS = frozenset(
    (
        *("map", "filter", "find", "findIndex", "findLast", "some", "every", "reduce", "reduceRight", "flat"),
        *("flatMap", "includes", "indexOf", "join", "slice", "concat", "keys", "values", "entries", "at", "has"),
        *("get", "toString", "toUpperCase", "toLowerCase", "trim", "split", "replace", "replaceAll"),
        *("startsWith", "endsWith", "match", "padStart", "padEnd", "toFixed", "toISOString", "getTime", "toJSON"),
        *("charAt", "substring", "localeCompare", "forEach", "test", "then", "catch", "finally", "toNumber"),
        *("valueOf", "getFullYear", "getMonth", "getDate", "toLocaleString", "toLocaleDateString"),
        *("toLocaleLowerCase", "normalize", "repeat", "trimEnd", "trimStart", "equals", "minus", "plus", "add"),
        *("sub", "mul", "div"),
    )
)
"""By name alone: of arrays, strings, dates, promises, decimals and maps."""

RUNNING_METHODS = ITERATING | {"then", "catch", "finally"}
"""They call the function that they are given."""

CHANGING_METHODS = frozenset(("push", "unshift", "splice", "set", "delete", "pop", "shift", "sort", "reverse", "fill"))
"""They change what they are called on, and nothing else."""

_GIVING_THEMSELVES = frozenset(("sort", "reverse", "fill", "set"))
_FRESH = frozenset(
    (
        *("split", "map", "filter", "flatMap", "slice", "concat", "flat", "toSorted", "toReversed", "toSpliced"),
        *("match", "splice"),
    )
)
_FRESH_STATICS = frozenset((("Object", "keys"), ("Object", "values"), ("Object", "entries"), ("Array", "from")))

PURE_PACKAGES = frozenset(
    (
        *("date-fns", "date-fns-tz", "dayjs", "moment", "luxon", "lodash", "lodash-es", "ramda", "remeda"),
        *("radash", "es-toolkit", "fp-ts", "effect", "neverthrow", "ts-pattern", "big.js", "bignumber.js"),
        *("decimal.js", "currency.js", "ms", "bytes", "pretty-bytes", "pluralize", "slugify"),
        *("@sindresorhus/slugify", "change-case", "camelcase-keys", "zod", "yup", "joi", "valibot", "superjson"),
        *("devalue", "flat", "deepmerge", "fast-deep-equal", "clsx", "classnames", "uuid", "nanoid", "cuid"),
        *("@paralleldrive/cuid2", "ulid", "short-uuid", "class-validator", "class-transformer", "http-errors"),
        *("http-status-codes", "qs", "query-string", "path", "url", "util", "querystring", "crypto", "buffer"),
        *("os", "assert", "@prisma/client", "react", "graphql", "async_hooks"),
    )
)
"""Packages whose functions compute and change nothing outside: calling them later makes no difference."""

_PURE_MEMBERS = {
    "@nestjs/common": re.compile(r"Logger|\w+Exception"),
    "@trpc/server": re.compile(r"TRPCError"),
    "fs": re.compile(r"existsSync|readFileSync|statSync|lstatSync|readdirSync|realpathSync|accessSync"),
}
"""Of packages that do other things too: what one of the names must be."""


def is_pure(value: External) -> bool:
    """Whether a function or class of a package computes, reads or writes a log, and changes nothing else. A log's lines
    may come in another order, as those of `console`."""
    package = split_package(value.specifier.removeprefix("node:"))[0]
    members = _PURE_MEMBERS.get(package)
    if members is not None:
        return any(members.fullmatch(name) for name in value.names)
    return package in PURE_PACKAGES or package in LOGGING


def is_fresh(expr: Expr) -> bool:
    """Whether an expression makes an array or collection that nobody else has: `text.split(",")`, `[...ids]`."""
    if expr.kind == "array":
        return True
    if expr.kind not in ("call", "new") or expr.callee.kind not in ("member", "name"):
        return False
    if expr.kind == "new":
        return expr.callee.text in ("Map", "Set", "Array", "URLSearchParams", "Headers")
    if expr.callee.chain() in _FRESH_STATICS:
        return True
    if expr.callee.kind != "member":
        return False
    method = expr.callee.text
    return method in _FRESH or (method in _GIVING_THEMSELVES and is_fresh(expr.callee.children[0]))
