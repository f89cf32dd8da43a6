"""Which transaction a request belongs to, how many there may be, and what is kept of them."""

from __future__ import annotations

from disco_ref.sip.actions import AckReceived, RequestReceived
from disco_ref.sip.message import Request
from disco_ref.sip.transaction.layer import Transactions
from disco_ref.sip.transaction.outcomes import Outcome, Overloaded, Transmit
from disco_ref.sip.transaction.test.ladder import UDP, Ladder, entropy, request, response
from disco_ref.sip.transaction.timers import Timers


class MatchingTests(Ladder):
    """Sections 17.2.3 and 9.2."""

    def came(self, message: Request) -> Outcome | None:
        """What comes of a request; None where it is absorbed."""
        out = self.layer.receive(message, UDP, self.now)
        return out[0] if out else None

    def key(self, message: Request) -> tuple[str, ...]:
        """The transaction that a request makes."""
        out = self.came(message)
        if not isinstance(out, RequestReceived):
            raise TypeError(f"no new request: {out}")
        return out.transaction

    def test_rfc3261(self) -> None:
        """A request matches by branch, sent-by and method; host and branch in any case."""
        # = rfc3261:17.2.3/0 test
        first = self.key(self.invite)
        via = "SIP/2.0/UDP PC33.example.org:5062;branch=Z9hg4bKONE"
        self.assertIsNone(self.came(request(Via=via)))
        others = [
            request(branch="z9hG4bKtwo"),
            request(Via="SIP/2.0/UDP pc33.example.org:5063;branch=z9hG4bKone"),
            request(Via="SIP/2.0/UDP pc33.example.org;branch=z9hG4bKone"),
            request(Via="SIP/2.0/UDP pc34.example.org:5062;branch=z9hG4bKone"),
            request("OPTIONS"),
        ]
        keys = {self.key(other) for other in others}
        self.assertEqual(len({first, *keys}), 6)

    def test_rfc2543(self) -> None:
        """Without the cookie a request matches by Request-URI, tags, Call-ID, CSeq and topmost Via."""
        # = rfc3261:17.2.3/0 test
        for branch in ("1", "z9hG4bK"):
            via = f"SIP/2.0/UDP old.example.org;branch={branch}"
            for method in ("INVITE", "OPTIONS"):
                first = self.key(request(method, Via=via))
                self.assertIsNone(self.came(request(method, Via=via)))
                others = [
                    request(method, Via=via, To="Bob <sip:bob@example.net>;tag=9"),
                    request(method, Via=via, From="Alice <sip:alice@example.org>;tag=9"),
                    request(method, Via=via, Call_ID="other"),
                    request(method, Via=via, CSeq=f"2 {method}"),
                    request(method, Via=f"{via};received=192.0.2.5"),
                ]
                self.assertEqual(len({first, *(self.key(other) for other in others)}), 6)

    def test_rfc2543_ack(self) -> None:
        """Without the cookie an ACK matches by the tag of the response; another one is the user's."""
        # = rfc3261:17.2.3/0 test
        via = "SIP/2.0/UDP old.example.org"
        invite = request(Via=via)
        key = self.key(invite)
        self.layer.respond(key, response(invite, 486, tag="mine"), self.now)
        to = "Bob <sip:bob@example.net>;tag={}"
        other = request("ACK", Via=via, CSeq="314159 ACK", To=to.format("other"))
        self.assertEqual(self.came(other), AckReceived(other, UDP))
        self.assertEqual(len(self.pass_time(0.5)), 1)
        self.assertIsNone(self.came(request("ACK", Via=via, CSeq="314159 ACK", To=to.format("mine"))))
        self.assertEqual(self.pass_time(4.9), [])
        self.assertEqual(self.pass_time(0.2), [])
        self.nothing_is_left()

    def test_cancel(self) -> None:
        """A CANCEL has a transaction of its own, and names the one that it matches, of whatever method."""
        # = rfc3261:9.2/1 test
        invite = self.key(self.invite)
        cancel = request("CANCEL", CSeq="314159 CANCEL")
        out = self.came(cancel)
        self.assertEqual(out, RequestReceived(("z9hg4bkone", "pc33.example.org:5062", "CANCEL"), cancel, UDP, invite))
        self.assertIsNone(self.came(cancel))
        stray = request("CANCEL", "z9hG4bKnone")
        found = self.came(stray)
        self.assertIsInstance(found, RequestReceived)
        self.assertIsNone(getattr(found, "cancels", "missing"))
        options = self.key(request("OPTIONS", "z9hG4bKoptions", Call_ID="options"))
        self.assertEqual(getattr(self.came(request("CANCEL", "z9hG4bKoptions")), "cancels", None), options)

    def test_rfc2543_cancel(self) -> None:
        """Without the cookie a CANCEL matches too."""
        via = "SIP/2.0/UDP old.example.org"
        invite = self.key(request(Via=via))
        self.assertEqual(getattr(self.came(request("CANCEL", Via=via)), "cancels", None), invite)

    def test_stray_ack(self) -> None:
        """An ACK that matches nothing is passed up: it confirms a 2xx, or nothing."""
        # = rfc3261:17.1.1.3/1 test
        ack = request("ACK", "z9hG4bKack")
        self.assertEqual(self.came(ack), AckReceived(ack, UDP))

    def test_rfc2543_accepted(self) -> None:
        """Without the cookie the ACK to a 2xx is the user's, whatever its tag."""
        via = "SIP/2.0/UDP old.example.org"
        invite = request(Via=via)
        self.layer.respond(self.key(invite), response(invite, 200, tag="mine"), self.now)
        ack = request("ACK", Via=via, CSeq="314159 ACK", To="Bob <sip:bob@example.net>;tag=mine")
        self.assertEqual(self.came(ack), AckReceived(ack, UDP))

    def test_known(self) -> None:
        """A copy of a request is known as long as its transaction lasts."""
        self.assertFalse(self.layer.knows(self.invite))
        key = self.key(self.invite)
        self.assertTrue(self.layer.knows(self.invite))
        self.layer.respond(key, response(self.invite, 200), self.now)
        self.pass_time(32)
        self.assertFalse(self.layer.knows(self.invite))

    def test_merged(self) -> None:
        """The same request on another way is told apart from a copy, as long as the first is being answered."""
        # = rfc3261:8.2.2.2/1 test
        # = rfc3261:8.2.2.2/2 test
        first, second = self.came(self.invite), self.came(request(branch="z9hG4bKtwo"))
        assert isinstance(first, RequestReceived) and isinstance(second, RequestReceived)
        self.assertEqual((first.merged, second.merged), (False, True))
        inside = request(branch="z9hG4bKthree", To="Bob <sip:bob@example.net>;tag=314")
        self.assertIs(getattr(self.came(inside), "merged", None), False)
        another = request(branch="z9hG4bKfour", CSeq="2 INVITE")
        self.assertIs(getattr(self.came(another), "merged", None), False)
        self.layer.respond(first.transaction, response(self.invite, 200), self.now)
        self.pass_time(32)
        self.assertIs(getattr(self.came(request(branch="z9hG4bKfive")), "merged", None), False)


