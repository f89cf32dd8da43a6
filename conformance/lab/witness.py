"""tshark as a witness of a live run: what it finds inside TLS and DTLS, and whether it reads the messages as the lab does.

It decrypts by the keys in the capture itself.  The dissector of version 4.0 is not called for what was in TLS, so messages
are put to it once more by :mod:`conformance.lab.dissector`, field by field, with the slips that are listed there.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message

PATIENCE = 120.0
"""Seconds that tshark may take for one capture."""
UNREAD = ("reload", "reload-framing", "http", "http2", "sip")
"""What it must not take the octets for, so that it shows them as they are."""
ENDS = ("ip.src", "ipv6.src", "tcp.srcport", "udp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport", "udp.dstport")
Flow = tuple[str, str]
"""Source and destination, each as ``192.0.2.1:6084`` or ``[2001:db8::1]:6084``."""


class NoWitness(Exception):
    """tshark is not installed, or does not read a file; the text says which."""


def inside(capture: Path) -> dict[Flow, list[bytes]]:
    """What it finds inside the protected flows of a capture that holds its keys, in order."""
    program = shutil.which("tshark")
    if program is None:
        raise NoWitness("tshark is not installed")
    words = [program, "-r", str(capture)]
    words += [word for name in UNREAD for word in ("--disable-protocol", name)]
    words += ["-Y", "data && (tls || dtls)", "-T", "fields"]
    words += [word for name in (*ENDS, "data.data") for word in ("-e", name)]
    try:
        done = subprocess.run(words, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as fault:
        raise NoWitness(f"tshark does not read {capture}: {fault}") from None
    if done.returncode:
        raise NoWitness(f"tshark does not read {capture}: {done.stderr.decode(errors='replace').strip()[-200:]}")
    found: dict[Flow, list[bytes]] = {}
    for line in done.stdout.decode().splitlines():
        *ends, data = line.split("\t")
        source, destination = _end(ends[:4]), _end(ends[4:])
        found.setdefault((source, destination), []).extend(bytes.fromhex(one) for one in data.split(","))
    return found


def _end(columns: Sequence[str]) -> str:
    """An address and a port, of which each has two columns."""
    ipv4, ipv6, *ports = columns
    port = next(filter(None, ports), "")
    return f"{ipv4}:{port}" if ipv4 else f"[{ipv6}]:{port}"


def vector_of(identity: str, message: Message, context: Mapping[str, Json]) -> dict[str, Json]:
    """A message as a vector has it: cut into the fields that the lab has read."""
    parts: list[Json] = [{"field": name, "hex": octets.hex()} for name, octets in fields_of(message)]
    return {
        "id": identity, "format": "reload.message", "command": "decode", "kind": "valid", "bytes": parts,
        "context": dict(context),
    }  # fmt: skip


def fields_of(message: Message) -> Iterator[tuple[str, bytes]]:
    """The innermost fields in order; what lies between counts others, and is called so."""
    at = 0
    for start, end, name in _leaves(message.trace):
        for place in _gaps(message.trace, at, start):
            yield f"{name}.length", message.octets[place[0] : place[1]]
        yield name, message.octets[start:end]
        at = end
    if at < len(message.octets):
        yield "end.length", message.octets[at:]


def _leaves(trace: Mapping[str, tuple[int, int]]) -> list[tuple[int, int, str]]:
    """Those that hold no other field and are not empty."""
    outer = {name.rpartition(sign)[0] for name in trace for sign in (".", "[") if sign in name}
    outer |= {one.rpartition(sign)[0] for one in tuple(outer) for sign in (".", "[") if sign in one}
    return sorted((start, end, name) for name, (start, end) in trace.items() if name not in outer and start < end)


def _gaps(trace: Mapping[str, tuple[int, int]], start: int, end: int) -> list[tuple[int, int]]:
    """The stretch before a field, cut where fields that hold others begin."""
    edges = sorted({start, end, *(first for first, _ in trace.values() if start < first < end)})
    return list(zip(edges, edges[1:], strict=False))
