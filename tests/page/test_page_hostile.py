"""Everything on the page may be hostile: each row of the corpus in every place, the browser's log as witness."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import watch
from review_page import Reader, evidence_of, grades_in, opened, row, written
from run_world import hostile_cases

from twokey.review.grades import parse
from twokey.visible import UNSEEN, visible

MARKUP = (
    "<script>window.broken=1;alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)><a href=javascript:alert(1)>x",
    "</script><script>alert(1)</script><!--<script>",
    "</template></noscript></style></title><iframe srcdoc='<script>parent.alert(1)</script>'>",
    "<form action=https://evil.example><button id=list name=app>x</form>",
    "<link rel=prefetch href=https://evil.example/p><meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<style>@import url(https://evil.example/s);*{display:none!important}</style>",
    '" onfocus=alert(1) autofocus x="',
    "{{constructor.constructor('alert(1)')()}} ${alert(1)} javascript:alert(1)",
    "__proto__",
    "constructor",
)


def hostile() -> list[tuple[str, str]]:
    corpus = [
        (case.name, case.text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")) for case in hostile_cases()
    ]
    return [*((name, text[:20_000]) for name, text in corpus), *(("markup", text) for text in MARKUP)]


def hostile_rows() -> list[dict[str, Any]]:
    """One item for each text, with the text wherever one can stand."""
    return [
        row(
            number,
            id=f"{number}{text}"[:300],
            input=text,
            output={text[:200]: text, "again": [text]} if number % 5 == 0 else text,
            label=f"{text} label" if number % 2 else None,
            expected=f"{text}!" if number % 3 else {"is": text},
            context=text,
            findings=[text[:300]],
            source=text[:300],
            groups={text[:100]: text[:300]},
            impact=text[:100],
            asked=[text[:300]],
            doubts=[{"signal": text[:50], "says": text[:300]}],
            alternatives=[{"label": text[:100], "score": 0.1}],
            confidence_past=text[:300],
        )
        for number, (_, text) in enumerate(hostile(), start=1)
    ]


def as_shown(text: str) -> str:
    """What stands on the page for a text: what cannot be seen by its number. Commands of a CI log are none here."""
    plain = text.replace("\r\n", "\n")
    return UNSEEN.sub(lambda found: visible(found[0]), plain)


def plainly(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture
def context(browser: Any) -> Iterator[Any]:
    made = browser.new_context(viewport={"width": 1280, "height": 900})
    yield made
    made.close()


def walked(reader: Reader, items: list[dict[str, Any]]) -> None:
    for number, item in enumerate(items):
        assert reader.item == as_shown(item["id"]), number
        assert reader.part("input") == (as_shown(item["input"]) or "(nothing)"), number
        assert reader.part("context") == (as_shown(item["context"]) or "(nothing)"), number
        if isinstance(item["output"], str):
            assert reader.part("output") == (as_shown(item["output"]) or "(nothing)"), number
        reader.press("m", "d", "d")
        reader.press("j")


def test_nothing_of_the_corpus_runs_asks_or_hides(context: Any, tmp_path: Path) -> None:
    log = watch(context)
    items = hostile_rows()
    address = written(tmp_path / "page.html", evidence_of(items, reserve=[row(900, id=MARKUP[0], stage=0)], queued=3))
    reader = opened(context, address)
    walked(reader, items)
    assert reader.tab.evaluate("window.broken") is None
    assert reader.tab.evaluate("document.querySelectorAll('iframe, img, object, embed, base, link').length") == 0
    assert reader.tab.evaluate("document.querySelectorAll('script').length") == 2
    assert reader.tab.evaluate("Object.prototype.broken") is None
    assert reader.tab.url.split("#")[0] == address
    assert log.elsewhere(address) == []
    assert (log.dialogs, log.windows, log.errors, log.console) == ([], [], [], [])


def test_hostile_items_are_graded_as_they_are_and_come_back_as_they_were_typed(context: Any, tmp_path: Path) -> None:
    log = watch(context)
    items = hostile_rows()
    evidence = evidence_of(items)
    reader = opened(context, written(tmp_path / "page.html", evidence))
    for text in MARKUP:
        reader.press("f", "1")
        reader.tab.keyboard.insert_text(text)
        reader.press("Control+Enter")
    _, data = reader.download()
    grades = parse(data, "file", evidence.gradable)
    reasons = {one.item: one.reason for one in grades.grades}
    assert [reasons[item["id"]] for item in items[: len(MARKUP)]] == [*MARKUP]
    assert set(grades_in(data)) == {item["id"] for item in items[: len(MARKUP)]}
    assert (log.dialogs, log.windows, log.errors, log.console) == ([], [], [], [])


def test_a_correction_starts_without_what_a_field_would_obey(context: Any, tmp_path: Path) -> None:
    items = [row(1, output="user \u202egnp.exe\u202c\x1b[31m\r\nnext")]
    reader = opened(context, written(tmp_path / "page.html", evidence_of(items)))
    reader.press("e")
    assert reader.tab.input_value("#correction") == "user gnp.exe[31m\nnext"


def test_an_answer_and_a_practice_item_are_hostile_too(context: Any, tmp_path: Path) -> None:
    log = watch(context)
    text = MARKUP[0] + "\u202e"
    practice = [row(800, id=text, answer="fail", feedback=text)]
    answers = {"ticket-0001": [(text, text)]}
    evidence = evidence_of([row(1)])
    reader = opened(context, written(tmp_path / "page.html", evidence, practice=practice, answers=answers))
    reader.press("1")
    assert as_shown(text) in reader.tab.inner_text(".yours")
    reader.press("j")
    assert reader.tab.inner_text(".callout").count(as_shown(text)) == 2
    assert (log.dialogs, log.windows, log.errors, log.console) == ([], [], [], [])


def test_the_same_without_scripts(browser: Any, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    log = watch(context)
    items = hostile_rows()
    address = written(tmp_path / "page.html", evidence_of(items))
    tab = context.new_page()
    tab.goto(address)
    cards = tab.locator("#plain article")
    assert cards.count() == len(items)
    for number, item in enumerate(items):
        shown = cards.nth(number).locator("pre").all_text_contents()
        if item["input"]:
            assert plainly(visible(item["input"])) in map(plainly, shown), number
    assert log.elsewhere(address) == []
    assert (log.dialogs, log.windows, log.errors, log.console) == ([], [], [], [])
    context.close()
