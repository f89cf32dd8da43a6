"""Certificate signing requests and the forms that carry them, right or deliberately wrong (RFC 6940, section 11.3)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from conformance.lab.hypertext import Part, form
from conformance.live.enrolment.accounts import Account

PKCS10, PKIX = "application/pkcs10", "application/pkix-cert"


def csr(name: str = "", *, spoilt: bool = False) -> bytes:
    """A request of a new key for a user name, or for whatever name the server gives; ``spoilt``: its signature does not hold."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    if name:
        # the name as it is, also one that nobody may have
        names = x509.SubjectAlternativeName([x509.RFC822Name._init_without_validation(name)])
        builder = builder.add_extension(names, False)
    der = builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)
    return der[:-1] + bytes([der[-1] ^ 1]) if spoilt else der


def parameters(account: Account | None, request: bytes | None, nodeids: str = "") -> list[Part]:
    """The parameters of a form."""
    found = [Part("username", account.user.encode()), Part("password", account.password.encode())] if account else []
    found += [Part("nodeids", nodeids.encode())] if nodeids else []
    return found + ([Part("csr", request, PKCS10)] if request is not None else [])


def body_of(parts: Sequence[Part]) -> tuple[tuple[str, str], bytes]:
    """The Content-Type row and the body."""
    boundary = secrets.token_hex(12)
    return ("Content-Type", f"multipart/form-data; boundary={boundary}"), form(parts, boundary)
