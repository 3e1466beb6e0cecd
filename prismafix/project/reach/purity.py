"""What is known of globals, methods and packages: which of them compute something and change nothing outside."""

from __future__ import annotations

from prismafix.project.denote.arrays import ITERATING

PURE_GLOBALS = frozenset(
    (
        *("Math", "JSON", "Object", "Number", "String", "Boolean", "Array", "Date", "Map", "Set", "WeakMap"),
        *("Symbol", "BigInt", "RegExp", "Promise", "Error", "TypeError", "RangeError", "Intl", "URL"),
        *("URLSearchParams", "Uint8Array", "Buffer", "console", "parseInt", "parseFloat", "isNaN", "Reflect"),
        *("structuredClone", "TextEncoder", "TextDecoder"),
    )
)

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

PURE_PACKAGES = frozenset(
    (
        *("date-fns", "date-fns-tz", "dayjs", "moment", "luxon", "lodash", "lodash-es", "ramda", "remeda"),
        *("radash", "es-toolkit", "fp-ts", "effect", "neverthrow", "ts-pattern", "big.js", "bignumber.js"),
        *("decimal.js", "currency.js", "ms", "bytes", "pretty-bytes", "pluralize", "slugify"),
        *("@sindresorhus/slugify", "change-case", "camelcase-keys", "zod", "yup", "joi", "valibot", "superjson"),
        *("devalue", "flat", "deepmerge", "fast-deep-equal", "clsx", "classnames", "uuid", "nanoid", "cuid"),
        *("@paralleldrive/cuid2", "ulid", "short-uuid", "class-validator", "class-transformer", "http-errors"),
        *("http-status-codes", "qs", "query-string", "path", "url", "util", "querystring", "crypto", "buffer"),
        *("os", "assert", "@prisma/client", "react"),
    )
)
"""Packages whose functions compute and change nothing outside: calling them later makes no difference."""
