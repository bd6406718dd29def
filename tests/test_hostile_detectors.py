"""Near-misses, disguises and carriers: what each detector sees of them, what it leaves alone, and what hiding leaves.

The cases stand in `hostile/detectors.jsonl`, written by hand, a line each:

- `text` (an output), `output` (a structure), `input`, `system`; or `repeat`, `output_repeat` and `input_repeat`, which
  are what stands before, a piece, how often it is repeated, and what stands behind.
- `seen`: the rules that see something, and no other does. `at`: the places that they see in the output, letter by
  letter. `gone`: what must not be left once it is hidden, `at` where nothing is said. `kept`: what must be.
- `limit`: something is there that is not seen, and why that is so. Such a case holds the blindness fast: if it fails,
  somebody made a detector see, and the documentation is to say so. `over`: what is seen is none, and why.
"""

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from work import calls

from twokey.detectors.expression import encodable
from twokey.detectors.injection import InjectionDetector
from twokey.detectors.leakage import LeakageDetector
from twokey.detectors.pii import PiiDetector
from twokey.detectors.profanity import ProfanityDetector
from twokey.detectors.scan import Scanner
from twokey.detectors.secrets import SecretsDetector
from twokey.record import Record, flatten

CORPUS = Path(__file__).parent / "hostile" / "detectors.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One line of the corpus."""

    name: str
    record: Record
    seen: tuple[str, ...]
    at: tuple[str, ...] | None = None
    gone: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    limit: str = ""
    over: str = ""
    canaries: tuple[str, ...] = ()
    lengths: tuple[Record, Record] | None = field(default=None, repr=False)
    """Where something is repeated: a tenth of it, and a fifth."""


def case(line: dict[str, Any]) -> Case:
    at = line.pop("at", None)
    told: dict[str, Any] = {name: tuple(line.pop(name, ())) for name in ("seen", "gone", "kept", "canaries")}
    told["gone"] = told["gone"] or tuple(at or ())
    rest = {name: line.pop(name, "") for name in ("name", "limit", "over")}
    lengths = (record(line, 0.1), record(line, 0.2)) if any(name.endswith("repeat") for name in line) else None
    return Case(record=record(line), lengths=lengths, at=None if at is None else tuple(at), **told, **rest)


def record(line: dict[str, Any], share: float = 1) -> Record:
    """The record of a line, with so much of what is repeated."""
    parts: dict[str, Any] = {}
    for name, value in line.items():
        where = {"text": "output", "repeat": "output"}.get(name, name.removesuffix("_repeat"))
        if name.endswith("repeat"):
            before, piece, count, after = value
            value = f"{before}{piece * int(count * share)}{after}"
        assert where in ("output", "input", "system"), f"an unknown field {name}"
        parts[where] = {"reply": value, "n": 1} if name == "output_repeat" else value
    return Record(id="x", **parts)


def corpus() -> list[Case]:
    return [case(json.loads(line)) for line in CORPUS.read_text("utf-8").splitlines()]


@cache
def scanner(canaries: tuple[str, ...] = ()) -> Scanner:
    detectors = (PiiDetector(), SecretsDetector(), ProfanityDetector(), InjectionDetector())
    return Scanner((*detectors, LeakageDetector(canaries=canaries)))


CASES = corpus()
SHORT = [case for case in CASES if case.lengths is None]
each = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


def test_there_are_200_cases_each_with_a_name_of_its_own() -> None:
    assert len(CASES) >= 200
    assert len({case.name for case in CASES}) == len(CASES)
    assert len([case for case in CASES if not case.seen]) >= 60
    assert len([case for case in CASES if case.limit]) >= 30


@each
def test_it_sees_that_and_nothing_else(case: Case) -> None:
    (seen,) = scanner(case.canaries).scan_records([case.record])
    texts = {name: encodable(flatten(getattr(case.record, name))) for name in ("output", "input")}
    assert {one.tag for one in seen} == set(case.seen)
    for one in seen:
        assert 0 <= one.start < one.end <= len(texts[one.field])
    if case.at is not None:
        assert {texts["output"][one.start : one.end] for one in seen if one.field == "output"} == set(case.at)


@each
def test_hiding_leaves_nothing_of_it_and_all_the_rest(case: Case) -> None:
    ours, output = scanner(case.canaries), case.record.output
    (seen,) = ours.scan_records([case.record])
    hidden = ours.redact_value(output, seen)
    left = flatten(hidden)
    if not any(one.field == "output" for one in seen):
        assert left == flatten(output)
        return
    assert ours.scan_value(hidden) == ()
    assert ours.redact_value(hidden) == hidden
    for gone in case.gone:
        assert gone not in left
    for kept in case.kept:
        assert kept in left


def test_a_batch_sees_what_each_record_alone_shows() -> None:
    plain = [case for case in SHORT if not case.canaries]
    together = scanner().scan_records([case.record for case in plain])
    alone = [scanner().scan_records([case.record])[0] for case in plain]
    assert together == alone
    assert scanner().scan_records([case.record for case in reversed(plain)]) == alone[::-1]


@pytest.mark.parametrize("case", [case for case in CASES if case.lengths], ids=lambda case: case.name)
def test_twice_the_text_is_about_twice_the_work(case: Case) -> None:
    assert case.lengths is not None
    ours, (once, twice) = scanner(), case.lengths
    assert calls(lambda: ours.scan_records([twice])) <= 2.2 * calls(lambda: ours.scan_records([once])) + 2000
