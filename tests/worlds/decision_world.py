"""A small world in memory: people with real Ed25519 keys, a roster, evidence to decide on, and signed decisions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from twokey.config.scalars import Duration
from twokey.config.shape import Approval, Automatic, CheckpointPolicy, Close, Opens
from twokey.decisions.checkpoints import OpenCheckpoint, open_checkpoints
from twokey.decisions.decision import Criterion, Decision, DecisionFile, NamedCheckpoint, RefusedFile
from twokey.decisions.document import NAMESPACE, render
from twokey.decisions.matter import DecisionCheck, Matter
from twokey.decisions.people import Roster
from twokey.decisions.roster import load_roster
from twokey.decisions.situation import Situation
from twokey.decisions.standing import Standing, standing
from twokey.decisions.verify import check
from twokey.outcome import Finding, Status
from twokey.signers.keys import read_key
from twokey.signers.ssh import SshSigner
from twokey.signers.wire import armor, string

NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
FINDING = Finding(gate="quality", check="accuracy", status=Status.INCONCLUSIVE, message="0.949 to 0.962, limit 0.95")
POLICY = Approval(
    automatic=Automatic(environments=("staging",)),
    checkpoints={
        "release": CheckpointPolicy(
            opens=(Opens(gates=("quality", "safety")),),
            close=Close(any_of=("product", "risk")),
            criteria=("rollback plan available", "stakeholders told"),
        ),
        "breaking-change": CheckpointPolicy(
            opens=(Opens(gates=("schema",)),), close=Close(all_of=("tech-lead", "product"))
        ),
    },
)
SITUATION = Situation(findings=(FINDING,), low_confidence_share=0.01, environment="production")
OPEN = open_checkpoints(SITUATION, POLICY)
MATTER = Matter(
    manifest="a" * 64,
    environment="production",
    repository="github.com/acme/triage",
    checkpoints=OPEN,
    longest=Duration(7 * 86400),
)
KEYS: Mapping[str, Ed25519PrivateKey] = {
    name: Ed25519PrivateKey.from_private_bytes(hashlib.sha256(name.encode()).digest())
    for name in ("ann", "ann's second", "bob", "cy", "bot", "old", "stolen", "revoked", "future")
}


def key_line(name: str) -> str:
    """The one-line public key of a test person."""
    raw = KEYS[name].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return read_key(string(b"ssh-ed25519") + string(raw)).line


def signature(data: bytes, name: str, namespace: str = NAMESPACE) -> bytes:
    """A good SSHSIG by a test person's key, as ssh-keygen would write it."""
    raw = KEYS[name].public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    key, purpose = string(b"ssh-ed25519") + string(raw), string(namespace.encode())
    signed = b"SSHSIG" + purpose + string(b"") + string(b"sha512") + string(hashlib.sha512(data).digest())
    inner = string(b"ssh-ed25519") + string(KEYS[name].sign(signed))
    return armor(
        b"SSHSIG" + (1).to_bytes(4, "big") + string(key) + purpose + string(b"") + string(b"sha512") + string(inner)
    )


ROSTER_YAML = f"""
roles: [product, risk, tech-lead]
people:
  - principal: ann@example.com
    name: Ann
    aliases: [ann-at-work, "12345+ann@users.example"]
    roles: [product]
    keys:
      - {key_line("ann")}
      - {key_line("ann's second")} laptop
      - {{key: {key_line("old")}, valid_until: "2026-11-21T12:00:00Z"}}
      - {{key: {key_line("future")}, valid_from: "2026-11-21T12:00:01Z"}}
      - {{key: {key_line("revoked")}, revoked_at: "2026-11-21T12:00:00Z", why: lost laptop}}
      - {{key: {key_line("stolen")}, compromised_since: "2026-11-30T00:00:00Z", why: phished}}
  - principal: bob@example.com
    roles: [risk, tech-lead]
    keys: [{key_line("bob")}]
  - principal: cy@example.com
    keys: [{key_line("cy")}]
"""
PRINCIPALS = {"bob": "bob@example.com", "cy": "cy@example.com", "bot": "bot@example.com"}


@dataclass(slots=True)
class World:
    """Says, signs, checks. `policy` and `matter` are what the decisions are judged by."""

    matter: Matter = MATTER
    roster: Roster = field(default_factory=lambda: load_roster(ROSTER_YAML.encode(), "roster.yaml"))
    now: datetime = NOW
    count: int = 0

    def say(self, key: str = "ann", role: str = "product", **changes: Any) -> DecisionFile:
        """A signed decision about all that is open, an approval unless `changes` say otherwise."""
        return self.sign(self.decision(key, role, **changes), key)

    def decision(self, key: str = "ann", role: str = "product", **changes: Any) -> Decision:
        """The same, not signed yet."""
        self.count += 1
        opened = self.matter.checkpoints
        said: dict[str, Any] = {
            "choice": "approve",
            "manifest": MATTER.manifest,
            "checkpoints": tuple(NamedCheckpoint(name=o.name, role=role, facts=o.digest) for o in opened),
            "principal": PRINCIPALS.get(key, "ann@example.com"),
            "decided_at": NOW - timedelta(hours=1),
            "expires_at": NOW + timedelta(days=1),
            "environment": MATTER.environment,
            "repository": MATTER.repository,
            "nonce": f"{self.count:032x}",
            "reason": "looked at the twelve failures; all are known",
            "criteria": tuple(
                Criterion(checkpoint=o.name, criterion=c, attested=True) for o in opened for c in o.criteria
            ),
        }
        return Decision(**{**said, **changes})

    def sign(self, decision: Decision, key: str) -> DecisionFile:
        """A decision file by that key."""
        data = render(decision)
        return DecisionFile(name=f"decision-{self.count}.json", data=data, signature=signature(data, key))

    def check(self, file: DecisionFile | RefusedFile) -> DecisionCheck:
        """Judge one file."""
        return check(file, self.matter, roster=self.roster, signers={"ssh": SshSigner(places=())}, now=self.now)

    def standing(self, *files: DecisionFile | RefusedFile) -> Standing:
        """Judge several together."""
        return standing([self.check(file) for file in files], self.matter.checkpoints)

    def opened(self, close: Close, name: str = "release") -> OpenCheckpoint:
        """Put one open checkpoint with that rule in place of the others."""
        policy = Approval(checkpoints={name: CheckpointPolicy(close=close), "release": CheckpointPolicy(close=close)})
        found = open_checkpoints(Situation(environment="production"), policy)
        self.matter = replace(self.matter, checkpoints=found)
        return found[0]
