"""Every struct that can stand by itself, by its name (RFC 6940, RFC 7904, draft-knauf-p2psip-disco-00)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.disco import registration
from disco_ref.notation.layout import layout, struct
from disco_ref.reload import address
from disco_ref.reload.forwarding import app_attach, attach, config_update, ice, ping
from disco_ref.reload.link import framing
from disco_ref.reload.message import (
    contents,
    destination,
    error_response,
    forwarding_header,
    forwarding_option,
    security_block,
    signature,
)
from disco_ref.reload.storage import data_models, fetch, find, stat, store, stored_data
from disco_ref.reload.topology import join, leave, probe, route_query, update
from disco_ref.reload.topology.chord import leave as chord_leave
from disco_ref.reload.topology.chord import route_query as chord_route_query
from disco_ref.reload.topology.chord import update as chord_update
from disco_ref.usage import sip_registration, turn_server

ROOMS = (
    address, app_attach, attach, chord_leave, chord_route_query, chord_update, config_update, contents, data_models,
    error_response, fetch, find, forwarding_header, forwarding_option, framing, ice, join, leave, ping, probe,
    registration, route_query, security_block, signature, sip_registration, stat, store, stored_data, turn_server, update,
)  # fmt: skip
"""The modules in which structs are declared."""

NOT_ALONE = frozenset({contents.Contents, registration.DisCoRegistrationData})
"""Declared there, but read only inside something else: the switch of their select is elsewhere."""


@struct(name="StoredDataValue")
class StoredDataValue(NamedTuple):
    """A StoredDataValue by itself; its data model comes from the context."""

    value: data_models.StoredDataValue
    """The value."""


@struct(name="MetaDataValue")
class MetaDataValue(NamedTuple):
    """A MetaDataValue by itself; its data model comes from the context."""

    value: data_models.MetaDataValue
    """The value."""


@struct(name="Destination")
class Destination(NamedTuple):
    """A Destination by itself, in either form."""

    value: destination.Destination
    """The destination."""


BARE: tuple[type[object], ...] = (StoredDataValue, MetaDataValue, Destination)
"""Types that no struct of one name stands for; here each is the only field of one."""


def _structs() -> dict[str, type[object]]:
    found: dict[str, type[object]] = {layout(cls).name: cls for cls in BARE}
    for room in ROOMS:
        for cls in vars(room).values():
            own = isinstance(cls, type) and "_layout" in cls.__dict__ and cls.__module__ == room.__name__
            if own and cls not in NOT_ALONE:
                found[layout(cls).name] = cls
    return found


STRUCTS: Mapping[str, type[object]] = _structs()
"""The class of every struct name."""
