"""Probe, answered (RFC 6940, section 6.4.2.5)."""

from __future__ import annotations

from collections.abc import Callable

from disco_ref.clock import Instant
from disco_ref.errors import Malformed
from disco_ref.reload.actions import Action, Incoming, Reply
from disco_ref.reload.member import Member
from disco_ref.reload.room import Quiet
from disco_ref.reload.topology.plugin import TopologyPlugin
from disco_ref.reload.topology.probe import ProbeAns, ProbeInformation, ProbeInformationType, ProbeReq

PARTS_PER_BILLION = 1_000_000_000
_LARGEST = 0xFFFFFFFF


class Probing(Quiet):
    """Tells how much a node is responsible for, how many resources it holds, how long it has been up."""

    __slots__ = ("_member", "_resources", "_topology")

    def __init__(self, member: Member, topology: TopologyPlugin, resources: Callable[[], int]) -> None:
        self._member = member
        self._topology = topology
        self._resources = resources

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """What was asked for and is known, in the order of asking; a piece asked for twice comes once."""
        body = request.body
        if not isinstance(body, ProbeReq):
            raise Malformed("this is no ProbeReq")
        # = rfc6940:6.4.2.5.2/1
        # = rfc6940:6.4.2.5.2/2
        # = rfc6940:6.4.2.5.2/3
        known = [each for each in dict.fromkeys(body.requested_info) if each in tuple(ProbeInformationType)[1:]]
        found = tuple(ProbeInformation(each, self._piece(ProbeInformationType(each), now)) for each in known)
        return [Reply(request, ProbeAns(found))]

    def _piece(self, wanted: ProbeInformationType, now: Instant) -> int:
        match wanted:
            case ProbeInformationType.responsible_set:
                return round(self._topology.share() * PARTS_PER_BILLION)
            case ProbeInformationType.num_resources:
                return min(self._resources(), _LARGEST)
            case _:
                return self._member.uptime(now)
