"""Many captures as one, for a decoder that takes long to start."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from conformance.lab.capture.packet import LINK_ETHERNET, Packet
from conformance.lab.capture.reading import packets
from conformance.lab.capture.writing import write_pcapng

SEPARATOR = "\x1f"
"""Between the occurrences of one field."""
_TYPE, _IPV4 = slice(12, 14), b"\x08\x00"
_SOURCE, _DESTINATION = 26, 30
"""Where the addresses begin in an Ethernet frame of IPv4."""


class Joined:
    """Captures in one file; the addresses of each are its own, so that no two share a connection."""

    def __init__(self, captures: Sequence[Path], into: Path) -> None:
        assert len(captures) <= 32, "the first octets of the addresses would be those of groups"
        self.path = into
        self.places: list[tuple[Path, int]] = []
        """The capture and the frame in it that each frame is."""
        with into.open("wb") as file:
            write_pcapng(file, self._frames(captures))

    def _frames(self, captures: Sequence[Path]) -> Iterator[Packet]:
        for number, path in enumerate(captures):
            with path.open("rb") as file:
                for packet in packets(file):
                    assert packet.link_type == LINK_ETHERNET and packet.octets[_TYPE] == _IPV4, path
                    octets = bytearray(packet.octets)
                    octets[_SOURCE] ^= number
                    octets[_DESTINATION] ^= number
                    self.places.append((path, packet.number))
                    yield packet._replace(octets=bytes(octets))

    def shown(self, wanted: str, fields: Sequence[str], *words: str) -> dict[tuple[Path, int], list[list[str]]]:
        """What tshark shows of the frames that a filter takes: each of the fields as often as it occurs, by capture and frame."""
        command = ["tshark", "-n", "-r", str(self.path), *words, "-Y", wanted, "-T", "fields", "-E", "occurrence=a"]
        command += ["-E", f"aggregator={SEPARATOR}", "-e", "frame.number"]
        command += [word for name in fields for word in ("-e", name)]
        done = subprocess.run(command, capture_output=True, timeout=60, check=True)
        rows = [line.split("\t") for line in done.stdout.decode().splitlines()]
        return {self.places[int(row[0]) - 1]: [one.split(SEPARATOR) if one else [] for one in row[1:]] for row in rows}
