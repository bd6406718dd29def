import json
from typing import Any

import pytest
from review_page import evidence_of, row, rows
from run_world import waiting

from twokey.evidence.layout import QUEUE
from twokey.page.leaves import MOST, leaves
from twokey.page.payload import Served, payload
from twokey.review.grades import Grade, Grades, wants_reason
from twokey.review.order import presented


def first(*items: dict[str, Any], **more: Any) -> Any:
    return payload(evidence_of(items), **more)["items"][0]


def test_what_comes_before_a_grade_holds_nothing_of_the_machines_opinion() -> None:
    made = first(
        row(
            1,
            confidence=0.123456,
            stratum="audit",
            output={"label": "x", "score": 0.123456},
            findings=["policy.unheard-of (high)"],
            doubts=[{"signal": "judge", "says": "it doubts"}],
            alternatives=[{"label": "other", "score": 0.2}],
            confidence_past="29 of 40 failed",
        )
    )
    opinion = {"machine", "after", "stratum"}
    before = json.dumps({name: part for name, part in made.items() if name not in opinion})
    for told in ("0.123456", "policy.unheard-of", "it doubts", "other", "29 of 40"):
        assert told not in before
        assert told in json.dumps([made["machine"], made["after"]])


def test_numbers_are_shown_as_they_are_and_not_as_a_browser_reads_them() -> None:
    made = first(
        row(1, output={"big": 12345678901234567890, "one": 1.0}, expected='{"big": 12345678901234567890, "one": 1.00}')
    )
    assert made["parts"]["output"]["text"] == "big: 12345678901234567890\none: 1.0"
    assert made["parts"]["output"]["leaves"] == [["big", "12345678901234567890"], ["one", "1.0"]]
    assert made["parts"]["expected"]["leaves"] == [["big", "12345678901234567890"], ["one", "1.00"]]


def test_a_row_with_nothing_but_its_id_and_stratum_is_an_item_too() -> None:
    made = first({"id": "a", "stratum": "audit"})
    assert (made["id"], made["parts"], made["about"], made["kind"]) == ("a", {}, [], "item")


def test_items_come_in_the_order_they_are_given_in_with_practice_before_and_the_reserve_after() -> None:
    evidence = evidence_of(rows(2), [row(5, stratum="audit", stage=2), row(6, stage=0)], queued=7)
    seed = row(9, id="seed", rank=2)
    order = presented(evidence.items, [seed], evidence.digest)
    made = payload(
        evidence,
        items=order,
        practice=[row(8, answer="fail", feedback="It is.")],
    )
    told = [(one["id"], one["kind"], one.get("stage")) for one in made["items"]]
    assert told == [
        ("ticket-0008", "practice", None),
        *((one["id"], "item", None) for one in order),
        ("ticket-0005", "reserve", 2),
        ("ticket-0006", "reserve", 0),
    ]
    assert made["waiting"] == 7


def test_nothing_tells_a_seed_from_an_item() -> None:
    evidence = evidence_of(rows(1))
    made = payload(evidence, items=[*evidence.items, row(2, id="seed")])["items"]
    assert made[0].keys() == made[1].keys()


def test_the_passes_that_need_a_reason_are_those_of_the_grades() -> None:
    evidence = evidence_of(rows(60))
    made = payload(evidence)["items"]
    assert {one["id"] for one in made if one["explain"]} == {
        one["id"] for one in evidence.items if wants_reason(evidence.digest, one["id"])
    }


def test_grades_and_answers_are_in_the_payload_of_whoever_they_are_for() -> None:
    evidence = evidence_of(rows(2))
    grades = Grades(
        manifest=evidence.digest,
        reviewer="ann@example.com",
        grades=(Grade(item="ticket-0002", grade="ask", reason="Which?"),),
        sources=("ab" * 32,),
    )
    made = payload(
        evidence, grades=grades, answers={"ticket-0002": (("bob@example.com", "This."),)}, served=Served(revision=3)
    )
    assert made["reviewer"] == "ann@example.com"
    assert [one["item"] for one in made["grades"]] == ["ticket-0002"]
    assert made["items"][1]["answered"] == [["bob@example.com", "This."]]
    assert "answered" not in made["items"][0]
    assert made["sources"] == ["ab" * 32]
    assert made["served"] == {"save": "./grades", "sign": "./sign", "revision": 3}


def test_the_page_of_the_bundle_is_nobodys() -> None:
    made = payload(waiting().evidence)
    assert (made["reviewer"], made["grades"], made["served"], made["seeds"]) == (None, [], None, None)
    assert made["waiting"] == waiting().evidence.files[QUEUE].count(b"\n")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"a": {"b": [1, None, {"c": True}]}}, [["a.b[0]", "1"], ["a.b[1]", "null"], ["a.b[2].c", "true"]]),
        ('[1.50, "x"]', [["[0]", "1.50"], ["[1]", '"x"']]),
        ('{"a": NaN}', [["a", "NaN"]]),
        ({}, [["(all)", "{}"]]),
        ({"a": []}, [["a", "[]"]]),
        ("{not json", None),
        ("a sentence", None),
        ("3", None),
        (3, None),
        (None, None),
        ("[" * 100_000, None),
        ("[" * 30 + "]" * 30, None),
        (list(range(MOST + 1)), None),
    ],
)
def test_values_by_path(value: Any, expected: Any) -> None:
    assert leaves(value) == expected
