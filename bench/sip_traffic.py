"""SIP messages as a focus meets them, no two alike, for benchmarks.

Four kinds: an INVITE with a session description that came through two proxies, its 200, a REGISTER with credentials, a
NOTIFY with a document.  What differs from message to message (names, addresses, ports, numbers, tags, branches, call
identifiers, nonces, versions, the order of methods) is drawn at random and has the same length in all, so that every round of
messages is as much work as any other and none can be remembered from one before.
"""

from __future__ import annotations

from random import Random
from string import ascii_lowercase
from uuid import UUID

INVITE = """\
INVITE sip:{room}@focus1.{domain};transport=udp SIP/2.0
Via: SIP/2.0/UDP proxy2.{visited}:5060;branch=z9hG4bK{branch};rport
Via: SIP/2.0/UDP {address}:{port};received={seen};branch=z9hG4bK{inner};rport={seen_port}
Record-Route: <sip:proxy2.{visited};lr>
Record-Route: <sip:proxy1.{domain};lr;ftag={tag}>
Max-Forwards: 68
From: "{name} {family}" <sip:{user}@{domain}>;tag={tag}
To: <sip:{room}@{domain}>
Call-ID: {call}@pc33.{domain}
CSeq: {number} INVITE
Contact: <sip:{user}@{address}:{port};transport=udp>;+sip.instance="<urn:uuid:{instance}>"
Allow: {methods}, UPDATE, INFO
Supported: replaces, timer, outbound, gruu
User-Agent: baresip v{release} (x86_64/linux)
Content-Type: application/sdp
Content-Length: {length}
"""
OK = """\
SIP/2.0 200 OK
Via: SIP/2.0/UDP proxy2.{visited}:5060;branch=z9hG4bK{branch};rport=5060;received={proxy}
Via: SIP/2.0/UDP {address}:{port};received={seen};branch=z9hG4bK{inner};rport={seen_port}
Record-Route: <sip:proxy2.{visited};lr>
Record-Route: <sip:proxy1.{domain};lr;ftag={tag}>
From: "{name} {family}" <sip:{user}@{domain}>;tag={tag}
To: <sip:{room}@{domain}>;tag={other}
Call-ID: {call}@pc33.{domain}
CSeq: {number} INVITE
Contact: <sip:{room}@{focus}:{focus_port}>;isfocus
Allow: {methods}
Supported: replaces
Server: focus/{release}
Content-Type: application/sdp
Content-Length: {length}
"""
REGISTER = """\
REGISTER sip:registrar.{domain} SIP/2.0
Via: SIP/2.0/TCP {address}:{port};branch=z9hG4bK{branch};rport
Max-Forwards: 70
From: {name} <sip:{user}@{domain}>;tag={tag}
To: {name} <sip:{user}@{domain}>
Call-ID: {call}@{host}
CSeq: {number} REGISTER
Contact: <sip:{user}@{address}:{port};transport=tcp>;expires={expires};q=0.7
Authorization: Digest username="{user}", realm="{domain}", nonce="{nonce}", \
uri="sip:registrar.{domain}", response="{response}", algorithm=MD5, qop=auth, nc=00000001, \
cnonce="{cnonce}"
Supported: path, outbound
User-Agent: baresip v{release} (x86_64/linux)
Expires: {expires}
Content-Length: {length}
"""
NOTIFY = """\
NOTIFY sip:{user}@{address}:{port} SIP/2.0
Via: SIP/2.0/UDP {focus}:{focus_port};branch=z9hG4bK{branch}
Route: <sip:proxy1.{domain};lr;ftag={tag}>, <sip:proxy2.{visited};lr>
Max-Forwards: 70
From: <sip:{room}@{domain}>;tag={tag}
To: "{name} {family}" <sip:{user}@{domain}>;tag={other}
Call-ID: {call}@{address}
CSeq: {number} NOTIFY
Contact: <sip:{room}@{focus}:{focus_port}>;isfocus
Event: conference
Subscription-State: active;expires={expires}
Content-Type: application/conference-info+xml
Content-Length: {length}
"""
SESSION = """\
v=0
o={user} {session} {session} IN IP4 {address}
s=-
c=IN IP4 {address}
t=0 0
m=audio 49170 RTP/AVP 0 8 101
a=rtpmap:0 PCMU/8000
a=rtpmap:8 PCMA/8000
a=rtpmap:101 telephone-event/8000
a=sendrecv
"""
DOCUMENT = """\
<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:{room}@{domain}" version="1"/>
"""

KINDS = ((INVITE, SESSION), (OK, SESSION), (REGISTER, ""), (NOTIFY, DOCUMENT))
METHODS = ("INVITE", "ACK", "CANCEL", "OPTIONS", "BYE", "REFER", "NOTIFY", "SUBSCRIBE")
WORDS = {"user": 6, "name": 6, "family": 7, "domain": 5, "visited": 5, "host": 11}
HEXADECIMAL = {"branch": 14, "inner": 12, "tag": 10, "other": 10, "call": 18, "nonce": 32, "response": 32, "cnonce": 8}
DECIMAL = {"room": 4, "number": 6, "expires": 4, "session": 10, "release": 3}
ADDRESSES = ("address", "seen", "proxy", "focus")
PORTS = ("port", "seen_port", "focus_port")


def traffic(round_number: int, copies: int) -> list[bytes]:
    """So many messages of each kind; those of one round are unlike those of any other."""
    random = Random(round_number)
    return [_message(head, body, random) for _ in range(copies) for head, body in KINDS]


def _message(head: str, body: str, random: Random) -> bytes:
    values = _values(random)
    content = body.format_map(values).replace("\n", "\r\n")
    text = head.format_map({**values, "length": str(len(content))}).replace("\n", "\r\n")
    return f"{text}\r\n{content}".encode()


def _values(random: Random) -> dict[str, str]:
    """What differs between messages, by its name in the texts."""
    values = {name: "".join(random.choices(ascii_lowercase, k=length)) for name, length in WORDS.items()}
    values |= {name: f"{random.getrandbits(4 * length):0{length}x}" for name, length in HEXADECIMAL.items()}
    values |= {name: str(random.randrange(10 ** (length - 1), 10**length)) for name, length in DECIMAL.items()}
    for name in ADDRESSES:
        values[name] = f"203.0.113.{random.randrange(100, 255)}"
    for name in PORTS:
        values[name] = str(random.randrange(10000, 65536))
    for name in ("name", "family"):
        values[name] = values[name].capitalize()
    values["domain"] += ".example.org"
    values["visited"] += ".example.net"
    values["room"] = f"conference-{values['room']}"
    values["release"] = ".".join(values["release"])
    values["instance"] = str(UUID(int=random.getrandbits(128)))
    values["methods"] = ", ".join(random.sample(METHODS, len(METHODS)))
    return values
