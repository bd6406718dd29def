"""What checkpoints are opened by: the findings, and what is known of evidence, recordings and the change. Pure values.

Whatever nobody can say is None here, and what cannot be known opens.
"""

from collections.abc import Mapping
from dataclasses import field

from twokey.outcome import Finding
from twokey.repository.change import Change
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that the facts of a checkpoint are drawn from.

    `low_confidence_share` is of the records under the review's confidence, `impacts` are those that the judged records
    carry. `parties` says of the rostered people who had a part in the change which part, by principal. `unwitnessed`
    are the recordings that nobody vouches for, by role; `pinned` says whether files of the subject are named.
    """

    findings: tuple[Finding, ...] = ()
    environment: str
    low_confidence_share: float | None = None
    impacts: tuple[str, ...] | None = None
    change: Change | None = None
    parties: Mapping[str, str] = field(default_factory=dict)
    unwitnessed: tuple[str, ...] = ()
    pinned: bool = True
