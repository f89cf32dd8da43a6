"""A small user agent behind the adapter contract, in plain text and without any code of this project.

It answers OPTIONS, takes calls (its 2xx again until the ACK comes), hangs up when told, and calls when triggered.
"""

from __future__ import annotations

import json
import sys
from typing import Any

ME = "192.0.2.1:5060"
CRLF = "\r\n"
SDP = CRLF.join(
    ["v=0", "o=- 1 1 IN IP4 192.0.2.1", "s=-", "c=IN IP4 192.0.2.1", "t=0 0", "m=audio 40000 RTP/AVP 0", ""]
)


def rows_of(text: str) -> list[tuple[str, str]]:
    """The header lines."""
    head = text.partition(CRLF * 2)[0].split(CRLF)[1:]
    return [(name.strip().lower(), value.strip()) for name, _, value in (line.partition(":") for line in head)]


def response(text: str, status: str, source: str, more: str = "", body: str = "") -> str:
    """A response with what it takes from its request."""
    lines = [f"SIP/2.0 {status}"]
    top = True
    for name, value in rows_of(text):
        if name == "via" and top:
            host, _, port = source.rpartition(":")
            top, value = False, value.replace(";rport", f";rport={port};received={host}")
        if name == "to" and ";tag=" not in value:
            value += ";tag=sample"
        if name in ("via", "from", "to", "call-id", "cseq", "record-route"):
            lines.append(f"{name.title()}: {value}")
    lines += [f"Contact: <sip:{ME}>", *([more] if more else []), *(["Content-Type: application/sdp"] if body else [])]
    return CRLF.join([*lines, f"Content-Length: {len(body)}", "", body])


class Node:
    """One user agent."""

    def __init__(self) -> None:
        self.sent: list[dict[str, Any]] = []
        self.repeats: dict[str, tuple[float, float, float, dict[str, Any]]] = {}
        self.answered: dict[str, dict[str, Any]] = {}
        self.held: dict[int, str] = {}

    def put(self, text: str, to: dict[str, Any]) -> dict[str, Any]:
        """Send back where something came from."""
        one = {"transport": to["transport"], "source": to["destination"], "destination": to["source"],
               "octets": text.encode().hex(), "connection": to.get("connection")}  # fmt: skip
        self.sent.append(one)
        return one

    def receive(self, now: float, params: dict[str, Any]) -> None:
        """A datagram or a piece of a stream."""
        text = bytes.fromhex(params["octets"]).decode("utf-8", "replace")
        if params["transport"] == "udp":
            return self.message(now, text, params)
        number = params["connection"]
        held = self.held.get(number, "") + text
        while CRLF * 2 in held:
            head, _, rest = held.lstrip().partition(CRLF * 2)
            length = next((int(v) for n, v in rows_of(head + CRLF * 2) if n == "content-length"), 0)
            if len(rest) < length:
                break
            held = rest[length:]
            self.message(now, head + CRLF * 2 + rest[:length], params)
        self.held[number] = held
        return None

    def message(self, now: float, text: str, params: dict[str, Any]) -> None:
        """One request; responses are not looked at."""
        method = text.partition(" ")[0]
        rows = dict(reversed(rows_of(text)))
        if method.startswith("SIP/") or not {"via", "from", "to", "call-id", "cseq"} <= set(rows):
            return
        key = rows["via"] + rows["cseq"]
        if method == "ACK":
            self.repeats.pop(rows["call-id"], None)
        elif key in self.answered:
            self.sent.append(self.answered[key])
        elif method == "INVITE":
            self.answered[key] = self.put(response(text, "200 OK", params["source"], body=SDP), params)
            self.repeats[rows["call-id"]] = (now + 0.5, 0.5, now + 32.0, self.answered[key])
        else:
            allow = "Allow: INVITE, ACK, BYE, CANCEL, OPTIONS"
            status = "200 OK" if method in ("OPTIONS", "BYE") else "501 Not Implemented"
            self.answered[key] = self.put(response(text, status, params["source"], allow), params)

    def advance(self, now: float) -> None:
        """Send 2xx again that are not acknowledged, at doubling intervals up to four seconds."""
        for key, (due, wait, end, one) in list(self.repeats.items()):
            while due <= now and due < end:
                self.sent.append(one)
                wait = min(2 * wait, 4.0)
                due += wait
            self.repeats[key] = (due, wait, end, one)
            if due >= end:
                del self.repeats[key]

    def trigger(self, params: dict[str, Any]) -> bool:
        """Only calls."""
        if params["do"] != "invite":
            return params["do"] in ("manual", "automatic")
        place = params["uri"].partition("@")[2].partition(";")[0]
        rows = [f"INVITE {params['uri']} SIP/2.0", f"Via: SIP/2.0/UDP {ME};branch=z9hG4bKsample1", "Max-Forwards: 70",
                f"From: <sip:{ME}>;tag=caller", f"To: <{params['uri']}>", "Call-ID: sample-1", "CSeq: 1 INVITE",
                f"Contact: <sip:{ME}>", "Content-Type: application/sdp", f"Content-Length: {len(SDP)}", "", SDP]  # fmt: skip
        self.put(CRLF.join(rows), {"transport": "udp", "source": place, "destination": ME})
        return True


def reply(nodes: dict[str, Node], request: dict[str, Any]) -> dict[str, Any]:
    """One line."""
    command, params = request["command"], request["params"]
    if command == "hello":
        return {"result": {"name": "sample", "version": "1", "roles": ["user-agent"], "formats": []}}
    if command == "node.start" and params["role"] == "user-agent":
        nodes[params["node"]] = Node()
    elif command not in ("node.receive", "node.advance", "node.trigger", "node.stop"):
        return {"unsupported": command}
    node = nodes[params["node"]]
    node.sent = []
    node.advance(params["now"])
    if command == "node.receive" and not params.get("closed"):
        node.receive(params["now"], params)
    elif command == "node.trigger" and not node.trigger(params):
        return {"unsupported": params["do"]}
    wake = min((due for due, *_ in node.repeats.values()), default=None)
    return {"result": {"sent": node.sent, "wake": wake}}


def main() -> None:
    """Line by line."""
    nodes: dict[str, Node] = {}
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps({"id": request["id"], **reply(nodes, request)}), flush=True)


main()
