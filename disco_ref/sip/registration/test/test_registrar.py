"""Tests of the registrar: a REGISTER goes in, the answer and what is stored come out."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.sip.actions import Action, RequestReceived, SendResponse, SetTimer, Tell, TimerPassed
from disco_ref.sip.digest.accounts import Account, Accounts
from disco_ref.sip.digest.authenticator import Authenticator
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.digest.nonces import Nonces
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.header.plain.date import DATE
from disco_ref.sip.header.plain.numbers import MIN_EXPIRES
from disco_ref.sip.message import Request, Response, read
from disco_ref.sip.registration.bindings import Policy
from disco_ref.sip.registration.domains import Domains
from disco_ref.sip.registration.registrar import MOST_WAITING, OWNER, BindingsChanged, Registrar, Store, date
from disco_ref.sip.test.entropy import entropy
from disco_ref.sip.transport.listening import listening
from disco_ref.sip.uri import read_uri

NOW = Instant(1_700_000_000.0)
FLOW = Flow(Transport.UDP, Address("192.0.2.1", 5060), Address("192.0.2.9", 5060))
CONTACT = "<sip:alice@192.0.2.9>"


def register(*lines: str, number: int = 1, call: str = "c1", to: str = "sip:alice@example.com") -> Request:
    """A REGISTER with more header lines."""
    message = read(
        (
            f"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9;branch=z9hG4bK{call}{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <{to}>;tag=1\r\nTo: <{to}>\r\nCall-ID: {call}\r\nCSeq: {number} REGISTER\r\n"
            + "".join(f"{line}\r\n" for line in lines)
            + "\r\n"
        ).encode()
    )
    assert isinstance(message, Request)
    return message


def answers(actions: list[Action]) -> list[Response]:
    """The responses among some actions."""
    return [action.response for action in actions if isinstance(action, SendResponse)]


class Registrations(SynchronousTestCase):
    """What a registrar makes of REGISTER."""

    def setUp(self) -> None:
        """A registrar of one domain that stores at once."""
        self.registrar = Registrar(Domains(["example.com"]), entropy(), stores=False)

    def send(self, request: Request, now: float = NOW, flow: Flow = FLOW) -> Response:
        """The answer to a request."""
        (response,) = answers(self.registrar.heard(RequestReceived(("t",), request, flow), Instant(now)))
        return response

    def contacts(self, response: Response) -> list[str]:
        """The Contact values of a response."""
        return [part for text in response.headers.texts("contact") for part in text.split(", ")]

    def held(self, now: float = NOW) -> list[str]:
        """The URIs that alice is bound to."""
        return [each.contact.uri_text for each in self.registrar.locations.bindings("alice@example.com", Instant(now))]

    def test_binding(self) -> None:
        """A contact is bound, and the answer lists it with its time, the date and a To tag."""
        response = self.send(register(f"Contact: {CONTACT};q=0.5", "Expires: 600"))
        self.assertEqual(response.status_code, 200)
        # = rfc3261:10.3/32 test
        # = rfc3261:10.3/33 test
        # = rfc3261:10.3/22 test
        self.assertEqual(self.contacts(response), [f"{CONTACT};q=0.5;expires=600"])
        # = rfc3261:10.3/34 test
        self.assertEqual(response.headers.one(DATE), "Tue, 14 Nov 2023 22:13:20 GMT")
        self.assertTrue(response.headers.to.tag)

    def test_expiration(self) -> None:
        """The contact's own parameter counts before Expires, that before the default; the longest is cut, what is malformed is an hour."""
        for lines, expected in (
            ([f"Contact: {CONTACT};expires=100", "Expires: 600"], 100),
            ([f"Contact: {CONTACT}"], 3600),
            ([f"Contact: {CONTACT};expires=4000000000"], 7200),
            ([f"Contact: {CONTACT};expires=soon", "Expires: 600"], 3600),
            ([f"Contact: {CONTACT}", "Expires: soon"], 3600),
        ):
            self.setUp()
            # = rfc3261:10.3/21 test
            # = rfc3261:10.3/23 test
            # = rfc3261:10.3/24 test
            # = rfc3261:10.2/14 test
            (contact,) = self.contacts(self.send(register(*lines)))
            self.assertTrue(contact.endswith(f";expires={expected}"), (lines, contact))

    def test_too_brief(self) -> None:
        """Less than the shortest time is refused with what would do; an hour or more never is, whatever the policy."""
        response = self.send(register(f"Contact: {CONTACT};expires=10"))
        # = rfc3261:10.3/25 test
        self.assertEqual(response.status_code, 423)
        # = rfc3261:10.3/26 test
        self.assertEqual(response.headers.one(MIN_EXPIRES), 60)
        self.registrar = Registrar(Domains(["example.com"]), entropy(), policy=Policy(shortest=7200), stores=False)
        self.assertEqual(self.send(register(f"Contact: {CONTACT};expires=3600")).status_code, 200)

    def test_fetch(self) -> None:
        """Without Contact nothing changes, and what holds is listed with the time that is left."""
        self.send(register(f"Contact: {CONTACT}"))
        # = rfc3261:10.2/5 test
        response = self.send(register(number=2), NOW + 600)
        self.assertEqual(self.contacts(response), [f"{CONTACT};expires=3000"])

    def test_removal(self) -> None:
        """A time of 0 removes a contact, equal by the rules for URIs; others stay."""
        self.send(register(f"Contact: {CONTACT}, <sip:alice@192.0.2.8>"))
        response = self.send(register("Contact: <sip:%61lice@192.0.2.9>;expires=0", number=2))
        self.assertEqual(self.contacts(response), ["<sip:alice@192.0.2.8>;expires=3600"])

    def test_star(self) -> None:
        """A star with Expires 0 removes all; alone with anything else, or beside a contact, it is refused."""
        self.send(register(f"Contact: {CONTACT}"))
        for lines in (
            ["Contact: *"],
            ["Contact: *", "Expires: 5"],
            [f"Contact: *\r\nContact: {CONTACT}", "Expires: 0"],
        ):
            # = rfc3261:10.3/17 test
            self.assertEqual(self.send(register(*lines, number=2)).status_code, 400, lines)
        self.assertEqual(len(self.held()), 1)
        # = rfc3261:10.3/18 test
        self.assertEqual(self.contacts(self.send(register("Contact: *", "Expires: 0", number=3))), [])
        self.assertEqual(self.held(), [])

    def test_order(self) -> None:
        """A REGISTER of the same Call-ID that was overtaken changes nothing, a star included; of another Call-ID it counts."""
        self.send(register(f"Contact: {CONTACT}", number=5))
        for lines in ([f"Contact: {CONTACT};expires=0"], ["Contact: *", "Expires: 0"]):
            # = rfc3261:10.3/29 test
            # = rfc3261:10.3/20 test
            self.assertEqual(self.send(register(*lines, number=5)).status_code, 500)
        # = rfc3261:10.3/27 test
        self.assertEqual(self.send(register(f"Contact: {CONTACT};expires=0", call="c2")).status_code, 200)
        self.assertEqual(self.held(), [])

    def test_all_or_nothing(self) -> None:
        """Where one of several contacts fails, none is bound."""
        self.send(register(f"Contact: {CONTACT}", number=5))
        # = rfc3261:10.3/6 test
        # = rfc3261:10.3/31b test
        response = self.send(register(f"Contact: <sip:new@192.0.2.7>, {CONTACT}", number=4))
        self.assertEqual((response.status_code, self.held()), (500, ["sip:alice@192.0.2.9"]))

    def test_same_contact_twice(self) -> None:
        """Of two equal contacts in one REGISTER the later one counts."""
        response = self.send(register(f"Contact: {CONTACT};expires=100, {CONTACT};expires=200"))
        self.assertEqual(self.contacts(response), [f"{CONTACT};expires=200"])

    def test_malformed_contact(self) -> None:
        """A contact that nobody could call is refused, and hinders no later REGISTER."""
        for contact in ("<sip:alice@192.0.2.9:99999>", "<sip:alice@192.0.2.9;a;a>", f"{CONTACT};q=7"):
            self.assertEqual(self.send(register(f"Contact: {contact}")).status_code, 400)
        self.assertEqual(self.send(register(f"Contact: {CONTACT}", number=2)).status_code, 200)

    def test_limits(self) -> None:
        """An address-of-record has so many contacts, and a registrar so many addresses-of-record; refreshes are always taken."""
        self.registrar = Registrar(
            Domains(["example.com"]), entropy(), policy=Policy(bindings=2, names=1), stores=False
        )
        both = "Contact: <sip:a@192.0.2.1>, <sip:b@192.0.2.1>"
        self.assertEqual(self.send(register(both)).status_code, 200)
        self.assertEqual(self.send(register("Contact: <sip:c@192.0.2.1>", number=2)).status_code, 403)
        self.assertEqual(self.send(register(both, number=3)).status_code, 200)
        bob = register(f"Contact: {CONTACT}", to="sip:bob@example.com")
        self.assertEqual(self.send(bob).status_code, 500)

    def test_address_of_record(self) -> None:
        """Escapes, parameters, the case of the domain and the scheme do not count; another domain, no user or no SIP URI is 404."""
        for to in ("sip:%61lice@EXAMPLE.com;user=phone", "sips:alice@example.com", "sip:alice@example.com:5060"):
            # = rfc3261:10.3/15 test
            # = rfc3261:10.3/16a test
            # = rfc3261:10.3/16b test
            self.assertEqual(self.send(register(f"Contact: {CONTACT}", call=str(len(to)), to=to)).status_code, 200, to)
        self.assertEqual(len(self.held()), 1)
        for to in ("sip:alice@example.org", "sip:example.com", "tel:+1-201-555-0123", "sip:alice@example.com:5099"):
            # = rfc3261:10.3/14 test
            self.assertEqual(self.send(register(to=to)).status_code, 404, to)

    def test_extensions(self) -> None:
        """What is required and not known is named; Record-Route is ignored; Path is kept and repeated."""
        response = self.send(register("Require: path, gruu"))
        # = rfc3261:10.3/9 test
        self.assertEqual((response.status_code, response.headers.texts("unsupported")), (420, ["gruu"]))
        lines = ["Record-Route: <sip:p.example.com;lr>", "Path: <sip:edge.example.com;lr>", "Require: path"]
        response = self.send(register(f"Contact: {CONTACT}", *lines))
        # = rfc3261:10.3/3 test
        # = rfc3261:10.3/4 test
        self.assertNotIn("record-route", response.headers)
        # = rfc3327:5.3/0 test
        self.assertEqual(response.headers.texts("path"), ["<sip:edge.example.com;lr>"])
        (binding,) = self.registrar.locations.bindings("alice@example.com", NOW)
        self.assertEqual((binding.path, binding.flow), (("<sip:edge.example.com;lr>",), None))

    def test_restored(self) -> None:
        """What was stored before holds, until its time has passed."""
        self.send(register(f"Contact: {CONTACT};expires=100"))
        stored = [("alice@example.com", self.registrar.locations.bindings("alice@example.com", NOW))]
        self.registrar = Registrar(Domains(["example.com"]), entropy())
        self.assertEqual(self.registrar.restored(stored), [SetTimer(OWNER, "expiry", Instant(NOW + 100))])
        self.assertEqual(self.held(), ["sip:alice@192.0.2.9"])

    def test_connection(self) -> None:
        """A contact that registered over a connection is reached over it again."""
        flow = Flow(Transport.TCP, FLOW.local, FLOW.remote, 7)
        self.send(register(f"Contact: {CONTACT};transport=tcp"), flow=flow)
        (binding,) = self.registrar.locations.bindings("alice@example.com", NOW)
        self.assertEqual(binding.flow, flow)

    def test_expiry(self) -> None:
        """A binding is gone when its time has passed, is taken out then, and the timer is set to the next one."""
        self.send(register(f"Contact: {CONTACT};expires=100, <sip:b@192.0.2.1>;expires=200"))
        self.assertEqual(self.held(NOW + 100), ["sip:b@192.0.2.1"])
        actions = self.registrar.heard(TimerPassed(OWNER, "expiry"), Instant(NOW + 100))
        changed, timer = actions
        assert isinstance(changed, Tell)
        assert isinstance(changed.event, BindingsChanged)
        self.assertEqual(len(changed.event.bindings), 1)
        self.assertEqual(timer, SetTimer(OWNER, "expiry", Instant(NOW + 200)))
        self.registrar.heard(TimerPassed(OWNER, "expiry"), Instant(NOW + 200))
        self.assertEqual(len(self.registrar.locations), 0)

    def test_date(self) -> None:
        """A date is written as HTTP has it."""
        # = rfc3261:20.17/0 test
        self.assertEqual(date(Instant(784111777.9)), "Sun, 06 Nov 1994 08:49:37 GMT")


