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
        " holds for the judge's errors as well. Otherwise answers that have a context are compared with it word by"
        " word, and sentences that bring in too much are flagged.",
        source="Rogan and Gladen, American Journal of Epidemiology 107 (1978) 71-76.",
        limits="Words see what is new, not what is false: a negation or a swapped name passes, free paraphrase is"
        " flagged. docs/detectors.md has what was measured: AUROC 0.91 on dialogue, chance on subtle edits.",
        fix="Read the flagged spans in the review; label a few hundred answers, fit on them, or calibrate a judge.",
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
