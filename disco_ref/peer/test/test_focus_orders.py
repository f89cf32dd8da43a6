"""What whoever runs a focus can have done to a conference, and what a participant can have done by other names."""

from __future__ import annotations

from disco_ref.conference.focus.refusals import NoSuchConference
from disco_ref.peer.test.participants import FocusCase
from disco_ref.sip.actions import Action
from disco_ref.sip.flow import Address
from disco_ref.sip.message import Request
from disco_ref.sip.uri import read_uri


class Orders(FocusCase):
    """A conference of one, watched by another."""

    def setUp(self) -> None:
        """The third participant watches."""
        super().setUp()
        self.one.dial(self.uri("room"))
        self.third.send("SUBSCRIBE", self.uri("room"), "Event: conference", "Expires: 600")
        self.third.listened(0.5)

    def do(self, actions: list[Action]) -> list[bytes]:
        """Carries out an order; what whoever watches is told by it."""
        self.network.perform(self.element, self.node.settle(actions, self.network.now))
        return [each.body for each in self.third.listened(1) if isinstance(each, Request)]

    def test_limit(self) -> None:
        """A limit below what is there lets nobody in and nobody go, and is told; lifted, it lets others in."""
        now, focus = self.network.now, self.node.focus
        (told,) = self.do(focus.limit("room", 1, now))
        self.assertIn(b"<maximum-user-count>1</maximum-user-count>", told)
        self.assertEqual(self.other.dial(self.uri("room")).status_code, 486)
        self.assertEqual(self.do(focus.limit("room", 0, now))[0].count(b"maximum-user-count>0<"), 1)
        self.assertEqual(len(self.node.calls), 1)
        self.do(focus.limit("room", 2, now))
        self.assertEqual(self.other.dial(self.uri("room")).status_code, 200)

    def test_lock(self) -> None:
        """A lock is told, keeps others out, and can be opened."""
        now, focus = self.network.now, self.node.focus
        (told,) = self.do(focus.lock("room", True, now))
        self.assertIn(b"<locked>true</locked>", told)
        self.assertEqual(self.other.dial(self.uri("room")).status_code, 403)
        (told,) = self.do(focus.lock("room", False, now))
        self.assertIn(b"<locked>false</locked>", told)
        self.assertEqual(self.other.dial(self.uri("room")).status_code, 200)

    def test_nowhere(self) -> None:
        """A conference that is not there can be neither limited nor locked nor granted."""
        now, focus = self.network.now, self.node.focus
        self.assertRaises(NoSuchConference, focus.limit, "none", 1, now)
        self.assertRaises(NoSuchConference, focus.lock, "none", True, now)
        self.assertRaises(NoSuchConference, focus.decide, "none", True, now)
        self.assertIsNone(self.node.focus.conferences.get("none"))

    def test_alerting(self) -> None:
        """Whom the focus calls is shown as dialled until a 180 says that somebody is alerted; no other response says so."""
        now = self.network.now
        self.do(self.node.focus.invite("room", read_uri(self.other.uri), now))
        invite, *_ = [each for each in self.other.got() if isinstance(each, Request)]
        shown = []
        for status in (100, 183, 180, 183):
            self.other.answer(invite, status)
            self.network.run(0.2)
            users = self.shown().users
            assert users is not None
            shown.append([str(user.endpoint[0].status) for user in users.user if user.entity == self.other.uri])
        self.assertEqual(shown, [["dialing-out"], ["dialing-out"], ["alerting"], ["alerting"]])

    # = rfc4579:5.11/101 test
    def test_removed_by_device(self) -> None:
        """A REFER that names the device of a call, as its Contact did, removes that call."""
        send = self.other.place.send

        def from_device(octets: bytes, to: Address) -> None:
            send(octets.replace(b"Contact: <sip:p2@", b"Contact: <sip:device@"), to)

        self.patch(self.other.place, "send", from_device)
        self.other.dial(self.uri("room"))
        self.one.send("REFER", self.uri("room"), f"Refer-To: <sip:device@{self.other.host};method=BYE>")
        self.one.listened(1)
        self.assertEqual([each.method for each in self.other.got() if isinstance(each, Request)][:1], ["BYE"])
