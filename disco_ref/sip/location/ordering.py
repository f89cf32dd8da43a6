"""In which order servers are tried (RFC 2782, from memory: "usage rules"; RFC 3263, sections 4.1 and 4.2)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from disco_ref.entropy import Entropy
from disco_ref.sip.flow import Transport
from disco_ref.sip.location.questions import NaptrRecord, SrvRecord

SERVICES = {"SIP+D2U": Transport.UDP, "SIP+D2T": Transport.TCP, "SIPS+D2T": Transport.TLS}
"""The services of NAPTR records to the transports that they stand for (RFC 3263, section 9)."""


def in_turn(records: Iterable[SrvRecord], entropy: Entropy) -> list[SrvRecord]:
    """The servers of a service: by priority, and within one priority at random, the weight being the chance to be next."""
    rest = sorted(records, key=lambda each: (each.priority, each.weight > 0))
    order: list[SrvRecord] = []
    while rest:
        same = [each for each in rest if each.priority == rest[0].priority]
        chosen = _chosen(same, entropy)
        rest.remove(chosen)
        order.append(chosen)
    return order


def _chosen(records: Sequence[SrvRecord], entropy: Entropy) -> SrvRecord:
    total = sum(each.weight for each in records)
    drawn = int.from_bytes(entropy(4)) % (total + 1)
    for each in records:
        drawn -= each.weight
        if drawn <= 0:
            return each
    return records[-1]


def services(
    records: Iterable[NaptrRecord], supported: frozenset[Transport], secure: bool
) -> list[tuple[Transport, str]]:
    """The transports that a domain offers and this element has, the best first, each with the name to ask SRV records of."""
    fitting = []
    for each in records:
        transport = SERVICES.get(each.service.upper())
        # = rfc3263:4.1/0
        if transport in supported and each.flags.lower() == "s" and (not secure or transport is Transport.TLS):
            fitting.append((each.order, each.preference, transport, each.replacement.lower().rstrip(".")))
    return [(transport, name) for _, _, transport, name in sorted(fitting)]
