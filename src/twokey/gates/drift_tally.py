"""What the drift gate counts of a recording: lengths, scripts, words, labels, groups, confidences, and what is missing.

Counts are integers in fixed bins, so that parts may be merged in any order and memory stays flat. No text of a record
is kept but the names of labels and groups; words are kept as numbers.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from operator import add as plus
from operator import attrgetter, is_not
from typing import Any
from zlib import crc32

import msgspec

from twokey.gates.sketch import Sketch, bounded, merged
from twokey.record import Record, flatten
from twokey.scorers.labels import label_texts
from twokey.stats.counts import add_counts

MAX_LABELS = 1000
MAX_VALUES = 200
MAX_WORDS = 20_000
LOOK_AT = 20_000  # characters of an input whose words and script are looked at
PER_DOUBLING = 8  # bins of length
STEPS = 1000  # bins of confidence
FIELDS = ("input", "output", "label", "expected", "context", "confidence", "latency_ms", "memory_mb", "impact")

Bins = Mapping[int, int]
Categories = Mapping[str, int] | None
Words = Sketch[int, int]

_MARKS = b'!"#$%&()*+,./:;<=>?@[\\]^`{|}~'
_SPACES = bytes.maketrans(_MARKS, b" " * len(_MARKS))  # of UTF-8, in which these bytes stand for nothing else


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one recording looks like. All but `total` and `errored` is of answered records.

    Lengths are in characters, of structured outputs in bytes of their JSON, eight bins to each doubling; `confidence`
    in thousandths; `input_script` in tenths of the letters that are not ASCII, rounded up. `words` holds in how many
    inputs each word stands, by the word's hash, `word_total` the sum of these, `worded` how many inputs have a word.
    Labels and groups are None where they have too many values to be categories. `missing` counts records without a
    field.
    """

    total: int = 0
    errored: int = 0
    input_length: Bins = field(default_factory=dict)
    input_script: Bins = field(default_factory=dict)
    output_length: Bins = field(default_factory=dict)
    confidence: Bins = field(default_factory=dict)
    words: Words = field(default_factory=Sketch)
    word_total: int = 0
    worded: int = 0
    labels: Categories = field(default_factory=dict)
    sources: Mapping[str, int] = field(default_factory=dict)
    groups: Mapping[str, Categories] = field(default_factory=dict)
    missing: Mapping[str, int] = field(default_factory=dict)

    @property
    def answered(self) -> int:
        """How many records have an answer."""
        return self.total - self.errored


def count(records: Sequence[Record], groups: tuple[str, ...]) -> Seen:
    """Count some records. Errored ones are counted as such, and nothing of them is compared."""
    answered = [record for record in records if record.error is None]
    if not answered:
        return Seen(total=len(records), errored=len(records))
    columns: dict[str, tuple[Any, ...]] = dict(zip(FIELDS, zip(*map(_FIELDS, answered), strict=True), strict=True))
    inputs = [value if type(value) is str else flatten(value) for value in columns["input"] if value is not None]
    words, word_total, worded = _words(inputs)
    named = {group: [record.groups.get(group) for record in answered] for group in groups}
    fields: dict[str, Sequence[Any]] = {**columns, **{f"groups.{group}": values for group, values in named.items()}}
    return Seen(
        total=len(records),
        errored=len(records) - len(answered),
        input_length=_lengths(map(len, inputs)),
        input_script=_scripts(inputs),
        output_length=_lengths(map(_length, filter(_PRESENT, columns["output"]))),
        confidence=_steps(columns["confidence"]),
        words=words,
        word_total=word_total,
        worded=worded,
        labels=_bounded(_named(label_texts(list(columns["label"]))), MAX_LABELS),
        sources=Counter([record.source for record in answered]),
        groups={group: _bounded(_named(values), MAX_VALUES) for group, values in named.items()},
        missing={name: values.count(None) + values.count("") for name, values in fields.items()},
    )


_FIELDS = attrgetter(*FIELDS)


def _lengths(lengths: Iterable[int]) -> Bins:
    found: Counter[int] = Counter()
    for length, seen in Counter(lengths).items():
        found[length_bin(length)] += seen
    return found


def _length(value: Any) -> int:
    if type(value) is str:
        return len(value)
    try:
        return len(_JSON(value))
    except (OverflowError, TypeError):  # a whole number beyond 64 bits
        return len(flatten(value))


_JSON = msgspec.json.Encoder().encode
_PRESENT = partial(is_not, None)


def length_bin(length: int) -> int:
    """Return the bin of a length: 0 for nothing, then eight to each doubling."""
    return (length**PER_DOUBLING).bit_length() if length else 0


def length_from(place: int) -> int:
    """Return the least length in a bin, or where it has none the least above it."""
    low = max(0, int(2 ** ((place - 1) / PER_DOUBLING)) - 1) if place else 0
    while length_bin(low) < place:
        low += 1
    return low


def _scripts(texts: list[str]) -> Bins:
    foreign = [text for text in texts if not text.isascii()]
    found = Counter(map(_tenths, foreign))
    if len(texts) > len(foreign):
        found[0] += len(texts) - len(foreign)
    return found


def _tenths(text: str) -> int:
    letters = [letter for letter in text[:LOOK_AT] if letter.isalpha()]
    other = sum(letter > "\x7f" for letter in letters)
    return -(-10 * other // len(letters)) if letters else 0


def _steps(values: Iterable[float | None]) -> Bins:
    return Counter([int(value * STEPS) for value in values if value is not None and 0 <= value <= 1])


def _words(texts: list[str]) -> tuple[Words, int, int]:
    """Return in how many texts each word stands, by the word's hash; the sum of these; how many texts have a word."""
    encoded = [text[:LOOK_AT].lower().encode("utf-8", "surrogatepass") for text in texts]
    split = [set(text.translate(_SPACES).split()) for text in encoded]
    found: Counter[int] = Counter()
    for word, seen in Counter(chain.from_iterable(split)).items():
        found[crc32(word)] += seen
    return bounded(Sketch(found), int, MAX_WORDS), found.total(), len(split) - split.count(set())


def _named(values: Iterable[str | None]) -> Mapping[str, int]:
    return Counter([value for value in values if value])


def _bounded(values: Mapping[str, int], most: int) -> Categories:
    """Return the counts, or None where there are too many values: the same whatever the order they came in."""
    return None if len(values) > most else values


def add(left: Seen, right: Seen) -> Seen:
    """Return what counting both together would have given."""
    return Seen(
        total=left.total + right.total,
        errored=left.errored + right.errored,
        input_length=add_counts(left.input_length, right.input_length),
        input_script=add_counts(left.input_script, right.input_script),
        output_length=add_counts(left.output_length, right.output_length),
        confidence=add_counts(left.confidence, right.confidence),
        words=merged(left.words, right.words, plus, int, MAX_WORDS),
        word_total=left.word_total + right.word_total,
        worded=left.worded + right.worded,
        labels=_added(left.labels, right.labels, MAX_LABELS),
        sources=add_counts(left.sources, right.sources),
        groups={
            group: _added(left.groups.get(group, {}), right.groups.get(group, {}), MAX_VALUES)
            for group in sorted({*left.groups, *right.groups})
        },
        missing=add_counts(left.missing, right.missing),
    )


def _added(left: Categories, right: Categories, most: int) -> Categories:
    return None if left is None or right is None else _bounded(add_counts(left, right), most)
