"""The parts of the page that tell what the packet and the items bring: in words, folded or not, and never alone."""

import re
from dataclasses import replace
from typing import Any

from run_world import approved, blocked, waiting

from twokey.reports import wording
from twokey.reports.base import Run
from twokey.reports.html import HtmlReport
from twokey.reports.page_items import item_card
from twokey.reports.page_subject import subject

FLAGGED = {
    "id": "r1",
    "stratum": "audit",
    "output": "write to jane",
    "findings": ["pii.email", "policy.own"],
    "rules": {"pii.email": "An e-mail address."},
}


def packed(**parts: Any) -> Run:
    run = waiting()
    return replace(run, evidence=replace(run.evidence, packet={**run.evidence.packet, **parts}))


def test_a_finding_is_told_with_what_its_rule_looks_for() -> None:
    assert wording.flagged(FLAGGED) == ("pii.email: An e-mail address.", "policy.own")
    assert "pii.email: An e-mail address.; policy.own" in item_card(FLAGGED)


def test_rules_of_an_odd_form_hide_no_finding() -> None:
    odds: tuple[Any, ...] = (None, [], "text", {"pii.email": None})
    for odd in odds:
        assert wording.flagged({**FLAGGED, "rules": odd}) == ("pii.email", "policy.own")


def test_neither_confidence_nor_what_it_has_meant_stands_on_a_page_that_a_reviewer_may_read_first() -> None:
    card = item_card({**FLAGGED, "confidence": 0.4321, "confidence_past": "of 9 outputs 1% were right"})
    assert "0.4321" not in card
    assert "were right" not in card


def test_what_is_asked_is_told_in_the_order_of_a_decision() -> None:
    page = HtmlReport().render(
        packed(
            why_stuck=["the threshold lies inside"],
            since_the_baseline=["accuracy was 0.9 and is 0.8"],
            weakest_parts=["accuracy is least where channel=phone"],
            if_nobody_answers="what runs now stays",
        )
    )
    verdict = page[page.index('id="verdict"') : page.index('id="changed"')]
    titles = re.findall(r"<dt>([^<]*)</dt>", verdict)
    assert titles[:7] == [
        "why it is stuck",
        "options",
        "risk if wrong",
        "since the baseline",
        "weakest parts",
        "urgency",
        "if nobody answers",
    ]


def test_what_the_audit_can_show_stands_with_the_review_before_there_are_grades() -> None:
    told = "70% where 2% fail"
    page = HtmlReport().render(packed(audit=[told]))
    assert told in page[page.index('id="review"') : page.index('id="checkpoints"')]


def test_a_baseline_that_is_the_candidates_own_recording_is_said_to_compare_nothing() -> None:
    run = waiting()
    one = run.evidence.manifest["recordings"]["candidate"]
    for sha256, same in ((one["sha256"], True), ("b" * 64, False)):
        recordings = {"candidate": one, "baseline": {**one, "sha256": sha256}}
        evidence = replace(run.evidence, manifest={**run.evidence.manifest, "recordings": recordings})
        told = subject(replace(run, evidence=evidence))
        assert ("byte for byte: comparing them shows nothing" in told) is same


def test_a_flag_further_down_is_announced_where_the_bound_stands() -> None:
    def section(run: Run) -> str:
        page = HtmlReport().render(run)
        return page[page.index('id="review"') : page.index('id="checkpoints"')]

    run = approved()
    assert run.conclusion.review is not None
    for flags, said in ((["slow"], "Further down 2 reviewer flags stand."), ([], None)):
        review = replace(run.conclusion.review, facts={"health": {"flags": flags}})
        told = section(replace(run, conclusion=replace(run.conclusion, review=review)))
        assert (said in told) if said else ("reviewer flag" not in told)
    assert "reviewer flag" not in section(blocked())
