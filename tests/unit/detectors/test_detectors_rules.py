import pickle
from typing import Any

import pytest

from twokey.detectors import build_scanner
from twokey.detectors.expression import compiled, compiled_set, wrong
from twokey.detectors.rule_file import Rule, load_rules
from twokey.detectors.rules import RulesDetector
from twokey.detectors.scan import Scanner
from twokey.errors import ConfigError
from twokey.record import Record

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


BAD = [  # from OWASP's page on ReDoS, RE2's own tests, and the usual lists
    r"(a+)+$",
    r"([a-zA-Z]+)*x$",
    r"(a|aa)+$",
    r"(a|a?)+b",
    r"(.*a){20}",
    r"(.*a){12}$",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(x+x+)+y",
    r"(\w+\s?)*!",
    r"a[\s\S]*zzz|a",
    r"(a?){100}a{100}",
    r"(a|b)*a(a|b){20}x",
    r"^([a-z0-9]([.\-]?\w+)*)@",
    r"\s+$|a\s+b",
]
TEXTS = ["a" * 100_000 + "b", "ab" * 50_000, "x" * 100_000, "word " * 20_000, " " * 100_000 + "b", "a.b-" * 25_000]


@pytest.mark.parametrize("expression", BAD)
def test_no_expression_from_the_lists_of_bad_ones_is_slow_whatever_the_text(expression: str) -> None:
    # RE2 has no backtracking to explode, so the proof is that all of this ends: in another engine it takes years.
    assert wrong(expression) is None
    scanner = Scanner((RulesDetector((Rule(name="r", expression=expression),)),))
    for text in TEXTS:
        scanner.scan_records([Record(id="a", output=text)])


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (r"(a{1,30}){30}{30}", "RE2's syntax"),
        (r"((a{30}){30}){30}", "RE2's syntax"),
        (r"(?:.{0,30}a){30}z", "2,735 steps, more than the 2,000 allowed"),
        (r"(?:\pL{0,20}a){10}z", "steps in bytes, more than the 30,000 allowed"),
        (r"(?i)(?:\pL|\pN|\pP|\pS){500}", "too large"),
        (r"[\s\S]{1001}", "RE2's syntax"),
        (r"(\w+)\1", "RE2's syntax"),
        (r"(?=a)b", "RE2's syntax"),
        (r"(?>a+)b", "RE2's syntax"),
    ],
)
def test_an_expression_that_would_be_slow_on_long_texts_is_refused_with_a_sentence(
    expression: str, message: str
) -> None:
    (found,) = problems(f"rules:\n  - {{name: a, expression: '{expression}'}}\n")
    assert message in found


@pytest.mark.parametrize(
    "expression", [r"\pL{2,20}", "日本.{3}", r"\x{1F600}", r"(?i)draft.{0,200}secret", r"\d{4,30}"]
)
def test_ordinary_expressions_are_not_refused_for_their_size(expression: str) -> None:
    assert wrong(expression) is None
    assert compiled(expression)
    assert compiled_set((expression,))


def test_after_a_hundred_places_all_the_rest_is_one_so_that_nothing_is_missed() -> None:
    scanner = Scanner((RulesDetector((Rule(name="r", expression="ab"),)),))
    text = "ab " * 500
    seen = scanner.scan(text)
    assert len(seen) == 101
    assert (seen[-1].start, seen[-1].end) == (299, len(text))
    assert "ab" not in scanner.redact_value(text)


def test_rules_pickle() -> None:
    found = load_rules(FILE, "policy.yaml")
    detector = RulesDetector(rules=found.rules, require=found.require)
    assert pickle.loads(pickle.dumps(detector)) == detector  # noqa: S301 our own bytes


def seen(rules: str, **fields: Any) -> list[tuple[str, str, str]]:
    scanner = build_scanner({"policy": "policy.yaml"}, lambda _path: rules.encode())
    record = Record(id="a", **fields)
    texts = {"output": record.output, "input": record.input}
    (found,) = scanner.scan_records([record])
    return [(one.rule, one.field, str(texts[one.field])[one.start : one.end]) for one in found]


def test_a_rule_looks_at_the_output_unless_it_says_something_else() -> None:
    rules = "rules:\n  - {name: out, words: [no]}\n  - {name: in, words: [no], field: input}\n"
    assert seen(rules, output="no", input="yes") == [("out", "output", "no")]
    assert seen(rules, output="yes", input="oh no") == [("in", "input", "no")]


REPLY = {"note": "no", "reply": {"text": "well no", "more": ["ok"]}, "after": "no"}


