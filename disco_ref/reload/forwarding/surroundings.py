"""What lies around a node: itself, its connections, its topology plug-in (RFC 6940, sections 6.1.1 to 6.1.3)."""

from __future__ import annotations

from disco_ref.errors import Unauthorized
from disco_ref.reload.actions import Incoming
from disco_ref.reload.forwarding.receipt import NoWay, UnknownOpaqueId
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.topology.plugin import TopologyPlugin

_WITHOUT_ATTACH = frozenset({MessageCode.ping_req, MessageCode.attach_req, MessageCode.error})


class NotAttached(Unauthorized):
    """A node with several Node-IDs has not said by an Attach which one it uses (Error_Forbidden)."""

    error_code = 2


class Neighborhood:
    """Decides where a message goes next; nothing here grows with the overlay."""

    __slots__ = ("_member", "_topology")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._topology = topology

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
        raise UnknownOpaqueId("this node has made no such opaque ID", where="ForwardingHeader.destination_list")

    def next_hop(self, towards: Destination) -> bytes:
        """The Node-ID that a message goes to next; NoWay where the Routing Table is empty."""
        place = towards.destination_data
        if not isinstance(place, bytes):
            raise NoWay("no place that can be routed to", where="ForwardingHeader.destination_list")
        # = rfc6940:6.1.2/3
        # = rfc6940:6.2.1/4
        # = rfc6940:10.3/1
        if self.connected(place):
            return place
        # = rfc6940:6.1.2/2
        # = rfc6940:6.2.1/5
        hop = self._topology.next_hop(place)
        if hop is None:
            raise NoWay("the Routing Table is empty", where="ForwardingHeader.destination_list")
        return hop

    def refuse_unattached(self, request: Incoming) -> None:
        """NotAttached where a request comes through a link of which nobody knows by which Node-ID it is used."""
        connection = self._member.connections.by_link(request.link)
        if connection is None or connection.node_id is not None:
            return
        # = rfc6940:6.1.2/9
        # = rfc6940:6.1.2/10
        if request.message.message_contents.message_code not in _WITHOUT_ATTACH:
            raise NotAttached("an Attach has to say first which Node-ID is used")
