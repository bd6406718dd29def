"""The user's own rules as they stand in a YAML file, and everything that is wrong with them at once.

What a rule says of a text is in `rules`. What may be there although a rule sees it stands in a file of its own
(`allowed`): who loosens a rule and who writes it need not be the same people.
"""

from dataclasses import dataclass
from typing import Literal

from twokey.config.decode import decode
from twokey.config.nodes import Node, Problems, quoted
from twokey.config.scalars import field_path
from twokey.config.shape import option
from twokey.config.syntax import read_yaml
from twokey.detectors.expression import compiled, steps_of, wrong
from twokey.detectors.places import Finder
from twokey.record import Field

MAX_RULES = 500
MAX_WORDS = 5000
MAX_WORD = 200
MAX_TOGETHER = 20_000
"""Steps of all expressions in a file: each may be scanned for in every text."""

_NAME = r"^[a-z0-9]+(?:-[a-z0-9]+)*$"
_WHOLE_TEXT = r"\\[AzC]|\(\?[a-zA-Z]*-[a-zA-Z]*m|\\Q"


def field_or_part(text: str) -> None:
    """Refuse what is neither a field that rules look at nor a path below one."""
    field_path(text)
    if text.split(".")[0] not in ("output", "input"):
        raise ValueError("expected output, input, or a path below one such as output.reply")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing that must not be said, or must be: any of some words, or whatever an expression matches."""

    name: str = option("short name in small letters, such as no-advice")
    words: tuple[str, ...] = option("words or phrases, whole and in any case", default=())
    expression: str | None = option("a regular expression in RE2's syntax", default=None)
    field: str = option(
        "output, input, or a path below one such as output.reply", check=field_or_part, default="output"
    )
    obfuscated: bool = option("whether words are also seen where letters are disguised, as in r1sk-fr€€", default=False)
    severity: Literal["low", "medium", "high"] = option("how bad it is", default="high")
    why: str = option("the reason, for whoever reads the finding", default="")

    def __post_init__(self) -> None:
        """Refuse a rule that looks for nothing, or for two things."""
        if bool(self.words) == bool(self.expression):
            raise ValueError("a rule needs words or an expression, and not both")
        if self.obfuscated and not self.words:
            raise ValueError("only words can be seen through obfuscation, not an expression")

    @property
    def of(self) -> Field:
        """The field that it looks at, or that its part belongs to."""
        return "input" if self.field.split(".")[0] == "input" else "output"

    @property
    def path(self) -> tuple[str, ...]:
        """The keys from the field to the part that it looks at; empty where that is the whole field."""
        return tuple(self.field.split(".")[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """A file of rules."""

    rules: tuple[Rule, ...] = option("what must not be there", default=())
    require: tuple[Rule, ...] = option("what must be there: a record without it is flagged", default=())


def load_rules(data: bytes, file: str) -> RuleFile:
    """Return the rules in a file. Raises ConfigError with everything that is wrong, each with its place."""
    root = read_yaml(data, file)
    found = decode(root, RuleFile, file)
    problems = Problems(file=file)
    every = [("rules", *each) for each in enumerate(found.rules)]
    every += [("require", *each) for each in enumerate(found.require)]
    if not every:
        problems.add("there is no rule in it", root, "an empty list would let everything pass")
    if len(every) > MAX_RULES:
        problems.add(f"{len(every):,} rules, more than the {MAX_RULES} allowed", root)
    names: set[str] = set()
    for key, index, rule in every[:MAX_RULES]:
        place = Finder(root, key, index)
        if rule.name in names:
            problems.add(f"there are two rules called {quoted(rule.name)}", place("name"))
        names.add(rule.name)
        _check(rule, place, problems)
    problems.raise_any()
    steps = sum(steps_of(rule.expression) for _, _, rule in every if rule.expression is not None)
    if steps > MAX_TOGETHER:
        found_out = f"the expressions together stand for {steps:,} steps, more than the {MAX_TOGETHER:,} allowed"
        problems.add(found_out, root, "counted repetitions such as {0,500} stand for a step each")
        problems.raise_any()
    return found


def _check(rule: Rule, place: Finder, problems: Problems) -> None:
    if not compiled(_NAME).search(rule.name) or len(rule.name) > 64:
        problems.add(
            f"{quoted(rule.name)} cannot name a rule", place("name"), "small letters, digits and hyphens, at most 64"
        )
    if len(rule.words) > MAX_WORDS:
        problems.add(f"{len(rule.words):,} words, more than the {MAX_WORDS:,} allowed in one rule", place("words"))
    for index, word in enumerate(rule.words[:MAX_WORDS]):
        if not word.strip() or len(word) > MAX_WORD:
            what = f"a word of {len(word)} characters" if word.strip() else "an empty word"
            problems.add(what, place("words", str(index)), f"1 to {MAX_WORD} characters")
    if rule.expression is not None:
        _check_expression(rule, rule.expression, place("expression"), problems)


def _check_expression(rule: Rule, expression: str, node: Node, problems: Problems) -> None:
    if fault := wrong(expression):
        problems.add(fault, node)
    elif rule.path and compiled(_WHOLE_TEXT).search(expression):
        hint = "^ and $ stand for the edges of the part"
        problems.add("an expression about a part of a field cannot name the edges of the whole", node, hint)
