"""What the receiver of a request writes into its topmost Via (RFC 3261, section 18.2.1; RFC 3581, section 4)."""

from __future__ import annotations

from disco_ref.sip.flow import Address, numeric
from disco_ref.sip.header import parameters
from disco_ref.sip.header.identity.via import VIA, Via
from disco_ref.sip.message import Request


def received(request: Request, source: Address) -> Request:
    """The request with ``received`` and ``rport`` as they are true; the same where nothing is to be written.

    BadRequest where a parameter of the topmost Via is malformed.
    """
    via = request.headers.via
    tail = marked(via, source)
    if tail == via.parameter_text:
        return request
    return request._replace(headers=request.headers.with_top(VIA, via._replace(parameter_text=tail)))


def marked(via: Via, source: Address) -> str:
    """The parameters of a Via with what its receiver knows of the sender."""
    text = via.parameter_text
    given = via.parameters
    asked = "rport" in given
    if "received" in given:
        # = rfc3261:18.2.1/6 silent: one that the sender wrote is not believed
        text = parameters.removed(text, "received")
    if asked:
        # = rfc3581:4/1
        # = rfc3581:4/0 silent: a port that the sender wrote is not believed
        text = _with_rport(text, source.port)
    # = rfc3261:18.2.1/4
    # = rfc3261:18.2.1/5
    # = rfc3581:4/2
    if asked or not same_host(via.host, source.host):
        # Not by the writer of parameters, which would put an IPv6 address in quotes.
        text = f"{text};received={source.host}"
    return text


def _with_rport(text: str, port: int) -> str:
    if text.endswith(";rport"):
        return f"{text}={port}"
    return parameters.changed(text, "rport", str(port))


def same_host(text: str, host: str) -> bool:
    """Whether the host of a Via or a URI is this address, however it is written."""
    if text == host:
        return True
    address = numeric(text)
    return address is not None and address == numeric(host)
