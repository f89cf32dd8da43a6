"""Tests of signatures of configuration documents, with keys and certificates made for the test."""

import base64

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.configuration import verify_configurations
from conformance.lab.context import Context
from conformance.lab.presentation.definitions import specified
from conformance.lab.presentation.encoding import Encoder
from conformance.lab.presentation.refusal import Json, LabRefusal
from conformance.lab.signatures import _sign, _unsigned
from conformance.lab.test.test_reload import NODE
from conformance.lab.test.test_signatures import ALICE, CONTEXT, DER, NOW, ROOT, TRUST, certificate, credential

ONE = b"<configuration instance-name = 'a.example' >\r\n<!-- </configuration> > -->\r\n</configuration\n>"
EMPTY = b"<configuration instance-name='b>.example'/>"
BLOCK: dict[str, Json] = {"certificates": []}


def signature(element: bytes, der: bytes = DER) -> bytes:
    """A signature element of alice's key over these bytes."""
    signer = credential(ALICE, der)
    unsigned, _ = _unsigned(signer, CONTEXT)
    block: Json = {**BLOCK, "signature": _sign(signer, element, unsigned)}
    octets = Encoder(specified(), CONTEXT).whole("SecurityBlock", block)
    return b"<signature>\n" + base64.encodebytes(octets) + b"</signature>"


def overlay(*parts: bytes) -> bytes:
    """A document of these parts."""
    start = b'<?xml version="1.0"?>\n<overlay xmlns="urn:ietf:params:xml:ns:p2p:config-base">'
    return b"\n".join((start, *parts, b"</overlay>"))


class Configurations(SynchronousTestCase):
    """What follows each configuration."""

    def refused(self, *parts: bytes, context: Context = CONTEXT) -> LabRefusal:
        """A document of these parts is refused."""
        refusal = self.assertRaises(LabRefusal, verify_configurations, overlay(*parts), context)
        assert isinstance(refusal, LabRefusal)
        return refusal

    def test_sound(self) -> None:
        """The bytes of each element are signed as they stand, whatever is around them."""
        for parts in (
            (ONE, signature(ONE)),
            (EMPTY, signature(EMPTY)),
            (b"<!-- more -->", EMPTY, b"", signature(EMPTY), ONE, signature(ONE)),
            (b"<other><configuration/></other>", ONE, signature(EMPTY), signature(ONE)),
        ):
            verify_configurations(overlay(*parts), CONTEXT)

    def test_changed(self) -> None:
        """A byte changed, more or less in the element or in what was signed, and the signature does not hold."""
        for element, signed in (
            (ONE.replace(b"\r\n", b"\n"), ONE),
            (EMPTY, EMPTY + b"\n"),
            (EMPTY, b"\n" + EMPTY),
            (ONE, EMPTY),
            (EMPTY.replace(b"'", b'"'), EMPTY),
        ):
            self.assertEqual(self.refused(element, signature(signed)).clause, "rfc6940:6.3.4/12b")

    def test_elsewhere(self) -> None:
        """A signature that is missing, before its configuration or behind the next one."""
        self.assertEqual(self.refused(ONE).clause, "rfc6940:11.1/38")
        self.assertEqual(self.refused(signature(ONE), ONE).clause, "rfc6940:11.1/36b")
        self.assertEqual(self.refused(ONE, EMPTY, signature(EMPTY)).clause, "rfc6940:11.1/38")
        self.refused(ONE, signature(EMPTY), EMPTY, signature(ONE))

    def test_form(self) -> None:
        """Base64 of a SecurityBlock and nothing else."""
        for text in (b"###", b"abc", signature(ONE)[12:-13].replace(b"A", b"-")):
            refusal = self.refused(ONE, b"<signature>" + text + b"</signature>")
            self.assertEqual(refusal.clause, "rfc6940:11.1/36a")
        self.refused(ONE, b"<signature>AAAA</signature>")
        self.refused(ONE, b"<signature/>")

    def test_others(self) -> None:
        """Only the certificates that were given may sign, in their time."""
        other = certificate(ALICE, ROOT, [NODE, "20" * 16])
        self.assertIn("at hand", self.refused(ONE, signature(ONE, other)).why)
        late = Context(certificates=(DER,), trust=(TRUST,), now=NOW + 200_000)
        self.assertEqual(self.refused(ONE, signature(ONE), context=late).clause, "rfc6940:7.1/1")
