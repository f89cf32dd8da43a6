"""The format ``document`` and the command ``validate``."""

from __future__ import annotations

import dataclasses
import json

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.test.documents import MULTIFOCUS, SAMPLE
from disco_ref.disco.test.test_landmarks import OCTETS as LANDMARKS
from disco_ref.errors import Malformed, Refusal
from disco_ref.notation.documents.validation import Disagreement
from disco_ref.reload.enrollment.document import sign_document
from disco_ref.reload.enrollment.signing import blob_signer
from disco_ref.reload.enrollment.test.documents import (
    ALICE_CERTIFICATE,
    BOB_CERTIFICATE,
    CONTEXT,
    CURRENT,
    EXAMPLE,
    ROOT,
    signer_of,
)
from disco_ref.shell.formats.documents import COMMANDS, FORMATS, validate
from disco_ref.shell.formats.unsupported import Unsupported

DOCUMENT = FORMATS["document"]
UNDEMANDING = dataclasses.replace(CURRENT, required_kinds=None)
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
        # = rfc6940:11.1/34 test
        value = DOCUMENT.decode(None, WITH_LANDMARKS, {})
        found = json.loads(json.dumps(value))["overlay"][0]
        self.assertEqual(found["configuration"]["sequence"], 22)
        self.assertEqual(found["landmarks"]["landmark_host"][0], {"address": "192.0.2.1", "port": 3478})
        self.assertEqual(DOCUMENT.reencode(None, WITH_LANDMARKS, {}), WITH_LANDMARKS)

    def test_unknown(self) -> None:
        """Another root is refused, another kind is unsupported."""
        # = rfc4575:5/0 test
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
        # = rfc6940:11.1.1/0 test
        # = disco00:7.1/1 test
        # = disco00:8.2/0 test
        for octets in (
            SAMPLE.replace(b"connected", b"gone"),
            MULTIFOCUS.replace(b"<max-participants>10", b"<max-participants>ten"),
            MULTIFOCUS.replace(b'<user entity="sip:alice@example.com"/>', b""),
            EXAMPLE.replace(b"<max-node-multiple>3</max-node-multiple>", b""),
            WITH_LANDMARKS.replace(b'port="3478"', b'port="x"'),
            WITH_LANDMARKS.replace(LANDMARKS, LANDMARKS * 2),
        ):
            self.assertRaises(Malformed, validate, None, octets)

    def test_signed(self) -> None:
        """Where certificates are given, each configuration must be signed by the holder of one of them."""
        # = rfc6940:11.1/37 test
        # = rfc6940:11.1/38 test
        signer = blob_signer(signer_of(2, ALICE_CERTIFICATE), [], CONTEXT)
        document = sign_document([UNDEMANDING], signer).replace(b'sequence="1"', b'sequence="2"')
        known = {"certificates": [ALICE_CERTIFICATE.hex()], "trust": [ROOT.hex()], "now": 1_600_000_000}
        self.judge_signed(sign_document([UNDEMANDING], signer), known, None)
        self.judge_signed(document, known, "overlay/signature (Signature.signature_value)")
        late = {**known, "now": 4_000_000_000}
        self.judge_signed(sign_document([UNDEMANDING], signer), late, "overlay/signature (")
        other = {**known, "certificates": [BOB_CERTIFICATE.hex()]}
        self.judge_signed(sign_document([UNDEMANDING], signer), other, "overlay/signature (SignerIdentity")
        self.judge_signed(WITH_LANDMARKS, known, "overlay/signature (")

    def judge_signed(self, octets: bytes, context: dict[str, object], where: str | None) -> None:
        """Validate a configuration: valid, or refused at a place that begins so."""
        params = {"kind": "configuration", "bytes": octets.hex(), "context": context}
        if where is None:
            self.assertEqual(COMMANDS["validate"](params), {"valid": True})  # type: ignore[arg-type]
            return
        refusal = self.assertRaises(Refusal, COMMANDS["validate"], params)
        self.assertTrue(refusal.where.startswith(where), refusal.where)

    def test_disagreement(self) -> None:
        """A document on which the validators disagree is refused as that."""
        self.assertRaises(Disagreement, validate, None, SAMPLE.replace(b'"sip:bob@example.com"', b'"a#b#c"'))

    def test_unknown_kind(self) -> None:
        """A kind that the contract does not name is unsupported."""
        self.assertRaises(Unsupported, COMMANDS["validate"], {"kind": "other", "bytes": ""})
