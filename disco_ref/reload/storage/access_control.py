"""Who may write what: the access control policies (RFC 6940, section 7.3)."""

from __future__ import annotations

from collections.abc import Callable

from disco_ref.errors import Unauthorized
from disco_ref.reload.overlay import KindDefinition
from disco_ref.reload.registries import AccessPolicy
from disco_ref.reload.security.signing import SignedBy
from disco_ref.reload.storage.data_models import DictionaryEntry, StoredDataValue

Hash = Callable[[bytes], bytes]
"""From a Resource Name to its Resource-ID: the hash of the overlay algorithm."""


# = rfc6940:7.3.4/3 silent: how i is written after the Node-ID; section 9 counts from 1 and has one octet for it on the wire
MOST_MULTIPLES = 255
"""The largest counter under NODE-MULTIPLE that has one octet."""


class NotAllowed(Unauthorized):
    """The policy of a Kind does not let this signer write here (Error_Forbidden)."""

    error_code = 2


def refuse_writer(
    signer: SignedBy, definition: KindDefinition, resource: bytes, value: StoredDataValue, hashed: Hash
) -> None:
    """NotAllowed where the signer may not write this value of the Kind at this Resource-ID; the Kind's policy decides."""
    match definition.access_control:
        case AccessPolicy.USER_MATCH:
            # = rfc6940:7.3.1/1
            allowed = _user_matches(signer, resource, hashed)
        case AccessPolicy.NODE_MATCH:
            # = rfc6940:7.3.2/1
            allowed = any(hashed(each) == resource for each in signer.node_ids)
        case AccessPolicy.USER_NODE_MATCH:
            # = rfc6940:7.3.3/1
            # = rfc6940:7.3.3/2a
            # = rfc6940:7.3.3/2b
            own = isinstance(value, DictionaryEntry) and value.key in signer.node_ids
            allowed = own and _user_matches(signer, resource, hashed)
        case AccessPolicy.NODE_MULTIPLE:
            # = rfc6940:7.3.4/1
            # = rfc6940:7.3.4/2
            # = rfc6940:7.3.4/3
            allowed = any(
                hashed(node_id + bytes([number])) == resource
                for node_id in signer.node_ids
                for number in range(1, min(definition.max_node_multiple, MOST_MULTIPLES) + 1)
            )
        case AccessPolicy.EXP_MATCH:
            # = rfc6940:7.3/1
            allowed = False
    if not allowed:
        where = "StoreReq.kind_data.values"
        raise NotAllowed(f"{definition.access_control} of Kind {definition.kind} forbids it", where=where)


def _user_matches(signer: SignedBy, resource: bytes, hashed: Hash) -> bool:
    certificate = signer.certificate
    if certificate is None or certificate.user_name is None:
        return False
    return hashed(certificate.user_name.encode()) == resource
