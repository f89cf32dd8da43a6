"""Addresses-of-record in an overlay, and GRUUs that name a way to one instance (RFC 7904, from memory: the text is not at hand)."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote, unquote

from disco_ref.errors import Malformed
from disco_ref.notation.context import Context
from disco_ref.reload.message.destination import Destination, DestinationType
from disco_ref.sip.uri import SipUri, Uri, read_uri

GR = "gr"
"""The URI parameter of a GRUU (RFC 5627)."""


class NoAddressOfRecord(Malformed):
    """A URI that names no user of a domain."""


def resource_name(uri: Uri) -> bytes:
    """The Resource Name of an address-of-record: ``user@domain``, as the user name of a certificate is written.

    The scheme and all parameters are left out, so that the policy USER-NODE-MATCH can hold.
    """
    if not isinstance(uri, SipUri) or not uri.user:
        raise NoAddressOfRecord(f"{uri} names no user of a domain", where="URI.user")
    # = rfc7904:7/0
    return f"{unquote(uri.user)}@{uri.host.lower()}".encode()


def gruu(aor: SipUri, way: tuple[Destination, ...], context: Context) -> SipUri:
    """The GRUU of the instance that a Destination List leads to: the address-of-record with the list in base64."""
    octets = b"".join(Destination.write(each, context) for each in way)
    # "=" is no character of a URI parameter (RFC 3261, section 25.1)
    text = quote(base64.b64encode(octets).decode(), safe="+/")
    # = rfc7904:7/0
    return aor._replace(parameter_text=f";{GR}={text}", header_text="")


def way_of_gruu(uri: Uri, context: Context) -> tuple[Destination, ...] | None:
    """The Destination List in a GRUU, None where the URI is none; Malformed where no list stands there."""
    if not isinstance(uri, SipUri):
        return None
    text = uri.parameters.get(GR)
    if not text:
        return None
    try:
        octets = base64.b64decode(unquote(text), validate=True)
    except binascii.Error as error:
        raise Malformed("no base64", where="URI.gr") from error
    places: list[Destination] = []
    at = 0
    while at < len(octets):
        place, at = Destination.read(octets, at, len(octets), context)
        places.append(place)
    return leading_to_a_node(tuple(places))


def leading_to_a_node(way: tuple[Destination, ...]) -> tuple[Destination, ...]:
    """The same way; Malformed where it does not end at a node, because only a node can be connected to."""
    if not way or way[-1].type is not DestinationType.node:
        raise Malformed("the Destination List does not end at a node", where="destination_list")
    return way


def address_of_record(text: str) -> SipUri:
    """The address-of-record in a text, without parameters; NoAddressOfRecord where it is none."""
    uri = read_uri(text)
    resource_name(uri)
    if not isinstance(uri, SipUri):
        raise NoAddressOfRecord(f"{uri} names no user of a domain")
    return uri._replace(parameter_text="", header_text="", password=None)
