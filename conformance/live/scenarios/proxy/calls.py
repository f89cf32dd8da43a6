"""Calls and other requests through a proxy (RFC 3261, sections 16.2, 16.6 and 16.7)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt, offer
from conformance.live.stage import Stage
from conformance.live.subject import bracketed
from conformance.live.wants import final, provisional, request

PROXY = "proxy"


@scenario("proxy/call", what="A call through the proxy, changed by the caller and ended by the callee.", role=PROXY)
def call(stage: Stage) -> None:
    """100, 180 and 200 on the way back, ACK, a re-INVITE, BYE the other way."""
    scene = Scene(stage)
    invite = scene.called(headers=[("X-Nobody-Knows", "a, b;c"), ("Subject", "a call"), ("Supported", "nobody-knows")])
    arrived = scene.reached()
    scene.phone.respond(arrived, 100, headers=[("X-Hop", "phone")])
    scene.phone.respond(arrived, 180)
    scene.caller.expect(provisional(180, to=invite))
    answer = scene.phone.respond(arrived, 200, body=offer(scene.phone))
    back = scene.caller.expect(final(200, to=invite))
    ours, theirs = scene.caller.ack(invite, back), scene.phone.dialog(arrived, answer)
    assert ours is not None
    scene.phone.expect(request("ACK"))
    change = ours.request("INVITE", body=offer(scene.caller, 2))
    scene.caller.send(change, label="change")
    scene.phone.respond(scene.phone.expect(request("INVITE")), 200, body=offer(scene.phone, 2))
    scene.caller.ack(change, scene.caller.expect(final(200, to=change)))
    scene.phone.expect(request("ACK"))
    bye = theirs.request("BYE")
    scene.phone.send(bye, label="bye")
    scene.caller.respond(scene.caller.expect(request("BYE")), 200)
    scene.phone.expect(final(200, to=bye))
    ours.ended = True
    scene.done()


@scenario("proxy/refused", what="A call through the proxy is refused.", role=PROXY)
def refused(stage: Stage) -> None:
    """180, then 486; the refusal is acknowledged on both hops."""
    scene = Scene(stage)
    invite = scene.called()
    arrived = scene.reached()
    scene.phone.respond(arrived, 180)
    scene.phone.respond(arrived, 486, headers=[("X-Nobody-Knows", "why")])
    scene.caller.expect(final(to=invite))
    attempt(scene.phone, request("ACK"))
    scene.done()


@scenario("proxy/methods", what="Requests of known and unknown methods.", role=PROXY)
def methods(stage: Stage) -> None:
    """Each is forwarded and answered."""
    scene = Scene(stage)
    for method in ("OPTIONS", "MESSAGE", "INFO", "NOBODYKNOWS"):
        ask = scene.asked(method, headers=[("X-Nobody-Knows", "1")])
        arrived = attempt(scene.phone, request(method))
        if arrived is not None:
            scene.phone.respond(arrived, 200)
        attempt(scene.caller, final(to=ask))
    scene.done()


@scenario("proxy/slow-answer", what="A request other than INVITE is answered after three seconds.", role=PROXY)
def slow_answer(stage: Stage) -> None:
    """The proxy says nothing meanwhile."""
    scene = Scene(stage)
    ask = scene.asked("MESSAGE")
    arrived = scene.reached(None, "MESSAGE")
    stage.wait(3.0)
    scene.phone.respond(arrived, 200)
    scene.caller.expect(final(to=ask))
    scene.done()


@scenario(
    "proxy/answer-kept", what="An answer with headers and a body that the proxy has no business with.", role=PROXY
)
def answer_kept(stage: Stage) -> None:
    """The caller's Via has a name in it, so that the proxy puts its address there."""
    scene = Scene(stage)
    via = scene.caller.via().replace(bracketed(scene.caller.end[0]), "caller.example", 1)
    ask = scene.asked("OPTIONS", headers=[("Via", via), ("Accept", "application/sdp")])
    arrived = scene.reached(None, "OPTIONS")
    rows = [("X-Nobody-Knows", 'a, "b;c" ,d'), ("Server", "phone/1"), ("Allow", "INVITE"), ("Allow", "ACK, BYE")]
    scene.phone.respond(arrived, 200, headers=rows, body=offer(scene.phone))
    scene.caller.expect(final(to=ask))
    scene.done()


@scenario("proxy/own-options", what="The proxy itself is asked what it can do.", role=PROXY)
def own_options(stage: Stage) -> None:
    """OPTIONS for its address, and OPTIONS with no hops left."""
    scene = Scene(stage)
    scene.caller.expect(final(to=scene.asked("OPTIONS", scene.own, label="own")))
    ask = scene.asked("OPTIONS", headers=[("Max-Forwards", "0")], label="no-hops")
    attempt(scene.caller, final(to=ask))
    scene.done()


@scenario("proxy/copies", what="The caller's INVITE is sent again while the phone rings.", role=PROXY)
def copies(stage: Stage) -> None:
    """The copy is answered by the proxy and goes no further."""
    scene = Scene(stage)
    invite = scene.called()
    arrived = scene.reached()
    scene.phone.respond(arrived, 180)
    scene.caller.expect(provisional(180, to=invite))
    if scene.caller.transport == "udp":
        stage.wait(0.2)
        scene.caller.put(invite.received, label="call")
        stage.wait(1.0)
    scene.phone.respond(arrived, 486)
    scene.caller.expect(final(to=invite))
    scene.done()


@scenario("proxy/accepted-copies", what="The phone sends its 200 again until the ACK comes.", role=PROXY)
def accepted_copies(stage: Stage) -> None:
    """The caller waits with its ACK; each 200 reaches it."""
    scene = Scene(stage)
    scene.caller.absorbs = False
    invite = scene.called()
    arrived = scene.reached()
    answer = scene.phone.respond(arrived, 200, body=offer(scene.phone), once=True)
    back = scene.caller.expect(final(200, to=invite))
    for _ in range(2):
        stage.wait(0.6)
        scene.phone.answer(arrived, answer, once=True)
    stage.wait(0.3)
    scene.caller.ack(invite, back)
    attempt(scene.phone, request("ACK"))
    scene.phone.dialog(arrived, answer).ended = True
    scene.caller.absorbs = True
    scene.settle()
    bye = scene.caller.dialogs[0].request("BYE")
    scene.caller.send(bye)
    scene.phone.respond(scene.phone.expect(request("BYE")), 200)
    scene.caller.expect(final(to=bye))
    scene.done()


@scenario("proxy/over-tcp", what="A call comes over TCP and goes on over UDP, where the phone is slow.", role=PROXY)
def over_tcp(stage: Stage) -> None:
    """The caller does not repeat its INVITE; the proxy does."""
    scene = Scene(stage, caller="tcp", over="udp")
    invite = scene.called()
    arrived = scene.reached()
    stage.wait(1.8)
    scene.phone.respond(arrived, 486)
    scene.caller.expect(final(to=invite))
    scene.done()
