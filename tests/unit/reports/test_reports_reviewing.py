from dataclasses import replace
from typing import Any

import pytest
from run_world import approved, waiting

from twokey.reports.base import Run
from twokey.reports.html import HtmlReport
from twokey.reports.markdown import MarkdownReport
from twokey.reports.reviewing import auditors_sentence, flags, review_sentences, reviewing
from twokey.reports.terminal import TerminalReport

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
