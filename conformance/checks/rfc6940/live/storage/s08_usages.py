"""What a peer stores of its own accord: its certificate, its TURN server (RFC 6940, sections 8 and 9)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.live.storage.outcomes import fetched
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, rule, unclear

usage = partial(check, protocol="reload")
DENSITY = 3
"""The ``turn-density`` of the scenario."""


def _certificates(evidence: Evidence) -> list[bytes]:
    """The subject's own certificates, as links have shown them."""
    facts = evidence.play.facts if evidence.play else ()
    shown = [fact["certificates"] for _, fact in facts if isinstance(fact.get("certificates"), list)]
    return [bytes.fromhex(str(one[0])) for one in shown if isinstance(one, list) and one]


@usage("rfc6940/s08/certificate-stored", "A node stores its certificate under its user name and under its Node-ID.",
       "rfc6940:8/1", role="node", needs="a subject that has been up for a while", scenarios=("storing-peer/own-certificate",))  # fmt: skip
def certificate_stored(evidence: Evidence) -> Iterator[Ruling]:
    """One of the values in each place holds the certificate that its links show."""
    own = _certificates(evidence)
    for one, event, found in fetched(evidence, "fetch: user", "fetch: node"):
        if not own:
            yield unclear(one.event, why="the certificate of the subject was not seen")
            continue
        good = any(each.exists and der in each.octets for each in found for der in own)
        yield rule(
            good,
            one.event,
            event,
            why="the certificate",
            expected="the subject's certificate",
            seen=f"{len(found)} values without it",
        )


def _offered(evidence: Evidence, label: str) -> Iterator[tuple[int, bytes | None, Ruling]]:
    """For each place of the TURN server the octets that stand there, and whether they are its TurnServer."""
    for one, event, found in fetched(evidence, label):
        number = int(one.event.label.rpartition(" ")[2])
        there = [each.octets for each in found if each.exists]
        wanted = bytes([number, 1])
        good = bool(there) and there[0].startswith(wanted)
        said = rule(
            good,
            one.event,
            event,
            why="the place",
            expected=f"a TurnServer with the iteration {number}",
            seen=str(there),
        )
        yield number, there[0] if there else None, said


@usage("rfc6940/s09/turn-private", "A peer with an address of RFC 1918 does not offer itself as a TURN server.",
       "rfc6940:9/2", role="peer", needs="a peer with a TURN server at a private address", level="SHOULD",
       scenarios=("storing-peer/turn-server",))  # fmt: skip
def turn_private(evidence: Evidence) -> Iterator[Ruling]:
    """At a public one it does, so that nothing is not what it always does."""
    public = [octets for _, octets, _ in _offered(evidence, "fetch: public:") if octets]
    for one, event, found in fetched(evidence, "fetch: private:"):
        if not public:
            yield unclear(one.event, why="it is not offered at a public address either")
            continue
        there = [each.octets for each in found if each.exists]
        yield rule(not there, one.event, event, why="a private address", expected="nothing", seen=str(there))


@usage("rfc6940/s09/turn-public", "A peer whose address is neither private nor behind a NAT registers its TURN server.",
       "rfc6940:9/3", role="peer", needs="a peer with a TURN server at a public address", level="SHOULD",
       scenarios=("storing-peer/turn-server",))  # fmt: skip
def turn_public(evidence: Evidence) -> Iterator[Ruling]:
    """In its first place, with that address."""
    for number, octets, good in _offered(evidence, "fetch: public:"):
        if number == 1:
            yield good
            if octets is not None:
                told = octets[1:].hex()
                wanted = "0106c6336407" + (3478).to_bytes(2).hex()
                yield rule(told == wanted, why="the address", expected=wanted, seen=told)


@usage("rfc6940/s09/turn-density", "A TURN server stands in as many places as turn-density says.",
       "rfc6940:9/4", role="peer", needs="a peer with a TURN server", level="SHOULD", scenarios=("storing-peer/turn-server",))  # fmt: skip
def turn_density(evidence: Evidence) -> Iterator[Ruling]:
    """Three places, and not a fourth."""
    for number, octets, good in _offered(evidence, "fetch: public:"):
        if number <= DENSITY:
            yield good
        else:
            yield rule(octets is None, why="the place after the last", expected="nothing", seen=str(octets))
