import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from decision_world import NOW, World
from hypothesis import given
from hypothesis import strategies as st

from twokey import canonical
from twokey.decisions.decision import (
    CHOICES,
    Condition,
    Criterion,
    Decision,
    GradesReference,
    GradesSummary,
    NamedCheckpoint,
)
from twokey.decisions.document import MAX_BYTES, PREDICATE_TYPE, DecisionError, parse, render
from twokey.decisions.shapes import instant, written

WORLD = World()
digests = st.text("0123456789abcdef", min_size=64, max_size=64)
names = st.text(st.characters(categories=["L", "N", "P"]), min_size=1, max_size=40)
prose = st.text(st.characters(categories=["L", "N", "P", "Zs", "Sm"]), max_size=80).map(lambda text: f"{text}.\nAnd so")
moments = st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))


@st.composite
def decisions(draw: st.DrawFn) -> Decision:
    checkpoints = draw(
        st.lists(st.tuples(names, names, digests), min_size=1, max_size=4, unique_by=lambda row: row[:2])
    )
    decided = draw(moments)
    counts = draw(st.lists(st.integers(0, 50), min_size=6, max_size=6))
    summary = grades_of(counts)
    criteria = draw(st.lists(prose, max_size=3, unique=True))
    return Decision(
        choice=draw(st.sampled_from(CHOICES)),
        manifest=draw(digests),
        checkpoints=tuple(NamedCheckpoint(name=name, role=role, facts=facts) for name, role, facts in checkpoints),
        principal=draw(st.from_regex(r"\A[a-z0-9][a-z0-9._+@-]{0,99}\Z")),
        decided_at=decided,
        expires_at=decided + timedelta(seconds=draw(st.integers(1, 10**7))),
        environment=draw(names),
        repository=draw(names),
        nonce=draw(digests)[:32],
        reason=draw(prose),
        conditions=tuple(Condition(text=text) for text in draw(st.lists(prose, max_size=3, unique=True))),
        criteria=tuple(
            Criterion(checkpoint=checkpoints[0][0], criterion=text, attested=draw(st.booleans())) for text in criteria
        ),
        grades=draw(st.none() | st.builds(GradesReference, sha256=digests, summary=st.just(summary))),
        seeds=draw(st.none() | digests),
        recomputed=draw(st.booleans()),
        supersedes=tuple(draw(st.lists(digests, max_size=3, unique=True))),
        audit_head=draw(st.none() | digests),
    )


def grades_of(counts: list[int]) -> GradesSummary:
    return GradesSummary(
        items=sum(counts),
        graded=sum(counts[:5]),
        passed=counts[0],
        failed=counts[1],
        edited=counts[2],
        escalated=counts[3],
        bad_reference=counts[4],
    )


@given(decisions())
def test_what_is_written_reads_back(decision: Decision) -> None:
    data = render(decision)
    assert parse(data, "d.json") == decision
    assert render(parse(data, "d.json")) == data


def plain(**changes: Any) -> dict[str, Any]:
    """A good statement, with changes in its predicate."""
    grades = GradesReference(sha256="b" * 64, summary=grades_of([1] * 6))
    decision = WORLD.decision(grades=grades, conditions=(Condition(text="watch refunds"),))
    statement: dict[str, Any] = json.loads(render(decision))
    statement["predicate"].update(changes)
    return statement


def problems(statement: Any) -> list[str]:
    with pytest.raises(DecisionError) as refusal:
        parse(json.dumps(statement).encode(), "d.json")
    assert all(problem.where and problem.where.file == "d.json" for problem in refusal.value.problems)
    return [problem.message for problem in refusal.value.problems]


