"""The overlay of the subject, in which the harness enrols as everybody does: its Node-IDs and certificates are not ours to choose.

Where a scenario wants a certain Node-ID, a bad certificate, another configuration or one of the harness' own Kinds, it is not claimed.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree

from cryptography.hazmat.primitives.asymmetric import ec

from conformance.lab.presentation.refusal import LabRefusal
from conformance.live.enrolment.reading import read_document
from conformance.live.overlay.authority import GOOD, NODE_ID, Authority, Overlay
from conformance.live.overlay.document import BASE, CHORD, Document, Kind
from conformance.live.overlay.identity import Identity, Key
from conformance.live.wants import NotClaimed

FIRST = ("probe", "settler")
"""Parties that take the first account: they are nobody in particular."""
Enrols = Callable[[int | None], Identity]
"""An identity that nobody has yet, of the account with this number, or of any; raises NotClaimed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignDocument(Document):
    """A document that only its overlay's own signers can change."""

    original: bytes = b""

    def changed(self, **changes: object) -> Document:
        """Raises NotClaimed."""
        raise NotClaimed("the configuration of the subject's overlay is not the harness' to change")

    def octets(self, by: Identity | None = None, *, signature: bytes | None = None) -> bytes:
        """As it was served; raises NotClaimed for one that is signed otherwise."""
        if by is not None or signature is not None:
            raise NotClaimed("the configuration of the subject's overlay is not the harness' to sign")
        return self.original

    def kind_block(self, kind: Kind, by: Identity | None = None) -> bytes:
        """Raises NotClaimed."""
        raise NotClaimed("the Kinds of the subject's overlay are not the harness' to sign")


class ForeignOverlay(Overlay):
    """The overlay of a document, with identities that its server gives."""

    def __init__(self, octets: bytes, enrols: Enrols) -> None:
        """Raises LabRefusal for a document that says too little."""
        served = read_document(octets)
        element = ElementTree.fromstring(octets).find(f"{{{BASE}}}configuration")
        if not served.roots or element is None:
            raise LabRefusal("configuration", None, "it has no root-cert")
        if _number(element, "node-id-length", NODE_ID) != NODE_ID:
            raise LabRefusal(
                "configuration.node-id-length", None, f"the harness plays with Node-IDs of {NODE_ID} bytes"
            )
        nobody = ec.generate_private_key(ec.SECP256R1())
        self.name, self.now = served.name, time.time()
        self._root = Authority(served.roots[0], nobody)
        self._foreign = None
        self.trusted = list(served.roots[1:])
        self.models = _models(element)
        self.signer = Identity(node_ids=(bytes(NODE_ID),), user="", key=nobody, certificate=b"")
        self.document = ForeignDocument(
            name=served.name, root=served.roots[0], signer=self.signer, original=octets, kinds=(),
            sequence=int(element.get("sequence", "0")), max_message_size=_number(element, "max-message-size", 5000),
            initial_ttl=_number(element, "initial-ttl", 100),
            update=_number(element, "chord-update-interval", 600, CHORD),
            ping=_number(element, "chord-ping-interval", 3600, CHORD),
        )  # fmt: skip
        self._enrols = enrols
        self._users: list[str] = []

    def certify(
        self, user: str, node_ids: Sequence[bytes] = (), *, kind: str = GOOD, key: Key | None = None, count: int = 1
    ) -> Identity:
        """An identity of one of the accounts, each party's own; raises NotClaimed for what no server gives."""
        if node_ids or kind != GOOD or key is not None or count != 1:
            raise NotClaimed("in the subject's overlay Node-IDs cannot be chosen, and bad certificates not made")
        name = user.partition("@")[0]
        if name not in self._users and not name.startswith(FIRST):
            self._users.append(name)
        return self._enrols(self._users.index(name) if name in self._users else None)

    def demand(self, kind: Kind) -> None:
        """Raises NotClaimed for a Kind that this overlay does not have, or not in this data model."""
        if self.models.get(kind.id) != kind.model:
            raise NotClaimed(f"the subject's overlay has no Kind {kind.id:#x} of the harness")


def _number(element: ElementTree.Element, name: str, otherwise: int, namespace: str = BASE) -> int:
    text = (element.findtext(f"{{{namespace}}}{name}") or "").strip()
    return int(text) if text.isdecimal() else otherwise


def _models(element: ElementTree.Element) -> dict[int, str]:
    """The data models by Kind; of those that have a registered name, too."""
    found: dict[int, str] = {}
    for kind in element.iter(f"{{{BASE}}}kind"):
        number = kind.get("id") or str(NAMES.get(kind.get("name", ""), ""))
        model = (kind.findtext(f"{{{BASE}}}data-model") or "").strip()
        if number.isdecimal() and model:
            found[int(number)] = model
    return found


NAMES = {"SIP-REGISTRATION": 1, "TURN-SERVICE": 2, "CERTIFICATE_BY_NODE": 3, "CERTIFICATE_BY_USER": 16}
"""Kinds by their registered names (section 14.6)."""
