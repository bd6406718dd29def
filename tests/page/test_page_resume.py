"""What is there again after a reload, in another tab, from a file, and in a browser that keeps nothing."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import watch
from review_page import Reader, evidence_of, grades_in, opened, row, rows, written

FOUR = evidence_of(rows(4))
REFUSED = "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('no', 'SecurityError'); }})"


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def address(tmp_path: Path) -> str:
    return written(tmp_path / "page.html", FOUR)


def named(reader: Reader, counts: str) -> None:
    """Wait until the page counts so; another tab needs a moment to be told."""
    reader.tab.wait_for_function("text => document.getElementById('counts').innerText === text", arg=counts)


def test_a_reload_in_the_middle_loses_nothing(context: Any, address: str) -> None:
    reader = opened(context, address)
    reader.fail("2", "No.")
    reader.reasoned("s", "Who knows?")
    reader.press("f", "1")
    reader.type("not finished")
    reader.tab.reload()
    assert (reader.counts, reader.item) == ("2 of 4 graded, 2 left", "ticket-0003")
    reader.press("k", "k")
    assert "No." in reader.tab.inner_text(".yours")
    reader.reasoned("b", "The reference is wrong.")
    found = grades_in(reader.download()[1])
    assert found["ticket-0001"]["revised_from"] == ["fail"]
    assert found["ticket-0002"]["reason"] == "Who knows?"


def test_grades_of_other_evidence_are_not_taken_over(context: Any, tmp_path: Path, address: str) -> None:
    opened(context, address).fail("2", "No.")
    other = evidence_of([*rows(3), row(4, input="another question")])
    assert opened(context, written(tmp_path / "other.html", other)).counts == "0 of 4 graded, 4 left"


def test_two_tabs_tell_each_other(context: Any, address: str) -> None:
    first, second = opened(context, address), opened(context, address)
    first.fail("1", "One.")
    named(second, "1 of 4 graded, 3 left")
    second.press("j", "j")
    second.fail("3", "Three.")
    named(first, "2 of 4 graded, 2 left")
    assert "ticket-0003" in first.said
    first.press("u")
    named(second, "1 of 4 graded, 3 left")
    assert set(grades_in(second.download()[1])) == {"ticket-0003"}


def test_the_newest_grade_of_an_item_holds_in_both_tabs(context: Any, address: str) -> None:
    first, second = opened(context, address), opened(context, address)
    first.fail("1", "In the first tab.")
    named(second, "1 of 4 graded, 3 left")
    second.press("k", "f", "4", "Control+a")
    second.type("In the second tab.")
    second.press("Control+Enter")
    first.tab.wait_for_function("() => document.querySelector('#said').textContent.includes('Another tab')")
    for reader in (first, second):
        found = grades_in(reader.download("ann@example.com" if reader is first else None)[1])
        assert found["ticket-0001"]["reason"] == "In the second tab."


def test_a_browser_that_keeps_nothing_says_so_and_the_file_goes_on(browser: Any, address: str, tmp_path: Path) -> None:
    context = browser.new_context()
    context.add_init_script(REFUSED)
    log = watch(context)
    reader = opened(context, address)
    assert "keeps nothing" in reader.saving
    reader.fail("2", "No.")
    assert "will be lost" in reader.saving
    name, data = reader.download()
    assert "will be lost" not in reader.saving
    file = tmp_path / name
    file.write_bytes(data)
    reader.tab.reload()
    assert reader.counts == "0 of 4 graded, 4 left"
    loaded(reader, file)
    assert reader.counts == "1 of 4 graded, 3 left"
    assert "1 grade loaded" in reader.said
    assert grades_in(reader.download(None)[1])["ticket-0001"]["reason"] == "No."
    assert (log.errors, log.console) == ([], [])
    context.close()


def loaded(reader: Reader, file: Path) -> None:
    reader.tab.get_by_role("button", name="Settings").click()
    reader.tab.set_input_files("#file", file)
    reader.tab.wait_for_selector("dialog", state="detached")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"manifest": "0" * 64}, "of other evidence"),
        ({"type": "something"}, "no grades file"),
        ({"reviewer": "bob@example.com"}, "grades of bob@example.com"),
        ({"grades": [{"item": "ticket-0099"}]}, "grades ticket-0099, which is not here"),
        ({"grades": [{"item": "ticket-0002", "grade": "fail", "reason": "x"}]}, "its grade of ticket-0002 is none"),
        ({"grades": [None]}, "which is not here"),
    ],
)
def test_a_file_that_does_not_belong_here_is_not_loaded(
    context: Any, address: str, tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    reader = opened(context, address)
    reader.fail("2", "No.")
    _, data = reader.download()
    file = tmp_path / "grades.json"
    file.write_text(json.dumps({**json.loads(data), **change}))
    loaded(reader, file)
    assert "was not loaded" in reader.said
    assert told in reader.said
    assert reader.counts == "1 of 4 graded, 3 left"


def test_what_is_graded_here_stays_when_a_file_is_loaded(context: Any, address: str, tmp_path: Path) -> None:
    reader = opened(context, address)
    reader.fail("2", "Old.")
    _, data = reader.download()
    file = tmp_path / "grades.json"
    file.write_bytes(data)
    reader.press("k")
    reader.reasoned("s", "New.")
    loaded(reader, file)
    assert "0 grades loaded" in reader.said
    assert "1 item graded here already" in reader.said
    assert grades_in(reader.download(None)[1])["ticket-0001"]["reason"] == "New."


def test_who_leaves_with_what_is_nowhere_is_asked(browser: Any, address: str) -> None:
    context = browser.new_context()
    context.add_init_script(REFUSED)
    reader = opened(context, address)
    reader.fail("2", "No.")
    asked: list[str] = []

    def leave(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.accept()

    reader.tab.on("dialog", leave)
    with reader.tab.expect_event("close"):
        reader.tab.close(run_before_unload=True)
    assert asked == ["beforeunload"]
    context.close()


def test_who_leaves_with_everything_kept_is_not_asked(context: Any, address: str) -> None:
    log = watch(context)
    reader = opened(context, address)
    reader.fail("2", "No.")
    with reader.tab.expect_event("close"):
        reader.tab.close(run_before_unload=True)
    assert log.dialogs == []


def test_what_the_browser_keeps_can_be_forgotten(context: Any, address: str) -> None:
    reader = opened(context, address)
    reader.fail("2", "No.")
    reader.tab.get_by_role("button", name="Settings").click()
    with reader.tab.expect_navigation():
        reader.tab.get_by_role("button", name="Forget what this browser keeps").click()
    assert reader.counts == "0 of 4 graded, 4 left"
