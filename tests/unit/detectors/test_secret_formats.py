"""Each format has a made-up positive that is seen, and near-misses that are not; the tables say what they must."""

import importlib
import random
import re
import string
from collections.abc import Callable
from typing import Any

import pytest

from twokey.detectors import secret_checks
from twokey.detectors.expression import compiled
from twokey.detectors.scan import Scanner
from twokey.detectors.secret_formats import ALPHABETS, Format, by_rule, prefixed
from twokey.detectors.secret_generic import GENERIC
from twokey.detectors.secrets import CONTEXTUAL, FORMATS, PREFIXED, SecretsDetector

SCANNER = Scanner((SecretsDetector(),))
CHARACTERS = string.ascii_letters + string.digits + "_-./+=~:!$@% \n"
TABLED = [rule for rule in PREFIXED if FORMATS[rule].beginning]


def rules(text: str) -> set[str]:
    return {seen.rule for seen in SCANNER.scan(text)}


def one_of(pattern: str, rng: random.Random) -> str:
    """A random text that an expression of the tables' kind matches: literals, classes, groups and counts."""
    parser: Any = importlib.import_module("re._parser")  # the standard library's own reading of it
    return "".join(_made(item, rng) for item in parser.parse(pattern))


def _made(item: Any, rng: random.Random) -> str:
    kind, value = str(item[0]), item[1]
    if kind == "LITERAL":
        return chr(value)
    if kind == "IN":
        expression = _class_of(value)
        return rng.choice([c for c in CHARACTERS if expression(c)])
    if kind == "BRANCH":
        return "".join(_made(each, rng) for each in rng.choice(value[1]))
    if kind == "SUBPATTERN":
        return "".join(_made(each, rng) for each in value[3])
    if kind == "MAX_REPEAT":
        low, high, inner = value
        count = rng.randint(low, min(high, low + 4))
        return "".join(_made(each, rng) for _ in range(count) for each in inner)
    assert kind == "AT", kind
    return ""


def _class_of(members: Any) -> Callable[[str], bool]:
    def holds(character: str) -> bool:
        for member in members:
            kind, value = str(member[0]), member[1]
            if kind == "LITERAL" and ord(character) == value:
                return True
            if kind == "RANGE" and value[0] <= ord(character) <= value[1]:
                return True
            if kind == "CATEGORY" and "WORD" in str(value) and (character.isalnum() or character == "_"):
                return True
        return False

    return holds


def example(rule: str, seed: int) -> str:
    """The first of some random texts of a format that its check takes: chance may well spell `fake`."""
    form = FORMATS[rule]
    rng = random.Random(seed)
    inner = form.exact.removesuffix(r"(?:\W|\z)").removeprefix(r"\b")
    return next(text for _ in range(50) if form.check(text := one_of(inner, rng)))


def test_there_are_more_than_120_formats_and_each_is_explained_with_its_source() -> None:
    assert len(FORMATS) >= 120
    explained = SecretsDetector.explained()
    assert explained.keys() == FORMATS.keys() | GENERIC.keys()
    for rule, one in explained.items():
        assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", rule)
        assert one.what.endswith("."), rule
        assert one.how.endswith("."), rule
        assert one.fix, rule
        assert one.limits, rule
        assert one.source or rule in GENERIC, rule
        assert "<" not in one.how.replace("<password>", ""), f"an alphabet without words: {one.how}"


def test_every_expression_compiles_and_has_one_group_which_is_the_secret() -> None:
    for rule, form in FORMATS.items():
        assert compiled(form.exact).groups == 1, rule
        assert bool(form.coarse) != bool(form.near), f"{rule}: by the scan or by context"
        assert not form.coarse or compiled(form.coarse), rule


def test_a_name_that_stands_twice_is_refused() -> None:
    twice = prefixed('a-key  A key  ak_  <62>{20}  The issuer, "Keys"')
    with pytest.raises(ValueError, match="a-key"):
        by_rule((*twice, *twice))


@pytest.mark.parametrize("rule", TABLED)
def test_a_format_is_seen_alone_in_prose_and_in_code(rule: str) -> None:
    for seed, frame in enumerate(("{}", "look at {} there", "f('{}')", "a\n{}\nb", "v={};")):
        value = example(rule, seed)
        text = frame.format(value)
        seen = [one for one in SCANNER.scan(text) if text[one.start : one.end] == value]
        assert seen, f"{rule} not seen: {text}"
        assert rule in {one.rule for one in SCANNER.scan(text)} or len(seen) == 1


@pytest.mark.parametrize("rule", TABLED)
def test_what_is_cut_short_is_none(rule: str) -> None:
    whole = example(rule, 1)
    beginning = re.match(FORMATS[rule].beginning, whole)
    assert beginning is not None
    cut = whole[: beginning.end() + 3] if len(whole) > beginning.end() + 6 else whole[: beginning.end() - 2]
    assert rules(f"look at {cut} there") == set()


@pytest.mark.parametrize("rule", CONTEXTUAL)
def test_a_form_is_seen_beside_its_issuer_and_not_without(rule: str) -> None:
    form = FORMATS[rule]
    issuer = one_of(form.near.replace(r"\b", ""), random.Random(3)).strip("_-. ")
    values = (example(rule, seed) for seed in range(100))
    value = next(one for one in values if one[0].isalnum() and one[-1] not in "-_.+/~")
    assert SCANNER.scan(f"{issuer}_api_key = '{value}'"), (rule, issuer, value)
    assert rules(f"look at {value} there") <= {"prefixed-key"}
    assert rules(f"{issuer} build {value} is done") <= {"prefixed-key"}


def test_an_id_or_hash_beside_an_issuers_name_is_none() -> None:
    digits = "9f86d081884c7d659a2feaa0c55ad015"
    assert "datadog-key" in rules(f"datadog_api_key: {digits}")
    assert rules(f"the datadog token has the request id {digits}") == set()
    assert rules(f"datadog key_id: {digits}") == set()
    assert rules(f"datadog token sha256: {digits}{digits}") == set()


def test_the_alphabets_of_the_tables_are_what_they_are_called() -> None:
    for name, (characters, words) in ALPHABETS.items():
        assert compiled(f"^{characters}$").search("7" if name != "az" else "a"), name
        assert words


@pytest.mark.parametrize("documented", sorted(secret_checks.DOCUMENTED))
def test_what_issuers_print_is_none_wherever_it_stands(documented: str) -> None:
    for frame in (
        "{}",
        "api_key = '{}'",
        "Authorization: Bearer {}",
        "your secret key is {}",
        "Authorization: Basic {}",
    ):
        assert rules(frame.format(documented)) == set()


def test_a_format_pickles_with_the_detector_that_holds_none() -> None:
    assert isinstance(FORMATS["github-token"], Format)
    assert SecretsDetector() == SecretsDetector()