def objects(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [value, *(found for item in value.values() for found in objects(item))]
    return [found for item in value for found in objects(item)] if isinstance(value, list) else []


LEVELS = len(objects(plain()))


@pytest.mark.parametrize("level", range(LEVELS))
def test_an_unknown_field_is_refused_at_every_level(level: int) -> None:
    statement = plain()
    objects(statement)[level]["extra"] = None
    assert [problem for problem in problems(statement) if problem.endswith("extra: an unknown field")]


@pytest.mark.parametrize("level", range(LEVELS))
def test_a_missing_field_is_refused_at_every_level(level: int) -> None:
    for key in objects(plain())[level]:
        statement = plain()
        del objects(statement)[level][key]
        assert [
            problem
            for problem in problems(statement)
            if problem.endswith(f"{key}: a field that must be there is missing")
        ]


@pytest.mark.parametrize("level", range(LEVELS))
@pytest.mark.parametrize("wrong", [None, True, 1, 1.0, "", [], {}, "x" * 5000, [1], -1])
def test_a_value_of_another_type_is_refused_or_is_another_decision(level: int, wrong: Any) -> None:
    good = parse(json.dumps(plain()).encode(), "d.json")
    for key, value in objects(plain())[level].items():
        statement = plain()
        objects(statement)[level][key] = wrong
        if json.dumps(wrong) == json.dumps(value):
            continue
        try:
            assert parse(json.dumps(statement).encode(), "d.json") != good
            assert type(wrong) is type(value) or wrong is None or value is None, f"{key} took {wrong!r}"
        except DecisionError:
            pass


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("decision", "Approve", "expected approve or reject or request-changes or"),
        ("recomputed", 1, "expected true or false, found 1"),
        ("recomputed", "true", "expected true or false, found 'true'"),
        ("decided_at", "2026-11-21T12:00:00+00:00", "expected a UTC time such as"),
        ("decided_at", "2026-11-21T12:00:00.5Z", "expected a UTC time such as"),
        ("decided_at", "2026-11-21 12:00:00Z", "expected a UTC time such as"),
        ("decided_at", "2026-11-21T12:00:00z", "expected a UTC time such as"),
        ("decided_at", "2026-11-21T24:00:00Z", "expected a UTC time such as"),
        ("decided_at", "2026-11-21T23:59:60Z", "expected a UTC time such as"),
        ("decided_at", "2026-02-30T12:00:00Z", "expected a UTC time such as"),
        ("decided_at", "\u0662026-11-21T12:00:00Z", "expected a UTC time such as"),
        ("decided_at", 1795262400, "expected a UTC time such as"),
        ("principal", "Ann@example.com", "expected a principal such as"),
        ("principal", "../ann", "expected a principal such as"),
        ("principal", "ann\n", "expected a principal such as"),
        ("principal", "a" * 101, "expected a principal such as"),
        ("checkpoints", [], "expected a list of 1 to 50 items, found a list of 0"),
        ("environment", "", "expected a name of 1 to 200 printable characters"),
        ("environment", "pro\u202educt", "expected a name of 1 to 200 printable characters"),
        ("environment", " production", "expected a name of 1 to 200 printable characters"),
        ("repository", None, "expected a name of 1 to 500 printable characters, found null"),
        ("reason", "\u001b[31mred", "a character that cannot be seen, U+001B"),
        ("reason", "half \ud800", "a character that cannot be seen, U+D800"),
        ("reason", "new\u2028line", "a character that cannot be seen, U+2028"),
        ("seeds", "A" * 64, "expected a SHA-256 of 64 lower-case"),
        ("audit_head", "a" * 63, "expected a SHA-256 of 64 lower-case"),
        ("supersedes", ["a" * 64, "a" * 64], "an item appears twice"),
        ("supersedes", "a" * 64, "expected a list of 0 to 100 items"),
        ("nonce", "0" * 31, "expected 32 lower-case hexadecimal digits"),
        ("expires_at", "2026-11-21T11:00:00Z", "it is not after decided_at"),
        ("criteria", [{"checkpoint": "other", "criterion": "x", "attested": True}], "that the decision does not name"),
        ("criteria", [{"checkpoint": "release", "criterion": "x", "attested": 1}], "expected true or false, found 1"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_field_is_said(field: str, value: Any, problem: str) -> None:
    found = problems(plain(**{field: value}))
    assert len(found) == 1
    assert found[0].startswith(
        f"predicate.{field}" if "expected" in problem or "seen" in problem or "twice" in problem else field
    )
    assert problem in found[0]


def test_a_checkpoint_or_criterion_appears_once() -> None:
    row = plain()["predicate"]["checkpoints"][0]
    again = {**row, "facts": "c" * 64}
    assert problems(plain(checkpoints=[row, again])) == ["checkpoints: a checkpoint appears twice in the same role"]
    said = {"checkpoint": "release", "criterion": "x", "attested": True}
    assert problems(plain(criteria=[said, {**said, "attested": False}])) == ["criteria: a criterion appears twice"]


@pytest.mark.parametrize("choice", [choice for choice in CHOICES if choice != "approve"])
def test_all_but_an_approval_need_a_reason(choice: str) -> None:
    assert problems(plain(decision=choice, reason=" \n")) == [f"reason: {choice} needs one"]
    assert parse(json.dumps(plain(decision="approve", reason="")).encode(), "d.json").reason == ""


@pytest.mark.parametrize(("field", "value"), [("graded", 3), ("items", 4), ("passed", 0)])
def test_the_books_of_the_grades_close(field: str, value: int) -> None:
    statement = plain()
    statement["predicate"]["grades"]["summary"][field] = value
    assert [problem for problem in problems(statement) if problem.startswith("grades.summary: ")]


def test_a_count_is_a_whole_number() -> None:
    for wrong in (True, 1.0, "1", -1, 10**9 + 1):
        statement = plain()
        statement["predicate"]["grades"]["summary"]["passed"] = wrong
        assert "predicate.grades.summary.passed: expected a whole number" in problems(statement)[0]


def test_the_statement_is_about_one_manifest_in_our_types() -> None:
    subject = plain()["subject"][0]
    changes: tuple[dict[str, Any], ...] = (
        {"predicateType": "urn:twokey:decision:v2"},
        {"_type": "https://in-toto.io/Statement/v0.1"},
        {"subject": [subject, {**subject, "digest": {"sha256": "c" * 64}}]},
        {"subject": []},
        {"subject": [{**subject, "name": "results.json"}]},
        {"subject": [{**subject, "digest": {"sha1": "a" * 40}}]},
    )
    for change in changes:
        assert problems({**plain(), **change})
    assert plain()["predicateType"] == PREDICATE_TYPE


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(plain(decision="yes", nonce=1, seeds=2, recomputed=3))) == 4


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda text: text.replace('"seeds": null', '"seeds": null, "seeds": null'), "appears twice"),
        (lambda text: text.replace('"seeds": null', '"seeds": NaN'), "NaN is not a JSON number"),
        (lambda text: text.replace('"seeds": null', '"seeds": 1e999'), "out of range"),
        (lambda text: text.replace('"seeds": null', '"seeds": ' + "9" * 5000), "a number of 5000 digits"),
        (lambda text: text.replace('"seeds": null', '"seeds": ' + "[" * 5000 + "]" * 5000), "nested deeper than"),
        (lambda text: text + "{}", "not JSON"),
        (lambda text: "\ufeff" + text, "not JSON"),
        (lambda _: "", "not JSON"),
        (lambda _: "[]", "expected an object, found a list of 0"),
        (lambda _: "null", "expected an object, found null"),
        (lambda text: text + " " * MAX_BYTES, f"more than the {MAX_BYTES:,} allowed"),
    ],
)
def test_json_that_two_parsers_might_read_differently_is_refused(change: Callable[[str], str], problem: str) -> None:
    with pytest.raises(DecisionError, match=problem):
        parse(change(json.dumps(plain())).encode(), "d.json")


