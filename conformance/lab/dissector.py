"""tshark as a second decoder of RELOAD messages and frames, and the slips it is known for.

A message goes in as one packet of a capture whose link type is handed to the dissector, a frame
as one datagram of a port that is decoded as framed.  tshark decodes and does not validate, so it
is asked only about right input: it agrees where it reads without complaint, where each field it
shows begins and ends where the vector's fields do and has their names, and where no field of the
vector is passed over.  ``dissector.toml`` lists what it is known to get wrong.
"""

from __future__ import annotations

import json
import re
import shutil
import struct
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from conformance.lab.presentation.refusal import Json

Opinion = tuple[str, str]
_PORT = 6084
_DATAGRAM = 65507
"""Bytes that a UDP datagram can carry."""
_USER_0, _RAW_IPV4 = 147, 228
"""Link types of a capture file."""
_LAYOUT = ("reload.message", "reload.framed")


@dataclass(frozen=True, slots=True)
class Slip:
    """Something that the dissector is known to get wrong: fields whose name matches are not compared."""

    name: str
    why: str
    fields: re.Pattern[str]
    complaints: re.Pattern[str]
    vectors: re.Pattern[str]
    """Ids of the vectors it is limited to."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A leaf of the dissection."""

    name: str
    start: int
    end: int


def slips() -> tuple[Slip, ...]:
    """The known slips, from ``dissector.toml``."""
    table = tomllib.loads(Path(__file__).with_name("dissector.toml").read_text("utf-8"))
    never, always = "(?!)", ""
    return tuple(
        Slip(
            one["name"],
            one["why"],
            re.compile(one.get("fields", never)),
            re.compile(one.get("complaints", never)),
            re.compile(one.get("vectors", always)),
        )
        for one in table["slip"]
    )


class Dissector:
    """tshark, where it is installed."""

    def __init__(self) -> None:
        self._program = shutil.which("tshark")
        self.name = f"tshark {_version(self._program)}" if self._program else "tshark"

    def opinions(self, vectors: Sequence[Mapping[str, Json]]) -> list[Opinion]:
        """``agree``, ``disagree`` or ``cannot``, and in a few words why, for each vector; one run for all that are alike."""
        found: list[Opinion] = [("cannot", _cannot(vector, self._program)) for vector in vectors]
        runs: dict[tuple[str, str, str], list[int]] = {}
        for index, vector in enumerate(vectors):
            if not found[index][1]:
                alike = (str(vector["format"]), json.dumps(_kinds(vector), sort_keys=True), _node_id_length(vector))
                runs.setdefault(alike, []).append(index)
        for (format, kinds, length), indices in runs.items():
            packets = [packet for index in indices for packet in _packets(vectors[index])]
            dissected = iter(self._dissect(format, packets, json.loads(kinds), length))
            for index in indices:
                mine = [next(dissected, None) for _ in _packets(vectors[index])]
                found[index] = _compared(vectors[index], [one for one in mine if one is not None])
        return found

    def _dissect(self, format: str, packets: list[bytes], kinds: Mapping[str, str], length: str) -> list[Dissection]:
        link = _USER_0 if format == "reload.message" else _RAW_IPV4
        with tempfile.NamedTemporaryFile(suffix=".pcap") as capture:
            capture.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, link))
            for packet in packets:
                framed = packet if link == _USER_0 else _datagram(packet)
                capture.write(struct.pack("<IIII", 0, 0, len(framed), len(framed)) + framed)
            capture.flush()
            command = [str(self._program), "-r", capture.name, "-T", "pdml", "-d", f"udp.port=={_PORT},reload-framing"]
            command += ["-o", 'uat:user_dlts:"User 0 (DLT=147)","reload","0","","0",""']
            command += ["-o", f"reload.nodeid_length:{length}"]
            for kind, model in kinds.items():
                command += ["-o", f'uat:reload_kindids:"{kind}","KIND-{kind}","{model}"']
            told = subprocess.run(command, capture_output=True, timeout=60, check=False).stdout
        tree = etree.fromstring(told, etree.XMLParser(resolve_entities=False, huge_tree=True, recover=True))
        return [_dissection(packet) for packet in tree.iterfind("packet")] if tree is not None else []


def _version(program: str) -> str:
    shown = subprocess.run([program, "--version"], capture_output=True, timeout=30, check=False).stdout
    found = re.search(r"\d+\.\d+\.\d+", shown.decode(errors="replace"))
    return found[0] if found else "?"


def _cannot(vector: Mapping[str, Json], program: str | None) -> str:
    if program is None:
        return "not installed"
    if vector["format"] not in _LAYOUT or vector["command"] != "decode":
        return f"{vector['command']} of {vector['format']} is not read by it"
    if vector["kind"] == "invalid":
        return "it decodes and does not validate"
    if vector["format"] == "reload.framed" and any(len(packet) > _DATAGRAM for packet in _packets(vector)):
        return "a frame is longer than a datagram"
    return "" if _packets(vector) else "there is no whole frame"


def _kinds(vector: Mapping[str, Json]) -> dict[str, Json]:
    context = vector.get("context")
    kinds = context.get("kinds") if isinstance(context, dict) else None
    return kinds if isinstance(kinds, dict) else {}


def _node_id_length(vector: Mapping[str, Json]) -> str:
    context = vector.get("context")
    return str(context.get("node_id_length", 16)) if isinstance(context, dict) else "16"


