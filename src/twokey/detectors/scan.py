"""The one scan: all detectors' patterns in a single pass over an output, and confirmation only where something hit.

An output without harm costs one pass of one automaton. A detector that does not compile is an error here, never a
detector that sees nothing. Judging what was seen is the safety gate's.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from twokey.detectors.base import Detector
from twokey.detectors.expression import BadExpression, compiled_set
from twokey.detectors.redact import Marks, redact_value
from twokey.errors import TwokeyError
from twokey.record import Sighting, flatten

# Matches every text, at its end: an answer without it means that the scan did not get there.
_CANARY = r"\z"
_CLEAN = [0]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Loaded:
    """What a worker process keeps: the matcher, and for each of its members the detector's index and the rule."""

    match: Any
    owners: tuple[tuple[int, str], ...]
    marks: Marks


@dataclass(frozen=True, slots=True)
class Scanner:
    """Finds what the detectors see, and hides it. Picklable; it compiles itself once in each process that scans."""

    detectors: tuple[Detector, ...]
    # A handle on the process's cache: looking up a tuple of word lists would cost more than the scan.
    _loaded: _Loaded | None = field(default=None, init=False, repr=False, compare=False)

    def __reduce__(self) -> tuple[type["Scanner"], tuple[tuple[Detector, ...]]]:
        """Pickle the detectors alone: compiled things stay in their process."""
        return (Scanner, (self.detectors,))

    def load(self) -> _Loaded:
        """Compile, or return what this process compiled before. Raises TwokeyError naming the detector that fails."""
        loaded = self._loaded
        if loaded is None:
            loaded = _load(self.detectors)
            object.__setattr__(self, "_loaded", loaded)
        return loaded

    def scan(self, text: str) -> tuple[Sighting, ...]:
        """Return what the detectors see in a text, in order of place; offsets are in characters.

        Whatever lies wholly inside a redaction's mark is none. Raises TwokeyError if a detector or the scan fails.
        """
        loaded = self._loaded or self.load()
        try:
            data = text.encode()
        except UnicodeEncodeError:
            # A lone surrogate has no UTF-8. One character for one: the offsets stay.
            data = text.encode("utf-8", "replace")
            text = data.decode()
        hits = loaded.match(data)
        if hits is not None and len(hits) == 1:
            return ()
        if not hits:
            raise TwokeyError(
                f"the scan of an output of {len(data):,} bytes ran out of memory", hint="fewer or simpler rules"
            )
        return self._confirm(text, hits, loaded)

    def scan_value(self, value: Any) -> tuple[Sighting, ...]:
        """Return what the detectors see in a text or structure; offsets are those of the flattened text."""
        return self.scan(flatten(value)) if value is not None else ()

    def scan_values(self, values: Iterable[Any]) -> list[tuple[Sighting, ...]]:
        """Return what the detectors see in each of many values, as `scan_value` does, faster where most are clean."""
        loaded = self._loaded or self.load()
        texts = list(map(flatten, values))
        try:
            hits = list(map(loaded.match, map(str.encode, texts)))
        except UnicodeEncodeError:
            return list(map(self.scan, texts))
        return [
            () if found == _CLEAN else self._confirm(text, found, loaded) if found else self.scan(text)
            for text, found in zip(texts, hits, strict=True)
        ]

    def redact_value(self, value: Any) -> Any:
        """Return the value with marks in place of all that is seen in it; nothing in the result is seen any more."""
        return redact_value(value, self)

    @property
    def marks(self) -> Marks:
        """The marks that stand in redacted text."""
        return self.load().marks

    def _confirm(self, text: str, hits: list[int], loaded: _Loaded) -> tuple[Sighting, ...]:
        rules: dict[int, set[str]] = {}
        for index in hits:
            if index:
                owner, rule = loaded.owners[index - 1]
                rules.setdefault(owner, set()).add(rule)
        seen: set[Sighting] = set()
        for owner in sorted(rules):
            seen.update(self.detectors[owner].confirm(text, frozenset(rules[owner])))
        if not seen:
            return ()
        inside = loaded.marks.covers(text)
        return tuple(sorted((s for s in seen if not inside(s.start, s.end)), key=_order))


def _order(sighting: Sighting) -> tuple[int, int, str, str, str]:
    return (sighting.start, -sighting.end, sighting.detector, sighting.rule, sighting.severity)


@lru_cache(maxsize=16)
def _load(detectors: tuple[Detector, ...]) -> _Loaded:
    names = [detector.name for detector in detectors]
    if not names or len(set(names)) != len(names):
        raise TwokeyError("a scan needs detectors, each once", hint=f"given: {', '.join(names) or 'none'}")
    members: list[tuple[int, str, str]] = []
    for owner, detector in enumerate(detectors):
        patterns = [(owner, pattern.rule, pattern.expression) for pattern in detector.patterns()]
        _check(detector.name, patterns)
        members += patterns
    try:
        together = compiled_set((_CANARY, *(expression for _, _, expression in members)))
    except BadExpression as error:
        raise TwokeyError(f"the detectors {', '.join(names)} do not fit in one scan: {error}") from None
    return _Loaded(
        match=together.Match,
        owners=tuple((owner, rule) for owner, rule, _ in members),
        marks=Marks(tags=frozenset(f"{names[owner]}.{rule}" for owner, rule, _ in members)),
    )


def _check(name: str, patterns: list[tuple[int, str, str]]) -> None:
    if not patterns:
        raise TwokeyError(f"the detector {name} failed to load: it looks for nothing")
    for _, rule, expression in patterns:
        try:
            found = compiled_set((_CANARY, expression)).Match(b"")
        except BadExpression as error:
            raise TwokeyError(f"the detector {name} failed to load: {rule}: {error}") from None
        if found != [0]:
            raise TwokeyError(f"the detector {name} failed to load: {rule} matches the empty text")
