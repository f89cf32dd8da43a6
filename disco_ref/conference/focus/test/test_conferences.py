"""Tests of the store of conferences: whose URIs they are, and how a Contact is spelled."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.focus.conferences import Conferences
from disco_ref.conference.focus.policy import Policy, Reserved
from disco_ref.conference.focus.refusals import Full, Locked, NoSuchConference, TooMany, owed
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.media.offer_answer.refusals import NotAcceptable, WarningCode
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.transport.listening import listening
from disco_ref.sip.uri import read_uri

HERE = Address("192.0.2.1", 5060)
ABLE = relaying({4: "192.0.2.1"}, {4: 4000})


def store(policy: Policy, *places: tuple[Transport, Address]) -> Conferences:
    """A store that listens there."""
    found = Conferences(policy, ABLE, lambda count: b"\x07" * count)
    found.listens([listening(*place) for place in places or ((Transport.UDP, HERE),)])
    return found


class Uris(SynchronousTestCase):
    """Which URIs lead here."""

    def test_base(self) -> None:
        """URIs name the domain, or where the focus listens; the transport where it is not UDP."""
        for policy, places, uri in (
            (Policy(), (), "sip:x@192.0.2.1:5060"),
            (Policy(domain="conf.example"), (), "sip:x@conf.example"),
            (Policy(domain="conf.example:5070"), (), "sip:x@conf.example:5070"),
            (Policy(domain="[2001:db8::1]"), (), "sip:x@[2001:db8::1]"),
            (Policy(), ((Transport.TCP, HERE),), "sip:x@192.0.2.1:5060;transport=tcp"),
            (Policy(), ((Transport.UDP, Address("2001:db8::1", 5060)),), "sip:x@[2001:db8::1]:5060"),
        ):
            self.assertEqual(str(store(policy, *places).uri("x")), uri)

    def test_ours(self) -> None:
        """The domain and the addresses are ours; on every address of a machine, every numeric one is."""
        named = store(Policy(domain="conf.example"))
        for uri in ("sip:x@conf.example", "sip:x@CONF.EXAMPLE:9", "sips:x@192.0.2.1"):
            self.assertEqual(named.name_in(read_uri(uri)), "x")
        for uri in ("sip:x@example.org", "sip:x@192.0.2.9", "sip:conf.example", "tel:+1"):
            with self.assertRaises(NoSuchConference):
                named.name_in(read_uri(uri))
        everywhere = store(Policy(domain="conf.example"), (Transport.UDP, Address("0.0.0.0", 5060)))
        self.assertEqual(everywhere.name_in(read_uri("sip:x@192.0.2.9")), "x")
        self.assertEqual(everywhere.name_in(read_uri("sip:x@[2001:db8::9]")), "x")
        with self.assertRaises(NoSuchConference):
            everywhere.name_in(read_uri("sip:x@example.org"))

    def test_localhost(self) -> None:
        """A machine calls itself localhost: that leads to a focus on the loopback, or on every address, and to no other."""
        for host in ("127.0.0.1", "::1", "0.0.0.0"):
            here = store(Policy(), (Transport.UDP, Address(host, 5060)))
            self.assertEqual(here.name_in(read_uri("sips:x@Localhost")), "x")
        self.assertEqual(here.name_in(read_uri("sip:x@127.0.0.1")), "x")
        with self.assertRaises(NoSuchConference):
            store(Policy()).name_in(read_uri("sip:x@localhost"))

    def test_spelling(self) -> None:
        """An address is the same however it is written."""
        here = store(Policy(), (Transport.TLS, Address("::1", 5061)))
        self.assertEqual(here.name_in(read_uri("sip:x@[0:0:0:0:0:0:0:1]")), "x")
        self.assertTrue(here.is_own(read_uri("sips:x@[0::1]")))
        self.assertFalse(here.is_own(read_uri("sips:x@[0::1]:5060")))

    def test_own(self) -> None:
        """A URI that leads back is known by host and port."""
        found = store(Policy())
        self.assertTrue(found.is_own(read_uri("sip:y@192.0.2.1")))
        self.assertFalse(found.is_own(read_uri("sip:y@192.0.2.1:5070")))
        self.assertFalse(found.is_own(read_uri("sip:y@192.0.2.2")))
        self.assertFalse(found.is_own(read_uri("tel:+1")))

    # = rfc4579:4.3/101 test
    # = rfc4579:3.1/101 test
    def test_contact(self) -> None:
        """Contact is spelled as it was called, with the transport of the call; every spelling is made once."""
        found = store(Policy(domain="conf.example"))
        conference = found.begin("x")
        for transport, called, contact in (
            (Transport.UDP, "sip:x@192.0.2.1:5060;foo=1", "<sip:x@192.0.2.1:5060>;isfocus"),
            (Transport.TCP, "sip:x@conf.example", "<sip:x@conf.example;transport=tcp>;isfocus"),
            (Transport.TLS, "sip:x@conf.example:5061", "<sip:x@conf.example:5061;transport=tls>;isfocus"),
        ):
            flow = Flow(transport, HERE, HERE)
            identity = found.identity(conference, read_uri(called), flow)
            self.assertEqual(str(identity.contact), contact)
            self.assertIs(found.identity(conference, read_uri(called), flow), identity)
        self.assertEqual(str(found.identity(conference).contact), "<sip:x@conf.example>;isfocus")
        for number in range(200):
            found.identity(conference, read_uri(f"sip:x@192.0.2.1:{number + 1}"), Flow(Transport.UDP, HERE, HERE))
        self.assertLess(len(found._identities), 70)


class Store(SynchronousTestCase):
    """What is there."""

    def test_reserved(self) -> None:
        """A reserved conference is there from its first mention, with what is set for it."""
        found = store(Policy(reserved=(Reserved(name="team", subject="Tea", capacity=3, locked=True),), capacity=9))
        self.assertEqual(len(found), 0)
        team = found.get("team")
        assert team is not None
        self.assertEqual((team.subject, team.capacity, team.locked, team.reserved), ("Tea", 3, True, True))
        self.assertIsNone(found.get("other"))
        self.assertEqual(found.begin("other").capacity, 9)

    def test_bound(self) -> None:
        """Not more conferences than may be."""
        found = store(Policy(conferences=1))
        found.begin("a")
        with self.assertRaises(TooMany):
            found.begin("b")
        self.assertEqual(found.fresh_name(), "conf-" + "07" * 8)


class Owed(SynchronousTestCase):
    """What goes into the answer to what was refused."""

    def test_each(self) -> None:
        """Status, reason and header lines."""
        for refusal, expected in (
            (Locked("shut"), (403, "Conference Is Locked", ['Warning: 399 focus "shut"'])),
            (Full("no room"), (486, "Conference Is Full", ['Warning: 399 focus "no room"'])),
            (TooMany("no room", retry_after=7), (503, None, ["Retry-After: 7"])),
            (NoSuchConference("none"), (404, None, [])),
            (
                NotAcceptable(WarningCode.INCOMPATIBLE_MEDIA_FORMAT, "no codec", where="m= line 1"),
                (488, None, ['Warning: 305 focus "m= line 1: no codec"']),
            ),
        ):
            self.assertEqual(owed(refusal), expected)
