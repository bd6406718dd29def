"""What must count."""

import json
from dataclasses import replace

from twokey.decisions.seen import render_facts
from vectors.saying import ANN, USUAL, Cases, alone, kept, passes, speaks
from vectors.signing import EcdsaKey, Parts, sign
from vectors.world import KEYS

FACTS = render_facts(USUAL.matter.checkpoints)


def cases() -> Cases:
    """What must count."""
    yield (
        "approved",
        replace(
            passes("ann approves, and is entitled to", 14, {**speaks(), "facts.json": FACTS}, "ann"),
            reasons=("release by ann@example.com",),
            more={"limits": ("nobody can say who made the change", "the candidate recording is unwitnessed")},
        ),
    )
    yield "key-ecdsa", passes("a key on P-256", 2, speaks("bob", "risk"), "bob")
    yield "key-rsa", passes("an RSA key of 3072 bits", 2, speaks("cy", "risk"), "cy")
    yield "key-browser", passes("a key in a browser, at a page that the roster names", 4, speaks("gil"), "gil")
    yield "key-security", passes("a security key that was touched", 2, speaks("dee", "risk"), "dee")
    yield (
        "second-key",
        passes("another key of the same person", 4, kept(USUAL.said(), "ann", KEYS["ann's laptop"]), "ann"),
    )
    yield "alias", passes("the person speaks under an alias", 4, speaks(principal="ann-at-work"), "ann")
    yield (
        "own-name-as-role",
        alone(
            "one's own name is a role, but this rule does not name it",
            8,
            "not closed by ann@example.com",
            role="ann@example.com",
        ),
    )
    other = EcdsaKey("bob", other_half=True)
    data = USUAL.said("bob", "risk")
    yield "ecdsa-other-half", passes("n - s is as good as s, and is the same word", 2, kept(data, "bob", other), "bob")
    wide = sign(USUAL.said(), KEYS["ann"])
    body = b"".join(wide.splitlines()[1:-1])
    lines = [body[start : start + 76] for start in range(0, len(body), 76)]
    wide = b"\n".join([wide.splitlines()[0], *lines, wide.splitlines()[-1]]) + b"\n"
    yield (
        "armor-of-76",
        passes(
            "lines of 76 characters, as PROTOCOL.sshsig has them", 2, {ANN: USUAL.said(), f"{ANN}.sig": wide}, "ann"
        ),
    )
    sha256_of = sign(USUAL.said(), KEYS["ann"], Parts(hash_name="sha256"))
    yield "hash-sha256", passes("SHA-256 in place of SHA-512", 2, {ANN: USUAL.said(), f"{ANN}.sig": sha256_of}, "ann")
    compact = json.dumps(json.loads(USUAL.said())).encode()
    yield (
        "not-canonical",
        passes("any JSON with the same content will do: bytes are signed", 3, kept(compact, "ann"), "ann"),
    )
