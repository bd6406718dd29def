from dataclasses import replace

import pytest
from markdown_it import MarkdownIt
from markdown_it.token import Token
from run_world import HostileCase, approved, blocked, empty, hostile_cases, hostile_run, waiting

from twokey.outcome import Finding, Status
from twokey.reports.base import Run
from twokey.reports.markdown import MAX_CHARACTERS, MarkdownReport

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])


def render(run: Run) -> str:
    return MarkdownReport().render(run)


def tokens(text: str) -> list[Token]:
    return PARSER.parse(text)


def headings(text: str) -> list[str]:
    found = tokens(text)
    return [found[index + 1].content for index, token in enumerate(found) if token.type == "heading_open"]


def test_the_verdict_is_the_first_heading_and_its_reason_the_first_point() -> None:
    lines = render(waiting()).splitlines()
    assert lines[0] == "## … needs-decision: support-triage to production"
    assert lines[2].startswith("- release is open: `quality.hallucination_rate` is fail")


def test_the_sections_come_in_the_order_of_a_decision() -> None:
    names = [heading.split(" (")[0] for heading in headings(render(waiting()))][1:]
    assert names == [
        "Checkpoints",
        "Gates",
        "What policy judges",
        "Findings",
        "Failures",
        "Decisions",
        "Human review",
        "Limits of this evidence",
    ]


def test_tables_tell_the_gates_and_what_policy_judges_the_worst_first() -> None:
    text = render(waiting())
    assert "| records | ✓ pass | 2 of 2 checks hold | 2,000 records = 1,992 scored" in text
    rows = [line for line in text.splitlines() if line.startswith("| quality | ")]
    assert rows[1].startswith("| quality | `hallucination_rate` | ✗ fail | 0.0356 | 0.0279 to 0.0447 | max 0.02 | - |")


def test_commands_refusals_and_the_digest_are_told() -> None:
    text = render(waiting())
    assert "1. `twokey review --terminal`" in text
    assert "2. `twokey sign`" in text
    assert "- **refused** `decision-mallory@example.com.json` approve `mallory@example.com`: step 4:" in text
    assert text.endswith(f"Evidence `sha256:{waiting().evidence.digest}`\n")
    assert "at most 5.4% of these 1,998 outputs fail" in render(approved())
    assert "it blocks" in render(blocked())
    assert headings(render(empty()))[:3] == ["… needs-decision: s to production", "Checkpoints", "Gates"]


def test_it_stays_small_enough_for_a_comment_whatever_was_found() -> None:
    run = blocked()
    result = run.evidence.results[2]
    many = tuple(Finding(gate="quality", check=f"`c{n}|", status=Status.FAIL, message="|`" * 5000) for n in range(2000))
    evidence = replace(run.evidence, results=(replace(result, findings=many),) * 50)
    conclusion = replace(run.conclusion, reasons=tuple(finding.message for finding in many))
    text = render(replace(run, evidence=evidence, conclusion=conclusion))
    assert len(text) < MAX_CHARACTERS + 1000
    assert "And 1,990 more; report.html has them." in text
    assert "1 more section does not fit here" in text
    assert text.startswith("## ✗ block")


def shape(text: str) -> list[str]:
    return [token.type for token in tokens(text)]


CALM = [heading.count("calm") for heading in headings(render(hostile_run("calm")))]


@pytest.mark.parametrize("case", hostile_cases(), ids=lambda case: case.name)
def test_a_hostile_output_makes_no_markup(case: HostileCase) -> None:
    text = render(hostile_run(case.text))
    found = tokens(text)
    assert len(text) < MAX_CHARACTERS + 1000
    assert not [form for form in case.never if form in text]
    assert {token.type for token in found} <= set(shape(render(waiting())))
    assert len(headings(text)) == len(CALM) or "more sections do not fit" in text
    for child in (child for token in found for child in token.children or []):
        assert child.type in ("text", "code_inline", "html_inline", "strong_open", "strong_close"), child
        if child.type == "html_inline":
            assert child.content in ("<code>", "</code>")
