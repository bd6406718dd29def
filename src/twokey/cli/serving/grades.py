"""The grades that a served page saves: whole or not at all, in the file that `twokey review --terminal` writes too.

Two tabs, or a tab and a terminal, never overwrite each other: whoever saves says which revision they had before them,
and is told of a newer one.
"""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from twokey.canonical import dumps
from twokey.cli.keeping import keep
from twokey.errors import TwokeyError
from twokey.page.exchange import RefusalError, Response, told
from twokey.review.grades import TYPE, Grades, missing, parse, render, rows_of

Row = Mapping[str, Any]


@dataclass(slots=True, kw_only=True)
class SavedGrades:
    """One reviewer's grades on disk. `saved` is told after each change; `ended` says that nothing is saved any more.

    `grades` are those of an empty file, with manifest, reviewer and seeds; `items` have to be graded, `reserve` may be.
    """

    path: Path
    grades: Grades
    items: Sequence[Row]
    reserve: Sequence[Row] = ()
    saved: Callable[[], None] = lambda: None
    revision: int = 0
    ended: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)
    _data: bytes | None = None

    def now(self) -> tuple[Grades, int]:
        """Return the grades as they are on disk, and their revision.

        Raises TwokeyError where they cannot be read, or are of other evidence.
        """
        with self.lock:
            self._look()
            return self.grades, self.revision

    @property
    def left(self) -> int:
        """How many items have no grade yet."""
        return len(missing(self.grades, self.items))

    def put(self, sent: Mapping[str, Any]) -> Response:
        """Save what a page sends: the grades and the revision that they were made on."""
        rows, revision = sent.get("grades"), sent.get("revision")
        if sent.keys() != {"grades", "revision"} or not isinstance(rows, list) or type(revision) is not int:
            raise RefusalError(422, "expected grades, and the revision that they were made on")
        with self.lock:
            if self.ended:
                raise RefusalError(403, "the review has ended; twokey review opens it again")
            self._look()
            if revision != self.revision:
                return told({"revision": self.revision, "grades": rows_of(self.grades)}, 409)
            self._save(self._parsed(self._document(rows), "the grades"))
            self.saved()
            return told({"revision": self.revision, "left": self.left})

    def end(self) -> None:
        """Save nothing any more, once what is being saved is saved."""
        with self.lock:
            self.ended = True

    def _look(self) -> None:
        """Read the file again where somebody else wrote it."""
        try:
            data = self.path.read_bytes() if self.path.is_file() else None
        except OSError as error:
            raise TwokeyError(f"{self.path} cannot be read: {error.strerror}") from None
        if data == self._data:
            return
        found = self._parsed(data, str(self.path)) if data is not None else self._empty()
        if found.manifest != self.grades.manifest:
            raise TwokeyError(f"{self.path} holds grades of other evidence", hint="move it away, and grade again")
        if found.reviewer != self.grades.reviewer:
            told_ = f"{self.path} holds grades of {found.reviewer}, not of {self.grades.reviewer}"
            raise TwokeyError(told_, hint="move it away, and grade again")
        self.grades, self._data = replace(found, seeds=self.grades.seeds or found.seeds), data
        self.revision += 1

    def _empty(self) -> Grades:
        return Grades(manifest=self.grades.manifest, reviewer=self.grades.reviewer, seeds=self.grades.seeds)

    def _document(self, rows: list[Any]) -> bytes:
        head: dict[str, Any] = {"type": TYPE, "manifest": self.grades.manifest, "reviewer": self.grades.reviewer}
        if self.grades.seeds is not None:
            head["seeds"] = self.grades.seeds
        if self.grades.sources:
            head["sources"] = list(self.grades.sources)
        return dumps({**head, "grades": rows})

    def _parsed(self, data: bytes, file: str) -> Grades:
        return parse(data, file, (*self.items, *self.reserve))

    def _save(self, grades: Grades) -> None:
        data = render(grades)
        try:
            keep(self.path.parent, {self.path.name: data})
        except TwokeyError as error:  # a full disk, say: the page tries again
            raise RefusalError(503, str(error)) from None
        self.grades, self._data, self.revision = grades, data, self.revision + 1
