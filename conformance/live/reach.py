"""Whether anybody is there at all, found out before the first scenario: nobody wants to wait for two hundred silences."""

from __future__ import annotations

import socket
import time

from conformance.live.network.sockets import Sockets
from conformance.live.network.wire import WireFault
from conformance.live.subject import LiveSubject, shown
from conformance.live.writing import new_branch, token, written

PATIENCE = 2.0
"""Seconds that a first answer is awaited; who stays silent may still take calls."""
NOBODY = ("404", "484", "485", "604")
"""Statuses that say that no such user is there."""
NAMED = {"user-agent": ("a user", "bob"), "focus": ("a conference", "tea")}
"""Roles whose subject is asked for by a name, with what it is and an example."""
AGAIN = 0.5
"""Seconds until the request is sent again over UDP."""


def unreachable(subject: LiveSubject) -> str:
    """Why the subject cannot be reached, in one line; empty where it can, or where silence tells nothing yet."""
    return _no_port(subject) if subject.transport == "udp" else _no_connection(subject)


def _no_connection(subject: LiveSubject) -> str:
    """A connection that is refused, a handshake that fails, or a refusal of whom we ask for."""
    network = Sockets(subject.address, subject.certificates)
    try:
        near = network.open("probe", subject.transport)
        network.send("probe", _options(subject, shown(near)), subject.address, subject.transport)
        limit, answer = network.now + PATIENCE, b""
        while network.now < limit and b"\r\n" not in answer:
            answer += b"".join(piece.octets for piece in network.wait(limit))
        return _nobody(subject, answer)
    except WireFault as fault:
        return str(fault)
    finally:
        network.close()


def _no_port(subject: LiveSubject) -> str:
    """A port where nothing listens is told by ICMP, to a socket that is connected."""
    family = socket.AF_INET6 if ":" in subject.address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as end:
        end.settimeout(AGAIN)
        try:
            end.connect(subject.address)
            host, port = end.getsockname()[:2]
            ask = _options(subject, shown((host, port)))
            limit = time.monotonic() + PATIENCE
            while time.monotonic() < limit:
                end.send(ask)
                try:
                    return _nobody(subject, end.recv(65536))
                except TimeoutError:
                    continue
        except ConnectionRefusedError:
            return (
                f"nothing listens for UDP at {shown(subject.address)}: is the subject running, and is this its address?"
            )
        except OSError as fault:
            return f"cannot send to {shown(subject.address)}: {fault.strerror or fault}"
    return ""


def _nobody(subject: LiveSubject, answer: bytes) -> str:
    """Many phones refuse whatever names no user of theirs, and a focus what names no conference: every scenario would only show that."""
    status = answer[8:11].decode("ascii", "replace") if answer.startswith(b"SIP/2.0 ") else ""
    wanted = [NAMED[role] for role in subject.roles if role in NAMED]
    if subject.to or not wanted or status not in NOBODY:
        return ""
    who, such = wanted[0]
    return (
        f"who is asked for as {subject.uri} is refused by {status}: name {who} of the subject, "
        f"such as --to sip:{such}@{shown(subject.address)}"
    )


def _options(subject: LiveSubject, near: str) -> bytes:
    rows = [
        ("Via", f"SIP/2.0/{subject.transport.upper()} {near};branch={new_branch()};rport"), ("Max-Forwards", "70"),
        ("From", f"<sip:probe@{near}>;tag={token()}"), ("To", f"<{subject.uri}>"), ("Call-ID", token()),
        ("CSeq", "1 OPTIONS"), ("Contact", f"<sip:probe@{near}>"), ("Content-Length", "0"),
    ]  # fmt: skip
    return written(f"OPTIONS {subject.uri} SIP/2.0", rows).received
