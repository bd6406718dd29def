"""Whether the same question gets the same answer: records that share a `case`, and the labels they were given.

It does not say which of the answers is right. That is the quality gate's matter, and it sees each record by itself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from hashlib import blake2b

from twokey.config.scalars import Allowance
from twokey.gates.base import Scans
from twokey.gates.limits import counted, judge_allowance
from twokey.gates.shown import shown_names
from twokey.gates.sketch import Sketch, bounded, merged, text_hash
from twokey.kinds import Explained
from twokey.outcome import Books, Metric, Status
from twokey.record import Record
from twokey.scorers.labels import label_text, label_texts

MAX_CASES = 20_000
EXAMPLES = 5
DIFFER = -1
_WHAT = "cases that were asked again have answers that disagree"

EXPLAINED: Mapping[str, Explained] = {
    "flaky": Explained(
        what="How many of the cases that were asked again have answers whose labels disagree.",
        how="Answered records that share a `case` are compared by label, as accuracy compares them. Shown only, until"
        " `max_flaky` allows a count of cases, or a share, which its Clopper-Pearson interval settles.",
        limits="It needs two answers to a case among the records drawn. Where the whole output is the label, any other"
        " wording disagrees. Beyond 20,000 cases a sample of the cases is looked at, by hash.",
        fix="Lower the temperature, pin the model's version, or ask again and take the majority.",
    )
}

Answers = tuple[int, int]  # how many, and the digest of the label that all of them gave, or DIFFER


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeats:
    """The answered records by case; beyond 20,000 cases a sample of the cases, by hash."""

    cases: Sketch[str, Answers] = field(default_factory=Sketch)

    def repeated(self) -> dict[str, Answers]:
        """Return the cases that were answered more than once."""
        return {case: answers for case, answers in self.cases.rows.items() if answers[0] > 1}


def count_repeats(records: Iterable[Record]) -> Repeats:
    """Count the records that have a case and an answer."""
    named = [record for record in records if record.case is not None and record.error is None]
    rows: dict[str, Answers] = {}
    labels = label_texts([record.label for record in named])
    for record, label in zip(named, labels, strict=True):
        case = label_text(record.case)  # what is too long to keep goes by its digest
        answers = (1, _digest(label))
        rows[case] = _both(rows[case], answers) if case in rows else answers
    return Repeats(cases=bounded(Sketch(rows), text_hash, MAX_CASES))


def add_repeats(left: Repeats, right: Repeats) -> Repeats:
    """Return what counting both together would have given."""
    return Repeats(cases=merged(left.cases, right.cases, _both, text_hash, MAX_CASES))


def _digest(label: str | None) -> int:
    data = b"" if label is None else b"=" + label.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def _both(left: Answers, right: Answers) -> Answers:
    return left[0] + right[0], left[1] if left[1] == right[1] else DIFFER


def judge_repeats(
    repeats: Repeats, limit: Allowance | None, books: Books, scanner: Scans | None = None
) -> Metric | None:
    """Return the metric `flaky`, or None where nothing was asked again and policy sets no limit.

    What the scanner sees in a case is hidden before it is shown.
    """
    repeated, scale = repeats.repeated(), repeats.cases.scale
    if not repeated and limit is None:
        return None
    flaky = [case for case, answers in repeated.items() if answers[1] == DIFFER]
    scored = sum(answers[0] for answers in repeated.values())
    books = Books(
        total=books.total, scored=scored, errored=books.errored, unscorable=books.total - books.errored - scored
    )
    metric = _judge(len(flaky), len(repeated), limit, books)
    if scale > 1:
        metric = _partial(metric, limit, scale)
    shown = shown_names(sorted(flaky, key=text_hash)[:EXAMPLES], scanner)
    facts = {"examples": sorted(shown.values()), "one_case_in": scale}
    return replace(metric, unit="" if limit is not None and limit.share is not None else "cases", facts=facts)


def _judge(flaky: int, repeated: int, limit: Allowance | None, books: Books) -> Metric:
    if limit is not None:
        return judge_allowance("flaky", flaky, repeated, limit, books, what=_WHAT)
    reason = f"{flaky:,} of {repeated:,} {_WHAT}; policy sets no limit"
    return Metric(name="flaky", status=Status.OFF, reason=reason, books=books, estimate=counted(flaky, repeated))


def _partial(metric: Metric, limit: Allowance | None, scale: int) -> Metric:
    """Return the metric with what a sample of the cases leaves open: no count is known to be within its limit."""
    open_ = metric.status is Status.PASS and limit is not None and limit.share is None
    return replace(
        metric,
        status=Status.INCONCLUSIVE if open_ else metric.status,
        reason=f"{metric.reason}; one case in {scale} was looked at",
    )
