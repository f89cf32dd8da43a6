"""A focus in virtual time, with participants that are played message by message (RFC 4353, RFC 4579, RFC 4575)."""

from __future__ import annotations

from collections.abc import Callable

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Duration
from disco_ref.conference.document import ConferenceInfo
from disco_ref.conference.focus.policy import FactoryAnswer, Policy, Reserved
from disco_ref.conference.focus.roster import ConferenceBegan, ConferenceOver, EndpointGone, EndpointShown, TurnedAway
from disco_ref.conference.focus.state import Leg
from disco_ref.conference.package import Follower
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.peer.focus import FocusNode, focus_node
from disco_ref.shell.memory_network import MemoryNetwork, Raw
from disco_ref.sip.digest.accounts import Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.message import Message, Request, Response, read
from disco_ref.sip.uri import read_uri

FOCUS = Address("192.0.2.100", 5060)
SDP = """v=0
o=- 1 {version} IN IP4 {host}
s=-
c=IN IP4 {host}
t=0 0
m=audio 6000 RTP/AVP {formats}
a={direction}
"""


def sdp(host: str, direction: str = "sendrecv", formats: str = "0", version: int = 1) -> bytes:
    """A session description."""
    text = SDP.format(host=host, direction=direction, formats=formats, version=version)
    return text.replace("\n", "\r\n").encode()


