"""The gate for whether groups of people are treated alike, by their rates and by twins that differ in one attribute.

It knows only the groups that records name, and says nothing of those that they do not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Self

from twokey.gates.base import Scans, Setting
from twokey.gates.fairness_leads import rate_metrics, worst_slice
from twokey.gates.fairness_options import FairnessOptions
from twokey.gates.fairness_pairs import twin_metrics
from twokey.gates.fairness_parity import Group, parity_metrics, within_metric
from twokey.gates.fairness_rates import values_of
from twokey.gates.fairness_tally import Look, Outcomes, add, count
from twokey.gates.fairness_twins import Mark, Twins, compare
from twokey.gates.shown import shown_names
from twokey.outcome import Books, GateResult, Metric, Status, conclude_gate
from twokey.record import Batch
from twokey.scorers.labels import label_text


@dataclass(frozen=True, slots=True)
class FairnessGate:
    """Judges whether the values of a group, such as those of `gender`, are treated alike. `groups` names the groups.

    - `demographic_parity`: the share of answers whose label is in `positive`. Without `positive` each label in turn.
    - `equal_opportunity`: of the records that should be positive (`expected`), the share that is.
    - `equalised_odds`: the same, and of those that should not, the share that is: the wider gap of both.
    - `accuracy_parity`: the share of right answers.
    - `calibration_parity`: mean confidence less accuracy, given the confidences.
    - `calibration_within`: the expected calibration error of the worst value, with `{max: 0.1}`.
    - `flip_rate`, `confidence_shift`: records that share a `pair` and differ in one group only are twins; how often
      their labels differ, and how far their confidences are apart on average, with `{max: 0.01}`.

    The first five take `{max_difference: 0.05, min_ratio: 0.8}`: the widest gap between any two values of the group,
    and the least ratio of the lower rate by the higher (calibration has none). A limit outside the interval settles
    it, one inside is `inconclusive`. Each pair's interval is exact. Of the widest gap, the lower end allows for all
    pairs of all groups (Bonferroni); the upper needs no allowance: the widest gap is within bounds when every gap is.

    Beside a judged difference stands what such sizes can show: the gap that would fail with 80% power, and how often a
    model without any gap would pass. Values that are too small to be shown fair are named with the size that it takes;
    they make the gate `inconclusive`. `exclude_below: 30` leaves smaller ones out, in the books and in the sentence.

    Shown, and deciding nothing: each value's rates, with a test against the rest that is adjusted for false discoveries
    (Benjamini-Hochberg, 5%), and `worst_slice`, the leaves of a small decision tree over `search` (or `groups`).

    Errored records are in no rate; records without the group, without `expected` or without a twin are unscorable
    where that matters, and counted. What harms in a value's name is shown with a mark in its place, and a number.

    Limits: groups that records do not name are not seen, nor are combinations, except in `worst_slice`. `expected` is
    believed, which can itself be biased. In general the parities cannot all hold at once: choose those that matter.
    Records are taken as independent; where some carry a `cluster`, nothing passes. More than 50 values are too many.

    To fix: look at the two values that the sentence names. An interval that holds the limit needs more records of the
    smaller one.
    """

    name: ClassVar[str] = "fairness"
    summary: ClassVar[str] = "gaps between groups, and twins that differ in one attribute"
    Options: ClassVar[type[FairnessOptions]] = FairnessOptions

    options: FairnessOptions
    look: Look
    scanner: Scans | None = None

    @classmethod
    def build(cls, options: FairnessOptions, setting: Setting) -> Self:
        """Make the gate."""
        look = Look(
            groups=options.groups,
            search=options.search or options.groups,
            positive=frozenset(map(label_text, options.positive)),
            mark=Mark(setting.seed),
        )
        # Values are named in results that everybody reads, so what harms is hidden in them as in outputs.
        return cls(options, look, setting.naming())

    def tally(self, batch: Batch) -> Outcomes:
        """Count one batch of the candidate; groups are compared with each other and never with the baseline."""
        return count(batch.records, self.look) if batch.role == "candidate" and batch.records else Outcomes()

    def merge(self, left: Outcomes, right: Outcomes) -> Outcomes:
        """Add two tallies."""
        return add(left, right)

    def judge(self, tally: Outcomes) -> GateResult:
        """Compare the groups, and the twins, with what policy allows."""
        groups = tuple(self._group(name, tally) for name in self.options.groups)
        twins = compare(tally.twins, self.options.groups) if tally.twins.rows is not None else None
        metrics = tuple(_independent(metric, tally.clustered) for metric in self._metrics(tally, groups, twins))
        examples = {
            f"flip_rate[{name}]": tuple(known.examples) for name, known in (twins.by_group if twins else {}).items()
        }
        return conclude_gate(self.name, self._books(tally), metrics, examples=examples)

    def _group(self, name: str, tally: Outcomes) -> Group:
        values, least = values_of(tally, name), self.options.exclude_below
        kept = None if values is None else {value: seen for value, seen in values.items() if seen >= least}
        return Group(
            name=name,
            values=kept,
            left_out=len(values or {}) - len(kept or {}),
            least=least,
            shown=shown_names(values or {}, self.scanner, within=name),
        )

    def _metrics(self, tally: Outcomes, groups: tuple[Group, ...], twins: Twins | None) -> Iterator[Metric]:
        yield from parity_metrics(tally, groups, self.options)
        for group in groups:
            within = within_metric(tally, group, self.options.calibration_within)
            if within is not None:
                yield within
        yield from twin_metrics(tally, twins, groups, self.options)
        yield from rate_metrics(tally, groups, positive=bool(self.options.positive))
        worst = worst_slice(tally, self.look.search, self._searched(tally))
        if worst is not None:
            yield worst

    def _searched(self, tally: Outcomes) -> Mapping[str, Mapping[str, str]]:
        columns = [*zip(*{values for values, _ in tally.cells or {}}, strict=True)]
        return (
            {}
            if not columns
            else {
                group: shown_names(column, self.scanner, within=group)
                for group, column in zip(self.look.search, columns, strict=True)
            }
        )

    def _books(self, tally: Outcomes) -> Books:
        unscorable = tally.total - tally.errored - tally.grouped
        return Books(total=tally.total, scored=tally.grouped, errored=tally.errored, unscorable=unscorable)


def _independent(metric: Metric, clustered: int) -> Metric:
    """Return the metric, or where it would pass by records that may be the same thing twice, as inconclusive."""
    if not clustered or metric.status is not Status.PASS:
        return metric
    why = f"but {clustered:,} records carry a cluster, and this interval takes them as independent, so it cannot pass"
    return replace(metric, status=Status.INCONCLUSIVE, reason=f"{metric.reason}; {why}")
