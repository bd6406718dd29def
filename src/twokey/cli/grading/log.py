"""How each grade of a session came to be: what it took the place of in sight of the machine's opinion, and undo.

The page keeps the same log by the same rules. A grade that is taken back leaves a trace: once the opinion was shown it
cannot be unseen, so the next grade of that item says what stood there before. Nothing is saved here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from twokey.review.grades import MAX_REVISIONS, Grade, Grades, GradeValue


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An item's row or None, the grade last given in sight of the opinion, and the grades that stood before that."""

    row: Grade | None = None
    last: GradeValue | None = None
    before: tuple[GradeValue, ...] = ()

    @property
    def graded(self) -> bool:
        """Whether there is a grade: a question is none."""
        return self.row is not None and self.row.grade != "ask"

    @property
    def revealed(self) -> bool:
        """Whether the machine's opinion may be shown: a grade was given, even if it was taken back."""
        return self.last is not None


NOTHING = Entry()


@dataclass(slots=True)
class Log:
    """The entries of a session by item; `past` is what undo brings back, newest last."""

    entries: dict[str, Entry] = field(default_factory=dict)
    past: list[tuple[str, Entry]] = field(default_factory=list)

    @classmethod
    def of(cls, grades: Grades) -> "Log":
        """Return the log of what an earlier session left."""
        return cls(entries={row.item: _entry_from(row) for row in grades.grades})

    def entry(self, item: str) -> Entry:
        """Return an item's entry, an empty one where nothing was said of it."""
        return self.entries.get(item, NOTHING)

    def give(self, row: Grade) -> Grade:
        """Put a new row in its item's place; return it with the grades that it revises."""
        old = self.entry(row.item)
        changed = old.last is not None and old.last != row.grade
        log = (*old.before, *((old.last,) if changed and old.last else ()))[:MAX_REVISIONS]
        row = replace(row, revised_from=log)
        last = old.last if row.grade == "ask" else row.grade
        self._put(row.item, Entry(row=row, last=last, before=log))
        return row

    def amend(self, row: Grade) -> None:
        """Put a row that says the same, more or less surely, in its item's place."""
        self._put(row.item, replace(self.entry(row.item), row=row))

    def take_back(self) -> tuple[str, Entry] | None:
        """Undo the newest change; return the item and its entry as it is again, or None."""
        if not self.past:
            return None
        item, before = self.past.pop()
        self.entries[item] = entry = replace(before, last=before.last or self.entry(item).last)
        return item, entry

    def waits(self, item: str, answered: Mapping[str, object]) -> bool:
        """Whether there is something to do: no row yet, or a question that has its answer."""
        row = self.entry(item).row
        return row is None or (row.grade == "ask" and item in answered)

    def _put(self, item: str, entry: Entry) -> None:
        self.past.append((item, self.entry(item)))
        self.entries[item] = entry


def _entry_from(row: Grade) -> Entry:
    log = row.revised_from
    last = (log[-1] if log else None) if row.grade == "ask" else row.grade
    return Entry(row=row, last=last, before=log)
