"""Steps that many ladders with a notifier have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from conformance.lab.sip import Message
from conformance.lab.sip.value import text_at
from conformance.live.dialog import Dialog
from conformance.live.party import Party
from conformance.live.scenarios.user_agent.steps import ask, attempt, description
from conformance.live.stage import Stage
from conformance.live.wants import NotClaimed, NotSeen, Want, final
from conformance.live.writing import Row

CONFERENCE = "conference"
INTERVAL = 5.0
"""Seconds between two NOTIFYs of one subscription that a conference package may let pass (RFC 4575, section 3.9)."""
MOMENT = 0.5
"""Seconds in which what follows an answer at once has followed."""


@dataclass(slots=True)
class Watch:
    """A subscription of a party."""

    party: Party
    dialog: Dialog
    request: Message
    """The SUBSCRIBE that made it."""
    answer: Message
    """Its 2xx."""

    def notified(self, within: float | None = None, *, status: int = 200, headers: Sequence[Row] = ()) -> Message:
        """The next NOTIFY, which is answered; raises NotSeen."""
        within = INTERVAL + self.party.stage.budget if within is None else within
        message = self.party.expect(notify(self.request.call_id), within)
        self.party.respond(message, status, headers=headers)
        return message

    def maybe(self, within: float | None = None) -> Message | None:
        """The same, None where none comes."""
        try:
            return self.notified(within)
        except NotSeen:
            return None

    def all(self, within: float = MOMENT) -> None:
        """Answer every NOTIFY until none has come for some time."""
        for _ in range(20):
            if self.maybe(within) is None:
                return

    def renew(
        self, expires: str = "600", *, headers: Sequence[Row] = (), number: int | None = None, label: str = "refresh"
    ) -> Message:
        """A SUBSCRIBE inside, sent."""
        rows = [("Event", self.request.lines("event")[0]), ("Expires", expires), *headers]
        message = self.dialog.request("SUBSCRIBE", headers=rows, number=number)
        self.party.send(message, label=label)
        return message

    def refresh(self, expires: str = "600", *, headers: Sequence[Row] = (), label: str = "refresh") -> Message | None:
        """A SUBSCRIBE inside, and its final response; None where none comes."""
        return attempt(self.party, final(to=self.renew(expires, headers=headers, label=label)))

    def end(self) -> None:
        """Unsubscribe; the last NOTIFY is answered."""
        answer = self.refresh("0", label="unsubscribe")
        if answer is not None and (answer.status or 0) < 300:
            for _ in range(5):
                last = self.maybe(self.party.stage.budget)
                if last is None or is_last(last):
                    return


def is_last(message: Message) -> bool:
    """Whether a NOTIFY says terminated."""
    return (text_at(message.first("subscription-state"), "state") or "").lower() == "terminated"


def notify(call_id: str | None) -> Want:
    """The next NOTIFY of a call."""
    return Want(says="NOTIFY", matches=lambda one: one.method == "NOTIFY" and one.call_id == call_id)


def asking(
    party: Party, *, uri: str = "", event: str = CONFERENCE, expires: str | None = "600", headers: Sequence[Row] = (),
    body: bytes = b"",
) -> Message:  # fmt: skip
    """A SUBSCRIBE, not sent yet."""
    rows: list[Row] = [("Event", event)] if event else []
    rows += [("Expires", expires)] if expires is not None else []
    return party.request("SUBSCRIBE", uri, headers=[*rows, *headers], body=body)


def subscribe(
    party: Party, *, uri: str = "", event: str = CONFERENCE, expires: str | None = "600", headers: Sequence[Row] = (),
    label: str = "subscribe",
) -> Watch:  # fmt: skip
    """A subscription that stands; raises NotSeen where it is not granted.

    A subject that does not know the package is asked for the first one it does know.
    """
    message = asking(party, uri=uri, event=event, expires=expires, headers=headers)
    party.send(message, label=label)
    answer = party.expect(final(200, 202, 489, to=message))
    known = [str(one) for one in answer.values("allow-events")]
    if answer.status == 489 and known and event == CONFERENCE:
        return subscribe(party, uri=uri, event=known[0], expires=expires, headers=headers, label=label)
    if answer.status == 489:
        raise NotSeen("the subject knows no event package that it names")
    dialog = party.dialog(message, answer)
    dialog.ended = True  # nobody says BYE to a subscription
    return Watch(party, dialog, message, answer)


def watch(party: Party, *, uri: str = "", expires: str | None = "600", headers: Sequence[Row] = ()) -> Watch:
    """A subscription whose first NOTIFY has come."""
    made = subscribe(party, uri=uri, expires=expires, headers=headers)
    made.notified()
    return made


DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<conference-info xmlns="urn:ietf:params:xml:ns:conference-info" entity="{uri}" state="full" version="{version}">
 <conference-description><subject>number {version}</subject></conference-description>
</conference-info>
"""
"""What is published where a notifier can only be told so what it is to notify."""


def change(stage: Stage, number: int = 1) -> None:
    """Make the state that the subject tells of another one: by trigger, by PUBLISH (RFC 3903), by a call; raises NotClaimed."""
    try:
        stage.trigger("notify", uri=stage.subject.uri)
    except NotClaimed:
        if not _publish(stage, number) and not _called(stage):
            raise NotClaimed(
                "the subject has no trigger that changes its state, takes no PUBLISH and no call"
            ) from None


def _called(stage: Stage) -> bool:
    """Whether one more participant came into what may be a conference."""
    party = stage.party(f"participant-{len(stage.parties)}")
    return accepted(ask(party, party.request("INVITE", body=description(party)), label="join"))


def accepted(answer: Message | None) -> bool:
    """Whether a 2xx came."""
    return answer is not None and 200 <= (answer.status or 0) < 300


def rest(stage: Stage, *watches: Watch) -> None:
    """Let the interval pass; who watches answers meanwhile."""
    until = stage.now + INTERVAL + 1.0
    while stage.now < until:
        for one in watches:
            one.maybe(min(MOMENT, max(0.0, until - stage.now)))


def _publish(stage: Stage, number: int) -> bool:
    party = stage.party("publisher")
    body = DOCUMENT.format(uri=stage.subject.uri, version=number).encode()
    rows = [("Event", CONFERENCE), ("Expires", "600"), ("Content-Type", "application/conference-info+xml")]
    message = party.request("PUBLISH", headers=rows, body=body)
    party.send(message, label="publish")
    answer = attempt(party, final(to=message))
    return accepted(answer)