class Storing(SynchronousTestCase):
    """An answer leaves only after what it says is stored."""

    def setUp(self) -> None:
        """A registrar whose changes are stored by somebody else."""
        self.registrar = Registrar(Domains(["example.com"]), entropy())

    def send(self, request: Request) -> list[Action]:
        """What is done about a request."""
        return self.registrar.heard(RequestReceived((str(request.headers.cseq.number),), request, FLOW), NOW)

    def ticket(self, actions: list[Action]) -> int:
        """The ticket of the one thing that is to be stored."""
        (store,) = [each.event for each in actions if isinstance(each, Tell) and isinstance(each.event, Store)]
        return store.ticket

    def test_answer_waits(self) -> None:
        """Nothing is answered and nothing holds until it is stored."""
        actions = self.send(register(f"Contact: {CONTACT}"))
        # = rfc3261:10.3/30 test
        self.assertEqual((answers(actions), len(self.registrar.locations)), ([], 0))
        ticket = self.ticket(actions)
        (response,) = answers(self.registrar.stored(ticket, NOW))
        self.assertEqual((response.status_code, len(self.registrar.locations)), (200, 1))
        self.assertEqual(self.registrar.stored(ticket, NOW), [])

    def test_not_stored(self) -> None:
        """What could not be stored is answered 500 and does not hold."""
        ticket = self.ticket(self.send(register(f"Contact: {CONTACT}")))
        # = rfc3261:10.3/31a test
        (response,) = answers(self.registrar.lost(ticket, "disk full", NOW))
        self.assertEqual((response.status_code, len(self.registrar.locations)), (500, 0))
        self.assertEqual(self.registrar.lost(ticket, "disk full", NOW), [])

    def test_one_after_the_other(self) -> None:
        """REGISTER requests of one user wait for each other, in their order; too many are refused."""
        first = self.ticket(self.send(register(f"Contact: {CONTACT}", number=1)))
        # = rfc3261:10.3/5 test
        for number in range(2, 2 + MOST_WAITING):
            self.assertEqual(self.send(register(f"Contact: {CONTACT};expires={number * 100}", number=number)), [])
        (refused,) = answers(self.send(register(f"Contact: {CONTACT}", number=99)))
        self.assertEqual(refused.status_code, 500)
        seen, ticket = [], first
        for _ in range(1 + MOST_WAITING):
            actions = self.registrar.stored(ticket, NOW)
            seen += [each.headers.cseq.number for each in answers(actions)]
            stores = [each.event for each in actions if isinstance(each, Tell) and isinstance(each.event, Store)]
            ticket = stores[0].ticket if stores else 0
        self.assertEqual(seen, [*range(1, 2 + MOST_WAITING)])
        self.assertEqual(self.registrar.stored(0, NOW), [])

    def test_waiting_failure(self) -> None:
        """One that fails while others wait is answered, and the next is carried out."""
        first = self.ticket(self.send(register(f"Contact: {CONTACT}", number=5)))
        self.send(register(f"Contact: {CONTACT}", number=4))
        self.send(register(number=6))
        statuses = [each.status_code for each in answers(self.registrar.stored(first, NOW))]
        self.assertEqual(statuses, [200, 500, 200])


