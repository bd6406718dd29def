import pickle
import time

import pytest

from twokey.detectors import build_scanner
from twokey.detectors.rules import Rule, RulesDetector, load_rules
from twokey.detectors.scan import Scanner
from twokey.errors import ConfigError

FILE = b"""\
rules:
  - name: no-advice
    words: [guaranteed return, risk-free]
    severity: medium
    why: we do not give investment advice
  - name: ticket
    expression: 'OPS-[0-9]{4,}'
"""


def problems(data: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_rules(data.encode(), "policy.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_words_and_expressions_are_seen_with_their_names_and_severities() -> None:
    scanner = build_scanner({"policy": "policy.yaml"}, lambda _path: FILE)
    text = "A Guaranteed\nReturn, see OPS-12345; risk-freely"
    assert [(seen.tag, seen.severity, text[seen.start : seen.end]) for seen in scanner.scan(text)] == [
        ("policy.no-advice", "medium", "Guaranteed\nReturn"),
        ("policy.ticket", "high", "OPS-12345"),
    ]


def test_all_that_is_wrong_is_said_at_once_with_file_and_line() -> None:
    found = problems(
        "rules:\n"
        "  - {name: ok, words: [a]}\n"
        "  - {name: ok, words: [b]}\n"
        "  - {name: Bad Name, words: [c]}\n"
        "  - {name: broken, expression: '('}\n"
        "  - {name: around, expression: 'a(?=b)'}\n"
        "  - {name: empty, expression: 'x*'}\n"
        "  - {name: edge, expression: '\\b'}\n"
    )
    assert [line.split(":")[:2] for line in found] == [["policy.yaml", str(n)] for n in range(3, 9)]
    assert "two rules called 'ok'" in found[0]
    assert "cannot name a rule" in found[1]
    assert "not an expression in RE2's syntax: missing )" in found[2]
    assert "RE2's syntax" in found[3]
    assert "matches the empty text" in found[4]
    assert "matches the empty text" in found[5]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rules: []\n", "policy.yaml:1"),
        ("rules:\n  - {name: a}\n", "words or an expression"),
        ("rules:\n  - {name: a, words: [b], expression: c}\n", "words or an expression"),
        ("rules:\n  - {name: a, words: []}\n", "policy.yaml:2"),
        ("rules:\n  - {name: a, words: [' ']}\n", "an empty word"),
        ("rules:\n  - {name: a, word: [b]}\n", "words"),
        ("rules:\n  - {name: a, words: [b], severity: grave}\n", "low, medium, high"),
        ("", "policy.yaml"),
        ("rules: [1, 2\n", "policy.yaml"),
    ],
)
def test_a_file_without_usable_rules_is_refused(text: str, message: str) -> None:
    assert message in " ".join(problems(text))


def test_a_long_expression_is_refused() -> None:
    assert "2,001 characters" in " ".join(problems(f"rules:\n  - {{name: a, expression: {'b' * 2001}}}\n"))


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (r"(a+)+$", "a" * 200_000 + "b"),
        (r"(a|aa)+c", "a" * 200_000),
        (r"(.*a){20}", "a" * 100_000),
        (r"a[\s\S]*zzz|a", "a" * 200_000),
        (r"(\w+\s?)*!", "word " * 40_000),
    ],
)
def test_no_text_makes_an_expression_slow(expression: str, text: str) -> None:
    scanner = Scanner((RulesDetector((Rule(name="r", expression=expression),)),))
    scanner.scan("warm")
    start = time.process_time()
    scanner.scan(text)
    assert time.process_time() - start < 5


def test_after_a_hundred_places_all_the_rest_is_one_so_that_nothing_is_missed() -> None:
    scanner = Scanner((RulesDetector((Rule(name="r", expression="ab"),)),))
    text = "ab " * 500
    seen = scanner.scan(text)
    assert len(seen) == 101
    assert (seen[-1].start, seen[-1].end) == (299, len(text))
    assert "ab" not in scanner.redact_value(text)


def test_rules_pickle() -> None:
    detector = RulesDetector(load_rules(FILE, "policy.yaml"))
    assert pickle.loads(pickle.dumps(detector)) == detector  # noqa: S301 our own bytes
