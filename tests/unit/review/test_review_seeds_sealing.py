"""What a sealed bundle is made of, and that a seed looks like the item beside it."""

from collections.abc import Mapping
from typing import Any

import pytest
from run_world import item, make_evidence, packet, records
from seed_world import KEY, LABELS, Sealed, answer, answers, evidence, failures, made, sealed

from twokey.config.review import Seeds
from twokey.errors import TwokeyError
from twokey.evidence.bundle import Evidence
from twokey.record import Record
from twokey.review.mutations import around, mutated
from twokey.review.sealing import KEPT, collected, taken
from twokey.review.seeds import Bundle, render


def origins(bundle: Bundle, key: bytes = KEY) -> list[str]:
    return sorted(one.origin for one in Sealed(bundle, key).opening().answers)


def test_the_same_key_evidence_and_files_give_the_same_bytes_in_whatever_order_records_come() -> None:
    again = made(rows=tuple(reversed(answers())))
    assert render(again) == sealed().data


def test_another_key_chooses_others() -> None:
    other = made(key=KEY[::-1])
    assert {row["id"] for row in other.items} != {row["id"] for row in sealed().bundle.items}
    assert other.commitment != sealed().bundle.commitment


def test_other_evidence_chooses_others() -> None:
    other = made(of=evidence("another"))
    assert {row["id"] for row in other.items} != {row["id"] for row in sealed().bundle.items}


def test_policy_says_how_many_of_each_there_are() -> None:
    bundle = made(Seeds(count=5, decoys=3, void_at=1, practice=3))
    assert (bundle.rule.bad, bundle.rule.decoys, bundle.rule.void_at, len(bundle.items)) == (5, 3, 1, 8)
    assert [row["answer"] for row in bundle.practice] == ["fail", "fail", "pass"]
    assert all(row["stratum"] == "practice" and row["feedback"] for row in bundle.practice)


def test_no_record_stands_twice_and_none_that_is_an_item_already() -> None:
    bundle = sealed().bundle
    ids = [row["id"] for row in (*bundle.items, *bundle.practice)]
    assert len(set(ids)) == len(ids)
    assert not {*ids} & {row["id"] for row in evidence().gradable}
    assert {*ids} <= {record.id for record in answers()}


def test_past_failures_come_first_and_mutations_make_up_what_is_missing() -> None:
    assert origins(made(past=failures(3))).count("past") == 3
    assert origins(made(past=failures(30))).count("past") == 8
    assert origins(made()) == ["decoy"] * 4 + ["other-label"] * 8


def test_another_key_draws_other_past_failures() -> None:
    def drawn(key: bytes) -> set[str]:
        return {one.why for one in Sealed(made(key=key, past=failures(30)), key).opening().answers if one.bad}

    assert drawn(KEY) != drawn(KEY[::-1])


def test_every_bad_one_is_bad_and_every_good_one_good() -> None:
    rows = {row["id"]: row for row in sealed().bundle.items}
    for one in sealed().opening().answers:
        assert (rows[one.id]["label"] != rows[one.id]["expected"]) is one.bad


def test_a_seed_has_the_fields_of_an_item_and_says_of_its_choice_what_its_neighbour_says() -> None:
    def place(row: Any) -> tuple[Any, ...]:
        return tuple(row.get(name) for name in ("stratum", "rank", "selector", "seed", "inclusion_probability"))

    beside = {place(row) for row in evidence().items}
    assert all(place(row) in beside for row in sealed().bundle.items)
    assert {row["stratum"] for row in sealed().bundle.items} == {"low-confidence", "audit"}


def test_an_output_that_repeats_its_confidence_repeats_the_one_that_is_shown() -> None:
    rows = tuple(
        answer(n, output={"label": LABELS[n % 5], "score": 0.9}, label=LABELS[n % 5], confidence=0.9)
        for n in range(120)
    )
    assert all(row["output"]["score"] == row["confidence"] for row in made(rows=rows).items)


def test_what_detectors_hide_is_hidden_in_seeds_and_in_what_is_said_of_them() -> None:
    told = failures(8)[0].__class__(
        input="jane.doe@example.org asks", output="billing", label="billing", why="jane.doe@example.org complained"
    )
    world = Sealed(made(past=(told,) * 8))
    assert b"jane.doe" not in world.data
    assert b"jane.doe" not in render(world.opening())


def test_a_change_that_nobody_would_see_is_none() -> None:
    def calling(n: int, told: str) -> Record:
        context = f"Whoever needs help calls {told}."
        return Record(
            id=f"r{n}", input="whom do I call?", output=f"Call {told}.", label=f"Call {told}.", context=context
        )

    seen = tuple(calling(n, f"within {n + 20} days") for n in range(40))
    assert len(made(rows=seen).items) == 8
    hidden = tuple(calling(n, f"+1 202-555-01{n + 20}") for n in range(40))
    assert mutated(hidden[0], around(hidden), KEY) is not None
    with pytest.raises(TwokeyError, match="only 0 known-bad outputs can be had, and policy asks for 8"):
        made(rows=hidden)


