"""Changes to a text that surely make it wrong: a number, a date or a name that no source has, or the opposite.

What is changed was said by the record's context or by what was expected, and what it is changed to is said by neither,
nor by the input: so it is wrong whatever else is right. English alone as far as the opposite goes.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from twokey.record import Record
from twokey.scorers.texts import texts
from twokey.stats.grounding import check
from twokey.stats.grounding_claims import Sources, claims
from twokey.stats.grounding_words import NEGATIONS, sentences, words
from twokey.values import dataclass

MAX_TEXT = 20_000
FEWEST_WORDS = 4
"""Words of a sentence that is looked for in a source: fewer may stand there by chance."""

TRIES = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """An output that was made wrong, its label, and why it is wrong."""

    output: Any
    label: Any
    why: str


Pick = Callable[[int], int]
"""Draws a number from 0 to one less than what it is given."""


def names_in(value: Any) -> tuple[str, ...]:
    """Return the names in a text, in the order in which they come: words with a capital within a sentence."""
    text = texts(value)[:MAX_TEXT]
    found = check(text, [""]).spans if text else ()
    return tuple(dict.fromkeys(text[span.start : span.end] for span in found if span.kind == "name"))


def number_changed(record: Record, _: Sequence[str], pick: Pick) -> Changed | None:
    """Another number, where a source has the one that was said."""
    return _claim_changed(record, "number", pick)


def date_changed(record: Record, _: Sequence[str], pick: Pick) -> Changed | None:
    """Another date, where a source has the one that was said."""
    return _claim_changed(record, "date", pick)


def _claim_changed(record: Record, kind: str, pick: Pick) -> Changed | None:
    said = Sources(_said(record))
    for path, text in _leaves(record.output):
        found = [claim for claim in claims(text, said) if claim.kind == kind and claim.supported]
        for number in range(min(len(found), TRIES)):
            claim = found[(pick(len(found)) + number) % len(found)]
            before = text[claim.start : claim.end]
            for after in _other_digits(before, pick):
                wrong = text[: claim.start] + after + text[claim.end :]
                if _is_new(wrong, claim.start, len(after), kind, record):
                    return _with(record, path, wrong, f"it says {after}; the sources say {before}")
    return None


def _other_digits(text: str, pick: Pick) -> Iterator[str]:
    """Yield the text with another digit in one place: of a year or a date the last, else the first digit first."""
    dated = _YEAR.search(text) or not text.replace(",", "").replace(".", "").isdigit()
    runs = list(re.finditer("[0-9]+", text))
    places = [run.end() - 1 if dated else run.start() for run in runs]
    places += [place for run in runs for place in range(*run.span()) if place not in places]
    for place in places:
        digits = [digit for digit in "123456789" if digit != text[place]]
        first = pick(len(digits))
        for digit in (*digits[first:], *digits[:first]):
            yield text[:place] + digit + text[place + 1 :]


_YEAR = re.compile("(?<![0-9])(?:19|20)[0-9]{2}(?![0-9])")


def _is_new(text: str, start: int, size: int, kind: str, record: Record) -> bool:
    """Return whether what stands at a place is such a claim, and no source says it: the question is one, too."""
    everything = Sources(f"{_said(record)}\n{texts(record.input)}")
    found = [claim for claim in claims(text, everything) if claim.start == start and claim.end == start + size]
    return len(found) == 1 and found[0].kind == kind and not found[0].supported


def name_changed(record: Record, names: Sequence[str], pick: Pick) -> Changed | None:
    """A name of another record, where a source has the one that was said."""
    said = set(words(_said(record)))
    asked = {word.casefold() for word in (*said, *words(texts(record.input)))}
    strange = [name for name in names if name.casefold() not in asked]
    for path, text in _leaves(record.output):
        found = [name for name in names_in(text) if name in said]
        if found and strange:
            before, after = found[pick(len(found))], strange[pick(len(strange))]
            wrong = _whole(before).sub(after.replace("\\", ""), text)
            return _with(record, path, wrong, f"it says {after}; the sources say {before}")
    return None


def _whole(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])")


def opposite(record: Record, _: Sequence[str], pick: Pick) -> Changed | None:
    """The opposite of a sentence that a source has word by word."""
    said = Sources(_said(record))
    for path, text in _leaves(record.output):
        found = [(span, made) for span in sentences(text) if (made := _negated(text[slice(*span)], said))]
        if found:
            (start, end), made = found[pick(len(found))]
            return _with(record, path, text[:start] + made + text[end:], f"the sources say: {text[start:end]}")
    return None


_VERBS = "is|are|was|were|can|will|must|should|may"
_VERB = re.compile(rf"(?<![\w'\u2019-])({_VERBS})(?![\w'\u2019-])", re.ASCII | re.IGNORECASE)
_NOT = re.compile(rf"(?<![\w'\u2019-])(?:(can)not|({_VERBS}) not)(?![\w'\u2019-])", re.ASCII | re.IGNORECASE)
_DOUBTFUL = frozenset("only unless except but if either any whether although though hardly rarely".split())  # noqa: SIM905 words


def _negated(sentence: str, said: Sources) -> str | None:
    """Return the opposite of a sentence, where a source has it word by word and it turns on one verb."""
    found = words(sentence)
    small = {word.lower() for word in found}
    running = " ".join(found).lower()
    if len(found) < FEWEST_WORDS or f" {running} " not in said.running or sentence.rstrip().endswith("?"):
        return None
    verbs, nots = list(_VERB.finditer(sentence)), list(_NOT.finditer(sentence))
    if small & _DOUBTFUL:
        return None
    if not small & NEGATIONS and len(verbs) == 1:
        verb = verbs[0]
        after = "cannot" if verb[0].lower() == "can" else f"{verb[0]} not"
        made = sentence[: verb.start()] + after + sentence[verb.end() :]
    elif len(nots) == 1 and sum(word.lower() in NEGATIONS for word in found) == 1:
        match = nots[0]
        made = sentence[: match.start()] + (match[1] or match[2]) + sentence[match.end() :]
    else:
        return None
    return None if f" {' '.join(words(made)).lower()} " in said.running else made


def _said(record: Record) -> str:
    """Return what is known to be so: the context, and what was expected."""
    return f"{texts(record.context)}\n{texts(record.expected)}"


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], str]]:
    if isinstance(value, str):
        if len(value) <= MAX_TEXT:
            yield path, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _leaves(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _leaves(part, (*path, number))


def _with(record: Record, path: tuple[Any, ...], text: str, why: str) -> Changed:
    output = placed(record.output, path, text)
    if record.label == record.output:
        return Changed(output=output, label=output, why=why)
    before = record.output
    for step in path:
        before = before[step]
    return Changed(output=output, label=text if record.label == before else record.label, why=why)


def placed(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """Return a structure with `new` in the place that a path leads to."""
    if not path:
        return new
    if isinstance(value, dict):
        return {name: placed(part, path[1:], new) if name == path[0] else part for name, part in value.items()}
    return [placed(part, path[1:], new) if number == path[0] else part for number, part in enumerate(value)]


SOME_TEXT: Mapping[str, Callable[[Record, Sequence[str], Pick], Changed | None]] = {
    "number-changed": number_changed,
    "date-changed": date_changed,
    "name-changed": name_changed,
    "opposite": opposite,
}
"""The ways to make a text wrong, by name."""
