"""A score of the user's own: a function that is called with one record."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, Self

from twokey.errors import Place, TwokeyError
from twokey.functions import Function, load_function, where_raised
from twokey.kinds import Explained
from twokey.record import Record
from twokey.scorers.base import Asked, Score, share
from twokey.scorers.options import CustomOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Custom:
    """A score from 0 to 1 by a Python function of yours, for each record.

    ```yaml
    custom:
      tone: {file: scores.py, call: tone, min: 80%}     # a file of the policy
      brand: {call: "ourpackage.scores:brand", better: lower, max: 5%}   # what is installed
    ```

    The function gets a dict with `id`, `input`, `output`, `label`, `expected`, `context`, `confidence` and `groups`,
    and returns a number from 0 to 1, true, false, or None where it cannot say.
    """

    name: ClassVar[str] = "custom"
    summary: ClassVar[str] = "a function of yours"
    binary: ClassVar[bool] = False
    missing: ClassVar[str] = "the function gave no record a score"

    call: str
    better: Literal["higher", "lower"] = "higher"
    source: bytes | None = None
    place: str | None = None

    @classmethod
    def explained(cls) -> Explained:
        """Return what it is."""
        return Explained(
            what="A score from 0 to 1 by a Python function of yours, for each record.",
            how="It is called with a dict of the record and returns a number from 0 to 1, true, false, or None. The"
            " mean has an interval that holds at any number of records (hedged betting).",
            limits="It must give the same answer for the same record, on every machine, or the evidence cannot be"
            " reproduced. Of an installed function only the name is in the policy, of one from a file its bytes.",
            fix="What it raises ends the run, with the record's id and the exception's name.",
        )

    @classmethod
    def build(cls, options: CustomOptions, asked: Asked) -> Self:
        """Load the function, so that what is wrong with it shows now. Raises TwokeyError."""
        source = asked.read(options.file) if options.file is not None else None
        made = cls(call=options.call, better=options.better, source=source, place=options.file)
        _function(made)
        return made

    def score(self, records: Sequence[Record]) -> list[Score]:
        """Return each record's score. Raises TwokeyError where the function raises, or returns something else."""
        function = _function(self)
        return [self._score(function, record) for record in records]

    def _score(self, function: Function, record: Record) -> Score:
        try:
            value = function({name: getattr(record, name) for name in TOLD})
        except Exception as error:
            raise self._error(record, f"raised {type(error).__name__}{where_raised(error, self.place)}") from error
        if value is None:
            return None
        if not isinstance(value, (bool, int, float)) or not 0 <= value <= 1:
            found = repr(value) if isinstance(value, (int, float)) else type(value).__name__
            raise self._error(record, f"returned {found}, and not a number from 0 to 1")
        return share(float(value))

    def _error(self, record: Record, what: str) -> TwokeyError:
        return TwokeyError(f"{self.call} {what}, on the record {record.id}", where=Place(file=self.place or self.call))


TOLD = ("id", "input", "output", "label", "expected", "context", "confidence", "groups")


@lru_cache(maxsize=32)
def _function(scorer: Custom) -> Any:
    """Load it once per process: what travels between processes is its source."""
    return load_function(scorer.call, scorer.source, scorer.place)
