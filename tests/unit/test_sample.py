"""The sample: independent of order and shards, proportional, exact in number, and honest about what is lacking."""

import json
import pickle
import random
from array import array
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.config.scalars import Draw
from twokey.config.shape import Recording, Sample
from twokey.detectors import default_scanner
from twokey.errors import TwokeyError
from twokey.readers.jsonl import JsonlReader
from twokey.record import Record, Source, Unreadable
from twokey.sample import (
    AUDIT,
    SAMPLE,
    Census,
    Counter,
    Drawn,
    census,
    draw,
    key,
    merge_census,
    refuse_duplicates,
    unreadable_lines,
)
from twokey.sample.counting import MAX_STRATA, _repeated
from twokey.sample.drawing import apportion

READER = JsonlReader()


def policy(
    synthetic: int | None = 10, production: int | None = 10, seed: int = 7, by: str | None = "channel"
) -> Sample:
    return Sample(synthetic=Draw(synthetic), production=Draw(production), stratify_by=by, seed=seed)


def records(source: Source, count: int, stratum: str = "", start: int = 0) -> list[Record]:
    return [Record(id=f"{source}-{stratum}-{i}", source=source, stratum=stratum) for i in range(start, start + count)]


def counted(rows: Sequence[Record | Unreadable], seed: int = 7, shard: int = 0) -> Census:
    counter = Counter(seed, shard)
    counter.add(rows)
    return counter.census()


def taken(drawn: Drawn, rows: Sequence[Record]) -> set[str]:
    return {row.id for row in rows if drawn.takes(row)}


def test_the_key_is_blake2b_and_differs_by_seed_and_purpose() -> None:
    assert key("case-1", 7, SAMPLE) == 0xBFEABD6B7856A28B
    assert len({key("case-1", seed, purpose) for seed in (-1, 0, 7, 10**100) for purpose in (SAMPLE, AUDIT)}) == 8
    assert 0 <= key("\ud800", 0, SAMPLE) < 2**64


def test_counting_gives_back_the_records_keys_in_their_order_for_its_purpose() -> None:
    rows: list[Record | Unreadable] = [*records("production", 3), *records("synthetic", 2, "mail")]
    rows.insert(3, Unreadable(line=4, reason="no"))
    counter = Counter(7, 0, AUDIT)
    made = counter.add(rows)
    assert list(made) == [key(row.id, 7, AUDIT) for row in rows if isinstance(row, Record)]
    found = counter.census()
    assert (found.records, found.unreadable, found.purpose) == (5, 1, AUDIT)
    assert {cell: len(keys) for cell, keys in found.keys.items()} == {("production", ""): 3, ("synthetic", "mail"): 2}


def test_no_sample_is_drawn_by_the_keys_of_the_audit() -> None:
    counter = Counter(7, 0, AUDIT)
    rows = records("production", 3)
    counter.add(rows)
    with pytest.raises(ValueError, match="nothing to draw a sample by"):
        draw(counter.census(), policy())
    assert taken(draw(counter.census(), policy(None, None)), rows) == {row.id for row in rows}


def test_a_thousand_of_each_by_default() -> None:
    rows = records("synthetic", 3000) + records("production", 1200)
    drawn = draw(counted(rows, seed=0), Sample())
    assert [(share.source, share.wanted, share.available, share.drawn) for share in drawn.shares] == [
        ("synthetic", 1000, 3000, 1000),
        ("production", 1000, 1200, 1000),
        ("unknown", 2000, 0, 0),
    ]
    assert len(taken(drawn, rows)) == drawn.size == 2000
    assert drawn.notes == ("2,000 of 4,200 records are judged; the others were not drawn",)


def test_a_shortfall_is_said() -> None:
    rows = records("synthetic", 412) + records("production", 3000)
    drawn = draw(counted(rows), policy(1000, 1000, by=None))
    assert drawn.notes == (
        "wanted 1,000 synthetic records, the recording has 412",
        "1,412 of 3,412 records are judged; the others were not drawn",
    )
    assert taken(drawn, rows) >= {row.id for row in rows[:412]}
    assert drawn.size == 1412


