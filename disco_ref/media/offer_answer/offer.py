"""Generating an offer, the first one or a later one (RFC 3264, sections 5 and 8)."""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.media.offer_answer.agreement import AgreedStream, Agreement
from disco_ref.media.offer_answer.answer import PROTOCOL, common_formats, connection, refused
from disco_ref.media.offer_answer.capabilities import EVENTS, Capabilities
from disco_ref.media.offer_answer.direction import Direction
from disco_ref.media.offer_answer.formats import described, formats
from disco_ref.media.offer_answer.refusals import NotAcceptable, WarningCode
from disco_ref.media.offer_answer.stream import Stream, streams
from disco_ref.media.sdp import Attribute, MediaDescription, Origin, SessionDescription, Timing


class Wish(NamedTuple):
    """One stream that the offerer wants."""

    media: str
    """A media type of its capabilities."""
    direction: Direction = Direction.sendrecv
    formats: tuple[str, ...] = ()
    """Numbers of those that the stream has had, in a new order; none: as they were."""


# = rfc3264:5/1
# = rfc3264:5/7
def offer(able: Capabilities, origin: Origin, wishes: tuple[Wish | None, ...], family: int) -> SessionDescription:
    """A first offer: a line per wish; ValueError for a wish beyond the capabilities, or None, which a first offer has not."""
    lines = tuple(_line(able, one, family) for one in wishes if one is not None)
    if len(lines) != len(wishes):
        raise ValueError("a first offer ends nothing")
    return SessionDescription(
        origin=origin,
        # = rfc3264:5/6
        session_name="-",
        connection=connection(family, able),
        times=(Timing(start="0", stop="0"),),
        media=lines,
    )


# = rfc3264:8/8
# = rfc3264:8/9
# = rfc3264:8/10
# = rfc3264:8.1/1
# = rfc3264:8.2/1a
def changed(
    previous: SessionDescription, able: Capabilities, wishes: tuple[Wish | None, ...], family: int
) -> SessionDescription:
    """A later offer: wishes stand at their positions, None ends a stream, what is beyond the previous ``m=`` lines is added.

    A stream that goes on keeps the numbers of its formats, and comes in at the port of the capabilities.  ValueError where a
    line of the previous description has no wish, because streams are ended, not left out, or a wish has formats that are new.
    """
    if len(wishes) < len(previous.media):
        raise ValueError("every line of the previous description needs a wish, None for one that ends")
    lines: list[MediaDescription] = []
    for position, wish in enumerate(wishes):
        old = previous.media[position] if position < len(previous.media) else None
        if wish is None:
            if old is None:
                raise ValueError("a stream that was never there cannot end")
            lines.append(refused(old))
        elif old is not None and old.port and old.media == wish.media:
            connections = old.connections or (previous.connection,)
            of = next((6 if one.address_type == "IP6" else 4 for one in connections if one is not None), family)
            lines.append(_renewed(old, wish, able, of))
        else:
            # = rfc3264:8.1/0
            # = rfc3264:8.3.3/1
            lines.append(_line(able, wish, family))
    return SessionDescription(
        origin=previous.origin,
        session_name=previous.session_name,
        connection=previous.connection,
        times=previous.times,
        media=tuple(lines),
    )


# = rfc3264:8.3.2/3
# = rfc3264:8.3.2/4
def _renewed(old: MediaDescription, wish: Wish, able: Capabilities, family: int) -> MediaDescription:
    listed = wish.formats or old.formats
    if not set(listed) <= set(old.formats):
        raise ValueError(f"formats {' '.join(listed)} of {' '.join(old.formats)}")
    gone = set(old.formats) - set(listed)
    kept = tuple(
        one
        for one in old.attributes
        if one.name not in Direction.__members__
        and not (one.name in ("rtpmap", "fmtp") and (one.value or "").partition(" ")[0] in gone)
    )
    ability = able.ability(old.media)
    return MediaDescription(
        media=old.media,
        # = rfc3264:8.3.1/2
        port=old.port if ability is None else ability.ports.get(family, old.port),
        protocol=old.protocol,
        formats=listed,
        connections=old.connections,
        attributes=(*kept, Attribute(name=str(wish.direction))),
    )


# = rfc3264:5.1/1
# = rfc3264:5.1/2
# = rfc3264:5.1/3
# = rfc3264:5.1/4a
# = rfc3264:5.1/9
# = rfc3264:5.1/13
def _line(able: Capabilities, wish: Wish, family: int) -> MediaDescription:
    ability = able.ability(wish.media)
    if ability is None or family not in ability.ports or family not in able.hosts:
        raise ValueError(f"no {wish.media} over IPv{family} here")
    told = () if ability.packet_time is None else (Attribute(name="ptime", value=str(ability.packet_time)),)
    return MediaDescription(
        media=ability.media,
        port=ability.ports[family],
        protocol=PROTOCOL,
        formats=tuple(str(one.number) for one in ability.formats),
        attributes=(*described(ability.formats), *told, Attribute(name=str(wish.direction))),
    )


# = rfc3264:7/2a
# = rfc3264:7/2b
# = rfc3264:5.1/10
# = rfc3264:8.3.2/6a
# = rfc3264:8.3.2/6c
def settled(offered: SessionDescription, answered: SessionDescription, able: Capabilities) -> Agreement:
    """What an answer to our offer settles; media goes out under the answer's numbers.

    Raises :class:`NotAcceptable` for an answer with another number of streams.  A stream whose answer does not fit (another
    media type, protocol, no codec in common, multicast) is not used.
    """
    ours, theirs = streams(offered), streams(answered)
    # = rfc3264:6/3 silent: what to do with an answer of another length is not said; the session is refused
    if len(ours) != len(theirs):
        raise NotAcceptable(WarningCode.MISCELLANEOUS, "another number of streams than offered", where="answer")
    found: list[AgreedStream] = []
    for position, (mine, its) in enumerate(zip(ours, theirs, strict=True)):
        ability = able.ability(mine.media)
        if ability is None or not _fits(mine, its):
            continue
        sent = common_formats(its.formats, ability)
        if any(one.codec.name.lower() != EVENTS for one in sent):
            direction = mine.direction.within(its.direction.reversed)
            listed = formats(offered.media[position])
            found.append(
                AgreedStream(
                    position, mine.media, its.family, its.host, its.address, its.rtcp, direction, sent, listed,
                    its.packet_time,
                )
            )  # fmt: skip
    return tuple(found)


def _fits(mine: Stream, its: Stream) -> bool:
    return (
        mine.offered
        and its.offered
        and (mine.media, mine.protocol) == (its.media, its.protocol)
        and its.family != 0
        and not its.multicast
    )
