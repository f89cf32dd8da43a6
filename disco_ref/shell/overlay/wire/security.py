"""What (D)TLS is set up with, and what a handshake has shown (RFC 6940, section 6.5.1.13).

The library proves that the other side has the key of its certificate; whether the certificate holds is asked afterwards, by
:func:`disco_ref.reload.link.proving.proved`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from cryptography.x509 import load_der_x509_certificate
from OpenSSL import SSL
from OpenSSL.crypto import FILETYPE_ASN1, dump_certificate

from disco_ref.reload.identity import Identity
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.shell.sip.trouble import Trouble, said

DTLS1_2_VERSION = 0xFEFD
"""As the library numbers versions; it has no name for it."""


KeyLog = Callable[[bytes], None]
"""Who is told the secrets of links, line by line, in the format that Wireshark reads."""


def key_log(path: Path) -> KeyLog:
    """A file that only its owner can read, to which the secrets go; Trouble where it cannot be written."""
    try:
        number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    except OSError as failure:
        raise Trouble(f"cannot write {path}: {said(failure)}") from None
    file = os.fdopen(number, "wb", buffering=0)

    def log(line: bytes) -> None:
        with suppress(OSError):
            file.write(line + b"\n")

    return log


def tls_settings(identity: Identity, key: PrivateKey, keys: KeyLog | None = None) -> SSL.Context:
    """The settings of TLS, for either side."""
    made = _logged(SSL.Context(SSL.TLS_METHOD), keys)
    made.set_min_proto_version(SSL.TLS1_2_VERSION)
    return _with_certificate(made, identity, key)


def dtls_settings(
    identity: Identity, key: PrivateKey, keys: KeyLog | None = None, *, cookies: bool = True
) -> SSL.Context:
    """The settings of DTLS, for either side; version 1.2, the only one whose cookies the library lets be checked.

    Without ``cookies`` where the address of the other side has been proved otherwise.
    """
    made = _logged(SSL.Context(SSL.DTLS_METHOD), keys)
    made.set_min_proto_version(DTLS1_2_VERSION)
    made.set_max_proto_version(DTLS1_2_VERSION)
    for option in (SSL.OP_NO_QUERY_MTU, SSL.OP_COOKIE_EXCHANGE if cookies else 0):
        made.set_options(option or 0)
    return _with_certificate(made, identity, key)


def _logged(made: SSL.Context, keys: KeyLog | None) -> SSL.Context:
    if keys is not None:
        made.set_keylog_callback(lambda _connection, line: keys(line))
    return made


def _with_certificate(made: SSL.Context, identity: Identity, key: PrivateKey) -> SSL.Context:
    made.set_options(SSL.OP_NO_COMPRESSION | SSL.OP_NO_RENEGOTIATION | SSL.OP_NO_TICKET)
    made.set_session_cache_mode(SSL.SESS_CACHE_OFF)
    made.use_certificate(identity.certificate.x509)
    for each in identity.chain:
        made.add_extra_chain_cert(load_der_x509_certificate(each))
    made.use_privatekey(key)
    # = rfc6940:6.5.1.13/3
    made.set_verify(SSL.VERIFY_PEER | SSL.VERIFY_FAIL_IF_NO_PEER_CERT, _judged_later)
    return made


def _judged_later(_connection: SSL.Connection, _certificate: object, _error: int, _depth: int, _good: int) -> bool:
    return True


def shown(connection: SSL.Connection) -> tuple[bytes, ...]:
    """The certificates that the other side has shown, in DER, its own first; nobody has looked into them yet."""
    own = connection.get_peer_certificate()
    if own is None:
        return ()
    others = connection.get_peer_cert_chain() or []
    # Of a client the library gives the chain without its own certificate, of a server with it.
    return tuple(dict.fromkeys(dump_certificate(FILETYPE_ASN1, each) for each in (own, *others)))
