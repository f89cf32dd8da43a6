"""Tests of Attach on both sides, in every order in which two nodes can ask each other (RFC 6940, section 6.5.1.2)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.peer.overlay.test.lone import counted
from disco_ref.peer.overlay.test.members import identity, node_id, overlay
from disco_ref.reload.actions import (
    About,
    Action,
    AnsweredWithError,
    Ask,
    Connect,
    Forsake,
    Incoming,
    Refuse,
    Reply,
    RequestTimeout,
    SetTimer,
)
from disco_ref.reload.forwarding.attach import AttachReqAns
from disco_ref.reload.forwarding.attach_table import ATTACH
from disco_ref.reload.forwarding.attaching import MOST_GRANTED, PATIENCE, Attaching, InProgress, Overloaded
from disco_ref.reload.forwarding.connections import Connection
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.link.establishing import Abandon, Establish, Gather, LinkParameters
from disco_ref.reload.link.framed_stream import FramedStream
from disco_ref.reload.member import Member
from disco_ref.reload.message.contents import Contents
from disco_ref.reload.message.envelope import Message
from disco_ref.reload.message.forwarding_header import RELO_TOKEN, VERSION, WHOLE, ForwardingHeader
from disco_ref.reload.message.security_block import SecurityBlock
from disco_ref.reload.message.signature import NOT_SIGNED, SignerIdentityType
from disco_ref.reload.room import Quiet
from disco_ref.reload.security.signing import SignedBy
from disco_ref.reload.topology.chord.ring import Chord

NOW = Instant(1000.0)
SMALL, LARGE = sorted((node_id(1), node_id(2)))
OWN = LinkParameters(b"own", b"", ())
SIGNED = SignedBy(SignerIdentityType.cert_hash, None, ())


class Wants(Quiet):
    """A room that wants connections, and notes what becomes of them."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """Nobody asks it."""
        raise AssertionError

    def connected(self, about: About, node_id: bytes, now: Instant) -> list[Action]:
        """There is one."""
        self.told.append(node_id)
        return []

    def failed(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """There is none."""
        self.told.append(type(why))
        return []


def incoming(by: bytes, role: bytes, transaction: int = 1) -> Incoming:
    """An Attach, or the answer to one, of this node."""
    header = ForwardingHeader(RELO_TOKEN, 0, 1, VERSION, 9, WHOLE, 0, transaction, 0, (), (), ())
    body = AttachReqAns(b"their", b"", role, (), False)
    message = Message(header, Contents(3, body, ()), SecurityBlock((), NOT_SIGNED))
    return Incoming(message, SIGNED, by, by, 1)


class Side:
    """One node's room, and what it has wanted so far."""

    def __init__(self, own: bytes, other: bytes) -> None:
        which = {node_id(each): each for each in (1, 2)}
        self.member = Member(overlay(), identity(which[own]), counted(), NOW)
        self.room = Attaching(self.member, Chord(self.member))
        self.wants = Wants()
        self.other = other
        self.links = 0

    def connect(self) -> list[Action]:
        """A connection is wanted."""
        return self.room.connect(Connect(self.wants, ("it",), (node_place(self.other),)), NOW)

    def link(self, attempt: int | None = None) -> list[Action]:
        """A link to the other node is up."""
        self.links += 1
        connection = Connection(self.links, FramedStream(overlay().context), (), (self.other,), NOW)
        self.member.connections.add(connection)
        return self.room.linked(attempt, connection, NOW)

    def asked(self, transaction: int = 1) -> list[Action]:
        """The other node asks."""
        return self.room.asked(incoming(self.other, b"passive", transaction), NOW)

    def refused(self, number: int, code: int) -> list[Action]:
        """The other node answers with an error."""
        return self.room.failed(("attach", number), AnsweredWithError(code, b"", self.other), NOW)


def kinds(actions: Sequence[Action]) -> list[type]:
    """What sort of actions they are."""
    return [type(each) for each in actions]


