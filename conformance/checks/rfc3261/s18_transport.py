"""Transport and lengths (RFC 3261, sections 18 and 20.14; RFC 3581 is apart)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from conformance.checks.rfc3261.fields.s19_addresses import is_multicast
from conformance.checks.rfc3261.s08_2_6_response import answers
from conformance.judge.evidence import Evidence
from conformance.judge.predicate import Ruling, check, right, rule, unclear, wrong
from conformance.lab.sip.value import number_at, pick, text_at
from conformance.run.model import Level

CLIENT, SERVER = "user-agent-client", "user-agent-server"


@check("rfc3261/s18_1_1/size-over-udp", "A request above 1300 bytes is sent over a congestion controlled transport.",
       "rfc3261:18.1.1/1", needs="a request over UDP", level="SHOULD", role=CLIENT)  # fmt: skip
def size_over_udp(evidence: Evidence) -> Iterator[Ruling]:
    """Sizes of requests over UDP; the capture does not show whether the path's MTU is known, so a larger one is no failure."""
    for event, message in evidence.requests():
        if event.transport == "udp":
            size = len(message.received)
            yield rule(
                size <= 1300, event, why="large over UDP", expected="at most 1300 bytes, or TCP", seen=f"{size} bytes"
            )


@check("rfc3261/s18_1_1/via-transport", "Via names the transport that the message goes over.", "rfc3261:18.1.1/2", "rfc3261:20.42/0",
       needs="a request over UDP or TCP", role=CLIENT)  # fmt: skip
def via_transport(evidence: Evidence) -> Iterator[Ruling]:
    """The transport in the topmost Via; TLS and WebSocket are decrypted TCP."""
    for event, message in evidence.requests():
        named = (text_at(message.first("via"), "transport") or "").upper()
        allowed = ("UDP",) if event.transport == "udp" else ("TCP", "TLS", "WS", "WSS")
        if event.transport in ("udp", "tcp") and named:
            yield rule(
                named in allowed, event, why="another transport", expected=" or ".join(allowed), seen=named, place="Via"
            )


@check("rfc3261/s18_2_1/received", "Where sent-by is a name or another address, the server adds received with the source address.",
       "rfc3261:18.2.1/5", "rfc3261:18.2.1/6", needs="a response to a request whose sent-by differs from its source", role=SERVER)  # fmt: skip
