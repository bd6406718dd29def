"""Injection: attempts in the input to make the model leave its instructions. Whether one worked is not asked here.

That is for `leakage`, which looks at outputs, and for the slices of the quality gate.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, Self

from twokey.detectors import injection_phrases as phrases
from twokey.detectors.base import Pattern
from twokey.detectors.expression import bounded_spans
from twokey.errors import TwokeyError
from twokey.kinds import Explained
from twokey.record import Sighting


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rule:
    expressions: tuple[str, ...]
    severity: Literal["low", "medium", "high"]
    what: str
    limits: str


@dataclass(frozen=True, slots=True)
class InjectionDetector:
    """Attempts at prompt injection in an input, so that it can be seen how the model fares under them.

    **What it sees.** Instructions to forget instructions, in English, German, French, Spanish, Italian, Portuguese,
    Dutch and Polish (`injection.override`); models said to be free of rules (`injection.unrestricted`); parts that are
    to be played without them (`injection.persona`); questions for the system prompt (`injection.probe`); markup that
    passes for the system's own, and invisible tag characters (`injection.delimiter`); requests hidden in a code
    (`injection.encoded`).

    **How.** By phrases that name an act and its object, in the one scan. Inputs are only scanned where policy asks for
    this detector or has rules about inputs. An attempt is no fault of the model: `injection: {}` counts and limits
    nothing. Name `injection` among the slices of the quality gate, and accuracy is shown apart for inputs with and
    without.

    **Limits.** An attempt in other words, in another language, in letters that only look alike, or spread over turns is
    not seen. A text that discusses injection is seen like an attempt. All but `override` and `probe` know English only.

    **To fix a finding**, look at what the model answered: it is the output that counts.
    """

    name: ClassVar[str] = "injection"
    summary: ClassVar[str] = "attempts at prompt injection, in inputs"
    hides_inputs: ClassVar[bool] = False

    @classmethod
    def build(cls, file: str | None, read: Callable[[str], bytes]) -> Self:  # noqa: ARG003 the contract has it
        """Make the detector; it takes no file."""
        if file is not None:
            raise TwokeyError(f"the detector {cls.name} takes no file, but was given {file}")
        return cls()

    @classmethod
    def explained(cls) -> Mapping[str, Explained]:
        """Return what each rule is."""
        return {
            name: Explained(
                what=rule.what,
                how="Phrases that name an act and its object, with room for a few words between them.",
                source="OWASP Top 10 for LLM Applications, LLM01: Prompt Injection",
                limits=rule.limits,
                fix="Look at the output: an attempt is the user's, only following it is the model's.",
            )
            for name, rule in RULES.items()
        }

    def patterns(self) -> tuple[Pattern, ...]:
        """Return the phrases of each rule, for inputs."""
        return tuple(
            Pattern(rule=name, expression=expression, field="input")
            for name, rule in RULES.items()
            for expression in rule.expressions
        )

    def confirm(self, text: str, rules: frozenset[str]) -> Iterator[Sighting]:
        """Yield each phrase."""
        for name, rule in RULES.items():
            if name in rules:
                for expression in rule.expressions:
                    for start, end in bounded_spans(expression, text):
                        yield Sighting(detector=self.name, rule=name, start=start, end=end, severity=rule.severity)


RULES: Mapping[str, _Rule] = {
    "override": _Rule(
        expressions=phrases.OVERRIDE,
        severity="high",
        what="An instruction to ignore, forget or replace the instructions that came before.",
        limits="Eight languages; a text that quotes such a sentence is seen too.",
    ),
    "unrestricted": _Rule(
        expressions=phrases.UNRESTRICTED,
        severity="high",
        what="The model is told that no rules, filters or morals hold for it, or that it may refuse nothing.",
        limits="English only.",
    ),
    "persona": _Rule(
        expressions=phrases.PERSONA,
        severity="medium",
        what="The model is told to be somebody else, and to stay so.",
        limits="English only. Harmless games of roles are seen too.",
    ),
    "probe": _Rule(
        expressions=phrases.PROBE,
        severity="medium",
        what="A question for the system prompt or for the text above.",
        limits="English, with the plainest forms in six other languages.",
    ),
    "delimiter": _Rule(
        expressions=phrases.DELIMITER,
        severity="high",
        what="Markup of chat templates or of conversations within the input, or invisible tag characters.",
        limits="Inputs that are conversations by design, with a role on each line, are seen too.",
    ),
    "encoded": _Rule(
        expressions=phrases.ENCODED,
        severity="medium",
        what="A request to decode something and follow it, or to answer in a code that filters do not read.",
        limits="English only. What the code holds is not decoded.",
    ),
}
