"""The format ``sdp``: descriptions as JSON and back."""

from __future__ import annotations

import json

from hypothesis import given, settings
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed
from disco_ref.media.sdp import SessionDescription, write
from disco_ref.media.test.test_sdp_properties import description
from disco_ref.media.test.test_sdp_reading import EXAMPLE
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.sdp import FORMATS

SDP = FORMATS["sdp"]


def encode(value: Json) -> bytes:
    """The octets of a value."""
    assert SDP.encode is not None
    return SDP.encode(None, value, {})


class SdpFormatTest(SynchronousTestCase):
    """The values of the adapter contract."""

    def test_value(self) -> None:
        """The members have the names and forms of the contract."""
        found = SDP.decode(None, EXAMPLE.encode(), {})
        assert isinstance(found, dict)
        self.assertEqual(
            found["connection"], {"network_type": "IN", "address_type": "IP4", "address": "224.2.17.12/127"}
        )
        self.assertEqual(found["times"], [{"start": "2873397496", "stop": "2873404696", "repeats": []}])
        self.assertEqual((found["zone"], found["key"], found["phones"]), (None, None, []))
        media = found["media"]
        assert isinstance(media, list) and isinstance(media[1], dict)
        self.assertEqual((media[1]["port"], media[1]["port_count"], media[1]["formats"]), (51372, None, ["99"]))
        self.assertEqual(media[1]["attributes"], [{"name": "rtpmap", "value": "99 h263-1998/90000"}])

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(description)
    def test_round_trip(self, one: SessionDescription) -> None:
        """A description survives the way through a line of JSON."""
        octets = write(one)
        self.assertEqual(encode(json.loads(json.dumps(SDP.decode(None, octets, {})))), octets)

    def test_refused(self) -> None:
        """A value with a wrong, missing or misspelt member is refused where it stands."""
        good = SDP.decode(None, EXAMPLE.encode(), {})
        assert isinstance(good, dict)
        rows: tuple[tuple[str, Json, str], ...] = (
            ("session_name", None, "sdp.session_name"),
            ("sesion_name", "x", "sdp.sesion_name"),
            ("times", "x", "sdp.times"),
            ("times", [5], "sdp.times"),
            ("times", [{"start": 0, "stop": "0"}], "sdp.times.start"),
            ("times", [{"start": "0", "stop": "0", "repeats": ["1d"]}], "sdp.times.repeats"),
            ("bandwidths", [{"type": "AS", "value": "1"}], "sdp.bandwidths.value"),
            ("bandwidths", [{"type": "AS", "value": -1}], "sdp.bandwidths.value"),
            ("zone", "2882844526", "sdp.zone"),
            ("emails", [5], "sdp.emails"),
            ("origin", None, "sdp.origin"),
        )
        for member, value, where in rows:
            changed: dict[str, Json] = {**good, member: value}
            refusal = self.assertRaises(Malformed, encode, changed)
            self.assertEqual(refusal.where, where)
        bad: tuple[Json, ...] = (
            None,
            [],
            "x",
            {**good, "session_name": "a\r\nb=c"},
            {**good, "session_name": "\ud800"},
        )
        for whole in bad:
            self.assertRaises(Malformed, encode, whole)
