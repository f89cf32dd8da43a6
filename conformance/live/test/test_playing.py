"""Playing scenarios, in virtual time and over sockets: what is sent again, what is absorbed, what ends a scenario."""

from __future__ import annotations

import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from twisted.trial.unittest import SynchronousTestCase

from conformance.lab.sip import read_message
from conformance.live.network.conversation import Conversation
from conformance.live.network.sockets import Sockets
from conformance.live.network.streams import server_context
from conformance.live.network.virtual import SUBJECT, VirtualNetwork
from conformance.live.network.wire import WireFault
from conformance.live.playing import (
    COMPLETE,
    FAULT,
    NOT_CLAIMED,
    NOT_SEEN,
    Played,
    play,
)
from conformance.live.scenario import Scenario, scenarios
from conformance.live.scenarios.user_agent.options import options
from conformance.live.stage import Stage
from conformance.live.subject import Certificates, LiveSubject
from conformance.live.wants import final, provisional, request
from conformance.live.writing import written

SAMPLE = Path(__file__).with_name("sample_adapter.py")
OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.11\r\ns=-\r\nc=IN IP4 192.0.2.11\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n"


def of(steps: Callable[[Stage], None]) -> Scenario:
    """A scenario of these steps."""
    return Scenario(id="user-agent/x", what="A test.", role="user-agent", play=steps)


def ends(played: Played) -> tuple[str, str]:
    """How it ended."""
    return played.ended, played.why


