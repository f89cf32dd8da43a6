"""Calls to the subject: taken, refused, cancelled, left alone (RFC 3261, sections 9, 13 and 17)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import (
    ask,
    attempt,
    automatic,
    call,
    cancelling,
    description,
    hang_up,
    invite,
    ringing,
)
from conformance.live.stage import Stage
from conformance.live.wants import final, request

AGENT = "user-agent"


@scenario("user-agent/call", what="A call is taken and ended by its caller.", role=AGENT)
def call_taken(stage: Stage) -> None:
    """INVITE with an offer, ACK, BYE; then quiet."""
    hang_up(call(stage.party("caller")))
    stage.wait(0.5)


@scenario(
    "user-agent/late-offer",
    what="A call whose INVITE has no offer: it comes in the 2xx and is answered in the ACK.",
    role=AGENT,
)
def late_offer(stage: Stage) -> None:
    """INVITE without body, ACK with the answer, BYE."""
    automatic(stage)
    caller = stage.party("caller")
    message = caller.request("INVITE")
    caller.send(message)
    answer = caller.expect(final(200, to=message), 2 * stage.budget)
    dialog = caller.ack(message, answer, body=description(caller), headers=[("Content-Type", "application/sdp")])
    assert dialog is not None
    stage.wait(0.5)
    hang_up(dialog)


@scenario("user-agent/late-ack", what="The ACK of a 2xx comes after four seconds.", role=AGENT)
def late_ack(stage: Stage) -> None:
    """The copies of the 2xx are let pass; then ACK, quiet, BYE."""
    automatic(stage)
    caller = stage.party("caller")
    caller.absorbs = False
    message = invite(caller)
    answer = caller.expect(final(200, to=message), 2 * stage.budget)
    stage.wait(4.2)
    dialog = caller.ack(message, answer)
    assert dialog is not None
    stage.wait(4.5)
    hang_up(dialog)


@scenario("user-agent/no-ack", what="The ACK of a 2xx never comes.", role=AGENT, slow=True)
def no_ack(stage: Stage) -> None:
    """After 64*T1 the subject gives up, by BYE; then a sane request."""
    automatic(stage)
    caller = stage.party("caller")
    caller.absorbs = False
    message = invite(caller)
    caller.expect(final(200, to=message), 2 * stage.budget)
    bye = attempt(caller, request("BYE"), 40.0)
    if bye is not None:
        caller.respond(bye, 200)
    stage.alive(caller)


@scenario("user-agent/no-common-codec", what="An offer of codecs that nobody has.", role=AGENT)
def no_common_codec(stage: Stage) -> None:
    """INVITE, and a sane request."""
    automatic(stage)
    caller = stage.party("caller")
    media = ["m=audio 40000 RTP/AVP 96", "a=rtpmap:96 X-NOBODY-KNOWS/8000"]
    answer = ask(caller, caller.request("INVITE", body=description(caller, media=media)))
    if answer is not None and answer.status == 200:
        hang_up(caller.dialogs[-1])
    stage.alive(caller)


@scenario("user-agent/second-call", what="A call while the subject is engaged with another.", role=AGENT)
def second_call(stage: Stage) -> None:
    """Both are ended."""
    caller, other = stage.party("caller"), stage.party("other")
    dialog = call(caller)
    answer = ask(other, other.request("INVITE", body=description(other)))
    if answer is not None and answer.status == 200:
        hang_up(other.dialogs[-1])
    elif answer is None and other.last is not None:
        cancelling(other, other.last)
    hang_up(dialog)


@scenario("user-agent/invitation-expires", what="An INVITE with a short Expires to a subject that rings.", role=AGENT)
def invitation_expires(stage: Stage) -> None:
    """After two seconds it should be over; if not, it is cancelled."""
    caller = stage.party("caller")
    message = ringing(caller, headers=[("Expires", "2")])
    if attempt(caller, final(to=message), 5.0) is None:
        cancelling(caller, message)
        attempt(caller, final(to=message))
    automatic(stage)


@scenario("user-agent/cancel-ringing", what="A call is cancelled while it rings.", role=AGENT)
def cancel_ringing(stage: Stage) -> None:
    """CANCEL, then the final response of the INVITE and its ACK."""
    caller = stage.party("caller")
    message = ringing(caller)
    cancelling(caller, message)
    attempt(caller, final(to=message))
    automatic(stage)
    stage.alive(caller)


@scenario(
    "user-agent/cancel-with-require",
    what="A ringing call is cancelled by a CANCEL that requires an unknown extension.",
    role=AGENT,
)
def cancel_with_require(stage: Stage) -> None:
    """The header does not belong there, and is passed over."""
    caller = stage.party("caller")
    message = ringing(caller)
    cancelling(caller, message, headers=[("Require", "nothing-i-support")])
    if attempt(caller, final(to=message)) is None:
        cancelling(caller, message)
    automatic(stage)
    stage.alive(caller)


@scenario("user-agent/cancel-late", what="A CANCEL comes behind the 2xx.", role=AGENT)
def cancel_late(stage: Stage) -> None:
    """The call stands until BYE."""
    automatic(stage)
    caller = stage.party("caller")
    message = invite(caller)
    answer = caller.expect(final(200, to=message), 2 * stage.budget)
    dialog = caller.ack(message, answer)
    assert dialog is not None
    cancelling(caller, message)
    stage.wait(0.5)
    hang_up(dialog)


@scenario("user-agent/bye-early", what="The caller ends the early dialog of a ringing call by BYE.", role=AGENT)
def bye_early(stage: Stage) -> None:
    """BYE to the tag of the 180, then the final response of the INVITE."""
    from conformance.live.scenarios.user_agent.steps import manual
    from conformance.live.wants import provisional

    caller = stage.party("caller")
    manual(stage)
    message = invite(caller, label="ringing")
    early = caller.expect(provisional(180, 183, to=message))
    dialog = caller.dialog(message, early)
    answer = hang_up(dialog)
    if answer is None or answer.status != 200 or attempt(caller, final(to=message)) is None:
        cancelling(caller, message)
        attempt(caller, final(to=message))
    automatic(stage)
    stage.alive(caller)


@scenario(
    "user-agent/rings-long", what="The subject is left ringing for two minutes and a half.", role=AGENT, slow=True
)
def rings_long(stage: Stage) -> None:
    """Then the call is cancelled."""
    caller = stage.party("caller")
    message = ringing(caller)
    if attempt(caller, final(to=message), 150.0) is None:
        cancelling(caller, message)
        attempt(caller, final(to=message))
    automatic(stage)
