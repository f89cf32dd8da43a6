"""Tests of the proxy: playbooks of requests, responses and time, each with the actions that follow."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.sip.actions import (
    AckReceived,
    Action,
    CancelRequest,
    RequestFailed,
    RequestReceived,
    ResponseReceived,
    SendAck,
    SendRequest,
    SendResponse,
    SetTimer,
    StrayResponse,
    TimerPassed,
)
from disco_ref.sip.digest.accounts import Account, Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.addressing.contact import CONTACT, Contact
from disco_ref.sip.header.addressing.route import ROUTE
from disco_ref.sip.header.identity.via import VIA
from disco_ref.sip.header.plain.numbers import MAX_FORWARDS
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.proxy.context import TIMER_C, TRANSACTION
from disco_ref.sip.proxy.proxy import Proxy
from disco_ref.sip.registration.bindings import Binding
from disco_ref.sip.registration.domains import Domains
from disco_ref.sip.registration.holdings import Holdings
from disco_ref.sip.respond import respond
from disco_ref.sip.transport.listening import listening
from disco_ref.sip.transport.via import stamped

NOW = Instant(1_700_000_000.0)
UDP = listening(Transport.UDP, Address("192.0.2.1", 5060))
TCP = listening(Transport.TCP, Address("192.0.2.1", 5060))
TLS = listening(Transport.TLS, Address("192.0.2.1", 5061))
UDP6 = listening(Transport.UDP, Address("2001:db8::1", 5060))
FLOW = Flow(Transport.UDP, UDP.address, Address("192.0.2.9", 5060))
BOB = "sip:bob@192.0.2.20"


def entropy() -> Entropy:
    """A stream that is the same in every run."""
    state = [0]

    def draw(count: int) -> bytes:
        state[0] += 1
        return hashlib.shake_128(state[0].to_bytes(4, "big")).digest(count)

    return draw


def request(
    method: str = "INVITE", uri: str = "sip:bob@example.com", *lines: str, hops: int | None = 70, tag: str = ""
) -> Request:
    """A request from alice's phone."""
    forwards = "" if hops is None else f"Max-Forwards: {hops}\r\n"
    message = read(
        (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa\r\n{forwards}"
            f"From: <sip:alice@example.com>;tag=1\r\nTo: <sip:bob@example.com>{tag}\r\nCall-ID: c1\r\nCSeq: 1 {method}\r\n"
            + "".join(f"{line}\r\n" for line in lines)
            + "\r\n"
        ).encode()
    )
    assert isinstance(message, Request)
    return message


class Users(NamedTuple):
    """Everybody exists whose name begins with b."""

    locations: Holdings

    def knows(self, name: str) -> bool:
        """Whether there is such a user."""
        return name.startswith("b")


class Stage(SynchronousTestCase):
    """A proxy, with what it has sent."""

    def setUp(self) -> None:
        """A proxy for example.com, on UDP and TCP, with bob at one phone."""
        self.holdings = Holdings()
        self.bind(BOB)
        self.make()

    def make(self, guard: Authenticator | None = None, recurses: bool = False) -> None:
        """A fresh proxy."""
        where = [UDP, TCP, TLS, UDP6]
        domains = Domains(["example.com"], where)
        self.proxy = Proxy(
            domains, Users(self.holdings), entropy(), listening=where, authenticator=guard, recurses=recurses
        )
        self.proxy.reached_at(domains, where, guard)
        self.sent: list[SendRequest] = []
        self.timers: dict[tuple[tuple[str, ...], str], Instant | None] = {}

    def bind(self, *contacts: str, path: Sequence[str] = (), flow: Flow | None = None) -> None:
        """Where bob is registered."""
        values = [CONTACT.read(text if "<" in text else f"<{text}>")[0] for text in contacts]
        bindings = [
            Binding(value, "c", 1, Instant(NOW + 99), tuple(path), flow)
            for value in values
            if isinstance(value, Contact)
        ]
        self.holdings.replace("bob@example.com", bindings)

    def do(self, actions: list[Action]) -> list[object]:
        """What was done, in short: statuses sent back, ``>`` and the Request-URI sent on, ``x`` and the branch cancelled."""
        done: list[object] = []
        for action in actions:
            match action:
                case SendRequest():
                    self.sent.append(action)
                    done.append(f"> {action.request.request_uri}")
                case SendResponse(_, response):
                    self.last = response
                    done.append(response.status_code)
                case CancelRequest(owner):
                    done.append(f"x {owner[-1]}")
                case SetTimer(owner, name, at):
                    self.timers[owner, name] = at
                case _:
                    done.append(action)
        return done

    def arrives(self, message: Request, flow: Flow = FLOW) -> list[object]:
        """A request comes in."""
        return self.do(self.proxy.heard(RequestReceived(("server", message.method), message, flow), NOW))

    def answers(self, status: int, branch: int = 0, *lines: str, tag: str = "b", now: float = NOW) -> list[object]:
        """A response comes back on a branch."""
        owner, asked, *_ = self.sent[branch]
        whole = stamped(asked, UDP, "z9hG4bKx")
        response = respond(whole, status, lines=lines, to_tag=tag)
        return self.do(self.proxy.heard(ResponseReceived(owner, response, whole, FLOW), Instant(now)))

    def passes(self, name: str, branch: int = 0) -> list[object]:
        """A timer of a branch is due."""
        owner = self.sent[branch].owner
        at = self.timers.pop((owner, name))
        assert at is not None
        return self.do(self.proxy.heard(TimerPassed(owner, name), at))

    @property
    def copy(self) -> Request:
        """The request that was sent on last."""
        return self.sent[-1].request


