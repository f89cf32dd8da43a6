"""Conference documents inside NOTIFY, read only as far as the order of states needs it (RFC 4575; draft, section 7)."""

from __future__ import annotations

from lxml import etree

from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at

PLAIN = "conference-info+xml"
DISTRIBUTED = "distributed-conference-info+xml"
LARGEST = 4 * 1024 * 1024


def document_of(message: Message) -> tuple[str, str] | None:
    """Subtype and ``state`` of a conference document in a body; None where there is none that can be read."""
    value = message.first("content-type")
    subtype = (text_at(value, "subtype") or "").lower()
    if (text_at(value, "type") or "").lower() != "application" or subtype not in (PLAIN, DISTRIBUTED):
        return None
    if len(message.body) > LARGEST or b"<!DOCTYPE" in message.body:
        return None
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(message.body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return subtype, str(root.get("state", "full"))
