"""Tests of registrar and proxy as elements: octets in, octets and things to store out."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.peer.effects import Deliver, Effect, Transmit
from disco_ref.peer.element import Element
from disco_ref.peer.proxy import ProxyCore
from disco_ref.peer.registrar import RegistrarCore
from disco_ref.sip.digest.accounts import Account, Accounts
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.message import Message, Request, Response, read
from disco_ref.sip.registration.registrar import BindingsChanged, Store
from disco_ref.sip.test.entropy import entropy
from disco_ref.sip.transport.listening import listening

NOW = Instant(1_700_000_000.0)
HERE = listening(Transport.UDP, Address("192.0.2.1", 5060))
PHONE = Flow(Transport.UDP, HERE.address, Address("192.0.2.9", 5060))


def ask(method: str, uri: str, *lines: str, user: str = "alice", number: int = 1) -> Request:
    """A request from a phone."""
    message = read(
        (
            f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{method}{user}{number}\r\n"
            f"Max-Forwards: 70\r\nFrom: <sip:{user}@example.com>;tag=1\r\nTo: <sip:{user}@example.com>\r\n"
            f"Call-ID: {user}{method}\r\nCSeq: {number} {method}\r\n"
            + "".join(f"{line}\r\n" for line in lines)
            + "\r\n"
        ).encode()
    )
    assert isinstance(message, Request)
    return message


def sent(effects: list[Effect]) -> list[Message]:
    """The messages that leave."""
    return [read(effect.octets) for effect in effects if isinstance(effect, Transmit)]


def statuses(effects: list[Effect]) -> list[int]:
    """The statuses of the responses that leave."""
    return [each.status_code for each in sent(effects) if isinstance(each, Response)]


class Proxying(SynchronousTestCase):
    """A proxy with its registrar."""

    def setUp(self) -> None:
        """For example.com, where everybody may register."""
        self.core = ProxyCore(["example.com"], entropy())
        self.element = Element([HERE], self.core, entropy())

    def arrives(self, message: Message) -> list[Effect]:
        """A message comes in; what is to be stored is stored at once."""
        effects = self.element.receive(bytes(message), PHONE, NOW)
        for effect in [*effects]:
            if isinstance(effect, Deliver) and isinstance(effect.event, Store):
                self.assertEqual(statuses(effects), [])
                effects += self.element.perform(self.core.registrar.stored(effect.event.ticket, NOW), NOW)
        return effects

    def test_registered_and_called(self) -> None:
        """Who has registered is called there; the answer goes back the way the request came."""
        effects = self.arrives(ask("REGISTER", "sip:example.com", "Contact: <sip:alice@192.0.2.9:5070>", "Expires: 60"))
        self.assertEqual(statuses(effects), [200])
        # = rfc3261:10.1/2 test
        effects = self.arrives(ask("INVITE", "sip:alice@example.com", user="bob"))
        (invite,) = sent(effects)
        assert isinstance(invite, Request)
        self.assertEqual(str(invite.request_uri), "sip:alice@192.0.2.9:5070")
        # = rfc3261:16.6/56 test
        self.assertRegex(invite.headers.via.branch or "", r"^z9hG4bK.+\.[0-9a-f]{16}$")
        ringing = bytes(invite).replace(b"INVITE sip:alice@192.0.2.9:5070 SIP/2.0", b"SIP/2.0 180 Ringing")
        self.assertEqual(statuses(self.arrives(read(ringing))), [180])

    def test_expiry(self) -> None:
        """A binding is gone when its time has passed, and who watches is told."""
        self.arrives(ask("REGISTER", "sip:example.com", "Contact: <sip:alice@192.0.2.9>", "Expires: 60"))
        told = [each.event for each in self.element.expire(Instant(NOW + 60)) if isinstance(each, Deliver)]
        self.assertEqual(told, [BindingsChanged("alice@example.com", ())])
        self.assertEqual(statuses(self.arrives(ask("INVITE", "sip:alice@example.com", user="bob"))), [404])

    def test_the_element_itself(self) -> None:
        """OPTIONS for the domain is answered here, for a user it goes on, as REGISTER for another domain does."""
        for uri in ("sip:example.com", "sip:192.0.2.1"):
            # = rfc3261:11.2/0 test
            (answer,) = sent(self.arrives(ask("OPTIONS", uri, user=uri[-1])))
            assert isinstance(answer, Response)
            # = rfc3261:11.2/3 test
            self.assertEqual((answer.status_code, answer.headers.texts("allow")), (200, []))
        self.assertEqual(statuses(self.arrives(ask("OPTIONS", "sip:carol@example.com"))), [404])
        # = rfc3261:10.3/8 test
        (register,) = sent(self.arrives(ask("REGISTER", "sip:192.0.2.44", user="y")))
        self.assertIsInstance(register, Request)

    def test_overload(self) -> None:
        """Beyond what it takes, new requests get 503 with a time, while what is under way goes on."""
        self.core = ProxyCore(["example.com"], entropy(), most=1, retry_after=7)
        self.element = Element([HERE], self.core, entropy())
        self.arrives(ask("INVITE", "sip:alice@192.0.2.9"))
        (refused,) = sent(self.arrives(ask("INVITE", "sip:alice@192.0.2.9", number=2)))
        assert isinstance(refused, Response)
        self.assertEqual((refused.status_code, refused.headers.texts("retry-after")), (503, ["7"]))
        invite = bytes(ask("INVITE", "sip:alice@192.0.2.9"))
        cancel = read(invite.replace(b"INVITE sip", b"CANCEL sip").replace(b"CSeq: 1 INVITE", b"CSeq: 1 CANCEL"))
        # = rfc3261:16.10/4 test
        self.assertEqual(statuses(self.arrives(cancel)), [200])

    def test_challenge(self) -> None:
        """Where asked for, users prove who they are to the proxy, with the same password as to the registrar."""
        accounts = Accounts({"alice": "wonderland"})
        self.core = ProxyCore([], entropy(), accounts=accounts, challenges=True)
        self.element = Element([HERE], self.core, entropy())
        keyring = Keyring([Account("alice", "wonderland")], entropy())
        for method, uri, status in (("REGISTER", "sip:192.0.2.1", 401), ("INVITE", "sip:x@192.0.2.9", 407)):
            text = bytes(ask(method, uri)).replace(b"example.com", b"192.0.2.1")
            (challenge,) = sent(self.arrives(read(text)))
            assert isinstance(challenge, Response)
            self.assertEqual(challenge.status_code, status)
            asked = read(text)
            assert isinstance(asked, Request)
            again = keyring.answer(asked, challenge)
            assert again is not None
            via = asked.headers.via.with_parameter("branch", f"z9hG4bK{method}2")
            whole = read(bytes(again).replace(b"\r\n", f"\r\nVia: {via}\r\n".encode(), 1))
            (after,) = sent(self.arrives(whole))
            self.assertEqual(getattr(after, "status_code", 0), 200 if method == "REGISTER" else 0)

    def test_garbage(self) -> None:
        """Octets that hold no message change nothing."""
        self.element.receive(b"\x00" * 99, PHONE, NOW)
        self.element.receive(b"INVITE sip:a SIP/2.0\r\nVia: x\r\n\r\n", PHONE, NOW)
        self.assertEqual(len(self.core.proxy), 0)


class Registering(SynchronousTestCase):
    """A registrar alone."""

    def test_alone(self) -> None:
        """It registers, answers OPTIONS, and nothing else."""
        element = Element([HERE], RegistrarCore(["example.com"], entropy(), stores=False), entropy())
        for message, status in (
            (ask("REGISTER", "sip:example.com", "Contact: <sip:alice@192.0.2.9>"), 200),
            (ask("OPTIONS", "sip:example.com"), 200),
            (ask("INVITE", "sip:alice@example.com"), 405),
            (ask("ODD", "sip:alice@example.com"), 501),
            (ask("REGISTER", "sip:example.org", number=2), 404),
            (ask("CANCEL", "sip:example.com"), 481),
            (ask("OPTIONS", "sip:example.com", "Require: x", number=2), 420),
        ):
            self.assertEqual(statuses(element.receive(bytes(message), PHONE, NOW)), [status], message.method)

    def test_realm(self) -> None:
        """Of several domains the first is the realm that users prove themselves in."""
        # = rfc3261:22.1/3 test
        accounts = Accounts({"alice": "wonderland"})
        core = RegistrarCore(["example.com", "example.org"], entropy(), accounts=accounts)
        element = Element([HERE], core, entropy())
        for domain in core.domains.names:
            (answer,) = sent(element.receive(bytes(ask("REGISTER", f"sip:{domain}", user=domain)), PHONE, NOW))
            self.assertIn('realm="example.com"', str(answer.headers.texts("www-authenticate")))

    def test_cancelled(self) -> None:
        """CANCEL of a REGISTER that is there gets 200, and changes nothing."""
        # = rfc3261:9.2/0 test
        core = RegistrarCore(["example.com"], entropy())
        element = Element([HERE], core, entropy())
        register = ask("REGISTER", "sip:example.com", "Contact: <sip:alice@192.0.2.9>")
        (store,) = [each for each in element.receive(bytes(register), PHONE, NOW) if isinstance(each, Deliver)]
        cancel = read(bytes(register).replace(b"REGISTER sip", b"CANCEL sip").replace(b"1 REGISTER", b"1 CANCEL"))
        self.assertEqual(statuses(element.receive(bytes(cancel), PHONE, NOW)), [200])
        assert isinstance(store.event, Store)
        self.assertEqual(statuses(element.perform(core.registrar.stored(store.event.ticket, NOW), NOW)), [200])

    def test_domain_of_its_own_addresses(self) -> None:
        """Without a domain its addresses are its domains."""
        core = RegistrarCore([], entropy(), stores=False)
        element = Element([HERE], core, entropy())
        self.assertEqual(core.domains.names, ("192.0.2.1",))
        register = read(bytes(ask("REGISTER", "sip:192.0.2.1")).replace(b"example.com", b"192.0.2.1"))
        self.assertEqual(statuses(element.receive(bytes(register), PHONE, NOW)), [200])
