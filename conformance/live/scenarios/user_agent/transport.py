"""Where responses go, how a stream is cut into messages, what a datagram may hold (RFC 3261, section 18)."""

from __future__ import annotations

from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import attempt, automatic, called, description, ringing
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import final, request
from conformance.live.writing import new_branch

AGENT = "user-agent"
BYTEWISE = 40
"""Pieces that a message on a stream is cut into."""


@scenario("user-agent/sent-by-port", what="A request whose sent-by has another port than its source.", role=AGENT)
def sent_by_port(stage: Stage) -> None:
    """Without rport the answer goes to the port of sent-by, where another socket of the same host waits."""
    caller = stage.party("caller", transport="udp")
    listener = stage.party("listener", transport="udp", beside="caller")
    via = f"SIP/2.0/UDP {hostport(listener.end)};branch={new_branch()}"
    message = caller.request("OPTIONS", headers=[("Via", via)])
    caller.send(message, label="elsewhere", once=True)
    attempt(listener, final(to=message))
    stage.alive(caller)


@scenario("user-agent/sent-by-name", what="A request whose sent-by is a name.", role=AGENT)
def sent_by_name(stage: Stage) -> None:
    """The answer comes back to the source address, with it as received."""
    caller = stage.party("caller", transport="udp")
    via = f"SIP/2.0/UDP client.invalid:{caller.end[1]};branch={new_branch()}"
    message = caller.request("OPTIONS", headers=[("Via", via)])
    caller.send(message, label="by-name")
    attempt(caller, final(to=message))
    stage.alive(caller)


@scenario(
    "user-agent/rport", what="Requests with rport, with a sent-by of another address, and with many Vias.", role=AGENT
)
def rport(stage: Stage) -> None:
    """Each is answered to its source."""
    caller = stage.party("caller", transport="udp")
    for far in range(3):
        headers = [
            ("Via", f"SIP/2.0/UDP 192.0.2.200:5060;branch={new_branch()};rport"),
            ("Via", f"SIP/2.0/UDP far.invalid;branch={new_branch()};received=192.0.2.201"),
        ][:far]
        message = caller.request("OPTIONS", headers=headers)
        caller.send(message, label="rport")
        attempt(caller, final(to=message))
    stage.alive(caller)


@scenario("user-agent/maddr", what="A request whose Via names another address for the answer.", role=AGENT)
def maddr(stage: Stage) -> None:
    """The answer goes to maddr, at the port of sent-by."""
    caller, listener = stage.party("caller", transport="udp"), stage.party("listener", transport="udp")
    via = f"SIP/2.0/UDP client.invalid:{listener.end[1]};branch={new_branch()};maddr={_host(listener)}"
    message = caller.request("OPTIONS", headers=[("Via", via)])
    caller.send(message, label="maddr", once=True)
    attempt(listener, final(to=message))
    stage.alive(caller)


@scenario("user-agent/datagram-padded", what="A datagram with octets behind the body.", role=AGENT)
def datagram_padded(stage: Stage) -> None:
    """They do not belong to the message."""
    caller = stage.party("caller", transport="udp")
    stage.alive(caller)
    message = caller.request("OPTIONS", headers=[("Content-Length", "0")])
    caller.send(message.received + b"what stands here is nobody's business\r\n", label="padded", once=True)
    caller.last = message
    attempt(caller, final(to=message))
    stage.alive(caller)


@scenario("user-agent/datagram-large", what="A datagram of almost the largest size.", role=AGENT)
def datagram_large(stage: Stage) -> None:
    """OPTIONS with a large header that nobody needs: first of 8000 octets, then of 60000."""
    caller = stage.party("caller", transport="udp")
    stage.alive(caller)
    for size in (8_000, 60_000):
        message = caller.request("OPTIONS", headers=[("X-Filler", "abcdefgh " * (size // 9))])
        caller.send(message, label=f"large-{size}")
        attempt(caller, final(to=message))
        caller.resending.requests.clear()
    stage.alive(caller)


@scenario("user-agent/stream-pieces", what="A message on a stream comes in many pieces.", role=AGENT)
def stream_pieces(stage: Stage) -> None:
    """Cut within the start line, within headers, within the empty line."""
    caller = _streaming(stage)
    stage.alive(caller)
    message = caller.request("OPTIONS", body=b"v=0\r\n")
    octets = message.received
    step = max(1, len(octets) // BYTEWISE)
    for start in range(0, len(octets), step):
        caller.put(octets[start : start + step], label="pieces")
        stage.wait(0.01)
    attempt(caller, final(to=message))
    stage.alive(caller)


@scenario(
    "user-agent/stream-together",
    what="Several messages on a stream come at once, with empty lines between.",
    role=AGENT,
)
def stream_together(stage: Stage) -> None:
    """Three OPTIONS in one segment."""
    caller = _streaming(stage)
    stage.alive(caller)
    messages = [caller.request("OPTIONS") for _ in range(3)]
    caller.put(b"\r\n\r\n".join(one.received for one in messages), label="together")
    for one in messages:
        attempt(caller, final(to=one))
    stage.alive(caller)


@scenario(
    "user-agent/connection-gone", what="The connection of a ringing INVITE is closed before the call is answered.", role=AGENT,
    needs=("trigger",),
)  # fmt: skip
def connection_gone(stage: Stage) -> None:
    """The 2xx comes on a new connection to the sent-by."""
    caller = _streaming(stage)
    message = ringing(caller)
    caller.hang()
    stage.trigger("answer")
    answer = attempt(caller, final(to=message))
    if answer is not None and (answer.status or 0) < 300:
        caller.ack(message, answer)
    automatic(stage)


@scenario("user-agent/stray-responses", what="Responses to requests that nobody made.", role=AGENT)
def stray_responses(stage: Stage) -> None:
    """A 200 to an INVITE, a 401 to a REGISTER, each with the Via of a stranger; nothing comes back."""
    caller = stage.party("caller")
    stage.alive(caller)
    for method, status in (("INVITE", 200), ("INVITE", 486), ("REGISTER", 401)):
        asked = caller.request(method, headers=[("Via", f"SIP/2.0/UDP 192.0.2.200;branch={new_branch()}")])
        caller.put(caller.response(asked, status).received, label="stray")
    caller.silence(1.0)
    stage.alive(caller)


@scenario(
    "user-agent/response-truncated",
    what="A response whose body is shorter than its header says.",
    role=AGENT,
    needs=("trigger",),
)
def response_truncated(stage: Stage) -> None:
    """The subject calls and gets a truncated 200, which it has to discard; then a refusal."""
    callee = stage.party("callee", transport="udp")
    asked = called(callee)
    body = description(callee)
    answer = callee.response(asked, 200, body=body)
    callee.answer(asked, answer.received[: -len(body) // 2], malformed=True, label="truncated")
    callee.silence(1.0)
    callee.respond(asked, 486)
    attempt(callee, request("ACK"))
    stage.alive(callee)


def _streaming(stage: Stage) -> Party:
    """A party on the target's own stream transport, on TCP where that is for datagrams."""
    return stage.party("caller", transport="tls" if stage.subject.transport == "tls" else "tcp")


def _host(party: Party) -> str:
    return hostport(party.end).rpartition(":")[0]
