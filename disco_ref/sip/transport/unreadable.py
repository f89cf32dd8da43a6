"""The answer to octets that are meant to be a request and cannot be read as one (RFC 3261, sections 8.2.6.2, 8.2.7 and 18.3).

What can be made out of the fields that every response copies is copied; without a topmost Via nobody can be answered.
"""

from __future__ import annotations

import re
from hashlib import blake2s

from disco_ref.errors import Malformed
from disco_ref.sip.flow import Flow
from disco_ref.sip.header.block import unfolded
from disco_ref.sip.header.identity.via import VIA, Via
from disco_ref.sip.header.plain.warning import Warning as WarningValue
from disco_ref.sip.header.table import key_of
from disco_ref.sip.message import Request
from disco_ref.sip.respond import REASONS
from disco_ref.sip.transport.receipt import marked
from disco_ref.sip.transport.routing import reply_flow

LONGEST = 16384
"""Octets of an answer; where it would be longer, nothing is answered."""

_ROW_END = re.compile(r"\r\n(?![ \t])")
_BREAK = re.compile(r"[\r\n\x00]")
_TAG = re.compile(r";[ \t]*tag[ \t]*=", re.IGNORECASE)
_COPIED = ("from", "to", "call-id", "cseq")


def answer(octets: bytes, refusal: Malformed, flow: Flow) -> tuple[bytes, Flow] | None:
    """The stateless answer that a refusal owes and where it goes; None where none is owed or nobody can be answered."""
    status = refusal.status
    if status is None:
        return None
    vias, rows = _rows(octets[: 4 * LONGEST])
    if not vias:
        return None
    try:
        top, *others = VIA.read(vias[0])
        # = rfc3261:18.2.2/1
        given = top.parameters
        back = reply_flow(top, given, flow)
        top = top._replace(parameter_text=marked(top, given, flow.remote))
    except Malformed:
        return None
    # = rfc3261:18.3/3
    lines = [f"SIP/2.0 {status} {REASONS.get(status, '')}", *_via_rows(top, others, vias[1:]), *_core_rows(rows)]
    text = "\r\n".join(
        [*lines, f"Warning: {WarningValue.about(399, 'disco-ref', refusal)}", "Content-Length: 0", "\r\n"]
    )
    encoded = text.encode("utf-8", "surrogateescape")
    return (encoded, back) if len(encoded) <= LONGEST else None


def _via_rows(top: Via, others: list[Via], rest: list[str]) -> list[str]:
    return [f"Via: {each}" for each in (top, *others, *rest)]


def _core_rows(rows: dict[str, str]) -> list[str]:
    names = {"from": "From", "to": "To", "call-id": "Call-ID", "cseq": "CSeq"}
    to = rows.get("to")
    if to is not None and not _TAG.search(to):
        rows["to"] = f"{to};tag={stateless_tag(*rows.values())}"
    return [f"{names[key]}: {rows[key]}" for key in _COPIED if key in rows]


def stateless_tag(*texts: str) -> str:
    """A tag that is the same whenever the same request is answered without keeping state (section 8.2.7)."""
    # = rfc3261:8.2.7/5
    return blake2s("\n".join(texts).encode("utf-8", "surrogateescape"), digest_size=8).hexdigest()


def tag_of(request: Request) -> str:
    """The To tag of a stateless response to a request."""
    headers = request.headers
    return stateless_tag(headers.call_id, str(headers.cseq), headers.via.branch or "", str(headers.from_))


def _rows(octets: bytes) -> tuple[list[str], dict[str, str]]:
    """The texts of the rows that are copied: every Via, the first of each other one; none with a stray line break in it."""
    head = octets.partition(b"\r\n\r\n")[0].decode("utf-8", "surrogateescape")
    vias: list[str] = []
    rows: dict[str, str] = {}
    for line in _ROW_END.split(head)[1:]:
        name, colon, text = line.partition(":")
        key = key_of(name.rstrip(" \t"))
        text = unfolded(text).strip(" \t")
        if not colon or not text or _BREAK.search(text):
            continue
        if key == "via":
            vias.append(text)
        elif key in _COPIED:
            rows.setdefault(key, text)
    return vias, rows
