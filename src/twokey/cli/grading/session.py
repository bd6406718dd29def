"""Grading in the terminal: one item, one key, saved at once; leave whenever you like and go on where you left.

It draws with `screen`, asks with `asks`, reads keys with `keyboard` and hands every change to `save`.
What the grades come to is not computed here.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from typing import TextIO

from rich.console import Console

from twokey.cli.grading.asks import Asks
from twokey.cli.grading.keyboard import DOWN, ENTER, EOF, ESCAPE, LEFT, PASTE, RIGHT, UP, Keys, keyboard
from twokey.cli.grading.log import Log
from twokey.cli.grading.practice import GRADES, practise
from twokey.cli.grading.reserve import Reserve, Row
from twokey.cli.grading.screen import View, opinion, said, show_end, show_help, show_item
from twokey.errors import TwokeyError
from twokey.review.grades import CERTAINTIES, MAX_SECONDS, Certainty, Grade, Grades, GradeValue, missing, wants_reason
from twokey.review.merging import Said
from twokey.visible import visible

IDLE_SECONDS = 60.0
"""A pause between two keys counts as at most so long: active time is what is measured."""

MOVES: Mapping[str, int] = {"j": 1, DOWN: 1, RIGHT: 1, "k": -1, UP: -1, LEFT: -1}


def grade_in_terminal(
    items: Sequence[Row],
    grades: Grades,
    save: Callable[[Grades], None],
    stdin: TextIO,
    stdout: TextIO,
    *,
    keys: Keys | None = None,
    clock: Callable[[], float] = time.monotonic,
    practice: Sequence[Row] = (),
    reserve: Sequence[Row] = (),
    answers: Mapping[str, Sequence[tuple[str, str]]] | None = None,
    differing: Mapping[str, Sequence[Said]] | None = None,
) -> Grades:
    """Let a person grade the items, and return the grades as they were saved last.

    Args:
        items: rows of items, and of sealed seeds among them, in the order in which they are met.
        grades: those given so far; the first item without one comes first.
        save: called with all grades after every change.
        stdin: a terminal, or a pipe with the same keys in it, each text ended by a line feed.
        stdout: where the items are shown.
        keys: read in place of stdin.
        clock: seconds, for the active time.
        practice: rows with `answer` and `feedback`, which come before a review that has not begun; never saved.
        reserve: rows that may be taken in addition: those that wait, and further stages of the audit.
        answers: what was answered to the reviewer's questions, by item: who, and what they say.
        differing: for who settles disagreements, what others say of an item; a grade of one always needs a reason.

    Raises:
        TwokeyError: the grades cannot be saved.
    """
    console = Console(file=stdout, highlight=False, markup=False, emoji=False)
    begun = {grade.item for grade in grades.grades}
    left, taken = Reserve.of(reserve, begun)
    with nullcontext(keys) if keys else keyboard(stdin, stdout) as read:
        session = _Session(
            items=[*items, *taken],
            reserve=left,
            grades=grades,
            save=save,
            console=console,
            read=read,
            clock=clock,
            answers=answers or {},
            differing=differing or {},
            log=Log.of(grades),
        )
        try:
            if begun or practise(console, session.key, practice):
                session.run()
        except (EOFError, KeyboardInterrupt):
            console.print()  # all that was graded is saved already
    return session.grades


@dataclass(slots=True, kw_only=True)
class _Session:
    """Where the reviewer is. `place` beyond the last item is the end; `active` are seconds by place."""

    items: list[Row]
    reserve: Reserve
    grades: Grades
    save: Callable[[Grades], None]
    console: Console
    read: Keys
    clock: Callable[[], float]
    answers: Mapping[str, Sequence[tuple[str, str]]]
    differing: Mapping[str, Sequence[Said]]
    log: Log
    place: int = 0
    message: str = ""
    unfolded: bool = False
    active: dict[int, float] = field(default_factory=dict)
    sure: dict[str, Certainty] = field(default_factory=dict)

    def run(self) -> None:
        """Show items and obey keys until the reviewer leaves."""
        self.active.clear()
        self._to_ungraded(-1)
        while True:
            self._show()
            self.message = ""
            key = self.key()
            if key.lower() == "q":
                return
            self._obey(key if key.startswith(ESCAPE) else key.lower())

    def key(self) -> str:
        """Wait for a key, and count the time that it took. Raises EOFError where there is no more."""
        before = self.clock()
        key = self.read()
        self.active[self.place] = self.active.get(self.place, 0.0) + min(self.clock() - before, IDLE_SECONDS)
        if key == EOF:
            raise EOFError
        return key

    @property
    def at_end(self) -> bool:
        """Whether there is no item here."""
        return self.place >= len(self.items)

    @property
    def here(self) -> str:
        """The id of the item here."""
        return str(self.items[self.place]["id"])

    def _show(self) -> None:
        if self.at_end:
            show_end(self.console, self.items, self.grades, self.message, more=tuple(self.reserve.told()))
            return
        entry, left = self.log.entry(self.here), len(missing(self.grades, self.items))
        head = f"item {self.place + 1:,} of {len(self.items):,}   {left:,} left to grade"
        view = View(
            item=self.items[self.place],
            head=f"{head}, and they may hold personal data",
            grade=entry.row,
            revealed=entry.revealed,
            beside=tuple(self._beside(entry.row)),
            unfolded=self.unfolded,
            message=self.message,
        )
        show_item(self.console, view)

    def _beside(self, row: Grade | None) -> Iterator[tuple[str, str]]:
        if row is not None and row.grade == "ask":
            yield "your question", row.reason
        yield from ((f"{by} answers", text) for by, text in self.answers.get(self.here, ()))
        yield from ((f"{reviewer} says", said(grade)) for reviewer, grade in self.differing.get(self.here, ()))

    def _obey(self, key: str) -> None:
        plain: Mapping[str, Callable[[], None]] = {
            "u": self._undo,
            "n": lambda: self._to_ungraded(self.place),
            "t": lambda: self._take(self.reserve.waiting(), "nothing more waits"),
            "+": lambda: self._take(self.reserve.stage(), "the audit has no further stage"),
            "?": self._help,
        }
        if key in GRADES and not self.at_end:
            self._grade(GRADES[key])
        elif key == "c" and not self.at_end:
            self._be_sure()
        elif key in MOVES:
            self._go(min(max(0, self.place + MOVES[key]), len(self.items) - (0 if self._nothing_to_do() else 1)))
        elif key in plain:
            plain[key]()
        elif key == "m":
            self.unfolded = not self.unfolded
        elif key.startswith(PASTE):
            self.message = "a pasted text is no grade"
        elif key not in (ENTER, ESCAPE, " "):
            self.message = f"{visible(key)!r} does nothing here; ? helps"

    def _help(self) -> None:
        show_help(self.console)
        self.key()

    def _go(self, place: int) -> None:
        self.place, self.unfolded = place, False

    def _nothing_to_do(self) -> bool:
        return not any(self.log.waits(str(item["id"]), self.answers) for item in self.items)

    def _to_ungraded(self, after: int) -> None:
        """Go to the next item with something to do, from the start again where none follows, else to the end.

        A question waits for its answer, and is passed over until then.
        """
        order = [*range(after + 1, len(self.items)), *range(min(after + 1, len(self.items)))]
        to_do = (n for n in order if self.log.waits(str(self.items[n]["id"]), self.answers))
        self._go(next(to_do, len(self.items)))

    def _grade(self, value: GradeValue) -> None:
        item, id_ = self.items[self.place], self.here
        if value == "bad-reference" and item.get("expected") is None:
            self.message = "there is no expected answer here that could be wrong"
            return
        explain = id_ in self.differing or wants_reason(self.grades.manifest, id_)
        details = Asks(console=self.console, read=self.key).details(value, explain=explain)
        if details is None:
            self.message = "nothing was graded"
            return
        before = self.log.entry(id_).row
        spent = self.active.pop(self.place, 0.0) + (before.seconds if before else 0)
        sure = self.sure.pop(id_, None)
        row = Grade(item=id_, grade=value, seconds=min(round(spent), MAX_SECONDS), certainty=sure, **details)
        row = self.log.give(row)
        self._keep(self.grades.with_grade(row))
        told = "the item waits for the answer" if value == "ask" else f"The machine: {opinion(item)}"
        self.message = f"{id_}: {said(row)}. {told}"
        self._to_ungraded(self.place)

    def _be_sure(self) -> None:
        """Say the next certainty of the grade that is here, or of the one to come; after the highest, none."""
        row = self.log.entry(self.here).row
        if row is not None and row.grade != "ask":
            row = replace(row, certainty=_next_certainty(row.certainty))
            self.log.amend(row)
            self._keep(self.grades.with_grade(row))
            self.message = f"{self.here}: {said(row)}"
            return
        certainty = _next_certainty(self.sure.pop(self.here, None))
        self.message = "without a certainty"
        if certainty is not None:
            self.sure[self.here] = certainty
            self.message = f"certainty {certainty}, of the grade that you give now"

    def _undo(self) -> None:
        if (taken := self.log.take_back()) is None:
            self.message = "there is nothing to take back"
            return
        id_, entry = taken
        self._keep(self.grades.with_grade(entry.row) if entry.row else self.grades.without(id_))
        self._go(next(n for n, item in enumerate(self.items) if item["id"] == id_))
        self.message = f"{id_}: taken back{f'; it is {said(entry.row)} again' if entry.row else ''}"

    def _take(self, rows: Sequence[Row], otherwise: str) -> None:
        if not rows:
            self.message = otherwise
            return
        self.reserve.take(rows)
        self.items += rows
        self.message = f"{len(rows):,} more items, at the end"
        if self.at_end or self._nothing_to_do():
            self._to_ungraded(-1)

    def _keep(self, grades: Grades) -> None:
        try:
            self.save(grades)
        except OSError as error:
            raise TwokeyError(f"the grades cannot be saved: {error.strerror}", hint="earlier ones are kept") from None
        self.grades = grades


def _next_certainty(certainty: Certainty | None) -> Certainty | None:
    """Return the certainty after this one, as on the page: from none to the highest, and back to none."""
    order = (None, *CERTAINTIES)
    return order[(order.index(certainty) + 1) % len(order)]