class Authorization(SynchronousTestCase):
    """Who may register whom."""

    def setUp(self) -> None:
        """A registrar that knows two users."""
        accounts = Accounts({"alice": "wonderland", "bob": "builder"})
        guard = Authenticator("example.com", accounts, Nonces(entropy()))
        self.registrar = Registrar(
            Domains(["example.com"]), entropy(), accounts=accounts, authenticator=guard, stores=False
        )
        self.calls = 0

    def status(self, username: str, password: str, to: str) -> int:
        """What a REGISTER is answered once its challenge was."""
        self.calls += 1
        asked = register(f"Contact: {CONTACT}", to=to, call=f"c{self.calls}")
        (challenge,) = answers(self.registrar.heard(RequestReceived(("t",), asked, FLOW), NOW))
        self.assertEqual(challenge.status_code, 401)
        again = Keyring([Account(username, password)], entropy()).answer(asked, challenge)
        assert again is not None
        whole = read(bytes(again).replace(b"SIP/2.0\r\n", b"SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bKy\r\n", 1))
        assert isinstance(whole, Request)
        (response,) = answers(self.registrar.heard(RequestReceived(("u",), whole, FLOW), NOW))
        return response.status_code

    def test_users(self) -> None:
        """With the password one registers oneself, nobody else, and nobody without an account."""
        alice = "sip:alice@example.com"
        # = rfc3261:10.3/10 test
        self.assertEqual(self.status("alice", "wonderland", alice), 200)
        self.assertEqual(self.status("alice@example.com", "wonderland", alice), 200)
        self.assertEqual(self.status("alice", "wrong", alice), 401)
        # = rfc3261:10.3/13 test
        self.assertEqual(self.status("bob", "builder", alice), 403)
        self.assertTrue(self.registrar.knows("bob@example.com"))
        self.assertFalse(self.registrar.knows("carol@example.com"))

    def test_unknown_user(self) -> None:
        """Accounts without a challenge still say who exists."""
        registrar = Registrar(Domains(["example.com"]), entropy(), accounts=Accounts({"alice": "x"}), stores=False)
        carol = register(to="sip:carol@example.com")
        (response,) = answers(registrar.heard(RequestReceived(("t",), carol, FLOW), NOW))
        # = rfc3261:10.3/14 test
        self.assertEqual(response.status_code, 404)