class OneAsksTests(SynchronousTestCase):
    """Only one of the two asks."""

    def test_asking(self) -> None:
        """Gather, ask as passive, establish as server once answered; whoever waited is told once."""
        # = rfc6940:6.5.1.1/1 test
        # = rfc6940:6.5.1.2/9 test
        # = rfc6940:6.5.1.13/1 test
        side = Side(SMALL, LARGE)
        self.assertEqual(kinds(side.connect()), [Gather, SetTimer])
        self.assertEqual(side.connect(), [])
        (ask,) = side.room.gathered(1, OWN, NOW)
        assert isinstance(ask, Ask) and isinstance(ask.body, AttachReqAns)
        self.assertEqual((ask.body.role, ask.body.ufrag), (b"passive", b"own"))
        (establish,) = side.room.answered(("attach", 1), incoming(LARGE, b"active"), NOW)
        assert isinstance(establish, Establish)
        self.assertEqual((establish.active, establish.node_id), (False, LARGE))
        side.link(1)
        self.assertEqual(side.wants.told, [LARGE, LARGE])
        self.assertEqual(side.connect(), [])
        self.assertEqual(side.wants.told, [LARGE] * 3)

    def test_asked(self) -> None:
        """Gather, answer as active, establish as client."""
        # = rfc6940:6.5.1.2/1 test
        # = rfc6940:6.5.1.2/2a test
        # = rfc6940:6.5.1.2/2b test
        # = rfc6940:6.5.1.13/2 test
        side = Side(SMALL, LARGE)
        self.assertEqual(kinds(side.asked()), [Gather, SetTimer])
        reply, establish = side.room.gathered(1, OWN, NOW)
        assert isinstance(reply, Reply) and isinstance(reply.body, AttachReqAns) and isinstance(establish, Establish)
        self.assertEqual((reply.body.role, establish.active), (b"active", True))

    def test_asked_again(self) -> None:
        """A second Attach while one is under way is refused, before and after the answer."""
        # = rfc6940:6.5.1.2/3 test
        for own, other in ((SMALL, LARGE), (LARGE, SMALL)):
            side = Side(own, other)
            side.asked()
            for _ in range(2):
                (refuse,) = side.asked(2)
                assert isinstance(refuse, Refuse)
                self.assertIsInstance(refuse.refusal, InProgress)
                side.room.gathered(1, OWN, NOW)

    def test_nothing_is_left(self) -> None:
        """However an attempt ends, it leaves nothing; what comes for it later does nothing."""
        for event in ("error", "timeout", "late", "late after answer", "unreachable"):
            side = Side(SMALL, LARGE)
            side.connect()
            side.room.gathered(1, OWN, NOW)
            if event in ("late after answer", "unreachable"):
                side.room.answered(("attach", 1), incoming(LARGE, b"active"), NOW)
            match event:
                case "error":
                    side.refused(1, 3)
                case "timeout":
                    side.room.failed(("attach", 1), RequestTimeout("late"), NOW)
                case "unreachable":
                    side.room.unreachable(1, "nobody there", NOW)
                case _:
                    side.room.passed(("attach", 1), Instant(NOW + PATIENCE))
            self.assertEqual(len(side.wants.told), 1, event)
            self.assertEqual(len(side.room), 0)
            self.assertEqual(side.room.answered(("attach", 1), incoming(LARGE, b"active"), NOW), [])
            self.assertEqual(side.room.passed(("attach", 1), NOW), [])
            self.assertEqual(side.room.gathered(1, OWN, NOW), [])

    def test_granted_are_bounded(self) -> None:
        """So many may be under way that others have begun; each that ends makes room, and one's own are not counted."""
        # = rfc6940:6.5.1.2/8 test
        side = Side(SMALL, LARGE)
        for each in range(MOST_GRANTED):
            side.room.asked(incoming(each.to_bytes(16, "big"), b"passive"), NOW)
        self.assertRaises(Overloaded, side.asked)
        self.assertEqual(kinds(side.connect()), [Gather, SetTimer])
        side.room.passed(("attach", 1), NOW)
        self.assertEqual(kinds(side.room.asked(incoming(b"x" * 16, b"passive"), NOW)), [Gather, SetTimer])
        self.assertRaises(Overloaded, side.room.asked, incoming(b"y" * 16, b"passive"), NOW)


