"""What the harness says about a node when it starts: addresses, names, accounts (conformance/SUBJECT.md)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.errors import Refusal
from disco_ref.shell.formats.format import Json
from disco_ref.shell.nodes.names import NO_NAMES, BadRecord, Names
from disco_ref.sip.flow import Address, Transport
from disco_ref.sip.header.addressing.route import ROUTE, Route
from disco_ref.sip.info import InfoPackage
from disco_ref.sip.transport.listening import Listening, listening

TAKEN = (
    "uri",
    "domain",
    "user",
    "password",
    "media",
    "route",
    "names",
    "host",
    "info_packages",
    "pending",
    "redirects",
)
"""The settings that nodes take."""

_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+)):([0-9]{1,5})")

_PACKAGE = re.compile(r"[A-Za-z0-9.!%*_+`'~-]+")


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
    media: bool = False
    """Whether its media is told too."""
    route: tuple[Route, ...] = ()
    """The proxies that its requests pass first."""
    names: Names = NO_NAMES
    """What it learns when it asks for names."""
    info_packages: tuple[InfoPackage, ...] = ()
    """The INFO packages that its calls begin with."""
    pending: bool = False
    """Whether subscriptions wait for their permission."""
    redirects: bool = False
    """Whether a proxy is a redirect server instead."""

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
    given = params.get("settings") or {}
    if not isinstance(given, Mapping):
        raise BadSetting("`settings` is an object")
    host = _text(given, "host")
    places = params.get("listening")
    if not isinstance(places, list) or not places:
        raise BadSetting("`listening` is an array of objects with `transport` and `address`")
    found = []
    for place in places:
        if not isinstance(place, Mapping):
            raise BadSetting("`listening` is an array of objects with `transport` and `address`")
        found.append(listening(transport(place.get("transport")), address(place.get("address"), "address"), host))
    texts = {name: _text(given, name) for name in ("uri", "domain", "user", "password")}
    media = given.get("media") is True
    packages, pending = _info_packages(given), given.get("pending") is True
    return Settings(
        listening=tuple(found), media=media, route=_route(given), names=_names(given), info_packages=packages,
        pending=pending, redirects=given.get("redirects") is True, **texts,
    )  # fmt: skip


def _info_packages(given: Mapping[str, Json]) -> tuple[InfoPackage, ...]:
    named = given.get("info_packages") or {}
    if not isinstance(named, Mapping):
        raise BadSetting("`info_packages` is an object of arrays of media types")
    found = []
    for name in named:
        if not _PACKAGE.fullmatch(name):
            raise BadSetting("`info_packages` names a package by a token")
        found.append(InfoPackage(name, frozenset(kind.lower() for kind in _lines(named, name))))
    return tuple(found)


def _text(given: Mapping[str, Json], name: str) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise BadSetting(f"`{name}` is a string")
    return value


def _lines(given: Mapping[str, Json], name: str) -> list[str]:
    lines = given.get(name) or []
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise BadSetting(f"`{name}` is an array of strings")
    return [str(line) for line in lines]


def _route(given: Mapping[str, Json]) -> tuple[Route, ...]:
    try:
        return tuple(hop for line in _lines(given, "route") for hop in ROUTE.read(line))
    except Refusal as refusal:
        raise BadSetting(f"`route` is an array of Route values: {refusal}") from None


def _names(given: Mapping[str, Json]) -> Names:
    try:
        return Names(_lines(given, "names"))
    except BadRecord as fault:
        raise BadSetting(f"`names` is an array of records: {fault}") from None
