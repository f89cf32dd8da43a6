"""What tshark is asked as a witness."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message, read_message
from conformance.lab.witness import fields_of, vector_of
from conformance.live.overlay import writing
from conformance.live.overlay.authority import Overlay
from conformance.live.overlay.writing import Sealing

HEADER: dict[str, Json] = {
    "relo_token": 0xD2454C4F, "overlay": 0, "configuration_sequence": 22, "version": 10, "ttl": 100,
    "fragment": 0xC0000000, "transaction_id": "5", "max_response_length": 0, "via_list": [], "options": [],
    "destination_list": [{"type": "node", "destination_data": {"node_id": "ab" * 16}}],
}  # fmt: skip


class WitnessTests(SynchronousTestCase):
    """A message cut into its fields."""

    def message(self) -> Message:
        """A Ping of the harness."""
        overlay = Overlay(1_800_000_000.0)
        body = writing.body_of("PingReq", {"padding": "00" * 3}, overlay.context)
        octets = writing.message(
            {**HEADER, "overlay": overlay.number}, 23, body, Sealing(by=overlay.certify("ann@x")), overlay.context
        )
        return read_message(octets, overlay.context)

    def test_the_fields_are_the_message(self) -> None:
        """No octet is left out, none is there twice; what counts is called so."""
        message = self.message()
        fields = list(fields_of(message))
        self.assertEqual(b"".join(octets for _, octets in fields), message.octets)
        named = dict(fields)
        self.assertEqual(named["forwarding_header.ttl"], b"\x64")
        self.assertEqual(named["message_contents.message_code"], b"\x00\x17")
        self.assertTrue(all(name.endswith(".length") or name in message.trace for name in named))

    def test_a_vector_names_what_was_said_of_it(self) -> None:
        """As the dissector takes it."""
        vector = vector_of("peer/ping#3", self.message(), {"kinds": {"5": "SINGLE"}})
        self.assertEqual((vector["id"], vector["format"], vector["kind"]), ("peer/ping#3", "reload.message", "valid"))
        self.assertEqual(vector["context"], {"kinds": {"5": "SINGLE"}})
