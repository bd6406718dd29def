"""Scorers: how good one answer is. A new one is one file, and one line here; policy asks for it by its name.

They are listed as they are reported. What options they take is in `options`, a light file, so that a config is read
without importing how anything is scored.
"""

from typing import TYPE_CHECKING

from twokey.kinds import Table

if TYPE_CHECKING:
    from twokey.scorers.base import Scorer

SCORERS: Table[type["Scorer"]] = Table(
    "twokey.scorers",
    {
        "accuracy": "accuracy:Accuracy",
        "confident_errors": "confident_errors:ConfidentErrors",
        "exact_match": "exact_match:ExactMatch",
        "normalised_match": "normalised_match:NormalisedMatch",
        "numeric_match": "numeric_match:NumericMatch",
        "token_f1": "token_f1:TokenF1",
        "label_f1": "label_f1:LabelF1",
        "reciprocal_rank": "reciprocal_rank:ReciprocalRank",
        "ndcg": "ndcg:Ndcg",
        "field_f1": "field_f1:FieldF1",
        "json_accuracy": "json_accuracy:JsonAccuracy",
        "rouge_l": "rouge_l:RougeL",
        "chrf": "chrf:Chrf",
        "refusal_rate": "refusal_rate:RefusalRate",
        "brier_score": "brier_score:BrierScore",
    },
)
