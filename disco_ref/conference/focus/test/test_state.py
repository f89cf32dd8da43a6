"""Tests of the state of a conference and its document."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.clock import Instant
from disco_ref.conference.document import DisconnectionMethod, EndpointStatus, JoiningMethod, read, to_octets
from disco_ref.conference.focus.joining import entity_of
from disco_ref.conference.focus.policy import Reserved
from disco_ref.conference.focus.state import Conference, Leg
from disco_ref.conference.partial_state import difference, merged
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.sip.dialog.dialog import DialogId
from disco_ref.sip.header.addressing.parties import From
from disco_ref.sip.session.events import CallId
from disco_ref.sip.uri import sip_uri

NOW = Instant(1_700_000_000.0)
ABLE = relaying({4: "192.0.2.1"}, {4: 4000})
OFFER = b"v=0\r\no=- 1 1 IN IP4 192.0.2.2\r\ns=-\r\nc=IN IP4 192.0.2.2\r\nt=0 0\r\nm=audio 6000 RTP/AVP 0\r\na=%s\r\n"


def conference() -> Conference:
    """A conference."""
    uri = sip_uri("192.0.2.1", user="tea")
    return Conference("tea", uri, 4, ("audio", "video"), Reserved(name="tea", subject="Tea"))


def leg(call: str, entity: str, endpoint: str = "", method: JoiningMethod = JoiningMethod.dialed_in) -> Leg:
    """A call that begins."""
    negotiation = Negotiation(ABLE, bytes)
    return Leg(CallId(call), entity, endpoint or entity, "Name", method, negotiation, "192.0.2.2", NOW)


class Documents(SynchronousTestCase):
    """What is shown."""

    # = rfc4575:5/0 test
    # = rfc4575:5.7/101 test
    # = rfc4575:5.8/101 test
    def test_whole(self) -> None:
        """Subject, URI, streams, counts, users with endpoints, their streams as they have them, and the dialog."""
        tea = conference()
        one = leg("1", "sip:a@x", "sip:a@192.0.2.2")
        tea.add(one)
        one.negotiation.answer(OFFER % b"sendonly")
        one.confirmed(DialogId("id", "ours", "theirs"))
        one.settled(one.negotiation.agreement)
        tea.changed(one)
        text = to_octets(tea.document()).decode()
        for piece in (
            'entity="sip:tea@192.0.2.1"',
            "<subject>Tea</subject>",
            "<maximum-user-count>4</maximum-user-count>",
            "<user-count>1</user-count>",
            '<user entity="sip:a@x"',
            "<display-text>Name</display-text>",
            '<endpoint entity="sip:a@192.0.2.2"',
            "<status>on-hold</status>",
            "<joining-method>dialed-in</joining-method>",
            "<when>2023-11-14T22:13:20Z</when>",
            "<status>sendonly</status>",
            "<call-id>id</call-id>",
        ):
            self.assertIn(piece, text)
        self.assertEqual(read(to_octets(tea.document())), tea.document())

    def test_departed(self) -> None:
        """Who has gone is shown as disconnected, how and when, then not any more."""
        tea = conference()
        one = leg("1", "sip:a@x")
        tea.add(one)
        tea.depart(one, DisconnectionMethod.booted, NOW, "hung up")
        text = to_octets(tea.document()).decode()
        for piece in ("<status>disconnected</status>", "<disconnection-method>booted<", "<user-count>0</user-count>"):
            self.assertIn(piece, text)
        tea.drop(one)
        self.assertNotIn("sip:a@x", to_octets(tea.document()).decode())
        self.assertTrue(tea.idle)

    def test_dialing_out(self) -> None:
        """Who is being called has not joined yet; who asked for it is named."""
        tea = conference()
        one = leg("1", "sip:a@x", method=JoiningMethod.dialed_out)
        one.referred_by = "sip:b@x"
        tea.add(one)
        text = to_octets(tea.document()).decode()
        self.assertIn("<status>dialing-out</status>", text)
        self.assertIn("<by>sip:b@x</by>", text)
        self.assertNotIn("<joining-info>", text)
        self.assertTrue(tea.idle is False and not tea.full)

    def test_entities(self) -> None:
        """Users are shown without parameters; who is anonymous gets a name within the conference."""
        tea = conference()
        for text, entity in (
            ("sip:a@x.org;transport=tcp", "sip:a@x.org"),
            ("sip:a:secret@x.org", "sip:a@x.org"),
            ("sip:anonymous@anonymous.invalid", "sip:anonymous0@anonymous.invalid"),
            ("tel:+49401", "tel:+49401"),
        ):
            self.assertEqual(entity_of(From(None, text, ";tag=1"), tea), entity)

    # = rfc4575:4.6/0 test
    @settings(deadline=None, derandomize=True, max_examples=50)
    @given(st.lists(st.tuples(st.sampled_from(["add", "settle", "depart", "drop"]), st.integers(0, 3)), max_size=12))
    def test_partial(self, steps: list[tuple[str, int]]) -> None:
        """Whatever happens, what is told partially makes the whole; nothing is left when all have gone."""
        tea = conference()
        legs: dict[int, Leg] = {}
        gone: dict[int, Leg] = {}
        held = tea.document()
        for serial, (what, number) in enumerate(steps):
            if what == "add" and number not in legs and number not in gone:
                legs[number] = leg(f"{number}-{serial}", f"sip:u{number % 2}@x", "sip:device@x")
                tea.add(legs[number])
            elif what == "settle" and number in legs:
                legs[number].stands(EndpointStatus.connected)
                tea.changed(legs[number])
            elif what == "depart" and number in legs:
                gone[number] = legs.pop(number)
                tea.depart(gone[number], DisconnectionMethod.departed, NOW, None)
            elif what == "drop" and number in gone:
                tea.drop(gone.pop(number))
            new = tea.document()
            self.assertEqual(merged(held, difference(held, new)), new)
            held = new
        for one in [*legs.values()]:
            tea.depart(one, DisconnectionMethod.departed, NOW, None)
        for one in [*legs.values(), *gone.values()]:
            tea.drop(one)
        self.assertEqual((len(tea.users), len(tea.legs), len(tea.departing)), (0, 0, 0))
