"""Decisions over time, through the command line: what was said, by whom, until when, and what takes its place.

`twokey verify --at` moves the verifier's clock; keys, signatures and files are real.
"""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from persona import Home
from project import rows
from team import FORMATS, Team, from_now, instant, predicate, team, told

from twokey.canonical import sha256

PEOPLE: Mapping[str, tuple[str, ...]] = {
    "ann": ("product",),
    "bob": ("risk",),
    "cy": ("product", "risk"),
    "lea": ("risk-lead",),
}
ANY: Mapping[str, Any] = {"opens": [{"gates": ["quality", "safety"]}], "close": {"any_of": ["product", "risk"]}}


@pytest.fixture
def people(home: Home, tmp_path: Path) -> Team:
    """Two roles may close the release, one person with any of them; it waits for a decision."""
    made = team(home, tmp_path, PEOPLE)
    made.write_policy(ANY)
    waiting = made.run()
    assert waiting.status == 3, waiting.text
    return made


# Conditions


def test_a_condition_on_a_metric_is_judged_against_the_evidence(people: Team) -> None:
    people.approved("ann", "--condition", "metric: accuracy >= 0.9")
    assert people.run().status == 0
    wrong = [{**row, "output": "other"} if index % 4 == 0 else row for index, row in enumerate(rows(60))]
    people.project.record(wrong)
    assert people.run().status == 3
    unmet = people.sign("ann", "--approve", "--condition", "metric: accuracy >= 0.9")
    assert "this decision does not count yet: its condition accuracy >= 0.9 does not hold" in unmet.err
    again = people.run()
    assert again.status == 3, again.text
    assert "accuracy >= 0.9 does not hold: accuracy is 0.75" in told(again)
    people.approved("ann", "--condition", "metric: accuracy >= 0.7")
    assert people.run().status == 0


def test_a_condition_on_a_metric_that_the_evidence_has_not_holds_nothing(people: Team) -> None:
    people.sign("ann", "--approve", "--condition", "metric: accuracy[channel=chat] >= 0.1")
    assert people.run().status == 3


def test_an_approval_until_a_second_ends_at_that_second(people: Team) -> None:
    ends = from_now(3600)
    people.approved("ann", "--condition", f"until: {ends}")
    assert people.verify(at=instant(ends, -1)).status == 0
    late = people.verify(at=ends)
    assert late.status == 3
    assert f"its condition held until {ends}" in told(late)


@pytest.mark.parametrize("condition", ["until: tomorrow", "metric: accuracy is fine", "to: risk", "ticket: INC-7"])
def test_a_condition_that_nobody_could_judge_is_not_signed(people: Team, condition: str) -> None:
    refused = people.sign("ann", "--approve", "--condition", condition)
    assert refused.status == 4, refused.text
    assert not list(people.project.directory.glob("decisions/*/decision-*"))


def test_a_free_condition_is_listed_as_open_in_every_report_until_another_person_confirms_it(people: Team) -> None:
    wish = "the phone team is told"
    people.approved("ann", "--condition", wish)
    assert people.run().status == 0, "it is for people, and holds nothing up"
    sentence = f"ann@example.com approved on the condition: {wish}"
    for name in FORMATS:
        assert sentence in people.report(name), name
    assert sentence in people.conclusion()["conditions"]
    own = people.sign("ann", "--approve", "--condition", wish, "--attest", wish)
    assert own.status == 4, "nobody confirms their own"
    people.approved("bob", "--attest", wish)
    for name in FORMATS:
        assert sentence not in people.report(name), name
    assert people.run().status == 0
    assert people.conclusion()["conditions"] == []


def test_what_is_attested_must_be_asked_by_somebody(people: Team) -> None:
    people.approved("ann", "--condition", "the phone team is told")
    refused = people.sign("bob", "--approve", "--attest", "the phone team was told")
    assert refused.status == 4, refused.text
    assert "the phone team was told" in refused.err


# Refusals


