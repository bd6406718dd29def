"""How often a reviewer survives sealed seeds: what a rule of so many known-bad items, void at so many missed, is worth.

It takes each seed as seen or missed with the same chance, and apart from the others. Seeds that are easier or harder
than what they stand for are worth less than it says.
"""

from twokey.stats.intervals import binomial_cdf


def survival(sensitivity: float, seeds: int, void_at: int) -> float:
    """Return the chance that a review is not void: that fewer than `void_at` of the seeds are missed.

    `sensitivity` is the chance, from 0 to 1, that the reviewer sees one known-bad item.

    Source: the binomial distribution function, P(B <= void_at - 1) for B of `seeds` trials at 1 - `sensitivity`.
    Raises ValueError unless 0 <= sensitivity <= 1 and 1 <= void_at <= seeds.
    """
    if not (0 <= sensitivity <= 1 and 1 <= void_at <= seeds):
        raise ValueError(f"no review with {seeds} seeds, void at {void_at}, for a sensitivity of {sensitivity}")
    return binomial_cdf(void_at - 1, seeds, 1 - sensitivity)
