"""What calls and subscriptions cost while they stand: memory of 10,000 dialogs, and one change told to 200 subscribers.

The focus is fed octets without sockets, in a process of its own, so that what is measured is its own state.
"""

from __future__ import annotations

import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Iterator

from disco_ref.clock import Duration, Instant
from disco_ref.conference.focus.policy import Policy
from disco_ref.media.offer_answer.capabilities import relaying
from disco_ref.peer.effects import Transmit
from disco_ref.peer.element import Element
from disco_ref.peer.focus import FocusNode, focus_node
from disco_ref.sip.flow import Address, Flow, Transport
from disco_ref.sip.transport.listening import listening

_DIALOGS = 10_000
_WATCHERS = 200
_FLOODS, _FLOOD = 5, 2_000
_HERE = Address("127.0.0.1", 5060)
_SDP = (
    "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio {port} RTP/AVP 0 8\r\n"
    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:8 PCMA/8000\r\n"
)


def measure() -> list[dict[str, object]]:
    """The rows of the benchmark; see ``bench.__main__`` for their shape."""
    dialogs, watchers, floods = _apart("dialogs"), _apart("watchers"), _apart("floods")
    return [
        {
            "name": f"memory of {_DIALOGS:,} dialogs in conferences of 100",
            "value": dialogs["mib"],
            "unit": "MiB",
            "target": "under 200 MB",
        },
        {"name": "setting up a call, without sockets", "value": dialogs["per_call"] * 1e6, "unit": "µs"},
        {"name": "left of them 64*T1 after their BYE", "value": dialogs["left"], "unit": "objects", "target": "0"},
        {
            "name": f"memory after {_FLOODS} floods of {_FLOOD:,} calls, more than after 2",
            "value": floods["mib"],
            "unit": "MiB",
            "target": "under 1",
        },
        {"name": "of the calls of a flood, shed", "value": floods["shed"], "unit": "%"},
        {
            "name": f"documents written for a change with {_WATCHERS} subscribers",
            "value": watchers["encodings"],
            "target": "1",
        },
        {"name": f"NOTIFYs of that change, over TCP, of {_WATCHERS}", "value": watchers["told"]},
        {
            "name": "telling that change to all",
            "value": watchers["ratio"],
            "unit": "times",
            "ratio_to": "telling it to one of one subscriber",
        },
    ]


