"""The configuration of an overlay (RFC 6940, section 11.1), as values.

Read here: what one ``configuration`` element says.  The document around it, with the exact octets that are
signed, is in :mod:`disco_ref.reload.enrollment.document`.
"""

from __future__ import annotations

from typing import Annotated

from disco_ref.notation.context import DataModel
from disco_ref.notation.documents.binding import (
    Attribute,
    Attributes,
    Child,
    Children,
    Nodes,
    OtherAttributes,
    Others,
    Text,
    bound,
)
from disco_ref.notation.documents.simple import (
    any_uri,
    base64_binary,
    boolean,
    date_time,
    hexadecimal,
    ip_address,
    matching,
    string,
    trimmed,
    unsigned_byte,
    unsigned_int,
    unsigned_short,
    whole,
)
from disco_ref.notation.markup import MalformedMarkup
from disco_ref.reload.storage.kinds import CERTIFICATE_BY_NODE, CERTIFICATE_BY_USER, SIP_REGISTRATION, TURN_SERVICE

NAMESPACE = "urn:ietf:params:xml:ns:p2p:config-base"
CHORD_NAMESPACE = "urn:ietf:params:xml:ns:p2p:config-chord"
MEDIA_TYPE = "application/p2p-overlay+xml"

EXTENSIONS = frozenset[str]()
"""The namespaces of mandatory extensions that this implementation supports."""

DEFAULT_PORT = 6084
"""The port of a bootstrap node that names none."""

# = rfc6940:11.1/6
_utc = matching("dateTime in UTC", date_time, r".*(?:Z|[+-]00:00)", "a date and time in UTC")
# = rfc6940:11.1/8
_https = matching("https URI", any_uri, "[hH][tT][tT][pP][sS]:.*", "an https URI")

# = rfc6940:6.3.2/3
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_overlay_name = matching("DNS name", string, rf"(?=.{{1,253}}\Z){_LABEL}(?:\.{_LABEL})*", "a DNS name")

REGISTERED_KINDS = {
    "SIP-REGISTRATION": (SIP_REGISTRATION, "DICTIONARY", "USER-NODE-MATCH"),
    "TURN-SERVICE": (TURN_SERVICE, "SINGLE", "NODE-MULTIPLE"),
    "CERTIFICATE_BY_NODE": (CERTIFICATE_BY_NODE, "ARRAY", "NODE-MATCH"),
    "CERTIFICATE_BY_USER": (CERTIFICATE_BY_USER, "ARRAY", "USER-MATCH"),
}
"""Kind-ID, data model and access control of the Kinds that are registered (RFC 6940, section 14.6)."""


# = rfc6940:11.1/0
@bound(NAMESPACE, interleaved=True)
class Kind:
    """A Kind that members must support; it has an id or a name, not both."""

    name: Annotated[str | None, Attribute("name", trimmed)] = None
    """As registered."""
    id: Annotated[int | None, Attribute("id", unsigned_int)] = None
    """Out of the private space."""
    # = rfc6940:11.1/24
    # = rfc6940:11.1/28
    max_count: Annotated[int, Child("max-count", unsigned_int)]
    """Values that members must be able to hold."""
    max_size: Annotated[int, Child("max-size", unsigned_int)]
    """Octets of one value."""
    # = rfc6940:11.1/25
    # = rfc6940:11.1/27
    max_node_multiple: Annotated[int | None, Child("max-node-multiple", whole("int", 1, (1 << 31) - 1))] = None
    """The largest counter under NODE-MULTIPLE."""
    # = rfc6940:11.1/24
    data_model: Annotated[str, Child("data-model", trimmed)]
    """As written; see :attr:`effective_data_model`."""
    # = rfc6940:11.1/24
    access_control: Annotated[str, Child("access-control", trimmed)]
    """As written; see :attr:`effective_access_control`."""
    others: Annotated[Nodes, Others()] = ()

    def __post_init__(self) -> None:
        """Refuse what the grammar cannot say."""
        if (self.name is None) == (self.id is None):
            raise MalformedMarkup("neither or both of name and id", where="kind")
        # = rfc6940:11.1/26
        if self.effective_access_control == "NODE-MULTIPLE" and self.max_node_multiple is None:
            raise MalformedMarkup("NODE-MULTIPLE without max-node-multiple", where="kind")

    @property
    def kind_id(self) -> int | None:
        """The Kind-ID, None for a name that is not registered."""
        return self.id if self.name is None else REGISTERED_KINDS.get(self.name, (None,))[0]

    @property
    def effective_data_model(self) -> str:
        """The data model that holds: for a registered Kind that of its registration."""
        # = rfc6940:11.1/29b
        return self._registered()[1] or self.data_model

    @property
    def effective_access_control(self) -> str:
        """The access control that holds: for a registered Kind that of its registration."""
        # = rfc6940:11.1/29b
        return self._registered()[2] or self.access_control

    def _registered(self) -> tuple[int | None, str, str]:
        for name, (number, model, policy) in REGISTERED_KINDS.items():
            if self.name == name or self.id == number:
                return number, model, policy
        return None, "", ""


@bound(NAMESPACE)
class Signature:
    """A SecurityBlock over the element before it, or over the ``kind`` beside it."""

    algorithm: Annotated[str | None, Attribute("algorithm", trimmed)] = None
    """Described nowhere; the algorithm in the block decides."""
    # = rfc6940:11.1/36a
    security_block: Annotated[bytes, Text(base64_binary)]


@bound(NAMESPACE, interleaved=True)
class KindBlock:
    """A Kind and the signature over it."""

    kind: Annotated[Kind, Child("kind", Kind)]
    # = rfc6940:11.1/31
    kind_signature: Annotated[Signature, Child("kind-signature", Signature)]


