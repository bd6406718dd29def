"""What may be written under `gates.quality` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from collections.abc import Mapping
from typing import Literal

from twokey.config.keys import option
from twokey.config.scalars import file_path
from twokey.config.shape import Limit, ShareLimit
from twokey.scorers.options import CustomOptions, Scoring
from twokey.values import dataclass

METRICS = (
    "accuracy",
    "precision_macro",
    "recall_macro",
    "f1_macro",
    "precision_micro",
    "recall_micro",
    "f1_micro",
    "hallucination_rate",
    "expected_calibration_error",
    "confident_errors",
    "brier_score",
    "exact_match",
    "normalised_match",
    "numeric_match",
    "token_f1",
    "label_f1",
    "reciprocal_rank",
    "ndcg",
    "field_f1",
    "json_accuracy",
    "rouge_l",
    "chrf",
    "refusal_rate",
)
_SHARE = ShareLimit | None
UNSUPPORTED_ABOVE = 0.5
"""As in `stats.grounding`, which takes too long to load for what every command reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLimits:
    """The rules for one label."""

    precision: Limit | None = option("of answers with this label, how many should have it", reads=_SHARE, default=None)
    recall: Limit | None = option("of cases that should have this label, how many got it", reads=_SHARE, default=None)
    f1: Limit | None = option("the harmonic mean of both", reads=_SHARE, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundingOptions:
    """How words are compared where neither people nor a judge say whether an answer is supported."""

    weights: str | None = option(
        "a file that twokey fit wrote, used in place of unsupported_above", check=file_path, default=None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityOptions:
    """A limit for each metric that policy cares about, and where to look closer."""

    metrics: Mapping[str, Limit] = option(
        "limits by metric",
        rest=True,
        known=METRICS,
        reads=dict.fromkeys(METRICS, ShareLimit),
        default_factory=dict,
    )
    slices: tuple[str, ...] = option("groups for which accuracy is shown value by value", default=())
    slice_limits: Limit | None = option("min or max of the accuracy in every slice", reads=_SHARE, default=None)
    scoring: Scoring = option("options of single metrics", default=Scoring())
    custom: Mapping[str, CustomOptions] = option("metrics of your own, by name", default_factory=dict)
    compare: Literal["paired", "unpaired"] = option(
        "unpaired where the baseline's records are of other cases, which sees less", default="paired"
    )
    judge: str | None = option("the judge whose verdicts say what is hallucinated", default=None)
    labels: Mapping[str, LabelLimits] = option("limits for single labels", default_factory=dict)
    confident_at: float = option("errors at this confidence are confident ones", minimum=0, maximum=1, default=0.6)
    grounding: GroundingOptions = option("how words are compared", default=GroundingOptions())
    unsupported_above: float = option(
        "share of new words from which an answer is flagged", minimum=0, maximum=1, default=UNSUPPORTED_ABOVE
    )

    def __post_init__(self) -> None:
        """Refuse a metric of the user's own that has a known one's name."""
        if taken := next((name for name in self.custom if name in METRICS), None):
            raise ValueError(f"custom: {taken} is a metric already, so call yours something else")

    def limit(self, metric: str) -> Limit | None:
        """Return the rule for a metric, where policy has one."""
        return self.custom[metric].limit if metric in self.custom else self.metrics.get(metric)
