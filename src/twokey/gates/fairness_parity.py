"""The parities, judged: the widest gap against its limit, what sizes like these could show, and who is too few.

What a value of a group is called in results is decided by whoever builds this; nothing is shown under its raw name.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twokey.canonical import quantise
from twokey.config.shape import Limit
from twokey.gates.fairness_gaps import DIFFERENCE, RATIO, Kind, Pair, Widest, pairs_of, widest
from twokey.gates.fairness_measures import FREE_TEXT, MEASURES, NO_CONFIDENCE
from twokey.gates.fairness_options import FairnessOptions, GapLimit
from twokey.gates.fairness_rates import Share, Shares, bins_of, books_of
from twokey.gates.fairness_tally import MAX_VALUES, Outcomes
from twokey.gates.limits import Measured, estimated, judge_limit, numerals
from twokey.outcome import Metric
from twokey.stats.calibration import calibration_interval, expected_calibration_error
from twokey.stats.fairness_pass import fair_pass_rate
from twokey.stats.fairness_size import detectable_gap
from twokey.stats.intervals import CONFIDENCE
from twokey.stats.settle import smallest_size

_CLOSELY = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One group: its values with how many records each has, those that policy leaves out, and how values are shown.

    `values` is None where there are too many.
    """

    name: str
    values: Mapping[str, int] | None
    left_out: int
    least: int
    shown: Mapping[str, str]

    @property
    def trouble(self) -> str:
        """Why nothing can be compared in it, or nothing."""
        if self.values is None:
            return f"there are more than {MAX_VALUES} values of {self.name}, too many to compare"
        if not self.values:
            some = f"every value of {self.name} has fewer records than exclude_below, {self.least:,}"
            return some if self.left_out else f"no record carries the group {self.name} (recordings.candidate.groups)"
        if len(self.values) == 1:
            return f"{self.name} has one value only, so that there is nothing to compare"
        return ""


def parity_metrics(outcomes: Outcomes, groups: tuple[Group, ...], options: FairnessOptions) -> Iterator[Metric]:
    """Yield each parity in each group: judged where it has a limit, shown where it can be computed."""
    for name, measure in MEASURES.items():
        limit: GapLimit | None = getattr(options, name)
        labels = not options.positive
        if limit is None and labels and "accuracy" not in measure.rates and "overconfidence" not in measure.rates:
            continue
        families = {
            group.name: measure.families(outcomes, group.name, group.values or {}, labels=labels) for group in groups
        }
        pairs = {group: pairs_of(rates) for group, rates in families.items()}
        everything = sum(map(len, pairs.values()))
        for group in groups:
            free = labels and outcomes.labels.get(group.name, {}) is None
            compared = Compared(
                name=name,
                group=group,
                families=families[group.name],
                pairs=pairs[group.name],
                family=everything,
                n=measure.scored(outcomes, group.name, group.values or {}),
                missing=group.trouble or (FREE_TEXT if free and name == "demographic_parity" else measure.missing),
            )
            yield from compared.metrics(outcomes, limit)


