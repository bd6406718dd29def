"""How doubtful each output is, by all that can be said of it unseen: one order out of several signals.

Each signal orders the outputs. An output's place is the weighted sum of the roots of its ranks, so that what one signal
finds most doubtful counts for more than what all find so-so. All is whole numbers, so that the order is the same on
every machine. What the signals are is in `signals`; nothing is chosen here.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby
from math import isqrt

from twokey.record import Record
from twokey.review.past import Case
from twokey.review.signals import Column, Hide, Seen, Signal, against, giving, look, novelty, says, signals
from twokey.review.tally import Candidate
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubted:
    """The order of some outputs: `places` by id, the smallest is the most doubtful.

    `disputed` are those that a second opinion, a judge or the past speaks against, `used` the names of the signals that
    ordered them. `seen` is what the signals stand on.
    """

    places: Mapping[str, int]
    disputed: frozenset[str]
    used: tuple[str, ...]
    seen: Seen

    def says(self, id_: str, hide: Hide) -> tuple[dict[str, str], ...]:
        """Return what each signal says of an output, in plain words; `hide` is asked for each label that is quoted."""
        return says(self.seen, id_, hide)

    def giving(self, label: str) -> tuple[Record, ...]:
        """Return the outputs looked at that give a label."""
        return giving(self.seen, label)


def doubted(candidates: Sequence[Candidate], cases: Sequence[Case] = ()) -> Doubted:
    """Order outputs by how doubtful they are; each id stands once among the candidates, in any order."""
    seen = look(sorted(candidates, key=lambda one: one.record.id), cases)
    telling = [one for one in signals(seen) if one.weight and _tells(one)]
    if not telling:
        telling = [one for one in (novelty(seen),) if _tells(one)]
    return Doubted(
        places=dict(zip(seen.ids, combined(telling, len(seen.ids)), strict=True)),
        disputed=against(seen),
        used=tuple(signal.name for signal in telling),
        seen=seen,
    )


def _tells(signal: Signal) -> bool:
    return len(set(signal.doubts)) > 1


def combined(signals: Sequence[Signal], size: int) -> list[int]:
    """Return each output's place by several signals together, the smallest the most doubtful."""
    places = [0] * size
    for signal in signals:
        places = [place + signal.weight * root for place, root in zip(places, roots(signal.doubts), strict=True)]
    return places


def roots(doubts: Column) -> list[int]:
    """Return the root of each rank, in parts of 1024; rank 1 is the most doubtful.

    Equals share the mean of their ranks. What a signal says nothing of has the middle rank.
    """
    known = sorted(
        ((doubt, at) for at, doubt in enumerate(doubts) if doubt is not None), key=lambda one: (-one[0], one[1])
    )
    found = [_root(len(doubts) + 1)] * len(doubts)
    # Of those that a signal knows, the ranks are stretched over all, so that silence about some is no opinion of them.
    before = 0
    for _, equals in groupby(known, key=lambda one: one[0]):
        tied = [at for _, at in equals]
        twice = (2 * before + len(tied)) * len(doubts) // len(known) + 1
        for at in tied:
            found[at] = _root(twice)
        before += len(tied)
    return found


def _root(twice_the_rank: int) -> int:
    return isqrt(twice_the_rank << 19)
