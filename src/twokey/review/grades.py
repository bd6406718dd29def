"""One reviewer's grades: bound to a manifest's digest, read strictly, and the same bytes for the same grades.

What the grades come to is in `estimate`. A grade says what the reviewer saw; it decides nothing.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any, Literal, get_args

from twokey import canonical
from twokey.errors import Place, TwokeyError
from twokey.values import dataclass

TYPE = "urn:twokey:grades:v1"
MAX_BYTES = 4 * 1024 * 1024
MAX_REASON = 1_000
MAX_CORRECTION = 5_000
MAX_SECONDS = 86_400
MAX_REVISIONS = 100
MAX_SOURCES = 100
PRINCIPAL = re.compile(r"[a-z0-9][a-z0-9._+@-]{0,99}")  # as in a roster; it becomes a file name
DIGEST = re.compile(r"[0-9a-f]{64}")

GradeValue = Literal["pass", "fail", "edit", "escalate", "bad-reference", "ask"]
Severity = Literal["low", "medium", "high", "critical"]
Certainty = Literal["low", "medium", "high"]
GRADE_VALUES: tuple[GradeValue, ...] = get_args(GradeValue)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
CERTAINTIES: tuple[Certainty, ...] = get_args(Certainty)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What one reviewer says of one item. `seconds` is the active time that the item took, in whole seconds.

    `certainty` is how sure the reviewer is. `revised_from` are the grades that this one took the place of after the
    machine's opinion was shown, the first one first. An `ask` is no grade yet: its reason is the question, and the item
    stays ungraded until the answer has come and a grade takes its place.
    """

    item: str
    grade: GradeValue
    severity: Severity | None = None
    reason: str = ""
    correction: str | None = None
    seconds: int = 0
    certainty: Certainty | None = None
    revised_from: tuple[GradeValue, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a grade that leaves out what its kind needs, or has what belongs to another."""
        if self.grade not in GRADE_VALUES:
            raise ValueError(f"{self.grade[:40]!r} is no grade; expected {', '.join(GRADE_VALUES)}")
        if (self.grade == "fail") != (self.severity is not None):
            without = f"a fail needs a severity: one of {', '.join(SEVERITIES)}"
            raise ValueError(without if self.grade == "fail" else "a severity belongs to a fail, and to nothing else")
        if self.severity is not None and self.severity not in SEVERITIES:
            raise ValueError(f"{self.severity[:40]!r} is no severity; expected {', '.join(SEVERITIES)}")
        if self.grade != "pass" and not self.reason.strip():
            raise ValueError(f"a grade of {self.grade} needs a reason")
        if (self.grade == "edit") != (self.correction is not None):
            raise ValueError("a correction belongs to an edit, and to nothing else")
        if len(self.reason) > MAX_REASON or len(self.correction or "") > MAX_CORRECTION:
            raise ValueError(f"a reason has at most {MAX_REASON:,} characters, a correction {MAX_CORRECTION:,}")
        if self.certainty is not None and self.certainty not in CERTAINTIES:
            raise ValueError(f"{self.certainty[:40]!r} is no certainty; expected {', '.join(CERTAINTIES)}")
        if len(self.revised_from) > MAX_REVISIONS or any(grade not in GRADE_VALUES for grade in self.revised_from):
            raise ValueError(f"revised_from has at most {MAX_REVISIONS} grades, each of {', '.join(GRADE_VALUES)}")
        if not 0 <= self.seconds <= MAX_SECONDS:
            raise ValueError(f"seconds lie between 0 and {MAX_SECONDS:,}")

    @property
    def failed(self) -> bool:
        """Whether the output was not usable as it was: failed, or edited."""
        return self.grade in ("fail", "edit")

    @property
    def unresolved(self) -> bool:
        """Whether somebody else has to settle it."""
        return self.grade in ("escalate", "ask")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """All that one reviewer says of one review bundle; at most one grade an item.

    `seeds` is the SHA-256 of the sealed bundle whose items were among those graded. `sources` are the grades files, by
    SHA-256, that these were merged from.
    """

    manifest: str
    reviewer: str
    grades: tuple[Grade, ...] = ()
    seeds: str | None = None
    sources: tuple[str, ...] = ()

    def of(self, item: str) -> Grade | None:
        """Return the grade of an item, or None."""
        return next((grade for grade in self.grades if grade.item == item), None)

    def with_grade(self, grade: Grade) -> "Grades":
        """Return these grades with one more, in place of an earlier one of the same item."""
        return replace(self, grades=(*self.without(grade.item).grades, grade))

    def without(self, item: str) -> "Grades":
        """Return these grades without that item's."""
        return replace(self, grades=tuple(grade for grade in self.grades if grade.item != item))


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many items there are, how many are graded, and how many of each grade; an `ask` is none."""

    items: int
    graded: int
    passed: int
    failed: int
    edited: int
    escalated: int
    bad_reference: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GradesSummary:
    """The counts of all items and of each stratum, and how many failures there are of each severity."""

    total: Counts
    strata: Mapping[str, Counts]
    severities: Mapping[Severity, int]


OPTIONAL = frozenset({"certainty", "revised_from"})
"""What a row of a grades file may leave out."""

ASKED_OF_PASSES = 10


def wants_reason(manifest: str, item: str) -> bool:
    """Say whether even a pass of this item is to be explained: about one in ten, by a hash that nobody chooses."""
    return int(canonical.sha256(f"{manifest}\n{item}".encode("utf-8", "surrogatepass"))[:12], 16) % ASKED_OF_PASSES == 0


def filename(reviewer: str) -> str:
    """Return the name of a reviewer's file in a folder of grades."""
    return f"grades-{reviewer}.json"


def render(grades: Grades) -> bytes:
    """Return the bytes of a grades file, its rows by item, in whatever order they were given."""
    head: dict[str, Any] = {"type": TYPE, "manifest": grades.manifest, "reviewer": grades.reviewer}
    if grades.seeds is not None:
        head["seeds"] = grades.seeds
    if grades.sources:
        head["sources"] = list(grades.sources)
    return canonical.dumps({**head, "grades": rows_of(grades)})


def rows_of(grades: Grades) -> list[dict[str, Any]]:
    """Return the rows of a grades file, by item."""
    return [_row(grade) for grade in sorted(grades.grades, key=lambda grade: grade.item)]


def _row(grade: Grade) -> dict[str, Any]:
    """Return a grade as JSON, without what is optional and was not said."""
    return {name: value for name, value in asdict(grade).items() if name not in OPTIONAL or value not in (None, ())}


def parse(data: bytes, file: str, items: Iterable[Mapping[str, Any]]) -> Grades:
    """Read a grades file strictly. Whether it is about the right manifest is for the caller to compare.

    `items` are all that may be graded, whether or not they have to be.

    Raises:
        TwokeyError: too large, not strict JSON, unknown or missing fields, an item that is not in the bundle or is
            graded twice, a grade without what it needs.
    """
    where = Place(file=file)
    document = canonical.loads(data, file=file, max_bytes=MAX_BYTES)
    expected, also = {"type", "manifest", "reviewer", "grades"}, {"seeds", "sources"}
    if not isinstance(document, dict) or document.keys() - also != expected or document["type"] != TYPE:
        raise TwokeyError(f"is no grades file: expected {', '.join(sorted(expected))}, of type {TYPE}", where=where)
    _require(document["manifest"], DIGEST, "manifest is no SHA-256 in lower-case hexadecimal", where)
    _require(document["reviewer"], PRINCIPAL, "reviewer is no principal such as ann@example.com", where)
    rows, sources, seeds = document["grades"], document.get("sources", []), document.get("seeds")
    if not isinstance(rows, list) or not isinstance(sources, list):
        raise TwokeyError("grades is no list, or sources is none", where=where)
    if len(sources) > MAX_SOURCES or len(set(map(str, sources))) < len(sources):
        raise TwokeyError(f"sources names a file twice, or more than {MAX_SOURCES}", where=where)
    for digest in (*sources, *([] if seeds is None else [seeds])):
        _require(digest, DIGEST, "seeds, or one of sources, is no SHA-256 in lower-case hexadecimal", where)
    grades = tuple(_grade(row, number, where) for number, row in enumerate(rows, start=1))
    _refuse_items(grades, {str(item["id"]) for item in items}, where)
    return Grades(
        manifest=document["manifest"],
        reviewer=document["reviewer"],
        grades=grades,
        seeds=seeds,
        sources=tuple(sources),
    )


def missing(grades: Grades, items: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the ids of the items that have no grade yet, or wait for an answer, in the order of the items."""
    graded = {grade.item for grade in grades.grades if grade.grade != "ask"}
    return tuple(str(item["id"]) for item in items if item["id"] not in graded)


def count(grades: Grades) -> Mapping[GradeValue, int]:
    """Return how many of each grade were given."""
    found = Counter(grade.grade for grade in grades.grades)
    return {value: found[value] for value in GRADE_VALUES}


def summarise(grades: Grades, items: Iterable[Mapping[str, Any]]) -> GradesSummary:
    """Count the grades of these items, all together and by stratum; grades of other items do not count."""
    strata: dict[str, list[str]] = {}
    for item in items:
        strata.setdefault(str(item["stratum"]), []).append(str(item["id"]))
    given = {grade.item: grade for grade in grades.grades}
    known = [given[id_] for ids in strata.values() for id_ in ids if id_ in given]
    severities = Counter(grade.severity for grade in known)
    return GradesSummary(
        total=_counts([id_ for ids in strata.values() for id_ in ids], given),
        strata={stratum: _counts(ids, given) for stratum, ids in strata.items()},
        severities={severity: severities[severity] for severity in SEVERITIES},
    )


def _counts(ids: list[str], given: Mapping[str, Grade]) -> Counts:
    found = Counter(given[id_].grade for id_ in ids if id_ in given)
    return Counts(
        items=len(ids),
        graded=found.total() - found["ask"],
        passed=found["pass"],
        failed=found["fail"],
        edited=found["edit"],
        escalated=found["escalate"],
        bad_reference=found["bad-reference"],
    )


def _require(value: Any, pattern: re.Pattern[str], otherwise: str, where: Place) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise TwokeyError(otherwise, where=where)


def _grade(row: Any, number: int, where: Place) -> Grade:
    fields = Grade.__dataclass_fields__.keys() - OPTIONAL
    if not isinstance(row, dict) or row.keys() - OPTIONAL != fields:
        told = ", ".join(name for name in Grade.__dataclass_fields__ if name in fields)
        raise TwokeyError(f"grade {number}: expected {told}, and nothing else", where=where)
    revised = row.get("revised_from", [])
    texts = [row["item"], row["grade"], row["reason"], *(revised if isinstance(revised, list) else [None])]
    texts += [row.get(name) for name in ("severity", "correction", "certainty") if row.get(name) is not None]
    if not all(isinstance(text, str) for text in texts):
        raise TwokeyError(f"grade {number}: expected texts, found something else", where=where)
    if type(row["seconds"]) is not int:
        raise TwokeyError(f"grade {number}: seconds is no whole number", where=where)
    try:
        return Grade(**{**row, "revised_from": tuple(revised)})
    except ValueError as error:
        raise TwokeyError(f"grade {number}: {error}", where=where) from None


def _refuse_items(grades: tuple[Grade, ...], known: set[str], where: Place) -> None:
    for item, times in Counter(grade.item for grade in grades).items():
        if times > 1:
            raise TwokeyError(f"the item {item[:80]!r} is graded {times} times", where=where)
        if item not in known:
            raise TwokeyError(f"the item {item[:80]!r} is not in this review bundle", where=where)
