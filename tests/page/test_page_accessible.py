"""Whoever reads the page: without scripts, on a narrow screen, with a keyboard, in the dark, by ear, on paper."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import violations, watch
from review_page import CONTEXT, Reader, evidence_of, opened, row, rows, written

SCHEMES = ("light", "dark")
ITEMS = (
    row(
        1,
        context=CONTEXT * 20,
        output="The fee is EUR 25 \u202e and that is all of it, as far as anybody here can tell today.",
        expected="The fee is EUR 10, and that is all of it, as far as anybody here can tell today.",
        grounding=[{"start": 11, "end": 17, "kind": "number"}],
        asked=["Would you send this?"],
    ),
    row(2, output={"a": [1, 2]}, expected={"a": [1, 3]}),
    row(3),
)
RESERVE = tuple(row(100 + number, stratum="low-confidence", stage=0) for number in range(12))
PRACTICE = (row(900, id="practice-1", answer="fail", feedback="It promises what no plan has."),)
ANSWERS = {"ticket-0002": [("bob@example.com", "The small one.")]}


def address(tmp_path: Path) -> str:
    evidence = evidence_of(ITEMS, RESERVE, queued=50)
    return written(tmp_path / "page.html", evidence, practice=PRACTICE, answers=ANSWERS)


@pytest.fixture(params=SCHEMES)
def reader(request: pytest.FixtureRequest, browser: Any, tmp_path: Path) -> Iterator[Reader]:
    context = browser.new_context(color_scheme=request.param, viewport={"width": 1280, "height": 900})
    yield opened(context, address(tmp_path))
    context.close()


def practised(reader: Reader) -> None:
    reader.press("1")


def compared(reader: Reader) -> None:
    reader.press("j")


def by_path(reader: Reader) -> None:
    reader.press("j", "j")


def graded(reader: Reader) -> None:
    reader.press("j")
    reader.fail("3", "No.")
    reader.press("k", "m", "c")


def failing(reader: Reader) -> None:
    reader.press("j", "f", "Control+Enter")


def editing(reader: Reader) -> None:
    reader.press("j", "e")


def asking(reader: Reader) -> None:
    reader.press("j", "a")


def helped(reader: Reader) -> None:
    reader.press("?")


def set_up(reader: Reader) -> None:
    reader.tab.get_by_role("button", name="Settings").click()


def saving(reader: Reader) -> None:
    reader.press("j")
    reader.fail("1", "No.")
    reader.tab.get_by_role("button", name="Save grades file").click()


def searched(reader: Reader) -> None:
    reader.press("/")
    reader.type("ticket")


def finished(reader: Reader) -> None:
    reader.press("j", "j", "j", "j")


STATES: tuple[Callable[[Reader], None], ...] = (
    practised, compared, by_path, graded, failing, editing, asking, helped, set_up, saving, searched, finished,
)  # fmt: skip


@pytest.mark.parametrize("state", STATES, ids=lambda state: state.__name__)
def test_axe_finds_nothing_at_wcag_22_aa(reader: Reader, state: Callable[[Reader], None]) -> None:
    state(reader)
    assert violations(reader.tab) == []


@pytest.mark.parametrize("scheme", SCHEMES)
def test_axe_finds_nothing_on_the_page_that_is_read_without_scripts(browser: Any, scheme: str) -> None:
    from twokey.page.payload import payload
    from twokey.page.plain import plain
    from twokey.page.render import STYLES
    from twokey.page.whole import asset

    # axe is a script itself: so the same elements and style, in a page that may run it.
    style = "\n".join(asset(f"{name}.css") for name in STYLES)
    body = plain(payload(evidence_of(ITEMS, RESERVE)))
    head = f'<html lang="en"><head><title>Review</title><style>{style}</style></head>'
    context = browser.new_context(color_scheme=scheme)
    tab = context.new_page()
    tab.set_content(f"<!DOCTYPE html>{head}<body>{body}</body></html>")
    assert violations(tab) == []
    context.close()


def test_without_scripts_everything_can_be_read_and_the_opinion_is_folded(browser: Any, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    log = watch(context)
    tab = opened(context, address(tmp_path)).tab
    cards = tab.locator("#plain article")
    assert cards.count() == len(ITEMS) + len(RESERVE)
    for number, item in enumerate(ITEMS):
        text = cards.nth(number).inner_text()
        for part in ("input", "context"):
            assert " ".join(item[part].split()) in " ".join(text.split())
        assert "chosen because" not in text
    assert "wrong or harmful" in tab.inner_text("#plain")
    assert "twokey review" in tab.inner_text("#plain")
    cards.first.get_by_text("What the machine thinks of it").click()
    assert "chosen because" in cards.first.inner_text()
    assert (log.errors, log.console) == ([], [])
    context.close()


def test_long_texts_are_whole_without_scripts(browser: Any, tmp_path: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    text = "".join(f"sentence {number} of many. " for number in range(800))
    tab = opened(context, written(tmp_path / "page.html", evidence_of([row(1, output=text)]))).tab
    assert text in tab.locator("#plain article pre").nth(1).text_content()
    context.close()


@pytest.mark.parametrize("width", [320, 360, 800])
def test_nothing_makes_a_narrow_page_scroll_sideways(browser: Any, tmp_path: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740})
    wide = row(
        1, id="x" * 200, input="y" * 3_000, output={"k" * 300: "v" * 300}, expected={"k" * 300: "w"}, source="s" * 200
    )
    reader = opened(context, written(tmp_path / "page.html", evidence_of([wide, *rows(3)[1:]])))
    for keys in ((), ("m",), ("d",), ("f",), ("Escape", "?"), ("Escape", "/"), ("Escape", "j", "j", "j")):
        reader.press(*keys)
        assert reader.tab.evaluate("document.documentElement.scrollWidth") <= width, keys
    context.close()


@pytest.mark.parametrize("width", [360, 1280])
def test_whatever_is_to_be_hit_is_large_enough(browser: Any, tmp_path: Path, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 740})
    reader = opened(context, address(tmp_path))
    reader.press("j")
    small = reader.tab.evaluate(
        "() => [...document.querySelectorAll('button, select, input, a.main')].map((one) => [one.textContent,"
        " one.getBoundingClientRect()]).filter(([, box]) => box.width && Math.min(box.width, box.height) < 24)"
        ".map(([text]) => text)"
    )
    assert small == []
    context.close()


def test_the_page_can_be_walked_with_the_tab_key_and_the_focus_is_never_hidden(reader: Reader) -> None:
    reader.press("j")
    seen: list[str] = []
    for _ in range(40):
        reader.press("Tab")
        name, hidden = reader.tab.evaluate(
            "() => { const one = document.activeElement; const box = one.getBoundingClientRect();"
            " const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);"
            " return [one.textContent || one.id, top !== null && one !== document.body && !one.contains(top)"
            " && !top.contains(one)]; }"
        )
        assert not hidden, name
        seen.append(name)
    for name in ("Pass", "Undo", "Settings", "search", "Take 10 more"):
        assert any(name in one for one in seen), (name, seen)


def test_the_focus_comes_back_from_a_dialog_and_follows_the_item(reader: Reader) -> None:
    button = reader.tab.get_by_role("button", name="Settings")
    button.click()
    reader.press("Escape")
    assert reader.tab.evaluate("document.activeElement.textContent") == "Settings"
    reader.press("j")
    reader.fail("1", "No.")
    assert reader.tab.evaluate("document.activeElement.id") == "title"
    assert reader.tab.locator("#said[role=status]").inner_text().startswith("ticket-0001: Fail (low). The machine:")


def test_the_list_is_one_stop_for_the_tab_key_and_arrows_move_in_it(reader: Reader) -> None:
    assert reader.tab.locator("#list button[tabindex='0']").count() == 1
    reader.tab.locator("#list button[tabindex='0']").focus()
    reader.press("ArrowDown", "ArrowDown", "ArrowUp")
    assert reader.item == "ticket-0001"
    assert "ticket-0001" in reader.tab.evaluate("document.activeElement.textContent")


def test_on_paper_all_items_stand_and_no_button(browser: Any, tmp_path: Path) -> None:
    context = browser.new_context()
    tab = opened(context, address(tmp_path)).tab
    tab.emulate_media(media="print")
    tab.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    assert tab.locator("#plain article").first.is_visible()
    assert not tab.locator("#app").is_visible()
    tab.evaluate("window.dispatchEvent(new Event('afterprint'))")
    assert tab.locator("#plain").count() == 0
    context.close()
