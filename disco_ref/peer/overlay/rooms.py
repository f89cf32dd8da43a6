"""The rooms of a node, and which requests are whose (RFC 6940, sections 1.2 and 14.8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from disco_ref.reload.actions import Room
from disco_ref.reload.forwarding.app_attaching import AppAttaching
from disco_ref.reload.forwarding.attaching import Attaching
from disco_ref.reload.forwarding.configuring import Configuring
from disco_ref.reload.forwarding.pinging import Pinging
from disco_ref.reload.registries import MessageCode
from disco_ref.reload.storage.room import Storage
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.reload.topology.probing import Probing


class Rooms(NamedTuple):
    """What a node is made of."""

    topology: TopologyPlugin
    storage: Storage
    attaching: Attaching
    app_attaching: AppAttaching
    configuring: Configuring
    by_code: Mapping[int, Room]
    """Whom each request goes to."""


def assembled(
    topology: TopologyPlugin,
    storage: Storage,
    attaching: Attaching,
    app_attaching: AppAttaching,
    configuring: Configuring,
    pinging: Pinging,
    probing: Probing,
) -> Rooms:
    """The rooms, with the requests that are theirs; the same registry for every node, made for each."""
    code = MessageCode
    return Rooms(
        topology,
        storage,
        attaching,
        app_attaching,
        configuring,
        {
            code.probe_req: probing,
            code.attach_req: attaching,
            code.app_attach_req: app_attaching,
            code.store_req: storage,
            code.fetch_req: storage,
            code.stat_req: storage,
            code.find_req: storage,
            code.join_req: topology,
            code.leave_req: topology,
            code.update_req: topology,
            code.route_query_req: topology,
            code.ping_req: pinging,
            code.config_update_req: configuring,
        },
    )
