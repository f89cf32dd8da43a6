"""DTLS records in a datagram, as far as a socket looks at them (RFC 6347, section 4.1)."""

from __future__ import annotations

from collections.abc import Iterator

MTU = 1200
"""Octets of a datagram that go through everywhere, IPv6 and a tunnel included; our choice."""

_HEADER = 13
_HANDSHAKE, _FIRST, _LAST = 22, 20, 25
_CLIENT_HELLO = 1
_EPOCH = slice(3, 5)
_MAJOR = 0xFE


def records(datagram: bytes) -> Iterator[bytes]:
    """The records one by one; ValueError where the octets are no records."""
    at = 0
    while at < len(datagram):
        header = datagram[at : at + _HEADER]
        if len(header) < _HEADER or not _FIRST <= header[0] <= _LAST or header[1] != _MAJOR:
            raise ValueError("no record of DTLS")
        end = at + _HEADER + int.from_bytes(header[11:13], "big")
        if end > len(datagram):
            raise ValueError("a record that is cut short")
        yield datagram[at:end]
        at = end


def well_formed(datagram: bytes) -> bool:
    """Whether a datagram holds records and nothing else."""
    try:
        return sum(1 for _ in records(datagram)) > 0
    except ValueError:
        return False


def is_client_hello(datagram: bytes) -> bool:
    """Whether a well-formed datagram begins with the first message of a handshake."""
    unprotected = datagram[_EPOCH] == b"\0\0" and datagram[0] == _HANDSHAKE
    return unprotected and len(datagram) > _HEADER and datagram[_HEADER] == _CLIENT_HELLO


def datagrams(octets: bytes) -> Iterator[bytes]:
    """What the library wants sent, cut between records into datagrams as large as they may be."""
    together = b""
    for each in records(octets):
        if together and len(together) + len(each) > MTU:
            yield together
            together = b""
        together += each
    if together:
        yield together
