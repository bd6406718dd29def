"""Kinds of signatures, by name. A new one is a file and a line here; `twokey.signers.base` has the contract."""

from collections.abc import Mapping

from twokey.signers.base import Signer
from twokey.signers.sigstore import MAX_BUNDLE_BYTES, SigstoreSigner
from twokey.signers.ssh import SshSigner
from twokey.signers.wire import MAX_ARMOR_BYTES

MAX_SIGNATURE_BYTES = max(MAX_ARMOR_BYTES, MAX_BUNDLE_BYTES)  # each signer refuses what is too large for it
SIGNERS: Mapping[str, Signer] = {"ssh": SshSigner(), "sigstore": SigstoreSigner()}


def signers(trusted_root: bytes | None = None) -> Mapping[str, Signer]:
    """Return the signers of one run; `trusted_root` holds the bytes of the Sigstore root that policy pins, if any.

    Those of `SIGNERS` know no policy: there every Sigstore bundle is refused, with that reason.
    """
    return {**SIGNERS, "sigstore": SigstoreSigner(trusted_root=trusted_root)}
