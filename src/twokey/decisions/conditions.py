"""What goes with a person's word: conditions of an approval, the ticket of an override, whom an escalation asks.

| kind | belongs to | text |
|---|---|---|
| text | approve, request-changes | free; listed as open until somebody confirms it by signature |
| until | approve | a UTC time; from then on the approval does not count |
| metric | approve | such as `accuracy >= 0.95`; judged against the evidence at each conclusion |
| to | escalate | the role or principal that is asked |
| ticket | override | the ticket under which it is followed up |
| ratifies | ratify | the SHA-256 of the override's decision file |

Pure: nothing here knows who said it.
"""

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from twokey.config.scalars import number
from twokey.decisions.decision import Choice, Condition, Decision
from twokey.decisions.shapes import instant

BELONGS: Mapping[str, tuple[Choice, ...]] = {
    "text": ("approve", "request-changes"),
    "until": ("approve",),
    "metric": ("approve",),
    "to": ("escalate",),
    "ticket": ("override",),
    "ratifies": ("ratify",),
}
_METRIC = re.compile(r"([a-z][a-z0-9_]*(?:\[[^\]]{1,200}\])?) (<=|>=|<|>) (-?[0-9]{1,15}(?:\.[0-9]{1,15})?)")
_COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "<": operator.lt,
    ">": operator.gt,
}


def read_condition(text: str) -> Condition:
    """Read a condition as a person writes it, such as `metric: accuracy >= 0.95`; without a kind it is free text."""
    kind, colon, rest = text.partition(": ")
    if colon and kind in BELONGS and kind != "text":
        return Condition(kind=kind, text=rest.strip())
    return Condition(text=text)


def malformed(decision: Decision) -> Iterator[str]:
    """Say what in the conditions makes no sense, whoever signed it and wherever it is judged."""
    kinds = [condition.kind for condition in decision.conditions]
    for condition in decision.conditions:
        if condition.kind not in BELONGS:
            yield f"a condition of kind {condition.kind} is not known to this version"
        elif decision.choice not in BELONGS[condition.kind]:
            yield f"a condition of kind {condition.kind} does not belong to {decision.choice}"
        elif condition.kind == "metric" and not _METRIC.fullmatch(condition.text):
            yield f"the condition {condition.text!r} is none on a metric, such as 'accuracy >= 0.95'"
        elif condition.kind == "until" and not _is_instant(condition.text):
            yield f"the condition {condition.text!r} is no UTC time such as 2026-11-21T12:00:00Z"
    for kind in ("to", "ticket", "ratifies"):
        if kinds.count(kind) > 1:
            yield f"it has {kinds.count(kind)} conditions of kind {kind}, at most one is understood"
    if decision.choice == "ratify" and "ratifies" not in kinds:
        yield "it names no override that it ratifies"


def unmet(condition: Condition, *, metrics: Mapping[str, float | None], now: datetime) -> str | None:
    """Say why a condition that a machine can judge does not hold, or return None. It must be well formed.

    Args:
        condition: of any kind; what this does not judge holds.
        metrics: the value of each metric in the evidence by its id, None where nothing could be computed.
        now: the verifier's clock.
    """
    if condition.kind == "until" and now >= instant(condition.text):
        return f"its condition held until {condition.text}"
    if condition.kind != "metric":
        return None
    name, sign, limit = (_METRIC.fullmatch(condition.text) or _never()).groups()
    value = metrics.get(name)
    if value is None:
        return f"its condition {condition.text} cannot be judged: the evidence has no {name}"
    if not _COMPARE[sign](value, float(limit)):
        return f"its condition {condition.text} does not hold: {name} is {number(value)}"
    return None


def text_of(decision: Decision, kind: str) -> str | None:
    """Return the text of the decision's first condition of that kind, or None."""
    return next((condition.text for condition in decision.conditions if condition.kind == kind), None)


def _is_instant(text: str) -> bool:
    try:
        instant(text)
    except ValueError:
        return False
    return True


def _never() -> re.Match[str]:
    raise ValueError("a condition on a metric that was never checked for its form")
