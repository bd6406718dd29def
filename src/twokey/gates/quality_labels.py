"""Which labels may be shown, with their figures.

Labels can be free text that a model wrote, so that only what policy's own answers repeat is printed.
"""

from collections.abc import Mapping
from typing import Any

from twokey.gates.base import Scans
from twokey.gates.shown import shown_names
from twokey.stats.classification import Classification, LabelCounts

MAX_LABELS = 1000
MAX_SHOWN = 100
_SHOWN_LENGTH = 60
_SHOWN_COUNT = 5


def label_facts(classification: Classification, scanner: Scans | None) -> Mapping[str, Any]:
    """Return the labels' own figures and the commonest confusions, of labels that are plainly labels.

    Shown are those that are short and expected at least five times, the most frequent first; the rest is a count. What
    the scanner sees in a label is redacted.
    """
    plain = {label: counts for label, counts in classification.labels.items() if _showable(label, counts)}
    ranked = sorted(plain, key=lambda label: (-plain[label].expected, label))[:MAX_SHOWN]
    shown = shown_names(ranked, scanner)
    confusions = sorted(
        (
            (-count, expected, given)
            for (expected, given), count in classification.confusion.items()
            if given is not None and expected != given and expected in shown and given in shown
        )
    )[:10]
    return {
        "labels": {shown[label]: _figures(plain[label]) for label in ranked},
        "labels_not_shown": len(classification.labels) - len(ranked),
        "confusions": [
            {"expected": shown[right], "given": shown[given], "count": -count} for count, right, given in confusions
        ],
    }


def _showable(label: str, counts: LabelCounts) -> bool:
    return counts.expected >= _SHOWN_COUNT and len(label) <= _SHOWN_LENGTH and label.isprintable()


def _figures(counts: LabelCounts) -> dict[str, float]:
    return {
        "expected": counts.expected,
        "predicted": counts.predicted,
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
    }
