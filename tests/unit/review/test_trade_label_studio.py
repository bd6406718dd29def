"""Label Studio: its own parser takes the config and the tasks, and what it exports is read for the right person."""

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from twokey.errors import TwokeyError
from twokey.review.grades import CERTAINTIES, GRADE_VALUES, SEVERITIES, Grade, Grades
from twokey.review.trade import TRADE
from twokey.review.trade.base import Sheet
from twokey.review.trade.taking import Taken, taken

MANIFEST = "ab" * 32
ANN, BOB = "ann@example.com", "bob@example.com"
HOSTILE = '<img src=x onerror="alert(1)"> $input {{7*7}} </Text>'
ITEMS = tuple(
    {
        "id": f"r{number}",
        "stratum": "audit",
        "input": HOSTILE,
        "output": HOSTILE,
        "confidence": 0.4,
        "findings": ["x.y"],
    }
    for number in range(1, 4)
)
GRADES = Grades(
    manifest=MANIFEST,
    reviewer=ANN,
    grades=(
        Grade(item="r1", grade="fail", severity="low", reason=HOSTILE, seconds=9, certainty="low"),
        Grade(item="r2", grade="edit", reason="why", correction=HOSTILE, revised_from=("pass",)),
        Grade(item="r3", grade="pass"),
    ),
)
FORMAT = TRADE["label-studio"]


def tasks(grades: Grades | None = GRADES, *, opinion: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        FORMAT.export(Sheet(manifest=MANIFEST, items=ITEMS, grades=grades, opinion=opinion))
    )
    return found


def config(*, opinion: bool = False) -> str:
    return FORMAT.beside(Sheet(manifest=MANIFEST, items=ITEMS, opinion=opinion))[".xml"].decode()


def back(document: Any, **more: Any) -> Taken:
    reading = FORMAT.read(json.dumps(document).encode(), "export.json")
    return taken(reading, **{"file": "export.json", "manifest": MANIFEST, "items": ITEMS, "reviewer": ANN, **more})


def annotated(task: dict[str, Any], *annotations: dict[str, Any]) -> dict[str, Any]:
    return {**task, "annotations": list(annotations)}


def annotation(by: Any = 1, grade: str = "pass", **more: Any) -> dict[str, Any]:
    """An annotation as Label Studio 1.x exports it."""
    result = [
        {
            "value": {"choices": [grade]},
            "id": "Ab3dE",
            "from_name": "grade",
            "to_name": "output",
            "type": "choices",
            "origin": "manual",
        }
    ]
    return {
        "id": 7,
        "completed_by": by,
        "result": result,
        "was_cancelled": False,
        "ground_truth": False,
        "created_at": "2026-01-02T03:04:05.678901Z",
        "lead_time": 12.6,
        "prediction": {},
        "unique_id": "0b1f",
        **more,
    }


# The config


@pytest.mark.parametrize("opinion", [False, True])
def test_the_config_shows_every_field_of_a_task_as_text_and_never_as_markup(opinion: bool) -> None:
    root = ElementTree.fromstring(config(opinion=opinion))  # noqa: S314 our own
    assert {tag.tag for tag in root.iter()} == {"View", "Header", "Text", "Choices", "Choice", "TextArea"}
    shown = {tag.attrib["value"].removeprefix("$") for tag in root.iter("Text")}
    for task in tasks(opinion=opinion):
        assert shown <= task["data"].keys()
        assert all(isinstance(task["data"][name], str) for name in shown)
    assert ("opinion" in shown) is opinion


def test_the_config_offers_what_a_grade_can_say_and_nothing_else() -> None:
    root = ElementTree.fromstring(config())  # noqa: S314 our own
    choices = {tag.attrib["name"]: tuple(one.attrib["value"] for one in tag) for tag in root.iter("Choices")}
    assert choices == {"grade": GRADE_VALUES, "severity": SEVERITIES, "certainty": CERTAINTIES}
    assert {tag.attrib["name"] for tag in root.iter("TextArea")} == {"reason", "correction"}
    assert {tag.attrib["toName"] for tag in root.iter() if "toName" in tag.attrib} == {"output"}


@pytest.mark.parametrize("opinion", [False, True])
def test_label_studios_own_parser_takes_config_tasks_and_annotations(opinion: bool) -> None:
    interface = pytest.importorskip("label_studio_sdk.label_interface", reason="label-studio-sdk is not installed")
    found = interface.LabelInterface(config(opinion=opinion))
    found.validate()
    assert {tag.name for tag in found.controls} == {
        "grade",
        "severity",
        "certainty",
        "reason",
        "correction",
    }
    for task in tasks(opinion=opinion):
        assert found.validate_task({"data": task["data"]})
        assert all(found.validate_annotation(one) for one in task["annotations"])
        assert all(found.validate_prediction(one) for one in task.get("predictions", []))
    wrong = tasks()[0]["annotations"][0]
    wrong["result"][0]["value"] = {"choices": ["splendid"]}
    assert not found.validate_annotation(wrong)


# The tasks


def test_without_the_machines_opinion_there_are_no_predictions() -> None:
    assert all("predictions" not in task and "opinion" not in task["data"] for task in tasks())
    assert [task["predictions"][0]["score"] for task in tasks(opinion=True)] == [0.4] * 3


