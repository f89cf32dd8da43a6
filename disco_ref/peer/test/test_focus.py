"""A focus in virtual time: joining, holding, leaving, creating, bounds (RFC 4353, RFC 4579)."""

from __future__ import annotations

from disco_ref.conference.focus.policy import FactoryAnswer, Policy, Reserved
from disco_ref.conference.focus.roster import ConferenceBegan, ConferenceOver, EndpointGone, EndpointShown, TurnedAway
from disco_ref.conference.focus.state import Leg
from disco_ref.peer.test.participants import FOCUS, FocusCase, sdp
from disco_ref.sip.digest.accounts import Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.message import Request, Response
from disco_ref.sip.uri import read_uri


class Joining(FocusCase):
    """Calling a conference."""

    # = rfc4579:3.1/101 test
    # = rfc4579:4.3/101 test
    # = rfc4579:5.1/101 test
    # = rfc4579:4.1/101 test
    def test_call(self) -> None:
        """A call to a conference is an ordinary call; its Contact is the conference URI with isfocus."""
        answer = self.one.dial(self.uri("room"))
        self.assertEqual(answer.status_code, 200)
        self.assertEqual(answer.headers.texts("contact"), [f"<{self.uri('room')}>;isfocus"])
        self.assertIn(b"m=audio 4000 RTP/AVP 0\r\n", answer.body)
        self.assertEqual(self.one.hang_up(), [200])
        self.assertEqual(
            [type(one) for one in self.told(ConferenceBegan, ConferenceOver)], [ConferenceBegan, ConferenceOver]
        )
        self.assertIsNone(self.node.focus.conferences.get("room"))
        self.leaves_nothing()

    def test_without_offer(self) -> None:
        """Who leaves the offer to the focus answers in the ACK."""
        self.one.send("INVITE", self.uri("room"))
        answer = self.one.got()[-1]
        assert isinstance(answer, Response)
        self.assertIn(b"m=audio 4000 RTP/AVP 0 8 101\r\n", answer.body)
        self.assertEqual(len(self.node.relay), 0)
        self.one.to = answer.headers.texts("to")[0]
        told = sdp(self.one.host) + b"m=video 0 RTP/AVP 34\r\n"
        self.one.send("ACK", self.uri("room"), body=told)
        self.network.run(0.1)
        self.assertEqual(len(self.node.relay), 1)
        status = [one.status for one in self.told(EndpointShown) if isinstance(one, EndpointShown)]
        self.assertEqual(status[-1], "connected")

    def test_unreadable_answer(self) -> None:
        """An answer that cannot be read ends the call."""
        self.one.send("INVITE", self.uri("room"))
        answer = self.one.got()[-1]
        self.one.to = answer.headers.texts("to")[0]
        self.one.send("ACK", self.uri("room"), body=b"nonsense")
        self.assertIn("BYE", [one.method for one in self.one.got() if isinstance(one, Request)])

    def test_nothing_acceptable(self) -> None:
        """488 with a Warning, and no conference begins."""
        answer = self.one.dial(self.uri("room"), body=sdp(self.one.host, formats="9"))
        self.assertEqual(answer.status_code, 488)
        self.assertEqual(answer.headers.texts("warning")[0][:9], "305 focus")
        self.assertIsNone(self.node.focus.conferences.get("room"))
        self.assertEqual([one.status for one in self.told(TurnedAway) if isinstance(one, TurnedAway)], [488])
        answer = self.one.dial(self.uri("room"), body=b"v=nonsense")
        self.assertGreaterEqual(answer.status_code, 400)
        self.leaves_nothing()

    def test_other_domain(self) -> None:
        """404 for what is no URI of this focus."""
        self.assertEqual(self.one.dial("sip:room@192.0.2.77").status_code, 404)
        self.assertEqual(self.one.dial("sip:192.0.2.100").status_code, 404)

    def test_locked(self) -> None:
        """A locked conference is joined by nobody, and says so; unlocked it is joined."""
        answer = self.one.dial(self.uri("closed"))
        self.assertEqual((answer.status_code, answer.reason_phrase), (403, "Conference Is Locked"))
        self.node.focus.lock("closed", False, self.network.now)
        self.assertEqual(self.one.dial(self.uri("closed")).status_code, 200)

    # = rfc3264:8.4/3 test
    def test_hold(self) -> None:
        """Hold is answered, seen in the roster, and undone; an offer that cannot be accepted changes nothing."""
        self.one.dial(self.uri("room"))
        for version, (direction, formats, status, shown) in enumerate(
            (
                ("sendonly", "0", 200, "on-hold"),
                ("inactive", "0", 200, "on-hold"),
                ("sendrecv", "0", 200, "connected"),
                ("sendrecv", "9", 488, "connected"),
            )
        ):
            self.one.send("INVITE", self.one.target, body=sdp(self.one.host, direction, formats, version + 2))
            number = self.one._number
            self.assertEqual(self.one.answers()[-1:], [status])
            self.one.send("ACK", self.one.target, number=number)
            endpoints = [leg.shown().status for leg in self.leg("room")]
            self.assertEqual(endpoints, [shown])
        self.one.hang_up()
        self.leaves_nothing()

    # = rfc3264:8/1 test
    def test_asked_for_an_offer(self) -> None:
        """A re-INVITE without an offer gets one of the streams that stand; a bad answer to it ends the call."""
        self.one.dial(self.uri("room"))
        for body, method in ((sdp(self.one.host, "sendonly"), []), (b"nonsense", ["BYE"])):
            self.one.send("INVITE", self.one.target)
            number = self.one._number
            answer = self.one.got()[-1]
            self.assertIn(b"m=audio 4000 RTP/AVP 0\r\n", answer.body)
            self.one.send("ACK", self.one.target, body=body, number=number)
            self.assertEqual([one.method for one in self.one.got() if isinstance(one, Request)], method)

    def leg(self, name: str) -> list[Leg]:
        """The legs of a conference."""
        conference = self.node.focus.conferences.get(name)
        return [] if conference is None else list(conference.legs.values())

    def test_same_device_twice(self) -> None:
        """Two calls of one device are two endpoints of one user."""
        self.one.dial(self.uri("room"))
        self.one.dial(self.uri("room"))
        users = self.shown().users
        assert users is not None
        self.assertEqual([len(set(user.endpoint)) for user in users.user], [2])

    def test_no_ack(self) -> None:
        """Who never acknowledges is shown as failed, and leaves nothing."""
        self.one.send("INVITE", self.uri("room"), body=sdp(self.one.host))
        self.network.run(40)
        self.assertEqual([one.how for one in self.told(EndpointGone) if isinstance(one, EndpointGone)], ["failed"])
        self.leaves_nothing()

    def test_vanished(self) -> None:
        """Who sends no media is asked after a while; who does not answer is taken for gone, who answers stays, and is asked again."""
        for answers, how in ((True, []), (False, ["failed"])):
            self.one.dial(self.uri("room"))
            asked = 0
            for _ in range(400):
                for one in self.one.got(1):
                    if isinstance(one, Request) and one.method == "OPTIONS":
                        asked += 1
                        if answers:
                            self.one.answer(one, 200)
            self.assertGreater(asked, 1 if answers else 0)
            self.assertEqual([one.how for one in self.told(EndpointGone) if isinstance(one, EndpointGone)][-1:], how)
            self.one.hang_up()
        self.leaves_nothing()

    # = rfc4579:5.13/101 test
    def test_options(self) -> None:
        """OPTIONS to a conference URI names it with isfocus; to another place 404."""
        self.one.send("OPTIONS", self.uri("team"))
        answer = self.one.got()[-1]
        self.assertEqual(answer.headers.texts("contact"), [f"<{self.uri('team')}>;isfocus"])
        self.assertIn(b"m=audio 0 RTP/AVP", answer.body)
        self.one.send("OPTIONS", "sip:room@192.0.2.77")
        self.assertEqual(self.one.answers(), [404])

    def test_closing(self) -> None:
        """A focus that closes says BYE to all, and takes no new calls."""
        self.one.dial(self.uri("room"))
        self.other.dial(self.uri("team"))
        now = self.network.now
        self.network.perform(self.element, self.node.settle(self.node.focus.close(now), now))
        for each in (self.one, self.other):
            byes = [one for one in each.got() if isinstance(one, Request)]
            self.assertEqual([one.method for one in byes], ["BYE"])
            each.answer(byes[0], 200)
        answer = self.third.dial(self.uri("room"))
        self.assertEqual((answer.status_code, answer.headers.texts("retry-after")), (503, ["5"]))
        self.leaves_nothing()


