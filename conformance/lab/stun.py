"""Messages of STUN as connectivity checks of ICE have them, read and written (RFC 5389 and RFC 5245, from memory)."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from conformance.lab.presentation.refusal import LabRefusal

COOKIE = 0x2112A442
REQUEST, INDICATION, SUCCESS, FAILURE = 0x0001, 0x0011, 0x0101, 0x0111
USERNAME, INTEGRITY, MAPPED, PRIORITY, USE_CANDIDATE = 0x0006, 0x0008, 0x0020, 0x0024, 0x0025
FINGERPRINT, CONTROLLED, CONTROLLING = 0x8028, 0x8029, 0x802A
XOR = 0x5354554E
HEAD = 20


@dataclass(frozen=True, slots=True)
class Stun:
    """One message of the method Binding, or another one."""

    type: int
    transaction: bytes
    attributes: tuple[tuple[int, bytes], ...]
    octets: bytes

    def first(self, number: int) -> bytes | None:
        """The value of an attribute; None where there is none."""
        return next((value for known, value in self.attributes if known == number), None)

    @property
    def user(self) -> str:
        """The USERNAME; empty where there is none."""
        return (self.first(USERNAME) or b"").decode("utf-8", "replace")

    def sealed(self, password: str) -> bool:
        """Whether its MESSAGE-INTEGRITY holds."""
        place = HEAD
        for number, value in self.attributes:
            if number == INTEGRITY:
                return hmac.compare_digest(_integrity(self.octets[:place], password), value)
            place += 4 + len(value) + (-len(value) % 4)
        return False


def is_stun(octets: bytes) -> bool:
    """Whether a datagram is one of STUN, and not of DTLS."""
    return len(octets) >= HEAD and octets[0] < 4 and octets[4:8] == COOKIE.to_bytes(4)


def read(octets: bytes) -> Stun:
    """A message; raises LabRefusal for what is none."""
    if not is_stun(octets) or len(octets) != HEAD + int.from_bytes(octets[2:4]):
        raise LabRefusal("stun", 0, "no message of STUN")
    found: list[tuple[int, bytes]] = []
    place = HEAD
    while place < len(octets):
        number, length = int.from_bytes(octets[place : place + 2]), int.from_bytes(octets[place + 2 : place + 4])
        value = octets[place + 4 : place + 4 + length]
        if len(value) < length:
            raise LabRefusal("stun", place, "an attribute that is cut")
        found.append((number, value))
        place += 4 + length + (-length % 4)
    return Stun(int.from_bytes(octets[:2]), octets[8:HEAD], tuple(found), octets)


def written(kind: int, transaction: bytes, attributes: Sequence[tuple[int, bytes]], password: str) -> bytes:
    """A message with MESSAGE-INTEGRITY and FINGERPRINT at its end."""
    octets = kind.to_bytes(2) + bytes(2) + COOKIE.to_bytes(4) + transaction
    for number, value in attributes:
        octets += _attribute(number, value)
    octets += _attribute(INTEGRITY, _integrity(octets, password))
    octets = _sized(octets, 8)
    octets += _attribute(FINGERPRINT, (binascii.crc32(octets) ^ XOR).to_bytes(4))
    return octets


def mapped(host: int, port: int) -> bytes:
    """XOR-MAPPED-ADDRESS of an IPv4 address."""
    return b"\0\1" + (port ^ COOKIE >> 16).to_bytes(2) + (host ^ COOKIE).to_bytes(4)


def _attribute(number: int, value: bytes) -> bytes:
    return number.to_bytes(2) + len(value).to_bytes(2) + value + bytes(-len(value) % 4)


def _sized(octets: bytes, more: int) -> bytes:
    return octets[:2] + (len(octets) - HEAD + more).to_bytes(2) + octets[4:]


def _integrity(before: bytes, password: str) -> bytes:
    return hmac.new(password.encode(), _sized(before, 24), hashlib.sha1).digest()
