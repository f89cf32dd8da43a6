"""Headers that are wrong, options that nobody knows, answers that would be too long (RFC 6940, sections 6.1, 6.3.2 and 6.6)."""

from __future__ import annotations

from conformance.lab.presentation.refusal import Json
from conformance.live.overlay import courtesy
from conformance.live.overlay.document import SINGLE_USER
from conformance.live.overlay.peer import Peer
from conformance.live.overlay.stage import OverlayStage
from conformance.live.overlay.storage import fetch_request, resource_of, signed, specifier, stored
from conformance.live.overlay.writing import body_of, node, resource, single
from conformance.live.scenario import scenario
from conformance.live.scenarios.peer.routing.clients import PING, ROLE, arrives, two_clients

FORWARD_CRITICAL, DESTINATION_CRITICAL, RESPONSE_COPY = 1, 2, 4
UNKNOWN_OPTION = 201
STRAYS: dict[str | int, dict[str, Json]] = {
    "PingAns": {"response_id": "7", "time": "7"},
    "StoreAns": {"kind_responses": []},
    "FetchAns": {"kind_responses": []},
    "JoinAns": {"overlay_specific_data": ""},
    0xFFFF: {"error_code": 3, "error_info": ""},
}
"""Answers that nobody has asked for."""
PRIORITY, HOST = 0x7E0000FF, b"\x01"
"""Of the candidate of a party, and behind it its type (section 6.5.1.1)."""


def wrong(peer: Peer, label: str, **header: Json) -> None:
    """A Ping to the subject with a header that is not right; some time for what may come of it."""
    peer.send(peer.request("PingReq", PING, **header), malformed=True, label=label)  # type: ignore[arg-type]
    peer.silence(peer.stage.budget / 5)


def option(flags: int, value: str = "0102") -> list[Json]:
    """A forwarding option of a type that is not defined, between two without any flag."""
    return [
        {"type": UNKNOWN_OPTION + 1, "flags": 0, "unknown": ""},
        {"type": UNKNOWN_OPTION, "flags": flags, "unknown": value},
        {"type": UNKNOWN_OPTION + 2, "flags": 0, "unknown": "ff"},
    ]


@scenario(
    "peer/wrong-headers", what="Requests of another version, overlay, token or shape come to the subject.", role=ROLE
)
def wrong_headers(stage: OverlayStage) -> None:
    """Each between requests that are right."""
    ann, _ = two_clients(stage)
    ann.ask("PingReq", PING, label="right")
    wrong(ann, "version", version=11)
    wrong(ann, "version", version=1)
    wrong(ann, "overlay", overlay=stage.overlay.number ^ 1)
    wrong(ann, "token", relo_token=0x52454C4F)
    wrong(ann, "fragment-bit", fragment=0x40000000)
    wrong(ann, "fragment-bit", fragment=0x00000000)
    here = stage.subject.node_id
    wrong(ann, "resource-first", destination_list=[resource(here), node(here)])
    ann.ask("PingReq", PING, label="right")
    stage.alive()


@scenario(
    "peer/unknown-options",
    what="Requests with forwarding options of types that are not defined, with and without their flags.",
    role=ROLE,
)
def unknown_options(stage: OverlayStage) -> None:
    """To another client by way of the subject, and to the subject."""
    ann, ben = two_clients(stage)
    for flags in (0, RESPONSE_COPY):
        request = ann.request("PingReq", PING, to=ben.node_id, options=option(flags))
        ann.send(request, label="to-client")
        arrives(ben, request)
    for flags in (FORWARD_CRITICAL, FORWARD_CRITICAL | DESTINATION_CRITICAL | RESPONSE_COPY):
        request = ann.request("PingReq", PING, to=ben.node_id, options=option(flags))
        ann.send(request, label="forward-critical", malformed=True)
        ann.silence(stage.budget / 5)
    ann.ask("PingReq", PING, label="here", options=option(0))
    ann.ask("PingReq", PING, label="here", options=option(FORWARD_CRITICAL))
    for flags in (DESTINATION_CRITICAL, DESTINATION_CRITICAL | RESPONSE_COPY):
        ann.send(ann.request("PingReq", PING, options=option(flags)), label="destination-critical", malformed=True)
        ann.silence(stage.budget / 5)
    for value in ("", "0102030405060708"):
        ann.ask("PingReq", PING, label="response-copy", options=option(RESPONSE_COPY, value))
    request = ann.request("FetchReq", {"resource": "00" * 16, "specifiers": []}, options=option(RESPONSE_COPY))
    ann.send(request, label="response-copy")
    ann.reply(request)
    stage.alive()


