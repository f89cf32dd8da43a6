"""The declarations are the published structs: token by token (RFC 6940, draft -00, RFC 7904, TLS)."""

from __future__ import annotations

import enum
import re
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

import disco_ref
from disco_ref.notation.rendering import render, render_select, render_typedef
from disco_ref.reload import ids
from disco_ref.reload.forwarding.config_update import KindDescription
from disco_ref.reload.message import destination, signature
from disco_ref.reload.storage import data_models
from disco_ref.reload.topology import probe
from disco_ref.shell.formats.reload_structs import BARE, ROOMS
from disco_ref.usage import sip_registration

SCHEMAS = Path(disco_ref.__file__).parent / "schemas"

SLIPS = {
    "select ( destination_type ) { case node : NodeId node_id ; case resource : ResourceId resource_id ; "
    "case opaque_id_type : opaque opaque_id < 0 .. 2 ^ 8 - 1 > ; } DestinationData ;": (
        "struct { select ( destination_type ) { case node : NodeId node_id ; case resource : ResourceId resource_id ; "
        "case opaque_id_type : opaque opaque_id < 0 .. 2 ^ 8 - 1 > ; } ; } DestinationData ;"
    ),
    "public struct": "struct",
    "none ( 3 ) ( 255 )": "none ( 3 ) , ( 255 )",
    "case cert_hash ;": "case cert_hash :",
    "case none : }": "case none : ; }",
    "opaque < 0 .. 2 ^ 16 - 1 > padding": "opaque padding < 0 .. 2 ^ 16 - 1 >",
    "coordinate < 0 .. 2 ^ 16 - 1 > select": "coordinate < 0 .. 2 ^ 16 - 1 > ; select",
    "uri < 0 .. 2 ^ 16 - 1 > case": "uri < 0 .. 2 ^ 16 - 1 > ; case",
    "destination_list < 0 .. 2 ^ 16 - 1 > } }": "destination_list < 0 .. 2 ^ 16 - 1 > ; } ; }",
}
"""Slips of the published texts, as tokens, and what they must mean; each must be there exactly where it is expected."""

TOKEN = re.compile(r"[\w-]*[A-Za-z_][\w.-]*|\d+|\.\.|\S")
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.S)


def tokens(text: str) -> str:
    """The tokens of struct text, one blank between two."""
    return " ".join(TOKEN.findall(COMMENT.sub(" ", text)))


def definitions(text: str) -> list[str]:
    """The definitions in struct text."""
    found, depth, start = [], 0, 0
    words = tokens(text).split()
    for place, word in enumerate(words):
        depth += (word == "{") - (word == "}")
        if depth == 0 and word == ";":
            found.append(" ".join(words[start : place + 1]))
            start = place + 1
    return found


def published(specification: str) -> list[str]:
    """The definitions that a specification has published, its slips mended."""
    text = " ".join(definitions((SCHEMAS / specification / "structs.txt").read_text("utf-8")))
    for slip, meant in SLIPS.items():
        text = text.replace(slip, meant)
    return definitions(text)


def declared() -> set[str]:
    """All definitions that follow from the declarations."""
    hints = [ids.NodeId, ids.ResourceId, ids.KindId, KindDescription, data_models.DictionaryKey]
    found = {render_typedef(hint) for hint in hints}
    selects = [
        destination.DestinationData, signature.SignerIdentityValue, probe.ProbeInformationData,
        data_models.StoredDataValue, data_models.MetaDataValue, sip_registration.SipRegistrationData,
    ]  # fmt: skip
    found |= {render_select(hint) for hint in selects}
    for room in (*ROOMS, destination):
        for cls in vars(room).values():
            if isinstance(cls, type) and cls.__module__ == room.__name__ and cls not in BARE:
                enumerated = issubclass(cls, enum.IntEnum) and hasattr(cls, "_wire")
                if enumerated or "_layout" in cls.__dict__:
                    found.add(render(cls))
    return {tokens(each) for each in found}


BOOLEAN = "enum { false ( 0 ) , true ( 1 ) , ( 255 ) } Boolean ;"


class StructTextTests(SynchronousTestCase):
    """Equality of what is declared with what is published."""

    def test_every_published_definition_is_declared(self) -> None:
        """Each definition of each specification follows, token by token, from a declaration."""
        # = rfc6940:6.3.1/0 test
        # = rfc7904:7/0 test
        # = disco00:4.1/0 test
        own = declared() | {BOOLEAN}
        for specification in ("rfc6940", "disco00", "rfc7904", "tls"):
            found = published(specification)
            self.assertTrue(found)
            for each in found:
                self.assertIn(each, own, specification)

    def test_nothing_is_declared_that_is_not_published(self) -> None:
        """What no specification prints is declared only where its prose says that a message is empty."""
        texts = {each for one in ("rfc6940", "disco00", "rfc7904", "tls") for each in published(one)}
        empty = {f"struct {{ }} {name} ;" for name in ("LeaveAns", "UpdateAns")}
        self.assertEqual(declared() - texts, empty)

    def test_count(self) -> None:
        """RFC 6940 prints 81 definitions; a lost one is noticed."""
        self.assertEqual(len(published("rfc6940")), 81)