def received(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost Via of responses against the source of their requests."""
    for transaction, event, message in answers(evidence):
        source = transaction.event.source.rpartition(":")[0].strip("[]")
        sent_by = (text_at(transaction.request.first("via"), "host") or "").strip("[]")
        if not source or not sent_by or _same_address(source, sent_by):
            continue
        got = text_at(message.first("via"), "parameters", "received")
        good = got is not None and _same_address(source, got.strip("[]"))
        yield rule(good, transaction.event, event, why="received", expected=source, seen=got, place="Via")


def _same_address(one: str, other: str) -> bool:
    try:
        return ipaddress.ip_address(one) == ipaddress.ip_address(other)
    except ValueError:
        return False


@check("rfc3261/s18_2_2/response-destination", "A response over UDP goes to the source address of its request, or to maddr.",
       "rfc3261:18.2.2/5", "rfc3261:18.2.2/7", "rfc3261:18.2.2/9", "rfc3261:18.2.2/1",
       needs="a response over UDP", role=SERVER)  # fmt: skip
def response_destination(evidence: Evidence) -> Iterator[Ruling]:
    """Destination addresses and ports: the port is that of sent-by, or that of rport where the client asked for it."""
    for transaction, event, message in answers(evidence):
        if event.transport != "udp" or not event.destination:
            continue
        via = message.first("via")
        if text_at(via, "parameters", "maddr"):
            continue
        host, _, port = event.destination.rpartition(":")
        asked = isinstance(pick(transaction.request.first("via"), "parameters"), dict)
        rport = text_at(via, "parameters", "rport")
        own = number_at(transaction.request.first("via"), "port") or 5060
        wanted = int(rport) if asked and rport and rport.isdigit() else own
        source = transaction.event.source.rpartition(":")[0]
        good = host == source and int(port) == wanted
        expected = f"{source}:{wanted}"
        yield rule(good, transaction.event, event, why="sent elsewhere", expected=expected, seen=event.destination)


@check("rfc3261/s18_3/length-on-stream", "On a stream every message has Content-Length.", "rfc3261:18.3/4", "rfc3261:20.14/2",
       "rfc3261:20/3", "rfc3261:16.6/61",
       needs="a message over TCP")  # fmt: skip
def length_on_stream(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Length of messages over TCP; where it is missing the stream ends for the reader."""
    for event in evidence.of("sip"):
        if event.transport != "tcp":
            continue
        if event.sip is not None:
            yield right(event)
        elif event.clause == "rfc3261:18.3/4":
            yield wrong(
                event, why="no usable length", expected="Content-Length", seen=event.fault, place="Content-Length"
            )


@check("rfc3261/s18_3/length-true", "Content-Length is the length of the body.", "rfc3261:18.3/1", "rfc3261:18.3/2", "rfc3261:20.14/0",
       needs="a message over UDP with Content-Length")  # fmt: skip
def length_true(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Length against the datagram: octets behind the body are discarded by who reads them, too few are an error.

    Nothing forbids a sender to pad a datagram, so what is too long is a tolerated deviation.
    """
    for event, message in evidence.judged:
        length = number_at(message.first("content-length"))
        if event.transport != "udp" or length is None:
            continue
        rest = len(event.octets) - (len(message.received) - len(message.body))
        seen, place = f"{rest} octets of body, length {length}", "Content-Length"
        if rest > length:
            # = rfc3261:18.3/1
            why, level = "octets behind the body", Level.SHOULD
            yield wrong(event, why=why, expected=f"{length} octets", seen=seen, place=place, level=level)
        else:
            yield rule(
                rest == length, event, why="the body is cut", expected=f"{length} octets", seen=seen, place=place
            )


@check("rfc3261/s20_14/zero-without-body", "A message without body has Content-Length: 0; a datagram may leave it out, but should not.",
       "rfc3261:20.14/1", "rfc3261:20.14/3", "rfc3261:20/2", needs="a message without body")  # fmt: skip
def zero_without_body(evidence: Evidence) -> Iterator[Ruling]:
    """Content-Length of messages that end with their headers: another number is wrong, none at all is no good habit."""
    for event, message in evidence.judged:
        if message.body:
            continue
        seen, wanted, place = message.lines("content-length"), "Content-Length: 0", "Content-Length"
        if not seen:
            yield wrong(event, why="no length told", expected=wanted, seen="none", place=place, level=Level.SHOULD)
        elif event.octets == message.received:
            # Where octets follow, the length is judged by 18.3.
            good = message.first("content-length") == 0
            yield rule(good, event, why="a length without body", expected=wanted, seen=seen, place=place)


@check("rfc3261/s18_1_1/multicast-maddr", "A request to a group has its address as maddr in Via.", "rfc3261:18.1.1/5a",
       needs="a request to a multicast address", role=CLIENT)  # fmt: skip
def multicast_maddr(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost Via of such requests."""
    for event, message in evidence.requests():
        group = event.destination.rpartition(":")[0]
        if is_multicast(group):
            got = text_at(message.first("via"), "parameters", "maddr")
            good = got is not None and _same_address(group.strip("[]"), got.strip("[]"))
            yield rule(good, event, why="maddr", expected=group, seen=got, place="Via")


@check("rfc3261/s18_1_1/multicast-ttl", "A request to an IPv4 group has ttl=1 in Via.", "rfc3261:18.1.1/5b",
       needs="a request to an IPv4 multicast address", level="SHOULD", role=CLIENT)  # fmt: skip
def multicast_ttl(evidence: Evidence) -> Iterator[Ruling]:
    """The topmost Via of such requests."""
    for event, message in evidence.requests():
        group = event.destination.rpartition(":")[0]
        if is_multicast(group) and not group.startswith("["):
            got = pick(message.first("via"), "parameters", "ttl")
            yield rule(str(got) == "1", event, why="ttl", expected="1", seen=got, place="Via")


@check("rfc3261/s18_2_2/same-connection", "A response goes back on the connection its request came on.", "rfc3261:18.2.2/2",
       needs="a response over TCP", role=SERVER)  # fmt: skip
def same_connection(evidence: Evidence) -> Iterator[Ruling]:
    """Both ends of responses over TCP; a connection that is not used afterwards may have been closed."""
    last: dict[frozenset[str], int] = {}
    for event in evidence.events:
        if event.transport == "tcp":
            last[frozenset((event.source, event.destination))] = event.number
    for transaction, event, _ in answers(evidence):
        if event.transport != "tcp" or transaction.event.transport != "tcp":
            continue
        ends = frozenset((transaction.event.source, transaction.event.destination))
        if ends == {event.source, event.destination}:
            yield right(transaction.event, event)
        elif last.get(ends, 0) > event.number:
            why, expected = "another connection", f"{transaction.event.destination} to {transaction.event.source}"
            yield wrong(
                transaction.event, event, why=why, expected=expected, seen=f"{event.source} to {event.destination}"
            )
        else:
            yield unclear(transaction.event, event, why="the connection of the request may have been closed")
