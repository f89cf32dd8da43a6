"""The format ``document`` and the command ``validate``."""

from __future__ import annotations

import json

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.test.documents import MULTIFOCUS, SAMPLE
from disco_ref.disco.test.test_landmarks import OCTETS as LANDMARKS
from disco_ref.errors import Malformed
from disco_ref.notation.documents.validation import Disagreement
from disco_ref.reload.enrollment.test.documents import EXAMPLE
from disco_ref.shell.formats.documents import COMMANDS, FORMATS, validate
from disco_ref.shell.formats.unsupported import Unsupported

DOCUMENT = FORMATS["document"]
WITH_LANDMARKS = EXAMPLE.replace(b"<turn-density>", LANDMARKS + b"<turn-density>")


class DocumentFormatTest(SynchronousTestCase):
    """Decoding and writing again."""

    def test_conference(self) -> None:
        """A conference document is found by its root; the extension is read beside it."""
        value = DOCUMENT.decode(None, MULTIFOCUS, {})
        assert isinstance(value, dict)
        json.dumps(value)
        self.assertEqual(value["conference-info"]["entity"], "sip:team@example.com")  # type: ignore[index,call-overload]
        self.assertEqual(value["focus-states"]["focus"][0]["focus_capacity"]["max_participants"], 10)  # type: ignore[index,call-overload]
        written = DOCUMENT.reencode("conference-info", MULTIFOCUS, {})
        self.assertEqual(DOCUMENT.decode(None, written, {}), value)

    def test_configuration(self) -> None:
        """A configuration document is read with landmarks, and written as it came: its octets are signed."""
        value = DOCUMENT.decode(None, WITH_LANDMARKS, {})
        found = json.loads(json.dumps(value))["overlay"][0]
        self.assertEqual(found["configuration"]["sequence"], 22)
        self.assertEqual(found["landmarks"]["landmark_host"][0], {"address": "192.0.2.1", "port": 3478})
        self.assertEqual(DOCUMENT.reencode(None, WITH_LANDMARKS, {}), WITH_LANDMARKS)

    def test_unknown(self) -> None:
        """Another root is refused, another kind is unsupported."""
        self.assertRaises(Malformed, DOCUMENT.decode, None, b"<a/>", {})
        self.assertRaises(Malformed, DOCUMENT.decode, "configuration", SAMPLE, {})
        self.assertRaises(Unsupported, DOCUMENT.decode, "register", SAMPLE, {})


class ValidateTest(SynchronousTestCase):
    """The role documents."""

    def test_valid(self) -> None:
        """Valid documents of both kinds, with their extensions."""
        for kind, octets in (
            ("conference-info", SAMPLE),
            ("conference-info", MULTIFOCUS),
            ("configuration", WITH_LANDMARKS),
        ):
            self.assertEqual(COMMANDS["validate"]({"kind": kind, "bytes": octets.hex()}), {"valid": True})
            self.assertEqual(validate(None, octets), kind)

    def test_invalid(self) -> None:
        """What the base schema, the extension's schema, or only the prose forbids is refused."""
        for octets in (
            SAMPLE.replace(b"connected", b"gone"),
            MULTIFOCUS.replace(b"<max-participants>10", b"<max-participants>ten"),
            MULTIFOCUS.replace(b'<user entity="sip:alice@example.com"/>', b""),
            EXAMPLE.replace(b"<max-node-multiple>3</max-node-multiple>", b""),
            WITH_LANDMARKS.replace(b'port="3478"', b'port="x"'),
            WITH_LANDMARKS.replace(LANDMARKS, LANDMARKS * 2),
        ):
            self.assertRaises(Malformed, validate, None, octets)

    def test_disagreement(self) -> None:
        """A document on which the validators disagree is refused as that."""
        self.assertRaises(Disagreement, validate, None, SAMPLE.replace(b'"sip:bob@example.com"', b'"a#b#c"'))

    def test_unknown_kind(self) -> None:
        """A kind that the contract does not name is unsupported."""
        self.assertRaises(Unsupported, COMMANDS["validate"], {"kind": "other", "bytes": ""})
