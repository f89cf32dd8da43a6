"""What a party answers by itself, so that a scenario needs to write only what it is about (RFC 6940, sections 6.4, 6.5, 7.4 and 10).

Each answer is one that an honest peer could give that has nothing stored and knows only the harness' own parties.
"""

from __future__ import annotations

import ipaddress
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from conformance.lab import rules
from conformance.lab.presentation.refusal import Json
from conformance.lab.reload import Message
from conformance.live.subject import End

if TYPE_CHECKING:
    from conformance.live.overlay.peer import Peer

NOT_FOUND = 3
"""Error_Not_Found (section 14.9)."""
PROBE, ATTACH, STORE, FETCH, FIND, JOIN, LEAVE, UPDATE, ROUTE_QUERY, PING, STAT, APP_ATTACH, CONFIG_UPDATE = (
    1, 3, 7, 9, 13, 15, 17, 19, 21, 23, 25, 29, 33,
)  # fmt: skip
ERROR = rules.ERROR
PIECES = ("responsible_set", "num_resources", "uptime")
"""What a Probe can ask for (section 6.4.2.5.1)."""


def candidates(end: End, transport: str) -> list[Json]:
    """The one candidate of a party: a host, without ICE (section 6.5.1.1)."""
    link = {"tls": "TLS-TCP-FH-NO-ICE", "dtls": "DTLS-UDP-SR-NO-ICE"}[transport]
    return [
        {
            "addr_port": address(end),
            "overlay_link": link,
            "foundation": "31",
            "priority": 0x7E0000FF,
            "type": "host",
            "extensions": [],
        }  # fmt: skip
    ]


def address(end: End) -> Json:
    """An IpAddressPort."""
    host = ipaddress.ip_address(end[0])
    if host.version == 4:
        return {"type": "ipv4_address", "v4addr_port": {"addr": int(host), "port": end[1]}}
    return {"type": "ipv6_address", "v6addr_port": {"addr": str(int(host)), "port": end[1]}}


def attach(peer: Peer, *, update: bool = False, role: str = "passive") -> dict[str, Json]:
    """The body of an Attach, or of its answer: where the party takes links (section 6.5.1.1)."""
    return {
        "ufrag": "", "password": "", "role": role.encode().hex(),
        "candidates": candidates(peer.end, peer.transport), "send_update": update,
    }  # fmt: skip


def answer(peer: Peer, request: Message) -> tuple[int, dict[str, Json]] | None:
    """Code and body of the answer to a request; None for what only a scenario can answer."""
    code = rules.number(request.contents["message_code"])
    body = request.contents["message_body"]
    fields: Mapping[str, Json] = body if isinstance(body, dict) else {}
    match code:
        case 3:
            return ATTACH + 1, attach(peer, role="active")
        case 23:
            now = int(peer.stage.now * 1000)
            return PING + 1, {"response_id": str(int.from_bytes(os.urandom(8))), "time": str(now)}
        case 1:
            return PROBE + 1, {"probe_info": [_probed(one) for one in _list(fields, "requested_info") if one in PIECES]}
        case 15:
            return JOIN + 1, {"overlay_specific_data": ""}
        case 17 | 19 | 33:
            return code + 1, {}
        case 7:
            kinds: list[Json] = [
                {"kind": one["kind"], "generation_counter": _generation(one["generation_counter"]), "replicas": []}
                for one in rules.objects(fields.get("kind_data"))
            ]
            return STORE + 1, {"kind_responses": kinds}
        case 9 | 25:
            empty: list[Json] = [
                {"kind": one["kind"], "generation": "0", "values": []}
                for one in rules.objects(fields.get("specifiers"))
            ]
            return code + 1, {"kind_responses": empty}
        case 13:
            nothing: list[Json] = [{"kind": one, "closest": "00" * 16} for one in _list(fields, "kinds")]
            return FIND + 1, {"results": nothing}
        case 21:
            return ROUTE_QUERY + 1, {"next_peer": peer.identity.node_id.hex()}
        case 29:
            return ERROR, {"error_code": NOT_FOUND, "error_info": ""}
    return None


def _list(fields: Mapping[str, Json], name: str) -> list[Json]:
    found = fields.get(name)
    return found if isinstance(found, list) else []


def _generation(counter: Json) -> str:
    return str(max(1, rules.number(counter)))


def _probed(kind: Json) -> Json:
    value: dict[str, Json] = {"responsible_set": {"responsible_ppb": 1}, "num_resources": {"num_resources": 0}}.get(
        str(kind), {"uptime": 1}
    )  # type: ignore[assignment]
    return {"type": kind, "value": value}
