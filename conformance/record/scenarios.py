"""Scenarios for SIPp that its built-in ones do not have."""

from __future__ import annotations

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="{name}">
"""

_SDP = """v=0
o=- 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
"""


def _send(start: str, headers: str, body: str = "", retransmit: bool = True) -> str:
    attribute = ' retrans="500"' if retransmit else ""
    return f"<send{attribute}>\n<![CDATA[\n{start}\n{headers}Content-Length: [len]\n\n{body}]]>\n</send>\n"


def request(method: str, final: int | str, extra: str = "", hops: int = 70) -> str:
    """One request outside a dialog and its final response; an INVITE carries an offer and gets its ACK."""
    offer = method == "INVITE"
    expected = f'<recv response="{final}"/>' if isinstance(final, int) else '<recv response="603" optional="false"/>'
    lines = [
        "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]",
        "From: <sip:tester@[local_ip]:[local_port]>;tag=[pid]SIPpTag[call_number]",
        "To: <sip:[service]@[remote_ip]:[remote_port]>",
        "Call-ID: [call_id]",
        f"CSeq: 1 {method}",
        "Contact: <sip:tester@[local_ip]:[local_port]>",
        f"Max-Forwards: {hops}",
    ]
    lines += extra.splitlines()
    if offer:
        lines.append("Content-Type: application/sdp")
    start = f"{method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0"
    scenario = _HEAD.format(name=f"{method} refused") + _send(start, "\n".join(lines) + "\n", _SDP if offer else "")
    scenario += '<recv response="100" optional="true"/>\n' if offer else ""
    scenario += expected + "\n"
    if offer:
        acknowledgement = [
            "[last_Via:]",
            "From: <sip:tester@[local_ip]:[local_port]>;tag=[pid]SIPpTag[call_number]",
            "To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]",
            "Call-ID: [call_id]",
            "CSeq: 1 ACK",
            "Max-Forwards: 70",
        ]
        scenario += _send(start.replace("INVITE", "ACK"), "\n".join(acknowledgement) + "\n", retransmit=False)
    return scenario + "</scenario>\n"


_COMMON = """Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{user}@[local_ip]:[local_port]>;tag={tag}[call_number]
To: <sip:[service]@[remote_ip]:[remote_port]>{to}
Call-ID: {call}[call_id]
CSeq: {number} {method}
Contact: <sip:{user}@[local_ip]:[local_port];transport=[transport]>
Max-Forwards: 70
"""

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="sip:meeting@127.0.0.1" state="full" version="1">
 <conference-description><subject>Meeting</subject></conference-description>
 <conference-state><user-count>1</user-count></conference-state>
 <users>
  <user entity="sip:alice@127.0.0.1" state="full">
   <endpoint entity="sip:alice@127.0.0.1:5070"><status>connected</status></endpoint>
  </user>
 </users>
</conference-info>
"""


def _conference() -> str:
    uri = "sip:[service]@[remote_ip]:[remote_port]"
    notify = """<recv request="NOTIFY"/>
<send>
<![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:watcher@[local_ip]:[local_port];transport=[transport]>
Content-Length: 0

]]>
</send>
"""
    subscribe = _COMMON.format(
        user="watcher", tag="watch", to="{to}", call="", number="{number}", method="SUBSCRIBE"
    ) + ("Event: conference\nAccept: application/conference-info+xml\nExpires: {expires}\n")
    publish = _COMMON.format(user="focus", tag="pub", to="", call="pub///", number=1, method="PUBLISH") + (
        "Event: conference\nExpires: 600\nContent-Type: application/conference-info+xml\n"
    )
    out = _HEAD.format(name="conference watcher")
    out += _send(f"SUBSCRIBE {uri} SIP/2.0", subscribe.format(to="", number=1, expires=600))
    # SIPp keeps one remote tag per call, and the answer to PUBLISH would replace it
    keep = '<ereg regexp="tag=([^;]*)" search_in="hdr" header="To:" assign_to="whole,remote"/><log message="[$whole]"/>'
    out += f'<recv response="200"><action>{keep}</action></recv>\n'
    out += notify
    out += _send(f"PUBLISH {uri} SIP/2.0", publish, DOCUMENT)
    out += '<recv response="200"/>\n' + notify
    out += _send(f"SUBSCRIBE {uri} SIP/2.0", subscribe.format(to=";tag=[$remote]", number=2, expires=0))
    out += '<recv response="200"/>\n' + notify
    return out + "</scenario>\n"


CONFERENCE = _conference()
"""A watcher subscribes, a focus publishes, the watcher is notified and unsubscribes."""
