import hashlib
import re
from base64 import b64encode
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from run_world import HostileCase, approved, blocked, clean, empty, hostile_cases, hostile_run, waiting

from twokey.reports.base import Run
from twokey.reports.elements import Markup, el, join
from twokey.reports.html import HtmlReport
from twokey.reports.page_items import item_card
from twokey.visible import visible

VOID = {"meta", "br", "hr"}
TAGS = """
html head meta title style body header main footer section h1 h2 h3 h4 p div span strong code pre ul ol li dl dt dd
table thead tbody tr th td details summary article svg line circle rect del ins mark
"""
ATTRIBUTES = """
lang charset http-equiv content name id class aria-labelledby aria-label aria-hidden role scope data-head open dir
viewbox focusable width height x y x1 x2 y1 y2 cx cy r
"""


class Page(HTMLParser):
    """Reads a page and holds it to its rules: known tags and attributes, everything closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[str] = []
        self.text: list[str] = []
        self.values: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS.split()
        assert {name for name, _ in attrs} <= set(ATTRIBUTES.split())
        self.tags.append(tag)
        self.values += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")

    @property
    def words(self) -> str:
        return "".join(self.text)


def render(run: Run) -> str:
    return HtmlReport().render(run)


def test_the_page_may_load_nothing_and_its_one_style_is_allowed_by_hash() -> None:
    text = render(waiting())
    styles = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(styles) == 1
    digest = b64encode(hashlib.sha256(styles[0].encode()).digest()).decode()
    policy = next(value for name, value in Page(text).values if name == "content" and "default-src" in value)
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert "http:" not in text.replace('http-equiv="', "")
    assert "url(" not in styles[0]


def test_the_sections_come_in_the_order_of_a_decision() -> None:
    text = render(waiting())
    titles = re.findall(r"<h2 id=\"\w+\">([^<]*)", text)
    assert titles == [
        "Verdict",
        "What would be released",
        "Gates",
        "What the human review shows",
        "Checkpoints",
        "Failures (21)",
        "Items for people (109)",
        "Reviewer flags",
        "Limits of this evidence",
        "How to sign",
    ]


def test_the_verdict_its_reason_and_what_is_asked_come_first() -> None:
    words = Page(render(waiting())).words
    order = ["needs-decision", "release is open", "An escalation", "options", "risk if wrong", "What would be released"]
    places = [words.index(part, words.index("Verdict")) for part in order]
    assert places == sorted(places)


def test_a_status_is_always_a_word() -> None:
    text = render(waiting())
    marks = re.findall(r'<span class="status ([\w-]+)"><span aria-hidden="true">[^<]+</span> ([\w-]+)</span>', text)
    assert {("pass", "pass"), ("fail", "fail"), ("inconclusive", "inconclusive"), ("needs-decision", "open")} <= set(
        marks
    )
    assert len(marks) == text.count('class="status ')


def test_gates_that_do_not_pass_are_open_and_the_others_folded() -> None:
    text = render(waiting())
    assert '<div class="card"><h3>quality ' in text
    assert '<details class="card"><summary>safety ' in text


def test_a_metric_is_drawn_beside_its_numbers() -> None:
    text = render(waiting())
    row = text[text.index('role="rowheader">accuracy<') :]
    assert "0.938 to 0.958" in row[:600]
    assert "95% Clopper-Pearson, n=1,992" in row[:700]
    assert '<svg viewBox="0 0 170 18" aria-hidden="true"' in row[:900]
    places = [float(x) for x in re.findall(r'(?:x1|x2|cx|[^a-z]x)="([\d.-]+)"', text)]
    assert min(places) >= 0
    assert max(places) <= 170


def test_failures_show_what_was_expected_and_what_came_instead() -> None:
    text = render(waiting())
    assert "<code>account_access</code>, but the answer is <code>bill_question</code>" in text
    assert Page(text).words.index("Failures (21)") < Page(text).words.index("Items for people (109)")


def test_longer_answers_are_compared_word_by_word_and_not_by_colour_alone() -> None:
    run = waiting()
    expected = "You can end the contract with one month of notice after the first 12 months."
    item = {"id": "a", "expected": expected, "output": expected.replace("12", "24"), "label": None}
    text = render(replace(run, evidence=replace(run.evidence, items=(item,))))
    assert "<del>[-12-]</del><ins>{+24+}</ins> months." in text


def test_the_models_confidence_is_not_shown_with_an_item() -> None:
    run = waiting()
    item = {**run.evidence.items[0], "confidence": 0.123456}
    assert "0.123456" not in render(replace(run, evidence=replace(run.evidence, items=(item,))))


def test_the_audit_bound_the_limits_and_the_commands_are_told() -> None:
    words = Page(render(approved())).words
    assert "at most 5.4% of these 1,998 outputs fail, 95%" in words
    assert "the recordings are unwitnessed" in words
    assert "twokey verify" in words
    words = Page(render(waiting())).words
    assert "twokey sign" in words
    assert f"Sign only if twokey shows the same evidence, {waiting().evidence.digest[:12]}." in words
    assert "it blocks" in Page(render(blocked())).words


def test_pages_without_items_packet_or_gates_are_whole() -> None:
    assert "None were selected" in Page(render(clean())).words
    assert "No gate ran." in Page(render(empty())).words


def test_headings_step_down_one_at_a_time_and_tables_have_heads() -> None:
    text = render(approved())
    levels = [int(level) for level in re.findall(r"<h([1-6])", text)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert text.count('scope="col"') >= 6
    assert text.startswith('<!DOCTYPE html>\n<html lang="en">')
    assert '<meta name="viewport"' in text


def test_elements_that_load_run_or_style_cannot_be_made() -> None:
    for tag in ("script", "style", "img", "iframe", "link", "form"):
        with pytest.raises(ValueError, match="a report has no"):
            el(tag)
    for name in ("style", "onclick", "onload"):
        with pytest.raises(ValueError, match="a report has no attribute"):
            el("p", **{name: "x"})


def test_only_what_was_built_is_markup() -> None:
    assert join("<b>", el("p", "<i>", title='"')) == '&lt;b&gt;<p title="&quot;">&lt;i&gt;</p>'
    assert not isinstance(el("p") + "<b>", Markup)


@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_a_hostile_output_stays_text_in_the_page(case: HostileCase) -> None:
    text = render(hostile_run(case.text))
    page = Page(text)
    assert page.tags.count("style") == 1
    assert not [form for form in case.never if form in text]
    assert visible(case.text)[:1000] in page.words
    assert len(text) < 1_000_000


def test_once_it_passed_what_was_asked_is_folded_and_nothing_is_flagged_in_words() -> None:
    page = HtmlReport().render(approved())
    assert page.index("<summary>What was asked</summary>") < page.index("<dt>options</dt>")
    assert "No flags." in page
    assert "every line could be read" in page
    assert "count: 0" not in page
    assert "What was asked" not in HtmlReport().render(waiting())


def test_a_risk_of_next_to_nothing_is_folded_where_its_check_passes() -> None:
    pii, wrong = (
        "of 1,000 outputs about 0 hold what pii looks for (0 to 2, 95%)",
        "of 1,000 outputs about 0 are wrong (0 to 2, 95%)",
    )
    run = waiting()
    page = HtmlReport().render(
        replace(run, evidence=replace(run.evidence, packet={**run.evidence.packet, "risk_if_wrong": [pii, wrong]}))
    )
    folded = page.split("<summary>1 more, next to nothing</summary>")[1].split("</details>")[0]
    assert pii in folded
    assert wrong not in folded
    assert wrong in page


def test_what_the_context_does_not_say_is_underlined_and_told_in_words() -> None:
    item = {
        "id": "r1",
        "output": {"score": 1, "reply": f"<b> the fee is 54 euros in Porto {'and so on ' * 400}for 99"},
        "grounding": [
            {"start": 16, "end": 18, "kind": "number"},
            {"start": 28, "end": 33, "kind": "name"},
            {"start": 4038, "end": 4040, "kind": "number"},
        ],
    }
    card = item_card(item)
    assert "&lt;b&gt; the fee is <mark>54</mark> euros in <mark>Porto</mark> and" in card
    assert "more characters)</pre>" in card
    assert "number: 54, 99; name: Porto" in card
    assert "<mark>" not in item_card({**item, "grounding": []})


def test_names_stand_whole_so_that_whoever_searches_the_page_finds_them() -> None:
    assert 'role="rowheader">quality.hallucination_rate</th>' in render(waiting())
