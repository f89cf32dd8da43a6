"""The signature of a message (RFC 6940, section 6.3.4)."""

from __future__ import annotations

import struct as struct_of_octets

from disco_ref.errors import Unauthorized
from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.reload.message.envelope import Message, decode_message, encode_message
from disco_ref.reload.message.forwarding_header import FIXED_LENGTH
from disco_ref.reload.message.security_block import CertificateType
from disco_ref.reload.security.signing import SignedBy, Signer, Trust, received_identity, signed_by, verify
from disco_ref.reload.topology.join import JoinReq
from disco_ref.reload.topology.leave import LeaveReq


class OtherSender(Unauthorized):
    """A node speaks of itself under a Node-ID that did not sign (Error_Forbidden)."""

    error_code = 2


def verify_message(message: Message, trust: Trust, context: Context) -> SignedBy:
    """Who sent a message that was received; Unauthorized where its signature or its signer does not hold.

    The input is taken from the octets as they were received: overlay, transaction_id, MessageContents, SignerIdentity.
    Nobody is owed an answer, because it is not certain who asked.
    """
    octets = message.received
    if not octets:
        raise TypeError("only a message that was received can be verified")
    signature = message.security_block.signature
    bucket = [each.certificate for each in message.security_block.certificates if each.type is CertificateType.X_509]
    # = rfc6940:6.3.4/0
    signed = _head(octets) + received_contents(octets) + received_identity(octets, signature)
    try:
        # = rfc6940:6.3.4/11
        # = rfc6940:6.1.1/3a
        return verify(signature, signed, bucket, trust, context)
    except Unauthorized as refusal:
        # = rfc6940:6.3.4/12a
        # = rfc6940:6.3.4/12b
        refusal.error_code = None
        raise


def refuse_other_sender(message: Message, signer: SignedBy) -> None:
    """A JoinReq or LeaveReq must be signed by the Node-ID that it names; OtherSender where it is not."""
    body = message.message_contents.message_body
    if isinstance(body, JoinReq) and body.joining_peer_id not in signer.node_ids:
        # = rfc6940:6.4.2.1/2a
        # = rfc6940:6.4.2.1/2b
        raise OtherSender("another Node-ID signed", where="JoinReq.joining_peer_id")
    if isinstance(body, LeaveReq) and body.leaving_peer_id not in signer.node_ids:
        # = rfc6940:6.4.2.2/3a
        # = rfc6940:6.4.2.2/3b
        raise OtherSender("another Node-ID signed", where="LeaveReq.leaving_peer_id")


def sign_message(message: Message, signer: Signer, context: Context) -> Message:
    """The message with this signature, as it would be received."""
    # = rfc6940:6.3.4/10
    # = rfc6940:6.3/1
    # = rfc6940:13.2/2
    contents = encode(message.message_contents, context)
    header = message.forwarding_header
    head = header.overlay.to_bytes(4, "big") + header.transaction_id.to_bytes(8, "big")
    signature = signed_by(signer, head + contents, context)
    block = message.security_block._replace(signature=signature)
    return decode_message(encode_message(message._replace(security_block=block, received=b""), context), context)


def received_contents(octets: bytes) -> bytes:
    """The octets of the MessageContents of a whole message that has been read once."""
    via, destinations, options = _LISTS(octets, 32)
    start = FIXED_LENGTH + via + destinations + options
    body_end = start + 6 + _LENGTH(octets, start + 2)[0]
    return octets[start : body_end + 4 + _LENGTH(octets, body_end)[0]]


_LISTS = struct_of_octets.Struct(">HHH").unpack_from
_LENGTH = struct_of_octets.Struct(">I").unpack_from


def _head(octets: bytes) -> bytes:
    """Overlay and transaction_id."""
    return octets[4:8] + octets[20:28]
