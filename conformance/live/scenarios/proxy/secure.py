"""TLS on one side of a proxy and on both (RFC 3261, sections 16.6 and 16.7): what stands in Record-Route, what goes where."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt, offer
from conformance.live.stage import Stage
from conformance.live.subject import hostport
from conformance.live.wants import NotClaimed, final, request

PROXY = "proxy"


def _secure(stage: Stage) -> None:
    """Where time is virtual TLS is a word; on the network it takes certificates, which a target that is reached over TLS has."""
    if not stage.virtual and stage.subject.transport != "tls":
        raise NotClaimed("the subject is not reached over TLS")


def _call(scene: Scene, uri: str, label: str) -> None:
    invite = scene.called(uri, label=label)
    arrived = attempt(scene.phone, request("INVITE"))
    if arrived is None:
        attempt(scene.caller, final(to=invite))
        scene.done()
        return
    answer = scene.phone.respond(arrived, 200, body=offer(scene.phone))
    dialog = scene.caller.ack(invite, scene.caller.expect(final(200, to=invite)))
    attempt(scene.phone, request("ACK"))
    theirs = scene.phone.dialog(arrived, answer)
    bye = theirs.request("BYE")
    scene.phone.send(bye, label="bye")
    heard = attempt(scene.caller, request("BYE"))
    if heard is not None and dialog is not None:
        scene.caller.respond(heard, 200)
        dialog.ended = True
    attempt(scene.phone, final(to=bye))
    scene.done()


@scenario("proxy/tls-to-udp", what="A call comes over TLS for a SIP URI and goes on over UDP.", role=PROXY)
def tls_to_udp(stage: Stage) -> None:
    """The phone is not asked to speak TLS; the caller goes on to."""
    _secure(stage)
    _call(Scene(stage, caller="tls", over="udp"), "", "tls-to-udp")


@scenario("proxy/udp-to-tls", what="A call comes over UDP for a SIP URI and goes on over TLS.", role=PROXY)
def udp_to_tls(stage: Stage) -> None:
    """The caller is not asked to speak TLS."""
    _secure(stage)
    _call(Scene(stage, caller="udp", over="tls"), "", "udp-to-tls")


@scenario("proxy/sips", what="A call over TLS for a SIPS URI.", role=PROXY)
def sips(stage: Stage) -> None:
    """TLS all the way, SIPS in Record-Route."""
    _secure(stage)
    contact = f"<sips:one@{hostport(stage.party('one', transport='tls').end)}>"
    scene = Scene(stage, caller="tls", over="tls", contacts=[contact])
    _call(scene, scene.record.replace("sip:", "sips:", 1), "sips")


@scenario("proxy/sips-over-udp", what="A request for a SIPS URI that came over UDP.", role=PROXY)
def sips_over_udp(stage: Stage) -> None:
    """Over TLS it goes on, with the proxy in Record-Route; or it is refused."""
    _secure(stage)
    contact = f"<sips:one@{hostport(stage.party('one', transport='tls').end)}>"
    scene = Scene(stage, caller="udp", over="tls", contacts=[contact])
    _call(scene, scene.record.replace("sip:", "sips:", 1), "sips-over-udp")


@scenario("proxy/sips-no-contact", what="A SIPS URI of a user who is reached without TLS only.", role=PROXY)
def sips_no_contact(stage: Stage) -> None:
    """Nothing goes out without TLS."""
    _secure(stage)
    scene = Scene(stage, caller="tls", over="udp")
    ask = scene.asked("OPTIONS", scene.record.replace("sip:", "sips:", 1), label="sips-no-contact")
    attempt(scene.phone, request("OPTIONS"), 1.0)
    attempt(scene.caller, final(to=ask), 1.0)
    scene.done()


@scenario("proxy/sips-redirected", what="A SIPS URI is redirected to a SIP URI.", role=PROXY)
def sips_redirected(stage: Stage) -> None:
    """The proxy does not follow it: the request would go on in the open."""
    _secure(stage)
    contact = f"<sips:one@{hostport(stage.party('one', transport='tls').end)}>"
    scene = Scene(stage, caller="tls", over="tls", contacts=[contact])
    other = stage.party("two", transport="udp")
    ask = scene.asked("OPTIONS", scene.record.replace("sip:", "sips:", 1), label="sips-redirected")
    arrived = scene.reached(None, "OPTIONS")
    scene.phone.respond(arrived, 302, headers=[("Contact", other.contact)])
    followed = attempt(other, request("OPTIONS"), 1.0)
    if followed is not None:
        other.respond(followed, 200)
    attempt(scene.caller, final(to=ask), 1.0)
    scene.done()
