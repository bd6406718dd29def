"""Sealed seeds for tests: evidence of real form, records that nobody is shown, and a bundle that the real code made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

from run_world import item, make_evidence, packet, records

from twokey.canonical import sha256
from twokey.config.review import Review, Seeds
from twokey.detectors import default_scanner
from twokey.evidence.bundle import Evidence
from twokey.record import Record
from twokey.review.grades import Grade, Grades, GradeValue
from twokey.review.items import item as as_item
from twokey.review.mutations import around
from twokey.review.sealed import opened
from twokey.review.sealing import PastFailure, collected, drawing_key, seal, taken
from twokey.review.seeds import Bundle, Opening, render

KEY = bytes(range(32))
LABELS = ("billing", "delivery", "account", "refund", "cancellation")


@cache
def evidence(subject: str = "triage") -> Evidence:
    rows = [item(n, "low-confidence") for n in range(1, 21)]
    rows += [item(n, "audit") for n in range(21, 61)]
    return make_evidence((records(),), tuple({**row, "rank": n} for n, row in enumerate(rows, 1)), packet(), subject)


def answer(number: int, **known: Any) -> Record:
    label = LABELS[number % 5]
    known = {"output": label, "label": label, "expected": label, "confidence": 0.9, **known}
    return Record(id=f"ticket-{1000 + number}", input=f"a question about {label}, number {number}", **known)


def answers(count: int = 120) -> tuple[Record, ...]:
    return tuple(answer(n) for n in range(count))


def failures(count: int) -> tuple[PastFailure, ...]:
    return tuple(
        PastFailure(input=f"where is parcel {n}?", output="billing", label="billing", why=f"took parcel {n} for a bill")
        for n in range(count)
    )


def made(
    rules: Seeds | None = None,
    key: bytes = KEY,
    *,
    of: Evidence | None = None,
    rows: tuple[Record, ...] | None = None,
    past: tuple[PastFailure, ...] = (),
) -> Bundle:
    of, rows = of or evidence(), answers() if rows is None else rows
    return seal(
        of,
        rules or Seeds(),
        key,
        pool=collected(rows, taken(of), drawing_key(key, of.digest)),
        known=around(rows),
        past=past,
        as_row=partial(_row, as_item),
        hide=lambda text: str(default_scanner().redact_value(text)),
    )


def _row(make: Callable[..., dict[str, Any]], record: Record, /, **chosen: Any) -> dict[str, Any]:
    return make(record, default_scanner(), **chosen)


@dataclass(frozen=True, slots=True)
class Sealed:
    """A bundle with its bytes, and what it takes to open it."""

    bundle: Bundle
    key: bytes = KEY

    @property
    def data(self) -> bytes:
        return render(self.bundle)

    @property
    def digest(self) -> str:
        return sha256(self.data)

    def opening(self, *grades: str) -> Opening:
        return opened(self.bundle, self.digest, self.key, grades)

    @property
    def bad(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.opening().answers if one.bad)

    @property
    def good(self) -> tuple[str, ...]:
        return tuple(one.id for one in self.opening().answers if not one.bad)

    def graded(self, passing: Mapping[str, GradeValue] | None = None, reviewer: str = "pat@example.com") -> Grades:
        """Grades of all seeds: what is bad fails, the others pass, but for those that `passing` names."""
        said = {**dict.fromkeys(self.bad, "fail"), **dict.fromkeys(self.good, "pass"), **(passing or {})}
        grades = tuple(graded(id_, value) for id_, value in said.items())  # type: ignore[arg-type]
        return Grades(manifest=self.bundle.manifest, reviewer=reviewer, grades=grades, seeds=self.digest)


def graded(item: str, value: GradeValue) -> Grade:
    return Grade(
        item=item,
        grade=value,
        severity="high" if value == "fail" else None,
        reason="" if value == "pass" else "looked at it",
        correction="billing" if value == "edit" else None,
    )


def policy(**rules: Any) -> Review:
    return Review(seeds=Seeds(**rules))


@cache
def sealed() -> Sealed:
    """Eight bad, four good, void at two."""
    return Sealed(made())
