"""What one reviewer's grades say about the reviewing itself: whether anybody looked, and how. It flags, never blocks.

Nothing here judges an output, and nothing of it is an objective: who is told to be slow, or to fail a tenth, learns to
be slow, or to fail a tenth. What outputs fail is in `estimate`; whether known-bad items were caught is counted
elsewhere and only told here. No reason's text is repeated.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from twokey.canonical import quantise
from twokey.review.grades import Grade, Grades, wants_reason
from twokey.review.labels import other_label
from twokey.review.order import presented
from twokey.scorers.texts import texts
from twokey.stats.runs import chance_of_run, longest_run
from twokey.values import dataclass

FASTEST = 15
"""Words a second that nobody reads and judges faster than. Reading for meaning is four to five (Brysbaert, 2019)."""

QUICKEST = 2
"""Seconds in which nobody has read, judged and pressed a key, however short the item."""

RARE = 0.001
"""The chance of a run below which order alone does not explain it."""

FEW = 5
"""Fewer grades than these show no habit."""

TRUE_RATE = 0.02
"""The failure rate at which it is told how often a review finds nothing."""


class SeedsCounted(Protocol):
    """How many sealed known-bad items were mixed in, and how many of them were failed or passed."""

    @property
    def total(self) -> int:
        """Known-bad items mixed in."""

    @property
    def caught(self) -> int:
        """Those that the reviewer did not let through."""

    @property
    def missed(self) -> int:
        """Those that the reviewer let through; what is not graded is neither."""

    @property
    def sentence(self) -> str:
        """What an auditor wants to read, such as `4 of 4 seeds caught`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What stands out about a review: numbers, flags that ask for a look, and sentences that hold without a flag."""

    facts: Mapping[str, Any]
    flags: tuple[str, ...] = ()
    sentences: tuple[str, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Return the JSON form, as it stands in the graded review's facts under `health`."""
        return {**self.facts, "flags": list(self.flags), "sentences": list(self.sentences)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Part:
    """One thing looked at: its facts under a name, and what is to be said of it."""

    name: str
    facts: Mapping[str, Any]
    sentence: str = ""
    flag: str = ""


def health(grades: Grades, items: Iterable[Mapping[str, Any]], seeds: SeedsCounted | None = None) -> Health:
    """Return what one reviewer's grades say about the reviewing.

    Args:
        grades: of one reviewer; those of other items than these are left out.
        items: the rows that were shown. Runs are looked for in the order in which a reviewer meets them.
        seeds: the count of the sealed known-bad items, where there were any.
    """
    given = {grade.item: grade for grade in grades.grades}
    met = presented(items, (), grades.manifest)
    pairs = [(item, given[str(item["id"])]) for item in met if str(item["id"]) in given]
    made = [grade for _, grade in pairs]
    parts = [*_seeds(seeds)]
    if made:
        parts += [_time(pairs), _runs(made), _approvals(made), *_revisions(made), *_certainty(made)]
        parts += [*_against(pairs), *_copied(made), *_unexplained(grades.manifest, made)]
    return Health(
        facts={"graded": len(made), **{part.name: part.facts for part in parts}},
        flags=tuple(part.flag for part in parts if part.flag),
        sentences=tuple(part.sentence for part in parts if part.sentence),
    )


def _seeds(seeds: SeedsCounted | None) -> Iterator[_Part]:
    if seeds is None or not seeds.total:
        return
    yield _Part(
        name="seeds",
        facts={
            "total": seeds.total,
            "caught": seeds.caught,
            "missed": seeds.missed,
            "sentence": seeds.sentence,
        },
        sentence=seeds.sentence,
        flag=f"{seeds.missed:,} of {seeds.total:,} known-bad items were let through" if seeds.missed else "",
    )


def floor_seconds(item: Mapping[str, Any]) -> int:
    """Return the seconds below which nobody has read what was asked and what came back, at 15 words a second.

    The context is left out: who knows the matter may not need it.
    """
    words = sum(len(texts(item.get(name)).split()) for name in ("input", "output"))
    return max(QUICKEST, words // FASTEST)


def _time(pairs: Sequence[tuple[Mapping[str, Any], Grade]]) -> _Part:
    spent = [grade.seconds for _, grade in pairs]
    if not any(spent):
        return _Part(name="time", facts={"measured": False}, flag="no active time was measured for any grade")
    quick = sum(grade.seconds < floor_seconds(item) for item, grade in pairs)
    middle, total = median(spent), sum(spent)
    told = f"median {middle:g} s an item, {_duration(total)} in all"
    return _Part(
        name="time",
        facts={"measured": True, "median_seconds": quantise(middle), "total_seconds": total, "under_floor": quick},
        sentence=f"active time: {told}; {quick:,} of {len(pairs):,} {_than(pairs)}",
        flag=(
            f"{quick:,} of {len(pairs):,} items were graded quicker than anybody reads them ({told})"
            if quick * 10 > len(pairs)
            else ""
        ),
    )


def _than(pairs: Sequence[tuple[Mapping[str, Any], Grade]]) -> str:
    """Say what quick means: of evidence that a store kept nobody knows what there was to read."""
    known = any(name in item for item, _ in pairs for name in ("input", "output"))
    return "quicker than anybody reads" if known else f"under {QUICKEST} s; what there was to read is not here"


def median(values: Sequence[int]) -> float:
    """Return the middle of some numbers, or the mean of the two in the middle."""
    ordered, half = sorted(values), len(values) // 2
    return float(ordered[half]) if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _duration(seconds: int) -> str:
    return f"{seconds:,} s" if seconds < 120 else f"{seconds // 60:,} min"


def _runs(made: Sequence[Grade]) -> _Part:
    """Look at runs of one grade. The order is drawn, so a long run has to come from the reviewer."""
    given: list[str] = [grade.grade for grade in made]
    run, kind = longest_run(given)
    chance = chance_of_run(len(given), given.count(kind), run)
    told = f"{run:,} grades in a row are {kind}: of {given.count(kind):,} in {len(given):,}"
    return _Part(
        name="longest_run",
        facts={"length": run, "grade": kind},
        sentence=f"longest run of one grade: {run:,} {kind} of {len(given):,}",
        flag=f"{told}, order alone gives such a run in less than {RARE:.1%} of cases" if chance < RARE else "",
    )


def _approvals(made: Sequence[Grade]) -> _Part:
    passed, total = sum(grade.grade == "pass" for grade in made), len(made)
    said = f"{passed:,} of {total:,} passed"
    if passed == total >= FEW:
        said += (
            f": where {TRUE_RATE:.0%} truly fail, a careful reviewer passes all in {(1 - TRUE_RATE) ** total:.0%} of"
            " reviews, and one who does not look in 100%; only seeds and the audit tell them apart"
        )
    return _Part(name="passed", facts={"items": passed, "of": total}, sentence=said)


def _revisions(made: Sequence[Grade]) -> Iterator[_Part]:
    revised = [grade for grade in made if grade.revised_from]
    first = [(_bad(grade.revised_from[0]), _bad(grade.grade)) for grade in revised]
    worse, better = first.count((False, True)), first.count((True, False))
    if revised:
        said = (
            f"{len(revised):,} of {len(made):,} grades changed after the machine's opinion was shown:"
            f" {worse:,} to a failure, {better:,} from one"
        )
        yield _Part(
            name="revised",
            facts={"items": len(revised), "to_failure": worse, "from_failure": better},
            sentence=said,
            flag=said if len(made) >= FEW and len(revised) * 5 > len(made) else "",
        )


def _bad(grade: str) -> bool:
    return grade in ("fail", "edit")


def _certainty(made: Sequence[Grade]) -> Iterator[_Part]:
    said = Counter(grade.certainty for grade in made if grade.certainty is not None)
    total, low = said.total(), said["low"]
    if total:
        sentence = f"the reviewer is unsure of {low:,} of the {total:,} grades given with a certainty"
        flag = sentence if total >= FEW and low * 3 > total else ""
        yield _Part(name="certainty", facts={"given": total, "low": low}, sentence=sentence, flag=flag)


def _against(pairs: Sequence[tuple[Mapping[str, Any], Grade]]) -> Iterator[_Part]:
    """Look at passes of a label that is not the expected one: right where the reference is wrong, and worth a word."""
    passes = [grade for item, grade in pairs if grade.grade == "pass" and other_label(item)]
    silent = sum(not grade.reason.strip() for grade in passes)
    if passes:
        told = f"{silent:,} of {len(passes):,} passes of a label that is not the expected one have no reason"
        facts = {"passed": len(passes), "without_reason": silent}
        yield _Part(name="against_expected", facts=facts, flag=told if silent else "")


def _copied(made: Sequence[Grade]) -> Iterator[_Part]:
    reasons = Counter(_normal(grade.reason) for grade in made if grade.reason.strip())
    if reasons:
        most, total = max(reasons.values()), reasons.total()
        yield _Part(
            name="reasons",
            facts={"given": total, "different": len(reasons), "most_alike": most},
            flag=f"one reason stands word for word on {most:,} of {total:,} items with a reason"
            if most >= FEW and most * 2 > total
            else "",
        )


def _normal(reason: str) -> str:
    """Return a reason without case, punctuation and spaces; one of punctuation alone as it is."""
    return re.sub(r"[\W_]+", " ", reason.casefold()).strip() or reason.strip()


def _unexplained(manifest: str, made: Sequence[Grade]) -> Iterator[_Part]:
    asked = [grade for grade in made if grade.grade == "pass" and wants_reason(manifest, grade.item)]
    silent = sum(not grade.reason.strip() for grade in asked)
    if asked:
        flag = f"{silent:,} of {len(asked):,} passes that were to be explained have no reason" if silent else ""
        yield _Part(name="explained", facts={"asked": len(asked), "missing": silent}, flag=flag)
