"""What may be written under `gates.quality` in a config.

It stands apart from the gate, because every command reads a config and few of them judge: nothing here counts or
compares.
"""

from collections.abc import Mapping

from twokey.config.keys import option
from twokey.config.shape import Limit, ShareLimit
from twokey.stats.grounding import UNSUPPORTED_ABOVE
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
)
_SHARE = ShareLimit | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelLimits:
    """The rules for one label."""

    precision: Limit | None = option("of answers with this label, how many should have it", reads=_SHARE, default=None)
    recall: Limit | None = option("of cases that should have this label, how many got it", reads=_SHARE, default=None)
    f1: Limit | None = option("the harmonic mean of both", reads=_SHARE, default=None)


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
    labels: Mapping[str, LabelLimits] = option("limits for single labels", default_factory=dict)
    confident_at: float = option("errors at this confidence are confident ones", minimum=0, maximum=1, default=0.6)
    unsupported_above: float = option(
        "share of new words from which an answer is flagged", minimum=0, maximum=1, default=UNSUPPORTED_ABOVE
    )
