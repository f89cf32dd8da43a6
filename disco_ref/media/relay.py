"""Media passed on among the participants of conferences, undecoded (a translator: RFC 3550, section 7.2).

All participants of all conferences share one port for each medium and address family, and the next one for reports.  A packet
goes to whom the codec behind its number is agreed with and who wants media; where the same codec has another number there,
the number alone is rewritten.  Who gets nothing for a while gets silence, because phones take a stream that has dried up for
a lost call.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.machine.deadlines import Deadlines
from disco_ref.media import rtp
from disco_ref.media.latching import Latches, Port
from disco_ref.media.offer_answer.agreement import AgreedStream, Agreement
from disco_ref.media.offer_answer.formats import Codec
from disco_ref.media.sdp.grammar import literal
from disco_ref.media.silence import Silence, silence_for
from disco_ref.sip.flow import Address

Member = tuple[str, ...]
"""Who takes part, as its owner names it."""


FIRST = 0.02
"""Seconds after joining when silence may begin."""


class Departure(NamedTuple):
    """A packet to send."""

    octets: bytes
    destination: Address
    port: Port
    """From which it goes."""


@dataclass(frozen=True, slots=True)
class Rates:
    """How much is passed on, and when silence is."""

    total: int = 20_000
    """Packets a second that leave for all conferences; beyond, media is dropped so that signalling lives."""
    audio: int = 200
    """Packets a second that one participant's audio may bring, reports included."""
    video: int = 2_000
    """The same of its video."""
    longest: int = 2_048
    """Octets of a packet."""
    gap: float = 0.2
    """Seconds without media after which silence begins."""
    slow: float = 5.0
    """Seconds between packets of silence to one who has not been heard yet, or not for a long time."""
    patience: float = 60.0
    """Seconds after which one who was never heard gets nothing: the address may belong to somebody else."""
    stale: float = 120.0
    """Seconds after which one who was heard counts as not heard."""


