"""The subject leaves the offer to the other side (RFC 3261, sections 13.2.2.4, 14.1 and 14.2)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.live.dialog import Dialog
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import attempt, description, hang_up, taken
from conformance.live.stage import Stage
from conformance.live.wants import NotClaimed, request

AGENT = "user-agent"
TOLD = ("trigger",)
STRANGE = ("m=audio 40000 RTP/AVP 96", "a=rtpmap:96 X-NOBODY-KNOWS/8000")
"""One stream in a format that nobody knows."""


def _without_offer(party: Party) -> Message:
    asked = party.expect(request("INVITE"), 2 * party.stage.budget)
    if asked.body:
        party.respond(asked, 488)
        raise NotClaimed("the subject makes an offer all the same")
    return asked


def _ended(party: Party, dialog: Dialog) -> None:
    """BYE of the subject; BYE to it where none comes."""
    bye = attempt(party, request("BYE"), 4.0)
    if bye is None:
        hang_up(dialog)
    else:
        party.respond(bye, 200)
        dialog.ended = True


@scenario("user-agent/calls-late", what="The subject calls without an offer.", role=AGENT, needs=TOLD)
def calls_late(stage: Stage) -> None:
    """The 2xx has one; BYE behind the ACK."""
    callee = stage.party("callee")
    stage.trigger("invite", uri=callee.contact_uri, offer="late")
    asked = _without_offer(callee)
    answer = callee.respond(asked, 200, body=description(callee), label="offered")
    attempt(callee, request("ACK"))
    hang_up(callee.dialog(asked, answer))


@scenario("user-agent/calls-late-unusable", what="The subject calls without an offer, and can use nothing of what it is offered.", role=AGENT,
          needs=TOLD)  # fmt: skip
def calls_late_unusable(stage: Stage) -> None:
    """ACK, and BYE."""
    callee = stage.party("callee")
    stage.trigger("invite", uri=callee.contact_uri, offer="late")
    asked = _without_offer(callee)
    answer = callee.respond(asked, 200, body=description(callee, media=STRANGE), label="unusable")
    attempt(callee, request("ACK"))
    _ended(callee, callee.dialog(asked, answer))


@scenario("user-agent/reinvites-late-unusable", what="The subject asks for an offer within its call, and can use nothing of it.", role=AGENT,
          needs=TOLD)  # fmt: skip
def reinvites_late_unusable(stage: Stage) -> None:
    """ACK, and BYE."""
    callee = stage.party("callee")
    _, _, dialog = taken(callee)
    stage.trigger("reinvite", offer="late")
    asked = _without_offer(callee)
    callee.respond(asked, 200, body=description(callee, version=2, media=STRANGE), label="unusable")
    attempt(callee, request("ACK"))
    _ended(callee, dialog)