def test_bytes_that_are_no_text_are_refused() -> None:
    with pytest.raises(DecisionError, match="not UTF-8"):
        parse(json.dumps(plain()).encode("utf-16"), "d.json")


def test_nothing_is_written_that_would_not_be_read() -> None:
    decision = WORLD.decision()
    for wrong in (
        replace(decision, environment=""),
        replace(decision, checkpoints=()),
        replace(decision, choice="reject", reason=""),
        replace(decision, nonce="short"),
    ):
        with pytest.raises(DecisionError):
            render(wrong)
    for moment in (NOW.replace(tzinfo=None), NOW.replace(microsecond=1)):
        with pytest.raises(ValueError, match="whole seconds"):
            render(replace(decision, decided_at=moment))


@given(moments, st.integers(-14, 14))
def test_a_time_reads_back_whatever_zone_it_was_in(moment: datetime, hours: int) -> None:
    assert instant(written(moment.astimezone(timezone(timedelta(hours=hours))))) == moment


def test_a_decision_is_readable_in_a_diff() -> None:
    text = render(WORLD.decision(reason="Zwölf Fehler, alle bekannt")).decode()
    assert "Zwölf Fehler, alle bekannt" in text
    assert text.endswith("}\n")
    assert len(text.splitlines()) > 20
    assert text.encode() == canonical.dumps(json.loads(text))
