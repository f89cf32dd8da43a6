"""Elements in virtual time: requests that are sent, that fail, and that are tried elsewhere."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.element import Bounds
from disco_ref.peer.test.pair import OWNER, TCP, UDP, Pair, both
from disco_ref.peer.test.parties import ALICE, BOB, CAROL, Answering, ask, send
from disco_ref.shell.memory_network import MemoryNetwork, Weather
from disco_ref.sip.actions import (
    AckReceived,
    CancelRequest,
    CloseFlow,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendAck,
    SendRequest,
    SendStateless,
    SetTimer,
    StrayResponse,
    TimerPassed,
)
from disco_ref.sip.flow import Hop
from disco_ref.sip.location.questions import Host, HostRecord, Naptr, NaptrRecord, Srv, SrvRecord
from disco_ref.sip.message import Request, read
from disco_ref.sip.respond import respond


class SendingTest(Pair):
    """Requests on their way."""

    def test_over_udp(self) -> None:
        """A request to an address goes there at once, with sent-by, branch and rport, and its response comes back."""
        # = rfc3261:18.1.1/6 test
        # = rfc3581:3/2 test
        # = rfc3261:18.1.2/2 test
        # = rfc3581:4/1 test
        # = rfc3581:4/2 test
        self.network.perform(self.near, [send(ask())])
        self.network.run(1)
        sent, back = (read(each.octets) for each in self.network.sent)
        assert isinstance(sent, Request)
        self.assertEqual((sent.headers.via.host, sent.headers.via.port, sent.headers.via.rport_wanted), (*ALICE, True))
        self.assertEqual(back.headers.via.rport, 5060)
        self.assertEqual(back.headers.via.received, "192.0.2.1")
        self.assertEqual(self.answered(), [200])
        self.assertEqual(self.near.held, dict.fromkeys(self.near.held, 0) | {"transactions": 1})

    def test_transport_of_the_uri(self) -> None:
        """A request goes over what its URI names, without rport over streams; the response comes on the same connection."""
        # = rfc3261:18.2.2/2 test
        # = rfc3261:18.1.1/8 test
        self.network.perform(self.near, [send(ask(uri="sip:bob@192.0.2.2;transport=tcp"))])
        self.network.run(1)
        self.assertEqual([each.transport for each in self.network.sent], [TCP, TCP])
        self.assertNotIn(b"rport", self.network.sent[0].octets)
        self.assertEqual(self.network.sent[1].destination, self.network.sent[0].source)
        self.assertEqual(self.answered(), [200])

    def test_connection_is_used_again(self) -> None:
        """A second request to the same place takes the connection that is open."""
        # = rfc3261:18.1.1/14a test
        for number in (1, 2):
            self.network.perform(self.near, [send(ask(uri="sip:192.0.2.2;transport=tcp", number=number), str(number))])
            self.network.run(1)
        sources = {each.source for each in self.network.sent if each.destination == BOB}
        self.assertEqual((len(sources), self.far.held["streams"]), (1, 1))

    def test_first_route(self) -> None:
        """The first Route decides where a request goes, the Request-URI where it is a strict router's or there is none."""
        # = rfc3261:8.1.2/0 test
        self.network.perform(self.near, [send(ask(uri="sip:x@elsewhere.example", lines=["Route: <sip:192.0.2.2;lr>"]))])
        self.network.perform(self.near, [send(ask(lines=["Route: <sip:192.0.2.99>"]), "2")])
        self.network.run(1)
        self.assertEqual(self.answered(), [200, 200])

    def test_target_and_hops(self) -> None:
        """A user of transactions may name another URI to locate, or the hops themselves."""
        request = ask(uri="sip:x@192.0.2.99")
        self.network.perform(self.near, [SendRequest(OWNER, request, target=ask().request_uri)])
        self.network.perform(self.near, [send(request, "2", (Hop(UDP, BOB),))])
        self.network.run(1)
        self.assertEqual(self.answered(), [200, 200])

    def test_large_request(self) -> None:
        """A request of more than 1300 octets goes over TCP, with TCP in its Via; where no connection can be made, over UDP."""
        # = rfc3261:18.1.1/1 test
        # = rfc3261:18.1.1/2 test
        # = rfc3261:18.1.1/4 test
        large = ask("MESSAGE", body=b"x" * 1300)
        self.network.perform(self.near, [send(large)])
        self.network.run(1)
        self.assertEqual((self.network.sent[0].transport, self.answered()), (TCP, [200]))
        self.assertIn(b"SIP/2.0/TCP", self.network.sent[0].octets)
        only_udp = self.network.element(Answering(), (UDP, CAROL))
        self.network.perform(self.near, [send(ask("MESSAGE", "sip:192.0.2.3", body=b"x" * 1300, tag="c"), "2")])
        self.network.run(1)
        self.assertEqual(self.answered(), [200, 200])
        self.assertIn(b"SIP/2.0/UDP", self.network.sent[-1].octets)
        self.assertEqual(only_udp.held["transactions"], 1)
        self.assertEqual(self.near.held["sending"], 0)

    def test_size_decides_about_the_connection_only(self) -> None:
        """Where the other side has answered over TCP, with 503 or not at all, the same is not tried over UDP."""
        self.bob.status = 503
        self.network.perform(self.near, [send(ask("MESSAGE", body=b"x" * 1300))])
        self.network.run(1)
        self.assertEqual(self.answered(), [503])
        self.assertEqual({each.transport for each in self.network.sent}, {TCP})

    def test_nothing_fits(self) -> None:
        """Where no socket fits, or the scheme leads nowhere, the request fails at once and says why."""
        for uri, why in (
            ("sips:192.0.2.2", "nothing here listens for TLS"),
            ("sip:[2001:db8::1]", "nothing here listens for UDP"),
            ("tel:+1-201-555-0123", "no server is found by the scheme tel"),
            ("sip:192.0.2.2;transport=sctp", "transport sctp is not supported"),
        ):
            self.alice.events.clear()
            self.network.perform(self.near, [send(ask(uri=uri))])
            [(status, said)] = self.failed()
            self.assertEqual(status, 503)
            self.assertIn(why, said)

    def test_multicast(self) -> None:
        """A request to many says so in its Via."""
        # = rfc3261:18.1.1/5a test
        # = rfc3261:18.1.1/5b test
        self.network.perform(self.near, [send(ask(uri="sip:224.0.1.75"))])
        self.assertIn(b";maddr=224.0.1.75;ttl=1", self.network.sent[0].octets)

    def test_ack_to_2xx(self) -> None:
        """An ACK to a 2xx goes out with a branch of its own, each time, and outside of any transaction."""
        ack = ask("ACK")
        self.network.perform(self.near, [SendAck(ack), SendAck(ack)])
        self.network.run(1)
        branches = {read(each.octets).headers.via.branch for each in self.network.sent}
        self.assertEqual((len(branches), [type(each) for each in self.bob.events]), (2, [AckReceived, AckReceived]))

    def test_on_a_flow(self) -> None:
        """A request can go back on the connection on which another one came."""
        self.network.perform(self.near, [send(ask(uri="sip:192.0.2.2;transport=tcp"))])
        self.network.run(1)
        [heard] = [each for each in self.bob.events if isinstance(each, RequestReceived)]
        back = ask(uri="sip:alice@nowhere.example", tag="b")
        self.network.perform(self.far, [SendRequest(("app", "9"), back, flow=heard.flow)])
        self.network.run(1)
        self.assertEqual([type(each) for each in self.alice.events], [ResponseReceived, RequestReceived])
        self.network.perform(self.far, [CloseFlow(heard.flow)])
        self.network.run(1)
        self.assertEqual((self.near.held["streams"], self.far.held["streams"]), (0, 0))

    def test_stateless(self) -> None:
        """A response outside of any transaction goes where its request came from; one that nobody waits for is told as stray."""
        self.network.perform(self.near, [send(ask())])
        self.network.run(1)
        [heard] = [each for each in self.bob.events if isinstance(each, RequestReceived)]
        self.network.run(40)
        again = respond(heard.request, 200, to_tag="tag-b")
        self.network.perform(self.far, [SendStateless(again, heard.flow)])
        self.network.run(1)
        self.assertIsInstance(self.alice.events[-1], StrayResponse)

    def test_timers_of_the_core(self) -> None:
        """A timer comes when it is due, in its last setting."""
        at = self.network.now
        set_twice = [SetTimer(OWNER, "x", Instant(at + 5)), SetTimer(OWNER, "x", Instant(at + 3))]
        self.network.perform(self.near, [*set_twice, SetTimer(OWNER, "y", Instant(at + 2)), SetTimer(OWNER, "y", None)])
        self.network.run(10)
        self.assertEqual(self.alice.events, [TimerPassed(OWNER, "x")])
        self.assertEqual([when - at for when, _ in self.network.heard(self.near)], [3])


