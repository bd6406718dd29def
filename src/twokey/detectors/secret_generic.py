"""The rules for credentials without a form that anybody described: what the scan looks for, and what explains them.

How the places are found is in `secret_assigned` and `secret_mentioned`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from twokey.detectors.secret_assigned import (
    KEY_NAME,
    KEY_WORD,
    PASS_WORD,
    Known,
    Span,
    assigned,
    assigned_keys,
    assigned_passwords,
)
from twokey.detectors.secret_mentioned import mentioned_keys, prefixed_keys
from twokey.kinds import Explained


@dataclass(frozen=True, slots=True, kw_only=True)
class Generic:
    """One such rule: what the scan looks for, and how the places are found."""

    what: str
    how: str
    limits: str
    coarse: tuple[str, ...]
    find: Callable[[str, Known], Iterator[Span]]

    def explained(self) -> Explained:
        """Return what the rule is, for `explain` and the reference."""
        fix = "Change it first, wherever it is in use. Then find where the model got it."
        return Explained(what=self.what, how=self.how, limits=self.limits, fix=fix)


GENERIC = {
    "assigned-key": Generic(
        what="A key, token or secret of whoever, that a name gives away.",
        how="A name such as `api_key`, `client_secret` or `Authorization`, then `:`, `=` or what else joins name and "
        "value in code, headers, tables and nested JSON, then 16 characters or more that change between digits, "
        "capitals and small letters as chance does.",
        limits="A name that goes on as `_id`, `_hash`, `_url` or begins with `public`, `next_page` or `cache` is none; "
        "nor are values of letters alone.",
        coarse=(assigned(KEY_NAME),),
        find=assigned_keys,
    ),
    "assigned-password": Generic(
        what="A password that a name gives away.",
        how="`password`, `pwd`, `passphrase` or the like, a join, and 8 characters or more with letters and a digit or "
        "sign; where nothing but `is` or a colon joins, a digit and a sign, or capitals too.",
        limits="A password of letters alone is not seen: it cannot be told from a word.",
        coarse=(assigned(PASS_WORD),),
        find=assigned_passwords,
    ),
    "mentioned-key": Generic(
        what="A key or token that prose gives away.",
        how="20 characters or more that look random, in one line with `key`, `token`, `secret` or the like, at most 48 "
        "characters behind it or 24 before it.",
        limits="Not where a word between says that it is an id, a hash, an address or the like; a hexadecimal value "
        "needs `is` or a colon.",
        coarse=(
            rf"(?i)(?:{KEY_WORD}|\bkey|bearer|password|passphrase)\b[^\n]*[^A-Za-z0-9\n][A-Za-z0-9][\w\-+/=~.]{{19}}",
            rf"(?i)\b(?:as|is|was|for) (?:the|your|my|our|an?|their|its) (?:[a-z]+ )?(?:{KEY_WORD}|key|password)",
        ),
        find=mentioned_keys,
    ),
    "prefixed-key": Generic(
        what="A key or token of whoever, that begins as keys do.",
        how="A short beginning with a part such as `live`, `sk`, `key`, `token` or `pat`, and 20 letters and digits or "
        "more that look random; with another beginning and `_`, 32 or more with digits, capitals and small letters.",
        limits="An id with such a beginning is taken for a key. A malformed key of a known issuer is none.",
        coarse=(r"[_-][A-Za-z0-9]{20}",),
        find=prefixed_keys,
    ),
}
