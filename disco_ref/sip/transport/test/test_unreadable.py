"""Answers to octets that are no message."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Malformed
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.refusals import BadRequest, Discarded
from disco_ref.sip.test import messages
from disco_ref.sip.transport.unreadable import LONGEST, answer, tag_of

FLOW = Flow(Transport.UDP, Address("192.0.2.2", 5060), Address("198.51.100.7", 40000))


def refused(octets: bytes) -> tuple[Response | None, Flow | None]:
    """What octets that cannot be read are answered, and on which flow."""
    try:
        read(octets)
    except Malformed as refusal:
        answered = answer(octets, refusal, FLOW)
        if answered is None:
            return None, None
        response = read(answered[0])
        assert isinstance(response, Response)
        return response, answered[1]
    raise AssertionError("it can be read")


class AnswerTest(SynchronousTestCase):
    """Stateless answers."""

    def test_copied(self) -> None:
        """Via, From, To, Call-ID and CSeq are copied, with ``received`` and a tag; the response goes by the Via."""
        # = rfc3261:18.3/3 test
        # = rfc3261:18.2.2/1 test
        response, back = refused(messages.request({"Content-Length": "5"}))
        assert response is not None and back is not None
        self.assertEqual((response.status_code, response.headers.via.received), (400, "198.51.100.7"))
        self.assertEqual(response.headers.from_.tag, "1928301774")
        self.assertIsNotNone(response.headers.to.tag)
        self.assertEqual(response.headers.call_id, "a84b4c76e66710@pc33.example.org")
        self.assertEqual(back.remote, Address("198.51.100.7", 5060))

    def test_tag_of_what_can_be_read(self) -> None:
        """The same for each copy of a request, another one where the call, the number, the sender or the branch is another."""
        # = rfc3261:8.2.7/5 test
        via, sender = "SIP/2.0/UDP pc33.example.org;branch=z9hG4bK", "<sip:a@example.org>;tag="
        fields = [
            {"Via": f"{via}1", "From": f"{sender}1", "Call-ID": "1", "CSeq": "1 OPTIONS"},
            {"Via": f"{via}2", "From": f"{sender}1", "Call-ID": "1", "CSeq": "1 OPTIONS"},
            {"Via": f"{via}1", "From": f"{sender}2", "Call-ID": "1", "CSeq": "1 OPTIONS"},
            {"Via": f"{via}1", "From": f"{sender}1", "Call-ID": "2", "CSeq": "1 OPTIONS"},
            {"Via": f"{via}1", "From": f"{sender}1", "Call-ID": "1", "CSeq": "2 OPTIONS"},
        ]
        read_twice = [[read(messages.request(each, method="OPTIONS")) for each in fields] for _ in range(2)]
        once, again = ([tag_of(each) for each in some if isinstance(each, Request)] for some in read_twice)
        self.assertEqual((once, len(set(once))), (again, len(fields)))

    def test_tag(self) -> None:
        """The tag is the same for a copy, another one for another call; one that is there stays."""
        # = rfc3261:8.2.7/5 test
        tags = [
            response.headers.to.tag
            for call in ("1", "1", "2")
            if (response := refused(messages.request({"Call-ID": call, "Content-Length": "5"}))[0])
        ]
        self.assertEqual((tags[0] == tags[1], tags[0] == tags[2]), (True, False))
        response, _ = refused(messages.request({"To": "<sip:b@example.net>;tag=9", "Content-Length": "5"}))
        assert response is not None
        self.assertEqual(response.headers.to.tag, "9")

    def test_nobody_to_answer(self) -> None:
        """Nothing is answered where nothing is owed, or no Via says to whom."""
        # = rfc3261:18.3/2 test
        octets = messages.request()
        self.assertIsNone(answer(octets, Discarded("no"), FLOW))
        for via in (None, "nonsense", "SIP/2.0/UDP a.example:99999"):
            self.assertIsNone(answer(messages.request({"Via": via}), BadRequest("no"), FLOW))

    def test_stray_line_ends(self) -> None:
        """A row with a line end in it is not copied: nothing is smuggled into the answer."""
        octets = messages.request({"Call-ID": "x\nEvil: 1"})
        answered = answer(octets, BadRequest("no"), FLOW)
        assert answered is not None
        self.assertNotIn(b"Evil", answered[0])

    def test_length(self) -> None:
        """An answer is never longer than its bound."""
        octets = messages.request({"Call-ID": "x" * 2 * LONGEST})
        self.assertIsNone(answer(octets, BadRequest("no"), FLOW))

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(st.integers(0, 400), st.integers(0, 400), st.binary(max_size=8))
    def test_anything(self, start: int, end: int, instead: bytes) -> None:
        """Whatever is broken in a request, the answer is a response or none."""
        octets = messages.request({"Content-Length": "5"})
        broken = octets[:start] + instead + octets[end:]
        answered = answer(broken, BadRequest("no"), FLOW)
        if answered is not None:
            self.assertTrue(answered[0].startswith(b"SIP/2.0 400 Bad Request\r\nVia: "))
