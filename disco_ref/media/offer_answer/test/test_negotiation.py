"""Tests of offers, and of sessions that change."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.trial.unittest import SynchronousTestCase

from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.negotiation import Negotiation
from disco_ref.media.offer_answer.offer import Wish
from disco_ref.media.offer_answer.refusals import NotAcceptable, OfferPending
from disco_ref.media.sdp import SessionDescription, read
from disco_ref.sip.flow import Address

BOTH = (Wish("audio"), Wish("video"))


def agent(number: int) -> Negotiation:
    """One side, at an address of its own."""
    able = relaying({4: f"192.0.2.{number}"}, {4: 5004}, {4: 5006})
    return Negotiation(able, lambda count: bytes([number]) * count)


def media(octets: bytes) -> list[str]:
    """The m= lines."""
    return [line for line in octets.decode().splitlines() if line.startswith("m=")]


def version(octets: bytes) -> int:
    """The version in the o= line."""
    return int(read(octets).origin.session_version)


class Offers(SynchronousTestCase):
    """Section 5."""

    # = rfc3264:5/1 test
    # = rfc3264:5/2 test
    # = rfc3264:5/7 test
    # = rfc3264:5.1/12 test
    # = rfc3264:5.1/13 test
    def test_first(self) -> None:
        """Lines in the order of the wishes, formats in that of preference, each with its rtpmap."""
        lines = agent(1).offer((Wish("audio"),)).decode().splitlines()
        self.assertEqual(
            lines[2:],
            [
                "s=-",
                "c=IN IP4 192.0.2.1",
                "t=0 0",
                "m=audio 5004 RTP/AVP 0 8 101",
                "a=rtpmap:0 PCMU/8000",
                "a=rtpmap:8 PCMA/8000",
                "a=rtpmap:101 telephone-event/8000",
                "a=fmtp:101 0-15",
                "a=ptime:20",
                "a=sendrecv",
            ],
        )

    # = rfc3264:5.1/1 test
    # = rfc3264:5.1/2 test
    # = rfc3264:5.1/3 test
    # = rfc3264:5.1/4a test
    def test_directions(self) -> None:
        """A stream is marked as the offerer wants it."""
        for one in Direction:
            self.assertIn(f"a={one}\r\n".encode(), agent(1).offer((Wish("audio", one),)))

    def test_misuse(self) -> None:
        """What cannot be offered is the caller's mistake."""
        with self.assertRaises(ValueError):
            agent(1).offer((Wish("text"),))
        with self.assertRaises(ValueError):
            agent(1).offer((None,))
        with self.assertRaises(ValueError):
            agent(1).offer((Wish("audio"),), family=6)

    # = rfc3264:9/1a test
    # = rfc3264:9/2 test
    # = rfc3264:9/3 test
    # = rfc3264:9/5 test
    # = rfc3264:9/6 test
    # = rfc3264:9/7 test
    def test_capabilities(self) -> None:
        """What one can do is described with ports of zero."""
        octets = agent(1).capabilities()
        self.assertEqual([line.split()[1] for line in media(octets)], ["0", "0"])
        self.assertIn(b"a=rtpmap:96 VP8/90000\r\n", octets)
        self.assertIn(b"t=0 0\r\n", octets)


