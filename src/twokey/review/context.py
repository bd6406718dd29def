"""What a reviewer is told beside an item: what is asked of them, what findings mean, what the confidence has meant.

`asked` is shown before the first grade, so it follows only from what everybody sees of the item: never from why it was
chosen, from its confidence, or from what detectors saw. `rules` and `confidence_past` are the machine's opinion and
belong behind the first grade. Whoever mixes in sealed items sends them through here too, or they would be told apart.
"""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from twokey.canonical import quantise
from twokey.detectors import DETECTORS
from twokey.gates.base import Scans
from twokey.outcome import GateResult
from twokey.review.labels import answer_of, is_label
from twokey.scorers.base import SCALE
from twokey.stats.reliability import bin_of

Rows = Iterable[Mapping[str, Any]]


def explained(
    items: Rows, results: Sequence[GateResult], own: Mapping[str, str] | None = None
) -> Iterator[dict[str, Any]]:
    """Yield each row with `asked`, `rules` (empty where nothing was seen) and `confidence_past` (None if unknown).

    Every row has all three, so that which fields a row has tells nothing of it.

    Args:
        items: rows of items or reserve, or sealed items that are to look like them.
        results: of all gates; the quality gate says what confidences have meant.
        own: what the user's own rules are for, by tag such as `policy.no-advice`.
    """
    past = _past(results)
    for item in items:
        tags = [tag for tag in item.get("findings") or () if isinstance(tag, str)]
        confidence = item.get("confidence")
        yield {
            **item,
            "asked": asked(item),
            "rules": {tag: words for tag in tags if (words := meaning(tag, own or {}))},
            "confidence_past": None if confidence is None else past.get(bin_of(confidence, SCALE)),
        }


def own_rules(scanner: Scans) -> dict[str, str]:
    """Return what each rule of the user's own is for, by its tag, where the scanner has such."""
    from twokey.detectors.rules import RulesDetector
    from twokey.detectors.scan import Scanner

    detectors = scanner.detectors if isinstance(scanner, Scanner) else ()
    found = (detector for detector in detectors if isinstance(detector, RulesDetector))
    return {f"{one.name}.{rule.name}": rule.why for one in found for rule in (*one.rules, *one.require)}


def meaning(tag: str, own: Mapping[str, str]) -> str:
    """Return in a sentence what the rule of that tag looks for; nothing where nobody has said."""
    detector, _, rule = tag.partition(".")
    if own.get(tag):
        return own[tag]
    known = DETECTORS[detector].explained() if detector in DETECTORS else {}
    return known[rule].what if rule in known else ""


def asked(item: Mapping[str, Any]) -> str:
    """Return what the reviewer is to say of an item, from what everybody sees of it."""
    parts = [_question(item)]
    if item.get("source") == "synthetic":
        parts.append("The request was made for the test; judge the answer as if somebody had asked.")
    if item.get("impact") is not None:
        parts.append("A mistake here costs more than most: the impact is stated.")
    return " ".join(parts)


def _question(item: Mapping[str, Any]) -> str:
    answer = answer_of(item)
    if item.get("expected") is not None:
        if is_label(answer):
            return (
                "Say whether this label is right for this request. The expected one is given; where that is wrong"
                " itself, grade bad-reference."
            )
        return (
            "Say whether this answer can be used as it is. An expected one is given, and it need not be word for word;"
            " where the expected one is wrong itself, grade bad-reference."
        )
    if item.get("context") is not None:
        return (
            "Nothing here says what is right: say whether the answer follows from the context. What the context does"
            " not say is marked."
        )
    what = "this label is right for this request" if is_label(answer) else "this answer can be used as it is"
    return f"Nothing here says what is right: say by what was asked whether {what}, and escalate what you cannot tell."


def _past(results: Sequence[GateResult]) -> dict[int, str]:
    """Return what confidences of each of the curve's bins have meant; none where nothing was expected."""
    quality = next((result for result in results if result.gate == "quality"), None)
    metric = quality.metric("expected_calibration_error") if quality else None
    bins = metric.facts.get("bins", ()) if metric else ()
    return {bin_of(point["confidence"], SCALE): _meant(point) for point in bins}


def _meant(point: Mapping[str, Any]) -> str:
    return (
        f"of {point['n']:,} outputs with a confidence between {point['from']:.2g} and {point['to']:.2g},"
        f" {point['right'] / point['n']:.0%} were right"
        f" ({_percent(math.floor, point['low'])} to {_percent(math.ceil, point['high'])}, 95%)"
    )


def _percent(rounded: Callable[[float], int], share: float) -> str:
    return f"{rounded(quantise(share * 100))}%"
