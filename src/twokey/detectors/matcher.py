"""Every detector's patterns for one field as a single automaton, checked before it is used.

A pattern that does not compile, or that matches everything, is an error here: never a detector that sees nothing. What
a hit means is not decided here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from twokey.detectors.base import Detector, Weighing
from twokey.detectors.expression import BadExpression, compiled_set
from twokey.detectors.redact import Marks
from twokey.errors import TwokeyError
from twokey.record import Field

# Matches every text, at its end: an answer without it means that the scan did not get there.
EVER = r"\z"
CLEAN = [0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matcher:
    """The automaton of one field, and for each of its members but the first the detector's index and the rule."""

    field: Field
    match: Any
    owners: tuple[tuple[int, str], ...]

    def rules(self, hits: list[int]) -> list[tuple[int, frozenset[str]]]:
        """Return which detectors hit, in their order, each with the rules that did."""
        rules: dict[int, set[str]] = {}
        for index in hits:
            if index:
                owner, rule = self.owners[index - 1]
                rules.setdefault(owner, set()).add(rule)
        return [(owner, frozenset(rules[owner])) for owner in sorted(rules)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What a worker process keeps. `inputs` is None where nobody looks at inputs.

    `hidden` finds what is not to be shown, wherever it stands: what is looked for in outputs, and in inputs too but for
    what people have to read there. `weighing` are the detectors that look at whole records, each with whether it looks
    at every one.
    """

    outputs: Matcher
    inputs: Matcher | None
    hidden: Matcher
    weighing: tuple[tuple[Weighing, bool], ...]
    marks: Marks

    @property
    def match(self) -> Any:
        """What answers which patterns an output's text hits."""
        return self.outputs.match


@lru_cache(maxsize=16)
def loaded(detectors: tuple[Detector, ...]) -> Loaded:
    """Compile. Raises TwokeyError naming the detector that fails."""
    names = [detector.name for detector in detectors]
    if not names or len(set(names)) != len(names):
        raise TwokeyError("a scan needs detectors, each once", hint=f"given: {', '.join(names) or 'none'}")
    members: dict[Field, list[tuple[int, str, str]]] = {"output": [], "input": []}
    for owner, detector in enumerate(detectors):
        patterns = detector.patterns()
        if not patterns and not (isinstance(detector, Weighing) and detector.weighs == "every"):
            raise TwokeyError(f"the detector {detector.name} failed to load: it looks for nothing")
        for pattern in patterns:
            members[pattern.field].append((owner, pattern.rule, pattern.expression))
    weighing = [one for one in detectors if isinstance(one, Weighing) and one.weighs != "never"]
    hidden = [*members["output"], *(one for one in members["input"] if hides_inputs(detectors[one[0]]))]
    tags = {f"{names[owner]}.{rule}" for owner, rule, _ in hidden}
    tags |= {f"{one.name}.{rule}" for one in detectors for rule in one.explained()}
    outputs = _together("output", members["output"], names)
    return Loaded(
        outputs=outputs,
        hidden=outputs if hidden == members["output"] else _together("output", hidden, names),
        inputs=_together("input", members["input"], names) if members["input"] else None,
        weighing=tuple((one, one.weighs == "every") for one in weighing),
        marks=Marks(tags=frozenset(tags)),
    )


def hides_inputs(detector: Detector) -> bool:
    """Return whether what the detector sees in inputs is not to be shown, as is the rule."""
    return bool(getattr(detector, "hides_inputs", True))


def _together(field: Field, members: Sequence[tuple[int, str, str]], names: list[str]) -> Matcher:
    try:
        together = compiled_set((EVER, *(expression for _, _, expression in members)))
    except BadExpression as error:
        _name_the_bad(members, names)
        raise TwokeyError(f"the detectors {', '.join(names)} do not fit in one scan: {error}") from None
    if together.Match(b"") != CLEAN:
        _name_the_bad(members, names)
    return Matcher(field=field, match=together.Match, owners=tuple((owner, rule) for owner, rule, _ in members))


def _name_the_bad(members: Sequence[tuple[int, str, str]], names: list[str]) -> None:
    """Compile each by itself, which takes longer, to find out which it is. Raises TwokeyError naming the detector."""
    for owner, rule, expression in members:
        failed = f"the detector {names[owner]} failed to load: {rule}"
        try:
            found = compiled_set((EVER, expression)).Match(b"")
        except BadExpression as error:
            raise TwokeyError(f"{failed}: {error}") from None
        if found != CLEAN:
            raise TwokeyError(f"{failed} matches the empty text")
