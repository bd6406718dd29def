"""The one scan: all detectors' patterns in a single pass over a field, and confirmation only where something hit.

An output without harm costs one pass of one automaton; inputs are only scanned where a detector asks for them. Judging
what was seen is the safety gate's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any

from twokey.detectors.allowed import Allowed
from twokey.detectors.base import Detector
from twokey.detectors.expression import encodable
from twokey.detectors.matcher import CLEAN, Loaded, Matcher, hides_inputs, loaded
from twokey.detectors.redact import Marks, hide_seen, previews, redact_value
from twokey.errors import TwokeyError
from twokey.record import Record, Sighting, flatten

_OUTPUT, _INPUT = attrgetter("output"), attrgetter("input")


@dataclass(frozen=True, slots=True)
class Scanner:
    """Finds what the detectors see, and hides it. Picklable; it compiles itself once in each process that scans.

    What policy allows by name is marked in records, so that it is counted apart; hidden it is like the rest.
    """

    detectors: tuple[Detector, ...]
    allowances: tuple[Allowed, ...] = ()
    # A handle on the process's cache: looking up a tuple of word lists would cost more than the scan.
    _loaded: Loaded | None = field(default=None, init=False, repr=False, compare=False)

    def __reduce__(self) -> tuple[type["Scanner"], tuple[Any, ...]]:
        """Pickle the detectors alone: compiled things stay in their process."""
        return (Scanner, (self.detectors, self.allowances))

    def load(self) -> Loaded:
        """Compile, or return what this process compiled before. Raises TwokeyError naming the detector that fails."""
        found = self._loaded
        if found is None:
            found = loaded(self.detectors)
            object.__setattr__(self, "_loaded", found)
        return found

    def scan(self, text: str) -> tuple[Sighting, ...]:
        """Return what is not to be shown of a text, in order of place; offsets are in characters.

        Whatever lies wholly inside a redaction's mark is none. Raises TwokeyError if a detector or the scan fails.
        """
        return self._scan(text, (self._loaded or self.load()).hidden)

    def scan_value(self, value: Any) -> tuple[Sighting, ...]:
        """Return what is not to be shown of a text or structure; offsets are those of the flattened text."""
        return self.scan(flatten(value)) if value is not None else ()

    def scan_values(self, values: Iterable[Any]) -> list[tuple[Sighting, ...]]:
        """Return what is not to be shown of each of many values, as `scan_value` does, faster where most are clean."""
        return self._scan_all(values, (self._loaded or self.load()).hidden)

    def scan_records(self, records: Sequence[Record]) -> list[tuple[Sighting, ...]]:
        """Return what the detectors see in each record: in its output, in its input, and in the record as a whole."""
        known = self._loaded or self.load()
        seen = self._scan_all(map(_OUTPUT, records), known.outputs)
        if known.inputs is not None:
            asked = self._scan_all(map(_INPUT, records), known.inputs)
            seen = [told + said if said else told for told, said in zip(seen, asked, strict=True)]
        if known.weighing:
            every = any(each for _, each in known.weighing)
            seen = [
                _weighed(record, found, known) if found or every else found
                for record, found in zip(records, seen, strict=True)
            ]
        if self.allowances:
            seen = [
                self._marked(record, found) if found else found for record, found in zip(records, seen, strict=True)
            ]
        return seen

    def redact_value(self, value: Any, seen: Iterable[Sighting] = ()) -> Any:
        """Return the value with marks in place of what was `seen` in it and of all else that is not to be shown."""
        return redact_value(hide_seen(value, self._not_shown(seen)), self)

    def previews(self, value: Any, places: Sequence[tuple[int, int]], seen: Iterable[Sighting] = ()) -> tuple[str, ...]:
        """Return for each place in the flattened value the words around it, redacted as `redact_value` does."""
        return previews(flatten(value), places, self, self._not_shown(seen))

    def _not_shown(self, seen: Iterable[Sighting]) -> list[Sighting]:
        shown = {one.name for one in self.detectors if not hides_inputs(one)}
        return [sighting for sighting in seen if sighting.field == "output" or sighting.detector not in shown]

    @property
    def marks(self) -> Marks:
        """The marks that stand in redacted text."""
        return self.load().marks

    @property
    def allowed(self) -> tuple[Mapping[str, str], ...]:
        """What policy allows by name, in the order of `Sighting.allowed`: rule, why and until."""
        return tuple(one.plain() for one in self.allowances)

    @property
    def not_looked_for(self) -> Mapping[str, tuple[str, ...]]:
        """What detectors know that they do not look for, a sentence each, by detector."""
        found = {one.name: tuple(getattr(one, "blind", ())) for one in self.detectors}
        return {name: sentences for name, sentences in found.items() if sentences}

    def _scan_all(self, values: Iterable[Any], matcher: Matcher) -> list[tuple[Sighting, ...]]:
        texts = list(map(flatten, values))
        try:
            hits = list(map(matcher.match, map(str.encode, texts)))
        except UnicodeEncodeError:
            return [self._scan(text, matcher) for text in texts]
        return [
            () if found == CLEAN else self._confirm(text, found, matcher) if found else self._scan(text, matcher)
            for text, found in zip(texts, hits, strict=True)
        ]

    def _scan(self, text: str, matcher: Matcher) -> tuple[Sighting, ...]:
        text = encodable(text)
        hits = matcher.match(text.encode())
        if hits is not None and len(hits) == 1:
            return ()
        if not hits:
            size = len(text.encode())
            raise TwokeyError(
                f"the scan of an {matcher.field} of {size:,} bytes ran out of memory", hint="fewer or simpler rules"
            )
        return self._confirm(text, hits, matcher)

    def _confirm(self, text: str, hits: list[int], matcher: Matcher) -> tuple[Sighting, ...]:
        seen: set[Sighting] = set()
        for owner, rules in matcher.rules(hits):
            seen.update(self.detectors[owner].confirm(text, rules))
        if not seen:
            return ()
        inside = self.marks.covers(text)
        found = sorted((one for one in seen if not inside(one.start, one.end)), key=_order)
        return tuple(found if matcher.field == "output" else [replace(one, field=matcher.field) for one in found])

    def _marked(self, record: Record, seen: tuple[Sighting, ...]) -> tuple[Sighting, ...]:
        """Mark what policy allows by name. Of several that allow the same, the one that holds longest counts."""
        rules = {one.rule for one in self.allowances}
        if not any(one.tag in rules for one in seen):
            return seen
        texts = {"output": encodable(flatten(record.output)), "input": encodable(flatten(record.input))}
        return tuple(
            replace(one, allowed=self._allowing(one.tag, texts[one.field][one.start : one.end])) for one in seen
        )

    def _allowing(self, tag: str, text: str) -> int | None:
        covering = [
            (one.until, -index) for index, one in enumerate(self.allowances) if one.rule == tag and one.covers(text)
        ]
        return -max(covering)[1] if covering else None


def _weighed(record: Record, seen: tuple[Sighting, ...], known: Loaded) -> tuple[Sighting, ...]:
    """Let each detector that looks at whole records say which of its sightings stand."""
    for detector, every in known.weighing:
        own = tuple([one for one in seen if one.detector == detector.name])
        if (own or every) and (stands := detector.weigh(record, own)) != own:
            others = [one for one in seen if one.detector != detector.name]
            seen = tuple(sorted({*others, *stands}, key=_order))
    return seen


def _order(sighting: Sighting) -> tuple[bool, int, int, str, str, str]:
    outside = sighting.field != "output"
    return (outside, sighting.start, -sighting.end, sighting.detector, sighting.rule, sighting.severity)
