"""Requests on their way out, step by step."""

from __future__ import annotations

from random import Random

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.peer.effects import Locate
from disco_ref.peer.test.parties import ALICE, BOB, CAROL, ask, send
from disco_ref.peer.ways.sending import Next, Ready, Sending
from disco_ref.sip.actions import RequestFailed, ResponseReceived, SendAck
from disco_ref.sip.flow import Address, Flow, Hop, Transport
from disco_ref.sip.location.questions import Host, HostRecord
from disco_ref.sip.respond import respond
from disco_ref.sip.transport.listening import listening

UDP, TCP, TLS = Transport
OWNER = ("app", "1")
HOPS = (Hop(UDP, BOB), Hop(UDP, CAROL))
FLOW = Flow(TCP, ALICE, BOB, 7)


def sending(*transports: Transport) -> Sending:
    """With sockets at Alice's."""
    made = Sending(Random(1).randbytes, {}, 10, 1300)
    made.listen([listening(each, ALICE) for each in transports])
    return made


def way(further: list[Next]) -> Flow | Hop:
    """Where the one request that is ready goes."""
    [ready] = further
    assert isinstance(ready, Ready)
    return ready.way


def answered(it: Sending, further: list[Next], status: int) -> list[Next]:
    """What follows on a response to the request that is ready."""
    [ready] = further
    assert isinstance(ready, Ready)
    return it.after_response(ResponseReceived(OWNER, respond(ready.request, status, to_tag="x"), ready.request, FLOW))


class SendingTest(SynchronousTestCase):
    """Tries, one after the other."""

    def test_socket(self) -> None:
        """Over UDP the socket is named from which it goes, over streams the hop."""
        it = sending(UDP, TCP)
        self.assertEqual(way(it.send(send(ask(), hops=HOPS[:1]), None)), Flow(UDP, ALICE, BOB))
        self.assertEqual(way(it.send(send(ask(), hops=(Hop(TCP, BOB),)), None)), Hop(TCP, BOB))
        self.assertEqual(way(it.send(send(ask()), FLOW)), FLOW)

    def test_only_streams(self) -> None:
        """Without UDP, an address without a transport is reached over what there is."""
        self.assertEqual(way(sending(TCP).send(send(ask()), None)), Hop(TCP, BOB, BOB.host))

    def test_flow_without_socket(self) -> None:
        """A connection whose transport we do not write into Via is passed over."""
        self.assertEqual(way(sending(UDP).send(send(ask()), FLOW)), Flow(UDP, ALICE, BOB))

    def test_time_out_after_an_answer(self) -> None:
        """A server that has answered provisionally is there: nobody else is tried after a time-out."""
        # = rfc3263:4.3/0 test
        failed = RequestFailed(OWNER, 408, "late", ask())
        it = sending(UDP)
        first = it.send(send(ask(), hops=HOPS), None)
        self.assertEqual((answered(it, first, 180), it.after_failure(failed), len(it)), ([], [], 0))
        it.send(send(ask(), hops=HOPS), None)
        self.assertEqual(way(it.after_failure(failed)), Flow(UDP, ALICE, CAROL))

    def test_unavailable_over_the_stream(self) -> None:
        """503 over the connection that was made for the size leads to the next server, not to the same over UDP."""
        it = sending(UDP, TCP)
        first = it.send(send(ask(body=b"x" * 1400), hops=HOPS), None)
        self.assertEqual(way(first), Hop(TCP, BOB))
        second = answered(it, first, 503)
        self.assertEqual(way(second), Hop(TCP, CAROL))
        third = it.after_failure(RequestFailed(OWNER, 503, "refused", ask()))
        self.assertEqual((way(third), len(it)), (Flow(UDP, ALICE, CAROL), 0))

    def test_last_hop_out_of_reach(self) -> None:
        """Where the next hop cannot be reached from here, the answer of the one before stands."""
        it = sending(UDP)
        first = it.send(send(ask(), hops=(HOPS[0], Hop(TLS, CAROL))), None)
        self.assertEqual((answered(it, first, 503), len(it)), ([], 0))

    def test_unwritable(self) -> None:
        """A request that cannot be read back fails instead of leaving, on a connection or to a hop."""
        for flow in (None, FLOW):
            [failed] = sending(UDP, TCP).send(send(ask(tag='"<'), hops=HOPS), flow)
            assert isinstance(failed, RequestFailed)
            self.assertIn("the request cannot be written: From", failed.why)

    def test_ack_by_name(self) -> None:
        """An ACK to a 2xx is located like any request; where that fails, nobody is told."""
        it = sending(UDP)
        [asked] = it.send(SendAck(ask("ACK", "sip:b.example:5070")), None)
        self.assertEqual(asked, Locate(Host("b.example")))
        further = it.located(Host("b.example"), (HostRecord(BOB.host),))
        self.assertEqual(way(further), Flow(UDP, ALICE, Address(BOB.host, 5070)))
        it.send(SendAck(ask("ACK", "sip:c.example:5070")), None)
        self.assertEqual(it.located(Host("c.example"), ()), [])

    def test_cancelled_while_looking(self) -> None:
        """An answer that comes after the request was cancelled leads to nothing."""
        it = sending(UDP)
        it.send(send(ask("INVITE", "sip:b.example:5070")), None)
        [failed] = it.cancel(OWNER) or []
        self.assertIsInstance(failed, RequestFailed)
        self.assertEqual(it.located(Host("b.example"), (HostRecord(BOB.host),)), [])
        self.assertEqual((len(it), it.cancel(OWNER)), (0, None))
