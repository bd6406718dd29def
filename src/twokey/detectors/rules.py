"""Policy: the user's own rules, words or expressions, from a YAML file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, Self

from twokey.config.decode import decode
from twokey.config.nodes import Node, Problems, quoted, walk
from twokey.config.shape import option
from twokey.config.syntax import read_yaml
from twokey.detectors.base import Pattern
from twokey.detectors.expression import BadExpression, bounded_spans, compiled, matches_nothing
from twokey.detectors.words import coarse, places
from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Sighting

MAX_WORD = 200
MAX_EXPRESSION = 2000
_NAME = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that an output must not say: any of some words, or whatever an expression matches."""

    name: str = option("short name in small letters, such as no-advice")
    words: tuple[str, ...] = option("words or phrases, whole and in any case", default=())
    expression: str | None = option("a regular expression in RE2's syntax", default=None)
    severity: Literal["low", "medium", "high"] = option("how bad it is", default="high")
    why: str = option("the reason, for whoever reads the finding", default="")

    def __post_init__(self) -> None:
        """Refuse a rule that looks for nothing, or for two things."""
        if bool(self.words) == bool(self.expression):
            raise ValueError("a rule needs words or an expression, and not both")


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """A file of rules."""

    rules: tuple[Rule, ...] = option("what an output must not say")


@dataclass(frozen=True, slots=True)
class RulesDetector:
    """Your own rules about what an output must not say, from a YAML file.

    ```yaml
    rules:
      - name: no-advice
        words: [guaranteed return, risk-free]
        severity: high
        why: we do not give investment advice
      - name: internal-ticket
        expression: 'OPS-[0-9]{4,}'
    ```

    **What it sees.** Words and phrases as whole words in any case; a space in a phrase stands for any white space.
    Expressions are in RE2's syntax, so that no text can make them slow: no look-around and no back-references; `(?i)`
    ignores case.

    **Limits.** After a hundred places where one expression matches in one output, the rest of that output counts as
    one. Expressions are matched against the whole output, its parts joined by line ends, keys included.

    **To fix a finding**, read the redacted output in quarantine.jsonl and the rule's `why`.
    """

    name: ClassVar[str] = "policy"
    summary: ClassVar[str] = "your own words and expressions, from a YAML file"

    rules: tuple[Rule, ...] = field(default=())

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:
        """Make the detector from the rules in `file`. Raises ConfigError with all that is wrong."""
        if file is None:
            raise TwokeyError(f"the detector {cls.name} needs a file of rules")
        return cls(rules=load_rules(read(file), file))

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each rule is."""
        return {}

    def patterns(self) -> tuple[Pattern, ...]:
        """Return one pattern for each rule."""
        return tuple(Pattern(rule=rule.name, expression=rule.expression or coarse(rule.words)) for rule in self.rules)

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield each place that a rule forbids."""
        for rule in self.rules:
            if rule.name in rules:
                found = bounded_spans(rule.expression, text) if rule.expression else places(rule.words, text)
                for start, end in found:
                    yield Sighting(detector=self.name, rule=rule.name, start=start, end=end, severity=rule.severity)


def load_rules(data: bytes, file: str) -> tuple[Rule, ...]:
    """Return the rules in a file. Raises ConfigError with everything that is wrong, each with its place."""
    root = read_yaml(data, file)
    rules = decode(root, RuleFile, file).rules
    problems = Problems(file=file)
    if not rules:
        problems.add("there is no rule in it", root, "an empty list would let everything pass")
    names: set[str] = set()
    for index, rule in enumerate(rules):
        place = _Place(root, str(index))
        if rule.name in names:
            problems.add(f"there are two rules called {quoted(rule.name)}", place("name"))
        names.add(rule.name)
        _check_rule(rule, place, problems)
    problems.raise_any()
    return rules


@dataclass(frozen=True, slots=True)
class _Place:
    root: Node
    index: str

    def __call__(self, *path: str) -> Node:
        found = [node for _, node in walk(self.root, "rules", "*", *path)]
        keyed = [node for keys, node in walk(self.root, "rules", "*", *path) if keys[1] == self.index]
        return (keyed or found or [self.root])[0]


def _check_rule(rule: Rule, place: _Place, problems: Problems) -> None:
    if not compiled(_NAME).search(rule.name) or len(rule.name) > 64:
        problems.add(
            f"{quoted(rule.name)} cannot name a rule", place("name"), "small letters, digits and hyphens, at most 64"
        )
    for index, word in enumerate(rule.words):
        if not word.strip() or len(word) > MAX_WORD:
            what = f"a word of {len(word)} characters" if word.strip() else "an empty word"
            problems.add(what, place("words", str(index)), f"1 to {MAX_WORD} characters")
    if rule.expression is not None:
        wrong = _wrong(rule.expression)
        if wrong:
            problems.add(wrong, place("expression"))


def _wrong(expression: str) -> str | None:
    if len(expression) > MAX_EXPRESSION:
        return f"an expression of {len(expression):,} characters, more than the {MAX_EXPRESSION:,} allowed"
    try:
        compiled(expression)
    except BadExpression as error:
        return f"not an expression in RE2's syntax: {error}"
    return (
        "the expression matches the empty text, so it would flag every output" if matches_nothing(expression) else None
    )
