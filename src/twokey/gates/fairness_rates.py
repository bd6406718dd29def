"""The rates that fairness compares, read from the counts: of which answers, which share, in each value of a group.

Nothing is compared or judged here.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from twokey.gates.fairness_tally import BAND, ERRORED, EXPECTED, MILLION, POSITIVE, RIGHT, SHOULD, Outcomes
from twokey.outcome import Books
from twokey.stats.calibration import BINS, Bin


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`k` of `n` in one value of a group, and the mean confidence of those `n` where confidence is what matters."""

    k: float
    n: int
    sure: float = 0.0

    @property
    def rate(self) -> float:
        """The share; 0 where there is nothing to compute it from."""
        return self.k / self.n if self.n else 0.0


Shares = Mapping[str, Share]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """One rate: which answers count for it (`tried`), and which of those have it (`hit`), each by an answer's state."""

    words: str
    tried: Callable[[int], bool]
    hit: int


RATES: Mapping[str, Rate] = {
    "positive_rate": Rate(words="answers that are positive", tried=lambda _: True, hit=POSITIVE),
    "true_positive_rate": Rate(
        words="positive among what should be", tried=lambda state: bool(state & SHOULD), hit=POSITIVE
    ),
    "false_positive_rate": Rate(
        words="positive among what should not be",
        tried=lambda state: bool(state & EXPECTED) and not state & SHOULD,
        hit=POSITIVE,
    ),
    "accuracy": Rate(words="right answers", tried=lambda state: bool(state & EXPECTED), hit=RIGHT),
    "overconfidence": Rate(words="right answers among the confident", tried=lambda state: bin_of(state) > 0, hit=RIGHT),
}


def bin_of(state: int) -> int:
    """Return the bin that the confidence is in, from 1; 0 where there is none."""
    return state % ERRORED // BAND


def values_of(outcomes: Outcomes, group: str) -> dict[str, int] | None:
    """Return how many records have each value, errored ones too; None where there are too many values."""
    states = outcomes.states.get(group, {})
    if states is None:
        return None
    seen: dict[str, int] = {}
    for (value, _), count in states.items():
        if value is not None:
            seen[value] = seen.get(value, 0) + count
    return dict(sorted(seen.items()))


def shares_of(rate: str, outcomes: Outcomes, group: str, values: Mapping[str, int]) -> Shares:
    """Return the rate in each of the values."""
    known = RATES[rate]
    tried, hits = dict.fromkeys(values, 0), dict.fromkeys(values, 0)
    for (value, state), count in (outcomes.states.get(group) or {}).items():
        if value in tried and state != ERRORED and known.tried(state):
            tried[value] += count
            hits[value] += count if state & known.hit else 0
    sums = _sums(outcomes, group) if rate == "overconfidence" else {}
    return {
        value: Share(k=hits[value], n=n, sure=sums.get(value, 0) / MILLION / n if n else 0.0)
        for value, n in tried.items()
    }


def _sums(outcomes: Outcomes, group: str) -> dict[str, int]:
    sums: dict[str, int] = {}
    for (value, _), total in (outcomes.sure.get(group) or {}).items():
        if value is not None:
            sums[value] = sums.get(value, 0) + total
    return sums


def label_shares(outcomes: Outcomes, group: str, values: Mapping[str, int]) -> Iterator[tuple[str, Shares]]:
    """Yield each label with its share of the answers in each of the values; nothing where there are too many."""
    counts = outcomes.labels.get(group) or {}
    answered = shares_of("positive_rate", outcomes, group, values)
    for label in sorted({label for _, label in counts}):
        yield label, {value: Share(k=counts.get((value, label), 0), n=share.n) for value, share in answered.items()}


def bins_of(outcomes: Outcomes, group: str, value: str) -> list[Bin]:
    """Return the answers of one value by their confidence."""
    states, sums = outcomes.states.get(group) or {}, outcomes.sure.get(group) or {}
    parts = []
    for number in range(1, BINS + 1):
        theirs = {state: seen for (which, state), seen in states.items() if which == value and bin_of(state) == number}
        if theirs:
            right = sum(seen for state, seen in theirs.items() if state & RIGHT)
            parts.append(Bin(n=sum(theirs.values()), right=right, confidence=sums.get((value, number), 0) / MILLION))
    return parts


def books_of(outcomes: Outcomes, group: str, values: Mapping[str, int], scored: int) -> Books:
    """Return where the records went: those of values that are not among these are left out by policy."""
    left_out = sum(
        seen
        for (value, state), seen in (outcomes.states.get(group) or {}).items()
        if value is not None and value not in values and state != ERRORED
    )
    unscorable = outcomes.total - outcomes.errored - left_out - scored
    return Books(
        total=outcomes.total, scored=scored, errored=outcomes.errored, unscorable=unscorable, excluded=left_out
    )
