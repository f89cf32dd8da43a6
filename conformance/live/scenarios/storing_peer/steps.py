"""What the scenarios of storing peers have in common: values that say whether they may lie there, many stores in a row."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay.document import Kind
from conformance.live.overlay.peer import Heard, Peer, Written
from conformance.live.overlay.storage import fetch, resource_of, signed, store_request
from conformance.live.overlay.writing import Object, Sealing, entry, keyed, single
from conformance.live.wants import NotSeen

ROLE = "storing-peer"
GOOD, BAD = b"good ", b"bad "
"""Values that may lie at the subject begin with the first, those that must never be seen again with the second."""


def valued(kind: Kind, octets: bytes, *, index: int = 0, key: bytes = b"") -> Object:
    """A value as the Kind has it."""
    if kind.model == "SINGLE":
        return single(octets)
    return entry(index, octets) if kind.model == "ARRAY" else keyed(key, octets)


def good(
    peer: Peer, kind: Kind, name: str = "", *, at: bytes | None = None, label: str = "good", generation: int = 0,
    later: float = 0.0, lifetime: int = 86400, sealing: Sealing | None = None, index: int = 0, key: bytes = b"",
) -> Heard:  # fmt: skip
    """Store a value that must be taken; raises NotSeen where it is refused.  ``sealing`` is of the value and of the request."""
    where = resource_of(peer.identity, kind) if at is None else at
    value = valued(kind, GOOD + name.encode(), index=index, key=key)
    data = signed(peer, kind, value, at=where, later=later, lifetime=lifetime, sealing=sealing)
    return sent(peer, kind, [data], at=where, label=label, generation=generation, sealing=sealing, must=True)


def bad(
    peer: Peer, kind: Kind, name: str = "", *, at: bytes | None = None, label: str = "bad", later: float = 0.0,
    sealing: Sealing | None = None, request: Sealing | None = None, index: int = 0, key: bytes = b"",
    certificates: Sequence[bytes] | None = None, generation: int = 0, replica: int = 0, malformed: bool = False,
) -> None:  # fmt: skip
    """Store a value that must not be taken, signed by ``sealing``, in a request that is signed by ``request``."""
    where = resource_of(peer.identity, kind) if at is None else at
    value = valued(kind, BAD + name.encode(), index=index, key=key)
    data = signed(peer, kind, value, at=where, later=later, sealing=sealing)
    sent(
        peer, kind, [data], at=where, label=label, sealing=request, certificates=certificates, generation=generation,
        replica=replica, malformed=malformed,
    )  # fmt: skip


def sent(
    peer: Peer, kind: Kind, values: Sequence[Json], *, at: bytes | None = None, label: str = "", generation: int = 0,
    sealing: Sealing | None = None, certificates: Sequence[bytes] | None = None, replica: int = 0, must: bool = False,
    to: bytes | None = None, malformed: bool = False,
) -> Heard:  # fmt: skip
    """Store values, and wait for the answer; one that must be taken and is not ends the scenario.

    What is ``malformed`` breaks a rule that every reader of the message can see.
    """
    where = resource_of(peer.identity, kind) if at is None else at
    request = store_request(
        peer, [(kind, values, generation)], where, sealing=sealing, certificates=certificates, replica=replica, to=to
    )
    peer.send(request, label=label, malformed=malformed)
    answer = peer.reply(request)
    return peer.granted(answer) if must else answer


def seen(peer: Peer, kind: Kind, *, at: bytes | None = None, label: str = "fetch", number: int = 1) -> Heard:
    """Fetch everything of a Kind; an error ends the scenario."""
    return peer.granted(
        fetch(peer, kind, at=resource_of(peer.identity, kind, number) if at is None else at, label=label)
    )


def unanswered(peer: Peer, what: Written, label: str, *, malformed: bool = False) -> None:
    """Send a request that need not be answered, and wait for what comes of it; a link that is closed for it is opened again."""
    peer.send(what, label=label, malformed=malformed)
    try:
        peer.reply(what)
    except NotSeen:
        peer.stage.note(f"{label}: no answer")
    if all(one.closed or not one.open for one in peer.links.values()):
        peer.connect()
