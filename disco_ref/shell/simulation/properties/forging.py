"""Forged values, and what a hostile peer does with them (RFC 6940, sections 13.5.1 to 13.5.3)."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from disco_ref.clock import Instant
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import DataModel
from disco_ref.peer.overlay.assembly import Peer
from disco_ref.peer.overlay.client import Questions
from disco_ref.peer.overlay.effects import Effect
from disco_ref.reload.actions import Ask, Replicate
from disco_ref.reload.forwarding.passing import node_place, resource_place
from disco_ref.reload.identity import Identity
from disco_ref.reload.message.forwarding_header import FIXED_LENGTH
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.security.value_signature import sign_value
from disco_ref.reload.storage.data_models import DataValue
from disco_ref.reload.storage.holdings import Held, Resource
from disco_ref.reload.storage.store import StoreKindData, StoreReq
from disco_ref.reload.storage.stored_data import StoredData
from disco_ref.shell.simulation.membership import KIND, Membership
from disco_ref.shell.simulation.properties.trial import PING_INTERVAL, UPDATE_INTERVAL, Trial

FORGED = b"forged"
LIFETIME = 86400
ALTERED = 0.2
"""Part of what is passed on that is altered."""

_LISTS = (32, 34, 36)


class Meddler(Peer):
    """A peer that alters some of what it passes on, behind the header."""

    chance: Random

    def _transmit(self, node_id: bytes, octets: bytes, effects: list[Effect], now: Instant) -> None:
        begin = FIXED_LENGTH + sum(int.from_bytes(octets[at : at + 2], "big") for at in _LISTS)
        passed_on = octets[_LISTS[0] : _LISTS[0] + 2] != bytes(2)
        if passed_on and self.chance.random() < ALTERED:
            at, bit = self.chance.randrange(begin, len(octets)), 1 << self.chance.randrange(8)
            octets = octets[:at] + bytes([octets[at] ^ bit]) + octets[at + 1 :]
        super()._transmit(node_id, octets, effects, now)


class Forger:
    """Whoever is hostile, and how."""

    def __init__(self, trial: Trial) -> None:
        self._trial = trial
        self.sent = 0
        """Forged values that were put somewhere, or sent."""

    def act(self, which: int, victim: int) -> None:
        """A hostile peer forges what a member may have stored, and puts it among what it holds or sends it to others."""
        trial = self._trial
        if which not in trial.population.up:
            return
        peer, place = trial.population.up[which]
        resource = trial.resource(trial.name_of(victim))
        now = trial.network.clock(place)
        signer, stored = self._forged(which, victim, resource, now)
        self.sent += 1
        deed = trial.random.choice(("hold", "hold", "store", "replica", "replica"))
        if deed == "hold":
            certificates = (*signer.certificates, *trial.identity(victim).certificates)
            held = Held(stored, now, Instant(now + LIFETIME), certificates)
            generation = trial.random.choice((1, 2, 1 << 40))
            peer.storage.holdings.put(resource, KIND, Resource(generation, {None: held}, now))
            self._hand_round(which, resource)
            return
        body = StoreReq(resource, deed == "replica", (StoreKindData(KIND, 0, (stored,)),))
        others = [each.member.node_id for each in trial.population.joined()]
        to = node_place(trial.random.choice(others)) if deed == "replica" else resource_place(resource)
        certificates = (*signer.certificates, *trial.identity(victim).certificates)
        ask = Ask(Questions(), ("forged", self.sent), (to,), MessageCode.store_req, body, certificates)
        trial.network.order(place, [ask])

    def _hand_round(self, which: int, resource: bytes) -> None:
        """Replicas of all that is held, forged or not, at all neighbours."""
        trial = self._trial
        peer, place = trial.population.up[which]
        if trial.random.random() < 0.5:
            orders = [
                Replicate(each, resource, resource, trial.random.randrange(1, 3))
                for each in peer.chord.tables.neighbors.members()
            ]
            trial.network.order(place, orders)

    def _forged(self, which: int, victim: int, resource: bytes, now: Instant) -> tuple[Identity, StoredData]:
        """A value that the victim has not stored there, and whose certificates come along."""
        trial = self._trial
        own, theirs = trial.identity(which), trial.identity(victim)
        value = DataValue(True, FORGED + b" %d" % self.sent)
        time = int(now * 1000) + trial.random.choice((0, 10_000, 10**9))
        unsigned = StoredData(time, LIFETIME, value, NOT_SIGNED)
        context = trial.overlay.context
        match trial.random.choice(("own", "stranger", "claimed", "altered", "elsewhere", "nobody")):
            case "own":
                # signed as it should be, by who may not write there
                return own, self._read(sign_value(unsigned, resource, KIND, own.signer, context))
            case "stranger":
                # by a certificate with the right name that another authority has issued
                other = stranger(trial.drawn(victim))
                return other, self._read(sign_value(unsigned, resource, KIND, other.signer, context))
            case "claimed":
                # under the victim's name, by another key
                signer = theirs.signer._replace(sign=own.signer.sign)
                return theirs, self._read(sign_value(unsigned, resource, KIND, signer, context))
            case "altered":
                # the victim's signature over another value
                signed = sign_value(
                    unsigned._replace(value=DataValue(True, b"what was signed")), resource, KIND, theirs.signer, context
                )
                return theirs, self._read(signed._replace(value=value))
            case "elsewhere":
                # the victim's signature for another place
                return theirs, self._read(sign_value(unsigned, bytes(16), KIND, theirs.signer, context))
            case _:
                return own, self._read(unsigned)

    def _read(self, stored: StoredData) -> StoredData:
        """A value as it would have been received."""
        context = self._trial.overlay.context._replace(data_model=DataModel.single_value)
        return decode(StoredData, encode(stored, context), context)


@lru_cache(64)
def stranger(which: int) -> Identity:
    """Somebody with the name of a member, in the overlay of another authority."""
    return Membership(1, True, UPDATE_INTERVAL, PING_INTERVAL).identity(which)
