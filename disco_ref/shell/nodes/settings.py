"""What the harness says about a node when it starts: addresses, names, accounts (conformance/SUBJECT.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.shell.formats.format import Json
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.transport.listening import Listening, listening

_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})")


class BadSetting(Exception):
    """A request that the contract does not allow: which member, and what it should be."""


class Settings(NamedTuple):
    """What a node is told about itself."""

    uri: str
    """Its address of record; empty where there is none."""
    domain: str
    user: str
    password: str
    listening: tuple[Listening, ...]

    def __repr__(self) -> str:
        """Without the password."""
        return f"<settings of {self.uri or self.domain}>"


def address(value: Json, name: str) -> Address:
    """``192.0.2.1:5060`` or ``[2001:db8::1]:5060``."""
    match = _ADDRESS.fullmatch(value) if isinstance(value, str) else None
    if match is None or int(match[3]) > 65535:
        raise BadSetting(f"`{name}` is a numeric address and a port")
    return Address(match[1] or match[2], int(match[3]))


def transport(value: Json) -> Transport:
    """``udp``, ``tcp`` or ``tls``."""
    if not isinstance(value, str) or value.upper() not in Transport.__members__:
        raise BadSetting("`transport` is udp, tcp or tls")
    return Transport(value.upper())


def settings(params: Mapping[str, Json]) -> Settings:
    """The settings of ``node.start``; members that are not known are ignored."""
    places = params.get("listening")
    if not isinstance(places, list) or not places:
        raise BadSetting("`listening` is an array of objects with `transport` and `address`")
    found = []
    for place in places:
        if not isinstance(place, Mapping):
            raise BadSetting("`listening` is an array of objects with `transport` and `address`")
        found.append(listening(transport(place.get("transport")), address(place.get("address"), "address")))
    given = params.get("settings") or {}
    if not isinstance(given, Mapping):
        raise BadSetting("`settings` is an object")
    texts = {}
    for name in ("uri", "domain", "user", "password"):
        value = given.get(name) or ""
        if not isinstance(value, str):
            raise BadSetting(f"`{name}` is a string")
        texts[name] = value
    return Settings(listening=tuple(found), **texts)
