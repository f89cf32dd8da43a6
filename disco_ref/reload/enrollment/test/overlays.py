"""A founded overlay for tests: a root, a signer, a signed configuration; all of it the same in each run."""

from __future__ import annotations

import dataclasses
import hashlib
from functools import cache
from itertools import count

from cryptography import x509

from disco_ref.clock import Duration, Instant
from disco_ref.entropy import Entropy
from disco_ref.notation.context import Context
from disco_ref.reload.enrollment.configuration import Configuration, SelfSignedPermitted
from disco_ref.reload.enrollment.foundation import CERTIFICATE_KINDS, SIP_KIND, raised, signed_document, with_kinds
from disco_ref.reload.enrollment.issuing import Authority, Holder, issue, lasting, make_root
from disco_ref.reload.enrollment.signing import blob_signer, context_of
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.signing import signer_with_key
from disco_ref.reload.security.test.keys import NOON, OVERLAY, ecdsa_key

NOW = Instant(NOON.timestamp())
DAY = Duration(86400.0)
SIGNER = bytes(range(100, 116))


def entropy(seed: str = "") -> Entropy:
    """Octets that follow from a seed."""
    numbers = count()
    return lambda size: hashlib.shake_256(f"{seed} {next(numbers)}".encode()).digest(size)


@cache
def authority(which: int = 50) -> Authority:
    """A root and its key."""
    key = ecdsa_key(which)
    root = make_root(key, OVERLAY, lasting(NOW, Duration(1000 * DAY)), entropy("root"))
    return Authority(key, x509.load_der_x509_certificate(root))


def root_der(which: int = 50) -> bytes:
    """The root certificate in DER."""
    return make_root(ecdsa_key(which), OVERLAY, lasting(NOW, Duration(1000 * DAY)), entropy("root"))


def configuration(digest: str | None = None) -> Configuration:
    """A configuration with Kinds, whose signer has a certificate of the root's; not signed."""
    plain = Configuration(
        instance_name=OVERLAY,
        root_cert=(root_der(),),
        enrollment_server=("https://127.0.0.1/enroll",),
        configuration_signer=(SIGNER,),
        kind_signer=(SIGNER,),
    )
    if digest is not None:
        permitted = SelfSignedPermitted(digest=digest, permitted=True)
        plain = dataclasses.replace(plain, self_signed_permitted=permitted)
    return raised(with_kinds(plain, (*CERTIFICATE_KINDS, SIP_KIND)), NOW, Duration(30 * DAY))


def document(of: Configuration, which: int = 51, signer: bytes = SIGNER) -> bytes:
    """A document, signed by a holder of a certificate with this Node-ID."""
    key, context = ecdsa_key(which), context_of(of)
    holder = Holder(key.public_key(), (signer,), f"signer@{OVERLAY}")
    der = issue(authority(), holder, lasting(NOW, Duration(900 * DAY)), entropy("signer"), OVERLAY, context)
    return signed_document(of, blob_signer(signer_with_key(key, read_certificate(der, context)), [der], context))


def context() -> Context:
    """What the structs of the overlay are read with."""
    return context_of(configuration())
