"""Conference documents as values (RFC 4575)."""

from __future__ import annotations

import dataclasses

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.document import (
    CallInfo,
    ConferenceInfo,
    EndpointStatus,
    JoiningMethod,
    MediaStatus,
    SipDialogId,
    State,
    User,
    Users,
    read,
    to_octets,
)
from disco_ref.conference.test.documents import SAMPLE
from disco_ref.errors import Malformed
from disco_ref.notation.markup import MalformedMarkup, Node
from disco_ref.notation.markup import read as read_tree


class DocumentTest(SynchronousTestCase):
    """Octets to values and back."""

    def test_read(self) -> None:
        """Every element of the schema is found under its name."""
        # = rfc4575:5/0 test
        # = rfc4575:5.1/101 test
        # = rfc4575:5.1/102 test
        info = read(SAMPLE)
        assert info.conference_description and info.conference_state and info.users and info.host_info
        self.assertEqual((info.entity, info.state, info.version), ("sip:team@example.com", State.full, 7))
        self.assertEqual(info.conference_description.keywords, ("team", "weekly"))
        self.assertEqual(info.conference_description.maximum_user_count, 10)
        self.assertEqual(info.conference_state.locked, False)
        alice, bob = info.users.user
        self.assertEqual(alice.languages, ("en", "de-AT"))
        self.assertEqual(alice.endpoint[0].status, EndpointStatus.connected)
        self.assertEqual(alice.endpoint[0].joining_method, JoiningMethod.dialed_in)
        self.assertEqual(alice.endpoint[0].media[0].status, MediaStatus.sendonly)
        self.assertEqual(bob, User(entity="sip:bob@example.com", state=State.deleted))
        assert info.sidebars_by_val
        self.assertEqual(info.sidebars_by_val.entry, (ConferenceInfo(entity="sip:side@example.com", users=Users()),))

    def test_every_element_is_in_the_sample(self) -> None:
        """The sample names each element that a class of the module is bound to, but for the ways to leave."""
        from disco_ref.conference import document

        absent = {"disconnection-method", "disconnection-info", "uris"}
        for cls in vars(document).values():
            if dataclasses.is_dataclass(cls) and cls.__module__ == document.__name__:
                for mark in (one for one in dataclasses.fields(cls) if not one.name.startswith("other")):
                    name = mark.name.replace("_", "-")
                    self.assertTrue(
                        f"<{name}".encode() in SAMPLE or f'{name}="'.encode() in SAMPLE or name in absent, name
                    )

    def test_foreign(self) -> None:
        """Elements and attributes of other namespaces survive, in order."""
        # = rfc4575:5/0 test
        info = read(SAMPLE)
        self.assertEqual(info.other_attributes, (("{urn:example:x}hint", "a"),))
        self.assertEqual(info.others[0].children[0].text, "text")
        again = read(to_octets(info))
        self.assertEqual(again, info)

    def test_prefixes_in_content(self) -> None:
        """A prefix that only the content of a foreign element uses stays declared."""
        typed = b'<x:t xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="x:weight">5</x:t>'
        written = to_octets(read(SAMPLE.replace(b"<x:deep>", typed + b"<x:deep>")))
        root = read_tree(written).root
        self.assertEqual(root.find(".//{urn:example:x}t").nsmap["x"], "urn:example:x")

    def test_choice(self) -> None:
        """A call is described by SIP or by foreign elements, not by both."""
        # = rfc4575:5/0 test
        sip = SipDialogId(call_id="1", from_tag="2", to_tag="3")
        self.assertRaises(MalformedMarkup, lambda: CallInfo(sip=sip, others=(Node("{u}x"),)))
        bad = SAMPLE.replace(b"</sip></call-info>", b"</sip><x:y/></call-info>")
        refusal = self.assertRaises(MalformedMarkup, read, bad)
        self.assertEqual(refusal.where, "conference-info/users/user/endpoint/call-info (line 36)")

    def test_another_root(self) -> None:
        """A document with another root, or the right one in another namespace, is refused."""
        # = rfc4575:5/0 test
        self.assertRaises(MalformedMarkup, read, b"<conference-info entity='a'/>")
        self.assertRaises(MalformedMarkup, read, b"<user xmlns='urn:ietf:params:xml:ns:conference-info'/>")

    def test_refusals(self) -> None:
        """What the schema forbids is refused where it stands."""
        # = rfc4575:5/0 test
        # = rfc4575:5.7/101 test
        # = rfc4575:5.8/101 test
        for old, new, where in (
            (b"<user-count>2<", b"<user-count>-2<", "conference-state/user-count"),
            (b"<active>true<", b"<active>yes<", "conference-state/active"),
            (b"<status>connected<", b"<status>Connected<", "users/user/endpoint/status"),
            (b'<media id="1">', b"<media>", "users/user/endpoint/media/@id"),
            (b' state="deleted"/>', b' state="gone"/>', "users/user[2]/@state"),
            (b"<entry><uri>tel:+12015550123</uri></entry>", b"", "users/user/associated-aors/entry"),
            (
                b"<when>2010-06-28T08:00:00Z<",
                b"<when>yesterday<",
                "conference-description/service-uris/entry/modified/when",
            ),
            (b"<host-info>", b"<users/><host-info>", "host-info"),
        ):
            refusal = self.assertRaises(MalformedMarkup, read, SAMPLE.replace(old, new, 1))
            self.assertEqual(refusal.where.partition(" (line")[0], f"conference-info/{where}")

    @settings(max_examples=150, deadline=None, derandomize=True)
    @given(
        st.integers(0, len(SAMPLE)),
        st.integers(0, 12),
        st.sampled_from([b"", b"<", b">", b"/", b"<x:n/>", b'"', b"1", b"&"]),
    )
    def test_mutations(self, place: int, cut: int, put: bytes) -> None:
        """A document with a piece changed gives a value that survives writing, or a refusal."""
        try:
            info = read(SAMPLE[:place] + put + SAMPLE[place + cut :])
        except Malformed:
            return
        self.assertEqual(read(to_octets(info)), info)

    def test_size(self) -> None:
        """A value takes a bounded multiple of the document: as many nodes as elements, none per octet."""
        users = b"".join(b'<user entity="sip:u%d@example.com"/>' % n for n in range(200))
        start = b'<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:a@example.com"><users>'
        octets = start + users + b"</users></conference-info>"
        info = read(octets)
        assert info.users
        self.assertEqual(len(info.users.user), 200)
        self.assertEqual(len(read_tree(octets).node.children[0].children), 200)
