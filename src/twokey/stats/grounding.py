"""Which words, numbers, dates, names, quotations and addresses of a text are not in the texts that it should rest on.

What it cannot see: anything said with the sources' own words. A negation, a swapped name or a wrong relation passes; a
correct paraphrase, a translation or common knowledge is flagged. Labels by people or by a calibrated judge replace it
wherever they are given. What was measured is in docs/detectors.md.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from twokey.stats.grounding_claims import Claim, Kind, Sources, capital, claims, named_number, within_sentence
from twokey.stats.grounding_words import FUNCTION_WORDS, folded, placed_words, sentences

UNSUPPORTED_ABOVE = 0.5
"""An answer, or a sentence of it, is flagged where a greater share of its words is new.

By reasoning: what says less than half in the sources' words is no restatement of them. Its recall and false alarms on
two labelled files were looked at before it was kept; lower ones find more, and flag more paraphrase.
"""

SCALE = 10_000
"""Shares are whole ten-thousandths."""

CONTENT, FUNCTION = 2, 1
"""What a new word weighs. Function words are in nearly every text, so that a new one says little, but something.

The half, and the folding of inflections, were chosen among 58 ways of counting whose AUROC on BEGIN's dev answers was
looked at: 0.91 without either, 0.94 with both. That figure is of data that had a say, and not of a test set.
"""

FEWEST = 4
"""Content words that a sentence has at least, for its share to flag the answer by itself."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of the text, `text[start:end]`, that no source has, and what it is."""

    start: int
    end: int
    kind: Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """One sentence, `text[start:end]`, what in it is unsupported, and whether it is flagged.

    `share` is that of its words that are new, in ten-thousandths; None where it has no content word.
    """

    start: int
    end: int
    unsupported: tuple[Span, ...]
    share: int | None
    flagged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounding:
    """How an answer compares with its sources. `share` as in a sentence; a flagged answer has a flagged sentence."""

    share: int | None
    sentences: tuple[Sentence, ...]
    flagged: bool

    @property
    def spans(self) -> Iterator[Span]:
        """What is unsupported, in order."""
        return (span for sentence in self.sentences for span in sentence.unsupported)


class Word(NamedTuple):
    """A word of the text at its place; `key` is the same for all its forms, `weight` what it counts if it is new."""

    start: int
    end: int
    key: str
    weight: int
    new: bool
    name: bool = False


def check(text: str, sources: Sequence[str], above: float = UNSUPPORTED_ABOVE) -> Grounding:
    """Compare a text with its sources, sentence by sentence.

    A sentence is flagged where it states something exact that no source has (a number, a date, a name, a quotation, an
    address), or where it has at least four content words and the share of its words that are new is greater than
    `above`. An answer is flagged where a sentence is, or where the share of all its words is greater than `above`; then
    the sentences with the greatest share are flagged, too. A new function word counts half.
    """
    known = Sources("\n".join(sources))
    stated = claims(text, known)
    return weighed(text, placed(text, known, stated), stated, above)


def weighed(text: str, found: Sequence[Word], stated: Sequence[Claim], above: float) -> Grounding:
    """Return what the words of a text, and what it states exactly, come to."""
    total = share(found)
    parts: list[Sentence] = []
    word = claim = 0
    for first, last in sentences(text):
        past, beyond = word, claim
        while past < len(found) and found[past].start < last:
            past += 1
        while beyond < len(stated) and stated[beyond].start < last:
            beyond += 1
        parts.append(_sentence(first, last, found[word:past], stated[claim:beyond], above))
        word, claim = past, beyond
    over = total is not None and total > above * SCALE
    if over and not any(part.flagged for part in parts):
        worst = max(part.share or 0 for part in parts)
        parts = [replace(part, flagged=part.share == worst) for part in parts]
    return Grounding(share=total, sentences=tuple(parts), flagged=any(part.flagged for part in parts))


def placed(text: str, known: Sources, stated: Iterable[Claim]) -> list[Word]:
    """Return the words of a text, each with whether it is new; what a number or date states decides for its words."""
    exact = [one for one in stated if one.kind != "quotation"]
    supported, found = known.folded, list[Word]()
    capitals = at = 0
    for match in placed_words(text):
        start, end = match.span()
        while at < len(exact) and exact[at].end <= start:
            at += 1
        written = match[0]
        key = folded(written)
        if at < len(exact) and exact[at].start < end:
            found.append(Word(start, end, key, CONTENT, not exact[at].supported))
            continue
        weight = FUNCTION if key in FUNCTION_WORDS else CONTENT
        large = weight == CONTENT and capital(written)
        capitals += large
        new = key not in supported and not _number_known(written, known)
        name = new and large and len(written) > 1 and within_sentence(text, start)
        found.append(Word(start, end, key, weight, new, name))
    if 2 * capitals > len(found):  # a title, or shouted
        return [word._replace(name=False) if word.name else word for word in found]
    return found


def _number_known(written: str, known: Sources) -> bool:
    digits = named_number(written)
    return digits is not None and digits in known.numbers


def share(found: Iterable[Word]) -> int | None:
    """Return which share of the distinct words is new, in ten-thousandths; None where there is no content word."""
    distinct = {word.key: word for word in found}.values()
    total = sum([word.weight for word in distinct])
    if total == len(distinct):  # function words alone, or nothing
        return None
    new = sum([word.weight for word in distinct if word.new])
    return (2 * SCALE * new + total) // (2 * total)


def _sentence(first: int, last: int, inside: Sequence[Word], stated: Sequence[Claim], above: float) -> Sentence:
    exact = [Span(one.start, one.end, one.kind) for one in stated if not one.supported]
    exact += [Span(word.start, word.end, "name") for word in inside if word.name]
    of_all = share(inside)
    enough = sum([word.weight == CONTENT for word in inside]) >= FEWEST
    over = enough and of_all is not None and of_all > above * SCALE
    spans = tuple(_spans(inside, exact))
    return Sentence(start=first, end=last, unsupported=spans, share=of_all, flagged=over or bool(exact))


def _spans(inside: Sequence[Word], exact: Sequence[Span]) -> list[Span]:
    """Return what is new, in order of place: what is stated exactly, and single words; nothing overlaps.

    Function words are told only where there is nothing else to tell.
    """
    fresh = [word for word in inside if word.new]
    telling = [word for word in fresh if word.weight == CONTENT]
    new = [Span(word.start, word.end, "word") for word in telling or ([] if exact else fresh)]
    if not exact:
        return new
    taken: list[Span] = []
    for span in sorted((*exact, *new), key=lambda span: (span.start, -span.end, span.kind == "word")):
        if not taken or taken[-1].end <= span.start:
            taken.append(span)
    return taken
