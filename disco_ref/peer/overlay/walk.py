"""The journey of a message through a node (RFC 6940, section 6.1): whatever arrives or leaves is taken one step further.

Up: link, header, Destination List, fragments, signature, transaction, room.  Down: request or answer, seal, Destination
List, next hop, link.  Nothing here decides what a message means.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Refusal, Unroutable
from disco_ref.reload.actions import Action, Incoming, Link, Refuse, Remark, Reply, Room
from disco_ref.reload.forwarding.answered import Answered
from disco_ref.reload.forwarding.asking import Asking, Launch, room_of, told
from disco_ref.reload.forwarding.configuring import refuse_other_sequence
from disco_ref.reload.forwarding.passing import Arrived, arrived, passed_on
from disco_ref.reload.forwarding.receipt import Here, Onward, examine
from disco_ref.reload.forwarding.surroundings import Neighborhood
from disco_ref.reload.link.holding import Holding
from disco_ref.reload.member import Member
from disco_ref.reload.message.contents import is_request
from disco_ref.reload.message.envelope import decode_message
from disco_ref.reload.message.forwarding_option import refuse_forwarding
from disco_ref.reload.security.message_signature import refuse_other_sender, verify_message


class Arrive(NamedTuple):
    """A message or fragment stands before this node; its own messages come by link 0."""

    octets: bytes
    neighbor: bytes
    """Who has brought it; empty where its certificate holds several Node-IDs and no Attach has said which it uses."""
    link: Link


class Transmit(NamedTuple):
    """A message or fragment leaves over the link to a node."""

    node_id: bytes
    octets: bytes


class Answer(NamedTuple):
    """An answer that somebody waited for has arrived."""

    response: Incoming


Step = Action | Arrive | Launch | Transmit | Answer


class Walk:
    """The way through one node."""

    def __init__(self, member: Member, around: Neighborhood, asking: Asking, rooms: Mapping[int, Room]) -> None:
        self._member = member
        self._around = around
        self._asking = asking
        self._answered = Answered()
        self._rooms = rooms
        self.holding = Holding(member.overlay.configuration.max_message_size)

    def arrive(self, step: Arrive, now: Instant) -> list[Step]:
        """A message for this node, for another, or for nobody."""
        context = self._member.overlay.context
        try:
            message = arrived(step.octets, context)
            neighbor = step.neighbor or self._around.neighbor(message, step.link, now)
            where = examine(message.header.destination_list, self._around)
            if isinstance(where, Onward):
                return [self._onward(message, where, neighbor, now)]
            whole = self.holding.add(message, neighbor, now)
            if whole is None:
                return []
            message = message if whole is step.octets else arrived(whole, context)
            return self._here(message, neighbor, step.link, now)
        except Refusal as refusal:
            neighbor = step.neighbor or self._around.named(step.link)
            dropped = Remark("debug", f"dropped: {refusal}", (("neighbor", neighbor.hex()),))
            return [*self._asking.refuse_unread(step.octets, neighbor, refusal, now)] or [dropped]

    def _onward(self, message: Arrived, where: Onward, neighbor: bytes, now: Instant) -> Step:
        if message.header.options:
            # = rfc6940:6.3.2.3/2
            refuse_forwarding(message.header.options)
        hop = self._around.next_hop(where.towards)
        # = rfc6940:6.2/1
        via_list = self._around.way_taken(message, neighbor, now)
        return Transmit(hop, passed_on(message, where.destination_list, via_list, self._member.overlay.context))

    def _here(self, whole: Arrived, neighbor: bytes, link: Link, now: Instant) -> list[Step]:
        overlay = self._member.overlay
        message = decode_message(whole.octets, overlay.context, whole.header, whole.end)
        # = rfc6940:6.1.1/3a
        # = rfc6940:6.3.4/12b
        signer = verify_message(message, overlay.trust(now), overlay.context)
        incoming = Incoming(message, signer, signer.node_ids[0], neighbor, link)
        if is_request(message.message_contents.message_code):
            return self._request(incoming, now)
        return self._response(incoming, now)

    def _request(self, request: Incoming, now: Instant) -> list[Step]:
        header, contents, _, _ = request.message
        key = request.node_id, header.transaction_id
        if key in self._answered:
            # = rfc6940:6.2.1/12
            sealed = self._answered.answer(key)
            return [] if sealed is None else [self._asking.again(request, sealed)]
        self._answered.begin(key, now)
        try:
            refuse_other_sequence(header.configuration_sequence, contents.message_code, self._member.overlay.sequence)
            refuse_other_sender(request.message, request.signer)
            return [*room_of(self._rooms, request).asked(request, now)]
        except Refusal as refusal:
            return [Refuse(request, refusal)]

    def _response(self, response: Incoming, now: Instant) -> list[Step]:
        pending = self._asking.answered(response)
        if pending is None:
            return [Remark("debug", "dropped: an answer that nobody waits for")]
        return [Answer(response), *told(pending, response, now)]

    def reply(self, action: Reply | Refuse) -> list[Step]:
        """An answer is made, and kept for copies of the request."""
        request = action.request
        sealed = self._asking.sealed_answer(action)
        self._answered.end((request.node_id, request.message.forwarding_header.transaction_id), sealed)
        return [self._asking.again(request, sealed)]

    def launch(self, step: Launch) -> list[Step]:
        """A message of this node begins its way: to itself, or to the next hop."""
        try:
            where = examine(step.destination_list, self._around)
            if isinstance(where, Here):
                return [Arrive(self._asking.launched(step, step.destination_list), self._member.node_id, 0)]
            # = rfc6940:6.2.1/2
            octets = self._asking.launched(step, where.destination_list)
            return [Transmit(self._around.next_hop(where.towards), octets)]
        except Unroutable as refusal:
            return [Remark("debug", f"not sent: {refusal}")]
