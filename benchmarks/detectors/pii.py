"""The pii detector beside Presidio's pattern recognisers, on sentences with labelled spans and on clean questions.

Compared are the kinds that both look for and that the corpus labels. Its dates, websites, places, names and postal
addresses are none of them: a date is no personal data by itself, a website is public, and the rest needs a language
model. Presidio runs without one, on a blank pipeline. What either tool sees of other kinds is not counted here.
"""

import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.detectors.row import Row
from twokey.detectors.pii import PiiDetector
from twokey.detectors.scan import Scanner

KINDS = {
    "credit-card": "CREDIT_CARD",
    "phone": "PHONE_NUMBER",
    "email": "EMAIL_ADDRESS",
    "iban": "IBAN_CODE",
    "us-ssn": "US_SSN",
    "ip-address": "IP_ADDRESS",
    "ipv6-address": "IP_ADDRESS",
    "driving-licence": "US_DRIVER_LICENSE",
}
ROUNDS = 5
LONG = 1_300
FEW = 2_000
TIMED = 300
THRESHOLD = 0.4
Seen = set[tuple[str, int, int]]
Tool = Callable[[list[str]], list[Seen]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A text and the spans of the compared kinds in it."""

    text: str
    spans: frozenset[tuple[str, int, int]]


def rows(data: Path) -> Iterator[Row]:
    """Yield the table's lines; `data` is the folder with `pii/` and `intents/`."""
    labelled, clean = _labelled(data / "pii" / "generated_large.jsonl"), _clean(data / "intents")
    tools: dict[str, Tool] = {"twokey": _twokey()}
    peer = _presidio(0.0)
    if peer is None:
        yield Row(
            kind="pii", corpus="generated_large", tool="presidio", note="not installed: pip install presidio-analyzer"
        )
    else:
        tools["presidio"] = peer
        tools[f"presidio, score >= {THRESHOLD}"] = _presidio(THRESHOLD) or peer
    few = random.Random(7).sample(clean, FEW)  # noqa: S311 a draw that anybody can repeat
    for name, tool in tools.items():
        texts = clean if name == "twokey" else few
        yield _accuracy(name, tool, labelled, texts)
    dense = [one.text for one in labelled if one.spans][:TIMED]
    yield from _speed("1.3 kB, 2% with hits", _mostly_clean(clean, dense), tools)
    yield from _speed("generated_large, each with a hit", dense, tools)


def _accuracy(name: str, tool: Tool, labelled: list[Labelled], clean: list[str]) -> Row:
    seen = tool([one.text for one in labelled])
    gold = [one.spans for one in labelled]
    told, there = sum(map(len, seen)), sum(map(len, gold))
    right = sum(any(_overlap(a, b) for b in spans) for found, spans in zip(seen, gold, strict=True) for a in found)
    caught = sum(any(_overlap(a, b) for a in found) for found, spans in zip(seen, gold, strict=True) for b in spans)
    exact = sum(len(found & spans) for found, spans in zip(seen, gold, strict=True))
    flagged = sum(map(bool, tool(clean)))
    precision, recall = right / told, caught / there
    return Row(
        kind="pii",
        corpus=f"generated_large ({there} spans), {len(clean):,} clean questions",
        tool=name,
        precision=precision,
        recall=recall,
        f1=2 * precision * recall / (precision + recall),
        false_alarms=1_000 * flagged / len(clean),
        note=f"micro over {len(set(KINDS.values()))} kinds, spans that overlap; with equal spans F1 is "
        f"{2 * exact / (told + there):.3f}; by kind {_by_kind(seen, gold)}",
    )


def _by_kind(seen: list[Seen], gold: list[frozenset[tuple[str, int, int]]]) -> str:
    parts = []
    for kind in sorted(set(KINDS.values())):
        found = [{one for one in some if one[0] == kind} for some in seen]
        spans = [{one for one in some if one[0] == kind} for some in gold]
        right = sum(any(_overlap(a, b) for b in bs) for some, bs in zip(found, spans, strict=True) for a in some)
        caught = sum(any(_overlap(a, b) for a in some) for some, bs in zip(found, spans, strict=True) for b in bs)
        precision, recall = right / (sum(map(len, found)) or 1), caught / (sum(map(len, spans)) or 1)
        parts.append(f"{kind} {2 * precision * recall / ((precision + recall) or 1):.2f}")
    return ", ".join(parts)


def _overlap(a: tuple[str, int, int], b: tuple[str, int, int]) -> bool:
    return a[0] == b[0] and a[1] < b[2] and b[1] < a[2]


def _speed(corpus: str, texts: list[str], tools: dict[str, Tool]) -> Iterator[Row]:
    """Yield a row for each tool: the median of several rounds, in each of which all tools take their turn."""
    took: dict[str, list[float]] = {name: [] for name in tools}
    for tool in tools.values():
        tool(texts[:20])
    for _ in range(ROUNDS):
        for name, tool in tools.items():
            start = time.perf_counter()
            tool(texts)
            took[name].append(time.perf_counter() - start)
    for name, seconds in took.items():
        ratio = statistics.median(b / a for a, b in zip(took["twokey"], seconds, strict=True))
        yield Row(
            kind="pii",
            corpus=corpus,
            tool=name,
            per_second=len(texts) / statistics.median(seconds),
            note="" if name == "twokey" else f"twokey is {ratio:,.0f} times as fast (median of pairs)",
        )


def _twokey() -> Tool:
    scanner = Scanner((PiiDetector(),))
    scanner.load()

    def tool(texts: list[str]) -> list[Seen]:
        found = scanner.scan_values(texts)
        return [{(KINDS[one.rule], one.start, one.end) for one in some if one.rule in KINDS} for some in found]

    return tool


def _presidio(threshold: float) -> Tool | None:
    """Return Presidio's analyzer on a blank pipeline, asked for the same kinds, or None where it is not installed."""
    try:
        import spacy
        import tldextract
        from presidio_analyzer import AnalyzerEngine
        from presidio_analyzer.nlp_engine import SpacyNlpEngine
    except ImportError:
        return None

    # Its e-mail recogniser would ask the network for the list of public suffixes: the one that it ships is enough.
    tldextract.tldextract.TLD_EXTRACTOR = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    class Blank(SpacyNlpEngine):  # type: ignore[misc] # it has no types where it is not installed
        def __init__(self) -> None:
            super().__init__()
            self.nlp = {"en": spacy.blank("en")}

        def load(self) -> None:
            """Do nothing: there is no model to load."""

    engine: Any = AnalyzerEngine(nlp_engine=Blank(), supported_languages=["en"])
    kinds = sorted(set(KINDS.values()))

    def tool(texts: list[str]) -> list[Seen]:
        return [
            {
                (one.entity_type, one.start, one.end)
                for one in engine.analyze(text=text, language="en", entities=kinds, score_threshold=threshold)
            }
            for text in texts
        ]

    return tool


def _labelled(path: Path) -> list[Labelled]:
    compared = set(KINDS.values())
    return [
        Labelled(
            text=row["text"],
            spans=frozenset((one["type"], one["start"], one["end"]) for one in row["spans"] if one["type"] in compared),
        )
        for row in map(json.loads, path.read_text().splitlines())
    ]


def _clean(folder: Path) -> list[str]:
    return [
        json.loads(line)["text"] for path in sorted(folder.glob("*.jsonl")) for line in path.read_text().splitlines()
    ]


def _mostly_clean(clean: list[str], dense: list[str]) -> list[str]:
    """Return texts of about 1.3 kB made of clean questions; every fiftieth has a sentence with personal data in it."""
    questions = iter(random.Random(7).sample(clean, len(clean)))  # noqa: S311 as above
    texts = []
    for number in range(TIMED):
        parts = [dense[number % len(dense)]] if number % 50 == 0 else []
        while sum(map(len, parts)) < LONG:
            parts.append(next(questions))
        texts.append(". ".join(parts))
    return texts


if __name__ == "__main__":
    for line in rows(Path(sys.argv[1])):
        print(line)