def test_where_all_is_judged_nothing_is_said_of_what_was_not_drawn() -> None:
    assert draw(counted(records("synthetic", 10) + records("production", 10)), policy(10, 10, by=None)).notes == ()


def test_unknown_records_are_drawn_where_the_others_are_lacking() -> None:
    rows = records("unknown", 50) + records("synthetic", 4)
    drawn = draw(counted(rows), policy(10, 10, by=None))
    assert drawn.notes == (
        "wanted 10 synthetic records, the recording has 4",
        "wanted 10 production records, the recording has 0",
        "50 records carry no known source: they count as unknown, and 20 of them are judged",
        "24 of 54 records are judged; the others were not drawn",
    )
    assert drawn.size == len(taken(drawn, rows)) == 24


@pytest.mark.parametrize(("there", "judged"), [(15, 15), (20, 20), (50, 20)])
def test_unknown_records_are_judged_where_nothing_is_lacking(there: int, judged: int) -> None:
    rows = records("unknown", there) + records("synthetic", 40) + records("production", 40)
    drawn = draw(counted(rows), policy(10, 10, by=None))
    assert drawn.notes == (
        f"{there} records carry no known source: they count as unknown, and {judged} of them are judged",
        f"{20 + judged} of {there + 80} records are judged; the others were not drawn",
    )
    assert len([row for row in rows[:there] if drawn.takes(row)]) == judged


def test_a_stratum_that_is_somebody_s_address_is_not_named() -> None:
    strata = ("jo@example.com", "li@example.com", "chat")
    rows = [row for stratum in strata for row in records("synthetic", 20, stratum)]
    drawn = draw(counted(rows), policy(10, 0), default_scanner())
    assert "example.com" not in str(drawn.plain())
    assert [name for name, _, _ in drawn.shares[0].strata] == ["chat", "[pii.email] 1", "[pii.email] 2"]
    assert taken(drawn, rows) == taken(draw(counted(rows), policy(10, 0)), rows)


@pytest.mark.parametrize("limits", [(None, None), (None, 5), (5, None)])
def test_all_takes_all_of_that_source_and_all_unknown_ones(limits: tuple[int | None, int | None]) -> None:
    rows = records("unknown", 30) + records("synthetic", 30) + records("production", 30)
    drawn = draw(counted(rows), policy(*limits, by=None))
    assert [share.drawn for share in drawn.shares] == [*(30 if limit is None else limit for limit in limits), 30]
    assert len(taken(drawn, rows)) == drawn.size


def test_nothing_wanted_or_nothing_there_draws_nothing() -> None:
    assert draw(counted(records("synthetic", 5)), policy(0, 5)).size == 0
    nothing = draw(counted([]), policy(1000, 1000))
    assert nothing.size == 0
    assert nothing.notes[0] == "wanted 1,000 synthetic records, the recording has 0"


def test_strata_keep_their_proportions_and_those_too_small_are_said() -> None:
    rows = records("synthetic", 600, "chat") + records("synthetic", 390, "email") + records("synthetic", 10, "fax")
    drawn = draw(counted(rows), policy(10, 0))
    assert drawn.shares[0].strata == (("chat", 600, 6), ("email", 390, 4), ("fax", 10, 0))
    assert "no synthetic record is drawn of 1 small strata of channel: 'fax'" in drawn.notes
    assert drawn.size == len(taken(drawn, rows)) == 10


def test_records_without_the_group_are_a_stratum_of_their_own_and_said() -> None:
    drawn = draw(counted(records("synthetic", 20, "chat") + records("synthetic", 20)), policy(10, 0))
    assert drawn.shares[0].strata == (("", 20, 5), ("chat", 20, 5))
    assert drawn.notes == (
        "10 of 40 records are judged; the others were not drawn",
        "20 records carry no channel: they are a stratum of their own",
    )


@given(
    there=st.dictionaries(st.text(max_size=3), st.integers(1, 10**6), min_size=1, max_size=8),
    wanted=st.none() | st.integers(0, 10**6),
)
def test_apportioning_is_exact_proportional_and_within_what_is_there(there: dict[str, int], wanted: int | None) -> None:
    parts = apportion(there, wanted)
    total = sum(there.values())
    quota = total if wanted is None else min(wanted, total)
    assert sum(parts.values()) == quota
    for stratum, size in there.items():
        assert 0 <= parts[stratum] <= size
        assert abs(parts[stratum] * total - quota * size) < total
    assert apportion(dict(reversed(there.items())), wanted) == parts