class _Allowance:
    """A bucket that fills at a rate and holds one second of it."""

    __slots__ = ("_at", "_left", "_rate")

    def __init__(self, rate: int, now: Instant) -> None:
        self._rate, self._left, self._at = rate, float(rate), now

    def grants(self, now: Instant) -> bool:
        self._left = min(float(self._rate), self._left + max(0.0, now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class _Leg:
    """One stream of one member."""

    __slots__ = (
        "allowance", "codecs", "due", "epoch", "heard", "joined", "key", "numbers", "numeric", "room", "served", "signalled", "silence",
        "silent", "stream", "targets", "trusted",
    )  # fmt: skip

    def __init__(self, key: _Key, room: _Room, stream: AgreedStream, signalled: str, now: Instant, rate: int) -> None:
        self.key = key
        self.room = room
        self.stream = stream
        self.signalled = signalled
        self.trusted = stream.host == signalled
        # A name cannot be looked up here, so its bearer has to be heard before it is sent anything.
        self.numeric = literal(stream.host) is not None
        self.codecs: dict[int, Codec] = {one.number: one.codec.key for one in stream.received}
        self.numbers: dict[Codec, int] = {one.codec.key: one.number for one in reversed(stream.sent)}
        self.silence: Silence | None = None
        self.silent: Instant | None = None
        self.due = now
        self.allowance = _Allowance(rate, now)
        self.joined = now
        self.heard: Instant | None = None
        self.served: Instant | None = None
        self.epoch = -1
        self.targets: dict[int, tuple[tuple[_Leg, int], ...]] = {}

    def port(self, reports: bool = False) -> Port:
        return Port(self.stream.media, self.stream.family, reports)


class _Room:
    """A conference: its legs by medium and member."""

    __slots__ = ("epoch", "legs")

    def __init__(self) -> None:
        self.epoch = 0
        self.legs: dict[str, dict[Member, _Leg]] = {}


_Key = tuple[Member, str]


class Relay:
    """Who takes part where, and what becomes of a packet."""

    __slots__ = ("rates", "_allowance", "_deadlines", "_entropy", "_latches", "_legs", "_media", "_rooms")

    def __init__(self, entropy: Entropy, rates: Rates | None = None) -> None:
        self.rates = rates or Rates()
        self._entropy = entropy
        self._allowance = _Allowance(self.rates.total, Instant(0.0))
        self._rooms: dict[str, _Room] = {}
        self._legs: dict[_Key, _Leg] = {}
        self._media: dict[Member, tuple[str, ...]] = {}
        self._latches: Latches[_Key] = Latches()
        self._deadlines: Deadlines[_Key] = Deadlines()

    def __len__(self) -> int:
        """How many members take part."""
        return len(self._media)

    @property
    def deadline(self) -> Instant | None:
        """When silence is due next."""
        return self._deadlines.next

    def join(self, room: str, member: Member, agreement: Agreement, signalled: str, now: Instant) -> None:
        """A member takes part with these streams, or with others than before; ``signalled`` is where its signalling comes from.

        A stream that stays as it was keeps its place, its source and its silence.
        """
        wanted = {one.media: one for one in agreement}
        for media in self._media.get(member, ()):
            if media not in wanted:
                self._part((member, media))
        place = self._rooms.setdefault(room, _Room())
        for media, stream in wanted.items():
            self._attach((member, media), place, stream, signalled, now)
        self._media[member] = tuple(wanted)
        place.epoch += 1
        if not any(place.legs.values()):
            self._rooms.pop(room)

    def leave(self, room: str, member: Member) -> None:
        """A member goes; nothing happens where it is not there."""
        for media in self._media.pop(member, ()):
            self._part((member, media))
        place = self._rooms.get(room)
        if place is not None and not any(place.legs.values()):
            del self._rooms[room]

    def receive(self, octets: bytes, source: Address, port: Port, now: Instant) -> list[Departure]:
        """A packet came in on a port: what goes out for it.  Nothing for strangers, for what is no RTP or RTCP, or is too much."""
        known = rtp.is_report(octets) if port.reports else rtp.is_media(octets)
        if not known or len(octets) > self.rates.longest:
            return []
        key = self._latches.find(port, source)
        if key is None:
            return []
        leg = self._legs[key]
        if leg.heard is None:
            self._rouse(leg, now)
        leg.heard = now
        if not leg.allowance.grants(now):
            return []
        return self._reports(octets, leg, now) if port.reports else self._forward(octets, leg, now)

    def expire(self, now: Instant) -> list[Departure]:
        """The silence that is due by now."""
        found: list[Departure] = []
        for key in list(self._deadlines.due(now)):
            self._hush(self._legs[key], now, found)
        return found

    def heard(self, member: Member) -> Instant | None:
        """When the last packet of this member has come in; None before the first."""
        times = [self._legs[member, media].heard for media in self._media.get(member, ())]
        return max((at for at in times if at is not None), default=None)

    def _attach(self, key: _Key, place: _Room, stream: AgreedStream, signalled: str, now: Instant) -> None:
        old = self._legs.get(key)
        if old is not None and (old.stream, old.signalled, old.room) == (stream, signalled, place):
            return
        rate = self.rates.audio if stream.media == "audio" else self.rates.video
        leg = _Leg(key, place, stream, signalled, now, rate)
        if old is not None:
            # = rfc3264:8.3.4/2
            same = (old.stream.sent, old.stream.packet_time) == (stream.sent, stream.packet_time)
            leg.silence = old.silence if same else None
            leg.silent = old.silent
            if (old.stream.host, old.stream.address) == (stream.host, stream.address):
                leg.heard = old.heard
            self._part(key)
        self._legs[key] = leg
        place.legs.setdefault(stream.media, {})[key[0]] = leg
        for reports, announced in ((False, stream.address), (True, stream.rtcp)):
            self._latches.expect(key, leg.port(reports), announced, signalled)
        # = rfc3264:6/7
        if stream.media == "audio" and stream.direction.sends and stream.address is not None:
            # Made when it is first due: most of a flood of calls is over before.
            self._again(leg, Instant(now + FIRST))

    def _part(self, key: _Key) -> None:
        leg = self._legs.pop(key)
        del leg.room.legs[key[1]][key[0]]
        leg.room.epoch += 1
        self._deadlines.cancel(key)
        for reports in (False, True):
            self._latches.forget(key, leg.port(reports))

    def _rouse(self, leg: _Leg, now: Instant) -> None:
        if leg.key in self._deadlines:
            self._again(leg, now)

    def _again(self, leg: _Leg, at: Instant) -> None:
        leg.due = at
        self._deadlines.set(leg.key, at)

    def _destination(self, leg: _Leg, reports: bool) -> Address | None:
        """The announced address, or, where a translator of addresses stands between, where its packets come from."""
        announced = leg.stream.rtcp if reports else leg.stream.address
        if announced is None:
            return None
        source = self._latches.source(leg.key, leg.port(reports))
        if source is None:
            return announced if leg.numeric else None
        return announced if source.host == announced.host else source

    # = rfc3264:5.1/10
    # = rfc3264:8.3.2/5c
    def _forward(self, octets: bytes, leg: _Leg, now: Instant) -> list[Departure]:
        number = octets[1] & 127
        found: list[Departure] = []
        for other, rewritten in self._targets(leg, number):
            if other.heard is None and not other.trusted:
                continue
            destination = self._destination(other, reports=False)
            if destination is None or not self._allowance.grants(now):
                continue
            out = octets
            if rewritten != number:
                out = b"%c%c%b" % (octets[0], octets[1] & 128 | rewritten, octets[2:])
            other.served = now
            found.append(Departure(out, destination, other.port()))
        return found

    def _targets(self, leg: _Leg, number: int) -> tuple[tuple[_Leg, int], ...]:
        """Who gets packets of this number, and under which number; kept until somebody comes or goes."""
        if leg.epoch != leg.room.epoch:
            leg.targets, leg.epoch = {}, leg.room.epoch
        found = leg.targets.get(number)
        if found is None:
            codec = leg.codecs.get(number)
            others = leg.room.legs[leg.stream.media].values() if codec and leg.stream.direction.receives else ()
            found = leg.targets[number] = tuple(
                (one, one.numbers[codec])
                for one in others
                if one is not leg and codec is not None and one.stream.direction.sends and codec in one.numbers
            )
        return found

    def _reports(self, octets: bytes, leg: _Leg, now: Instant) -> list[Departure]:
        found: list[Departure] = []
        for other in leg.room.legs[leg.stream.media].values():
            if other is leg or (other.heard is None and not other.trusted):
                continue
            destination = self._destination(other, reports=True)
            if destination is not None and self._allowance.grants(now):
                found.append(Departure(octets, destination, other.port(reports=True)))
        return found

    def _hush(self, leg: _Leg, now: Instant, found: list[Departure]) -> None:
        rates = self.rates
        silence = leg.silence = leg.silence or silence_for(leg.stream, self._entropy(10))
        if silence is None or (leg.heard is None and now - leg.joined > rates.patience):
            return
        if leg.served is not None and now - leg.served < rates.gap:
            self._again(leg, Instant(leg.served + rates.gap))
            return
        destination = self._destination(leg, reports=False)
        if destination is not None and self._allowance.grants(now):
            elapsed = silence.interval if leg.silent is None else now - leg.silent
            found.append(Departure(silence.packet(elapsed), destination, leg.port()))
            leg.silent = now
        lost = leg.heard is None or now - leg.heard > rates.stale
        # From when it was due, not from now: otherwise every lateness would slow the stream down.
        regular = leg.due + silence.interval if now - leg.due < rates.gap else now
        self._again(leg, Instant(now + rates.slow if lost else regular))
