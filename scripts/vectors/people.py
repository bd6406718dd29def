"""Step 4, and the roles of step 8: keys, dates, delegations."""

from dataclasses import replace

from vectors.saying import USUAL, Cases, kept, named, passes, refused, speaks
from vectors.signing import BrowserKey
from vectors.world import KEYS


def cases() -> Cases:
    """Step 4: whose key, still good at the verifier's clock, and the person named."""
    usual = USUAL.said()
    for name, key, reason in (
        ("unknown-key", "nobody", "nobody's in the roster"),
        ("key-of-a-witness", "job", "nobody's in the roster"),
        ("key-expired-this-second", "old", "was valid until 2026-11-21T12:00:00Z"),
        ("key-valid-next-second", "future", "not valid before 2026-11-21T12:00:01Z"),
        ("key-revoked-this-second", "revoked", "was revoked at 2026-11-21T12:00:00Z: lost"),
        ("key-compromised-later", "stolen", "compromised since 2026-11-30T00:00:00Z: phished"),
    ):
        yield name, refused(f"signed by the key '{key}'", 4, kept(usual, "ann", KEYS[key]), reason)
    last = kept(usual, "ann", KEYS["old"])
    yield "key-expires-next-second", passes("the last second of a key", 4, last, "ann", now="2026-11-21T11:59:59Z")
    first = kept(usual, "ann", KEYS["future"])
    yield "key-valid-this-second", passes("the first second of a key", 4, first, "ann", now="2026-11-21T12:00:01Z")
    before = kept(usual, "ann", KEYS["revoked"])
    yield (
        "key-revoked-next-second",
        passes("the second before it was revoked", 4, before, "ann", now="2026-11-21T11:59:59Z"),
    )
    another = refused(
        "ann signs for bob", 4, kept(USUAL.said("bob", "risk"), "bob", KEYS["ann"]), "speaks for bob@example.com", "bob"
    )
    told = {named("bob"): ("it speaks for bob@example.com, but the key is ann@", "ann@example.com is not risk")}
    yield "speaks-for-another", replace(another, told=told)
    elsewhere = BrowserKey("gil", "https://sign.example.com.evil.example")
    yield (
        "browser-at-another-page",
        refused(
            "another page asked the browser",
            4,
            kept(USUAL.said("gil"), "gil", elsewhere),
            "signed on the page https://sign.example.com.evil.example",
            "gil",
        ),
    )
    delegated = speaks("dee", "risk")
    early = refused("the second before the delegation", 8, delegated, "dee@example.com is not risk", "dee")
    yield "delegation-before", replace(early, now="2026-11-21T11:59:59Z")
    later = speaks("dee", "risk", decided_at="2026-11-25T11:00:00Z", expires_at="2026-11-26T11:00:00Z")
    yield "delegation-last-second", passes("the delegation's last second", 8, later, "dee", now="2026-11-25T11:59:59Z")
    over = refused("the delegation is over", 8, later, "dee@example.com is not risk", "dee")
    yield "delegation-after", replace(over, now="2026-11-25T12:00:00Z")
