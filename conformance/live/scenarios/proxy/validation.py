"""What a proxy looks at before it forwards a request (RFC 3261, sections 16.3 and 16.5)."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.live.scenario import scenario
from conformance.live.scenarios.proxy.steps import Scene, attempt
from conformance.live.scenarios.registrar.steps import Client
from conformance.live.stage import Stage
from conformance.live.wants import final, provisional, request
from conformance.live.writing import Row, new_branch, token, written

PROXY = "proxy"


def _forwarded(
    scene: Scene, label: str, headers: Sequence[Row] = (), without: Sequence[str] = (), *, malformed: bool = False
) -> None:
    """An OPTIONS for the user; the phone answers where it arrives."""
    message = scene.caller.request("OPTIONS", scene.record, headers=headers, without=without)
    scene.caller.send(message, label=label, malformed=malformed)
    arrived = attempt(scene.phone, request("OPTIONS"), 1.0)
    if arrived is not None:
        scene.phone.respond(arrived, 200)
    attempt(scene.caller, final(to=message), 1.0)


@scenario("proxy/hops", what="Requests with many hops left, one, none, and no word about them.", role=PROXY)
def hops(stage: Stage) -> None:
    """None left: MESSAGE and INVITE stop at the proxy."""
    scene = Scene(stage)
    for number in ("255", "1"):
        _forwarded(scene, "hops", [("Max-Forwards", number)])
    _forwarded(scene, "no-max-forwards", without=["max-forwards"])
    for method in ("MESSAGE", "INVITE"):
        ask = scene.asked(method, headers=[("Max-Forwards", "0")], label="last-hop")
        attempt(scene.caller, final(to=ask))
        scene.settle()
    scene.done()


@scenario("proxy/require", what="Extensions that nobody knows, required of the proxy and of the phone.", role=PROXY)
def require(stage: Stage) -> None:
    """Proxy-Require stops at the proxy, Require does not."""
    scene = Scene(stage)
    _forwarded(scene, "proxy-require", [("Proxy-Require", "nobody-knows, nor-this")])
    _forwarded(scene, "require", [("Require", "nobody-knows")])
    scene.done()


@scenario("proxy/scheme", what="A Request-URI of a scheme that nobody knows.", role=PROXY)
def scheme(stage: Stage) -> None:
    """Nothing can be done with it."""
    scene = Scene(stage)
    ask = scene.caller.request("OPTIONS", "nobody-knows:somewhere", to=f"<{scene.record}>")
    scene.caller.send(ask, label="scheme")
    attempt(scene.caller, final(to=ask))
    scene.done()


@scenario("proxy/unknown-user", what="A user of the domain that does not exist.", role=PROXY)
def unknown_user(stage: Stage) -> None:
    """Nobody is registered under that name."""
    scene = Scene(stage)
    ask = scene.asked("OPTIONS", f"sip:nobody-{token()}@{stage.subject.home}", label="unknown-user")
    attempt(scene.caller, final(to=ask))
    scene.done()


@scenario(
    "proxy/registered-nowhere",
    what="A user who exists and has no binding any more.",
    role=PROXY,
    needs=("credentials",),
)
def registered_nowhere(stage: Stage) -> None:
    """The one binding was removed."""
    scene = Scene(stage)
    Client(scene.phone, scene.record).register("*", expires=0)
    ask = scene.asked("OPTIONS", label="nowhere")
    attempt(scene.caller, final(to=ask))
    scene.done()


@scenario("proxy/odd-headers", what="Headers that are broken or unknown, and none of the proxy's business.", role=PROXY)
def odd_headers(stage: Stage) -> None:
    """They pass as they are."""
    scene = Scene(stage)
    for number, row in enumerate((
        ("Date", "yesterday"), ("Retry-After", "???"), ("X-Nobody-Knows", '"unfinished'), ("Accept-Language", ";;;"),
        ("Timestamp", "now"), ("Warning", "none"),
    )):  # fmt: skip
        _forwarded(scene, f"odd-{number}", [row], malformed=True)
    scene.done()


@scenario("proxy/merged", what="One request comes a second time by another way.", role=PROXY)
def merged(stage: Stage) -> None:
    """The same Call-ID, tag and number, another branch: both go on."""
    scene = Scene(stage)
    first = scene.called()
    arrived = scene.reached()
    scene.phone.respond(arrived, 180)
    scene.caller.expect(provisional(180, to=first))
    rows = [(one.spelled, one.text) for one in first.fields if one.name not in ("via", "content-length")]
    second = written(f"INVITE {first.request_uri} SIP/2.0", [("Via", scene.caller.via()), *rows], first.body)
    scene.caller.send(second, label="merged")
    again = attempt(scene.phone, request("INVITE"), 1.0)
    if again is not None:
        scene.phone.respond(again, 482)
    attempt(scene.caller, final(to=second))
    scene.phone.respond(arrived, 486)
    attempt(scene.caller, final(to=first))
    scene.done()


@scenario("proxy/spiral", what="A request comes back to the proxy with another Request-URI.", role=PROXY)
def spiral(stage: Stage) -> None:
    """The phone is a proxy itself, and sends it on to somebody else by way of the same proxy: no loop."""
    scene = Scene(stage)
    other = stage.party("two")
    ask = scene.asked("OPTIONS", label="ask")
    heard = scene.reached(None, "OPTIONS")
    rows = [
        (one.spelled, one.text) for one in heard.fields if one.name not in ("content-length", "max-forwards", "route")
    ]
    added = [("Via", scene.phone.via(new_branch())), ("Route", scene.route), ("Max-Forwards", "60")]
    again = written(f"OPTIONS {other.contact_uri} SIP/2.0", [*added, *rows])
    scene.phone.send(again, label="spiral", once=True)
    second = attempt(other, request("OPTIONS"), 1.5)
    if second is not None:
        other.respond(second, 200)
    attempt(scene.phone, final(to=again), 1.5)
    scene.phone.respond(heard, 404)
    attempt(scene.caller, final(to=ask))
    scene.done()


@scenario("proxy/malformed-values", what="Requests whose mandatory headers are broken.", role=PROXY)
def malformed_values(stage: Stage) -> None:
    """One at a time, each followed by a sane exchange."""
    scene = Scene(stage)
    for name, row in (
        ("cseq-method", ("CSeq", "1 INVITE")), ("cseq-range", ("CSeq", "36893488147419103232 OPTIONS")),
        ("to-quote", ("To", f'"Mr. J. User <{scene.record}>')), ("max-forwards", ("Max-Forwards", "many")),
        ("from-bracket", ("From", f"<sip:caller@example.org;tag={token()}")),
        ("route-bracket", ("Route", "<sip:192.0.2.9;lr")),
    ):  # fmt: skip
        _forwarded(scene, f"bad-{name}", [row], malformed=True)
        scene.alive()


@scenario("proxy/malformed-missing", what="Requests that lack what every request has.", role=PROXY)
def malformed_missing(stage: Stage) -> None:
    """Without From, To, Call-ID, CSeq; a sane exchange behind each."""
    scene = Scene(stage)
    for name in ("from", "to", "call-id", "cseq"):
        _forwarded(scene, f"bad-no-{name}", without=[name], malformed=True)
        scene.alive()


@scenario("proxy/malformed-responses", what="Responses that are wrong, then one that is right.", role=PROXY)
def malformed_responses(stage: Stage) -> None:
    """Without Via, with one Via too few, of another transaction, noise; each followed by a sane exchange."""
    scene = Scene(stage)
    ask = scene.asked("OPTIONS", label="ask")
    arrived = scene.reached(None, "OPTIONS")
    good = scene.phone.response(arrived, 200)
    vias = arrived.lines("via")
    for name, wrong in (
        ("no-via", scene.phone.response(arrived, 200, without=["via"]).received),
        ("one-via", scene.phone.response(arrived, 404, headers=[("Via", vias[0])]).received),
        ("stray", good.received.replace(b"z9hG4bK", b"z9hG4bKstray", 1)),
        ("cseq", good.received.replace(b"CSeq: 1 OPTIONS", b"CSeq: 1 MESSAGE", 1)),
        ("half", good.received[:60]), ("status", good.received.replace(b"SIP/2.0 200", b"SIP/2.0 20X", 1)),
    ):  # fmt: skip
        scene.phone.send(wrong, malformed=True, label=f"bad-{name}")
        stage.wait(0.1)
        scene.alive()
    scene.phone.answer(arrived, good)
    attempt(scene.caller, final(to=ask))
    scene.done()
