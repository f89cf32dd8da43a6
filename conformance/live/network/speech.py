"""Speech of a party: silence in PCMU from a port of its own, so that a phone does not end a call for want of sound (RFC 3550, 3551).

What the subject sends here is counted, by source and format; a party makes notes of it.
"""

from __future__ import annotations

import ipaddress
import socket
import struct
import threading
from collections.abc import Iterator
from typing import Protocol

from conformance.lab.sip import LabRefusal, decode
from conformance.lab.sip.value import number_at, pick, text_at
from conformance.live.subject import End

PERIOD = 0.02
"""Seconds between packets (RFC 3551, section 4.2)."""
SILENCE = b"\xff" * 160
"""20 ms of PCMU."""
PCMU = 0
SOURCE = 0x0D15C0
"""Who speaks, in a party's packets."""
PROBE = 0x0D15C1
"""And in those that try whether a port is open."""
SAMPLED = (0, 8)
"""Formats with one octet for a sample."""
CONTROL = range(64, 96)
"""What stands in the place of a format where a packet is RTCP (RFC 5761, section 4)."""
MOST_KINDS = 50
"""Sources and formats that are told apart."""


class Voice(Protocol):
    """A port of a party for its media."""

    port: int
    """For a session description."""

    def speak(self, to: End) -> None:
        """Send silence there from now on; once, and elsewhere where it is said again."""

    def heard(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Host, port, payload number, samples and count of the packets that came since it was asked to forget."""

    def forget(self) -> None:
        """Count from nothing."""

    def close(self) -> None:
        """Stop."""


class Counts:
    """Packets by source and format, those of PCMU and PCMA by their length too."""

    def __init__(self) -> None:
        self._counts: dict[tuple[str, int, int, int], int] = {}

    def add(self, octets: bytes, source: End) -> None:
        """A datagram; what is no RTP is not counted."""
        number = format_of(octets)
        if number is None:
            return
        key = (*source, number, len(octets) - 12 if number in SAMPLED else 0)
        if key in self._counts or len(self._counts) < MOST_KINDS:
            self._counts[key] = self._counts.get(key, 0) + 1

    def heard(self) -> Iterator[tuple[str, int, int, int, int]]:
        """Host, port, payload number, samples (0 where they are not counted) and count."""
        for (host, port, number, samples), count in sorted(self._counts.copy().items()):
            yield host, port, number, samples, count

    def forget(self) -> None:
        """Count from nothing."""
        self._counts.clear()


def packet(number: int, source: int) -> bytes:
    """One packet of silence; the first has the marker."""
    marker = 0x80 if number == 0 else 0
    return struct.pack("!BBHII", 0x80, PCMU | marker, number & 0xFFFF, number * 160 & 0xFFFFFFFF, source) + SILENCE


def place_of(description: bytes, medium: str = "audio") -> End | None:
    """Where the first stream of a medium wants its packets by a session description; None where there is none."""
    try:
        value = decode("sdp", None, description)
    except LabRefusal:
        return None
    streams = pick(value, "media")
    for stream in streams if isinstance(streams, list) else []:
        host = text_at(stream, "connections", 0, "address") or text_at(value, "connection", "address")
        port = number_at(stream, "port")
        if pick(stream, "media") == medium and port and host and _numeric(host):
            return host, port
    return None


def format_of(octets: bytes) -> int | None:
    """The payload number of an RTP packet; None for anything else."""
    number = octets[1] & 0x7F if len(octets) >= 12 and octets[0] >> 6 == 2 else None
    return None if number in CONTROL else number


def closed(host: str, place: End) -> bool:
    """Whether a port refuses packets: two packets of silence are sent there from a port of their own."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((host, 0))
            probe.settimeout(0.1)
            probe.connect(place)
            for number in range(2):
                probe.send(packet(number, PROBE))
                probe.recv(1)
        except TimeoutError:
            return False
        except OSError:
            return True
    return False


def _numeric(host: str) -> bool:
    try:
        return not ipaddress.ip_address(host).is_unspecified
    except ValueError:
        return False


class Speech(Counts):
    """A socket that sends silence until it is closed."""

    def __init__(self, host: str) -> None:
        super().__init__()
        self._socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((host, 0))
        self.port = int(self._socket.getsockname()[1])
        """The port for a session description."""
        self._to: End = (host, 0)
        self._end = threading.Event()
        self._speaking: threading.Thread | None = None
        self._socket.settimeout(PERIOD)
        self._listening = threading.Thread(target=self._listen, daemon=True)
        self._listening.start()

    def _listen(self) -> None:
        while not self._end.is_set():
            try:
                octets, (host, port, *_) = self._socket.recvfrom(2048)
            except OSError:  # nothing came in a while
                continue
            self.add(octets, (host, port))

    def speak(self, to: End) -> None:
        """Begin, or go on elsewhere."""
        self._to = to
        if self._speaking is None:
            self._speaking = threading.Thread(target=self._run, daemon=True)
            self._speaking.start()

    def _run(self) -> None:
        number = 0
        while not self._end.wait(PERIOD):
            try:
                self._socket.sendto(packet(number, SOURCE), self._to)
            except OSError:  # nobody there; it may come yet
                continue
            finally:
                number += 1

    def close(self) -> None:
        """Stop."""
        self._end.set()
        for thread in (self._speaking, self._listening):
            if thread is not None:
                thread.join(1.0)
        self._socket.close()
