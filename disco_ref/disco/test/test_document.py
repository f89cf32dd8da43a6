"""The multi-focus extension of conference documents (draft -00, section 7)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.conference.document import State, read, to_octets
from disco_ref.conference.test.documents import MULTIFOCUS, SAMPLE
from disco_ref.disco.document import (
    Focus,
    FocusCapacity,
    FocusStates,
    Graph,
    Participant,
    focus_states,
    with_focus_states,
)
from disco_ref.notation.markup import MalformedMarkup

STATES = FocusStates(
    focus=(
        Focus(
            entity="sip:alice@example.com",
            focus_capacity=FocusCapacity(max_participants=10, max_focus_references=3),
            participant=(Participant(entity="sip:bob@example.com"),),
            graph=(Graph(state=State.partial, ref_to_focus="sip:carol@example.com"),),
        ),
    )
)


class FocusStatesTest(SynchronousTestCase):
    """The element focus-states."""

    def test_read(self) -> None:
        """Focuses with capacity, participants and relations are read."""
        # = disco00:7.1/0 test
        self.assertEqual(focus_states(read(MULTIFOCUS)), STATES)
        self.assertEqual(focus_states(read(SAMPLE)), None)

    def test_write(self) -> None:
        """The extension put into a document is read again; None takes it out, and nothing else."""
        info = read(SAMPLE)
        extended = with_focus_states(info, FocusStates(state=State.partial, focus=STATES.focus[0:0]))
        self.assertEqual(focus_states(read(to_octets(extended))), FocusStates(state=State.partial))
        self.assertEqual(with_focus_states(extended, None), info)

    def test_refusals(self) -> None:
        """Two extensions, content out of order and numbers below zero are refused."""
        # = disco00:7.2/0 test
        twice = MULTIFOCUS.replace(
            b"</focus-states>", b'</focus-states><focus-states xmlns="http://www.example.org/inet-ci-multifocus-ext"/>'
        )
        for bad in (
            twice,
            MULTIFOCUS.replace(b"<max-participants>10<", b"<max-participants>-1<"),
            MULTIFOCUS.replace(b"<focus entity", b"<graph/><focus entity"),
            MULTIFOCUS.replace(b'state="partial"', b'state="changed"'),
            MULTIFOCUS.replace(b"max-participants>", b"max_participants>"),
        ):
            self.assertRaises(MalformedMarkup, focus_states, read(bad))

    def test_entity(self) -> None:
        """In a full document each focus is one of the users."""
        # = disco00:7.1/1 test
        bad = MULTIFOCUS.replace(b'<user entity="sip:alice@example.com"/>', b"")
        self.assertRaises(MalformedMarkup, focus_states, read(bad))
        partial = bad.replace(b"<users>", b'<users state="partial">')
        self.assertEqual(focus_states(read(partial)), STATES)
