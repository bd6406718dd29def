import re
from dataclasses import replace
from typing import Any

import pytest
from run_world import RELEASE, approved, graded, waiting

from twokey.config.review import Review
from twokey.outcome import Status, conclude_gate
from twokey.reports import wording
from twokey.reports.base import Run
from twokey.reports.html import HtmlReport
from twokey.reports.markdown import MarkdownReport
from twokey.reports.reviewing import auditors_sentence, flags, review_sentences, reviewing
from twokey.reports.terminal import TerminalReport
from twokey.review.auditing import audit_facts
from twokey.review.compared import audited

HEALTH: dict[str, Any] = {
    "seeds": {"total": 4, "caught": 4, "missed": 0, "sentence": "4 of 4 seeds caught"},
    "flags": ["60 of 109 items were graded quicker than anybody reads them"],
    "sentences": ["4 of 4 seeds caught", "active time: median 2 s an item"],
}


def reviewed(health: Any = HEALTH, **facts: Any) -> Run:
    run = approved()
    assert run.conclusion.review is not None
    review = replace(run.conclusion.review, facts={**run.conclusion.review.facts, "health": health, **facts})
    return replace(run, conclusion=replace(run.conclusion, review=review))


def test_the_auditors_sentence_comes_first_and_the_bound_is_said_once() -> None:
    told = review_sentences(reviewed())
    assert told[0].startswith("4 of 4 seeds caught; 59 of 59 audit items clean, 12 of 50 shown failed: at most 5.4% of")
    assert sum("59 of 59 audit items clean" in line for line in told) == 1


def test_without_seeds_the_bound_stands_alone_and_without_a_review_there_is_no_such_sentence() -> None:
    review = reviewed({}).conclusion.review
    assert review is not None
    (told,) = auditors_sentence(review)
    assert told.startswith("59 of 59 audit items clean")
    assert auditors_sentence(replace(review, metrics=())) == ()
    assert reviewing(waiting()) == flags(waiting()) == ()


@pytest.mark.parametrize("report", [HtmlReport(), MarkdownReport(), TerminalReport()], ids=lambda report: report.name)
def test_every_report_that_people_read_has_flags_and_how_the_reviewing_went(report: Any) -> None:
    text = " ".join(report.render(reviewed()).split())
    for told in (*HEALTH["flags"], *HEALTH["sentences"], "59 of 59 audit items clean"):
        assert told in text
    assert "Reviewer flags" in text


def test_who_approved_with_flags_standing_and_who_approved_their_own_grades_is_said() -> None:
    assert flags(reviewed()) == (*HEALTH["flags"], "approved with these flags standing: ann@example.com")
    own = flags(reviewed({}, reviewer="ann@example.com"))
    assert own == ("ann@example.com graded the items and approved alone: nobody else vouches for the grades",)
    assert flags(reviewed({})) == ()


def test_with_a_second_approver_the_reviewer_is_not_alone() -> None:
    run = reviewed({}, reviewer="ann@example.com")
    second = replace(run.conclusion.decisions[0], principal="bob@example.com")
    both = replace(run, conclusion=replace(run.conclusion, decisions=(*run.conclusion.decisions, second)))
    assert flags(both) == ("ann@example.com graded the items and approved: nobody else vouches for the grades",)


def test_how_far_reviewers_agreed_is_told_with_how_the_reviewing_went() -> None:
    run = reviewed(agreement={"sentence": "two reviewers agree on 9 of 10"})
    assert reviewing(run)[0] == "two reviewers agree on 9 of 10"


@pytest.mark.parametrize("odd", [None, "text", ["flags"], {"flags": 3, "sentences": None, "seeds": "x"}])
def test_facts_of_an_odd_form_are_shown_or_left_out_and_break_nothing(odd: Any) -> None:
    for report in (HtmlReport(), MarkdownReport(), TerminalReport()):
        assert report.render(reviewed(odd))