def _parts(vector: Mapping[str, Json]) -> Iterator[tuple[str, bytes]]:
    parts = vector["bytes"]
    for part in parts if isinstance(parts, list) else []:
        if isinstance(part, dict):
            octets = bytes.fromhex(str(part["hex"])) if "hex" in part else str(part["text"]).encode()
            repeat = part.get("repeat", 1)
            yield str(part["field"]), octets * (repeat if isinstance(repeat, int) else 1)


def _packets(vector: Mapping[str, Json]) -> list[bytes]:
    """The message, or each frame of a link's bytes; what is left over is no packet."""
    octets = b"".join(octets for _, octets in _parts(vector))
    if vector["format"] == "reload.message":
        return [octets]
    packets, at = [], 0
    while at < len(octets):
        size = 9 if octets[at] == 129 else 8 + int.from_bytes(octets[at + 5 : at + 8])
        if len(octets) - at < size:
            break
        packets.append(octets[at : at + size])
        at += size
    return packets


def _datagram(payload: bytes) -> bytes:
    udp = struct.pack("!HHHH", _PORT, _PORT, 8 + len(payload), 0) + payload
    ends = bytes([192, 0, 2, 1, 192, 0, 2, 2])
    return struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0) + ends + udp


@dataclass(slots=True)
class Dissection:
    """What is shown of the layers of RELOAD in a packet, and the complaints about it."""

    leaves: list[Shown]
    complaints: list[str]
    taken: bool = False
    """Whether it was taken for RELOAD at all: of frames only such as hold whole messages are."""


def _dissection(packet: etree._Element) -> Dissection:
    found = Dissection([], [])
    base: int | None = None
    for proto in packet.iterfind("proto"):
        name = proto.get("name") or ""
        if name.startswith("_ws."):
            found.complaints.append(str(proto.get("showname")))
        elif name in ("reload", "reload-framing", "reload_framing"):
            base = int(proto.get("pos") or 0) if base is None else base
            for one in proto.iter("field"):
                _take(one, base, found)
    found.taken = base is not None
    return found


def _take(one: etree._Element, base: int, found: Dissection) -> None:
    name, shown = one.get("name") or "", one.get("showname") or ""
    whole = one.find("field") is None or name.endswith("forwarding.fragment")
    if name.startswith("_ws."):
        found.complaints += [shown] if name in ("_ws.expert", "_ws.malformed") else []
    elif whole and one.get("value"):
        start = int(one.get("pos") or 0) - base
        found.leaves.append(Shown(shown.split(" ")[0].rstrip(":"), start, start + int(one.get("size") or 0)))


class _Comparison:
    """The stretches of a vector's fields against those shown."""

    def __init__(self, vector: Mapping[str, Json]) -> None:
        self._slips = [slip for slip in slips() if slip.vectors.search(str(vector["id"]))]
        self.used: set[str] = set()
        self._fields: list[tuple[str, int, int]] = []
        self._covered: set[int] = set()
        self._end = 0
        for name, octets in _parts(vector):
            if octets:
                self._fields.append((name, self._end, self._end + len(octets)))
            self._end += len(octets)

    def _slipped(self, *names: str) -> bool:
        for slip in self._slips:
            if any(slip.fields.search(name) for name in names):
                self.used.add(slip.name)
                return True
        return False

    def complaint(self, packets: Sequence[Dissection]) -> str:
        """The first complaint that is no known slip."""
        for text in (text for packet in packets for text in packet.complaints):
            slip = next((slip for slip in self._slips if slip.complaints.search(text)), None)
            if slip is None:
                return text
            self.used.add(slip.name)
        return ""

    def stray(self, packets: Sequence[Dissection], sizes: Sequence[int]) -> str:
        """The first field shown that is neither within one of the vector's nor made of several."""
        edges = {edge for _, start, end in self._fields for edge in (start, end)}
        offset = 0
        for packet, size in zip(packets, sizes, strict=True):
            for leaf in packet.leaves:
                start, end = leaf.start + offset, leaf.end + offset
                met = [(name, first, last) for name, first, last in self._fields if first < end and start < last]
                inside = any(first <= start and end <= last for _, first, last in met)
                self._covered.update(range(start, end))
                names = [leaf.name, *(name for name, _, _ in met)]
                if not inside and not {start, end} <= edges and not self._slipped(*names):
                    return f"{leaf.name} at bytes {start} to {end} is no field of the vector"
            offset += size
        self._end = offset
        return ""

    def passed_over(self) -> str:
        """The first field of the vector that is not shown; a count shows in what it counts."""
        for name, start, end in self._fields:
            shown = self._covered.issuperset(range(start, end)) or name.endswith(".length")
            if end <= self._end and not shown and not self._slipped(name):
                return f"{name} at bytes {start} to {end} is passed over"
        return ""


def _compared(vector: Mapping[str, Json], packets: Sequence[Dissection]) -> Opinion:
    comparison = _Comparison(vector)
    if not all(packet.taken for packet in packets):
        return "cannot", "it is not taken for RELOAD"
    sizes = [len(packet) for packet in _packets(vector)]
    if len(sizes) != len(packets):
        return "disagree", f"{len(sizes)} packets went in, {len(packets)} came out"
    why = comparison.complaint(packets) or comparison.stray(packets, sizes) or comparison.passed_over()
    if why:
        return "disagree", why
    used = ", ".join(sorted(comparison.used))
    return "agree", f"but for its slips: {used}" if used else ""
