"""What is wrong at the door of a conference, each followed by a sane exchange (RFC 3261, sections 7 and 21.4)."""

from __future__ import annotations

from conformance.live.scenario import scenario
from conformance.live.scenarios.focus.steps import FOCUS, conference, join, joined, leave
from conformance.live.scenarios.user_agent.steps import attempt, description
from conformance.live.stage import Stage
from conformance.live.wants import final
from conformance.live.writing import Row

DESCRIPTIONS: tuple[tuple[str, bytes], ...] = (
    ("sdp-text", b"this is no description\r\n"),
    ("sdp-cut", b"v=0\r\no=- 1 1 IN IP4\r\n"),
    (
        "sdp-port",
        b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio many RTP/AVP 0\r\n",
    ),
    ("sdp-nothing", b"v=0\r\n"),
    ("sdp-bytes", bytes(range(128, 256))),
)
ROWS: tuple[tuple[str, list[Row]], ...] = (
    ("type", [("Content-Type", "application/x-nobody-knows")]),
    ("type-text", [("Content-Type", "nothing")]),
    ("replaces", [("Replaces", ";;;")]),
    ("contact", [("Contact", "<<>>")]),
    ("contact-scheme", [("Contact", "<tel:+358-555-1234567>")]),
    ("require", [("Require", "nobody-supports-this")]),
    ("from", [("From", "<sip:>;tag=")]),
)


@scenario("focus/malformed-invite", what="INVITEs with descriptions and headers that nobody can use.", role=FOCUS)
def malformed_invite(stage: Stage) -> None:
    """One at a time, a sane request behind each; at last a sound call."""
    first, uri = conference(stage)
    caller = stage.party("caller")
    cases: list[tuple[str, list[Row], bytes]] = [(name, [], body) for name, body in DESCRIPTIONS] + [
        (name, rows, description(caller)) for name, rows in ROWS
    ]
    for name, rows, body in cases:
        message = caller.request("INVITE", uri, headers=rows, body=body)
        caller.send(message, malformed=True, once=True, label=f"bad-{name}")
        answer = attempt(caller, final(to=message), 2.0)
        if answer is not None and (answer.status or 0) < 300:
            dialog = joined(caller, message, answer)
            caller.send(dialog.request("BYE"), malformed=True, once=True, label="bye-odd")
            attempt(caller, final())
        stage.alive(caller)
    leave(join(stage.party("sound"), uri, label="sound"))
    leave(first)


@scenario("focus/malformed-refer", what="REFERs whose Refer-To nobody can read.", role=FOCUS)
def malformed_refer(stage: Stage) -> None:
    """One at a time, a sane request behind each."""
    first, uri = conference(stage)
    caller = stage.party("caller")
    for name, value in (
        ("empty", ""), ("bracket", "<sip:a@example.org"), ("no-host", "<sip:>"), ("escape", "<sip:%zz@example.org>"),
        ("method", "<sip:a@example.org;method=>"), ("headers", "<sip:a@example.org?Replaces=%3B%3B>"), ("text", "me, please"),
    ):  # fmt: skip
        message = caller.request("REFER", uri, headers=[("Refer-To", value)])
        caller.send(message, malformed=True, once=True, label=f"bad-{name}")
        attempt(caller, final(to=message), 2.0)
        for theirs in [one for one in caller.queue if one.method == "NOTIFY"]:
            caller.queue.remove(theirs)
            caller.respond(theirs, 481)
        stage.alive(caller)
    leave(first)
