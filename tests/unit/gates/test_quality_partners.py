import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.gates import quality_pairs
from twokey.gates.quality_pairs import Chunks, Keys, joined, pair, table
from twokey.record import Record

STATES = st.dictionaries(st.text(min_size=1, max_size=3), st.integers(1, 63), max_size=30)


def chunks(states: dict[str, int], seed: int = 7) -> Chunks:
    return Keys(seed).of([Record(id=name) for name in states], list(states.values()))


@given(now=STATES, before=STATES)
def test_pairing_is_by_id(now: dict[str, int], before: dict[str, int]) -> None:
    found = pair(chunks(now), chunks(before))
    shared = now.keys() & before.keys()
    assert sum(found.states.values()) == len(shared)
    for states, count in found.states.items():
        assert count == sum((now[name], before[name]) == states for name in shared)
    assert (found.only_candidate, found.only_baseline) == (len(now) - len(shared), len(before) - len(shared))


@given(now=STATES, before=STATES, parts=st.integers(1, 9))
def test_working_in_parts_changes_nothing(now: dict[str, int], before: dict[str, int], parts: int) -> None:
    whole = pair(chunks(now), chunks(before))
    size, quality_pairs._PASS = quality_pairs._PASS, parts
    try:
        assert pair(chunks(now), chunks(before)) == whole
    finally:
        quality_pairs._PASS = size


def test_records_that_were_not_scored_have_no_key() -> None:
    assert chunks({"a": 0}) == ()
    assert sum(map(len, chunks({"a": 0, "b": 2}))) == 1


def test_an_id_that_appears_twice_is_not_paired() -> None:
    twice = joined(chunks({"a": 1, "b": 2}), chunks({"a": 2}))
    found = pair(twice, chunks({"a": 1, "b": 2}))
    assert (sum(found.states.values()), found.only_candidate, found.only_baseline) == (1, 2, 1)


def test_the_seed_changes_the_keys_and_not_the_pairs() -> None:
    states = {str(i): 1 + i % 2 for i in range(100)}
    assert chunks(states, 1) != chunks(states, 2)
    assert chunks(states, 2**80) != chunks(states, -1)
    assert pair(chunks(states, 1), chunks(states, 1)) == pair(chunks(states, 2), chunks(states, 2))


@pytest.mark.parametrize(("name", "state"), [("b77-train-1525", 2), ("ü", 63), ("", 1)])
def test_a_key_is_58_bits_of_blake2b_over_6_bits_of_state(name: str, state: int) -> None:
    digest = hashlib.blake2b(name.encode(), digest_size=8, key=b"7").digest()
    ((key,),) = chunks({name: state})
    assert key >> 6 == int.from_bytes(digest, "little") >> 6
    assert key & 0b111111 == state


def test_keys_are_the_same_on_every_machine() -> None:
    assert [hex(key) for chunk in chunks({"b77-train-1525": 2, "ü": 1}) for key in chunk] == [
        "0x207c7e91a94e0642",
        "0xf3c0e3ff0a4ef01",
    ]


def test_many_small_merges_leave_few_chunks() -> None:
    merged: Chunks = ()
    for i in random.Random(1).sample(range(500), 500):
        merged = joined(merged, chunks({str(i): 2}))
    assert sum(map(len, merged)) == 500
    assert len(merged) <= 10
    whole = chunks({str(i): 1 for i in range(500)})
    assert pair(merged, whole).states == {(2, 1): 500}


def test_a_table_reads_its_own_two_bits() -> None:
    now, before = {"a": 2, "b": 1, "c": 2, "d": 2 + 8, "e": 4}, {"a": 1, "b": 2, "c": 2, "d": 4, "e": 8}
    accuracy = table(pair(chunks(now), chunks(before)), 0)
    assert (accuracy.n, accuracy.rose, accuracy.fell, accuracy.before) == (3, 1, 1, 2)
    flagged = table(pair(chunks(now), chunks(before)), 2)
    assert (flagged.n, flagged.rose, flagged.fell, flagged.before) == (2, 1, 1, 1)
