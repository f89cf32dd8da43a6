"""Messages that are wrong, and some that only look so (after RFC 4475; from memory), each followed by a sane exchange."""

from __future__ import annotations

from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.user_agent.steps import attempt
from conformance.live.stage import Stage
from conformance.live.wants import final
from conformance.live.writing import Row, token

AGENT = "user-agent"


def _try(
    party: Party, name: str, headers: list[Row] | None = None, without: list[str] | None = None, *, bad: bool = True
) -> None:
    """An OPTIONS changed in its headers; ``bad`` or only odd."""
    message = party.request("OPTIONS", headers=headers or [], without=without or [])
    party.send(message, malformed=bad, once=True, label=f"{'bad' if bad else 'odd'}-{name}")
    attempt(party, final(to=message), 1.0)


def _octets(party: Party, name: str, old: bytes, new: bytes, *, bad: bool = True) -> None:
    """An OPTIONS changed in its octets."""
    octets = party.request("OPTIONS").received
    assert old in octets
    party.send(octets.replace(old, new, 1), malformed=bad, label=f"{'bad' if bad else 'odd'}-{name}")
    party.silence(0.4)


@scenario("user-agent/malformed-missing", what="Requests that lack what every request has.", role=AGENT)
def malformed_missing(stage: Stage) -> None:
    """Without From, To, Call-ID, CSeq; a sane request behind each."""
    caller = stage.party("caller")
    stage.alive(caller)
    for name in ("from", "to", "call-id", "cseq"):
        _try(caller, f"no-{name}", without=[name])
        stage.alive(caller)


@scenario("user-agent/malformed-values", what="Requests whose headers break their grammar.", role=AGENT)
def malformed_values(stage: Stage) -> None:
    """One header at a time; a sane request behind each."""
    caller = stage.party("caller")
    stage.alive(caller)
    uri = stage.subject.uri
    cases: list[tuple[str, Row]] = [
        ("cseq-method", ("CSeq", "1 INVITE")),
        ("cseq-text", ("CSeq", "one OPTIONS")),
        ("cseq-range", ("CSeq", "36893488147419103232 OPTIONS")),
        ("to-quote", ("To", f'"Mr. J. User <{uri}>')),
        ("from-bracket", ("From", f"<sip:caller@example.org;tag={token()}")),
        ("max-forwards", ("Max-Forwards", "many")),
        ("via-port", ("Via", f"SIP/2.0/UDP 192.0.2.1:port;branch=z9hG4bK{token()}")),
        ("via-empty", ("Via", "")),
        ("negative-length", ("Content-Length", "-999")),
        ("expires-range", ("Expires", "36893488147419103232")),
    ]
    for name, row in cases:
        _try(caller, name, [row])
        stage.alive(caller)


@scenario("user-agent/malformed-twice", what="Requests with headers twice that may stand once only.", role=AGENT)
def malformed_twice(stage: Stage) -> None:
    """Call-ID, CSeq, From and To, each with two values; a sane request behind each."""
    caller = stage.party("caller")
    stage.alive(caller)
    for name, values in (
        ("Call-ID", (token(), token())), ("CSeq", ("1 OPTIONS", "2 OPTIONS")),
        ("To", (f"<{stage.subject.uri}>", "<sip:other@example.org>")),
        ("From", ("<sip:a@example.org>;tag=a", "<sip:b@example.org>;tag=b")), ("Max-Forwards", ("5", "6")),
    ):  # fmt: skip
        _try(caller, f"two-{name.lower()}", [(name, value) for value in values])
        stage.alive(caller)


@scenario("user-agent/malformed-start", what="Start lines that are wrong.", role=AGENT)
def malformed_start(stage: Stage) -> None:
    """Spaces, brackets, escapes, versions; a sane request behind each."""
    caller = stage.party("caller")
    stage.alive(caller)
    uri = stage.subject.uri.encode()
    for name, old, new in (
        ("version", b" SIP/2.0\r\nVia", b" SIP/7.0\r\nVia"),
        ("bracketed-uri", b"OPTIONS " + uri, b"OPTIONS <" + uri + b">"),
        ("space-in-uri", b"OPTIONS " + uri, b"OPTIONS " + uri + b"; lr"),
        ("two-spaces", b"OPTIONS " + uri, b"OPTIONS  " + uri),
        ("trailing-space", b" SIP/2.0\r\nVia", b" SIP/2.0  \r\nVia"),
        ("no-version", b" SIP/2.0\r\nVia", b"\r\nVia"),
    ):
        _octets(caller, name, old, new)
        stage.alive(caller)


