"""Generating the answer (RFC 3264, section 6): stream by stream, accepted or refused."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from disco_ref.media.offer_answer.agreement import AgreedStream, Agreement
from disco_ref.media.offer_answer.capabilities import EVENTS, Ability, Capabilities
from disco_ref.media.offer_answer.direction import Direction, answering
from disco_ref.media.offer_answer.formats import Format, described
from disco_ref.media.offer_answer.refusals import NotAcceptable, WarningCode
from disco_ref.media.offer_answer.stream import Stream, streams
from disco_ref.media.sdp import Attribute, Connection, MediaDescription, Origin, SessionDescription

PROTOCOL = "RTP/AVP"
"""The only transport protocol that is accepted; secured ones need keys that this agent does not negotiate."""

NO_WISHES: Mapping[int, Direction] = {}


# = rfc3264:4/1a
# = rfc3264:4/1b
def answer(
    offer: SessionDescription, able: Capabilities, origin: Origin, wanted: Mapping[int, Direction] = NO_WISHES
) -> tuple[SessionDescription, Agreement]:
    """The answer to an offer, and what it settles.

    ``wanted`` holds a direction by position of the ``m=`` line, where it is not sendrecv.  Raises :class:`NotAcceptable`
    where no offered stream can be accepted; an offer that offers none, or ends all, is answered.
    """
    offered = streams(offer)
    agreed: list[AgreedStream] = []
    reasons: list[NotAcceptable] = []
    taken: set[str] = set()
    for position, stream in enumerate(offered):
        if not stream.offered:
            continue
        try:
            one = _accepted(position, stream, able, wanted.get(position, Direction.sendrecv), taken)
        except NotAcceptable as refusal:
            reasons.append(refusal)
        else:
            agreed.append(one)
            taken.add(one.media)
    if reasons and not agreed:
        raise reasons[0]
    return _description(offer, offered, able, origin, tuple(agreed)), tuple(agreed)


# = rfc3264:6/6
def _accepted(position: int, stream: Stream, able: Capabilities, wanted: Direction, taken: set[str]) -> AgreedStream:
    where = f"m= line {position + 1}"
    ability = able.ability(stream.media)
    if ability is None:
        raise NotAcceptable(WarningCode.MEDIA_TYPE_NOT_AVAILABLE, f"no {stream.media} here", where=where)
    if stream.media in taken:
        raise NotAcceptable(WarningCode.MEDIA_TYPE_NOT_AVAILABLE, f"one {stream.media} stream only", where=where)
    if stream.protocol != PROTOCOL:
        raise NotAcceptable(WarningCode.INCOMPATIBLE_TRANSPORT_PROTOCOL, f"not {PROTOCOL}", where=where)
    if stream.multicast:
        raise NotAcceptable(WarningCode.MULTICAST_NOT_AVAILABLE, "no multicast here", where=where)
    if stream.family not in able.hosts or stream.family not in ability.ports:
        why = f"no address of this family (IPv{stream.family})" if stream.family else "a network other than IN"
        raise NotAcceptable(WarningCode.INCOMPATIBLE_NETWORK_ADDRESS_FORMATS, why, where=where)
    common = common_formats(stream.formats, ability)
    if all(one.codec.name.lower() == EVENTS for one in common):
        raise NotAcceptable(WarningCode.INCOMPATIBLE_MEDIA_FORMAT, "no codec in common", where=where)
    direction = answering(stream.direction, wanted)
    return AgreedStream(
        position,
        stream.media,
        stream.family,
        stream.host,
        stream.address,
        stream.rtcp,
        direction,
        common,
        common,
        stream.packet_time,
    )


# = rfc3264:6.1/7
# = rfc3264:6.1/9
# = rfc3264:6.1/10
# = rfc3264:6.1/13
# = rfc3264:6.1/19
def common_formats(offered: tuple[Format, ...], ability: Ability) -> tuple[Format, ...]:
    """The formats of the offer that the agent knows, under the offer's numbers and with the offer's parameters.

    In the order of the offer, unless the agent has a reason for its own.
    """
    ranks = {one.codec.key: rank for rank, one in enumerate(ability.formats)}
    found = [one for one in offered if one.codec.key in ranks]
    # = rfc3264:6.1/17a
    # = rfc3264:6.1/17b
    # = rfc3264:6.1/18
    if ability.own_order:
        found.sort(key=lambda one: ranks[one.codec.key])
    return tuple(found)


def _description(
    offer: SessionDescription, offered: tuple[Stream, ...], able: Capabilities, origin: Origin, agreed: Agreement
) -> SessionDescription:
    families = [one.family for one in agreed] or sorted(able.hosts)[:1]
    by_position = {one.position: one for one in agreed}
    media: list[MediaDescription] = []
    # = rfc3264:6/2
    # = rfc3264:6/3
    # = rfc3264:6/4
    for position, theirs in enumerate(offer.media):
        one = by_position.get(position)
        media.append(refused(theirs) if one is None else _line(theirs, one, able, families[0]))
    return SessionDescription(
        # = rfc3264:6/1
        origin=origin,
        # = rfc3264:5/6
        session_name="-",
        connection=connection(families[0], able),
        # = rfc3264:6/5
        times=offer.times,
        media=tuple(media),
    )


def _line(theirs: MediaDescription, one: AgreedStream, able: Capabilities, family: int) -> MediaDescription:
    ability = able.ability(one.media)
    assert ability is not None
    # = rfc3264:6.1/1
    # = rfc3264:6.1/2
    # = rfc3264:6.1/12
    return MediaDescription(
        media=theirs.media,
        port=ability.ports[one.family],
        protocol=theirs.protocol,
        # = rfc3264:6.1/15
        formats=tuple(str(each.number) for each in one.received),
        connections=() if one.family == family else (connection(one.family, able),),
        attributes=(*described(one.received), *_further(ability, one.direction)),
    )


# = rfc3264:6.1/22
def _further(ability: Ability, direction: Direction) -> tuple[Attribute, ...]:
    found = () if ability.packet_time is None else (Attribute(name="ptime", value=str(ability.packet_time)),)
    return (*found, Attribute(name=str(direction)))


# = rfc3264:6/7
# = rfc3264:6/8
# = rfc3264:6/9
# = rfc3264:8.2/2
# = rfc3264:8.2/3a
def refused(media: MediaDescription) -> MediaDescription:
    """The line of a stream that is not used, or not any more: its port is zero."""
    return replace(
        MediaDescription(media=media.media, port=0, protocol=media.protocol, formats=media.formats),
        connections=(),
    )


def connection(family: int, able: Capabilities) -> Connection:
    """The ``c=`` line of an address family."""
    return Connection(network_type="IN", address_type=f"IP{family}", address=able.hosts[family])