class Bounded(FocusCase):
    """A focus with little room."""

    policy = Policy(capacity=2, calls=3, ad_hoc=False, reserved=(Reserved(name="a"), Reserved(name="b")), setting_up=2)

    def test_capacity(self) -> None:
        """A full conference gives 486, a full focus 503 with Retry-After; who leaves makes room."""
        self.one.dial(self.uri("a"))
        first = self.one.call_id, self.one.to, self.one.target
        self.other.dial(self.uri("a"))
        answer = self.third.dial(self.uri("a"))
        self.assertEqual((answer.status_code, answer.reason_phrase), (486, "Conference Is Full"))
        self.assertEqual(self.third.dial(self.uri("b")).status_code, 200)
        answer = self.one.dial(self.uri("b"))
        self.assertEqual((answer.status_code, answer.headers.texts("retry-after")), (503, ["5"]))
        self.one.call_id, self.one.to, self.one.target = first
        self.one.hang_up()
        self.assertEqual(self.other.dial(self.uri("a")).status_code, 200)

    def test_unknown(self) -> None:
        """Without ad-hoc conferences an unknown name is 404, for subscriptions and references too."""
        self.assertEqual(self.one.dial(self.uri("c")).status_code, 404)
        self.one.call_id = ""
        self.one.send("SUBSCRIBE", self.uri("c"), "Event: conference", "Expires: 60")
        self.one.send("REFER", self.uri("c"), "Refer-To: <sip:x@192.0.2.9>")
        self.assertEqual(self.one.answers(), [404, 404])

    def test_overload(self) -> None:
        """Too many calls without ACK in a second: further ones are shed, with all their copies, and taken again later."""
        for place in (self.one, self.other):
            place.send("INVITE", self.uri("a"), body=sdp(place.host))
        self.network.run(0.1)
        answer = self.third.dial(self.uri("b"))
        self.assertEqual((answer.status_code, answer.headers.texts("retry-after")), (503, ["5"]))
        shed = next(one for one in self.network.sent if one.source == self.third.place.address)
        self.network.run(1.2)
        self.third.place.send(shed.octets, FOCUS)
        self.assertEqual(self.third.answers(), [503])
        self.assertEqual(self.third.dial(self.uri("b")).status_code, 200)