class Sessions(SynchronousTestCase):
    """Sections 4, 7 and 8."""

    def setUp(self) -> None:
        """Two agents with a session of audio and video."""
        self.one, self.other = agent(1), agent(2)
        self.first = self.one.offer(BOTH)
        self.answer = self.other.answer(self.first)
        self.one.answered(self.answer)

    def change(self, wishes: tuple[Wish | None, ...]) -> bytes:
        """A further offer of the first agent, and its answer."""
        offer = self.one.offer(wishes)
        self.one.answered(self.other.answer(offer))
        return offer

    def test_both_agree(self) -> None:
        """Both sides hold the same streams, each as it sees them."""
        for mine, its in zip(self.one.agreement, self.other.agreement, strict=True):
            self.assertEqual(mine.direction, its.direction.reversed)
            self.assertEqual((mine.sent, mine.media), (its.received, its.media))
        self.assertEqual(self.one.agreement[0].address, Address("192.0.2.2", 5004))

    # = rfc3264:4/3 test
    # = rfc3264:4/4 test
    def test_one_offer_at_a_time(self) -> None:
        """No offer while another one is open, from either side; no answer without an offer."""
        self.one.offer(BOTH)
        for act in (lambda: self.one.offer(BOTH), lambda: self.one.answer(self.first)):
            with self.assertRaises(OfferPending) as raised:
                act()
            self.assertEqual(raised.exception.status, 491)
        self.one.withdrawn()
        with self.assertRaises(OfferPending):
            self.one.answered(self.answer)
        self.one.offer(BOTH)

    # = rfc3264:8/4a test
    # = rfc3264:8/4b test
    # = rfc3264:8/5 test
    # = rfc3264:8/2a test
    def test_version(self) -> None:
        """The version grows by one with each change and only then; the rest of the o= line stays."""
        self.assertEqual(self.change(BOTH), self.first)
        held = self.change((Wish("audio", Direction.sendonly), Wish("video")))
        self.assertEqual(version(held), version(self.first) + 1)
        again = self.change((Wish("audio", Direction.sendonly), Wish("video")))
        self.assertEqual(again, held)
        back = self.change(BOTH)
        self.assertEqual(version(back), version(self.first) + 2)
        self.assertEqual(back.split(b"\r\n")[3:], self.first.split(b"\r\n")[3:][:])

    # = rfc3264:8/6 test
    # = rfc3264:8/7a test
    # = rfc3264:8/3a test
    def test_same_offer(self) -> None:
        """The same offer again gets the same answer again."""
        self.assertEqual(self.other.answer(self.first), self.answer)

    def test_hold(self) -> None:
        """Hold and its end, seen by both."""
        self.change((Wish("audio", Direction.sendonly), None))
        self.assertEqual(self.other.agreement[0].direction, Direction.recvonly)
        self.change((Wish("audio", Direction.inactive), None))
        self.assertEqual(self.other.agreement[0].direction, Direction.inactive)
        self.change((Wish("audio"), None))
        self.assertEqual(self.other.agreement[0].direction, Direction.sendrecv)

    # = rfc3264:8.3.2/6a test
    # = rfc3264:8.3.2/6c test
    def test_other_formats(self) -> None:
        """A stream goes on with fewer formats, or others first, and their attributes alone; what it never had is a mistake."""
        changed = self.change((Wish("audio", formats=("8",)), None))
        self.assertEqual(media(changed)[0], "m=audio 5004 RTP/AVP 8")
        self.assertNotIn(b"rtpmap:0", changed)
        self.assertNotIn(b"fmtp:101", changed)
        self.assertEqual([one.number for one in self.one.agreement[0].sent], [8])
        with self.assertRaises(ValueError):
            self.one.offer((Wish("audio", formats=("0",)), None))

    # = rfc3264:8.3.1/2 test
    def test_moved(self) -> None:
        """A stream goes on at another port of the capabilities, as it was otherwise."""
        kept = tuple(replace(one, ports={4: one.ports[4] + 10}) for one in self.one.able.abilities)
        self.one.able = replace(self.one.able, abilities=kept)
        before, after = media(self.first), media(self.change(BOTH))
        self.assertEqual([one.replace("5004", "5014").replace("5006", "5016") for one in before], after)

    # = rfc3264:8/8 test
    # = rfc3264:8/10 test
    # = rfc3264:8.1/1 test
    # = rfc3264:8.2/1a test
    # = rfc3264:8.2/2 test
    def test_removed_and_reused(self) -> None:
        """A stream that ends keeps its line with port zero; the slot is used again; new streams come below."""
        removed = self.change((None, Wish("video")))
        self.assertEqual(media(removed)[0], "m=audio 0 RTP/AVP 0 8 101")
        self.assertEqual([one.media for one in self.other.agreement], ["video"])
        with self.assertRaises(ValueError):
            self.one.offer((Wish("audio"),))
        added = self.change((None, Wish("video"), Wish("audio")))
        self.assertEqual([line.split()[1] for line in media(added)], ["0", "5006", "5004"])
        self.change((None, Wish("video"), None))
        reused = self.change((Wish("audio"), Wish("video"), None))
        self.assertEqual([line.split()[1] for line in media(reused)], ["5004", "5006", "0"])
        self.assertEqual([one.position for one in self.other.agreement], [0, 1])

    # = rfc3264:8/9 test
    def test_left_out(self) -> None:
        """An offer with fewer streams than before is refused, and nothing changes."""
        fewer = agent(1).offer((Wish("audio"),))
        before = self.other.agreement
        with self.assertRaises(NotAcceptable):
            self.other.answer(fewer)
        self.assertEqual(self.other.agreement, before)

    # = rfc3264:8.3.2/3 test
    # = rfc3264:8.3.2/4 test
    def test_numbers_stay(self) -> None:
        """The answerer who offers later keeps the numbers that were agreed."""
        other = agent(3)
        first = self.first.replace(b"101", b"120").replace(b" 0 8 ", b" 8 0 ")
        one = other.answer(first)
        later = other.offer(BOTH)
        self.assertEqual(media(later)[0], media(one)[0])
        self.assertIn(b"a=rtpmap:120 telephone-event/8000", later)

    # = rfc3264:7/2a test
    # = rfc3264:5.1/10 test
    def test_other_numbers_in_answer(self) -> None:
        """Media goes out under the numbers of the answer and comes in under those of the offer."""
        one = agent(1)
        one.offer((Wish("audio"),))
        one.answered(self.answer.split(b"m=video")[0].replace(b"101", b"99"))
        stream = one.agreement[0]
        self.assertEqual([each.number for each in stream.sent], [0, 8, 99])
        self.assertEqual([each.number for each in stream.received], [0, 8, 101])

    def test_answer_does_not_fit(self) -> None:
        """An answer of another length is refused and the offer stays open; a stream that does not fit is not used."""
        one = agent(1)
        one.offer(BOTH)
        with self.assertRaises(NotAcceptable):
            one.answered(self.answer.split(b"m=video")[0])
        odd = self.answer.replace(b"m=video 5006 RTP/AVP", b"m=video 5006 RTP/SAVP")
        self.assertEqual([each.media for each in one.answered(odd)], ["audio"])

    # = rfc3264:6/7 test
    def test_refused_stream(self) -> None:
        """A stream that the answer refuses is not used."""
        one = agent(1)
        one.offer(BOTH)
        refused = self.answer.replace(b"m=video 5006", b"m=video 0")
        self.assertEqual([each.media for each in one.answered(refused)], ["audio"])

    @settings(deadline=None, derandomize=True, max_examples=60)
    @given(st.lists(st.tuples(st.booleans(), st.lists(st.sampled_from([*Direction, None]), min_size=2, max_size=2))))
    def test_any_history(self, steps: list[tuple[bool, list[Direction | None]]]) -> None:
        """Whoever offers whatever in turn: both agree, lines never get fewer, a version stands for one text."""
        sides = agent(1), agent(2)
        sides[0].answered(sides[1].answer(sides[0].offer(BOTH)))
        texts: dict[tuple[int, str], SessionDescription] = {}
        for turned, wanted in steps:
            offerer, answerer = reversed(sides) if turned else sides
            wishes = tuple(
                None if one is None else Wish(m, one) for m, one in zip(("audio", "video"), wanted, strict=True)
            )
            offerer.answered(answerer.answer(offerer.offer(wishes)))
            for number, side in enumerate(sides):
                local = side.local
                assert local is not None
                self.assertEqual(len(local.media), 2)
                self.assertEqual(texts.setdefault((number, local.origin.session_version), local), local)
            for mine, its in zip(offerer.agreement, answerer.agreement, strict=True):
                self.assertEqual((mine.media, mine.direction), (its.media, its.direction.reversed))
