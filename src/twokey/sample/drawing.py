"""The draw: how many of each source and stratum, which records those are, and what is to be said of it.

Pure arithmetic on a census. The draw is no secret: whoever chooses the ids could choose the sample, which is why
recordings are made or witnessed by a protected job.
"""

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Self

from twokey.config.shape import Sample
from twokey.gates.base import Scans
from twokey.gates.shown import shown_names
from twokey.record import SOURCES, Record, Source
from twokey.sample.counting import Census
from twokey.sample.keys import SAMPLE, key


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What was drawn of one source. `wanted` is None for all; `strata` holds (stratum, available, drawn), by name."""

    source: Source
    wanted: int | None
    strata: tuple[tuple[str, int, int], ...]

    @property
    def available(self) -> int:
        """How many records of this source there are."""
        return sum(there for _, there, _ in self.strata)

    @property
    def drawn(self) -> int:
        """How many of them are in the sample."""
        return sum(drawn for _, _, drawn in self.strata)

    def plain(self) -> dict[str, Any]:
        """Return the JSON form."""
        strata = [{"stratum": name, "available": there, "drawn": drawn} for name, there, drawn in self.strata]
        wanted = "all" if self.wanted is None else self.wanted
        return {"available": self.available, "drawn": self.drawn, "wanted": wanted, "strata": strata}


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """The sample: what it takes, and what is to be said of it. Picklable.

    `whole` are the sources of which every record is wanted; of the others, those are taken whose key is in `keys`.
    """

    seed: int
    shares: tuple[Share, ...]
    whole: frozenset[Source]
    keys: frozenset[int]
    notes: tuple[str, ...]

    @property
    def size(self) -> int:
        """How many records are drawn."""
        return sum(share.drawn for share in self.shares)

    def takes(self, record: Record) -> bool:
        """Say whether a record of the candidate is in the sample."""
        return record.source in self.whole or key(record.id, self.seed, SAMPLE) in self.keys

    def takes_paired(self, record: Record) -> bool:
        """Say whether a record of another recording is about a case of the sample, or is drawn with it (`and_of`).

        Exact by id, whatever source and stratum the other gives, except where all of a source is wanted: then every
        record of it is taken, and pairing by id leaves out those without a pair.
        """
        return bool(self.whole) or key(record.id, self.seed, SAMPLE) in self.keys

    def and_of(self, other: Self) -> Self:
        """Return both samples together: the cases of this one, and what the same rule draws of another recording.

        An id has one key in both, so of the same cases the same are drawn; of other cases there are enough to compare
        the recordings as a whole.
        """
        return replace(self, keys=self.keys | other.keys)

    def plain(self) -> dict[str, Any]:
        """Return the JSON form for results.json; nothing in it depends on the order of the file."""
        sources = {share.source: share.plain() for share in self.shares}
        return {"seed": self.seed, "drawn": self.size, "sources": sources, "notes": list(self.notes)}


def draw(census: Census, sample: Sample, scanner: Scans | None = None) -> Drawn:
    """Draw the sample that the config asks for from what the census counted.

    Of each source as many as wanted, its strata in proportion, and in each stratum the records with the smallest keys.
    A stratum may be too small to be drawn from; the notes say so. Records of unknown source are a source of their own,
    of which as many are drawn as of synthetic and production together, and all where either is `all`: otherwise
    whatever names neither would never be judged. What the scanner sees in the name of a stratum is not shown.

    Raises ValueError where the census' keys are not those of the sample, and not all is wanted.
    """
    wanted: dict[Source, int | None] = {
        "synthetic": sample.synthetic.count,
        "production": sample.production.count,
        "unknown": _of_unknown(sample),
    }
    if census.purpose != SAMPLE and any(count is not None for count in wanted.values()):
        raise ValueError(f"keys made for {census.purpose!r} are nothing to draw a sample by")
    shown = shown_names((stratum for _, stratum in census.keys), scanner, within=sample.stratify_by or "")
    shares: list[Share] = []
    keys: set[int] = set()
    for source in SOURCES:
        there = {stratum: len(found) for (origin, stratum), found in sorted(census.keys.items()) if origin == source}
        parts = apportion(there, wanted[source])
        for stratum, part in parts.items():
            if wanted[source] is not None:
                keys.update(heapq.nsmallest(part, census.keys[source, stratum]))
        strata = tuple((shown[stratum], there[stratum], part) for stratum, part in parts.items())
        shares.append(Share(source=source, wanted=wanted[source], strata=strata))
    whole = frozenset(source for source in SOURCES if wanted[source] is None)
    notes = tuple(_notes(shares, sample.stratify_by))
    return Drawn(seed=census.seed, shares=tuple(shares), whole=whole, keys=frozenset(keys), notes=notes)


def _of_unknown(sample: Sample) -> int | None:
    synthetic, production = sample.synthetic.count, sample.production.count
    return None if synthetic is None or production is None else synthetic + production


def apportion(there: Mapping[str, int], wanted: int | None) -> dict[str, int]:
    """Divide `wanted` among strata in proportion to their sizes, or take all where there are no more than that.

    By largest remainder (Hamilton's method); equal remainders go to the larger stratum, then by name.
    """
    total = sum(there.values())
    if wanted is None or wanted >= total:
        return dict(there)
    parts = {stratum: wanted * size // total for stratum, size in there.items()}
    by_remainder = sorted(there, key=lambda stratum: (-(wanted * there[stratum] % total), -there[stratum], stratum))
    for stratum in by_remainder[: wanted - sum(parts.values())]:
        parts[stratum] += 1
    return parts


def _notes(shares: Sequence[Share], stratify_by: str | None) -> Iterator[str]:
    for share in shares:
        there, wanted = share.available, share.wanted
        if share.source == "unknown":
            if there:
                told = f"{there:,} records carry no known source: they count as unknown"
                yield f"{told}, and {share.drawn:,} of them are judged"
        elif wanted is not None and there < wanted:
            yield f"wanted {wanted:,} {share.source} records, the recording has {there:,}"
    drawn, total = sum(share.drawn for share in shares), sum(share.available for share in shares)
    if drawn < total:
        yield f"{drawn:,} of {total:,} records are judged; the others were not drawn"
    if stratify_by is not None:
        yield from _stratum_notes(shares, stratify_by)


def _stratum_notes(shares: Sequence[Share], stratify_by: str) -> Iterator[str]:
    without = sum(there for share in shares for stratum, there, _ in share.strata if stratum == "")
    if without:
        yield f"{without:,} records carry no {stratify_by}: they are a stratum of their own"
    for share in shares:
        missed = [repr(stratum) for stratum, _, drawn in share.strata if not drawn]
        if share.drawn and missed:
            names = ", ".join(missed[:5]) + (", ..." if len(missed) > 5 else "")
            yield f"no {share.source} record is drawn of {len(missed):,} small strata of {stratify_by}: {names}"
