"""The evidence of a scenario on disk: ``capture.pcapng``, a comment on every message, and ``log.json`` beside it.

Of links over sockets ``wire.pcapng`` has the octets as they were on the wire, and their keys.
What was inside TLS is written as the payload of a TCP connection, and said so.  The same two files are judged at once and by ``rejudge``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import cast

from conformance.errors import Misuse
from conformance.judge.evidence import Evidence
from conformance.judge.follow import PORTS, Reading
from conformance.judge.judging import read_capture
from conformance.judge.play import Play, slack_of
from conformance.judge.seen import Seen
from conformance.lab.capture.flow import Flow, Step, packets_of
from conformance.lab.capture.packet import Packet
from conformance.lab.capture.writing import write_pcapng
from conformance.lab.context import read_context
from conformance.lab.presentation.refusal import Json as LabJson
from conformance.live.memory.record import Entry, Note, Record
from conformance.live.memory.wiretap import write_wire
from conformance.live.playing import COMPLETE, Played
from conformance.live.subject import shown
from conformance.run.evidence import scenario_folder
from conformance.run.model import Json

CAPTURE, LOG, WIRE = "capture.pcapng", "log.json", "wire.pcapng"
DATAGRAMS, SECURE = ("udp", "dtls"), ("tls", "dtls")
PIECE = 60_000
"""Octets of a segment that is written."""
ECHO = "an echo: octet for octet what it was sent before"
"""The fault of a message that the subject did not write."""


def write_played(report: Path, played: Played, digests: Mapping[str, str]) -> Path:
    """Write capture and log; gives the folder."""
    folder = scenario_folder(report, played.scenario)
    folder.mkdir(parents=True, exist_ok=True)
    flow = Flow(title=f"{played.scenario}: {played.what}", start=0.0, steps=_steps(played.record))
    packets = list(packets_of(flow)) if flow.steps else []
    with (folder / CAPTURE).open("wb") as file:
        write_pcapng(file, packets, comment=_comment(played, flow.title))
    if played.record.wire is not None:
        write_wire(folder / WIRE, played.record.wire, f"{flow.title} As it was on the wire, with the keys to read it.")
    digest = hashlib.sha256((folder / CAPTURE).read_bytes()).hexdigest()
    log = _log(played, packets, {**digests, "capture": digest})
    (folder / LOG).write_text(json.dumps(log, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder


def _comment(played: Played, title: str) -> str:
    plain = {"tls": "plain TCP", "dtls": "plain UDP"}.get(played.transport)
    inside = f" What was inside {played.transport.upper()} stands here as the payload of {plain}." if plain else ""
    clock = " Time was virtual." if played.virtual else ""
    return f"{title}{inside}{clock}"


def _steps(record: Record) -> tuple[Step, ...]:
    steps = []
    for number, entry in enumerate(record.entries, 1):
        steps.append(
            Step(
                id=f"E{number}",
                source=shown(entry.source),
                destination=shown(entry.destination),
                at=entry.time,
                octets=entry.octets,
                transport="udp" if entry.transport in DATAGRAMS else "tcp",
                comment=_remark(entry),
                cut=tuple(range(PIECE, len(entry.octets), PIECE)) if entry.transport not in DATAGRAMS else (),
            )  # fmt: skip
        )
    return tuple(steps)


def _remark(entry: Entry) -> str:
    words = ["sent by the subject to" if entry.sent else "sent by", entry.party]
    words += ["DELIBERATELY MALFORMED"] if entry.malformed else []
    words += [f"({entry.label})"] if entry.label else []
    words += [f"inside {entry.transport.upper()}"] if entry.transport in SECURE else []
    return " ".join(words)


def _log(played: Played, packets: Sequence[Packet], digests: Mapping[str, str]) -> dict[str, Json]:
    record = played.record
    frames = {packet.comment.partition(" ")[0]: packet.number for packet in packets if packet.comment}
    ours = {shown(one.destination if one.sent else one.source) for one in record.entries}
    return {
        "scenario": played.scenario, "what": played.what, "ended": played.ended, "why": played.why,
        "transport": played.transport, "protocol": played.protocol, "virtual": played.virtual, "scale": played.scale,
        "started": played.started, "seconds": played.seconds, "harness": sorted(ours),
        "entries": [_entry(one, frames.get(f"E{number}")) for number, one in enumerate(record.entries, 1)],
        "notes": [_note(one, frames.get(f"E{one.after}", 0)) for one in record.notes],
        "digests": dict(digests), **({"context": dict(played.context)} if played.context else {}),
    }  # fmt: skip


def _entry(one: Entry, frame: int | None) -> dict[str, Json]:
    first = one.octets.split(b"\r\n", 1)[0][:100].decode("utf-8", "replace")
    if one.octets[:1] in (b"\x80", b"\x81"):
        first = (
            f"{'data' if one.octets[0] == 0x80 else 'ack'} {int.from_bytes(one.octets[1:5])}, {len(one.octets)} octets"
        )
    line: dict[str, Json] = {
        "frame": frame, "time": one.time, "party": one.party, "by": "subject" if one.sent else "harness",
        "transport": one.transport, "begins": first,
    }  # fmt: skip
    if one.malformed:
        line["malformed"] = True
    if one.label:
        line["label"] = one.label
    return line


def _note(one: Note, frame: int) -> dict[str, Json]:
    line: dict[str, Json] = {"time": one.time, "after": frame, "text": one.text}
    if one.alive is not None:
        line["alive"] = one.alive
    if one.facts is not None:
        line["facts"] = dict(one.facts)
    return line


def read_played(folder: Path) -> tuple[Evidence, Mapping[str, Json]]:
    """The evidence of a scenario and its log; raises Misuse where the files are missing, changed or broken."""
    try:
        log = json.loads((folder / LOG).read_text("utf-8"))
        octets = (folder / CAPTURE).read_bytes()
        if log["digests"]["capture"] != hashlib.sha256(octets).hexdigest():
            raise Misuse(f"{folder / CAPTURE} is not the capture that {LOG} was written for")
        return _evidence(folder / CAPTURE, log), cast("Mapping[str, Json]", log)
    except (OSError, ValueError, KeyError, TypeError) as fault:
        raise Misuse(f"{folder}: no evidence of a scenario: {fault}") from None


def _evidence(capture: Path, log: Mapping[str, Json]) -> Evidence:
    entries = cast("Sequence[Mapping[str, Json]]", log["entries"])
    notes = cast("Sequence[Mapping[str, Json]]", log["notes"])
    ours = frozenset(cast("Sequence[str]", log["harness"]))
    remarks = {cast("int", one["frame"]): one for one in entries}
    protocol = str(log.get("protocol", "sip"))
    ports = {**(PORTS if protocol != "http" else {}), **{int(end.rpartition(":")[2]): protocol for end in ours}}
    reading = Reading(ports=ports, context=read_context(cast("LabJson", log.get("context"))))
    evidence = read_capture(capture, reading) if entries else Evidence((), context=reading.context)
    events = tuple(_told_apart([_marked(event, ours, remarks) for event in evidence.events]))
    play = Play(
        scenario=str(log["scenario"]), complete=log["ended"] == COMPLETE, why=str(log["why"]),
        virtual=log["virtual"] is True, slack=slack_of(cast("float", log["scale"]), virtual=log["virtual"] is True),
        probes=tuple(
            (_reached(events, cast("int", one["after"])), one["alive"] is True) for one in notes if "alive" in one
        ),
        notes=tuple(str(one["text"]) for one in notes),
        facts=tuple(
            (_reached(events, cast("int", one["after"])), cast("Mapping[str, Json]", one["facts"]))
            for one in notes if "facts" in one
        ),
    )  # fmt: skip
    return replace(evidence, events=events, play=play)


def _marked(event: Seen, ours: frozenset[str], remarks: Mapping[int, Mapping[str, Json]]) -> Seen:
    # On a stream the frame in which the message before it ended is named too; its own is the last.
    own: Mapping[str, Json] = next((remarks[frame] for frame in reversed(event.frames) if frame in remarks), {})
    return replace(
        event, direction="received" if event.source in ours else "sent", malformed=own.get("malformed") is True,
        secure=own.get("transport") in SECURE, label=str(own.get("label", "")),
    )  # fmt: skip


def _told_apart(events: Sequence[Seen]) -> Iterator[Seen]:
    """The events; what the subject sends back octet for octet is no message of its own, so it meets no requirement."""
    before: set[bytes] = set()
    for event in events:
        if event.direction == "received":
            before.add(event.octets)
        elif (event.sip is not None or event.reload is not None) and event.octets in before:
            event = replace(event, sip=None, reload=None, fault=ECHO)
        yield event


def _reached(events: Sequence[Seen], frame: int) -> int:
    """The number of the last event that was whole with this frame."""
    return max((event.number for event in events if event.frames and event.frames[-1] <= frame), default=0)
