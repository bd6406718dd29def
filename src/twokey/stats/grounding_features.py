"""What of an answer and its sources can be counted in words, as numbers that a fitted model weighs.

Every feature is a whole number of ten-thousandths, so that the same answer has the same features on every machine. What
each means stands in `FEATURES`; the version changes whenever any of them is computed differently, because weights
fitted on other features would judge something else.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import isqrt

from twokey.stats.grounding import CONTENT, SCALE, UNSUPPORTED_ABOVE, Grounding, Word, placed, share, weighed
from twokey.stats.grounding_claims import Claim, Sources, claims
from twokey.stats.grounding_words import FUNCTION_WORDS, NEGATIONS, folded, sentences, words

VERSION = "lexical/1"

FEATURES = {
    "share": "share of distinct words that are new, function words counting half",
    "new_content": "share of distinct content words that neither context nor input has",
    "new_to_context": "share of distinct content words that the context has not",
    "new_function": "share of distinct function words that are new",
    "new_pairs": "share of pairs of words in a row that are new",
    "new_triples": "share of three words in a row that are new",
    "longest_run": "longest run of words that the sources have, as a share of the answer",
    "worst_sentence": "greatest share of a sentence",
    "mean_sentence": "mean share of the sentences",
    "flagged_sentences": "share of the sentences that are flagged by default",
    "best_overlap": "mean share of a sentence's content words that one sentence of the context has",
    "worst_overlap": "least such share",
    "new_numbers": "root of the number of new numbers and dates",
    "new_names": "root of the number of new names",
    "new_quoted": "root of the number of new quotations and addresses",
    "numbers": "root of the number of numbers and dates",
    "length": "root of the number of words",
    "context_length": "root of the number of the context's words",
    "coverage": "share of the context's distinct content words that the answer has",
    "from_input": "share of the answer's distinct content words that the input has",
    "negations": "root of the number of words that negate",
    "first_person": "share of words that are of the first person",
}
"""The features by name, in their order, and what each is."""

_MOST_WORDS = 20_000
_MOST_SENTENCES = 60
_FIRST_PERSON = frozenset("i me my mine myself we us our ours".split())  # noqa: SIM905 easier to read


def features(text: str, context: str, asked: str = "") -> tuple[int, ...] | None:
    """Return the features of an answer in the order of `FEATURES`; None where it has no content word.

    `asked` is the input, which supports words as the context does. Only the first 20,000 words are looked at.
    """
    known = Sources(f"{context}\n{asked}")
    stated = claims(text, known)
    found = placed(text, known, stated)[:_MOST_WORDS]
    total = share(found)
    if total is None:
        return None
    whole = weighed(text, found, stated, UNSUPPORTED_ABOVE)
    values = {
        "share": total,
        **_of_words(found, context, asked),
        **_of_runs(text, known),
        **_of_sentences(whole, found, context),
        **_of_claims(whole, stated),
        "length": _root(len(found)),
        "context_length": _root(len(words(context))),
        "negations": _root(sum([word.key in NEGATIONS for word in found])),
        "first_person": _part(sum([word.key in _FIRST_PERSON for word in found]), len(found)),
    }
    return tuple([values[name] for name in FEATURES])


def _part(some: int, of: int) -> int:
    """Return a share in ten-thousandths, rounded half up; nothing of nothing is 0."""
    return (2 * SCALE * some + of) // (2 * of) if of else 0


def _root(count: int) -> int:
    """Return a square root in ten-thousandths, rounded down: exact, as no logarithm is on every machine."""
    return isqrt(count * SCALE * SCALE)


def _content(text: str) -> set[str]:
    return {folded(word) for word in set(words(text))} - FUNCTION_WORDS


def _of_words(found: Sequence[Word], context: str, asked: str) -> dict[str, int]:
    content = {word.key: word.new for word in found if word.weight == CONTENT}
    function = {word.key: word.new for word in found if word.weight != CONTENT}
    of_context, of_input = _content(context), _content(asked)
    return {
        "new_content": _part(sum(content.values()), len(content)),
        "new_to_context": _part(len(content.keys() - of_context), len(content)),
        "new_function": _part(sum(function.values()), len(function)),
        "coverage": _part(len(of_context & content.keys()), len(of_context)),
        "from_input": _part(len(of_input & content.keys()), len(content)),
    }


def _of_runs(text: str, known: Sources) -> dict[str, int]:
    said, source = ([word.lower() for word in each[:_MOST_WORDS]] for each in (words(text), known.words))
    pairs, triples = set(pairwise(source)), set(_triples(source))
    own_pairs, own_triples = list(pairwise(said)), list(_triples(said))
    longest = run = 0
    for triple in own_triples:  # a run in which every three words in a row are the sources': as good, and linear
        run = run + 1 if triple in triples else 0
        longest = max(longest, run)
    return {
        "new_pairs": _part(sum([pair not in pairs for pair in own_pairs]), len(own_pairs)),
        "new_triples": _part(sum([triple not in triples for triple in own_triples]), len(own_triples)),
        "longest_run": _part(longest + 2 if longest else 0, len(said)),
    }


def _triples(said: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    return zip(said, said[1:], said[2:], strict=False)


def _of_sentences(whole: Grounding, found: Sequence[Word], context: str) -> dict[str, int]:
    shares = [part.share for part in whole.sentences if part.share is not None]
    passages = [_content(context[start:end]) for start, end in sentences(context)[: 10 * _MOST_SENTENCES]]
    overlaps: list[int] = []
    for part in whole.sentences[:_MOST_SENTENCES]:
        content = {word.key for word in found if part.start <= word.start < part.end and word.weight == CONTENT}
        if content:
            best = max((len(content & passage) for passage in passages), default=0)
            overlaps.append(_part(best, len(content)))
    return {
        "worst_sentence": max(shares, default=0),
        "mean_sentence": sum(shares) // max(1, len(shares)),
        "flagged_sentences": _part(sum([part.flagged for part in whole.sentences]), len(whole.sentences)),
        "best_overlap": sum(overlaps) // max(1, len(overlaps)),
        "worst_overlap": min(overlaps, default=0),
    }


def _of_claims(whole: Grounding, stated: Sequence[Claim]) -> dict[str, int]:
    new = [span.kind for span in whole.spans]
    return {
        "new_numbers": _root(new.count("number") + new.count("date")),
        "new_names": _root(new.count("name")),
        "new_quoted": _root(new.count("quotation") + new.count("url")),
        "numbers": _root(sum([one.kind in ("number", "date") for one in stated])),
    }
