"""SIP messages: reading and writing, against the package sippy on the same messages in the same run.

Four kinds of message as a focus meets them (an INVITE with a session description that came through two proxies, its 200, a
REGISTER with credentials, a NOTIFY with a document), each with call identifiers, tags and branches of its own.  Both sides
take turns, and the fastest turn of each counts, so that a busy machine slows down both.
"""

from __future__ import annotations

import gc
import time
import tracemalloc
from collections.abc import Callable, Sequence
from typing import TypeVar

from sippy.SipRequest import SipRequest
from sippy.SipResponse import SipResponse

from disco_ref.sip.header.addressing.name_addr import NameAddr
from disco_ref.sip.header.block import Headers, row
from disco_ref.sip.header.field import Field
from disco_ref.sip.header.identity.via import VIA, Via
from disco_ref.sip.header.plain.numbers import MAX_FORWARDS
from disco_ref.sip.header.table import ALL, BY_KEY
from disco_ref.sip.message import Message, check, read

T = TypeVar("T")

TURNS = 30
"""How often each side runs over all messages."""
COPIES = 30
"""Messages of each kind."""

INVITE = """\
INVITE sip:conference-4711@focus1.overlay.example.org;transport=udp SIP/2.0
Via: SIP/2.0/UDP proxy2.example.net:5060;branch=z9hG4bK776asdhds{n};rport
Via: SIP/2.0/UDP 192.0.2.17:5062;received=203.0.113.5;branch=z9hG4bKnashds8{n};rport=40123
Record-Route: <sip:proxy2.example.net;lr>
Record-Route: <sip:proxy1.example.org;lr;ftag=192830{n}>
Max-Forwards: 68
From: "Alice Cooper" <sip:alice@example.org>;tag=192830{n}
To: <sip:conference-4711@example.org>
Call-ID: a84b4c76e66710{n}@pc33.example.org
CSeq: 314159 INVITE
Contact: <sip:alice@192.0.2.17:5062;transport=udp>;+sip.instance="<urn:uuid:f81d4fae-7dec-11d0-a765-00a0c91e6bf6>"
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, SUBSCRIBE, UPDATE, INFO
Supported: replaces, timer, outbound, gruu
User-Agent: baresip v1.0.0 (x86_64/linux)
Content-Type: application/sdp
Content-Length: {length}
"""
OK = """\
SIP/2.0 200 OK
Via: SIP/2.0/UDP proxy2.example.net:5060;branch=z9hG4bK776asdhds{n};rport=5060;received=192.0.2.9
Via: SIP/2.0/UDP 192.0.2.17:5062;received=203.0.113.5;branch=z9hG4bKnashds8{n};rport=40123
Record-Route: <sip:proxy2.example.net;lr>
Record-Route: <sip:proxy1.example.org;lr;ftag=192830{n}>
From: "Alice Cooper" <sip:alice@example.org>;tag=192830{n}
To: <sip:conference-4711@example.org>;tag=a6c85cf{n}
Call-ID: a84b4c76e66710{n}@pc33.example.org
CSeq: 314159 INVITE
Contact: <sip:conference-4711@192.0.2.99:5060>;isfocus
Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, SUBSCRIBE
Supported: replaces
Server: focus/1.0
Content-Type: application/sdp
Content-Length: {length}
"""
REGISTER = """\
REGISTER sip:registrar.example.org SIP/2.0
Via: SIP/2.0/TCP 192.0.2.17:5062;branch=z9hG4bKnashds7{n};rport
Max-Forwards: 70
From: Alice <sip:alice@example.org>;tag=45624{n}
To: Alice <sip:alice@example.org>
Call-ID: 843817637684230{n}@998sdasdh09
CSeq: 1826 REGISTER
Contact: <sip:alice@192.0.2.17:5062;transport=tcp>;expires=7200;q=0.7
Authorization: Digest username="alice", realm="example.org", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", \
uri="sip:registrar.example.org", response="6629fae49393a05397450978507c4ef1", algorithm=MD5, qop=auth, nc=00000001, \
cnonce="0a4f113b"
Supported: path, outbound
User-Agent: baresip v1.0.0 (x86_64/linux)
Expires: 7200
Content-Length: {length}
"""
NOTIFY = """\
NOTIFY sip:alice@192.0.2.17:5062 SIP/2.0
Via: SIP/2.0/UDP 192.0.2.99:5060;branch=z9hG4bK8sdf2{n}
Route: <sip:proxy1.example.org;lr;ftag=192830{n}>, <sip:proxy2.example.net;lr>
Max-Forwards: 70
From: <sip:conference-4711@example.org>;tag=ffd2{n}
To: "Alice Cooper" <sip:alice@example.org>;tag=xfg9{n}
Call-ID: 2010759{n}@192.0.2.17
CSeq: 8776 NOTIFY
Contact: <sip:conference-4711@192.0.2.99:5060>;isfocus
Event: conference
Subscription-State: active;expires=3599
Content-Type: application/conference-info+xml
Content-Length: {length}
"""
SESSION = """\
v=0
o=alice 2890844526 2890844526 IN IP4 192.0.2.17
s=-
c=IN IP4 192.0.2.17
t=0 0
m=audio 49170 RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv
"""
DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:conference-4711@example.org" version="1"/>
"""


def texts() -> list[str]:
    """The messages as text."""
    made = []
    for n in range(1000, 1000 + COPIES):
        for head, body in ((INVITE, SESSION), (OK, SESSION), (REGISTER, ""), (NOTIFY, DOCUMENT)):
            octets = body.replace("\n", "\r\n")
            lines = head.replace("{n}", str(n)).replace("{length}", str(len(octets)))
            made.append(lines.replace("\n", "\r\n") + "\r\n" + octets)
    return made


def sippy_lazy(text: str) -> object:
    """A message as sippy reads it: lines apart, values as text."""
    return SipResponse(text) if text.startswith("SIP/") else SipRequest(text)


def sippy_full(text: str) -> object:
    """A message with every header field's value taken apart by sippy, and its body attached."""
    message = SipResponse(text) if text.startswith("SIP/") else SipRequest(text)
    for header in message.headers:
        header.getBody()
    message.init_body()
    return message


