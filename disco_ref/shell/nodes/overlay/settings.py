"""What the harness says about a node of an overlay when it starts (conformance/SUBJECT.md)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key

from disco_ref.errors import Malformed, Refusal
from disco_ref.reload.identity import Identity, identity_of
from disco_ref.reload.overlay import Overlay
from disco_ref.reload.security.certificates import read_certificate
from disco_ref.reload.security.signing import PrivateKey
from disco_ref.shell.formats.format import Json
from disco_ref.shell.formats.unsupported import Unsupported
from disco_ref.shell.nodes.settings import BadSetting, address
from disco_ref.shell.overlay.driving import Listening
from disco_ref.shell.overlay.local import LINKS
from disco_ref.shell.overlay.node_file import overlay_in


class NodeSettings(NamedTuple):
    """What a node is told about itself."""

    overlay: Overlay
    identity: Identity
    key: PrivateKey
    listening: tuple[Listening, ...]
    first: bool
    """Whether it begins the overlay instead of joining it."""
    compress: bool
    """Whether opaque IDs stand for the Via Lists of what it passes on (RFC 6940, section 6.1.2)."""


def node_settings(params: Mapping[str, Json]) -> NodeSettings:
    """The settings of ``node.start``; BadSetting where one cannot be used, Refusal where the node may not be in the overlay."""
    given = params.get("settings") or {}
    if not isinstance(given, Mapping):
        raise BadSetting("`settings` is an object")
    overlay = _overlay(given.get("configuration"))
    key = _key(given)
    identity = _identity(given, overlay, key)
    first, compress = given.get("first") is True, given.get("compress") is True
    return NodeSettings(overlay, identity, key, _listening(params.get("listening")), first, compress)


def octets_of(given: Mapping[str, Json], name: str) -> bytes:
    """A member in hexadecimal digits."""
    return hexadecimal(given.get(name), name)


def hexadecimal(value: Json, name: str) -> bytes:
    """Octets out of hexadecimal digits."""
    try:
        if isinstance(value, str):
            return bytes.fromhex(value)
    except ValueError:
        pass
    raise BadSetting(f"`{name}` is a string of hexadecimal digits")


def certificates_of(value: Json) -> tuple[bytes, ...]:
    """What an end shows, its own first; it may show nothing."""
    if not isinstance(value, list):
        raise BadSetting("`certificates` is an array of certificates in DER")
    return tuple(hexadecimal(each, "certificates") for each in value)


def _overlay(text: Json) -> Overlay:
    if not isinstance(text, str):
        raise BadSetting("`configuration` is the text of a configuration document")
    try:
        return overlay_in(text.encode())
    except Malformed as refusal:
        raise BadSetting(f"`configuration`: {refusal}") from None


def _key(given: Mapping[str, Json]) -> PrivateKey:
    try:
        key = load_der_private_key(octets_of(given, "key"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadSetting("`key` is a private key, PKCS #8 in DER") from None
    if not isinstance(key, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        raise Unsupported("key", type(key).__name__, ("RSA", "elliptic curves"))
    return key


def _identity(given: Mapping[str, Json], overlay: Overlay, key: PrivateKey) -> Identity:
    shown = certificates_of(given.get("certificates"))
    if not shown:
        raise BadSetting("`certificates` holds at least the certificate of the node")
    chosen = octets_of(given, "node_id") if given.get("node_id") else None
    try:
        return identity_of(key, read_certificate(shown[0], overlay.context), chosen, shown[1:])
    except (Refusal, ValueError) as fault:
        raise BadSetting(f"`certificates`: {fault}") from None


def _listening(places: Json) -> tuple[Listening, ...]:
    if not isinstance(places, list) or not places:
        raise BadSetting("`listening` is an array of objects with `transport` and `address`")
    found = []
    for place in places:
        if not isinstance(place, Mapping):
            raise BadSetting("`listening` is an array of objects with `transport` and `address`")
        transport = place.get("transport")
        if not isinstance(transport, str) or transport not in LINKS:
            raise Unsupported("transport", str(transport), LINKS)
        found.append(Listening(LINKS[transport], address(place.get("address"), "address")))
    return tuple(found)