def test_a_refusal_stands_whoever_approves(people: Team) -> None:
    refusal = people.signed("ann", "--reject", reason="too many wrong refunds")
    assert people.run().status == 1
    approval = people.approved("bob")
    blocked = people.run()
    assert blocked.status == 1
    assert "release was refused by ann@example.com, and the refusal stands" in told(blocked)
    people.said("bob", approval, supersedes=(sha256(refusal.read_bytes()), sha256(approval.read_bytes())))
    assert people.run().status == 1, "nobody withdraws another's refusal"
    assert people.verify(at=instant(predicate(refusal)["expires_at"], 1)).status == 1, "it does not expire"


def test_a_refusal_is_superseded_by_the_same_person_only(people: Team) -> None:
    people.signed("ann", "--reject")
    people.approved("bob")
    assert people.run().status == 1
    approval = people.approved("ann")
    assert len(predicate(approval)["supersedes"]) == 1
    passed = people.run()
    assert passed.status == 0, passed.text
    people.signed("ann", "--reject", reason="I was wrong")
    assert people.run().status == 1, "her newest word is what supersedes the others"


def test_an_approval_is_taken_back_by_what_supersedes_it_not_by_the_latest_date(people: Team) -> None:
    approval = people.approved("ann")
    people.said("ann", approval, choice="reject")
    blocked = people.run()
    assert blocked.status == 1, "neither supersedes the other: the refusal among them stands"


def test_asking_for_changes_says_what_is_needed_and_the_way_back(people: Team) -> None:
    changes = ("--decide", "request-changes", "--condition", "the schema names the currency")
    people.signed("ann", *changes, reason="amounts are ambiguous")
    assert people.run().status == 1
    for name in FORMATS:
        report = people.report(name)
        assert "amounts are ambiguous" in report, name
        assert "the schema names the currency" in report, name
    people.approved("bob")
    assert people.run().status == 1
    people.project.write("model/weights.bin", b"weights that name the currency")
    assert people.run().status == 3, "new evidence starts anew"
    people.approved("bob")
    assert people.run().status == 0


def test_whoever_asked_for_changes_may_approve_what_was_shown_to_them(people: Team) -> None:
    people.signed("ann", "--decide", "request-changes", "--condition", "show me the log")
    assert people.run().status == 1
    people.approved("ann")
    assert people.run().status == 0


# Escalations


def test_an_escalation_closes_only_when_whom_it_asks_approves_too(people: Team) -> None:
    question = "may we go without the French tickets?"
    people.signed("bob", "--decide", "escalate", "--condition", "to: risk-lead", reason=question)
    people.approved("ann")
    waiting = people.run()
    assert waiting.status == 3
    assert "bob@example.com asks risk-lead" in told(waiting)
    for name in FORMATS:
        assert question in people.report(name), name
    people.approved("lea")
    answered = people.run()
    assert answered.status == 0, answered.text


def test_whom_an_escalation_asks_alone_is_not_enough(people: Team) -> None:
    people.write_policy({"opens": [{"gates": ["quality"]}], "close": {"all_of": ["product", "risk"]}})
    people.run()
    people.signed("bob", "--decide", "escalate", "--condition", "to: risk-lead", reason="may we?")
    people.approved("lea")
    assert people.run().status == 3
    people.approved("ann")
    assert people.run().status == 3, "bob asked, and has not said that he approves"
    people.approved("bob")
    assert people.run().status == 0, "his approval takes the place of his question"


def test_somebody_with_two_roles_answers_in_the_one_that_is_asked(people: Team) -> None:
    people.write_roster({**PEOPLE, "lea": ("product", "risk-lead")})
    people.signed("bob", "--decide", "escalate", "--condition", "to: risk-lead", reason="may we?")
    people.approved("lea")
    answered = people.run()
    assert answered.status == 0, answered.text


@pytest.mark.parametrize("condition", [(), ("--condition", "to: risk-leed")])
def test_an_escalation_asks_somebody_who_is_there(people: Team, condition: tuple[str, ...]) -> None:
    refused = people.sign("bob", "--decide", "escalate", *condition, reason="may we?")
    assert refused.status == 4, refused.text
    assert not list(people.project.directory.glob("decisions/*/decision-*"))


# Several approvers


