"""What lies around a node: itself, its connections, its topology plug-in (RFC 6940, sections 6.1.1 to 6.1.3)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.errors import Unauthorized
from disco_ref.reload.actions import Link
from disco_ref.reload.forwarding.compression import SavedLists
from disco_ref.reload.forwarding.passing import Arrived, node_place, via_list_of, written
from disco_ref.reload.forwarding.receipt import NoWay, UnknownOpaqueId
from disco_ref.reload.member import Member
from disco_ref.reload.message.contents import is_request
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.envelope import decode_message
from disco_ref.reload.message.forwarding_header import WHOLE
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.security.message_signature import verify_message
from disco_ref.reload.topology.plugin import TopologyPlugin

_WITHOUT_ATTACH = frozenset({MessageCode.ping_req, MessageCode.attach_req})


class NotAttached(Unauthorized):
    """A node with several Node-IDs has not said by an Attach which one it uses (Error_Forbidden)."""

    error_code = 2


class Neighborhood:
    """Decides where a message goes next; nothing here grows with the overlay."""

    __slots__ = ("_member", "_saved", "_topology")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._topology = topology
        self._saved: SavedLists | None = None

    @property
    def saved(self) -> int:
        """How many Via Lists this node keeps."""
        return 0 if self._saved is None else len(self._saved)

    def is_self(self, node_id: bytes) -> bool:
        """Whether this is the Node-ID of the node, or the wildcard."""
        return self._member.is_self(node_id)

    def responsible(self, place: bytes) -> bool:
        """Whether the node is the responsible peer for a Resource-ID, or for where a Node-ID would stand."""
        return self._topology.responsible(place)

    def connected(self, node_id: bytes) -> bool:
        """Whether there is a direct connection to this Node-ID."""
        return self._member.connections.to(node_id) is not None

    def unpacked(self, opaque_id: bytes) -> tuple[Destination, ...]:
        """The places that an opaque ID of this node stands for; UnknownOpaqueId where it stands for none."""
        if self._saved is None:
            raise UnknownOpaqueId("this node has made no opaque IDs", where="ForwardingHeader.destination_list")
        return self._saved.unpacked(opaque_id)

    def way_taken(self, message: Arrived, neighbor: bytes, now: Instant) -> bytes:
        """The octets of the Via List with which a message goes on: by whom it came is added, or all is replaced (section 6.1.2)."""
        member = self._member
        context, most = member.overlay.context, member.most_places
        came_from = node_place(neighbor)
        before = message.header.via_list
        if most and len(before) >= most:
            if self._saved is None:
                self._saved = SavedLists(member.entropy)
            opaque = self._saved.saved((*before, came_from), now, member.overlay.reliability)
            if opaque is not None:
                # = rfc6940:6.1.2/5
                return written((opaque,), context)
        # = rfc6940:6.1.2/4
        return via_list_of(message) + Destination.write(came_from, context)

    def next_hop(self, towards: Destination) -> bytes:
        """The Node-ID that a message goes to next; NoWay where the Routing Table is empty."""
        place = towards.destination_data
        if not isinstance(place, bytes):
            raise NoWay("no place that can be routed to", where="ForwardingHeader.destination_list")
        # = rfc6940:6.1.2/3
        # = rfc6940:6.2.1/4
        # = rfc6940:10.3/1
        if towards.type is DestinationType.node and self.connected(place):
            return place
        # = rfc6940:6.1.2/2
        # = rfc6940:6.2.1/5
        hop = self._topology.next_hop(place)
        if hop is None:
            raise NoWay("the Routing Table is empty", where="ForwardingHeader.destination_list")
        return hop

    def named(self, link: Link) -> bytes:
        """The Node-ID at the other end of a link, as far as it is known; empty where it is not."""
        connection = self._member.connections.by_link(link)
        return b"" if connection is None or connection.node_id is None else connection.node_id

    def neighbor(self, message: Arrived, link: Link, now: Instant) -> bytes:
        """The Node-ID by which a message came, where the certificate of the neighbor holds several and it has sent no Attach.

        Only its own Ping and Attach are taken, and their signature says which one it uses; NotAttached for all else that it
        asks, NoWay for what is no request.
        """
        connection = self._member.connections.by_link(link)
        if connection is None:
            raise NoWay("the link is gone", where="ForwardingHeader")
        header, end, octets = message
        code = int.from_bytes(octets[end : end + 2], "big")
        if header.fragment != WHOLE or not is_request(code):
            raise NoWay("nobody knows which of its Node-IDs the neighbor uses", where="ForwardingHeader")
        own = not header.via_list
        if own and connection.node_id is None:
            overlay = self._member.overlay
            whole = decode_message(octets, overlay.context)
            signer = verify_message(whole, overlay.trust(now), overlay.context)
            if signer.node_ids[0] in connection.node_ids:
                self._member.connections.name(connection, signer.node_ids[0])
        if connection.node_id is None or not own or code not in _WITHOUT_ATTACH:
            # = rfc6940:6.1.2/9
            raise NotAttached("an Attach has to say first which Node-ID is used")
        # = rfc6940:6.1.2/10
        return connection.node_id
