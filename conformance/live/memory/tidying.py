"""What a party still has open at the end of a scenario, and how it leaves: CANCEL, ACK and BYE, answers to what was asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conformance.lab.sip import Message
from conformance.live.wants import NotSeen, Want, final
from conformance.live.writing import copied, written

if TYPE_CHECKING:
    from conformance.live.party import Party

MOMENT = 1.5
"""Seconds that are given to an answer that nobody judges."""


def leave(party: Party) -> None:
    """End everything; what the subject does not answer is left."""
    party.fall_silent()
    party.resending.requests.clear()
    party.resending.accepted.clear()
    for message in [one for one in party.queue if one.is_request and one.method != "ACK"]:
        party.respond(message, 486 if message.method == "INVITE" else 200, once=True, label="tidy")
    for invite in party.undecided():
        _waited(party, cancel_of(invite), final())
        _waited(party, None, final(to=invite))
    for invite, answer in party.unacknowledged():
        party.ack(invite, answer)
    for dialog in [one for one in party.dialogs if not one.ended]:
        _waited(party, dialog.request("BYE"), final())
    party.resending.requests.clear()


def _waited(party: Party, message: Message | None, want: Want) -> None:
    if message is not None:
        party.send(message, label="tidy")
    try:
        party.expect(want, within=min(party.stage.budget, MOMENT))
    except NotSeen:
        return


def cancel_of(invite: Message) -> Message:
    """The CANCEL of a request (RFC 3261, section 9.1)."""
    rows = [("Via", invite.lines("via")[0]), *copied(invite, "route"), ("Max-Forwards", "70"),
            *copied(invite, "from"), *copied(invite, "to"), *copied(invite, "call-id"),
            ("CSeq", f"{invite.cseq[0] if invite.cseq else 1} CANCEL")]  # fmt: skip
    return written(f"CANCEL {invite.request_uri} SIP/2.0", rows)
