"""Kinds of signatures, by name. A new one is a file and a line here; `twokey.signers.base` has the contract."""

from collections.abc import Mapping

from twokey.signers.base import Signer
from twokey.signers.ssh import SshSigner

SIGNERS: Mapping[str, Signer] = {"ssh": SshSigner()}