class VirtualTests(SynchronousTestCase):
    """With the sample adapter, in virtual time."""

    def setUp(self) -> None:
        """One process for the test."""
        self.conversation = Conversation([sys.executable, str(SAMPLE)])
        self.addCleanup(self.conversation.close)

    def played(self, steps: Callable[[Stage], None], transport: str = "udp") -> Played:
        """Play these steps."""
        subject = LiveSubject(address=SUBJECT, transport=transport, to=f"sip:alice@{SUBJECT[0]}")
        return play(of(steps), subject, VirtualNetwork(self.conversation, subject, "user-agent"))

    def test_probe(self) -> None:
        """The first scenario of all is played to its end, over datagrams and over streams."""
        for transport in ("udp", "tcp", "tls"):
            self.assertEqual(ends(self.played(options.play, transport)), (COMPLETE, ""))

    def test_exact_timers(self) -> None:
        """A 2xx that is not acknowledged comes again at T1, doubling up to T2: to the millisecond, and in no time."""

        def steps(stage: Stage) -> None:
            caller = stage.party("caller")
            invite = caller.request("INVITE", body=OFFER)
            caller.send(invite)
            answer = caller.expect(final(200, to=invite))
            start = stage.now
            times = []
            for _ in range(4):
                caller.expect_copy(answer, within=10.0)
                times.append(round(stage.now - start, 3))
            caller.ack(invite, answer)
            caller.silence(40.0)
            stage.note(f"{times} {len(caller.copies)}")

        played = self.played(steps)
        self.assertEqual(ends(played), (COMPLETE, ""))
        self.assertEqual(played.record.notes[-1].text, "[0.5, 1.5, 3.5, 7.5] 4")

    def test_harness_repeats(self) -> None:
        """What the subject does not answer is sent again at T1, doubling, for 64*T1, and no longer."""

        def steps(stage: Stage) -> None:
            caller = stage.party("caller")
            ask = caller.request("OPTIONS", without=[])
            caller.send(ask, to=("192.0.2.99", 5060))
            caller.silence(60.0)

        entries = self.played(steps).record.entries
        times = [round(one.time - entries[0].time, 3) for one in entries]
        self.assertEqual(times[:6], [0, 0.5, 1.5, 3.5, 7.5, 11.5])
        self.assertTrue(27 < times[-1] <= 32)

    def test_copies_are_answered(self) -> None:
        """A 2xx that comes again gets the same ACK again, and does not come into the queue."""

        def steps(stage: Stage) -> None:
            caller = stage.party("caller")
            invite = caller.request("INVITE", body=OFFER)
            caller.send(invite)
            answer = caller.expect(final(200))
            caller.expect_copy(answer)
            caller.ack(invite, answer)
            caller.put(invite.received)
            caller.silence(1.0)
            stage.note(str(caller.queue))

        played = self.played(steps)
        acks = [one for one in played.record.entries if one.octets.startswith(b"ACK")]
        self.assertEqual((len(acks), len({one.octets for one in acks})), (2, 1))
        self.assertEqual(played.record.notes[-1].text, "[]")

    def test_order(self) -> None:
        """What the subject sends at once is written down before what the harness sends next."""

        def steps(stage: Stage) -> None:
            caller = stage.party("caller")
            for _ in range(2):
                caller.send(caller.request("OPTIONS"))
            stage.wait(1.0)

        self.assertEqual([one.sent for one in self.played(steps).record.entries], [False, True, False, True])

    def test_trigger(self) -> None:
        """The subject calls when its adapter is told so; what it cannot do ends a scenario as not claimed."""

        def steps(stage: Stage) -> None:
            callee = stage.party("callee")
            stage.trigger("invite", uri=callee.contact_uri)
            asked = callee.expect(request("INVITE"))
            callee.respond(asked, 200, body=OFFER, once=True)
            stage.trigger("refer", uri="sip:x@192.0.2.9")

        played = self.played(steps)
        self.assertEqual(played.ended, NOT_CLAIMED)
        self.assertTrue(any(one.sent and one.octets.startswith(b"INVITE") for one in played.record.entries))

    def test_not_seen(self) -> None:
        """What does not come ends the scenario with what was waited for; another final response ends it at once."""

        def late(stage: Stage) -> None:
            stage.party("a").expect(request("BYE"), within=3.0)

        def other(stage: Stage) -> None:
            caller = stage.party("a")
            caller.send(caller.request("OPTIONS"))
            caller.expect(provisional(180))

        self.assertEqual(ends(self.played(late)), (NOT_SEEN, "a waited 3 s for BYE, and it did not come"))
        self.assertIn("and got 200 OK", self.played(other).why)

    def test_own_faults(self) -> None:
        """A message that the lab refuses and that is not marked as malformed is the scenario's fault; marked it is sent."""

        def unmarked(stage: Stage) -> None:
            caller = stage.party("a")
            caller.send(caller.request("OPTIONS", without=["CSeq"]))

        def marked(stage: Stage) -> None:
            caller = stage.party("a")
            caller.send(caller.request("OPTIONS", without=["CSeq"]), malformed=True)

        def broken(stage: Stage) -> None:
            raise KeyError(stage.subject.transport)

        self.assertEqual(self.played(unmarked).ended, FAULT)
        self.assertIn("CSeq", self.played(unmarked).why)
        self.assertEqual([one.malformed for one in self.played(marked).record.entries], [True])
        self.assertIn("KeyError", self.played(broken).why)

    def test_subject_dies(self) -> None:
        """A subject that ends is not alive; the next scenario starts it again."""

        def steps(stage: Stage) -> None:
            caller = stage.party("a")
            caller.put(b"\xff", to=SUBJECT)
            stage.wait(1.0)

        dying = Conversation([sys.executable, "-c", "import sys; print(sys.stdin.readline() and '{\"id\": 1, \"result\": "
                              "{\"sent\": [], \"wake\": null}}', flush=True); sys.stdin.readline(); sys.exit(7)"])  # fmt: skip
        self.addCleanup(dying.close)
        subject = LiveSubject(address=SUBJECT, transport="udp")
        played = play(of(steps), subject, VirtualNetwork(dying, subject, "user-agent"))
        self.assertIn("status 7", played.why)
        self.assertEqual([one.alive for one in played.record.notes], [False])
        self.assertEqual(ends(self.played(options.play)), (COMPLETE, ""))

    def test_gone_at_once(self) -> None:
        """A subject that ends before it is asked anything is a fault of the wire, however it is cleared away."""
        gone = Conversation(["false"])
        self.assertRaises(WireFault, gone.ask, "hello", {})

    def test_dialogs_are_ended(self) -> None:
        """A call that a scenario leaves open is ended behind it."""

        def steps(stage: Stage) -> None:
            caller = stage.party("caller")
            invite = caller.request("INVITE", body=OFFER)
            caller.send(invite)
            caller.ack(invite, caller.expect(final(200)))

        entries = self.played(steps).record.entries
        self.assertTrue(any(one.octets.startswith(b"BYE") for one in entries))
        self.assertTrue(entries[-1].octets.startswith(b"SIP/2.0 200"))