class Responsibility(SynchronousTestCase):
    """What an element is responsible for."""

    def test_domains(self) -> None:
        """A domain at any port that the element has, its own addresses, and nothing else."""
        here = listening(Transport.UDP, Address("192.0.2.1", 5070))
        domains = Domains(["Example.com"], [here])
        for text, home in (
            ("sip:a@example.com", "example.com"),
            ("sip:a@example.com:5070", "example.com"),
            ("sip:a@192.0.2.1:5070", "example.com"),
            ("sip:a@192.0.2.1", None),
            ("sip:a@example.com:5099", None),
            ("tel:+1-201-555-0123", None),
        ):
            self.assertEqual(domains.home(read_uri(text)), home, text)
        # where an address is a domain, other ports of it are other elements, such as a focus on the same machine
        there = Domains(["192.0.2.1"], [here])
        places = "sip:a@192.0.2.1:5070", "sip:a@192.0.2.1", "sip:a@192.0.2.1:5060"
        self.assertEqual([read_uri(text) in there for text in places], [True, True, False])
        self.assertFalse(there.reached_by(read_uri("sip:192.0.2.1;lr")))
        self.assertTrue(domains.responsible_for_host("192.0.2.1"))
        self.assertFalse(domains.reached_by(read_uri("tel:+1")))
        self.assertTrue(Domains(["example.com"]).reached_by(read_uri("sips:example.com")))
