"""Cases, and the words that people say in them: decisions as documents, signed or spoilt, and what is expected of each.

What is expected is written down case by case in `the modules beside`, never taken from what the code says of them.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from twokey.canonical import dump_line, dumps, sha256
from twokey.deciding.matter import matter_of
from twokey.deciding.policy import Deciding
from twokey.decisions.checkpoints import OpenCheckpoint
from twokey.decisions.directory_store import DirectoryStore
from twokey.decisions.matter import Matter
from twokey.decisions.roster import load_roster
from twokey.evidence.kept import kept_evidence
from twokey.repository.change import Change
from twokey.repository.ground import Ground
from twokey.repository.policy import PolicyFiles
from vectors.signing import Key, sign
from vectors.world import ENVIRONMENT, KEYS, NOW, PRINCIPALS, REPOSITORY, ROSTER, config_of, evidence, judging_digest

VERDICTS = {0: "pass", 1: "block", 3: "needs-decision", 4: "error"}
COUNTED = ()
OPEN = "release is open"
Told = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Case:
    """One folder of the vectors.

    `store` are the files that lie in the store's folder over the shared evidence, `without` those of the evidence that
    do not; `beside` are files of the case itself, such as a roster of its own, `removed` those that only history has.
    `told` has, for each decision file that the conclusion must speak of, what its reasons must contain, each of them;
    nothing where it must count. `steps` are those of docs/decision-format.md that the case is about.
    """

    about: str
    steps: tuple[int | str, ...]
    status: int
    told: Told = field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    store: Mapping[str, bytes] = field(default_factory=dict)
    without: tuple[str, ...] = ()
    beside: Mapping[str, bytes] = field(default_factory=dict)
    removed: Mapping[str, bytes] = field(default_factory=dict)
    policy: str = "anybody"
    evidence: str = "doubtful"
    folder: str | None = None
    subject: str | None = "shipped"
    now: str = NOW
    environment: str = ENVIRONMENT
    repository: str = REPOSITORY
    computed: bool = False
    opened_at: str | None = None
    error: str | None = None
    more: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """Return case.json."""
        expected: dict[str, Any] = {"status": self.status}
        if self.error is not None:
            expected["error"] = self.error
        else:
            files = {name: {"counted": not reasons, "reasons": list(reasons)} for name, reasons in self.told.items()}
            expected |= {"verdict": VERDICTS[self.status], "reasons": list(self.reasons), "decisions": files}
            expected |= {name: list(texts) for name, texts in self.more.items()}
        short = sha256(evidence(self.evidence)["manifest.json"])[:12]
        return {
            "about": self.about,
            "steps": list(self.steps),
            "policy": self.policy,
            "evidence": self.evidence,
            "without": list(self.without),
            "folder": self.folder or short,
            "subject": self.subject,
            "now": self.now,
            "environment": self.environment,
            "repository": self.repository,
            "computed": self.computed,
            "opened_at": self.opened_at,
            "expected": expected,
        }

    def files(self) -> dict[Path, bytes]:
        """Return the files of the case's folder."""
        found = {Path("case.json"): dumps(self.plain())}
        found |= {Path("store", name): data for name, data in self.store.items()}
        found |= {Path("removed", name): data for name, data in self.removed.items()}
        return found | {Path(name): data for name, data in self.beside.items()}


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What people have before them when they decide."""

    policy: str = "anybody"
    evidence: str = "doubtful"
    environment: str = ENVIRONMENT
    change: Change | None = None
    witnessed: bool = False

    @property
    def matter(self) -> Matter:
        """What decisions must be about here."""
        files = evidence(self.evidence)
        found = kept_evidence(files, sha256(files["manifest.json"])[:12])
        nowhere = Path("nowhere")
        policy = Deciding(
            config=config_of(self.policy),
            roster=load_roster(ROSTER.encode(), "roster.yaml"),
            store=DirectoryStore(root=nowhere),
            environment=self.environment,
            repository=REPOSITORY,
            judging=judging_digest(self.policy),
            ground=Ground(policy=PolicyFiles(directory=nowhere)),
        )
        unwitnessed = () if self.witnessed else ("candidate",)
        return matter_of(found, policy, change=self.change, unwitnessed=unwitnessed, grades=())

    def points(self, choice: str) -> tuple[OpenCheckpoint, ...]:
        """What a decision of that kind speaks of."""
        matter = self.matter
        if choice in ("override", "ratify"):
            return (matter.override.point,) if matter.override else ()
        return matter.checkpoints

    def predicate(self, who: str, role: str, choice: str = "approve", **changes: Any) -> dict[str, Any]:
        """Return what somebody says about all that is open; `changes` replace fields, ... leaves one out."""
        points = self.points(choice)
        told: dict[str, Any] = {
            "decision": choice,
            "checkpoints": [{"name": one.name, "role": role, "facts": one.digest} for one in points],
            "principal": PRINCIPALS.get(who, "ann@example.com"),
            "decided_at": "2026-11-21T11:00:00Z",
            "expires_at": "2026-11-22T11:00:00Z",
            "reason": "looked at the numbers" if choice == "approve" else "as agreed in the call",
            "conditions": [],
            "criteria": [
                {"checkpoint": one.name, "criterion": text, "attested": True} for one in points for text in one.criteria
            ],
            "environment": self.environment,
            "repository": REPOSITORY,
            "grades": None,
            "seeds": None,
            "recomputed": True,
            "supersedes": [],
            "audit_head": None,
        }
        told |= {"nonce": sha256(dump_line([who, role, {**told, **{k: repr(v) for k, v in changes.items()}}]))[:32]}
        return {name: value for name, value in {**told, **changes}.items() if value is not ...}

    def said(self, who: str = "ann", role: str = "product", choice: str = "approve", **changes: Any) -> bytes:
        """Return a decision's bytes; `manifest` is a change like the others."""
        manifest = changes.pop("manifest", sha256(evidence(self.evidence)["manifest.json"]))
        return dumps(statement(self.predicate(who, role, choice, **changes), manifest))