class Requests(Stage):
    """Validation, Route, targets and the copy."""

    def test_forwarded(self) -> None:
        """A request for a user goes to where the user is registered; nothing else about it changes."""
        self.assertEqual(self.arrives(request("INVITE", "sip:bob@EXAMPLE.com;user=phone", "X-Odd: (;")), [f"> {BOB}"])
        # = rfc3261:16.6/11 test
        # = rfc3261:16.6/13 test
        # = rfc3261:16.6/15 test
        # = rfc3261:16.6/19 test
        # = rfc3261:16.6/61 test
        self.assertEqual(
            [*self.copy.headers.lines],
            [
                "Record-Route: <sip:192.0.2.1:5060;lr>",
                "Via: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bKa",
                "Max-Forwards: 69",
                "From: <sip:alice@example.com>;tag=1",
                "To: <sip:bob@example.com>",
                "Call-ID: c1",
                "CSeq: 1 INVITE",
                "X-Odd: (;",
                "Max-Breadth: 60",
                "Content-Length: 0",
            ],
        )

    def test_refused(self) -> None:
        """What may not be forwarded gets the status that says why; unknown methods are forwarded."""
        for message, status in (
            # = rfc3261:16.3/11 test
            (request(hops=0), 483),
            # = rfc3261:16.3/15 test
            (request("INVITE", "sip:bob@example.com", "Proxy-Require: x"), 420),
            # = rfc3261:16.3/8 test
            (request("INVITE", "tel:+1-201-555-0123"), 416),
            # = rfc3261:16.5/15 test
            (request("INVITE", "sip:carol@example.com"), 404),
            (request("INVITE", "sip:example.com"), 404),
            # = rfc3261:16.5/16a test
            # = rfc3261:16.5/16b test
            (request("INVITE", "sip:ben@example.com"), 480),
            (request("INVITE", "sips:bob@example.com"), 480),
        ):
            self.assertEqual(self.arrives(message), [status], message.request_uri)
            self.assertTrue(self.last.headers.to.tag)
        # = rfc3261:16.3/16 test
        self.arrives(request("INVITE", "sip:bob@example.com", "Proxy-Require: x"))
        self.assertEqual(self.last.headers.texts("unsupported"), ["x"])
        # = rfc3261:16.3/7 test
        self.assertEqual(self.arrives(request("ODD")), [f"> {BOB}"])
        self.assertEqual(len(self.proxy), 1)

    def test_no_max_forwards(self) -> None:
        """A request without Max-Forwards leaves with 70."""
        self.arrives(request(hops=None))
        # = rfc3261:16.6/14a test
        # = rfc3261:16.6/14b test
        self.assertEqual(self.copy.headers.one(MAX_FORWARDS), 70)

    def test_loop(self) -> None:
        """A request that comes back as it left is a loop; one that comes back for another user is a spiral."""
        self.bind("sip:bob@example.com", "sip:ben@example.com")
        self.arrives(request())
        back = [stamped(each.request, UDP, "z9hG4bKp" + each.mark) for each in self.sent]
        # = rfc3261:16.3/14 test
        self.assertEqual(self.arrives(back[0]), [482])
        # = rfc3261:16.6/57 test
        self.assertEqual(self.arrives(back[1]), [480])
        # = rfc3261:16.6/59 test
        mark = self.sent[0].mark
        self.bind(BOB)
        self.arrives(request("OPTIONS"))
        self.assertEqual(self.sent[-1].mark, mark)

    def test_other_domain(self) -> None:
        """A request for another domain goes there, whoever is registered here."""
        # = rfc3261:16.5/2a test
        self.assertEqual(self.arrives(request("INVITE", "sip:bob@example.org")), ["> sip:bob@example.org"])
        # = rfc3261:16.5/1a test
        self.assertEqual(
            self.arrives(request("INVITE", "sip:bob@example.com;maddr=192.0.2.77")),
            ["> sip:bob@example.com;maddr=192.0.2.77"],
        )
        # = rfc3261:16.4/5 test
        self.assertEqual(self.arrives(request("INVITE", "sip:bob@example.com;maddr=192.0.2.1")), [f"> {BOB}"])

    def test_own_routes(self) -> None:
        """The proxy takes itself off the Route, twice where it recorded both sides, and leaves the others."""
        lines = "Route: <sip:192.0.2.1:5060;lr>, <sip:192.0.2.1:5060;transport=tcp;lr>, <sip:next.example.net;lr>"
        self.arrives(request("BYE", "sip:bob@192.0.2.20", lines, tag=";tag=b"))
        # = rfc3261:16.4/6 test
        # = rfc3261:16.6/49 test
        self.assertEqual([each.uri_text for each in self.copy.headers.all(ROUTE)], ["sip:next.example.net;lr"])
        self.assertIsNone(self.sent[-1].target)
        self.assertNotIn("record-route", self.copy.headers)

    def test_strict_router_before(self) -> None:
        """A strict router before has put the proxy into the Request-URI: the last Route is where the request goes."""
        lines = "Route: <sip:next.example.net;lr>, <sip:bob@192.0.2.20>"
        # = rfc3261:16.4/2 test
        # = rfc3261:16.4/3 test
        self.assertEqual(self.arrives(request("BYE", "sip:192.0.2.1;lr", lines, tag=";tag=b")), [f"> {BOB}"])
        self.assertEqual([each.uri_text for each in self.copy.headers.all(ROUTE)], ["sip:next.example.net;lr"])
        self.assertEqual(self.arrives(request("BYE", "sip:192.0.2.1;lr", tag=";tag=b")), [404])

    def test_strict_router_behind(self) -> None:
        """For a strict router behind, its URI becomes the Request-URI, and the target the last Route."""
        lines = "Route: <sip:strict.example.net>, <sip:loose.example.net;lr>"
        # = rfc3261:16.6/42 test
        # = rfc3261:16.6/44 test
        self.assertEqual(self.arrives(request("BYE", BOB, lines, tag=";tag=b")), ["> sip:strict.example.net"])
        # = rfc3261:16.6/43 test
        self.assertEqual([each.uri_text for each in self.copy.headers.all(ROUTE)], ["sip:loose.example.net;lr", BOB])
        # = rfc3261:16.6/48 test
        self.assertEqual(str(self.sent[-1].target), "sip:strict.example.net")

    def test_secure(self) -> None:
        """A sips request goes to sips contacts only, over TLS, and the proxy records itself with sips."""
        self.bind(BOB, "sips:bob@192.0.2.21")
        flow = FLOW._replace(transport=Transport.TLS, local=TLS.address)
        self.assertEqual(self.arrives(request("INVITE", "sips:bob@example.com"), flow), ["> sips:bob@192.0.2.21"])
        # = rfc3261:16.6/23 test
        self.assertEqual(self.copy.headers.texts("record-route"), ["<sips:192.0.2.1:5061;lr>"])
        self.arrives(request("INVITE", "sips:bob@192.0.2.21", "Route: <sip:next.example.net;lr;transport=tcp>"), flow)
        # = rfc3261:16.6/50 test
        self.assertEqual(str(self.sent[-1].target), "sips:next.example.net;lr")

    def test_both_sides_recorded(self) -> None:
        """Where transports or address families differ, the proxy records itself once for each side."""
        tls = FLOW._replace(transport=Transport.TLS, local=TLS.address)
        for contact, flow, recorded in (
            (BOB + ";transport=tcp", FLOW, ["<sip:192.0.2.1:5060;transport=tcp;lr>", "<sip:192.0.2.1:5060;lr>"]),
            ("sip:bob@[2001:db8::2]", FLOW, ["<sip:[2001:db8::1]:5060;lr>", "<sip:192.0.2.1:5060;lr>"]),
            # = rfc3261:16.6/25 test
            (BOB, tls, ["<sip:192.0.2.1:5060;lr>", "<sip:192.0.2.1:5061;transport=tls;lr>"]),
        ):
            self.bind(contact)
            self.arrives(request(), flow)
            # = rfc5658:3/0 test
            self.assertEqual(self.copy.headers.texts("record-route"), recorded)

    def test_path_and_connection(self) -> None:
        """A contact with a Path is reached along it; one that registered over a connection, over that."""
        self.bind(BOB + ";method=INVITE?Subject=x", path=["<sip:edge.example.com;lr>"])
        # = rfc3261:16.6/12 test
        self.assertEqual(self.arrives(request()), [f"> {BOB}"])
        # = rfc3327:5.3/0 test
        self.assertEqual(self.copy.headers.texts("route"), ["<sip:edge.example.com;lr>"])
        flow = Flow(Transport.TCP, TCP.address, Address("192.0.2.20", 40000), 3)
        self.bind(BOB, flow=flow)
        self.arrives(request())
        self.assertEqual(self.sent[-1].flow, flow)
        self.assertEqual(self.copy.headers.texts("record-route")[0], "<sip:192.0.2.1:5060;transport=tcp;lr>")

    def test_odd_routes(self) -> None:
        """A Route that cannot be located is for whoever locates it to refuse; nothing is recorded for it."""
        for route in ("<tel:+1-201-555-0123>", "<urn:x:y>"):
            self.arrives(request("INVITE", "sip:x@example.org", f"Route: {route}"))
            self.assertNotIn("record-route", self.copy.headers)
        # = rfc3261:16.6/43 test
        self.assertEqual(str(self.copy.request_uri), "urn:x:y")
        self.assertEqual(self.arrives(request("INVITE", "sip:x@example.org", "Route: <sip:y;lr;lr>")), [400])

    def test_ack(self) -> None:
        """An ACK to a 2xx is passed on along its Route, never answered, and dropped where it may not go on."""
        lines = "Route: <sip:192.0.2.1:5060;lr>"
        for uri in (BOB, "sip:bob@example.com"):
            (action,) = self.do(self.proxy.heard(AckReceived(request("ACK", uri, lines, tag=";tag=b"), FLOW), NOW))
            assert isinstance(action, SendAck)
            self.assertEqual((str(action.request.request_uri), action.request.headers.all(ROUTE)), (BOB, ()))
            self.assertEqual(action.request.headers.one(MAX_FORWARDS), 69)
        for message in (request("ACK", BOB, hops=0), request("ACK", "sip:ben@example.com")):
            self.assertEqual(self.proxy.heard(AckReceived(message, FLOW), NOW), [])

    def test_users_prove_themselves(self) -> None:
        """Where asked for, a user of the domain proves who it is with 407; ACK, CANCEL, dialogs and strangers are not challenged."""
        guard = Authenticator(
            "example.com", Accounts({"alice": "wonderland", "bob": "builder"}), Nonces(entropy()), proxy=True
        )
        self.make(guard)
        # = rfc3261:16.3/17 test
        # = rfc3261:22.1/1b test
        self.assertEqual(self.arrives(request()), [407])
        challenge = self.last
        for account, done in ((Account("alice", "wonderland"), [f"> {BOB}"]), (Account("bob", "builder"), [403])):
            again = Keyring([account], entropy()).answer(stamped(request(), UDP, "z9hG4bKq"), challenge)
            assert again is not None
            self.assertEqual(self.arrives(stamped(again, UDP, "z9hG4bKr")), done)
        # = rfc3261:22.1/10 test
        for message in (request("CANCEL"), request("BYE", BOB, tag=";tag=b")):
            self.assertEqual(self.arrives(message), [f"> {BOB}"])
        # = rfc3261:22.1/9 test
        (ack,) = self.proxy.heard(AckReceived(request("ACK", BOB), FLOW), NOW)
        self.assertIsInstance(ack, SendAck)
        stranger = read(bytes(request()).replace(b"alice@example.com", b"eve@example.org"))
        assert isinstance(stranger, Request)
        self.assertEqual(self.arrives(stranger), [f"> {BOB}"])


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
