"""How far several reviewers of one bundle agree, over the items that more than one of them graded.

Severities aside: an item failed, did not, or was left for somebody else to settle. The share is counted by item and
exact; Gwet's AC1 stands beside it, since kappa says little where failures are rare. It judges nobody.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from twokey.canonical import quantise
from twokey.review.grades import Grade, Grades
from twokey.stats.agreement import Agreement, agreement, agreement_of_several
from twokey.stats.intervals import outward
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreeing:
    """What reviewers agree in: `items` graded by more than one, `agreed` by all of them alike."""

    reviewers: tuple[str, ...]
    items: int
    agreed: int
    found: Agreement

    @property
    def sentence(self) -> str:
        """The sentence for people: the share with its exact interval, and AC1 where it is defined."""
        low, high = self.found.interval
        who = " and ".join(self.reviewers) if len(self.reviewers) == 2 else f"{len(self.reviewers):,} reviewers"
        beyond = f"; Gwet's AC1 {self.found.ac1:.2f}" if self.found.ac1 is not None else ""
        return (
            f"{who} agree on {self.agreed:,} of the {self.items:,} items that more than one graded:"
            f" {self.found.raw:.1%} ({low:.1%} to {high:.1%}, 95%){beyond}"
        )

    def plain(self) -> dict[str, Any]:
        """Return the JSON form: counts, the share with its interval rounded outwards, AC1, and kappa for two."""
        low, high = outward(*self.found.interval)
        beyond = {"ac1": self.found.ac1, "kappa": self.found.kappa}
        return {
            "reviewers": list(self.reviewers),
            "items": self.items,
            "agreed": self.agreed,
            "raw": quantise(self.found.raw),
            "low": low,
            "high": high,
            **{name: quantise(value) for name, value in beyond.items() if value is not None},
        }


def agreeing(files: Iterable[Grades], seeds: Collection[str] = ()) -> Agreeing | None:
    """Return how far reviewers agree, each by one file; None where no item was graded by two.

    `seeds` are ids of sealed items, which are left out: whoever looks fails the bad ones, so they would flatter.
    """
    answers: dict[str, dict[str, str]] = {}
    for grades in sorted(files, key=lambda one: one.reviewer):
        for grade in grades.grades:
            if grade.item not in seeds:
                answers.setdefault(grade.item, {})[grades.reviewer] = _answer(grade)
    shared = {item: said for item, said in answers.items() if len(said) > 1}
    if not shared:
        return None
    reviewers = sorted({reviewer for said in shared.values() for reviewer in said})
    return Agreeing(
        reviewers=tuple(reviewers),
        items=len(shared),
        agreed=sum(len(set(said.values())) == 1 for said in shared.values()),
        found=_found(shared, reviewers),
    )


def _found(shared: Mapping[str, Mapping[str, str]], reviewers: list[str]) -> Agreement:
    """Return the agreement; of two people with kappa, which needs to know who is who."""
    if len(reviewers) == 2:
        return agreement(Counter((said[reviewers[0]], said[reviewers[1]]) for said in shared.values()))
    return agreement_of_several(Counter(said.values()) for said in shared.values())


def _answer(grade: Grade) -> str:
    return "unresolved" if grade.unresolved else "failed" if grade.failed else "not failed"