def statement(predicate: Mapping[str, Any], manifest: str, **changes: Any) -> dict[str, Any]:
    """Return the in-toto Statement around a predicate."""
    made = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "manifest.json", "digest": {"sha256": manifest}}],
        "predicateType": "urn:twokey:decision:v1",
        "predicate": dict(predicate),
    }
    return {name: value for name, value in {**made, **changes}.items() if value is not ...}


USUAL = Setting()
Cases = Iterator[tuple[str, Case]]
Files = Mapping[str, bytes]


def named(who: str, number: int = 1) -> str:
    """Return the name of somebody's decision file, of the first or a later one."""
    principal = PRINCIPALS.get(who, "ann@example.com")
    return f"decision-{principal}.json" if number == 1 else f"decision-{principal}-{number}.json"


ANN, BOB, EVE, FAY = (named(who) for who in ("ann", "bob", "eve", "fay"))


def kept(data: bytes, who: str, key: Key | None = None, *, number: int = 1) -> dict[str, bytes]:
    """Return a decision and its signature as files; the key is the person's own unless another is given."""
    name = named(who, number)
    return {name: data, f"{name}.sig": sign(data, key or KEYS[who])}


def speaks(who: str = "ann", role: str = "product", choice: str = "approve", **changes: Any) -> dict[str, bytes]:
    """Return what somebody says in the usual setting, or in `setting`, as files; `number` is of their files."""
    setting, number = changes.pop("setting", USUAL), changes.pop("number", 1)
    return kept(setting.said(who, role, choice, **changes), who, number=number)


def alone(about: str, step: int | str, reason: str, **changes: Any) -> Case:
    """Return a case in which ann's approval is all there is, and does not count."""
    return refused(about, step, speaks(**changes), reason)


def refused(about: str, step: int | str, store: Mapping[str, bytes], reason: str, who: str = "ann") -> Case:
    """Return a case with one decision, which does not count for a reason that contains this text."""
    return Case(about=about, steps=(step,), status=3, store=store, told={named(who): (reason,)}, reasons=(OPEN,))


def passes(about: str, step: int | str, store: Mapping[str, bytes], *whose: str, **changes: Any) -> Case:
    """Return a case that passes, with a decision of each of these people that counts."""
    case = Case(about=about, steps=(step,), status=0, store=store, told={named(who): COUNTED for who in whose})
    return replace(case, **changes)


def stands(about: str, step: int | str, store: Mapping[str, bytes], status: int, **told: tuple[str, ...]) -> Case:
    """Return a case in which the decisions of these people come to a status; `told` is by the person's first name."""
    return Case(
        about=about, steps=(step,), status=status, store=store, told={named(who): why for who, why in told.items()}
    )


def digests(*whose: Files) -> list[str]:
    """Return what a later decision names to supersede these, by the digest of their bytes."""
    return sorted(sha256(data) for files in whose for name, data in files.items() if name.endswith(".json"))


def edited(data: bytes, edit: Callable[[dict[str, Any]], object]) -> bytes:
    """Return a JSON document with something changed in it."""
    value = json.loads(data)
    edit(value)
    return dumps(value)
