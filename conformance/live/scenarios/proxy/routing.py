"""Where a request goes: Route, Request-URI, maddr, targets (RFC 3261, sections 16.4 to 16.6)."""

from __future__ import annotations

from conformance.live.dialog import route_lines
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt, offer
from conformance.live.stage import Stage
from conformance.live.subject import bracketed, hostport
from conformance.live.wants import NotClaimed, final, request
from conformance.live.writing import Row

PROXY = "proxy"


def _answered(scene: Scene, phone: Party, uri: str, headers: list[Row], label: str) -> None:
    """An OPTIONS; the phone where it should arrive answers."""
    ask = scene.asked("OPTIONS", uri, headers=headers, label=label)
    arrived = attempt(phone, request("OPTIONS"), 1.0)
    if arrived is not None:
        phone.respond(arrived, 200)
    attempt(scene.caller, final(to=ask), 1.0)
    scene.settle()


def _apart(scene: Scene) -> None:
    """Hosts have to differ where a bare host is all that is told."""
    if scene.phone.end[0] == scene.stage.subject.address[0]:
        raise NotClaimed("the harness and the subject share one host")


@scenario("proxy/own-route", what="The first Route names the proxy.", role=PROXY)
def own_route(stage: Stage) -> None:
    """It is taken off; the user is looked up, or the Request-URI used as it is."""
    scene = Scene(stage)
    _answered(scene, scene.phone, scene.record, [("Route", scene.route)], "own-route")
    _answered(scene, scene.phone, scene.phone.contact_uri, [("Route", scene.route)], "own-route")
    scene.done()


@scenario("proxy/next-route", what="Behind the proxy's own Route stands that of a loose router.", role=PROXY)
def next_route(stage: Stage) -> None:
    """It goes there, with the Request-URI as it is."""
    scene = Scene(stage, 2)
    onward = scene.phones[1].contact.replace(">", ";lr>")
    _answered(
        scene,
        scene.phones[1],
        "sip:somebody@elsewhere.example",
        [("Route", scene.route), ("Route", onward)],
        "next-route",
    )
    scene.done()


@scenario("proxy/strict-next", what="Behind the proxy's own Route stands that of a strict router.", role=PROXY)
def strict_next(stage: Stage) -> None:
    """It finds itself in the Request-URI, and the Request-URI at the end of Route."""
    scene = Scene(stage, 2)
    rows = [("Route", f"{scene.route}, {scene.phones[1].contact}, <sip:last@elsewhere.example;lr>")]
    _answered(scene, scene.phones[1], "sip:somebody@elsewhere.example", rows, "strict-next")
    scene.done()


@scenario("proxy/strict-before", what="A strict router has put the proxy into the Request-URI.", role=PROXY)
def strict_before(stage: Stage) -> None:
    """The caller of a call does as strict routers do: its BYE has the proxy in the Request-URI, the phone at the end of Route."""
    scene = Scene(stage)
    invite = scene.called()
    arrived = scene.reached()
    scene.phone.respond(arrived, 200, body=offer(scene.phone))
    back = scene.caller.expect(final(200, to=invite))
    dialog = scene.caller.ack(invite, back)
    assert dialog is not None
    attempt(scene.phone, request("ACK"))
    routes = list(reversed(route_lines(back)))
    if not routes:
        raise NotClaimed("the proxy does not stay in the path")
    dialog.routes, target = routes[1:], dialog.target
    dialog.routes.append(f"<{target}>")
    dialog.target = routes[0].strip("<>").partition(">")[0]
    bye = dialog.request("BYE")
    scene.caller.send(bye, label="strict-before")
    heard = attempt(scene.phone, request("BYE"))
    if heard is not None:
        scene.phone.respond(heard, 200)
    attempt(scene.caller, final(to=bye))
    scene.done()


