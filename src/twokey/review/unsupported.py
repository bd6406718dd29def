"""What of a shown answer its context does not say: the places that a reviewer should look at first.

Places are offsets into the text that people see, after redaction and shortening, so nothing that was hidden can be told
from them; the sources are the record's own and whole, so that what was cut from the shown context is not missing. It is
a list of what is new, by comparison of words; whether that is wrong is for the reviewer to say.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from twokey.record import Record
from twokey.scorers.texts import texts
from twokey.stats.grounding import SCALE, Sentence, Span, check

MOST = 40
"""Places that an item has at most, the first ones."""

MUCH = SCALE // 4
"""A sentence of which more is new has its new words marked, though only half would flag it."""

MAX_SOURCE = 200_000
"""Characters of a context and of an input that are looked at; a longer one cannot be compared in full, and is not."""

KINDS = ("word", "number", "date", "name", "quotation", "url")

# What redaction and shortening put into the text is not the model's.
_MARKS = re.compile(r"\[(?:redacted(?:\.[0-9]+)?|[a-z0-9-]+\.[a-z0-9-]+)\]|\n\[[0-9,]+ more characters: not shown\]")


def unsupported(record: Record, shown: Any) -> list[dict[str, Any]] | None:
    """Return the places in the shown output's texts that are in neither context nor input, with their kinds.

    None where there is nothing to compare: no context, no text, or too long a source. Offsets are characters of the
    texts of the output, joined by line feeds (`scorers.texts.texts`): of an output that is a text, of itself.
    """
    sources = [texts(record.context), texts(record.input)]
    text = texts(shown)
    if record.context is None or not sources[0].strip() or max(map(len, sources)) > MAX_SOURCE:
        return None
    found = check(text, sources)
    if found.share is None:
        return None
    marks = [match.span() for match in _MARKS.finditer(text)]
    places = [
        span
        for sentence in found.sentences
        for span in _worth_telling(sentence, text)
        if not any(first < span.end and span.start < last for first, last in marks)
    ]
    return [{"start": span.start, "end": span.end, "kind": span.kind} for span in places[:MOST]]


def _worth_telling(sentence: Sentence, text: str) -> Iterator[Span]:
    """Yield what is stated exactly, and where much of a sentence is new its new words, neighbours as one."""
    run: Span | None = None
    much = sentence.flagged or (sentence.share or 0) > MUCH
    for span in sentence.unsupported:
        if span.kind != "word":
            yield from (run,) if run else ()
            run = None
            yield span
        elif much:
            if run and not text[run.end : span.start].strip(" "):
                run = Span(run.start, span.end, "word")
            else:
                yield from (run,) if run else ()
                run = span
    yield from (run,) if run else ()


def marked(item: Mapping[str, Any]) -> tuple[tuple[str, str | None], ...]:
    """Return the output of an item as people read it, in parts: each with the kind of what is new, or None.

    Nothing where the item has no such place, or where its output is a structure that is not read as plain lines.
    """
    places, output = _sound(item), item.get("output")
    if not places:
        return ()
    if isinstance(output, str):
        return _parts(output, places)
    if not isinstance(output, Mapping) or not all(isinstance(part, (str, int, float)) for part in output.values()):
        return ()
    lines = [f"{name}: {part}" for name, part in output.items()]
    starts = _starts([len(line) for line in lines])
    heads = [start + len(f"{name}: ") for start, name in zip(starts, output, strict=True)]
    return _parts("\n".join(lines), _moved(places, list(output.values()), heads))


def without(item: Mapping[str, Any], kept: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the places of an item whose output has only some of its fields left."""
    output = item["output"]
    starts = dict(zip(kept, _starts([_size(part) for part in kept.values()]), strict=True))
    found = _moved(_sound(item), list(output.values()), [starts.get(name) for name in output])
    return [{"start": start, "end": end, "kind": kind} for start, end, kind in found]


def told(item: Mapping[str, Any]) -> str:
    """Return in words what of an item's output is new, by kind; nothing where nothing is."""
    text, by_kind = texts(item.get("output")), dict[str, list[str]]()
    for start, end, kind in _sound(item):
        by_kind.setdefault(kind, []).append(" ".join(text[start:end].split()))
    return "; ".join(f"{kind}: {', '.join(dict.fromkeys(found))}" for kind, found in by_kind.items())


def _sound(item: Mapping[str, Any]) -> list[tuple[int, int, str]]:
    """Return the places that are places, in order: evidence may come from anybody."""
    places, length = item.get("grounding"), len(texts(item.get("output")))
    found: list[tuple[int, int, str]] = []
    for place in places if isinstance(places, list) else ():
        start, end, kind = (place.get(name) for name in ("start", "end", "kind")) if isinstance(place, dict) else "???"
        reach = found[-1][1] if found else 0
        if type(start) is int and type(end) is int and kind in KINDS and reach <= start < end <= length:
            found.append((start, end, str(kind)))
    return found


def _size(part: Any) -> int:
    return len(texts(part))


def _starts(sizes: Sequence[int]) -> list[int]:
    """Return where each of some texts begins when they are joined by line feeds."""
    return [sum(sizes[:place]) + place for place in range(len(sizes))]


def _moved(
    places: Sequence[tuple[int, int, str]], fields: Sequence[Any], starts: Sequence[int | None]
) -> list[tuple[int, int, str]]:
    """Return the places moved to where each field now starts; without those in a field that is left out, or in two."""
    found: list[tuple[int, int, str]] = []
    sizes = [_size(part) for part in fields]
    for first, size, start in zip(_starts(sizes), sizes, starts, strict=True):
        if start is not None:
            inside = [place for place in places if first <= place[0] and place[1] <= first + size]
            found += [(low - first + start, high - first + start, kind) for low, high, kind in inside]
    return found


def _parts(text: str, places: Sequence[tuple[int, int, str]]) -> tuple[tuple[str, str | None], ...]:
    parts: list[tuple[str, str | None]] = []
    at = 0
    for start, end, kind in places:
        parts += [(text[at:start], None), (text[start:end], kind)]
        at = end
    return tuple(part for part in [*parts, (text[at:], None)] if part[0])