def within_metric(outcomes: Outcomes, group: Group, limit: Limit | None) -> Metric | None:
    """Return the calibration error of the worst calibrated value, or None where nothing asks for it or can tell it."""
    bins = {value: bins_of(outcomes, group.name, value) for value in group.values or {}}
    found = {value: parts for value, parts in bins.items() if parts}
    n = sum(part.n for parts in found.values() for part in parts)
    books = books_of(outcomes, group.name, group.values or {}, n)
    measured = Measured(missing=NO_CONFIDENCE if group.values else group.trouble)
    if found:
        errors = {value: expected_calibration_error(parts) for value, parts in found.items()}
        worst = max(errors, key=errors.__getitem__)
        every = 1 - (1 - CONFIDENCE) / len(found)
        low = max(calibration_interval(parts, every).low for parts in found.values())
        high = max(calibration_interval(parts, CONFIDENCE).high for parts in found.values())
        value = errors[worst]
        remark = f"the worst is {group.shown[worst]}"
        if len(found) < len(bins):
            high = 1.0
            some = ", ".join(group.shown[name] for name in bins if name not in found)
            remark += f"; nothing tells how well calibrated these are: {some}"
        measured = Measured(
            estimate=estimated(value, (min(low, value), max(high, value)), n, "McDiarmid"),
            remark=remark,
            facts={"values": {group.shown[name]: quantise(error) for name, error in errors.items()}},
        )
    if limit is None and measured.estimate is None:
        return None
    return judge_limit("calibration_within", measured, limit, books, part=group.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One parity in one group: its rates, any two of them, and how many pairs its lower end allows for."""

    name: str
    group: Group
    families: Mapping[str, Shares]
    pairs: tuple[Pair, ...]
    family: int
    n: int
    missing: str

    def metrics(self, outcomes: Outcomes, limit: GapLimit | None) -> Iterator[Metric]:
        """Yield the difference, and the ratio where it has a limit."""
        most, least = (limit.max_difference, limit.min_ratio) if limit else (None, None)
        books = books_of(outcomes, self.group.name, self.group.values or {}, self.n)
        if most is not None or limit is None:
            measured = self._measured(DIFFERENCE, most)
            if limit is not None or measured.estimate is not None:
                rule = Limit(max=most) if most is not None else None
                yield judge_limit(self.name, measured, rule, books, part=self.group.name)
        if least is not None:
            measured = self._measured(RATIO, 1 - least)
            yield judge_limit(f"{self.name}_ratio", measured, Limit(min=least), books, part=self.group.name)

    def _measured(self, kind: Kind, limit: float | None) -> Measured:
        found = widest(kind, self.pairs, self.family, self.n)
        if found is None:
            return Measured(missing=self.missing)
        remarks = [self._farthest(found.pair)]
        facts: dict[str, Any] = {"rates": self._rates(found.pair)}
        if limit is not None:
            facts["stated"], said = self._stated(kind, found, limit)
            remarks += said
        if self.group.left_out:
            remarks.append(
                f"left out, with fewer than {self.group.least:,} records: {self.group.left_out} of the values"
            )
        return Measured(estimate=found.estimate, remark="; ".join(remarks), facts=facts)

    def _farthest(self, pair: Pair) -> str:
        shown = self.group.shown
        sides = ((pair.one, pair.left), (pair.other, pair.right))
        figures = " and ".join(
            f"{shown[name]} ({numerals(value)(value)} of {share.n:,})"
            for name, share, value in ((name, share, _compared(pair.rate, share)) for name, share in sides)
        )
        return f"farthest apart are {figures}"

    def _rates(self, pair: Pair) -> Mapping[str, Any]:
        """Return the rate that is farthest apart, value by value. A label is told by its place only."""
        shares = self.families[pair.rate]
        return {
            self.group.shown[name]: {"n": share.n, "rate": quantise(_compared(pair.rate, share))}
            for name, share in shares.items()
        }

    def _stated(self, kind: Kind, found: Widest, limit: float) -> tuple[dict[str, Any], list[str]]:
        """Return what such sizes can show, as facts and in words."""
        few = sorted({name for rate in self._looked_at(found) for name in _too_few(kind, self.families[rate], limit)})
        facts: dict[str, Any] = {"too_small": [self.group.shown[name] for name in few]}
        said = []
        if kind is DIFFERENCE:
            facts |= self._power(found, limit)
            gap, passes = facts["detectable_gap"], facts["fair_model_passes"]
            seen = f"a gap of {numerals(gap)(gap)} or more" if gap is not None else "no gap, however wide,"
            said.append(
                f"with so many records {seen} would fail with 80% power,"
                f" and a fair model would pass in {100 * passes:.0f} of 100 runs"
            )
        if few:
            needed = _needed(kind, self.families[found.pair.rate], limit)
            facts["smallest_group"] = needed
            some = ", ".join(f"{self.group.shown[name]} ({(self.group.values or {})[name]:,})" for name in few)
            takes = f"at least {needed:,} scored records in each" if needed else "more than ten million records"
            said.append(f"too small to be judged as fair: {some}; that takes {takes}, or fewer beside a larger value")
        return facts, said

    def _looked_at(self, found: Widest) -> tuple[str, ...]:
        return tuple(self.families) if len(self.families) <= 2 else (found.pair.rate,)

    def _power(self, found: Widest, limit: float) -> dict[str, float | None]:
        """Return the gap that would be found, and how often a fair model passes: at least so often, by Bonferroni."""
        rates = self._looked_at(found)
        known = [pair for pair in self.pairs if pair.known and pair.rate in rates]
        if len(known) > _CLOSELY:  # then it is at most so often: the smallest decide
            known = sorted(known, key=lambda pair: (-1 / pair.left.n - 1 / pair.right.n, pair.one, pair.other))[
                :_CLOSELY
            ]
        misses = sum(1 - fair_pass_rate(p.left.n, p.right.n, _pooled(self.families[p.rate]), limit) for p in known)
        unknown = any(not pair.known for pair in self.pairs)
        pair = found.pair
        gap = detectable_gap(
            pair.left.n,
            pair.right.n,
            _pooled(self.families[pair.rate]),
            1 - (1 - CONFIDENCE) / self.family,
            limit=limit,
        )
        return {
            "detectable_gap": quantise(gap) if gap is not None else None,
            "fair_model_passes": 0.0 if unknown else quantise(max(0.0, 1 - misses)),
        }


def _compared(rate: str, share: Share) -> float:
    return share.sure - share.rate if rate == "overconfidence" else share.rate


def _pooled(shares: Shares) -> float:
    return sum(share.k for share in shares.values()) / max(1, sum(share.n for share in shares.values()))


def _alike(n: int, other: int, rate: float) -> Pair:
    """Return two values that fare exactly alike."""
    left, right = Share(k=rate * n, n=n), Share(k=rate * other, n=other)
    return Pair(rate="", one="", other="", left=left, right=right)


def _too_few(kind: Kind, shares: Shares, limit: float) -> Iterator[str]:
    """Yield the values that could not be shown to be within the limit even if they fared exactly like the largest."""
    rate = _pooled(shares)
    for name, share in shares.items():
        beside = max((other.n for which, other in shares.items() if which != name), default=0)
        if not (share.n and beside) or kind.interval(_alike(share.n, beside, rate), CONFIDENCE).high > limit:
            yield name


def _needed(kind: Kind, shares: Shares, limit: float) -> int | None:
    """Return how many records two values of the same size need for that."""
    rate = _pooled(shares)
    return smallest_size(lambda n: kind.interval(_alike(n, n, rate), CONFIDENCE).high <= limit)
