"""Crypto-currency addresses: their checksums, from the public specifications. No curve is computed, no chain asked."""

import hashlib
import re

from twokey.detectors.expression import found, spans
from twokey.detectors.pii.rule import Spans, word

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
# Version bytes by first character: Bitcoin 1 and 3, Litecoin L and M, Dogecoin D and A, Dash X and 7, Tron T; Zcash has
# two bytes.
_VERSIONS = frozenset([0x00, 0x05, 0x30, 0x32, 0x1E, 0x16, 0x4C, 0x10, 0x41])
_ZCASH = frozenset([b"\x1c\xb8", b"\x1c\xbd"])
_LEGACY = r"\b[13LMDAX7Tt][1-9A-HJ-NP-Za-km-z]{24,34}\b"
_SEGWIT = r"\b(?:(?:bc|ltc)1[ac-hj-np-z02-9]{11,71}|(?:BC|LTC)1[AC-HJ-NP-Z02-9]{11,71})\b"
_ETHEREUM = r"\b0x[0-9a-fA-F]{40}\b"
_WORDS = word(r"eth(?:ereum)?(?-i:$|[^a-z])|wallet|crypto|usdt|usdc|erc-?20|metamask|0x address|send (?:it |funds )?to")
_ETHEREUM_NEAR = 60
COARSE = (
    r"\b[13LMDAX7Tt][1-9A-HJ-NP-Za-km-z]{24}",
    r"\b(?:bc|ltc|BC|LTC)1[a-zA-Z0-9]{11}",
    r"\b0x[0-9a-fA-F]{40}\b",
)


def addresses(text: str) -> Spans:
    """Yield where addresses stand whose checksum is right; an Ethereum one in one case needs a word before it."""
    for start, end in spans(_LEGACY, text):
        if is_base58check(text[start:end]):
            yield start, end
    for start, end in spans(_SEGWIT, text):
        if is_bech32(text[start:end].lower()):
            yield start, end
    for start, end in spans(_ETHEREUM, text):
        lead = text[max(0, start - _ETHEREUM_NEAR) : start]
        if is_eip55(text[start:end]) or (_one_case(text[start:end]) and found(_WORDS, lead) is not None):
            yield start, end


def is_base58check(text: str) -> bool:
    """Return whether it is a known version byte, a hash of 20 bytes, and four bytes of double SHA-256."""
    number = 0
    for char in text:
        number = number * 58 + _BASE58.index(char)
    size = 26 if text[0] == "t" else 25
    if number.bit_length() > 8 * size:
        return False
    data = number.to_bytes(size, "big")
    known = data[:2] in _ZCASH if size == 26 else data[0] in _VERSIONS and (data[0] != 0 or text[0] == "1")
    check = hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4]
    return known and check == data[-4:]


def is_bech32(text: str) -> bool:
    """Return whether the checksum is that of Bech32 (BIP 173) or Bech32m (BIP 350); lower case."""
    prefix, _, rest = text.rpartition("1")
    values = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    state = 1
    for value in values + [_BECH32.index(char) for char in rest]:
        top = state >> 25
        state = (state & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate((0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)):
            state ^= generator if top >> bit & 1 else 0
    return state in (1, 0x2BC830A3)


def is_eip55(text: str) -> bool:
    """Return whether the capitals of an Ethereum address are its checksum (EIP-55); one in one case has none."""
    digits = text[2:]
    if _one_case(text):
        return False
    seal = keccak_256(digits.lower().encode()).hex()
    return all(
        char.isdigit() or char.isupper() == (int(mark, 16) >= 8) for char, mark in zip(digits, seal, strict=False)
    )


def _one_case(text: str) -> bool:
    letters = re.sub("[0-9]", "", text[2:])
    return letters in (letters.lower(), letters.upper())


def keccak_256(data: bytes) -> bytes:
    """Return Keccak-256 as submitted in 2011, whose padding is not that of SHA3-256. For short messages."""
    rate = 136
    padded = bytearray(data + b"\x01" + bytes(-(len(data) + 1) % rate))
    padded[-1] |= 0x80
    lanes = [[0] * 5 for _ in range(5)]
    for block in range(0, len(padded), rate):
        for place in range(rate // 8):
            x, y = place % 5, place // 5
            lanes[x][y] ^= int.from_bytes(padded[block + 8 * place : block + 8 * place + 8], "little")
        lanes = _permuted(lanes)
    return b"".join(lanes[place % 5][place // 5].to_bytes(8, "little") for place in range(4))


def _turned(lane: int, by: int) -> int:
    by %= 64
    return (lane << by | lane >> (64 - by)) & 0xFFFFFFFFFFFFFFFF


def _permuted(lanes: list[list[int]]) -> list[list[int]]:
    """Return the state after Keccak-f[1600] (FIPS 202, section 3.2)."""
    register = 1
    for _ in range(24):
        parity = [a[0] ^ a[1] ^ a[2] ^ a[3] ^ a[4] for a in lanes]
        mixed = [parity[(x + 4) % 5] ^ _turned(parity[(x + 1) % 5], 1) for x in range(5)]
        lanes = [[lane ^ mixed[x] for lane in lanes[x]] for x in range(5)]
        x, y, current = 1, 0, lanes[1][0]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            current, lanes[x][y] = lanes[x][y], _turned(current, (step + 1) * (step + 2) // 2)
        for y in range(5):
            row = [lanes[x][y] for x in range(5)]
            for x in range(5):
                lanes[x][y] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5])
        for bit in range(7):
            register = (register << 1 ^ (register >> 7) * 0x71) % 256
            if register & 2:
                lanes[0][0] ^= 1 << ((1 << bit) - 1)
    return lanes
