"""Requests over HTTPS with their answers, and the certificates in these."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from conformance.judge.evidence import Evidence
from conformance.judge.seen import Seen
from conformance.lab.certificates import Certificate, read_certificate
from conformance.lab.hypertext import Hypertext, Part, parts
from conformance.lab.presentation.refusal import LabRefusal

PKIX, PKCS10 = "application/pkix-cert", "application/pkcs10"
TOKENS = ("failed_authentication", "username_not_available", "Node-IDs_not_available", "bad_CSR")


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came back; each has a connection of its own."""

    event: Seen
    request: Hypertext
    answered: Seen | None
    answer: Hypertext | None

    @property
    def events(self) -> tuple[Seen, ...]:
        """Both messages."""
        return (self.event,) if self.answered is None else (self.event, self.answered)

    @property
    def outcome(self) -> str:
        """What came of it, in a few words."""
        if self.answer is None:
            return "no answer"
        word = self.answer.body[:60].decode("latin-1") if self.answer.media_type == "text/plain" else ""
        return f"status {self.answer.status}, {self.answer.media_type or 'no type'} {word}".strip()

    @property
    def token(self) -> str:
        """The token of a refusal; empty where there is none."""
        if self.answer is None or self.answer.status != 403 or self.answer.media_type != "text/plain":
            return ""
        return self.answer.body.strip().decode("latin-1")

    @property
    def granted(self) -> bool:
        """Whether something came that may be a certificate."""
        return self.answer is not None and self.answer.status == 200


def exchanges(evidence: Evidence, *labels: str) -> Iterator[Exchange]:
    """The exchanges under these labels, or all."""
    for event in evidence.events:
        if event.http is None or not event.http.is_request or (labels and event.label not in labels):
            continue
        answer = next(
            (
                one for one in evidence.events
                if one.number > event.number and one.http is not None and not one.http.is_request
                and (one.source, one.destination) == (event.destination, event.source)
            ),
            None,
        )  # fmt: skip
        yield Exchange(event, event.http, answer, answer.http if answer else None)


def certificate(evidence: Evidence, one: Exchange) -> Certificate | None:
    """The certificate that an exchange has brought; None where it is none that can be read."""
    if one.answer is None or not one.granted:
        return None
    try:
        return read_certificate(one.answer.body, evidence.context)
    except LabRefusal:
        return None


def form_of(one: Exchange) -> dict[str, Part] | None:
    """The parameters of a request by name; None where it is no form, or one stands twice."""
    try:
        found = parts(one.request)
    except LabRefusal:
        return None
    named = {part.name: part for part in found}
    return named if len(named) == len(found) else None


def signing_request(one: Exchange) -> x509.CertificateSigningRequest | None:
    """The signing request of a form; None where there is none that can be read."""
    form = form_of(one) or {}
    try:
        return x509.load_der_x509_csr(form["csr"].body) if "csr" in form else None
    except ValueError:
        return None


def same_key(request: x509.CertificateSigningRequest, found: x509.Certificate) -> bool:
    """Whether a certificate is for the key of a request."""
    octets = [
        one.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for one in (request, found)
    ]
    return octets[0] == octets[1]


def wanted_name(request: x509.CertificateSigningRequest) -> str:
    """The user name that a request asks for; empty: whatever the server gives."""
    try:
        names = request.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return ""
    return next(iter(names.get_values_for_type(x509.RFC822Name)), "")
