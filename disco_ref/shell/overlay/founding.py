"""An overlay of one's own, without an enrolment server: a root, members, a configuration (RFC 6940, sections 11.1 and 11.3)."""

from __future__ import annotations

import dataclasses
from typing import NamedTuple

from cryptography.x509 import load_der_x509_certificate

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.reload.enrollment.configuration import BootstrapNode, Configuration
from disco_ref.reload.enrollment.document import assemble, element_octets
from disco_ref.reload.enrollment.foundation import with_kinds
from disco_ref.reload.enrollment.issuing import Authority, Holder, issue, lasting, make_root, new_node_ids
from disco_ref.reload.enrollment.signing import context_of
from disco_ref.reload.identity import Identity, identity_of
from disco_ref.reload.overlay import Overlay, overlay_of
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.shell.enrollment.files import new_key
from disco_ref.shell.overlay.kinds import KINDS
from disco_ref.sip.flow import Address

LIFETIME = Duration(30 * 86400.0)
"""Seconds that its certificates are valid."""

MESSAGE_SIZE = 65536
"""Octets of its largest message; a registration of many focuses outgrows what is usual."""


class Member(NamedTuple):
    """Who may be a node of the overlay."""

    identity: Identity
    key: PrivateKey


class Founded:
    """An overlay, and who lets others in."""

    def __init__(self, name: str, link_protocol: str, now: Instant, entropy: Entropy, ice: bool = False) -> None:
        """``link_protocol`` is TLS or DTLS, as a configuration has it; with ``ice`` all links are made by it."""
        self._entropy = entropy
        key = new_key()
        root = make_root(key, name, lasting(now, LIFETIME), entropy)
        self._authority = Authority(key, load_der_x509_certificate(root))
        self._given: set[bytes] = set()
        self._configuration = with_kinds(
            Configuration(
                instance_name=name,
                sequence=1,
                root_cert=(root,),
                no_ice=not ice,
                max_message_size=MESSAGE_SIZE,
                overlay_link_protocol=(link_protocol,),
            ),
            KINDS,
        )

    def overlay(self, *bootstrap: Address) -> Overlay:
        """The overlay, as its members know it; these nodes are its bootstrap nodes."""
        nodes = tuple(BootstrapNode(address=each.host, port=each.port) for each in bootstrap)
        self._configuration = dataclasses.replace(self._configuration, bootstrap_node=nodes)
        return overlay_of(self._configuration)

    def document(self) -> bytes:
        """Its configuration document; nobody has signed it, for it comes by hand."""
        return assemble([(element_octets(self._configuration), ())])

    def member(self, user_name: str, now: Instant) -> Member:
        """A key and a certificate for a user, with a Node-ID that nobody else has."""
        configuration, key = self._configuration, new_key()
        context = context_of(configuration)
        node_ids = new_node_ids(1, configuration.node_id_length, self._given, self._entropy)
        self._given.update(node_ids)
        holder = Holder(key.public_key(), node_ids, user_name)
        name = configuration.instance_name
        der = issue(self._authority, holder, lasting(now, LIFETIME), self._entropy, name, context)
        return Member(identity_of(key, read_certificate(der, context)), key)
