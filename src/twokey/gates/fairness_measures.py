"""What fairness measures: which rates each parity compares, what it stands on, and what it is in plain words.

Which of them matters is policy: in general they cannot all hold at once.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from twokey.gates.fairness_rates import RATES, Shares, label_shares, shares_of
from twokey.gates.fairness_tally import MAX_LABELS, Outcomes
from twokey.kinds import Explained

NO_CONFIDENCE = "no record carries both expected and a confidence from 0 to 1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One parity: the rates that it compares between the values of a group, and what is said where there are none."""

    rates: tuple[str, ...]
    missing: str

    def families(
        self, outcomes: Outcomes, group: str, values: Mapping[str, int], *, labels: bool
    ) -> Mapping[str, Shares]:
        """Return the rates by name; with `labels` each label is in turn the positive one."""
        if labels and self.rates == ("positive_rate",):
            found = dict(label_shares(outcomes, group, values))
            # Of two labels the one lacks what the other has, so that they are one comparison.
            return dict([*found.items()][:1]) if len(found) == 2 and _all_labelled(found) else found
        return {rate: shares_of(rate, outcomes, group, values) for rate in self.rates}

    def scored(self, outcomes: Outcomes, group: str, values: Mapping[str, int]) -> int:
        """Return how many records it stands on: what two rates are computed from is never the same record."""
        return sum(share.n for rate in self.rates for share in shares_of(rate, outcomes, group, values).values())


def _all_labelled(families: Mapping[str, Shares]) -> bool:
    one, other = families.values()
    return all(one[value].k + other[value].k == one[value].n for value in one)


MEASURES: Mapping[str, Measure] = {
    "demographic_parity": Measure(rates=("positive_rate",), missing="no two values have answered records"),
    "equal_opportunity": Measure(
        rates=("true_positive_rate",), missing="no two values have records that should be positive"
    ),
    "equalised_odds": Measure(
        rates=("true_positive_rate", "false_positive_rate"),
        missing="no two values have records that should be positive, or records that should not",
    ),
    "accuracy_parity": Measure(rates=("accuracy",), missing="no two values have records with expected"),
    "calibration_parity": Measure(
        rates=("overconfidence",), missing="no two values have records with expected and a confidence from 0 to 1"
    ),
}
FREE_TEXT = f"there are more than {MAX_LABELS} labels, so name those in positive"

