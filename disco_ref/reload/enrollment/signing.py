"""Signing configurations and Kinds, and judging their signatures (RFC 6940, section 11.1).

A signature element holds a SecurityBlock.  What it covers is the octets of the element alone: section 11.1 speaks of
a blob that is signed.  Everywhere else in RELOAD the signer's identity follows what is signed (sections 6.3.4
and 7.1), so a verifier takes both: whoever could make the one could make the other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from disco_ref.clock import Instant
from disco_ref.errors import Refusal, Unauthorized
from disco_ref.notation.codec import decode, encode
from disco_ref.notation.context import Context
from disco_ref.reload.enrollment.configuration import Configuration, KindBlock
from disco_ref.reload.enrollment.document import SignedConfiguration, SignedKind
from disco_ref.reload.enrollment.document import Signer as BlobSigner
from disco_ref.reload.message.security_block import CertificateType, GenericCertificate, SecurityBlock
from disco_ref.reload.message.signature import HashAlgorithm, Signature
from disco_ref.reload.security.signing import BadSignature, SignedBy, Signer, Trust, verify
from disco_ref.reload.storage.kinds import overlay_context

# = rfc6940:11.1/12
DIGESTS = {"sha1": HashAlgorithm.sha1, "sha256": HashAlgorithm.sha256}
"""The digests for self-signed certificates, by their names; under another one none is believed."""


class NotPermitted(Unauthorized):
    """A sound signature of a node that may not sign this (Error_Forbidden)."""

    error_code = 2


class NotSigned(Unauthorized):
    """A configuration without any signature (Error_Forbidden)."""

    error_code = 2


def blob_signer(signer: Signer, certificates: Sequence[bytes], context: Context) -> BlobSigner:
    """From the octets of an element to the encoded SecurityBlock that signs them; certificates are in DER."""
    bucket = tuple(GenericCertificate(CertificateType.X_509, each) for each in certificates)

    def sign(octets: bytes) -> bytes:
        # = rfc6940:11.1/35b
        signature = Signature(signer.algorithm, signer.identity, signer.sign(octets))
        return encode(SecurityBlock(bucket, signature), context)

    return sign


def context_of(configuration: Configuration) -> Context:
    """What the configuration fixes for every decoder of its overlay."""
    return overlay_context(
        configuration.instance_name,
        configuration.data_models(),
        node_id_length=configuration.node_id_length,
        initial_ttl=configuration.initial_ttl,
        max_message_size=configuration.max_message_size,
    )


_NOBODY: frozenset[bytes] = frozenset()


def trust_of(configuration: Configuration, now: Instant | None) -> Trust:
    """Whom the configuration makes a node believe, at this time."""
    own = configuration.self_signed_permitted
    self_signed = DIGESTS.get(own.digest) if own is not None and own.permitted else None
    # made anew for every message that is verified
    bad_nodes = frozenset(configuration.bad_node) if configuration.bad_node else _NOBODY
    return Trust(configuration.root_cert, now, (), self_signed, bad_nodes)


def verify_configuration(new: SignedConfiguration, current: Configuration, now: Instant | None = None) -> SignedBy:
    """Who signed a new configuration, judged by the one that holds now.

    NotSigned where nobody did, NotPermitted where no signer of the current one did, and the refusal of the last
    signature where none is sound.
    """

    def judge(block: bytes) -> SignedBy:
        # = rfc6940:11.1/37
        return _verify(new.octets, block, current.configuration_signer, current, now)

    return _one_of_the_signatures(new, judge)


def verify_configuration_by(new: SignedConfiguration, trust: Trust, context: Context) -> SignedBy:
    """Who signed a configuration, where the signers are known by ``trust.certificates``; what else came along is none."""

    def judge(block: bytes) -> SignedBy:
        return _signer(new.octets, decode(SecurityBlock, block, context).signature, (), trust, context)

    return _one_of_the_signatures(new, judge)


def _one_of_the_signatures(new: SignedConfiguration, judge: Callable[[bytes], SignedBy]) -> SignedBy:
    # = rfc6940:11.1/38
    if not new.signatures:
        raise NotSigned("no signature behind the configuration", where="overlay/signature")
    refused: Refusal | None = None
    for signature in new.signatures:
        try:
            return judge(signature.security_block)
        except Refusal as refusal:
            refused = refusal
    assert refused is not None
    refused.where = f"overlay/signature ({refused.where})"
    raise refused


def verify_kinds(configuration: SignedConfiguration, now: Instant | None = None) -> tuple[KindBlock, ...]:
    """The Kinds of a configuration, each signed by one of its kind-signers; raises for the first that is not."""
    one = configuration.configuration
    for block, octets in zip(one.kind_blocks, configuration.kinds, strict=True):
        # = rfc6940:11.1/33
        verify_kind(SignedKind(block, octets), one, now)
    return one.kind_blocks


def verify_kind(kind: SignedKind, current: Configuration, now: Instant | None = None) -> SignedBy:
    """Who signed a Kind; NotPermitted where it is no kind-signer of the configuration that holds now."""
    # = rfc6940:11.1/32
    # = rfc6940:6.5.4.2/3
    return _verify(kind.octets, kind.block.kind_signature.security_block, current.kind_signer, current, now)


def _verify(
    octets: bytes, encoded: bytes, permitted: Iterable[bytes], current: Configuration, now: Instant | None
) -> SignedBy:
    context = context_of(current)
    trust = trust_of(current, now)
    block = decode(SecurityBlock, encoded, context)
    bucket = [each.certificate for each in block.certificates if each.type is CertificateType.X_509]
    signer = _signer(octets, block.signature, bucket, trust, context)
    _refuse_groundless(signer, trust)
    if not set(signer.node_ids) & set(permitted):
        raise NotPermitted("the signer is none that the configuration names", where="signature")
    return signer


def _signer(octets: bytes, signature: Signature, bucket: Sequence[bytes], trust: Trust, context: Context) -> SignedBy:
    """Who signed the octets, by either reading of the section."""
    try:
        return verify(signature, octets, bucket, trust, context)
    except BadSignature:
        return verify(signature, octets + encode(signature.identity, context), bucket, trust, context)


def _refuse_groundless(signer: SignedBy, trust: Trust) -> None:
    """Without root certificates only a self-signed one can be believed, and only where these are permitted."""
    self_signed = signer.certificate is not None and signer.certificate.self_signed
    # = rfc6940:11.1/10
    if not trust.roots and not (trust.self_signed_hash is not None and self_signed):
        raise NotPermitted("no root-cert, and no permitted self-signed certificate", where="signature")
