"""What anything means is told by the command line itself, out of the code's own words."""

import pytest
from persona import Home

from twokey.cli.flowing import flowing
from twokey.cli.glossary import _ALIASES


def test_without_a_name_everything_is_listed_with_its_kind(home: Home) -> None:
    outcome = home.twokey("explain")
    assert outcome.status == 0
    listed = {line.split()[1]: line.split()[0] for line in outcome.out.splitlines()}
    assert listed["safety"] == "gate"
    assert listed["jsonl"] == "reader"
    assert listed["pii"] == "detector"
    assert listed["inconclusive"] == "status"
    assert listed["f1_macro"] == "metric"
    assert listed["ssh"] == "signer"
    assert listed["processes"] == "engine"
    assert listed["junit"] == "report"
    assert all(len(line.split()) > 3 for line in outcome.out.splitlines())


@pytest.mark.parametrize("name", ["safety", "SAFETY"])
def test_a_gate_is_explained_with_how_to_mend_it(home: Home, name: str) -> None:
    outcome = home.twokey("explain", name)
    assert outcome.status == 0
    assert outcome.out.startswith("safety (gate): ")
    assert len(outcome.out.splitlines()) > 3


def test_a_status_is_explained(home: Home) -> None:
    outcome = home.twokey("explain", "inconclusive")
    assert outcome.status == 0
    assert "these records cannot tell" in outcome.out


def test_a_name_that_is_none_is_a_wrong_use_with_the_nearest(home: Home) -> None:
    outcome = home.twokey("explain", "saftey")
    assert outcome.status == 2
    assert "did you mean safety?" in outcome.err
    assert outcome.out == ""


@pytest.mark.parametrize(
    ("name", "gate", "said"),
    [
        ("accuracy", "quality", "Clopper and Pearson"),
        ("f1_macro", "quality", "confusions"),
        ("latency_p95_ms", "performance", "95th percentile"),
    ],
)
def test_a_metric_is_explained_and_names_its_gate(home: Home, name: str, gate: str, said: str) -> None:
    outcome = home.twokey("explain", name)
    assert outcome.out.startswith(f"{name} (metric): ")
    assert "**How.**" in outcome.out
    assert said in outcome.out
    assert outcome.out.rstrip().endswith(f"See also: twokey explain {gate}")


@pytest.mark.parametrize("name", ["pii.iban", "secrets.github-token", "profanity.slur"])
def test_a_rule_of_a_detector_is_explained(home: Home, name: str) -> None:
    outcome = home.twokey("explain", name)
    assert outcome.status == 0
    assert outcome.out.startswith(f"{name} (rule): ")
    assert "**How.**" in outcome.out


def test_a_detector_lists_its_rules(home: Home) -> None:
    assert "pii.iban" in home.twokey("explain", "pii").out


@pytest.mark.parametrize("name", ["checkpoint", "decision", "manifest", "quarantine", "grade", "finding", "evidence"])
def test_the_words_of_the_reports_are_explained(home: Home, name: str) -> None:
    outcome = home.twokey("explain", name)
    assert outcome.status == 0
    assert outcome.out.startswith(f"{name} (word)\n")


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("quality.accuracy", "accuracy (metric)"),
        ("fairness.flip_rate[gender]", "flip_rate (metric)"),
        ("records.unreadable[baseline]", "records (gate)"),
        ("iban", "pii.iban (rule)"),
        ("non-inferiority", "margin (word)"),
        ("max_drop", "margin (word)"),
        ("PSI", "psi (word)"),
        ("D", "d (word)"),
        ("surplus", "surplus (word)"),
        ("slices", "slice (word)"),
        ("unscorable", "books (word)"),
        ("group", "group (metric)"),
    ],
)
def test_a_name_is_found_as_reports_and_policies_write_it(home: Home, name: str, page: str) -> None:
    assert home.twokey("explain", name).out.startswith(page)


def test_a_part_of_names_leads_to_them_and_nonsense_to_the_list(home: Home) -> None:
    assert "did you mean secrets.github-fine-grained-token, secrets.github-token?" in home.twokey(
        "explain", "github"
    ).err.replace("\n", " ")
    lost = home.twokey("explain", "zzz")
    assert lost.status == 2
    assert "twokey explain lists them" in lost.err
    assert len(lost.err) < 400


def test_every_alias_leads_to_a_page(home: Home) -> None:
    for alias in sorted(set(_ALIASES.values())):
        assert home.twokey("explain", alias).status == 0, alias


def test_pages_are_filled_and_code_is_left_as_it_is(home: Home) -> None:
    lines = home.twokey("explain", "policy").out.splitlines()
    assert "  - name: no-advice" in lines
    assert max(map(len, home.twokey("explain", "hallucination_rate").out.splitlines())) <= 100
    assert max(map(len, home.twokey("explain").out.splitlines())) <= 120
    assert flowing("one two three\n- four five six\n  seven\n\neight", 12) == (
        "one two\nthree\n- four five\n  six seven\n\neight"
    )
