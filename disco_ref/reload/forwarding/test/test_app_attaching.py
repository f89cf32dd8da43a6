"""Tests of the room of AppAttach by itself: what it refuses, what it closes, what it keeps (RFC 6940, section 6.5.2)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.errors import Malformed, Refusal
from disco_ref.peer.overlay.test.members import identity
from disco_ref.reload.actions import (
    About,
    Action,
    Ask,
    ConnectApplication,
    Forsake,
    HangUp,
    Link,
    Pass,
    Reply,
    RequestTimeout,
    SetTimer,
)
from disco_ref.reload.forwarding.app_attach import AppAttachAns, AppAttachReq
from disco_ref.reload.forwarding.app_attach_table import APP_ATTACH
from disco_ref.reload.forwarding.app_attaching import (
    MOST_GRANTED,
    PATIENCE,
    AppAttaching,
    ApplicationLink,
    BadRole,
    NotAdmitted,
    RawLink,
    UnknownApplication,
)
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.link.establishing import Abandon, Establish, Gather, LinkParameters
from disco_ref.reload.member import Member
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.test.peers import ALICE, BOB, NOW, OVERLAY, incoming

APPLICATION = 5060
OWN = LinkParameters(b"u", b"p", ())
THEIRS = LinkParameters(b"U", b"P", ())
RAW = RawLink(7, ("192.0.2.1", 1), ("192.0.2.2", 2))


class Heard:
    """An application that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []

    def admits(self, application: int, node_id: bytes) -> bool:
        """Everybody."""
        return True

    def opened(self, link: ApplicationLink, now: Instant) -> list[Action]:
        """A link."""
        self.told.append(link)
        return [Pass(link.raw.link, b"first")]

    def received(self, link: Link, octets: bytes, now: Instant) -> list[Action]:
        """Octets."""
        self.told.append((link, octets))
        return []

    def closed(self, link: Link, why: str, now: Instant) -> list[Action]:
        """The end."""
        self.told.append((link, why))
        return []

    def unreached(self, about: About, why: Refusal, now: Instant) -> list[Action]:
        """No link."""
        self.told.append((about, type(why)))
        return []


