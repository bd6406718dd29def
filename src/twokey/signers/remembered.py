"""A verifier that judges the same signature over the same bytes once, however often it is asked within one run."""

from collections.abc import Mapping
from dataclasses import field

from twokey.signers.base import Signature, Verifier
from twokey.values import dataclass


@dataclass(frozen=True, slots=True)
class Remembered:
    """Another verifier's judgements, remembered. Nothing is kept beyond the object."""

    verifier: Verifier
    known: dict[tuple[bytes, bytes, str], Signature] = field(default_factory=dict)

    def verify(self, data: bytes, signature: bytes, namespace: str) -> Signature:
        """Judge a detached signature over exactly `data`, or repeat what was judged before."""
        asked = (data, signature, namespace)
        if asked not in self.known:
            self.known[asked] = self.verifier.verify(*asked)
        return self.known[asked]


def remembered(verifiers: Mapping[str, Verifier]) -> dict[str, Verifier]:
    """Return the verifiers, each of which judges the same signature once."""
    return {name: Remembered(verifier) for name, verifier in verifiers.items()}
