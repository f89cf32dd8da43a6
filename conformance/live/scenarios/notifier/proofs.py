"""Who may watch has to prove who it is (RFC 6665, sections 4.2.1.1, 6.3 and 6.4)."""

from __future__ import annotations

from conformance.lab.sip import Message
from conformance.live.party import Party
from conformance.live.scenario import scenario
from conformance.live.scenarios.notifier.steps import Watch, asking
from conformance.live.scenarios.registrar.digest import credentials
from conformance.live.stage import Stage
from conformance.live.wants import NotClaimed, final
from conformance.live.writing import Row

NOTIFIER = "notifier"


def guarded(stage: Stage) -> None:
    """The subject wants proof from now on, where it can be told so; others may do by themselves."""
    try:
        stage.trigger("challenge")
    except NotClaimed:
        stage.note("the subject cannot be told to want proof")


def proof(party: Party, answer: Message, method: str, uri: str, *, password: str = "") -> Row:
    """The row that answers a challenge; raises NotClaimed where there is none."""
    subject = party.stage.subject
    row = credentials(answer, method, uri, subject.user, password or subject.password)
    if row is None:
        raise NotClaimed(f"no credentials are asked for that the harness can give: {answer.title}")
    return row


def _asked(party: Party, label: str, rows: list[Row]) -> tuple[Message, Message]:
    message = asking(party, headers=rows)
    party.send(message, label=label)
    return message, party.expect(final(to=message))


@scenario(
    "notifier/proof", what="A SUBSCRIBE without proof, with a wrong one, a right one, and the right one again.", role=NOTIFIER,
    needs=("credentials",),
)  # fmt: skip
def proof_(stage: Stage) -> None:
    """Only the right one is granted, and only once."""
    guarded(stage)
    watcher = stage.party("watcher")
    uri = stage.subject.uri
    _, answer = _asked(watcher, "unproved", [])
    _, again = _asked(watcher, "wrong-password", [proof(watcher, answer, "SUBSCRIBE", uri, password="not-this-one")])
    row = proof(watcher, again if again.status == answer.status else answer, "SUBSCRIBE", uri)
    message, granted = _asked(watcher, "proved", [row])
    if (granted.status or 0) < 300:
        made = Watch(watcher, watcher.dialog(message, granted), message, granted)
        made.dialog.ended = True
        made.notified()
        _asked(watcher, "replayed", [row])
        made.end()
    stage.alive(watcher)
