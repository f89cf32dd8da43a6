"""Certificates kept in the overlay (RFC 6940, section 8).

The value of both Kinds is the certificate in DER: the section defines no struct around it, and the Kind already says
what it is.  New certificates are appended, so that an old and a new one can stand side by side.
"""

from __future__ import annotations

from disco_ref.reload.ids import resource_id
from disco_ref.reload.storage.data_models import APPEND, ArrayEntry, DataValue


def by_node(node_id: bytes) -> bytes:
    """The Resource-ID of CERTIFICATE_BY_NODE: a hash of the Node-ID, so that no peer keeps its own."""
    # = rfc6940:8/1
    return resource_id(node_id)


def by_user(user_name: str) -> bytes:
    """The Resource-ID of CERTIFICATE_BY_USER."""
    # = rfc6940:8/1
    return resource_id(user_name)


def certificate_entry(der: bytes) -> ArrayEntry:
    """The entry that appends a certificate."""
    # = rfc6940:8/0
    return ArrayEntry(APPEND, DataValue(True, der))
