"""Whether grades were signed by the reviewer whose name they bear: an argument in the steps of a decision's.

1. A signature lies among the grades.
2. A signer finds it good over exactly these bytes, made for the purpose `twokey-grades-v1` and no other.
3. The protected roster says that the key is the reviewer's, not withdrawn and, at the verifier's clock, within its
   dates; a signature made in a browser was made on a page that the roster allows.

What the grades say is not read here, and signing is in `cli`. A signature cannot show when it was made.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime

from twokey.decisions.people import Roster
from twokey.decisions.verify import heard_for
from twokey.review.grades import filename
from twokey.signers.base import Verifier
from twokey.signers.ssh import SshSigner
from twokey.signers.wire import MAX_ARMOR_BYTES

NAMESPACE = "twokey-grades-v1"
SUFFIX = SshSigner.suffix
UNSIGNED = "no signature of its reviewer lies beside it"


def check_grades(
    data: bytes, signature: bytes, *, roster: Roster, reviewer: str, signers: Mapping[str, Verifier], now: datetime
) -> tuple[str, ...]:
    """Return why a signature does not make these bytes the reviewer's grades; nothing where it does.

    Args:
        data: the grades file, as it lies there.
        signature: armored SSHSIG.
        roster: of protected ground.
        reviewer: whose name the grades bear.
        signers: by name.
        now: the verifier's clock, an aware time.
    """
    if now.utcoffset() is None:
        raise ValueError("the verifier's clock has no time zone")
    signed = signers["ssh"].verify(data, signature, NAMESPACE)  # step 2
    if not signed.valid:
        return (signed.reason or "the signature is not good",)
    _, _, reasons = heard_for(reviewer, signed, roster, now)  # step 3
    return tuple(reasons)


def unsigned(
    data: bytes,
    files: Mapping[str, object],
    *,
    roster: Roster,
    reviewer: str,
    signers: Mapping[str, Verifier],
    now: datetime,
) -> tuple[str, ...]:
    """Return why no signature among `files` makes these bytes the reviewer's; nothing where one does.

    A store may keep a signature under a later name than its grades have, so each of the reviewer's is tried.
    """
    found: tuple[str, ...] = (UNSIGNED,)  # step 1
    for signature in _signatures(files, reviewer):
        found = check_grades(data, signature, roster=roster, reviewer=reviewer, signers=signers, now=now)
        if not found:
            return ()
    return found


def _signatures(files: Mapping[str, object], reviewer: str) -> Iterator[bytes]:
    for name in sorted(files):
        data = files[name]
        theirs = name.startswith(filename(reviewer)) and name.endswith(SUFFIX)
        if theirs and isinstance(data, bytes) and len(data) <= MAX_ARMOR_BYTES:
            yield data
