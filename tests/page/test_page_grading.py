"""Grading with keys alone, from the first item to a file that the rest of the product takes."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browser import Log, watch
from review_page import Reader, evidence_of, grades_in, opened, row, rows, written

from twokey.evidence.bundle import Evidence
from twokey.review.grades import Grade, parse, wants_reason


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def log(context: Any) -> Log:
    return watch(context)


def unexplained(evidence: Evidence) -> list[str]:
    """The items whose pass needs no reason."""
    return [one["id"] for one in evidence.items if not wants_reason(evidence.digest, one["id"])]


def plain_evidence(count: int) -> Evidence:
    """Evidence none of whose passes has to be explained."""
    made = evidence_of(rows(count))
    while len(unexplained(made)) < count:
        made = evidence_of([*made.items[:-1], {**made.items[-1], "input": f"{made.items[-1]['input']}?"}])
    return made


@pytest.fixture
def five(context: Any, log: Log, tmp_path: Path) -> Reader:
    assert log.errors == []
    return opened(context, written(tmp_path / "page.html", plain_evidence(5)))


def test_a_whole_review_by_keys_alone_gives_the_file_that_was_typed(context: Any, log: Log, tmp_path: Path) -> None:
    evidence = plain_evidence(7)
    reader = opened(context, written(tmp_path / "page.html", evidence))
    assert reader.item == "ticket-0001"
    reader.press("1")
    reader.press("f")
    reader.press("3")
    reader.type("It promises a refund.")
    reader.press("Control+Enter")
    reader.press("3")  # an edit: the output stands there, to be mended
    reader.press("Control+a")
    reader.type("Answer number 3: see page 2.")
    reader.press("Tab")
    reader.type("The page was missing.")
    reader.press("Control+Enter")
    reader.reasoned("s", "Legal has to say.")
    reader.reasoned("5", "Which plan did they have?")
    reader.reasoned("b", "The reference is of last year.")
    reader.press("c", "c", "p")
    assert reader.item == "1 item left to grade"
    assert reader.counts == "6 of 7 graded, 1 left, 1 of them asked"
    name, data = reader.download()
    assert name == "grades-ann@example.com.json"
    grades = parse(data, name, evidence.gradable)
    assert (grades.manifest, grades.reviewer) == (evidence.digest, "ann@example.com")
    seconds = {one.item: one.seconds for one in grades.grades}
    assert all(0 <= number < 600 for number in seconds.values())
    expected = [
        Grade(item="ticket-0001", grade="pass"),
        Grade(item="ticket-0002", grade="fail", severity="high", reason="It promises a refund."),
        Grade(
            item="ticket-0003",
            grade="edit",
            reason="The page was missing.",
            correction="Answer number 3: see page 2.",
        ),
        Grade(item="ticket-0004", grade="escalate", reason="Legal has to say."),
        Grade(item="ticket-0005", grade="ask", reason="Which plan did they have?"),
        Grade(item="ticket-0006", grade="bad-reference", reason="The reference is of last year."),
        Grade(item="ticket-0007", grade="pass", certainty="medium"),
    ]
    assert [replace(one, seconds=0) for one in grades.grades] == expected
    assert reader.saving == "All grades are in your file"
    assert (log.errors, log.console, log.dialogs, log.windows) == ([], [], [], [])


def test_each_letter_gives_the_grade_that_its_number_gives(five: Reader) -> None:
    five.tab.get_by_role("button", name="Settings").click()
    five.tab.get_by_label("Go on to the next item").uncheck()
    five.press("Escape")
    for letter, number in zip("pfesab", "123456", strict=True):
        shown = []
        for key in (letter, number):
            five.press(key)
            dialog = five.tab.locator("dialog h2")
            shown.append(dialog.inner_text() if dialog.count() else five.said)
            five.press("Escape")
        assert shown[0] == shown[1], (letter, number)


def test_a_change_after_the_machines_opinion_was_shown_is_kept_beside_the_grade(five: Reader) -> None:
    five.press("1", "k")
    five.fail("2", "On second thought.")
    five.press("k", "p", "k")
    assert "Fail" in five.tab.inner_text(".yours")
    _, data = five.download()
    found = grades_in(data)["ticket-0001"]
    assert (found["grade"], found["revised_from"]) == ("pass", ["pass", "fail"])


def test_another_reason_for_the_same_grade_is_no_change_of_it(five: Reader) -> None:
    five.fail("1", "One.")
    five.press("k", "2", "4")
    five.press("Control+a")
    five.type("Two.")
    five.press("Control+Enter")
    found = grades_in(five.download()[1])["ticket-0001"]
    assert (found["severity"], found["reason"], "revised_from" in found) == ("critical", "Two.", False)


def test_undo_takes_the_newest_grade_back_and_brings_the_one_before_again(five: Reader) -> None:
    five.press("1", "1", "k")
    five.fail("2", "No.")
    five.press("u")
    assert (five.item, five.counts) == ("ticket-0002", "2 of 5 graded, 3 left")
    assert "it is Pass again" in five.said
    five.press("u", "u")
    assert (five.item, five.counts) == ("ticket-0001", "0 of 5 graded, 5 left")
    five.press("u")
    assert five.said == "There is nothing to take back."


def test_what_undo_takes_back_after_the_opinion_was_seen_is_still_told(five: Reader) -> None:
    five.press("1", "u")
    assert "confidence" in five.tab.inner_text(".machine dl")
    five.fail("1", "After all.")
    assert grades_in(five.download()[1])["ticket-0001"]["revised_from"] == ["pass"]


def test_a_pass_that_has_to_be_explained_asks_for_a_reason(context: Any, tmp_path: Path) -> None:
    evidence = evidence_of(rows(40))
    reader = opened(context, written(tmp_path / "page.html", evidence))
    passes = 0
    while reader.item.startswith("ticket-"):
        item = reader.item
        reader.press("p")
        asked = reader.tab.locator("dialog[open]").count() == 1
        assert asked == wants_reason(evidence.digest, item), item
        if asked:
            reader.press("Control+Enter")
            assert reader.tab.inner_text("dialog [role=alert]") == "A few words are needed here."
            reader.type("Looked it up.")
            reader.press("Control+Enter")
            passes += 1
    assert passes
    found = grades_in(reader.download()[1])
    explained = [item for item, one in found.items() if one["reason"] == "Looked it up."]
    assert len(explained) == passes
    assert len(found) == 40


def test_what_a_grade_needs_is_asked_for_until_it_is_there(five: Reader) -> None:
    five.press("f", "Control+Enter")
    assert five.tab.inner_text("dialog [role=alert]") == "Say how bad it is."
    five.press("2", "Control+Enter")
    assert five.tab.inner_text("dialog [role=alert]") == "A few words are needed here."
    five.press("Escape", "e", "Control+Enter")
    assert five.tab.inner_text("dialog [role=alert]") == "Nothing was changed: is it a pass?"
    five.press("Escape")
    assert five.counts == "0 of 5 graded, 5 left"


def test_what_was_typed_before_escape_is_there_again(five: Reader) -> None:
    five.press("f", "3")
    five.type("Half a sent")
    five.press("Escape")
    assert (five.said, five.item) == ("Nothing was graded.", "ticket-0001")
    five.press("f")
    assert five.tab.input_value("#reason") == "Half a sent"
    assert five.tab.locator("dialog input:checked").get_attribute("value") == "high"


def test_no_reference_no_bad_reference(context: Any, tmp_path: Path) -> None:
    reader = opened(context, written(tmp_path / "page.html", evidence_of([row(1, expected=None)])))
    reader.press("b")
    assert reader.said == "There is no expected answer here that could be wrong."
    assert reader.tab.get_by_role("button", name="Bad reference").is_disabled()


def test_letters_grade_nothing_while_somebody_types_or_holds_a_modifier(five: Reader) -> None:
    five.press("/")
    five.type("pfesab123456 ticket")
    assert five.tab.locator("dialog").count() == 0
    five.press("Escape", "Control+p", "Alt+1", "Shift+P", "Meta+1")
    assert five.counts == "0 of 5 graded, 5 left"
    five.press("f")
    five.type("puncjk")
    assert five.tab.locator("dialog").count() == 1


def test_a_key_that_is_held_down_grades_one_item(five: Reader) -> None:
    five.tab.keyboard.down("1")
    five.tab.keyboard.down("1")  # the browser's own repeat
    five.tab.keyboard.down("1")
    five.tab.keyboard.up("1")
    assert five.counts == "1 of 5 graded, 4 left"


def test_single_keys_can_be_switched_off_and_that_is_remembered(five: Reader) -> None:
    five.tab.get_by_role("button", name="Settings").click()
    five.tab.get_by_label("Single keys grade and move").uncheck()
    five.press("Escape", "1", "j", "?")
    assert (five.item, five.counts) == ("ticket-0001", "0 of 5 graded, 5 left")
    five.tab.reload()
    five.press("1")
    assert five.counts == "0 of 5 graded, 5 left"
    five.tab.get_by_role("button", name="Pass").click()
    assert five.counts == "1 of 5 graded, 4 left"


def test_after_a_grade_the_page_goes_on_unless_that_is_switched_off(five: Reader) -> None:
    five.press("1")
    assert five.item == "ticket-0002"
    five.tab.get_by_role("button", name="Settings").click()
    five.tab.get_by_label("Go on to the next item").uncheck()
    five.press("Escape", "1")
    assert five.item == "ticket-0002"
    assert five.tab.locator(".machine dl").is_visible()


def test_moving_by_keys(five: Reader) -> None:
    five.press("1", "j", "1")
    assert five.item == "ticket-0004"
    five.press("k", "ArrowLeft")
    assert five.item == "ticket-0002"
    five.press("n")
    assert five.item == "ticket-0004"
    five.press("n", "n")
    assert five.item == "ticket-0002"
    five.press("ArrowRight", "j", "j", "j")
    assert five.item == "3 items left to grade"
    five.press("j")
    assert five.said == "There is nothing after this."


def test_a_name_that_is_no_principal_names_no_file(five: Reader) -> None:
    five.press("1")
    five.tab.get_by_role("button", name="Save grades file").click()
    five.type("../ann smith")
    five.press("Enter")
    assert "is lower case" in five.tab.inner_text("dialog [role=alert]")
    five.press("Escape")
    assert five.said == "No file was made."


def test_a_seed_bundle_is_named_in_the_file(context: Any, tmp_path: Path) -> None:
    evidence = plain_evidence(2)
    seed = row(900, id="seed-1", rank=2)
    address = written(
        tmp_path / "page.html", evidence, items=[evidence.items[0], seed, evidence.items[1]], seeds="ab" * 32
    )
    reader = opened(context, address)
    reader.press("1")
    reader.fail("4", "Bad.")
    _, data = reader.download()
    grades = parse(data, "file", [*evidence.gradable, seed])
    assert grades.seeds == "ab" * 32
    assert {one.item for one in grades.grades} == {"ticket-0001", "seed-1"}
