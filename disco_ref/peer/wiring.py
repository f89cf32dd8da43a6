"""From messages to effects: on which flow or to which hop they go, and what is answered without a transaction.

RFC 3261, sections 8.2.7, 18.2.2 and 21.5.4.
"""

from __future__ import annotations

from disco_ref.errors import Malformed
from disco_ref.peer.effects import Deliver, Effect, Handle, Locate, Note, Shut, Transmit
from disco_ref.peer.ways.streams import Streams
from disco_ref.sip.actions import CloseFlow, Tell
from disco_ref.sip.flow import Flow, Hop, Transport
from disco_ref.sip.message import Request, Response
from disco_ref.sip.respond import respond
from disco_ref.sip.transport.routing import way_back
from disco_ref.sip.transport.unreadable import answer, tag_of


def transmitted(
    message: Request | Response, octets: bytes, way: Flow | Hop | None, to: Handle, streams: Streams
) -> Transmit:
    """A message on its way; a response whose connection is gone gets another one."""
    if isinstance(way, Hop):
        return Transmit(octets, streams.toward(way), way, to)
    if way is None or way.transport is Transport.UDP or way in streams or isinstance(message, Request):
        # = rfc3261:18.2.2/2
        return Transmit(octets, way, None, to)
    # = rfc3261:18.2.2/3
    return Transmit(octets, None, way_back(message.headers.via, way), to)


def unavailable(request: Request, flow: Flow, seconds: int, streams: Streams) -> Transmit:
    """503 to a request that there is no room for, with the seconds after which to try again."""
    # = rfc3261:21.5/0
    response = respond(request, 503, lines=[f"Retry-After: {seconds}"], to_tag=tag_of(request))
    return transmitted(response, bytes(response), flow, (), streams)


def unreadable(refusal: Malformed, octets: bytes, flow: Flow) -> list[Effect]:
    """The status that is owed to octets that hold no message, and a line in the log."""
    fields = (("from", str(flow.remote)), ("transport", flow.transport.value))
    note = Note("info", f"octets that are no message: {refusal}", fields)
    answered = answer(octets, refusal, flow)
    if answered is None:
        return [note]
    text, back = answered
    return [note, Transmit(text, back, None, ())]


def plain(item: Locate | Tell | CloseFlow) -> Effect:
    """What the shell carries out as it is."""
    match item:
        case Tell(event):
            return Deliver(event)
        case Locate():
            return item
        case CloseFlow(flow):
            return Shut(flow)


def stray(flow: Flow) -> Note:
    """A response that is not ours has come."""
    return Note("debug", "a response whose Via is not ours is dropped", (("from", str(flow.remote)),))