class FailingTest(Pair):
    """Other servers are tried (RFC 3263, section 4.3)."""

    HOPS = (Hop(UDP, BOB), Hop(UDP, CAROL))

    def setUp(self) -> None:
        """Carol answers as well."""
        super().setUp()
        self.carol = Answering()
        self.third = self.network.element(self.carol, *both(CAROL))

    def test_unavailable(self) -> None:
        """After 503 the next server gets the request, with another branch; only its answer is told."""
        # = rfc3263:4.3/0 test
        for method in ("OPTIONS", "INVITE"):
            self.bob.status = 503
            self.network.sent.clear()
            self.alice.events.clear()
            self.network.perform(self.near, [send(ask(method, tag=method), method, self.HOPS)])
            self.network.run(1)
            self.assertEqual(self.answered(), [200])
            requests = [read(each.octets) for each in self.network.sent if each.source == ALICE]
            branches = {
                each.headers.via.branch for each in requests if isinstance(each, Request) and each.method == method
            }
            self.assertEqual(len(branches), 2)
        self.assertEqual(self.near.held["sending"], 0)

    def test_all_unavailable(self) -> None:
        """The answer of the last server is told."""
        self.bob.status = self.carol.status = 503
        self.network.perform(self.near, [send(ask(), hops=self.HOPS)])
        self.network.run(1)
        self.assertEqual((self.answered(), self.near.held["sending"]), ([503], 0))

    def test_silence(self) -> None:
        """A server from which nothing comes is given up after timer F, and the next one is tried."""
        self.network.remove(self.far)
        self.network.perform(self.near, [send(ask(), hops=self.HOPS)])
        self.network.run(31)
        self.assertEqual(self.alice.events, [])
        self.network.run(2)
        self.assertEqual(self.answered(), [200])

    def test_no_connection(self) -> None:
        """A connection that cannot be made leads to the next server; with none left the request has failed."""
        # = rfc3261:18.4/3 test
        self.network.remove(self.far)
        hops = (Hop(TCP, BOB), Hop(TCP, CAROL))
        self.network.perform(self.near, [send(ask(), hops=hops)])
        self.network.run(1)
        self.assertEqual(self.answered(), [200])
        self.network.perform(self.near, [send(ask(tag="d"), "2", hops[:1])])
        self.network.run(1)
        self.assertEqual(self.failed(), [(503, "no connection")])

    def test_other_answers_are_final(self) -> None:
        """Any other final response ends the search."""
        self.bob.status = 404
        self.network.perform(self.near, [send(ask(), hops=self.HOPS)])
        self.network.run(1)
        self.assertEqual((self.answered(), self.carol.events, self.near.held["sending"]), ([404], [], 0))

    def test_cancelled_before_it_goes_on(self) -> None:
        """A request that was cancelled is not tried elsewhere."""
        self.network.remove(self.far)
        self.network.perform(self.near, [send(ask("INVITE"), hops=self.HOPS), CancelRequest(OWNER)])
        self.network.run(40)
        self.assertEqual((self.carol.events, [status for status, _ in self.failed()]), ([], [408]))


