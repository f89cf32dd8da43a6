"""What the receiver of a request writes into its topmost Via, and where the response goes.

RFC 3261, sections 18.2.1 and 18.2.2; RFC 3581, section 4.
"""

from __future__ import annotations

from disco_ref.sip.flow import Address, Flow, numeric
from disco_ref.sip.header import parameters
from disco_ref.sip.header.identity.via import VIA, Via
from disco_ref.sip.header.parameters import Parameters
from disco_ref.sip.message import Request
from disco_ref.sip.transport.routing import reply_flow


def received(request: Request, flow: Flow) -> tuple[Request, Flow]:
    """The request with ``received`` and ``rport`` as they are true, and the flow on which its response goes.

    BadRequest where the port or a parameter of the topmost Via is malformed.
    """
    via = request.headers.via
    given = via.parameters
    back = reply_flow(via, given, flow)
    tail = marked(via, given, flow.remote)
    if tail != via.parameter_text:
        request = request._replace(headers=request.headers.with_top(VIA, via._replace(parameter_text=tail)))
    return request, back


def marked(via: Via, given: Parameters, source: Address) -> str:
    """The parameters of a Via, ``given`` when taken apart, with what its receiver knows of the sender."""
    text = via.parameter_text
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