Groups = tuple[tuple[str, ...], ...]
BOTH = ["product", "risk"]
RULES: Mapping[str, tuple[dict[str, Any], Groups, Groups]] = {
    "any of two": ({"any_of": BOTH}, (("ann",), ("bob",)), (("lea",), ())),
    "all of two, distinct": (
        {"all_of": BOTH},
        (("ann", "bob"), ("cy", "bob"), ("ann", "cy")),
        (("ann",), ("cy",)),
    ),
    "all of two": ({"all_of": BOTH, "distinct": False}, (("cy",), ("ann", "bob")), (("ann",), ("bob",))),
    "two of": ({"count": 2, "of": BOTH}, (("ann", "bob"), ("cy", "ann")), (("cy",), ("ann",), ("ann", "lea"))),
    "a named person": ({"any_of": ["bob@example.com"]}, (("bob",),), (("ann",), ("cy",))),
}


@pytest.mark.parametrize(("close", "enough", "not_enough"), RULES.values(), ids=list(RULES))
def test_a_rule_is_closed_by_the_people_whom_it_names_and_no_fewer(
    people: Team, close: dict[str, Any], enough: Groups, not_enough: Groups
) -> None:
    people.write_policy({"opens": [{"gates": ["quality"]}], "close": close})
    for number, group in enumerate((*enough, *not_enough)):
        people.project.write("model/weights.bin", f"weights {number}")  # new evidence: everybody starts anew
        assert people.run().status == 3
        for who in group:
            people.sign(who, "--approve")
        outcome = people.run()
        assert outcome.status == (0 if group in enough else 3), (group, outcome.text)


def test_one_person_who_signs_twice_is_one(people: Team) -> None:
    people.write_policy({"opens": [{"gates": ["quality"]}], "close": {"count": 2, "of": ["product", "risk"]}})
    people.run()
    first = people.approved("cy")
    people.approved("cy")
    people.said("cy", first)
    assert people.run().status == 3


# Dates


def test_a_delegation_counts_within_its_dates(people: Team) -> None:
    begins, ends = from_now(-60), from_now(3600)
    given = {"from": "ann@example.com", "to": "lea@example.com", "roles": ["product"], "why": "on leave"}
    people.write_policy()
    people.write_roster(PEOPLE, delegations=[{**given, "valid_from": begins, "valid_until": ends}])
    people.run()
    people.approved("lea")
    assert people.run().status == 0
    for at, status in ((instant(begins, -1), 3), (begins, 0), (instant(ends, -1), 0), (ends, 3)):
        outcome = people.verify(at=at)
        assert outcome.status == status, (at, outcome.text)
    assert "lea@example.com is not product" in told(people.verify(at=ends))


def test_nobody_signs_on_a_delegation_that_is_not_in_force(people: Team) -> None:
    given = {"from": "ann@example.com", "to": "lea@example.com", "roles": ["product"], "why": "on leave"}
    for begins, ends in ((-7200, -3600), (3600, 7200)):
        dates = {"valid_from": from_now(begins), "valid_until": from_now(ends)}
        people.write_roster(PEOPLE, delegations=[{**given, **dates}])
        assert people.sign("lea", "--approve").status == 4


def test_an_approval_ends_at_the_second_that_it_names(people: Team) -> None:
    people.write_policy(ANY, expires="1h")
    people.run()
    ends = predicate(people.approved("ann"))["expires_at"]
    assert people.verify(at=instant(ends, -1)).status == 0
    expired = people.verify(at=ends)
    assert expired.status == 3
    assert f"it expired at {ends}" in told(expired)
    people.write_policy(ANY, expires="30m")
    longer = people.verify()
    assert longer.status == 3, "policy has grown stricter since"
    assert "longer than the 30m that policy allows" in told(longer)


def test_a_postdated_approval_gains_nothing(people: Team) -> None:
    approval = people.approved("ann")
    named = predicate(approval)["expires_at"]
    ends = datetime.fromisoformat(named)
    later = people.said("ann", approval, decided_at=ends, expires_at=ends + timedelta(days=7))
    for path in approval.parent.glob("decision-*"):
        if not path.name.startswith(later.name):
            path.unlink()
    outcome = people.run()
    assert outcome.status == 3, outcome.text
    assert f"it was decided in the future: {named}" in told(outcome)


