"""Which struct a message code names (RFC 6940, sections 6.3.3 and 14.8).

The bodies of Update and of the answer to RouteQuery belong to the overlay algorithm; these are those of CHORD-RELOAD,
which every implementation has to offer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from disco_ref.reload.forwarding.app_attach import AppAttachAns, AppAttachReq
from disco_ref.reload.forwarding.attach import AttachReqAns
from disco_ref.reload.forwarding.config_update import ConfigUpdateAns, ConfigUpdateReq
from disco_ref.reload.forwarding.ping import PingAns, PingReq
from disco_ref.reload.message.error_response import ErrorResponse
from disco_ref.reload.storage.fetch import FetchAns, FetchReq
from disco_ref.reload.storage.find import FindAns, FindReq
from disco_ref.reload.storage.stat import StatAns, StatReq
from disco_ref.reload.storage.store import StoreAns, StoreReq
from disco_ref.reload.topology.chord.route_query import ChordRouteQueryAns
from disco_ref.reload.topology.chord.update import ChordUpdate
from disco_ref.reload.topology.join import JoinAns, JoinReq
from disco_ref.reload.topology.leave import LeaveAns, LeaveReq
from disco_ref.reload.topology.probe import ProbeAns, ProbeReq
from disco_ref.reload.topology.route_query import RouteQueryReq
from disco_ref.reload.topology.update import UpdateAns

Body: TypeAlias = (
    ProbeReq
    | ProbeAns
    | AttachReqAns
    | StoreReq
    | StoreAns
    | FetchReq
    | FetchAns
    | FindReq
    | FindAns
    | JoinReq
    | JoinAns
    | LeaveReq
    | LeaveAns
    | ChordUpdate
    | UpdateAns
    | RouteQueryReq
    | ChordRouteQueryAns
    | PingReq
    | PingAns
    | StatReq
    | StatAns
    | AppAttachReq
    | AppAttachAns
    | ConfigUpdateReq
    | ConfigUpdateAns
    | ErrorResponse
    | bytes
)
"""Whatever a message can say; octets where its code is not known."""

# = rfc6940:14.8/0
BODIES: Mapping[int, type[object]] = {
    1: ProbeReq,
    2: ProbeAns,
    3: AttachReqAns,
    4: AttachReqAns,
    7: StoreReq,
    8: StoreAns,
    9: FetchReq,
    10: FetchAns,
    13: FindReq,
    14: FindAns,
    15: JoinReq,
    16: JoinAns,
    17: LeaveReq,
    18: LeaveAns,
    19: ChordUpdate,
    20: UpdateAns,
    21: RouteQueryReq,
    22: ChordRouteQueryAns,
    23: PingReq,
    24: PingAns,
    25: StatReq,
    26: StatAns,
    29: AppAttachReq,
    30: AppAttachAns,
    33: ConfigUpdateReq,
    34: ConfigUpdateAns,
    # = rfc6940:6.3.3.1/4
    0xFFFF: ErrorResponse,
}
"""The struct of each message code; the others are unassigned or experimental."""


def bodies() -> Mapping[int, type[object]]:
    """The struct of each message code."""
    return BODIES
