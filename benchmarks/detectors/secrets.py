"""Secrets: what twokey and detect-secrets find among made-up credentials, and what they flag among clean texts.

    python -m benchmarks.detectors.secrets ../shared/data

The peer runs where it is installed, with all its plugins and without those that look for entropy.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.detectors.row import Row
from benchmarks.detectors.secret_corpus import near_misses, samples
from benchmarks.detectors.secret_negatives import negatives

Flags = Callable[[str], bool]
INTENTS = ("banking77_train", "clinc150_train", "clinc150_val", "clinc150_oos_val")
ENTROPY = frozenset({"Base64HighEntropyString", "HexHighEntropyString"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool: whether it flags a text, what must be entered before, and at how many clean texts it is timed."""

    name: str
    flags: Flags
    within: Callable[[], AbstractContextManager[Any]] = nullcontext
    timed: int = 5000
    note: str = ""


def rows(data: Path) -> Iterator[Row]:
    """Yield a row for each tool and corpus; `data` holds `intents`."""
    clean = list(_clean(data))
    for tool in tools():
        with tool.within():
            yield from _rows(tool, clean)
    if not _has_peer():
        yield Row(kind="secrets", corpus="all", tool="detect-secrets", note="not installed: pip install detect-secrets")


def tools() -> Iterator[Tool]:
    """Yield twokey, and the peers that are installed."""
    from twokey.detectors import build_scanner

    scanner = build_scanner({"secrets": None}, lambda path: path.encode())
    yield Tool(name="twokey", flags=lambda text: bool(scanner.scan(text)), timed=30_000)
    if _has_peer():
        yield _detect_secrets("detect-secrets, all plugins", frozenset())
        yield _detect_secrets("detect-secrets, without entropy", ENTROPY)


def _has_peer() -> bool:
    try:
        import detect_secrets  # noqa: F401
    except ImportError:
        return False
    return True


def _detect_secrets(name: str, without: frozenset[str]) -> Tool:
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.core.scan import scan_line
    from detect_secrets.settings import transient_settings

    plugins = sorted({kind.__name__ for kind in get_mapping_from_secret_type_to_class().values()} - without)
    settings = {"plugins_used": [{"name": plugin} for plugin in plugins]}
    return Tool(
        name=name,
        flags=lambda text: any(any(True for _ in scan_line(line)) for line in text.splitlines()),
        within=lambda: transient_settings(settings),
        timed=500,
        note=f"{len(plugins)} plugins, line by line",
    )


def _clean(data: Path) -> Iterator[str]:
    for name in INTENTS:
        with (data / "intents" / f"{name}.jsonl").open(encoding="utf-8") as file:
            yield from (json.loads(line)["text"] for line in file)


def _rows(tool: Tool, clean: Sequence[str]) -> Iterator[Row]:
    alike = [sample.text for sample in near_misses()] + [text for _, text in negatives()]
    wrong = sum(map(tool.flags, alike))
    for kind, corpus in (("known", "formats known"), ("contextual", "told by context"), ("unknown", "no rule names")):
        texts = [sample.text for sample in samples(kind)]
        right = sum(map(tool.flags, texts))
        recall, precision = right / len(texts), right / (right + wrong) if right + wrong else None
        f1 = 2 * precision * recall / (precision + recall) if precision and recall else None
        note = f"{len(texts):,} texts; precision against {len(alike):,} look-alikes"
        yield _row(tool, corpus, precision=precision, recall=recall, f1=f1, note=note)
    yield _row(tool, "look-alikes", false_alarms=1000 * wrong / len(alike), note=f"{len(alike):,} texts")
    some = clean[:: max(1, len(clean) // tool.timed)]
    flagged = sum(map(tool.flags, some))
    note = f"{len(some):,} of {len(clean):,} texts"
    yield _row(tool, "intents", false_alarms=1000 * flagged / len(some), per_second=_speed(tool.flags, some), note=note)


def _row(tool: Tool, corpus: str, *, note: str, **figures: float | None) -> Row:
    told = f"{note}; {tool.note}" if tool.note else note
    return Row(kind="secrets", corpus=corpus, tool=tool.name, note=told, **figures)


def _speed(flags: Flags, texts: Sequence[str], times: int = 5) -> float:
    """Return texts a second, the median of several runs."""
    took = []
    for _ in range(times):
        start = time.perf_counter()
        for text in texts:
            flags(text)
        took.append(time.perf_counter() - start)
    return len(texts) / statistics.median(took)


if __name__ == "__main__":
    for row in rows(Path(sys.argv[1])):
        print(row)