_HARDT = "Hardt, Price and Srebro, NeurIPS (2016)."
_GAPS = (
    " The gap is the widest between any two values of the group. Each pair's interval is exact (all pairs of rates that"
    " a joint test of both does not exclude); the lower end allows for all pairs of all groups (Bonferroni), and the"
    " upper end needs no allowance, because the widest gap is within bounds when every gap is."
)
_MORE = "Look at the two values that the sentence names; record more of the smaller one where it is inconclusive."
_PARITY = Explained(
    what="Whether the values of a group get the positive answer equally often.",
    how="The share of answers whose label is in `positive`; without `positive`, each label in turn." + _GAPS,
    source="Calders and Verwer, Data Mining and Knowledge Discovery 21 (2010) 277-292; ratio: the four-fifths rule, 29"
    " CFR 1607.4(D).",
    limits="It asks nothing of who should get it: where the groups differ in that, a perfect model fails.",
    fix=_MORE,
)
_OPPORTUNITY = Explained(
    what="Whether those who should get the positive answer get it equally often, whatever their group.",
    how="The true positive rate: of records whose `expected` is in `positive`, the share whose label is." + _GAPS,
    source=_HARDT,
    limits="It believes `expected`, which can itself be biased.",
    fix=_MORE,
)
_ODDS = Explained(
    what="Whether the values of a group fare alike among those who should get the positive answer, and among the rest.",
    how="The true and the false positive rate; the wider of the two gaps counts." + _GAPS,
    source=_HARDT + " The worse of both: Agarwal et al., ICML (2018).",
    limits="It believes `expected`. A rare outcome leaves few records for one of the rates.",
    fix=_MORE,
)
_ACCURACY = Explained(
    what="Whether answers are right equally often in all values of a group.",
    how="The share of answers whose label equals `expected`." + _GAPS,
    source="Berk et al., Sociological Methods & Research 50 (2021) 3-44.",
    limits="Wrong in favour and wrong against count alike. Groups with harder cases are less accurate in any model.",
    fix=_MORE,
)
_CALIBRATION = Explained(
    what="Whether the model overrates itself equally in all values of a group.",
    how="Mean confidence less accuracy, given the confidences." + _GAPS,
    source="Kleinberg, Mullainathan and Raghavan, ITCS (2017), for calibration within groups.",
    limits="It sees the average: who is overrated when sure and underrated when not looks calibrated. See"
    " `calibration_within`.",
    fix="Calibrate with records of the value that is off, or decide by its own threshold.",
)
EXPLAINED: Mapping[str, Explained] = {
    "demographic_parity": _PARITY,
    "demographic_parity_ratio": _PARITY,
    "equal_opportunity": _OPPORTUNITY,
    "equal_opportunity_ratio": _OPPORTUNITY,
    "equalised_odds": _ODDS,
    "equalised_odds_ratio": _ODDS,
    "accuracy_parity": _ACCURACY,
    "accuracy_parity_ratio": _ACCURACY,
    "calibration_parity": _CALIBRATION,
    "calibration_within": Explained(
        what="The expected calibration error in the worst calibrated value of a group.",
        how="Distance between confidence and accuracy over 15 equal-width bins, in each value; McDiarmid's interval,"
        " whose lower end holds for all values at once.",
        source="Pleiss et al., NeurIPS (2017); McDiarmid, 'On the method of bounded differences' (1989).",
        limits="Small values look worse than they are, because noise adds to the error; the interval allows for that"
        " and is wide.",
        fix="Record more of small values; calibrate the worst one.",
    ),
    "flip_rate": Explained(
        what="How often the label changes when one attribute of the case does, and nothing else.",
        how="Records that share a `pair` and differ in one of the groups are twins; the share of twins whose labels are"
        " not all the same, with its exact interval.",
        source="Garg et al., AIES (2019); Clopper and Pearson, Biometrika 26 (1934) 404-413.",
        limits="It is about these templates and these words for the attribute. A model that answers at random flips"
        " too: compare with how often repeats of one question differ.",
        fix="Read the twins named in the finding; see which value gets the positive answer more often.",
    ),
    "confidence_shift": Explained(
        what="How far confidence moves, on average, when one attribute of the case changes and nothing else.",
        how="The mean difference of twins' confidences, for the two values that are farthest apart, without its sign;"
        " that is in the facts. The interval holds at any number of twins and assumes nothing but the range.",
        source="Garg et al., AIES (2019); Waudby-Smith and Ramdas, JRSS B 86 (2024) 1-27.",
        limits="Confidence is that of the label given, also where the labels differ. Shifts that cancel are not seen.",
        fix="Look at the sign in the facts: the value with less confidence is the one the model knows less of.",
    ),
    "worst_slice": Explained(
        what="Where answers are wrong most often: a lead for a person, never a verdict.",
        how="A decision tree of two levels over the groups (Gini impurity, 30 records at least in a leaf). Its leaves"
        " stand in the facts, the least accurate first, each with Fisher's exact test against the rest, times the"
        " number of slices that could have been chosen.",
        source="Breiman, Friedman, Olshen and Stone, 'Classification and Regression Trees' (1984).",
        limits="It looks for what is worst, and so finds something in any recording; it is greedy, and sees two groups"
        " at once at most.",
        fix="Read wrong answers in that slice. If it matters, declare it as a group and judge it on new records.",
    ),
    **{
        name: Explained(
            what=f"The share of {RATES[name].words}, in one value of a group.",
            how="Clopper-Pearson interval for this value alone. Beside it Fisher's exact test against the other values"
            " of the group, adjusted over everything shown so that at most 5% of what is marked is marked by chance.",
            source="Benjamini and Hochberg, Journal of the Royal Statistical Society B 57 (1995) 289-300.",
            limits="Shown, and decides nothing: many values looked at one by one.",
        )
        for name in ("positive_rate", "true_positive_rate", "false_positive_rate")
    },
}
