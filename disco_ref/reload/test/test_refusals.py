"""Tests of the errors that refusals are owed (RFC 6940, section 14.9)."""

from __future__ import annotations

from twisted.trial.unittest import SynchronousTestCase

from disco_ref.errors import Refusal
from disco_ref.reload.actions import RequestTimeout
from disco_ref.reload.forwarding.app_attaching import BadRole, NotAdmitted, UnknownApplication
from disco_ref.reload.forwarding.asking import ResponseTooLarge, UnknownMethod
from disco_ref.reload.forwarding.attaching import InProgress, Overloaded
from disco_ref.reload.forwarding.configuring import ConfigTooNew, ConfigTooOld, KindOfAnother
from disco_ref.reload.forwarding.surroundings import NotAttached
from disco_ref.reload.link.fragmentation import BadFragment
from disco_ref.reload.link.framing import FrameTooLarge
from disco_ref.reload.link.proving import OtherNode
from disco_ref.reload.message.contents import UnknownExtension
from disco_ref.reload.message.forwarding_header import BadHeader, IncompatibleWithOverlay, MessageTooLarge, TTLExceeded
from disco_ref.reload.message.forwarding_option import UnsupportedForwardingOption
from disco_ref.reload.registries import ErrorCode
from disco_ref.reload.security.algorithms import BadSignature, UnknownAlgorithm
from disco_ref.reload.security.certificates import BadCertificate, Untrusted
from disco_ref.reload.security.message_signature import OtherSender
from disco_ref.reload.security.signing import UnknownSigner
from disco_ref.reload.security.value_signature import BadSynthesis
from disco_ref.reload.storage.access_control import NotAllowed
from disco_ref.reload.storage.fetch import BadRange
from disco_ref.reload.storage.refusals import (
    AnswerTooLarge,
    DataTooLarge,
    DataTooOld,
    GenerationTooLow,
    NobodySigned,
    NoReplicaHere,
    NotResponsible,
    UnknownKind,
)
from disco_ref.reload.storage.store import NotSigned, RepeatedKind
from disco_ref.reload.topology.chord.admitting import NotAdjacent, NotAdmitting

OWED: dict[ErrorCode, tuple[type[Refusal], ...]] = {
    ErrorCode.Error_Forbidden: (
        *(NotAdmitted, NotAttached, OtherNode, KindOfAnother, NotAllowed, NoReplicaHere, NobodySigned, NotSigned),
        *(NotAdjacent, NotAdmitting, BadSignature, UnknownAlgorithm, BadCertificate, Untrusted, OtherSender),
        *(UnknownSigner, BadSynthesis, Overloaded),
    ),
    ErrorCode.Error_Not_Found: (UnknownApplication, NotResponsible),
    ErrorCode.Error_Request_Timeout: (RequestTimeout,),
    ErrorCode.Error_Generation_Counter_Too_Low: (GenerationTooLow,),
    ErrorCode.Error_Incompatible_with_Overlay: (IncompatibleWithOverlay, ResponseTooLarge),
    ErrorCode.Error_Unsupported_Forwarding_Option: (UnsupportedForwardingOption,),
    ErrorCode.Error_Data_Too_Large: (DataTooLarge,),
    ErrorCode.Error_Data_Too_Old: (DataTooOld,),
    ErrorCode.Error_TTL_Exceeded: (TTLExceeded,),
    ErrorCode.Error_Message_Too_Large: (MessageTooLarge, FrameTooLarge),
    ErrorCode.Error_Unknown_Kind: (UnknownKind,),
    ErrorCode.Error_Unknown_Extension: (UnknownExtension,),
    ErrorCode.Error_Response_Too_Large: (AnswerTooLarge,),
    ErrorCode.Error_Config_Too_Old: (ConfigTooOld,),
    ErrorCode.Error_Config_Too_New: (ConfigTooNew,),
    ErrorCode.Error_In_Progress: (InProgress,),
    ErrorCode.Error_Invalid_Message: (BadRole, UnknownMethod, BadFragment, BadHeader, BadRange, RepeatedKind),
}
"""Why something is refused, by the error that goes out for it."""


class ErrorTests(SynchronousTestCase):
    """The error of each refusal."""

    def test_codes(self) -> None:
        """Each refusal is owed the error that the registry names for it."""
        # = rfc6940:14.9/0 test
        for code, refusals in OWED.items():
            for each in refusals:
                self.assertEqual(each.error_code, code, each.__name__)
