"""What the drift gate watches: each measure from two recordings' counts to its distances, facts and one number.

Nothing is concluded here: whether a distance warns depends on how many are looked at, which the gate knows.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from twokey.canonical import quantise
from twokey.config.scalars import Allowance
from twokey.gates.drift_compare import Distance, distances, gap, parts_of_bins
from twokey.gates.drift_explained import EXPLAINED as EXPLAINED  # the pages of these measures
from twokey.gates.drift_options import MAX_KS, MAX_PSI, DriftOptions, Shift
from twokey.gates.drift_tally import STEPS, Bins, Seen, length_from
from twokey.gates.drift_unseen import rise, unseen_words
from twokey.gates.limits import EACH, combined_difference, counted, estimated, proportion
from twokey.outcome import Estimate, Status

MAX_NEW_WORDS = 0.03


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A rule of policy that is exact: `count` of `total` records have something, in words `what`."""

    count: int
    total: int
    allowance: Allowance
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One measure: how far apart the recordings are, over `n` records of the candidate and `m` of the baseline.

    `watched` is the option that it belongs to. Without an estimate nothing could be compared, for the reason `missing`:
    `unable` is then its status, an error where policy names the measure. `says` comes before the distances in the
    sentence. `allowed` takes the place of distances where policy's own rule leaves nothing to chance.
    """

    name: str
    watched: str
    part: str | None = None
    n: int = 0
    m: int = 0
    estimate: Estimate | None = None
    tests: tuple[Distance, ...] = ()
    missing: str = ""
    unable: Status = Status.OFF
    says: str = ""
    allowed: Allowed | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The name with its part."""
        return f"{self.name}[{self.part}]" if self.part else self.name


def amounts(now: Seen, before: Seen, options: DriftOptions) -> Iterator[Compared]:
    """Yield the measures of what is counted in bins, and of words."""
    yield _shift("input_length", "inputs", now.input_length, before.input_length, options.inputs, length_from)
    yield _shift("input_script", "inputs", now.input_script, before.input_script, options.inputs, lambda at: at / 10)
    yield _words(now, before, options)
    yield _shift("output_length", "outputs", now.output_length, before.output_length, options.outputs, length_from)
    sure = options.confidence
    yield _shift("confidence", "confidence", now.confidence, before.confidence, sure, lambda at: at / STEPS)


def absent(name: str, watched: str, part: str | None, n: int, m: int, *, asked: bool, why: str = "") -> Compared:
    """Return a measure that cannot be taken."""
    which = "either recording" if not n and not m else "the baseline" if n else "the candidate"
    why = why or f"no record of {which} has any"
    return Compared(
        name=name, watched=watched, part=part, n=n, m=m, missing=why, unable=Status.ERROR if asked else Status.OFF
    )


def _shift(
    name: str, watched: str, now: Bins, before: Bins, limits: Shift | None, start: Callable[[int], float]
) -> Compared:
    n, m = sum(now.values()), sum(before.values())
    if not n or not m:
        return absent(name, watched, None, n, m, asked=limits is not None)
    parts = parts_of_bins(now, before)
    max_psi, max_ks = (limits.max_psi, limits.max_ks) if limits else (None, None)
    if max_psi is None and max_ks is None:
        max_psi, max_ks = (None, MAX_KS) if name == "confidence" else (MAX_PSI, None)
    shape, reach = distances(parts, MAX_PSI, None)[0], gap(now, before, MAX_KS if max_ks is None else max_ks)
    tests = (*distances(parts, max_psi, None), *([reach] if max_ks is not None else []))
    return Compared(
        name=name,
        watched=watched,
        n=n,
        m=m,
        estimate=_estimate(tests[0], n, m),
        tests=tests,
        facts={
            "psi": quantise(shape.value),
            "d": quantise(reach.value),
            "parts": [{"from": start(part.first), "candidate": part.now, "baseline": part.before} for part in parts],
        },
    )


def _estimate(test: Distance, n: int, m: int) -> Estimate:
    if test.effect != "D":
        return counted(test.value, n, test.effect)
    # Each distribution function is within its bound at 97.5% (Massart, Annals of Probability 18 (1990) 1269-1283).
    around = sum(math.sqrt(math.log(2 / (1 - EACH)) / (2 * size)) for size in (n, m))
    interval = (max(0.0, test.value - around), min(1.0, test.value + around))
    return estimated(test.value, interval, n, "Dvoretzky-Kiefer-Wolfowitz")


def _words(now: Seen, before: Seen, options: DriftOptions) -> Compared:
    asked = options.words is not None
    found = unseen_words(now, before, options.words.max if options.words else MAX_NEW_WORDS)
    if found is None:
        return absent("input_words", "words", None, now.worded, before.worded, asked=asked)
    return Compared(
        name="input_words",
        watched="words",
        n=now.worded,
        m=before.worded,
        estimate=counted(found.distance.value, now.worded, "beyond the expected"),
        tests=(found.distance,),
        says=f"{share(found.share)} of the words of inputs are not in the baseline's, and {share(found.expected)} were"
        " to be expected",
        facts={"unseen": quantise(found.share), "expected": quantise(found.expected)},
    )


def missing(now: Seen, before: Seen, options: DriftOptions) -> Compared:
    """Return the measure of fields that records lack: the one whose share rose most, and the others in its facts."""
    n, m, fields = now.answered, before.answered, sorted({*now.missing, *before.missing})
    if not n or not m:
        return absent("missing", "missing", None, n, m, asked=True)
    lacking = {name: (now.missing.get(name, 0), before.missing.get(name, 0)) for name in fields}
    tests = {name: rise(*lacking[name], n, m, options.missing.max, len(fields)) for name in fields}
    worst = max(fields, key=lambda name: (tests[name].value, name))
    after, prior = lacking[worst]
    return Compared(
        name="missing",
        watched="missing",
        n=n,
        m=m,
        estimate=combined_difference(proportion(after, n, EACH), proportion(prior, m, EACH)),
        tests=(tests[worst],),
        says=f"records without {worst} went from {share(prior / m)} to {share(after / n)}"
        if tests[worst].value
        else "no field is missing more often",
        facts={
            "fields": {
                name: {"candidate": quantise(after / n), "baseline": quantise(prior / m)}
                for name, (after, prior) in lacking.items()
                if after or prior
            }
        },
    )


def share(value: float) -> str:
    """Return a share as a percentage with one decimal."""
    return f"{100 * value:.1f}%"
