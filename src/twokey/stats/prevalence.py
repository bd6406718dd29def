"""How common something is when the judge that counts it errs: corrected for sensitivity and specificity.

It takes the judge's hits on cases that people labelled. It cannot mend a judge that errs otherwise on new cases than
on those.
"""

import math

from twokey.stats.intervals import CONFIDENCE, Interval, clopper_pearson, normal_quantile


def better_than_chance(sens_hits: int, sens_n: int, spec_hits: int, spec_n: int) -> bool:
    """Return whether sensitivity and specificity add up to more than 1: if not, the judge tells nothing."""
    return bool(sens_n and spec_n) and sens_hits / sens_n + spec_hits / spec_n > 1


def rogan_gladen(
    k: int, n: int, sens_hits: int, sens_n: int, spec_hits: int, spec_n: int, confidence: float = CONFIDENCE
) -> tuple[float | None, Interval]:
    """Return the true prevalence behind `k` of `n` flagged, and an interval that holds at any sample size.

    `sens_hits` of `sens_n` true cases and `spec_hits` of `spec_n` others were judged rightly. The interval holds every
    prevalence that agrees with three Clopper-Pearson intervals that hold together (Bonferroni). The value is None where
    the judge is no better than chance. Where no prevalence agrees, the judge does other than on the labelled
    cases, and the interval is 0 to 1.

    Source: Rogan and Gladen, American Journal of Epidemiology 107 (1978) 71-76.
    Raises ValueError for counts that cannot be.
    """
    part = 1 - (1 - confidence) / 3
    flagged = clopper_pearson(k, n, part)
    sensitivity, specificity = clopper_pearson(sens_hits, sens_n, part), clopper_pearson(spec_hits, spec_n, part)
    value = None
    if n and better_than_chance(sens_hits, sens_n, spec_hits, spec_n):
        hit, quiet = sens_hits / sens_n, spec_hits / spec_n
        value = min(1.0, max(0.0, (k / n + quiet - 1) / (hit + quiet - 1)))
    # Flagged at prevalence p: p * sensitivity + (1 - p) * (1 - specificity), which must meet what was seen.
    above = _reaches(1 - specificity.low, sensitivity.high, flagged.low)
    below = _reaches(specificity.high - 1, -sensitivity.low, -flagged.high)
    low, high = max(above.low, below.low), min(above.high, below.high)
    return value, Interval(low, high) if low <= high else Interval(0.0, 1.0)


def _reaches(at_zero: float, at_one: float, least: float) -> Interval:
    """Return for which p from 0 to 1 the line through both ends is at least `least`; low above high for none."""
    if min(at_zero, at_one) >= least:
        return Interval(0.0, 1.0)
    if max(at_zero, at_one) < least:
        return Interval(1.0, 0.0)
    crossing = (least - at_zero) / (at_one - at_zero)
    return Interval(crossing, 1.0) if at_one > at_zero else Interval(0.0, crossing)


def lang_reiczigel(
    k: int, n: int, sens_hits: int, sens_n: int, spec_hits: int, spec_n: int, confidence: float = CONFIDENCE
) -> Interval | None:
    """Return the approximate interval of the corrected prevalence, shorter than the one that decides. To show.

    None where the judge is no better than chance.

    Source: Lang and Reiczigel, Preventive Veterinary Medicine 113 (2014) 13-22.
    """
    z = normal_quantile((1 + confidence) / 2)
    size, rate = n + z * z, (k + z * z / 2) / (n + z * z)
    hit, quiet = (sens_hits + 1) / (sens_n + 2), (spec_hits + 1) / (spec_n + 2)
    gain = hit + quiet - 1
    if gain <= 0:
        return None
    value = (rate + quiet - 1) / gain
    noise = hit * (1 - hit) / (sens_n + 2), quiet * (1 - quiet) / (spec_n + 2)
    variance = rate * (1 - rate) / size + value**2 * noise[0] + (1 - value) ** 2 * noise[1]
    shift = 2 * z * z * (value * noise[0] - (1 - value) * noise[1])
    half = z * math.sqrt(variance) / gain
    low, high = (min(1.0, max(0.0, end)) for end in (value + shift - half, value + shift + half))
    return Interval(low, high)
