"""Facts as bytes and back."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prismafix.facts.codec import Damaged, pack, unpack
from prismafix.facts.extract import extract

FIXTURES = Path(__file__).parents[2] / "fixtures"
SUFFIXES = (".ts", ".tsx", ".js", ".mjs", ".cjs", ".mts", ".cts", ".jsx")
SOURCES = sorted(
    p for p in FIXTURES.rglob("*") if p.suffix in SUFFIXES and p.is_file() and "node_modules" not in p.parts
)


def test_facts_of_all_fixtures_come_back_as_they_were() -> None:
    assert len(SOURCES) > 100
    for path in SOURCES:
        facts = extract(path.read_bytes(), path.suffix)
        assert repr(unpack(pack(facts))) == repr(facts), path


EVERYTHING = b"""\
import d, { a as b, type T } from './x'; import * as n from 'y'; import 'z'; export * from './w'; export default class
extends (B as any) { @dec() static x = 1; constructor(private readonly p: Map<string, T>) { super() }
get g() { return 1 } }
interface I extends J { m: string } enum E { A = 1 }
for await (const [k, { v = 2, ...r }] of it) { if (k && !v) continue; else throw new Error(`t${k}t`) }
const f = async function* <X>(q: X, ...z: X[]) { yield await (q as unknown as T); sql`a ${q}`; a ??= b?.[c] ?? 'd' }
"""


def test_every_kind_of_fact_comes_back() -> None:
    facts = extract(EVERYTHING, ".ts")
    assert repr(unpack(pack(facts))) == repr(facts)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_damaged_facts_are_damaged_or_other_facts_but_never_another_error(data: st.DataObject) -> None:
    packed = bytearray(pack(extract(EVERYTHING, ".ts")))
    for _ in range(data.draw(st.integers(1, 4))):
        packed[data.draw(st.integers(0, len(packed) - 1))] = data.draw(st.integers(0, 255))
    with suppress(Damaged):
        unpack(bytes(packed[: data.draw(st.integers(0, len(packed)))]))


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x90", b"\x80"])
def test_what_is_no_facts_is_refused(data: bytes) -> None:
    with pytest.raises(Damaged):
        unpack(data)
