"""A focus in virtual time: who watches it, and who asks it to invite and remove (RFC 4575, RFC 4579)."""

from __future__ import annotations

from disco_ref.conference.focus.roster import EndpointGone, EndpointShown
from disco_ref.conference.package import Follower
from disco_ref.peer.test.participants import FocusCase, sdp
from disco_ref.sip.message import Request, Response


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
