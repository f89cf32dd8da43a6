"""Copies of requests, late ACKs, other transports (RFC 3261, sections 17 and 18)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import (
    ask,
    attempt,
    automatic,
    cancelling,
    refused_late,
    ringing,
)
from conformance.live.stage import Stage
from conformance.live.wants import final

AGENT = "user-agent"


@scenario("user-agent/copies", what="A request is sent again behind its final response.", role=AGENT)
def copies(stage: Stage) -> None:
    """OPTIONS, its answer, and the same OPTIONS twice more."""
    caller = stage.party("caller", transport="udp")
    message = caller.request("OPTIONS")
    ask(caller, message, label="sent-again")
    for _ in range(2):
        caller.put(message.received, label="sent-again")
        stage.wait(0.4)


@scenario(
    "user-agent/copies-late",
    what="A request is sent again half a minute behind its final response.",
    role=AGENT,
    slow=True,
)
def copies_late(stage: Stage) -> None:
    """Over UDP timer J keeps the answer for 64*T1."""
    caller = stage.party("caller", transport="udp")
    message = caller.request("OPTIONS")
    ask(caller, message, label="sent-again")
    stage.wait(31.0)
    caller.put(message.received, label="sent-again")
    stage.wait(0.5)


@scenario("user-agent/copies-ringing", what="The INVITE of a ringing call is sent again.", role=AGENT)
def copies_ringing(stage: Stage) -> None:
    """The latest provisional response comes back; the call is cancelled."""
    caller = stage.party("caller")
    message = ringing(caller)
    stage.wait(0.3)
    caller.put(message.received, label="ringing")
    stage.wait(0.5)
    cancelling(caller, message)
    attempt(caller, final(to=message))
    automatic(stage)


@scenario("user-agent/refusal-unacknowledged", what="The ACK of a refusal comes after two seconds.", role=AGENT)
def refusal_unacknowledged(stage: Stage) -> None:
    """An INVITE with nothing usable is refused; the ACK comes late; then quiet."""
    caller = stage.party("caller")
    refused_late(caller)
    stage.wait(2.0)
    caller.absorbs = True


@scenario("user-agent/over-tcp", what="The same request over UDP and over TCP, to the same port.", role=AGENT)
def over_tcp(stage: Stage) -> None:
    """OPTIONS over each."""
    ask(stage.party("caller", transport="udp"), stage.party("caller").request("OPTIONS"))
    other = stage.party("over-tcp", transport="tcp")
    ask(other, other.request("OPTIONS", f"{stage.subject.uri.partition(';')[0]};transport=tcp"))
