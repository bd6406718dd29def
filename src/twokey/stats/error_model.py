"""What earlier failures had in common: log-odds of failing by features, in whole numbers.

Naive Bayes with two classes, failed and passed. Counting is exact and nothing iterates, so every machine comes to the
same numbers. It knows nothing of what a feature is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from math import isqrt

from twokey.stats.second_opinion import ALPHA_PARTS, Features, log2
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorModel:
    """Counts of features among what failed and what passed."""

    failed: Counter[int]
    passed: Counter[int]
    sizes: tuple[int, int]

    def odds(self, found: Features) -> int:
        """Return the log-odds that such a case fails, in parts of 4096 of a bit; more is worse.

        The features' part is divided by the root of their number, since features of one text are not independent.
        """
        known = [feature for feature in found if feature in self.failed or feature in self.passed]
        bases = [log2(ALPHA_PARTS * size + ALPHA_PARTS) for size in self.sizes]
        total = 0
        for feature in known:
            bad, good = (log2(ALPHA_PARTS * seen[feature] + 1) for seen in (self.failed, self.passed))
            total += (bad - bases[0]) - (good - bases[1])
        scale = max(1, isqrt(len(known)))
        return total // scale + log2(self.sizes[0] + 1) - log2(self.sizes[1] + 1)


def error_model(cases: Iterable[tuple[Features, bool]]) -> ErrorModel | None:
    """Count past cases, each with whether it failed; None where none failed or none passed."""
    rows: Sequence[tuple[Features, bool]] = tuple(cases)
    bad = sum(failed for _, failed in rows)
    if not 0 < bad < len(rows):
        return None
    return ErrorModel(
        failed=Counter(one for found, failed in rows if failed for one in found),
        passed=Counter(one for found, failed in rows if not failed for one in found),
        sizes=(bad, len(rows) - bad),
    )
