"""What graded items teach: regression cases, known-bad seeds, past cases, references to mend.

Only settled grades teach: escalated items, open questions, and items that reviewers see differently are left out and
counted. Texts are those of the evidence, so they are redacted: marks stand where personal data stood. No policy is
changed here, and nothing is written. What grades say of detectors, judges and thresholds is in `recalibrating`.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from twokey.canonical import dump_line
from twokey.evidence.bundle import Evidence
from twokey.evidence.layout import short
from twokey.review.grades import Grade, Grades
from twokey.values import dataclass

Row = Mapping[str, Any]
CASES, KNOWN_BAD, PAST, BAD_REFERENCES = "cases.jsonl", "known-bad.jsonl", "past.jsonl", "bad-references.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """An item that was judged, by all who graded it alike. `grade` is the one whose words are kept."""

    item: Row
    grade: Grade

    @property
    def failed(self) -> bool:
        """Whether the output was not usable as it was."""
        return self.grade.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The lines that graded items make, by the file that each belongs to; and what nothing was made of, in words."""

    settled: tuple[Settled, ...]
    files: Mapping[str, tuple[Row, ...]]
    notes: tuple[str, ...]


def learned(evidence: Evidence, grades: Iterable[Grades]) -> Learned:
    """Make lines of what reviewers said of this evidence.

    Args:
        evidence: what was graded; sealed items, which are no outputs of the model, are not in it and teach nothing.
        grades: of one reviewer or of several, all about this evidence.
    """
    given = sorted(grades, key=lambda one: one.reviewer)
    kinds: dict[str, list[Settled]] = {"settled": [], "bad-reference": [], "open": [], "split": [], "ungraded": []}
    for item in evidence.gradable:
        said = [grade for one in given if (grade := one.of(str(item["id"])))]
        kind = _kind(said)
        kinds[kind].append(Settled(item=item, grade=_telling(said) if said else _NONE))
    settled = tuple(kinds["settled"])
    files = {
        CASES: tuple(_case(one) for one in settled if one.failed and _right(one) is not None),
        KNOWN_BAD: tuple(_known_bad(one) for one in settled if one.failed and one.item.get("output") is not None),
        PAST: tuple(_past(one) for one in settled),
        labels(evidence): tuple(_label(one) for one in settled if one.item.get("context") is not None),
        BAD_REFERENCES: tuple(_bad_reference(one) for one in kinds["bad-reference"]),
    }
    return Learned(settled=settled, files=files, notes=tuple(_notes(kinds, files)))


def labels(evidence: Evidence) -> str:
    """Return the name of the labels' file: ids mean something only beside the recording that they are of."""
    return f"labels-{short(evidence.digest)}.jsonl"


_NONE = Grade(item="", grade="pass")


def _kind(said: Sequence[Grade]) -> Literal["settled", "bad-reference", "open", "split", "ungraded"]:
    if not said:
        return "ungraded"
    if any(grade.unresolved for grade in said):
        return "open"
    if all(grade.grade == "bad-reference" for grade in said):
        return "bad-reference"
    if any(grade.grade == "bad-reference" for grade in said) or len({grade.failed for grade in said}) > 1:
        return "split"
    return "settled"


def _telling(said: Sequence[Grade]) -> Grade:
    """Return the grade that says most: one with a correction, else one with a reason, else the first."""
    return max(said, key=lambda grade: (grade.correction is not None, bool(grade.reason.strip())))


def _right(one: Settled) -> Any:
    """Return what would have been right, as far as anybody said; None where nobody did."""
    if one.grade.correction is None:
        return one.item.get("expected")
    if isinstance(one.item.get("output"), str):
        return one.grade.correction
    try:
        return json.loads(one.grade.correction)  # a structure is corrected as the JSON that it was shown as
    except ValueError:
        return one.grade.correction


def _case(one: Settled) -> Row:
    return _line(one, "input", "context", expected=_right(one), why=one.grade.reason)


def _known_bad(one: Settled) -> Row:
    severity = {} if one.grade.severity is None else {"severity": one.grade.severity}
    right = {} if _right(one) is None else {"expected": _right(one)}
    row = _line(one, "output", "label", "context", input=one.item.get("input"), why=one.grade.reason)
    return {**row, **right, **severity}


def _past(one: Settled) -> Row:
    return _line(one, "input", "label", "output", "confidence", failed=one.failed)


def _label(one: Settled) -> Row:
    return {"id": str(one.item["id"]), "hallucinated": one.failed}


def _bad_reference(one: Settled) -> Row:
    return _line(one, "id", "input", "output", "expected", why=one.grade.reason)


def _line(one: Settled, *names: str, **more: Any) -> dict[str, Any]:
    """Return the fields of an item that are there, and what is added."""
    return {name: one.item[name] for name in names if one.item.get(name) is not None} | more


def _notes(kinds: Mapping[str, Sequence[Settled]], files: Mapping[str, Sequence[Row]]) -> Iterator[str]:
    if open_ := kinds["open"]:
        yield f"{_items(len(open_))} escalated or asked about, and nothing is learned of them"
    if split := kinds["split"]:
        named = ", ".join(str(one.item["id"])[:80] for one in split[:5])
        yield f"{_items(len(split))} graded differently by different reviewers, and left out: {named}"
    if mend := kinds["bad-reference"]:
        yield f"{_items(len(mend))} said to have a bad reference: {BAD_REFERENCES} lists what to mend"
    failed = sum(one.failed for one in kinds["settled"])
    if unknown := failed - len(files[CASES]):
        yield f"of {unknown:,} failing items nobody said what would be right: they make no case"


def _items(number: int) -> str:
    return f"{number:,} item{' was' if number == 1 else 's were'}"


def appended(before: bytes, rows: Iterable[Row]) -> tuple[bytes, int]:
    """Return a JSON Lines file with the rows that it does not hold yet behind those it has, and how many came.

    What is there stays as it is, byte for byte, also where it is no JSON. Two lines are the same where they are the
    same JSON, however it is written.
    """
    known = {_content(line) for line in before.splitlines()}
    fresh: list[bytes] = []
    for row in rows:
        line = dump_line(row)
        if (content := _content(line)) not in known:
            known.add(content)
            fresh.append(line)
    between = b"\n" if fresh and before and not before.endswith(b"\n") else b""
    return before + between + b"".join(fresh), len(fresh)


def _content(line: bytes) -> bytes:
    try:
        return dump_line(json.loads(line))
    except (ValueError, RecursionError):
        return line
