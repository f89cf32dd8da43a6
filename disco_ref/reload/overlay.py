"""What a node knows of its overlay: the configuration document in the form the other rooms work with (RFC 6940, section 11.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.clock import Duration, Instant
from disco_ref.notation.context import Context, DataModel
from disco_ref.reload.enrollment.configuration import Configuration, Kind
from disco_ref.reload.enrollment.signing import context_of, trust_of
from disco_ref.reload.ids import overlay_hash, wildcard_node_id
from disco_ref.reload.registries import AccessPolicy
from disco_ref.reload.security.signing import Trust

# = rfc6940:6.2.1/12
REQUEST_LIFETIME = Duration(15.0)
"""Seconds for which a request may still arrive anew (section 6.2.1)."""

# = rfc6940:6.3.2.1/0
ANY_SEQUENCE = 65535
"""The configuration sequence with which a ConfigUpdate is taken whatever one's own is (section 6.3.2.1)."""


class KindDefinition(NamedTuple):
    """What members must know of a Kind (sections 7.4.5 and 11.1)."""

    kind: int
    """Its number."""
    data_model: DataModel
    """How its values are addressed."""
    access_control: AccessPolicy
    """Who may write."""
    max_count: int
    """Values that may stand at one Resource-ID."""
    max_size: int
    """Octets of one value."""
    max_node_multiple: int
    """The largest counter under NODE-MULTIPLE, else 0."""


class Overlay(NamedTuple):
    """An overlay, as its configuration describes it; a new document makes a new value."""

    configuration: Configuration
    """The document, read."""
    document: bytes
    """The document as it was received, to be handed on in a ConfigUpdate; empty where it was made by hand."""
    context: Context
    """What its structs are read with."""
    kinds: Mapping[int, KindDefinition]
    """Every Kind that its members store, by number."""

    @property
    def name(self) -> str:
        """The overlay name."""
        return self.configuration.instance_name

    @property
    def hash(self) -> int:
        """The ``overlay`` field of its messages (section 6.3.2)."""
        return overlay_hash(self.configuration.instance_name)

    @property
    def sequence(self) -> int:
        """The sequence number of the document, 0 where it has none."""
        return self.configuration.sequence or 0

    @property
    def node_id_length(self) -> int:
        """Octets of its Node-IDs."""
        return self.configuration.node_id_length

    @property
    def wildcard(self) -> bytes:
        """The Node-ID that everybody takes for its own (section 6.1.1)."""
        return wildcard_node_id(self.configuration.node_id_length)

    @property
    def reliability(self) -> Duration:
        """Seconds until a request is sent again from end to end (section 6.2.1)."""
        return Duration(self.configuration.overlay_reliability_timer / 1000)

    def trust(self, now: Instant) -> Trust:
        """What certificates are checked against, at this time (sections 11.1 and 11.3.1)."""
        return trust_of(self.configuration, now)


def overlay_of(configuration: Configuration, document: bytes = b"") -> Overlay:
    """The overlay of a configuration; Kinds whose data model or access control nobody knows are left out."""
    kinds = {
        kind.kind: kind for kind in map(kind_definition, (each.kind for each in configuration.kind_blocks)) if kind
    }
    return Overlay(configuration, document, context_of(configuration), kinds)


def kind_definition(kind: Kind) -> KindDefinition | None:
    """What members must know of a Kind; None where its number, data model or access control is not known."""
    number = kind.kind_id
    model, policy = kind.effective_data_model, kind.effective_access_control
    # = rfc6940:7.4.1.1/4 silent: a Kind that one cannot judge is refused like one that one does not know
    models, policies = [each.value for each in DataModel], [each.value for each in AccessPolicy]
    if number is None or model not in models or policy not in policies:
        return None
    return KindDefinition(
        number, DataModel(model), AccessPolicy(policy), kind.max_count, kind.max_size, kind.max_node_multiple or 0
    )
