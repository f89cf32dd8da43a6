"""Tests of telling a node about Kinds that it did not know (RFC 6940, section 7.4.1.2)."""

from __future__ import annotations

import dataclasses

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.peer.overlay.test.members import identity, node_id
from disco_ref.reload.actions import AnsweredWithError, Ask, RequestTimeout, Tell
from disco_ref.reload.enrollment.configuration import RequiredKinds
from disco_ref.reload.enrollment.document import sign_document, sign_kinds
from disco_ref.reload.enrollment.signing import blob_signer
from disco_ref.reload.forwarding.configuring import Configuring
from disco_ref.reload.overlay import Overlay, overlay_of
from disco_ref.reload.registries import ErrorCode
from disco_ref.reload.storage.client import StorageClient
from disco_ref.reload.storage.explaining import explained
from disco_ref.reload.storage.refusals import UnknownKind
from disco_ref.reload.storage.test.peers import (
    ALICE,
    ARRAY,
    CONTEXT,
    NAME,
    NOW,
    SINGLE,
    StoringPeer,
    incoming,
    kinds_of,
    part,
    store,
    value,
)

SIGNER = 50
"""The member that signs Kinds and configurations."""


def documented() -> Overlay:
    """An overlay whose document defines the Kinds, signed."""
    signer = identity(SIGNER)
    sign = blob_signer(signer.signer, signer.certificates, CONTEXT)
    configuration = dataclasses.replace(kinds_of(), kind_signer=(node_id(SIGNER),), sequence=1)
    signed = sign_kinds(configuration, sign)
    return overlay_of(signed, sign_document([signed], sign))


def unknown(*kinds: int) -> AnsweredWithError:
    """The error of a node that does not know these Kinds."""
    return AnsweredWithError(ErrorCode.Error_Unknown_Kind, UnknownKind(kinds).error_info, node_id(9))


class ExplainingTests(SynchronousTestCase):
    """What follows Error_Unknown_Kind."""

    def setUp(self) -> None:
        """A peer that knows the Kinds, and a client on it."""
        self.peer = StoringPeer(ALICE)
        self.peer.member.overlay = self.overlay = documented()

    def test_learned(self) -> None:
        """The node that did not know a Kind is sent its definition, believes its signature, and takes the Store then."""
        # = rfc6940:7.4.1.2/7 test
        other = StoringPeer()
        few = tuple(each for each in self.overlay.configuration.kind_blocks if each.kind.kind_id != SINGLE)
        configuration = dataclasses.replace(self.overlay.configuration, required_kinds=RequiredKinds(kind_block=few))
        other.member.overlay = overlay_of(configuration)
        request = store(part(SINGLE, value(b"x")))
        with self.assertRaises(Refusal) as caught:
            other.ask(request)
        why = AnsweredWithError(caught.exception.error_code, caught.exception.error_info, other.node_id)
        (ask,) = explained(self.peer.storage, why, self.overlay)
        assert isinstance(ask, Ask)
        self.assertEqual(ask.to[-1].destination_data, other.node_id)
        Configuring(other.member).asked(incoming(ask.body, ask.code, identity(ALICE)), NOW)
        other.ask(request)
        self.assertEqual(other.values(), {None: b"x"})
        self.assertEqual(self.peer.storage.answered(ask.about, incoming(ask.body, ask.code, identity(9)), NOW), [])
        self.assertEqual(self.peer.storage.failed(ask.about, RequestTimeout("nobody answers"), NOW), [])

    def test_client(self) -> None:
        """A client tells what has failed, and explains the Kind."""
        # = rfc6940:7.4.1.2/7 test
        client = StorageClient(self.peer.member, self.peer.algorithm)
        (ask,) = client.fetch(("f",), NAME, ARRAY)
        assert isinstance(ask, Ask)
        update, told = client.failed(ask.about, unknown(ARRAY), NOW)
        assert isinstance(update, Ask)
        self.assertIsInstance(told, Tell)
        self.assertEqual(client.failed(update.about, RequestTimeout("nobody answers"), NOW), [])

    def test_nothing(self) -> None:
        """Nothing is explained after other errors, of Kinds that the document does not define, or without a document."""
        # = rfc6940:7.4.1.2/7 test
        room = self.peer.storage
        self.assertEqual(explained(room, unknown(12345), self.overlay), [])
        self.assertEqual(explained(room, unknown(SINGLE), self.overlay._replace(document=b"")), [])
        damaged = AnsweredWithError(ErrorCode.Error_Unknown_Kind, b"\x09oh", node_id(9))
        other = AnsweredWithError(ErrorCode.Error_Forbidden, UnknownKind((SINGLE,)).error_info, node_id(9))
        for why in (damaged, other, RequestTimeout("nobody answers")):
            self.assertEqual(explained(room, why, self.overlay), [])
