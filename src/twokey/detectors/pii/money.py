"""Where money is kept: payment cards, IBANs, bank accounts with their words, crypto-currency addresses."""

import re

from twokey.detectors.expression import spans
from twokey.detectors.pii import crypto
from twokey.detectors.pii.checksums import IBAN_LENGTHS, is_aba, is_card, is_grouped, is_iban, is_run
from twokey.detectors.pii.rule import FIX, Rule, Spans, Worded, bare, digit_count, run, stands_free, word
from twokey.detectors.pii.typeset import is_letter
from twokey.kinds import Explained

MAX_GROUPS = 6
_GROUP = re.compile("[0-9]+")
_DIGITS = r"[0-9](?:[ \-]?[0-9]){13,}"
# Not after a decimal point: scores with sixteen digits are in every structured output.
_CARD_START = r"(?:^|[^0-9A-Za-z_.,+]|[^0-9][.,+])"
_COUNTRIES = "|".join(sorted(IBAN_LENGTHS))
_IBAN = rf"(?i)\b(?:{_COUNTRIES})[0-9]{{2}}(?:[ \-]?[A-Z0-9]){{11,29}}"
_ACCOUNT = word(
    r"(?:bank|checking|savings|current|deposit)[ _\-]?(?:account|acct)"
    r"|(?:account|acct|a/c)[ _\-.]*(?:number|num|no|nr|#)"
    r"|kontonummer|numero de cuenta|número de cuenta"
)
_ROUTING = word(r"routing|aba[ _\-]?(?:no|number|#)|rtn|transit number")


def cards(text: str) -> Spans:
    """Yield where payment card numbers stand."""
    for start, end in spans(_DIGITS, text):
        if stands_free(text, start, end):
            yield from _cards_within([match.span() for match in _GROUP.finditer(text, start, end)], text)


def _cards_within(groups: list[tuple[int, int]], text: str) -> Spans:
    """Yield the cards in a run of groups of digits: another number may stand right before or after one."""
    first = 0
    while first < len(groups):
        length = 0
        for last in range(first, min(first + MAX_GROUPS, len(groups))):
            length += groups[last][1] - groups[last][0]
            number = text[groups[first][0] : groups[last][1]] if 14 <= length <= 19 else ""
            if number and is_grouped(number) and is_card(number.replace(" ", "").replace("-", "")):
                yield groups[first][0], groups[last][1]
                first = last
                break
        first += 1


def ibans(text: str) -> Spans:
    """Yield where IBANs stand, in one go or in groups."""
    for start, end in spans(_IBAN, text):
        # The expression may run on into the next word: the country says where to stop.
        places = [place for place in range(start, end) if text[place] not in " -"]
        length = IBAN_LENGTHS[text[start : start + 2].upper()]
        stop = places[length - 1] + 1 if len(places) >= length else end
        if not is_letter(text[stop : stop + 1]) and is_iban("".join(text[place] for place in places[:length])):
            yield start, stop


def _is_account(value: str) -> bool:
    return 7 <= digit_count(value) <= 17 and not is_run(bare(value))


MONEY = (
    Rule(
        name="credit-card",
        severity="high",
        coarse=(_CARD_START + r"[0-9](?:[ \-]?[0-9]){13}",),
        places=cards,
        explained=Explained(
            what="A payment card number.",
            how="A network's prefix and length, in one go or in groups with one separator, and Luhn's check digit.",
            source="ISO/IEC 7812-1; the prefixes that the networks publish.",
            limits="Test cards (4242 4242 4242 4242) count: nobody can tell what they were before. Digits after a "
            "decimal point do not.",
            fix=FIX,
        ),
    ),
    Rule(
        name="iban",
        severity="high",
        coarse=(rf"(?i)\b(?:{_COUNTRIES})[0-9]{{2}}[ \-]?[A-Z0-9]{{3}}",),
        places=ibans,
        explained=Explained(
            what="An international bank account number.",
            how="A country's prefix and length, and remainder 1 modulo 97.",
            source="ISO 13616-1; the SWIFT IBAN registry, release 99.",
            limits="The bank's and the country's inner check digits are not looked at.",
            fix=FIX,
        ),
    ),
    Rule(
        name="crypto-address",
        severity="medium",
        coarse=crypto.COARSE,
        places=crypto.addresses,
        explained=Explained(
            what="An address of Bitcoin, Ethereum, Litecoin, Dogecoin, Dash, Zcash or Tron: its payments are public.",
            how="Base58Check, Bech32 or Bech32m checksum; for Ethereum EIP-55's capitals, or in one case a word "
            "such as `wallet` before it.",
            source="BIP 13, BIP 173, BIP 350, EIP-55.",
            limits="Other chains (Monero, Solana, XRP) have other alphabets or no checksum, and are not seen.",
            fix=FIX,
        ),
    ),
    Rule(
        name="us-routing",
        severity="low",
        coarse=(run(9),),
        needs=(_ROUTING,),
        places=Worded(words=_ROUTING, shape="[0-9]{9}", valid=is_aba),
        explained=Explained(
            what="The routing number of a US bank: it says at which bank somebody has an account.",
            how="Nine digits, a district of the Federal Reserve, weights 3 7 1, beside a word such as `routing`.",
            source="American Bankers Association.",
            limits="Without the word it is not seen.",
            fix=FIX,
        ),
    ),
    Rule(
        name="bank-account",
        severity="high",
        coarse=(run(7),),
        needs=(_ACCOUNT,),
        places=Worded(words=_ACCOUNT, shape=r"[0-9](?:[ \-]?[0-9]){6,16}", valid=_is_account, before=40, after=0),
        explained=Explained(
            what="The number of a bank account in a national form.",
            how="Seven to seventeen digits within 40 characters after words such as `account number`.",
            limits="There is no check digit, so an account with a shop counts too. Without the words it is not seen.",
            fix=FIX,
        ),
    ),
)
