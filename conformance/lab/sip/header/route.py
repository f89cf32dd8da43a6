"""Via, CSeq, RAck and Replaces: what transactions and dialogs are told apart by."""

from __future__ import annotations

from conformance.lab.sip.deviation import Misread
from conformance.lab.sip.header.plain import call_id
from conformance.lab.sip.scanner import Scanner, is_ipv4, is_ipv6
from conformance.lab.sip.value import Json

_BARE_ADDRESS = frozenset({"received", "maddr"})


def via(scanner: Scanner) -> Json:
    """``sent-protocol LWS sent-by *( SEMI via-params )`` (RFC 3261, section 20.42)."""
    scanner.space()
    name = scanner.token("protocol name")
    _slash(scanner)
    version = scanner.token("protocol version")
    _slash(scanner)
    transport = scanner.token("transport")
    if not scanner.space():
        raise scanner.fail("white space expected after the transport")
    host = scanner.host()
    port = scanner.digits("port", 65535) if scanner.mark(":") else None
    parameters = scanner.parameters(_BARE_ADDRESS)
    _check_via(parameters)
    return {
        "protocol": f"{name}/{version}",
        "transport": transport,
        "host": host,
        "port": port,
        "parameters": parameters,
    }


def _slash(scanner: Scanner) -> None:
    if not scanner.mark("/"):
        raise scanner.fail("'/' expected in the sent protocol")


def _check_via(parameters: dict[str, Json]) -> None:
    for name in ("branch", "received", "maddr", "ttl"):
        if name in parameters and not parameters[name]:
            raise Misread(f"{name} without a value", 0, "rfc3261:20.42/0")
    received = parameters.get("received")
    if isinstance(received, str) and not is_ipv4(received) and not is_ipv6(received.strip("[]")):
        raise Misread("received is not an address", 0, "rfc3261:20.42/0")
    ttl = parameters.get("ttl")
    if isinstance(ttl, str) and not (ttl.isascii() and ttl.isdigit() and int(ttl[:4]) < 256):
        raise Misread("ttl is not a number from 0 to 255", 0, "rfc3261:20.42/0")
    rport = parameters.get("rport")
    if isinstance(rport, str) and not (rport.isascii() and rport.isdigit() and len(rport) < 6):
        raise Misread("rport is not a port", 0, "rfc3581:7/0")


def cseq(scanner: Scanner) -> Json:
    """``1*DIGIT LWS Method``, below 2^31 (RFC 3261, section 8.1.1.5)."""
    scanner.space()
    number = scanner.digits("sequence number", 2**31 - 1, "rfc3261:8.1.1.5/2b")
    if not scanner.space():
        raise scanner.fail("white space expected after the sequence number")
    return {"number": number, "method": scanner.token("method")}


def rack(scanner: Scanner) -> Json:
    """``response-num LWS CSeq-num LWS Method`` (RFC 3262, section 7.2)."""
    scanner.space()
    response = scanner.digits("response number", 2**32 - 1, "rfc3262:7.2/0")
    scanner.space()
    number = scanner.digits("sequence number", 2**32 - 1, "rfc3262:7.2/0")
    if not scanner.space():
        raise scanner.fail("white space expected after the sequence number", "rfc3262:7.2/0")
    return {"response_number": response, "cseq_number": number, "method": scanner.token("method")}


def replaces(scanner: Scanner) -> Json:
    """``callid *( SEMI replaces-param )`` with both tags (RFC 3891, section 6.1)."""
    identity = call_id(scanner)
    parameters = scanner.parameters()
    for tag in ("to-tag", "from-tag"):
        if not parameters.get(tag):
            raise scanner.fail(f"{tag} is missing", "rfc3891:6.1/0")
    return {"call_id": identity, "parameters": parameters}
