"""Steps that many ladders with a user agent have in common."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.sip import Message
from conformance.live.dialog import Dialog, tag_of
from conformance.live.party import Party
from conformance.live.stage import Stage
from conformance.live.wants import (
    NotClaimed,
    NotSeen,
    Want,
    final,
    provisional,
    request,
)
from conformance.live.writing import Row

RINGING = 2.0
"""Seconds a phone needs until it rings."""
SETTLING = 0.3
"""Seconds in which what follows a message arrives."""


def description(
    party: Party, *, version: int = 1, direction: str = "", media: Sequence[str] = (), port: int = 40000,
    formats: str = "0 8", session: str = "",
) -> bytes:  # fmt: skip
    """A session description: one audio stream in PCMU and PCMA unless ``media`` gives the lines of all streams."""
    host = party.end[0]
    family = "IP6" if ":" in host else "IP4"
    lines = ["v=0", f"o=- {session or 1000 + party.end[1]} {version} IN {family} {host}", "s=-",
             f"c=IN {family} {host}", "t=0 0"]  # fmt: skip
    lines += media or [f"m=audio {port} RTP/AVP {formats}"]
    lines += [f"a={direction}"] if direction else []
    return "".join(f"{line}\r\n" for line in lines).encode()


def attempt(party: Party, want: Want, within: float | None = None) -> Message | None:
    """What is wanted, None where it does not come: the ladder goes on, and the checks say what it means."""
    try:
        return party.expect(want, within)
    except NotSeen:
        return None


def ask(party: Party, message: Message, *, malformed: bool = False, label: str = "") -> Message | None:
    """Send a request and give its final response, whatever it is; None where none comes."""
    party.send(message, malformed=malformed, label=label)
    answer = attempt(party, final(to=message), party.stage.budget)
    if answer is not None and message.method == "INVITE" and 200 <= (answer.status or 0) < 300:
        party.ack(message, answer)
    return answer


def invite(
    party: Party, uri: str = "", *, headers: Sequence[Row] = (), body: bytes | None = None, label: str = ""
) -> Message:
    """An INVITE with an offer, sent."""
    message = party.request("INVITE", uri, headers=headers, body=description(party) if body is None else body)
    party.send(message, label=label)
    return message


def call(party: Party, *, headers: Sequence[Row] = (), body: bytes | None = None) -> Dialog:
    """A call to the subject that stands; raises NotSeen where it is not taken."""
    automatic(party.stage)
    message = invite(party, headers=headers, body=body)
    answer = party.expect(final(200, to=message), 2 * party.stage.budget)
    dialog = party.ack(message, answer)
    assert dialog is not None
    party.stage.wait(SETTLING)
    return dialog


def hang_up(dialog: Dialog) -> Message | None:
    """End a call."""
    return ask(dialog.party, dialog.request("BYE"))


def manual(stage: Stage) -> None:
    """A subject that answers by itself lets it ring from now on, where it can be told so."""
    try:
        stage.trigger("manual")
    except NotClaimed:
        stage.note("the subject cannot be told to let it ring")


def automatic(stage: Stage) -> None:
    """The subject answers calls by itself again."""
    try:
        stage.trigger("automatic")
    except NotClaimed:
        stage.note("the subject cannot be told to answer by itself")


def cancelling(party: Party, message: Message, *, headers: Sequence[Row] = (), label: str = "") -> Message | None:
    """Cancel a request: the final response to the CANCEL."""
    rows = [(name, message.lines(name)[0]) for name in ("via", "from", "to", "call-id")]
    number = message.cseq[0] if message.cseq else 1
    cancel = party.request("CANCEL", message.request_uri, headers=[*rows, *headers], without=["contact"], number=number)
    party.send(cancel, label=label)
    return attempt(party, final(to=cancel))


def ringing(party: Party, *, headers: Sequence[Row] = (), body: bytes | None = None) -> Message:
    """An INVITE that is undecided; raises NotSeen where the subject decides at once."""
    manual(party.stage)
    message = invite(party, headers=headers, body=body, label="ringing")
    party.expect(provisional(180, 183, to=message), max(RINGING, party.stage.budget))
    return message


def called(party: Party) -> Message:
    """The subject calls the party: its INVITE; raises NotClaimed where it cannot be told to."""
    party.stage.trigger("invite", uri=party.contact_uri)
    return party.expect(request("INVITE"), 2 * party.stage.budget)


def taken(party: Party) -> tuple[Message, Message, Dialog]:
    """The subject calls and the party answers: its INVITE, its ACK and the dialog."""
    asked = called(party)
    party.respond(asked, 180)
    answer = party.respond(asked, 200, body=description(party) if asked.body else description(party))
    acknowledged = party.expect(request("ACK"), party.stage.budget)
    dialog = party.dialog(asked, answer)
    party.stage.wait(SETTLING)
    return asked, acknowledged, dialog


def settle(party: Party, asked: Message, *answers: Message) -> None:
    """End what came of the subject's INVITE: each of the accepted calls that it acknowledged."""
    open_ones = {tag_of(answer, "to"): answer for answer in answers}
    while open_ones:
        ack = attempt(party, request("ACK"), 1.0)
        if ack is None:
            return
        answer = open_ones.pop(tag_of(ack, "to"), None)
        if answer is not None:
            hang_up(party.dialog(asked, answer))


def refused_late(caller: Party) -> None:
    """An INVITE with nothing usable is refused, and the ACK comes after two seconds; copies stay unanswered."""
    caller.acknowledges = False
    caller.absorbs = False
    media = ["m=audio 40000 RTP/AVP 96", "a=rtpmap:96 X-NOBODY-KNOWS/8000"]
    message = caller.request("INVITE", body=description(caller, media=media))
    caller.send(message)
    answer = caller.expect(final(to=message), 2 * caller.stage.budget)
    if (answer.status or 0) >= 300:
        caller.stage.wait(2.2)
    caller.ack(message, answer)