class Participant:
    """Somebody with a telephone, or only a pen."""

    serial = 0

    def __init__(self, network: MemoryNetwork, number: int) -> None:
        self.network = network
        self.host = f"192.0.2.{number}"
        self.uri = f"sip:p{number}@{self.host}"
        self.place: Raw = network.raw(Address(self.host, 5060))
        self._read = 0
        self._number = 0
        self.to = ""
        self.call_id = ""
        self.target = ""

    def send(self, method: str, uri: str, *lines: str, body: bytes = b"", number: int = 0, again: bool = False) -> None:
        """A request, in the dialog that stands if there is one."""
        Participant.serial += 1
        self._number += method not in ("ACK", "CANCEL")
        if not self.call_id:
            self.call_id = f"call-{Participant.serial}@{self.host}"
        head = [
            f"{method} {uri} SIP/2.0",
            f"Via: SIP/2.0/UDP {self.host}:5060;branch=z9hG4bK{Participant.serial}",
            f"From: <{self.uri}>;tag=mine",
            f"To: {self.to or f'<{uri}>'}",
            f"Call-ID: {self.call_id}",
            f"CSeq: {number or self._number} {method}",
            "Max-Forwards: 70",
            f"Contact: <{self.uri}>",
            *lines,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.place.send("\r\n".join([*head, "", ""]).encode() + body, FOCUS)

    def got(self, seconds: float = 0.2) -> list[Message]:
        """What has come in since it last looked."""
        self.network.run(seconds)
        found = [read(octets) for _, octets, _ in self.place.received[self._read :]]
        self._read = len(self.place.received)
        return found

    def listened(self, seconds: float) -> list[Message]:
        """The same, with every NOTIFY answered at once."""
        found: list[Message] = []
        for _ in range(round(seconds * 10)):
            for one in self.got(0.1):
                if isinstance(one, Request) and one.method == "NOTIFY":
                    self.answer(one, 200)
                found.append(one)
        return found

    def answers(self, seconds: float = 0.2) -> list[int]:
        """The statuses that have come in."""
        return [one.status_code for one in self.got(seconds) if isinstance(one, Response)]

    def dial(self, uri: str, *lines: str, body: bytes | None = None) -> Response:
        """Calls; the final response, acknowledged."""
        self.call_id = self.to = ""
        self.send("INVITE", uri, *lines, body=sdp(self.host) if body is None else body)
        number = self._number
        answer = [one for one in self.got() if isinstance(one, Response) and one.status_code >= 200][-1]
        if answer.status_code < 300:
            self.to = answer.headers.texts("to")[0]
            self.target = answer.headers.texts("contact")[0].partition("<")[2].partition(">")[0]
            self.send("ACK", self.target, number=number)
            self.network.run(0.1)
        return answer

    def hang_up(self) -> list[int]:
        """Says BYE."""
        self.send("BYE", self.target)
        return self.answers()

    def answer(self, request: Request, status: int, *lines: str, body: bytes = b"") -> None:
        """Answers a request."""
        kept = [
            line for line in request.headers.lines if line.split(":")[0].lower() in ("via", "from", "call-id", "cseq")
        ]
        to = request.headers.texts("to")[0]
        head = [
            f"SIP/2.0 {status} Whatever",
            *kept,
            f"To: {to}" if "tag=" in to else f"To: {to};tag=mine",
            f"Contact: <{self.uri}>",
            *lines,
            *(["Content-Type: application/sdp"] if body else []),
            f"Content-Length: {len(body)}",
        ]
        self.place.send("\r\n".join([*head, "", ""]).encode() + body, FOCUS)


class FocusCase(SynchronousTestCase):
    """A focus on a network."""

    policy = Policy(reserved=(Reserved(name="team", subject="Team talk"), Reserved(name="closed", locked=True)))
    authenticate: Callable[..., object] | None = None

    def setUp(self) -> None:
        """The focus and three participants."""
        self.network = MemoryNetwork(3)
        able = relaying({4: FOCUS.host}, {4: 4000}, {4: 4002})
        self.node: FocusNode = focus_node(
            self.policy, able, self.network.entropy, interval=Duration(0), authenticate=self.authenticate
        )
        self.element = self.network.element(self.node.core, (Transport.UDP, FOCUS), (Transport.TCP, FOCUS))
        self.one, self.other, self.third = (Participant(self.network, number) for number in (1, 2, 3))

    def uri(self, name: str) -> str:
        """A conference URI."""
        return f"sip:{name}@{FOCUS.host}:5060"

    def told(self, *kinds: type) -> list[object]:
        """What the focus reported."""
        return [one for one in self.network.told(self.element) if isinstance(one, kinds)]

    def shown(self, name: str = "room") -> ConferenceInfo:
        """The state of a conference."""
        conference = self.node.focus.conferences.get(name)
        assert conference is not None
        return conference.document()

    def leaves_nothing(self) -> None:
        """No call, dialog, medium or timer is left, soon after all have gone."""
        self.network.run(200)
        self.assertEqual((len(self.node.calls), len(self.node.dialogs), len(self.node.relay)), (0, 0, 0))
        self.assertEqual(self.node.focus.conferences.calls, 0)
        self.assertEqual(self.element.held["timers"], 0)
        self.assertEqual(self.element.held["transactions"], 0)


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
        """Who sends no media is asked after a while; who does not answer is taken for gone, who answers stays."""
        for answers, how in ((True, []), (False, ["failed"])):
            self.one.dial(self.uri("room"))
            asked = 0
            for _ in range(200):
                for one in self.one.got(1):
                    if isinstance(one, Request) and one.method == "OPTIONS":
                        asked += 1
                        if answers:
                            self.one.answer(one, 200)
            self.assertGreater(asked, 0)
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


class Watching(FocusCase):
    """Subscriptions to the state."""

    def watch(self, name: str = "room", expires: int = 600) -> Follower:
        """The third participant subscribes."""
        self.third.send("SUBSCRIBE", self.uri(name), "Event: conference", f"Expires: {expires}")
        follower = Follower()
        self.follow(follower)
        return follower

    def follow(self, follower: Follower, seconds: float = 0.5) -> list[Request]:
        """Takes in what comes, and answers it."""
        found: list[Request] = []
        for one in self.third.listened(seconds):
            if isinstance(one, Request):
                found.append(one)
                if one.body:
                    self.assertFalse(follower.receive(one.body).gap)
        return found

    def entities(self, follower: Follower) -> dict[str | None, list[str]]:
        """Who is shown, and how they stand."""
        assert follower.document is not None
        users = follower.document.users
        assert users is not None
        return {user.entity: [str(one.status) for one in user.endpoint] for user in users.user}

    # = rfc4579:4.3/102 test
    # = rfc4575:3.6/102 test
    def test_roster(self) -> None:
        """The follower's document is that of the conference, through joining, holding and leaving."""
        self.one.dial(self.uri("room"))
        follower = self.watch()
        self.assertEqual(self.entities(follower), {self.one.uri: ["connected"]})
        self.other.dial(self.uri("room"))
        self.follow(follower)
        self.assertEqual(self.entities(follower), {self.one.uri: ["connected"], self.other.uri: ["connected"]})
        self.assertEqual(follower.document, self.shown())
        self.other.hang_up()
        self.follow(follower)
        self.assertEqual(self.entities(follower)[self.other.uri], ["disconnected"])
        self.follow(follower, 2)
        self.assertEqual(self.entities(follower), {self.one.uri: ["connected"]})
        self.assertEqual(follower.document, self.shown())

    def test_over(self) -> None:
        """The last participant leaves: the subscription ends with noresource."""
        self.one.dial(self.uri("room"))
        follower = self.watch()
        self.one.hang_up()
        last = self.follow(follower, 2)[-1]
        self.assertEqual(last.headers.texts("subscription-state"), ["terminated;reason=noresource"])
        self.leaves_nothing()

    def test_nobody_there_yet(self) -> None:
        """Who watches before anybody calls sees an empty roster, then who comes; alone it keeps no conference."""
        follower = self.watch()
        self.assertEqual(self.entities(follower), {})
        self.one.dial(self.uri("room"))
        self.follow(follower)
        self.assertEqual(self.entities(follower), {self.one.uri: ["connected"]})
        self.one.hang_up()
        self.follow(follower, 2)
        self.third.call_id = ""
        self.watch("other", 0)
        self.assertIsNone(self.node.focus.conferences.get("other"))

    def test_nothing_written(self) -> None:
        """Nobody watches: no document is made."""
        self.one.dial(self.uri("room"))
        conference = self.node.focus.conferences.get("room")
        assert conference is not None
        self.assertIsNone(conference.publication)
        self.assertIsNone(next(iter(conference.legs.values()))._shown)


class Referring(FocusCase):
    """REFER to a conference."""

    def refer(self, target: str, *, inside: bool = True) -> list[int]:
        """The first participant asks; the statuses of the REFER and of the sipfrags so far."""
        if not inside:
            self.one.call_id = self.one.to = ""
        self.one.send("REFER", self.uri("room"), f"Refer-To: <{target}>")
        return self.progress()

    def progress(self, seconds: float = 2.0) -> list[int]:
        """Statuses, and those in sipfrags."""
        found: list[int] = []
        for one in self.one.listened(seconds):
            if isinstance(one, Request) and one.method == "NOTIFY":
                found.append(int(one.body.split()[1]))
            elif isinstance(one, Response):
                found.append(one.status_code)
        return found

    # = rfc4579:5.2/101 test
    # = rfc4579:5.5/101 test
    # = rfc4579:5.5/102 test
    # = rfc4579:4.3/103 test
    def test_invite(self) -> None:
        """The focus calls whom it is asked to, as the conference, and tells how it goes."""
        for inside in (True, False):
            self.one.dial(self.uri("room"))
            self.assertEqual(self.refer(self.other.uri, inside=inside), [202, 100])
            invite = [one for one in self.other.got() if isinstance(one, Request)][0]
            self.assertEqual(invite.headers.texts("contact"), [f"<{self.uri('room')}>;isfocus"])
            self.assertEqual(invite.headers.from_.uri_text, self.uri("room"))
            self.assertEqual(invite.headers.texts("referred-by"), [f"<{self.one.uri}>"])
            self.other.answer(invite, 180)
            self.network.run(0.1)
            self.assertEqual(self.progress(0.5), [180])
            shown = [one.status for one in self.told(EndpointShown) if isinstance(one, EndpointShown)]
            self.assertEqual(shown[-2:], ["dialing-out", "alerting"])
            self.other.answer(invite, 200, body=sdp(self.other.host) + b"m=video 0 RTP/AVP 34\r\n")
            self.assertEqual(self.progress(), [200])
            self.assertEqual([one.method for one in self.other.got() if isinstance(one, Request)], ["ACK"])

    def test_busy(self) -> None:
        """Who is busy is shown so, and who asked is told."""
        self.one.dial(self.uri("room"))
        self.refer(self.other.uri)
        invite = [one for one in self.other.got() if isinstance(one, Request)][0]
        self.other.answer(invite, 486)
        self.assertEqual(self.progress(), [486])
        self.assertEqual([one.how for one in self.told(EndpointGone) if isinstance(one, EndpointGone)], ["busy"])

    def test_redirected(self) -> None:
        """A redirection is followed."""
        self.one.dial(self.uri("room"))
        self.refer("sip:gone@192.0.2.2")
        invite = [one for one in self.other.got() if isinstance(one, Request)][0]
        self.other.uri = self.third.uri
        self.other.answer(invite, 302)
        self.assertEqual(self.progress(), [])
        again = [one for one in self.third.got() if isinstance(one, Request)][0]
        self.third.answer(again, 200, body=sdp(self.third.host) + b"m=video 0 RTP/AVP 34\r\n")
        self.assertEqual(self.progress(), [200])

    def test_replaces(self) -> None:
        """A Replaces in Refer-To goes into the INVITE; other header fields do not."""
        self.one.dial(self.uri("room"))
        self.refer(f"{self.other.uri}?Replaces=abc%40d%3Bto-tag%3D1%3Bfrom-tag%3D2&Subject=evil")
        invite = [one for one in self.other.got() if isinstance(one, Request)][0]
        self.assertEqual(invite.headers.texts("replaces"), ["abc@d;to-tag=1;from-tag=2"])
        self.assertNotIn("subject", invite.headers)
        self.assertEqual(self.refer(f"{self.other.uri}?Replaces=nonsense"), [400])

    # = rfc4579:5.11/101 test
    def test_remove(self) -> None:
        """Who is to go gets BYE, and is shown as booted; whom nobody knows gives 404."""
        self.one.dial(self.uri("room"))
        self.other.dial(self.uri("room"))
        self.assertEqual(self.refer(f"{self.third.uri};method=BYE"), [202, 100, 404])
        self.assertEqual(self.refer(f"{self.other.uri};method=BYE"), [202, 100, 200])
        bye = [one for one in self.other.got() if isinstance(one, Request)][0]
        self.assertEqual(bye.method, "BYE")
        self.other.answer(bye, 200)
        self.assertEqual([one.how for one in self.told(EndpointGone) if isinstance(one, EndpointGone)], ["booted"])

    def test_remove_by_other_spelling(self) -> None:
        """A participant is known by any URI that is equivalent, or by its device; among several only one goes."""
        self.one.dial(self.uri("room"))
        self.other.dial(self.uri("room"))
        self.third.dial(self.uri("room"))
        self.assertEqual(self.refer("SIP:p2@192.0.2.2;method=BYE"), [202, 100, 200])
        self.assertEqual([one.method for one in self.other.got() if isinstance(one, Request)][:1], ["BYE"])
        self.assertEqual([one for one in self.third.got() if isinstance(one, Request)], [])

    def test_refused(self) -> None:
        """No conference is called into another one, nobody is sent anything else, and tel cannot be called."""
        self.one.dial(self.uri("room"))
        self.assertEqual(self.refer(self.uri("team")), [403])
        self.assertEqual(self.refer(f"{self.other.uri};method=SUBSCRIBE"), [403])
        self.assertEqual(self.refer("tel:+4940123"), [416])


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
