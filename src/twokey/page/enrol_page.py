"""The page on which a passkey is made, and proves that it is there. What becomes of it is the server's to say."""

from collections.abc import Sequence

from twokey.page.served import served_page
from twokey.reports.elements import el, join
from twokey.reports.page_gates import definitions
from twokey.signers.passkey import LOCALHOST
from twokey.values import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolling:
    """Whose passkey it will be, and where it can sign. `user` is what the device keeps it under, in base64url."""

    principal: str
    name: str
    roles: Sequence[str]
    repository: str
    origin: str
    user: str


def enrol_page(who: Enrolling) -> str:
    """Return the page."""
    told = (
        ("who", f"{who.principal} ({who.name})"),
        *([("asks for the roles", ", ".join(who.roles))] if who.roles else []),
        ("repository", who.repository),
        ("signs on", f"{who.origin}, and nowhere else"),
    )
    main = el(
        "main",
        definitions(told),
        el(
            "p",
            "The device will ask for a PIN, a finger or a face twice: to make the passkey, and to prove that it is "
            "there. Its private half never leaves it. A passkey that is synced is on each of your devices.",
        ),
        el("p", el("button", "Make a passkey", type="button", id="begin")),
        el(
            "section",
            el("h2", "Prove that it is yours", id="proof-title", tabindex="-1"),
            el("p", "The passkey's fingerprint, to compare with whoever adds you:"),
            el("pre", id="fingerprint", tabindex="0"),
            el("p", "It signs this request, exactly:", class_="soft"),
            el("pre", id="bytes", tabindex="0", role="region", aria_label="The request"),
            el("p", el("button", "Sign the request with it", type="button", id="prove")),
            id="proof",
            aria_labelledby="proof-title",
            hidden=True,
        ),
        el("p", id="problem", class_="notice block", role="alert", hidden=True),
        el("div", id="done", role="status"),
        id="who",
        data_user=who.user,
        data_label=f"{who.principal} ({who.repository})",
        data_principal=who.principal,
        data_site=LOCALHOST,
    )
    head = el("header", el("h1", "A passkey to sign decisions with"))
    return served_page("A passkey for twokey", join(head, main), ("asking", "passkeys", "enrol"))
