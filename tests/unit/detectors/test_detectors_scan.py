import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st

from twokey.detectors import DETECTORS, build_scanner, default_scanner
from twokey.detectors.base import Pattern
from twokey.detectors.expression import compiled
from twokey.detectors.matcher import loaded
from twokey.detectors.pii import PiiDetector
from twokey.detectors.profanity import ProfanityDetector
from twokey.detectors.rule_file import Rule
from twokey.detectors.rules import RulesDetector
from twokey.detectors.scan import Scanner
from twokey.errors import ConfigError, TwokeyError
from twokey.kinds import Explained, page
from twokey.record import Sighting, flatten

SCANNER = default_scanner()


@dataclass(frozen=True, slots=True)
class Plain:
    """A detector that sees whatever its one expression matches."""

    name: ClassVar[str] = "plain"
    summary: ClassVar[str] = "one expression"
    expressions: tuple[str, ...]

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:
        return cls((read(file or "").decode(),))

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        return {}

    def patterns(self) -> tuple[Pattern, ...]:
        return tuple(Pattern(rule=f"rule-{n}", expression=text) for n, text in enumerate(self.expressions))

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        for rule in sorted(rules):
            for match in compiled(self.expressions[int(rule[5:])]).finditer(text):
                yield Sighting(detector=self.name, rule=rule, start=match.start(), end=match.end())


def refuse(path: str) -> bytes:
    raise AssertionError(f"nothing should be read, but {path} was")


def test_offsets_are_characters_of_the_text_whatever_stands_before() -> None:
    text = "é😀 日本 bob@example.com"
    (seen,) = SCANNER.scan(text)
    assert text[seen.start : seen.end] == "bob@example.com"
    assert seen.tag == "pii.email"


@pytest.mark.parametrize("odd", ["plain", "é jane.roe@example.org", "\ud800 jane.roe@example.org"])
def test_many_values_are_seen_as_each_by_itself(odd: str) -> None:
    scanner = default_scanner()
    values = [None, "clean", {"mail": "write to jane.roe@example.org"}, ["call +44 20 7946 0958", 3, None, True], odd]
    each = [scanner.scan_value(value) for value in values]
    assert scanner.scan_values(values) == each
    assert [bool(seen) for seen in each] == [False, False, True, True, "@" in odd]


def test_lone_surrogates_neither_crash_nor_shift_what_is_seen() -> None:
    text = "\ud800 bob@example.com \udfff"
    (seen,) = SCANNER.scan(text)
    assert text[seen.start : seen.end] == "bob@example.com"


@given(st.text(st.characters(categories=["Cs", "L", "Nd", "P", "Zs", "Cc"])))
def test_no_text_crashes_the_scan(text: str) -> None:
    assert all(0 <= seen.start <= seen.end <= len(text) for seen in SCANNER.scan(text))


def test_keys_numbers_and_nested_values_are_scanned_as_they_are_flattened() -> None:
    value = {"bob@example.com": [1, None, True, {"card": 4111111111111111}], "x": ("fuck",)}
    text = flatten(value)
    assert {(seen.tag, text[seen.start : seen.end]) for seen in SCANNER.scan_value(value)} == {
        ("pii.email", "bob@example.com"),
        ("pii.credit-card", "4111111111111111"),
        ("profanity.strong", "fuck"),
    }


@pytest.mark.parametrize("value", [None, "", "clean", [], {}, True, 3.5, {"a": None}])
def test_nothing_is_seen_in_clean_values(value: object) -> None:
    assert SCANNER.scan_value(value) == ()


def test_sightings_come_in_order_of_place_whatever_the_order_of_the_detectors() -> None:
    text = "shit bob@example.com fuck 4111 1111 1111 1111"
    one = Scanner((PiiDetector(), ProfanityDetector())).scan(text)
    other = Scanner((ProfanityDetector(), PiiDetector())).scan(text)
    assert one == other
    assert [seen.start for seen in one] == sorted(seen.start for seen in one)


def test_what_two_detectors_see_in_one_place_counts_for_both() -> None:
    rules = RulesDetector((Rule(name="no-example", expression="example"),))
    seen = Scanner((PiiDetector(), rules)).scan("write to bob@example.com")
    assert {one.tag for one in seen} == {"pii.email", "policy.no-example"}


def test_a_scanner_pickles_small_and_sees_the_same_afterwards() -> None:
    SCANNER.scan("warm")
    data = pickle.dumps(SCANNER)
    assert len(data) < 1000
    copy = pickle.loads(data)  # noqa: S301 our own bytes
    assert copy == SCANNER
    assert hash(copy) == hash(SCANNER)
    assert copy.scan("bob@example.com") == SCANNER.scan("bob@example.com")


@pytest.mark.parametrize(
    "expressions",
    [("(",), ("a", "(?=b)"), (), ("a*",), ("",), ("x{1001}",)],
    ids=["broken", "look-around", "none", "matches-nothing", "empty", "too-long"],
)
def test_a_detector_that_cannot_load_is_an_error_and_never_silence(expressions: tuple[str, ...]) -> None:
    scanner = Scanner((PiiDetector(), Plain(expressions)))
    with pytest.raises(TwokeyError, match="the detector plain failed to load") as caught:
        scanner.scan("a text")
    assert not isinstance(caught.value, ConfigError)


def test_a_scan_without_detectors_and_a_detector_given_twice_are_errors() -> None:
    with pytest.raises(TwokeyError, match="given: none"):
        Scanner(()).scan("a")
    with pytest.raises(TwokeyError, match="each once"):
        Scanner((PiiDetector(), PiiDetector())).scan("a")


def test_a_scan_that_runs_out_of_memory_is_an_error_and_not_a_clean_text() -> None:
    class Silent:
        def __call__(self, data: bytes) -> None:
            """Answer like a set whose automaton has no memory left."""

    scanner = Scanner((PiiDetector(),))
    object.__setattr__(scanner.load().hidden, "match", Silent())
    try:
        with pytest.raises(TwokeyError, match="ran out of memory"):
            scanner.scan("a")
    finally:
        loaded.cache_clear()


def test_building_takes_only_files_where_a_detector_takes_one() -> None:
    with pytest.raises(TwokeyError, match="pii takes no file"):
        build_scanner({"pii": "pii.txt"}, refuse)
    with pytest.raises(TwokeyError, match="secrets takes no file"):
        build_scanner({"secrets": "x"}, refuse)
    with pytest.raises(TwokeyError, match="policy needs a file"):
        build_scanner({"policy": None}, refuse)
    with pytest.raises(TwokeyError, match=r"no detector called 'pi'.*did you mean pii"):
        build_scanner({"pi": None}, refuse)


def test_every_detector_documents_itself_and_names_rules_that_marks_can_carry() -> None:
    for name, kind in DETECTORS.items():
        assert name == kind.name
        assert kind.summary
        assert "**Limits.**" in page(kind)
    for detector in SCANNER.detectors:
        assert all(compiled("^[a-z0-9-]+$").search(pattern.rule) for pattern in detector.patterns())
