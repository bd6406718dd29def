"""The story of `twokey record --judge`: each record is asked about, and gets a row, a verdict or why there is none.

Which records are asked about, and what the verdicts come to, is decided elsewhere. Errors are kept as what they are; a
judge that fails again and again is not asked any further.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

from twokey.errors import TwokeyError
from twokey.record import Record
from twokey.recorder.answers import MAX_RAW, Answers, Fault, Row, plain_text
from twokey.recorder.asking import Answered, Asker
from twokey.recorder.judges import JudgeSpec
from twokey.recorder.prompt import SLOTS
from twokey.targets.base import Request, Target, TargetError
from twokey.values import dataclass

MAX_CHARACTERS = 400_000
"""The longest filled prompt. A longer one is never cut: a judge that saw a part would judge a part."""

MAX_IN_A_ROW = 20
Redact = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What came of it: records `asked` about now, those `kept` from before, and of all that were asked the `errors`.

    `unasked` carry an error in place of an output, or none, so that there is nothing to ask about.
    """

    asked: int
    kept: int
    unasked: int
    errors: Mapping[str, int]


def ask_judge(
    records: Iterable[Record],
    spec: JudgeSpec,
    target: Target,
    answers: Answers,
    *,
    redact: Redact,
    progress: Callable[[int], None] = lambda _done: None,
) -> Recorded:
    """Ask about each record that has no verdict yet, and write down what comes; `progress` hears how many are done.

    Raises:
        TwokeyError: the judge failed too often in a row, or the file cannot be written. What was answered is kept.
    """
    asking = _Asking(spec, Asker(target), answers, redact)
    for done, _ in enumerate(asking.rows(records, target.at_once), start=1):
        progress(done)
    return Recorded(
        asked=asking.asked, kept=asking.kept, unasked=asking.unasked, errors=dict(sorted(asking.errors.items()))
    )


class _Asking:
    def __init__(self, spec: JudgeSpec, asker: Asker, answers: Answers, redact: Redact) -> None:
        self.spec = spec
        self.asker = asker
        self.answers = answers
        self.redact = redact
        self.asked = self.kept = self.unasked = self.in_a_row = 0
        self.errors: Counter[str] = Counter()

    def rows(self, records: Iterable[Record], at_once: int) -> Iterator[Row | None]:
        """Yield each record's row once it is written, and None for one that needs none."""
        if at_once == 1:
            for record in records:
                yield self.written(self.asked_about(record)) if self.wanted(record) else None
            return
        with self._pool(at_once) as (pool, waiting):
            for record in records:
                if not self.wanted(record):
                    yield None
                    continue
                waiting.add(pool.submit(self.asked_about, record))
                if len(waiting) >= at_once:
                    yield from self._come(waiting)
            while waiting:
                yield from self._come(waiting)

    def _come(self, waiting: set[Future[Row]]) -> Iterator[Row]:
        """Yield what has come, once it is written, and wait until something has."""
        for one in wait(waiting, return_when=FIRST_COMPLETED).done:
            waiting.discard(one)
            yield self.written(one.result())

    @contextmanager
    def _pool(self, at_once: int) -> Iterator[tuple[ThreadPoolExecutor, set[Future[Row]]]]:
        """Give a pool, and the place for what is in flight.

        It is left as soon as may be, whatever happens: no pause is sat out, and nothing is tried again; what was in
        flight has been paid for, and is written down.
        """
        pool = ThreadPoolExecutor(at_once, thread_name_prefix="judge")
        waiting: set[Future[Row]] = set()
        try:
            yield pool, waiting
        finally:
            self.asker.stop()
            pool.shutdown(cancel_futures=True)
            for one in waiting:
                if not one.cancelled() and one.exception() is None:
                    self.answers.append(one.result())

    def wanted(self, record: Record) -> bool:
        """Say whether a record is to be asked about, and count it where not."""
        if record.error is not None or record.output is None:
            self.unasked += 1
            return False
        if record.id in self.answers.answered:
            self.kept += 1
            return False
        return True

    def asked_about(self, record: Record) -> Row:
        """Ask about a record. Writes nothing, so that it may run in any thread."""
        fields: dict[str, Any] = {name: getattr(record, name) for name in SLOTS}
        text = self.spec.prompt.fill(fields) if self.spec.prompt is not None else None
        if text is not None and len(text) > MAX_CHARACTERS:
            told = f"a prompt of {len(text):,} characters, more than the {MAX_CHARACTERS:,} allowed"
            return self._row(record.id, Answered(error=TargetError("size", told), attempts=0, at=0.0, seconds=0.0))
        return self._row(record.id, self.asker.ask(Request(id=record.id, text=text, fields=fields)))

    def _row(self, ident: str, found: Answered) -> Row:
        error = found.error
        verdict = self.spec.verdict(found.reply.text) if found.reply is not None else None
        if error is None and verdict is None:
            error = TargetError("unclear", "the answer ends with no verdict that policy knows")
        return Row(
            id=ident,
            verdict=verdict,
            raw=self._raw(found.reply.text) if found.reply is not None else None,
            error=Fault(fault=error.fault, message=error.message) if error is not None else None,
            attempts=found.attempts + self.answers.tried.get(ident, 0),
            at=round(found.at, 3),
            latency_ms=round(found.seconds * 1000, 3),
            usage=dict(found.reply.usage) if found.reply is not None and found.reply.usage else None,
        )

    def _raw(self, text: str) -> str:
        """Return how an answer begins. It is redacted before it is cut, or half a credential would stay."""
        return plain_text(self.redact(plain_text(text[: 50 * MAX_RAW])))[:MAX_RAW]

    def written(self, row: Row) -> Row:
        """Write a row. Raises TwokeyError where the judge has failed too often in a row."""
        self.answers.append(row)
        self.asked += 1
        if row.error is None:
            self.in_a_row = 0
            return row
        self.errors[row.error.fault] += 1
        self.in_a_row += 1
        if self.in_a_row >= MAX_IN_A_ROW:
            told = f"the judge {self.spec.name!r} failed {self.in_a_row} times in a row: {row.error.message}"
            raise TwokeyError(told, hint="what was answered is kept; the same command goes on from there")
        return row
