"""Detectors: what sees harm in a text. The table, and how a scanner is made of it.

What a sighting means for a release is the safety gate's business.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from twokey.errors import TwokeyError
from twokey.kinds import Table, lookup

if TYPE_CHECKING:
    from twokey.detectors.allowed import Allowed
    from twokey.detectors.base import Detector
    from twokey.detectors.scan import Scanner

DETECTORS: Table[type["Detector"]] = Table(
    "twokey.detectors",
    {
        "pii": "pii:PiiDetector",
        "secrets": "secrets:SecretsDetector",
        "profanity": "profanity:ProfanityDetector",
        "policy": "rules:RulesDetector",
        "injection": "injection:InjectionDetector",
        "leakage": "leakage:LeakageDetector",
        "names": "names:NamesDetector",
    },
)


def build_scanner(
    wanted: Mapping[str, str | None], read: Callable[[str], bytes], allow: str | None = None
) -> "Scanner":
    """Return a scanner of the wanted detectors, compiled once so that whatever is wrong shows now.

    Args:
        wanted: names of detectors, each with the user's file for it or None.
        read: gives the bytes of such a file.
        allow: a file of what may be there although a rule sees it.

    Raises:
        ConfigError: a file's content is wrong.
        TwokeyError: a file cannot be had, or a detector does not load.
    """
    from twokey.detectors.scan import Scanner

    detectors = [lookup(DETECTORS, name, "detector").build(file, read) for name, file in wanted.items()]
    allowances: tuple[Allowed, ...] = ()
    if allow is not None:
        from twokey.detectors.allowed import load_allowed

        rules = {
            f"{one.name}.{rule}" for one in detectors for rule in (*one.explained(), *(p.rule for p in one.patterns()))
        }
        allowances = load_allowed(read(allow), allow, rules)
    scanner = Scanner(tuple(detectors), allowances)
    scanner.load()
    return scanner


def default_scanner() -> "Scanner":
    """Return a scanner of every detector that needs no file: what hides harm where no policy says more."""
    return build_scanner({"pii": None, "secrets": None, "profanity": None}, _no_file)


def _no_file(path: str) -> bytes:
    raise TwokeyError(f"no file is read here: {path}")