def every_value(octets: bytes) -> Message:
    """A message with every header field typed, the URIs of its addresses taken apart."""
    message = read(octets)
    headers = message.headers
    for key in headers:
        for value in headers.any(BY_KEY[key]):
            if isinstance(value, NameAddr):
                _ = value.uri
    return message


def every_part(octets: bytes) -> Message:
    """The same with the parameters of every value taken apart as well, which sippy keeps in dictionaries."""
    message = every_value(octets)
    headers = message.headers
    for key in headers:
        for value in headers.any(BY_KEY[key]):
            _ = getattr(value, "parameters", None)
    return message


def every_parameter(octets: bytes) -> Message:
    """A message with every header field typed, and every parameter of every value looked at and judged."""
    message = read(octets)
    check(message)
    return message


def forwarded(message: Message) -> bytes:
    """What a proxy sends on: one hop more, one less to go."""
    via = Via("SIP", "2.0", "UDP", "192.0.2.1", "5060", ";branch=z9hG4bKproxy")
    return bytes(message._replace(headers=message.headers.with_first(VIA, via).with_values(MAX_FORWARDS, [67])))


class Built:
    """A message as typed values, field by field in their order."""

    def __init__(self, message: Message) -> None:
        self.message = message
        self.fields = [
            (field, [*message.headers.any(field)]) for key in message.headers for field in ALL if field.key == key
        ]

    def octets(self) -> bytes:
        """The octets, from the values."""
        lines: list[str] = []
        for field, values in self.fields:
            lines += _row(field, values)
        return bytes(self.message._replace(headers=Headers(lines)))


def _row(field: object, values: Sequence[object]) -> list[str]:
    assert isinstance(field, Field)
    return row(field, *values)


class Side:
    """One thing that is measured: a function over all its inputs."""

    def __init__(self, name: str, work: Callable[[T], object], inputs: Sequence[T]) -> None:
        self.name = name
        self.best = float("inf")
        self.count = len(inputs)
        self._run: Callable[[], list[object]] = lambda: [work(each) for each in inputs]

    def turn(self) -> None:
        """Run once over all inputs, and keep the time if it is the shortest."""
        start = time.process_time()
        self._run()
        self.best = min(self.best, time.process_time() - start)

    @property
    def rate(self) -> float:
        """Messages a second."""
        return self.count / self.best


def measure() -> list[dict[str, object]]:
    """Rates as multiples of sippy's, and the memory of a message that has been read."""
    written = texts()
    octets = [text.encode() for text in written]
    messages = [every_value(each) for each in octets]
    for message, each in zip(messages, octets, strict=True):
        if bytes(message) != each:
            raise AssertionError("a message is not written as it was read")
    full = Side("sippy's full parse", sippy_full, written)
    text = Side("sippy's writing of fully parsed messages", str, [sippy_full(each) for each in written])
    kept = Side("sippy's writing of messages it has not taken apart", str, [sippy_lazy(each) for each in written])
    rows = [
        (Side("SIP: read, all header fields typed", every_value, octets), full, 1.5),
        (Side("SIP: read, fields of transactions and dialogs typed", read, octets), full, 3.0),
        (Side("SIP: read, all parameters taken apart as well", every_part, octets), full, None),
        (Side("SIP: read, every value and parameter judged as well", every_parameter, octets), full, None),
        (Side("SIP: write, from typed values", Built.octets, [Built(each) for each in messages]), text, 1.0),
        (Side("SIP: write, a message as read", bytes, messages), kept, 1.0),
        (Side("SIP: write, after a proxy's changes", forwarded, messages), text, 1.0),
    ]
    sides = [full, text, kept, *(side for side, _, _ in rows)]
    for _ in range(TURNS):
        for side in sides:
            side.turn()
    figures: list[dict[str, object]] = [
        {
            "name": side.name,
            "value": side.rate / against.rate,
            "unit": "times the rate",
            "ratio_to": f"{against.name} ({against.rate:,.0f}/s)",
            "target": f"at least {target:g}" if target else None,
        }
        for side, against, target in rows
    ]
    return figures + [_memory("as read", octets, read), _memory("all header fields typed", octets, every_value)]


def _memory(how: str, octets: Sequence[bytes], work: Callable[[bytes], object]) -> dict[str, object]:
    """What one message holds on average, as a multiple of its octets on the wire."""
    gc.collect()
    tracemalloc.start()
    kept = [work(each) for each in octets]
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    size = sum(map(len, octets)) / len(octets)
    return {
        "name": f"SIP: memory of one message, {how}",
        "value": held / len(kept) / size,
        "unit": "times",
        "ratio_to": f"its {size:,.0f} octets on the wire",
        "target": "at most 12",
    }