def test_a_look_at_the_past_says_so_on_every_line_of_text(people: Team, tmp_path: Path) -> None:
    people.approved("ann")
    at = from_now(60)
    reports = {name: people.verify("--format", name, at=at) for name in FORMATS}
    assert {outcome.status for outcome in reports.values()} == {0}
    for name in ("terminal", "markdown"):
        lines = reports[name].out.splitlines()
        assert len(lines) > 10
        assert all(line.startswith(f"[as of {at}] ") for line in lines), name
    # Of documents a line is no part: they say it where nobody reads past it.
    suites = ElementTree.fromstring(reports["junit"].out).iter()  # noqa: S314  # our own report
    assert all(f"(as of {at})" in suite.get("name", "") for suite in suites if suite.tag.startswith("testsuite"))
    page = reports["html"].out
    assert 0 < page.index(f"As of {at}: not a verdict on today") < page.index("Exit status 0")
    assert json.loads(reports["json"].out)["conclusion"]["at"] == at
    assert people.verify("--attest", str(tmp_path / "out"), at=at).status == 0
    assert not list((tmp_path / "out").glob("verification-summary*")), "a look at the past admits nothing"
    assert people.verify("--format", "json").out.count('"at": null') == 1


@pytest.mark.parametrize("at", ["yesterday", "2026-11-21", "2026-11-21T12:00:00+01:00", "2026-11-21T12:00:00"])
def test_a_time_that_is_not_utc_is_a_wrong_use(people: Team, at: str) -> None:
    assert people.verify(at=at).status == 2


# How old what was judged is


def test_a_recording_is_too_old_from_its_oldest_record_on(people: Team) -> None:
    made = from_now(-3600)
    people.project.record(rows(60, at=made))
    people.project.record(rows(60, at=instant(made, -86400)), name="baseline.jsonl")
    people.write_policy(ANY, candidate={"at": "at"}, baseline={"path": "baseline.jsonl"}, max_age={"candidate": "2h"})
    people.run()
    people.approved("ann")
    assert people.verify(at=instant(made, 7200)).status == 0
    old = people.verify(at=instant(made, 7201))
    assert old.status == 3
    assert f"the candidate recording is of {made}, older than the 2h that policy allows" in told(old)
    ages = {"candidate": "2h", "baseline": "1d"}
    people.write_policy(ANY, candidate={"at": "at"}, baseline={"path": "baseline.jsonl"}, max_age=ages)
    stale = people.verify()
    assert stale.status == 3
    assert "the baseline recording is of" in told(stale)


def test_an_age_that_nobody_can_say_is_too_old(people: Team) -> None:
    people.approved("ann")
    assert people.run().status == 0
    people.write_policy(ANY, max_age={"candidate": "90d"})
    unknown = people.run()
    assert unknown.status == 3, unknown.text
    assert "nobody can say how old the candidate recording is" in told(unknown)
    people.project.record([{**row, "at": from_now(-60)} if index else row for index, row in enumerate(rows(60))])
    people.write_policy(ANY, candidate={"at": "at"}, max_age={"candidate": "90d"})
    people.run()
    people.approved("ann")
    assert people.run().status == 3, "one record that does not say is enough"


def test_a_recording_of_the_future_is_of_no_known_age(people: Team) -> None:
    people.project.record(rows(60, at=from_now(30 * 86400)))
    people.write_policy(ANY, candidate={"at": "at"}, max_age={"candidate": "1d"})
    people.run()
    people.approved("ann")
    later = people.run()
    assert later.status == 3, later.text
    assert "in the future" in told(later)


# Not recomputed


def test_production_refuses_what_was_not_recomputed_unless_policy_says_otherwise(people: Team) -> None:
    recording = people.project.directory / "outputs.jsonl"
    bytes_ = recording.read_bytes()
    recording.unlink()
    people.write_policy(ANY, recomputed="optional")
    assert "--not-recomputed" in people.sign("ann", "--approve").err
    people.approved("ann", "--not-recomputed")
    recording.write_bytes(bytes_)
    taken = people.run()
    assert taken.status == 0, taken.text
    assert "signed without recomputing the evidence" in told(taken)
    people.write_policy(ANY)
    refused = people.run()
    assert refused.status == 3
    assert "its signer did not recompute the evidence, which policy asks for in production" in told(refused)
    recording.unlink()
    assert "which production asks for" in people.sign("ann", "--approve", "--not-recomputed").err