def test_the_active_time_goes_and_comes_as_lead_time() -> None:
    assert tasks()[0]["annotations"][0]["lead_time"] == 9.0
    assert back([annotated(tasks(None)[0], annotation(lead_time=12.6))]).grades.grades[0].seconds == 13
    assert back([annotated(tasks(None)[0], annotation(lead_time=1e9))]).grades.grades[0].seconds == 86_400
    assert back([annotated(tasks(None)[0], annotation(lead_time=None))]).grades.grades[0].seconds == 0


# Whose annotation


def test_the_reviewers_annotation_is_taken_among_several() -> None:
    own, other = annotation({"id": 3, "email": "Ann@Example.com"}, "pass"), annotation({"email": BOB}, "escalate")
    found = back([annotated(tasks(None)[0], other, own)])
    assert [grade.grade for grade in found.grades.grades] == ["pass"]
    assert found.notes == ("1 grades are by bob@example.com, and not taken",)


def test_the_only_number_there_is_stands_for_the_reviewer_and_that_is_told() -> None:
    found = back([annotated(task, annotation(1)) for task in tasks(None)])
    assert len(found.grades.grades) == 3
    assert found.notes == ("the tool calls who graded 1: taken for ann@example.com",)


def test_two_numbers_are_a_conflict_until_one_is_named() -> None:
    document = [annotated(tasks(None)[0], annotation(1)), annotated(tasks(None)[1], annotation(2, "pass"))]
    with pytest.raises(TwokeyError, match="grades by 1, 2, and does not say which of them is ann@"):
        back(document)
    found = back(document, annotator="2")
    assert [grade.item for grade in found.grades.grades] == ["r2"]
    assert found.notes[0] == "1 grades are by 1, and not taken"


def test_two_grades_of_one_person_for_one_item_are_a_conflict_by_name() -> None:
    own = {"email": ANN}
    with pytest.raises(TwokeyError, match=r"task 1: 'r1' has two grades, pass and bad-reference"):
        back(
            [
                annotated(
                    tasks(None)[0],
                    annotation(own),
                    annotation(
                        own,
                        "bad-reference",
                        result=[
                            *annotation(own, "bad-reference")["result"],
                            {"from_name": "reason", "to_name": "output", "type": "textarea", "value": {"text": ["no"]}},
                        ],
                    ),
                )
            ]
        )
    assert back([annotated(tasks(None)[0], annotation(own), annotation(own))]).grades.grades


def test_what_was_revised_comes_back_only_for_whose_grades_went_out() -> None:
    document = tasks()
    found = back([annotated(task, annotation({"email": BOB})) for task in document], reviewer=BOB)
    assert all(grade.revised_from == () for grade in found.grades.grades)
    numbered = back([annotated(task, annotation(4)) for task in document])
    assert numbered.grades.of("r2") == Grade(item="r2", grade="pass", seconds=13, revised_from=("pass",))


# What is no grade, and what is refused


def test_skipped_annotations_and_drafts_are_no_grades() -> None:
    document = [{**annotated(tasks(None)[0], annotation(was_cancelled=True)), "drafts": [annotation()]}]
    found = back(document)
    assert found.grades.grades == ()
    assert "1 annotations were skipped ones" in found.notes


def test_fields_and_controls_that_are_not_ours_stay_unread() -> None:
    task = {**annotated(tasks(None)[0], annotation()), "project": 4, "meta": {}, "inner_id": 1, "comment_count": 0}
    task["data"]["extra"] = {"a": 1}
    task["annotations"][0]["result"].append({"from_name": "spans", "type": "labels", "value": {"labels": ["x"]}})
    assert back([task]).grades.grades[0].grade == "pass"


def test_json_min_is_read_as_well() -> None:
    row = {
        **tasks(None)[0]["data"],
        "id": 1,
        "grade": "edit",
        "reason": ["two", "entries"],
        "correction": "better",
        "annotator": 1,
        "annotation_id": 2,
        "created_at": "2026-01-02T03:04:05Z",
        "lead_time": 5.2,
    }
    expected = Grade(item="r1", grade="edit", reason="two\nentries", correction="better", seconds=5)
    assert back([row]).grades.grades == (expected,)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"result": [{"from_name": "grade", "value": {"choices": ["pass", "fail"]}}]}, "grade is no single choice"),
        ({"result": [{"from_name": "grade", "value": {"choices": ["superb"]}}]}, "'superb' is no grade"),
        ({"result": [{"from_name": "grade", "value": {"choices": ["fail"]}}]}, "a fail needs a severity"),
        ({"result": [{"from_name": "grade", "value": None}]}, "the value of a result is no JSON object"),
        ({"result": [{"from_name": "reason", "value": {"text": [3]}}]}, "reason is no text"),
        ({"result": 3}, "the result of an annotation is no list"),
        ({"completed_by": [1]}, "completed_by is neither"),
        ({"lead_time": "soon"}, "seconds is no number of seconds"),
        ({"lead_time": -1}, "seconds is no number of seconds"),
    ],
)
def test_what_is_wrong_in_an_annotation_is_told_with_its_task(change: dict[str, Any], message: str) -> None:
    with pytest.raises(TwokeyError, match=message) as refused:
        back([annotated(tasks(None)[0], annotation(1, **change))])
    assert str(refused.value).startswith("export.json: task 1: ")


def test_a_task_that_twokey_did_not_export_is_refused() -> None:
    with pytest.raises(TwokeyError, match="task 1: its data has no item, manifest and output"):
        back([{"data": {"text": "hello"}, "annotations": [annotation()]}])
