"""The signature of a stored value (RFC 6940, section 7.1)."""

from __future__ import annotations

from collections.abc import Iterable

from disco_ref.errors import Unauthorized
from disco_ref.notation.codec import encode
from disco_ref.notation.context import Context
from disco_ref.reload.message.signature import NOT_SIGNED, SignerIdentityType
from disco_ref.reload.security.signing import (
    SignedBy,
    Signer,
    Trust,
    received_identity,
    signature_length,
    signed_by,
    verify,
)
from disco_ref.reload.storage.data_models import ArrayEntry, DataValue
from disco_ref.reload.storage.stored_data import StoredData

TIMES = 12
"""Octets of storage_time and lifetime, which come before the value."""

INDEX = 4
"""Octets of an array index, which count as zero in the signature (section 7.4.2.2)."""


class BadSynthesis(Unauthorized):
    """Something exists, or is partly signed, though nobody signed it (Error_Forbidden)."""

    error_code = 2


def verify_value(
    stored: StoredData,
    resource: bytes,
    kind: int,
    certificates: Iterable[bytes],
    trust: Trust,
    context: Context,
) -> SignedBy:
    """Who signed a value that was received for this Resource-ID and Kind; Unauthorized where nobody can be held to it.

    The input is taken from the octets as they were received.  A value that does not exist and that nobody signed was
    synthesised by the peer that answered a Fetch; it is returned with identity ``none``, and that peer answers for it.
    """
    octets = stored.received
    if not octets:
        raise TypeError("only a value that was received can be verified")
    if stored.signature.identity.identity_type is SignerIdentityType.none:
        refuse_synthesis(stored)
        return SignedBy(SignerIdentityType.none, None, ())
    value = octets[TIMES : len(octets) - signature_length(stored.signature)]
    signed = value_input(stored, resource, kind, octets[:8], value) + received_identity(octets, stored.signature)
    # = rfc6940:7.4.2.2/3
    # = rfc6940:7.4.2.2/4
    return verify(stored.signature, signed, certificates, trust, context)


def refuse_synthesis(stored: StoredData) -> None:
    """BadSynthesis for a value without signer that is not the empty one of section 7.4.2.2."""
    value = stored.value if isinstance(stored.value, DataValue) else stored.value.value
    # = rfc6940:7.4.2.2/0
    if value.exists or stored.signature != NOT_SIGNED:
        raise BadSynthesis("an existing value that nobody signed", where="StoredData.signature")


def sign_value(stored: StoredData, resource: bytes, kind: int, signer: Signer, context: Context) -> StoredData:
    """The value with this signature."""
    # = rfc6940:6.3.4/4
    # = rfc6940:13.5.1/1
    # = rfc6940:13.2/2
    time = stored.storage_time.to_bytes(8, "big")
    value = stored_value_octets(stored, context)
    signature = signed_by(signer, value_input(stored, resource, kind, time, value), context)
    return stored._replace(signature=signature, received=b"")


def value_input(stored: StoredData, resource: bytes, kind: int, time: bytes, value: bytes) -> bytes:
    """What is signed, but for the identity: resource_id, kind, storage_time, StoredDataValue.

    The Resource-ID stands as on the wire, its length before it: 7.1 speaks of concatenated values, and where 6.3.4
    means octets without framing it says so.
    """
    # = rfc6940:7.1/0
    if isinstance(stored.value, ArrayEntry):
        # = rfc6940:7.4.2.2/0
        value = bytes(INDEX) + value[INDEX:]
    return len(resource).to_bytes(1, "big") + resource + kind.to_bytes(4, "big") + time + value


def stored_value_octets(stored: StoredData, context: Context) -> bytes:
    """The octets of the StoredDataValue of a value built by hand."""
    unsigned = encode(stored._replace(signature=NOT_SIGNED, received=b""), context)
    return unsigned[4 + TIMES : len(unsigned) - signature_length(NOT_SIGNED)]
