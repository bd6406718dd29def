from dataclasses import replace

import pytest
from run_world import HostileCase, approved, blocked, broken, clean, empty, hostile_cases, hostile_run, refused, waiting

from twokey.outcome import Finding, Status
from twokey.reports.base import Run
from twokey.reports.terminal import MAX_FINDINGS, WIDTH, TerminalReport, _lines


def render(run: Run) -> str:
    return TerminalReport().render(run)


def test_the_verdict_comes_first_with_its_status_and_reason() -> None:
    lines = render(waiting()).splitlines()
    assert lines[0] == "needs-decision (exit status 3)  support-triage to production"
    assert lines[1].startswith("  - release is open: quality.hallucination_rate is fail;")


def test_an_open_checkpoint_says_who_may_close_it_and_what_to_type() -> None:
    text = render(waiting())
    assert "    may close it: one of product, risk\n" in text
    assert "    to attest: rollback plan available; stakeholders told\n" in text
    commands = [line.split(": ", 1)[1].split("  #")[0].strip() for line in text.splitlines() if "  # " in line]
    assert commands == ["twokey review --terminal", "twokey sign", "twokey run"]


def test_a_metric_is_told_with_status_value_interval_limit_and_baseline() -> None:
    rows = [line.split() for line in render(waiting()).splitlines()]
    assert ["accuracy", "inconclusive", "0.949", "0.938", "to", "0.958", "min", "0.95,", "0.956"] in rows
    assert ["pii", "pass", "0", "records", "exact", "at", "most", "0", "-"] in rows


def test_the_books_of_every_gate_are_told() -> None:
    text = render(waiting())
    assert text.count("2,000 records = 1,992 scored + 2 errored + 6 unscorable + 0 excluded") == 5


def test_a_refused_decision_is_named_with_every_reason() -> None:
    text = render(waiting())
    at = text.index("Decisions that were refused\n  decision-mallory@example.com.json (approve, mallory@example.com)")
    assert "    - step 4: mallory@example.com is not in the roster\n" in text[at:]
    assert "    - step 6: signed for evidence 0123456789ab\n" in text[at:]


def test_a_finding_that_nobody_claims_is_said_to_block() -> None:
    text = render(blocked())
    assert text.startswith("block (exit status 1)")
    assert "fail         quality.hallucination_rate (claimed by no checkpoint: it blocks)" in text
    assert "next: twokey run" in text
    assert "twokey sign" not in text


def test_an_approved_run_says_by_whom_and_what_the_audit_bounds() -> None:
    text = render(approved())
    assert "release: closed by ann@example.com as product" in text
    assert "at most 5.4% of" in text
    assert "next: twokey verify" in text
    assert "Decisions that count" in text


def test_a_refusal_that_stands_and_another_subject_are_told() -> None:
    assert "release: refused by ann@example.com" in render(refused())
    assert "model/classifier.json changed" in render(broken())


def test_a_run_without_anything_has_every_section_and_no_claim() -> None:
    text = render(empty())
    assert "Gates\n  none ran" in text
    assert "Findings (0)\n  none" in text
    assert "no items were selected for people" in text
    assert "no items were selected" in render(clean())


def test_another_environment_stands_in_the_commands_quoted() -> None:
    run = waiting()
    elsewhere = replace(run, conclusion=replace(run.conclusion, environment="my staging; rm -rf"))
    assert "twokey sign --environment 'my staging; rm -rf'" in render(elsewhere)


def test_long_lists_are_cut_and_counted() -> None:
    run = blocked()
    result = run.evidence.results[2]
    many = tuple(Finding(gate="quality", check=f"c{n}", status=Status.FAIL, message="no") for n in range(500))
    evidence = replace(run.evidence, results=(replace(result, findings=many, metrics=()),))
    text = render(replace(run, evidence=evidence))
    assert f"  and {500 - MAX_FINDINGS} more\n" in text
    assert "Findings (500)" in text
    assert len(text.splitlines()) < 300


def test_lines_fit_the_width_and_hold_no_escape_sequence() -> None:
    for run in (waiting(), approved(), blocked(), refused(), broken(), clean(), empty()):
        text = render(run)
        assert max(map(len, text.splitlines())) <= WIDTH
        assert "\x1b" not in text


@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_a_hostile_output_stays_text_in_a_log(case: HostileCase) -> None:
    text = render(hostile_run(case.text))
    assert not [form for form in case.never if form in text]
    assert all(char == "\n" or char.isprintable() or char in "\u00a0\u3000" for char in text)
    for line in text.splitlines():
        assert not line.strip().startswith("::")
        assert "##[" not in line
        assert "##vso[" not in line.lower()
    assert len(text) < 60_000


def test_a_name_that_is_too_long_breaks_where_its_slice_begins() -> None:
    assert _lines("recall[label=lost_or_stolen_card]", 27) == ["recall", "[label=lost_or_stolen_card]"]
    assert _lines("accuracy[channel=chat]", 27) == ["accuracy[channel=chat]"]
    assert _lines("[x] and more words than fit", 12) == ["[x] and more", "words than", "fit"]
    assert _lines("", 5) == [""]
