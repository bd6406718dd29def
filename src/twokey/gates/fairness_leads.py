"""What is shown and decides nothing: each value's own rates, adjusted for how many are looked at, and the worst slices.

A mark here is a reason to look, and no finding.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from twokey.canonical import quantise
from twokey.gates.fairness_parity import Group
from twokey.gates.fairness_rates import Share, shares_of
from twokey.gates.fairness_search import SHOWN, Leaf, Question, worst_slices
from twokey.gates.fairness_tally import ERRORED, NO_VALUE, Outcomes
from twokey.gates.limits import Measured, judge_limit, numerals, proportion
from twokey.outcome import Books, Metric, Status
from twokey.stats.fdr import benjamini_hochberg, fisher_exact

FALSE_DISCOVERIES = 0.05
Show = Callable[[str, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One rate of one value, and that of all other values of its group."""

    rate: str
    group: Group
    value: str
    own: Share
    rest: Share
    books: Books


def rate_metrics(outcomes: Outcomes, groups: tuple[Group, ...], *, positive: bool) -> Iterator[Metric]:
    """Yield each rate of each value that has it, with its difference from the rest and how likely that is by chance."""
    names = ("positive_rate", "true_positive_rate", "false_positive_rate", "accuracy") if positive else ("accuracy",)
    rows = [row for group in groups for name in names for row in _rows(outcomes, group, name)]
    tests = [fisher_exact(int(row.own.k), row.own.n, int(row.rest.k), row.rest.n) for row in rows]
    for row, q in zip(rows, benjamini_hochberg(tests), strict=True):
        part = f"{row.group.name}={row.group.shown[row.value]}"
        difference = row.own.rate - row.rest.rate
        marked = q <= FALSE_DISCOVERIES
        said = f"{_signed(difference)} from the other values, q {_p(q)}" if row.rest.n else "no other value has any"
        measured = Measured(
            estimate=proportion(int(row.own.k), row.own.n),
            remark=f"{said}, a lead" if marked else said,
            facts={"difference": quantise(difference) if row.rest.n else None, "q": quantise(q), "lead": marked},
        )
        yield judge_limit(row.rate, measured, None, row.books, part=part)


def _rows(outcomes: Outcomes, group: Group, name: str) -> Iterator[Row]:
    shares = shares_of(name, outcomes, group.name, group.values or {})
    k, n = sum(share.k for share in shares.values()), sum(share.n for share in shares.values())
    for value, own in shares.items():
        if own.n:
            rest = Share(k=k - own.k, n=n - own.n)
            books = _value_books(outcomes, group.name, value, own.n)
            yield Row(rate=name, group=group, value=value, own=own, rest=rest, books=books)


def _value_books(outcomes: Outcomes, group: str, value: str, scored: int) -> Books:
    seen = {state: count for (which, state), count in (outcomes.states.get(group) or {}).items() if which == value}
    total, errored = sum(seen.values()), seen.get(ERRORED, 0)
    return Books(total=total, scored=scored, errored=errored, unscorable=total - errored - scored)


def _signed(value: float) -> str:
    return f"{'+' if value > 0 else ''}{numerals(value)(value)}"


def _p(value: float) -> str:
    return "<0.0001" if value < 1e-4 else numerals(value)(value)


def worst_slice(outcomes: Outcomes, search: tuple[str, ...], shown: Mapping[str, Mapping[str, str]]) -> Metric | None:
    """Return the least accurate slice that a small tree finds, or None where nothing can be searched.

    `shown` says by group how a value may be shown.
    """
    leaves = worst_slices(outcomes.cells or {})
    if not leaves:
        return None
    words = [_words(leaf, search, shown) for leaf in leaves]
    worst = leaves[0]
    scored = sum(leaf.n for leaf in leaves)
    unscorable = outcomes.total - outcomes.errored - scored
    facts = {"slices": [_leaf(leaf, text) for leaf, text in zip(leaves, words, strict=True)][:SHOWN]}
    own = proportion(worst.right, worst.n)
    share = numerals(worst.right / worst.n)(worst.right / worst.n)
    return Metric(
        name="worst_slice",
        status=Status.OFF,
        reason=f"worst_slice: {words[0]}: {worst.right:,} of {worst.n:,} right ({share}),"
        f" p {_p(worst.p)} after allowing for the search; a lead, no verdict",
        books=Books(total=outcomes.total, scored=scored, errored=outcomes.errored, unscorable=unscorable),
        estimate=own,
        facts=facts,
    )


def _leaf(leaf: Leaf, words: str) -> dict[str, Any]:
    return {
        "slice": words,
        "n": leaf.n,
        "right": leaf.right,
        "accuracy": quantise(leaf.right / leaf.n),
        "p": quantise(leaf.p),
    }


def _words(leaf: Leaf, search: tuple[str, ...], shown: Mapping[str, Mapping[str, str]]) -> str:
    """Say in words what the slice is; that a value is not another one need not be said where it is known."""
    known = {question.place for question in leaf.answers if question.holds}
    told = [question for question in leaf.answers if question.holds or question.place not in known]
    return " and ".join(_question(question, search, shown) for question in told)


def _question(question: Question, search: tuple[str, ...], shown: Mapping[str, Mapping[str, str]]) -> str:
    group = search[question.place]
    value = shown.get(group, {}).get(question.value, NO_VALUE)
    return f"{group} {'is' if question.holds else 'is not'} {value}"
