"""The page from its server: grades save themselves, two tabs lose nothing, and what is not saved is said."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from browser import Log, watch
from review_page import Reader, evidence_of, opened, rows

from twokey.cli.serving.grades import SavedGrades
from twokey.page.exchange import RefusalError, Response
from twokey.page.exchange import page as response
from twokey.page.payload import Served, payload
from twokey.page.render import page
from twokey.page.server import open_server
from twokey.review.grades import Grades, missing, parse

EVIDENCE = evidence_of(rows(4))


@dataclass
class Review:
    """A server with somebody's grades behind it, which can be made to fail."""

    saved: SavedGrades
    url: str = ""
    broken: bool = False
    puts: list[int] = field(default_factory=list)

    def shown(self, _sent: Any) -> Response:
        grades, revision = self.saved.now()
        told = payload(EVIDENCE, grades=grades, reviewer="ann@example.com", served=Served(revision=revision))
        return response(page(told))

    def put(self, sent: Any) -> Response:
        if self.broken:
            raise RefusalError(503, "not now")
        self.puts.append(len(sent["grades"]))
        return self.saved.put(sent)

    @property
    def grades(self) -> Grades:
        return parse(self.saved.path.read_bytes(), "grades", EVIDENCE.gradable)


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    empty = Grades(manifest=EVIDENCE.digest, reviewer="ann@example.com")
    made = Review(
        SavedGrades(path=tmp_path / "grades" / "grades-ann@example.com.json", grades=empty, items=EVIDENCE.items)
    )
    server = open_server(0)
    made.url = server.url
    routes = {("GET", ""): made.shown, ("PUT", "grades"): made.put}
    thread = threading.Thread(target=server.serve, args=(routes,))
    thread.start()
    yield made
    server.stop()
    thread.join()


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context()
    yield made
    made.close()


@pytest.fixture
def log(context: Any) -> Log:
    return watch(context)


def saved(reader: Reader, text: str = "Saved") -> None:
    reader.tab.wait_for_function("text => document.getElementById('saving').textContent.startsWith(text)", arg=text)


def test_grades_save_themselves_and_are_there_after_a_reload(context: Any, log: Log, review: Review) -> None:
    reader = opened(context, review.url)
    assert "saved as you give them" in reader.saving
    reader.fail("2", "No.")
    reader.press("c")
    reader.reasoned("s", "Who knows?")
    saved(reader)
    given = {one.item: one for one in review.grades.grades}
    assert (given["ticket-0001"].grade, given["ticket-0001"].severity) == ("fail", "medium")
    assert given["ticket-0002"].certainty == "low"
    reader.tab.reload()
    assert (reader.counts, reader.item) == ("2 of 4 graded, 2 left", "ticket-0003")
    reader.press("u")
    assert reader.said == "There is nothing to take back."
    assert log.elsewhere(review.url) == []
    assert (log.errors, log.console, log.dialogs) == ([], [], [])


def test_undo_is_saved_too(context: Any, review: Review) -> None:
    reader = opened(context, review.url)
    reader.fail("2", "No.")
    saved(reader)
    reader.press("u")
    saved(reader)
    assert review.grades.grades == ()


def test_two_tabs_lose_nothing(context: Any, review: Review) -> None:
    first, second = opened(context, review.url), opened(context, review.url)
    first.fail("2", "One.")
    saved(first)
    second.press("j")
    second.fail("3", "Two.")
    saved(second)
    assert "Another tab saved in between: 1 grade came from there" in second.said
    assert second.counts == "2 of 4 graded, 2 left"
    first.press("j")
    first.fail("1", "Three.")
    saved(first)
    assert {one.item: one.reason for one in review.grades.grades} == {
        "ticket-0001": "One.",
        "ticket-0002": "Two.",
        "ticket-0003": "Three.",
    }


def test_where_both_tabs_graded_an_item_the_grade_that_is_given_later_holds(context: Any, review: Review) -> None:
    first, second = opened(context, review.url), opened(context, review.url)
    first.fail("2", "Earlier.")
    saved(first)
    second.fail("3", "Later.")
    saved(second)
    assert "1 grade given here just now stay" in second.said
    assert [one.reason for one in review.grades.grades] == ["Later."]


def test_what_another_tab_took_back_is_gone_here(context: Any, review: Review) -> None:
    first = opened(context, review.url)
    first.fail("2", "Taken back.")
    saved(first)
    second = opened(context, review.url)
    first.press("u")
    saved(first)
    assert second.counts == "1 of 4 graded, 3 left"
    second.fail("3", "Two.")
    saved(second)
    assert {one.item for one in review.grades.grades} == {"ticket-0002"}


def test_what_cannot_be_saved_is_said_and_saved_once_it_can_be(context: Any, review: Review) -> None:
    reader = opened(context, review.url)
    review.broken = True
    reader.fail("2", "No.")
    saved(reader, "Not saved: the server answers 503")
    asked: list[str] = []

    def stay(dialog: Any) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    reader.tab.on("dialog", stay)
    with reader.tab.expect_event("dialog"):
        reader.tab.evaluate("setTimeout(() => location.reload())")
    review.broken = False
    saved(reader)
    assert asked == ["beforeunload"]
    assert missing(review.grades, EVIDENCE.items) == ("ticket-0002", "ticket-0003", "ticket-0004")


def test_when_all_is_graded_the_page_leads_on_to_the_decision(context: Any, review: Review) -> None:
    reader = opened(context, review.url)
    for number in range(4):
        assert reader.tab.get_by_role("link", name="Go on to the decision").count() == 0
        reader.fail("1", f"Reason {number}.")
    saved(reader)
    link = reader.tab.get_by_role("link", name="Go on to the decision")
    assert link.evaluate("link => link.href") == f"{review.url}sign"
    assert missing(review.grades, EVIDENCE.items) == ()
    assert reader.tab.get_by_role("button", name="Save grades file").count() == 0
