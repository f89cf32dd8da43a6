"""The file that says what a node is: TOML, with the paths in it as seen from the file."""

from __future__ import annotations

import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from disco_ref.errors import Malformed, Refusal, Unexpected
from disco_ref.reload.enrollment.configuration import EXTENSIONS
from disco_ref.reload.enrollment.document import read as read_document
from disco_ref.reload.forwarding.ice import WITHOUT_ICE
from disco_ref.reload.identity import Identity, identity_of
from disco_ref.reload.overlay import Overlay, overlay_of
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.shell.enrollment.files import FilesLost, der, read, read_identity
from disco_ref.shell.overlay.driving import Listening
from disco_ref.shell.overlay.local import ALL_LINKS, needs_asyncio
from disco_ref.shell.sip.trouble import Trouble
from disco_ref.shell.users import readable_for_others
from disco_ref.sip.flow import Address

_KEYS = {
    "configuration": str,
    "identity": str,
    "listen": list,
    "stun": list,
    "first": bool,
    "holdings": str,
    "node-id": str,
}
_LISTEN = 'such as listen = ["tls 127.0.0.1:6084"], or "dtls [::1]:6084", or "ice 192.0.2.1:6084"'


class NodeFile(NamedTuple):
    """What a node is."""

    overlay: Overlay
    identity: Identity
    key: PrivateKey
    listening: tuple[Listening, ...]
    first: bool
    """Whether it begins the overlay instead of joining it."""
    holdings: Path | None
    """Where what it holds outlives it; None: nowhere."""
    stun: tuple[Address, ...] = ()
    """STUN servers, for ICE."""

    @property
    def with_asyncio(self) -> bool:
        """Whether its links need a reactor on which asyncio runs too."""
        return needs_asyncio(each.protocol for each in self.listening)


def read_node_file(path: Path) -> NodeFile:
    """Reads it and what it names; Trouble, with the file and the key at fault, where that cannot be."""
    try:
        found = tomllib.loads(read(path).decode())
    except FilesLost as lost:
        raise Trouble(str(lost)) from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise Trouble(f"{path}: no TOML: {fault}") from None
    for name, value in found.items():
        wanted = _KEYS.get(name)
        if wanted is None:
            raise Trouble(f"{path}: {name}: no such key; there are {', '.join(_KEYS)}")
        if not isinstance(value, wanted):
            raise Trouble(f"{path}: {name}: expected {wanted.__name__}")
    overlay = _overlay(_named(path, found, "configuration"))
    identity, key = _identity(_named(path, found, "identity"), overlay, str(found.get("node-id", "")))
    listening = tuple(_listening(path, each) for each in found.get("listen", ()))
    if not listening:
        raise Trouble(f"{path}: listen: expected at least one address, {_LISTEN}")
    _all_alike(path, overlay, listening)
    stun = tuple(_server(path, each) for each in found.get("stun", ()))
    holdings = path.parent / str(found["holdings"]) if "holdings" in found else None
    return NodeFile(overlay, identity, key, listening, bool(found.get("first", False)), holdings, stun)


def _all_alike(path: Path, overlay: Overlay, listening: tuple[Listening, ...]) -> None:
    """The configuration of the overlay says whether links are made with ICE, for all nodes."""
    for each in listening:
        # = rfc6940:6.5.1.5/1
        if (each.protocol in WITHOUT_ICE) != overlay.configuration.no_ice:
            wanted = "tls or dtls" if overlay.configuration.no_ice else "ice"
            raise Trouble(f"{path}: listen: the configuration of the overlay wants {wanted}")


def _named(path: Path, found: dict[str, object], name: str) -> Path:
    if name not in found:
        raise Trouble(f"{path}: {name}: missing")
    return path.parent / str(found[name])


def _overlay(path: Path) -> Overlay:
    try:
        return overlay_in(read(path))
    except FilesLost as lost:
        raise Trouble(str(lost)) from None
    except Refusal as refusal:
        raise Trouble(f"{path}: {refusal}") from None


def overlay_in(octets: bytes) -> Overlay:
    """The overlay of a configuration document; Refusal where it describes none, or several, or asks for too much."""
    configurations = read_document(octets)
    if len(configurations) != 1:
        raise Malformed(f"{len(configurations)} configurations; a node is in one overlay")
    # = rfc6940:11.1/20
    missing = configurations[0].configuration.unsupported(EXTENSIONS)
    if missing:
        raise Unexpected(f"the overlay needs an extension that is not supported: {missing[0]}")
    return overlay_of(configurations[0].configuration, octets)


def _identity(path: Path, overlay: Overlay, node_id: str) -> tuple[Identity, PrivateKey]:
    if path.exists() and readable_for_others(path):
        raise Trouble(f"{path}: others can read the key; chmod 600 {path}")
    try:
        chosen = bytes.fromhex(node_id) if node_id else None
    except ValueError:
        raise Trouble(f"node-id: {node_id!r}: expected hexadecimal digits") from None
    try:
        key, certificate = read_identity(path)
        return identity_of(key, read_certificate(der(certificate), overlay.context), chosen), key
    except FilesLost as lost:
        raise Trouble(str(lost)) from None
    except (Refusal, ValueError) as fault:
        raise Trouble(f"{path}: {fault}") from None


def _server(path: Path, text: object) -> Address:
    """``192.0.2.9:3478``."""
    try:
        return _address(str(text))
    except ValueError:
        raise Trouble(f"{path}: stun: {str(text)!r}: expected such as 192.0.2.9:3478, or [2001:db8::9]:3478") from None


def _address(text: str) -> Address:
    """An address with its port; ValueError where there is none."""
    host, _, port = text.strip().rpartition(":")
    address = Address(str(ip_address(host.strip("[]"))), int(port))
    if not 0 <= address.port <= 65535:
        raise ValueError
    return address


def _listening(path: Path, text: object) -> Listening:
    """``tls 127.0.0.1:6084``."""
    protocol, _, place = str(text).partition(" ")
    try:
        address = _address(place)
        if protocol not in ALL_LINKS:
            raise ValueError
    except ValueError:
        raise Trouble(f"{path}: listen: {str(text)!r}: expected {_LISTEN}") from None
    if ip_address(address.host).is_unspecified:
        raise Trouble(f"{path}: listen: {address.host}: name the address at which others find the node")
    return Listening(ALL_LINKS[protocol], address)
