"""Applies the edits of ``negatives.toml`` to a flow."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import cast

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509 import load_pem_x509_certificate

from conformance import places
from conformance.lab import reload
from conformance.lab.capture.flow import Flow, Step, read_flow
from conformance.lab.context import Context
from conformance.lab.signatures import Credential, sign_message

FILE = Path(__file__).with_name("negatives.toml")
CONTEXT = Context(kinds={0xF0000001: "DICTIONARY"}, overlay_name="overlay.example.org")
PARTIES = {"atlanta5070": "192.0.2.2:5070", "alice5063": "192.0.2.1:5063", "group": "224.0.1.75:5060"}
"""Ends that edits name and flows do not."""

Edit = dict[str, object]


@cache
def negatives() -> dict[str, list[object]]:
    """The table: check to trace and edits."""
    table: dict[str, list[object]] = tomllib.loads(FILE.read_text("utf-8"))
    return table


def flow_of(trace: str) -> Flow:
    """The flow of a trace worked out by hand."""
    return read_flow(places.traces() / trace / "flow.toml")


def edited(flow: Flow, edits: list[Edit], parties: dict[str, str]) -> Flow:
    """The flow with all edits; AssertionError where one finds nothing to change."""
    steps = list(flow.steps)
    for edit in edits:
        steps = _edited(steps, edit, {**parties, **PARTIES})
    return Flow(title=flow.title, start=flow.start, steps=tuple(steps))


def _edited(steps: list[Step], edit: Edit, parties: dict[str, str]) -> list[Step]:
    names = [step.id for step in steps]
    if "drop" in edit:
        dropped = edit["drop"]
        assert isinstance(dropped, list) and set(dropped) <= set(names), edit
        return [step for step in steps if step.id not in dropped]
    if "move" in edit:
        moved = steps.pop(names.index(str(edit["move"])))
        steps.insert([step.id for step in steps].index(str(edit["to"])), moved)
        return steps
    if "copy" in edit:
        return _copied(steps, edit, parties)
    chosen = [step for step in steps if step.id == edit["m"]] if "m" in edit else [s for s in steps if _has(s, edit)]
    assert chosen, edit
    return [_changed(step, edit, parties) if step in chosen else step for step in steps]


def _copied(steps: list[Step], edit: Edit, parties: dict[str, str]) -> list[Step]:
    one = next(step for step in steps if step.id == edit["copy"])
    place = next(index for index, step in enumerate(steps) if step.id == edit["to"])
    count = edit.get("n", 1)
    for number in range(count if isinstance(count, int) else 1):
        again = replace(one, id=f"{one.id}again{number or ''}", at=steps[place].at + 0.001 * (number + 1))
        steps.insert(place + 1 + number, _changed(again, edit, parties))
    return steps


def _has(step: Step, edit: Edit) -> bool:
    return str(edit["f"]).encode() in step.octets


def _changed(step: Step, edit: Edit, parties: dict[str, str]) -> Step:
    octets = step.octets
    if "f" in edit:
        found, put = str(edit["f"]).encode(), str(edit["p"]).encode()
        assert found in octets, f"{step.id} has no {edit['f']!r}"
        octets = octets.replace(found, put)
        octets = octets if "raw" in edit else true_length(octets)
    if "body" in edit:
        octets = with_body(octets, str(edit["body"]))
    if "hexbody" in edit:
        head = octets.partition(b"\r\n\r\n")[0]
        octets = true_length(head + b"\r\n\r\n" + bytes.fromhex(str(edit["hexbody"])))
    if edit.get("find"):
        found, put = bytes.fromhex(str(edit["find"])), bytes.fromhex(str(edit["h"]))
        assert octets.count(found) == 1, f"{step.id} has {edit['find']} {octets.count(found)} times"
        octets = octets.replace(found, put)
    elif "x" in edit:
        at, put = int(str(edit["x"])), bytes.fromhex(str(edit["h"]))
        octets = octets[:at] + put + octets[at + len(put) :]
    if "path" in edit:
        octets = _message(octets, edit)
    if "cut" in edit:
        octets = octets[: int(str(edit["cut"]))]
    at_time = edit.get("at", step.at)
    source, destination = (
        parties.get(str(edit.get("from")), step.source),
        parties.get(str(edit.get("dest")), step.destination),
    )
    when = at_time if isinstance(at_time, (int, float)) else step.at
    return replace(step, octets=octets, at=float(when), source=source, destination=destination)


def _message(octets: bytes, edit: Edit) -> bytes:
    """A framed RELOAD message with one member changed, the lengths made right."""
    value = reload.decode_message(octets[8:], CONTEXT)
    *path, last = str(edit["path"]).split(".")
    place: object = value
    for name in path:
        place = place[int(name)] if isinstance(place, list) else cast("dict[str, object]", place)[name]
    if isinstance(place, list):
        place[int(last) : int(last) + 1] = [edit["v"]] if "v" in edit else []
    else:
        cast("dict[str, object]", place)[last] = edit["v"]
    if isinstance(value, dict):
        cast("dict[str, object]", value["forwarding_header"]).pop("length", None)
    message = reload.encode_message(value, CONTEXT)
    if "sign" in edit:
        message = sign_message(message, credential(str(edit["sign"])), CONTEXT)
    return octets[:5] + len(message).to_bytes(3) + message


def credential(name: str) -> Credential:
    """One of the test keys of the vectors."""
    folder = places.vectors() / "keys"
    key = load_pem_private_key(_pem(folder / f"TEST-{name}.key.pem"), None)
    certificate = load_pem_x509_certificate(_pem(folder / f"TEST-{name}.cert.pem"))
    private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return Credential(private, certificate.public_bytes(Encoding.DER), "cert_hash")


def _pem(path: Path) -> bytes:
    return b"-----BEGIN" + path.read_bytes().split(b"-----BEGIN", 1)[1]


def true_length(octets: bytes) -> bytes:
    """A SIP message with its Content-Length set right, where it has one."""
    head, empty, body = octets.partition(b"\r\n\r\n")
    return re.sub(rb"(?m)^Content-Length: \d+", b"Content-Length: %d" % len(body), head) + empty + body


def with_body(octets: bytes, body: str) -> bytes:
    """A SIP message with another body; its type is that of session descriptions where it had none, and none without body."""
    head = octets.partition(b"\r\n\r\n")[0]
    if not body:
        head = re.sub(rb"(?m)^Content-Type: .*\r\n", b"", head)
    elif b"\r\nContent-Type:" not in head:
        head = head.replace(b"\r\nContent-Length:", b"\r\nContent-Type: application/sdp\r\nContent-Length:")
    return true_length(head + b"\r\n\r\n" + body.encode())
