"""One request to several phones of a user, and the one answer (RFC 3261, section 16.7)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.sip import Message
from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt, offer
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import NotSeen, final, provisional, request
from conformance.live.writing import Row

PROXY = "proxy"


def _forked(scene: Scene, message: Message) -> list[Message]:
    """The request as it arrives at each phone; raises NotSeen where the proxy does not fork."""
    arrived = [attempt(phone, request(message.method or "INVITE")) for phone in scene.phones]
    if None in arrived:
        raise NotSeen("the proxy does not try all contacts of a user at once")
    return [one for one in arrived if one is not None]


def _each(stage: Stage, answers: Sequence[tuple[int, Sequence[Row]]], label: str = "call") -> Scene:
    """Two phones ring, and each refuses in its way."""
    scene = Scene(stage, len(answers))
    invite = scene.called(label=label)
    arrived = _forked(scene, invite)
    for phone, message, (status, rows) in zip(scene.phones, arrived, answers, strict=True):
        phone.respond(message, status, headers=rows)
        scene.settle()
    attempt(scene.caller, final(to=invite))
    scene.done()
    return scene


@scenario("proxy/fork-answered", what="Two phones ring, one takes the call.", role=PROXY)
def fork_answered(stage: Stage) -> None:
    """The other one is told that it is over."""
    scene = Scene(stage, 2)
    invite = scene.called()
    arrived = _forked(scene, invite)
    for phone, message in zip(scene.phones, arrived, strict=True):
        phone.respond(message, 180)
    scene.caller.expect(provisional(180, to=invite))
    answer = scene.phones[0].respond(arrived[0], 200, body=offer(scene.phones[0]))
    dialog = scene.caller.ack(invite, scene.caller.expect(final(200, to=invite)))
    scene.phones[0].dialog(arrived[0], answer).ended = True
    cancel = attempt(scene.phones[1], request("CANCEL"))
    if cancel is not None:
        scene.phones[1].respond(cancel, 200)
    scene.phones[1].respond(arrived[1], 487)
    scene.settle()
    attempt(scene.phones[0], request("ACK"))
    assert dialog is not None
    bye = dialog.request("BYE")
    scene.caller.send(bye)
    scene.phones[0].respond(scene.phones[0].expect(request("BYE")), 200)
    scene.caller.expect(final(to=bye))
    scene.done()


@scenario("proxy/fork-both", what="Two phones take the call at once.", role=PROXY)
def fork_both(stage: Stage) -> None:
    """Both answers reach the caller, who ends both calls."""
    scene = Scene(stage, 2)
    invite = scene.called()
    arrived = _forked(scene, invite)
    for phone, message in zip(scene.phones, arrived, strict=True):
        answer = phone.respond(message, 200, body=offer(phone), once=True)
        phone.dialog(message, answer).ended = True
    for _ in scene.phones:
        back = attempt(scene.caller, final(200, to=invite), 1.0)
        if back is not None:
            scene.caller.ack(invite, back)
    scene.settle()
    for dialog in scene.caller.dialogs:
        scene.caller.send(dialog.request("BYE"))
        for phone in scene.phones:
            bye = attempt(phone, request("BYE"), 0.3)
            if bye is not None:
                phone.respond(bye, 200)
    scene.done()


@scenario("proxy/fork-declined", what="Two phones ring, one declines for all.", role=PROXY)
def fork_declined(stage: Stage) -> None:
    """603 ends the other branch; the caller hears of it once both are over."""
    scene = Scene(stage, 2)
    invite = scene.called()
    arrived = _forked(scene, invite)
    for phone, message in zip(scene.phones, arrived, strict=True):
        phone.respond(message, 180)
    scene.phones[0].respond(arrived[0], 603)
    cancel = attempt(scene.phones[1], request("CANCEL"))
    if cancel is not None:
        scene.phones[1].respond(cancel, 200)
        scene.phones[1].respond(arrived[1], 487)
    else:
        scene.phones[1].respond(arrived[1], 486)
    attempt(scene.caller, final(to=invite))
    scene.done()


@scenario("proxy/fork-classes", what="One phone is busy, the other one fails.", role=PROXY)
def fork_classes(stage: Stage) -> None:
    """500 comes first, 486 behind it: the lower class is the better one."""
    _each(stage, [(500, ()), (486, ())])


@scenario("proxy/fork-unavailable", what="One phone is overloaded, the other one fails otherwise.", role=PROXY)
def fork_unavailable(stage: Stage) -> None:
    """503 does not reach the caller."""
    _each(stage, [(503, [("Retry-After", "5")]), (501, ())])


@scenario("proxy/all-unavailable", what="The only phone is overloaded.", role=PROXY)
def all_unavailable(stage: Stage) -> None:
    """503 comes, 500 goes on."""
    _each(stage, [(503, [("Retry-After", "5")])])


@scenario("proxy/fork-challenges", what="Two phones want credentials.", role=PROXY)
def fork_challenges(stage: Stage) -> None:
    """401 and 407: the caller needs both challenges."""
    one = 'Digest realm="one.example", nonce="n1", qop="auth", algorithm=MD5'
    two = 'Digest realm="two.example", nonce="n2", qop="auth", algorithm=MD5'
    _each(stage, [(401, [("WWW-Authenticate", one)]), (407, [("Proxy-Authenticate", two)])])


@scenario("proxy/fork-helpful", what="One phone is not there, the other one wants credentials.", role=PROXY)
def fork_helpful(stage: Stage) -> None:
    """404 comes first; 401 says how to go on."""
    one = 'Digest realm="one.example", nonce="n1", qop="auth", algorithm=MD5'
    _each(stage, [(404, ()), (401, [("WWW-Authenticate", one)])])


@scenario(
    "proxy/fork-none-better", what="One phone was not reached in time, the other one is busy.", role=PROXY, slow=True
)
def fork_silent(stage: Stage) -> None:
    """The second one never says a word: what did come is what the caller gets."""
    scene = Scene(stage, 2)
    invite = scene.called()
    arrived = _forked(scene, invite)
    scene.phones[0].respond(arrived[0], 486)
    attempt(scene.caller, final(to=invite), 40.0)
    scene.done()


@scenario("proxy/redirected", what="A phone says where else the user is.", role=PROXY)
def redirected(stage: Stage) -> None:
    """302 with a contact of a second phone: the proxy tells the caller, or follows it."""
    scene = Scene(stage)
    other = stage.party("two")
    invite = scene.called()
    arrived = scene.reached()
    contact = f"<sip:moved@{hostport(other.end)}>"
    scene.phone.respond(arrived, 302, headers=[("Contact", contact)], without=["contact"])
    followed = attempt(other, request("INVITE"), 1.0)
    if followed is not None:
        stage.note("the proxy follows the redirection")
        other.respond(followed, 486)
    attempt(scene.caller, final(to=invite))
    scene.done()
