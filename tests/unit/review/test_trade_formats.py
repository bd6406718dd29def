"""Every trade format: what goes out comes back, hostile outputs stay data, and what is no grade is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from run_world import hostile_cases

from twokey.errors import TwokeyError
from twokey.review.grades import CERTAINTIES, GRADE_VALUES, SEVERITIES, Grade, Grades, GradeValue
from twokey.review.trade import TRADE, format_for, format_named, format_of
from twokey.review.trade.base import Sheet
from twokey.review.trade.fields import OPINIONS
from twokey.review.trade.taking import Taken, taken

MANIFEST = "ab" * 32
ANN = "ann@example.com"
ITEMS = tuple(
    {
        "id": f"case-{number}",
        "stratum": "low-confidence",
        "rank": number,
        "selector": "margin",
        "confidence": 0.31,
        "findings": ["pii.email"],
        "alternatives": [{"label": "seven", "score": 0.2}],
        "input": f"what is {number}?",
        "output": {"answer": f"it is {number}"} if number % 2 else f"it is {number}",
        "label": None,
        "expected": str(number),
        "context": None,
        "asked": "Say whether this answer can be used as it is.",
    }
    for number in range(1, 7)
)
GRADES = Grades(
    manifest=MANIFEST,
    reviewer=ANN,
    grades=(
        Grade(item="case-1", grade="pass", seconds=4, certainty="high", revised_from=("fail", "edit")),
        Grade(item="case-2", grade="fail", severity="critical", reason="names another customer", seconds=61),
        Grade(
            item="case-3", grade="edit", reason="half right", correction="It is 14 days.\n\n- all of them", seconds=1
        ),
        Grade(item="case-4", grade="escalate", reason="is this allowed?"),
        Grade(item="case-5", grade="bad-reference", reason="5 is wrong", seconds=86_400),
        Grade(item="case-6", grade="ask", reason="what is the limit?", certainty="low"),
    ),
)


def sheet(grades: Grades | None = GRADES, items: tuple[Mapping[str, Any], ...] = ITEMS, **more: Any) -> Sheet:
    return Sheet(manifest=MANIFEST, items=items, grades=grades, **more)


def back(name: str, data: bytes, items: tuple[Mapping[str, Any], ...] = ITEMS, **more: Any) -> Taken:
    options = {"file": "back", "manifest": MANIFEST, "items": items, "reviewer": ANN, **more}
    return taken(format_named(name).read(data, "back"), **options)


@pytest.mark.parametrize("name", TRADE)
@pytest.mark.parametrize("opinion", [False, True])
def test_what_went_out_comes_back(name: str, opinion: bool) -> None:
    found = back(name, TRADE[name].export(sheet(opinion=opinion)))
    assert found.grades == GRADES
    assert found.notes == ()


@pytest.mark.parametrize("name", TRADE)
def test_a_sheet_without_grades_comes_back_without_any_and_says_so(name: str) -> None:
    found = back(name, TRADE[name].export(sheet(None)))
    assert found.grades == Grades(manifest=MANIFEST, reviewer=ANN)
    assert found.notes == ("6 items have no grade in it",)


@pytest.mark.parametrize("name", TRADE)
def test_the_same_sheet_gives_the_same_bytes(name: str) -> None:
    assert TRADE[name].export(sheet()) == TRADE[name].export(sheet())


@pytest.mark.parametrize("name", TRADE)
def test_the_machines_opinion_goes_along_only_where_it_is_asked_for(name: str) -> None:
    hidden, told = (TRADE[name].export(sheet(opinion=opinion)).decode() for opinion in (False, True))
    for word in ("pii.email", "0.31", "seven"):
        assert word not in hidden
        assert word in told
    for word in ("low-confidence", "margin", "stratum"):
        assert word not in told, "why an item was chosen is nobody's business"
    assert not [word for word in OPINIONS if word in hidden]


GRADED_TEXTS = st.text(max_size=60) | st.sampled_from(
    [
        "=cmd|' /C calc'!A0",
        "'=1+1",
        "''",
        "'",
        "-5",
        "\t=1",
        "\n- one\n- two",
        "; =1",
        'json:"x"',
        'json:"',
        "007",
        "'007",
        "true",
        "Mar-01",
        "a\r\nb",
        "\r",
        "\x00",
        "\ufeff",
        "\u2028",
        "grade: pass",
        "severity: low\n\nx",
        '"quoted"',
        " spaced ",
        "a\n\nb",
        "\x1b[31m",
        "x; '=1",
    ]
)
REASONS = GRADED_TEXTS.filter(lambda text: bool(text.strip()))


@st.composite
def some_grades(draw: st.DrawFn) -> Grades:
    rows = []
    for item in draw(st.sets(st.sampled_from([row["id"] for row in ITEMS]))):
        value: GradeValue = draw(st.sampled_from(GRADE_VALUES))
        rows.append(
            Grade(
                item=str(item),
                grade=value,
                severity=draw(st.sampled_from(SEVERITIES)) if value == "fail" else None,
                reason=draw(GRADED_TEXTS if value == "pass" else REASONS),
                correction=draw(GRADED_TEXTS) if value == "edit" else None,
                seconds=draw(st.integers(0, 86_400)),
                certainty=draw(st.none() | st.sampled_from(CERTAINTIES)),
                revised_from=tuple(draw(st.lists(st.sampled_from(GRADE_VALUES), max_size=3))),
            )
        )
    return Grades(manifest=MANIFEST, reviewer=ANN, grades=tuple(sorted(rows, key=lambda row: row.item)))


@pytest.mark.parametrize("name", TRADE)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(grades=some_grades())
def test_any_grades_come_back_as_they_were(name: str, grades: Grades) -> None:
    assert back(name, TRADE[name].export(sheet(grades))).grades == grades


IDS = st.text(min_size=1, max_size=20) | st.sampled_from(["=1", "007", "-", "'", "1e5", "2024-01-02", "\t", "a;=b"])


@pytest.mark.parametrize("name", TRADE)
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ids=st.sets(IDS, min_size=1, max_size=5), output=GRADED_TEXTS)
def test_items_of_any_name_and_output_are_found_again(name: str, ids: set[str], output: str) -> None:
    items = tuple({"id": id_, "stratum": "audit", "output": output} for id_ in sorted(ids))
    grades = Grades(manifest=MANIFEST, reviewer=ANN, grades=tuple(Grade(item=id_, grade="pass") for id_ in sorted(ids)))
    assert back(name, TRADE[name].export(sheet(grades, items)), items).grades == grades


@pytest.mark.parametrize("name", TRADE)
@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_a_hostile_output_is_shown_and_never_raw(name: str, case: Any) -> None:
    items = ({"id": "r1", "stratum": "audit", **dict.fromkeys(("input", "output", "expected", "context"), case.text)},)
    grades = Grades(
        manifest=MANIFEST,
        reviewer=ANN,
        grades=(Grade(item="r1", grade="edit", reason=case.text[:999] + "x", correction=case.text[:5000]),),
    )
    data = TRADE[name].export(sheet(grades, items))
    text = data.decode()
    for never in case.never:
        if not never.isascii() or not never.isprintable():
            assert never not in text.removeprefix("\ufeff").replace("\r\n", ""), never
    assert back(name, data, items).grades == grades


# What is refused


def rows_of(name: str) -> Any:
    return json.loads(TRADE[name].export(sheet()))


@pytest.mark.parametrize("name", TRADE)
def test_grades_of_other_evidence_are_refused(name: str) -> None:
    with pytest.raises(TwokeyError, match="expected cdcdcdcdcdcd, the evidence at hand"):
        back(name, TRADE[name].export(sheet()), manifest="cd" * 32)


@pytest.mark.parametrize("name", TRADE)
def test_an_item_that_is_not_there_is_refused_by_name(name: str) -> None:
    with pytest.raises(TwokeyError, match="'case-1' is not in this review bundle"):
        back(name, TRADE[name].export(sheet()), ITEMS[1:])


@pytest.mark.parametrize("name", TRADE)
def test_another_output_than_the_items_is_refused(name: str) -> None:
    items = ({**ITEMS[0], "output": "sorted apart"}, *ITEMS[1:])
    with pytest.raises(TwokeyError, match="the output shown is not that of 'case-1'"):
        back(name, TRADE[name].export(sheet()), items)


@pytest.mark.parametrize("name", TRADE)
@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{}", b"[1]", b"null", b"{", b"a,b\n1,2", b'{"results": 3}'])
def test_what_is_no_file_of_the_format_is_refused_with_its_name(name: str, data: bytes) -> None:
    if name == "graded-jsonl" and not data:
        pytest.skip("no line is no item, which is said")
    with pytest.raises(TwokeyError, match=r"^back"):
        back(name, data)


@pytest.mark.parametrize("name", TRADE)
def test_seeds_are_noted_where_their_items_were_among_those_graded(name: str) -> None:
    assert back(name, TRADE[name].export(sheet()), seeds="cd" * 32).grades.seeds == "cd" * 32


# Which format


@pytest.mark.parametrize(
    ("file", "expected"),
    [("a.csv", "graded-csv"), ("a.jsonl", "graded-jsonl"), ("A.CSV", "graded-csv")],
)
def test_the_name_of_a_file_says_its_format(file: str, expected: str) -> None:
    assert format_for(Path(file)).name == expected
    assert format_of(b"", Path(file)).name == expected


def test_a_json_file_is_told_by_how_it_begins() -> None:
    assert format_of(b"\xef\xbb\xbf [", Path("a.json")).name == "label-studio"
    assert format_of(b'{"results"', Path("a.json")).name == "promptfoo"
    with pytest.raises(TwokeyError, match=r"two formats end in \.json"):
        format_for(Path("a.json"))


def test_an_unknown_format_is_refused_with_those_there_are() -> None:
    with pytest.raises(TwokeyError, match="did you mean label-studio"):
        format_named("labelstudio")
    with pytest.raises(TwokeyError, match=r"expected \.csv, \.jsonl or \.json"):
        format_for(Path("a.xlsx"))
    assert format_named("csv").name == "graded-csv"
