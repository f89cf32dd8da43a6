"""Playbooks of the proxy: responses, time-outs and CANCEL (RFC 3261, sections 16.7 to 16.10)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.sip.actions import (
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    StrayResponse,
    TimerPassed,
)
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.message import Response
from disco_ref.sip.proxy.context import TIMER_C, TRANSACTION
from disco_ref.sip.proxy.test.stage import BOB, FLOW, NOW, Stage, request
from disco_ref.sip.respond import respond


class Responses(Stage):
    """Response processing, with several branches."""

    def setUp(self) -> None:
        """Bob has three phones, one of which is the last resort."""
        super().setUp()
        self.bind("sip:b@192.0.2.20", "sip:b@192.0.2.21", "<sip:b@192.0.2.22>;q=0.1", "sip:%62@192.0.2.20")

    def test_groups(self) -> None:
        """Targets of the same preference are tried at once, each once; others when those have failed."""
        # = rfc3261:16.6/5 test
        # = rfc3261:16.5/8 test
        self.assertEqual(self.arrives(request()), ["> sip:b@192.0.2.20", "> sip:b@192.0.2.21"])
        self.assertEqual(self.answers(486, 0), [])
        self.assertEqual(self.answers(404, 1), ["> sip:b@192.0.2.22"])
        # = rfc3261:16.7/19 test
        self.assertEqual(self.answers(480, 2), [486])
        self.assertEqual(len(self.proxy), 0)

    def test_success(self) -> None:
        """Provisional responses and the first 2xx go on at once, the other branches are cancelled, another 2xx goes on too."""
        self.arrives(request())
        # = rfc3261:16.7/13 test
        self.assertEqual(self.answers(180, 0), [180])
        # = rfc3261:16.7/6 test
        self.assertEqual([each.host for each in self.last.headers.all(VIA)], ["192.0.2.9"])
        # = rfc3261:16.7/31 test
        self.assertEqual(self.last.headers.to.tag, "b")
        # = rfc3261:16.7/48 test
        self.assertEqual(self.answers(200, 0), [200, "x 1"])
        # = rfc3261:16.7/16 test
        self.assertEqual(self.answers(180, 1), [])
        # = rfc3261:16.7/15 test
        self.assertEqual(self.answers(200, 1, tag="c"), [200])
        self.assertEqual(self.answers(200, 0), [200])
        # = rfc3261:16.7/47 test
        owner = "proxy", self.sent[0].owner[1]
        self.assertEqual(self.timers[owner, "over"], NOW + TRANSACTION)
        self.do(self.proxy.heard(TimerPassed(owner, "over"), Instant(NOW + TRANSACTION)))
        self.assertEqual((len(self.proxy), self.answers(200, 0)), (0, []))

    def test_one_final_for_others(self) -> None:
        """A request other than INVITE gets exactly one final response."""
        self.arrives(request("OPTIONS"))
        self.assertEqual(self.answers(200, 0), [200])
        self.assertEqual(self.answers(200, 1), [])
        self.assertEqual(len(self.proxy), 0)

    def test_decline(self) -> None:
        """A 6xx cancels the others, begins nothing new, and is what goes on in the end."""
        self.arrives(request())
        self.answers(180, 1)
        # = rfc3261:16.7/14a test
        # = rfc3261:16.7/14b test
        self.assertEqual(self.answers(603, 0), ["x 1"])
        # = rfc3261:16.7/23 test
        self.assertEqual(self.answers(487, 1), [603])

    def test_decline_overtaken(self) -> None:
        """A 2xx that was on its way when another branch declined goes on, and nothing after it."""
        self.arrives(request())
        self.answers(603, 0)
        self.assertEqual(self.answers(200, 1), [200])

    def test_best(self) -> None:
        """The lowest class counts, and in it what helps to ask again; 503 is no answer for one user; nothing at all is 408."""
        for statuses, chosen in (
            # = rfc3261:16.7/24 test
            ((500, 404), 404),
            ((404, 302), 302),
            # = rfc3261:16.7/26 test
            ((404, 484), 484),
            ((487, 486), 486),
            # = rfc3261:16.7/27 test
            # = rfc3261:16.7/28 test
            ((503, 503), 500),
            ((503, 501), 501),
        ):
            self.setUp()
            self.bind("sip:b@192.0.2.20", "sip:b@192.0.2.21")
            self.arrives(request())
            self.answers(statuses[0], 0)
            self.assertEqual(self.answers(statuses[1], 1), [chosen])
        # = rfc3261:16.7/32 test
        self.assertEqual(self.last.headers.to.tag, "b")

    def test_challenges_are_gathered(self) -> None:
        """The challenges of all branches go on in one response."""
        self.arrives(request())
        self.answers(407, 0, 'Proxy-Authenticate: Digest realm="one", nonce="n"')
        self.answers(401, 1, 'WWW-Authenticate: Digest realm="two", nonce="n"')
        self.assertEqual(self.answers(404, 2), [407])
        # = rfc3261:16.7/34 test
        # = rfc3261:22.3/14 test
        self.assertEqual(self.last.headers.texts("www-authenticate"), ['Digest realm="two", nonce="n"'])
        self.assertEqual(self.last.headers.texts("proxy-authenticate"), ['Digest realm="one", nonce="n"'])

    def test_redirection(self) -> None:
        """A 3xx goes on as it is; where asked for, its contacts are tried, each once, and only for users of the domain."""
        contacts = "Contact: <sip:b@192.0.2.30>, <sip:b@192.0.2.20>, <tel:+1-201-555-0123>"
        for recurses in (False, True):
            self.make(recurses=recurses)
            self.bind("sip:b@192.0.2.20")
            self.arrives(request())
            self.assertEqual(self.answers(302, 0, contacts), ["> sip:b@192.0.2.30"] if recurses else [302])
        # = rfc3261:16.7/7 test
        self.assertEqual(self.answers(404, 1), [302])
        self.assertEqual(self.last.headers.texts("contact"), ["<tel:+1-201-555-0123>"])
        self.make(recurses=True)
        self.arrives(request("INVITE", "sip:x@example.org"))
        # = rfc3261:16.5/9 test
        self.assertEqual(self.answers(302, 0, contacts), [302])
        self.make(recurses=True)
        self.arrives(request())
        # = rfc3261:16.7/9 test
        self.answers(302, 0, "Contact: <sip:b@192.0.2.31>")
        self.assertEqual(self.answers(480, 1), [480])

    def test_malformed_redirection(self) -> None:
        """A 3xx with a contact that makes no sense is not followed."""
        self.make(recurses=True)
        self.bind(BOB)
        self.arrives(request())
        self.assertEqual(self.answers(302, 0, "Contact: <sip:b@192.0.2.30:99999>"), [302])

    def test_cancel(self) -> None:
        """A CANCEL is answered at once, and every branch is cancelled; their 487 goes on."""
        self.arrives(request())
        cancel = RequestReceived(("cancel",), request("CANCEL"), FLOW, cancels=("server", "INVITE"))
        # = rfc3261:16.10/4 test
        # = rfc3261:16.10/5 test
        self.assertEqual(self.do(self.proxy.heard(cancel, NOW)), [200, "x 0", "x 1"])
        self.assertEqual(self.do(self.proxy.heard(cancel, NOW)), [200])
        self.answers(487, 0)
        self.assertEqual(self.answers(487, 1), [487])
        self.assertEqual(self.do(self.proxy.heard(cancel, NOW)), [200])
        # = rfc3261:16.10/6 test
        self.assertEqual(self.arrives(request("CANCEL", BOB)), [f"> {BOB}"])

    def test_silence_after_cancel(self) -> None:
        """A branch that says nothing more after its CANCEL counts as ended."""
        self.bind(BOB)
        self.arrives(request())
        self.do(self.proxy.heard(RequestReceived(("c",), request("CANCEL"), FLOW, ("server", "INVITE")), NOW))
        self.assertEqual(self.passes("cancelled"), [487])

    def test_timer_c(self) -> None:
        """An INVITE is not waited for without end: it is cancelled; every ringing moves the time."""
        self.bind(BOB)
        self.arrives(request())
        # = rfc3261:16.6/63 test
        # = rfc3261:16.6/64 test
        self.assertEqual(self.timers[self.sent[0].owner, "C"], NOW + TIMER_C)
        self.assertGreater(TIMER_C, 180)
        # = rfc3261:16.8/1 test
        self.assertEqual(self.passes("C"), ["x 0"])
        self.assertEqual(self.passes("cancelled"), [487])
        self.arrives(request())
        # = rfc3261:16.7/4 test
        self.answers(180, 1, now=NOW + 100)
        self.assertEqual(self.timers[self.sent[1].owner, "C"], NOW + 100 + TIMER_C)
        # = rfc3261:16.8/2 test
        self.assertEqual(self.passes("C", 1), ["x 0"])
        self.assertEqual(self.answers(487, 1), [487])
        self.arrives(request("OPTIONS"))
        self.assertNotIn((self.sent[2].owner, "C"), self.timers)

    def test_failures(self) -> None:
        """A branch that times out counts as 408, one that cannot be reached as 503."""
        for status, chosen in ((408, 408), (503, 500)):
            self.bind(BOB)
            self.arrives(request())
            # = rfc3261:16.9/1 test
            # = rfc3261:16.7/21 test
            owner, asked, *_ = self.sent[-1]
            self.assertEqual(self.do(self.proxy.heard(RequestFailed(owner, status, "", asked), NOW)), [chosen])
            self.assertEqual(self.do(self.proxy.heard(RequestFailed(owner, status, "", asked), NOW)), [])

    def test_too_late(self) -> None:
        """What comes on a branch that has ended changes nothing, nor does its timer."""
        self.arrives(request())
        self.assertEqual(self.answers(100, 0), [])
        self.answers(486, 0)
        # = rfc3261:16.7/17 test
        self.assertEqual([self.answers(status, 0) for status in (180, 486)], [[], []])
        self.assertEqual(self.do(self.proxy.heard(TimerPassed(self.sent[0].owner, "C"), NOW)), [])

    def test_dropped(self) -> None:
        """Stray responses are not forwarded, nor what was meant for the proxy itself."""
        self.arrives(request())
        owner, asked, *_ = self.sent[0]
        alone = respond(asked, 486, to_tag="b")
        assert isinstance(alone, Response)
        # = rfc6026:7.2/0 test
        self.assertEqual(self.proxy.heard(StrayResponse(alone, FLOW), NOW), [])
        self.assertEqual(self.proxy.heard(ResponseReceived(owner, alone, asked, FLOW), NOW), [])
        self.assertEqual(self.proxy.heard(TimerPassed(("proxy", "99"), "C"), NOW), [])
