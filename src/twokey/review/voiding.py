"""Whether a decision may stand on grades, as far as sealed seeds go: what policy asks for, and what was counted.

Bundle and opening come from the files beside the decisions, where anybody may have put anything: what fits nothing says
nothing, and what is missing never helps. Counting itself is in `recounting`.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum

from twokey import canonical
from twokey.config.review import Review, Seeds
from twokey.errors import TwokeyError
from twokey.review.grades import Grades
from twokey.review.recounting import SeedCount, tally
from twokey.review.seeds import NAME, OPENING, Bundle, Opening, fault_of, parse_bundle, parse_opening
from twokey.values import dataclass

MOST_FILES = 20
"""Bundles, and openings, of one evidence that are read: more than anybody could have made in earnest."""


class SeedState(StrEnum):
    """Where the seeds of a review stand."""

    OFF = "off"  # policy asks for none
    SEALED = "sealed"  # nobody opened them yet
    COUNTED = "counted"
    VOID = "void"  # the review says nothing: too many were missed, or it was not sealed as policy asks


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedCheck:
    """Where the seeds of one grades file stand, and why; `count` where they could be counted."""

    state: SeedState
    reason: str = ""
    count: SeedCount | None = None

    @property
    def holds(self) -> bool:
        """Whether a decision may stand on the grades, as far as seeds go."""
        return self.state in (SeedState.OFF, SeedState.COUNTED)


def bundles_in(files: Mapping[str, object]) -> dict[str, Bundle]:
    """Return the sealed bundles among files beside decisions, by SHA-256; what cannot be read as one is none."""
    found: dict[str, Bundle] = {}
    for name, data in _named(files, NAME):
        try:
            found[canonical.sha256(data)] = parse_bundle(data, name)
        except TwokeyError:
            continue
    return found


def _bundle(files: Mapping[str, object], digest: str) -> Bundle | None:
    """Return the bundle of that SHA-256; no other is read, however many somebody put there."""
    for name, data in _named(files, NAME):
        if canonical.sha256(data) == digest:
            try:
                return parse_bundle(data, name)
            except TwokeyError:
                return None
    return None


def openings_in(files: Mapping[str, object]) -> tuple[Opening, ...]:
    """Return the openings among files beside decisions; what cannot be read as one is none."""
    found = []
    for name, data in _named(files, OPENING):
        try:
            found.append(parse_opening(data, name))
        except TwokeyError:
            continue
    return tuple(found)


def _named(files: Mapping[str, object], name: str) -> Iterator[tuple[str, bytes]]:
    stem = name.removesuffix(".json")
    names = sorted(
        (each for each in files if each == name or _numbered(each, stem)), key=lambda each: (len(each), each)
    )
    return ((each, data) for each in names[:MOST_FILES] if isinstance(data := files[each], bytes))


def _numbered(name: str, stem: str) -> bool:
    number = name.removeprefix(f"{stem}-").removesuffix(".json")
    return name == f"{stem}-{number}.json" and number.isascii() and number.isdecimal()


def checked(
    review: Review | None,
    grades: Grades,
    sha256: str,
    files: Mapping[str, object],
    others: Mapping[str, Grades] | None = None,
) -> SeedCheck:
    """Say where the seeds of a grades file stand, by what policy asks for.

    Merged grades stand where the worst of those stand that they were merged from; who only settled disagreements, and
    is none of the reviewers that policy names, saw no seeds.

    Args:
        review: policy's.
        grades: what a decision stands on.
        sha256: of their file.
        files: those beside the decisions, by name. Bundle and opening are found among them by what they are, so that
            adding another pushes none aside; where several openings fit, the grades must have been there for each.
        others: grades at hand by the SHA-256 of their file, those that these were merged from among them.
    """
    if review is None or review.seeds is None:
        return SeedCheck(state=SeedState.OFF)
    if not grades.sources:
        return _checked(review.seeds, grades, sha256, files)
    known, people = others or {}, review.reviewers.people if review.reviewers else None
    if any(source not in known for source in grades.sources):
        return _void("grades that these were merged from are not here, so their seeds cannot be counted")
    found = [
        _checked(review.seeds, known[source], source, files)
        for source in grades.sources
        if people is None or known[source].reviewer in people
    ]
    if any(known[source].seeds != grades.seeds for source in grades.sources if known[source].seeds is not None):
        return _void("the merged grades name another bundle of seeds than those that they were merged from")
    if not found:
        return _void("policy asks for sealed seeds, and no reviewer's grades are among those that were merged")
    return max(found, key=lambda one: _WORSE.index(one.state))


_WORSE = (SeedState.OFF, SeedState.COUNTED, SeedState.SEALED, SeedState.VOID)


def _checked(rules: Seeds, grades: Grades, sha256: str, files: Mapping[str, object]) -> SeedCheck:
    if grades.seeds is None:
        return _void("policy asks for sealed seeds, and there were none among what was graded")
    bundle = _bundle(files, grades.seeds)
    if bundle is None:
        return _void(f"the sealed bundle that the grades name is not here: {grades.seeds[:12]}")
    if bundle.manifest != grades.manifest:
        return _void("the bundle of seeds is of other evidence than the grades")
    if bundle.rule.bad < rules.count or bundle.rule.void_at > rules.void_at:
        told = f"{bundle.rule.bad} bad, void at {bundle.rule.void_at}"
        return _void(f"the seeds are not those of policy: {told}; policy has {rules.count}, void at {rules.void_at}")
    fitting = [one for one in openings_in(files) if fault_of(bundle, grades.seeds, one) is None]
    if not fitting:
        return SeedCheck(state=SeedState.SEALED, reason="the seeds are not opened yet: twokey seeds open counts them")
    if not all(sha256 in one.grades for one in fitting):
        return _void("the grades are not among those that were there when the seeds were opened")
    return _judged(tally(fitting[0].answers, grades, rules.void_at))


def _judged(found: SeedCount) -> SeedCheck:
    if found.void:
        told = f"the review is void: {found.missed} of {found.total} seeds were missed; policy voids it at"
        return SeedCheck(state=SeedState.VOID, reason=f"{told} {found.void_at}", count=found)
    if found.ungraded:
        told = f"{found.ungraded} of {found.total} seeds are not graded"
        return SeedCheck(state=SeedState.VOID, reason=told, count=found)
    return SeedCheck(state=SeedState.COUNTED, reason=found.sentence, count=found)


def _void(reason: str) -> SeedCheck:
    return SeedCheck(state=SeedState.VOID, reason=reason)
