"""Registering an address-of-record in the overlay (RFC 7904, from memory: the text is not at hand).

One entry of the Kind SIP-REGISTRATION stands for this node: its key is the node's own Node-ID, because the Kind's policy is
USER-NODE-MATCH.  It is stored again before its lifetime ends, until it is removed.
"""

from __future__ import annotations

from typing import NamedTuple

from disco_ref.clock import Instant
from disco_ref.errors import Refusal
from disco_ref.notation.codec import encode
from disco_ref.reload.actions import Action, Tell
from disco_ref.reload.forwarding.passing import node_place
from disco_ref.reload.member import Member
from disco_ref.reload.message.destination import Destination
from disco_ref.reload.registries import DataKind
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.sip.uri import SipUri
from disco_ref.usage.address_of_record import resource_name
from disco_ref.usage.keeping import LIFETIME, Dropped, Keeping, KeepingEvent, Kept, NotKept, Wish
from disco_ref.usage.sip_registration import (
    SipRegistration,
    SipRegistrationRoute,
    SipRegistrationType,
    SipRegistrationUri,
)


class Registered(NamedTuple):
    """The registration stands, until it is removed or fails."""

    aor: str
    lifetime: int
    """Seconds for which it holds; it is refreshed before."""


class RegistrationRemoved(NamedTuple):
    """The registration is gone."""

    aor: str


class RegistrationFailed(NamedTuple):
    """The registration does not stand; unless it was to be removed it is tried again."""

    aor: str
    why: Refusal


class Registering:
    """The registrations that a node makes and keeps up."""

    __slots__ = ("_keeping", "_member")

    def __init__(self, member: Member, topology: TopologyPlugin) -> None:
        self._member = member
        self._keeping = Keeping(member, topology, _told)

    def register_route(
        self,
        aor: SipUri,
        now: Instant,
        *,
        way: tuple[Destination, ...] = (),
        contact_prefs: bytes = b"",
        lifetime: int = LIFETIME,
    ) -> list[Action]:
        """Say that an address-of-record is reached by a Destination List, this node where none is given.

        ``lifetime`` in seconds.  NoAddressOfRecord where the URI names no user.
        """
        route = SipRegistrationRoute(contact_prefs, way or (node_place(self._member.node_id),))
        value = SipRegistration(SipRegistrationType.sip_registration_route, route)
        return self._register(aor, value, lifetime, now)

    def register_uri(self, aor: SipUri, uri: SipUri, now: Instant, *, lifetime: int = LIFETIME) -> list[Action]:
        """Say that an address-of-record stands for another one."""
        other = SipRegistrationUri(str(uri).encode())
        value = SipRegistration(SipRegistrationType.sip_registration_uri, other)
        return self._register(aor, value, lifetime, now)

    def remove(self, aor: SipUri, now: Instant) -> list[Action]:
        """Take the registration away; nothing where there is none."""
        return self._keeping.drop(str(aor), now)

    def _register(self, aor: SipUri, value: SipRegistration, lifetime: int, now: Instant) -> list[Action]:
        octets = encode(value, self._member.overlay.context)
        # = rfc7904:7/0
        wish = Wish(resource_name(aor), DataKind.SIP_REGISTRATION, octets, self._member.node_id, lifetime)
        return self._keeping.keep(str(aor), wish, now)


def _told(event: KeepingEvent) -> list[Action]:
    """What became of a registration, for whoever runs the node."""
    match event:
        case Kept(aor, wish):
            return [Tell(Registered(aor, wish.lifetime))]
        case Dropped(aor):
            return [Tell(RegistrationRemoved(aor))]
        case NotKept(aor, why):
            return [Tell(RegistrationFailed(aor, why))]