def failed_audit() -> Run:
    """The audit's own limit is not kept, and somebody is to sign."""
    plain, bound = graded().metrics
    bound = replace(bound, status=Status.FAIL, limit="max 5%")
    run = waiting()
    review = conclude_gate("review", bound.books, [plain, bound], facts={"reviewer": "ann"})
    return replace(run, conclusion=replace(run.conclusion, review=review))


SAID = "59 of 59 audit items clean"


def test_the_audits_sentence_stands_in_the_review_and_as_the_finding_and_nowhere_else() -> None:
    told = " ".join(TerminalReport().render(failed_audit()).split())
    assert told.count(SAID) == 2
    assert told.index("Findings (") < told.index(SAID) < told.index("Human review") < told.rindex(SAID)
    assert HtmlReport().render(failed_audit()).count(SAID) == 2
    assert flags(failed_audit()) == ()


def test_a_review_that_is_not_finished_is_flagged() -> None:
    review = graded()
    left = replace(review.metrics[0], name="graded", status=Status.ERROR, reason="3 of 109 items are not graded")
    unfinished = conclude_gate("review", left.books, [left, *review.metrics])
    run = approved()
    told = flags(replace(run, conclusion=replace(run.conclusion, review=unfinished)))
    assert told[0] == "3 of 109 items are not graded"


def test_the_card_of_a_checkpoint_claims_what_the_grades_found() -> None:
    claims = "quality.accuracy, quality.hallucination_rate, review.max_failure_rate"
    assert f"claims: {claims}" in TerminalReport().render(failed_audit())
    assert f"<dt>claims</dt><dd>{claims}</dd>" in HtmlReport().render(failed_audit())
    assert "review.max_failure_rate" not in wording.claims(RELEASE, waiting())


@pytest.mark.parametrize("report", [HtmlReport(), MarkdownReport(), TerminalReport()], ids=lambda report: report.name)
def test_before_grades_only_the_selection_is_said_to_pass(report: Any) -> None:
    text = re.sub("<[^>]*>", "", report.render(waiting())).replace("&#x27;", "'").replace("`", "")
    assert re.search(r"the review's selection( \| |: | )(✓ )?pass", text)
    assert not re.search(r"^\W*review(:| \|)? *(✓ )?pass", text, re.MULTILINE)


def audited_run() -> Run:
    rules = Review(audit=59, max_failure_rate=0.05)
    selection = next(result for result in waiting().evidence.results if result.gate == "review")
    audit = audit_facts(rules, 1948, 1998)
    result = replace(selection, facts={"audited": 59, "not_shown": 1948, "audit": audit})
    run = waiting()
    others = tuple(one for one in run.evidence.results if one.gate != "review")
    packet = {**run.evidence.packet, "audit": list(audited((result,)))}
    return replace(run, evidence=replace(run.evidence, results=(*others, result), packet=packet))


def test_the_operating_curve_is_a_table_in_the_page_and_a_sentence_elsewhere() -> None:
    told = " ".join(TerminalReport().render(audited_run()).split())
    (found,) = re.findall(
        r"passes this audit, if none of the items shown fails: (\d+)% where 0.5% of its outputs fail,", told
    )
    page = HtmlReport().render(audited_run())
    assert f'role="rowheader">0.5%</th><td role="cell" data-head="chance that it passes">{found}%</td>' in page
    assert "of its outputs fail" not in page
    assert "where 0.5% of its outputs fail" in MarkdownReport().render(audited_run()).replace("`", "")
    assert "true failure rate" not in HtmlReport().render(approved())


@pytest.mark.parametrize("odd", [3, "text", [3], {"operating_curve": 3}, {"operating_curve": [{"failing": "x"}]}])
def test_an_audit_of_an_odd_form_leaves_the_curve_out(odd: Any) -> None:
    run = audited_run()
    results = tuple(replace(one, facts={"audit": odd}) if one.gate == "review" else one for one in run.evidence.results)
    page = HtmlReport().render(replace(run, evidence=replace(run.evidence, results=results)))
    assert "true failure rate" not in page
