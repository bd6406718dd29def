"""What the quality gate's own metrics are, for `explain` and the reference; scorers explain themselves."""

from collections.abc import Mapping

from twokey.kinds import Explained

_LABELS = "Look at the confusions under f1_macro: they name the labels that are taken for each other."
_MACRO_HOW = (
    " of every label by itself, and the plain mean of these; a label whose ratio is undefined counts as 0, as in"
    " scikit-learn. The interval is Clopper-Pearson's at an effective sample size."
)
_MACRO_SOURCE = "Takahashi et al., Applied Intelligence 52 (2022); Korn and Graubard, Survey Methodology 24 (1998)."
_MICRO_HOW = " of all labels counted together. Equal to accuracy where every answer has one label. Exact interval."
_FREE_TEXT = "With more than 1,000 distinct labels they are free text, and only accuracy is judged."

EXPLAINED: Mapping[str, Explained] = {
    "precision_macro": Explained(
        what="Of the answers with a label, how many should have it: the mean over all labels.",
        how=f"Precision{_MACRO_HOW}",
        source=_MACRO_SOURCE,
        limits=f"A rare label weighs as much as a common one. {_FREE_TEXT}",
        fix=_LABELS,
    ),
    "recall_macro": Explained(
        what="Of the cases that should have a label, how many got it: the mean over all labels.",
        how=f"Recall{_MACRO_HOW}",
        source=_MACRO_SOURCE,
        limits=f"A rare label weighs as much as a common one. {_FREE_TEXT}",
        fix=_LABELS,
    ),
    "f1_macro": Explained(
        what="The harmonic mean of precision and recall, averaged over all labels.",
        how=f"F1{_MACRO_HOW}",
        source=_MACRO_SOURCE,
        limits=f"A rare label weighs as much as a common one. {_FREE_TEXT}",
        fix=_LABELS,
    ),
    "precision_micro": Explained(
        what="Of all labels that were given, how many are right.", how=f"Precision{_MICRO_HOW}", fix=_LABELS
    ),
    "recall_micro": Explained(
        what="Of all labels that were expected, how many were given.", how=f"Recall{_MICRO_HOW}", fix=_LABELS
    ),
    "f1_micro": Explained(
        what="The harmonic mean of precision and recall of all labels counted together.",
        how=f"F1{_MICRO_HOW}",
        fix=_LABELS,
    ),
    "hallucination_rate": Explained(
        what="The share of answers that their context does not support.",
        how="People's `hallucinated` labels count as they are. Where policy names a judge, its verdicts are counted and"
        " corrected for its errors on the answers that people labelled too (Rogan and Gladen), with an interval that"
        " holds for the judge's errors as well. Otherwise answers that have a context are compared with it and with the"
        " input: flagged are those with a number, date, name, quotation or address that neither has, or with more than"
        " half new words, in all or in a sentence. With `grounding: {weights: ...}` weights that `twokey fit` fitted"
        " on your labels decide in place of that. The reason says which way was used.",
        source="Rogan and Gladen, American Journal of Epidemiology 107 (1978) 71-76.",
        limits="Words see what is new, not what is false: a negation or a swapped name passes, free paraphrase is"
        " flagged. On dialogue answers labelled by people (BEGIN dev, 430; the way of counting was chosen there, so"
        " that elsewhere it may be less) the share of new words has an AUROC of 0.94, and the default flags 50% of"
        " the unsupported ones and 1% of the others, so that the rate is too low there. On"
        " summaries with subtle edits (SummEdits, 1,797) the share is no better than chance (0.46), and the default"
        " flags 40% and 13%. Fitted on such labels, out of fold: 0.96 and 0.68. docs/detectors.md has the table.",
        fix="Read what is underlined in the review; label a few hundred answers and run `twokey fit`, or calibrate a"
        " judge.",
    ),
    "expected_calibration_error": Explained(
        what="How far confidence is from accuracy, on average.",
        how="15 equal-width bins of confidence; in each the distance of mean confidence from accuracy, weighted by its"
        " size. The interval is McDiarmid's: wide, and valid at any size. The facts hold the reliability curve, a"
        " debiased estimate, and how many errors stand at each confidence.",
        source="Naeini et al., AAAI (2015); Guo et al., ICML (2017); Kumar, Liang and Ma, NeurIPS (2019).",
        limits="A low one can hide confident errors: see confident_errors.",
        fix="Temperature scaling on held-out data, then record again.",
    ),
}
