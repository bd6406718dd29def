"""Grades signed by their reviewer, with the SSH key that they have.

What such a signature is worth is judged in `deciding.grade_signatures`. A signature speaks of the file as it is: after
another grade it has to be made again.
"""

import os
from datetime import datetime
from pathlib import Path

from twokey.cli.identity import KeyFile
from twokey.cli.keeping import keep
from twokey.cli.signing import key_path
from twokey.cli.signing_keys import at_hand
from twokey.deciding.grade_signatures import NAMESPACE, SUFFIX, check_grades
from twokey.decisions.people import Roster
from twokey.errors import Place, TwokeyError
from twokey.evidence.tree import read_regular
from twokey.signers import SIGNERS
from twokey.signers.ssh import SshSigner


def sign_grades(
    path: Path, key: KeyFile, *, reviewer: str, roster: Roster, now: datetime
) -> tuple[Path, tuple[str, ...]]:
    """Sign a grades file and put the signature beside it; return its path, and why it would not count, if so.

    Args:
        path: the grades file.
        key: one of the reviewer's.
        reviewer: whose name the grades bear.
        roster: who has which key.
        now: the verifier's clock, an aware time.

    Raises:
        TwokeyError: there is no such file, the key gives no signature, or it cannot be written.
    """
    try:
        data = read_regular(path)
    except FileNotFoundError:
        raise TwokeyError("there are no grades to sign", where=Place(file=str(path))) from None
    with key_path(key) as name:
        signature = SshSigner(environment=os.environ).sign(data, NAMESPACE, str(name))
    against = check_grades(data, signature, roster=roster, reviewer=reviewer, signers=SIGNERS, now=now)
    keep(path.parent, {path.name + SUFFIX: signature})
    return path.with_name(path.name + SUFFIX), against


def own_key(reviewer: str, roster: Roster, key: Path | None = None) -> KeyFile:
    """Return the reviewer's SSH key at hand, or the one given where the roster says that it is theirs.

    Raises TwokeyError where there is none.
    """
    for found in at_hand(key):
        known = roster.person_of_key(found.public)
        if known is not None and known[0].known_as(reviewer):
            return found
    raise TwokeyError(f"no SSH key of {reviewer} is at hand", hint="--key names one; the roster says whose it is")
