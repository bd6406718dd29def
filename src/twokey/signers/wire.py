"""SSH's wire format (RFC 4251, section 5) and the armor of PROTOCOL.sshsig, read in one way only.

What two parsers might understand differently is refused: padded numbers, trailing bytes, other line lengths, carriage
returns, anything before or after the armor. Knows nothing of keys or of what is signed.
"""

import base64
import binascii
from dataclasses import dataclass

MAX_ARMOR_BYTES = 16 * 1024
HEADER = "-----BEGIN SSH SIGNATURE-----\n"
FOOTER = "-----END SSH SIGNATURE-----\n"
LINE_LENGTHS = (70, 76)  # what OpenSSH writes, and what its PROTOCOL.sshsig recommends


class MalformedError(ValueError):
    """Bytes that are not what they should be; the message is a plain reason that a person can read."""


@dataclass(slots=True)
class Wire:
    """A cursor over SSH wire data; `what` names it in refusals."""

    data: bytes
    what: str
    at: int = 0

    def take(self, count: int) -> bytes:
        """Return the next `count` bytes; raises MalformedError where there are fewer."""
        part = self.data[self.at : self.at + count]
        if len(part) != count:
            raise MalformedError(f"{self.what} is cut off: {count} bytes expected at {self.at}, {len(part)} there")
        self.at += count
        return part

    def u32(self) -> int:
        """Return the next unsigned 32-bit number."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """Return the next length-prefixed string."""
        return self.take(self.u32())

    def number(self) -> int:
        """Return the next mpint, which must be positive and without padding, as RFC 4251 demands."""
        raw = self.string()
        if not raw or raw[0] & 0x80:
            raise MalformedError(f"{self.what} has a number that is not positive")
        if raw[0] == 0 and (len(raw) == 1 or not raw[1] & 0x80):
            raise MalformedError(f"{self.what} has a number that is zero or padded with zeros")
        return int.from_bytes(raw, "big")

    def end(self) -> None:
        """Refuse bytes that are left over."""
        if self.at != len(self.data):
            raise MalformedError(f"{self.what} has {len(self.data) - self.at} bytes too many at its end")


def string(data: bytes) -> bytes:
    """Return `data` as a length-prefixed string."""
    return len(data).to_bytes(4, "big") + data


def armor(blob: bytes, line_length: int = LINE_LENGTHS[0]) -> bytes:
    """Return the armored form of a signature blob."""
    text = base64.b64encode(blob).decode("ascii")
    lines = [text[start : start + line_length] for start in range(0, len(text), line_length)]
    return (HEADER + "".join(f"{line}\n" for line in lines) + FOOTER).encode("ascii")


def unarmor(armored: bytes) -> bytes:
    """Return the blob in an armored signature; raises MalformedError unless it is just as `armor` would write it."""
    if len(armored) > MAX_ARMOR_BYTES:
        raise MalformedError(
            f"the signature file has {len(armored):,} bytes, more than the {MAX_ARMOR_BYTES:,} allowed"
        )
    if b"\r" in armored:
        raise MalformedError("the signature file has carriage returns: its line endings were converted")
    if not armored.isascii():
        raise MalformedError("the signature file has characters outside ASCII")
    if not armored.startswith(HEADER.encode()):
        raise MalformedError("the signature file does not start with '-----BEGIN SSH SIGNATURE-----'")
    if not armored.endswith(b"\n" + FOOTER.encode()):
        raise MalformedError("the signature file does not end with '-----END SSH SIGNATURE-----' and a newline")
    body = armored[len(HEADER) : -len(FOOTER)]
    try:
        blob = base64.b64decode(body.replace(b"\n", b""), validate=True)
    except binascii.Error as error:
        raise MalformedError(f"the signature's base64 cannot be decoded: {error}") from None
    if armored not in {armor(blob, length) for length in LINE_LENGTHS}:
        lengths = " or ".join(map(str, LINE_LENGTHS))
        raise MalformedError(
            f"the signature's armor is not canonical: base64 in lines of {lengths} characters, no more"
        )
    return blob