LIMITS = st.tuples(*[st.none() | st.integers(0, 20)] * 2).filter(lambda limits: limits != (0, 0))
ROWS = st.lists(
    st.builds(
        Record,
        id=st.integers(0, 10**9).map(str),
        source=st.sampled_from(["synthetic", "production", "unknown"]),
        stratum=st.sampled_from(["", "chat", "email"]),
    ),
    max_size=60,
    unique_by=lambda row: row.id,
)


@given(rows=ROWS, seed=st.integers(), limits=LIMITS, random=st.randoms())
def test_neither_order_nor_division_shows_in_the_sample(
    rows: list[Record], seed: int, limits: tuple[int | None, int | None], random: random.Random
) -> None:
    sample = policy(*limits, seed=seed)
    whole = draw(counted(rows, seed), sample)
    shuffled = random.sample(rows, len(rows))
    cuts = sorted(random.choices(range(len(rows) + 1), k=3))
    parts = [shuffled[a:b] for a, b in zip([0, *cuts], [*cuts, len(rows)], strict=True)]
    counts = [counted(part, seed, shard) for shard, part in enumerate(parts)]
    random.shuffle(counts)
    divided = draw(reduce(merge_census, counts), sample)
    assert divided == whole
    assert divided.plain() == whole.plain()
    assert len(taken(divided, shuffled)) == divided.size == sum(share.drawn for share in divided.shares)
    json.dumps(divided.plain())
    assert pickle.loads(pickle.dumps(divided)) == divided  # noqa: S301 (our own bytes)


@given(rows=ROWS, limits=LIMITS)
def test_the_baseline_has_the_pair_of_every_drawn_record_whatever_its_own_source(
    rows: list[Record], limits: tuple[int | None, int | None]
) -> None:
    drawn = draw(counted(rows), policy(*limits))
    pairs = [Record(id=row.id, source="production", stratum="other") for row in rows]
    paired = {row.id for row in pairs if drawn.takes_paired(row)}
    assert taken(drawn, rows) <= paired
    if not drawn.whole:
        assert taken(drawn, rows) == paired


def test_a_larger_draw_contains_the_smaller_one_and_another_seed_draws_others() -> None:
    rows = records("synthetic", 500)
    small, large = (taken(draw(counted(rows), policy(n, 0)), rows) for n in (50, 100))
    assert small < large
    other = taken(draw(counted(rows, seed=8), policy(50, 0, seed=8)), rows)
    assert len(other & small) < 20


def test_merging_counts_is_associative_and_commutative_with_the_empty_one_as_neutral() -> None:
    fault = Unreadable(line=3, reason="bad")
    one, two, three = (counted([*records("synthetic", 5, start=5 * i), fault], shard=i) for i in range(3))
    empty = counted([])
    left, right = merge_census(merge_census(one, two), three), merge_census(one, merge_census(two, three))
    assert left == right
    assert (left.records, left.unreadable) == (15, 3)
    assert (
        left.examples
        == merge_census(merge_census(three, two), one).examples
        == ((0, 3, "bad"), (1, 3, "bad"), (2, 3, "bad"))
    )
    assert merge_census(one, empty) == merge_census(empty, one) == one
    assert draw(left, policy()) == draw(merge_census(three, merge_census(one, two)), policy())


def test_a_group_that_never_repeats_is_no_stratum() -> None:
    rows = [Record(id=str(i), stratum=str(i)) for i in range(MAX_STRATA + 1)]
    with pytest.raises(TwokeyError, match="stratify_by gives more than 1,000 strata"):
        counted(rows)
    halves = counted(rows[:600]), counted(rows[600:])
    with pytest.raises(TwokeyError, match="stratify_by gives more than 1,000 strata"):
        merge_census(*halves)


# From files


