import hashlib
import pickle
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.gates.quality_partners import Chunk, Chunks, Partners, hashes, joined
from twokey.record import Record
from twokey.scorers.base import SCALE, Score

SCORES = st.dictionaries(st.text(min_size=1, max_size=3), st.none() | st.integers(0, SCALE), max_size=30)


def records(names: dict[str, Score]) -> list[Record]:
    return [Record(id=name) for name in names]


def chunks(scores: dict[str, Score], seed: int = 7) -> Chunks:
    return (Chunk.of(records(scores), {"accuracy": list(scores.values())}, seed),)


@given(now=SCORES, before=SCORES)
def test_each_record_meets_the_score_of_its_own_id(now: dict[str, Score], before: dict[str, Score]) -> None:
    found = Partners.of(chunks(before), 7).of_records(records(now))
    assert list(found.partnered) == [name in before for name in now]
    assert list(found.scores.get("accuracy", [None] * len(now))) == [before.get(name) for name in now]


@given(before=SCORES, cut=st.integers(0, 30))
def test_how_the_baseline_was_cut_up_cannot_show(before: dict[str, Score], cut: int) -> None:
    rows = list(before.items())
    parts = joined(chunks(dict(rows[cut:])), chunks(dict(rows[:cut])))
    assert Partners.of(parts, 7) == Partners.of(chunks(before), 7)


def test_an_id_that_appears_twice_is_not_paired() -> None:
    twice = joined(chunks({"a": 1, "b": 2}), chunks({"a": 2}))
    assert list(Partners.of(twice, 7).of_records(records({"a": 0, "b": 0})).partnered) == [False, True]


def test_no_baseline_has_no_partners() -> None:
    assert list(Partners.of((), 7).of_records(records({"a": 1})).partnered) == [False]


def test_the_seed_changes_the_hashes_and_not_the_pairs() -> None:
    scores: dict[str, Score] = {str(i): i % 2 for i in range(100)}
    assert hashes(records(scores), 1) != hashes(records(scores), 2)
    assert hashes(records(scores), 2**80) != hashes(records(scores), -1)
    one, other = (Partners.of(chunks(scores, seed), seed).of_records(records(scores)) for seed in (1, 2))
    assert one == other


@pytest.mark.parametrize("name", ["b77-train-1525", "ü", ""])
def test_a_hash_is_64_bits_of_keyed_blake2b(name: str) -> None:
    digest = hashlib.blake2b(name.encode(), digest_size=8, key=b"7").digest()
    assert list(hashes([Record(id=name)], 7)) == [int.from_bytes(digest, "little")]


def test_many_small_merges_leave_few_chunks() -> None:
    merged: Chunks = ()
    for i in random.Random(1).sample(range(500), 500):
        merged = joined(merged, chunks({str(i): i}))
    assert sum(map(len, merged)) == 500
    assert len(merged) <= 10
    found = Partners.of(merged, 7).of_records(records({str(i): 0 for i in range(500)}))
    assert list(found.scores["accuracy"]) == list(range(500))


def test_partners_travel_to_other_processes() -> None:
    partners = Partners.of(chunks({"a": 1, "b": None}), 7)
    assert pickle.loads(pickle.dumps(partners)) == partners  # noqa: S301 our own bytes
