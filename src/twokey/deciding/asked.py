"""What is needed to judge whether grades count, as one value. Nothing is judged here."""

from collections.abc import Mapping
from datetime import datetime

from twokey.config.review import Review
from twokey.decisions.people import Roster
from twokey.signers.base import Verifier
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What policy asks of grades, and what is needed to judge that: roster, signers, and the verifier's clock."""

    review: Review | None
    roster: Roster
    signers: Mapping[str, Verifier]
    now: datetime