def recording(path: Path, rows: Sequence[Any]) -> Recording:
    path.write_bytes(b"".join(row if isinstance(row, bytes) else json.dumps(row).encode() + b"\n" for row in rows))
    return Recording(path=str(path), id="id", source="source", groups={"channel": "channel"})


def test_a_file_in_shards_gives_the_same_sample_and_the_lines_of_the_file(tmp_path: Path) -> None:
    rows: list[Any] = [
        {
            "id": i,
            "source": ("synthetic", "production")[i % 2],
            "channel": ("chat", "email", None)[i % 3],
            "x": "y" * 100,
        }
        for i in range(4000)
    ]
    for line in range(100, 4000, 130):
        rows[line] = b"broken\n"
    where = recording(tmp_path / "a.jsonl", rows)
    found = []
    for count in (1, 5):
        shards = READER.shards(where.path, count)
        assert len(shards) == count
        whole = reduce(merge_census, [census(READER, shard, where, policy()) for shard in shards])
        refuse_duplicates(whole, READER, shards, where)
        assert (whole.records, whole.unreadable) == (3970, 30)
        found.append((draw(whole, policy()), unreadable_lines(whole, READER, shards)))
    assert found[0] == found[1]
    assert [line for line, _ in found[0][1]] == [line + 1 for line in range(100, 2571, 130)]


def test_an_id_that_stands_twice_is_an_error_naming_both_lines_even_across_shards(tmp_path: Path) -> None:
    rows: list[Any] = [b"\n", *({"id": f"case-{i}", "x": "y" * 100} for i in range(3000))]
    rows[2500] = {"id": "case-7", "source": "production"}
    where = recording(tmp_path / "a.jsonl", rows)
    for count in (1, 4):
        shards = READER.shards(where.path, count)
        whole = reduce(merge_census, [census(READER, shard, where, policy()) for shard in shards])
        with pytest.raises(TwokeyError) as caught:
            refuse_duplicates(whole, READER, shards, where)
        path = where.path
        assert str(caught.value) == (
            f"{path}:2501: the id 'case-7' stands on line 9 and on line 2501; expected every id once "
            f"(the other is {path}:9)"
        )
        assert caught.value.status == 4


def test_a_number_and_its_text_are_the_same_id(tmp_path: Path) -> None:
    where = recording(tmp_path / "a.jsonl", [{"id": 1}, {"id": "1"}])
    shards = READER.shards(where.path, 1)
    with pytest.raises(TwokeyError, match="the id '1' stands on line 1 and on line 2"):
        refuse_duplicates(census(READER, shards[0], where, policy()), READER, shards, where)


def test_two_ids_with_one_key_are_no_duplicates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    where = recording(tmp_path / "a.jsonl", [{"id": "a"}, {"id": "b"}])
    shards = READER.shards(where.path, 1)
    monkeypatch.setattr("twokey.sample.counting.key", lambda *_: 5)  # nobody can find a real collision of 64 bits
    monkeypatch.setattr("twokey.sample.counting.keys", lambda ids, *_: [5 for _ in ids])
    whole = census(READER, shards[0], where, policy())
    assert _repeated(whole.keys.values()) == {5}
    refuse_duplicates(whole, READER, shards, where)


SPREAD = {item * (2**64 // 50_000) for item in range(50_000)}


@settings(max_examples=20)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=50), st.integers(0, 3))
def test_repeated_keys_are_found_in_any_number_of_parts(keys: list[int], copies: int) -> None:
    twice = set(keys[: copies * 2])
    whole = [array("Q", SPREAD | set(keys)), array("Q", twice)]
    assert _repeated(whole) == twice


def test_a_baseline_of_other_cases_is_drawn_by_the_same_rule_and_one_of_the_same_cases_adds_nothing() -> None:
    rows = records("production", 300)
    drawn = draw(counted(rows), policy(0, 40))
    assert drawn.and_of(draw(counted(rows), policy(0, 40))) == drawn
    others = [Record(id=f"other-{row.id}", source="production") for row in rows]
    beside = drawn.and_of(draw(counted(others), policy(0, 40)))
    assert sum(beside.takes_paired(row) for row in others) == 40
    assert {row.id for row in rows if beside.takes_paired(row)} == taken(drawn, rows)
