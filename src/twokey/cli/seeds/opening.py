"""Opening sealed seeds once grades are there, and keeping bundle and opening where conclusions are made from.

It never opens before somebody has graded everything, and what was opened once is never opened for other grades. What
the grades come to is in `review.recounting`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from twokey.canonical import sha256
from twokey.cli.console import talk
from twokey.cli.keeping import keep
from twokey.cli.preparing import recorded_config, recorded_policy
from twokey.cli.seeds.files import read_key
from twokey.errors import Place, TwokeyError
from twokey.evidence.layout import DECISIONS, GRADES, SEEDS, short
from twokey.evidence.store import read_evidence
from twokey.evidence.tree import read_regular
from twokey.review.assigning import part
from twokey.review.grades import missing
from twokey.review.recounting import parse_grades, tally, to_grade
from twokey.review.sealed import made_with
from twokey.review.sealed import opened as unlocked
from twokey.review.seeds import NAME, OPENING, parse_bundle, render
from twokey.review.voiding import openings_in

if TYPE_CHECKING:
    from twokey.config.review import Reviewers
    from twokey.evidence.bundle import Evidence
    from twokey.review.grades import Grades
    from twokey.review.seeds import Bundle, Opening


def opened(
    directory: Path, key_file: Path, config: Path | None, policy_refs: tuple[str, ...] = (), *, now: bool = False
) -> tuple[str, ...]:
    """Open the seeds, keep bundle and opening beside the decisions, and return what there is to say.

    What was opened once stays as it is: opening again keeps it where it was lost, and says who graded too late.

    Raises:
        TwokeyError: there is no bundle, it was sealed with another key or altered, nobody has graded all of it, or what
            claims to be its opening is not this key's.
    """
    evidence, key = read_evidence(directory), read_key(key_file)
    policy = recorded_policy(directory, recorded_config(directory, config), policy_refs)
    store, folder = policy.store(), short(evidence.digest)
    kept = store.files(folder)
    data = _bundle_bytes(directory, kept)
    bundle, digest = parse_bundle(data), sha256(data)
    reviewers = policy.config.review.reviewers if policy.config.review else None
    found = _graded(directory, evidence, kept, {digest: bundle}, reviewers)
    opening = _opened_before(bundle, digest, key, kept)
    if opening is None:
        _refuse_unfinished(None if now else reviewers, found.values())
        opening = unlocked(bundle, digest, key, found)
    store.write(folder, {NAME: data, OPENING: render(opening)})
    keep(directory / DECISIONS, {NAME: data, OPENING: render(opening)})
    told = []
    for file, grades in sorted(found.items(), key=lambda one: (one[1].reviewer, one[0])):
        count = tally(opening.answers, grades, bundle.rule.void_at)
        late = "" if file in opening.grades else "; graded after the seeds were opened, which counts for nothing"
        void = f"; void at {count.void_at} missed" if count.void else ""
        told.append(f"{grades.reviewer}: {count.sentence}{void}{late}")
        told += [f"  missed {answer.id}: {answer.why}" for answer in count.told]
    return tuple(told)


def _bundle_bytes(directory: Path, kept: Mapping[str, object]) -> bytes:
    try:
        return read_regular(directory / SEEDS)
    except FileNotFoundError:
        data = kept.get(NAME)
    if not isinstance(data, bytes):
        told = "there are no sealed seeds"
        raise TwokeyError(told, where=Place(file=str(directory / SEEDS)), hint="twokey seeds seal makes them")
    return data


def _graded(
    directory: Path,
    evidence: "Evidence",
    kept: Mapping[str, object],
    bundles: Mapping[str, "Bundle"],
    reviewers: "Reviewers | None",
) -> dict[str, "Grades"]:
    """Return the grades that name this bundle and have all that was asked of them, by the SHA-256 of their file."""
    files = {name: data for name, data in kept.items() if name.startswith("grades-") and isinstance(data, bytes)}
    here = {f"{GRADES}/{path.name}": read_regular(path) for path in sorted((directory / GRADES).glob("grades-*.json"))}
    found = {}
    for name, data in {**files, **here}.items():
        try:
            grades = parse_grades(data, name, evidence.gradable, bundles)
            asked = part(grades.reviewer, evidence.items, reviewers, evidence.digest) if not grades.sources else ()
        except TwokeyError as error:
            talk(f"warning: {error}")
            continue
        whole = not grades.sources and not missing(grades, to_grade(asked, grades, bundles))
        if grades.manifest == evidence.digest and grades.seeds in bundles and whole:
            found[sha256(data)] = grades
    return found


def _refuse_unfinished(reviewers: "Reviewers | None", found: Iterable["Grades"]) -> None:
    """Refuse to open before anybody is done, or a reviewer whom policy names: what comes later counts for nothing."""
    done = {grades.reviewer for grades in found}
    if not done:
        told = "nobody has graded all items and all seeds yet; opening now would tell which are bad"
        raise TwokeyError(told, where=Place(file=OPENING))
    if waiting := [person for person in reviewers.people if person not in done] if reviewers else []:
        told = f"not done yet: {', '.join(waiting)}; what is graded after the seeds are opened counts for nothing"
        raise TwokeyError(told, where=Place(file=OPENING), hint="--now opens all the same")


def _opened_before(bundle: "Bundle", digest: str, key: bytes, kept: Mapping[str, object]) -> "Opening | None":
    """Return what was opened before, made anew. Raises TwokeyError where it is not this key's, or was altered.

    So it does where the opening is of another bundle: whoever has a key of their own can seal one of their own.
    """
    known = [one for one in openings_in(kept) if one.manifest == bundle.manifest]
    before = [one for one in known if one.seeds == digest]
    if any(not made_with(one, key) for one in known):
        told = "was not made with this key, or grades were added to it since"
        raise TwokeyError(told, where=Place(file=OPENING), hint="look who wrote it beside the decisions")
    return unlocked(bundle, digest, key, before[0].grades) if before else None
