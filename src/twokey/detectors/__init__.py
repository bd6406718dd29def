"""Detectors: what sees harm in a text. The table, and how a scanner is made of it.

What a sighting means for a release is the safety gate's business.
"""

from collections.abc import Callable, Mapping

from twokey.detectors.base import Detector
from twokey.detectors.pii import PiiDetector
from twokey.detectors.profanity import ProfanityDetector
from twokey.detectors.rules import RulesDetector
from twokey.detectors.scan import Scanner
from twokey.detectors.secrets import SecretsDetector
from twokey.errors import TwokeyError
from twokey.kinds import lookup

DETECTORS: Mapping[str, type[Detector]] = {
    "pii": PiiDetector,
    "secrets": SecretsDetector,
    "profanity": ProfanityDetector,
    "policy": RulesDetector,
}


def build_scanner(wanted: Mapping[str, str | None], read: Callable[[str], bytes]) -> Scanner:
    """Return a scanner of the wanted detectors, compiled once so that whatever is wrong shows now.

    Args:
        wanted: names of detectors, each with the user's file for it or None.
        read: gives the bytes of such a file.

    Raises:
        ConfigError: a file's content is wrong.
        TwokeyError: a file cannot be had, or a detector does not load.
    """
    detectors = [lookup(DETECTORS, name, "detector").build(file, read) for name, file in wanted.items()]
    scanner = Scanner(tuple(detectors))
    scanner.load()
    return scanner


def default_scanner() -> Scanner:
    """Return a scanner of every detector that needs no file: what hides harm where no policy says more."""
    return build_scanner({"pii": None, "secrets": None, "profanity": None}, _no_file)


def _no_file(path: str) -> bytes:
    raise TwokeyError(f"no file is read here: {path}")