@scenario(
    "user-agent/malformed-lengths",
    what="Bodies that are shorter than their header says, and no SIP at all.",
    role=AGENT,
)
def malformed_lengths(stage: Stage) -> None:
    """Content-Length beyond the datagram, octets without meaning, nothing but line ends; a sane request behind each."""
    caller = stage.party("caller")
    stage.alive(caller)
    if caller.transport == "udp":
        for name, octets in (
            ("noise", bytes(range(256)) * 4), ("line-ends", b"\r\n\r\n"), ("zeros", b"\0" * 1000),
            ("half", caller.request("OPTIONS").received[:90]),
            ("response-of-nothing", caller.response(caller.request("OPTIONS"), 200).received),
        ):  # fmt: skip
            caller.send(octets, malformed=True, label=f"bad-{name}")
            stage.wait(0.2)
            stage.alive(caller)
        _octets(caller, "length-beyond", b"Content-Length: 0", b"Content-Length: 9999")
        stage.alive(caller)


@scenario("user-agent/malformed-large", what="Requests with very many and very long headers.", role=AGENT)
def malformed_large(stage: Stage) -> None:
    """Sound by grammar, beyond any sense; a sane request behind each."""
    caller = stage.party("caller")
    stage.alive(caller)
    long = caller.request("OPTIONS", headers=[("X-Long", "x" * 20000)])
    many = caller.request("OPTIONS", headers=[(f"X-Many-{number}", "1") for number in range(1000)])
    deep = caller.request("OPTIONS", headers=[("Subject", "folded\r\n" + " line\r\n" * 1500 + " end")])
    for name, message in (("long", long), ("many", many), ("deep", deep)):
        caller.send(message.received, malformed=True, label=f"large-{name}")
        stage.wait(0.3)
        stage.alive(caller)


@scenario("user-agent/malformed-odd", what="Requests that are sound, though they do not look it.", role=AGENT)
def malformed_odd(stage: Stage) -> None:
    """Compact names, folding, spaces, unknown parameters and headers, escapes, empty lists: all are served."""
    caller = stage.party("caller")
    stage.alive(caller)
    uri = stage.subject.uri
    tag = token()
    _try(caller, "compact", [("f", f"<{caller.uri}>;tag={tag}"), ("t", f"<{uri}>"), ("i", token()), ("m", caller.contact),
                             ("l", "0")], ["from", "to", "call-id", "contact", "content-length"], bad=False)  # fmt: skip
    _octets(caller, "folded", b"CSeq: 1 OPTIONS", b"CSeq:\r\n  1\r\n\tOPTIONS", bad=False)
    _octets(caller, "spaces", b"Max-Forwards: 70", b"MAX-forwards   :  70  ", bad=False)
    if caller.transport != "udp":
        _octets(caller, "leading-line-ends", b"OPTIONS ", b"\r\n\r\nOPTIONS ", bad=False)
    _try(
        caller,
        "parameters",
        [("From", f'"Q \\"uoted\\" \\\\" <{caller.uri};unknown=a%20b>;tag={tag};x=";,:<>"')],
        bad=False,
    )
    _try(caller, "empty-supported", [("Supported", "")], bad=False)
    _try(caller, "zeros", [("Max-Forwards", "0070"), ("CSeq", "0009 OPTIONS")], bad=False)
    _try(caller, "several-vias", [("Via", caller.via()), ("Via", "SIP/2.0/TLS [2001:db8::9:1];branch=z9hG4bKx, SIP / 2.0 / UDP "
                                                                 "192.0.2.9 ; branch = z9hG4bKy")], bad=False)  # fmt: skip
    _try(caller, "utf8", [("Subject", "\u2603 \u043f\u0440\u0438\u0432\u0435\u0442"), ("Organization", "")], bad=False)
    if caller.transport == "udp":
        octets = caller.request("OPTIONS").received + b"what follows the message in its datagram is thrown away"
        caller.send(octets, label="odd-trailing")
        caller.silence(0.4)
    _try(caller, "no-max-forwards", without=["max-forwards"], bad=False)
    stage.alive(caller)