def test_too_few_known_bad_outputs_are_told_and_not_made_up() -> None:
    with pytest.raises(TwokeyError, match="only 3 known-bad outputs can be had, and policy asks for 8"):
        made(rows=tuple(answer(n, expected=None, output="x", label="x") for n in range(50)), past=failures(3))


def test_where_no_output_is_known_to_be_good_there_are_no_good_ones_and_the_rule_says_so() -> None:
    rows = tuple(answer(n, expected=None, output="x", label="x") for n in range(50))
    bundle = made(rows=rows, past=failures(8))
    assert (bundle.rule.decoys, len(bundle.items), bundle.practice) == (0, 8, [])


def test_without_items_there_is_nothing_to_mix_among() -> None:
    with pytest.raises(TwokeyError, match="no item to mix seeds among"):
        made(of=make_evidence((records(),), (), packet(), "triage"))


def test_a_second_opinions_doubts_are_not_made_up() -> None:
    doubt = [{"signal": "x", "says": "y"}]
    rows = [{**item(n, "second-opinion"), "rank": n, "doubts": doubt} for n in range(1, 11)]
    rows += [{**item(n, "low-confidence"), "rank": n, "doubts": doubt} for n in range(11, 16)]
    rows += [{**item(n, "audit"), "rank": n, "doubts": []} for n in range(16, 31)]
    of = make_evidence((records(),), tuple(rows), packet(), "triage")
    assert {row["stratum"] for row in made(of=of).items} == {"low-confidence", "audit"}
    assert all(row["doubts"] == [] for row in made(of=of).items)


def weighing(stratum: str) -> Evidence:
    """Evidence whose items say what else the model weighed."""

    def asked(n: int) -> dict[str, Any]:
        row = {**item(n, stratum), "rank": n, "confidence": 0.4 + n / 1000, "label": "roaming"}
        return {**row, "alternatives": [{"label": "roaming", "score": row["confidence"]}, {"label": "x", "score": 0.3}]}

    return make_evidence((records(),), tuple(map(asked, range(1, 41))), packet(), "triage")


def weighed(row: Mapping[str, Any]) -> tuple[list[str], list[float]]:
    return [one["label"] for one in row["alternatives"]], [one["score"] for one in row["alternatives"]]


def test_among_the_least_confident_seeds_weighed_other_labels_as_their_neighbours_did() -> None:
    world = Sealed(made(of=weighing("low-confidence"), past=failures(2)))
    for row in world.bundle.items:
        labels, scores = weighed(row)
        assert labels[0] == row["label"]
        assert labels[1] in {*LABELS} - {row["label"]}
        assert scores == [row["confidence"], 0.3]
        assert row["expected"] in (*labels, None)


def test_in_the_audit_seeds_weighed_what_the_model_did_and_the_wrong_label_has_the_right_ones_place() -> None:
    rows = tuple(
        answer(n, alternatives=((LABELS[n % 5], 0.9), (LABELS[(n + 1) % 5], 0.06), (LABELS[(n + 2) % 5], 0.02)))
        for n in range(120)
    )
    world = Sealed(made(of=weighing("audit"), rows=rows, past=failures(2)))
    past = {one.id for one in world.opening().answers if one.origin == "past"}
    for row in world.bundle.items:
        labels, scores = weighed(row)
        assert labels[0] == row["label"]
        assert len(set(labels)) == len(labels)
        if row["id"] not in past:
            assert (row["expected"] in labels, row["confidence"], scores) == (True, 0.9, [0.9, 0.06, 0.02])


def test_of_many_records_those_are_kept_that_the_key_draws_whatever_their_order() -> None:
    rows = answers(5 * KEPT)
    kept = collected(rows, frozenset(), KEY)
    assert len(kept.good) == KEPT
    assert kept == collected(tuple(reversed(rows)), frozenset(), KEY)
    assert kept != collected(rows, frozenset(), KEY[::-1])


def test_what_is_errored_empty_or_taken_is_not_kept() -> None:
    rows = (answer(1, error="timeout"), answer(2, output=None), answer(3), answer(4, label="wrong", output="wrong"))
    kept = collected(rows, taken(evidence(), [{"id": "ticket-1003"}]), KEY)
    assert (kept.good, [record.id for record in kept.others]) == ((), ["ticket-1004"])


def test_a_short_key_seals_nothing() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        made(key=KEY[:31])
