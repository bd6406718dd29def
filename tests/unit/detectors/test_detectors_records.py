"""Scanning whole records: outputs, inputs where somebody asks, what only shows in both, and what policy allows."""

import pickle
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, Self

import pytest

from twokey.detectors.allowed import Allowed
from twokey.detectors.base import Pattern, Weighing
from twokey.detectors.expression import spans
from twokey.detectors.matcher import loaded
from twokey.detectors.scan import Scanner
from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Field, Record, Sighting, flatten


@dataclass(frozen=True, slots=True)
class Looks:
    """Sees a word of one field."""

    name: ClassVar[str] = "looks"
    summary: ClassVar[str] = "a word"
    hides_inputs: ClassVar[bool] = True

    word: str = "alpha"
    field: Field = "output"

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:  # noqa: ARG003 the contract has it
        return cls()

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        return {"word": Explained(what="a word", how="by looking")}

    def patterns(self) -> tuple[Pattern, ...]:
        return (Pattern(rule="word", expression=self.word, field=self.field),)

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:  # noqa: ARG002 it has one rule
        for start, end in spans(self.word, text):
            yield Sighting(detector=self.name, rule="word", start=start, end=end)


@dataclass(frozen=True, slots=True)
class Shows(Looks):
    name: ClassVar[str] = "shows"
    hides_inputs: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Weighs(Looks):
    """Takes a word of the output for quoted where the input has it, and misses it where it must be."""

    name: ClassVar[str] = "weighs"
    weighs: Literal["never", "hit", "every"] = "hit"

    def weigh(self, record: Record, seen: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        asked = self.word in flatten(record.input)
        missing = Sighting(detector=self.name, rule="word", start=0, end=0, severity="low")
        return tuple(replace(one, quoted=asked) for one in seen) or (missing,)


def record(output: object, asked: object = None) -> Record:
    return Record(id="r", output=output, input=asked)


def seen(scanner: Scanner, *records: Record) -> list[list[tuple[str, str, int, int]]]:
    return [
        [(one.tag, one.field, one.start, one.end) for one in found] for found in scanner.scan_records(list(records))
    ]


def test_a_field_is_scanned_for_the_patterns_that_ask_for_it_and_for_no_others() -> None:
    scanner = Scanner((Looks("alpha"), Shows("beta", "input")))
    both = "alpha beta"
    assert seen(scanner, record(both, both), record("beta", "alpha")) == [
        [("looks.word", "output", 0, 5), ("shows.word", "input", 6, 10)],
        [],
    ]


def test_inputs_are_not_even_flattened_where_nobody_asks_for_them() -> None:
    class Unreadable:
        def __str__(self) -> str:
            raise AssertionError("nobody asked for the input")

    assert loaded((Looks(),)).inputs is None
    assert seen(Scanner((Looks(),)), record("alpha", Unreadable())) == [[("looks.word", "output", 0, 5)]]


def test_records_and_values_agree_about_outputs() -> None:
    scanner = Scanner((Looks(),))
    outputs = ["alpha", "", None, {"a": ["alpha", 1]}, "\ud800 alpha", "clean"]
    assert scanner.scan_records([record(output) for output in outputs]) == scanner.scan_values(outputs)


def test_what_is_not_to_be_shown_in_inputs_is_hidden_wherever_it_stands_unless_people_must_read_it() -> None:
    hidden = Scanner((Looks("alpha", "input"),))
    assert hidden.redact_value({"in": "alpha"}) == {"in": "[looks.word]"}
    shown = Scanner((Shows("alpha", "input"),))
    assert shown.redact_value({"in": "alpha"}) == {"in": "alpha"}
    (found,) = shown.scan_records([record("x", "alpha")])
    assert shown.redact_value("alpha", found) == "alpha"
    assert shown.previews("alpha", [(0, 5)], found) == ("alpha",)


def test_a_detector_may_weigh_the_records_that_it_hit() -> None:
    scanner = Scanner((Weighs(weighs="hit"), Looks("beta")))
    (first, second, third) = scanner.scan_records([record("alpha", "alpha"), record("alpha beta", "x"), record("beta")])
    assert [one.quoted for one in first] == [True]
    assert [(one.tag, one.quoted) for one in second] == [("weighs.word", False), ("looks.word", False)]
    assert [one.tag for one in third] == ["looks.word"]


def test_a_detector_may_weigh_every_record_and_needs_no_pattern_then() -> None:
    scanner = Scanner((Weighs(weighs="every"),))
    assert seen(scanner, record("clean"), record("alpha")) == [
        [("weighs.word", "output", 0, 0)],
        [("weighs.word", "output", 0, 5)],
    ]
    assert isinstance(Weighs(), Weighing)
    assert not isinstance(Looks(), Weighing)


def test_one_that_never_weighs_is_never_asked() -> None:
    assert seen(Scanner((Weighs(weighs="never"),)), record("clean")) == [[]]


def test_what_only_shows_in_the_whole_record_is_hidden_too_in_every_leaf_that_it_runs_over() -> None:
    scanner = Scanner((Looks("never there"),))
    value = {"a": "one two", "b": ["three", 4]}
    text = flatten(value)
    found = Sighting(detector="looks", rule="word", start=text.index("two"), end=text.index("three") + 2)
    assert scanner.redact_value(value, [found]) == {"a": "one [looks.word]", "[looks.word]": ["[looks.word]ree", 4]}
    assert scanner.redact_value("one two", [replace(found, start=4, end=7)]) == "one [looks.word]"
    assert scanner.redact_value("one two", [replace(found, start=4, end=4)]) == "one two"


def test_previews_show_what_is_around_a_place_and_nothing_that_is_seen() -> None:
    scanner = Scanner((Looks("alpha"), Shows("beta")))
    text = "x" * 60 + " alpha and beta " + "y" * 60
    places = [(61, 66), (71, 75), (0, 0)]
    around = scanner.previews(text, places)
    assert around[0] == f"{'x' * 39} [looks.word] and [shows.word] {'y' * 22}"
    assert "[shows.word]" in around[1]
    assert around[2] == "x" * 40
    assert all(scanner.scan(each) == () for each in around)


def test_a_preview_never_brings_to_light_what_cutting_uncovers() -> None:
    scanner = Scanner((Looks(r"(?:^|[^a])alpha"), Shows("beta")))
    text = "a" * 3 + "alpha" + "z" * 38 + "beta"
    (around,) = scanner.previews(text, [(46, 50)])
    assert "alpha" not in around.replace("looks", "")


def allowed(**changes: object) -> Allowed:
    given = {"rule": "looks.word", "words": ("alpha",), "why": "known", "until": "2030-01-31", **changes}
    return Allowed(**given)  # type: ignore[arg-type]  # a test's shorthand


def numbers(text: str, *allowances: Allowed, word: str = "[a-z]*alpha") -> list[int | None]:
    scanner = Scanner((Looks(word),), allowances)
    return [one.allowed for one in scanner.scan_records([record(text)])[0]]


def test_what_policy_allows_is_marked_where_all_that_was_seen_is_it() -> None:
    assert numbers("alpha", allowed()) == [0]
    assert numbers("xalpha", allowed()) == [None]
    assert numbers("xalpha", allowed(words=(), expression="x?alpha")) == [0]
    assert numbers("xyalpha", allowed(words=(), expression="x?alpha")) == [None]
    assert numbers("alpha", allowed(rule="looks.other")) == [None]
    assert numbers("ALPHA", allowed(), word="(?i)alpha") == [0]


def test_of_several_that_allow_the_same_the_one_that_holds_longest_counts() -> None:
    short, long = allowed(until="2026-01-01"), allowed(until="2031-01-01")
    assert numbers("alpha", short, long) == [1]
    assert numbers("alpha", long, short, long) == [0]


def test_what_is_allowed_is_hidden_like_the_rest() -> None:
    assert Scanner((Looks(),), (allowed(),)).redact_value("alpha") == "[looks.word]"


def test_a_scanner_travels_with_what_policy_allows() -> None:
    scanner = Scanner((Looks(),), (allowed(),))
    copy = pickle.loads(pickle.dumps(scanner))  # noqa: S301 our own bytes
    assert copy.scan_records([record("alpha")]) == scanner.scan_records([record("alpha")])
    assert copy.allowed == ({"rule": "looks.word", "why": "known", "until": "2030-01-31"},)


def test_a_pattern_that_is_wrong_is_an_error_in_whichever_field() -> None:
    with pytest.raises(TwokeyError, match="the detector looks failed to load: word"):
        Scanner((Looks("(", "input"),)).scan_records([record("x")])
