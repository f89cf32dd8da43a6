"""What keeps the wire from being set up, in words for whoever runs the program."""

from __future__ import annotations

import errno

from OpenSSL import SSL


class Trouble(Exception):
    """Sockets or certificates are not to be had; the text says which, why and what to do."""


def said(failure: BaseException | None) -> str:
    """What a failure of the operating system or the network means, in one clause."""
    if isinstance(failure, SSL.Error) and failure.args and isinstance(failure.args[0], list):
        return "; ".join(reason for *_, reason in failure.args[0]) or "TLS failed"
    inner = getattr(failure, "socketError", None)
    if isinstance(inner, OSError):
        failure = inner
    number = getattr(failure, "osError", None)
    if number in _MEANS:
        return _MEANS[number]
    if isinstance(failure, OSError):
        return _MEANS.get(failure.errno or 0) or failure.strerror or str(failure) or type(failure).__name__
    return str(failure) or type(failure).__name__


_MEANS = {
    errno.EADDRINUSE: "the port is in use; stop the other program or choose another port",
    errno.EADDRNOTAVAIL: "this machine has no such address",
    errno.EACCES: "ports below 1024 need more rights; choose a higher one",
    errno.EAFNOSUPPORT: "this machine does not speak this kind of address",
    errno.ECONNREFUSED: "the connection was refused",
    errno.EHOSTUNREACH: "there is no way to the host",
    errno.ENETUNREACH: "there is no way to the network",
    errno.EMSGSIZE: "the message is too long for a datagram",
    errno.ETIMEDOUT: "the host does not answer",
}