@scenario(
    "peer/short-answers",
    what="A long value is fetched with a max_response_length that is too small, and with room.",
    role=ROLE,
)
def short_answers(stage: OverlayStage) -> None:
    """The same request three times."""
    ann, _ = two_clients(stage)
    stored(ann, SINGLE_USER, [signed(ann, SINGLE_USER, single(b"x" * 200))])
    at = resource_of(ann.identity, SINGLE_USER)
    body: dict[str, Json] = {"resource": at.hex(), "specifiers": [specifier(SINGLE_USER)]}
    ann.ask("FetchReq", body, to=[resource(at)], label="any-length")
    ann.ask("FetchReq", body, to=[resource(at)], label="long-enough", max_response_length=60_000)
    for most in (1, 200):
        request = ann.request("FetchReq", body, to=[resource(at)], max_response_length=most)
        ann.send(request, label="too-short")
        ann.reply(request)
    ann.send(fetch_request(ann, [specifier(SINGLE_USER)], at))
    stage.alive()


@scenario(
    "peer/long-messages",
    what="A message comes that is longer than max-message-size, and one whose header is.",
    role=ROLE,
)
def long_messages(stage: OverlayStage) -> None:
    """Each over a stream of its own, where messages stay in one piece; one that is almost as long as may be comes before."""
    most = 6000
    stage.overlay.document = stage.overlay.document.changed(max_message_size=most)
    ann, ben = stage.peer("ann", transport="tls"), stage.peer("ben", transport="tls")
    ann.connect()
    ben.connect()
    ben.polite = False
    ann.ask("PingReq", {"padding": "00" * (most - 1200)}, label="long")
    ann.send(ann.request("PingReq", {"padding": "00" * most}), label="too-long", malformed=True)
    ann.silence(stage.budget)
    places: list[Json] = [node(stage.place(turn / 1000)) for turn in range(400)]
    ben.send(ben.request("PingReq", PING, via_list=places), label="header-too-long", malformed=True)
    ben.silence(stage.budget)
    stage.alive()


@scenario("peer/twice-in-the-list", what="A message has the same destination twice in its list.", role=ROLE)
def twice_in_the_list(stage: OverlayStage) -> None:
    """By another client, and by the subject."""
    ann, ben = two_clients(stage)
    ann.ask("PingReq", PING, to=ben.node_id, label="to-client")
    here, there = node(stage.subject.node_id), node(ben.node_id)
    for places in ([here, there, here, there], [there, here, there], [here, here, here]):
        ann.send(ann.request("PingReq", PING, to=places), label="twice", malformed=True)
        ann.silence(stage.budget / 5)
    stage.alive()


@scenario(
    "peer/unknown-variants",
    what="An Attach has a candidate of a type that is not defined, in a struct that may not be extended.",
    role=ROLE,
)
def unknown_variants(stage: OverlayStage) -> None:
    """Signed as it should be; the same Attach with a defined type is answered."""
    ann, _ = two_clients(stage)
    ann.attaches = False
    good = courtesy.attach(ann)
    octets = body_of("AttachReq", good, stage.overlay.context)
    head, mark, rest = octets.partition(PRIORITY.to_bytes(4) + HOST)
    ann.ask("AttachReq", good, label="known")
    bad = head + mark[:-1] + b"\x09" + rest
    ann.send(ann.request("AttachReq", bad.hex()), malformed=True, label="unknown")
    ann.silence(stage.budget)
    ann.ask("PingReq", PING, label="right")
    stage.alive()


@scenario(
    "peer/unknown-extensions",
    what="Requests have message extensions of types that are not defined, critical and not.",
    role=ROLE,
)
def unknown_extensions(stage: OverlayStage) -> None:
    """To the subject, and by it to another client, whose matter they are."""
    ann, ben = two_clients(stage)
    for critical in (False, True):
        extension: Json = {"type": 0x4001, "critical": critical, "extension_contents": "0a0b0c"}
        written = ann.request("PingReq", PING, extensions=[extension])
        ann.send(written, label="critical" if critical else "here", malformed=critical)
        stage.wait(stage.budget / 5)
        written = ann.request("PingReq", PING, to=ben.node_id, extensions=[extension])
        ann.send(written, label="passed-on", malformed=critical)
        stage.wait(stage.budget / 5)
    stage.alive()


@scenario("peer/stray-answers", what="Answers and errors come to the subject that it has not asked for.", role=ROLE)
def stray_answers(stage: OverlayStage) -> None:
    """By good nodes, with good signatures, under transaction IDs that nobody knows."""
    ann, _ = two_clients(stage)
    ann.ask("PingReq", PING, label="right")
    for name, body in STRAYS.items():
        ann.send(ann.request(name, body), label="stray")
        stage.wait(stage.budget / 5)
    ann.ask("PingReq", PING, label="right")
    stage.alive()
