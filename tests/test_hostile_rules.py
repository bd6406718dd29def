"""A user's own rules cannot make a scan hang: each expression that was ever called evil is refused, or it ends.

RE2 has no backtracking, so what is left to build is a large program, many of them, or many matches. The proof that a
search is linear is that all of this ends: in a backtracking engine the first case alone takes longer than the sun. What
Python does for each match is counted in calls.
"""

import random
from collections.abc import Iterator

import pytest
import yaml
from work import calls

from twokey.detectors import build_scanner
from twokey.detectors.expression import MAX_HITS
from twokey.detectors.scan import Scanner
from twokey.errors import ConfigError
from twokey.record import Record

MEGABYTE = 1_000_000
CHANCE = random.Random(7)
AB = "".join(CHANCE.choices("ab", k=MEGABYTE))
WORDS = ("lorem ipsum dolor sit " * 50_000)[:MEGABYTE]

# Expression, a text to choke on (repeated to a megabyte, then an end that does not match), and whether it is there.
EVIL = [
    (r"(a+)+$", "a", "!", False),
    (r"(a*)*b", "a", "!", False),
    (r"(a|a)*b", "a", "!", False),
    (r"(a|aa)+$", "a", "!", False),
    (r"(a|a?)+b", "a", "b", True),
    (r"([a-zA-Z]+)*1", "a", "!", False),
    (r"(a+a+)+y", "a", "!", False),
    (r"(x+x+)+y", "x", "!", False),
    (r"((x*)*)*y", "x", "!", False),
    (r"(.*a){20}b", "a", "!", False),
    (r"(.*)*(.*)*(.*)*=", "x", "!", False),
    (r".*.*.*.*.*.*=.*x", "x", "!", False),
    (r"(?s).*.*.*=.*=.*x", "=\n", "!", False),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", "a", "!", False),
    (r"^([a-zA-Z0-9])(([\-.]|[_]+)?([a-zA-Z0-9]+))*@", "a", "!", False),
    (r"^(([^<>()]+(\.[^<>()]+)*)|(\".+\"))@x", "a.", "!", False),
    (r"(\w+\s?)*!$", "word ", "?", False),
    (r"\s+$|b\s+c", " ", "b", False),
    (r"(?:\s*\n\s*)*x", " \n", "!", False),
    (r"<!--(.|\s)*?-->", "<!--", "!", False),
    (r"(?:a?){100}a{100}b", "a", "!", False),
    (r"(a|b)*a(a|b){60}c", "ab", "!", False),
    (r"[ab]*a[ab]{60}c", "ab", "!", False),
    (r"(?i)(\pL|\pN)+(\pL|\pM)*9", "\u0436", "!", False),
    (r"(?i)[\pL\pN]{20}_", "\u212a", "!", False),
    (r"(?i)(k|\x{212a})+(s|\x{17f})+x", "ks", "!", False),
    (r"[^\n]*[^\n]*[^\n]*\nx", "y", "!", False),
    (r"a", "a", "!", True),
    (r"a.*b", "a", "b", True),
    (r"(?s)a.*?b|a", "a ", "b", True),
    (r"\b\w", "a ", "!", True),
    (r"(?:é|e\x{301})+z", "e\u0301", "!", False),
]
REFUSED = [
    r"a{1001}b",
    r"((a{30}){30}){30}b",
    r"(a{1,30}){30}{30}",
    r"(.{1,1000}){2}x",
    r".{1000}x",
    r"(?:a?){900}a{900}b",
    r"(a.{0,900}b)|zz",
    r"(?i)(\pL{1,100}\s){1,20}x",
    r"(\pL|\pM|\pN|\pP){25}q",
    "(?i)(k|\u212a|s|\u017f){600}x",
    r"(\w+)\1",
    r"(?=a+)+b",
    r"(?<!a)b",
    r"(?>a+)b",
    r"a++b",
    r"(?(1)a|b)",
    r"(a*)*",
    r"(|a)+",
    r"x*?",
    "a" * 2001,
    "(" * 1500,
    "(" * 990 + "a" + ")" * 990 + "*",
]


