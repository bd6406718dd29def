from datetime import date

import pytest

from twokey.detectors import build_scanner
from twokey.detectors.allowed import load_allowed
from twokey.errors import ConfigError
from twokey.record import Record

RULES = {"pii.email", "pii.phone", "policy.no-advice"}
GOOD = """\
allow:
  - {rule: pii.email, words: [support@corp.example], why: our own address, until: 2027-01-31}
  - rule: pii.email
    expression: '[a-z]+@example\\.com'
    why: documentation
    until: 2028-02-29
"""


def problems(text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_allowed(text.encode(), "allowed.yaml", RULES)
    return [str(problem) for problem in caught.value.problems]


def test_what_is_allowed_is_read_with_reason_and_last_day() -> None:
    first, second = load_allowed(GOOD.encode(), "allowed.yaml", RULES)
    assert first.covers("Support@Corp.example")
    assert not first.covers("support@corp.example.net")
    assert second.covers("info@example.com")
    assert not second.covers("xinfo@example.com x")
    assert date.fromisoformat(second.until) > date.fromisoformat(first.until)
    assert "support" not in str(first.plain()), "what may be there may be somebody's address"


@pytest.mark.parametrize(
    ("entry", "message", "column"),
    [
        ("{rule: pii.emial, words: [a], why: b, until: 2027-01-31}", "did you mean pii.email?", 12),
        ("{rule: pii.email, words: [a], why: b, until: 2027-02-30}", "expected a day such as 2027-01-31", 50),
        ("{rule: pii.email, words: [a], why: b, until: tomorrow}", "expected a day such as 2027-01-31", 50),
        ("{rule: pii.email, words: [a], why: b}", "missing key 'until'", 5),
        ("{rule: pii.email, words: [a], until: 2027-01-31}", "missing key 'why'", 5),
        ("{rule: pii.email, why: b, until: 2027-01-31}", "words or an expression, and not both", 5),
        ("{rule: pii.email, words: [a, ' '], why: b, until: 2027-01-31}", "an empty word", 34),
        ("{rule: pii.email, expression: '(', why: b, until: 2027-01-31}", "RE2's syntax", 35),
        ("{rule: pii.email, expression: 'a*', why: b, until: 2027-01-31}", "matches the empty text", 35),
        ("{rule: pii.email, wrods: [a], why: b, until: 2027-01-31}", "did you mean words?", 23),
    ],
)
def test_whatever_is_wrong_is_said_with_its_place(entry: str, message: str, column: int) -> None:
    (found,) = problems(f"allow:\n  - {entry}\n")
    assert found.startswith(f"allowed.yaml:2:{column}: ")
    assert message in found


def test_all_that_is_wrong_is_said_at_once() -> None:
    bad = "  - {rule: pii.no, words: [a], why: b, until: 2027-01-31}\n"
    assert [line.split(":")[1] for line in problems(f"allow:\n{bad}{bad}")] == ["2", "3"]


@pytest.mark.parametrize("text", ["allow: []\n", "", "alow: []\n"])
def test_a_file_that_allows_nothing_is_refused(text: str) -> None:
    assert problems(text)


def test_it_holds_for_the_findings_of_built_in_detectors_and_of_rules_alike() -> None:
    files = {
        "allowed.yaml": (GOOD + "  - {rule: policy.no, words: [ok no], why: fine, until: 2027-01-31}\n").encode(),
        "rules.yaml": b"rules:\n  - {name: no, expression: '[a-z]+ no'}\n",
    }
    scanner = build_scanner({"pii": None, "policy": "rules.yaml"}, files.__getitem__, "allowed.yaml")
    (found,) = scanner.scan_records([Record(id="a", output="support@corp.example, eve@home.example: ok no, my no")])
    assert [(one.tag, one.allowed) for one in found] == [
        ("pii.email", 0),
        ("pii.email", None),
        ("policy.no", 2),
        ("policy.no", None),
    ]


def test_a_rule_of_a_detector_that_is_not_asked_for_is_no_rule() -> None:
    with pytest.raises(ConfigError, match=r"no detector that is asked for has a rule 'pii\.email'"):
        build_scanner({"secrets": None}, lambda _: GOOD.encode(), "allowed.yaml")
