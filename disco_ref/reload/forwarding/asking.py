"""Requests and answers of a node, made and matched (RFC 6940, sections 6.2.1, 6.2.2 and 6.3.3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.entropy import Entropy
from disco_ref.errors import Malformed, Refusal
from disco_ref.reload.actions import Action, AnsweredWithError, Ask, Forsake, Incoming, Refuse, Reply, Room
from disco_ref.reload.forwarding.passing import launched, node_place, way_back
from disco_ref.reload.forwarding.refusing import Restraint, returnable
from disco_ref.reload.forwarding.transaction import Closer, Due, Pending, Requests
from disco_ref.reload.member import Member
from disco_ref.reload.message.bodies import Body
from disco_ref.reload.message.contents import ERROR
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.message.error_response import ErrorResponse, error_response
from disco_ref.reload.message.forwarding_header import (
    RELO_TOKEN,
    VERSION,
    WHOLE,
    ForwardingHeader,
)
from disco_ref.reload.message.forwarding_option import ForwardingOption, copied_to_response
from disco_ref.reload.overlay import ANY_SEQUENCE
from disco_ref.reload.registries import ErrorCode, MessageCode
from disco_ref.reload.security.sealing import sealed


class UnknownMethod(Refusal):
    """A request with a message code that nobody here knows (Error_Invalid_Message)."""

    error_code = 20


class ResponseTooLarge(Refusal):
    """An answer would be larger than the request admits (Error_Incompatible_with_Overlay, as section 6.3.2 has it)."""

    error_code = 6


class Launch(NamedTuple):
    """A message of this node that begins its way."""

    destination_list: tuple[Destination, ...]
    transaction_id: int
    sealed: bytes
    max_response_length: int = 0
    options: tuple[ForwardingOption, ...] = ()
    any_sequence: bool = False
    """Whether it is to be taken whatever configuration the receiver follows: a ConfigUpdate (section 6.3.2.1)."""


def launch_of(pending: Pending) -> Launch:
    """A request, for the first time or again."""
    ask = pending.ask
    # = rfc6940:6.2.1/1
    update = ask.code is MessageCode.config_update_req
    return Launch(ask.to, pending.transaction_id, pending.sealed, ask.max_response_length, (), update)


class Asking:
    """What this node asks and answers itself."""

    __slots__ = ("_closer", "_member", "_requests", "_restraint")

    def __init__(self, member: Member, closer: Closer, entropy: Entropy) -> None:
        self._member = member
        self._closer = closer
        self._requests = Requests(entropy)
        self._restraint = Restraint()

    @property
    def deadline(self) -> Instant | None:
        """When :meth:`due` is owed."""
        return self._requests.deadline

    def begin(self, ask: Ask, now: Instant) -> Launch:
        """A request leaves for the first time."""
        member = self._member
        transaction_id = self._requests.new_transaction_id()
        octets = self._sealed(ask.code, ask.body, transaction_id, ask.certificates)
        return launch_of(self._requests.begin(ask, transaction_id, octets, now, member.overlay.reliability))

    def forsake(self, action: Forsake) -> None:
        """Nobody waits for this answer any more."""
        self._requests.forsake(action.room, action.about)

    def due(self, now: Instant) -> list[Due]:
        """The requests whose timer has fired."""
        return self._requests.due(now, self._member.overlay.reliability)

    def answered(self, response: Incoming) -> Pending | None:
        """The request that this answer ends, None where there is none."""
        transaction_id = response.message.forwarding_header.transaction_id
        return self._requests.answered(transaction_id, response.node_id, self._member.overlay.wildcard, self._closer)

    def sealed_answer(self, action: Reply | Refuse) -> bytes:
        """The answer to a request in octets."""
        request = action.request
        if isinstance(action, Refuse):
            return self._sealed_error(request, action.refusal)
        code = request.message.message_contents.message_code + 1
        transaction_id = request.message.forwarding_header.transaction_id
        # = rfc6940:6.3.3.1/1
        octets = self._sealed(code, action.body, transaction_id, action.certificates)
        most = request.message.forwarding_header.max_response_length
        if most:
            answer = self.again(request, octets)
            size = len(self.launched(answer, answer.destination_list))
            # = rfc6940:6.3.2/12
            if size > most:
                why = f"the answer has {size} bytes, {most} are admitted"
                return self._sealed_error(request, ResponseTooLarge(why))
        return octets

    def again(self, request: Incoming, octets: bytes) -> Launch:
        """An answer on the way back of this copy of the request."""
        header = request.message.forwarding_header
        # = rfc6940:6.1.2/7
        to = (node_place(request.neighbor), *way_back(header.via_list))
        # = rfc6940:6.3.2.3/4a
        # = rfc6940:6.3.2.3/4b
        return Launch(to, header.transaction_id, octets, 0, copied_to_response(header.options))

    def launched(self, step: Launch, destination_list: tuple[Destination, ...]) -> bytes:
        """The octets of a message that begins its way."""
        overlay = self._member.overlay
        header = ForwardingHeader(
            RELO_TOKEN,
            overlay.context.overlay or 0,
            # = rfc6940:6.3.2.1/6
            ANY_SEQUENCE if step.any_sequence else overlay.sequence,
            VERSION,
            # = rfc6940:6.3.2/7a
            # = rfc6940:6.3.2/7b
            overlay.configuration.initial_ttl,
            WHOLE,
            0,
            step.transaction_id,
            # = rfc6940:6.3.2/13
            step.max_response_length,
            (),
            destination_list,
            step.options,
        )
        return launched(header, step.sealed, overlay.context)

    def refuse_unread(self, octets: bytes, neighbor: bytes, refusal: Refusal, now: Instant) -> list[Launch]:
        """The error for a request that this node has not verified, or that is not for it: at most one, to where it came from.

        Nothing is owed for answers, for later fragments, and for what says not by which way it came; and no neighbor is
        sent more of them than :class:`Restraint` admits, because each costs a signature and is larger than what it refuses.
        """
        body = error_response(refusal)
        request = returnable(octets, self._member.overlay.context)
        if body is None or request is None or not neighbor or not self._restraint.admits(neighbor, now):
            return []
        # = rfc6940:6.1/2
        answer = self._sealed(ERROR, body, request.transaction_id, ())
        to = (node_place(neighbor), *way_back(request.via_list))
        return [Launch(to, request.transaction_id, answer, 0, copied_to_response(request.options))]

    def _sealed_error(self, request: Incoming, refusal: Refusal) -> bytes:
        invalid = ErrorResponse(ErrorCode.Error_Invalid_Message, str(refusal).encode()[:0xFFFF])
        # = rfc6940:6.3.3.1/1 silent: a request that is for this node has an answer, also where its fault has no code of its own
        body = error_response(refusal) or invalid
        # = rfc6940:6.3.3.1/3a
        return self._sealed(ERROR, body, request.message.forwarding_header.transaction_id, ())

    def _sealed(self, code: int, body: Body, transaction_id: int, certificates: tuple[bytes, ...]) -> bytes:
        identity = self._member.identity
        bucket = (*identity.certificates, *certificates)
        return sealed(code, body, transaction_id, identity.signer, bucket, self._member.overlay.context)


def room_of(rooms: Mapping[int, Room], request: Incoming) -> Room:
    """The room that a request is for; UnknownMethod where there is none."""
    code = request.message.message_contents.message_code
    room = rooms.get(code)
    if room is None:
        raise UnknownMethod(f"{code} is the code of no request that is known here")
    return room


def told(pending: Pending, response: Incoming, now: Instant) -> list[Action]:
    """What the room that has asked makes of the answer, or of the error."""
    room, about, code = pending.ask.room, pending.ask.about, response.message.message_contents.message_code
    if code == ERROR and isinstance(response.body, ErrorResponse):
        why = AnsweredWithError(response.body.error_code, response.body.error_info, response.node_id)
        return room.failed(about, why, now)
    # = rfc6940:6.3.3.1/2
    if code != pending.ask.code + 1:
        return room.failed(about, Malformed(f"answered with message code {code}"), now)
    return room.answered(about, response, now)
