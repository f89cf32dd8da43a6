"""Writes pcapng: one section, one interface, packets with comments; the same input gives the same octets."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import BinaryIO

from conformance.lab.capture.packet import LINK_ETHERNET, Packet

APPLICATION = "disco-conformance"
"""What the section header names as the writer."""
TLS_KEY_LOG = b"KSLT"
"""Secrets Type of a Decryption Secrets Block, 0x544c534b in little endian."""


def write_pcapng(
    file: BinaryIO,
    packets: Iterable[Packet],
    *,
    link_type: int = LINK_ETHERNET,
    comment: str = "",
    secrets: bytes = b"",
) -> None:
    """All packets, little endian, times in microseconds; ``comment`` goes to the section header.

    ``secrets`` is the text of a TLS key log, with which whoever reads the file decrypts what is in it.
    """
    options = _option(1, comment.encode()) if comment else b""
    options += _option(4, APPLICATION.encode()) + _option(0, b"")
    file.write(_block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options))
    file.write(_block(1, struct.pack("<HHI", link_type, 0, 262144) + _option(9, b"\x06") + _option(0, b"")))
    if secrets:
        head = struct.pack("<4sI", TLS_KEY_LOG, len(secrets))
        file.write(_block(10, head + secrets + b"\0" * (-len(secrets) % 4)))
    for packet in packets:
        stamp = round(packet.time * 1_000_000)
        octets = packet.octets
        fixed = struct.pack("<IIIII", 0, stamp >> 32, stamp & 0xFFFFFFFF, len(octets), len(octets))
        remark = _option(1, packet.comment.encode()) + _option(0, b"") if packet.comment else b""
        file.write(_block(6, fixed + octets + b"\0" * (-len(octets) % 4) + remark))


def write_pcap(file: BinaryIO, packets: Iterable[Packet], *, link_type: int = LINK_ETHERNET, order: str = "<") -> None:
    """The older format, for programs that read no pcapng; comments are lost."""
    file.write(struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type))
    for packet in packets:
        stamp = round(packet.time * 1_000_000)
        octets = packet.octets
        file.write(struct.pack(f"{order}IIII", stamp // 1_000_000, stamp % 1_000_000, len(octets), len(octets)))
        file.write(octets)


def _block(kind: int, body: bytes) -> bytes:
    total = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + total + body + total


def _option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + b"\0" * (-len(value) % 4)