def _apart(what: str) -> dict[str, float]:
    """One measurement in a process of its own."""
    done = subprocess.run([sys.executable, "-m", "bench.sip_state", what], capture_output=True, check=True, text=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


class _Fed:
    """A focus that is fed octets."""

    def __init__(self, policy: Policy | None = None) -> None:
        able = relaying({4: "127.0.0.1"}, {4: 40000}, {4: 40002})
        self.node: FocusNode = focus_node(
            policy or Policy(setting_up=1 << 30, lingering=0.0),
            able,
            random.Random(1).randbytes,
            interval=Duration(0.0),
        )
        self.element = Element((), self.node.core, random.Random(2).randbytes)
        places = [listening(each, _HERE) for each in (Transport.UDP, Transport.TCP)]
        self.element.listen(places)
        self.now = Instant(1e9)

    def say(self, text: str, flow: Flow, body: str = "") -> list[Transmit]:
        """A message in; what is sent because of it."""
        octets = f"{text}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        return [one for one in self.element.receive(octets, flow, self.now) if isinstance(one, Transmit)]

    def pass_time(self, seconds: float) -> Iterator[Transmit]:
        """Everything that falls due meanwhile."""
        end = Instant(self.now + seconds)
        while (due := self.element.deadline) is not None and due <= end:
            self.now = Instant(max(due, self.now))
            yield from (one for one in self.element.expire(self.now) if isinstance(one, Transmit))
        self.now = end


def _head(method: str, uri: str, caller: int, number: int, via: str, tag: str = "") -> str:
    return (
        f"{method} {uri} SIP/2.0\r\nVia: SIP/2.0/{via};branch=z9hG4bK{method}{caller}n{number}\r\nMax-Forwards: 70\r\n"
        f"From: <sip:u{caller}@127.0.0.1>;tag=f{caller}\r\nTo: <sip:c{caller // 100}@127.0.0.1>{tag}\r\n"
        f"Call-ID: call{caller}\r\nCSeq: {number} {method}\r\n"
        f"Contact: <sip:u{caller}@{via.partition(' ')[2]}>\r\n"
    )


_TAG = re.compile(rb"^To:[^\r]*;tag=([^;\r]+)", re.MULTILINE)


def _way(caller: int) -> tuple[Flow, str, str]:
    """Where a caller is, its Via, and whom it calls."""
    port = 10000 + caller % 50000
    flow = Flow(Transport.UDP, _HERE, Address("127.0.0.1", port))
    return flow, f"UDP 127.0.0.1:{port}", f"sip:c{caller // 100}@127.0.0.1:5060"


def _invite(fed: _Fed, caller: int) -> str:
    """One call, answered and yet without ACK; the tag of the focus, empty where it is shed."""
    flow, via, uri = _way(caller)
    text = _head("INVITE", uri, caller, 1, via) + "Content-Type: application/sdp\r\n"
    sent = fed.say(text, flow, _SDP.format(port=flow.remote.port))
    finals = (_TAG.search(one.octets) for one in sent if one.octets.startswith(b"SIP/2.0 200"))
    return next((found[1].decode() for found in finals if found), "")


def _call(fed: _Fed, caller: int) -> str:
    """One call, confirmed; the tag of the focus."""
    flow, via, uri = _way(caller)
    tag = _invite(fed, caller)
    fed.say(_head("ACK", uri, caller, 1, via, f";tag={tag}"), flow)
    return tag


def _hang_up(fed: _Fed, caller: int, tag: str) -> list[Transmit]:
    flow, via, uri = _way(caller)
    return fed.say(_head("BYE", uri, caller, 2, via, f";tag={tag}"), flow)


def _resident() -> float:
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / (1 << 20)


def _dialogs() -> dict[str, float]:
    fed = _Fed()
    before, start = _resident(), time.process_time()
    tags = [_call(fed, caller) for caller in range(_DIALOGS)]
    spent = time.process_time() - start
    list(fed.pass_time(40))
    stands = _resident() - before
    for caller, tag in enumerate(tags):
        _hang_up(fed, caller, tag)
    list(fed.pass_time(40))
    left = (
        len(fed.node.calls) + len(list(fed.node.calls.ids())) + len(fed.node.dialogs) + fed.node.focus.conferences.calls
    )
    return {"mib": stands, "per_call": spent / _DIALOGS, "left": left}


def _floods() -> dict[str, float]:
    """Floods of calls at 2,000 a second, of callers who vanish before the ACK, each forgotten before the next one."""
    fed = _Fed(Policy())
    stands: list[float] = []
    shed = 0
    for flood in range(_FLOODS):
        for caller in range(flood * _FLOOD, (flood + 1) * _FLOOD):
            shed += not _invite(fed, caller)
            list(fed.pass_time(1 / _FLOOD))
        list(fed.pass_time(200))
        stands.append(_resident())
    return {"mib": stands[-1] - stands[1], "shed": 100 * shed / (_FLOODS * _FLOOD)}


def _watchers() -> dict[str, float]:
    few, many = _changed(1), _changed(_WATCHERS)
    return {"encodings": many[0], "told": many[1], "ratio": many[2] / few[2]}


def _changed(watchers: int) -> tuple[float, float, float]:
    """One participant of 100 leaves: documents written, NOTIFYs sent, processor seconds."""
    fed = _Fed()
    tags = [_call(fed, caller) for caller in range(100)]
    flows = [Flow(Transport.TCP, _HERE, Address("127.0.0.1", 20000 + one), one + 1) for one in range(watchers)]
    for one, flow in enumerate(flows):
        fed.element.opened((), flow, fed.now)
        text = _head("SUBSCRIBE", "sip:c0@127.0.0.1:5060", 0, 1, f"TCP 127.0.0.1:{20000 + one}")
        sent = fed.say(text.replace("call0", f"watch{one}") + "Event: conference\r\nExpires: 3600\r\n", flow)
        _acknowledge(fed, sent, flow)
    for flow in flows[:1]:
        _acknowledge(fed, list(fed.pass_time(10.0)), flow)
    conference = fed.node.focus.conferences.get("c0")
    assert conference is not None and conference.publication is not None
    before, start = conference.publication.encodings, time.process_time()
    told = [*_hang_up(fed, 1, tags[1]), *fed.pass_time(1.0)]
    spent = time.process_time() - start
    notified = sum(one.octets.startswith(b"NOTIFY") for one in told)
    return conference.publication.encodings - before, notified, spent


def _acknowledge(fed: _Fed, sent: list[Transmit], flow: Flow) -> None:
    """200 to every NOTIFY."""
    for one in sent:
        if one.octets.startswith(b"NOTIFY"):
            head = one.octets.partition(b"\r\n\r\n")[0].decode()
            kept = [row for row in head.split("\r\n") if row.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")]
            fed.say("\r\n".join(["SIP/2.0 200 OK", *kept, ""]), one.flow or flow)


if __name__ == "__main__":
    print(json.dumps({"dialogs": _dialogs, "watchers": _watchers, "floods": _floods}[sys.argv[1]]()))
