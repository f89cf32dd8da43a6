"""The access control policies, kept and tried (RFC 6940, section 7.3)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from conformance.checks.rfc6940.live.storage.outcomes import FORBIDDEN, ROLE, empty, granted, refused, unspoilt
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check

storing = partial(check, role=ROLE, protocol="reload", needs="Stores of who may write and of who may not")
EVERY = tuple(
    f"storing-peer/{name}" for name in ("user-match", "node-match", "user-node-match", "node-multiple", "two-signers")
)


def _kept(evidence: Evidence, *bad: str) -> Iterator[Ruling]:
    """Who may write does, who may not is refused, and what lies there afterwards is good."""
    yield from granted(evidence, "good", why="a Store of who may write")
    yield from refused(evidence, *bad, codes=(FORBIDDEN,), why="a Store of who may not write")
    yield from unspoilt(evidence, "fetch")


@storing("rfc6940/s07_3_1/user-match", "Under USER-MATCH the user whose name hashes to the Resource-ID writes, and nobody else.",
         "rfc6940:7.3.1/1", scenarios=("storing-peer/user-match",))  # fmt: skip
def user_match(evidence: Evidence) -> Iterator[Ruling]:
    """With either certificate of the user."""
    yield from _kept(evidence, "bad")


@storing("rfc6940/s07_3_2/node-match", "Under NODE-MATCH the node whose Node-ID hashes to the Resource-ID writes, and nobody else.",
         "rfc6940:7.3.2/1", scenarios=("storing-peer/node-match",))  # fmt: skip
def node_match(evidence: Evidence) -> Iterator[Ruling]:
    """Not another node of the same user either."""
    yield from _kept(evidence, "bad")


@storing("rfc6940/s07_3_2/named-node", "Under NODE-MATCH the Node-ID that counts is the one that the SignerIdentity names.",
         "rfc6940:7.3.2/1", scenarios=("storing-peer/node-match",))  # fmt: skip
def named_node(evidence: Evidence) -> Iterator[Ruling]:
    """A certificate has two of them."""
    yield from _kept(evidence, "bad: as the other")


@storing("rfc6940/s07_3_3/user-node-match", "Under USER-NODE-MATCH the user whose name hashes to the Resource-ID writes, and nobody else.",
         "rfc6940:7.3.3/1", scenarios=("storing-peer/user-node-match",))  # fmt: skip
def user_node_match(evidence: Evidence) -> Iterator[Ruling]:
    """Each node of the user has an entry."""
    yield from _kept(evidence, "bad: user")


@storing("rfc6940/s07_3_3/own-key", "Under USER-NODE-MATCH the key of an entry is the Node-ID of the certificate.",
         "rfc6940:7.3.3/2a", scenarios=("storing-peer/user-node-match",))  # fmt: skip
def own_key(evidence: Evidence) -> Iterator[Ruling]:
    """Another node of the same user does not write it."""
    yield from _kept(evidence, "bad: key")


@storing("rfc6940/s07_3_3/named-key", "Under USER-NODE-MATCH the key of an entry is the Node-ID that the SignerIdentity names.",
         "rfc6940:7.3.3/2b", scenarios=("storing-peer/user-node-match",))  # fmt: skip
def named_key(evidence: Evidence) -> Iterator[Ruling]:
    """A certificate has two of them."""
    yield from _kept(evidence, "bad: as the other")


@storing("rfc6940/s07_3_4/node-multiple", "Under NODE-MULTIPLE the node writes where its Node-ID and a number hash to, and nobody else.",
         "rfc6940:7.3.4/1", scenarios=("storing-peer/node-multiple",))  # fmt: skip
def node_multiple(evidence: Evidence) -> Iterator[Ruling]:
    """Not without a number."""
    yield from _kept(evidence, "bad")


@storing("rfc6940/s07_3_4/limit", "Under NODE-MULTIPLE every number up to the limit of the Kind is taken, and none above.",
         "rfc6940:7.3.4/3", scenarios=("storing-peer/node-multiple",))  # fmt: skip
def limit(evidence: Evidence) -> Iterator[Ruling]:
    """One above, and far above."""
    yield from _kept(evidence, "bad: above")
    yield from empty(evidence, "fetch: none")


@storing("rfc6940/s07_3/value-signer", "Who signs the value may write it, else it is Error_Forbidden.",
         "rfc6940:7.3/2", "rfc6940:7.4.1.1/9", scenarios=("storing-peer/two-signers",))  # fmt: skip
def value_signer(evidence: Evidence) -> Iterator[Ruling]:
    """A request of who may write brings the value of a stranger."""
    yield from _kept(evidence, "bad: value")


@storing("rfc6940/s07_3/request-signer", "Who signs an original Store may write all of it, else it is Error_Forbidden.",
         "rfc6940:7.3/2", "rfc6940:7.4.1.1/10", scenarios=("storing-peer/two-signers",))  # fmt: skip
def request_signer(evidence: Evidence) -> Iterator[Ruling]:
    """A stranger brings the value of who may write."""
    yield from _kept(evidence, "bad: request")


@storing("rfc6940/s13_5_1/authorised", "The storing peer decides by Kind, Resource-ID and signer who may write.",
         "rfc6940:13.5.1/2", scenarios=EVERY)  # fmt: skip
def authorised(evidence: Evidence) -> Iterator[Ruling]:
    """Over all policies."""
    yield from _kept(evidence, "bad", "bad:")
