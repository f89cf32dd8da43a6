"""What (D)TLS of a party is set up with (RFC 6940, sections 6.5.1.13 and 6.6): it shows a certificate, asks for one and believes everything.

Whom the subject shows is noted, and judged by checks; whether a certificate holds is not for the library to say here.
"""

from __future__ import annotations

from collections.abc import Callable

from cryptography import x509
from OpenSSL import SSL

from conformance.live.overlay.identity import Identity

DTLS1_2 = 0xFEFD
"""As the library numbers versions; it has no name for it."""
MTU = 1200
"""Octets of a datagram that go through everywhere."""


def settings(transport: str, identity: Identity | None, told: Callable[[bytes], None]) -> SSL.Context:
    """The settings for either side; without an identity nothing is shown.  ``told`` gets the lines of the key log."""
    made = SSL.Context(SSL.DTLS_METHOD if transport == "dtls" else SSL.TLS_METHOD)
    made.set_min_proto_version(DTLS1_2 if transport == "dtls" else SSL.TLS1_2_VERSION)
    if transport == "dtls":
        made.set_options(SSL.OP_NO_QUERY_MTU or 0)
    made.set_options(SSL.OP_NO_TICKET)
    made.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    made.set_verify(SSL.VERIFY_PEER, _believed)
    made.set_keylog_callback(lambda _, line: told(line))
    if identity is not None:
        made.use_certificate(x509.load_der_x509_certificate(identity.certificate))
        for each in identity.chain:
            made.add_extra_chain_cert(x509.load_der_x509_certificate(each))
        made.use_privatekey(identity.key)
    return made


def _believed(_connection: SSL.Connection, _certificate: object, _error: int, _depth: int, _good: int) -> bool:
    return True