class _Echo(threading.Thread):
    """A subject on sockets that answers every request with 200: one datagram socket and one connection at a time."""

    def __init__(self, family: socket.AddressFamily, host: str) -> None:
        super().__init__(daemon=True)
        self.datagrams = socket.socket(family, socket.SOCK_DGRAM)
        self.streams = socket.socket(family, socket.SOCK_STREAM)
        self.streams.bind((host, 0))
        self.streams.listen(4)
        self.datagrams.bind((host, self.streams.getsockname()[1]))
        self.address = (host, int(self.streams.getsockname()[1]))
        self.streams.settimeout(5.0)
        self.datagrams.settimeout(5.0)
        self.stream = ""

    def run(self) -> None:
        """Two requests, then the end."""
        try:
            if self.stream:
                connection, _ = self.streams.accept()
                connection.settimeout(5.0)
                if self.stream == "tls":
                    connection = server_context(Certificates()).wrap_socket(connection, server_side=True)
                for _ in range(2):
                    connection.sendall(answer_to(connection.recv(65536)))
                connection.close()
            else:
                for _ in range(2):
                    octets, source = self.datagrams.recvfrom(65536)
                    self.datagrams.sendto(answer_to(octets), source)
        except OSError:
            return
        finally:
            self.streams.close()
            self.datagrams.close()


def answer_to(octets: bytes) -> bytes:
    """A 200 to a request."""
    asked = read_message(octets)
    rows = [(one.spelled, one.text) for one in asked.fields if one.name in ("via", "from", "to", "call-id", "cseq")]
    return written("SIP/2.0 200 OK", rows).received


class SocketTests(SynchronousTestCase):
    """Over the loopback interface."""

    def played(self, transport: str, family: socket.AddressFamily, host: str) -> Played:
        """Play the probe with a subject of a few lines."""
        subject = _Echo(family, host)
        subject.stream = "" if transport == "udp" else transport
        subject.start()
        self.addCleanup(subject.join, 6.0)
        known = LiveSubject(address=subject.address, transport=transport)
        return play(options, known, Sockets(subject.address))

    def test_transports(self) -> None:
        """Datagrams and connections, IPv4 and IPv6."""
        for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
            for transport in ("udp", "tcp", "tls"):
                played = self.played(transport, family, host)
                self.assertEqual(ends(played), (COMPLETE, ""))
                self.assertEqual([one.sent for one in played.record.entries], [False, True] * 2)

    def test_stamps(self) -> None:
        """A datagram that waits in the system while the harness does something else keeps the time at which it came."""

        def slow(stage: Stage) -> None:
            caller = stage.party("caller")
            caller.send(caller.request("OPTIONS"), once=True)
            time.sleep(1.5)
            caller.expect(final())
            caller.send(caller.request("OPTIONS"), once=True)

        subject = _Echo(socket.AF_INET, "127.0.0.1")
        subject.start()
        self.addCleanup(subject.join, 6.0)
        played = play(of(slow), LiveSubject(address=subject.address, transport="udp"), Sockets(subject.address))
        sent, received = played.record.entries[:2]
        self.assertTrue(sent.time <= received.time < sent.time + 1.2, received.time - sent.time)

    def test_nobody_there(self) -> None:
        """A connection that nobody takes ends the scenario with the reason."""
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            address = ("127.0.0.1", int(closed.getsockname()[1]))
        played = play(options, LiveSubject(address=address, transport="tcp"), Sockets(address))
        self.assertEqual(played.ended, NOT_SEEN)
        self.assertIn("refused", played.why)


class RegistryTests(SynchronousTestCase):
    """The scenarios of the suite."""

    def test_rules(self) -> None:
        """Every scenario keeps the rules, and every scenario that a check names exists."""
        from conformance.judge.catalog import checks

        known = {one.id for one in scenarios()}
        named = {name for one in checks() for name in one.scenarios}
        self.assertEqual(named - known, set())
        self.assertIn("user-agent/options", known)
