"""What a configuration document says that enrolment needs (RFC 6940, section 11.1)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree import ElementTree

from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.live.overlay.document import BASE


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A document as a server gives it."""

    name: str
    enrolment: str
    """The first enrollment-server; empty: there is none."""
    roots: tuple[bytes, ...]

    @property
    def context(self) -> Mapping[str, Json]:
        """What certificates are judged by."""
        return {"overlay_name": self.name, "trust": [one.hex() for one in self.roots]}


def read_document(octets: bytes) -> Served:
    """The first configuration of a document; raises LabRefusal for what is none."""
    if b"<!DOCTYPE" in octets:
        raise LabRefusal("document", None, "a document type declaration")
    try:
        root = ElementTree.fromstring(octets)
        one = root.find(f"{{{BASE}}}configuration")
        if one is None:
            raise LabRefusal("overlay", None, "no configuration")
        roots = tuple(
            base64.b64decode("".join((each.text or "").split()), validate=True)
            for each in one.iterfind(f"{{{BASE}}}root-cert")
        )
        places = [(each.text or "").strip() for each in one.iterfind(f"{{{BASE}}}enrollment-server")]
        return Served(name=one.get("instance-name", ""), enrolment=next(iter(places), ""), roots=roots)
    except (ElementTree.ParseError, binascii.Error, ValueError) as fault:
        raise LabRefusal("document", None, str(fault)) from None