@bound(NAMESPACE)
class RequiredKinds:
    """The Kinds that members must support."""

    # = rfc6940:11.1/23a
    # = rfc6940:11.1/30
    kind_block: Annotated[tuple[KindBlock, ...], Children("kind-block", KindBlock)] = ()


@bound(NAMESPACE)
class SelfSignedPermitted:
    """Whether self-signed certificates are permitted, and the digest that makes their Node-IDs."""

    digest: Annotated[str, Attribute("digest", trimmed)]
    """``sha1`` or ``sha256``."""
    permitted: Annotated[bool, Text(boolean)]


@bound(NAMESPACE)
class BootstrapNode:
    """A node to begin with."""

    address: Annotated[str, Attribute("address", ip_address)]
    port: Annotated[int, Attribute("port", unsigned_short)] = DEFAULT_PORT


# = rfc6940:11.1/0
@bound(NAMESPACE, interleaved=True)
class Configuration:
    """What an overlay is and demands; values that are absent have the defaults of the specification."""

    instance_name: Annotated[str, Attribute("instance-name", _overlay_name)]
    """The overlay name: as a DNS name, labels that begin with a digit included."""
    expiration: Annotated[str | None, Attribute("expiration", _utc)] = None
    sequence: Annotated[int | None, Attribute("sequence", whole("sequence", 0, 65534))] = None
    topology_plugin: Annotated[str, Child("topology-plugin", trimmed)] = "CHORD-RELOAD"
    # = rfc6940:11.1/7
    node_id_length: Annotated[int, Child("node-id-length", whole("int", 16, 20))] = 16
    """Octets."""
    root_cert: Annotated[tuple[bytes, ...], Children("root-cert", base64_binary)] = ()
    """Trust anchors in DER; the certificates are not looked into here."""
    # = rfc6940:11.1/9
    enrollment_server: Annotated[tuple[str, ...], Children("enrollment-server", _https)] = ()
    # = rfc6940:11.1/11b
    self_signed_permitted: Annotated[
        SelfSignedPermitted | None, Child("self-signed-permitted", SelfSignedPermitted)
    ] = None
    # = rfc6940:11.1/13
    bootstrap_node: Annotated[tuple[BootstrapNode, ...], Children("bootstrap-node", BootstrapNode)] = ()
    turn_density: Annotated[int, Child("turn-density", unsigned_byte)] = 1
    # = rfc6940:11.1/14
    clients_permitted: Annotated[bool, Child("clients-permitted", boolean)] = True
    no_ice: Annotated[bool, Child("no-ice", boolean)] = False
    chord_update_interval: Annotated[int | None, Child(f"{{{CHORD_NAMESPACE}}}chord-update-interval", unsigned_int)] = (
        None
    )
    """Seconds."""
    chord_ping_interval: Annotated[int | None, Child(f"{{{CHORD_NAMESPACE}}}chord-ping-interval", unsigned_int)] = None
    """Seconds."""
    chord_reactive: Annotated[bool, Child(f"{{{CHORD_NAMESPACE}}}chord-reactive", boolean)] = True
    shared_secret: Annotated[str | None, Child("shared-secret", string)] = None
    max_message_size: Annotated[int, Child("max-message-size", unsigned_int)] = 5000
    """Octets."""
    initial_ttl: Annotated[int, Child("initial-ttl", unsigned_byte)] = 100
    # = rfc6940:11.1/18
    overlay_reliability_timer: Annotated[
        int, Child("overlay-reliability-timer", whole("unsignedInt", 200, (1 << 32) - 1))
    ] = 3000
    """Milliseconds."""
    overlay_link_protocol: Annotated[tuple[str, ...], Children("overlay-link-protocol", trimmed)] = ()
    configuration_signer: Annotated[tuple[bytes, ...], Children("configuration-signer", hexadecimal)] = ()
    """Node-IDs; one of another length than the overlay's is read and matches nobody."""
    kind_signer: Annotated[tuple[bytes, ...], Children("kind-signer", hexadecimal)] = ()
    bad_node: Annotated[tuple[bytes, ...], Children("bad-node", hexadecimal)] = ()
    # = rfc6940:11.1/21
    mandatory_extension: Annotated[tuple[str, ...], Children("mandatory-extension", trimmed)] = ()
    # = rfc6940:11.1/22
    required_kinds: Annotated[RequiredKinds | None, Child("required-kinds", RequiredKinds)] = None
    others: Annotated[Nodes, Others()] = ()
    other_attributes: Annotated[Attributes, OtherAttributes()] = ()

    @property
    def link_protocols(self) -> tuple[str, ...]:
        """The permissible link protocols; TLS (and DTLS) where none is named."""
        return self.overlay_link_protocol or ("TLS",)

    @property
    def kind_blocks(self) -> tuple[KindBlock, ...]:
        """The Kinds with their signatures."""
        return () if self.required_kinds is None else self.required_kinds.kind_block

    def unsupported(self, namespaces: frozenset[str]) -> tuple[str, ...]:
        """The mandatory extensions that are not among these; a node that joins must support every one."""
        # = rfc6940:11.1/20
        return tuple(one for one in self.mandatory_extension if one not in namespaces)

    def data_models(self) -> dict[int, DataModel]:
        """The data model of every Kind that the document defines by number and that has a known model."""
        known = {model.value: model for model in DataModel}
        found = {block.kind.kind_id: block.kind.effective_data_model for block in self.kind_blocks}
        return {number: known[model] for number, model in found.items() if number is not None and model in known}
