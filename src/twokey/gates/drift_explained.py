"""What each measure of the drift gate is, for `explain` and the reference: how computed, from what source, its limits.

Words only: nothing is counted or judged here.
"""

from collections.abc import Mapping

from twokey.kinds import Explained

_PSI = (
    "Both recordings are counted in about ten ranges, about equally filled by both together, each expected to hold"
    " five records of the smaller one. PSI is the sum of (a - b) log(a / b) over the ranges' shares, with half a record"
    " added to each. The p-value is Pearson's chi-square test's, corrected by Holm for the limits looked at."
)
_PSI_SOURCE = (
    "Siddiqi, Credit Risk Scorecards (2006), with its custom of 0.1 for a minor and 0.25 for a major shift; Holm,"
    " Scandinavian Journal of Statistics 6 (1979) 65-70."
)
_CATEGORIES = (
    "PSI (`max_psi`) or Cramer's V (`max_v`) over the categories; those expected less than five times in a recording"
    " are taken together. The p-value is Pearson's chi-square test's, corrected by Holm for the limits looked at."
)
_NEW = (
    "The share of records, less the share that Good and Turing expect: what the other recording has only once. Tested"
    " by the largest such category and by their number, Bonferroni between the two, Holm over all limits. A limit that"
    " policy gives is settled as written: a count exactly, a share by its interval."
)
_NEW_SOURCE = "Good, Biometrika 40 (1953) 237-264."
_NEW_LIMITS = (
    "Names over 60 characters, and labels seen less than five times, are counted and not shown: they may be free text."
    " What a detector sees in a name is hidden."
)
_FIX_WORLD = "Look at what moved. If the world has changed, record a new baseline; if the exporter has, mend it."

EXPLAINED: Mapping[str, Explained] = {
    "reference": Explained(
        what="Whether there are two recordings to compare: it only appears, as an error, where there are not.",
        how="Both recordings need a record with an answer.",
        fix="Give recordings.baseline, or take the drift gate out of the policy.",
    ),
    "input_length": Explained(
        what="How far the lengths of inputs, in characters, have moved from the baseline's.",
        how=_PSI,
        source=_PSI_SOURCE,
        limits="Lengths are told apart to about 9%. A structured input counts with its keys and numbers.",
        fix=_FIX_WORLD,
    ),
    "input_script": Explained(
        what="How far inputs have moved between ASCII letters and others, as when another language or script comes in.",
        how="The share of an input's letters that are not ASCII, in tenths, rounded up. " + _PSI,
        source=_PSI_SOURCE,
        limits="Two languages in the same script look the same here; input_words tells them apart.",
        fix=_FIX_WORLD,
    ),
    "input_words": Explained(
        what="How many words of inputs the baseline's inputs have not, beyond those to be expected of a sample.",
        how="Each word counts once for an input, in lower case, split at blanks and punctuation. To be expected is the"
        " share of words that the baseline has in one input only (Good and Turing). The test takes all new words of an"
        " input for one, which is cautious; beyond 20,000 words a sample of the words is taken, by hash.",
        source=_NEW_SOURCE,
        limits="The first 20,000 characters of an input are looked at. Where words are sampled, a single frequent new"
        " word may be missed or weigh too much. Scripts without blanks give words as long as sentences, nearly all of"
        " them new and nearly all of that expected: nothing is seen there.",
        fix=_FIX_WORLD,
    ),
    "output_length": Explained(
        what="How far the lengths of outputs have moved from the baseline's: characters, or bytes of structured JSON.",
        how=_PSI,
        source=_PSI_SOURCE,
        limits="Lengths are told apart to about 9%. Where the label is the whole output, this follows the labels.",
        fix="Read some of the longest and the shortest answers beside the baseline's.",
    ),
    "confidence": Explained(
        what="How far the confidences have moved from the baseline's.",
        how="The largest gap D between the two distribution functions, in steps of a thousandth, with its interval"
        " (Dvoretzky, Kiefer and Wolfowitz) and the two-sample Kolmogorov-Smirnov test; or PSI where policy says so.",
        source="Smirnov, Annals of Mathematical Statistics 19 (1948) 279-281; Massart, Annals of Probability 18 (1990)"
        " 1269-1283.",
        limits="A shift says nothing about which confidences are right: that is expected_calibration_error.",
        fix="If the new model is sure in another way, set the review's confidence_below anew.",
    ),
    "labels": Explained(
        what="How far the mix of labels that were answered has moved from the baseline's.",
        how=_CATEGORIES,
        source=_PSI_SOURCE,
        limits="More than 1,000 different labels are free text and not compared.",
        fix=_FIX_WORLD,
    ),
    "labels_new": Explained(
        what="Records with a label that no record of the baseline has.",
        how=_NEW,
        source=_NEW_SOURCE,
        limits=_NEW_LIMITS,
        fix="See whether the label is meant to exist; constrain the output to the labels that are.",
    ),
    "labels_vanished": Explained(
        what="The baseline's records with a label that no record of the candidate has.",
        how=_NEW,
        source=_NEW_SOURCE,
        limits=_NEW_LIMITS,
        fix="See whether the candidate can still give the label, and whether it was asked for.",
    ),
    "sources": Explained(
        what="How far the mix of synthetic, production and unknown records has moved.",
        how=_CATEGORIES,
        source=_PSI_SOURCE,
        limits="It is the mix of the records drawn, which policy fixes unless it draws all.",
        fix="Record both from the same sources, or draw a fixed number of each.",
    ),
    "group": Explained(
        what="How far the mix of a group's values has moved, such as channels.",
        how=_CATEGORIES,
        source=_PSI_SOURCE,
        limits="More than 200 values are no groups and an error. Groups the sample is stratified by keep their mix.",
        fix=_FIX_WORLD,
    ),
    "group_new": Explained(
        what="Records with a group value that no record of the baseline has.",
        how=_NEW,
        source=_NEW_SOURCE,
        limits=_NEW_LIMITS,
        fix="Add cases of the new value to the baseline, or see why it is there.",
    ),
    "group_vanished": Explained(
        what="The baseline's records with a group value that no record of the candidate has.",
        how=_NEW,
        source=_NEW_SOURCE,
        limits=_NEW_LIMITS,
        fix="See why the value is no longer recorded: what is not there is not judged.",
    ),
    "missing": Explained(
        what="The field whose share of records without it rose most against the baseline's. Empty text is none.",
        how="The rise in points with an interval (two Clopper-Pearson intervals at 97.5%), and the conditional binomial"
        " test of two counts, corrected for the number of fields and by Holm for the limits looked at.",
        source="Przyborowski and Wilenski, Biometrika 31 (1940) 313-323.",
        limits="A field that was always missing is not seen, nor one that is filled with nonsense.",
        fix="Mend the exporter or the mapping.",
    ),
}
