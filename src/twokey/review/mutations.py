"""Known-bad outputs made from good ones: each change has a name, and is made only where it surely makes it wrong.

Sure is what the record itself says: another label than the expected one, a structure that is no longer the expected
one, and in `mutations_text` a number, date or name that no source has, or the opposite of a sentence that one has.
Where nothing makes it sure there is no mutation. What is drawn is drawn by a key, so that nobody can foresee it and
the same key gives the same. Nothing is redacted here.
"""

import hmac
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

from msgspec import structs

from twokey.canonical import digest
from twokey.record import Record
from twokey.review.items import as_json
from twokey.review.mutations_text import SOME_TEXT, Changed, Pick, names_in, placed
from twokey.scorers.accuracy import Accuracy
from twokey.scorers.base import SCALE
from twokey.values import dataclass

MAX_LABEL = 100
MAX_LABELS = 1_000
MAX_NAMES = 200
MAX_CONTEXTS = 500
"""Contexts that names are looked for in."""

EACH = 3
"""How often a label is used on average where labels are a list to choose from and no free text."""

PLAUSIBLE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What the other records say: how often each label is expected, what is mistaken for it, and names that occur."""

    labels: Mapping[str, int]
    mistaken: Mapping[str, Mapping[str, int]]
    names: Sequence[str] = ()

    @property
    def closed(self) -> bool:
        """Whether labels are a list to choose from."""
        distinct = len(self.labels)
        return 2 <= distinct < MAX_LABELS and sum(self.labels.values()) >= EACH * distinct


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A record whose output was made wrong, by which change, and why it is wrong."""

    name: str
    record: Record
    why: str


def drawn(key: bytes, *what: str) -> int:
    """Return 64 bits that nobody without the key can foresee: HMAC-SHA-256 (RFC 2104) of what it is drawn for."""
    said = "\n".join(what).encode("utf-8", "surrogatepass")
    return int.from_bytes(hmac.digest(key, said, "sha256")[:8])


def around(records: Iterable[Record]) -> Around:
    """Return what the records say as a whole."""
    labels, names = Counter[str](), dict[str, None]()
    mistaken: dict[str, Counter[str]] = {}
    contexts = 0
    for record in records:
        wanted, given = record.expected, record.label
        if record.context is not None and len(names) < MAX_NAMES and contexts < MAX_CONTEXTS:
            contexts += 1
            names.update(dict.fromkeys(names_in(record.context)))
        if not _is_label(wanted) or len(labels) > MAX_LABELS:
            continue
        labels[wanted] += 1
        if _is_label(given) and given != wanted:
            mistaken.setdefault(wanted, Counter())[given] += 1
    return Around(labels=labels, mistaken=mistaken, names=sorted(names)[:MAX_NAMES])


def is_good(record: Record) -> bool:
    """Say whether an output is known to be good: it is the expected one, or somebody looked and said so."""
    if record.error is not None or record.output is None:
        return False
    return Accuracy().score([record])[0] == SCALE or record.hallucinated is False


def mutated(record: Record, known: Around, key: bytes) -> Mutation | None:
    """Return the record with its output made surely wrong in one of the ways that fit it, or None where none does."""
    if record.error is not None or record.output is None:
        return None
    ways = sorted(MUTATIONS, key=lambda name: drawn(key, "mutation", record.id, name))
    for name in ways:
        changed = MUTATIONS[name](record, known, _picking(key, name, record.id))
        if changed is not None and digest(as_json(changed.output)) != digest(as_json(record.output)):
            return Mutation(
                name=name,
                record=structs.replace(
                    record,
                    output=changed.output,
                    label=changed.label,
                    hallucinated=None,
                    alternatives=_exchanged(record, changed.label),
                ),
                why=changed.why,
            )
    return None


def _exchanged(record: Record, label: Any) -> tuple[tuple[str, float], ...]:
    """Return what else the model weighed, with the right label where the wrong one stood, and the reverse."""
    other = {record.label: label, label: record.label} if _is_label(record.label) and _is_label(label) else {}
    return tuple((other.get(one, one), score) for one, score in record.alternatives)


def _picking(key: bytes, *what: str) -> Pick:
    return lambda most: drawn(key, *what) % most


Way = Callable[[Record, Around, Pick], Changed | None]


def _other_label(record: Record, known: Around, pick: Pick) -> Changed | None:
    """Another label of the list, where the right one was given: first what the model weighed, or mistakes for it."""
    right = record.label
    if not _is_label(right) or not known.closed or Accuracy().score([record])[0] != SCALE:
        return None
    others = [label for label in known.labels if _bare(label) != _bare(right)]
    often, weighed = known.mistaken.get(right, {}), dict(record.alternatives)
    others.sort(key=lambda label: (-weighed.get(label, 0), -often.get(label, 0), -_alike(label, right), label))
    if not others:
        return None
    wrong = others[pick(min(PLAUSIBLE, len(others)))]
    output = put(record.output, right, wrong)
    if output is None:
        return None
    return Changed(output=output, label=wrong, why=f"the label is {wrong}; it was {right}, which is the expected one")


def _field_dropped(record: Record, _: Around, pick: Pick) -> Changed | None:
    """One field less than expected."""
    right = _right_structure(record)
    if right is None or len(right) < 2:
        return None
    gone = sorted(right)[pick(len(right))]
    wrong = {name: part for name, part in right.items() if name != gone}
    return _structure(record, wrong, f"the field {gone} is missing")


def _fields_swapped(record: Record, _: Around, pick: Pick) -> Changed | None:
    """The values of two fields of one type in each other's place."""
    right = _right_structure(record)
    if right is None:
        return None
    plain = [name for name in sorted(right) if isinstance(right[name], (str, int, float))]
    pairs = [
        (one, other)
        for number, one in enumerate(plain)
        for other in plain[number + 1 :]
        if type(right[one]) is type(right[other]) and right[one] != right[other]
    ]
    if not pairs:
        return None
    one, other = pairs[pick(len(pairs))]
    return _structure(record, {**right, one: right[other], other: right[one]}, f"{one} and {other} are swapped")


def _right_structure(record: Record) -> dict[str, Any] | None:
    label = record.label
    whole = isinstance(label, dict) and isinstance(record.expected, dict)
    return label if whole and Accuracy().score([record])[0] == SCALE else None


def _structure(record: Record, wrong: dict[str, Any], why: str) -> Changed | None:
    output = put(record.output, record.label, wrong)
    return None if output is None else Changed(output=output, label=wrong, why=why)


def put(value: Any, old: Any, new: Any) -> Any:
    """Return a value with `new` in the one place where `old` is; None where it is nowhere, or in more than one."""
    found = list(_paths(value, old, ()))
    return placed(value, found[0], new) if len(found) == 1 else None


def _paths(value: Any, old: Any, path: tuple[Any, ...]) -> Iterable[tuple[Any, ...]]:
    if type(value) is type(old) and value == old:
        yield path
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _paths(part, old, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _paths(part, old, (*path, number))


def _is_label(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= MAX_LABEL


def _bare(label: str) -> str:
    """Return a label without what two spellings of one may differ in."""
    return "".join(letter for letter in label.casefold() if letter.isalnum()).rstrip("s")


def _alike(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()


def _in_text(change: Callable[..., Changed | None]) -> Way:
    return lambda record, known, pick: change(record, known.names, pick)


MUTATIONS: Mapping[str, Way] = {
    "other-label": _other_label,
    "field-dropped": _field_dropped,
    "fields-swapped": _fields_swapped,
    **{name: _in_text(change) for name, change in SOME_TEXT.items()},
}
"""The ways to make an output wrong, by name."""