@scenario("proxy/own-maddr", what="A Request-URI whose maddr is the proxy's own address.", role=PROXY)
def own_maddr(stage: Stage) -> None:
    """As good as without: the user is looked up."""
    scene = Scene(stage)
    host, port = stage.subject.address
    user = scene.record.removeprefix("sip:").partition("@")[0]
    domain = stage.subject.home.removesuffix(f":{port}")
    over = stage.subject.transport
    uri = f"sip:{user}@{domain}:{port};maddr={bracketed(host)};transport={over}"
    _answered(scene, scene.phone, uri, [], "own-maddr")
    scene.done()


@scenario("proxy/foreign-maddr", what="A Request-URI of the domain whose maddr is somebody else's address.", role=PROXY)
def foreign_maddr(stage: Stage) -> None:
    """It goes there, and nowhere else."""
    scene = Scene(stage, 2)
    _apart(scene)
    host, port = scene.phones[1].end
    domain = stage.subject.home.removesuffix(f":{stage.subject.address[1]}")
    over = scene.phones[1].contact_uri.partition(";")[2]
    uri = ";".join(filter(None, (f"sip:x@{domain}:{port}", f"maddr={bracketed(host)}", over)))
    _answered(scene, scene.phones[1], uri, [], "foreign-maddr")
    scene.done()


@scenario("proxy/foreign-domain", what="A Request-URI of another domain.", role=PROXY)
def foreign_domain(stage: Stage) -> None:
    """It is the only target, though the user part is that of a registered user."""
    scene = Scene(stage, 2)
    user = scene.record.removeprefix("sip:").partition("@")[0]
    _answered(
        scene, scene.phones[1], f"sip:{user}@{scene.phones[1].contact_uri.partition('@')[2]}", [], "foreign-domain"
    )
    scene.done()


@scenario("proxy/register-elsewhere", what="A REGISTER for another domain.", role=PROXY)
def register_elsewhere(stage: Stage) -> None:
    """A proxy passes it on."""
    scene = Scene(stage)
    domain = hostport(scene.phone.end)
    rows = [("Contact", scene.caller.contact), ("From", f"<sip:user@{domain}>;tag=r1"), ("To", f"<sip:user@{domain}>")]
    ask = scene.asked("REGISTER", f"sip:{domain}", headers=rows, label="register-elsewhere")
    arrived = attempt(scene.phone, request("REGISTER"), 1.0)
    if arrived is not None:
        scene.phone.respond(arrived, 200)
    attempt(scene.caller, final(to=ask), 1.0)
    scene.done()


@scenario("proxy/canonical", what="The Request-URI is written in another way than the address of record.", role=PROXY)
def canonical(stage: Stage) -> None:
    """Escapes, parameters, upper case in the host."""
    scene = Scene(stage)
    name, _, host = scene.record.removeprefix("sip:").partition("@")
    for uri in (f"sip:%{ord(name[0]):02x}{name[1:]}@{host}", f"sip:{name}@{host};x=y", f"sip:{name}@{host.upper()}"):
        _answered(scene, scene.phone, uri, [], "canonical")
    scene.done()


@scenario("proxy/target-parameters", what="A contact with parts that have no place in a Request-URI.", role=PROXY)
def target_parameters(stage: Stage) -> None:
    """A method and headers."""
    host = hostport(stage.party("one").end)
    scene = Scene(stage, contacts=[f"<sip:one@{host};method=INVITE;x=y?Subject=x>"])
    _answered(scene, scene.phone, scene.record, [], "target-parameters")
    scene.done()


@scenario("proxy/same-target", what="Two contacts that are one.", role=PROXY)
def same_target(stage: Stage) -> None:
    """Equal by the rules for URIs, written in two ways."""
    host = hostport(stage.party("one").end)
    scene = Scene(stage, 2, contacts=[f"<sip:one@{host};a=1;b=2>", f"<SIP:%6fne@{host};B=2;A=1>"])
    ask = scene.asked("OPTIONS", label="same-target")
    for _ in range(2):
        arrived = attempt(scene.phone, request("OPTIONS"), 0.5)
        if arrived is not None:
            scene.phone.respond(arrived, 404)
    attempt(scene.caller, final(to=ask), 1.0)
    scene.done()