class GlareTests(SynchronousTestCase):
    """Both ask each other."""

    def test_smaller_gives_way(self) -> None:
        """The one with the smaller Node-ID stops asking, answers, and is the client."""
        # = rfc6940:6.5.1.2/4 test
        # = rfc6940:6.5.1.2/5 test
        # = rfc6940:6.5.1.2/6 test
        side = Side(SMALL, LARGE)
        side.connect()
        side.room.gathered(1, OWN, NOW)
        self.assertEqual(kinds(side.asked()), [Forsake, Reply, Establish])

    def test_larger_goes_on(self) -> None:
        """The one with the larger Node-ID refuses, and waits for its own answer."""
        # = rfc6940:6.5.1.2/7 test
        side = Side(LARGE, SMALL)
        side.connect()
        side.room.gathered(1, OWN, NOW)
        self.assertEqual(kinds(side.asked()), [Refuse])
        self.assertEqual(kinds(side.room.answered(("attach", 1), incoming(SMALL, b"active"), NOW)), [Establish])

    def test_refused_before_asked(self) -> None:
        """The refusal of the larger one comes before its request: the smaller one waits for that, but not for ever."""
        # = rfc6940:6.5.1.2/6 test
        # = rfc6940:6.5.1.2/7 test
        side = Side(SMALL, LARGE)
        side.connect()
        side.room.gathered(1, OWN, NOW)
        (timer,) = side.refused(1, 17)
        assert isinstance(timer, SetTimer) and timer.at is not None
        self.assertLess(timer.at, NOW + PATIENCE)
        self.assertEqual(side.wants.told, [])
        self.assertEqual(kinds(side.asked()), [Reply, Establish])
        side = Side(SMALL, LARGE)
        side.connect()
        side.room.gathered(1, OWN, NOW)
        side.refused(1, 17)
        self.assertEqual(kinds(side.room.passed(("attach", 1), NOW)), [SetTimer, Abandon])
        self.assertEqual((len(side.wants.told), len(side.room)), (1, 0))

    def test_every_order(self) -> None:
        """In whatever order requests and refusals arrive, one is server and one is client, of one link, and both are told."""
        for order in permutations(("small gathers", "large gathers", "small's request", "large's request", "refusal")):
            if not self._possible(order):
                continue
            with self.subTest(order=order):
                self._play(order)

    def _possible(self, order: tuple[str, ...]) -> bool:
        at = order.index
        return (
            at("small gathers") < at("small's request")
            and at("large gathers") < at("large's request")
            and at("small's request") < at("refusal")
        )

    def _play(self, order: tuple[str, ...]) -> None:
        small, large = Side(SMALL, LARGE), Side(LARGE, SMALL)
        done: dict[bytes, list[Action]] = {SMALL: small.connect(), LARGE: large.connect()}
        for event in order:
            match event:
                case "small gathers":
                    done[SMALL] += small.room.gathered(1, OWN, NOW)
                case "large gathers":
                    done[LARGE] += large.room.gathered(1, OWN, NOW)
                case "small's request" if Ask in kinds(done[SMALL]):
                    done[LARGE] += large.asked()
                case "large's request" if Ask in kinds(done[LARGE]):
                    done[SMALL] += small.asked()
                case "refusal" if Refuse in kinds(done[LARGE]) and Forsake not in kinds(done[SMALL]):
                    done[SMALL] += small.refused(1, 17)
                case _:
                    pass
        for side, other in ((small, large), (large, small)):
            if Reply in kinds(done[side.member.node_id]) and Forsake not in kinds(done[other.member.node_id]):
                answer = incoming(side.member.node_id, b"active")
                done[other.member.node_id] += other.room.answered(("attach", 1), answer, NOW)
        roles = [each.active for one in done.values() for each in one if isinstance(each, Establish)]
        self.assertEqual(sorted(roles), [False, True])
        small.link(1)
        large.link(1)
        self.assertEqual((small.wants.told, large.wants.told), ([LARGE], [SMALL]))
        self.assertEqual((len(small.room), len(large.room)), (0, 0))


class TableTests(SynchronousTestCase):
    """The table."""

    def test_total(self) -> None:
        """Every event of every state is an arrow or argued."""
        states = {state for state, _ in ATTACH.cells}
        events = {event for _, event in ATTACH.cells}
        for state in states:
            for event in events:
                self.assertTrue((state, event) in ATTACH.cells or (state, event) in ATTACH.silent, (state, event))
