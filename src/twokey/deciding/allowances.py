"""Whether what the evidence let pass by name could still pass today: evidence knows no clock, so it is asked here."""

from collections.abc import Iterator
from datetime import date, datetime

from twokey.evidence.bundle import Evidence


def run_out(evidence: Evidence, now: datetime) -> Iterator[str]:
    """Yield a sentence for each allowance that the evidence relied on and whose last day (in UTC) has passed.

    One whose last day cannot be read is told too: nobody can say that it holds.
    """
    safety = evidence.result("safety")
    for one in (safety.facts.get("allowed") or ()) if safety else ():
        if not one.get("records"):
            continue
        rule, until = one.get("rule"), str(one.get("until"))
        used = f"{one['records']:,} records hold what {rule} sees and policy allows ({one.get('why')})"
        try:
            passed = now.date() > date.fromisoformat(until)
        except ValueError:
            yield f"{used}, until {until!r}, which is no day"
            continue
        if passed:
            yield f"{used}, until {until}, which has passed"
