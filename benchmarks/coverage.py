"""How often each interval holds the truth, against what it says: what decides, and what is only shown.

    python benchmarks/coverage.py [--draws 10000] [--print]

All at 95%. Where counts can be enumerated the coverage is computed and not simulated; elsewhere each setting is drawn
anew, with a fixed seed. Writes the tables between the markers of docs/statistics.md; takes a few minutes on one core.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np
from coverage_settings import (
    FINELY_DIFFERING,
    Setting,
    audits,
    bootstrapped,
    calibrated,
    clustered,
    corrected,
    enumerated,
    means,
    paired,
    two_rates,
    two_rates_drawn,
    walked,
)
from scipy.stats import binom

from twokey.stats import prevalence
from twokey.stats.calibration import calibration_bootstrap, calibration_interval
from twokey.stats.fairness_size import detectable_gap
from twokey.stats.intervals import clopper_pearson, wilson
from twokey.stats.paired import paired_difference
from twokey.stats.paired_exact import exact_paired_difference
from twokey.stats.prevalence import lang_reiczigel, rogan_gladen
from twokey.stats.rates import difference_interval, koopman_ratio, newcombe_difference, ratio_interval

PAGE = Path(__file__).parents[1] / "docs" / "statistics.md"
MARKS = ("<!-- Made by benchmarks/coverage.py. -->", "<!-- End of what benchmarks/coverage.py made. -->")


def planted(n: int, base: float, bias: float, limit: float) -> tuple[float, float, float]:
    """Return how often a planted bias and a fair model are called beyond the limit, and a fair one within it.

    Two groups of n; the errors of one are more frequent by the bias. Computed, not simulated.
    """
    at = cache(lambda k1, k2: difference_interval(k2, n, k1, n))
    found = []
    for rate in (base + bias, base):
        k1s = [k for k in range(n + 1) if binom.pmf(k, n, base) > 1e-6]
        top = int(binom.ppf(1 - 1e-6, n, rate))
        starts = walked(lambda k1, k2, top=top: k2 > top or at(k1, k2).low > limit, k1s, n)
        weights = binom.pmf(k1s, n, base)
        found.append(float(weights @ binom.sf(np.array(starts) - 1, n, rate)))
    top = int(binom.ppf(1 - 1e-6, n, base))
    less = walked(lambda k1, k2: k2 > top or at(k1, k2).low >= -0.05, k1s, n)
    more = walked(lambda k1, k2: k2 > top or at(k1, k2).high > 0.05, k1s, n)
    inside = [max(0.0, binom.cdf(b - 1, n, base) - binom.cdf(a - 1, n, base)) for a, b in zip(less, more, strict=True)]
    return found[0], found[1], float(weights @ np.array(inside))


def over(one: float, two: float) -> float:
    """Return a ratio."""
    return one / two


def minus(one: float, two: float) -> float:
    """Return a difference."""
    return one - two


def table(draws: int) -> Iterator[tuple[str, str, int, Iterator[Setting]]]:
    """Yield each interval: its name, whether it decides, draws for each setting (0: computed), and its settings."""
    prevalence.clopper_pearson = cache(clopper_pearson)
    some, few = draws // 4, draws // 50
    yield "Clopper-Pearson", "decides", 0, enumerated(clopper_pearson)
    yield "Wilson", "shown", 0, enumerated(wilson)
    yield "bootstrap (BCa) of a rate", "shown", 0, bootstrapped()
    yield "mean of scores, betting", "decides", draws, means(draws)
    yield "difference of two rates, joint", "decides", 0, two_rates(difference_interval, minus)
    yield "difference of two rates, Newcombe", "shown", draws, two_rates_drawn(newcombe_difference, minus, draws)
    yield "ratio of two rates, joint", "decides", 0, two_rates(ratio_interval, over)
    yield "ratio of two rates, Koopman", "shown", draws, two_rates_drawn(koopman_ratio, over, draws)
    yield "paired difference, exact", "decides", draws, paired(exact_paired_difference, draws)
    yield "paired difference, Tango", "shown", draws, paired(paired_difference, draws, FINELY_DIFFERING)
    yield "audit's upper bound, one stage", "decides", 0, audits(1)
    yield "audit's upper bound, least of three stages", "decides", 0, audits(3)
    yield "audit's upper bound, least of three at the whole risk", "nowhere", 0, audits(3, whole_risk=True)
    yield "clusters, betting", "decides", some, clustered("exact", some)
    yield "clusters, effective size (Korn-Graubard)", "shown", some, clustered("effective size", some)
    yield "clusters, bootstrap", "shown", few, clustered("bootstrap", few)
    yield "corrected prevalence, three exact", "decides", draws, corrected(lambda *k: rogan_gladen(*k)[1], draws)
    yield "corrected prevalence, Lang-Reiczigel", "shown", draws, corrected(lang_reiczigel, draws)
    yield "calibration error, McDiarmid", "decides", draws, calibrated(calibration_interval, draws)
    yield "calibration error, bootstrap", "shown", few, calibrated(calibration_bootstrap, few)


def report(draws: int) -> str:
    """Return both tables as Markdown."""
    lines = ["| interval (95%) | use | settings | draws each | least coverage | where | mean |"]
    lines.append("|---|---|---:|---:|---:|---|---:|")
    for name, use, drawn, settings in table(draws):
        start = time.process_time()
        rows = list(settings)
        least, where = min(rows)
        mean = sum(share for share, _ in rows) / len(rows)
        how = f"{drawn:,}" if drawn else "computed"
        lines.append(f"| {name} | {use} | {len(rows)} | {how} | {least:.1%} | {where} | {mean:.1%} |")
        print(lines[-1], f"{time.process_time() - start:.1f} s", file=sys.stderr)
    lines += ["", "| cases in each of two groups | errors | a bias of 3 points is found | a fair model is blamed |"]
    lines[-1] += " a fair model passes a limit of 5 points | bias found in 80 of 100 |"
    lines.append("|---:|---:|---:|---:|---:|---:|")
    for n in (500, 2000):
        for base in (0.01, 0.05):
            found, blamed, passed = planted(n, base, 0.03, 0.0)
            least_gap = detectable_gap(n, n, base)
            gap = f"{least_gap:.1%}" if least_gap else "none"
            lines.append(f"| {n:,} | {base:.0%} | {found:.0%} | {blamed:.1%} | {passed:.0%} | {gap} |")
    return "\n".join(lines)


def main() -> None:
    """Measure, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=10_000)
    parser.add_argument("--print", action="store_true", help="print the tables and leave the page alone")
    options = parser.parse_args()
    tables = report(options.draws)
    if options.print:
        print(tables)
        return
    page = PAGE.read_text(encoding="utf-8")
    before, _, rest = page.partition(MARKS[0])
    _, _, after = rest.partition(MARKS[1])
    PAGE.write_text(f"{before}{MARKS[0]}\n\n{tables}\n\n{MARKS[1]}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
