"""Steps that many ladders with a focus have in common."""

from __future__ import annotations

from collections.abc import Sequence

from conformance.lab.sip import Message
from conformance.live.dialog import Dialog, text_of_contact
from conformance.live.party import Party
from conformance.live.scenarios.notifier.steps import INTERVAL, Watch, subscribe
from conformance.live.scenarios.user_agent.steps import ask, attempt, description
from conformance.live.stage import Stage
from conformance.live.wants import NotSeen, final, request
from conformance.live.writing import Row

FOCUS = "focus"
SETTLED = INTERVAL + 1.5
"""Seconds after which watchers have been told of everything."""


def dial(
    party: Party, uri: str = "", *, headers: Sequence[Row] = (), without: Sequence[str] = (), body: bytes | None = None,
    label: str = "join",
) -> Message:  # fmt: skip
    """An INVITE to a conference, and its final response; raises NotSeen where none comes."""
    message = party.request(
        "INVITE", uri, headers=headers, without=without, body=description(party) if body is None else body
    )
    party.send(message, label=label)
    return party.expect(final(to=message), 2 * party.stage.budget)


def joined(party: Party, message: Message, answer: Message) -> Dialog:
    """The dialog of an INVITE that was accepted; raises NotSeen where it was not."""
    if (answer.status or 0) >= 300:
        raise NotSeen(f"{party.name} may not join: {answer.title}")
    dialog = party.ack(message, answer)
    assert dialog is not None
    return dialog


def join(
    party: Party, uri: str, *, headers: Sequence[Row] = (), body: bytes | None = None, label: str = "join"
) -> Dialog:
    """A call to a conference that stands; raises NotSeen."""
    answer = dial(party, uri, headers=headers, body=body, label=label)
    assert party.last is not None
    return joined(party, party.last, answer)


def create(party: Party, *, label: str = "create") -> tuple[Dialog, str]:
    """A conference begins with its first participant: the call and the conference's URI; raises NotSeen.

    The subject's URI is that of a factory, or of a conference; a factory may redirect.
    """
    answer = dial(party, label=label)
    assert party.last is not None
    uri = text_of_contact(answer)
    if not uri:
        raise NotSeen(f"{answer.title} names no conference in Contact")
    if 300 <= (answer.status or 0) < 400:
        return join(party, uri), uri
    return joined(party, party.last, answer), uri


def leave(dialog: Dialog) -> Message | None:
    """BYE."""
    return ask(dialog.party, dialog.request("BYE"), label="leave")


def watch(party: Party, uri: str) -> Watch:
    """A subscription to a conference whose first NOTIFY has come."""
    made = subscribe(party, uri=uri)
    made.notified()
    return made


def follow(made: Watch, seconds: float = SETTLED) -> None:
    """Answer all NOTIFYs of a subscription for a while."""
    until = made.party.stage.now + seconds
    while made.party.stage.now < until:
        made.maybe(max(0.0, until - made.party.stage.now))


def referring(
    party: Party, uri: str, target: str, *, headers: Sequence[Row] = (), label: str = "refer"
) -> tuple[Message, Message | None]:
    """A REFER outside of dialogs, and its final response; ``target`` is the URI of Refer-To."""
    message = party.request("REFER", uri, headers=[("Refer-To", f"<{target}>"), *headers])
    return message, ask(party, message, label=label)


def progress(party: Party, within: float = 2.0, *, most: int = 8) -> list[Message]:
    """Answer NOTIFYs about a REFER until the last one, or until none comes."""
    found: list[Message] = []
    while len(found) < most:
        message = attempt(party, request("NOTIFY"), within)
        if message is None:
            break
        party.respond(message, 200)
        found.append(message)
        if "terminated" in "".join(message.lines("subscription-state")).lower():
            break
    return found


def called(party: Party, within: float | None = None) -> Message:
    """The INVITE of the focus; raises NotSeen."""
    return party.expect(request("INVITE"), 2 * party.stage.budget if within is None else within)


def answering(party: Party, invite: Message) -> bytes:
    """The answer to an offer: audio is taken in PCMU, everything else is declined."""
    lines = [line.split() for line in invite.body.decode(errors="replace").splitlines() if line.startswith("m=")]
    media = [
        "m=audio 40000 RTP/AVP 0" if words[0] == "m=audio" else " ".join([words[0], "0", *words[2:]]) for words in lines
    ]
    return description(party, media=media)


def take(party: Party, invite: Message, *, headers: Sequence[Row] = ()) -> Dialog:
    """Answer the focus: the call stands."""
    answer = party.respond(invite, 200, headers=headers, body=answering(party, invite))
    party.expect(request("ACK"))
    return party.dialog(invite, answer)


def conference(stage: Stage) -> tuple[Dialog, str]:
    """The usual beginning: a conference with one participant, ``first``."""
    return create(stage.party("first"))
