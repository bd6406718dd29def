from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from twokey.detectors.pii import PiiDetector
from twokey.detectors.profanity import ProfanityDetector
from twokey.detectors.redact import HIDDEN, redact, redact_text, redact_value
from twokey.detectors.rule_file import Rule
from twokey.detectors.rules import RulesDetector
from twokey.detectors.scan import Scanner
from twokey.detectors.secrets import SecretsDetector
from twokey.record import Sighting, flatten

BUILT_IN = Scanner((PiiDetector(), SecretsDetector(), ProfanityDetector()))
# Rules that fight redaction: they see their own mark, what is around it, or what it brings together.
HOSTILE = Scanner(
    (
        PiiDetector(),
        ProfanityDetector(("pii", "email")),
        RulesDetector(
            (
                Rule(name="secret", words=("secret", "policy")),
                Rule(name="wide", expression=r"b[\s\S]{0,4}x"),
                Rule(name="around", expression=r"\]\s*[0-9]"),
                Rule(name="cascade", expression=r"\bab"),
                Rule(name="lines", expression=r"one\s+two"),
                Rule(name="brackets", expression=r"\["),
            )
        ),
    )
)
PIECES = st.sampled_from(
    [
        *("bob@example.com", "4111 1111 1111 1111", "4111111111111111", "+44 20 7946 0958", "(415) 555-2671"),
        *("123-45-6789", "GB29 NWBK 6016 1331 9268 19", "93.184.216.34", "https://bob:pa55w0rd@x.com", "call"),
        *(
            "fuck",
            "shit",
            "secret",
            "b",
            "x",
            "ab",
            "abab",
            "one",
            "two",
            "[pii.email]",
            "[policy.secret]",
            "[redacted]",
        ),
        *("[", "]", ".", "@", "-", "12", "0", "é", "\ud800", "😀", " ", "\n"),
    ]
)
TEXTS = st.lists(PIECES, max_size=14).map("".join)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS | st.just(4111111111111111),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)


def seen(start: int, end: int, rule: str = "email", severity: Any = "high") -> Sighting:
    return Sighting(detector="pii", rule=rule, start=start, end=end, severity=severity)


def test_spans_are_replaced_by_the_tags_of_their_rules() -> None:
    assert redact_text("to a@b.com or c@d.com.", [seen(14, 21), seen(3, 10)]) == "to [pii.email] or [pii.email]."


def test_overlapping_spans_become_one_mark_that_of_the_widest() -> None:
    assert redact_text("0123456789", [seen(2, 5, "a"), seen(4, 9, "b"), seen(4, 5, "c")]) == "01[pii.b]9"
    assert redact_text("0123456789", [seen(2, 5, "z"), seen(2, 5, "a", "low")]) == "01[pii.z]56789"


def test_spans_that_only_touch_stay_two() -> None:
    assert redact_text("0123", [seen(0, 2, "a"), seen(2, 4, "b")]) == "[pii.a][pii.b]"


def test_the_order_of_the_sightings_does_not_show() -> None:
    spans = [seen(0, 4, "a"), seen(2, 6, "b"), seen(5, 9, "c")]
    assert redact_text("0123456789", spans) == redact_text("0123456789", spans[::-1])


def test_a_structure_keeps_its_shape_and_what_is_clean() -> None:
    value = {
        "to": "bob@example.com",
        "n": 3,
        "ok": True,
        "none": None,
        "list": [1.5, "fuck this"],
        "card": 4111111111111111,
    }
    assert redact_value(value, BUILT_IN) == {
        "to": "[pii.email]",
        "n": 3,
        "ok": True,
        "none": None,
        "list": [1.5, "[profanity.strong] this"],
        "card": "[pii.credit-card]",
    }


def test_keys_are_redacted_and_stay_apart() -> None:
    out = redact_value({"bob@example.com": 1, "eve@example.com": 2}, BUILT_IN)
    assert out == {"[pii.email]": 1, "[pii.email][redacted.2]": 2}


