"""A proxy that is told names, and proxies that everything has to pass (RFC 3261, section 16.6, items 6 and 7)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import NotClaimed, final, provisional, request
from conformance.live.writing import Row

PROXY = "proxy"
PHONE = "phone.example.net"
PATIENCE = 40.0
"""Seconds after which the next address has been tried at the latest: 64*T1, and some."""
FIRST = 5.0
"""Seconds after which a 100 has come, where it comes at all (RFC 4320, section 4.1)."""


def _answered(scene: Scene, *parties: Party) -> None:
    """Whoever gets the request answers it."""
    for party in parties:
        arrived = attempt(party, request("OPTIONS"), 1.0)
        if arrived is not None:
            party.respond(arrived, 200)
            break
    scene.done()


def _by_policy(stage: Stage, label: str, headers: Sequence[Row] = ()) -> None:
    """OPTIONS for a user of the domain, which must come by the proxy of the policy."""
    gate = stage.party("gate")
    stage.configure(route=[f"<sip:{hostport(gate.end)};lr>"])
    scene = Scene(stage)
    scene.asked("OPTIONS", headers=headers, label=label)
    _answered(scene, gate, scene.phone)


@scenario(
    "proxy/policy-route", what="A proxy that sends everything by another one gets a request without Route.", role=PROXY
)
def policy_route(stage: Stage) -> None:
    """A Route is made of that proxy."""
    _by_policy(stage, "by-policy")


@scenario(
    "proxy/policy-route-first",
    what="A proxy that sends everything by another one gets a request that has a Route already.",
    role=PROXY,
)
def policy_route_first(stage: Stage) -> None:
    """That proxy comes to the front."""
    second = stage.party("second")
    own = f"<sip:{hostport(stage.subject.address)};lr>"
    _by_policy(stage, "by-policy", [("Route", own), ("Route", f"<sip:{hostport(second.end)};lr>")])


@scenario("proxy/dead-address", what="The first address of a phone is dead.", role=PROXY)
def dead_address(stage: Stage) -> None:
    """Nobody accepts a connection there; the second address does."""
    phone = stage.party("one")
    stage.configure(names=[f"{PHONE} A 192.0.2.250", f"{PHONE} A {phone.end[0]}"])
    scene = Scene(stage, contacts=[f"<sip:one@{PHONE};transport=tcp>"])
    ask = scene.asked("OPTIONS", label="dead-address")
    arrived = attempt(scene.phone, request("OPTIONS"), PATIENCE)
    if arrived is not None:
        scene.phone.respond(arrived, 200)
    attempt(scene.caller, final(to=ask))
    scene.done()


@scenario("proxy/silent-address", what="The first address of a phone is silent.", role=PROXY, slow=True)
def silent_address(stage: Stage) -> None:
    """Half a minute; then the call comes to the second address."""
    phone, silent = stage.party("one"), stage.party("silent")
    silent.absorbs = False
    stage.configure(names=[f"{PHONE} A {silent.end[0]}", f"{PHONE} A {phone.end[0]}"])
    scene = Scene(stage, contacts=[f"<sip:one@{PHONE}>"])
    call = scene.called(label="silent-address")
    attempt(scene.caller, provisional(100, to=call), 2.0)
    arrived = attempt(scene.phone, request("INVITE"), PATIENCE)
    if arrived is not None:
        scene.phone.respond(arrived, 486)
    attempt(scene.caller, final(to=call))
    scene.done()


@scenario(
    "proxy/provisional-copies",
    what="A request that is answered provisionally only comes once more from its sender.",
    role=PROXY,
)
def provisional_copies(stage: Stage) -> None:
    """OPTIONS that the phone answers with 183 and nothing else; whatever provisional response the caller gets, its copy; then 200."""
    scene = Scene(stage)
    scene.caller.absorbs = False
    ask = scene.caller.request("OPTIONS", scene.record, headers=[("Timestamp", "54.2")])
    scene.caller.send(ask, label="asked-twice", once=True)
    arrived = scene.reached(None, "OPTIONS")
    scene.phone.respond(arrived, 183, once=True)
    if attempt(scene.caller, provisional(to=ask), FIRST) is None:
        scene.phone.respond(arrived, 200)
        raise NotClaimed("the subject answers nothing but INVITE provisionally, as it had better")
    scene.caller.put(ask.received, label="copy")
    scene.settle()
    scene.phone.respond(arrived, 200)
    attempt(scene.caller, final(to=ask))
    scene.done()
