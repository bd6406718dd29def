"""What the random audit says of all outputs: the exact bound, stage by stage, the sentence, and what would settle it.

The shown are counted, everything else is bounded by the audit. A further stage counts once every item of it is graded:
a stage that was stopped in the middle may have been stopped because of what it showed. What was graded beyond the last
whole stage is certain all the same: failures in it are known ones. The bound is the least of those of the stages looked
at, each at its own share of the risk (see `auditing`), and never below what is known.
"""

import math

from twokey.config.scalars import percent
from twokey.gates.limits import estimated
from twokey.outcome import Estimate, Status
from twokey.stats.acceptance import failures_allowed, items_needed, whole
from twokey.stats.hypergeometric import defects_upper_bound
from twokey.values import dataclass

METHOD = "exact stratified bound, hypergeometric"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stratum:
    """What was found in some of the items; `failed` and `unresolved` are counts of them."""

    items: int = 0
    failed: int = 0
    unresolved: int = 0

    @property
    def clean(self) -> int:
        """How many did not fail."""
        return self.items - self.failed - self.unresolved

    @property
    def doubtful(self) -> int:
        """How many failed or may have."""
        return self.failed + self.unresolved

    def __add__(self, other: "Stratum") -> "Stratum":
        """Return what was found in both."""
        return Stratum(
            items=self.items + other.items,
            failed=self.failed + other.failed,
            unresolved=self.unresolved + other.unresolved,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A stage of the audit: its own items, as far as they are graded, how many it has, and its share of the risk."""

    found: Stratum
    size: int
    risk: float

    @property
    def finished(self) -> bool:
        """Whether every item of it is graded."""
        return self.found.items == self.size


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """All that the bound stands on.

    `looks` are the stages in their order; of the first the ungraded items stand among the unresolved, so that it is
    always finished. `extras` were graded in addition to the audit, out of the same outputs that were not shown. So
    many others wait in the reserve: `offered`.
    """

    shown: Stratum
    looks: tuple[Look, ...]
    extras: Stratum
    outputs: int
    not_shown: int
    risk: float
    offered: int = 0

    @property
    def reached(self) -> int:
        """How many stages are finished, one after the other from the first."""
        return next((number for number, look in enumerate(self.looks) if not look.finished), len(self.looks))

    def after(self, stages: int) -> Stratum:
        """Return what the first so many stages found together."""
        return sum((look.found for look in self.looks[:stages]), Stratum())

    @property
    def audited(self) -> Stratum:
        """What the finished stages found together."""
        return self.after(self.reached)

    @property
    def beyond(self) -> Stratum:
        """What is graded of the others that were not shown, in no finished stage."""
        return sum((look.found for look in self.looks[self.reached :]), self.extras)

    @property
    def left(self) -> int:
        """How many outputs nobody looked at."""
        return self.not_shown - self.audited.items - self.beyond.items

    @property
    def known(self) -> int:
        """How many of those that were not shown certainly fail."""
        return self.audited.failed + self.beyond.failed

    @property
    def possible(self) -> int:
        """How many of those that were not shown could fail at all: all but the clean ones."""
        return self.not_shown - self.audited.clean - self.beyond.clean

    def projected(self, failed: int, items: int) -> float:
        """Return the plain estimate of the failures among those not shown, within what is known of them."""
        plain = failed / items * self.not_shown if items else 0.0
        return min(max(plain, self.known), self.possible)

    def most(self) -> int:
        """Return the most failures among those not shown that no finished stage excludes, nor what is known."""
        bounds = [self.possible]
        for stages in range(1, self.reached + 1):
            so_far = self.after(stages)
            risk = self.looks[stages - 1].risk
            bounds.append(defects_upper_bound(self.not_shown, so_far.items, so_far.doubtful, risk))
        return max(min(bounds), self.known)


def estimate(found: Found) -> Estimate:
    """Bound the rate: from below by what certainly failed, from above with what nobody settled taken for failed."""
    audited, outputs = found.audited, found.outputs
    plain = found.projected(audited.failed, audited.items - audited.unresolved)
    value = (found.shown.failed + plain) / outputs
    low = (found.shown.failed + found.known) / outputs
    high = max((found.shown.doubtful + found.most()) / outputs, value)
    exact = not found.left and low == high
    return estimated(value, (low, high), outputs, METHOD, confidence=1.0 if exact else 1 - found.risk)


def judged(found: Found, limit: float) -> Status:
    """Fail where the plain estimate, with only certain failures, is beyond the limit; pass where the bound holds."""
    certain = found.projected(found.audited.failed, found.audited.items)
    if (found.shown.failed + certain) / found.outputs > limit:
        return Status.FAIL
    return Status.PASS if estimate(found).high <= limit else Status.INCONCLUSIVE


def sentence(found: Found) -> str:
    """Return what an auditor wants to read, such as `59 of 59 audit items clean: at most 5.0% ... fail, 95%`."""
    audited, beyond = found.audited, found.beyond
    stage = f" (stage {found.reached} of {len(found.looks)})" if len(found.looks) > 1 else ""
    parts = [f"{audited.clean:,} of {audited.items:,} audit items clean{stage}"]
    if found.shown.items:
        parts.append(f"{found.shown.failed:,} of {found.shown.items:,} shown failed")
    if beyond.items:
        parts.append(f"{beyond.failed:,} of {beyond.items:,} graded in addition failed")
    unresolved = found.shown.unresolved + audited.unresolved + beyond.unresolved
    if unresolved:
        parts.append(f"{unresolved:,} not settled and taken for failed")
    high = upwards(estimate(found).high)
    if not found.left:
        claim = f"every output was looked at, and {'at most ' if unresolved else ''}{high} of"
        return f"{', '.join(parts)}: {claim} these {found.outputs:,} outputs fail"
    return f"{', '.join(parts)}: at most {high} of these {found.outputs:,} outputs fail, {percent(1 - found.risk)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """What would settle an open audit: so many more items, of which at most so many may fail.

    `stage` is the last stage that this takes, counted from 1; None for a full review of all that is left.
    """

    items: int
    may_fail: int
    stage: int | None


def way_on(found: Found, limit: float) -> Way:
    """Return the nearest stage that can still end in a pass, or else the full review; all else staying as it is."""
    room = whole(limit * found.outputs) - found.shown.doubtful
    size = 0
    for number, look in enumerate(found.looks, start=1):
        size += look.size
        so_far = found.after(number)
        may_fail = failures_allowed(room, found.not_shown, size, look.risk) - so_far.doubtful
        if number > found.reached and may_fail >= 0 and size > so_far.items:
            return Way(items=size - so_far.items, may_fail=min(may_fail, size - so_far.items), stage=number)
    so_far = found.audited + found.beyond
    return Way(items=found.left, may_fail=min(room - so_far.doubtful, found.left), stage=None)


def advice(found: Found, limit: float) -> str:
    """Say in one clause what would settle an open audit."""
    if found.shown.unresolved + found.audited.unresolved + found.beyond.unresolved:
        return "what is not settled comes first"
    way = way_on(found, limit)
    allowed = f"at most {way.may_fail:,} of them fail" if way.may_fail else "none of them fails"
    if way.stage is None:
        rest = f"a full review of the other {way.items:,} settles it, and passes if {allowed}"
        if found.offered >= way.items:
            return f"{rest}: the review page offers them"
        if enough := _enough(found, limit):
            drawn = sum(look.size for look in found.looks)
            return f"no result among {drawn:,} audit items can show that: if none fails, audit: {enough} would do"
        return f"{rest}: set review.audit to {found.not_shown} and run again, which is new evidence, graded anew"
    stage = f"stage {way.stage}" if way.stage == found.reached + 1 else f"stages {found.reached + 1} to {way.stage}"
    more = "1 more audit item" if way.items == 1 else f"{way.items:,} more audit items"
    return f"{more} ({stage}) would settle it if {allowed}: the review page offers them"


def _enough(found: Found, limit: float) -> int | None:
    """Return how many audit items would do where no result of those drawn could pass; None where one could.

    So many as the selection says, which counts on nothing beyond the pool; never all of it, which is a full review.
    """
    room, drawn = whole(limit * found.outputs) - found.shown.failed, 0
    for look in found.looks:
        drawn += look.size
        if failures_allowed(room, found.not_shown, drawn, look.risk) >= 0:
            return None
    allowed = max(0, min(room, whole(limit * found.not_shown)))
    needed = items_needed(allowed, found.not_shown, 0, found.looks[0].risk)
    return needed if drawn < needed < found.not_shown else None


def upwards(share: float) -> str:
    """Return a share as a percentage with one decimal, never less than it is."""
    return f"{math.ceil(share * 1000 - 1e-9) / 10:.1f}%"