class Creating(FocusCase):
    """The factory."""

    # = rfc4579:5.4/101 test
    def test_direct(self) -> None:
        """A call to the factory begins a conference, whose URI is in Contact and can be called."""
        self.one.dial(self.uri("conference"))
        self.assertNotEqual(self.one.target, self.uri("conference"))
        self.assertEqual(self.other.dial(self.one.target).status_code, 200)
        self.assertEqual(len(self.told(ConferenceBegan)), 1)


class Redirecting(FocusCase):
    """The factory that redirects."""

    policy = Policy(factory="new", factory_answer=FactoryAnswer.redirect, ad_hoc=False)

    def test_redirect(self) -> None:
        """302 with the new URI and isfocus; the conference waits for its first participant, and ends with its last."""
        answer = self.one.dial(self.uri("new"))
        contact = answer.headers.texts("contact")[0]
        self.assertEqual((answer.status_code, contact[-9:]), (302, ">;isfocus"))
        uri = contact[1:-9]
        self.assertEqual(self.one.dial(uri).status_code, 200)
        self.one.hang_up()
        self.assertEqual(self.other.dial(uri).status_code, 404)
        self.assertEqual(len(self.told(ConferenceOver)), 1)

    def test_nobody_comes(self) -> None:
        """It does not wait for ever."""
        self.one.dial(self.uri("new"))
        self.assertEqual(len(self.node.focus.conferences), 1)
        self.network.run(4000)
        self.assertEqual(len(self.node.focus.conferences), 0)
        self.leaves_nothing()


class Guarded(FocusCase):
    """A focus that asks who calls."""

    def setUp(self) -> None:
        """Alice may."""
        nonces = Nonces(lambda count: bytes(count))
        self.authenticate = Authenticator("focus", Accounts({"alice": "secret"}), nonces).authenticate
        super().setUp()

    def test_challenged(self) -> None:
        """Calls, subscriptions and references without credentials are challenged, and nothing begins."""
        self.assertEqual(self.one.dial(self.uri("room")).status_code, 401)
        self.one.call_id = ""
        self.one.send("SUBSCRIBE", self.uri("room"), "Event: conference")
        self.one.send("REFER", self.uri("team"), "Refer-To: <sip:x@192.0.2.9>")
        answers = [one for one in self.one.got() if isinstance(one, Response)]
        self.assertEqual([one.status_code for one in answers], [401, 401])
        self.assertTrue(all("www-authenticate" in one.headers for one in answers))
        self.assertEqual(len(self.node.focus.conferences), 0)


class Inviting(FocusCase):
    """Calls that the focus makes on its own account."""

    def test_invited_into_locked(self) -> None:
        """A lock does not keep out whom the focus calls; a bad answer ends the call."""
        now = self.network.now
        actions = self.node.focus.invite("closed", read_uri(self.one.uri), now)
        self.network.perform(self.element, self.node.settle(actions, now))
        invite = [one for one in self.one.got() if isinstance(one, Request)][0]
        self.one.answer(invite, 200, body=b"nonsense")
        self.assertEqual([one.method for one in self.one.got() if isinstance(one, Request)], ["ACK", "BYE"])
