"""From a URI on a command line to where a program stands that wants to reach it."""

from __future__ import annotations

import argparse
import os
import socket
from collections.abc import Mapping
from pathlib import Path

from disco_ref.errors import Refusal
from disco_ref.shell.sip.trouble import Trouble, said
from disco_ref.sip.digest.accounts import Account
from disco_ref.sip.digest.keyring import Keyring
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.header.addressing.route import Route
from disco_ref.sip.uri import SipUri, Uri, read_uri

_EXPECTED = "expected one such as sip:tea@127.0.0.1:5060"


def add_outward_arguments(parser: argparse.ArgumentParser, sender: str) -> None:
    """The options of who reaches others: who that is, as ``sender`` explains, by which way, and how it is proved."""
    parser.add_argument("--from", dest="sender", metavar="URI", help=sender)
    parser.add_argument("--route", metavar="URI", help="a proxy to pass first")
    parser.add_argument("--password-file", type=Path, metavar="FILE", help="password for the user of --from, in line 1")


def sip_target(text: str) -> SipUri:
    """A SIP URI that can be called; Trouble where it is none, or wants a transport that is not spoken here."""
    try:
        uri = read_uri(text)
    except Refusal as refusal:
        why = f"{text}: {refusal}" if text.lower().startswith(("sip:", "sips:")) else f"{text} is no sip or sips URI"
        raise Trouble(f"{why}; {_EXPECTED}") from None
    if not isinstance(uri, SipUri):
        raise Trouble(f"{text} is no sip or sips URI; {_EXPECTED}")
    transport_of(uri)
    return uri


def transport_of(uri: SipUri) -> Transport:
    """The transport that a URI asks for (RFC 3263, section 4.1)."""
    if uri.scheme == "sips":
        return Transport.TLS
    name = (uri.parameters.get("transport") or "udp").upper()
    if name not in Transport.__members__:
        raise Trouble(f"transport={name.lower()} is not spoken here: udp, tcp, tls")
    return Transport(name)


def through(uri: SipUri | None) -> tuple[Route, ...]:
    """The Route that leads through a proxy first."""
    if uri is None:
        return ()
    return (Route(None, str(uri) if "lr" in uri.parameters else f"{uri};lr"),)


def stand(parsed: argparse.Namespace, first: SipUri) -> str:
    """Settles where to listen where the options name no place: on the way to a URI; the host of the first place, as in a URI.

    Without a certificate of ours nothing listens over TLS.
    """
    if not (parsed.udp or parsed.tcp or parsed.tls):
        place = Address(toward(first, dict(parsed.static)), 0)
        secure = transport_of(first) is Transport.TLS and parsed.certificate is not None
        setattr(parsed, "tls" if secure else "udp", [place])
    host: str = (parsed.udp or parsed.tcp or parsed.tls)[0].host
    return f"[{host}]" if ":" in host else host


def toward(uri: SipUri, static: Mapping[str, Address]) -> str:
    """The address of this machine on the way to a URI; on that to the world, where its host is not known before DNS is asked."""
    name = uri.host.lower().strip("[]").rstrip(".")
    placed = static.get(name)
    if placed is None and name == "localhost":
        return "127.0.0.1"
    for host in (placed.host if placed is not None else name, "192.0.2.1"):
        try:
            family, kind, _, _, address = socket.getaddrinfo(host, uri.port or 5060, type=socket.SOCK_DGRAM)[0]
            with socket.socket(family, kind) as probe:
                # Nothing is sent: the operating system only chooses the way.
                probe.connect(address)
                return str(probe.getsockname()[0])
        except OSError:
            continue
    return "127.0.0.1"


def keyring(file: Path | None, address: Uri) -> Keyring:
    """The password in line 1 of a file, for the user of an address; Trouble, without its content, where it cannot be read."""
    if file is None:
        return Keyring([], os.urandom)
    try:
        password = file.read_text("utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as failure:
        why = said(failure) if isinstance(failure, OSError) else "no text in UTF-8"
        raise Trouble(f"cannot read {file}: {why}") from None
    user = address.user if isinstance(address, SipUri) else None
    return Keyring([Account(user or "", password)], os.urandom)
