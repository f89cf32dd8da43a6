"""Offers and answers of one session, in order (RFC 3264, sections 4 and 8)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from disco_ref.entropy import Entropy
from disco_ref.errors import Refusal
from disco_ref.media.offer_answer.agreement import Agreement
from disco_ref.media.offer_answer.answer import NO_WISHES, answer, refused
from disco_ref.media.offer_answer.capabilities import Capabilities
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.offer import Wish, changed, offer, settled
from disco_ref.media.offer_answer.refusals import NotAcceptable, OfferPending, WarningCode
from disco_ref.media.sdp import Origin, SessionDescription, read, write
from disco_ref.media.sdp.writing import rendered

MOST_STREAMS = 64
"""Of an offer that is answered, refused ones too."""


class Negotiation:
    """One side of a session; descriptions go in and out as octets.

    Every method either returns and moves on, or raises a refusal and leaves everything as it was.
    """

    __slots__ = ("able", "agreement", "_local", "_offered", "_origin", "_streams")

    def __init__(self, able: Capabilities, entropy: Entropy) -> None:
        self.able = able
        self.agreement: Agreement = ()
        """What is settled by the last answer."""
        family = min(able.hosts)
        # = rfc3264:5/3
        # = rfc3264:5/4
        number = str(int.from_bytes(entropy(8), "big") >> 3)
        self._origin = Origin(
            username="-",
            session_id=number,
            session_version="1",
            network_type="IN",
            address_type=f"IP{family}",
            unicast_address=able.hosts[family],
        )
        self._local: SessionDescription | None = None
        self._streams = 0
        """How many the other side's last description has: the rest of it is not kept, however much there was."""
        self._offered: SessionDescription | None = None

    @property
    def local(self) -> SessionDescription | None:
        """The last description of ours that is in force."""
        return self._local

    # = rfc3264:4/2
    # = rfc3264:8/1
    def offer(self, wishes: tuple[Wish | None, ...], family: int = 4) -> bytes:
        """An offer with these streams; None at a position ends the stream there.  Refused while another one is open."""
        # = rfc3264:4/4
        if self._offered is not None:
            raise OfferPending("the last offer is not answered yet")
        if self._local is None:
            fresh = offer(self.able, self._origin, wishes, family)
        else:
            fresh = changed(self._local, self.able, wishes, family)
        octets, self._offered = self._versioned(fresh)
        return octets

    def answered(self, octets: bytes) -> Agreement:
        """The other side's answer to our offer; a Refusal where it cannot be read or does not fit: the offer stays open."""
        if self._offered is None:
            raise OfferPending("an answer without an offer")
        remote = read(octets)
        agreement = settled(self._offered, remote, self.able)
        self._local, self._streams, self._offered = self._offered, len(remote.media), None
        self._origin = self._local.origin
        self.agreement = agreement
        return agreement

    def withdrawn(self) -> None:
        """Our offer is refused, or given up: what was settled before goes on (RFC 3261, section 14.1)."""
        self._offered = None

    # = rfc3264:8/6
    # = rfc3264:8/7a
    def answer(self, octets: bytes, wanted: Mapping[int, Direction] = NO_WISHES) -> bytes:
        """Our answer to an offer of the other side.

        Refused: an offer that cannot be read (:class:`~disco_ref.media.sdp.MalformedDescription`), one of which nothing is
        acceptable or that leaves streams out (:class:`NotAcceptable`), and one that meets an open offer of ours
        (:class:`OfferPending`).
        """
        # = rfc3264:4/3
        if self._offered is not None:
            raise OfferPending("an offer of ours is open")
        remote = read(octets)
        if len(remote.media) > MOST_STREAMS:
            # = rfc3264:5/0 silent: how many streams there may be; each costs a line in the answer, and memory
            raise NotAcceptable(WarningCode.MISCELLANEOUS, f"more than {MOST_STREAMS} streams", where="offer")
        if len(remote.media) < self._streams:
            # = rfc3264:8/9 silent: what the answerer does with fewer streams is not said; it is refused
            raise NotAcceptable(WarningCode.MISCELLANEOUS, "fewer streams than before", where="offer")
        fresh, agreement = answer(remote, self.able, self._origin, wanted)
        written, self._local = self._versioned(fresh)
        self._streams, self._origin, self.agreement = len(remote.media), self._local.origin, agreement
        return written

    def declined(self, octets: bytes) -> bytes:
        """The next description of this session that takes nothing of an offer, for an ACK that must answer though the call is to end.

        Nothing where there is no description yet that it could follow, or the offer cannot be read.
        """
        # = rfc3261:14.2/12
        try:
            remote = read(octets)
        except Refusal:
            return b""
        if self._local is None or len(remote.media) > MOST_STREAMS:
            return b""
        return self._versioned(replace(self._local, media=tuple(refused(each) for each in remote.media)))[0]

    # = rfc3264:9/1a
    # = rfc3264:9/2
    # = rfc3264:9/3
    # = rfc3264:9/5
    def capabilities(self) -> bytes:
        """A description of what the agent can do, as in the answer to OPTIONS: every port is zero."""
        described = offer(
            self.able, self._origin, tuple(Wish(one.media) for one in self.able.abilities), min(self.able.hosts)
        )
        return write(replace(described, media=tuple(replace(one, port=0) for one in described.media)))

    # = rfc3264:8/4a
    # = rfc3264:8/5
    def _versioned(self, fresh: SessionDescription) -> tuple[bytes, SessionDescription]:
        """The description under its version: that of the last one where nothing has changed, else one more."""
        last = self._local
        if last is not None:
            fresh = replace(fresh, origin=last.origin)
            if fresh != last:
                grown = str(int(last.origin.session_version) + 1)
                fresh = replace(fresh, origin=replace(last.origin, session_version=grown))
        # Every part was read from the other side, or is one of the capabilities.
        return rendered(fresh), fresh
