"""One reviewer's grades: bound to a manifest's digest, read strictly, written so that the same grades are the same bytes.

What the grades come to is in `estimate`. A grade says what the reviewer saw; it decides nothing.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from twokey import canonical
from twokey.errors import Place, TwokeyError

TYPE = "urn:twokey:grades:v1"
MAX_BYTES = 16 * 1024 * 1024
GradeValue = Literal["pass", "fail", "edit", "escalate", "bad-reference"]
Severity = Literal["low", "medium", "high", "critical"]
GRADE_VALUES: tuple[GradeValue, ...] = get_args(GradeValue)
SEVERITIES: tuple[Severity, ...] = get_args(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grade:
    """What one reviewer says of one item. `seconds` is the time that the item was before them."""

    item: str
    grade: GradeValue
    severity: Severity | None = None
    reason: str = ""
    correction: str | None = None
    seconds: int = 0

    def __post_init__(self) -> None:
        """Refuse a grade that leaves out what its kind needs."""
        if self.grade not in GRADE_VALUES:
            raise ValueError(f"{self.grade!r} is no grade; expected {', '.join(GRADE_VALUES)}")
        if (self.grade == "fail") != (self.severity is not None):
            raise ValueError("a severity belongs to a fail, and to nothing else")
        if self.severity is not None and self.severity not in SEVERITIES:
            raise ValueError(f"{self.severity!r} is no severity; expected {', '.join(SEVERITIES)}")
        if self.grade != "pass" and not self.reason.strip():
            raise ValueError(f"a grade of {self.grade} needs a reason")
        if (self.grade == "edit") != (self.correction is not None):
            raise ValueError("a correction belongs to an edit, and to nothing else")

    @property
    def failed(self) -> bool:
        """Whether the output was not usable as it was: failed, or edited."""
        return self.grade in ("fail", "edit")


@dataclass(frozen=True, slots=True, kw_only=True)
class Grades:
    """All that one reviewer says of one review bundle; at most one grade an item."""

    manifest: str
    reviewer: str
    grades: tuple[Grade, ...] = ()

    def of(self, item: str) -> Grade | None:
        """Return the grade of an item, or None."""
        return next((grade for grade in self.grades if grade.item == item), None)

    def with_grade(self, grade: Grade) -> "Grades":
        """Return these grades with one more, in place of an earlier one of the same item."""
        return self.without(grade.item, grade)

    def without(self, item: str, *more: Grade) -> "Grades":
        """Return these grades without that item's."""
        kept = tuple(grade for grade in self.grades if grade.item != item)
        return Grades(manifest=self.manifest, reviewer=self.reviewer, grades=(*kept, *more))


def filename(reviewer: str) -> str:
    """Return the name of a reviewer's file in a folder of grades."""
    return f"grades-{reviewer}.json"


def render(grades: Grades) -> bytes:
    """Return the bytes of a grades file, its rows by item."""
    rows = [
        {name: getattr(grade, name) for name in Grade.__dataclass_fields__}
        for grade in sorted(grades.grades, key=lambda grade: grade.item)
    ]
    return canonical.dumps({"type": TYPE, "manifest": grades.manifest, "reviewer": grades.reviewer, "grades": rows})


def parse(data: bytes, file: str, items: Iterable[Mapping[str, Any]]) -> Grades:
    """Read a grades file strictly.

    Raises:
        TwokeyError: not strict JSON, unknown or missing fields, an item that is not in the bundle or is graded twice.
    """
    document = canonical.loads(data, file=file, max_bytes=MAX_BYTES)
    where = Place(file=file)
    if not isinstance(document, dict) or document.keys() != {"type", "manifest", "reviewer", "grades"}:
        raise TwokeyError("is no grades file: expected type, manifest, reviewer and grades", where=where)
    rows = document["grades"]
    texts = all(isinstance(document[name], str) for name in ("manifest", "reviewer"))
    if document["type"] != TYPE or not isinstance(rows, list) or not texts:
        raise TwokeyError(f"is no grades file of type {TYPE}", where=where)
    grades = tuple(_grade(row, number, where) for number, row in enumerate(rows, start=1))
    _refuse_items(grades, {str(item["id"]) for item in items}, where)
    return Grades(manifest=document["manifest"], reviewer=document["reviewer"], grades=grades)


def missing(grades: Grades, items: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the ids of the items that have no grade yet, in the order of the items."""
    graded = {grade.item for grade in grades.grades}
    return tuple(str(item["id"]) for item in items if item["id"] not in graded)


def count(grades: Grades) -> Mapping[GradeValue, int]:
    """Return how many of each grade were given."""
    found = Counter(grade.grade for grade in grades.grades)
    return {value: found[value] for value in GRADE_VALUES}


def _grade(row: Any, number: int, where: Place) -> Grade:
    if not isinstance(row, dict) or row.keys() != Grade.__dataclass_fields__.keys():
        raise TwokeyError(f"grade {number}: expected {', '.join(Grade.__dataclass_fields__)}", where=where)
    if type(row["seconds"]) is not int or row["seconds"] < 0:
        raise TwokeyError(f"grade {number}: seconds is no whole number of at least 0", where=where)
    texts = [row["item"], row["grade"], row["reason"]]
    texts += [row[name] for name in ("severity", "correction") if row[name] is not None]
    if not all(isinstance(text, str) for text in texts):
        raise TwokeyError(f"grade {number}: expected texts, found something else", where=where)
    try:
        return Grade(**row)
    except ValueError as error:
        raise TwokeyError(f"grade {number}: {error}", where=where) from None


def _refuse_items(grades: tuple[Grade, ...], known: set[str], where: Place) -> None:
    for item, times in Counter(grade.item for grade in grades).items():
        if times > 1:
            raise TwokeyError(f"the item {item!r} is graded {times} times", where=where)
        if item not in known:
            raise TwokeyError(f"the item {item!r} is not in this review bundle", where=where)
