"""Policy: the user's own rules, words or expressions, from a YAML file.

Most rules are patterns of the one scan. A rule about a part of a field is scanned for in the whole field, so that
redaction hides what it forbids, and then looked at again in its part. What must be there is looked for in each record.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar, Literal, Self

from twokey.detectors.base import Pattern
from twokey.detectors.disguise import coarse_disguises, disguised
from twokey.detectors.expression import bounded_spans, encodable
from twokey.detectors.normalise import normalise
from twokey.detectors.rule_file import Rule, load_rules
from twokey.detectors.words import coarse, places
from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Record, Sighting, part_of


@dataclass(frozen=True, slots=True)
class RulesDetector:
    """Your own rules about what must not be said, and what must be, from a YAML file.

    ```yaml
    rules:                                  # what must not be there
      - name: no-advice
        words: [guaranteed return, risk-free]
        severity: high
        why: we do not give investment advice
      - name: internal-ticket
        field: output.reply
        expression: 'OPS-[0-9]{4,}'
    require:                                # what must be there
      - name: disclaimer
        words: [this is no legal advice]
    ```

    **What it sees.** Words and phrases as whole words in any case; a space in a phrase stands for any white space.
    Expressions are in RE2's syntax, so that no text can make them slow: no look-around and no back-references; `(?i)`
    ignores case. `field` is `output` where nothing else is said; `input`, or a path below either such as
    `output.reply`, looks there and nowhere else. A record is flagged by a rule under `require` where none of its words
    stands in the field, or where there is no such field.

    With `obfuscated: true`, words of letters alone, at least four, are also seen in disguise: `gu4ranteed`,
    `g u a r a n t e e d`, Cyrillic letters, characters that are not drawn.

    **What may be there nevertheless** stands in a file of its own, named by `gates.safety.allow`:

    ```yaml
    allow:
      - {rule: pii.email, words: [support@example.com], why: our own address, until: 2027-01-31}
    ```

    It holds for the rules of all detectors, where all that was seen is one of the words, or is matched by the
    expression from end to end. What was allowed is counted with its reason; once its last day has passed, evidence that
    relied on it needs a decision.

    **Limits.** After a hundred places where one expression matches in one text, the rest of that text counts as one.
    Expressions are matched against the whole field, its parts joined by line ends, keys included;
    those about a part against that part. At most 500 rules,
    5,000 words in each, and expressions of 2,000 characters that stand for 2,000 steps: `(a{30}){30}` stands for 900.

    **To fix a finding**, read the redacted output in quarantine.jsonl and the rule's `why`.
    """

    name: ClassVar[str] = "policy"
    summary: ClassVar[str] = "your own words and expressions, forbidden or required, from a YAML file"

    rules: tuple[Rule, ...] = ()
    require: tuple[Rule, ...] = ()

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:
        """Make the detector from the rules in `file`. Raises ConfigError with all that is wrong."""
        if file is None:
            raise TwokeyError(f"the detector {cls.name} needs a file of rules")
        found = load_rules(read(file), file)
        return cls(rules=found.rules, require=found.require)

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return nothing: its rules are the user's, and explain themselves by their `why`."""
        return {}

    @property
    def weighs(self) -> Literal["never", "hit", "every"]:
        """Look at every record where something must be there, and at those with a hit where a part matters."""
        if self.require:
            return "every"
        return "hit" if any(rule.path for rule in self.rules) else "never"

    def patterns(self) -> tuple[Pattern, ...]:
        """Return one pattern for each rule that forbids."""
        return tuple(
            Pattern(rule=rule.name, expression=expression, field=rule.of)
            for rule in self.rules
            for expression in _coarse(rule)
        )

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield each place that a rule forbids."""
        for rule in self.rules:
            if rule.name in rules:
                for start, end in _found(rule, _scanned(rule), text):
                    yield self._sighting(rule, start, end)

    def weigh(self, record: Record, seen: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        """Return what was seen in whole fields as it is; look again in parts; add what is missing."""
        hit = {sighting.rule for sighting in seen}
        placed = {rule.name for rule in self.rules if rule.path and rule.name in hit}
        stands = [sighting for sighting in seen if sighting.rule not in placed]
        for rule in self.rules:
            if rule.name in placed and (part := _part(rule, record)) is not None:
                first, text = part
                stands += [
                    self._sighting(rule, first + start, first + end)
                    for start, end in _found(rule, rule.expression, text)
                ]
        for rule in self.require:
            part = _part(rule, record)
            if part is None or next(iter(_found(rule, rule.expression, part[1])), None) is None:
                start = part[0] if part else 0
                stands.append(self._sighting(rule, start, start))
        return tuple(stands)

    def _sighting(self, rule: Rule, start: int, end: int) -> Sighting:
        return Sighting(detector=self.name, rule=rule.name, start=start, end=end, severity=rule.severity, field=rule.of)


def _scanned(rule: Rule) -> str | None:
    """Return a rule's expression for the whole field: where it is about a part, `^` and `$` also match at line ends."""
    return f"(?m){rule.expression}" if rule.expression and rule.path else rule.expression


def _coarse(rule: Rule) -> Iterator[str]:
    expression = _scanned(rule)
    yield expression or coarse(rule.words)
    if rule.obfuscated and (ways := coarse_disguises(_as_read(rule.words))) is not None:
        yield ways


def _found(rule: Rule, expression: str | None, text: str) -> Iterator[tuple[int, int]]:
    """Yield where a rule matches; of an obfuscated one, the plain words and then those that are only read so."""
    if expression:
        yield from bounded_spans(expression, text)
        return
    plain = list(places(rule.words, text))
    yield from plain
    if rule.obfuscated:
        read = normalise(text)
        for one in disguised(_as_read(rule.words), read.text):
            start, end = read.span(one.start, one.end)
            if not any(first < end and start < last for first, last in plain):
                yield start, end


@lru_cache(maxsize=256)
def _as_read(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(normalise(word).text.lower() for word in words)


def _part(rule: Rule, record: Record) -> tuple[int, str] | None:
    part = part_of(record.output if rule.of == "output" else record.input, rule.path)
    return None if part is None else (part[0], encodable(part[1]))
