"""What the page shows of an item, when it shows it, and what it measures."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import watch
from review_page import CONTEXT, Reader, evidence_of, grades_in, opened, row, rows, written

WITHOUT = """() => ['ins', 'del'].map((left) => {
    const copy = document.querySelector('.part.expected pre').cloneNode(true);
    copy.querySelectorAll(left).forEach((one) => one.remove());
    return copy.textContent;
})"""


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


def showing(context: Any, tmp_path: Path, *items: dict[str, Any], **more: Any) -> Reader:
    return opened(context, written(tmp_path / "page.html", evidence_of(items), **more))


def test_the_machines_opinion_stands_nowhere_before_the_first_grade_and_then_it_does(
    context: Any, tmp_path: Path
) -> None:
    item = row(
        1,
        confidence=0.3125,
        output={"label": "billing", "score": 0.3125},
        doubts=[{"signal": "judge", "says": "the judge gives it 0.2"}],
        alternatives=[{"label": "delivery", "score": 0.25}],
        confidence_past="of 40 such outputs, 29 failed",
        impact="high",
    )
    reader = showing(context, tmp_path, item, row(2))
    opinions = ("0.3125", "the judge gives it 0.2", "delivery", "29 failed", "policy.promise", "least confident")
    text = reader.tab.inner_text("body")
    assert [one for one in opinions if one in text] == []
    assert "impact high" in text
    reader.reasoned("5", "A question is no grade.")
    reader.press("k")
    text = reader.tab.inner_text("main")
    assert [one for one in opinions if one in text] == []
    reader.fail("1", "Now it is one.")
    assert "0.3125" in reader.said
    reader.press("k")
    text = reader.tab.inner_text("main")
    assert [one for one in opinions if one not in text] == []


def test_what_the_context_does_not_say_is_marked(context: Any, tmp_path: Path) -> None:
    output = "The fee is EUR 25, and that is all."
    item = row(1, output=output, grounding=[{"start": 11, "end": 17, "kind": "number"}])
    reader = showing(context, tmp_path, item)
    assert reader.tab.locator(".part.output mark").all_text_contents() == ["EUR 25"]
    assert reader.tab.inner_text(".part.unsupported p") == "number: EUR 25"
    assert reader.part("output") == output


def test_a_text_is_compared_by_word(context: Any, tmp_path: Path) -> None:
    expected = "Both plans are on the bill, each for its own days. There is a one-time fee of EUR 10."
    got = "Both plans are on the bill, each for its own days. There is a fee of EUR 25."
    reader = showing(context, tmp_path, row(1, expected=expected, output=got))
    assert reader.tab.locator(".expected del").all_text_contents() == ["one-time ", "10"]
    assert reader.tab.locator(".expected ins").all_text_contents() == ["25"]
    reader.press("d")
    assert reader.part("expected") == expected


def test_a_comparison_gives_both_texts_back(context: Any, tmp_path: Path) -> None:
    pairs = [
        ("a b c d e f " * 40, "a x c d y f " * 40),
        ("", "all of it is new, and it is longer than what is compared at a glance, is it not?"),
        (
            "日本語の文章です。とても長い文章なので、単語ごとに比べられます。" * 3,
            "日本語の文です。とても短い文章なので、文字ごとに比べられます。" * 3,
        ),
        ("one\ntwo\n" * 900, "one\nthree\n" * 900),
        ("word " * 1_500, "other " * 1_500),
    ]
    items = [row(number, expected=before, output=after) for number, (before, after) in enumerate(pairs, start=1)]
    reader = showing(context, tmp_path, *items)
    for before, after in pairs:
        reader.tab.get_by_role("button", name="By word").click()
        got = reader.tab.evaluate(WITHOUT)
        assert got == [before, after]
        reader.press("j")


def test_what_is_too_long_to_compare_is_shown_as_it_is_and_said_so(context: Any, tmp_path: Path) -> None:
    expected = "".join(f"line {number}\n" for number in range(2_500))
    reader = showing(context, tmp_path, row(1, expected=expected, output=expected.replace("line", "row")))
    assert reader.part("expected") == expected
    assert "too long to be compared" in reader.tab.inner_text(".part.expected")


def test_structures_are_compared_by_path_also_where_they_are_written_as_text(context: Any, tmp_path: Path) -> None:
    got = {"lines": [{"sku": "A", "price": 10.5}], "total": 1.0, "ok": True}
    reader = showing(
        context,
        tmp_path,
        row(1, expected='{"lines": [{"sku": "A", "price": 10.50}], "currency": "EUR", "ok": true}', output=got),
    )
    lines = [" ".join(line.split()) for line in reader.tab.locator(".paths tbody tr").all_inner_texts()]
    assert lines == ["lines[0].price 10.50 10.5", 'currency "EUR" not there', "total not there 1.0"]


def test_the_same_answer_is_said_to_be_the_same(context: Any, tmp_path: Path) -> None:
    reader = showing(context, tmp_path, row(1, output={"label": "billing"}, label="billing", expected="billing"))
    assert reader.tab.inner_text(".part.expected p") == "The same as the label."


def test_long_texts_are_folded_until_they_are_asked_for(context: Any, tmp_path: Path) -> None:
    reader = showing(context, tmp_path, row(1, context=CONTEXT * 20, output="line\n" * 60))
    folded = reader.tab.locator(".folded")
    assert folded.count() == 2
    reader.press("m")
    assert folded.count() == 0
    assert reader.said == "All of it is shown."
    reader.press("m")
    reader.tab.get_by_role("button", name="Show all 61 lines").click()
    assert folded.count() == 1


def test_items_are_found_by_text_and_by_what_became_of_them(context: Any, tmp_path: Path) -> None:
    reader = showing(context, tmp_path, *rows(4), row(5, output="a needle in it"))
    reader.fail("1", "No.")
    reader.press("/")
    reader.type("NEEDLE")
    assert reader.tab.inner_text("#found") == "1 item found"
    reader.press("Enter", "j")
    assert reader.item == "ticket-0005"
    reader.press("/", "Escape")
    reader.tab.select_option("#which", "failed")
    assert reader.tab.locator("#list li:visible").all_inner_texts() == ["✗\nticket-0001\n, Fail", "Summary"]
    reader.tab.select_option("#which", "open")
    assert reader.tab.inner_text("#found") == "4 items found"


def test_practice_comes_first_with_its_feedback_and_counts_for_nothing(context: Any, tmp_path: Path) -> None:
    practice = [row(900, id="practice-1", answer="fail", feedback="It promises what no plan has.")]
    reader = showing(context, tmp_path, *rows(2), practice=practice)
    assert (reader.item, reader.counts) == ("practice-1", "0 of 2 graded, 2 left")
    reader.press("1")
    assert "✗ It should be Fail. It promises what no plan has." in reader.tab.inner_text(".yours")
    reader.fail("1", "It is wrong.")
    assert "✓ That is what it is" in reader.tab.inner_text(".yours")
    reader.press("j")
    reader.fail("1", "No.")
    assert set(grades_in(reader.download()[1])) == {"ticket-0001"}
    reader.tab.reload()
    assert reader.item == "ticket-0002"  # a review that has begun goes on where it was


def test_a_question_stays_open_until_its_answer_and_a_grade(context: Any, tmp_path: Path) -> None:
    reader = showing(context, tmp_path, *rows(2))
    reader.reasoned("a", "Which plan?")
    reader.fail("1", "No.")
    assert (reader.item, reader.counts) == ("1 item left to grade", "1 of 2 graded, 1 left, 1 of them asked")
    address = written(
        tmp_path / "page.html", evidence_of(rows(2)), answers={"ticket-0001": [("bob@example.com", "The small one.")]}
    )
    reader.tab.goto(address)
    assert reader.item == "ticket-0001"
    text = reader.tab.inner_text(".callout")
    assert "Which plan?" in text
    assert "bob@example.com answers: The small one." in text
    reader.fail("1", "Then it is wrong.")
    assert reader.counts == "2 of 2 graded: all of them"


def test_more_of_what_waits_can_be_taken_and_stays_taken(context: Any, tmp_path: Path) -> None:
    reserve = [row(100 + number, stratum="low-confidence", stage=0) for number in range(15)]
    evidence = evidence_of(rows(2), reserve, queued=91)
    reader = opened(context, written(tmp_path / "page.html", evidence))
    assert "91 more outputs of low confidence wait" in reader.tab.inner_text("#more")
    reader.tab.get_by_role("button", name="Take 10 more").click()
    assert (reader.item, reader.counts) == ("ticket-0100", "0 of 12 graded, 12 left")
    reader.fail("1", "No.")
    reader.tab.reload()
    assert reader.counts == "1 of 12 graded, 11 left"
    reader.tab.get_by_role("button", name="Take 5 more").click()
    assert reader.counts == "1 of 17 graded, 16 left"
    assert reader.tab.get_by_role("button", name="Take").count() == 0


def test_a_further_stage_of_the_audit_is_offered_where_it_failed_and_taken_whole(context: Any, tmp_path: Path) -> None:
    reserve = [row(100 + number, stratum="audit", stage=1 + number // 3) for number in range(6)]
    items = [row(number, stratum="audit") for number in (1, 2)]
    reader = opened(context, written(tmp_path / "page.html", evidence_of(items, reserve)))
    reader.fail("1", "No.")
    assert reader.counts == "1 of 2 graded, 1 left"
    reader.reasoned("s", "Who knows?")
    assert "The audit may go on" in reader.tab.inner_text("main")
    reader.tab.get_by_role("button", name="Take all 3").click()
    assert (reader.item, reader.counts) == ("ticket-0100", "2 of 5 graded, 3 left")


def test_no_further_stage_is_offered_where_nothing_failed(context: Any, tmp_path: Path) -> None:
    reserve = [row(100, stratum="audit", stage=1)]
    reader = opened(context, written(tmp_path / "page.html", evidence_of([row(1, stratum="audit")], reserve)))
    reader.reasoned("s", "Who knows?")
    assert reader.item == "All 1 item graded"
    assert "The audit may go on" not in reader.tab.inner_text("main")


def test_active_time_is_measured_and_a_pause_counts_a_minute(context: Any, tmp_path: Path) -> None:
    address = written(tmp_path / "page.html", evidence_of(rows(3)))
    tab = context.new_page()
    tab.clock.install(time=0)
    tab.goto(address)
    reader = Reader(tab)
    tab.clock.pause_at(100_000)
    reader.press("m")
    tab.clock.run_for(20_000)
    reader.press("m")
    tab.clock.run_for(3_600_000)
    reader.reasoned("s", "After an hour at lunch.")
    reader.press("m")
    tab.clock.run_for(7_000)
    reader.reasoned("s", "Quick.")
    found = grades_in(reader.download()[1])
    assert 80 <= found["ticket-0001"]["seconds"] <= 141  # a minute at most for the start of the page, too
    assert found["ticket-0002"]["seconds"] == 7


def test_two_thousand_items(context: Any, tmp_path: Path) -> None:
    log = watch(context)
    evidence = evidence_of(rows(2_000))
    reader = opened(context, written(tmp_path / "page.html", evidence))
    for number in range(1, 21):
        assert reader.item == f"ticket-{number:04}"
        reader.fail("1", "No.")
    reader.press("/")
    reader.type("number 1999:")
    reader.press("Enter", "j")
    assert reader.item == "ticket-1999"
    reader.fail("1", "No.")
    assert reader.counts == "21 of 2,000 graded, 1,979 left"
    reader.tab.reload()
    assert reader.counts == "21 of 2,000 graded, 1,979 left"
    assert len(grades_in(reader.download()[1])) == 21
    assert reader.tab.locator("#list li").count() < 100
    assert (log.errors, log.console) == ([], [])