def test_what_only_shows_across_leaves_hides_the_leaves_that_it_touches() -> None:
    assert redact_value({"ssn": "123456789", "note": "fine"}, BUILT_IN) == {"ssn": "[pii.us-ssn]", "note": "fine"}
    assert redact_value(["x", "one", "two", "y"], HOSTILE) == ["x", "[policy.lines]", "[policy.lines]", "y"]


def test_a_rule_that_sees_its_own_mark_comes_to_rest() -> None:
    assert redact("my secret policy", HOSTILE) == "my [policy.secret] [policy.secret]"


def test_a_text_that_resists_is_hidden_as_a_whole() -> None:
    assert redact("ab" * 50, HOSTILE) == HIDDEN


def test_a_mark_hides_nothing_but_itself() -> None:
    assert {one.tag for one in BUILT_IN.scan("[pii.bob@example.com] [fuck] [secrets.fuck]")} == {
        "pii.email",
        "profanity.strong",
    }


@given(TEXTS)
@settings(deadline=None)
@pytest.mark.parametrize("scanner", [BUILT_IN, HOSTILE], ids=["built-in", "hostile"])
def test_nothing_is_seen_in_redacted_text_and_redacting_it_again_changes_nothing(scanner: Scanner, text: str) -> None:
    once = redact(text, scanner)
    assert scanner.scan(once) == ()
    assert redact(once, scanner) == once


@given(VALUES)
@settings(deadline=None)
@pytest.mark.parametrize("scanner", [BUILT_IN, HOSTILE], ids=["built-in", "hostile"])
def test_nothing_is_seen_in_redacted_structures_flattened_or_leaf_by_leaf(scanner: Scanner, value: Any) -> None:
    once = redact_value(value, scanner)
    assert scanner.scan_value(once) == ()
    assert all(scanner.scan(leaf) == () for leaf in flatten(once).split("\n"))
    assert redact_value(once, scanner) == once
    assert _shape(once) == _shape(value)


def _shape(value: Any) -> Any:
    if isinstance(value, dict):
        return [_shape(item) for item in value.values()]
    if isinstance(value, list):
        return [[_shape(item) for item in value]]
    return value if value is None or isinstance(value, bool) else "leaf"


@given(TEXTS, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), min_size=1, max_size=5))
@settings(deadline=None, max_examples=200)
def test_a_preview_of_any_place_shows_nothing_that_is_seen(text: str, places: list[tuple[int, int]]) -> None:
    ends = [(min(start, len(text)), min(start + more, len(text))) for start, more in places]
    for scanner in (BUILT_IN, HOSTILE):
        around = scanner.previews(text, ends)
        assert len(around) == len(ends)
        assert all(each == HIDDEN or scanner.scan(each) == () for each in around)
        assert all(len(each) <= 4 * 40 or "[" in each for each in around)


@given(VALUES, st.lists(st.tuples(st.integers(0, 60), st.integers(0, 30)), max_size=4))
@settings(deadline=None, max_examples=150)
def test_what_was_seen_elsewhere_is_hidden_with_the_rest(value: Any, places: list[tuple[int, int]]) -> None:
    hidden = BUILT_IN.redact_value(value, [seen(start, start + more) for start, more in places])
    assert BUILT_IN.scan_value(hidden) == ()


@given(st.text("xyz \n", max_size=60), st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30)), max_size=4))
@settings(deadline=None, max_examples=150)
def test_all_of_what_was_seen_elsewhere_goes_and_nothing_else(text: str, places: list[tuple[int, int]]) -> None:
    told = [seen(start, min(start + more, len(text))) for start, more in places if start < len(text)]
    kept = "".join(char for at, char in enumerate(text) if not any(one.start <= at < one.end for one in told))
    assert BUILT_IN.redact_value(text, told).replace("[pii.email]", "") == kept