class OverloadTests(Ladder):
    """The bound on the number of transactions."""

    def test_overloaded(self) -> None:
        """Beyond the bound nothing begins; what belongs to a dialog and CANCEL have a quarter more; all recovers."""
        self.layer = Transactions(Timers(), entropy(), 4)
        for number in range(4):
            ask = request("OPTIONS", f"z9hG4bK{number}", Call_ID=f"{number}")
            self.play(">> OPTIONS\n<< RequestReceived OPTIONS", ask)
        new = request(branch="z9hG4bKnew")
        self.assertEqual(self.layer.receive(new, UDP, self.now), [Overloaded(new, UDP)])
        self.play(">> OPTIONS", ask)
        inside = request("BYE", "z9hG4bKbye", To="Bob <sip:bob@example.net>;tag=314")
        self.play(">> BYE\n<< RequestReceived BYE\n>> user 200\n<< send 200", inside)
        cancel = request("CANCEL", "z9hG4bK0")
        self.assertEqual(self.layer.receive(cancel, UDP, self.now), [Overloaded(cancel, UDP)])
        self.assertEqual(len(self.layer), 5)
        self.pass_time(64)
        self.assertEqual(len(self.layer), 0)
        self.play(">> INVITE\n<< RequestReceived INVITE", new)


class MemoryTests(Ladder):
    """What is kept."""

    def test_copies_have_the_same_octets(self) -> None:
        """A response that goes out again is the one that went out, octet for octet, with its body."""
        answer = response(self.invite, 486)._replace(body=b"v=0\r\n\r\n")
        answer = answer._replace(headers=answer.headers.with_lines(["Subject: \u00fc"]), reason_phrase="Busy Here")
        self.play(">> INVITE\n<< RequestReceived INVITE")
        first = self.layer.respond(self.transaction, answer, self.now)
        again = self.layer.receive(self.invite, UDP, self.now)
        self.assertEqual(again, first)
        self.assertEqual(first, [Transmit(answer, self.transaction, bytes(answer), UDP)])