class RoomTests(SynchronousTestCase):
    """One room, Alice's; the other side is Bob."""

    def setUp(self) -> None:
        """A room with one application."""
        self.room = AppAttaching(Member(OVERLAY, identity(ALICE), bytes, NOW))
        self.heard = Heard()
        self.room.register(APPLICATION, self.heard)
        self.bob = identity(BOB)

    def ask(self, role: bytes = b"passive", application: int = APPLICATION) -> list[Action]:
        """Bob asks."""
        body = AppAttachReq(THEIRS.ufrag, THEIRS.password, application, role, ())
        return self.room.asked(incoming(body, MessageCode.app_attach_req, self.bob), NOW)

    def want(self, role: bytes = b"passive") -> int:
        """Alice wants a link, and knows her candidates; the number of the attempt."""
        wanted = ConnectApplication(APPLICATION, ("x",), (node_place(self.bob.node_id),), role)
        gather, _ = self.room.connect(wanted, NOW)
        assert isinstance(gather, Gather)
        (ask,) = self.room.gathered(gather.attempt, OWN, NOW)
        assert isinstance(ask, Ask)
        self.assertEqual(ask.body, AppAttachReq(b"u", b"p", APPLICATION, role, ()))
        return gather.attempt

    def answer(self, number: int, role: bytes, application: int = APPLICATION) -> list[Action]:
        """Bob answers."""
        body = AppAttachAns(THEIRS.ufrag, THEIRS.password, application, role, ())
        answer = incoming(body, MessageCode.app_attach_ans, self.bob)
        return self.room.answered(("app attach", number), answer, NOW)

    def test_roles_of_answers(self) -> None:
        """Who is asked takes the role that the request leaves, and opens the link where it may choose."""
        # = rfc6940:6.5.2.2/1 test
        for asked, answered in ((b"passive", b"active"), (b"active", b"passive"), (b"actpass", b"active")):
            gather, timer = self.ask(asked)
            assert isinstance(gather, Gather) and isinstance(timer, SetTimer)
            self.assertEqual((gather.application, timer.at), (APPLICATION, NOW + PATIENCE))
            reply, establish = self.room.gathered(gather.attempt, OWN, NOW)
            assert isinstance(reply, Reply)
            self.assertEqual(reply.body, AppAttachAns(b"u", b"p", APPLICATION, answered, ()))
            active = answered == b"active"
            self.assertEqual(establish, Establish(gather.attempt, active, self.bob.node_id, THEIRS, APPLICATION))

    def test_roles_of_requests(self) -> None:
        """Who has asked opens the link where the answer is passive, and only then."""
        # = rfc6940:6.5.2.2/2 test
        for asked, answered in ((b"passive", b"active"), (b"active", b"passive"), (b"actpass", b"passive")):
            number = self.want(asked)
            active = answered == b"passive"
            expected = Establish(number, active, self.bob.node_id, THEIRS, APPLICATION, True)
            self.assertEqual(self.answer(number, answered), [expected])

    def test_refused(self) -> None:
        """Other applications, roles that are none, and too many at once are refused; nothing is kept of them."""
        # = rfc6940:6.5.2.2/3 test
        with self.assertRaises(UnknownApplication):
            self.ask(application=5061)
        for role in (b"", b"holdconn", b"PASSIVE"):
            with self.assertRaises(BadRole):
                self.ask(role)
        for _ in range(MOST_GRANTED):
            self.ask()
        with self.assertRaises(NotAdmitted):
            self.ask()
        self.room.passed(("app attach", 1), NOW)
        self.ask()

    def test_bad_answers(self) -> None:
        """An answer for another application, or with a role that is none or one's own, ends the attempt."""
        # = rfc6940:6.5.2.2/2 test
        for role, application in ((b"active", 5061), (b"passive", APPLICATION), (b"actpass", APPLICATION), (b"", 5060)):
            number = self.want()
            self.heard.told = []
            actions = self.answer(number, role, application)
            self.assertIn(Abandon(number), actions)
            self.assertEqual(self.heard.told, [(("x",), Malformed)])
            self.assertNotIn(number, self.room)
            self.assertEqual(self.answer(number, b"active"), [])

    def test_faster_than_its_answer(self) -> None:
        """A link that comes before the answer is taken, and the request forsaken; one of another node is closed."""
        number = self.want()
        other = self.room.linked(number, RAW, (bytes(16),), NOW)
        self.assertEqual(other, [HangUp(RAW.link, "nobody waits for this link")])
        actions = self.room.linked(number, RAW, (bytes(16), self.bob.node_id), NOW)
        self.assertIn(Forsake(self.room, ("app attach", number)), actions)
        self.assertEqual(actions[-1], Pass(RAW.link, b"first"))
        self.assertEqual(self.heard.told, [ApplicationLink(RAW, APPLICATION, self.bob.node_id, ("x",))])
        self.room.received(RAW.link, b"octets", NOW)
        self.room.closed(RAW.link, "over", NOW)
        self.assertEqual(self.heard.told[1:], [(RAW.link, b"octets"), (RAW.link, "over")])
        self.assertEqual((self.room.received(RAW.link, b"late", NOW), self.room.closed(RAW.link, "", NOW)), ([], []))
        self.assertEqual(len(self.heard.told), 3)

    def test_unasked(self) -> None:
        """A link that nobody waits for is closed: of no attempt, of one that is over, of one nobody was told the candidates of."""
        gather, _ = self.ask()
        assert isinstance(gather, Gather)
        for number in (None, 99, gather.attempt):
            actions = self.room.linked(number, RAW, (self.bob.node_id,), NOW)
            self.assertEqual(actions, [HangUp(RAW.link, "nobody waits for this link")])
        self.assertEqual(self.heard.told, [])

    def test_nothing_comes(self) -> None:
        """An error, a time-out or no link end the attempt; the application that wanted it hears why, the other one nothing."""
        number = self.want()
        self.room.failed(("app attach", number), RequestTimeout("no answer"), NOW)
        self.assertEqual(self.heard.told, [(("x",), RequestTimeout)])
        self.heard.told = []
        number = self.want()
        self.answer(number, b"active")
        self.room.unreachable(number, "nobody there", NOW)
        self.assertEqual(len(self.heard.told), 1)
        gather, _ = self.ask()
        assert isinstance(gather, Gather)
        actions = self.room.passed(("app attach", gather.attempt), NOW)
        self.assertIn(Abandon(gather.attempt), actions)
        self.assertEqual(len(self.heard.told), 1)

    def test_wrong_wishes(self) -> None:
        """A link for an application that is not registered, with a role that is none, or to a resource is a mistake."""
        node = (node_place(self.bob.node_id),)
        for wanted in (
            ConnectApplication(5061, ("x",), node),
            ConnectApplication(APPLICATION, ("x",), node, b"holdconn"),
            ConnectApplication(APPLICATION, ("x",), ()),
            ConnectApplication(APPLICATION, ("x",), (resource_place(bytes(16)),)),
        ):
            with self.assertRaises(ValueError):
                self.room.connect(wanted, NOW)

    def test_table(self) -> None:
        """An attempt begins once, and nothing happens to it before."""
        for state, event in (("New", "linked"), ("Asking", "wanted"), ("Establishing", "asked")):
            with self.assertRaises(RuntimeError):
                APP_ATTACH.step(state, event)
