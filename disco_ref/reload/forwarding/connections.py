"""The Connection Table: who is directly connected, and by which link (RFC 6940, sections 3.3 and 6.5)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.reload.actions import Link
from disco_ref.reload.link.carrier import Carrier


class Connection:
    """A link that is up, and what is known of its other end."""

    __slots__ = ("attached", "carrier", "certificates", "link", "node_id", "node_ids", "since", "watched")

    def __init__(
        self, link: Link, carrier: Carrier, certificates: tuple[bytes, ...], node_ids: tuple[bytes, ...], since: Instant
    ) -> None:
        self.link = link
        self.carrier = carrier
        """Frames what goes over it."""
        self.certificates = certificates
        """What the other end has shown in the handshake, in DER, its own first."""
        self.node_ids = node_ids
        """The Node-IDs that its certificate holds."""
        self.node_id: bytes | None = node_ids[0] if len(node_ids) == 1 else None
        """The Node-ID it uses; None until an Attach has said so where its certificate holds several (section 6.1.2)."""
        self.attached = False
        """Whether an Attach has made it."""
        self.since = since
        self.watched: Instant | None = None
        """When its carrier is looked at next."""

    @property
    def speaker(self) -> bytes:
        """The Node-ID of the other end; empty where its certificate holds several and no Attach has said which it uses."""
        # = rfc6940:6.1.2/8
        return self.node_ids[0] if len(self.node_ids) == 1 else self._attached_as()

    def _attached_as(self) -> bytes:
        return self.node_id if self.attached and self.node_id is not None else b""


class Connections:
    """All links of a node; of several to one node the youngest is used."""

    __slots__ = ("_by_link", "_by_node")

    def __init__(self) -> None:
        self._by_link: dict[Link, Connection] = {}
        self._by_node: dict[bytes, list[Connection]] = {}

    def __len__(self) -> int:
        """How many links are up."""
        return len(self._by_link)

    def add(self, connection: Connection) -> None:
        """A link has come up."""
        self._by_link[connection.link] = connection
        if connection.node_id is not None:
            self._by_node.setdefault(connection.node_id, []).append(connection)

    def name(self, connection: Connection, node_id: bytes) -> None:
        """The other end, whose certificate holds several Node-IDs, uses this one."""
        if node_id not in connection.node_ids:
            raise ValueError("the certificate does not hold this Node-ID")
        if connection.node_id is None:
            connection.node_id = node_id
            self._by_node.setdefault(node_id, []).append(connection)

    def remove(self, link: Link) -> Connection | None:
        """A link is down; its connection, None where there was none."""
        connection = self._by_link.pop(link, None)
        if connection is not None and connection.node_id is not None:
            left = [each for each in self._by_node[connection.node_id] if each is not connection]
            if left:
                self._by_node[connection.node_id] = left
            else:
                del self._by_node[connection.node_id]
        return connection

    def by_link(self, link: Link) -> Connection | None:
        """The connection of a link."""
        return self._by_link.get(link)

    def to(self, node_id: bytes) -> Connection | None:
        """The connection to a node."""
        found = self._by_node.get(node_id)
        return None if found is None else found[-1]

    def surplus(self, node_id: bytes) -> tuple[Connection, ...]:
        """The connections to a node that are not used, a younger one being there."""
        return tuple(self._by_node.get(node_id, ())[:-1])

    def nodes(self) -> tuple[bytes, ...]:
        """Every node that is connected, in the order in which they came."""
        return tuple(self._by_node)

    def all(self) -> tuple[Connection, ...]:
        """Every connection."""
        return tuple(self._by_link.values())
