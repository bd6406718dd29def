"""When a distance from the baseline warns, and the sentence that says why: over its limit, and beyond chance.

The worst that comes of it is `inconclusive`: a person looks. Nothing is measured here.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from twokey.canonical import quantise
from twokey.gates.drift_compare import Distance
from twokey.gates.drift_measures import Allowed, Compared
from twokey.gates.drift_options import DriftOptions
from twokey.gates.drift_tally import Seen
from twokey.gates.limits import judge_allowance, numerals
from twokey.outcome import Books, Metric, Status
from twokey.stats.fdr import holm


def judged(measures: Sequence[Compared], options: DriftOptions, now: Seen) -> Iterator[Metric]:
    """Yield a metric for each measure; p-values are corrected for the number of limits that are looked at."""
    looked_at = [each for each in measures if each.watched not in options.only_shown]
    chances = holm([quantise(test.p) for each in looked_at for test in each.tests])
    left = iter(chances)
    for each in measures:
        books = _books(each, now)
        watched = each.watched not in options.only_shown
        corrected = [next(left) for _ in each.tests] if watched else []
        if each.estimate is None:
            if each.unable is not Status.OFF and watched:
                yield _metric(each, books, each.unable, f"{each.label}: {each.missing}, so nothing can be compared")
        elif not watched:
            yield _metric(each, books, Status.OFF, f"{each.label}: {_shown(each)}; policy only shows it")
        elif each.allowed is not None:
            yield _settled(each, each.allowed, books)
        else:
            yield _judge(each, books, corrected, options.alpha, len(chances))


def _books(each: Compared, now: Seen) -> Books:
    return Books(total=now.total, scored=each.n, errored=now.errored, unscorable=now.answered - each.n)


def _judge(each: Compared, books: Books, corrected: list[float], alpha: float, looks: int) -> Metric:
    over = [test for test in each.tests if _over(test)]
    warns = [test for test, p in zip(each.tests, corrected, strict=True) if _over(test) and p <= alpha]
    told = warns or over or each.tests
    p = min(p for test, p in zip(each.tests, corrected, strict=True) if test in told)
    many = f"p {_chance(p)} after correction for {looks} looks" if looks > 1 else f"p {_chance(p)}"
    sentence = f"{each.label}: {_shown(each, told)}"
    if warns:
        status, tail = Status.INCONCLUSIVE, f", and chance does not explain it ({many})"
    elif over:
        status, tail = Status.PASS, f", but chance alone can do that with {each.n:,} and {each.m:,} records ({many})"
    else:
        status, tail = Status.PASS, ""
    blind = [test for test in each.tests if quantise(test.at_limit) * looks > alpha]
    if blind and not warns:
        tail += "; so few records could not show a drift of just the limit"
    facts = {"p": quantise(min(test.p for test in each.tests)), "p_adjusted": quantise(p), "blind": bool(blind)}
    return _metric(each, books, status, f"{sentence}{tail}", facts)


def _over(test: Distance) -> bool:
    return quantise(test.value) > test.limit


def _shown(each: Compared, tests: Iterable[Distance] | None = None) -> str:
    texts = []
    for test in each.tests if tests is None else tests:
        show = numerals(test.value, test.limit)
        relation = "over" if _over(test) else "within"
        texts.append(f"{test.effect} {show(test.value)}, {relation} the limit {show(test.limit)}")
    return ": ".join(text for text in (each.says, " and ".join(texts)) if text)


def _chance(p: float) -> str:
    return "below 0.0001" if p < 0.0001 else numerals(p)(p)


def _settled(each: Compared, rule: Allowed, books: Books) -> Metric:
    return judge_allowance(
        each.name,
        rule.count,
        rule.total,
        rule.allowance,
        books,
        what=rule.what,
        exceeded=Status.INCONCLUSIVE,
        part=each.part,
        facts={**each.facts, "baseline_records": each.m},
    )


def _metric(
    each: Compared, books: Books, status: Status, reason: str, facts: Mapping[str, Any] | None = None
) -> Metric:
    limits = [f"max {numerals(test.limit)(test.limit)} {test.effect}" for test in each.tests]
    return Metric(
        name=each.name,
        status=status,
        reason=reason,
        books=books,
        estimate=each.estimate,
        limit=", ".join(limits) if limits and status is not Status.OFF else None,
        slice=each.part,
        facts={**each.facts, **(facts or {}), "baseline_records": each.m},
    )