@pytest.mark.parametrize(
    ("field", "output", "places"),
    [
        ("output.reply", REPLY, [(24, 26)]),
        ("output.reply.text", REPLY, [(24, 26)]),
        ("output.reply.more.0", REPLY, []),
        ("output.reply", {"reply": None, "x": "no"}, []),
        ("output.reply", "no", []),
        ("output.1", ["no", "no", "no"], [(3, 5)]),
    ],
)
def test_a_rule_about_a_part_sees_that_part_alone(field: str, output: Any, places: list[tuple[int, int]]) -> None:
    for looks in ("words: ['no']", r"expression: '\bno\b'"):
        data = f"rules: [{{name: a, {looks}, field: {field}}}]".encode()
        scanner = build_scanner({"policy": "policy.yaml"}, {"policy.yaml": data}.__getitem__)
        (found,) = scanner.scan_records([Record(id="a", output=output)])
        assert [(one.start, one.end) for one in found] == places, looks
        redacted = scanner.redact_value(output)
        assert not places or scanner.scan_records([Record(id="a", output=redacted)]) == [()]


def test_an_anchor_in_a_rule_about_a_part_stands_for_the_part() -> None:
    rules = "rules: [{name: a, expression: '^[0-9]{6}$', field: output.reply}]"
    assert seen(rules, output={"n": "1", "reply": "123456"}) != []
    assert seen(rules, output={"n": "123456", "reply": "no 123456"}) == []


def test_required_content_is_missed_where_it_is_not_in_its_field() -> None:
    rules = "require:\n  - {name: notice, words: [no advice], field: output.reply}\n"
    assert seen(rules, output={"reply": "This is NO\nadvice."}) == []
    assert seen(rules, output={"reply": "Buy!", "note": "no advice"}) == [("notice", "output", "")]
    assert seen(rules, output={"answer": "no advice"}) == [("notice", "output", "")]
    assert seen(rules, output="no advice") == [("notice", "output", "")]
    expression = "require: [{name: total, expression: 'EUR [0-9]+'}]"
    assert seen(expression, output={"sum": "EUR 7"}) == []
    assert seen(expression, output="EUR") == [("total", "output", "")]


def test_forbidden_and_required_stand_side_by_side() -> None:
    rules = "rules: [{name: bad, words: [no]}]\nrequire: [{name: good, words: ['yes']}]\n"
    assert seen(rules, output="no") == [("bad", "output", "no"), ("good", "output", "")]
    assert seen(rules, output="yes") == []


def test_disguised_words_are_seen_where_the_rule_says_so() -> None:
    plain = "rules: [{name: a, words: [guaranteed]}]"
    through = "rules: [{name: a, words: [guaranteed], obfuscated: true}]"
    for text in ("gu4ranteed", "g u a r a n t e e d", "gu\u0430ranteed", "gua\u200branteed"):
        assert seen(plain, output=text) == []
        assert seen(through, output=text) == [("a", "output", text)]
    assert seen(through, output="Guaranteed") == [("a", "output", "Guaranteed")]
    assert seen(through, output="a guarantee") == []


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("{name: a, words: [b], field: outputs}", "expected output, input, or a path below one"),
        ("{name: a, words: [b], field: output..x}", "dotted path"),
        ("{name: a, words: [b], feild: input}", "did you mean field?"),
        ("{name: a, expression: b, obfuscated: true}", "only words can be seen through"),
        ("{name: a, expression: '\\Ab', field: output.x}", "cannot name the edges of the whole"),
        ("{name: a, expression: '(?-m:^b)', field: output.x}", "cannot name the edges of the whole"),
    ],
)
@pytest.mark.parametrize("key", ["rules", "require"])
def test_what_is_wrong_with_a_field_is_said_with_its_place(key: str, rule: str, message: str) -> None:
    (found,) = problems(f"{key}:\n  - {rule}\n")
    assert found.startswith("policy.yaml:2:")
    assert message in found


def test_a_name_is_one_rule_whether_it_forbids_or_requires() -> None:
    (found,) = problems("rules: [{name: a, words: [b]}]\nrequire:\n  - {name: a, words: [c]}\n")
    assert found.startswith("policy.yaml:3:12: there are two rules called 'a'")


def test_a_file_has_at_most_five_hundred_rules_and_a_rule_five_thousand_words() -> None:
    many = "".join(f"  - {{name: r{n}, words: [w{n}]}}\n" for n in range(501))
    assert "501 rules, more than the 500 allowed" in problems(f"rules:\n{many}")[0]
    words = ", ".join(f"w{n}" for n in range(5001))
    assert "5,001 words, more than the 5,000 allowed" in problems(f"rules:\n  - {{name: a, words: [{words}]}}\n")[0]
