"""Ping, answered (RFC 6940, section 6.5.3)."""

from __future__ import annotations

from disco_ref.clock import Instant
from disco_ref.reload.actions import Action, Incoming, Reply
from disco_ref.reload.forwarding.ping import PingAns
from disco_ref.reload.member import Member
from disco_ref.reload.room import Quiet


class Pinging(Quiet):
    """Answers every Ping."""

    __slots__ = ("_member",)

    def __init__(self, member: Member) -> None:
        self._member = member

    def asked(self, request: Incoming, now: Instant) -> list[Action]:
        """A random number, and the time in milliseconds since 1970 (section 6.5.3.2)."""
        response_id = int.from_bytes(self._member.entropy(8), "big")
        return [Reply(request, PingAns(response_id, int(now * 1000)))]
