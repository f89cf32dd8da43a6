"""The RELOAD codec: encode and decode of a signed StoreReq against one ECDSA P-256 signature made and verified.

The message is whole: forwarding header, StoreReq with a signed dictionary entry, certificate, signature.  The two sides
are measured in turns in one process and compared by the median of the turns, so that a busy machine slows down both.
"""

from __future__ import annotations

import datetime
import statistics
import time
import tracemalloc
from collections.abc import Callable

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from disco_ref.notation.context import Context
from disco_ref.notation.presentation import Unknown
from disco_ref.reload.ids import overlay_hash, resource_id
from disco_ref.reload.message.contents import Contents
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.reload.message.envelope import Message, decode_message, encode_message
from disco_ref.reload.message.forwarding_header import RELO_TOKEN, VERSION, WHOLE, ForwardingHeader
from disco_ref.reload.message.security_block import CertificateType, GenericCertificate, SecurityBlock
from disco_ref.reload.message.signature import NOT_SIGNED
from disco_ref.reload.security.certificates import read_certificate, reload_uri
from disco_ref.reload.security.message_signature import sign_message
from disco_ref.reload.security.signing import signer_with_key
from disco_ref.reload.security.value_signature import sign_value
from disco_ref.reload.storage.data_models import DataValue, DictionaryEntry
from disco_ref.reload.storage.kinds import SIP_REGISTRATION, overlay_context
from disco_ref.reload.storage.store import StoreKindData, StoreReq
from disco_ref.reload.storage.stored_data import StoredData

OVERLAY = "overlay.example"
USER = "alice@example.com"
NODE_ID = bytes(range(16))
TURNS = 200
PER_TURN = 20


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; see ``bench.__main__`` for their shape."""
    context = overlay_context(OVERLAY)
    key = ec.generate_private_key(ec.SECP256R1())
    message = signed_store_req(key, context)
    octets = message.received
    assert encode_message(message, context) == octets
    signed = octets[38:]
    algorithm = ec.ECDSA(hashes.SHA256())
    signature, public = key.sign(signed, algorithm), key.public_key()

    def crypto() -> None:
        key.sign(signed, algorithm)
        public.verify(signature, signed, algorithm)

    encoding, decoding, signing = _in_turns(
        lambda: encode_message(message, context), lambda: decode_message(octets, context), crypto
    )
    ratios = [(one + two) / three for one, two, three in zip(encoding, decoding, signing, strict=True)]
    measured_against = "one ECDSA P-256 sign + verify"
    return [
        {
            "name": f"encode + decode of a signed StoreReq of {len(octets)} bytes",
            "value": statistics.median(ratios),
            "unit": "",
            "target": "<= 0.25",
            "ratio_to": measured_against,
        },
        _share("of it encoding", encoding, signing, measured_against),
        _share("of it decoding", decoding, signing, measured_against),
        {
            "name": "memory of the decoded message",
            "value": _memory(lambda: decode_message(octets, context)) / len(octets),
            "unit": "times its octets",
            "ratio_to": f"{len(octets)} bytes",
        },
    ]


def signed_store_req(key: ec.EllipticCurvePrivateKey, context: Context) -> Message:
    """A SIP-REGISTRATION stored by its owner: value and message signed."""
    der = certificate(key, context)
    signer = signer_with_key(key, read_certificate(der, context))
    resource = resource_id(USER)
    value = DictionaryEntry(NODE_ID, DataValue(True, b"\x02\x00\x18\x00\x00\x00\x14\x01\x10" + NODE_ID + bytes(2)))
    stored = StoredData(1_700_000_000_000, 86_400, value, NOT_SIGNED)
    stored = sign_value(stored, resource, SIP_REGISTRATION, signer, context)
    header = ForwardingHeader(
        RELO_TOKEN, overlay_hash(OVERLAY), 1, VERSION, 100, WHOLE, 0, 0x0123456789ABCDEF, 0,
        (), (Destination(DestinationType.resource, resource),), (),
    )  # fmt: skip
    body = StoreReq(resource, 0, (StoreKindData(SIP_REGISTRATION, 0, (stored,)),))
    block = SecurityBlock((GenericCertificate(CertificateType.X_509, der),), NOT_SIGNED)
    message = sign_message(Message(header, Contents(7, body, ()), block), signer, context)
    kind_data = message.message_contents.message_body.kind_data  # type: ignore[union-attr]
    assert not isinstance(kind_data[0].values, Unknown)
    return message


def certificate(key: ec.EllipticCurvePrivateKey, context: Context) -> bytes:
    """A certificate with one Node-ID and a user name, in DER."""
    nobody = x509.Name([])
    start = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    names = [x509.UniformResourceIdentifier(reload_uri(NODE_ID, OVERLAY, context)), x509.RFC822Name(USER)]
    return (
        x509.CertificateBuilder()
        .subject_name(nobody)
        .issuer_name(nobody)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(start)
        .not_valid_after(start + datetime.timedelta(days=36500))
        .add_extension(x509.SubjectAlternativeName(names), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.DER)
    )


def _in_turns(*sides: Callable[[], object]) -> list[list[float]]:
    """For each side the seconds of every turn; the sides alternate."""
    found: list[list[float]] = [[] for _ in sides]
    for _ in range(TURNS):
        for side, seconds in zip(sides, found, strict=True):
            start = time.perf_counter()
            for _ in range(PER_TURN):
                side()
            seconds.append(time.perf_counter() - start)
    return found


def _share(name: str, part: list[float], whole: list[float], measured_against: str) -> dict[str, object]:
    ratio = statistics.median(one / other for one, other in zip(part, whole, strict=True))
    return {"name": name, "value": ratio, "unit": "", "ratio_to": measured_against}


def _memory(make: Callable[[], object]) -> int:
    """Octets that one more result takes, once everything that is made only once is there."""
    make()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    kept = [make() for _ in range(100)]
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return (after - before) // len(kept)