class LocatingTest(Pair):
    """Names are looked up (RFC 3263)."""

    def test_name(self) -> None:
        """NAPTR, SRV and address records lead to the server; questions that are under way are not asked twice."""
        # = rfc3263:4.1/0 test
        # = rfc3263:4.2/0 test
        self.network.names = {
            Naptr("b.example"): (NaptrRecord(1, 1, "s", "SIP+D2T", "_sip._tcp.b.example"),),
            Srv("_sip._tcp.b.example"): (SrvRecord(0, 0, 5060, "one.b.example"),),
            Host("one.b.example"): (HostRecord(BOB.host),),
        }
        self.network.perform(self.near, [send(ask(uri="sip:b.example")), send(ask(uri="sip:b.example", tag="x"), "2")])
        self.assertEqual(self.near.held["sending"], 2)
        self.network.run(1)
        self.assertEqual((self.answered(), {each.transport for each in self.network.sent}), ([200, 200], {TCP}))
        self.assertEqual(self.near.held["sending"], 0)

    def test_no_such_name(self) -> None:
        """A name without records is told as a failure that names it."""
        self.network.perform(self.near, [send(ask(uri="sip:nobody.example"))])
        self.network.run(1)
        self.assertEqual(self.failed(), [(503, "no server is found for nobody.example")])

    def test_cancelled_while_looking(self) -> None:
        """A request that is cancelled before it was sent never is."""
        self.network.names = {Host("b.example"): (HostRecord(BOB.host),)}
        self.network.perform(self.near, [send(ask("INVITE", "sip:b.example:5060")), CancelRequest(OWNER)])
        self.network.run(1)
        self.assertEqual((self.failed(), self.network.sent), ([(503, "cancelled before it was sent")], []))

    def test_too_many_searches(self) -> None:
        """Searches are bounded."""
        near = self.network.element(self.alice, (UDP, CAROL), bounds=Bounds(searches=1))
        self.network.perform(near, [send(ask(uri="sip:b.example")), send(ask(uri="sip:c.example"), "2")])
        self.assertEqual(self.failed(), [(503, "1 searches for servers are under way")])

    def test_known_host(self) -> None:
        """A host in the table needs no question."""
        near = self.network.element(self.alice, (UDP, CAROL), known={"b.example": (BOB,)})
        self.network.perform(near, [send(ask(uri="sip:b.example"))])
        self.assertEqual(self.network.sent[0].destination, BOB)


class WeatherTest(SynchronousTestCase):
    """Bad weather."""

    def test_requests_get_through(self) -> None:
        """Every request gets exactly one final response or failure, in any weather, and nothing is left over."""
        for seed in range(8):
            network = MemoryNetwork(seed, Weather(jitter=0.3, loss=0.3, duplication=0.3))
            alice = Answering()
            near = network.element(alice, *both(ALICE))
            far = network.element(Answering(), *both(BOB))
            for number in range(10):
                network.perform(near, [send(ask(tag=str(number)), str(number))])
            network.run(120)
            ends = [each.owner for each in alice.events if isinstance(each, ResponseReceived | RequestFailed)]
            self.assertEqual(sorted(ends), sorted(("app", str(number)) for number in range(10)))
            self.assertEqual((near.held, far.held), (dict.fromkeys(near.held, 0),) * 2)
