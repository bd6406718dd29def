"""One case and what is known of it, the batch it travels in, and what detectors saw in it.

This is the shape that readers produce and that gates tally. It knows nothing of files, mappings or thresholds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

Role = Literal["candidate", "baseline", "judge"]
"""Whose recording: the outputs to judge, those of the last good version, or a judge's verdicts on the candidate's."""

Source = Literal["synthetic", "production", "unknown"]
Field = Literal["output", "input"]
SOURCES: tuple[Source, ...] = ("synthetic", "production", "unknown")


class Record(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One case. Everything but `id` may be absent: None (or `unknown`, or empty), never a made-up value.

    `label` is the part of the output that is compared with `expected`; readers set it to the output where no field of
    its own is mapped. `latency_ms` in milliseconds, `memory_mb` in 10^6 bytes, `at` in seconds since the epoch (UTC),
    when the request was sent. `confidence` is a probability from 0 to 1; a NaN arrives here as None. `error` is set
    where no output could be had: such a record is errored, and never counts as a wrong answer. `hallucinated` is a
    label that somebody else gave (a person, a judge). `system` are the instructions that came with the input. Records
    that share a `cluster` are not independent; those that share a `pair` are twins that differ in one attribute; those
    that share a `case` are the same question, asked again. `alternatives` are other labels that the model weighed, with
    their probabilities, the likeliest first; the given label may be among them.
    """

    id: str
    source: Source = "unknown"
    stratum: str = ""
    input: Any = None
    output: Any = None
    label: Any = None
    expected: Any = None
    context: Any = None
    confidence: float | None = None
    latency_ms: float | None = None
    memory_mb: float | None = None
    at: float | None = None
    error: str | None = None
    impact: str | None = None
    hallucinated: bool | None = None
    system: Any = None
    cluster: str | None = None
    pair: str | None = None
    case: str | None = None
    alternatives: tuple[tuple[str, float], ...] = ()
    groups: dict[str, str] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """A line that is no record: where, counted from 1 within its shard, and why. It stays in the books."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """What a detector saw, by which rule, in `text[start:end]` of the flattened field (see `flatten`). No value.

    Where something is missing that must be there, `start` and `end` are one place. `quoted` says that the model repeats
    what the user said first. `allowed` is the number, from 0, of what policy allows by name, or None.
    """

    detector: str
    rule: str
    start: int
    end: int
    severity: Literal["low", "medium", "high"] = "high"
    field: Field = "output"
    quoted: bool = False
    allowed: int | None = None

    @property
    def tag(self) -> str:
        """The name that stands in the text's place when it is redacted."""
        return f"{self.detector}.{self.rule}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Partnered:
    """What another recording has on the same cases: whether each record has a partner there, and its scores by name.

    Scores are in ten-thousandths, None where the partner has none; all are as long as the batch.
    """

    partnered: Sequence[bool]
    scores: Mapping[str, Sequence[int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Some records of one recording, in any order, with the sightings in each (same length as `records`).

    `audit` holds the records' keys in the draw of the audit where they were made already, and is None elsewhere.
    `before` is how the baseline did on the same cases, `judged` what a judge said of these; None where there is none.
    """

    role: Role
    records: tuple[Record, ...]
    sightings: tuple[tuple[Sighting, ...], ...]
    unreadable: tuple[Unreadable, ...] = ()
    audit: Sequence[int] | None = None
    before: Partnered | None = None
    judged: Partnered | None = None


def flatten(value: Any) -> str:
    """Return every string and number in `value`, keys included, joined by newlines: the text that detectors scan."""
    if isinstance(value, str):
        return value
    if type(value) is dict and _FLAT(map(type, value.values())):  # the usual shape, at a third of the cost
        leaves = [leaf for pair in value.items() for leaf in pair if leaf is not None and type(leaf) is not bool]
        return "\n".join([leaf if type(leaf) is str else str(leaf) for leaf in leaves])
    parts: list[str] = []
    _collect(value, parts)
    return "\n".join(parts)


_FLAT = frozenset({str, int, float, bool, type(None)}).issuperset


def _collect(value: Any, parts: list[str]) -> None:
    if isinstance(value, dict):
        for key, item in value.items():
            parts.append(str(key))
            _collect(item, parts)
    elif isinstance(value, (list, tuple)):
        for item in value:
            _collect(item, parts)
    elif value is not None and not isinstance(value, bool):
        parts.append(str(value))


def part_of(value: Any, path: Sequence[str]) -> tuple[int, str] | None:
    """Return the flattened text of the part at a path, and where it begins in the flattened whole; None without one."""
    before: list[str] = []
    for key in path:
        if isinstance(value, dict):
            if key not in value:
                return None
            for name, item in value.items():
                before.append(str(name))
                if name == key:
                    break
                _collect(item, before)
            value = value[key]
        elif isinstance(value, (list, tuple)) and key.isdecimal() and int(key) < len(value):
            _collect(value[: int(key)], before)
            value = value[int(key)]
        else:
            return None
    return None if value is None else (sum(map(len, before)) + len(before), flatten(value))
