"""How large the random audit is: sized from what policy claims, in one stage or in several.

Policy claims a failure rate (LTPD) and the chance that a worse pool passes (consumer's risk). What an audit found is
judged in `estimate`; who is drawn, in `select`.
"""

from twokey.config.review import Review
from twokey.stats.hypergeometric import clean_items_needed
from twokey.values import dataclass

CLAIMED = 0.05
"""The failure rate that an audit is sized for where policy names neither a rate nor a size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """One step of an audit: so many further items, and the share of the risk that its bound may use."""

    size: int
    risk: float


def stages_of(rules: Review) -> tuple[Stage, ...]:
    """Return the stages of a policy's audit, none where it asks for none; sizes for a pool without end."""
    if rules.audit == 0:
        return ()
    rate = CLAIMED if rules.max_failure_rate is None else rules.max_failure_rate
    size = rules.audit if rules.audit is not None else clean_items_needed(rate, rules.risk)
    return (Stage(size=size, risk=rules.risk),)


def audit_size(rules: Review) -> int:
    """Return how many items are drawn for the first stage."""
    return stages_of(rules)[0].size if rules.audit != 0 else 0