def scanner(rules: list[dict[str, object]]) -> Scanner:
    """A scanner of rules that went through the file that a user writes."""
    text = yaml.safe_dump({"rules": rules}, allow_unicode=True)
    return build_scanner({"policy": "rules.yaml"}, lambda _path: text.encode())


def record(piece: str, end: str, size: int) -> Record:
    return Record(id="x", output=(piece * (size // len(piece.encode()) + 1))[:size] + end)


def test_there_are_enough_of_them() -> None:
    assert len(EVIL) + len(REFUSED) >= 50


@pytest.mark.parametrize(("expression", "piece", "end", "there"), EVIL, ids=[each[0] for each in EVIL])
def test_an_evil_expression_ends_on_a_megabyte(expression: str, piece: str, end: str, there: bool) -> None:
    ours = scanner([{"name": "evil", "expression": expression}])
    (seen,) = ours.scan_records([record(piece, end, MEGABYTE)])
    assert bool(seen) == there
    assert len(seen) <= MAX_HITS + 1


@pytest.mark.parametrize(("expression", "piece", "end", "there"), EVIL, ids=[each[0] for each in EVIL])
def test_a_longer_text_is_not_more_work_for_python(expression: str, piece: str, end: str, there: bool) -> None:
    ours = scanner([{"name": "evil", "expression": expression}])
    short, long = (record(piece, end, size) for size in (MEGABYTE // 100, MEGABYTE))
    ours.scan_records([short])
    assert calls(lambda: ours.scan_records([long])) <= calls(lambda: ours.scan_records([short])) + 200
    if there:
        assert ours.scan_value(ours.redact_value(long.output)) == ()


@pytest.mark.parametrize("expression", REFUSED, ids=lambda expression: expression[:40])
def test_what_would_be_too_much_is_refused_with_its_place(expression: str) -> None:
    with pytest.raises(ConfigError) as caught:
        scanner([{"name": "fine", "words": ["fine"]}, {"name": "evil", "expression": expression}])
    (problem,) = caught.value.problems
    assert str(problem).startswith("rules.yaml:")
    assert problem.message.startswith(("not an expression in RE2's syntax: ", "the expression ", "an expression "))
    assert len(problem.message) < 300


def many(count: int, steps: int) -> Iterator[dict[str, object]]:
    for number in range(count):
        yield {"name": f"rule-{number}", "expression": rf"[ab]*a[ab]{{{steps}}}c{number}"}


def test_many_large_expressions_are_refused_together_although_each_would_do() -> None:
    assert scanner(list(many(1, 900)))
    with pytest.raises(ConfigError, match=r"expressions together stand for .* steps, more than the 20,000 allowed"):
        scanner(list(many(30, 900)))


def test_as_many_ordinary_ones_as_a_file_may_hold_are_not() -> None:
    ours = scanner([{"name": f"rule-{n}", "expression": rf"(?i)\bOPS-{n:03}-[0-9]{{4,6}}\b"} for n in range(500)])
    (seen,) = ours.scan_records([Record(id="x", output=f"{WORDS} ops-499-12345")])
    assert [one.rule for one in seen] == ["rule-499"]


def test_chance_is_no_way_to_fill_the_memory_of_a_search() -> None:
    ours = scanner(list(many(3, 60)))
    assert ours.scan_records([Record(id="x", output=AB)]) == [()]


def test_words_that_repeat_one_letter_end_in_disguise_too() -> None:
    words = ["a" * length for length in range(4, 20)] + ["ab" * length for length in range(2, 10)]
    ours = scanner([{"name": "evil", "words": words, "obfuscated": True}])
    for piece in ("a", "a ", "4", "@", "a-", "b a "):
        (seen,) = ours.scan_records([record(piece, "!", MEGABYTE // 50)])
        assert all(0 <= one.start < one.end <= MEGABYTE for one in seen)
