"""Branches that are cancelled, fall silent or cannot be reached (RFC 3261, sections 16.7 to 16.10)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.sip import Message
from conformance.live.memory.tidying import cancel_of
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt
from conformance.live.scenarios.registrar.steps import Client
from conformance.live.stage import Stage
from conformance.live.subject import bracketed
from conformance.live.wants import NotSeen, final, provisional, request
from conformance.live.writing import Row, token

PROXY = "proxy"
NOBODY = "192.0.2.250"
"""Where nobody is when time is virtual."""
LONG = 400.0
"""Seconds beyond every timer C that somebody may choose in earnest."""


def _gone(stage: Stage) -> str:
    """A contact where nobody accepts connections."""
    return f"<sip:gone@{NOBODY if stage.virtual else bracketed(stage.subject.address[0])}:1;transport=tcp>"


def _register_gone(stage: Stage, record: str) -> None:
    """It is registered over UDP, by somebody who does not accept calls on the way of the registration either."""
    answer = Client(stage.party("absent", transport="udp"), record).register(_gone(stage), expires=600)
    if answer.status != 200:
        raise NotSeen(f"the contact cannot be registered: {answer.title}")


def _ended(phone: Party, arrived: Message, within: float | None = None) -> None:
    """The phone is cancelled and says so."""
    cancel = attempt(phone, request("CANCEL"), within)
    if cancel is not None:
        phone.respond(cancel, 200)
        phone.respond(arrived, 487)


@scenario("proxy/cancelled", what="The caller takes its call back while the phone rings.", role=PROXY)
def cancelled(stage: Stage) -> None:
    """200 to the CANCEL, a CANCEL to the phone, 487 to the call."""
    scene = Scene(stage)
    invite = scene.called()
    arrived = scene.reached()
    scene.phone.respond(arrived, 180)
    scene.caller.expect(provisional(180, to=invite))
    cancel = cancel_of(invite)
    scene.caller.send(cancel, label="cancel")
    attempt(scene.caller, final(to=cancel))
    _ended(scene.phone, arrived)
    attempt(scene.caller, final(to=invite))
    scene.done()


@scenario(
    "proxy/cancelled-fork",
    what="The caller takes its call back while two phones ring and a third has refused.",
    role=PROXY,
)
def cancelled_fork(stage: Stage) -> None:
    """Both that ring are cancelled, the third is not."""
    scene = Scene(stage, 3)
    invite = scene.called()
    arrived = [phone.expect(request("INVITE")) for phone in scene.phones]
    scene.phones[2].respond(arrived[2], 486)
    for phone, message in zip(scene.phones[:2], arrived, strict=False):
        phone.respond(message, 180)
    scene.caller.expect(provisional(180, to=invite))
    scene.settle()
    cancel = cancel_of(invite)
    scene.caller.send(cancel, label="cancel")
    attempt(scene.caller, final(to=cancel))
    for phone, message in zip(scene.phones[:2], arrived, strict=False):
        _ended(phone, message)
    attempt(scene.caller, final(to=invite))
    scene.done()


@scenario("proxy/cancel-of-nothing", what="A CANCEL for a call that the proxy does not know.", role=PROXY)
def cancel_of_nothing(stage: Stage) -> None:
    """It goes on to the phone, which knows nothing of it either."""
    scene = Scene(stage)
    cancel = scene.caller.request("CANCEL", scene.record, call_id=token(), without=["contact"])
    scene.caller.send(cancel, label="cancel-of-nothing")
    arrived = attempt(scene.phone, request("CANCEL"), 1.5)
    if arrived is not None:
        scene.phone.respond(arrived, 481)
    attempt(scene.caller, final(to=cancel), 1.5)
    scene.done()


@scenario("proxy/silent", what="The phone never answers an INVITE.", role=PROXY, slow=True)
def silent(stage: Stage) -> None:
    """The caller hears of it after half a minute."""
    scene = Scene(stage)
    invite = scene.called()
    scene.reached()
    attempt(scene.caller, final(to=invite), 45.0)
    scene.done()


def _left(stage: Stage, status: int, headers: Sequence[Row] = (), *, again: int = 0) -> None:
    """The phone says this, ``again`` after two minutes, and nothing else until the proxy gives up."""
    scene = Scene(stage)
    invite = scene.called()
    arrived = scene.reached()
    scene.phone.respond(arrived, status, headers=headers)
    if again:
        stage.wait(120.0)
        scene.phone.respond(arrived, again)
    _ended(scene.phone, arrived, LONG)
    attempt(scene.caller, final(to=invite))
    scene.done()


@scenario("proxy/rings-for-ever", what="The phone rings and rings.", role=PROXY, slow=True)
def rings_for_ever(stage: Stage) -> None:
    """After more than three minutes the proxy gives up by CANCEL."""
    _left(stage, 180)


@scenario("proxy/rings-again", what="The phone rings, and says so again after two minutes.", role=PROXY, slow=True)
def rings_again(stage: Stage) -> None:
    """The second provisional response sets the timer anew."""
    _left(stage, 180, again=183)


@scenario("proxy/tries-for-ever", what="The phone says 100 and nothing else.", role=PROXY, slow=True)
def tries_for_ever(stage: Stage) -> None:
    """100 is a provisional response too: the branch is ended by CANCEL."""
    _left(stage, 100, [("X-Hop", "phone")])


@scenario(
    "proxy/cancel-unheard", what="A phone that rings is cancelled and never ends its INVITE.", role=PROXY, slow=True
)
def cancel_unheard(stage: Stage) -> None:
    """64*T1 behind the CANCEL the proxy gives up all the same (section 9.1)."""
    scene = Scene(stage)
    invite = scene.called()
    arrived = scene.reached()
    scene.phone.respond(arrived, 180)
    scene.caller.expect(provisional(180, to=invite))
    cancel = cancel_of(invite)
    scene.caller.send(cancel, label="cancel")
    scene.caller.expect(final(to=cancel))
    heard = attempt(scene.phone, request("CANCEL"))
    if heard is not None:
        scene.phone.respond(heard, 200)
    attempt(scene.caller, final(to=invite), 60.0)
    scene.done()


@scenario(
    "proxy/unreachable",
    what="One contact refuses connections, the other one rings and answers.",
    role=PROXY,
)
def unreachable(stage: Stage) -> None:
    """The branch that fails does not end the other one."""
    scene = Scene(stage)
    _register_gone(stage, scene.record)
    invite = scene.called()
    arrived = scene.reached()
    scene.phone.respond(arrived, 180)
    scene.caller.expect(provisional(180, to=invite))
    scene.settle(2.0)
    scene.phone.respond(arrived, 486)
    attempt(scene.caller, final(to=invite))
    scene.done()


@scenario("proxy/all-unreachable", what="The only contact refuses connections.", role=PROXY)
def all_unreachable(stage: Stage) -> None:
    """As if it had answered 503: the caller gets 500."""
    scene = Scene(stage, 0)
    Client(stage.party("absent", transport="udp"), scene.record).clear()
    _register_gone(stage, scene.record)
    invite = scene.called(label="all-unreachable")
    attempt(scene.caller, final(to=invite), 10.0)
    scene.done()
