"""A focus among peers that talk nonsense in and out of turn: nothing is raised, nothing is left, the next call works."""

from __future__ import annotations

from random import Random

from disco_ref.errors import Refusal
from disco_ref.peer.test.participants import FOCUS, FocusCase, sdp
from disco_ref.shell.test.test_phone_nonsense import BODIES, ODD
from disco_ref.sip.flow import Address
from disco_ref.sip.message import Message, Request, read
from disco_ref.sip.uri import Uri, read_uri

SEEDS = 120
HOST = "192.0.2.66"
ROOM = f"sip:room@{FOCUS}"
METHODS = (
    "INVITE",
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "PRACK",
    "UPDATE",
    "OPTIONS",
    "INFO",
    "SUBSCRIBE",
    "REFER",
    "NOTIFY",
)
STATUSES = (100, 180, 183, 200, 200, 202, 302, 401, 404, 408, 423, 481, 487, 489, 491, 500, 503, 603)
ODD_HERE = (
    *ODD,
    "Event: conference",
    "Event: conference;id=1",
    "Event: refer;id=1",
    "Event: x",
    "Expires: 60",
    f"Refer-To: <sip:x@{HOST}>",
    f"Refer-To: <sip:x@{HOST};method=BYE>",
    f"Refer-To: <{ROOM}>",
    f"Refer-To: <sip:x@{HOST}?Replaces=a%3Bto-tag%3D1%3Bfrom-tag%3D2>",
    "Refer-To: <tel:+1>",
    "Referred-By: <sip:a@b>",
    "Subscription-State: active",
    "Subscription-State: terminated;reason=noresource;retry-after=x",
    "Accept: x/y",
    "Retry-After: 0",
    "Min-Expires: 4294967295",
    "Recv-Info: x",
    "Via: SIP/2.0/UDP 192.0.2.1",
    f"Via: SIP/2.0/UDP {FOCUS};branch=z9hG4bKours",
    f"Contact: <{ROOM}>",
    f"Record-Route: <sip:{FOCUS};lr>",
    f"Record-Route: <sip:{FOCUS}>",
    "Record-Route: <sips:192.0.2.66;lr>",
    "Contact: <sip:x@192.0.2.66:0>",
    "Contact: <sip:x@nowhere.invalid>",
    "WWW-Authenticate: Digest realm=x",
    'Proxy-Authenticate: Digest realm="x", nonce="y", algorithm=ROT13',
)


class Nonsense(FocusCase):
    """Somebody who says what they like, to a focus that calls them too."""

    def begin(self, seed: int) -> None:
        """A fresh focus, with one sane participant and one mouth."""
        self.setUp()
        self.random = Random(seed)
        self.mouth = self.network.raw(Address(HOST, 5060))
        self.turn = 0
        self.one.dial(self.uri("room"))

    def heard(self) -> list[Message]:
        """What the mouth has heard."""
        found: list[Message] = []
        for _, octets, _ in self.mouth.received:
            try:
                found.append(read(octets))
            except Refusal as refusal:
                raise AssertionError(f"{octets[:2000]!r}: {refusal}") from refusal
        return found

    def say(self, *lines: str) -> None:
        """Says something, with odd lines and some body, and waits a little."""
        body = self.random.choice((*BODIES, sdp(HOST), b"SIP/2.0 200 OK\r\n", b"<x/>"))
        odd = self.random.sample(ODD_HERE, self.random.choice([0, 1, 1, 2, 4]))
        kinds = ("application/sdp", "message/sipfrag", "application/conference-info+xml", "multipart/mixed;boundary=x")
        kind = [f"Content-Type: {self.random.choice(kinds)}"] if body else []
        text = "\r\n".join([*lines, *odd, *kind, f"Content-Length: {len(body)}", "", ""])
        self.mouth.send(text.encode() + body, FOCUS)
        self.network.run(self.random.choice([0.0, 0.03, 0.3, 1.0, 10.0]))

    def ask(self) -> None:
        """A request, in a dialog that was heard of or in none."""
        self.turn += 1
        method = self.random.choice(METHODS)
        to, call_id, tag = f"<{ROOM}>", f"n{self.random.randrange(3)}", "m"
        known = [one for one in self.heard() if one.headers.to.tag or isinstance(one, Request)]
        if known and self.random.random() < 0.7:
            one = self.random.choice(known)
            far, near = one.headers.to, one.headers.from_
            if isinstance(one, Request):
                far, near = near, far  # type: ignore[assignment]
            to, tag, call_id = str(far), near.tag or "m", one.headers.call_id
        name = self.random.choice(["room", "room", "team", "closed", "conference", "new%41"])
        self.say(
            f"{method} sip:{name}@{FOCUS} SIP/2.0",
            f"Via: SIP/2.0/UDP {HOST}:5060;branch=z9hG4bK{self.random.randrange(max(1, self.turn - 2), self.turn + 1)}",
            f"From: <sip:m@{HOST}>;tag={tag}",
            f"To: {to}",
            f"Call-ID: {call_id}",
            f"CSeq: {self.random.choice([1, self.turn, self.turn + 5, 0x7FFFFFFF])} {method}",
            f"Contact: <sip:m@{HOST}>",
        )

    def reply(self) -> None:
        """A response to whatever the focus has asked."""
        asked = [one for one in self.heard() if isinstance(one, Request) and one.method != "ACK"]
        if not asked:
            now = self.network.now
            invited = self.node.focus.invite("room", self.target(), now)
            self.network.perform(self.element, self.node.settle(invited, now))
            self.network.run(0.1)
            return
        headers = self.random.choice(asked).headers
        tag = "" if headers.to.tag else self.random.choice(["", ";tag=1", ";tag=1", ";tag=2"])
        self.say(
            f"SIP/2.0 {self.random.choice(STATUSES)} X",
            f"Via: {headers.via}",
            f"From: {headers.from_}",
            f"To: {headers.to}{tag}",
            f"Call-ID: {headers.call_id}",
            f"CSeq: {headers.cseq}",
            f"Contact: <sip:m@{HOST}>",
        )

    def target(self) -> Uri:
        """Whom the focus calls."""
        return read_uri(f"sip:m@{HOST}")

    def sane(self) -> None:
        """Others are served as ever, and when all is over nothing is left."""
        self.other.call_id = ""
        self.assertEqual(self.other.dial(self.uri("team")).status_code, 200)
        self.assertEqual(self.other.hang_up()[-1:], [200])
        now = self.network.now
        self.network.perform(self.element, self.node.settle(self.node.focus.close(now), now))
        self.network.run(500)
        self.leaves_nothing()
        self.assertEqual([one.name for one in self.node.focus.conferences if not one.reserved], [])

    def test_nonsense(self) -> None:
        """Requests and responses in and out of turn, with odd fields and bodies."""
        for seed in range(SEEDS):
            self.begin(seed)
            for _ in range(self.random.randrange(1, 14)):
                (self.ask if self.random.random() < 0.6 else self.reply)()
            self.sane()
